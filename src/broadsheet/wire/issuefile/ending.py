"""Where an issue ends and the sender's farewell, address and small print begin."""

from __future__ import annotations

import re

from broadsheet.wire.issuefile import furniture
from broadsheet.wire.issuefile.letter import CONTENT, Letter, Role

# Lines at most from "Kind regards," to the end of a letter: a signature and small print.
FAREWELL = 25
_ABOVE_FOOT = (Role.PARA, Role.TITLE, Role.SECTION, Role.SMALL, Role.RULE)


def end(letter: Letter) -> int:
    """The number of the first line that belongs to no item any more; the count of lines where none is."""
    headlines = [n for n, role in enumerate(letter.roles) if role is Role.HEADLINE]
    last = headlines[-1] if headlines else 0
    closed = _closing_link(letter, headlines)
    for number in range(last + 1, len(letter.lines)):
        text = letter.lines[number].text
        told = any(role is Role.PARA for role in letter.roles[last + 1 : number])
        if furniture.is_imprint(text) and told and headlines:
            return number
        if (
            told
            and headlines
            and letter.roles[number] in _ABOVE_FOOT
            and furniture.is_closing(text)
        ):
            return number
        if furniture.is_farewell(text) and len(letter.lines) - number <= FAREWELL:
            return number
        if letter.roles[number] is Role.SMALL and furniture.is_foot(text):
            return _with_sender(letter, _told(letter, last), number)
        if (
            letter.roles[number] is Role.RULE
            and headlines
            and _parts_off(letter, headlines, number)
        ):
            return number
        if (
            number - 1 == closed
            and letter.roles[number] in _ABOVE_FOOT
            and letter.lines[number].text
        ):
            return number
        if _set_otherwise(letter, headlines, number):
            return number
    return len(letter.lines)


def _closing_link(letter: Letter, headlines: list[int]) -> int:
    """The link that ends the last item, in a letter where a link ends the others; -1 in any other."""
    links = (Role.ACCESS, Role.ADDRESS)
    ends = [_last_above(letter, n) for n in headlines[1:]]
    if len(ends) < 2 or sum(end in links for end in ends) < 0.75 * len(ends):
        return -1
    below = [n for n in range(headlines[-1], len(letter.lines)) if letter.roles[n] in links]
    return below[-1] if below else -1


def _last_above(letter: Letter, number: int) -> Role | None:
    """The role of the last line above a headline, over the headings of its part."""
    at = letter.around(number, -1)
    while at is not None and letter.roles[at] is Role.SECTION:
        at = letter.around(at, -1)
    return letter.roles[at] if at is not None else None


def _set_otherwise(letter: Letter, headlines: list[int], number: int) -> bool:
    """Whether a paragraph below the last item is none of it: all that follows is set unlike any text above.

    It is smaller, or in italics, and the item has its own text or link above it.
    """
    line = letter.lines[number]
    if letter.source.typed or len(headlines) < 2 or letter.roles[number] not in _ABOVE_FOOT:
        return False
    if not line.text or line.level or not (line.italic or letter.small(line)):
        return False
    told = [n for n in range(headlines[-1] + 1, number) if letter.roles[n] in CONTENT]
    looks = {
        (one.italic, one.size)
        for n, one in enumerate(letter.lines[:number])
        if n > headlines[0] and letter.roles[n] in CONTENT and one.text
    }
    rest = [n for n in range(number, len(letter.lines)) if letter.lines[n].text]
    return (
        bool(told)
        and (line.italic, line.size) not in looks
        and all(letter.roles[n] in _ABOVE_FOOT for n in rest)
    )


def _told(letter: Letter, last: int) -> int:
    """The first line of text of the last item: however short, it is no address."""
    at = last
    while letter.role_around(at, +1) is Role.META:
        at = letter.around(at, +1) or at
    below = letter.around(at, +1)
    return below if below is not None and letter.roles[below] is Role.PARA else last


def _with_sender(letter: Letter, last: int, number: int) -> int:
    """The sender's name and address stand above the small print, in lines that are no sentences."""
    at = number
    while at - 1 > last and letter.roles[at - 1] in _ABOVE_FOOT:
        line = letter.lines[at - 1]
        if line.words > 14 or re.search(r"[.!?。]$", line.text.rstrip()):
            break
        at -= 1
    return at


def _parts_off(letter: Letter, headlines: list[int], number: int) -> bool:
    """Whether a rule below the last item's text parts the closing words from it.

    It does where all other rules between items stand above a heading or a picture: in this letter a
    rule never stands inside an item.
    """
    told = sum(letter.roles[n] in CONTENT for n in range(headlines[-1] + 1, number))
    rules = [n for n in range(headlines[0], headlines[-1]) if letter.roles[n] is Role.RULE]
    between = all(letter.role_around(n, +1) in (Role.HEADLINE, Role.SECTION) for n in rules)
    return told > 0 and between and letter.role_around(number, +1) is Role.PARA
