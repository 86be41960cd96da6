"""The mails about getting in. Where no mail server is set up, the desk shows the link instead."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from broadsheet.people.errors import DoorError


def possible() -> bool:
    """Whether the desk can send mail: BROADSHEET_MAIL names a server."""
    return bool(settings.MAIL_FROM)


def invitation(to: str, by: str, organisation: str, link: str, days: int) -> None:
    """Ask somebody to come. Raises DoorError where the mail could not be handed over."""
    name = organisation or "Broadsheet"
    _send(
        to,
        _("%(by)s invites you to the desk of %(name)s") % {"by": by, "name": name},
        _(
            "%(by)s invites you to work on the newsletter of %(name)s.\n\n"
            "Open this link, choose a name and a password, and you are in:\n\n%(link)s\n\n"
            "It works once, for %(days)d days. If you do not know what this is about, delete this mail; "
            "nothing will happen."
        )
        % {"by": by, "name": name, "link": link, "days": days},
    )


def sign_in(to: str, link: str, minutes: int) -> None:
    """A link to sign in. Raises DoorError where the mail could not be handed over."""
    _send(
        to,
        _("Your link to sign in"),
        _(
            "Open this link to sign in at the desk:\n\n%(link)s\n\nIt works once, for %(minutes)d minutes. "
            "If you did not ask for it, delete this mail: nobody can come in without it."
        )
        % {"link": link, "minutes": minutes},
    )


def tell(to: str, subject: str, words: str) -> None:
    """Tell an administrator how the desk is. Raises DoorError where the mail could not be handed over."""
    _send(to, subject, words)


def _send(to: str, subject: str, body: str) -> None:
    # A name may hold anything that its owner typed; a header holds one line.
    letter = EmailMessage(" ".join(subject.split()), body, settings.MAIL_FROM, [to])
    try:
        letter.send()
    except (OSError, smtplib.SMTPException) as error:
        raise DoorError(
            _(
                "The mail server did not take the mail (%(why)s). Look at BROADSHEET_MAIL, or hand the "
                "link over."
            )
            % {"why": error}
        ) from error
