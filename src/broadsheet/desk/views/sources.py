"""Where the news comes from, and how that goes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from broadsheet.desk import access
from broadsheet.news import queries


@access.reads
def sources(request: HttpRequest) -> HttpResponse:
    found = list(queries.sources())
    rows = [
        {
            "source": source,
            "feeds": list(source.feeds.all()),
            "last": max(
                (f.last_success for f in source.feeds.all() if f.last_success), default=None
            ),
            "problems": [f for f in source.feeds.all() if f.problem],
        }
        for source in found
    ]
    # What has a problem stands first: that is what the editor came for.
    rows.sort(key=lambda row: (not row["problems"], str(row["source"]).lower()))
    return render(
        request,
        "desk/sources.html",
        {
            "here": "sources",
            "rows": rows,
            "troubled": sum(bool(row["problems"]) for row in rows),
            "failures": queries.failures(50),
        },
    )
