"""`broadsheet work`: do what is due."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from broadsheet.jobs.models import Job
    from broadsheet.wire.beat import Beat
    from broadsheet.wire.collect import Parser
    from broadsheet.wire.read.pool import Reader

EVERY = {
    "snapshots": timedelta(hours=1),
    "learn": timedelta(hours=6),
    "forget": timedelta(days=1),
    "archive_links": timedelta(hours=1),
}
FILLING = ("collect", "fill_back", "snapshots")  # what brings more onto the disk
TOGETHER = 64  # feeds that are visited as one pile, side by side
LEASE = timedelta(minutes=30)
REST = 5.0  # seconds between two looks at an empty queue
QUICK = 0.5  # seconds between two looks for errands: somebody waits for them


@click.command("work")
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
@click.option(
    "--errands",
    is_flag=True,
    help="Do only what editors ask for, such as reading pasted links; visit no feed.",
)
def command(once: bool, errands: bool) -> None:
    """Do what is due: visit feeds, group the months that changed. Until stopped, or once.

    What editors ask for (reading what they pasted, judging a month again) is done beside the rounds,
    so that nobody waits for a round to end.

    Several workers may run at once, also on several machines with one PostgreSQL: each piece of
    work is claimed by one, and what a worker that died held is done by another.

    \b
    Example:
      broadsheet work --once
    """
    from broadsheet.commands import memory, with_desk

    memory.keep_small()
    with_desk()
    memory.share_models()
    from django.conf import settings

    from broadsheet.keeping import running

    running.hold(Path(settings.HOME))

    machine = socket.gethostname()
    me = f"{machine}:{os.getpid()}"
    stop = threading.Event()
    _take_over(machine)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if errands or once:
        run = _errands(f"{me}:errands", stop, once)
        if errands:
            click.echo(f"{run:,} done.")
            return
    else:
        threading.Thread(target=_errands, args=(f"{me}:errands", stop, False), daemon=True).start()
    # Mail has a thread of its own, so that no slow feed holds up an issue. Not a daemon: what was
    # sent is written down before the worker ends.
    posting = threading.Thread(target=_post, args=(stop, once), name="post")
    posting.start()
    done, readers = 0, _Readers()
    while not stop.is_set():
        try:
            if once or not _setting_up():
                finished = _round(me, stop, readers)
                done += finished
                if finished:
                    memory.give_back()
        except Exception as error:
            # The database is away for a moment, say. The next round gives back what this one claimed.
            if once:
                stop.set()
                posting.join()
                raise
            click.echo(f"{type(error).__name__}: {error}", err=True)
        if once:
            break
        stop.wait(REST)
        readers.rest()
    readers.close()
    posting.join()
    click.echo(f"{done:,} done.")


def _take_over(machine: str) -> None:
    """Free what workers of this machine held that are no more, so that nobody waits for their leases."""
    from broadsheet.jobs import queue

    for name in queue.holders():
        host, _, rest = name.partition(":")
        number = rest.partition(":")[0]
        if host == machine and number.isdigit() and not _lives(int(number)):
            queue.let_go(name)


def _lives(process: int) -> bool:
    """Whether a process of this machine runs; a container gives the number of its last worker to the next."""
    if process == os.getpid():
        return False
    if os.name == "nt":  # asking there would end it: its lease runs out instead
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _round(worker: str, stop: threading.Event, readers: _Readers) -> int:
    """Plan, and do all that is due; how many pieces of work."""
    from django.utils import timezone

    from broadsheet.jobs import queue

    queue.let_go(worker)  # what a round before this one could not give back
    done = 0
    _plan(timezone.now())
    while jobs := _claimed(worker, stop):
        visits = [job for job in jobs if job.kind == "collect"]
        if visits:
            _collect(visits, readers)
        for job in jobs:
            if job.kind != "collect":
                _do(job)
        done += len(jobs)
    return done


def _post(stop: threading.Event, once: bool) -> None:
    """Send what is due and read what came back."""
    from django.conf import settings
    from django.db import connection

    from broadsheet.mailing import duty

    if not (settings.MAIL or settings.BOUNCE_BOX):
        return
    try:
        for words in duty.rounds(stop, once=once):
            click.echo(words)
    finally:
        connection.close()


def _setting_up() -> bool:
    """Whether the desk's first run is still going on: then nothing is collected yet."""
    from django.db import close_old_connections

    from broadsheet.issues import settling
    from broadsheet.people import rules

    close_old_connections()
    if rules.current().setting_up:
        return True
    settling.take_effect()
    return False


def _plan(now: datetime) -> None:
    """Every feed that is switched on has one open job, and so has each of the desk's own chores."""
    from broadsheet.jobs import queue
    from broadsheet.jobs.models import Job
    from broadsheet.keeping import watching
    from broadsheet.news import collecting

    waiting = set(Job.objects.filter(done=None).values_list("kind", "key"))
    for feed in collecting.due():
        if ("collect", str(feed.pk)) not in waiting:
            when = collecting.next_due(feed, now)
            if when is not None:
                queue.enqueue("collect", str(feed.pk), when)
    for chore in (*EVERY, *watching.EVERY):
        if (chore, "") not in waiting:
            queue.enqueue(chore, "", now)


def _claimed(worker: str, stop: threading.Event) -> list[Job]:
    """The next jobs: as many feeds as are visited side by side, or one chore."""
    from django.utils import timezone

    from broadsheet.issues import errands
    from broadsheet.jobs import queue
    from broadsheet.keeping import disk

    jobs: list[Job] = []
    # With the disk's last reserve left, what would fill it waits; editing and sending go on.
    but = (*errands.KINDS, *(FILLING if disk.stops_collecting() else ()))
    while len(jobs) < TOGETHER and not stop.is_set():
        job = queue.claim(worker, timezone.now(), LEASE, but=but)
        if job is None:
            break
        jobs.append(job)
        if job.kind != "collect":
            break
    return jobs


def _errands(worker: str, stop: threading.Event, once: bool) -> int:
    """Do what editors ask for, until stopped or once; how many were done."""
    from django.db import close_old_connections
    from django.utils import timezone

    from broadsheet.issues import errands
    from broadsheet.jobs import queue

    done = 0
    while not stop.is_set():
        try:
            job = queue.claim(worker, timezone.now(), errands.LEASE, kinds=errands.KINDS)
            if job is None:
                if once:
                    return done
                close_old_connections()
                stop.wait(QUICK)
                continue
            done += 1
            try:
                came = errands.run(job, timezone.now)
            except Exception as error:
                click.echo(f"{job}: {type(error).__name__}: {error}", err=True)
                queue.put_off(job, f"{type(error).__name__}: {error}", timezone.now())
            else:
                queue.finish(job, timezone.now(), came=came)
        except (
            Exception
        ) as error:  # the database is away for a moment: an errand waits, none is lost
            click.echo(f"errands: {type(error).__name__}: {error}", err=True)
            close_old_connections()
            stop.wait(REST)
    return done


def _do(job: Job) -> None:
    from django.utils import timezone

    from broadsheet.jobs import queue
    from broadsheet.keeping import watching
    from broadsheet.mailing import rounds

    # What nobody foresaw stops this job, not the worker: it is told, put off and tried again.
    try:
        if job.kind == "sign_in_link":
            came = _mail_link(job)
        elif job.kind in rounds.KINDS:
            came = rounds.run(job, timezone.now)
        else:
            came = _fill_back(job) if job.kind == "fill_back" else ""
        if job.kind in watching.EVERY:
            came = watching.run(job, timezone.now())
            again: datetime | None = timezone.now() + watching.EVERY[job.kind]
        else:
            again = None if came else _chore(job)
    except Exception as error:
        click.echo(f"{job}: {type(error).__name__}: {error}", err=True)
        queue.put_off(job, f"{type(error).__name__}: {error}", timezone.now())
        return
    queue.finish(job, timezone.now(), again=again, came=came)


def _mail_link(job: Job) -> str:
    """Mail an editor the link that was asked for; of who is unknown, gone or without address, nothing."""
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.people import doors, letters
    from broadsheet.people.models import Editor

    editor = Editor.objects.filter(pk=job.key, is_active=True).exclude(email="").first()
    if editor is None or not letters.possible():
        return "Nothing was sent."
    token = doors.link_for(editor, timezone.now(), doors.MAILED_FOR)
    minutes = int(doors.MAILED_FOR.total_seconds() // 60)
    letters.sign_in(editor.email, f"{settings.ADDRESS}/desk/sign-in/{token}/", minutes)
    return "Sent."


def _fill_back(job: Job) -> str:
    """Fill a month of a source back, and say what came."""
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.news import collecting, intake
    from broadsheet.news.models import Source
    from broadsheet.wire import beat as beats
    from broadsheet.wire.collect import Fetcher
    from broadsheet.wire.read.pool import Reader

    number, _, month = job.key.partition(" ")
    source = Source.objects.filter(pk=number).first()
    if source is None:
        return "The source is gone."
    beat = beats.load(settings.BEAT)
    with (
        Fetcher(contact=settings.CONTACT, allowed=settings.ALLOW_NETWORKS) as fetcher,
        Reader(beat=beat) as reader,
    ):
        visit = collecting.fill_back(source, month, fetcher, beat, timezone.now(), reader)
    for changed in sorted(visit.months):
        intake.regroup(changed, beat)
    return collecting.filled_words(visit)


class _Readers:
    """The processes that read pages and feeds, kept from one round to the next.

    With 156 feeds one is due every half minute, and starting them takes two seconds of a core. They are
    ended when nothing was due for a while, and at times in any case: what libraries keep grows.
    """

    IDLE, OLD = 300.0, 3600.0  # seconds

    def __init__(self) -> None:
        self._pair: tuple[Reader, Parser] | None = None
        self._began = self._used = 0.0

    def of(self, beat: Beat) -> tuple[Reader, Parser]:
        from broadsheet.wire.collect import Parser
        from broadsheet.wire.read.pool import Reader

        self._used = time.monotonic()
        if self._pair is None:
            self._pair, self._began = (Reader(beat=beat), Parser()), self._used
        return self._pair

    def rest(self) -> None:
        """End them where it is time; called between rounds."""
        now = time.monotonic()
        if now - self._used > self.IDLE or now - self._began > self.OLD:
            self.close()

    def close(self) -> None:
        if self._pair is not None:
            for one in self._pair:
                one.close()
        self._pair = None


def _collect(jobs: list[Job], readers: _Readers) -> None:
    """Visit feeds side by side, take in what is new, group the months that changed."""
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.jobs import queue
    from broadsheet.news import collecting, intake
    from broadsheet.news.models import Feed
    from broadsheet.wire import beat as beats
    from broadsheet.wire.collect import Fetcher

    beat = beats.load(settings.BEAT)
    by_key = {job.key: job for job in jobs}
    feeds = list(Feed.objects.filter(pk__in=by_key, enabled=True).select_related("source"))
    waiting = {feed.url: feed for feed in feeds}
    months: set[str] = set()
    try:
        reader, parser = readers.of(beat)
        with Fetcher(contact=settings.CONTACT, allowed=settings.ALLOW_NETWORKS) as fetcher:
            visits = collecting.visit_all(
                feeds, fetcher, beat, timezone.now, reader=reader, parser=parser
            )
            for came in visits:
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

    from broadsheet.issues import importing, linkwatch, pictures, remarks, withdrawing
    from broadsheet.jobs import queue
    from broadsheet.mailing import tidying
    from broadsheet.news import lessons, pasting, snapshots
    from broadsheet.people import limits, log, sessions
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
        for forgetting in (
            limits.sweep,
            log.forget,
            sessions.sweep,
            tidying.tidy,
            queue.forget,
            withdrawing.forget,
            importing.tidy,
            pasting.forget,
            remarks.forget,
        ):
            forgetting(now)
        pictures.sweep(timezone.localdate(now))
    elif job.kind == "archive_links":
        with Fetcher(contact=settings.CONTACT, allowed=settings.ALLOW_NETWORKS) as fetcher:
            for link in linkwatch.try_due(fetcher, now):
                if link.state == link.State.DEAD:
                    click.echo(f"dead: {link.url}")
    elif job.kind == "learn":
        lessons.write_down(beats.load(settings.BEAT), now)
    return now + EVERY[job.kind]
