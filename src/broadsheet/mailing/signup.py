"""Signing up: somebody asks, a letter goes to the address, and only its reader's answer counts.

Whoever fills the form learns nothing of who is subscribed: the answer is the same for every address.
The letter is work for the queue, and its secret link is made when it is written, so that the link
is nowhere but in the mail.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.issues.models import Newsletter
from broadsheet.jobs import queue
from broadsheet.mailing import abuse, addresses, consent, preferences, suppression
from broadsheet.mailing.models import Proof, Subscriber
from broadsheet.mailing.preferences import Wishes
from broadsheet.mailing.subscribing import State, SubscribingError, note

GOOD_FOR = timedelta(days=7)  # a confirmation; whoever is on holiday signs up again
DATA_GOOD_FOR = timedelta(hours=24)
# So many letters that nobody answered within 30 days, and no more is written: they do not want it.
UNANSWERED = 5
UNANSWERED_FOR = timedelta(days=30)


@transaction.atomic
def ask(
    newsletter: Newsletter, typed: str, wishes: Wishes, words: str, where: str, now: datetime
) -> None:
    """Somebody asks that this address gets the newsletter. Nothing changes until its reader confirms.

    `where` is the network it came from (abuse.network). Raises AddressError where the address is
    none and TooManyError where too many forms came; all else gives the same answer.
    """
    address = addresses.parse(typed)
    abuse.count_form(where, now)
    subscriber, _made = Subscriber.objects.get_or_create(
        newsletter=newsletter,
        key=address.key,
        defaults={"address": str(address), "domain": address.domain, "made": now},
    )
    if _tired(subscriber, now) or not abuse.may_write(address.key, now):
        return
    if subscriber.state in (State.ACTIVE, State.PAUSED):
        queue.enqueue("letter", f"known {subscriber.pk}", now)
        # Who came by a file wants it now by themselves: that import no longer takes them along.
        if subscriber.imported_id and not subscriber.happenings.exists():
            note(subscriber, "asked", now)
    else:
        _ask_to_confirm(subscriber, wishes, words, now)


def _tired(subscriber: Subscriber, now: datetime) -> bool:
    since = now - UNANSWERED_FOR
    open_ones = subscriber.proofs.filter(purpose=Proof.Purpose.CONFIRM, used=None, made__gt=since)
    return open_ones.count() >= UNANSWERED


def _ask_to_confirm(subscriber: Subscriber, wishes: Wishes, words: str, now: datetime) -> None:
    proof = Proof.objects.create(
        subscriber=subscriber,
        purpose=Proof.Purpose.CONFIRM,
        asked=wishes.kept(),
        words=consent.kept(words),
        made=now,
        expires=now + GOOD_FOR,
    )
    note(subscriber, "asked", now)
    queue.enqueue("letter", f"proof {proof.pk}", now)


@transaction.atomic
def ask_again(subscriber: Subscriber, now: datetime) -> None:
    """Who left thinks better of it, on their own page: they confirm anew, with their wishes kept."""
    if subscriber.state in (State.ACTIVE, State.PAUSED, State.ERASED):
        return
    if not _tired(subscriber, now) and abuse.may_write(subscriber.key, now):
        words = consent.words_for(consent.form_of(subscriber.newsletter))
        _ask_to_confirm(subscriber, preferences.of(subscriber), words, now)


@transaction.atomic
def ask_for_data(subscriber: Subscriber, now: datetime) -> None:
    """Somebody with a link from a mail wants to see or erase what is kept: first prove the mailbox."""
    if subscriber.state == State.ERASED or not abuse.may_write(subscriber.key, now):
        return
    proof = Proof.objects.create(
        subscriber=subscriber,
        purpose=Proof.Purpose.DATA,
        made=now,
        expires=now + DATA_GOOD_FOR,
    )
    queue.enqueue("letter", f"proof {proof.pk}", now)


def seal(proof: Proof) -> str:
    """The secret of a proof's link, for the letter that is written now. An earlier one stops working."""
    token = secrets.token_urlsafe(18)
    Proof.objects.filter(pk=proof.pk).update(token_hash=_hash(token))
    return token


def proof_for(token: str, purpose: Proof.Purpose, now: datetime) -> Proof | None:
    """The open proof that a link is for; None where it is unknown, used or over. Changes nothing."""
    return (
        Proof.objects.filter(token_hash=_hash(token), purpose=purpose, used=None, expires__gt=now)
        .select_related("subscriber__newsletter", "words")
        .first()
    )


def used_by(token: str) -> Subscriber | None:
    """Who confirmed with this link before: so that a second press of the button is told the truth."""
    proof = (
        Proof.objects.filter(token_hash=_hash(token), purpose=Proof.Purpose.CONFIRM)
        .exclude(used=None)
        .select_related("subscriber__newsletter")
        .first()
    )
    return proof.subscriber if proof else None


@transaction.atomic
def confirm(token: str, now: datetime) -> Subscriber | None:
    """The reader of the mailbox says yes: they are subscribed. None where the link is not good (any more).

    This is the only way back for who has left.
    """
    proof = proof_for(token, Proof.Purpose.CONFIRM, now)
    if proof is None or proof.words is None:
        return None
    if not Proof.objects.filter(pk=proof.pk, used=None).update(used=now):
        return None
    subscriber = Subscriber.objects.select_for_update().get(pk=proof.subscriber_id)
    # A clock that went back must not leave the consent before the parting.
    after = subscriber.left + timedelta(microseconds=1) if subscriber.left else now
    subscriber.consented = max(now, after)
    subscriber.state, subscriber.basis = State.ACTIVE, Subscriber.Basis.OWN
    subscriber.soft_bounces, subscriber.soft_since = 0, None
    subscriber.save()
    asked = proof.asked
    topics = [str(number) for number in asked.get("topics", [])]
    wishes = preferences.read(subscriber.newsletter, asked, topics)
    preferences.choose(subscriber, wishes, now)
    suppression.lift(subscriber.key, subscriber.newsletter)
    consent.record(
        subscriber,
        Subscriber.Basis.OWN,
        proof.words,
        now,
        _("by the link in a letter to the address"),
    )
    note(subscriber, "confirmed", now)
    subscriber.proofs.filter(used=None, purpose=Proof.Purpose.CONFIRM).delete()
    queue.enqueue("letter", f"welcome {subscriber.pk}", now)
    return subscriber


@transaction.atomic
def add_by_hand(
    newsletter: Newsletter, typed: str, words: str, how: str, now: datetime, *, language: str = ""
) -> tuple[Subscriber, bool]:
    """An editor writes down who agreed by word or on paper. The second value: whether that was news.

    Who has left, complained, or was erased is not added: they are refused with SubscribingError.
    """
    address = addresses.parse(typed)
    known = Subscriber.objects.filter(newsletter=newsletter, key=address.key).first()
    if known is not None and known.state in (State.ACTIVE, State.PAUSED):
        by_hand = Subscriber.Basis.BY_HAND
        if known.imported_id and not known.consents.filter(basis=by_hand).exists():
            # They stay by this when the import that brought them is taken back.
            consent.record(known, by_hand, consent.kept(words), now, how)
        return known, False
    gone = known is not None and known.left is not None
    if gone or suppression.suppressed([address.key], newsletter):
        raise SubscribingError(
            _(
                "This address has left the list, and an editor cannot bring it back. Its owner "
                "can: give them the address of the sign-up form."
            )
        )
    subscriber = known or Subscriber(newsletter=newsletter, key=address.key, made=now)
    subscriber.address, subscriber.domain = str(address), address.domain
    subscriber.state, subscriber.basis = State.ACTIVE, Subscriber.Basis.BY_HAND
    subscriber.consented, subscriber.language = now, language
    subscriber.save()
    consent.record(subscriber, Subscriber.Basis.BY_HAND, consent.kept(words), now, how)
    return subscriber, True


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
