"""Trying sources one by one, before a desk collects from them: does each answer, and with what?

A trial keeps no article. What came of it is kept in words, as a finished job of the kind "try".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.jobs.models import Job
from broadsheet.news import collecting
from broadsheet.news.models import Feed
from broadsheet.wire.errors import CollectError

KIND = "try"


@dataclass(frozen=True, slots=True)
class Tried:
    """A feed that was tried; `words` say what came, `well` whether anything did."""

    feed: Feed
    words: str
    well: bool


def waiting() -> list[Feed]:
    """The feeds that are switched on and were not tried yet, by their source's name. Two queries."""
    tried = set(Job.objects.filter(kind=KIND).values_list("key", flat=True))
    feeds = Feed.objects.filter(enabled=True, source__enabled=True).select_related("source")
    return [one for one in feeds.order_by("source__name", "pk") if str(one.pk) not in tried]


def tried() -> list[Tried]:
    """What was tried, the last first. Two queries."""
    feeds = {str(one.pk): one for one in Feed.objects.select_related("source")}
    jobs = Job.objects.filter(kind=KIND).order_by("-done", "-pk")
    return [
        Tried(feeds[job.key], job.came or job.trouble, not job.trouble)
        for job in jobs
        if job.key in feeds
    ]


def try_one(feed: Feed, web: collecting.Web, now: datetime) -> Tried:
    """Ask a feed once, and keep in words what came. Never raises for what a feed does."""
    try:
        came = collecting.look(feed, web, now)
    except CollectError as error:
        return _keep(feed, str(error), well=False, now=now)
    if came.problem is not None:
        return _keep(feed, str(came.problem), well=False, now=now)
    if not came.entries:
        return _keep(feed, _("It answers, and lists nothing at the moment."), well=True, now=now)
    newest = max((e.published.value[:10] for e in came.entries if e.published), default="")
    count = len(came.entries)
    words = ngettext("It answers with %(n)d entry", "It answers with %(n)d entries", count) % {
        "n": count
    }
    words += _(", the newest of %(day)s.") % {"day": newest} if newest else _(", without dates.")
    return _keep(feed, words, well=True, now=now)


def again() -> None:
    """Forget all trials, to try every source anew."""
    Job.objects.filter(kind=KIND).delete()


@transaction.atomic
def _keep(feed: Feed, words: str, *, well: bool, now: datetime) -> Tried:
    Job.objects.filter(kind=KIND, key=str(feed.pk)).delete()
    Job.objects.create(
        kind=KIND,
        key=str(feed.pk),
        due=now,
        done=now,
        came=words if well else "",
        trouble="" if well else words,
    )
    return Tried(feed, words, well)
