"""Sending that can be explained: claimed before it is sent, recorded after, in doubt where unknown.

    scheduled -> freezing -> sending -> done          pause <-> resume, cancel: from any open state

A worker claims some deliveries in one durable transaction, sends them, and records what came of them
together with the next claim. What a worker that died had begun is in doubt: it may have gone out or
not, so nothing sends it again but an editor. What is certainly not sent waits again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from broadsheet.issues.models import Edition
from broadsheet.mailing import audience, journal, pace, presence, subscribing
from broadsheet.mailing.models import Delivery, Dispatch, Subscriber
from broadsheet.mailing.transports import Fate, Outcome
from broadsheet.people.models import Deed, Editor

State = Dispatch.State
CLAIM = 20  # deliveries of a connection's first claim, and of each at a slow server
# At a fast one. All of a claim are in doubt after a power cut, one after a crash of the worker.
LARGEST_CLAIM = 200
SMALLEST = 5  # of a claim that takes a part of the last letters
STOPPED = "The worker stopped before it could write down what became of it."
# Longer than the longest wait for a server's answer, so that a living worker's claim never ends.
LEASE = timedelta(minutes=30)
# After 4xx: 5 minutes, then twice as long each time, at most 4 hours: as mail servers do
# (RFC 5321, 4.5.4.1 asks for at least 30 minutes in the long run). Given up after some two days.
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=4)
TRIES = 16
# Refusals for good that tell of the address itself (RFC 3463): no such mailbox, domain, or host;
# moved without a trace; a mailbox that is shut. Everything else may be about us, so it counts softly.
ADDRESS_GONE = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4")


# What came of letters. SQLite and PostgreSQL both call the columns of VALUES column1, column2 ...
_ROW = "(%s, %s, %s, %s, %s, %s)"
_TRIED = """
UPDATE mailing_delivery SET state = told.column1, attempts = attempts + 1, code = told.column2,
    answer = told.column3, tried = told.column4, due = told.column5, leased_until = NULL
FROM (VALUES {}) AS told
WHERE mailing_delivery.id = told.column6 AND claim = %s
    AND mailing_delivery.state IN ('claimed', 'doubt')
"""
_UNSENT = """
UPDATE mailing_delivery SET state = %s, attempts = attempts + %s, code = %s, answer = %s, due = %s,
    leased_until = NULL
WHERE id = %s AND claim = %s AND state IN ('claimed', 'doubt')
"""


class DispatchError(Exception):
    """Why something cannot be done with a dispatch, in words for an editor."""


@dataclass(frozen=True, slots=True)
class Due:
    """One claimed delivery with what its letter needs."""

    delivery: int
    attempts: int
    subscriber: int
    address: str
    token: str
    wants: str
    discreet: bool
    domain: str


# The columns of a `Due`, in its order.
_DUE = ("pk", "attempts", "subscriber_id", "subscriber__address", "subscriber__token",
        "subscriber__wants", "subscriber__discreet", "domain")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """Deliveries that one worker alone may send until `until`."""

    name: str
    dispatch: Dispatch
    due: tuple[Due, ...]
    until: datetime


# --- what an editor does -------------------------------------------------------------------------


@transaction.atomic
def order(
    edition: Edition,
    choice: audience.Choice,
    editor: Editor | None,
    now: datetime,
    *,
    due: datetime | None = None,
    zone: str = "UTC",
    per_hour: int | None = None,
    again: str = "",
) -> Dispatch:
    """Ask for an edition to be sent: now, or when it is due.

    again  in the editor's words, why those get it who had this issue before, as another version or
           in another language; without it they are passed over
    """
    again = again.strip()
    newest = edition.issue.editions.order_by("-version").first()
    if newest is not None and newest.version != edition.version:
        raise DispatchError(
            _("There is a corrected version of this edition; send version %(n)d.")
            % {"n": newest.version}
        )
    if per_hour is not None and per_hour < 1:
        raise DispatchError(_("At least one mail an hour is needed."))
    matter = audience.matter(edition)
    if not again and Dispatch.objects.filter(edition=edition, state__in=Dispatch.OPEN).exists():
        raise DispatchError(_("This edition is being sent already."))
    dispatch = Dispatch.objects.create(
        edition=edition,
        matter=matter,
        round=secrets.randbelow(2**62) + 1 if again else 0,
        again=again,
        languages=list(choice.languages),
        others=choice.others,
        topics=list(choice.topics),
        due=due or now,
        zone=zone,
        per_hour=per_hour,
        made=now,
        made_by=editor,
    )
    _deed(editor, "send", dispatch, now, again)
    return dispatch


@transaction.atomic
def pause(dispatch: Dispatch, now: datetime, editor: Editor | None = None, why: str = "") -> None:
    """Stop for now. What is claimed at this moment still goes out: at most some dozens."""
    found = Dispatch.objects.filter(pk=dispatch.pk, state__in=["scheduled", "freezing", "sending"])
    if not found.update(state=State.PAUSED, trouble=why):
        raise DispatchError(_("It is not being sent, so it cannot be paused."))
    _deed(editor, "pause", dispatch, now, why)


@transaction.atomic
def resume(dispatch: Dispatch, now: datetime, editor: Editor | None = None) -> None:
    """Go on where it stopped."""
    found = Dispatch.objects.filter(pk=dispatch.pk, state=State.PAUSED)
    moved = found.filter(audience=None).update(
        state=State.SCHEDULED, trouble="", calm_until=None
    ) or found.update(state=State.SENDING, trouble="", calm_until=None)
    if not moved:
        raise DispatchError(_("It is not paused."))
    _deed(editor, "resume", dispatch, now)


@transaction.atomic
def cancel(dispatch: Dispatch, now: datetime, editor: Editor | None = None) -> int:
    """Send to nobody else. Returns how many will not get it; who was not reached may get it later.

    The deliveries that never went out are taken away, so that another dispatch may reach them.
    """
    found = Dispatch.objects.filter(pk=dispatch.pk, state__in=Dispatch.OPEN)
    if not found.update(state=State.CANCELLED, ended=now):
        raise DispatchError(_("It has ended already."))
    waiting = dispatch.deliveries.filter(state=Delivery.State.WAITING)
    left_out = waiting.count()
    waiting.delete()
    _deed(editor, "cancel", dispatch, now)
    return left_out


@transaction.atomic
def decide(
    dispatch: Dispatch, numbers: Iterable[int], resend: bool, now: datetime, editor: Editor | None
) -> int:
    """An editor's word on deliveries in doubt: send again, with the same Message-ID, or leave.

    Left ones count as accepted, with what was known kept. Returns how many were decided.
    """
    doubtful = dispatch.deliveries.filter(pk__in=list(numbers), state=Delivery.State.DOUBT)
    if resend:
        many = doubtful.update(
            state=Delivery.State.WAITING, due=now, claim="", worker="", leased_until=None
        )
        if many:
            Dispatch.objects.filter(pk=dispatch.pk, state=State.DONE).update(
                state=State.SENDING, ended=None
            )
    else:
        many = doubtful.update(
            state=Delivery.State.ACCEPTED, claim="", worker="", answer=_("Left as it is.")
        )
    if many:
        _deed(editor, "resend" if resend else "leave", dispatch, now, f"{many}")
    return many


def _deed(editor: Editor | None, verb: str, what: Dispatch, now: datetime, why: str = "") -> None:
    Deed.objects.create(editor=editor, verb=verb, about=f"dispatch {what.pk}: {what}"[:200],
                        reason=why, at=now)  # fmt: skip


# --- what a worker does --------------------------------------------------------------------------


def to_freeze(now: datetime) -> QuerySet[Dispatch]:
    """The dispatches whose time has come."""
    return Dispatch.objects.filter(
        state__in=[State.SCHEDULED, State.FREEZING], due__lte=now
    ).order_by("due")


def freeze(dispatch: Dispatch, now: datetime) -> int:
    """Freeze the audience of a dispatch that is due; how many it is."""
    Dispatch.objects.filter(pk=dispatch.pk, state=State.SCHEDULED).update(state=State.FREEZING)
    for _frozen in audience.freeze(dispatch, now):
        pass
    dispatch.refresh_from_db()
    return dispatch.audience or 0


def claim_name() -> str:
    """A name for a claim, never used before."""
    return secrets.token_hex(12)


def claim(worker: str, now: datetime, size: int = CLAIM, lease: timedelta = LEASE) -> Claim | None:
    """Some deliveries that are due, for this worker alone; None where there is nothing to do now."""
    return next(iter(claims(worker, now, {claim_name(): size}, lease)), None)


@transaction.atomic(savepoint=False)
def claims(
    worker: str,
    now: datetime,
    wants: Mapping[str, int],
    lease: timedelta = LEASE,
    lanes: int = 1,
) -> list[Claim]:
    """Claims for several lanes of a worker at once; fewer than are wanted where little is due.

    wants  name, from `claim_name`, and size of each
    lanes  how many share what is left, so that none of them has the last letters alone

    Durable when the transaction ends (SQLite: synchronous=FULL). Two workers never get the same
    row: SQLite lets one write at a time, PostgreSQL locks the dispatch's row.
    """
    made: list[Claim] = []
    ready = Dispatch.objects.filter(
        Q(calm_until=None) | Q(calm_until__lte=now), state=State.SENDING, due__lte=now
    )
    for dispatch in ready.select_for_update().order_by("due", "pk"):
        while len(made) < len(wants):
            limits = pace.limits(now)
            # A service that comes out of its rest gets few connections, counted by their claims.
            names = list(wants)[len(made) :][: 1 if limits.narrow else None]
            sizes = _shares(dispatch, [wants[name] for name in names], lanes, now)
            room = pace.room(dispatch, now, sum(sizes))
            rows = _waiting(dispatch, limits, now, room) if room else []
            taken = [
                _take(part, dispatch, worker, now + lease, name)
                for name, part in zip(names, _parts(rows, sizes), strict=False)
            ]
            made += taken
            if not taken:
                _close(dispatch, now)
            if not taken or not limits.narrow:
                break
    return made


def _shares(dispatch: Dispatch, sizes: Sequence[int], lanes: int, now: datetime) -> list[int]:
    """The sizes of claims; towards the end each is half of a lane's part of what is left."""
    if lanes == 1:
        return list(sizes)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM (SELECT 1 FROM mailing_delivery"
            " WHERE dispatch_id = %s AND state = 'waiting' AND due <= %s LIMIT %s) AS waiting",
            [
                dispatch.pk,
                connection.ops.adapt_datetimefield_value(now),
                2 * lanes * max(sizes),
            ],
        )
        (left,) = cursor.fetchone()
    return [min(size, max(left // (2 * lanes), SMALLEST)) for size in sizes]


def _parts(rows: Sequence[Due], sizes: Iterable[int]) -> Iterator[Sequence[Due]]:
    """The rows, in order, in parts of these sizes, as far as they go."""
    start = 0
    for size in sizes:
        if part := rows[start : start + size]:
            yield part
        start += size


def _waiting(dispatch: Dispatch, limits: pace.Limits, now: datetime, room: int) -> list[Due]:
    """What may go out now. Those whose readers left meanwhile are marked as such."""
    rows = list(
        dispatch.deliveries.filter(state=Delivery.State.WAITING, due__lte=now)
        .filter(pace.open_to(limits))
        .order_by("due", "pk")
        .values_list(*_DUE, "subscriber__state")[:room]
    )
    left = [row[0] for row in rows if row[-1] != Subscriber.State.ACTIVE]
    if left:
        Delivery.objects.filter(pk__in=left).update(state=Delivery.State.LEFT)
    here = [Due(*row[:-1]) for row in rows if row[-1] == Subscriber.State.ACTIVE]
    return pace.within(limits, here)


def _take(
    rows: Sequence[Due], dispatch: Dispatch, worker: str, until: datetime, name: str
) -> Claim:
    numbers = [row.delivery for row in rows]
    places = ", ".join(["%s"] * len(numbers))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mailing_delivery SET state = 'claimed', claim = %s, worker = %s,"  # noqa: S608
            f" leased_until = %s WHERE id IN ({places})",
            [name, worker, connection.ops.adapt_datetimefield_value(until), *numbers],
        )
    return Claim(name, dispatch, tuple(rows), until)


def _close(dispatch: Dispatch, now: datetime) -> None:
    """Done, where nothing waits and nothing is on its way."""
    moving = (Delivery.State.WAITING, Delivery.State.CLAIMED)
    if not dispatch.deliveries.filter(state__in=moving).exists():
        Dispatch.objects.filter(pk=dispatch.pk, state=State.SENDING).update(
            state=State.DONE, ended=now, trouble=""
        )


@transaction.atomic(savepoint=False)
def record(
    claimed: Claim, outcomes: Sequence[tuple[Due, Outcome, datetime]], now: datetime
) -> None:
    """Write down what came of a claim. Deliveries without an outcome were not begun: they wait again.

    Only what still belongs to the claim is touched. A claim that was thought dead meanwhile, and is
    in doubt, is put right; what an editor has decided since stays as decided.
    """
    soon = connection.ops.adapt_datetimefield_value(now)
    tried = [one for one in outcomes if one[1].fate is not Fate.UNSENT]
    unsent = [one for one in outcomes if one[1].fate is Fate.UNSENT]
    known = {due.delivery for due, _, _ in outcomes}
    back = [due.delivery for due in claimed.due if due.delivery not in known]
    with connection.cursor() as cursor:
        if tried:
            rows = [_row(*one, now, soon) for one in tried]
            # One statement: Python's lock is let go of and taken again for each, and lanes wait for it.
            cursor.execute(
                _TRIED.format(", ".join([_ROW] * len(rows))), [*chain(*rows), claimed.name]
            )
        for due, outcome, at in unsent:
            state, code, words, _at, again, number = _row(due, outcome, at, now, soon)
            cursor.execute(_UNSENT, [state, 1, code, words, again, number, claimed.name])
        for number in back:
            cursor.execute(_UNSENT, ["waiting", 0, 0, "", soon, number, claimed.name])
    for due, outcome, at in outcomes:
        if pace.asks_to_slow(outcome):
            pace.rest(due.domain, now, f"{outcome.code} {outcome.words}")
        elif outcome.fate is Fate.REFUSED and outcome.address:
            _refused(due.subscriber, outcome, at)


def _row(
    due: Due, outcome: Outcome, at: datetime, now: datetime, soon: str | None
) -> tuple[str | int | None, ...]:
    """State, code, answer, when it was tried, when it is due again, number: as the database writes them.

    soon  `now` in the database's writing
    """
    to_db = connection.ops.adapt_datetimefield_value
    state: str = outcome.fate.value
    next_try = soon
    if outcome.fate in (Fate.LATER, Fate.UNSENT) or pace.asks_to_slow(outcome):
        state = "waiting" if due.attempts + 1 < TRIES else "refused"
        next_try = to_db(now + _wait(due, outcome))
    return state, outcome.code, outcome.words[:300], to_db(at), next_try, due.delivery


def _wait(due: Due, outcome: Outcome) -> timedelta:
    """How long until the next try. A connection that ended between letters costs no waiting at first."""
    if outcome.fate is Fate.UNSENT and due.attempts < 3:
        return timedelta(seconds=due.attempts)
    return min(FIRST_WAIT * int(2 ** min(due.attempts, 10)), LONGEST_WAIT)


def _refused(number: int, outcome: Outcome, at: datetime) -> None:
    """A server said no to a recipient: the address is gone, or something milder."""
    subscriber = Subscriber.objects.get(pk=number)
    why = f"{outcome.code} {outcome.words}"[:300]
    if outcome.status in ADDRESS_GONE:
        subscribing.bounced(subscriber, at, why)
    else:
        subscribing.bounced_softly(subscriber, at, why)


def sweep(now: datetime) -> int:
    """Settle the claims of workers that are gone; returns how many deliveries are in doubt.

    Gone: the lease has run out, or the worker was a process of this machine that is no more. Of the
    latter, its journal tells which letters it had begun; the others wait again.
    """
    claims = (
        Delivery.objects.filter(state=Delivery.State.CLAIMED)
        .order_by()
        .values_list("claim", "worker", "dispatch_id", "leased_until")
        .distinct()
    )
    doubts = 0
    for name, worker, dispatch, until in list(claims):
        gone = presence.is_gone(worker)
        told = journal.left(settings.SENDING_FOLDER, name) if gone else None
        if told is not None:
            doubts += _settle(name, dispatch, told, now)
        elif gone or until is None or until < now:
            doubts += Delivery.objects.filter(claim=name, state=Delivery.State.CLAIMED).update(
                state=Delivery.State.DOUBT, tried=now, attempts=F("attempts") + 1, answer=STOPPED
            )
    return doubts


@transaction.atomic
def _settle(name: str, dispatch: int, told: journal.Left, now: datetime) -> int:
    """Write down what a journal tells of its claim. Two workers may try at once: the first does it."""
    rows = Delivery.objects.filter(claim=name, state=Delivery.State.CLAIMED).select_for_update(
        of=("self",)
    )
    due = tuple(Due(*row) for row in rows.values_list(*_DUE))
    unsure = Outcome(Fate.DOUBT, words=STOPPED)
    outcomes = [
        (one, *told.outcomes.get(one.delivery, (unsure, now)))
        for one in due
        if one.delivery in told.begun
    ]
    record(Claim(name, Dispatch(pk=dispatch), due, now), outcomes, now)
    transaction.on_commit(lambda: journal.forget(settings.SENDING_FOLDER, name))
    return sum(outcome.fate is Fate.DOUBT for _, outcome, _ in outcomes)


def calm(dispatch: Dispatch, why: str, until: datetime) -> None:
    """The server does not take mail: say so, and try nothing before."""
    Dispatch.objects.filter(pk=dispatch.pk).update(trouble=why, calm_until=until)


def flows(dispatch: Dispatch) -> None:
    """Mail goes out again: what was in the way is not any more."""
    Dispatch.objects.filter(pk=dispatch.pk, state=State.SENDING).exclude(trouble="").update(
        trouble="", calm_until=None
    )
