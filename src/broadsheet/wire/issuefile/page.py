"""HTML -> lines: web pages, mail from any tool, tables in tables.

Only what a reader sees counts: what is hidden, scripts, forms and the site's own navigation fall
away. Nothing is fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import css_inline
import lxml.html

from broadsheet.wire.issuefile import columns
from broadsheet.wire.issuefile.bytestext import decoded
from broadsheet.wire.issuefile.lines import Anchor, Line, Source

_NEVER = frozenset(
    """
    script style noscript template svg math iframe object embed form button select textarea input
    nav audio video canvas map head link meta title dialog
    """.split()  # noqa: SIM905
)
_BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details div dl dt fieldset figcaption
    figure footer h1 h2 h3 h4 h5 h6 header html li main ol p pre section summary table tbody td tfoot
    th thead tr ul
    """.split()  # noqa: SIM905
)
_BOLD = frozenset(("b", "strong", "th"))
_BOXES = frozenset(("td", "th", "article", "section", "figure", "li", "blockquote"))
_SIZES = {
    "xx-small": 9.0,
    "x-small": 10.0,
    "small": 13.0,
    "medium": 16.0,
    "large": 18.0,
    "x-large": 24.0,
    "xx-large": 32.0,
}
_FONT_SIZES = {"1": 10.0, "2": 13.0, "3": 16.0, "4": 18.0, "5": 24.0, "6": 32.0, "7": 48.0}
_LEVEL_SIZES = {"h1": 32.0, "h2": 24.0, "h3": 19.0, "h4": 16.0, "h5": 13.0, "h6": 11.0}
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|max-height\s*:\s*0|"
    r"font-size\s*:\s*[01](?:px|pt)?\s*(?:;|$|!)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$|!)",
    re.IGNORECASE,
)
_CHROME = re.compile(
    r"\b(?:site-?(?:header|footer|navigation|branding)|sidebar|widget(?:-area)?|comments?(?:-area|-respond)?|"
    r"respond|share(?:daddy)?|sharing|social(?:-(?:links|icons|media))?|related(?:-posts)?|breadcrumbs?|"
    r"post-navigation|nav-links|entry-(?:meta|footer)|cookie|menu|screen-reader-text|sd-block|jp-relatedposts|"
    r"addtoany|wp-block-buttons|post-tags|tagcloud|newsletter-signup|subscribe-form|skip-link|"
    r"preheader|archivebar|awesomebar|monkeyrewards?)\b",
    re.IGNORECASE,
)
_MAIN = (
    '//*[contains(concat(" ",normalize-space(@class)," ")," entry-content ")]',
    '//*[contains(concat(" ",normalize-space(@class)," ")," post-content ")]',
    '//*[contains(concat(" ",normalize-space(@class)," ")," article-content ")]',
    '//*[@itemprop="articleBody"]',
    "//article",
    "//main",
    '//*[@role="main"]',
    '//*[@id="content"]',
)
_CAPTION_CLASS = re.compile(r"caption|credit|img-text|image-text|photo-?by", re.IGNORECASE)
# what may stand before a bold or linked beginning: marks, bullets, the number of an item
_OPENING = " .:–—-|·•●▪◦‣■►➢§\uf0b7\uf0a7()0123456789"
_SUBTITLE = re.compile(
    r"\b(?:sub-?title|tag-?line|strapline|byline|site-description)\b", re.IGNORECASE
)
_DATA = re.compile(rb"data:[a-z]+/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=\s]{64,}", re.IGNORECASE)
_UNSEEN = re.compile("[\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufeff\u00a0\u202f\u2007]")
_ICON = re.compile(
    r"facebook|twitter|instagram|linkedin|youtube|whatsapp|pinterest|rss|spacer|pixel|"
    r"icon|blank\.gif|transparent|divider|separator|shim|clear\.gif|tracking|open\.php|emoji|gravatar",
    re.IGNORECASE,
)


@dataclass
class _Run:
    text: str
    bold: bool
    size: float | None
    url: str | None
    italic: bool
    ground: bool  # set on a ground of another colour, or as a button by its class


@dataclass(slots=True)
class _Joined:
    """The runs of one line put together.

    bold, italic, sizes   how many of its letters are set so, and in which size
    lead   where the words at its beginning end that are set apart, by a link or in bold
    """

    text: str = ""
    bold: int = 0
    italic: int = 0
    sizes: dict[float, int] = field(default_factory=dict)
    links: list[Anchor] = field(default_factory=list)
    lead: int = 0


def _joined(runs: Iterable[_Run]) -> _Joined:
    made, leading = _Joined(), True
    for run in runs:
        piece = run.text
        if not made.text or made.text.endswith(" "):
            piece = piece.lstrip(" ")
        if not piece:
            continue
        start = len(made.text)
        made.text += piece
        seen = len(piece.strip())
        made.bold += seen if run.bold else 0
        made.italic += seen if run.italic else 0
        if run.size:
            made.sizes[run.size] = made.sizes.get(run.size, 0) + seen
        if run.url and piece.strip():
            last = made.links[-1] if made.links else None
            if last and last.url == run.url and last.end >= start - 1:
                made.links[-1] = Anchor(run.url, last.start, len(made.text))
            else:
                made.links.append(Anchor(run.url, start, len(made.text)))
        if leading and (run.bold or run.url or not piece.strip(_OPENING)):
            made.lead = len(made.text.rstrip())
        elif piece.strip():
            leading = False
    return made


@dataclass
class _State:
    bold: bool = False
    italic: bool = False
    size: float | None = None
    url: str | None = None
    level: int = 0
    bullet: bool = False
    caption: bool = False
    pre: bool = False
    style: str = ""
    ground: bool = False
    shaded: bool = False
    cell: tuple[int, ...] = field(default=())


def read(data: bytes, *, encoding: str | None = None, base: str | None = None) -> Source:
    """The lines of an HTML document, whole or in part."""
    data = _DATA.sub(b"data:,", data)
    text = _decoded(data, encoding)
    if "<style" in text.lower() and len(text) < 3_000_000:
        # a style sheet that cannot be read only costs hints
        with suppress(css_inline.InlineError, ValueError):
            text = css_inline.inline(text, load_remote_stylesheets=False, keep_style_tags=False)
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    text = text.replace("\x00", "")
    if not text.strip():
        return Source(())
    parser = lxml.html.HTMLParser(
        encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (lxml.etree.ParserError, ValueError):
        return Source(())
    base = _base(root) or base
    body = _main(root)
    columns.as_items(body)
    walker = _Walker(base)
    heading = _heading_outside(root, body)
    if heading:
        walker.lines.append(Line(heading, level=1))
    walker.walk(body)
    return Source(
        tuple(_tidied(walker.lines)),
        title=_title(root),
        published=(_meta(root, "article:published_time", "date", "dc.date") or "")[:10],
        newsletter=_meta(root, "og:site_name") or "",
        language=str(
            root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
        ),
    )


def _decoded(data: bytes, encoding: str | None) -> str:
    named = re.search(
        rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]+)", data[:4096], re.IGNORECASE
    )
    return decoded(data, encoding or (named[1].decode("ascii") if named else None))


def _base(root: Any) -> str | None:
    for path in (
        "//base/@href",
        '//link[@rel="canonical"]/@href',
        '//meta[@property="og:url"]/@content',
    ):
        found = root.xpath(path)
        if found and str(found[0]).startswith(("http://", "https://")):
            return str(found[0])
    return None


def _meta(root: Any, *names: str) -> str | None:
    for name in names:
        found = root.xpath(
            f'//meta[@property="{name}" or @name="{name}" or @name="{name.title()}"]/@content'
        )
        if found and str(found[0]).strip():
            return str(found[0]).strip()
    return None


def _title(root: Any) -> str:
    title = _meta(root, "og:title") or " ".join("".join(root.xpath("//head/title//text()")).split())
    return re.split(r"\s+[|–—·»«]\s+", title)[0].strip() if title else ""


def _main(root: Any) -> Any:
    """The element that holds the issue: the post of a web page, else the whole body."""
    bodies = root.xpath("//body")
    body = bodies[0] if bodies else root
    whole = len(" ".join(body.itertext()).split())
    for path in _MAIN:
        found = [e for e in root.xpath(path) if isinstance(e.tag, str)]
        # several posts on one page are a list of posts, or items each in an article of its own
        if len(found) == 1 and len(" ".join(found[0].itertext()).split()) > 0.35 * whole:
            return found[0]
    return body


def _heading_outside(root: Any, body: Any) -> str:
    """The page's h1 where it stands above the element that was taken."""
    heads = root.xpath("//h1")
    if len(heads) == 1 and body.tag != "body" and body not in heads[0].iterancestors():
        return " ".join(heads[0].text_content().split())
    return ""


class _Walker:
    def __init__(self, base: str | None) -> None:
        self.base = base
        self.lines: list[Line] = []
        self.runs: list[_Run] = []
        self.gap = 1
        self.boxes = 0
        self.state = _State()

    def walk(self, element: Any) -> None:
        """Walk an element without recursion limits: mail has hundreds of tables in tables."""
        stack: list[tuple[str, Any, _State]] = [("open", element, _State())]
        while stack:
            step, node, state = stack.pop()
            if step == "tail":
                self._text(node.tail or "", state)
                continue
            if step == "close":
                self._flush(self.state)
                self.gap = max(self.gap, 1)
                self.state = state
                continue
            tag = node.tag.lower() if isinstance(node.tag, str) else ""
            if not tag or tag in _NEVER or self._unseen(node, tag):
                continue
            inner = self._inner(node, tag, state)
            block = tag in _BLOCKS
            if block:
                self._flush(self.state)
                self.gap = max(self.gap, 1)
                self.state = inner
                stack.append(("close", node, state))
            if tag == "br":
                self._break()
                continue
            if tag == "hr":
                self._flush(self.state)
                self.lines.append(Line(rule=True, gap=self.gap))
                self.gap = 1
                continue
            if tag == "img":
                self._image(node, inner)
                continue
            for child in reversed(list(node)):
                stack.append(("tail", child, inner))
                stack.append(("open", child, inner))
            self._text(node.text or "", inner)
        self._flush(self.state)

    def _unseen(self, node: Any, tag: str) -> bool:
        style = node.get("style") or ""
        if node.get("hidden") is not None or _HIDDEN.search(style):
            # a whole letter inside a box of font-size 0 with sizes set again inside is common (MJML)
            if re.search(r"font-size\s*:\s*0", style) and len(node.text_content().split()) > 40:
                return False
            return not (re.search(r"max-height\s*:\s*0", style) and "overflow" not in style)
        if tag in ("aside", "section", "div", "td", "p") and _asks(node):
            return True
        if tag in _LEVEL_SIZES:
            return False  # a heading of the text may carry the tool's class ("header-with-anchor-widget")
        name = f"{node.get('class') or ''} {node.get('id') or ''}"
        if (
            tag in ("header", "footer", "aside")
            and node.getparent() is not None
            and node.getparent().tag == "body"
        ):
            return not node.xpath(".//h1")
        found = _CHROME.search(name)
        return (
            bool(found) and len(node.text_content().split()) < 250 and tag not in ("body", "html")
        )

    def _inner(self, node: Any, tag: str, state: _State) -> _State:
        style = (node.get("style") or "").lower()
        inner = replace(state)
        if tag in _BOLD:
            inner.bold = True
        weight = re.search(r"font-weight\s*:\s*(\w+)", style)
        if weight:
            inner.bold = weight[1] in ("bold", "bolder", "600", "700", "800", "900")
        if tag in ("em", "i", "cite") or "font-style:italic" in style.replace(" ", ""):
            inner.italic = True
        if tag in _LEVEL_SIZES:
            inner.level, inner.bold, inner.size = int(tag[1]), True, _LEVEL_SIZES[tag]
        if inner.level and _SUBTITLE.search(node.get("class") or ""):
            inner.level, inner.bold, inner.size = 0, False, state.size
        if node.get("role") == "heading":
            inner.level = (
                int(node.get("aria-level") or 2) if (node.get("aria-level") or "2").isdigit() else 2
            )
        if tag == "font" and node.get("size") in _FONT_SIZES:
            inner.size = _FONT_SIZES[node.get("size")]
        size = _size(style, state.size)
        if size:
            inner.size = size
        if tag == "a":
            inner.url = self._address(node.get("href") or "")
        if tag == "li":
            inner.bullet = True
        name = f"{node.get('class') or ''}"
        if tag == "figcaption" or _CAPTION_CLASS.search(name):
            inner.caption = tag not in ("table", "tbody", "tr", "figure", "body") and (
                tag in ("figcaption", "p", "span", "em", "small", "cite", "dd")
                or (len(node.text_content().split()) < 60 and not node.xpath(".//img"))
            )
        if tag in _BOXES:
            self.boxes += 1
            inner.cell = (*state.cell, self.boxes)
        if tag in ("p", "div", "td", "li", "span", "h1", "h2", "h3", "h4", "h5", "h6"):
            classes = [c for c in name.split() if not re.search(r"\d{3,}", c)]
            colour = re.search(r"(?<![-\w])color\s*:\s*([#\w(), ]+)", style)
            if classes or colour:
                inner.style = f"{' '.join(classes)} {colour[1].strip() if colour else ''}".strip()
        if tag in _SHADED:
            inner.shaded = state.shaded or _is_bar(node, style)
        if tag in ("a", "td", "table", "button") and _is_button(node, tag, style, name):
            inner.ground = True
        if tag == "pre" or "pre-wrap" in style or "pre-line" in style:
            inner.pre = True
        return inner

    def _address(self, href: str) -> str | None:
        href = re.sub(r"[\t\n\r]", "", href).strip()
        if not href or href.startswith(("#", "javascript:", "data:", "cid:", "tel:")):
            return None
        if self.base:
            try:
                href = urljoin(self.base, href)
            except ValueError:
                return None
        return unwrapped(href) if re.match(r"(?i)https?://|mailto:", href) else None

    def _text(self, text: str, state: _State) -> None:
        if state.pre:
            for number, row in enumerate(text.split("\n")):
                if number:
                    self._break()
                self._add(row, state)
            return
        self._add(text, state)

    def _add(self, text: str, state: _State) -> None:
        if not self.runs and not text.strip(" \t\r\n\f"):
            return  # the blanks between elements, not an empty paragraph
        text = _UNSEEN.sub(lambda m: " " if m[0] in "\u00a0\u202f\u2007" else "", text)
        text = re.sub(r"\s+", " ", text)
        if not text:
            return
        run = _Run(text, state.bold, state.size, state.url, state.italic, state.ground)
        self.runs.append(run)

    def _break(self) -> None:
        had = any(run.text.strip() for run in self.runs)
        self._flush(self.state)
        self.gap = 0 if had else self.gap + 1

    def _flush(self, state: _State) -> None:
        runs, self.runs = self.runs, []
        joined = _joined(runs)
        body = joined.text.rstrip()
        if not body:
            if runs:
                self.gap += 1  # an empty paragraph, as typed to make room
            return
        shown = sum(len(run.text.strip()) for run in runs) or len(body.replace(" ", "")) or 1
        italic = joined.italic >= 0.9 * shown
        self.lines.append(
            Line(
                text=body,
                level=state.level,
                strong=joined.bold >= 0.9 * shown,
                lead=min(joined.lead, len(body)),
                size=max(joined.sizes, key=lambda s: joined.sizes[s]) if joined.sizes else None,
                gap=self.gap,
                bullet=state.bullet,
                links=tuple(
                    Anchor(a.url, a.start, min(a.end, len(body)))
                    for a in joined.links
                    if a.start < len(body)
                ),
                caption=state.caption,
                cell=state.cell,
                italic=italic,
                shaded=state.shaded,
                button=any(run.ground and run.url for run in runs)
                and all(run.url or len(run.text.strip()) <= 2 for run in runs),
                style=state.style + (" italic" if italic else ""),
            )
        )
        self.gap = 0

    def _image(self, node: Any, state: _State) -> None:
        src = (node.get("data-src") or node.get("data-lazy-src") or node.get("src") or "").strip()
        alt = " ".join((node.get("alt") or "").split())
        width, height = _pixels(node, "width"), _pixels(node, "height")
        if (width is not None and width <= 3) or (height is not None and height <= 3):
            return
        if width is not None and height is not None and width >= 200 and height <= 14:
            self._flush(self.state)
            self.lines.append(Line(rule=True, gap=self.gap))
            return
        small = (width is not None and width <= 48) or (height is not None and height <= 32)
        name = src.rpartition("/")[2]
        if (
            small
            or _ICON.search(name)
            or re.fullmatch(
                r"(?i)facebook|twitter|instagram|linkedin|youtube|website|email|link|logo", alt
            )
        ):
            return
        address = "" if src.startswith(("data:", "cid:")) else (self._address(src) or "")
        if not src and not alt:
            return
        self._flush(self.state)
        self.lines.append(Line(picture=address, alt=alt or None, gap=self.gap, cell=state.cell))
        self.gap = 0


def _asks(node: Any) -> bool:
    """Whether a small box holds fields to fill in: a form to subscribe with."""
    return bool(node.xpath(".//form | .//input")) and len(node.text_content().split()) < 40


_BUTTON = re.compile(
    r"\b(?:\w*-)?(?:btn|button|cta)(?:-\w*)?\b|mcnbutton|buttoncontent", re.IGNORECASE
)
_GROUND = re.compile(r"background(?:-color)?\s*:\s*([^;]+)")
_PALE = re.compile(
    r"#?(?:fff(?:fff)?|f\w{5}|[ef]\w[ef]\w[ef]\w|transparent|white|none|inherit|initial)\b|rgba?\(\s*2[45]\d"
)


_SHADED = frozenset(["td", "th", "tr", "table", "p", "div", "h1", "h2", "h3", "h4", "h5", "h6"])


def _is_bar(node: Any, style: str) -> bool:
    """Whether a box is a bar of another colour with a few words on it, as headings of parts are set."""
    found = _GROUND.search(style)
    ground = found[1].strip() if found else (node.get("bgcolor") or "").lower()
    white = re.match(r"#?fff(?:fff)?\b|white|transparent|none|inherit|initial|url", ground)
    return bool(ground) and not white and 0 < len(node.text_content().strip()) <= 60


def _is_button(node: Any, tag: str, style: str, name: str) -> bool:
    """Whether a link, or the box of one, is set as a button: by its class or its ground's colour."""
    if tag != "a" and (len(node.text_content()) > 60 or len(node.xpath(".//a")) != 1):
        return False
    if _BUTTON.search(name):
        return True
    found = _GROUND.search(style)
    ground = found[1].strip() if found else (node.get("bgcolor") or "").lower()
    return bool(ground) and not _PALE.match(ground) and "url(" not in ground


def _pixels(node: Any, name: str) -> float | None:
    given = re.match(r"\s*(\d+(?:\.\d+)?)(?:px)?\s*$", node.get(name) or "")
    styled = re.search(rf"(?<![-\w]){name}\s*:\s*(\d+(?:\.\d+)?)px", node.get("style") or "")
    found = given or styled
    return float(found[1]) if found else None


def _size(style: str, inherited: float | None) -> float | None:
    match = re.search(r"font-size\s*:\s*([\d.]+)\s*(px|pt|em|rem|%)", style)
    if match:
        try:
            value = float(match[1])
        except ValueError:
            return None
        scale = {
            "px": 1.0,
            "pt": 4 / 3,
            "rem": 16.0,
            "em": inherited or 16.0,
            "%": (inherited or 16.0) / 100,
        }
        found = round(value * scale[match[2]], 1)
        return found if found > 2 else None
    named = re.search(
        r"font-size\s*:\s*(xx-small|x-small|small|medium|large|x-large|xx-large)", style
    )
    return _SIZES[named[1]] if named else None


def unwrapped(url: str) -> str:
    """The address inside a mail gateway's or search page's wrapper; else the address as it is.

    Only wrappers that carry the target in the open: Outlook Safe Links, Google's url?q=, Facebook's
    l.php, Proofpoint v1/v2 are not guessed at beyond that.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return url
    key = None
    if host.endswith("safelinks.protection.outlook.com"):
        key = "url"
    elif host in ("www.google.com", "google.com") and parts.path == "/url":
        key = "q"
    elif host in ("l.facebook.com", "lm.facebook.com") and parts.path == "/l.php":
        key = "u"
    if key:
        found = parse_qs(parts.query).get(key) or parse_qs(parts.query).get("url")
        if found and found[0].startswith(("http://", "https://")):
            return found[0]
    return url


_TYPED_BULLET = re.compile(r"^(?:[·•▪●◦‣■►➢➤§\uf0b7\uf0a7]|o(?=\s{2}))\s*(?=\S)")


def _unbulleted(line: Line) -> Line:
    """A line that begins with a typed bullet, as Word writes its lists, is a bullet without it."""
    found = _TYPED_BULLET.match(line.text)
    if not found or line.rule or len(line.text) == found.end():
        return line
    cut = found.end()
    links = tuple(
        Anchor(a.url, max(0, a.start - cut), a.end - cut) for a in line.links if a.end > cut
    )
    return replace(
        line, text=line.text[cut:], lead=max(0, line.lead - cut), links=links, bullet=True
    )


def _tidied(lines: list[Line]) -> Iterator[Line]:
    """Without the figures and marks that only decorate."""
    for line in map(_unbulleted, lines):
        if line.text and re.fullmatch(r"[\s|·•*~=_–—.-]+", line.text):
            if len(line.text.strip()) >= 3:
                yield Line(rule=True, gap=line.gap)
            continue
        yield line
