"""What was pasted from Word, a mail or a web page, as restricted Markdown.

Only words, paragraphs, links, emphasis and lists come through. Scripts, styles, pictures, trackers in
addresses and the marks that word processors leave are dropped, not made harmless: nothing of them is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import nh3
from lxml import etree
from lxml import html as lxml_html

from broadsheet.press.markdown import SCHEMES, escaped
from broadsheet.wire import urls

LONGEST = 2_000_000  # characters: Word wraps one page of text into some 100,000
_BLOCKS = frozenset(
    (
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "tr",
        "section",
        "article",
        "pre",
    )
)
_TAGS = {*_BLOCKS, "a", "em", "i", "strong", "b", "ul", "ol", "li", "br", "td", "th", "table", "tbody",
         "thead", "span"}  # fmt: skip
_DROPPED = {"script", "style", "head", "title", "noscript", "template", "iframe", "svg", "math"}
# Read for lists and emphasis, never handed on.
_KEPT = {"a": {"href"}, "p": {"class", "style"}, "span": {"style"}, "b": {"style"}, "ol": {"start"}}
# Word writes lists as paragraphs of a class, with the bullet as text.
_WORD_BULLET = re.compile(r"^\s*(?:[·•▪◦‣o§]|\\?[-–])[\s\u00a0]+")
_WORD_NUMBER = re.compile(r"^\s*(\d{1,3})\\?[.)][\s\u00a0]+")
_DEEPEST = 6  # lists in lists: more is a fault of the page


def markdown(html: str) -> str:
    """The pasted HTML as restricted Markdown; plain text comes through with its marks escaped."""
    html = re.sub(r"(?s)<!--.*?-->|<\?xml.*?>|<o:p>|</o:p>", "", html[:LONGEST]).replace("\0", "")
    clean = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_DROPPED,
        attributes=_KEPT,
        url_schemes=set(SCHEMES),
        link_rel=None,
    )  # fmt: skip
    if not clean.strip():
        return ""
    try:
        root = lxml_html.fragment_fromstring(clean, create_parent="div")
    except etree.ParserError:
        return ""
    blocks = [block for block in _blocks(root, 0) if block.strip()]
    return _joined(blocks)


def _joined(blocks: list[str]) -> str:
    """Blocks with an empty line between them, lines of one list without."""
    out = ""
    for block in blocks:
        both = _is_row(block) and _is_row(out.rpartition("\n")[2] if out else "")
        out += ("" if not out else "\n" if both else "\n\n") + block
    return out


def _is_row(line: str) -> bool:
    return re.match(r"\s*(?:- |\d+\. )", line) is not None


def _blocks(parent: lxml_html.HtmlElement, depth: int) -> Iterator[str]:
    run: list[str] = [_words(parent.text)]
    for child in parent:
        if child.tag in ("ul", "ol"):
            yield _paragraph(run)
            run = []
            yield from _rows(child, depth)
        elif child.tag in _BLOCKS or child.tag in ("table", "tbody", "thead", "td", "th"):
            yield _paragraph(run)
            run = []
            inner = list(_blocks(child, depth))
            yield from _word_list(child, inner)
        else:
            run.append(_inline(child))
        run.append(_words(child.tail))
    yield _paragraph(run)


def _word_list(element: lxml_html.HtmlElement, inner: list[str]) -> Iterator[str]:
    listed = "MsoList" in (element.get("class") or "") or "mso-list" in (element.get("style") or "")
    for block in inner:
        if listed and (number := _WORD_NUMBER.match(block)):
            yield f"{number[1]}. {block[number.end() :]}"
        elif listed or re.match(r"\s*[·•▪◦‣][\s\u00a0]", block):
            yield "- " + _WORD_BULLET.sub("", block)
        else:
            yield block


def _rows(listed: lxml_html.HtmlElement, depth: int) -> Iterator[str]:
    start = listed.get("start") or "1"
    number = int(start) if start.isdecimal() else 1
    for item in listed:
        if item.tag in ("ul", "ol"):  # Outlook puts a list beside the item it belongs to
            yield from _rows(item, min(depth + 1, _DEEPEST))
            continue
        inner = [block for block in _blocks(item, min(depth + 1, _DEEPEST)) if block.strip()]
        if not inner:
            continue
        lead = f"{number}. " if listed.tag == "ol" else "- "
        number += 1
        yield "  " * depth + lead + inner[0].strip()
        yield from inner[1:]


def _paragraph(run: list[str]) -> str:
    words = re.sub(r"[ \t\u00a0]+", " ", "".join(run))
    return "\n".join(line.strip() for line in words.split("\n")).strip()


def _words(text: str | None) -> str:
    return escaped(re.sub(r"\s+", " ", text)) if text else ""


def _inline(element: lxml_html.HtmlElement) -> str:
    if element.tag == "br":
        return "\n"
    inner = _words(element.text) + "".join(_inline(child) + _words(child.tail) for child in element)
    words = inner.strip()
    if not words:
        return inner
    before, after = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
    style = (element.get("style") or "").replace(" ", "").lower()
    if element.tag == "a" and element.get("href"):
        href = str(element.get("href")).strip()
        if urls.trackers(href):
            href = urls.canonical(href)
        href = href.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
        return f"{before}[{words}]({href}){after}"
    strong = element.tag == "strong" or "font-weight:bold" in style or "font-weight:700" in style
    # Google Docs wraps all in <b style="font-weight:normal">.
    strong = strong or (element.tag == "b" and "font-weight:normal" not in style)
    if strong and not words.startswith("**"):
        return f"{before}**{words}**{after}"
    if (element.tag in ("em", "i") or "font-style:italic" in style) and not words.startswith("*"):
        return f"{before}*{words}*{after}"
    return inner
