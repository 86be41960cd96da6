"""The month and the years in pictures: what the issues printed, counted; charts with their tables."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from broadsheet.archive import pages
from broadsheet.issues import figures
from broadsheet.news.figures import Counts, Table, laid_out, readable
from broadsheet.press import chart, dates, drawing, spreadsheet
from broadsheet.wire import beat as beats
from broadsheet.wire.dates import Precision, When

ALL = "all"
_PERIOD = re.compile(r"all|\d{4}|\d{4}-(?:0[1-9]|1[0-2])")


@pages.public
def page(request: HttpRequest, period: str = ALL) -> HttpResponse:
    """A period's coverage: all, a year, or a month."""
    counts = _counts(period)
    found = [readable(table) for table in _tables(period, counts)]
    months = figures.months()
    years = sorted({month[:4] for month in months}, reverse=True)
    shown = [(table, draw(table, said(period)), table.rows) for table in found]
    context: dict[str, Any] = {
        "here": "figures",
        "period": period,
        "said": said(period),
        "tables": shown,
        "items": counts["month"].total(),
        "years": years,
        "months": [(month, said(month)) for month in _near(months, period)],
    }
    return pages.page(request, "figures/page.html", **context)


def _near(months: list[str], period: str) -> list[str]:
    """The months that are offered: those of the year, and of all where they are a year's."""
    if period == ALL:
        return months if len(months) <= 12 else []
    return [month for month in months if month[:4] == period[:4]]


@pages.public
def picture(request: HttpRequest, period: str, axis: str) -> HttpResponse:
    """One chart as PNG, for a mail."""
    table = next((one for one in map(readable, _tables(period)) if one.key == axis), None)
    if table is None:
        raise Http404
    return HttpResponse(drawing.png(draw(table, said(period))), content_type="image/png")


@pages.public
def data_csv(request: HttpRequest, period: str) -> HttpResponse:
    """All tables of a period as one CSV."""
    answer = HttpResponse(as_csv(_tables(period)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="coverage-{period}.csv"'
    return answer


@pages.public
def data_json(request: HttpRequest, period: str) -> JsonResponse:
    """All tables of a period as JSON."""
    return JsonResponse(
        {"schema": 1, "counted": "coverage", "period": period, "tables": as_json(_tables(period))}
    )


def draw(table: Table, period: str) -> str:
    """A table as a chart: columns over time, else lying bars."""
    rows = [(row.label, row.count) for row in table.rows]
    title = f"{table.title}, {period}"
    description = _(
        "Items of coverage, not events. The table beside the chart has the same figures."
    )
    make = chart.columns if table.key in ("month", "year") else chart.bars
    return make(rows, title=title, description=description)


def as_csv(found: list[Table]) -> str:
    rows = [(table.key, row.key, row.label, row.count) for table in found for row in table.rows]
    return "".join(map(spreadsheet.line, [("table", "key", "label", "items"), *rows]))


def as_json(found: list[Table]) -> list[dict[str, object]]:
    return [
        {
            "key": table.key,
            "title": table.title,
            "rows": [{"key": r.key, "label": r.label, "items": r.count} for r in table.rows],
        }
        for table in found
    ]


def said(period: str) -> str:
    """ "2019-06" in words: "June 2019"."""
    if period == ALL:
        return _("all issues")
    precision = Precision.MONTH if len(period) == 7 else Precision.YEAR
    return dates.words(When(period, precision), get_language() or "en")


def _prefix(period: str) -> str:
    return "" if period == ALL else period


def _counts(period: str) -> Counts:
    if not _PERIOD.fullmatch(period):
        raise Http404
    counts = figures.published(_prefix(period))
    if not counts["month"] and period != ALL:
        raise Http404
    return counts


def _tables(period: str, counts: Counts | None = None) -> list[Table]:
    beat = beats.load(settings.BEAT)
    return laid_out(counts or _counts(period), beat, months=len(period) != 7)
