"""The public pages of the TIP Report: an edition on a map and in a table, a country's line, the data."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from broadsheet.archive import pages, searching
from broadsheet.issues.models import Subject
from broadsheet.library import tip
from broadsheet.library.models import Tier
from broadsheet.library.tip import Direction
from broadsheet.press import chart, drawing
from broadsheet.press import map as maps
from broadsheet.wire import beat as beats

# Light to dark by tier, so that the order is seen without colours too; a Special Case is apart.
_COLOURS = {"1": "#d9e8d4", "2": "#9cc3d5", "2WL": "#4d86ad", "3": "#17324d", "SC": "#c9a0c9"}
_LEVELS = (*tip.ORDER, "SC")


def home() -> str:
    """The three letters of the desk's home place."""
    return tip.three(beats.load(settings.BEAT).home.iso2)


def _called(iso3: str, country: str) -> str:
    """A place in the language of the page: in English as the table has it."""
    iso2 = tip.two(iso3)
    if not iso2 or (get_language() or "en").startswith("en"):
        return country
    return pages.place_name(iso2)


def _spoken(edition: tip.Edition) -> tip.Edition:
    """The edition with its places in the language of the page."""
    places = (replace(one, country=_called(one.iso3, one.country)) for one in edition.places)
    return replace(edition, places=tuple(places))


def map_of(edition: tip.Edition) -> str:
    """The world by tier, as SVG."""
    return maps.world(
        {one.iso3: one.at.tier or "" for one in edition.places},
        [maps.Shade(key, str(tip.LABELS[key]), _COLOURS[key]) for key in _LEVELS],
        names={one.iso3: one.country for one in edition.places},
        title=_("Tiers of the TIP Report %(year)d on a map of the world") % {"year": edition.year},
        description=_("The table on this page says the same in words, place by place."),
        no_class=_("not in our table"),
        home=home(),
    )


def chart_of(country: str, years: Sequence[tip.Year]) -> str:
    """A country's line over the editions, as SVG."""
    levels = list(tip.ORDER) + (["SC"] if any(one.tier == "SC" for one in years) else [])
    points = [
        chart.Point(
            str(one.year),
            levels.index(one.tier) if one.tier else None,
            one.sure,
            f"{one.year}: {one.label or _('not in our table')}",
        )
        for one in years
    ]
    gaps = [str(one.year) for one in years if one.tier is None]
    description = _("From %(first)d to %(last)d.") % {
        "first": years[0].year,
        "last": years[-1].year,
    }
    if gaps:
        description += " " + _("Not in our table: %(years)s.") % {"years": ", ".join(gaps)}
    description += " " + _("The table below the chart says the same in words.")
    return chart.steps(
        points,
        [str(tip.LABELS[level]) for level in levels],
        title=_("%(country)s in the TIP Report, by edition") % {"country": country},
        description=description,
    )


def direction_words(one: tip.Year) -> str:
    """What an edition did to a tier, for a table's cell."""
    before = str(tip.LABELS[one.before]) if one.before else ""
    return {
        Direction.UP: _("up from %(tier)s"),
        Direction.DOWN: _("down from %(tier)s"),
        Direction.SAME: _("as the year before"),
        Direction.OTHER: _("was %(tier)s"),
        Direction.UNKNOWN: _("the year before is not in our table"),
    }[one.direction] % {"tier": before}


@pages.public
def edition(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """One edition, the newest unless a year is given: what changed, the map, the table."""
    counts = tip.editions()
    if year is not None and year not in counts:
        raise Http404
    chosen = year or max(counts, default=None)
    if chosen is None:
        return pages.page(request, "tip/none.html", here="tip")
    found = _spoken(tip.edition(chosen))
    tally = found.counts()
    ours = next((one for one in found.places if one.iso3 == home()), None)
    context: dict[str, Any] = {
        "here": "tip",
        "edition": found,
        "before": chosen - 1,
        "has_before": chosen - 1 in counts,
        "home_place": ours,
        "home_change": direction_words(ours.at) if ours else "",
        "map": map_of(found),
        "places": [(one, direction_words(one.at)) for one in found.places],
        "tally": [(tip.LABELS[key], tally[key]) for key in _LEVELS if tally[key]],
        "up": found.changed(Direction.UP),
        "down": found.changed(Direction.DOWN),
        "other": found.changed(Direction.OTHER),
        "same": len(found.changed(Direction.SAME)),
        "unknown": len(found.changed(Direction.UNKNOWN)),
        "years": [(when, n) for when, n in sorted(counts.items(), reverse=True)],
        "labels": tip.LABELS,
        "off_map": [one for one in found.places if not maps.known(one.iso3)],
    }
    return pages.page(request, "tip/edition.html", **context)


@pages.public
def country(request: HttpRequest, iso3: str) -> HttpResponse:
    """A country's line over the years."""
    years = tip.line(iso3)
    if not years:
        raise Http404
    called = _called(iso3, tip.name(iso3))
    gaps = [one.year for one in years if one.tier is None]
    length = tip.run(years)
    context: dict[str, Any] = {
        "here": "tip",
        "iso3": tip.code(iso3),
        "country": called,
        "years": [(one, direction_words(one) if one.tier else "") for one in reversed(years)],
        "now": next(one for one in reversed(years) if one.tier),
        "newest": years[-1].year,
        "first": years[0].year,
        "gaps": gaps,
        "chart": chart_of(called, years),
        "run": length,
        "watched": length if years[-1].tier == "2WL" else 0,
        "place": _printed_of(iso3),
    }
    return pages.page(request, "tip/country.html", **context)


def _printed_of(iso3: str) -> dict[str, Any] | None:
    """The page of what the issues printed on a place; None where they printed nothing. One query."""
    one = Subject.objects.filter(axis=Subject.Axis.PLACE, value=tip.two(iso3)).first()
    return {"url": searching.subject_address(one), "items": one.items} if one else None


@pages.public
def countries(request: HttpRequest) -> HttpResponse:
    """All places of the table, by name."""
    places = [(iso3, _called(iso3, name)) for iso3, name in tip.countries()]
    return pages.page(request, "tip/countries.html", here="tip", places=places)


@pages.public
def map_png(request: HttpRequest, year: int) -> HttpResponse:
    """The map as PNG, for a mail."""
    if year not in tip.editions():
        raise Http404
    return HttpResponse(drawing.png(map_of(_spoken(tip.edition(year)))), content_type="image/png")


@pages.public
def line_png(request: HttpRequest, iso3: str) -> HttpResponse:
    """A country's line as PNG, for a mail."""
    years = tip.line(iso3)
    if not years:
        raise Http404
    made = drawing.png(chart_of(_called(iso3, tip.name(iso3)), years))
    return HttpResponse(made, content_type="image/png")


COLUMNS = ("iso3", "country", "year", "tier", "status", "source")


@pages.public
def data_csv(request: HttpRequest) -> HttpResponse:
    """The whole table as CSV, in the columns of the beat's own file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(Tier.objects.order_by("iso3", "year").values_list(*COLUMNS))
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="tip-tiers.csv"'
    return answer


@pages.public
def data_json(request: HttpRequest) -> JsonResponse:
    """The whole table as JSON."""
    rows = list(Tier.objects.order_by("iso3", "year").values(*COLUMNS))
    return JsonResponse({"schema": 1, "tiers": rows})
