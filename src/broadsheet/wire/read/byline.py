"""Who signs an article, as its page states it.

Persons first: a byline's titles, places, mail addresses and the outlet behind a name are cut off. Where
the linked data or a byline names only an agency, a desk or the outlet ("dpa", "Staff Reporter",
"The Example"), that stands as it is printed. Where a list of authors names persons and an organisation,
the list stands as it is: of the test pages that list both, most want it so. `people_only` gives the
persons alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
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
    r"text\b\s*:|текст\s*:|tekst\b\s*:|foto\b\s*:|文\s*[/|:：]|记者|記者|責任編輯|责任编辑|编辑|撰文|作者|作成|取材|автор(?:ы)?\b\s*:?|oleh\b|"
    r"ein(?:e)?\s+\w+\s+von\b|an?\s+\w+\s+by\b|interview\s*:|protokoll\s*:|from\b)\s*[:：]?\s*",
    re.IGNORECASE,
)
_SURE_PREFIX = re.compile(r"(?i)^\W*(?:by|von|par|por|door)\s*:?\s+(?=\S+\s+\S)")
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
_DOMAIN = re.compile(r"(?i)[^\W\d_]{3}\.[a-z]{2,}\b")
_LINK = re.compile(r"(?i)^(?:https?:)?//|www\.|^@")
# Words that no person's name holds, in the languages of the pages we have seen.
_NOT_A_NAME = re.compile(
    r"(?i)(?:^|[\s.\-'’(])(?:news|newsroom|newsdesk|staff|editors?|editorial|\w*redaktion\w*|redakcja|redakce|redacci[oó]n|rédaction|redazione|redactie|"
    r"redaksi(?:on)?|redaktør|desk|team|agency|agencies|\w*agentur\w*|agence|agencia|agenzia|press|presse|media|online|digital|"
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
    r"[\s,(–—-]+(?:(?i:senior|chief|staff(?=\s+\w)|deputy|contributing|political|foreign|business|sports?|health|crime|court|national|"
    r"science|technology|tech|education|environment|economics?|associate|managing|executive|freelance|special|guest|"
    r"investigative|diplomatic|religion|consumer|features?|multimedia|international|showbiz|entertainment|reporters?|"
    r"correspondents?|editors?|writers?|journalists?|columnists?|redakteur\w*|korrespondent\w*|volontär\w*|journalistin|"
    r"redaktør|professor|lecturer|fellow|director|ceo|researcher|producer|contributors?|photographer|analyst|muhabir\w*|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b"
    r"|(?:in|In|for|For|at|from|aus|zu|bei|is|was|has|ist)\s|寄稿|기자).*$"
)
_TITLE_BEFORE = re.compile(
    r"(?i)^(?:reporter|correspondent|journalist|editor|staff writer|redakteur(?:in)?|기자|记者|記者|"
    r"photographer)s?\s+"
)
_AGENCY_TITLE = re.compile(
    r"(?i)^(?:AP|AFP|UPI|PA|AAP|Reuters|Bloomberg)\b.*\b(?:writers?|reporters?|correspondents?|editors?)$"
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
    """Who signed an article, as the page states it, each once, in the order of the page.

    Linked data, then meta tags, then the markup of bylines: the first that names a person is believed,
    with every organisation it lists beside ("Ann Other", "Example Press"). Where none names a person,
    the first agency, desk or outlet that the linked data or a byline names stands as it is printed
    ("dpa", "Staff Reporter", "The Example"). Nothing is made up: a page that names nobody gives nothing.
    For the persons alone see `people_only`.
    """
    outlet = frozenset(
        name
        for name in (_plain(source or ""), _plain(host), _plain(host.split(".", maxsplit=1)[0]))
        if name
    )
    first = _plain((source or "").split(" ", maxsplit=1)[0])

    def person(name: str) -> bool:
        plain = _plain(name)
        return (
            plain not in outlet
            and is_person(name)
            and (not first or _plain(name.split(" ", maxsplit=1)[0]) != first)
        )

    def own(name: str) -> bool:
        return not person(name) and (
            _plain(name) in outlet
            or _plain(name.split(" ", maxsplit=1)[0]) == first
            or bool(_NOT_A_NAME.search(name))
        )

    sure, classed, paths = _marked(document.tree)
    marked = [*sure, *classed, *paths]
    linked = signed(_linked(document, article), person)
    if not all(map(own, linked)):
        return _completed(linked, marked, person)
    if (
        linked
    ):  # the outlet signs: only a byline that says so gainsays it, no link to a person's page
        for given in (_meta(document), *sure, *classed, _alone(document.tree)):
            found = tuple(name for name in people(given, outlet) if agency(name) or person(name))
            # names that differ from line to line are those of teasers
            each = {names_ for one in given if (names_ := people([one], outlet))}
            if any(map(person, found)) and len(each) == 1:
                return _completed(found, marked, person)
        return linked
    stands: tuple[str, ...] = ()
    printed = _printed(document.tree)
    for given in (_meta(document), *marked, _alone(document.tree), printed):
        found = tuple(name for name in people(given, outlet) if agency(name) or person(name))
        if any(map(person, found)):
            return _completed(found, marked, person)
        stands = stands or found
    return (
        stands
        or _desk(sure, None)
        or _desk([*classed, *paths], outlet)
        or _desk([[line.partition(",")[0] for line in printed]], None)
        or _desk([_given(document)], outlet)
    )


def _capital(name: str) -> bool:
    """Whether each word of a name begins with a capital letter, or with one of a script without."""
    return all(not w[:1].islower() or w.lower() in _PARTICLES for w in name.split())


def _completed(
    found: tuple[str, ...], marked: list[list[str]], person: Callable[[str], bool]
) -> tuple[str, ...]:
    """The names of one printed byline, where it holds all that were found and some more."""
    have = {_plain(name) for name in found}
    for line in (line for lines in marked for line in lines):
        printed = tuple(
            name for name in people([line]) if (agency(name) or person(name)) and _capital(name)
        )
        if have < {_plain(name) for name in printed} and len(printed) <= 6:
            return printed
    return found


def signed(raw: Iterable[str], person: Callable[[str], bool] | None = None) -> tuple[str, ...]:
    """Every name in a list of authors, persons and others, in order, each once. At most 30.

    A line that names a person is taken apart and cleaned of titles, places and the outlet behind the
    name, and keeps an agency beside the person; one that names none stands as it is printed, taken
    apart only at commas, semicolons, bars and "and".
    """
    person = person or is_person
    found: dict[str, str] = {}
    for line in (" ".join(given.split()) for given in raw):
        inside = list(names(line, bare=True))
        if any(map(person, inside)):
            inside = [name for name in inside if agency(name) or person(name)]
        else:
            inside = [name for name in map(_stated, _LISTED.split(line)) if name]
        for name in inside:
            found.setdefault(_plain(name), name)
    return tuple(found.values())[:30]


_LISTED = re.compile(r"\s*[,;|]\s*|\s+(?:and|und|&)\s+")
# What templates print where nobody signed.
_NOBODY = frozenset(
    ("admin", "administrator", "author", "authors", "autor", "webmaster", "unknown", "anonymous",
     "none", "null", "undefined", "na", "root", "user", "guest", "default", "system", "superuser", "wpadmin")
)  # fmt: skip


_NO_SIGNER = re.compile(
    r"(?i)^(?:https?:)?//|^www\.|^@|[{}<>]|\.(?:txt|html?|php)$|admin$|"
    r"\b(?:licen[cs]e|terms|privacy|log ?in|sign (?:in|up)|facebook|twitter|linkedin)\b"
)


def _stated(part: str) -> str:
    """An author's name that is no person's, as printed; empty for addresses and fillers."""
    part = _MAIL.sub(" ", part)
    part = _PREFIX.sub("", part.strip()).strip(" \"'.,:;–—-*|<>()\u200b\xa0")
    plain = _plain(part)
    if not 2 <= len(part) <= 80 or not plain or plain.isdigit() or plain in _NOBODY:
        return ""
    return "" if _NO_SIGNER.search(part) else part


def _desk(marked: list[list[str]], outlet: frozenset[str] | None) -> tuple[str, ...]:
    """Who signs where no person does: the first line, where `outlet` is given only if plainly a desk."""
    for lines in marked:
        for line in lines:
            names_ = signed([line], lambda _: False) if len(line) <= 60 else ()
            if names_ and (
                outlet is None
                or all(_plain(name) in outlet or _NOT_A_NAME.search(name) for name in names_)
            ):
                return names_
    return ()


def people_only(authors: Iterable[str]) -> tuple[str, ...]:
    """The persons among authors: without agencies, desks and outlets that show it by their words.

    An outlet whose name has the shape of a person's ("Der Postbote") is not told apart.
    """
    return tuple(name for name in authors if is_person(name))


def people(raw: Iterable[str], outlet: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of people in bylines, cleaned, each once (without case), then of agencies. At most 30."""
    avoid = {name for name in outlet if name}
    found: dict[str, str] = {}
    for line in raw:
        for name in names(line):
            if _plain(name) not in avoid:
                found.setdefault(_plain(name), name)
    return tuple(sorted(found.values(), key=lambda name: agency(name) is not None))[:30]


def names(line: str, *, bare: bool = False) -> Iterator[str]:
    """The people's and agencies' names in one byline.

    bare  the line is a name already and may begin with a word that elsewhere means "by": "De Wet Other"
    """
    line = _MAIL.sub(" ", " ".join(line.split()))
    line = _BRACKETS.sub(lambda m: "|" + m[0][1:-1] if agency(m[0][1:-1]) else " ", line)
    prefix = _SURE_PREFIX if bare else _PREFIX
    line = prefix.sub("", line).strip()
    if not line or len(line) > 400 or _LINK.search(line):
        return
    parts = [_clean(part, prefix) for part in _SPLIT.split(line)]
    if len(parts) == 2 and _JOINT.search(line) and is_person(line) and not all(map(_whole, parts)):
        parts = [line]  # "Ana Ejemplo y Prueba" is one person
    for name in parts:
        if name and _whole(name):
            yield name


_BRACKETS = re.compile(r"\([^()]*\)|\[[^\]]*\]")
_JOINT = re.compile(r"\s(?:y|e|i|a|en|o)\s")


_ENDED = re.compile(r"(.*?\w\s[^\W\d_]{3,})\.\s+\w")  # "Ann Other. Example International"


def _whole(name: str) -> bool:
    return is_person(name) or agency(name) is not None


def _clean(part: str, prefix: re.Pattern[str]) -> str:
    part = part.strip(" \"'.,:;–—-*|<>\u200b\xa0")
    for _ in range(2):
        part = prefix.sub("", part).strip()
    part = _AGENCY_TITLE.sub("", _TITLE_BEFORE.sub("", part))
    part = _KOREAN.sub("", part)
    cut = _TITLE_AFTER.sub("", part)
    if " " in cut or not cut or not is_person(part):  # "Robin Court" is a name and no title
        part = cut
    part = re.split(r"\s+[–—-]\s+|\s*:\s+", part)[0]
    if sentence := _ENDED.match(part):
        part = sentence[1]
    return " ".join(part.strip(" \"',:;–—-*|").split())


def is_person(name: str) -> bool:
    """Whether a string has the shape of a person's name and none of the words of outlets and desks."""
    if (
        not 2 <= len(name) <= 60
        or (name.isupper() and len(name) < 5)
        or any(c.isdigit() for c in name)
        or _DOMAIN.search(name)
        or agency(name)
    ):
        return False
    if _URLISH.search(name) or _NOT_A_NAME.search(name):
        return False
    begin = name.split(" ", maxsplit=1)[0]
    if begin.isupper() and not name.isupper() and agency(begin):
        return False  # "AP Sports"
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
    """The authors of the article's object; where it has none, of the object of the page."""
    pages = (node for node in document.nodes if kinds(node) & {"WebPage", "ItemPage"})
    for node in (article, *pages):
        for key in ("author", "creator"):
            if node and (found := _of(document, node.get(key))):
                return found
    return []


def _of(document: Document, value: Any, depth: int = 0) -> list[str]:
    if depth > 3 or value is None:
        return []
    if isinstance(value, list):
        return [name for one in value for name in _of(document, one, depth + 1)]
    value = document.resolved(value)
    if isinstance(value, dict):
        name = value.get("name")
        if isinstance(name, (list, dict)):
            return _of(document, name, depth + 1)
        line = words(name)
        if not line:
            given = (words(value.get(key)) for key in ("givenName", "familyName"))
            line = " ".join(filter(None, given)) or words(value.get("byline"))
        return [line] if line else []
    return [words(value)] if isinstance(value, str) else []


_METAS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator",
"dc.contributor.author", "dcterms.creator", "byl", "authors",
          "article:author_name", "cxenseparse:author", "cxenseparse:recs:author", "citation_author",
          "article.author", "article-author", "articleauthor", "creator", "vr:author", "byline", "og:author",
          "twitter:creator:name", "shareaholic:article_author_name", "rbauthors")  # fmt: skip


def _meta(document: Document) -> list[str]:
    for name in _METAS:
        given = [c for c in document.metas.get(name, ()) if not _URLISH.search(c)]
        if people(given):
            return given
    # Plug-ins of blogs print for previews: label "Written by", data "Ann Other".
    for number in ("1", "2", "3"):
        for label in document.metas.get(f"twitter:label{number}", ()):
            if _WRITTEN.match(label):
                return document.metas.get(f"twitter:data{number}", [])
    return document.metas.get("twitter:misc:written", [])  # names are taken apart at blanks


_WRITTEN = re.compile(
    r"(?i)(?:(?:written|posted) by|by|authors?|(?:verfasst |geschrieben )?von|autor(?:in|en|es|a)?|"
    r"(?:[eé]crit )?par|auteurs?|(?:escrito )?por|(?:scritto )?da|autore|(?:geschreven )?door|"
    r"skrevet av|skrevet af|skriven av|ditulis oleh|oleh|napisane przez|作者|執筆者|автор|yazan)\W*$"
)


def _given(document: Document) -> list[str]:
    return [content for name in _METAS[:2] for content in document.metas.get(name, ())]


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
_NUMBERED = re.compile(r"[-_]?\d+(?!\S)")
_PHOTO = re.compile(
    r"(?i)photo|image|caption|comment|bio|avatar|related|teaser|date|time|social|share"
)


def _marked(tree: HtmlElement) -> tuple[list[list[str]], list[list[str]], list[list[str]]]:
    """The lines of bylines: those that say "author", those of a class of bylines, links to authors.

    The first are itemprop and rel "author" and classes for an author's name. One pass over the page.
    """
    found: tuple[list[HtmlElement], ...] = ([], [], [], [], [])  # the last: links by address
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
            found[4].append(element)
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
                    _LINE_CLASS.search(name)
                    or _EXACT.intersection(_NUMBERED.sub("", name.lower()).split())
                ):
                    found[3].append(element)
    lines: tuple[list[list[str]], list[list[str]], list[list[str]]] = ([], [], [])
    for number, kind in enumerate(found):
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
            lines[max(0, number - 2)].append(given)
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


_BY = re.compile(r"\s*(?:[Bb]y|BY|Von|VON|Par|PAR|Por|POR|Oleh|Door|Skrevet av)\s*:?\s+[^\W\d_]")


def _printed(tree: HtmlElement) -> list[str]:
    """The first short line below the headline that begins with "By", in the languages of `_BY`."""
    below = False
    for element in tree.iter("h1", "p", "span", "div", "li", "em", "strong", "address"):
        if element.tag == "h1":
            below = True
        elif below and element.text and _BY.match(element.text):
            line = " ".join("".join(element.itertext()).split())
            if len(line) < 90 and all(map(_capital, people([line]))):
                return [line]
    return []
