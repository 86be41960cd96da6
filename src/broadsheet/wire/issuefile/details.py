"""Lines of details: an outlet and a date, an author, a place, in any order and many languages."""

# ruff: noqa: E501 -- long patterns read worse when they are cut

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from broadsheet.wire import dates, places
from broadsheet.wire.dates import DAY, MONTH, WEEKDAY, When
from broadsheet.wire.issuefile.linkwords import begins_access, is_access

_OF = r"[\s.-]*(?:\b(?:of|de|del|di)\s+|d['’]\s*)?"
_TO = r"\s*(?:-|–|—|to|until|bis|au|al|a|y|and|&|und)\s*"
_YEAR_TAIL = (
    r"[\s,.-]*(?:(?:de|del|พ\.ศ\.)\s+)?(?:\d{4}|['’]?\d\d(?![\d:h]|,?\s*\d{4}|\s*(?:am|pm|uhr)\b))"
)


def _dates(day_first: str, month_first: str) -> str:
    """The pattern of a date, with what may stand for its day and its month in either order."""
    return (
        rf"(?:{WEEKDAY}\b{day_first}{_OF}{MONTH}{_YEAR_TAIL}\b|"
        rf"{WEEKDAY}\b{month_first}(?:,\s*|\s+)\d{{4}}\b|"
        rf"\b{MONTH}[\s,/-]*(?:(?:de|del)\s+)?(?:\d{{4}}|['’]\d\d)\b|"
        r"\b\d{4}-\d\d-\d\d\b|\b\d{4}[./]\d{1,2}[./]\d{1,2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{4}\b|"
        r"(?:民[國国]\s*\d{2,3}|\d{4}|[〇零一二三四五六七八九]{4})\s*年"
        r"(?:\s*[\d一二三四五六七八九十]{1,3}\s*月(?:\s*[\d一二三四五六七八九十]{1,3}\s*[日號号])?)?)"
    )


# a span of days counts as its first: 18-20 June 2019, 30 May to 2 June 2019, June 18-20, 2019
DATE = _dates(
    rf"{DAY}(?:{_OF}{MONTH})?(?:{_TO}{WEEKDAY}{DAY})?",
    rf"{MONTH}\s*{DAY}(?:{_TO}(?:{MONTH}\s*)?{DAY})?",
)
_ONE_DAY = re.compile(_dates(DAY, rf"{MONTH}\s*{DAY}"), re.IGNORECASE)
_YEARS = re.compile(r"\d\d(?!\d)|年")
_DATED = re.compile(r"\d\d|年")  # what every date has: asked first, for it is cheap
_DATE_ANYWHERE = re.compile(DATE, re.IGNORECASE)
_SPAN = re.compile(
    rf"^(?P<first>.+?){_TO}{WEEKDAY}(?:{MONTH}\s*)?{DAY}(?P<rest>(?!\d).*)$", re.IGNORECASE
)
_YEAR = r"(?:19|20)\d\d"
_SEASON = (
    r"(?:spring|summer|autumn|fall|winter|printemps|été|automne|hiver|primavera|verano|otoño|invierno|"
    r"frühling|frühjahr|sommer|herbst|first quarter|Q[1-4])"
)
_BETWEEN = r"\s*[|,;:/•·–—，、；：-]\s*"
_CLOCK = r"\d{1,2}(?:[:.h]\d\d)?\s*(?:a\.?m\.?|p\.?m\.?|hrs?|h|uhr|noon|uur|wib)?"
# what may stand behind a date and says when in the day, with a zone: ", 14:00-15:30 (HKT)", " at 7 pm"
_TIME = re.compile(
    rf"[,\s|–-]*\s(?:at\s+|from\s+|um\s+|à\s+|a las\s+|pukul\s+)?{_CLOCK}(?<=[\da-z.])(?:\s*(?:-|–|to|bis|à)\s*{_CLOCK})?"
    r"(?:\s*\(?(?:GMT|UTC|HKT|BST|EST|EDT|CET|CEST|ET|PT|SGT|ICT|WIB|AEST|IST|EAT|local time)\b(?:[+-]\d+)?\)?)?$",
    re.IGNORECASE,
)
# "4 September" without its year, where a line of details may end
DAY_MONTH = re.compile(
    rf"(?:\b{DAY}{_OF}{MONTH}|(?<!\d\s)(?<!\w)\b{MONTH}\s+{DAY})(?=\s*(?:[|)\]–—,-]|$))(?!\s*[-–,]?\s*\d)",
    re.IGNORECASE,
)


def date(text: str) -> When | None:
    """The date that a string is, without brackets, weekday and hour; None where it is more than that.

    Of a span of days the first is taken; the words stay in `raw`.
    """
    inner = re.sub(r"\s*[(（](?:星期|週|周)?[一二三四五六日]?[)）]$", "", text.strip())
    inner = inner.strip("()[]（）【】 .,;|–—-")
    inner = re.sub(
        r"^(?:(?:judge?ment|decision|ruling|order|judgement|arrêt|sentencia|urteil|acórdão) (?:of|on|dated|du|de|vom)|(?:signed|filed|decided|issued|released|adopted)(?: on)?|on|posted|published|updated|dated|publié le|veröffentlicht am|publicado el)\s+",
        "",
        inner,
        flags=re.IGNORECASE,
    )
    found = dates.typed(inner, basis="typed")
    if found is None:
        inner = re.sub(
            r"\s+(?:at\s+)?\d{1,2}[:.]\d\d\s*(?:am|pm|hrs?|[A-Z]{3,4})?$", "", _TIME.sub("", inner),
            flags=re.IGNORECASE,
        ).rstrip(" ,")  # fmt: skip
        found = dates.typed(inner, basis="typed") or _first_of_span(inner)
    if found is None:
        found = _said_twice(inner)
    if found is None or not 1900 <= int(found.value[:4]) <= 2100:
        return None
    return When(found.value, found.precision, found.offset, "typed", text.strip())


AHEAD = 3  # months: how far ahead a letter announces a day without its year


def in_issue(words: str, issue: When) -> When | None:
    """The day "4 September" with the year of the issue it stands in; None where it is none.

    The year that brings it nearest to the issue is meant: a letter of January tells of December, and one
    of November says what comes in December. More than three months ahead it is of the year before.
    """
    leap = date(f"{words} 2000")
    if leap is None or leap.precision != "day" or len(issue.value) < 7:
        return None
    ahead = int(leap.value[5:7]) - int(issue.value[5:7])
    year = int(issue.value[:4]) - (ahead > AHEAD) + (ahead < AHEAD - 11)
    return date(f"{words} {year}")


def _said_twice(text: str) -> When | None:
    """The month of "May 2023 二零二三年五月": one date in two languages."""
    if len(_YEARS.findall(text)) < 2:
        return None
    said = list(_ONE_DAY.finditer(text))
    if len(said) != 2 or re.sub(
        r"[\W_]",
        "",
        text[: said[0].start()] + text[said[0].end() : said[1].start()] + text[said[1].end() :],
    ):
        return None
    first, second = (dates.typed(one[0], basis="typed") for one in said)
    return first if first and second and first.value == second.value else None


def _first_of_span(text: str) -> When | None:
    """The first day of "18-20 June 2019", "30 May to 2 June 2019", "June 18-20, 2019"."""
    match = _SPAN.match(text)
    if not match:
        return None
    first, rest = match["first"], match["rest"]
    if re.search(r"\d{4}", first):
        return dates.typed(first, basis="typed")
    year = re.search(r"(\d{4})\W*$", rest)
    if year and re.search(MONTH, first, re.IGNORECASE):
        return dates.typed(f"{first} {year[1]}", basis="typed")
    return dates.typed(first + rest, basis="typed")


@dataclass(frozen=True, slots=True)
class Details:
    """Source and date as they stand together without labels, and where they stand in the line."""

    source: str
    date: When | None
    start: int
    end: int


# "Yahoo! News" keeps its mark: a name goes on behind it
_SOURCE_FORM = r"(?:[^\n|;!?。]|!(?=\s[A-Z])){2,80}?"
_TOGETHER = (
    # (Source, 21 June 2019) or Source (21 June 2019) or Source | 21 June 2019 or Source, June 2019
    re.compile(
        rf"(?P<open>[(（\[【])?\s*(?P<source>{_SOURCE_FORM})(?:{_BETWEEN}|\s+)[(（\[]?(?P<date>{DATE})\s*[)）\]】]{{0,2}}\s*\.?$",
        re.IGNORECASE,
    ),
    # 21 June 2019 | Source
    re.compile(
        rf"(?P<open>[(（\[【])?\s*(?P<date>{DATE})\s*[)）\]]?(?:{_BETWEEN}|\s+)[(（\[]?(?P<source>{_SOURCE_FORM})\s*[)）\]】]{{0,2}}\.?$",
        re.IGNORECASE,
    ),
)


@functools.lru_cache(maxsize=4096)  # each line is asked for its details in several places
def details(text: str) -> Details | None:
    """Source and date of a line that is nothing else: "The Example Post, 21 June 2019".

    A date alone counts; a source alone cannot be told from other words, so it does not. What else
    such lines hold (an author, a place, a language, how long it takes to read) is passed over.
    """
    text = text.strip().strip("–—-•·>").strip()
    if not text or len(text) > 160 or not _DATED.search(text):
        return None
    alone = date(text)
    if alone and alone.precision != "year":
        return Details("", alone, 0, len(text))
    for pattern in _TOGETHER:
        match = pattern.fullmatch(text)
        if match:
            when = date(match["date"])
            source = tidy_source(_closed(match) + _name_ending(match))
            if when and is_source(source) and not _SENTENCE_END.search(source):
                return Details("" if _is_place(source) else source, when, 0, len(text))
    return _in_pieces(text)


# "wages. (The Example Post": the end of a sentence and a bracket that was not closed
_SENTENCE_END = re.compile(r"\b[a-z]{3,}[.?]['’”\"]?\s|[(（\[][^)）\]]*$")
_PARTED = re.compile(r"\s*[|•·]\s*|\s+[–—/-]+\s+|\s*[;；]\s*|[()（）\[\]]")
_ASIDE = re.compile(
    r"(?:by|par|von|por|di|door|oleh|words|text|story|reporting)\b[:\s]+(?P<author>\D{3,60})|"
    r"(?:in|en|auf|em)\s+[A-ZÉ]?[a-zéèñç]{4,12}|english|français|french|spanish|español|german|deutsch|arabic|chinese|paywall\w*|free|"
    r"\d{1,3}[- ]?(?:min(?:ute)?s?)\b.{0,10}|pdf|video|audio|podcast|opinion|analysis|news|report|blog|feature|article|press release|editorial",
    re.IGNORECASE,
)


def _closed(match: re.Match[str]) -> str:
    """The outlet's name with the bracket that ends it: "World Ferry Union (WFU)" at a line's end."""
    source: str = match["source"]
    behind = match.string[match.end("source") : match.end("source") + 1]
    opened = source.lstrip("([（【").count("(") > source.count(")") and match["open"] is None
    return source + ")" if opened and behind == ")" else source


def _name_ending(match: re.Match[str]) -> str:
    """ " Sun" of "Valley Sun, 25 May 2019": a short weekday that no mark parts from the name before it."""
    day = re.match(r"(?:sun|mon|star)(?=,)", match["date"], re.IGNORECASE)
    parted = re.search(r"[\W_]\s*$", match.string[: match.start("date")].rstrip() or ",")
    return f" {day[0]}" if day and not parted else ""


def _in_pieces(text: str) -> Details | None:
    """Details of three parts or more: "Lisbon | The Example Post | 3 May 2019 | by Ann Writer"."""
    found = list(_DATE_ANYWHERE.finditer(text))
    if (
        len(found) != 1
        or len(text.split()) > 18
        or re.search(r"!(?!\s[A-Z])|[?。！？]|[a-z]{3}\. ", text)
    ):
        return None
    when = date(found[0][0])
    if when is None or when.precision == "year":
        return None
    around = f"{text[: found[0].start()].rstrip(' ,:')} | {text[found[0].end() :].lstrip(' ,:')}"
    pieces = [piece.strip(" ,.:") for piece in _PARTED.split(around) if piece.strip(" ,.:")]
    named = [piece for piece in pieces if not (_ASIDE.fullmatch(piece) or _is_place(piece))]
    if not pieces or len(pieces) > 4 or not all(is_source(tidy_source(p)) for p in named):
        return None
    best = max(named, key=lambda piece: bool(OUTLET.search(piece)), default="")
    return Details(tidy_source(best), when, 0, len(text))


def _is_place(text: str) -> bool:
    """Whether words name a country, which says where and not who: "3 May 2019 | Thailand"."""
    return len(text) > 3 and places.country(text) is not None


# words that outlets carry in their names
OUTLET = re.compile(
    r"news|post\b|times|daily|herald|guardian|press|radio|\btv\b|tribune|journal|gazette|telegraph|standard|mail|sun\b|star\b|"
    r"observer|review|today|weekly|monitor|watch|magazine|media|broadcast|reuters|bbc|cnn|afp|agenc|di[áa]rio|jornal|zeitung|"
    r"blatt|anzeiger|kurier|monde|figaro|courant|報|电视|電視|新聞|周刊|時報|\.(?:com|org|net|co|example)\b",
    re.IGNORECASE,
)


_DAY_FIRST = re.compile(rf"^\W*(?P<date>{DATE})\s*[,|;:·•–—-]\s*", re.IGNORECASE)


def day_first(text: str) -> Details | None:
    """The day with which a line of an event begins: "18 June 2020, 10-16 h, online"; `end` is behind it."""
    match = _DAY_FIRST.match(text) if _DATED.search(text) and len(text.split()) <= 25 else None
    when = date(match["date"]) if match else None
    if not match or not when or when.precision != "day":
        return None
    hour = re.match(rf"(?:at|from|um|à|a las|pukul|上午|下午)?\s*{_CLOCK}", text[match.end() :])
    if not hour and re.search(r"[.!?。]\W*$", text):
        return None  # a sentence that begins with a day
    return Details("", when, 0, match.end())


def source_with_year(text: str) -> Details | None:
    """A source with a bare year behind it, as after a label: "Lowport Harbour Council, 2019"."""
    match = re.fullmatch(
        rf"(?P<source>.{{2,80}}?)\s*[,|(（·•–—-]\s*(?:{_SEASON}[\s,]+)?(?P<year>{_YEAR})\s*[)）]?\.?",
        text.strip(),
        re.IGNORECASE,
    )
    when = date(match["year"]) if match else None
    if not match or not when or re.search(rf"\b{MONTH}\s*\d", match["source"], re.IGNORECASE):
        return None
    return Details(tidy_source(match["source"]), when, 0, len(text))


_YEAR_FIRST = re.compile(
    rf"(?P<year>{_YEAR})(?:\s*[|,·•–—-]\s*|\s+(?=[\u3040-\u9fff]))(?P<source>[^|]{{2,80}})"
)


def loosely(text: str) -> Details | None:
    """What can be details beside others of the same letter: an outlet and a year, or a month or year alone."""
    found = details(text) or source_with_year(text)
    if found:
        return found
    alone = date(text) if len(text) < 30 else None
    if alone:
        return Details("", alone, 0, len(text))
    match = _YEAR_FIRST.fullmatch(text.strip())
    if match and can_be_source(match["source"]):
        return Details(tidy_source(match["source"]), date(match["year"]), 0, len(text))
    return None


@functools.lru_cache(maxsize=4096)
def details_at_end(text: str) -> Details | None:
    """Source and date at the end of a longer line: "Banks help survivors (The Example, 3 May 2019)".

    In brackets, or after a dash or bar; what stands before must be longer than a source.
    """
    if not _DATED.search(text, max(0, len(text) - 160)):
        return None
    return _in_brackets_at_end(text) or _after_sentence(text) or _after_dash(text)


def ends_in_details(text: str) -> bool:
    """Whether outlet and date stand in brackets behind more words than an outlet's name has."""
    found = _in_brackets_at_end(text) if _DATED.search(text, max(0, len(text) - 160)) else None
    return bool(found and found.source and found.date and len(text[: found.start].split()) >= 4)


_BRACKET_LAST = (")", "）", "]")


def _in_brackets_at_end(text: str) -> Details | None:
    if not text.rstrip(" .").endswith(_BRACKET_LAST):
        return None
    match = re.search(
        rf"\s*[(（\[](?P<inside>(?:[^()（）\[\]]|\([^()]*\))*?(?:{DATE}|\b{_YEAR}\b)[^()（）\[\]]*)[)）\]]\s*\.?\s*$",
        text,
        re.IGNORECASE,
    )
    if not match:
        return None
    found = details(match["inside"]) or source_with_year(match["inside"])
    if not (found or re.fullmatch(_YEAR, match["inside"].strip())):
        return None
    when = found.date if found else date(match["inside"])
    source = found.source if found else ""
    start = match.start()
    if not source:
        before = re.search(r"\s+[–—|-]\s+([^–—|]{2,60})$", text[: match.start()])
        if before and is_source(tidy_source(before[1])):
            source, start = tidy_source(before[1]), before.start()
    return Details(source, when, start, len(text))


def _after_sentence(text: str) -> Details | None:
    sentence = list(re.finditer(r"[.!?。！？…]['’”\"）)」]?\s+(?=[^\W\d_]|\d)|[。！？]", text))
    for end in reversed(sentence[-3:]):
        found = details(text[end.end() :])
        if found and found.source and end.start() > 12:
            return Details(found.source, found.date, end.end(), len(text))
    return None


def _after_dash(text: str) -> Details | None:
    for dash in reversed(list(re.finditer(r"\s+[–—|]\s+|\s+-\s+|\s*\|\s*|\s*•\s*", text))):
        found = details(text[dash.end() :])
        if found and dash.start() > 12:
            start = dash.start()
            if not found.source:
                before = re.search(r"(?:\s+[–—|-]\s+|\s*\|\s*|,\s+)([^–—|,]{2,60})$", text[:start])
                if before and is_source(tidy_source(before[1])) and before.start() > 12:
                    return Details(tidy_source(before[1]), found.date, before.start(), len(text))
            return Details(found.source, found.date, start, len(text))
    return None


def source_at_end(text: str) -> tuple[str, int] | None:
    """A source alone in brackets at the end of a line, and where the bracket begins."""
    if not text.rstrip(" .").endswith(_BRACKET_LAST):
        return None
    match = re.search(
        r"\s*[(（\[](?:(?:source|quelle|fuente|fonte|via)\s*[:：]?\s*)?(?P<source>[^()（）\[\]\d]{2,60})[)）\]]\s*\.?\s*$",
        text,
        re.IGNORECASE,
    )
    aside = match and (
        _ASIDE.fullmatch(match["source"].strip())
        or len(match["source"].strip()) == 2
        or is_access(match["source"], True)
    )
    if match and not aside and is_source(tidy_source(match["source"])):
        return tidy_source(match["source"]), match.start()
    return None


def tidy_source(text: str) -> str:
    """An outlet's name without the words before it, the brackets and the marks around it."""
    text = re.sub(
        r"^(?:source|by|from|via|in|quelle|fuente|fonte|来源|來源)\s*[:：]?\s+",
        "",
        text.strip(),
        flags=re.IGNORECASE,
    )
    text = text.strip(" \t.,;:|–—-")
    for one, other in ("()", "[]", "（）"):
        if text.count(one) != text.count(other):
            text = text.strip(one + other)
    if text[:1] in "([（" and text[-1:] in ")]）":
        text = text[1:-1]
    return text.strip(" \t.,;:|–—-")


_NO_SOURCE = re.compile(
    r"(?:issue|vol(?:ume)?|no|number|nr|edition|nummer|ausgabe|édition|edición|edição|edisi)\b\.?\s*#?\d|#\d|n[°º]\s*\d|(?:the )?week (?:of|from|ending)\b|"
    r"(?:published|posted|updated|period|month|covering|coverage|reporting period)\b(?=\s*(?:of\b|[:：]|$))|(?:published|posted|updated)\b|(?:newsletter|bulletin|digest|issue|edition|winter|spring|summer|autumn)$|"
    r"\d{1,2}(?:[:.]\d\d)?\s*(?:am|pm|hrs?|h)?\b|(?:from|until|till|to|by|deadline|every|closing|apply|starts?|begins?)\b",
    re.IGNORECASE,
)


def is_source(text: str) -> bool:
    """Whether words can be an outlet's name: few, beginning with a capital, a figure or no Latin letter."""
    words = text.split()
    if not words or len(words) > 9 or len(text) > 80 or not re.search(r"[^\W\d_]{2}", text):
        return False
    if re.search(r"[。！？…]", text) or (len(text) > 20 and not re.search(r"[a-z ]", text)):
        return False  # a sentence, or Chinese too long for a name
    if re.fullmatch(rf"{DAY}|{MONTH}|{WEEKDAY}{DAY}", text, re.IGNORECASE):
        return False
    if _NO_SOURCE.match(text):
        return False
    if begins_access(text) and not text[0].isupper():
        return False
    small = [w for w in words if w[:1].islower() and w.lower() not in _SMALL]
    return not (text[0].islower() and "." not in words[0]) and len(small) <= max(1, len(words) // 3)


_SMALL = frozenset(
    """of the and for in on de la le du des der die das van von y e et al to a an with at""".split()  # noqa: SIM905
)


def can_be_source(text: str) -> bool:
    """Whether a short line can be an outlet's name and nothing more."""
    bare = tidy_source(text)
    return (
        bool(bare)
        and len(bare.split()) <= 7
        and not _DATED.search(bare)
        and not re.search(r"[.!?:;。：]$", text.strip())
        and is_source(bare)
        and not is_access(text)
    )


_MONTH_AND_YEAR = re.compile(
    rf"\b(?P<month>{MONTH})\b(?:\s+[^\W\d]+){{0,4}}\s+(?P<year>{_YEAR})$", re.IGNORECASE
)


def month_and_year(text: str) -> When | None:
    """The month of a short title that parts it from its year: "April update 2023"."""
    match = _MONTH_AND_YEAR.search(text) if len(text.split()) <= 8 else None
    return date(f"{match['month']} {match['year']}") if match else None


_POSTED = re.compile(
    rf"^\W*(?:published|posted)(?: on)?:?\s+(?P<date>{DATE})(?:\s+(?:by|in|at)\b.*|\W*)$",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"^(?:By|by|BY|Von|Par|Por|Oleh)\s+[A-ZÀ-Þ][\w.'’-]*(?:,?\s+(?:and\s+|&\s+|de\s+|van\s+)?[A-ZÀ-Þ][\w.'’-]*){0,6}$"
)


def posted(text: str) -> When | None:
    """The date of a web page's own line "Published December 1, 2017 by admin"."""
    match = _POSTED.match(text)
    return date(match["date"]) if match else None


def is_byline(text: str) -> bool:
    """Whether a line names who wrote a text: "By Ann Writer"."""
    return len(text) < 80 and bool(_BYLINE.match(text))


def month_in(text: str) -> When | None:
    """The month or day that a short line names ("STOP News – June 2019"); None where there is none.

    Of a span the last day is taken: an issue comes out at the end of what it tells of.
    """
    if not _DATED.search(text):
        return None
    found = (date(match[0]) for match in _ONE_DAY.finditer(text))
    return next((when for when in found if when), None)
