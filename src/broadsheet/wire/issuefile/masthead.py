"""The head of a letter: its name, its number and its date, above the first part or item."""

from __future__ import annotations

import re

from broadsheet.wire.dates import Precision, When
from broadsheet.wire.issuefile import details, furniture, headings, labels
from broadsheet.wire.issuefile.letter import CONTENT, HEADINGS, Letter, Role

LINES = 8  # of content that a head has at most
_ISSUE = re.compile(
    r"\b(?:issue|vol(?:ume)?|edition|number|newsletter|e-?bulletin|bulletin|circular|digest|e-?news|update|round-?up|monthly|weekly|quarterly|"
    r"spring|summer|autumn|fall|winter|édition|edición|edição|edizione|edisi|ausgabe|nummer|número|numéro|boletín|boletim|bollettino|"
    r"lettre|rundbrief|nieuwsbrief|warta|buletin|infolettre|informativo)\b|\b(?:no|nr|n[°ºo.]|#)\.?\s*\d|通訊|通讯|電子報|月刊|第.{1,4}[期號号]|號|号",
    re.IGNORECASE,
)  # fmt: skip
_SEASON = re.compile(
    r"\b(?:spring|summer|autumn|fall|winter|printemps|été|automne|hiver|primavera|verano|otoño|invierno|frühling|frühjahr|"
    r"sommer|herbst)\b[\s,/–-]{1,3}(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)


_NUMBERED = re.compile(
    r"\b\d{1,3}\s?/\s?(?P<year>(?:19|20)\d\d)\b|\b(?P<first>(?:19|20)\d\d)\s?/\s?\d{1,2}\b"
)


# "September 2016. Edited by ...": says when and who, below the line that names the issue
_EDITED = re.compile(
    rf"^\W*{details.DATE}\W+(?:edited|compiled|prepared|written|produced|by|editors?)\b",
    re.IGNORECASE,
)


def season_in(text: str) -> When | None:
    """The year of "Autumn 2019": a season names no month."""
    match = _SEASON.search(text)
    return When(match["year"], Precision.YEAR, None, "typed", match[0]) if match else None


def year_of_number(text: str) -> When | None:
    """The year in an issue's number, "4/2016" or "2016/4", where a line says that it is an issue."""
    match = _NUMBERED.search(text) if _ISSUE.search(text) else None
    year = match and (match["year"] or match["first"])
    return When(year, Precision.YEAR, None, "typed", match[0]) if match and year else None


def is_issue(text: str) -> bool:
    """Whether a line says of itself that it is an issue: "Newsletter 3/2013", "No. 14"."""
    return bool(_ISSUE.search(text))


def take(letter: Letter) -> None:
    """Give the lines of the head that are dated their role, so that they are no item's details.

    A line counts where it names a month or a season or says that it is an issue, or where a day stands alone
    below a heading that is set like no other line. At least two items must stand below.
    """
    heads = sum(role in HEADINGS for role in letter.roles)
    if max(sum(role is Role.META for role in letter.roles), heads - 1) < 2:
        return
    looks = [letter.look(line) for line in letter.lines if line.text]
    above: list[int] = []
    content = [n for n, role in enumerate(letter.roles[: 3 * LINES]) if role in CONTENT]
    for number in content[:LINES]:
        line = letter.lines[number]
        if line.words > 16 or furniture.is_greeting(line.text) or labels.label(line.text):
            return
        if _names_issue(letter, number, above):
            _set(letter, number, above)
            return
        alone = looks.count(letter.look(line)) == 1 and letter.evident(line)
        headed = bool(above) and letter.lines[above[0]].level == 1
        if headings.is_section(line.text) and not alone:
            return
        if not (alone or headed or letter.source.typed):
            return
        above.append(number)


def _names_issue(letter: Letter, number: int, above: list[int]) -> bool:
    text = letter.lines[number].text
    when = details.month_in(text) or season_in(text) or year_of_number(text)
    if not when:
        return False
    if _ISSUE.search(text) or when.precision is Precision.YEAR:
        return True
    found = details.details(text)
    if when.precision is Precision.MONTH:
        return letter.roles[number] is not Role.META or not above or not (found and found.source)
    plain = letter.source.typed and not (above and letter.lines[above[-1]].gap > 0)
    return bool(found and not found.source and above and not plain)


def _set(letter: Letter, number: int, above: list[int]) -> None:
    for title in above:
        letter.roles[title] = Role.MASTHEAD
    text = letter.lines[number].text
    found = details.details(text)
    bare = found is not None and not found.source
    named = bool(above) and _ISSUE.search(letter.lines[above[-1]].text)
    aside = bool(_EDITED.match(text)) and bool(named)
    letter.posted = letter.posted or details.month_in(text)
    letter.roles[number] = Role.MASTHEAD if (bare and above) or aside else Role.ISSUE
    if aside:
        letter.roles[above[-1]] = Role.ISSUE
    elif bare and above:
        letter.roles[above[0]] = Role.ISSUE
        letter.used.add(number)
