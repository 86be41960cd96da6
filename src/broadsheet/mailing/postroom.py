"""The worker's part of the mailing: what is due is frozen, then sent on a few lanes side by side.

A lane is one thread with a connection to the mail server and one to the database. It claims, sends,
and records together with its next claim, so that each letter costs a small part of one write. Lanes
know nothing of each other: whether they run in one process or in several makes no difference.

Letters are written and signed by other threads, ahead of the lane that sends them: OpenSSL signs
without holding Python's lock, so both processors work.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from broadsheet.issues.models import Edition
from broadsheet.mailing import dispatch, journal, pace, presence
from broadsheet.mailing.dispatch import Claim, Due
from broadsheet.mailing.letters import Writer
from broadsheet.mailing.models import Dispatch
from broadsheet.mailing.transports import Fate, Letter, Outcome, Transport, TransportError
from broadsheet.wire.errors import WireError

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
# The server does not answer: wait 10 s, then twice as long each time, at most 10 minutes.
FIRST_CALM, LONGEST_CALM = timedelta(seconds=10), timedelta(minutes=10)
# A claim that has this little left is not sent any more: its letters go back to those that wait.
MARGIN = timedelta(minutes=12)  # longer than the longest wait for one answer, smtp.FINAL_TIMEOUT
SHEAF = 8  # letters that a thread writes and signs at a time, ahead of the lane
ALL_REFUSED = 5  # letters of one claim, all refused for a reason of ours: stop and call a person
# A claim grows while it goes out faster than this, and shrinks when it takes longer than four times as
# much: what a power cut leaves in doubt is what goes out in about a second.
BRISK = timedelta(seconds=0.5)
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
        self._pens: ThreadPoolExecutor | None = None
        self._writers: dict[int, Writer] = {}
        self._calm: dict[int, timedelta] = {}
        self._lock = threading.Lock()

    def turn(self, stop: threading.Event) -> int:
        """Do what is due now, until nothing is or `stop` is set; how many letters were handed over."""
        dispatch.sweep(self._clock())
        journal.tidy(settings.SENDING_FOLDER)
        for due in dispatch.to_freeze(self._clock()):
            dispatch.freeze(due, self._clock())
            pace.know(due, self._clock(), self._exchangers)
        kept = self._journal()
        first = dispatch.claim(self._worker, self._clock(), self._size, name=kept.name)
        if first is None:
            kept.end()
            return 0
        self._writers.clear()
        counts = [0] * self._lanes
        others = [
            threading.Thread(
                target=self._thread, args=(number, stop, counts), name=f"lane {number}"
            )
            for number in range(1, self._lanes)
        ]
        with ThreadPoolExecutor(self._lanes, thread_name_prefix="pen") as self._pens:
            for thread in others:
                thread.start()
            try:
                self._lane(0, stop, counts, first, kept)
            finally:
                for thread in others:
                    thread.join()
        return sum(counts)

    def _thread(self, number: int, stop: threading.Event, counts: list[int]) -> None:
        try:
            kept = self._journal()
            first = dispatch.claim(self._worker, self._clock(), self._size, name=kept.name)
            self._lane(number, stop, counts, first, kept)
        except Exception:
            log.exception("A lane of the mailing stopped; its claim will be in doubt")
        finally:
            connection.close()

    def _lane(
        self,
        number: int,
        stop: threading.Event,
        counts: list[int],
        claimed: Claim | None,
        kept: journal.Journal,
    ) -> None:
        transport = self._transport()
        size = self._size
        try:
            while claimed is not None:
                began = time.monotonic()
                outcomes, trouble = self._send(transport, claimed, stop, kept)
                counts[number] += sum(o.fate is Fate.ACCEPTED for _, o, _ in outcomes)
                size = self._next_size(size, time.monotonic() - began)
                after = self._journal()
                claimed = self._write_down(claimed, outcomes, trouble, stop, size, after.name)
                kept.end()
                kept = after
        finally:
            transport.close()
        kept.end()

    def _journal(self) -> journal.Journal:
        """Open before its claim is made: a claim without a journal is in doubt as a whole."""
        return journal.Journal(settings.SENDING_FOLDER, dispatch.claim_name())

    def _next_size(self, size: int, took: float) -> int:
        if took < BRISK.total_seconds():
            return min(size * 2, self._largest)
        return max(size // 2, self._size) if took > 4 * BRISK.total_seconds() else size

    def _send(
        self, transport: Transport, claimed: Claim, stop: threading.Event, kept: journal.Journal
    ) -> tuple[list[tuple[Due, Outcome, datetime]], TransportError | None]:
        """Send a claim; what became of each that was begun, and what stopped the rest."""
        outcomes: list[tuple[Due, Outcome, datetime]] = []
        lease = (claimed.until - self._clock()).total_seconds()
        end = time.monotonic() + min(lease, dispatch.LEASE.total_seconds()) - MARGIN.total_seconds()
        try:
            letters = self._letters(claimed)
            sending = transport.send(letters)
            for due in claimed.due:
                last = outcomes[-1] if outcomes else None
                kept.begin(due.delivery, last and (last[0].delivery, last[1], last[2]))
                outcome = next(sending, None)
                if outcome is None:
                    break
                outcomes.append((due, outcome, self._clock()))
                if stop.is_set() or time.monotonic() > end or pace.asks_to_slow(outcome):
                    break
        except TransportError as error:
            return outcomes, error
        except Exception as error:
            # What nobody foresaw, in the midst of a letter: that one is in doubt, no other is.
            log.exception("Sending stopped")
            due = claimed.due[len(outcomes)]
            told = f"{type(error).__name__}: {error}"
            outcomes.append((due, Outcome(Fate.DOUBT, words=told), self._clock()))
            return outcomes, TransportError("Sending stopped", at=told, stop=True)
        if _refuses_us(outcomes):
            words = outcomes[0][1].words
            return [], TransportError(
                f"The mail server refuses every letter ({outcomes[0][1].code} {words})",
                at=str(claimed.dispatch),
                hint="Mend the reason, then resume: nobody is passed over.",
                stop=True,
            )
        return outcomes, None

    def _letters(self, claimed: Claim) -> Iterator[Letter]:
        """The letters of a claim, written some way ahead of their use.

        TransportError where one cannot be written: it is not begun then.
        """
        ahead: deque[Future[list[Letter]]] = deque()
        try:
            writer, at = self._writer(claimed.dispatch), self._clock()
            writer.prepare(claimed.due)
            assert self._pens is not None
            for start in range(0, len(claimed.due), SHEAF):
                sheaf = claimed.due[start : start + SHEAF]
                ahead.append(self._pens.submit(writer.letters, sheaf, at))
                if len(ahead) > 1:
                    yield from ahead.popleft().result()
            while ahead:
                yield from ahead.popleft().result()
        except WireError as error:
            raise TransportError(error.what, at=error.at, hint=error.hint, stop=True) from error
        except Exception as error:
            log.exception("A letter could not be written")
            raise TransportError(
                "The letters could not be written",
                at=f"{type(error).__name__}: {error}",
                hint="It was sent to nobody else. Resume when it is mended.",
                stop=True,
            ) from error
        finally:
            for one in ahead:
                one.cancel()

    def _writer(self, chosen: Dispatch) -> Writer:
        with self._lock:
            if chosen.pk not in self._writers:
                edition = Edition.objects.select_related("issue__newsletter").get(
                    pk=chosen.edition_id
                )
                self._writers[chosen.pk] = Writer(edition)
            return self._writers[chosen.pk]

    def _write_down(
        self,
        claimed: Claim,
        outcomes: list[tuple[Due, Outcome, datetime]],
        trouble: TransportError | None,
        stop: threading.Event,
        size: int,
        name: str,
    ) -> Claim | None:
        """Record, and claim the next in the same transaction. Tries until it is written.

        What was sent must not be forgotten: while the disk is full, or the database away, nothing
        else is sent, and this is tried again. Ends before that only with the process; then the claim
        is in doubt, as after any crash.
        """
        while True:
            try:
                with transaction.atomic():
                    dispatch.record(claimed, outcomes, self._clock())
                    self._tell(claimed.dispatch, outcomes, trouble)
                    if stop.is_set() or trouble is not None:
                        return None
                    return dispatch.claim(self._worker, self._clock(), size, name=name)
            except DatabaseError:
                log.exception("What was sent cannot be written down; it is tried again")
                connection.close_if_unusable_or_obsolete()
                time.sleep(DATABASE_PATIENCE)

    def _tell(
        self,
        chosen: Dispatch,
        outcomes: list[tuple[Due, Outcome, datetime]],
        trouble: TransportError | None,
    ) -> None:
        """On the dispatch: what is in the way now, or that nothing is any more."""
        if trouble is None:
            if any(outcome.fate is Fate.ACCEPTED for _, outcome, _ in outcomes):
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


def _refuses_us(outcomes: list[tuple[Due, Outcome, datetime]]) -> bool:
    """Whether a whole claim was refused for good, for a reason that is not about the recipients."""
    return len(outcomes) >= ALL_REFUSED and all(
        outcome.fate is Fate.REFUSED and not outcome.address and not pace.asks_to_slow(outcome)
        for _, outcome, _ in outcomes
    )
