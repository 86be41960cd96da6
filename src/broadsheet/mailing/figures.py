"""What became of a dispatch, in numbers. Nothing here writes, and nothing counts who reads what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from broadsheet.mailing import pace
from broadsheet.mailing.models import Delivery, Dispatch, Subscriber

LEFT_WITHIN = timedelta(days=30)  # who unsubscribes later does so for another issue


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one dispatch. `done` is in percent of the audience; `left` is None if unknown."""

    audience: int
    waiting: int
    moving: int
    accepted: int
    refused: int
    doubt: int
    dropped: int  # left, or became unreachable, since the audience was frozen
    soft: int
    hard: int
    complaints: int
    replies: int
    unsubscribed: int
    left: timedelta | None

    @property
    def done(self) -> int:
        ended = self.audience - self.waiting - self.moving
        return 100 * ended // self.audience if self.audience else 0


def of(dispatch: Dispatch, now: datetime) -> Figures:
    """Three queries; a fourth and fifth while it is being sent."""
    states: dict[str, int] = dict(
        dispatch.deliveries.order_by().values_list("state").annotate(n=Count("pk"))
    )
    came = dispatch.deliveries.aggregate(
        soft=Count("pk", filter=Q(returned=Delivery.Returned.SOFT)),
        hard=Count("pk", filter=Q(returned=Delivery.Returned.HARD)),
        complaints=Count("pk", filter=Q(returned=Delivery.Returned.COMPLAINT)),
        replies=Count("replied"),
    )
    waiting = states.get("waiting", 0)
    sending = dispatch.state == Dispatch.State.SENDING and waiting
    return Figures(
        audience=sum(states.values()),
        waiting=waiting,
        moving=states.get("claimed", 0),
        accepted=states.get("accepted", 0),
        refused=states.get("refused", 0),
        doubt=states.get("doubt", 0),
        dropped=states.get("left", 0),
        **came,
        unsubscribed=_unsubscribed(dispatch),
        left=pace.time_left(dispatch, waiting, now) if sending else None,
    )


def _unsubscribed(dispatch: Dispatch) -> int:
    """How many of its readers left within a month, before they got the next."""
    if dispatch.started is None:
        return 0
    newsletter = dispatch.edition.issue.newsletter_id
    following = (
        Dispatch.objects.filter(edition__issue__newsletter=newsletter, started__gt=dispatch.started)
        .exclude(matter=dispatch.matter)
        .order_by("started")
        .first()
    )
    end = dispatch.started + LEFT_WITHIN
    if following is not None and following.started is not None:
        end = min(end, following.started)
    return dispatch.deliveries.filter(
        subscriber__state__in=[Subscriber.State.UNSUBSCRIBED, Subscriber.State.COMPLAINED],
        subscriber__left__gte=dispatch.started,
        subscriber__left__lt=end,
    ).count()


def dispatches() -> QuerySet[Dispatch]:
    """All dispatches, the newest first. One query."""
    return Dispatch.objects.select_related("edition__issue__newsletter", "made_by").order_by(
        "-made", "-pk"
    )


def in_doubt(dispatch: Dispatch) -> QuerySet[Delivery]:
    """The deliveries that an editor has to decide on."""
    return (
        dispatch.deliveries.filter(state=Delivery.State.DOUBT)
        .select_related("subscriber")
        .order_by("pk")
    )


def refused(dispatch: Dispatch) -> QuerySet[Delivery]:
    """The refused, with the server's words."""
    return (
        dispatch.deliveries.filter(state=Delivery.State.REFUSED)
        .select_related("subscriber")
        .order_by("pk")
    )
