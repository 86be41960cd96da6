"""The picture beside an article: its address, alt text, caption and credit, told from each other.

The seed's form is "Many of the victims were sold on as brides. Image credits: AFP, via SCMP": a
caption, then words that announce a credit. A credit that is not found stays None: a visible gap.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from broadsheet.wire import urls
from broadsheet.wire.model import Picture
from broadsheet.wire.read import names
from broadsheet.wire.read.document import Document, Node, kinds, words


def _any(*lists: str) -> str:
    """Alternatives of a pattern, longest first, from lists with `|` between."""
    return "|".join(sorted("|".join(lists).split("|"), key=len, reverse=True))


# Who pictures come from, as credits name them. Case counts: "AA" is an agency, "aa" is none.
_AGENCY = _any(
    "AFP|AP|AP Photo|Reuters|REUTERS|EPA|EPA-EFE|EFE|ANSA|dpa|DPA|APA|SDA|Keystone|KEYSTONE|PA Wire|PA",
    "Getty|GETTY|Getty Images|Shutterstock|SHUTTERSTOCK|Shutterstock.com|picture alliance|picture-alliance",
    "imago|IMAGO|Imago|Alamy|iStock|iStockphoto|Unsplash|Pexels|Pixabay|Bloomberg|Xinhua|Kyodo|Yonhap",
    "NurPhoto|Anadolu|Anadolu Agency|Flickr|Wikimedia|Wikimedia Commons|Creative Commons|Adobe Stock",
    "Rex|REX|Zuma|ZUMA|Sipa|SIPA|NTB|Scanpix|TT|Ritzau|Belga|BELGA|ANP|Lusa|LUSA|AAP|Press Association",
    "The Associated Press|Associated Press|Agence France-Presse|ddp|epd|KNA|Magnum|Redux|Polaris|VCG",
    "CNA|ČTK|CTK|PAP|Profimedia|Europa Press|Handout|HANDOUT|Supplied|Submitted|Contributed|Privat|zVg|Zvg",
    "Instagram|Facebook|Twitter|YouTube|Screenshot|Google|NASA|NOAA|BBC|연합뉴스|뉴시스|AP연합뉴스|로이터",
    "共同通信社|共同通信|時事通信|共同|時事|ＡＰ|ＡＦＰ",
    "新华社|新華社|中央社|法新社|路透社|美聯社|ТАСС|РИА Новости",
).replace(".", r"\.")
_HAS_AGENCY = re.compile(rf"(?:^|[\s/,(（|©＝=–-])(?:{_AGENCY})(?:$|[\s/,)）.|:;–-])")

# Words for a picture and for where it comes from, in the languages we have seen.
_PICTURE = _any(
    "image|images|photo|photos|picture|pictures|photograph|photographs|photography|pic|video|illustration",
    "illustrations|graphic|composite|file photo|file image|screenshot|screengrab|foto|fotos|"
    "bild|bilder|symbolfoto",
    "symbolbild|archivfoto|archivbild|grafik|montage|collage|fotografie|illustratie|fotografía|fotografia",
    "imagen|imagem|immagine|photographie|zdjęcie|zdj|fot|fotoğraf|fotograf|görsel|kuva|kép|fotó|снимка|фото",
    "коллаж|ảnh|gambar|isithombe|umfanekiso|nuotr|foto's|valokuva|ilustrace|ilustración",
)
_ORIGIN = _any(
    "credit|credits|courtesy|source|copyright|quelle|bildquelle|bildnachweis|bildrechte|fotocredit|fotocredits|crédit",
    "crédits|crédito|créditos|credito|crediti|fuente|fonte|kilde|källa|bron|zdroj|źródło|kaynak|lähde|forrás",
    "источник|джерело|nguồn|sumber|reprodução|divulgação|photographer|fotograf|fotografin|rechte",
)
_CJK_CUE = _any(
    "圖片來源|图片来源|圖源|图源|圖片|图片|照片|相片|攝影|摄影|資料圖片|资料图片|來源|来源|撮影|写真|写真提供|提供",
    "사진|사진제공|사진 제공|사진 출처|자료사진|출처|ภาพ",
)
_BY = r"(?:by|via|courtesy|credit|courtesy of|von|par|por|door|av|af|de|di|from)"
# With a colon (or a bar, a slash): "Photo:", "Image credits:", "Foto/", "Bild ©". With a small first
# letter only where something ends before it, since "in this photo: ..." is a caption.
_COLON = (
    rf"(?:(?:{_PICTURE})\s*(?:{_ORIGIN}|by|via)?s?|{_ORIGIN}|courtesy(?:\s+of)?)(?:\s+(?:of|by|"
    rf"photo))?\s*(?:[:：]\s*(?:/\s*)?|\s?/\s|\s©\s*)"
)
_ENDS = r"(?:^|(?<=[.!?…»”\"'’)\]|–—\n])\s*|(?<=[.!?…»”\"'’)\]|–—-]\s)|[(\[（|]\s*)"
_CUES = (
    re.compile(rf"{_ENDS}(?P<cue>{_COLON})", re.IGNORECASE),
    re.compile(rf"(?<![\w])(?P<cue>(?=[A-ZÀ-ÞА-Я])(?i:{_COLON}))"),
    re.compile(
        rf"(?<=[a-zß-ÿ\d.)\]”»])(?P<cue>(?=[A-ZÀ-Þ])(?i:{_COLON}))"
    ),  # "NameBild: ...": no blank
    re.compile(
        rf"{_ENDS}(?P<cue>(?=[A-ZÀ-Þ])(?i:(?:{_PICTURE})s?\s+(?:{_ORIGIN}\s+)?{_BY}\b)\s*:?\s*)"
    ),
    re.compile(rf"{_ENDS}(?P<cue>(?i:courtesy of)\b\s*)"),
    re.compile(rf"(?P<cue>(?:{_CJK_CUE})\s*[:：＝=/／]\s*)"),
    re.compile(r"(?P<cue>(?:©|\([cC]\)|（[ＣCｃc]）|(?<!\w)[Cc]opyright\b(?!\s+©))\s*:?\s*)"),
)
# Inside one pair of brackets at the end: "(AFP)", "(Reuters/Jane Doe)", "（新華社）", "(Jane Doe)"
_BRACKET = re.compile(r"[(\[（【]\s*(?P<credit>[^()\[\]（）【】]{2,100}?)\s*[)\]）】]\s*[.。]?\s*$")
# The last sentence is an agency's: "... in Paris. BERTRAND GUAY / AFP"
_LAST = re.compile(
    rf"(?:^|[.!?…»”\"'’)\]。]\s*|\s[–—|/-]\s+|\n)(?P<credit>(?:[^.!?\n]|(?<=\b\w)\.|\.(?=\w)){{0,70}}?(?<!\w)(?:{_AGENCY})(?!\w)(?:[^.!?\n]|\.(?=\w)){{0,50}})[.]?\s*$"
)
_BAR = re.compile(r"\s+[|/–—]\s+(?P<credit>[^\n]{3,80})$")
_JAPANESE = re.compile(r"[＝=]\s*(?P<credit>[^＝=、。\s]{1,20})$")
_CJK_BY = re.compile(r"(?:撮影|提供|攝|摄|攝影)$")
_LEADS = re.compile(
    rf"^(?:\s*(?:{_COLON}|(?:{_PICTURE})s?\s+(?:{_ORIGIN}\s+)?(?:by|via|courtesy of|courtesy|von|"
    rf"credit)\b\s*:?|(?:{_ORIGIN})s?\s*[:：]|(?:{_CJK_CUE})\s*[:：＝=/]|"
    rf"credits?[\s.]+|(?:image|photo|picture)s? copyright\s+|©|\([cC]\)|（[ＣCｃc]）|"
    rf"copyright\s+(?=©|\D)|courtesy of\b|by\s+(?=[A-Z])|/(?=\s)|\|)\s*)+",
    re.IGNORECASE,
)
_CREDIT_CLASS = re.compile(
    r"(?i)credit|copyright|(?<![a-z])source(?!s?et)|photographer|fotograf|bildautor|image--author|caption[-_]*author|figcaption--author|photo-?author|img-?author|"
    r"quelle|(?<![a-z])rights|attribution|image-?byline|photo-?byline|bildnachweis|courtesy|licen[cs]e|kredit|distributor|(?<![a-z])agency|provider"
)
_CAPTION_CLASS = re.compile(
    r"(?i)caption|legend(?!ary)|bildunterschrift|bildtext|img-?(?:text|info|desc)|image-?(?:text|info|desc|title|sub)|photo-?(?:text|desc)|pie-?(?:de-?)?foto|beschreibung|subline|media-block__description|imgboxa|foto-?info|fotoinfo"
)
_PUT_FORWARD = (
    "og:image:secure_url",
    "og:image",
    "og:image:url",
    "twitter:image",
    "twitter:image:src",
)
_DATA_CREDIT = ("data-credit", "data-copyright", "data-source", "data-photographer", "data-image-credit",
                "data-img-credit", "data-credits", "data-rights", "data-attribution",
                "data-caption-credit")  # fmt: skip
_DATA_CAPTION = ("data-caption", "data-image-caption", "data-description", "data-img-caption")
# What stands on buttons beside pictures, and labels for screen readers.
_BUTTON = re.compile(
    r"(?i)^(?:image|photo|picture|view (?:image|photo|gallery|\d+ images?)|(?:hide|show|toggle) "
    r"caption|enlarge(?: image)?|(?:image )?caption|legende|"
    r"bild(?:beschreibung)?\s?(?:vergrößern|einblenden|anzeigen)?|vergrößern|zoom|open (?:image|"
    r"this photo) in gallery|share|teilen|advertisement|anzeige|close|info|"
    r"play(?: video)?|autoplay|weitere videos|vis mer|visa mer|mehr anzeigen|more ?>?|read more|"
    r"\d+\s*/\s*\d+|\d+|\d+:\d+(?: min\.?)?|facebook|twitter|pinterest|linkedin|reddit|whatsapp|"
    r"e-?mail|copy link|print|tumblr|flipboard|telegram|messenger|x|"
    r"この記事の画像を見る.*|点击查看.*|ver más|"
    r"voir plus)[:.]?$"
)
_LABEL = re.compile(
    r"(?i)^(?:(?:image )?caption|legende|open (?:image|this photo) in gallery|image|"
    r"bildunterschrift)\s*[:,]\s*"
)
_MORE = re.compile(r"(?i)\s*(?:vis mer|visa mer|more ?>|mehr anzeigen)\s*$")
_OFF = re.compile(
    r"(?i)related|recommend|teaser(?!-image)|sidebar|promo|comment|footer|(?<![a-z-])author|avatar|byline|newsletter|most-?(?:read|popular)|subscribe|(?<![a-z])ads?(?![a-z])|logo|video-?(?:player|teaser)"
)
_SIGNED = re.compile(
    r"(?i)^(?:by|von|par|por|door|di|af|av|written by|text:|autor)(?:\s+[A-ZÀ-Þ]|$)"
)
# So many long paragraphs below an element: it holds the article, and its class says nothing of a picture.
_MANY = 5


def picture(document: Document, article: Node | None) -> Picture | None:
    """The picture that the page puts forward for its article, with what stands beside it.

    The page's own choice (og:image, then linked data) decides; of the figures on the page the one
    that shows the same file is read for caption and credit, else the first one of the article.
    """
    node = _node(document, article)
    given = document.meta(*_PUT_FORWARD)
    address = urls.absolute(given, document.url) if given else None
    if not address:
        address = _address(node, document.url)
    caption = credit = alt = ""
    stems = [s for s in (_stem(address), _stem(_address(node, document.url))) if s]
    holder, sure = _chosen(document, stems)
    linked_caption, linked_credit = _linked(document, node)
    if linked_caption:
        linked_caption, more = split(linked_caption)
        linked_credit = linked_credit or more
    if holder is not None and (sure or not (linked_caption and linked_credit)):
        caption, credit = read(holder)
        image = next((i for i in holder.iter("img") if i.get("alt")), None)
        alt = _line(image.get("alt") or "") if image is not None else ""
        if not address:
            address = _shown(holder, document.url)
    alt = alt or _line(document.meta("og:image:alt", "twitter:image:alt") or "")
    caption = caption or linked_caption
    if not credit or (linked_credit and reduced(credit) in reduced(linked_credit)):
        credit = linked_credit or credit
    if not address and not caption and not credit:
        return None
    return Picture(address, alt or None, caption or None, credit or None, _licence(node))


def reduced(text: str) -> str:
    """Letters and digits alone, lower case."""
    return re.sub(r"[\W_]+", "", text).lower()


def _node(document: Document, article: Node | None) -> Node | None:
    """The linked data's image of the article."""
    found = article.get("image") if article else None
    if isinstance(found, list):
        found = next((one for one in found if isinstance(one, dict)), found[0] if found else None)
    found = document.resolved(found)
    if isinstance(found, dict):
        return found
    if isinstance(found, str):
        same = (
            n
            for n in document.nodes
            if "ImageObject" in kinds(n) and _address(n, document.url) == found
        )
        return next(same, {"url": found})
    for node in document.nodes:
        if "WebPage" in kinds(node) and "primaryImageOfPage" in node:
            got = document.resolved(node["primaryImageOfPage"])
            if isinstance(got, dict):
                return got
    return None


def _address(node: Node | None, base: str) -> str | None:
    for key in ("url", "contentUrl", "@id") if node else ():
        given = node.get(key) if node else None
        given = given[0] if isinstance(given, list) and given else given
        if isinstance(given, str) and given.startswith(("http", "/")):
            return urls.absolute(given, base)
    return None


def _linked(document: Document, node: Node | None) -> tuple[str, str]:
    """Caption and credit as the linked data has them."""
    if not node:
        return "", ""
    credit = ""
    for key in ("creditText", "copyrightNotice", "creator", "author", "copyrightHolder"):
        value = node.get(key)
        many = value if isinstance(value, list) else [value]
        credit = ", ".join(filter(None, (words(document.resolved(one)) for one in many)))
        if credit and not credit.startswith("http"):
            break
    return words(node.get("caption")) or words(node.get("description")), bare(credit)


def _licence(node: Node | None) -> str | None:
    return (words(node.get("license")) or None) if node else None


_SIZES = re.compile(
    r"(?i)[-_.]?(?:\d{2,4}x\d{2,4}|scaled|w\d{2,4}|h\d{2,4}|\d{3,4}w|rc\d*|master|thumb(?:nail)?|large|medium|small|"
    r"original|crop|resized?|v\d+_\d+|fc)(?=[-_.]|$)"
)


def _stem(address: str | None) -> str:
    """What two addresses of one picture in two sizes share: the file's name without sizes and kind."""
    if not address:
        return ""
    parts = urlsplit(unquote(unquote(address)))
    name = parts.path.rstrip("/").rsplit("/", 1)[-1]
    name = re.sub(r"\.(?:jpe?g|png|webp|gif|avif|bin|html?)$", "", name, flags=re.IGNORECASE)
    short = _SIZES.sub("", name).strip("-_.")
    return short.lower() if len(short) > 5 else ""


def _sources(element: HtmlElement) -> str:
    parts: list[str] = []
    for image in element.iter("img", "source", "amp-img"):
        parts += [value for name, value in image.attrib.items() if "src" in name]
    return unquote(" ".join(parts)).lower()


def _shown(holder: HtmlElement, base: str) -> str | None:
    for image in holder.iter("img", "amp-img"):
        for name in ("src", "data-src", "data-lazy-src", "data-original"):
            given = image.get(name) or ""
            if given and not given.startswith("data:"):
                return urls.absolute(given, base)
    return None


def _chosen(document: Document, stems: list[str]) -> tuple[HtmlElement | None, bool]:
    """The element with the picture's words, and whether it is surely that picture's.

    By the file shown first, then by its place on the page and by what stands there.
    """
    best: HtmlElement | None = None
    best_points, sure, looked = 1.0, False, 0
    for number, holder in enumerate(_holders(document.tree)):
        if number > 250 or looked > 25:
            break
        shown = _sources(holder)
        same = next(
            (3.0 if at == 0 else 1.5 for at, stem in enumerate(stems) if stem in shown), 0.0
        )
        off = _off(holder)
        if not same and (off or (not shown and holder.tag != "figure")):
            continue
        looked += 1
        words_ = holder
        caption, credit = read(holder)
        if same and not caption and not credit:
            after = _after(holder)
            if after is not None:
                words_, (caption, credit) = after, read(after)
        if _SIGNED.match(caption) and len(caption) < 80:
            continue  # a portrait with "By Jane Doe"
        played = next(holder.iter("video", "iframe", "audio"), None) is not None or _PLAYED.search(
            holder.get("class") or ""
        )
        points = (
            same
            + 2.0 * bool(caption or credit)
            + 2.0 * bool(credit)
            - 2.0 * bool(played)
            - 1.5 * off
            - 0.1 * looked
        )
        if points > best_points:
            best, best_points, sure = words_, points, same == 3.0
    if not sure and (best is None or best_points < 4):
        plain = _beside(document.tree, stems)
        if plain is not None:
            return plain, True
    return best, sure


_PLAYED = re.compile(r"(?i)video|audio|player|js-medium")


def _after(element: HtmlElement) -> HtmlElement | None:
    """What follows a picture and is marked as its caption or credit, or announces one."""
    for number, up in enumerate((element, *element.iterancestors())):
        if number > 3 or up.tag in ("body", "main", "article"):
            return None
        beside = up.getnext()
        for _ in range(2):
            if beside is None or not isinstance(beside.tag, str):
                break
            name = beside.get("class") or ""
            inner = beside.find(".//figcaption")
            text = " ".join("".join(beside.itertext()).split()[:60])
            if (
                text
                and len(text) < 400
                and next(beside.iter("h1", "h2", "img"), None) is None
                and (
                    beside.tag == "figcaption"
                    or inner is not None
                    or _CAPTION_CLASS.search(name)
                    or _CREDIT_CLASS.search(name)
                    or _CUE_START.match(text)
                )
            ):
                return beside
            beside = beside.getnext()
    return None


_CUE_START = re.compile(
    rf"^\s*[(\[（|]?\s*(?:©|(?i:{_COLON})|(?i:(?:photo|image|picture)s? (?:by|credit|courtesy)\b)|"
    rf"(?:{_CJK_CUE})\s*[:：＝=/])"
)
_HOLDER_CLASS = re.compile(
    r"(?i)(?:article|hero|lead|main|header|story|entry|post|featured|top|blog)[-_]*"
    r"(?:image|picture|photo|img|foto|bild|media|visual|figure|pic)(?![a-z])|wp-caption|image-?(?:wrap|box|container)"
)
_CUE_SIGN = re.compile(r"[:：©/＝=]|(?i:photo|image|picture)")
# Parts of which each class name that `_said` can know holds one: cheaper than the patterns.
_HINT = re.compile(
    "capt|credit|copyr|source|photo|foto|bild|img|imag|legend|quelle|rights|attrib|"
    "licen|kredit|distrib|agency|provider|subline|beschreib|pie|media|visual|figure|"
    "pic|courtesy|autor"
)


@functools.lru_cache(maxsize=20_000)
def _said(name: str) -> int:
    """What a class attribute says: 1 a caption, 2 a credit, 4 a box around a picture, or their sum."""
    if not _HINT.search(name.lower()):
        return 0
    return (
        bool(_CAPTION_CLASS.search(name))
        + 2 * bool(_CREDIT_CLASS.search(name))
        + 4 * bool(_HOLDER_CLASS.search(name))
    )


_SMALL = ("span", "p", "div", "small", "em", "cite", "figcaption", "i", "footer", "b", "strong")


def _holders(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Elements that hold a picture and words about it, in the order of the page, each once."""
    seen: set[HtmlElement] = set()
    for element in tree.iter("figure", *_SMALL):
        if element.tag == "figure":
            found: HtmlElement | None = element
        else:
            name = element.get("class") or ""
            text = element.text or ""
            said = _said(name) if name else 0
            if said & 4 and element.tag == "div":
                if (
                    element not in seen
                    and next(element.iter("img", "amp-img"), None) is not None
                    and _brief(element, 400)
                    and next(element.iter("h1", "h2", "figure"), None) is None
                ):
                    seen.add(element)
                    yield element
                continue
            if not (
                element.tag == "figcaption"
                or said & 3
                or (3 < len(text) < 150 and _CUE_SIGN.search(text) and _CUE_START.match(text))
            ):
                continue
            found = _around(element)
        if (
            found is not None
            and found not in seen
            and not any(up in seen for up in found.iterancestors("figure", "div"))
        ):
            seen.add(found)
            yield found


def _around(element: HtmlElement) -> HtmlElement | None:
    """The nearest element around words that also holds a picture: at most five up, and no more words."""
    for number, up in enumerate(element.iterancestors()):
        if number > 5 or up.tag in ("body", "main", "html"):
            return None
        if next(up.iter("img", "amp-img", "picture"), None) is not None:
            return up if _brief(up) and next(up.iter("h1"), None) is None else None
        if up.tag == "article":
            return None
    return None


def _brief(element: HtmlElement, most: int = 900) -> bool:
    total = 0
    for text in element.itertext():
        total += len(text.strip())
        if total > most:
            return False
    return True


def _beside(tree: HtmlElement, stems: list[str]) -> HtmlElement | None:
    """Around a picture known by its file, the nearest element with words, without any marks."""
    for stem in stems:
        for image in tree.iter("img", "amp-img"):
            if stem not in _sources(image):
                continue
            after = _after(image)
            if after is not None:
                return after
            for number, up in enumerate(image.iterancestors()):
                if number > 4 or up.tag in ("body", "main", "article") or not _brief(up, 400):
                    break
                if next(up.iter("h1", "h2", "h3"), None) is not None:
                    break
                if any(t.strip() for t in up.itertext()):
                    return up
    return None


def _off(element: HtmlElement) -> bool:
    """Whether a picture belongs to something beside the article: a teaser, a portrait, the foot."""
    for up in (element, *element.iterancestors()):
        if up.tag in ("article", "main", "body"):
            return False
        if up.tag in ("aside", "footer", "nav"):
            return True
        if up is not element and sum(len(p.text or "") > 80 for p in up.iter("p")) >= _MANY:
            return False
        if up.tag == "a" and not re.search(
            r"(?i)\.(?:jpe?g|png|webp)|^#|gallery|image|photo", up.get("href") or "#"
        ):
            return True
        if _OFF.search(f"{up.get('class') or ''} {up.get('id') or ''}"):
            return True
    return False


_SKIP = frozenset(
    (
        "script",
        "style",
        "noscript",
        "svg",
        "button",
        "template",
        "video",
        "audio",
        "h1",
        "h2",
        "h3",
        "time",
        "form",
        "select",
    )
)
_INLINE = frozenset(("a", "em", "i", "b", "strong", "u", "sup", "sub", "q", "abbr", "br"))


def _segments(holder: HtmlElement) -> list[tuple[HtmlElement, str]]:
    """The words of a holder in pieces, each with its element, as far as they are caption or credit.

    Where a caption is marked (figcaption, or by class), what stands outside it counts only where it
    reads as a credit.
    """
    found: list[tuple[HtmlElement, str, bool]] = []

    def walk(element: HtmlElement, inside: bool) -> None:
        if element.tag in _SKIP:
            return
        piece(element, element.text, inside)
        for child in element:
            if isinstance(child.tag, str):
                walk(
                    child,
                    inside
                    or child.tag == "figcaption"
                    or bool(_said(child.get("class") or "") & 1),
                )
            piece(element, child.tail, inside)

    def piece(element: HtmlElement, text: str | None, inside: bool) -> None:
        line = " ".join((text or "").split())
        if not line:
            return
        before = found[-1] if found else None
        # a word in italics or a link goes on with the sentence before it, and that one goes on after
        if (
            before
            and before[2] == inside
            and (
                (element.tag in _INLINE and element.getparent() is before[0])
                or before[0] is element
            )
            and not _marked(element)
            and not _marked(before[0])
            and not _CUE_START.match(line)
        ):
            found[-1] = (before[0], f"{before[1]} {line}", inside)
        else:
            found.append((element, line, inside))

    walk(holder, holder.tag == "figcaption")
    kept = [
        (element, cleaned, inside)
        for element, line, inside in found
        if not _BUTTON.match(line) and (cleaned := _MORE.sub("", _LABEL.sub("", line)))
    ]
    captioned = any(
        inside and not _marked(element) and not _is_credit(line) for element, line, inside in kept
    )
    once: dict[str, HtmlElement] = {}
    announced = False
    for element, line, inside in kept:
        cue = _CUE_START.match(line)
        if (
            inside
            or not captioned
            or cue
            or announced
            or _marked(element)
            or (len(line) < 90 and _HAS_AGENCY.search(line))
        ):
            once.setdefault(line, element)
        announced = bool(cue and cue.end() == len(line))
    return [(element, line) for line, element in once.items()]


def _marked(element: HtmlElement) -> bool:
    """Whether markup calls an element a credit; the caption around it is none."""
    for up in (element, *element.iterancestors()):
        if up.tag in ("cite", "footer"):
            return True
        if up.tag in ("figure", "figcaption", "body", "article"):
            return False
        name = f"{up.get('class') or ''} {up.get('itemprop') or ''} {up.get('data-testid') or ''}"
        if _CREDIT_CLASS.search(name):
            return not (_CAPTION_CLASS.search(name) and len("".join(up.itertext())) > 120)
        if up.tag in ("p", "div", "li"):
            return False
    return False


def read(holder: HtmlElement) -> tuple[str, str]:
    """Caption and credit of the element that holds a picture."""
    pieces = _segments(holder)
    credits_: list[str] = []
    rest: list[str] = []
    announced = False
    for element, line in pieces:
        short = len(line) < 130
        found = _CUE_START.match(line)
        if announced or (short and _marked(element)):
            credits_.append(line)
            announced = bool(found and found.end() == len(line)) or line[-1] in "/|,"
        elif credits_ and short and re.match(r"[/|,(]|via\b|\W*©", line):
            credits_.append(
                line
            )  # "Photo by Jane Doe", then "/Example News" in an element of its own
            announced = line[-1] in "/|,"
        elif short and found and len(pieces) > 1:
            credits_.append(line)
            announced = found.end() == len(line) or line[-1] in "/|,"  # "Foto:", then the name
        else:
            rest.append(line)
    caption = " ".join(rest)
    credit = ""
    if credits_:
        once = [bare(one) for one in dict.fromkeys(credits_)]
        once = [
            one
            for at, one in enumerate(once)
            if one and not any(reduced(one) in reduced(other) for other in once[:at])
        ]
        credit = bare(re.sub(r"\s+(?=[/,;])", "", " ".join(once)))
        if len(credit.split()) > 8 and not caption:
            caption, credit = split(credit)  # markup calls the whole caption a credit
    elif len(rest) > 1:
        for at in (len(rest) - 1, 0):
            if _is_credit(rest[at]) and (at or not _is_credit(rest[-1])):
                caption, credit = " ".join(rest[:at] + rest[at + 1 :]), bare(rest[at])
                break
    elif rest and _is_credit(rest[0], alone=True):
        caption, credit = "", bare(rest[0])
    if not caption:
        caption = _data(holder, _DATA_CAPTION)
    cut, more = split(caption)
    if more and (
        not credit or reduced(more) in reduced(credit) or reduced(credit) in reduced(more)
    ):
        caption, credit = cut, more if len(more) > len(credit) else credit
    return _tidy(caption), credit or bare(_data(holder, _DATA_CREDIT))


def _data(holder: HtmlElement, names: tuple[str, ...]) -> str:
    for element in (holder, *holder.iter("img", "a", "figure", "div", "span")):
        for name in names:
            line = _line(element.get(name) or "")
            if line and not line.startswith(("http", "/", "{", "[")):
                return line
    return ""


def _is_credit(line: str, *, alone: bool = False) -> bool:
    """Whether a piece of its own beside a caption is a credit: announced, an agency's, or a name."""
    count = len(line.split())
    if count > 16 or len(line) > 120 or (count == 1 and len(line) > 25 and not line.isascii()):
        return False
    if _CUE_START.match(line) or (line[:1] in "(（[" and line[-1:] in ")）]" and count < 9):
        return True
    if _HAS_AGENCY.search(line) and not re.search(r"[.!?]\s", line) and count < 11:
        return True
    if line[-1:] in ".!?" and not re.search(r"\b\w\.$|nuotr\.$|Zvg\.$", line):
        return False
    return not alone and _name_like(line)


def _name_like(line: str) -> bool:
    """A name or names, as people or firms sign: every word capital, with strokes, commas, joining words."""
    parts = re.split(r"[\s/|,&+–-]+", line.strip(" /|,&+–-"))
    joins = {
        "via",
        "for",
        "and",
        "und",
        "og",
        "de",
        "von",
        "van",
        "der",
        "la",
        "le",
        "di",
        "of",
        "the",
        "y",
        "et",
        "da",
        "del",
    }
    good = [p for p in parts if p[:1].isupper() or p.lower() in joins or "." in p]
    return 1 <= len(parts) <= 9 and len(good) == len(parts) and any(p[:1].isupper() for p in parts)


def split(line: str) -> tuple[str, str]:
    """A line beside a picture as (caption, credit); either may be empty.

    Reads, in this order: words that announce a credit ("Image credits: AFP, via SCMP", "Foto: ...",
    "©"), a credit in brackets at the end ("(AFP)"), the Japanese "＝ＡＰ", an agency's name as the last
    sentence, a name after a bar or stroke at the end.
    """
    line = _tidy(line)
    found = min(
        (m for cue in _CUES for m in cue.finditer(line) if line[m.end() :].strip()),
        key=lambda m: (m.start("cue"), -m.end()),
        default=None,
    )
    if found:
        before, after = line[: found.start("cue")].rstrip(), line[found.end() :].strip()
        opened = before[-1:] in "([（" and before[-1:] != ""
        if opened:
            closing = {"(": ")", "[": "]", "（": "）"}[before[-1]]
            at = _closing(after, before[-1], closing)
            credit, rest = (after[:at], after[at + 1 :]) if at >= 0 else (after, "")
            before = before[:-1]
        else:
            credit = re.split(r"(?<=[a-zß-ÿ\d)A-Z])\.\s+(?=[A-ZÀ-Þ][\w’']*\s+[a-zß-ÿ])", after)[0]
            rest = after[len(credit) :]
        if 1 < len(credit) <= 140 and len(before) + len(rest) < 2000:
            caption = " ".join(filter(None, (before.rstrip(" |–—-/,"), rest.strip(" .)"))))
            return _tidy(caption), bare(credit)
    closed = _BRACKET.search(line)
    if closed and (
        _HAS_AGENCY.search(closed["credit"])
        or names.agency(closed["credit"])
        or _CJK_BY.search(closed["credit"])
        or (closed.start() > 20 and _signed(closed["credit"]))
    ):
        return _tidy(line[: closed.start()]), bare(closed["credit"])
    for pattern in (_JAPANESE, _LAST, _BAR):
        last = pattern.search(line)
        if not last:
            continue
        credit = last["credit"].strip()
        if pattern is _BAR and not (
            _HAS_AGENCY.search(credit)
            or (_name_like(credit) and last.start() > 20)
            or credit.endswith("nuotr.")
        ):
            continue
        if pattern is _JAPANESE and not (_HAS_AGENCY.search(credit) or _CJK_BY.search(credit)):
            continue
        if len(credit.split()) <= 11:
            return _tidy(line[: last.start("credit")].rstrip(" |–—-/＝=")), bare(credit)
    return line, ""


def _signed(credit: str) -> bool:
    """Whether words in brackets are a signature: two names or more, or a stroke between them."""
    return (
        _name_like(credit)
        and (len(credit.split()) > 1 or "/" in credit or "." in credit)
        and not re.search(r"\d", credit)
    )


def _closing(text: str, left: str, right: str) -> int:
    depth = 1
    for at, char in enumerate(text):
        depth += (char == left) - (char == right)
        if not depth:
            return at
    return -1


def _line(text: str) -> str:
    return " ".join(words(text).split()).strip(" |")


def _tidy(caption: str) -> str:
    return re.sub(r"\s+([,.;:!?])", r"\1", " ".join(caption.split())).strip(" |/–—-")


def bare(credit: str) -> str:
    """A credit without the words that announce it and the brackets around it."""
    credit = _MORE.sub("", " ".join(credit.split())).strip(" |")
    for left, right in ("()", "[]", "（）"):
        if (
            credit.startswith(left)
            and credit.endswith(right)
            and _closing(credit[1:], left, right) == len(credit) - 2
        ):
            credit = credit[1:-1].strip()
    credit = _LEADS.sub("", credit).strip(" ,;|–—-")
    return (
        credit[:-1]
        if credit.endswith(".") and not re.search(r"\b(?:\w|Inc|Ltd|Co|nuotr|Zvg|zVg)\.$", credit)
        else credit
    )
