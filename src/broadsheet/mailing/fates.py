"""What becomes of each row of a file of subscribers, by what it says and who is here now.

Who left here stays gone whatever the file says; who left there does not come here. The fate of a
thousand rows takes two queries.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext_lazy

from broadsheet.issues.models import Newsletter
from broadsheet.mailing import suppression
from broadsheet.mailing.models import Subscriber

State, Basis = Subscriber.State, Subscriber.Basis

# What a row says of its address, the stronger word last.
SUBSCRIBED, CLEANED, LEFT, COMPLAINED = range(4)

# What becomes of a row: the word in `counts`, and in the words of the preview.
OUTCOMES = {
    "new": gettext_lazy("subscribed"),
    "known": gettext_lazy("here already: unchanged"),
    "gone": gettext_lazy("left here: not taken, and never to be written to"),
    "suppressed": gettext_lazy("asked to be erased and never written to: not taken"),
    "bounced": gettext_lazy("bounced here: not taken"),
    "add_left": gettext_lazy("unsubscribed there: kept, so that nobody writes to them"),
    "add_bounced": gettext_lazy("bounced there: kept, so that nobody writes to them"),
    "leave": gettext_lazy("subscribed here, and left there: unsubscribed"),
    "give_up": gettext_lazy("subscribed here, and bounced there: marked as bounced"),
    "came_back": gettext_lazy("left there, and confirmed here since: stay subscribed"),
    "doubles": gettext_lazy("in the file more than once: counted once"),
    "refused": gettext_lazy("not readable as an address: not taken"),
    "never": gettext_lazy("never subscribed there, or in a state we do not know: not taken"),
    "unasked": gettext_lazy("new since the preview, without words that they agreed to: not taken"),
}
REFUSES = ("gone", "suppressed", "bounced")


class Row(NamedTuple):
    """What the file says of one address. Times are ISO, or None where it tells none."""

    number: int
    key: str
    address: str
    domain: str
    says: int
    consented: str | None
    left: str | None
    language: str
    wants: str
    discreet: int
    paused: int
    line: str


class Known(NamedTuple):
    """Who is on the list already under a row's address."""

    pk: int
    state: str
    basis: str
    consented: datetime | None
    left: datetime | None
    imported_id: int | None


def chunks(kept: sqlite3.Connection, after: int, size: int) -> Iterator[list[Row]]:
    """The rows that were read of a file, behind this number, so many at a time."""
    asked = (
        f"SELECT {', '.join(Row._fields)} FROM rows WHERE number > ? "  # noqa: S608 -- our own names
        "ORDER BY number LIMIT ?"
    )
    while found := kept.execute(asked, (after, size)).fetchall():
        yield [Row._make(one) for one in found]
        after = found[-1][0]


def fated(newsletter: Newsletter, rows: Sequence[Row]) -> Iterator[tuple[Row, str, Known | None]]:
    """What becomes of each row, and who it is about where they are here. Two queries."""
    keys = [row.key for row in rows]
    found = Subscriber.objects.filter(newsletter=newsletter, key__in=keys)
    known = {one[0]: Known._make(one[1:]) for one in found.values_list("key", *Known._fields)}
    marked = suppression.suppressed(keys, newsletter)
    for row in rows:
        one = known.get(row.key)
        yield row, _fate(row, one, suppressed=row.key in marked), one


def _fate(row: Row, one: Known | None, *, suppressed: bool) -> str:
    if row.says == SUBSCRIBED:
        return _fate_of_subscribed(one, suppressed=suppressed)
    if one is None:
        if suppressed:
            return "known"
        return "add_bounced" if row.says == CLEANED else "add_left"
    if one.state in (State.UNSUBSCRIBED, State.COMPLAINED):
        return "known"
    own = one.basis == Basis.OWN and one.consented is not None
    if row.says == CLEANED:
        # Who confirmed here reads mail at this address, whatever another service met.
        return "known" if own or one.state == State.BOUNCED else "give_up"
    if own and row.left and one.consented and datetime.fromisoformat(row.left) < one.consented:
        return "came_back"
    return "leave"


def _fate_of_subscribed(one: Known | None, *, suppressed: bool) -> str:
    if one is not None and one.state in (State.ACTIVE, State.PAUSED):
        return "known"
    if suppressed:
        return "suppressed"
    if one is None or (one.state == State.PENDING and one.left is None):
        return "new"
    return "bounced" if one.state == State.BOUNCED else "gone"
