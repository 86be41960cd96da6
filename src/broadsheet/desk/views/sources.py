"""Where the news comes from, and how that goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from broadsheet.desk import access
from broadsheet.news import collecting, queries
from broadsheet.news.models import Source


@dataclass(frozen=True, slots=True)
class Row:
    """A source, how each of its feeds is, and when one last brought something."""

    source: Source
    healths: list[collecting.Health]
    last: datetime | None
    troubled: bool


@access.reads
def sources(request: HttpRequest) -> HttpResponse:
    healths: dict[int, list[collecting.Health]] = {}
    for one in collecting.healths(timezone.now()):
        healths.setdefault(one.feed.source_id, []).append(one)
    rows = []
    for source in queries.sources():
        feeds = source.feeds.all()
        last = max((f.last_success for f in feeds if f.last_success), default=None)
        rows.append(Row(source, healths.get(source.pk, []), last, any(f.problem for f in feeds)))
    # What has a problem stands first: that is what the editor came for.
    rows.sort(key=lambda row: (not row.troubled, str(row.source).lower()))
    return render(
        request,
        "desk/sources.html",
        {
            "here": "sources",
            "rows": rows,
            "troubled": sum(row.troubled for row in rows),
            "failures": queries.failures(50),
        },
    )
