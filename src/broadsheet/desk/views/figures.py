"""The month and the years in pictures at the desk: what was collected, counted."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from broadsheet.desk import access, shown
from broadsheet.news import figures
from broadsheet.press import chart


@access.reads
def page(request: HttpRequest) -> HttpResponse:
    """Relevant stories of a month, or of all months."""
    months = figures.months()
    month = request.GET.get("month", "")
    if month not in months:
        month = ""
    items = figures.stories(month)
    said = shown.month(month) if month else _("all months")
    made = figures.tables(items, shown.beat(), months=not month)
    tables = [(table, _drawn(table, said)) for table in map(figures.readable, made) if table.rows]
    context = {
        "here": "library",
        "month": month,
        "said": said,
        "months": [(one, shown.month(one)) for one in months],
        "tables": tables,
        "stories": len(items),
    }
    return render(request, "desk/library/figures.html", context)


def _drawn(table: figures.Table, said: str) -> str:
    make = chart.columns if table.key in ("month", "year") else chart.bars
    return mark_safe(  # noqa: S308 -- the press escapes every word in it
        make(
            [(row.label, row.count) for row in table.rows],
            title=f"{table.title}, {said}",
            description=_("The table beside the chart has the same figures."),
        )
    )
