"""What became of a dispatch, in numbers. Nothing here writes, and nothing counts who reads what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from broadsheet.mailing import pace
from broadsheet.mailing.models import Delivery, Dispatch


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
    unsubscribed: int  # of those who got it, before they got another
    left: timedelta | None

    @property
    def done(self) -> int:
        ended = self.audience - self.waiting - self.moving
        return 100 * ended // self.audience if self.audience else 0


def of(dispatch: Dispatch, now: datetime) -> Figures:
    """Two queries; a third and fourth while it is being sent."""
    states: dict[str, int] = dict(
        dispatch.deliveries.order_by().values_list("state").annotate(n=Count("pk"))
    )
    came = dispatch.deliveries.aggregate(
        soft=Count("pk", filter=Q(returned=Delivery.Returned.SOFT)),
        hard=Count("pk", filter=Q(returned=Delivery.Returned.HARD)),
        complaints=Count("pk", filter=Q(returned=Delivery.Returned.COMPLAINT)),
        replies=Count("replied"),
        unsubscribed=Count("unsubscribed"),
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
        left=pace.time_left(dispatch, waiting, now) if sending else None,
    )


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
