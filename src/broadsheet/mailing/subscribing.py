"""Who is written to, and everything that changes that. Each verb may come twice and does harm never.

    pending -> active <-> paused
       active, paused -> unsubscribed, complained, bounced
       unsubscribed, complained -> active: only by a confirmation of their own (signup.confirm)
       bounced -> active: the same, or an editor who knows better (reinstate)
       any -> erased (erasing.erase)

The constraint `subscriber_left_stays_gone` holds the third line, whatever the code does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from broadsheet.issues.models import Newsletter
from broadsheet.mailing.models import Delivery, Happening, Subscriber, Topic
from broadsheet.people.models import Editor

State = Subscriber.State

# An address whose mail is put off again and again is given up after this many dispatches in a row,
# if the first was this long ago. A full mailbox and a holiday are over by then; a monthly letter
# is three months.
SOFT_BOUNCES = 3
SOFT_FOR = timedelta(days=14)

_GONE = (State.UNSUBSCRIBED, State.COMPLAINED, State.ERASED)


class SubscribingError(ValueError):
    """Why something cannot be done with a subscriber, in words for an editor or a reader."""


def mailable(
    newsletter: Newsletter, *, language: str = "", topic: Topic | None = None
) -> QuerySet[Subscriber]:
    """Everybody whom a dispatch may go to: the active, by language and topic where one is named.

    Who chose no language reads the newsletter's; who chose no topic gets all.
    """
    found = Subscriber.objects.filter(newsletter=newsletter, state=State.ACTIVE)
    if language:
        theirs = Q(language=language)
        if language == newsletter.language:
            theirs |= Q(language="")
        found = found.filter(theirs)
    if topic is not None:
        chosen = Subscriber.topics.through.objects.filter(subscriber_id=OuterRef("pk"))
        found = found.filter(Exists(chosen.filter(topic_id=topic.pk)) | ~Exists(chosen))
    return found.order_by("pk")


def by_token(token: str) -> Subscriber | None:
    """Whose link this is; None where nobody's, or where they were erased. One query."""
    return (
        Subscriber.objects.filter(token=token)
        .exclude(state=State.ERASED)
        .select_related("newsletter")
        .first()
    )


def note(
    subscriber: Subscriber, what: str, now: datetime, about: str = "", editor: Editor | None = None
) -> None:
    """Write down what happened, for whoever asks later."""
    Happening.objects.create(
        subscriber=subscriber, what=what, note=about[:300], at=now, editor=editor
    )


@transaction.atomic
def unsubscribe(
    subscriber: Subscriber,
    now: datetime,
    how: str,
    editor: Editor | None = None,
    after: Delivery | None = None,
) -> bool:
    """They want no more mail. False where they had left already; then nothing changes.

    how    is kept: "one click", "on the page", "by mail", "by an editor"
    after  the letter that they answered so, where that is known
    """
    left = _leave(subscriber, State.UNSUBSCRIBED, now, how, editor)
    if left:
        _count_leaving(subscriber, after, now)
    return left


def _count_leaving(subscriber: Subscriber, after: Delivery | None, now: datetime) -> None:
    """Write down, with the last letter that they got, that they left after it.

    Their link is the same in every letter, so which one they left by is not known, nor asked.
    """
    accepted = subscriber.deliveries.filter(state=Delivery.State.ACCEPTED)
    last = after or accepted.order_by("-tried").first()
    if last is not None:
        Delivery.objects.filter(pk=last.pk, unsubscribed=None).update(unsubscribed=now)


@transaction.atomic
def complained(subscriber: Subscriber, now: datetime, how: str) -> bool:
    """They called our mail spam: as unsubscribing, and never asked again by us."""
    return _leave(subscriber, State.COMPLAINED, now, how)


def _leave(
    subscriber: Subscriber, state: State, now: datetime, how: str, editor: Editor | None = None
) -> bool:
    # A clock that went back must not let an older consent seem the newer: the later time counts.
    # And an unsubscriber who complains on top is a complainer.
    staying = (State.COMPLAINED, State.ERASED) if state == State.COMPLAINED else _GONE
    left = max(filter(None, (now, subscriber.consented, subscriber.left)))
    changed = (
        Subscriber.objects.filter(pk=subscriber.pk)
        .exclude(state__in=staying)
        .update(state=state, left=left, soft_bounces=0, soft_since=None)
    )
    if changed:
        # An open confirmation must not bring back, later, who has left since.
        subscriber.proofs.filter(used=None, purpose="confirm").delete()
        note(subscriber, state.value, now, how, editor)
    else:
        _say_so_themselves(subscriber, state, now, how)
    subscriber.refresh_from_db()
    return bool(changed)


def _say_so_themselves(subscriber: Subscriber, state: State, now: datetime, how: str) -> None:
    """Whom a file called gone says so now: written down once, so that they stay gone when the import is
    taken back."""
    by_file = subscriber.traces.aggregate(last=Max("happened"))["last"]
    if by_file is None and subscriber.imported_id is None:
        return
    said = subscriber.happenings.filter(what__in=(State.UNSUBSCRIBED, State.COMPLAINED))
    if not said.filter(pk__gt=by_file or 0).exists():
        note(subscriber, state.value, now, how)


@transaction.atomic
def bounced(subscriber: Subscriber, now: datetime, why: str) -> bool:
    """The address takes no mail, and says that this will not change. True where that was news."""
    changed = (
        Subscriber.objects.filter(pk=subscriber.pk)
        .exclude(state__in=(*_GONE, State.BOUNCED))
        .update(state=State.BOUNCED)
    )
    if changed:
        note(subscriber, "bounced", now, why)
    subscriber.refresh_from_db()
    return bool(changed)


@transaction.atomic
def bounced_softly(subscriber: Subscriber, now: datetime, why: str) -> bool:
    """Mail was put off for good this time: a full mailbox, a greeting that failed.

    Call it once a dispatch, not once a try. True where the address was given up by it.
    """
    found = Subscriber.objects.filter(pk=subscriber.pk, state=State.ACTIVE)
    found.filter(soft_bounces=0).update(soft_since=now)
    if not found.update(soft_bounces=F("soft_bounces") + 1):
        return False
    subscriber.refresh_from_db()
    note(subscriber, "bounced softly", now, why)
    since = subscriber.soft_since or now
    if subscriber.soft_bounces >= SOFT_BOUNCES and now - since >= SOFT_FOR:
        return bounced(
            subscriber, now, _("%(n)d dispatches in a row") % {"n": subscriber.soft_bounces}
        )
    return False


def received(numbers: Iterable[int]) -> int:
    """Mail went through to these subscribers: soft bounces are forgiven. Returns how many had any."""
    return Subscriber.objects.filter(pk__in=list(numbers), soft_bounces__gt=0).update(
        soft_bounces=0, soft_since=None
    )


@transaction.atomic
def reinstate(subscriber: Subscriber, now: datetime, editor: Editor) -> None:
    """Write to a bounced address again: an editor knows that it works. Never to who has left."""
    came_back = subscriber.left is None or (
        subscriber.basis == Subscriber.Basis.OWN
        and subscriber.consented is not None
        and subscriber.consented > subscriber.left
    )
    if subscriber.consented is None or not came_back:
        raise SubscribingError(
            _("They never confirmed, or have left: only they themselves can subscribe again.")
        )
    changed = Subscriber.objects.filter(pk=subscriber.pk, state=State.BOUNCED).update(
        state=State.ACTIVE, soft_bounces=0, soft_since=None
    )
    if not changed:
        raise SubscribingError(_("The address has not bounced, so there is nothing to try again."))
    note(subscriber, "tried again", now, editor=editor)
    subscriber.refresh_from_db()


@transaction.atomic
def pause(subscriber: Subscriber, now: datetime) -> None:
    """No mail for now, by their own wish."""
    if Subscriber.objects.filter(pk=subscriber.pk, state=State.ACTIVE).update(state=State.PAUSED):
        note(subscriber, "paused", now)
    subscriber.refresh_from_db()


@transaction.atomic
def resume(subscriber: Subscriber, now: datetime) -> None:
    """Mail again after a pause."""
    if Subscriber.objects.filter(pk=subscriber.pk, state=State.PAUSED).update(state=State.ACTIVE):
        note(subscriber, "resumed", now)
    subscriber.refresh_from_db()
