"""Figures for Prometheus, in its text format (version 0.0.4). None is about a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max, Min

from broadsheet import __version__
from broadsheet.jobs.models import Job
from broadsheet.keeping import disk, health
from broadsheet.keeping.errors import KeepingError
from broadsheet.mailing.models import Delivery, Subscriber
from broadsheet.news.models import Article, Feed, Story
from broadsheet.people import limits

TYPE = "text/plain; version=0.0.4; charset=utf-8"


def text(now: datetime) -> str:
    """All figures of this moment. Some ten queries, all counted from an index or small tables."""
    return "".join(line + "\n" for line in _lines(now))


def _lines(now: datetime) -> Iterator[str]:
    yield from _one("info", "The version that runs.", 1, f'version="{__version__}"')
    due = Job.objects.filter(done=None, due__lte=now)
    yield from _many("jobs_due", "Pieces of work that are due, by kind.", "kind", _by(due, "kind"))
    oldest = due.aggregate(oldest=Min("due"))["oldest"]
    late = (now - oldest).total_seconds() if oldest else 0
    yield from _one("jobs_oldest_seconds", "For how long the oldest of them is due.", late)
    troubled = Job.objects.filter(done=None, attempts__gte=3).exclude(trouble="").count()
    yield from _one("jobs_failing", "Work that failed three times or more.", troubled)
    signing_in = limits.failures(now)
    yield from _one(
        "sign_ins_failed", "Tries to sign in that failed in the last day.", signing_in.tries
    )
    yield from _one("sign_ins_failed_places", "From how many places they came.", signing_in.places)
    on = Feed.objects.filter(enabled=True, source__enabled=True)
    yield from _one("feeds", "Feeds that are switched on.", on.count())
    came = on.aggregate(came=Max("last_success"))["came"]
    if came:
        yield from _one(
            "last_collect_timestamp_seconds", "When a feed last answered.", came.timestamp()
        )
    yield from _many(
        "articles", "Articles that are kept, by band.", "band", _by(Article.objects, "band")
    )
    yield from _many("stories", "Stories, by state.", "state", _by(Story.objects, "state"))
    yield from _many(
        "subscribers", "Subscribers, by state.", "state", _by(Subscriber.objects, "state")
    )
    yield from _many("deliveries", "Deliveries, by state.", "state", _by(Delivery.objects, "state"))
    room = disk.room()
    yield from _many("disk_bytes", "What the desk's folder takes, by part.", "part", room.taken)
    yield from _one("disk_free_bytes", "What is free on its disk.", room.free)
    yield from _one(
        "disk_budget_bytes", "What it may take; 0 without a budget.", settings.DISK_BUDGET * disk.MB
    )
    try:
        newest = health.newest_backup()
    except KeepingError:
        newest = None
    if newest:
        yield from _one(
            "last_backup_timestamp_seconds",
            "When the newest backup was made.",
            newest.made.timestamp(),
        )
        yield from _one("last_backup_bytes", "Its size.", newest.size)


def _by(found: object, field: str) -> dict[str, int]:
    rows = found.order_by().values_list(field).annotate(n=Count("pk"))  # type: ignore[attr-defined]
    return {str(name) or "none": n for name, n in rows}


def _one(name: str, told: str, value: float, labels: str = "") -> Iterator[str]:
    yield f"# HELP broadsheet_{name} {told}"
    yield f"# TYPE broadsheet_{name} gauge"
    yield (
        f"broadsheet_{name}{{{labels}}} {value:.15g}"
        if labels
        else f"broadsheet_{name} {value:.15g}"
    )


def _many(name: str, told: str, label: str, values: dict[str, int]) -> Iterator[str]:
    yield f"# HELP broadsheet_{name} {told}"
    yield f"# TYPE broadsheet_{name} gauge"
    for key, value in sorted(values.items()):
        shown = key.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
        yield f'broadsheet_{name}{{{label}="{shown}"}} {value}'
