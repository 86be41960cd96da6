"""How fast: by the hour for all mail, for a dispatch, and for each mail service.

Everything is counted from what is written down, so that limits hold over restarts and over several
workers: a limit that each process counts for itself is no limit.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet

from broadsheet.mailing import addresses
from broadsheet.mailing.models import Delivery, Dispatch, MailDomain, MailService
from broadsheet.mailing.transports import Fate, Outcome

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
# What was tried "later than now" by more than this is left from a clock that was wrong, and not
# counted: else a desk whose clock went back a year would send nothing for a year.
CLOCK = timedelta(minutes=5)
RAMP = 1.5  # each day half as much again: from 100 a day to some 29,000 in two weeks
REST = timedelta(minutes=10)  # Gmail on 4.7.28: at least ten minutes, then one connection
WIDEN = timedelta(minutes=10)  # and one more each ten minutes that go well
KNOWN_FOR = timedelta(days=30)  # MX records seldom change
_RECOVERED = timedelta(hours=2)  # with a dozen connections there is nothing left to hold back
_SLOW = ("4.7.28", "5.7.28", "4.7.0", "4.7.500", "4.7.650", "4.7.652")  # Gmail, Yahoo, Microsoft


class Bound(Protocol):
    """Something that goes to a domain."""

    @property
    def domain(self) -> str: ...


R = TypeVar("R", bound=Bound)
Exchangers = Callable[[str], list[str] | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds at one moment for mail services.

    shut   take nothing now
    rooms  service -> how many more it may get now; those without a limit are not in it
    narrow a service comes out of its rest: `shut` has to be looked at again after each claim
    """

    shut: frozenset[str] = frozenset()
    rooms: Mapping[str, int] = field(default_factory=dict)
    narrow: bool = False


def room(dispatch: Dispatch, now: datetime, most: int) -> int:
    """How many may go out now by the limits per hour, 0 to `most`.

    Evenly: a sixtieth of an hour's number each minute, at least one.
    """
    scopes = (
        (settings.MAIL_PER_HOUR, Delivery.objects.all()),
        (dispatch.per_hour, dispatch.deliveries.all()),
    )
    left = most
    for per_hour, sent in scopes:
        if per_hour:
            left = min(left, per_hour - out_within(sent, now, HOUR))
            left = min(left, math.ceil(per_hour / 60) - out_within(sent, now, MINUTE))
    return max(0, left)


def out_within(sent: QuerySet[Delivery], now: datetime, span: timedelta) -> int:
    """How many went out in the last `span`, or are on their way."""
    recent = sent.filter(tried__gt=now - span, tried__lt=now + CLOCK)
    moving = sent.filter(state=Delivery.State.CLAIMED).exclude(
        tried__gt=now - span, tried__lt=now + CLOCK
    )
    return recent.count() + moving.count()


def per_hour(dispatch: Dispatch) -> int | None:
    """The number an hour that holds for a dispatch; None where there is no limit."""
    return slowest(dispatch.per_hour)


def slowest(asked: int | None) -> int | None:
    """The number an hour that holds where so many are asked for; None where there is no limit."""
    known = [number for number in (settings.MAIL_PER_HOUR, asked) if number]
    return min(known) if known else None


def lasts(readers: int, rate: int) -> timedelta:
    """How long so many take at a rate an hour."""
    return HOUR * (readers / rate)


def time_left(dispatch: Dispatch, waiting: int, now: datetime) -> timedelta | None:
    """How long the rest will take by its limit or, without one, by its last ten minutes. None: unknown."""
    limit = per_hour(dispatch)
    if limit:
        return lasts(waiting, limit)
    span = 10 * MINUTE
    began = dispatch.deliveries.filter(tried__gt=now - span).aggregate(first=Min("tried"))["first"]
    done = dispatch.deliveries.filter(tried__gt=now - span, tried__lt=now + CLOCK).count()
    return (now - began) * (waiting / done) if began and done and now > began else None


# --- mail services -------------------------------------------------------------------------------


def limits(now: datetime) -> Limits:
    """What each mail service may get now. No query is made for what is not limited."""
    held = {row.name: row for row in MailService.objects.filter(rests_until__gt=now - _RECOVERED)}
    shut = {name for name, row in held.items() if row.rests_until > now}
    if held:
        shut |= _crowded(held, now)
    rooms: dict[str, int] = {}
    if settings.MAIL_LIMITS:
        sent = _by_service(now, HOUR)
        rooms = {name: most - sent[name] for name, most in settings.MAIL_LIMITS.items()}
    if settings.MAIL_RAMP_UP:
        _ramp(rooms, now)
    shut |= {name for name, left in rooms.items() if left <= 0}
    return Limits(frozenset(shut), rooms, narrow=bool(held))


def _crowded(held: Mapping[str, MailService], now: datetime) -> set[str]:
    """Services coming out of their rest that have as many connections as they may have."""
    claims = (
        Delivery.objects.filter(state=Delivery.State.CLAIMED)
        .order_by()
        .values_list("claim", "domain")
        .distinct()
    )
    busy = Counter(dict.fromkeys(held, 0))
    pairs = {(claim, _service(domain)) for claim, domain in claims}
    busy.update(service for _, service in pairs if service in held)
    return {
        name
        for name, row in held.items()
        if now >= row.rests_until and busy[name] >= 1 + (now - row.rests_until) // WIDEN
    }


def _by_service(now: datetime, span: timedelta) -> Counter[str]:
    """How many mails each service got in the last `span`, or is getting."""
    recent = Q(tried__gt=now - span, tried__lt=now + CLOCK)
    out: Counter[str] = Counter()
    for chosen in (recent, Q(state=Delivery.State.CLAIMED) & ~recent):
        for domain, many in (
            Delivery.objects.filter(chosen)
            .order_by()
            .values_list("domain")
            .annotate(many=Count("pk"))
        ):
            out[_service(domain)] += many
    return out


def _ramp(rooms: dict[str, int], now: datetime) -> None:
    """A new sender begins small: so many a day to each service, each day half as much again."""
    first = Delivery.objects.filter(tried__isnull=False).aggregate(first=Min("tried"))["first"]
    days = max(0, (now - first).days) if first else 0
    most = int(settings.MAIL_RAMP_UP * RAMP ** min(days, 60))
    sent = _by_service(now, DAY)
    for name in MailDomain.objects.values_list("service", flat=True).distinct():
        rooms[name] = min(rooms.get(name, most), most - sent[name])


def know(dispatch: Dispatch, now: datetime, exchangers: Exchangers | None = None) -> int:
    """Write down which service takes each domain's mail, where limits ask for it; how many were new.

    exchangers  looks up the MX hosts of a domain; without it only the large services are known.
    Looked up side by side, and again after a month.
    """
    if not (settings.MAIL_LIMITS or settings.MAIL_RAMP_UP):
        return 0
    known = MailDomain.objects.filter(looked_up__gt=now - KNOWN_FOR).values("name")
    names = list(
        dispatch.deliveries.exclude(domain__in=known)
        .order_by()
        .values_list("domain", flat=True)
        .distinct()
    )
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda name: (exchangers(name) if exchangers else None) or [], names))
    MailDomain.objects.bulk_create(
        [
            MailDomain(name=name, service=addresses.service(name, hosts), looked_up=now)
            for name, hosts in zip(names, found, strict=True)
        ],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["service", "looked_up"],
    )
    return len(names)


def open_to(limits: Limits) -> Q:
    """The deliveries whose mail service takes something now."""
    if not limits.shut:
        return Q()
    return ~Q(domain__in=MailDomain.objects.filter(service__in=limits.shut).values("name"))


def within(limits: Limits, rows: Iterable[R]) -> list[R]:
    """The rows, in order, as long as there is room at each one's service."""
    if not limits.rooms:
        return list(rows)
    left = dict(limits.rooms)
    out = []
    for row in rows:
        name = _service(row.domain)
        if left.get(name, 1) > 0:
            out.append(row)
            if name in left:
                left[name] -= 1
    return out


def asks_to_slow(outcome: Outcome) -> bool:
    """Whether a service says that we send too fast, also where it says so as if for good."""
    return outcome.fate in (Fate.LATER, Fate.REFUSED) and outcome.status in _SLOW


def rest(domain: str, now: datetime, why: str) -> None:
    """Leave the service of this domain alone for a while."""
    name = _service(domain)
    MailDomain.objects.get_or_create(name=domain, defaults={"service": name, "looked_up": now})
    MailService.objects.update_or_create(
        name=name, defaults={"rests_until": now + REST, "why": why[:300]}
    )


def _service(domain: str) -> str:
    found = MailDomain.objects.filter(name=domain).values_list("service", flat=True).first()
    return found or addresses.service(domain)
