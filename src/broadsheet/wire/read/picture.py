"""The picture beside an article: its address, alt text, caption and credit, told from each other.

The seed's form is "Many of the victims were sold on as brides. Image credits: AFP, via SCMP": a
caption, then words that announce a credit. A credit that is not found stays None: a visible gap.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from broadsheet.wire import urls
from broadsheet.wire.model import Picture
from broadsheet.wire.read import byline
from broadsheet.wire.read.document import Document, Node, kinds, words

_AGENCY_WORDS = (
    r"AFP|AP|Reuters|REUTERS|EPA|EFE|ANSA|dpa|DPA|APA|SDA|Keystone|KEYSTONE|Getty|Getty Images|GETTY|Shutterstock|SHUTTERSTOCK|"
    r"picture[ -]alliance|imago|IMAGO|Alamy|iStock|iStockphoto|Unsplash|Pexels|Pixabay|Bloomberg|Xinhua|Kyodo|Yonhap|PA|PA Wire|"
    r"NurPhoto|Anadolu|Flickr|Wikimedia|Wikipedia|Creative Commons|CC BY|Handout|HANDOUT|Adobe Stock|Adobe|Rex|Zuma|Sipa|SIPA|NTB|"
    r"Scanpix|TT|Ritzau|Belga|ANP|Lusa|AAP|Press Association|Associated Press|Agence France-Presse|Facebook|Instagram|Twitter|YouTube|Screenshot|EPA-EFE|ddp|epd|KNA|Magnum|Redux|Polaris|VCG|AA|CNA|ČTK|PAP|Profimedia|stock\.adobe\.com"
)
# Words that announce a credit, in the languages we have seen. What follows is the credit.
_CUE = re.compile(
    r"(?:(?<=[\s.,;:!?)\]|»”\"'’。．、，）])|^)[(\[|–—-]?\s*"
    r"(?P<cue>(?:image|photo|picture|pictures|video|illustration|photograph|file photo|file image|file|graphic|art|screenshot|screengrab)s?\s*(?:credits?|courtesy|source|by|from|via)(?:\s*(?:of|by|to|from|the))?\s*[:/]?|"
    r"(?:image|photo|picture|photos|images|pictures|photograph|photographs|photography|photographer|illustration|illustrations|graphic|composite|pic|pix)\s*[:：/]|"
    r"(?:courtesy|credits?|credit line|source|copyright|copyrights)\s*(?:of|by|photo)?\s*[:：/]|courtesy of|©|\(c\)|copyright|"
    r"(?:foto|fotos|bild|bilder|bildquelle|bildnachweis|quelle|symbolfoto|symbolbild|archivfoto|archivbild|archiv|grafik|fotograf|bildrechte|fotocredit|fotocredits|collage|montage|screenshot|fotografie|illustratie|ilustrace|zdjęcie|zdj|fot|fotka|fotoğraf|görsel|kuva|kép|fotó|снимка|фото|источник|джерело|nguồn|ảnh|gambar)\s*(?:[:：/]|\b(?:von|door|av|af|by|de|di)\b)|"
    r"(?:crédits?|crédit photo|crédits photo|photo d[eu']|photographie|fuente|fotografía|imagen|crédito|créditos|fotografia|imagem|reprodução|divulgação|immagine|credito|credit foto|fonte|zdroj|źródło|kaynak|lähde)\s*[:：/]|"
    r"(?:圖片來源|图片来源|圖源|图源|圖片|图片|照片|相片|攝|摄|資料圖片|资料图片|來源|来源|撮影|写真|写真提供|提供|사진|사진제공|자료사진|ภาพ)\s*[:：＝=/])\s*",
    re.IGNORECASE,
)
# A credit in brackets at the end: "(AFP)", "(Reuters/Jane Doe)", "[Photo by ...]", "（新華社）"
_BRACKET = re.compile(r"[(\[（【]\s*(?P<credit>[^()\[\]（）【】]{2,120})\s*[)\]）】]\s*[.。]?\s*$")
_ENDS_AGENCY = re.compile(
    r"(?:^|[.!?»”\"'’)\]:;]\s+|\s[–—|-]\s+|\s{2,}|\n)(?P<credit>[^.!?\n]{0,80}?\b(?:"
    + _AGENCY_WORDS
    + r")\b[^.!?\n]{0,60})[.]?\s*$"
)
_HAS_AGENCY = re.compile(r"(?:^|[\s/,(|©-])(?:" + _AGENCY_WORDS + r")(?:$|[\s/,).|:;-])")
_LEADS = re.compile(
    r"^\W*(?:(?:image|photo|picture|photograph|photos|images|file|foto|fotos|bild|bilder|illustration|video|graphic|grafik|quelle|source|crédits?|"
    r"bildquelle|bildnachweis|credits?|copyrights?|courtesy|fotograf|photographer|bildrechte|fotocredit|圖片來源|图片来源|照片|写真|사진|fot|zdroj|kaynak|fonte|fuente|imagen|symbolbild|symbolfoto|archivfoto|archivbild|screenshot)s?\s*"
    r"(?:credits?|courtesy|source|copyright|photo|by|of|from)*\s*[:：/|=＝-]\s*|(?:photo|image|picture|photograph|foto|bild|illustration)s?\s+(?:by|courtesy of|credit|von|courtesy|via|par|de)\s*:?\s+|"
    r"(?:image|photo|picture)\s+credits?\s*:?\s*|credits?\s*[:]?\s+|©\s*|\(c\)\s*|copyright\s+(?:©\s*)?|courtesy(?:\s+of)?\s*:?\s+|by\s+)+",
    re.IGNORECASE,
)
_CREDIT_CLASS = re.compile(
    r"credit|copyright|(?<![a-z])source|photographer|fotograf|quelle|rights|agency|attribution|byline|author|bildnachweis|courtesy|(?<![a-z])cc(?![a-z])|license|owner|kredit|copy(?![a-z])|(?<![a-z])autor",
    re.IGNORECASE,
)
_CAPTION_CLASS = re.compile(
    r"caption|legend|description|bildunterschrift|bildtext|(?<![a-z])alt-?text|img-?text|image-?text|beschreibung|subline",
    re.IGNORECASE,
)
_DATA_CREDIT = ("data-credit", "data-copyright", "data-source", "data-photographer", "data-image-credit", "data-img-credit", "data-credits", "data-author", "data-rights", "data-attribution", "data-caption-credit")  # fmt: skip
_DATA_CAPTION = (
    "data-caption",
    "data-image-caption",
    "data-description",
    "data-img-caption",
    "data-title",
)
_BUTTON = re.compile(
    r"(?i)^(?:image|photo|picture|view (?:image|photo|gallery|\d+ images?)|hide caption|show caption|toggle caption|enlarge(?: image)?|caption|"
    r"bild vergrößern|vergrößern|zoom|open image in gallery|share|teilen|advertisement|anzeige|close|info|i|play|play video|\d+\s*/\s*\d+|\d+)[:.]?$"
)


def picture(document: Document, article: Node | None) -> Picture | None:
    """The picture that the page puts forward for its article, with what stands beside it.

    The page's own choice (og:image, then linked data) decides; of the figures on the page the one that
    shows the same file is read for caption and credit, else the first one inside the article.
    """
    node = _node(document, article)
    given = document.meta(
        "og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"
    )
    address = urls.absolute(given, document.url) if given else None
    if not address:
        address = _address(node, document.url)
    figure = _figure(document, address, node)
    caption = credit = alt = None
    if figure is not None:
        caption, credit = _read(figure)
        image = next(iter(figure.iter("img")), None)
        if image is not None:
            alt = _line(image.get("alt") or "")
        if not address and image is not None:
            address = urls.absolute(image.get("src") or image.get("data-src") or "", document.url)
    linked_caption, linked_credit = _linked(document, node)
    alt = alt or _line(document.meta("og:image:alt", "twitter:image:alt") or "")
    credit = credit or linked_credit
    if not caption and linked_caption:
        caption, more = split(linked_caption)
        credit = credit or more
    if not address and not caption and not credit:
        return None
    return Picture(address, alt or None, caption or None, credit or None, _licence(node))


def _node(document: Document, article: Node | None) -> Node | None:
    """The linked data's image of the article."""
    found = article.get("image") if article else None
    if isinstance(found, list):
        found = next((one for one in found if isinstance(one, dict)), found[0] if found else None)
    found = document.resolved(found)
    if isinstance(found, dict):
        return found
    if isinstance(found, str):
        return next(
            (
                n
                for n in document.nodes
                if "ImageObject" in kinds(n) and _address(n, document.url) == found
            ),
            {"url": found},
        )
    for node in document.nodes:
        if "WebPage" in kinds(node) and "primaryImageOfPage" in node:
            got = document.resolved(node["primaryImageOfPage"])
            if isinstance(got, dict):
                return got
    return None


def _address(node: Node | None, base: str) -> str | None:
    if not node:
        return None
    for key in ("url", "contentUrl", "@id"):
        given = node.get(key)
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
        value = (
            [document.resolved(one) for one in value]
            if isinstance(value, list)
            else document.resolved(value)
        )
        if isinstance(value, list):
            credit = ", ".join(filter(None, map(words, value)))
        else:
            credit = words(value)
        if credit:
            break
    caption = words(node.get("caption")) or words(node.get("description"))
    return caption, bare(credit)


def _licence(node: Node | None) -> str | None:
    return (words(node.get("license")) or None) if node else None


_SIZES = re.compile(
    r"(?i)[-_.]?(?:\d{2,4}x\d{2,4}|scaled|w\d{2,4}|h\d{2,4}|\d{3,4}w|rc\d*|master|thumb(?:nail)?|large|medium|small|original|crop|resize[d]?)(?=[-_.]|$)"
)


def _stem(address: str | None) -> str:
    """What two addresses of one picture in two sizes share: the file's name without sizes and kind."""
    if not address:
        return ""
    parts = urlsplit(address)
    name = unquote(parts.path.rstrip("/").rsplit("/", 1)[-1])
    name = re.sub(r"\.(?:jpe?g|png|webp|gif|avif|bin|html?)$", "", name, flags=re.IGNORECASE)
    bare_ = _SIZES.sub("", name).strip("-_.")
    return bare_.lower() if len(bare_) > 5 else ""


def _sources(element: HtmlElement) -> str:
    parts: list[str] = []
    for image in element.iter("img", "source", "amp-img"):
        parts += [value for name, value in image.attrib.items() if "src" in name]
    return unquote(" ".join(parts)).lower()


def _figure(document: Document, address: str | None, node: Node | None) -> HtmlElement | None:
    """The element that holds the picture and its caption."""
    figures = list(document.tree.iter("figure"))
    stems = [s for s in (_stem(address), _stem(_address(node, document.url))) if s]
    for stem in stems:
        for figure in figures:
            if stem in _sources(figure):
                return figure
        for image in document.tree.iter("img"):
            if stem in _sources(image):
                holder = _holder(image)
                if holder is not None:
                    return holder
    for figure in figures:
        if (
            next(figure.iter("img"), None) is not None
            and next(figure.iter("figcaption"), None) is not None
            and not _aside(figure)
        ):
            return figure
    return next(
        (f for f in figures if next(f.iter("img"), None) is not None and not _aside(f)), None
    )


def _aside(element: HtmlElement) -> bool:
    return any(
        up.tag in ("aside", "footer", "nav")
        or re.search(
            r"(?i)related|recommend|teaser|sidebar|promo|comment|footer|author",
            up.get("class") or "",
        )
        for up in element.iterancestors()
    )


def _holder(image: HtmlElement) -> HtmlElement | None:
    """The nearest element around a picture that also holds words beside it: at most four up."""
    for number, up in enumerate(image.iterancestors()):
        if number > 4 or up.tag in ("body", "main", "article"):
            return None
        text = " ".join(" ".join(up.itertext()).split())
        if len(text) > 600:
            return None
        if len(text) > 3 and (
            _CAPTION_CLASS.search(up.get("class") or "")
            or any(
                _CAPTION_CLASS.search(e.get("class") or "")
                or _CREDIT_CLASS.search(e.get("class") or "")
                for e in up.iter()
                if isinstance(e.tag, str)
            )
        ):
            return up
    return None


def _read(figure: HtmlElement) -> tuple[str, str]:
    """Caption and credit of a figure."""
    credit = ""
    captions = list(figure.iter("figcaption")) or [
        e
        for e in figure.iter()
        if e is not figure
        and isinstance(e.tag, str)
        and _CAPTION_CLASS.search(e.get("class") or "")
    ]
    where = captions[0] if captions else figure
    marked = _marked_credit(where, figure)
    taken = set(marked)
    line = _text(where, taken)
    if marked:
        credit = _line(" ".join(_text(e, set()) for e in marked))
    caption = _line(line)
    if not caption:
        for element in figure.iter("img", "a", "figure"):
            caption = next((v for n in _DATA_CAPTION if (v := _line(element.get(n) or ""))), "")
            if caption:
                break
    if not credit:
        for element in figure.iter("img", "a", "figure", "div", "span"):
            credit = next(
                (
                    v
                    for n in _DATA_CREDIT
                    if (v := _line(element.get(n) or "")) and not v.startswith(("http", "/", "{"))
                ),
                "",
            )
            if credit:
                break
    caption, more = split(caption)
    return caption, bare(credit) or more


def _marked_credit(where: HtmlElement, figure: HtmlElement) -> list[HtmlElement]:
    """The outermost elements that markup calls a credit."""
    found: list[HtmlElement] = []
    for scope in (where, figure):
        for element in scope.iter():
            if (
                element is scope
                or not isinstance(element.tag, str)
                or element.tag in ("img", "svg", "button", "source", "picture")
            ):
                continue
            name = f"{element.get('class') or ''} {element.get('itemprop') or ''} {element.get('data-testid') or ''} {element.get('data-test') or ''}"
            if (
                element.tag in ("cite",)
                or element.tag == "small"
                or (
                    _CREDIT_CLASS.search(name)
                    and not re.search(r"(?i)caption(?!.*(credit|source|copyright|author))", name)
                )
            ) and not any(up in found for up in element.iterancestors()):
                text = _line(_text(element, set()))
                if 1 < len(text) < 160:
                    found.append(element)
        if found:
            return found[:3]
    return []


def _text(element: HtmlElement, without: set[HtmlElement]) -> str:
    """The words of an element, block by block, without the elements given."""
    parts: list[str] = []

    def walk(one: HtmlElement) -> None:
        if (
            not isinstance(one.tag, str)
            or one in without
            or one.tag in ("script", "style", "noscript", "svg", "button", "template")
        ):
            return
        block = one.tag in ("p", "div", "br", "li", "figcaption", "h1", "h2", "h3", "h4")
        parts.append("\n" if block else "")
        parts.append(one.text or "")
        for child in one:
            walk(child)
            parts.append(child.tail or "")
        parts.append("\n" if block else "")

    walk(element)
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(dict.fromkeys(line for line in lines if line and not _BUTTON.match(line)))


def _line(text: str) -> str:
    return " ".join(words(text).split()).strip(" |")


def split(line: str) -> tuple[str, str]:
    """A line beside a picture as (caption, credit); either may be empty.

    Reads, in this order: words that announce a credit ("Image credits: AFP, via SCMP", "Foto: ...",
    "©"), a credit in brackets at the end ("(AFP)"), an agency's name as the last sentence.
    """
    line = line.strip()
    for match in _CUE.finditer(line):
        before, after = line[: match.start()].strip(), line[match.end() :].strip()
        if not after and match.start() == 0:
            break
        credit = re.split(r"(?<=[a-z\d)])\.\s+(?=[A-Z][a-z]+ [a-z])|\n", after)[0]
        rest = after[len(credit) :].strip(" .\n")
        if 1 < len(credit) <= 120:
            caption = " ".join(filter(None, (before.rstrip(" ([|–—-/"), rest)))
            return _tidy(caption), bare(_close(credit))
    closed = _BRACKET.search(line)
    if closed and (_HAS_AGENCY.search(closed["credit"]) or byline.agency(closed["credit"])):
        return _tidy(line[: closed.start()]), bare(closed["credit"])
    last = _ENDS_AGENCY.search(line)
    if last and len(last["credit"].split()) <= 10:
        return _tidy(line[: last.start("credit")].rstrip(" |–—-")), bare(last["credit"])
    return _tidy(line), ""


def _close(credit: str) -> str:
    credit = credit.strip()
    for left, right in ("()", "[]", "（）"):
        if credit.endswith(right) and left not in credit:
            credit = credit[:-1]
    return credit.strip(" .|")


def _tidy(caption: str) -> str:
    return " ".join(caption.split()).strip(" |")


def bare(credit: str) -> str:
    """A credit without the words that announce it and the brackets around it."""
    credit = " ".join(credit.split()).strip(" |")
    for left, right in ("()", "[]", "（）"):
        if credit.startswith(left) and credit.endswith(right):
            credit = credit[1:-1].strip()
    return _LEADS.sub("", credit).strip(" .,;|–—-")
