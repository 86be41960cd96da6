"""What was promised to people since a backup was made: who left, who was erased, what was withdrawn.

A backup of last night knows nothing of who unsubscribed this morning. So a small file lies beside the
backups and is written anew every quarter of an hour: keyed hashes, which say "is it this address?" to
whoever holds the desk's secret key, and nothing to anybody else. A restore reads it and keeps the
promises again. What it does may be done twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

import msgspec
from django.db import transaction
from django.db.models import Q

from broadsheet.issues import withdrawing
from broadsheet.issues.models import Mark, Newsletter, Withdrawal
from broadsheet.keeping import sealed
from broadsheet.keeping.errors import KeepingError
from broadsheet.keeping.places import Place
from broadsheet.mailing import erasing, subscribing, suppression
from broadsheet.mailing.models import Subscriber, Suppression

FILE = "promises.age"
# Longer than any backup is kept by default (six months): nobody restores what is older.
_BACK = timedelta(days=400)
_MOST = 100_000_000  # bytes: a million promises


class Gone(msgspec.Struct, frozen=True):
    """An address that left a newsletter's list."""

    newsletter: str
    mark: str
    state: str
    at: datetime
    number: int = 0  # of the newsletter: a renamed one is known by it; 0 in files of before


class Kept(msgspec.Struct, frozen=True):
    """A row of the suppression list; `newsletter` is empty where it holds for all."""

    newsletter: str
    mark: str
    reason: str
    at: datetime
    number: int = 0


class Withdrawn(msgspec.Struct, frozen=True):
    uid: str
    at: datetime
    told: list[str]
    marks: list[tuple[str, str, int]]


class Promises(msgspec.Struct, frozen=True):
    made: datetime
    left: list[Gone]
    suppressed: list[Kept]
    withdrawn: list[Withdrawn]


@dataclass(frozen=True, slots=True)
class Renewed:
    """How many promises a restored desk did not know."""

    left: int = 0
    erased: int = 0
    withdrawn: int = 0


def current(now: datetime) -> Promises:
    """What this desk has promised, as of now. Four queries."""
    left = Subscriber.objects.filter(
        Q(state="unsubscribed") | Q(state="complained"), left__gte=now - _BACK
    ).select_related("newsletter")
    return Promises(
        now,
        [
            Gone(
                one.newsletter.name,
                suppression.marks(one.key)[0],
                one.state,
                one.left or now,
                one.newsletter.pk,
            )
            for one in left.iterator()
        ],
        [
            Kept(
                one.newsletter.name if one.newsletter else "",
                one.mark,
                one.reason,
                one.at,
                one.newsletter.pk if one.newsletter else 0,
            )
            for one in Suppression.objects.select_related("newsletter").iterator()
        ],
        [
            Withdrawn(
                one.uid, one.at, one.told, [(m.kind, m.mark, m.words) for m in one.marks.all()]
            )
            for one in Withdrawal.objects.prefetch_related("marks")
        ],
    )


def write(to: Place, passphrase: str, now: datetime) -> None:
    """Put the promises of now beside the backups, in place of the older ones."""
    data = msgspec.json.encode(current(now))
    with to.writing(FILE) as out:
        writer = sealed.Writer(out, passphrase)
        writer.write(data)
        writer.close()


def read(file: IO[bytes], passphrase: str, *, at: str) -> Promises:
    """The promises of a file. KeepingError where it cannot be read."""
    data = sealed.Reader(file, passphrase, at=at).read(_MOST)
    try:
        return msgspec.json.decode(data, type=Promises)
    except msgspec.MsgspecError as error:
        raise KeepingError("The promises cannot be read", at=at) from error


def renew(given: Promises, now: datetime) -> Renewed:
    """Keep these promises again, on rows that may be older than they are.

    Who confirmed anew after they had left stays subscribed. Needs the secret key of the desk that
    made them.
    """
    with transaction.atomic():
        _suppress(given)
        left, erased = _renew_of_readers(given, now)
        for one in given.withdrawn:
            _know(one)
    return Renewed(left, erased, withdrawing.apply_again(now))


class _Newsletters:
    """The newsletters of this desk, as promises name them: by number, since names change."""

    def __init__(self) -> None:
        every = list(Newsletter.objects.all())
        self._by_number = {one.pk: one for one in every}
        self._by_name = {one.name: one for one in every}

    def of(self, promise: Gone | Kept) -> Newsletter | None:
        return self._by_number.get(promise.number) or self._by_name.get(promise.newsletter)


def _suppress(given: Promises) -> None:
    newsletters = _Newsletters()
    for kept in given.suppressed:
        newsletter = newsletters.of(kept) if kept.newsletter else None
        if kept.newsletter and newsletter is None:
            continue
        Suppression.objects.get_or_create(
            newsletter=newsletter,
            mark=kept.mark,
            defaults={"reason": kept.reason, "at": kept.at},
        )


def _renew_of_readers(given: Promises, now: datetime) -> tuple[int, int]:
    newsletters = _Newsletters()
    gone = {(found.pk, one.mark): one for one in given.left if (found := newsletters.of(one))}
    erased = {one.mark: one for one in given.suppressed if not one.newsletter}
    left, forgotten = 0, set()
    readers = Subscriber.objects.exclude(state="erased")
    for reader in readers.iterator():
        for mark in suppression.marks(reader.key):
            one = gone.get((reader.newsletter_id, mark))
            if one is not None and (reader.consented is None or reader.consented <= one.at):
                leave = (
                    subscribing.complained
                    if one.state == Subscriber.State.COMPLAINED
                    else subscribing.unsubscribe
                )
                left += leave(reader, one.at, "before the desk was restored")
            wiped = erased.get(mark)
            if wiped is not None and (reader.consented is None or reader.consented <= wiped.at):
                forgotten.add(reader.key)
    for key in sorted(forgotten):
        erasing.erase(key, now)
    return left, len(forgotten)


def _know(one: Withdrawn) -> None:
    """Keep a withdrawal, to be applied where this database did not know of it."""
    row, _made = Withdrawal.objects.get_or_create(
        uid=one.uid, defaults={"at": one.at, "told": one.told}
    )
    Mark.objects.bulk_create(
        [Mark(withdrawal=row, kind=kind, mark=mark, words=n) for kind, mark, n in one.marks],
        ignore_conflicts=True,
    )
