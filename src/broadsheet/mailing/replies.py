"""Replies to what one person did about their subscription: confirm, welcome, known already, data.

Plain text with one link. They answer what somebody did, so they carry Auto-Submitted (RFC 3834) and
no one-click header: a button that ends nothing would be a lie.
"""

from __future__ import annotations

import secrets
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from broadsheet.issues.models import Newsletter
from broadsheet.jobs.models import Job
from broadsheet.mailing import dkim, links, message, preferences, signup
from broadsheet.mailing.letters import return_path, sender
from broadsheet.mailing.models import Proof, Subscriber
from broadsheet.mailing.preferences import Wishes
from broadsheet.mailing.subscribing import State
from broadsheet.mailing.transports import Fate, Letter, Transport, TransportError

# RFC 3834, 5; and the words that Exchange understands instead.
HEADERS = (("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All"))
_WIDTH = 72  # as people wrap plain text


@dataclass(frozen=True, slots=True)
class Reply:
    """What to send to whom; the transport makes a message of it, with HEADERS."""

    newsletter: Newsletter
    to: str
    subject: str
    text: str
    language: str


Post = Callable[[Reply], None]


def write(job: Job, post: Post, now: datetime) -> str:
    """Write and post the letter of a job; returns what came of it, without the address.

    Done twice, it makes a second letter with a new link, of which only the newer works.
    """
    kind, _space, number = job.key.partition(" ")
    letter = _proof(int(number), now) if kind == "proof" else _about(kind, int(number))
    if letter is None:
        return "nobody waits for it any more"
    post(letter)
    return "sent"


def post(reply: Reply, transport: Transport, now: datetime) -> None:
    """Hand a reply to the mail server. TransportError where it could not, so that it is tried again."""
    by = sender(reply.newsletter)
    headers = [
        ("From", message.mailbox("From", by.name, by.address)),
        ("To", message.safe(reply.to, "the address of a subscriber").encode()),
        ("Subject", message.phrase("Subject", reply.subject)),
        ("Message-ID", f"<{secrets.token_hex(16)}@{by.domain}>".encode()),
        *([("Reply-To", message.safe(by.reply_to, "Reply-To").encode())] if by.reply_to else []),
        ("Content-Language", message.safe(reply.language, "the language").encode("ascii")),
        *((name, value.encode()) for name, value in HEADERS),
    ]
    keys = dkim.keys(settings.DKIM_FOLDER, by.domain)
    letter = Letter(
        return_path(by, ""),
        reply.to,
        message.single(headers, reply.text, now, keys),
        utf8=not reply.to.isascii(),
    )
    for outcome in transport.send([letter]):
        # Refused for good: the address does not exist, and nobody waits. Handed over, but without
        # an answer: who asked can ask again, which is better than two.
        if outcome.fate in (Fate.LATER, Fate.UNSENT):
            raise TransportError("The mail server says: not now", at=f"{outcome.code}")


def _proof(number: int, now: datetime) -> Reply | None:
    proof = (
        Proof.objects.filter(pk=number, used=None, expires__gt=now)
        .select_related("subscriber__newsletter")
        .first()
    )
    if proof is None or proof.subscriber.state == State.ERASED:
        return None
    token = signup.seal(proof)
    if proof.purpose == Proof.Purpose.DATA:
        return _data(proof, token)
    return _confirm(proof, token)


def _about(kind: str, number: int) -> Reply | None:
    subscriber = Subscriber.objects.filter(pk=number).select_related("newsletter").first()
    if subscriber is None or subscriber.state not in (State.ACTIVE, State.PAUSED):
        return None
    return _welcome(subscriber) if kind == "welcome" else _known(subscriber)


def _confirm(proof: Proof, token: str) -> Reply:
    subscriber = proof.subscriber
    wishes = Wishes(**proof.asked)
    with translation.override(
        preferences.spoken(wishes.language or subscriber.newsletter.language)
    ):
        name = subscriber.newsletter.name
        return _letter(
            subscriber,
            _("Please confirm your address")
            if wishes.discreet
            else _("Please confirm: %(name)s") % {"name": name},
            _("Somebody, we hope you, asked that %(name)s comes to this address.") % {"name": name},
            _("To confirm, open this page and press the button:"),
            links.confirm(token),
            _(
                "The link works until %(date)s. If it was not you, do nothing: you get no mail "
                "from us, and the address is deleted after a month."
            )
            % {"date": date_format(timezone.localtime(proof.expires), "DATE_FORMAT")},
            language=wishes.language,
        )


def _welcome(subscriber: Subscriber) -> Reply:
    with translation.override(_language(subscriber)):
        name = subscriber.newsletter.name
        return _letter(
            subscriber,
            _("You are subscribed")
            if subscriber.discreet
            else _("You are subscribed: %(name)s") % {"name": name},
            _("Thank you. From the next issue on, %(name)s comes to this address.")
            % {"name": name},
            _("You chose: %(wishes)s. To change this, to pause or to unsubscribe, at any time:")
            % {"wishes": preferences.words(subscriber, preferences.of(subscriber))},
            links.preferences(subscriber),
            _(
                "We do not see whether you open our mail or which links you follow. Keep this "
                "letter, and pass it to nobody: its link changes your subscription."
            ),
        )


def _known(subscriber: Subscriber) -> Reply:
    with translation.override(_language(subscriber)):
        name = subscriber.newsletter.name
        return _letter(
            subscriber,
            _("You are subscribed already")
            if subscriber.discreet
            else _("You are subscribed already: %(name)s") % {"name": name},
            _("Somebody, perhaps you, asked that %(name)s comes to this address. It does already.")
            % {"name": name},
            _("If mail does not reach you, look among spam. To change what you get:"),
            links.preferences(subscriber),
            _("If it was not you, do nothing: nothing has changed."),
        )


def _data(proof: Proof, token: str) -> Reply:
    subscriber = proof.subscriber
    with translation.override(_language(subscriber)):
        return _letter(
            subscriber,
            _("What we keep about you"),
            _("Somebody, we hope you, asked to see or to erase what we keep about this address."),
            _("To do so, open this page:"),
            links.data(token),
            _("The link works for a day. If it was not you, do nothing: nothing has changed."),
        )


def _language(subscriber: Subscriber) -> str:
    return preferences.spoken(subscriber.language or subscriber.newsletter.language)


def _letter(subscriber: Subscriber, subject: str, *parts: str, language: str = "") -> Reply:
    newsletter = subscriber.newsletter
    language = preferences.spoken(language) if language else _language(subscriber)
    end = "-- \n" + (newsletter.organisation or newsletter.name)
    if settings.CONTACT:
        end += f"\n{settings.CONTACT}"
    return Reply(
        newsletter=newsletter,
        to=subscriber.address,
        subject=subject,
        text="\n\n".join([*map(_wrapped, parts), end]) + "\n",
        language=language,
    )


def _wrapped(part: str) -> str:
    """A paragraph as plain text; an address stays whole, or nobody could press it."""
    return textwrap.fill(part, _WIDTH, break_long_words=False, break_on_hyphens=False)
