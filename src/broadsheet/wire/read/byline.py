"""Who wrote it: people's names. Outlets, agencies, desks, mail addresses and job titles are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from broadsheet.wire.read.document import Document, Node, kinds, words

# News agencies, as they stand in bylines and credits (matched whole, without case).
AGENCIES = {
    "AFP": "afp|agence france-presse|agence france presse|afp deutschland|agentur afp",
    "AP": "ap|associated press|the associated press|ap news",
    "Reuters": "reuters|thomson reuters|thomson reuters foundation",
    "dpa": "dpa|dpa-infocom|deutsche presse-agentur|dpa/lby|dpa international",
    "APA": "apa|austria presse agentur",
    "SDA": "sda|keystone-sda|schweizerische depeschenagentur|keystone",
    "ANSA": "ansa",
    "EFE": "efe|agencia efe",
    "Lusa": "lusa|agência lusa",
    "Belga": "belga",
    "ANP": "anp",
    "PA": "pa|pa media|press association|pa news agency",
    "AAP": "aap|australian associated press",
    "CP": "the canadian press|canadian press|la presse canadienne",
    "UPI": "upi|united press international",
    "Xinhua": "xinhua|新华社|新華社|xinhua news agency",
    "CNA": "cna|中央社|central news agency",
    "Kyodo": "kyodo|kyodo news|共同通信|共同",
    "Jiji": "jiji|jiji press|時事通信|時事",
    "Yonhap": "yonhap|yonhap news|연합뉴스|뉴시스|newsis",
    "PTI": "pti|press trust of india",
    "ANI": "ani|asian news international",
    "IANS": "ians",
    "Antara": "antara",
    "Bernama": "bernama",
    "TASS": "tass|тасс",
    "RIA Novosti": "ria novosti|риа новости",
    "Interfax": "interfax|интерфакс",
    "NTB": "ntb",
    "TT": "tt|tt-ritzau",
    "Ritzau": "ritzau",
    "STT": "stt",
    "PAP": "pap",
    "ČTK": "čtk|ctk",
    "MTI": "mti",
    "Anadolu": "anadolu ajansı|anadolu agency|anadolu|aa|dha|iha",
    "Bloomberg": "bloomberg|bloomberg news",
    "EPD": "epd|kna|sid|sid/afp",
    "VNA": "vna|ttxvn|vnexpress",
    "EFF": "europa press",
}
_AGENCY = {name: key for key, names in AGENCIES.items() for name in names.split("|")}

_PREFIX = re.compile(
    r"^\W*(?:(?:written|reported|reporting|editing|additional reporting|words|text|story|"
    r"analysis|opinion|review|interview|report|video|photos?)\s+by\b|by\b|"
    r"von\b|par\b|por\b|de\b(?=\s[A-Z])|door\b|di\b(?=\s[A-Z])|af\b|av\b|od\b|autor(?:in|es|en|a)?\b:?|authors?\b:?|auteurs?\b:?|"
    r"text\b\s*:|tekst\b\s*:|foto\b\s*:|文\s*[/|:：]|记者|記者|責任編輯|责任编辑|编辑|撰文|作者|作成|取材|автор(?:ы)?\b\s*:?|oleh\b|"
    r"ein(?:e)?\s+\w+\s+von\b|an?\s+\w+\s+by\b|interview\s*:|protokoll\s*:|from\b)\s*[:：]?\s*",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:[;|/•·\n\r\t、，；]|,(?!\s*(?:jr|sr|ii|iii|md|phd|ph\.d)\b\.?)|\s&\s|&amp;|\s\+\s|"
    r"\s(?:and|und|et|y|och|og|ja|with|mit|avec|con|dan|ve|και|и|та|en|i|a|e|oraz|és)\s(?=\W*[^\W\d_]))\s*",
    re.IGNORECASE,
)
_MAIL = re.compile(r"\(?\S+@\S+\.\w+\)?")
_URLISH = re.compile(
    r"^(?:https?:)?//|^www\.|^@|\.(?:com|org|net|de|at|ch|uk|co|info|news|tv|eu|fr|it|es|nl|be|se|no|dk|pl|cz|tr|ru|ua|jp|kr|cn|hk|tw|br|mx|za|id|in|my|sg|au|ca)$",
    re.IGNORECASE,
)
# Words that no person's name holds, in the languages of the pages we have seen.
_NOT_A_NAME = re.compile(
    r"(?i)(?:^|[\s.\-'’(])(?:news|newsroom|newsdesk|staff|editors?|editorial|redaktion\w*|redaktions\w*|redakcja|redakce|redacci[oó]n|rédaction|redazione|redactie|"
    r"redaksi(?:on)?|redaktør|desk|team|agency|agencies|agentur\w*|agence|agencia|agenzia|press|presse|media|online|digital|"
    r"reporters?|correspondents?|korrespondent\w*|bureau|magazine|magazin|zeitung|tidning|times|post|herald|gazette|tribune|"
    r"daily|weekly|journal|chronicle|guardian|telegraph|observer|broadcasting|television|radio|network|wire|service|services|"
    r"admin|administrator|contributors?|guest|author|autor|unknown|anonymous|webmaster|redak|special|sponsored|content|partner|"
    r"association|foundation|institute|university|ministry|department|committee|council|inc|ltd|llc|gmbh|corp|company|group|"
    r"spiegel|updated|published|text|size|share|follow|minutes?|newsletter|podcast|haber|haberler|servisi|merkezi|ajans[ıi]|新聞|新闻|通訊社|通讯社|編輯|编辑部|オンライン|デジタル|편집|뉴스|報|网|網|日报|日報)(?:$|[\s.\-'’),])"
)
_CJK_OUTLET = re.compile(
    r"(?:新聞|新闻|通信社|通訊社|通讯社|オンライン|デジタル|Web|日報|日报|時報|时报|編集部|编辑部|现代|現代|뉴스|일보|신문|网|網)"
)
_TITLE_AFTER = re.compile(
    r"[\s,(–—-]+(?:(?i:senior|chief|staff|deputy|political|foreign|business|sports?|health|crime|court|national|"
    r"science|technology|tech|education|environment|economics?|associate|managing|executive|freelance|special|guest|"
    r"investigative|diplomatic|religion|consumer|features?|multimedia|international|showbiz|entertainment|reporters?|"
    r"correspondents?|editors?|writers?|journalists?|columnists?|redakteur\w*|korrespondent\w*|volontär\w*|journalistin|"
    r"redaktør|professor|lecturer|fellow|director|ceo|researcher|producer|contributors?|photographer|analyst|muhabir\w*)\b"
    r"|(?:in|In|for|For|at|from|aus|zu|bei|is|was|has|ist)\s|寄稿|기자).*$"
)
_TITLE_BEFORE = re.compile(
    r"(?i)^(?:reporter|correspondent|journalist|editor|staff writer|redakteur(?:in)?|기자|记者|記者|"
    r"photographer)s?\s+"
)
_KOREAN = re.compile(r"\s*(?:기자|특파원|논설위원|선임기자|인턴기자|PD|외\s*\d+명).*$")
_NAME_PART = re.compile(r"^[^\W\d_][^\W\d_]*(?:[-'’.`][^\W\d_]*)*\.?$|^[^\W\d_]\.$")
_PARTICLES = {"de", "la", "le", "van", "von", "der", "den", "di", "da", "dos", "das", "do", "del",
"della", "bin", "binti", "ibn", "al", "el", "ter", "ten", "zu", "zum", "zur", "y", "e", "af", "av",
"du", "des", "'t", "st", "st.", "vom", "ben", "bint", "ap", "op"}  # fmt: skip
_CJK = re.compile(r"^[\u4e00-\u9fff\u3040-\u30ff\u3005・·\s]{2,12}$")
_HANGUL = re.compile(r"^[\uac00-\ud7a3]{2,4}$")


def authors(
    document: Document, article: Node | None, source: str | None, host: str
) -> tuple[str, ...]:
    """The people who signed an article, in the order of the page, each once; then agencies it names.

    Linked data, then meta tags, then the markup of bylines: the first that names a person is believed.
    Where none does, an agency that the page names as its author stays ("AFP"); the outlet's own name
    and its desks never do.
    """
    outlet = {_plain(source or ""), _plain(host), _plain(host.split(".", maxsplit=1)[0])}
    first = _plain((source or "").split(" ", maxsplit=1)[0])
    agencies: tuple[str, ...] = ()
    marked = _marked(document.tree)
    for given in (
        _linked(document, article),
        _meta(document),
        *marked,
        _alone(document.tree),
    ):
        found = tuple(
            name
            for name in people(given, outlet)
            if agency(name) or not first or _plain(name.split(" ", maxsplit=1)[0]) != first
        )
        if any(not agency(name) for name in found):
            return _completed(found, marked, outlet, first)
        agencies = agencies or found
    return agencies


def _capital(name: str) -> bool:
    """Whether each word of a name begins with a capital letter, or with one of a script without."""
    return all(not w[:1].islower() or w.lower() in _PARTICLES for w in name.split())


def _completed(
    found: tuple[str, ...], marked: list[list[str]], outlet: set[str], first: str
) -> tuple[str, ...]:
    """The names of one printed byline, where it holds all that were found and some more."""
    have = {_plain(name) for name in found}
    for line in (line for lines in marked for line in lines):
        printed = tuple(
            name
            for name in people([line], outlet)
            if _capital(name) and _plain(name.split(" ", maxsplit=1)[0]) != first
        )
        if have < {_plain(name) for name in printed} and len(printed) <= 6:
            return printed
    return found


def people(raw: Iterable[str], outlet: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of people in bylines, cleaned, each once (without case), then of agencies. At most 30."""
    avoid = {name for name in outlet if name}
    found: dict[str, str] = {}
    for line in raw:
        for name in names(line):
            if _plain(name) not in avoid:
                found.setdefault(_plain(name), name)
    return tuple(sorted(found.values(), key=lambda name: agency(name) is not None))[:30]


def names(line: str) -> Iterator[str]:
    """The people's names in one byline."""
    line = _MAIL.sub(" ", " ".join(line.split()))
    line = re.sub(
        r"\((?:[^()]*)\)|\[[^\]]*\]",
        lambda m: "|" + m[0][1:-1] if agency(m[0][1:-1]) else " ",
        line,
    )
    line = _PREFIX.sub("", line).strip()
    if not line or len(line) > 400 or _URLISH.search(line) or "www." in line:
        return
    for part in _SPLIT.split(line):
        name = _clean(part)
        if name and (is_person(name) or agency(name)):
            yield name


def _clean(part: str) -> str:
    part = part.strip(" \"'.,:;–—-*|<>\u200b\xa0")
    for _ in range(2):
        part = _PREFIX.sub("", part).strip()
    part = _TITLE_BEFORE.sub("", part)
    part = _KOREAN.sub("", part)
    part = _TITLE_AFTER.sub("", part)
    part = re.split(r"\s+[–—-]\s+|\s*:\s+", part)[0]
    return " ".join(part.strip(" \"',:;–—-*|").split())


def is_person(name: str) -> bool:
    """Whether a string has the shape of a person's name and none of the words of outlets and desks."""
    if (
        not 2 <= len(name) <= 60
        or (name.isupper() and len(name) < 5)
        or any(c.isdigit() for c in name)
        or agency(name)
    ):
        return False
    if _URLISH.search(name) or _NOT_A_NAME.search(name):
        return False
    if _CJK.match(name):
        return not _CJK_OUTLET.search(name)
    if _HANGUL.match(name):
        return True
    parts = name.split()
    if not 1 <= len(parts) <= 6 or not all(
        _NAME_PART.match(p) or p.lower() in _PARTICLES for p in parts
    ):
        return False
    return len(parts) > 1


def agency(words_: str) -> str | None:
    """The news agency that a byline or credit names, as it is commonly written: "AFP"."""
    plain = " ".join(words_.split()).strip(" ()[]|/.,-–—").lower()
    return _AGENCY.get(plain)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _linked(document: Document, article: Node | None) -> list[str]:
    if not article:
        return []
    return _of(document, article.get("author")) or _of(document, article.get("creator"))


def _of(document: Document, value: Any, depth: int = 0) -> list[str]:
    if depth > 3 or value is None:
        return []
    if isinstance(value, list):
        return [name for one in value for name in _of(document, one, depth + 1)]
    value = document.resolved(value)
    if isinstance(value, dict):
        name = value.get("name")
        if {"Organization", "NewsMediaOrganization"} & kinds(value) and not agency(words(name)):
            return []
        if isinstance(name, (list, dict)):
            return _of(document, name, depth + 1)
        line = words(name)
        if not line:
            line = " ".join(
                filter(None, (words(value.get("givenName")), words(value.get("familyName"))))
            )
        return [line] if line else []
    return [words(value)] if isinstance(value, str) else []


_METAS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator",
"dc.contributor.author", "dcterms.creator", "byl", "authors",
          "article:author_name", "cxenseparse:author", "cxenseparse:recs:author", "citation_author",
          "article.author", "article-author", "creator", "vr:author", "byline", "og:author",
          "twitter:creator:name", "shareaholic:article_author_name", "rbauthors")  # fmt: skip


def _meta(document: Document) -> list[str]:
    for name in _METAS:
        given = [c for c in document.metas.get(name, ()) if not _URLISH.search(c)]
        if people(given):
            return given
    return []


_NAME_CLASS = re.compile(r"(?i)author[-_]*name|byline[-_]*name|author[-_]*link|authorname")
_LINE_CLASS = re.compile(
    r"(?i)byline|authors?_*-*list|__authors?$|authorline|authorshort|(?:article|post|entry|story|news)[-_]*authors?(?![-_a-z]*(?:bio|box|image|photo|avatar|desc))"
)
_AUTHOR_PATH = re.compile(
    r"(?i)/(?:authors?|autor(?:en|es|in)?|profiles?|people|by|redakteur\w*|team|journalists?|contributors?|staff|writers?|"
    r"columnists?|auteurs?|yazar\w*|forfatter|autori|autore)/(?:[\w.%-]+/)?[\w.%-]{3,}/?$"
)
_EXACT = frozenset(
    ("author", "authors", "autor", "autoren", "writer", "writers", "auteur", "reporter")
)
_PHOTO = re.compile(
    r"(?i)photo|image|caption|comment|bio|avatar|related|teaser|date|time|social|share"
)


def _marked(tree: HtmlElement) -> list[list[str]]:
    """What the markup of bylines holds, the surest kind of mark first. One pass over the page."""
    found: tuple[list[HtmlElement], ...] = ([], [], [], [], [])
    for element in tree.iter(
        "a",
        "span",
        "div",
        "p",
        "address",
        "li",
        "meta",
        "strong",
        "b",
        "em",
        "h4",
        "h5",
        "h6",
        "cite",
    ):
        prop, rel = element.get("itemprop"), element.get("rel")
        if prop and "author" in prop:
            found[0].append(element)
        elif rel and "author" in rel:
            found[1].append(element)
        elif element.tag == "a" and _AUTHOR_PATH.search(element.get("href") or ""):
            found[3].append(element)
        else:
            name = element.get("class")
            if name and (
                "uthor" in name
                or "yline" in name
                or "write" in name
                or "uto" in name
                or "reporter" in name
            ):
                if _NAME_CLASS.search(name):
                    found[2].append(element)
                elif not _PHOTO.search(name) and (
                    _LINE_CLASS.search(name) or _EXACT.intersection(name.lower().split())
                ):
                    found[4].append(element)
    lines: list[list[str]] = []
    for kind in found:
        given: list[str] = []
        for element in kind[:10]:
            if any("comment" in (up.get("class") or "").lower() for up in element.iterancestors()):
                continue
            named = next((one for one in element.iter() if one.get("itemprop") == "name"), element)
            line = named.get("content") or " ".join(" ".join(named.itertext()).split())
            if 3 < len(line) < 200:
                given.append(line)
        # a long list of authors is that of the outlet, or of the teasers beside the article
        given = [line for line in given if all(map(_capital, people([line])))]
        if given and len(people(given)) <= 6:
            lines.append(given)
    return lines


_ALONE: Any = etree.XPath(
    "(//p[count(*) = 1][*[self::strong or self::b or self::em or "
    "self::i]][string-length(normalize-space(.)) < 60]"
    "[string-length(normalize-space(.)) = string-length(normalize-space(*))])[position() = 1 "
    "or position() = last()]"
)


def _alone(tree: HtmlElement) -> list[str]:
    """A name in bold or italics that is a paragraph of its own, above or below the text."""
    for paragraph in _ALONE(tree):
        line = " ".join("".join(paragraph.itertext()).split())
        parts = [part for part in re.split(r"\s*(?:/|,|&|\band\b)\s*", line) if part]
        if (
            parts
            and not line.isupper()
            and all(is_person(part) and _capital(part) for part in parts)
        ):
            return [line]
    return []
