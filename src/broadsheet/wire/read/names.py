"""Names as they are signed: what is a person, what an agency, and a byline taken apart.

Persons first: a byline's titles, places, mail addresses and the outlet behind a name are cut off. Where
a list of authors names persons and an organisation, the list stands as it is: of the test pages that
list both, most want it so. `people_only` gives the persons alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

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
    r"text\b\s*:|текст\s*:|tekst\b\s*:|foto\b\s*:|文\s*[/|:：]|记者|記者|責任編輯|责任编辑|责编|責編|编辑|撰文|撰稿|採訪|采访|執筆|筆者|作者|作成|取材|автор(?:ы)?\b\s*:?|oleh\b|"
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
URLISH = re.compile(
    r"^(?:https?:)?//|^www\.|^@|\.(?:com|org|net|de|at|ch|uk|co|info|news|tv|eu|fr|it|es|nl|be|se|no|dk|pl|cz|tr|ru|ua|jp|kr|cn|hk|tw|br|mx|za|id|in|my|sg|au|ca)$",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"(?i)[^\W\d_]{3}\.[a-z]{2,}\b")
_LINK = re.compile(r"(?i)^(?:https?:)?//|www\.|^@")
# Words that no person's name holds, in the languages of the pages we have seen.
NOT_A_NAME = re.compile(
    r"(?i)(?:^|[\s.\-'’(])(?:news|newsroom|newsdesk|staff|editors?|editorial|\w*redaktion\w*|redakcja|redakce|redacci[oó]n|rédaction|redazione|redactie|"
    r"redaksi(?:on)?|redaktør|desk|team|agency|agencies|\w*agentur\w*|agence|agencia|agenzia|press|presse|media|online|digital|"
    r"reporters?|journalists?|correspondents?|korrespondent\w*|bureau|magazine|magazin|zeitung|tidning|times|post|herald|gazette|tribune|"
    r"daily|weekly|journal|chronicle|guardian|telegraph|observer|broadcasting|television|radio|network|wire|service|services|"
    r"admin|administrator|contributors?|guest|author|autor|unknown|anonymous|webmaster|redak|special|sponsored|content|partner|"
    r"association|foundation|institute|university|ministry|department|committee|council|inc|ltd|llc|gmbh|corp|company|group|"
    r"articles|posts|stories|view|profile|biography|website|spiegel|updated|published|text|size|share|follow|minutes?|newsletter|podcast|haber|haberler|servisi|merkezi|ajans[ıi]|新聞|新闻|通訊社|通讯社|編輯|编辑部|オンライン|デジタル|편집|뉴스|報|网|網|日报|日報)(?:$|[\s.\-'’),])"
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
# Signs of Chinese and Japanese sentences and labels, which no name holds ("share it with more people").
_CJK_TALK = re.compile(
    "[的了是在与與让讓这這看到更们們请請我你您享读讀击擊评評论論转轉载載]|[来來]源|编者|編者|相[关關]|打印|字[号號]|"
    "[をはがにのへ]|フォロー|です|ます|記事|写真|動画|速報"
)
_CJK_LONG = re.compile(r"^[\u4e00-\u9fff]{7,}$")  # no name has so many without a dot or blank
# Who edited a text behind who wrote it: "Reporting by Ann Other; editing by Ben Sample".
_EDITED_BY = re.compile(
    r"(?i)(?<=\w)[\s.,;(]+(?:(?:copy[- ]?)?edit(?:ed|ing)|fact[- ]check(?:ed|ing)|translat(?:ed|ing)|"
    r"photo(?:s|graphs|graphy)?|illustrat(?:ed|ions?)|graphics?|video) by\b.*$"
)


def capital(name: str) -> bool:
    """Whether each word of a name begins with a capital letter, or with one of a script without."""
    return all(not w[:1].islower() or w.lower() in _PARTICLES for w in name.split())


def signed(raw: Iterable[str], person: Callable[[str], bool] | None = None) -> tuple[str, ...]:
    """Every name in a list of authors, persons and others, in order, each once. At most 30.

    A line that names a person is taken apart and cleaned of titles, places and the outlet behind the
    name, and keeps an agency beside the person; one that names none stands as it is printed, taken
    apart only at commas, semicolons, bars and "and".
    """
    person = person or is_person
    found: dict[str, str] = {}
    for line in (" ".join(given.split()) for given in raw):
        inside = list(apart(line, bare=True))
        if any(map(person, inside)):
            inside = [name for name in inside if agency(name) or person(name)]
        else:
            inside = [name for name in map(_stated, _LISTED.split(line)) if name]
        for name in inside:
            found.setdefault(plain(name), name)
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
    part = re.split(r"\s+[–—-]\s+(?=\d)", part)[0]  # a date behind the name
    part = _PREFIX.sub("", part.strip()).strip(" \"'.,:;–—-*|<>()\u200b\xa0")
    bare = plain(part)
    if not 2 <= len(part) <= 80 or not bare or bare.isdigit() or bare in _NOBODY:
        return ""
    return "" if _NO_SIGNER.search(part) else part


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
        for name in apart(line):
            if plain(name) not in avoid:
                found.setdefault(plain(name), name)
    return tuple(sorted(found.values(), key=lambda name: agency(name) is not None))[:30]


def apart(line: str, *, bare: bool = False) -> Iterator[str]:
    """The people's and agencies' names in one byline.

    bare  the line is a name already and may begin with a word that elsewhere means "by": "De Wet Other"
    """
    line = _MAIL.sub(" ", " ".join(line.split()))
    line = _BRACKETS.sub(lambda m: "|" + m[0][1:-1] if agency(m[0][1:-1]) else " ", line)
    prefix = _SURE_PREFIX if bare else _PREFIX
    line = _EDITED_BY.sub("", prefix.sub("", line)).strip()
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
    if URLISH.search(name) or NOT_A_NAME.search(name):
        return False
    begin = name.split(" ", maxsplit=1)[0]
    if begin.isupper() and not name.isupper() and agency(begin):
        return False  # "AP Sports"
    if _CJK.match(name):
        return not (_CJK_OUTLET.search(name) or _CJK_TALK.search(name) or _CJK_LONG.match(name))
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
    bare = " ".join(words_.split()).strip(" ()[]|/.,-–—").lower()
    return _AGENCY.get(bare)


def plain(name: str) -> str:
    """A name by which two ways to write it are one: letters and digits alone, in small letters."""
    return re.sub(r"[\W_]+", "", name).lower()
