"""Taking subscribers along: a list as CSV for the desk, and for each subscriber what is kept of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from broadsheet.issues.models import Newsletter
from broadsheet.mailing import addresses
from broadsheet.mailing.models import Subscriber
from broadsheet.mailing.subscribing import State
from broadsheet.press import spreadsheet

COLUMNS = (
    "address", "state", "language", "wants", "discreet", "topics", "basis", "consented", "left", "made",
)  # fmt: skip


def lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Rows as lines of CSV (RFC 4180), safe in a spreadsheet; our import reads its apostrophe away."""
    for row in rows:
        yield spreadsheet.line(_said(one) for one in row)


def _said(value: object) -> object:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def as_csv(newsletter: Newsletter, states: Iterable[str] = ()) -> Iterator[str]:
    """Everybody on a newsletter's list but the erased, or those in some states. Memory stays flat."""
    found = Subscriber.objects.filter(newsletter=newsletter).exclude(state=State.ERASED)
    chosen = list(states)
    if chosen:
        found = found.filter(state__in=chosen)
    yield from lines([COLUMNS])
    rows = found.order_by("pk").prefetch_related("topics").iterator(chunk_size=2000)
    yield from lines(_row(one) for one in rows)


def _row(one: Subscriber) -> list[object]:
    return [
        one.address,
        one.state,
        one.language,
        one.wants,
        "yes" if one.discreet else "no",
        "; ".join(topic.name for topic in one.topics.all()),
        one.basis,
        one.consented,
        one.left,
        one.made,
    ]


def own(key: str) -> dict[str, Any]:
    """All that is kept of an address, for its owner: GDPR, articles 15 and 20."""
    found = (
        Subscriber.objects.filter(key=key)
        .select_related("newsletter", "imported")
        .prefetch_related("topics", "consents__words", "happenings")
        .order_by("pk")
    )
    return {"subscriptions": [_own(one) for one in found]}


def _own(one: Subscriber) -> dict[str, Any]:
    return {
        "newsletter": one.newsletter.name,
        "address": addresses.shown(one.address),
        "state": one.state,
        "since": one.made.isoformat(timespec="seconds"),
        "came with the file": one.imported.name if one.imported else None,
        "language": one.language or one.newsletter.language,
        "wants": one.wants,
        "discreet subject": one.discreet,
        "topics": [topic.name for topic in one.topics.all()],
        "soft bounces": one.soft_bounces,
        "consents": [
            {
                "at": consent.at.isoformat(timespec="seconds"),
                "basis": consent.basis,
                "how": consent.how,
                "words": consent.words.text,
            }
            for consent in one.consents.all()
        ],
        "history": [
            {
                "at": happening.at.isoformat(timespec="seconds"),
                "what": happening.what,
                "note": happening.note,
            }
            for happening in one.happenings.all()
        ],
    }
