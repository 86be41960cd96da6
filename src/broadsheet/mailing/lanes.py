"""A lane: one thread with one connection to the mail server, which sends claim after claim.

It never touches the database. What it has done and what it wants next it tells the postroom, which
writes that down for all lanes together. It asks for its next claim while it still sends the last, so
that the connection never waits for the disk.

Letters are written and signed by other threads, ahead of the lane that sends them: OpenSSL signs
without holding Python's lock, so both processors work.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from broadsheet.mailing import dispatch, pace
from broadsheet.mailing.dispatch import Claim, Due
from broadsheet.mailing.journal import Journal
from broadsheet.mailing.letters import Writer
from broadsheet.mailing.transports import Fate, Letter, Outcome, Transport, TransportError
from broadsheet.wire.errors import WireError

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]
# A claim that has this little left is not sent any more: its letters go back to those that wait.
MARGIN = timedelta(minutes=12)  # longer than the longest wait for one answer, smtp.FINAL_TIMEOUT
SHEAF = 8  # letters that a thread writes and signs at a time
AHEAD = 2  # sheaves that are written ahead of the lane
LATEST = 0.25  # seconds after which a lane's note is read, at the latest
EARLY = 32  # letters, or half a claim, still to be written when the lane asks for the next claim
ALL_REFUSED = 5  # letters of one claim, all refused for a reason of ours: stop and call a person
# A claim grows while it goes out faster than this, and shrinks when it takes longer than four times as
# much: what a power cut leaves in doubt is what goes out in a second or two.
BRISK = timedelta(seconds=1)

Came = tuple[Due, Outcome, datetime]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A claim that is durable, with its open journal and with who writes its letters."""

    claim: Claim
    journal: Journal
    writer: Writer

    def after(self, came: Sequence[Came] = (), trouble: TransportError | None = None) -> Done:
        """What came of it; of what is not told nothing was begun."""
        return Done(self.claim, self.journal, came, trouble)


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a claim, and what stopped the rest of it."""

    claim: Claim
    journal: Journal
    came: Sequence[Came] = ()
    trouble: TransportError | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """From a lane to the postroom.

    done   a claim that is to be written down
    wants  deliveries of a claim that it asks for; each question is answered by a `Bundle` or None
    within seconds in which the answer should come: no longer than it has something to send
    ended  it does nothing any more
    """

    lane: Lane
    done: Done | None = None
    wants: int = 0
    within: float = LATEST
    ended: bool = False


class Lane:
    """Sends until nothing is due, or `stop` is set.

    transport  opens the way out, when there is something to send
    pens       write and sign letters
    notes      where the postroom reads
    size       deliveries of the first claim; more where the server is fast, up to `largest`
    """

    def __init__(
        self,
        transport: Callable[[], Transport],
        pens: Executor,
        notes: SimpleQueue[Note],
        stop: threading.Event,
        clock: Clock,
        size: int,
        largest: int,
    ) -> None:
        self._open = transport
        self._pens = pens
        self._notes = notes
        self._stop = stop
        self._clock = clock
        self._size, self._least, self._largest = size, size, largest
        self._answers: SimpleQueue[Bundle | None] = SimpleQueue()
        self._pace = 0.0  # seconds that a letter takes
        self._asked = self._alone = False
        self._held: deque[Bundle] = deque()  # in the order of sending; what is done is taken out
        self._unwritten: deque[Bundle] = deque()  # those of them whose letters nobody writes yet
        self.accepted = 0

    def hold(self, bundle: Bundle) -> None:
        """A claim to send after those that it has."""
        self._held.append(bundle)
        self._unwritten.append(bundle)

    def answer(self, bundle: Bundle | None) -> None:
        """The postroom's answer to a question."""
        self._answers.put(bundle)

    def abandon(self) -> None:
        """The postroom reads no notes any more: what is held now is the last."""
        self._alone = True
        self._answers.put(None)

    def run(self) -> None:
        try:
            self._work()
        except Exception:
            log.exception("A lane of the mailing stopped; its claim will be in doubt")
        finally:
            self._notes.put(Note(self, within=0, ended=True))

    def _work(self) -> None:
        way: Transport | None = None
        try:
            while self._held or self._next(wait=True):
                try:
                    way = way or self._open()
                except TransportError as error:
                    self._finish(self._held[0].after(trouble=error))
                    break
                if not self._stream(way):
                    break
        finally:
            if way is not None:
                way.close()
        self._give_back()

    def _stream(self, way: Transport) -> bool:
        """Send claims of one dispatch as one stream of letters; whether to go on after it.

        A mail service that asks us to slow down ends it too: what is still held may be for that
        service, so it is claimed anew.
        """
        chosen, self._written = self._held[0].claim.dispatch.pk, False
        letters = self._letters(chosen)
        sending = way.send(letters)
        try:
            while self._held and self._held[0].claim.dispatch.pk == chosen:
                began = time.monotonic()
                done, whole = self._send(sending, self._held[0])
                self._measure(len(done.came), time.monotonic() - began)
                self._finish(done)
                if not whole:
                    break
                if not self._held and not self._written:
                    self._next(wait=True)
            else:
                return True
        finally:
            sending.close()
            letters.close()
        self._give_back()
        return done.trouble is None and not self._stop.is_set()

    def _send(self, sending: Iterator[Outcome], bundle: Bundle) -> tuple[Done, bool]:
        """Send a claim; what came of it, and whether all of it was begun and the next may follow."""
        claimed, came = bundle.claim, list[Came]()
        lease = (claimed.until - self._clock()).total_seconds()
        end = time.monotonic() + min(lease, dispatch.LEASE.total_seconds()) - MARGIN.total_seconds()
        try:
            for due in claimed.due:
                last = came[-1] if came else None
                bundle.journal.begin(due.delivery, last and (last[0].delivery, last[1], last[2]))
                outcome = next(sending, None)
                if outcome is None:
                    break
                came.append((due, outcome, self._clock()))
                if self._stop.is_set() or time.monotonic() > end or pace.asks_to_slow(outcome):
                    return bundle.after(came), False
        except TransportError as error:
            return bundle.after(came, error), False
        except Exception as error:
            # What nobody foresaw, in the midst of a letter: that one is in doubt, no other is.
            log.exception("Sending stopped")
            told = f"{type(error).__name__}: {error}"
            came.append((claimed.due[len(came)], Outcome(Fate.DOUBT, words=told), self._clock()))
            return bundle.after(came, TransportError("Sending stopped", at=told, stop=True)), False
        if _refuses_us(came):
            return bundle.after(trouble=_refusal(bundle.writer.about, came[0][1])), False
        return bundle.after(came), len(came) == len(claimed.due)

    def _letters(self, chosen: int) -> Generator[Letter]:
        """The letters of the claims of one dispatch, written some way ahead of their use.

        TransportError where one cannot be written: it is not begun then.
        """
        ahead: deque[Future[list[Letter]]] = deque()
        try:
            while (bundle := self._to_write(chosen, wait=not ahead)) is not None or ahead:
                if bundle is None:
                    yield from ahead.popleft().result()
                    continue
                due, at = bundle.claim.due, self._clock()
                for start in range(0, len(due), SHEAF):
                    if len(due) - start <= max(EARLY, len(due) // 2):
                        self._ask(len(due) - start)
                    sheaf = due[start : start + SHEAF]
                    ahead.append(self._pens.submit(bundle.writer.letters, sheaf, at))
                    if len(ahead) > AHEAD:
                        yield from ahead.popleft().result()
        except WireError as error:
            raise TransportError(error.what, at=error.at, hint=error.hint, stop=True) from error
        except Exception as error:
            log.exception("A letter could not be written")
            raise unwritten(error) from error
        finally:
            for one in ahead:
                one.cancel()
            self._written = True

    # --- claims, asked of the postroom -------------------------------------------------------------

    def _to_write(self, chosen: int, *, wait: bool) -> Bundle | None:
        """The next claim to write the letters of; None where there is none now, or of another dispatch."""
        if not self._unwritten:
            self._next(wait=wait and self._asked)
        if self._unwritten and self._unwritten[0].claim.dispatch.pk == chosen:
            return self._unwritten.popleft()
        return None

    def _next(self, *, wait: bool) -> bool:
        """Take over the claim that was asked for, if the answer is there; whether one was got."""
        if wait:
            self._ask()
            self._notes.put(Note(self, within=0))
        try:
            bundle = self._answers.get(block=wait)
        except Empty:
            return False
        self._asked = False
        if bundle is None:
            return False
        self.hold(bundle)
        return True

    def _ask(self, left: int = 0) -> None:
        """Ask for a claim, if there is no answer to come already; `left` letters are still to send."""
        if not self._asked:
            self._asked = True
            if self._alone:
                self._answers.put(None)
            else:
                self._notes.put(Note(self, wants=self._size, within=left * self._pace / 2))

    def _finish(self, done: Done) -> None:
        """Tell of the claim that was sent first."""
        if done.came:
            due, outcome, at = done.came[-1]
            done.journal.answered(due.delivery, outcome, at)
        bundle = self._held.popleft()
        if bundle in self._unwritten:
            self._unwritten.remove(bundle)
        self.accepted += sum(outcome.fate is Fate.ACCEPTED for _, outcome, _ in done.came)
        self._notes.put(Note(self, done))

    def _give_back(self) -> None:
        """Nothing that is still held was begun: it waits again, for whoever claims it next."""
        if self._asked:
            self._next(wait=True)
        while self._held:
            self._finish(self._held[0].after())

    def _measure(self, sent: int, took: float) -> None:
        """What a claim that took so many seconds says of the next one's size."""
        self._pace = took / max(1, sent)
        if took < BRISK.total_seconds():
            self._size = min(self._size * 2, self._largest)
        elif took > 4 * BRISK.total_seconds():
            self._size = max(self._size // 2, self._least)


def unwritten(error: Exception) -> TransportError:
    """What an editor is told where letters cannot be written for a reason that nobody foresaw."""
    return TransportError(
        "The letters could not be written",
        at=f"{type(error).__name__}: {error}",
        hint="It was sent to nobody else. Resume when it is mended.",
        stop=True,
    )


def _refuses_us(came: Sequence[Came]) -> bool:
    """Whether a whole claim was refused for good, for a reason that is not about the recipients."""
    return len(came) >= ALL_REFUSED and all(
        outcome.fate is Fate.REFUSED and not outcome.address and not pace.asks_to_slow(outcome)
        for _, outcome, _ in came
    )


def _refusal(about: str, first: Outcome) -> TransportError:
    return TransportError(
        f"The mail server refuses every letter ({first.code} {first.words})",
        at=about,
        hint="Mend the reason, then resume: nobody is passed over.",
        stop=True,
    )
