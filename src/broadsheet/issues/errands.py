"""What editors ask a worker for, so that no page waits for it: reading what was pasted, judging a
month again.

Errands come before the desk's own rounds and are held by a short lease, which is renewed as they go on:
where a worker dies, another goes on within minutes.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.issues import importing, lunch, queries, reaching
from broadsheet.issues.models import Issue, Pile
from broadsheet.jobs import queue
from broadsheet.jobs.models import Job
from broadsheet.news import collecting, intake, lessons, pasting
from broadsheet.news.models import Paste
from broadsheet.sample.web import SampleFirst
from broadsheet.wire import beat as beats
from broadsheet.wire import dates
from broadsheet.wire.collect.fetcher import Fetcher, Limits
from broadsheet.wire.read.pool import Reader

REJUDGE = "rejudge"
KINDS = (pasting.KIND, REJUDGE, reaching.JOB, importing.KIND)
LEASE = timedelta(minutes=2)
# A page that somebody waits for: half of what collecting gives it.
_EACH = Limits(seconds=15.0, bytes=5_000_000, redirects=6)


def run(job: Job, clock: Callable[[], datetime]) -> str:
    """Do an errand; what came of it, in words."""
    if job.kind == REJUDGE:
        return _judge_again(job, clock)
    if job.kind == reaching.JOB:
        return _try_links(job, clock)
    if job.kind == importing.KIND:
        return _read_past(job, clock)
    paste = Paste.objects.select_related("editor").filter(pk=job.key).first()
    if paste is None:
        return _("It is gone.")
    beat = beats.load(settings.BEAT)
    with _web() as web, Reader(beat=beat) as reader:
        return lunch.serve(
            paste,
            web,
            beat,
            clock,
            reader=reader,
            tell=lambda _line: _hold(job, clock),
        )


def _hold(job: Job, clock: Callable[[], datetime]) -> None:
    queue.renew(job, clock() + LEASE)


@contextmanager
def _web() -> Iterator[collecting.Web]:
    with Fetcher(
        contact=settings.CONTACT,
        allowed=settings.ALLOW_NETWORKS,
        limits=_EACH,
        delay=0.5,
        patience=5.0,
        retries=1,
    ) as fetcher:
        yield SampleFirst(fetcher) if queries.is_sample() else fetcher


def _read_past(job: Job, clock: Callable[[], datetime]) -> str:
    """Read the past newsletters of a pile."""
    pile = Pile.objects.select_related("newsletter").filter(pk=job.key).first()
    if pile is None:
        return _("It is gone.")
    n = sum(1 for _past in importing.read(pile, clock, tell=lambda _n: _hold(job, clock)))
    return ngettext("{n} past issue read.", "{n} past issues read.", n).format(n=n)


def _try_links(job: Job, clock: Callable[[], datetime]) -> str:
    """Try the links of an issue, one after the other."""
    issue = Issue.objects.filter(pk=job.key).first()
    if issue is None:
        return _("It is gone.")
    tried = failed = 0
    with _web() as web:
        for came in reaching.try_all(issue, web, clock()):
            _hold(job, clock)
            tried += 1
            failed += came.state == came.State.FAILED
    return _("{n} links tried, {failed} did not open.").format(n=tried, failed=failed)


# --- judging a month again -----------------------------------------------------------------------


def judge_again_soon(month: str, now: datetime) -> Job:
    """Have a month judged again with what is learned by now."""
    return queue.enqueue(REJUDGE, month, now)


def judging(month: str) -> Job | None:
    """The last judging again of a month. One query."""
    return Job.objects.filter(kind=REJUDGE, key=month).order_by("-pk").first()


def _judge_again(job: Job, clock: Callable[[], datetime]) -> str:
    beat = beats.load(settings.BEAT)
    queue.renew(job, clock() + 5 * LEASE)  # a full month takes a minute, on a slow machine some
    moved = lessons.rejudge(job.key, beat)
    intake.regroup(job.key, beat)
    told = [
        ngettext("{n} article is {band} now", "{n} articles are {band} now", moved[band]).format(
            n=moved[band], band=words
        )
        for band, words in (
            ("relevant", _("relevant")),
            ("unsure", _("unsure")),
            ("off_beat", _("off the beat")),
        )
        if moved.get(band)
    ]
    first = dates.first_day(job.key)
    month = f"{calendar.month_name[first.month]} {first.year}"
    return _("{month} is judged again: {what}.").format(
        month=month, what="; ".join(told) or _("no article changed its band")
    )
