"""`broadsheet work`: do what is due."""

from __future__ import annotations

import os
import signal
import socket
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from broadsheet.jobs.models import Job

EVERY = {
    "snapshots": timedelta(hours=1),
    "learn": timedelta(hours=6),
    "forget": timedelta(days=1),
}
TOGETHER = 64  # feeds that are visited as one pile, side by side
LEASE = timedelta(minutes=30)
REST = 5.0  # seconds between two looks at an empty queue


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def command(once: bool) -> None:
    """Do what is due: visit feeds, group the months that changed. Until stopped, or once.

    Several workers may run at once, also on several machines with one PostgreSQL: each piece of
    work is claimed by one, and what a worker that died held is done by another.

    \b
    Example:
      broadsheet work --once
    """
    from broadsheet.commands import with_desk

    with_desk()
    from django.utils import timezone

    me = f"{socket.gethostname()}:{os.getpid()}"
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    done = 0
    while not stop.is_set():
        _plan(timezone.now())
        while jobs := _claimed(me, stop):
            visits = [job for job in jobs if job.kind == "collect"]
            if visits:
                _collect(visits)
            for job in jobs:
                if job.kind != "collect":
                    _do(job)
            done += len(jobs)
        if once:
            break
        stop.wait(REST)
    click.echo(f"{done:,} done.")


def _plan(now: datetime) -> None:
    """Every feed that is switched on has one open job, and so has each of the desk's own chores."""
    from broadsheet.jobs import queue
    from broadsheet.jobs.models import Job
    from broadsheet.news import collecting

    waiting = set(Job.objects.filter(done=None).values_list("kind", "key"))
    for feed in collecting.due():
        if ("collect", str(feed.pk)) not in waiting:
            when = collecting.next_due(feed, now)
            if when is not None:
                queue.enqueue("collect", str(feed.pk), when)
    for chore in EVERY:
        if (chore, "") not in waiting:
            queue.enqueue(chore, "", now)


def _claimed(worker: str, stop: threading.Event) -> list[Job]:
    """The next jobs: as many feeds as are visited side by side, or one chore."""
    from django.utils import timezone

    from broadsheet.jobs import queue

    jobs: list[Job] = []
    while len(jobs) < TOGETHER and not stop.is_set():
        job = queue.claim(worker, timezone.now(), LEASE)
        if job is None:
            break
        jobs.append(job)
        if job.kind != "collect":
            break
    return jobs


def _do(job: Job) -> None:
    from django.utils import timezone

    from broadsheet.jobs import queue

    # What nobody foresaw stops this job, not the worker: it is told, put off and tried again.
    try:
        came = _fill_back(job) if job.kind == "fill_back" else ""
        again = None if came else _chore(job)
    except Exception as error:
        click.echo(f"{job}: {type(error).__name__}: {error}", err=True)
        queue.put_off(job, f"{type(error).__name__}: {error}", timezone.now())
        return
    queue.finish(job, timezone.now(), again=again, came=came)


def _fill_back(job: Job) -> str:
    """Fill a month of a source back, and say what came."""
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.news import collecting, intake
    from broadsheet.news.models import Source
    from broadsheet.wire import beat as beats
    from broadsheet.wire.collect import Fetcher

    number, _, month = job.key.partition(" ")
    source = Source.objects.filter(pk=number).first()
    if source is None:
        return "The source is gone."
    beat = beats.load(settings.BEAT)
    with Fetcher(contact=settings.CONTACT, allowed=settings.ALLOW_NETWORKS) as fetcher:
        visit = collecting.fill_back(source, month, fetcher, beat, timezone.now())
    for changed in sorted(visit.months):
        intake.regroup(changed, beat)
    return collecting.filled_words(visit)


def _collect(jobs: list[Job]) -> None:
    """Visit feeds side by side, take in what is new, group the months that changed."""
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.jobs import queue
    from broadsheet.news import collecting, intake
    from broadsheet.news.models import Feed
    from broadsheet.wire import beat as beats
    from broadsheet.wire.collect import Fetcher
    from broadsheet.wire.read.pool import Reader

    beat = beats.load(settings.BEAT)
    by_key = {job.key: job for job in jobs}
    feeds = list(Feed.objects.filter(pk__in=by_key, enabled=True).select_related("source"))
    waiting = {feed.url: feed for feed in feeds}
    months: set[str] = set()
    try:
        with (
            Fetcher(contact=settings.CONTACT, allowed=settings.ALLOW_NETWORKS) as fetcher,
            Reader(beat=beat) as reader,
        ):
            for came in collecting.visit_all(feeds, fetcher, beat, timezone.now, reader=reader):
                months |= came.months
                feed = waiting.pop(came.what)
                click.echo(f"{feed.source}: {came.problem or f'{came.taken.new} new'}")
                now = timezone.now()
                queue.finish(by_key.pop(str(feed.pk)), now, again=collecting.next_due(feed, now))
        for month in sorted(months):
            intake.regroup(month, beat)
    except Exception as error:
        click.echo(f"{type(error).__name__}: {error}", err=True)
        for job in by_key.values():
            queue.put_off(job, f"{type(error).__name__}: {error}", timezone.now())
        return
    for job in by_key.values():  # of feeds that were switched off since
        queue.finish(job, timezone.now())


def _chore(job: Job) -> datetime:
    """The desk's own chores: keep the pages of picked stories, let old texts go, learn."""
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.issues import pictures
    from broadsheet.news import lessons, snapshots
    from broadsheet.wire import beat as beats
    from broadsheet.wire.collect import Fetcher
    from broadsheet.wire.errors import CollectError

    now = timezone.now()
    if job.kind == "snapshots":
        with Fetcher(contact=settings.CONTACT, allowed=settings.ALLOW_NETWORKS) as fetcher:
            for article in snapshots.wanted()[:50]:
                try:
                    snapshots.keep(article, fetcher.get(article.url))
                except CollectError as error:
                    click.echo(f"not kept: {error}", err=True)
    elif job.kind == "forget":
        snapshots.forget(now)
        pictures.sweep(timezone.localdate(now))
    elif job.kind == "learn":
        lessons.write_down(beats.load(settings.BEAT), now)
    return now + EVERY[job.kind]
