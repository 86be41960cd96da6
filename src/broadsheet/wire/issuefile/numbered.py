"""Typed headings that their author numbered: "1) FROM OUR PORTS", "2.1 Annual report laid".

Numbers are to a typed letter what weight and size are to a page. A run of numbers that counts up marks
headings; where numbers have two places, those with one place head the parts.
"""

from __future__ import annotations

import re
from dataclasses import replace

from broadsheet.wire.issuefile.lines import Line

_NUMBER = re.compile(
    r"^(?P<one>\d{1,2})(?:[.)]|\.(?P<two>\d{1,2})[.)]?)\s+(?=[^\W\d_a-zß-ÿ]|[“\"'‘«])"
)
WORDS = 22  # at most of a heading


def as_headings(given: list[Line]) -> list[Line]:
    """The lines, where those whose numbers count up stand apart as headings of two levels."""
    ones: list[tuple[int, int]] = []
    twos: list[int] = []
    for number, line in enumerate(given):
        match = _NUMBER.match(line.text) if line.gap and line.words <= WORDS else None
        if not match or line.level or line.text.endswith((".", ";", ",")):
            continue
        if match["two"]:
            twos.append(number)
        else:
            ones.append((number, int(match["one"])))
    counted = _counting(ones)
    if len(counted) < 2:
        return given
    levels = dict.fromkeys(counted, 2) | dict.fromkeys(twos, 3)
    return [replace(x, level=levels[n]) if n in levels else x for n, x in enumerate(given)]


def _counting(found: list[tuple[int, int]]) -> list[int]:
    """The lines whose numbers count up by one from the first, which is 1 or follows none."""
    out: list[int] = []
    due = 1
    for number, figure in found:
        if figure == due:
            out.append(number)
            due += 1
    return out
