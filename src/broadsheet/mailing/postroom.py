"""The worker's part of the mailing: what is due is frozen, then sent on a few lanes side by side.

The thread that takes a turn writes for all lanes: what they have done, and what they are to do next, in
one transaction for as much as has come together meanwhile. So each letter costs a small part of one
write, and no lane waits for the disk. Whether lanes run in one process or in several makes no
difference.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from itertools import zip_longest
from queue import Empty, SimpleQueue

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from broadsheet.issues.models import Edition
from broadsheet.mailing import dispatch, journal, pace, presence
from broadsheet.mailing.dispatch import Claim
from broadsheet.mailing.lanes import Bundle, Clock, Done, Lane, Note, unwritten
from broadsheet.mailing.letters import Writer
from broadsheet.mailing.models import Dispatch
from broadsheet.mailing.transports import Fate, Transport, TransportError
from broadsheet.wire.errors import WireError

log = logging.getLogger(__name__)
# The server does not answer: wait 10 s, then twice as long each time, at most 10 minutes.
FIRST_CALM, LONGEST_CALM = timedelta(seconds=10), timedelta(minutes=10)
DATABASE_PATIENCE = 2.0  # seconds between two tries to write down what was sent


class Postroom:
    """Freezes and sends what is due.

    transport  opens a way out: one for each lane
    lanes      connections side by side
    clock      the time of day, for what is written down; waiting is measured by another clock, which
               does not jump
    size       deliveries of the first claim; more where the server is fast, up to `largest`
    exchangers looks up MX records, for limits by mail service
    """

    def __init__(
        self,
        transport: Callable[[], Transport],
        *,
        lanes: int = 1,
        worker: str | None = None,
        clock: Clock = timezone.now,
        size: int = dispatch.CLAIM,
        largest: int = dispatch.LARGEST_CLAIM,
        exchangers: pace.Exchangers | None = None,
    ) -> None:
        self._transport = transport
        self._lanes = lanes
        self._worker = worker or presence.name()
        self._clock = clock
        self._size, self._largest = size, max(size, largest)
        self._exchangers = exchangers
        self._writers: dict[int, Writer] = {}
        self._calm: dict[int, timedelta] = {}

    def turn(self, stop: threading.Event) -> int:
        """Do what is due now, until nothing is or `stop` is set; how many letters were handed over."""
        dispatch.sweep(self._clock())
        journal.tidy(settings.SENDING_FOLDER)
        for due in dispatch.to_freeze(self._clock()):
            dispatch.freeze(due, self._clock())
            pace.know(due, self._clock(), self._exchangers)
        self._writers.clear()
        first = next(iter(self._write_down([], [self._size])), None)
        if first is None:
            return 0
        notes: SimpleQueue[Note] = SimpleQueue()
        with ThreadPoolExecutor(min(self._lanes, os.cpu_count() or 1), "pen") as pens:
            lanes = [
                Lane(self._transport, pens, notes, stop, self._clock, self._size, self._largest)
                for _ in range(self._lanes)
            ]
            lanes[0].hold(first)
            with _running(lanes):
                self._serve(notes, len(lanes), stop)
        return sum(lane.accepted for lane in lanes)

    def _serve(self, notes: SimpleQueue[Note], lanes: int, stop: threading.Event) -> None:
        """Write down what lanes have done and claim what they want, until the last has ended."""
        while lanes:
            together = _gathered(notes)
            done = [note.done for note in together if note.done is not None]
            asking = [note for note in together if note.wants]
            claims = self._write_down(done, [] if stop.is_set() else [one.wants for one in asking])
            for note, bundle in zip_longest(asking, claims):
                note.lane.answer(bundle)
            lanes -= sum(note.ended for note in together)

    def _write_down(self, done: Sequence[Done], wants: Sequence[int]) -> list[Bundle | None]:
        """Record what was sent, and claim anew, in one transaction. Tries until it is written.

        wants  sizes of claims; what there is of them comes back, perhaps nothing

        What was sent must not be forgotten: while the disk is full, or the database away, nothing
        else is claimed, and this is tried again. Ends before that only with the process; then the
        claims are in doubt, as after any crash.
        """
        # Open before the claim is made: a claim without a journal is in doubt as a whole.
        kept = {name: self._journal(name) for name in (dispatch.claim_name() for _ in wants)}
        sizes = dict(zip(kept, wants, strict=True))
        while True:
            try:
                with transaction.atomic():
                    for one in done:
                        dispatch.record(one.claim, one.came, self._clock())
                        self._tell(one)
                    claims = self._claims(sizes) if sizes else []
                break
            except DatabaseError:
                log.exception("What was sent cannot be written down; it is tried again")
                connection.close_if_unusable_or_obsolete()
                time.sleep(DATABASE_PATIENCE)
        for one in done:
            one.journal.end()
        bundles = [self._bundle(claimed, kept.pop(claimed.name)) for claimed in claims]
        for unused in kept.values():
            unused.end()
        return bundles

    def _journal(self, name: str) -> journal.Journal:
        return journal.Journal(settings.SENDING_FOLDER, name)

    def _claims(self, sizes: dict[str, int]) -> list[Claim]:
        return dispatch.claims(self._worker, self._clock(), sizes, lanes=self._lanes)

    def _bundle(self, claimed: Claim, kept: journal.Journal) -> Bundle | None:
        """A claim ready to be sent; None where its letters cannot be written."""
        try:
            writer = self._writer(claimed.dispatch)
            writer.prepare(claimed.due)
        except WireError as error:
            trouble = TransportError(error.what, at=error.at, hint=error.hint, stop=True)
        except Exception as error:
            log.exception("The letters could not be written")
            trouble = unwritten(error)
        else:
            return Bundle(claimed, kept, writer)
        self._write_down([Done(claimed, kept, trouble=trouble)], [])
        return None

    def _writer(self, chosen: Dispatch) -> Writer:
        if chosen.pk not in self._writers:
            edition = Edition.objects.select_related("issue__newsletter").get(pk=chosen.edition_id)
            self._writers[chosen.pk] = Writer(edition)
        return self._writers[chosen.pk]

    def _tell(self, done: Done) -> None:
        """On the dispatch: what is in the way now, or that nothing is any more."""
        chosen, trouble = done.claim.dispatch, done.trouble
        if trouble is None:
            if any(outcome.fate is Fate.ACCEPTED for _, outcome, _ in done.came):
                self._calm.pop(chosen.pk, None)
                if chosen.trouble:
                    dispatch.flows(chosen)
            return
        if trouble.stop:
            try:
                dispatch.pause(chosen, self._clock(), why=str(trouble))
            except dispatch.DispatchError:
                log.info("Paused or cancelled meanwhile: %s", trouble)
            return
        wait = self._calm.get(chosen.pk, FIRST_CALM / 2) * 2
        self._calm[chosen.pk] = min(wait, LONGEST_CALM)
        dispatch.calm(chosen, str(trouble), self._clock() + self._calm[chosen.pk])


def _gathered(notes: SimpleQueue[Note]) -> list[Note]:
    """The next notes: as many as come before one of them has to be answered, so that they share a write."""
    together = [notes.get()]
    until = time.monotonic() + together[0].within
    while True:
        try:
            together.append(notes.get(timeout=max(0.0, until - time.monotonic())))
        except Empty:
            return together
        until = min(until, time.monotonic() + together[-1].within)


@contextmanager
def _running(lanes: Sequence[Lane]) -> Iterator[None]:
    """Each lane in a thread of its own; on leaving, they have ended."""
    threads = [
        threading.Thread(target=lane.run, name=f"lane {number}")
        for number, lane in enumerate(lanes)
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for lane in lanes:
            lane.abandon()
        for thread in threads:
            thread.join()
