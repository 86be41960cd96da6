"""The issue's title and date and the newsletter's name: from its first lines, else from its file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from broadsheet.wire.dates import MONTH, Precision, When
from broadsheet.wire.issuefile import details, headings, labels, masthead, normal
from broadsheet.wire.issuefile.letter import Letter, Role
from broadsheet.wire.issuefile.lines import Source

_SENTENCE = re.compile(r"\b\w{2,}[.!?]['’”\"]?\s|[。！？]")


@dataclass(frozen=True, slots=True)
class Name:
    """How an issue is called. Each is empty or None where neither the letter nor its file says it."""

    title: str
    date: When | None
    newsletter: str


def month_before_reading(source: Source) -> When | None:
    """The month of the issue as its first lines, its title or its file state it, before roles are known."""
    lines = normal.title_with_year(source.lines[:10])
    heads = [line.text for line in lines if 0 < line.words <= 14]
    for words in (*heads, source.title):
        when = details.month_in(words) or details.month_and_year(words)
        if when and not labels.label(words):
            return when
    return details.date(source.published) if source.published else None


def name(letter: Letter) -> Name:
    """Find the issue's name, and give the lines that say it their roles."""
    heads = _heads(letter)
    newsletter = letter.source.newsletter
    for n in heads:
        text = letter.lines[n].text
        stated = details.month_in(text) or details.month_and_year(text) or masthead.season_in(text)
        number = masthead.year_of_number(text)
        if (stated or number) and not _heads_an_item(letter, n):
            title = _titled(letter, n)
            when = _more_exact(letter, stated or number, heads[heads.index(n) + 1 :]) or stated
            letter.roles[n] = Role.ISSUE
            for before in heads:
                if before < n and not headings.is_section(letter.lines[before].text):
                    letter.roles[before] = Role.MASTHEAD
                    newsletter = newsletter or letter.lines[before].text
            found = Name(title, when, newsletter)
            break
    else:
        found = _from_file(letter, heads)
    if not found.newsletter and details.month_in(found.title):
        return Name(found.title, found.date, _without_date(found.title))
    return found


def _more_exact(letter: Letter, when: When | None, below: list[int]) -> When | None:
    """The month or day of a year, where the page, the lines below, the title or the file's date say it.

    None where a year stays a year: an issue's number names no date by itself.
    """
    if when is None or when.precision is not Precision.YEAR:
        return when
    said = [letter.lines[n].text for n in below]
    if not masthead.season_in(when.raw):  # a number says nothing of when: the first days do
        said += [line.text for line in letter.lines[:5] if line.words <= 16]
    found = [letter.posted, *(details.month_in(words) for words in (*said, letter.source.title))]
    found.append(details.date(letter.source.published) if letter.source.published else None)
    exact = (one for one in found if one and one.precision is not Precision.YEAR)
    return next((one for one in exact if one.value.startswith(when.value)), None)


def _titled(letter: Letter, number: int) -> str:
    """The line that names the issue: the dated one, or the title above it where that is a day and no more."""
    if number in letter.used and Role.ISSUE in letter.roles[:number]:
        day = details.date(letter.lines[number].text)
        if day and day.precision is Precision.DAY:
            return letter.lines[letter.roles.index(Role.ISSUE)].text
    return letter.lines[number].text


def _heads(letter: Letter) -> list[int]:
    """The short lines at the top, before the first details or running text.

    A mail's first line is often its preview: one long line does not end the head.
    """
    start = next(
        (
            n
            for n, role in enumerate(letter.roles)
            if role in (Role.META, Role.ACCESS)
            or (role is Role.PARA and letter.lines[n].words > 25 and n > 2)
        ),
        len(letter.roles),
    )
    kinds = (Role.TITLE, Role.HEADLINE, Role.SECTION, Role.PARA, Role.ISSUE, Role.MASTHEAD)
    return [
        n
        for n in range(min(start, 12, len(letter.roles)))
        if letter.roles[n] in kinds and letter.lines[n].words <= 14
    ]


def _heads_an_item(letter: Letter, number: int) -> bool:
    """Whether a dated line at the top belongs to an item: details follow, or it is a text with its outlet."""
    text = letter.lines[number].text
    alone = details.date(text)
    follows = letter.role_around(number, +1) is Role.META
    if alone and alone.precision is Precision.MONTH:
        follows = False  # a month by itself is no headline
    return follows or bool(_SENTENCE.search(text) and details.details_at_end(text))


def _from_file(letter: Letter, heads: list[int]) -> Name:
    title = letter.source.title
    first = heads[0] if heads else None
    headed = first is not None and (
        letter.lines[first].level == 1
        or (
            not title
            and bool(letter.lines[first].level)
            and masthead.is_issue(letter.lines[first].text)
        )
    )
    if first is not None and headed and letter.role_around(first, +1) is not Role.META:
        title = letter.lines[first].text
        letter.roles[first] = Role.ISSUE
    date = details.month_in(title) or details.month_in(letter.source.title)
    if date is None and letter.source.published:
        date = details.date(letter.source.published)
    if date is None and letter.posted is None:
        top = (line.text for line in letter.lines[:5] if line.words <= 16)
        date = next((when for when in map(details.month_in, top) if when), None)
    return Name(title, date or letter.posted, letter.source.newsletter)


def _without_date(title: str) -> str:
    """What is left of "The Harbour Letter – June 2019" without its date; empty where nothing is."""
    left = re.sub(details.DATE, "", title, flags=re.IGNORECASE)
    left = re.sub(
        r"(?i)\b(?:issue|vol(?:ume)?|no|number|nr)\b\.?\s*#?\d+|\b(?:the )?week of\b.*$|#\d+",
        "",
        left,
    )
    left = re.sub(r"(?i)[\s,:;|–—-]*\d{1,2}(?:st|nd|rd|th)?\s*(?:to|-|–|and|&)?\s*$", "", left)
    left = left.strip(" \t,:;|–—-()[]·•/")
    enough = sum(char.isalpha() for char in left) > 2
    return left if enough and not re.fullmatch(MONTH, left, re.IGNORECASE) else ""
