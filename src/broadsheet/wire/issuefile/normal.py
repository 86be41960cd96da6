"""Lines as one author wrote them -> lines as if all authors wrote alike.

A label and its value stand on one line, a headline on its own, decoration is gone. What this cannot
tell from the line itself it leaves as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from broadsheet.wire.dates import When
from broadsheet.wire.issuefile import details, labels, runin
from broadsheet.wire.issuefile.lines import Anchor, Line

_DECORATED = re.compile(r"^([*=~#_+•·|>«–—-])\1*\s*(\S.*?\S)\s*(?:\1|[<»])+$")
_PICTURE = re.compile(
    r"^\[(?:picture|image|photo|圖片)\s*[:：]\s*(.+)\]$", re.IGNORECASE | re.DOTALL
)
# what our own prints say where a picture has no permission
_AT_SOURCE = re.compile(
    r"\s*(?:The picture stands with the article at its source\.|圖片刊於原文網頁。)$"
)


def lines(given: tuple[Line, ...], issue: When | None = None) -> list[Line]:
    """The lines, in their order; nothing is lost but decoration.

    `issue` is the issue's own date: where an item's date has no year ("4 September"), the year is
    taken from it, and the line is marked.
    """
    given = title_with_year(given)
    plain = [_dated(_plain(line), issue) for line in _named_heads(_bullets_as_heads(given))]
    plain = _told_apart(plain, issue)
    return runin.parted(list(_joined(plain)), issue)


def title_with_year(given: tuple[Line, ...]) -> tuple[Line, ...]:
    """A title that names a month, with the year that stands alone on the line below it."""
    for number, (line, below) in enumerate(pairwise(given[:10])):
        year = re.fullmatch(r"(?:19|20)\d\d", below.text.strip())
        if year and line.words <= 6 and details.month_and_year(f"{line.text} update {year[0]}"):
            joined = replace(line, text=f"{line.text} {year[0]}")
            return (*given[:number], joined, *given[number + 2 :])
    return given


def _bullets_as_heads(given: tuple[Line, ...]) -> list[Line]:
    """Typed bullets with their text on the rows below are headlines: "* Headline", then the summary."""
    bullets = [n for n, line in enumerate(given) if line.bullet and line.style == "bullet"]
    heads = [
        n
        for n in bullets
        if n + 1 < len(given)
        and given[n + 1].text
        and not given[n + 1].bullet
        and given[n + 1].gap == 0
        and given[n].words <= 30
        and not given[n].text.endswith((".", ";"))
    ]
    if len(heads) < 2 or len(heads) * 2 < len(bullets):
        return list(given)
    chosen = set(heads)
    return [
        replace(line, bullet=False, strong=True, style="") if n in chosen else line
        for n, line in enumerate(given)
    ]


_HEAD_LABEL = re.compile(
    r"^(?:headline|title|heading|subject|標題|題目)\s*[:：]\s*(?=\S)", re.IGNORECASE
)


def _named_heads(given: list[Line]) -> list[Line]:
    """ "Headline: ..." is a headline without the word, where a letter says so at least twice."""
    named = {n: found for n, line in enumerate(given) if (found := _HEAD_LABEL.match(line.text))}
    if len(named) < 2:
        return given
    out = list(given)
    for n, found in named.items():
        line, cut = given[n], found.end()
        links = tuple(
            Anchor(a.url, max(0, a.start - cut), a.end - cut) for a in line.links if a.end > cut
        )
        out[n] = replace(line, text=line.text[cut:], lead=0, links=links, strong=True)
    return out


_FIGURES = re.compile(r"(?<![\d./-])(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})(?![\d./-])")


def _told_apart(given: list[Line], issue: When | None) -> list[Line]:
    """Dates like 3/4/2019 rewritten as ISO days where the letter itself tells day from month.

    A letter is written by one hand: 21/4/2019 elsewhere in it says that the day stands first. Where
    no such date is there, the issue's month does, if it fits one order alone for every date. Where
    both orders occur, or neither is said, they stay as they are and are no dates.
    """
    found = [
        (int(m[1]), int(m[3]), _year(m[4]))
        for line in given
        if len(line.text) < 400
        for m in _FIGURES.finditer(line.text)
    ]
    # with points the day always stands first: 04.05.2020
    dotted = any(
        m[2] == "." for line in given if len(line.text) < 400 for m in _FIGURES.finditer(line.text)
    )
    day_first = dotted or any(one > 12 >= other > 0 for one, other, _ in found)
    month_first = any(other > 12 >= one > 0 for one, other, _ in found)
    if issue is not None and len(issue.value) >= 7 and day_first == month_first:
        if day_first:
            return given
        at = int(issue.value[:4]) * 12 + int(issue.value[5:7])
        day_first = all(0 <= at - (y * 12 + other) <= 1 for _, other, y in found)
        month_first = all(0 <= at - (y * 12 + one) <= 1 for one, _, y in found)
    if not found or day_first == month_first:
        return given

    def as_iso(match: re.Match[str]) -> str:
        day, month = (match[1], match[3]) if day_first else (match[3], match[1])
        if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
            return match[0]
        return f"{_year(match[4])}-{int(month):02}-{int(day):02}"

    out = []
    for line in given:
        single = len(line.text) < 400 and len(_FIGURES.findall(line.text)) == 1
        text = _FIGURES.sub(as_iso, line.text) if single else line.text
        first = _FIGURES.match(line.text.lstrip("[( "))
        if text == line.text or not (
            first or details.details(text) or labels.label(text) or details.details_at_end(text)
        ):
            out.append(line)
            continue
        match = _FIGURES.search(line.text)
        assert match is not None  # `single` counted it
        more = len(text) - len(line.text)
        links = tuple(
            Anchor(
                a.url,
                a.start + more * (a.start >= match.end()),
                a.end + more * (a.end >= match.end()),
            )
            for a in line.links
        )
        both = int(match[1]) <= 12 and int(match[3]) <= 12 and match[1] != match[3]
        out.append(replace(line, text=text, links=links, order_told=both))
    return out


def _year(figures: str) -> int:
    """Two figures mean 2000 to 2099, as in `dates.typed`."""
    return int(figures) + (2000 if len(figures) == 2 else 0)


def _dated(line: Line, issue: When | None) -> Line:
    """A date without a year, in a line of details, with the year of the issue it stands in."""
    if issue is None or len(issue.value) < 7:
        return line
    found = list(details.DAY_MONTH.finditer(line.text))
    bracketed = bool(found) and re.fullmatch(r"\s*[)）\]]\s*\.?\s*", line.text[found[-1].end() :])
    if len(line.text) > 200 and not bracketed:
        return line
    known = labels.label(line.text)
    if (
        not found
        or details.details(line.text)
        or (known and known.date and details.date(known.date))
    ):
        return line
    match = found[-1]
    day = details.in_issue(match[0], issue)
    if day is None:
        return line
    at, year = match.end(), day.value[:4]
    text = f"{line.text[:at]} {year}{line.text[at:]}"
    labelled = labels.label(text)
    ended = details.details_at_end(text) if line.linked > 0 or line.strong or bracketed else None
    whole = labelled is not None and bool(labelled.date)
    if not (whole or details.details(text) or ended):
        return line
    more = len(text) - len(line.text)
    links = tuple(
        Anchor(a.url, a.start + more * (a.start >= at), a.end + more * (a.end > at))
        for a in line.links
    )
    return replace(line, text=text, links=links, year_added=True)


def _plain(line: Line) -> Line:
    picture = _PICTURE.match(line.text)
    if picture:
        return replace(line, text=_AT_SOURCE.sub("", picture[1]).strip(), caption=True)
    if _AT_SOURCE.search(line.text):
        line = replace(line, text=_AT_SOURCE.sub("", line.text).strip())
    boxed = re.fullmatch(r"[【〔]\s*([^【】〔〕]{2,100}?)\s*[】〕]", line.text)
    if boxed and not line.links:
        return replace(line, text=boxed[1], strong=True)
    match = _DECORATED.match(line.text)
    if match and len(line.text) < 120 and not line.links:
        return replace(line, text=match[2].strip(), level=line.level or 2)
    return line


def _joined(given: list[Line]) -> Iterator[Line]:
    """A label alone on its line ("Date:") goes with the value on the next."""
    number = 0
    while number < len(given):
        line = given[number]
        after = given[number + 1] if number + 1 < len(given) else None
        if (
            after is not None
            and after.text
            and len(after.text) < 120
            and not line.links
            and labels.BARE.match(line.text)
            and (
                line.text.rstrip()[-1] in ":："
                or not (line.strong or line.level or line.text.isupper())
            )
            and not labels.label(after.text)
        ):
            head = line.text.rstrip(" :：") + ": "
            links = tuple(
                Anchor(a.url, a.start + len(head), a.end + len(head)) for a in after.links
            )
            yield replace(line, text=head + after.text, links=links, strong=False, level=0)
            number += 2
            continue
        yield line
        number += 1
