"""Acting on what came back: a delivery is marked, an address that is gone gets no more mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.mailing import seals, subscribing
from broadsheet.mailing.bounces.reading import Kind, Report, read
from broadsheet.mailing.models import Delivery, Subscriber

# Without a token or Message-ID only the address is left, and anybody can write that down: it counts
# for a letter of the last two weeks, and never as more than soft.
BY_ADDRESS = timedelta(days=14)
_WEIGHT = {"": 0, "soft": 1, "hard": 2, "complaint": 3}


@dataclass(frozen=True, slots=True)
class Taken:
    """What a mail was, whose delivery it was about, and whether anything followed."""

    kind: Kind
    delivery: Delivery | None = None
    acted: bool = False
    words: str = ""

    def __str__(self) -> str:
        whose = f", {self.delivery.subscriber}" if self.delivery else _(", of no letter of ours")
        return (
            f"{self.kind.value}{whose}: {self.words}" if self.words else f"{self.kind.value}{whose}"
        )


def take_mail(data: bytes, now: datetime) -> Taken:
    """Read a mail that came back and act on it. The same mail twice does nothing the second time."""
    return take(read(data), now)


@transaction.atomic
def take(report: Report, now: datetime) -> Taken:
    """Act on a report: of a mail, or of a mailing service."""
    delivery, sure = _delivery(report, now)
    if delivery is None:
        return Taken(report.kind, words=report.words)
    kind = report.kind
    if kind is Kind.HARD and not (sure and _is_theirs(report, delivery.subscriber)):
        kind = Kind.SOFT
    act = {
        Kind.HARD: _hard,
        Kind.SOFT: _soft,
        Kind.COMPLAINT: _complaint,
        Kind.LEAVE: _leave,
        Kind.REPLY: _reply,
    }.get(kind)
    if act is None or (not sure and kind not in (Kind.SOFT, Kind.REPLY)):
        return Taken(kind, delivery, words=report.words)
    return Taken(kind, delivery, act(delivery, report.words, now), report.words)


def _delivery(report: Report, now: datetime) -> tuple[Delivery | None, bool]:
    """Whose it is, and whether that is sure."""
    rows = Delivery.objects.select_related("subscriber")
    for token in report.tokens:
        number = seals.delivery_of(token)
        found = rows.filter(pk=number).first() if number is not None else None
        if found is not None:
            return found, True
    for name in report.message_ids:
        letter = seals.letter_of(name)
        if letter is not None:
            edition, subscriber = letter
            found = (
                rows.filter(dispatch__edition=edition, subscriber=subscriber)
                .order_by("-tried", "-pk")
                .first()
            )
            if found is not None:
                return found, True
    if report.addresses:
        found = (
            rows.filter(subscriber__key__in=report.addresses, tried__gt=now - BY_ADDRESS)
            .order_by("-tried", "-pk")
            .first()
        )
        return found, False
    return None, False


def _is_theirs(report: Report, subscriber: Subscriber) -> bool:
    """Whether it was their own address that failed, not one that they forward to."""
    return not report.addresses or subscriber.key in report.addresses


def _mark(delivery: Delivery, returned: Delivery.Returned, now: datetime) -> bool:
    """Keep the gravest of what came back; True where this is graver than what was known."""
    milder = [known for known, weight in _WEIGHT.items() if weight < _WEIGHT[returned.value]]
    changed = Delivery.objects.filter(pk=delivery.pk, returned__in=milder).update(
        returned=returned, returned_at=now
    )
    return bool(changed)


def _hard(delivery: Delivery, words: str, now: datetime) -> bool:
    if not _mark(delivery, Delivery.Returned.HARD, now):
        return False
    return subscribing.bounced(delivery.subscriber, now, words)


def _soft(delivery: Delivery, words: str, now: datetime) -> bool:
    """Once for each delivery: a server may report a letter more than once."""
    if not _mark(delivery, Delivery.Returned.SOFT, now):
        return False
    subscribing.bounced_softly(delivery.subscriber, now, words)
    return True


def _complaint(delivery: Delivery, words: str, now: datetime) -> bool:
    if not _mark(delivery, Delivery.Returned.COMPLAINT, now):
        return False
    return subscribing.complained(delivery.subscriber, now, words or "complaint")


def _leave(delivery: Delivery, words: str, now: datetime) -> bool:
    return subscribing.unsubscribe(delivery.subscriber, now, "by mail", after=delivery)


def _reply(delivery: Delivery, words: str, now: datetime) -> bool:
    return bool(Delivery.objects.filter(pk=delivery.pk, replied=None).update(replied=now))
