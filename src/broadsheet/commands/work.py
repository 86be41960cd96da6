"""`broadsheet work`: do what is due."""

from __future__ import annotations

import os
import signal
import socket
import threading
from typing import Any

import click

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

    from broadsheet.jobs import queue

    me = f"{socket.gethostname()}:{os.getpid()}"
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    done = 0
    while not stop.is_set():
        _plan(timezone.now())
        while (job := queue.claim(me, timezone.now())) is not None:
            _do(job)
            done += 1
            if stop.is_set():
                break
        if once:
            break
        stop.wait(REST)
    click.echo(f"{done:,} done.")


def _plan(now: Any) -> None:
    """Every feed that is switched on has one open job."""
    from broadsheet.jobs import queue
    from broadsheet.jobs.models import Job
    from broadsheet.news import collecting

    waiting = set(Job.objects.filter(kind="collect", done=None).values_list("key", flat=True))
    for feed in collecting.due():
        if str(feed.pk) not in waiting:
            when = collecting.next_due(feed, now)
            if when is not None:
                queue.enqueue("collect", str(feed.pk), when)


def _do(job: Any) -> None:
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.jobs import queue
    from broadsheet.news import collecting, intake
    from broadsheet.news.models import Feed
    from broadsheet.wire import beat as beats
    from broadsheet.wire.collect import Fetcher

    now = timezone.now()
    feed = Feed.objects.filter(pk=job.key, enabled=True).select_related("source").first()
    if feed is None:
        queue.finish(job, now)
        return
    beat = beats.load(settings.BEAT)
    with Fetcher(contact=settings.CONTACT, allowed=settings.ALLOW_NETWORKS) as fetcher:
        came = collecting.visit(feed, fetcher, beat, now)
    for month in sorted(came.months):
        intake.regroup(month, beat)
    click.echo(f"{feed.source}: {came.problem or f'{came.taken.new} new'}")
    queue.finish(job, timezone.now(), again=collecting.next_due(feed, timezone.now()))
