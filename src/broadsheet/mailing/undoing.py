"""Taking an import back: what it alone did is undone, and what a person did since never is.

    fates_of(made)    how many would be taken off, put back, or stay, and why; changes nothing
    undo(made)        the editor saw that and says so; `away` also for those whom the file called gone
    take_back(made)   does it, a chunk at a time; stopped or killed, it goes on where it was

Who confirmed, changed something or was sent an issue since stays. So does who is in another file as
well: that file speaks for them from then on. Whom the file called unsubscribed or bounced is not
written to, unless the editor says that the file was wrong in this, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.jobs import queue
from broadsheet.mailing import consent, erasing
from broadsheet.mailing.models import Consent, Delivery, Happening, Import, Proof, Subscriber, Trace
from broadsheet.mailing.subscribing import State, SubscribingError, note
from broadsheet.people import doors
from broadsheet.people.models import Editor

Basis = Subscriber.Basis

CHUNK = 1000  # subscribers of a transaction
_ON = (State.ACTIVE, State.PAUSED)
ENDED = (Import.State.DONE, Import.State.DROPPED, Import.State.FAILED)
_SENT = (
    Delivery.State.CLAIMED, Delivery.State.ACCEPTED, Delivery.State.REFUSED, Delivery.State.DOUBT,
)  # fmt: skip

# What becomes of those whom the import brought or changed: the word in the counts, and on the page.
OUTCOMES = {
    "off": gettext_lazy("subscribed by this import: taken off the list"),
    "unconfirmed": gettext_lazy("had asked here and not confirmed: not confirmed again"),
    "away": gettext_lazy("unsubscribed or bounced there: nobody writes to them"),
    "ended": gettext_lazy("subscribed here before, and ended by the file"),
    "confirmed": gettext_lazy("confirmed here since: stay"),
    "acted": gettext_lazy("changed something, left or bounced since: stay as they are"),
    "sent": gettext_lazy("were sent an issue since: stay"),
    "another": gettext_lazy("in another file as well: stay, by that file alone"),
}
# The same where the editor said that the file was wrong about those who left there, too.
AWAY = {
    "away": gettext_lazy("unsubscribed or bounced there: taken off the list as well"),
    "ended": gettext_lazy("subscribed here before, and ended by the file: put back as they were"),
}
# Who was sent an issue since, where the editor says that they are not to be written to again.
SENT = {"sent": gettext_lazy("were sent an issue since: unsubscribed")}
STAY = ("confirmed", "acted", "sent")


# --- who -----------------------------------------------------------------------------------------


def _brought(made: Import) -> QuerySet[Any, Any]:
    """Whom the import brought, each with its fate."""
    me = OuterRef("pk")
    sent = Delivery.objects.filter(subscriber=me, state__in=_SENT)
    own = Consent.objects.filter(subscriber=me).exclude(basis=Basis.ELSEWHERE)
    others = Trace.objects.filter(subscriber=me, outcome="known").exclude(
        made__state=Import.State.UNDONE
    )
    return Subscriber.objects.filter(imported=made).annotate(
        fate=Case(
            When(Q(basis__in=(Basis.OWN, Basis.BY_HAND)) | Exists(own), then=Value("confirmed")),
            When(
                Exists(Happening.objects.filter(subscriber=me))
                | Exists(Proof.objects.filter(subscriber=me)),
                then=Value("acted"),
            ),
            When(Exists(sent), then=Value("sent")),
            When(Exists(others), then=Value("another")),
            When(state__in=_ON, then=Value("off")),
            default=Value("away"),
            output_field=CharField(),
        )
    )


def _traced(made: Import) -> QuerySet[Any, Any]:
    """Whom the import changed, each with its fate."""
    me = OuterRef("subscriber")
    since = Happening.objects.filter(subscriber=me, pk__gt=OuterRef("happened"))
    sent = Delivery.objects.filter(
        Q(tried__gt=OuterRef("at")) | Q(state=Delivery.State.CLAIMED), subscriber=me
    )
    others = Trace.objects.filter(subscriber=me, outcome="known", pk__gt=OuterRef("pk")).exclude(
        made__state=Import.State.UNDONE
    )
    elsewhere = Q(subscriber__state__in=_ON, subscriber__basis=Basis.ELSEWHERE)
    return _changed(made).annotate(
        fate=Case(
            When(subscriber__state=State.ERASED, then=Value("acted")),
            When(Q(outcome="new") & Q(subscriber__basis=Basis.OWN), then=Value("confirmed")),
            When(Exists(since), then=Value("acted")),
            When(Exists(sent), then=Value("sent")),
            When(Exists(others), then=Value("another")),
            When(Q(outcome="new") & elsewhere, then=Value("unconfirmed")),
            When(outcome="leave", subscriber__state=State.UNSUBSCRIBED, then=Value("ended")),
            When(outcome="give_up", subscriber__state=State.BOUNCED, then=Value("ended")),
            default=Value("acted"),
            output_field=CharField(),
        )
    )


def _changed(made: Import) -> QuerySet[Trace]:
    return Trace.objects.filter(made=made).exclude(outcome="known")


def fates_of(made: Import) -> dict[str, int]:
    """How many of whom the import brought or changed have which fate. Two queries."""
    counts: Counter[str] = Counter()
    for found in (_brought(made), _traced(made)):
        counts.update(dict(found.order_by().values_list("fate").annotate(n=Count("pk"))))
    return {fate: counts[fate] for fate in OUTCOMES if counts[fate]}


def can(made: Import) -> bool:
    """Whether anybody is left that it brought or changed. Two queries at most."""
    if made.state not in ENDED:
        return False
    return Subscriber.objects.filter(imported=made).exists() or _changed(made).exists()


# --- doing it ------------------------------------------------------------------------------------


@transaction.atomic
def undo(
    made: Import,
    editor: Editor | None,
    now: datetime,
    *,
    away: bool = False,
    sent: bool = False,
) -> None:
    """The editor takes the import back; the desk's worker does it.

    away  also what the file said of those who left or bounced there: they may be written to again,
          where they were before, or be taken in by another file
    sent  who was sent an issue since is unsubscribed: they stay in the counts of what went out, and
          only they themselves can come back
    """
    counts = fates_of(made)
    changed = Import.objects.filter(pk=made.pk, state__in=ENDED).update(
        state=Import.State.UNDOING,
        undone=now,
        undone_by=editor,
        total=sum(counts.values()),
        done=0,
        settings=made.settings | {"undo": {"away": away, "sent": sent}},
    )
    if not changed:
        raise SubscribingError(_("This import is being taken back already, or has been."))
    idle = {*STAY, *({} if away else AWAY)} - ({"sent"} if sent else set())
    if not any(n for fate, n in counts.items() if fate not in idle):
        raise SubscribingError(_("Nobody is left whom this import brought or changed."))
    doors.note(editor, "took back an import", made.name, now)
    queue.enqueue("undo", str(made.pk), now)
    made.refresh_from_db()


def take_back(made: Import, now: datetime) -> Iterator[int]:
    """Take the import back; yields how many were looked at. Who did something meanwhile stays."""
    for step in ("brought", "traced"):
        while True:
            with transaction.atomic():
                made = Import.objects.select_for_update().get(pk=made.pk)
                if made.state != Import.State.UNDOING:  # a job may be done twice
                    return
                if not _step(made, step, now):
                    break
            yield made.done
    Import.objects.filter(pk=made.pk, state=Import.State.UNDOING).update(state=Import.State.UNDONE)


def _step(made: Import, step: str, now: datetime) -> bool:
    """The next chunk of those who were brought, or changed; False where none is left."""
    undo = made.settings["undo"]
    rows = Subscriber.objects.filter(imported=made) if step == "brought" else _changed(made)
    locked = rows.filter(pk__gt=undo.get(step, 0)).order_by("pk").select_for_update()
    numbers = list(locked.values_list("pk", flat=True)[:CHUNK])
    if not numbers:
        return False
    counts = Counter(undo.get("counts", {}))
    if step == "brought":
        brought = list(_brought(made).filter(pk__in=numbers))
        counts.update(one.fate for one in brought)
        _take_off(made, brought, away=undo["away"], now=now)
        if undo["sent"]:
            _stop(made, {one.pk for one in brought if one.fate == "sent"}, now)
    else:
        traced = list(_traced(made).filter(pk__in=numbers).select_related("subscriber"))
        counts.update(one.fate for one in traced)
        _put_back(made, traced, away=undo["away"], now=now)
    made.done += len(numbers)
    made.settings |= {"undo": undo | {step: numbers[-1], "counts": dict(counts)}}
    made.save(update_fields=["done", "settings"])
    return True


def _take_off(made: Import, brought: list[Any], *, away: bool, now: datetime) -> None:
    goes = {one.pk for one in brought if one.fate == "off" or (away and one.fate == "away")}
    # In an audience that was frozen: they are taken out of it, and stay in its counts as a number.
    waiting = Delivery.objects.filter(subscriber__in=goes, state=Delivery.State.WAITING)
    waiting.update(state=Delivery.State.LEFT)
    counted = Delivery.objects.filter(subscriber__in=goes)
    goes -= set(counted.filter(state__in=_SENT).values_list("subscriber_id", flat=True))
    numbers = set(counted.values_list("subscriber_id", flat=True)) & goes
    erasing.forget([one for one in brought if one.pk in numbers])
    Subscriber.objects.filter(pk__in=goes - numbers).delete()
    others = {one.pk for one in brought if one.fate == "another"}
    for trace in _spoken_for(made, others):
        _hand_over(made, trace, now)


def _stop(made: Import, subscribers: set[int], now: datetime) -> None:
    """Not as if they had left by a letter: no letter's count of those who left it is touched."""
    about = _("the import of %(name)s was taken back") % {"name": made.name}
    found = list(Subscriber.objects.filter(pk__in=subscribers, state__in=_ON))
    for one in found:
        one.state, one.left = State.UNSUBSCRIBED, max(now, one.consented or now)
        one.soft_bounces, one.soft_since = 0, None
    Subscriber.objects.bulk_update(found, ["state", "left", "soft_bounces", "soft_since"], 200)
    Happening.objects.bulk_create(
        Happening(
            subscriber=one, what=State.UNSUBSCRIBED, note=about[:300], at=now, editor=made.undone_by
        )
        for one in found
    )


def _spoken_for(made: Import, subscribers: set[int]) -> list[Trace]:
    """The first other import that has each of these as well."""
    found = (
        Trace.objects.filter(subscriber__in=subscribers, outcome="known")
        .exclude(made=made)
        .exclude(made__state=Import.State.UNDONE)
        .select_related("made__words", "subscriber")
        .order_by("-pk")
    )
    return list({one.subscriber_id: one for one in found}.values())


def _hand_over(made: Import, trace: Trace, now: datetime) -> None:
    """They are another import's from here on, with its words where it has any."""
    one, other = trace.subscriber, trace.made
    Subscriber.objects.filter(pk=one.pk, imported=made).update(imported=other)
    if one.state in _ON and other.words is not None and made.words is not None:
        Consent.objects.filter(subscriber=one, words=made.words, basis=Basis.ELSEWHERE).delete()
        consent.record(
            one, Basis.ELSEWHERE, other.words, one.consented or now, consent.filed(other.name)
        )
    trace.delete()


def _put_back(made: Import, traced: list[Any], *, away: bool, now: datetime) -> None:
    for trace in traced:
        if trace.fate == "unconfirmed":
            _unconfirm(made, trace)
        elif trace.fate == "ended" and away:
            _revive(made, trace, now)
        elif trace.fate == "another":
            names = ("outcome", "state", "basis", "consented", "left", "happened")
            later = Trace.objects.filter(subscriber=trace.subscriber_id, pk__gt=trace.pk)
            known = later.filter(outcome="known").exclude(made__state=Import.State.UNDONE)
            for other in known.order_by("pk")[:1]:
                Trace.objects.filter(pk=other.pk).update(
                    **{name: getattr(trace, name) for name in names}
                )
            trace.delete()


def _unconfirm(made: Import, trace: Trace) -> None:
    one = trace.subscriber
    one.deliveries.filter(state=Delivery.State.WAITING).update(state=Delivery.State.LEFT)
    one.consents.filter(words=made.words, basis=Basis.ELSEWHERE).delete()
    one.state, one.basis, one.consented = trace.state, trace.basis, trace.consented
    one.save(update_fields=["state", "basis", "consented"])
    trace.delete()


def _revive(made: Import, trace: Trace, now: datetime) -> None:
    """As they were before the file ended it; also the letter that they seemed to have answered so."""
    one = trace.subscriber
    one.state, one.left = trace.state, trace.left
    one.save(update_fields=["state", "left"])
    one.deliveries.filter(unsubscribed=trace.at).update(unsubscribed=None)
    about = _("the import of %(name)s was taken back") % {"name": made.name}
    note(one, "put back", now, about, made.undone_by)
    trace.delete()
