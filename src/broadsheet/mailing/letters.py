"""The letter of a delivery: an edition as the press prints it, with this subscriber's wishes."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from broadsheet import front
from broadsheet.issues import house, pictures, queries
from broadsheet.issues.models import Edition, Newsletter
from broadsheet.mailing import audience, dkim, links, message, preferences, seals
from broadsheet.mailing.dispatch import Due
from broadsheet.mailing.models import Subscriber
from broadsheet.mailing.transports import Letter
from broadsheet.press.email import email
from broadsheet.press.plaintext import plaintext
from broadsheet.wire import edition as frozen
from broadsheet.wire.errors import WireError

TEST = "[Test] "
_TOKEN = "test000000000000"  # noqa: S105 -- of nobody, and as long as one


class SenderError(WireError):
    """The desk does not know yet in whose name it writes."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What makes readers' letters of one edition differ beyond their own addresses."""

    wants: str = Subscriber.Wants.FULL
    discreet: bool = False
    test: bool = False


class Writer:
    """Writes the letters of one edition. Prints and encodes each variant once; thread-safe to use.

    Made anew for each dispatch, so that the day on which a picture's permission ends is noticed.
    """

    def __init__(self, edition: Edition) -> None:
        self._row = edition
        self.about = str(edition)
        self._edition = pictures.placed(frozen.Edition.from_json(edition.content, at=self.about))
        self._sender = sender(edition.issue.newsletter)
        self._house = house.of(edition.issue.newsletter, settings.ADDRESS)
        self._keys = dkim.keys(settings.DKIM_FOLDER, self._sender.domain)
        nobody = Subscriber(token=_TOKEN)
        self._leave, self._preferences = links.leave(nobody), links.preferences(nobody)
        self._back = return_path(self._sender, _TOKEN)
        self._skeletons: dict[Variant, message.Skeleton] = {}
        self._printing = threading.Lock()

    @property
    def signed(self) -> bool:
        return bool(self._keys)

    def prepare(self, dues: Iterable[Due]) -> None:
        """Print what these letters need. After it, `letters` asks the database nothing."""
        for variant in {Variant(due.wants, due.discreet) for due in dues}:
            self._skeleton(variant)

    def letters(self, dues: Sequence[Due], at: datetime) -> list[Letter]:
        """The letters of claimed deliveries, dated `at`."""
        names = seals.message_ids(self._row.pk, [due.subscriber for due in dues])
        tokens = seals.return_tokens([due.delivery for due in dues])
        return [
            self._letter(
                self._back.replace(_TOKEN, back), due.address, name, due.token,
                Variant(due.wants, due.discreet), at,
            )
            for due, name, back in zip(dues, names, tokens, strict=True)
        ]  # fmt: skip

    def test(self, to: str, at: datetime, wants: str, *, discreet: bool) -> Letter:
        """The real thing, with "[Test]" before its subject and links that lead to nobody's page.

        Its Message-ID is of no subscriber, so mail programs do not take the real letter for a copy.
        """
        name = f"test.{int(at.timestamp() * 1000)}.{seals.message_id(self._row.pk, 0)}"
        back = return_path(self._sender, "")
        return self._letter(back, to, name, _TOKEN, Variant(wants, discreet, test=True), at)

    def _letter(
        self, back: str, to: str, name: str, token: str, variant: Variant, at: datetime
    ) -> Letter:
        reader = message.Reader(
            to=to,
            message_id=f"{name}@{self._sender.domain}",
            unsubscribe=self._leave.replace(_TOKEN, token),
            preferences=self._preferences.replace(_TOKEN, token),
        )
        data = self._skeleton(variant).letter(reader, at, self._keys)
        return Letter(back, to, data, reader.utf8, plain=True)

    def _skeleton(self, variant: Variant) -> message.Skeleton:
        found = self._skeletons.get(variant)
        if found is None:
            with self._printing:  # one lane prints, the others wait for it
                found = self._skeletons.get(variant) or self._made(variant)
                self._skeletons[variant] = found
        return found

    def _made(self, variant: Variant) -> message.Skeleton:
        kept, today = self._edition, timezone.localdate()
        web = front.whole(reverse("archive:edition", args=[kept.uid]))
        with override(_spoken(kept.language)):
            printed = _link_only(kept, web) if variant.wants == Subscriber.Wants.LINK else kept
            subject = kept.subject or f"{kept.newsletter}: {kept.title}"
            by = self._sender
            if variant.discreet:
                subject = _("Your letter")
                by = replace(by, name="")
                printed = replace(printed, preview=_quiet())
        alternates = _alternates(self._row)
        html = email(
            printed,
            house=self._house,
            base_url=settings.ADDRESS,
            today=today,
            web_url=web,
            archive_url=by.archive_url,
            preferences_url=message.PREFERENCES,
            unsubscribe_url=message.UNSUBSCRIBE,
            alternates=alternates,
        )
        text = plaintext(
            printed,
            house=self._house,
            today=today,
            web_url=web,
            preferences_url=message.PREFERENCES,
            unsubscribe_url=message.UNSUBSCRIBE,
            alternates=alternates,
        )
        return message.skeleton(
            by,
            subject=(TEST if variant.test else "") + subject,
            text=text,
            html=html,
            language=kept.language,
            archived_at=web,
            one_click=settings.ADDRESS.startswith("https://"),
        )


def sender(newsletter: Newsletter) -> message.Sender:
    """Who writes a newsletter. SenderError where BROADSHEET_MAIL_FROM is not set."""
    name, address = parseaddr(settings.MAIL_SENDER)
    if "@" not in address:
        raise SenderError(
            "The desk has no address to write from",
            at="BROADSHEET_MAIL_FROM",
            hint="Set it to a name and an address of your own domain: "
            "Lantern House <letter@lantern.example>.",
        )
    label = newsletter.list_label
    domain = address.rpartition("@")[2]
    _name, reply_to = parseaddr(settings.MAIL_REPLY_TO)
    return message.Sender(
        name=name or newsletter.organisation or newsletter.name,
        address=address,
        list_name=newsletter.name,
        list_id=f"{label}.{domain}",
        owner=reply_to or address,
        help_url=links.sign_up(newsletter),
        archive_url=front.whole(reverse("archive:editions")),
        subscribe_url=links.sign_up(newsletter),
        feedback=f"{label}:newsletter:broadsheet:{domain.replace(':', '')}",
        reply_to=reply_to,
    )


def return_path(by: message.Sender, token: str) -> str:
    """Where a bounce comes back to: one address for each delivery, where the desk reads a mailbox."""
    if not settings.MAIL_BOUNCES:
        return by.address
    local, _at, domain = settings.MAIL_BOUNCES.rpartition("@")
    return f"{local}+{token}@{domain}" if token else settings.MAIL_BOUNCES


def _link_only(kept: frozen.Edition, web: str) -> frozen.Edition:
    """A line and a link, for whoever wants no more in the mail."""
    line = _("The new issue is out: [read it on the web](%(address)s).") % {"address": web}
    return replace(kept, sections=(frozen.Section(intro=line),), preview=_("The new issue is out."))


def _quiet() -> str:
    """The first line of a letter with a discreet subject: lists of mail show it beside the subject, some 140
    characters of it, so it tells as little, and is long enough that the masthead is not shown there."""
    return _(
        "This letter is for you alone. As you wished, its subject does not tell what it is about. "
        "You can change that with a link at the end of it."
    )


def _alternates(row: Edition) -> dict[str, str]:
    """Language -> address of the same issue in it, where it is published."""
    out = {}
    for issue in audience.family(row)[1:]:
        other = queries.edition(issue.uid)
        if other is not None:
            path = reverse("archive:edition", args=[issue.uid])
            out[audience.language_of(other)] = front.whole(path)
    return out


def _spoken(language: str) -> str:
    """The language of our own words in a letter, as Django names it."""
    return preferences.spoken(language).lower()
