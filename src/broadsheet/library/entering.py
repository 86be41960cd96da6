"""A new edition of the TIP Report from a CSV file: read, compared with the table, kept, taken back."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.library import tip
from broadsheet.library.models import Tier
from broadsheet.people import doors
from broadsheet.people.models import Editor

FIRST = 2001  # the year of the first report
MOST_ROWS = 500  # there are about 190 places in an edition
# How people write a tier -> how the table keeps it.
_WRITTEN = {
    "1": "1", "tier 1": "1", "t1": "1",
    "2": "2", "tier 2": "2", "t2": "2",
    "2wl": "2WL", "2w": "2WL", "2 wl": "2WL", "tier 2wl": "2WL", "tier 2 wl": "2WL", "watch list": "2WL",
    "tier 2 watch list": "2WL", "tier 2 watchlist": "2WL", "2 watch list": "2WL", "watchlist": "2WL",
    "3": "3", "tier 3": "3", "t3": "3",
    "sc": "SC", "special case": "SC", "special cases": "SC",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it would be kept. `was`: the tier that the table has for that year already."""

    iso3: str
    country: str
    tier: str
    was: str | None

    @property
    def label(self) -> str:
        return str(tip.LABELS[self.tier])

    @property
    def label_was(self) -> str:
        return str(tip.LABELS[self.was]) if self.was else ""


@dataclass(frozen=True, slots=True)
class Entered:
    """What a file says of an edition."""

    year: int
    rows: tuple[Row, ...]
    troubles: tuple[str, ...]  # a sentence for each line that was not understood

    @property
    def fresh(self) -> list[Row]:
        return [row for row in self.rows if row.was is None]

    @property
    def differing(self) -> list[Row]:
        return [row for row in self.rows if row.was not in (None, row.tier)]

    @property
    def same(self) -> list[Row]:
        return [row for row in self.rows if row.was == row.tier]


def read(text: str, year: int) -> Entered:
    """Read lines of country and tier: with a heading line (`country` or `iso3`, and `tier`) or without.

    Comma, semicolon or tab. A country is named by its three letters or its name. Lines that cannot be
    understood become `troubles`; nothing is kept here.
    """
    known = tip.countries()
    names = dict(known)
    kept = {tip.code(row.iso3): row.tier for row in Tier.objects.filter(year=year)}
    lines = [line for line in text.lstrip("\ufeff").splitlines() if line.strip()]
    between = _between(lines[0]) if lines else ","
    rows: dict[str, Row] = {}
    troubles: list[str] = []
    if len(lines) > MOST_ROWS:
        troubles.append(
            _("There are %(n)d lines; an edition has about 190. Only the first %(most)d were read.")
            % {"n": len(lines), "most": MOST_ROWS}
        )
    at_place, at_tier, heading = _columns(lines[0] if lines else "", between)
    for number, cells in enumerate(
        csv.reader(io.StringIO("\n".join(lines[:MOST_ROWS])), delimiter=between), start=1
    ):
        if number == 1 and heading:
            continue
        if len(cells) <= max(at_place, at_tier):
            troubles.append(
                _("Line %(n)d has no country and tier: %(line)s")
                % {"n": number, "line": between.join(cells)[:80]}
            )
            continue
        iso3 = tip.called(cells[at_place], known)
        tier = _WRITTEN.get(" ".join(cells[at_tier].split()).casefold())
        if not iso3:
            troubles.append(
                _(
                    "Line %(n)d: no place is called “%(name)s” here. Write its three letters, such as HKG."
                )
                % {"n": number, "name": cells[at_place].strip()[:60]}
            )
        elif tier is None or (tier == "2WL" and year < 2004):
            troubles.append(
                _(
                    "Line %(n)d: “%(tier)s” is no tier of %(year)d. Write 1, 2, 2WL (since 2004), 3 or SC."
                )
                % {"n": number, "tier": cells[at_tier].strip()[:40], "year": year}
            )
        elif iso3 in rows and rows[iso3].tier != tier:
            troubles.append(
                _("Line %(n)d: %(country)s stands twice, with different tiers.")
                % {"n": number, "country": rows[iso3].country}
            )
        else:
            country = names.get(iso3) or cells[at_place].strip()
            rows[iso3] = Row(iso3, country, tier, kept.get(iso3))
    return Entered(year, tuple(rows.values()), tuple(troubles))


def _between(line: str) -> str:
    return max(",;\t", key=line.count)


def _columns(line: str, between: str) -> tuple[int, int, bool]:
    """Where place and tier stand, and whether the first line says so."""
    heads = [cell.strip().strip('"').casefold() for cell in line.split(between)]
    place = next((heads.index(h) for h in ("iso3", "country", "place", "name") if h in heads), None)
    tier = next((heads.index(h) for h in ("tier", "ranking") if h in heads), None)
    if place is None or tier is None:
        return 0, 1, False
    return place, tier, True


@transaction.atomic
def keep(
    given: Entered, source: str, editor: Editor | None, now: datetime, *, replace: bool = False
) -> int:
    """Keep the rows that are new, and with `replace` those that differ. How many were kept.

    `now` marks them, so that the entry can be taken back.
    """
    wanted = given.fresh + (given.differing if replace else [])
    for row in wanted:
        old = Tier.objects.filter(iso3=row.iso3, year=given.year).first()
        before = {"tier": old.tier, "status": old.status, "source": old.source} if old else None
        Tier.objects.update_or_create(
            iso3=row.iso3,
            year=given.year,
            defaults={
                "country": row.country,
                "tier": row.tier,
                "status": "entered",
                "source": source,
                "entered": now,
                "before": before,
            },
        )
    doors.note(editor, "entered tiers", f"TIP Report {given.year}, {len(wanted)} rows", now, source)
    return len(wanted)


@transaction.atomic
def take_back(year: int, entered: datetime, editor: Editor | None, now: datetime) -> int:
    """Undo an entry: its new rows go, those that it replaced say again what they said. How many."""
    rows = list(Tier.objects.select_for_update().filter(year=year, entered=entered))
    for row in rows:
        if row.before is None:
            row.delete()
            continue
        row.tier, row.status, row.source = (row.before[k] for k in ("tier", "status", "source"))
        row.entered, row.before = None, None
        row.save()
    doors.note(editor, "took tiers back", f"TIP Report {year}, {len(rows)} rows", now)
    return len(rows)


def entries() -> list[tuple[int, datetime, int]]:
    """What was entered at this desk: year, when, how many rows; the newest first. One query."""
    found: dict[tuple[int, datetime], int] = {}
    for year, entered in Tier.objects.exclude(entered=None).values_list("year", "entered"):
        if entered is not None:
            found[year, entered] = found.get((year, entered), 0) + 1
    return sorted(((y, at, n) for (y, at), n in found.items()), key=lambda e: e[1], reverse=True)
