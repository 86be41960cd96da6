"""Dates in a sentence, resolved against the day of publication in the outlet's own zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_SHORT = {name[:3]: number for number, name in enumerate(_MONTHS, start=1)} | {"sept": 9}
_MONTH = r"(?:" + "|".join(_MONTHS) + r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?"
_DATE = re.compile(
    rf"\bbetween\s(?P<y1>(?:19|20)\d\d)\sand\s(?P<y2>(?:19|20)\d\d)\b"
    rf"|\bfrom\s(?P<y3>(?:19|20)\d\d)\s(?:to|until)\s(?P<y4>(?:19|20)\d\d)\b"
    rf"|\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<m1>{_MONTH})(?:,?\s(?P<y5>(?:19|20)\d\d))?\b"
    rf"|\b(?P<m2>{_MONTH})\s(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s(?P<y6>(?:19|20)\d\d))?\b"
    rf"|\bin\s(?P<m3>{_MONTH})(?:\s(?P<y7>(?:19|20)\d\d))?\b"
    rf"|\b(?P<last>last|this|next)\s(?P<what>week|month|year|(?:{'|'.join(_DAYS)}))\b"
    rf"|\b(?:on\s|late\s|early\s)?(?P<day>{'|'.join(_DAYS)})\b"
    r"|\b(?P<rel>yesterday|today|earlier today|this morning|tonight|last night)\b"
    r"|\b(?P<ago>the year before|the previous year|a year earlier)\b"
    r"|\b(?:in|during|since|for|of)\s(?P<year>(?:19|20)\d\d)\b(?!\s?[-\u2013])",
    re.IGNORECASE,
)
# "may" is a month only with a day or a year, or in capitals after "in".
_MAY = re.compile(r"\bmay\b")


@dataclass(frozen=True, slots=True)
class Stated:
    """A date as the sentence has it: `start` and `end` in the sentence; see facts.yaml, date."""

    start: int
    end: int
    first: date | None
    last: date | None
    precision: str  # day, week, month, year
    basis: str  # stated, resolved_from_weekday, resolved_from_relative
    years: tuple[int, int] | None = None  # a span of years

    def plain(self) -> dict[str, Any]:
        if self.years:
            return {
                "from": str(self.years[0]),
                "to": str(self.years[1]),
                "precision": "year",
                "basis": self.basis,
            }
        assert self.first is not None
        made: dict[str, Any] = {"from": self.first.isoformat()}
        if self.last is not None and self.last != self.first:
            made["to"] = self.last.isoformat()
        return made | {"precision": self.precision, "basis": self.basis}


def find(sentence: str, published: date | None, month: str = "") -> list[Stated]:
    """The dates of a sentence. What needs a day of publication is left out where there is none.

    `month` is the month of publication ("2019-06") where no day is known: it gives "20 June" its year.
    """
    found = []
    for match in _DATE.finditer(sentence):
        made = _read(match, published, month)
        if made is not None:
            found.append(made)
    return found


def _read(match: re.Match[str], published: date | None, month: str) -> Stated | None:
    start, end = match.span()
    g = match.groupdict()

    def stated(first: date, last: date, precision: str, basis: str) -> Stated:
        return Stated(start, end, first, last, precision, basis)

    for low, high in (("y1", "y2"), ("y3", "y4")):
        if g[low]:
            return Stated(start, end, None, None, "year", "stated", (int(g[low]), int(g[high])))
    for d, m, y in (("d1", "m1", "y5"), ("d2", "m2", "y6")):
        if g[d]:
            if g[m].lower() == "may" and g[m] == "may":
                return None
            year = g[y]
            if year is None and published is None and month[5:7] == f"{_month(g[m]):02}":
                year = month[:4]
            day = _day(int(g[d]), _month(g[m]), year, published)
            return stated(day, day, "day", "stated") if day else None
    if g["m3"]:
        if g["m3"] == "may":
            return None
        return _whole_month(start, end, _month(g["m3"]), g["y7"], published)
    if g["year"]:
        alone = int(g["year"])
        return stated(date(alone, 1, 1), date(alone, 12, 31), "year", "stated")
    if published is None:
        return None
    if g["rel"]:
        back = 1 if g["rel"].lower() in ("yesterday", "last night") else 0
        day = published - timedelta(days=back)
        return stated(day, day, "day", "resolved_from_relative")
    if g["last"]:
        return _relative(start, end, g["last"].lower(), g["what"].lower(), published)
    if g["day"]:
        day = _weekday(g["day"].lower(), published)
        return stated(day, day, "day", "resolved_from_weekday")
    return None


def _relative(start: int, end: int, which: str, what: str, published: date) -> Stated | None:
    if which == "next":
        return None
    if what in _DAYS:
        # "last Friday" may mean either of two; the latest Friday before the day of publication.
        day = _weekday(what, published - timedelta(days=1 if which == "last" else 0))
        return Stated(start, end, day, day, "day", "resolved_from_weekday")
    back = which == "last"
    if what == "week":
        monday = published - timedelta(days=published.weekday() + (7 if back else 0))
        return Stated(
            start, end, monday, monday + timedelta(days=6), "week", "resolved_from_relative"
        )
    if what == "year":
        year = published.year - back
        return Stated(
            start, end, date(year, 1, 1), date(year, 12, 31), "year", "resolved_from_relative"
        )
    first = published.replace(day=1)
    if back:
        first = (first - timedelta(days=1)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return Stated(start, end, first, last, "month", "resolved_from_relative")


def _weekday(name: str, published: date) -> date:
    """The latest such day not after the day of publication (facts.yaml, value_rules.date)."""
    return published - timedelta(days=(published.weekday() - _DAYS.index(name)) % 7)


def _month(name: str) -> int:
    plain = name.lower().rstrip(".")
    return _SHORT[plain] if plain in _SHORT else _MONTHS.index(plain) + 1


def _day(day: int, month: int, year: str | None, published: date | None) -> date | None:
    """A day; without a year the latest one not after the day of publication."""
    try:
        if year:
            return date(int(year), month, day)
        if published is None:
            return None
        here = date(published.year, month, day)
        return here if here <= published else date(published.year - 1, month, day)
    except ValueError:
        return None


def _whole_month(
    start: int, end: int, month: int, year: str | None, published: date | None
) -> Stated | None:
    if year:
        first = date(int(year), month, 1)
    elif published is None:
        return None
    else:
        first = date(published.year, month, 1)
        if first > published:
            first = date(published.year - 1, month, 1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return Stated(start, end, first, last, "month", "stated")
