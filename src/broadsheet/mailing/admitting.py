"""Taking rows of a file in: a chunk by a few statements, since half a million are taken in while others work.

Rows of new subscribers go past Django's models, which cost five times what the database does. A column
that is missing here is refused by the database, since none but those that may be empty has a default.
"""

from __future__ import annotations

import base64
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max, Model
from django.utils.translation import gettext as _

from broadsheet.mailing import consent, subscribing
from broadsheet.mailing.fates import CLEANED, COMPLAINED, Known, Row, fated
from broadsheet.mailing.models import Consent, Happening, Import, Subscriber, Trace

State, Basis = Subscriber.State, Subscriber.Basis

_FRESH = (
    "newsletter", "imported", "address", "key", "domain", "token", "state", "basis", "consented",
    "left", "language", "wants", "discreet", "soft_bounces", "made",
)  # fmt: skip


def admit(made: Import, rows: Sequence[Row], now: datetime) -> Counter[str]:
    """Do with each row what is its fate; how many had which. Call it in a transaction."""
    counts: Counter[str] = Counter()
    fresh: list[tuple[Row, str]] = []
    here: list[tuple[Row, str, Known]] = []
    for row, fate, one in fated(made.newsletter, rows):
        if fate == "new" and made.words_id is None:
            counts["unasked"] += 1
            continue
        counts[fate] += 1
        if one is None and fate in ("new", "add_left", "add_bounced"):
            fresh.append((row, fate))
        elif one is not None and fate in ("new", "leave", "give_up", "known"):
            here.append((row, fate, one))
    _bring(made, fresh, now)
    _change(made, _of_imports(made, here), now)
    return counts


def _of_imports(
    made: Import, here: Sequence[tuple[Row, str, Known]]
) -> list[tuple[Row, str, Known]]:
    """Who is changed, and who is as the file says by another import's doing: two files speak for them.

    Who came by themselves and stays as they are needs no trace.
    """
    alone = [one.pk for _row, fate, one in here if fate == "known" and one.imported_id is None]
    traced = (
        set(Trace.objects.filter(subscriber__in=alone).values_list("subscriber_id", flat=True))
        if alone
        else set()
    )
    return [
        (row, fate, one)
        for row, fate, one in here
        if fate != "known" or one.pk in traced or one.imported_id not in (None, made.pk)
    ]


# --- who was not here ----------------------------------------------------------------------------


def _bring(made: Import, fresh: Sequence[tuple[Row, str]], now: datetime) -> None:
    last = Subscriber.objects.filter(imported=made).aggregate(last=Max("pk"))["last"] or 0
    insert(Subscriber, _FRESH, _values(made, fresh, now))
    if made.words_id is None:
        return
    subscriber, agreed = Subscriber._meta.db_table, Consent._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {agreed} (subscriber_id, basis, words_id, at, how) "  # noqa: S608 -- our own names
            f"SELECT id, basis, %s, consented, %s FROM {subscriber} "
            "WHERE imported_id = %s AND id > %s AND basis = %s",
            [made.words_id, consent.filed(made.name), made.pk, last, Basis.ELSEWHERE],
        )


def _values(
    made: Import, fresh: Sequence[tuple[Row, str]], now: datetime
) -> Iterable[tuple[Any, ...]]:
    moment = connection.ops.adapt_datetimefield_value
    today = moment(now)
    for (row, fate), token in zip(fresh, _tokens(len(fresh)), strict=True):
        agreed = moment(datetime.fromisoformat(row.consented)) if row.consented else None
        basis, left, state = "", None, State.ACTIVE.value
        if fate == "new":
            basis, agreed = Basis.ELSEWHERE.value, agreed or today
            state = State.PAUSED.value if row.paused else state
        elif row.says == CLEANED:
            state = State.BOUNCED.value
        else:
            gone = State.COMPLAINED if row.says == COMPLAINED else State.UNSUBSCRIBED
            state = gone.value
            left = moment(datetime.fromisoformat(row.left)) if row.left else today
        yield (
            made.newsletter_id, made.pk, row.address, row.key, row.domain, token, state, basis,
            agreed, left, row.language, row.wants, bool(row.discreet), 0, today,
        )  # fmt: skip


def _tokens(n: int) -> list[str]:
    """As `new_token` makes them, from one handful of chance: 12 bytes are 16 characters."""
    written = base64.urlsafe_b64encode(os.urandom(12 * n)).decode()
    return [written[at : at + 16] for at in range(0, 16 * n, 16)]


def insert(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of these fields, their values as the database takes them.

    By one statement that is prepared once, or by COPY where the database has it.
    """
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(model._meta.get_field(name).column)) for name in names)  # type: ignore[union-attr]
    table = f"{quote(model._meta.db_table)} ({columns})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(names))
            cursor.executemany(f"INSERT INTO {table} VALUES ({marks})", list(rows))  # noqa: S608


# --- who was here --------------------------------------------------------------------------------


def _change(made: Import, here: Sequence[tuple[Row, str, Known]], now: datetime) -> None:
    """Each by the verb for it, so that what it means elsewhere (a letter that was answered so, an open
    confirmation) is done; and with a trace, so that it can be taken back."""
    changed = {known.pk for _row, fate, known in here if fate in ("new", "leave", "give_up")}
    found = Subscriber.objects.in_bulk(changed)
    why = _("as the file %(name)s says") % {"name": made.name}
    for row, fate, known in here:
        one = found.get(known.pk)
        if one is not None and fate == "new":
            _confirmed_elsewhere(made, one, row, now)
        elif one is not None and fate == "leave":
            subscribing.unsubscribe(one, now, why)
        elif one is not None and fate == "give_up":
            subscribing.bounced(one, now, why)
    last = dict(
        Happening.objects.filter(subscriber__in=changed)
        .values_list("subscriber")
        .annotate(last=Max("pk"))
    )
    # A second run over the same people leaves the first trace: it knows how they were before.
    Trace.objects.bulk_create(
        [
            Trace(
                made=made,
                subscriber_id=known.pk,
                outcome=fate,
                state=known.state,
                basis=known.basis,
                consented=known.consented,
                left=known.left,
                happened=last.get(known.pk, 0),
                at=now,
            )
            for _row, fate, known in here
        ],
        ignore_conflicts=True,
    )


def _confirmed_elsewhere(made: Import, one: Subscriber, row: Row, now: datetime) -> None:
    """Somebody who asked here and never confirmed is in the file as subscribed."""
    assert made.words is not None  # admit() sees to it
    one.state = State.PAUSED if row.paused else State.ACTIVE
    one.basis = Basis.ELSEWHERE
    one.consented = datetime.fromisoformat(row.consented) if row.consented else now
    one.save(update_fields=["state", "basis", "consented"])
    consent.record(one, Basis.ELSEWHERE, made.words, one.consented, consent.filed(made.name))
