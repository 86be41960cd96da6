"""Claim, finish, put off: the queue's three verbs. Works alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Q

from broadsheet.jobs.models import Job

LEASE = timedelta(minutes=10)
# After a failure a job waits 1, 4, 9 ... minutes, at most a day: quadratic, as a feed that is down
# for an hour should be asked again within the hour.
LONGEST_WAIT = timedelta(days=1)
# What was done is kept for a while, for who asks what happened: a hundred feeds visited by the hour are
# a million rows a year.
KEPT = timedelta(days=14)


def enqueue(kind: str, key: str, due: datetime) -> Job:
    """Make sure that this work will be done; where it waits already, the earlier time holds."""
    job, made = Job.objects.get_or_create(kind=kind, key=key, done=None, defaults={"due": due})
    if not made and job.due > due:
        Job.objects.filter(pk=job.pk, done=None).update(due=due)
        job.due = due
    return job


def claim(
    worker: str,
    now: datetime,
    lease: timedelta = LEASE,
    *,
    kinds: Collection[str] = (),
    but: Collection[str] = (),
) -> Job | None:
    """The job that has been due longest and that nobody holds; None where there is none.

    Of `kinds` alone where they are named, and of none of `but`. Compare and set: of two workers
    that see the same row only one gets it.
    """
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    if kinds:
        free &= Q(kind__in=kinds)
    if but:
        free &= ~Q(kind__in=but)
    while True:
        job = Job.objects.filter(free, done=None, due__lte=now).order_by("due", "pk").first()
        if job is None:
            return None
        taken = Job.objects.filter(free, pk=job.pk, done=None).update(
            leased_until=now + lease, leased_by=worker, attempts=job.attempts + 1
        )
        if taken:
            job.refresh_from_db()
            return job


def finish(job: Job, now: datetime, again: datetime | None = None, came: str = "") -> None:
    """The job is done; `again` enqueues the next of its kind. `came` says what came of it."""
    Job.objects.filter(pk=job.pk).update(done=now, leased_until=None, trouble="", came=came)
    if again is not None:
        enqueue(job.kind, job.key, again)


def renew(job: Job, until: datetime) -> bool:
    """Hold a job longer; False where its lease has run out and another worker has it."""
    held = Job.objects.filter(pk=job.pk, done=None, leased_by=job.leased_by, attempts=job.attempts)
    return bool(held.update(leased_until=until))


def put_off(job: Job, trouble: str, now: datetime) -> None:
    """The job failed: say why, and let it be tried again later."""
    wait = min(timedelta(minutes=job.attempts**2), LONGEST_WAIT)
    Job.objects.filter(pk=job.pk).update(
        due=now + wait, leased_until=None, leased_by="", trouble=trouble
    )


def holders() -> list[str]:
    """The workers that hold work."""
    held = Job.objects.filter(done=None).exclude(leased_by="").exclude(leased_until=None)
    return sorted(set(held.values_list("leased_by", flat=True)))


def let_go(worker: str) -> int:
    """Free what a worker holds, for who does not come back to it; how many jobs."""
    return Job.objects.filter(done=None, leased_by=worker).update(leased_until=None, leased_by="")


def forget(now: datetime) -> int:
    """Let go of work that was done long ago; how many rows."""
    return Job.objects.filter(done__lt=now - KEPT).delete()[0]
