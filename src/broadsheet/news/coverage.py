"""What the sources cover, and how they are: asked of the rows, never written.

Beside it stands `wire.collect.health`, which says of one feed in words what it did.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce

from broadsheet.news import fares
from broadsheet.news.models import Article, Feed, Source
from broadsheet.wire import dates
from broadsheet.wire.collect import health


@dataclass(frozen=True, slots=True)
class Covered:
    """What of a month a source's articles cover: first and last day, and the days without any."""

    source: Source
    first: str = ""
    last: str = ""
    articles: int = 0
    silent: int = 0


def covered(month: str) -> list[Covered]:
    """How far each source covers a month, the emptiest first. Two queries.

    The month is the desk's own: a day that is still the one before where the article was printed
    counts as the month's first.
    """
    days: dict[int, set[str]] = {}
    count: dict[int, int] = {}
    first = dates.first_day(month)
    length = calendar.monthrange(first.year, first.month)[1]
    last = first.replace(day=length)
    for source, value in (
        Article.objects.filter(month=month, dated=True, source__isnull=False)
        .exclude(sort_date="")
        .values_list("source", "sort_date")
    ):
        day = min(max(value[:10], first.isoformat()), last.isoformat())
        days.setdefault(source, set()).add(day)
        count[source] = count.get(source, 0) + 1
    found = [
        Covered(
            source,
            min(days.get(source.pk, {""})),
            max(days.get(source.pk, {""})),
            count.get(source.pk, 0),
            length - len(days.get(source.pk, ())),
        )
        for source in Source.objects.filter(enabled=True)
    ]
    return sorted(found, key=lambda one: (one.articles, one.source.name))


def by_country(month: str) -> dict[str, tuple[int, int]]:
    """For each country: relevant articles of the month that name it, and those of the three months before.

    So that "nothing from Cambodia this month" can be told from "never anything from Cambodia".
    """
    first = dates.first_day(month)
    before = []
    for _ in range(3):
        first = (first - timedelta(days=1)).replace(day=1)
        before.append(first.strftime("%Y-%m"))
    found: dict[str, list[int]] = {}
    rows = Article.objects.filter(month__in=[month, *before]).exclude(band="off_beat")
    for of, places in rows.values_list("month", "places"):
        for iso2 in {place.get("iso2") for place in places if place.get("iso2")}:
            found.setdefault(iso2, [0, 0])[0 if of == month else 1] += 1
    return {iso2: (now_, then) for iso2, (now_, then) in sorted(found.items())}


@dataclass(frozen=True, slots=True)
class Health:
    """A feed and how it is, in words."""

    feed: Feed
    report: health.Report


def healths(now: datetime, of: Source | None = None) -> list[Health]:
    """How all feeds are, or those of one source, what is broken first. Two queries."""
    order = ("broken", "muted", "asleep", "watch", "new", "well")
    recent = (now.astimezone(UTC) - timedelta(days=60)).strftime("%Y-%m")
    # Grouped by an expression, or SQLite walks all articles of all years in the order of their sources.
    whose = Coalesce("source_id", Value(0))
    articles = Article.objects.filter(month__gte=recent).annotate(whose=whose)
    feeds = Feed.objects.select_related("source")
    if of is not None:
        articles, feeds = articles.filter(source=of), feeds.filter(source=of)
    counted = (
        articles.values_list("whose")
        .annotate(on=Count("pk", filter=~Q(band="off_beat")), of=Count("pk"))
        .order_by()
    )
    beaten = {source: (on, of) for source, on, of in counted}
    found = []
    for feed in feeds:
        low, high = feed.source.expected_low, feed.source.expected_high
        on_beat = beaten.get(feed.source_id)
        found.append(
            Health(
                feed,
                fares.report(
                    health.report(
                        health.from_row(feed.state),
                        now,
                        expected=(low, high) if low is not None and high is not None else None,
                        on_beat=on_beat,
                    )
                ),
            )
        )
    return sorted(found, key=lambda h: (order.index(h.report.level), h.feed.source.name))
