"""Mailing services as a way out, through django-anymail: `anymail:brevo`, `anymail:mailgun` ...

A service builds and signs the mail itself, so it is handed the parts of our letter and its headers.
Opens and clicks are switched off in every letter, whatever the account's settings are.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

from django.core.mail import get_connection
from django.core.mail.message import EmailMultiAlternatives

from broadsheet.mailing.transports import Fate, Letter, Outcome, TransportError

if TYPE_CHECKING:
    from email.message import EmailMessage

# What the service writes itself, or has its own field for.
_OWN = {"from", "to", "subject", "date", "message-id", "mime-version", "content-type", "reply-to",
        "dkim-signature", "content-transfer-encoding"}  # fmt: skip


class Service:
    """A transport that speaks to a service's web interface. Its key stands in ANYMAIL_... settings."""

    def __init__(self, name: str) -> None:
        path = f"anymail.backends.{name.strip('/').lower()}.EmailBackend"
        try:
            self._backend: Any = get_connection(path)
        except ModuleNotFoundError as error:
            anymail = (error.name or "").startswith("anymail.")
            raise TransportError(
                f"django-anymail knows no service {name!r}"
                if anymail
                else "django-anymail is missing",
                at="BROADSHEET_MAIL",
                hint="Its documentation lists the services."
                if anymail
                else "Install it: pip install 'broadsheet[services]'",
                stop=True,
            ) from error
        except Exception as error:  # a key that is not set: Anymail's own words say which
            raise TransportError(
                "The mailing service is not set up", at=name, hint=str(error), stop=True
            ) from error
        self._name = name

    def send(self, letters: Iterable[Letter]) -> Generator[Outcome]:
        for letter in letters:
            yield self._one(letter)

    def close(self) -> None:
        self._backend.close()

    def _one(self, letter: Letter) -> Outcome:
        from anymail.exceptions import (  # noqa: PLC0415 -- an extra
            AnymailAPIError,
            AnymailError,
            AnymailRecipientsRefused,
        )

        message = _parts(letter)
        try:
            self._backend.send_messages([message])
        except AnymailRecipientsRefused as error:
            return Outcome(Fate.REFUSED, 550, words=str(error)[:300], address=True)
        except AnymailAPIError as error:
            return self._failed(error)
        except AnymailError as error:
            raise TransportError(
                "The mailing service cannot send this letter",
                at=self._name,
                hint=str(error),
                stop=True,
            ) from error
        return _outcome(message)

    def _failed(self, error: Any) -> Outcome:
        code = error.status_code
        words = str(error)[:300]
        if code in (401, 403):
            raise TransportError(
                "The mailing service does not know our key", at=self._name, hint=words, stop=True
            ) from error
        if code == 429:
            return Outcome(Fate.LATER, 450, words=words)
        if code is not None and 400 <= code < 500:
            return Outcome(Fate.REFUSED, 550, words=words)
        # Only a connection that was never made is certain; one that broke may have brought it there.
        told = repr(error.__cause__)
        if code is None and ("NewConnectionError" in told or "ConnectTimeout" in told):
            raise TransportError("The mailing service does not answer", at=self._name) from error
        return Outcome(Fate.DOUBT, words=words)  # 5xx, or no answer: it may have taken the letter


def _parts(letter: Letter) -> EmailMultiAlternatives:
    """Our letter as the parts that a service's interface takes."""
    whole: EmailMessage = email.message_from_bytes(letter.data, policy=email.policy.default)
    text, html = (part.get_content() for part in whole.iter_parts())
    headers = {name: str(value) for name, value in whole.items() if name.lower() not in _OWN}
    message = EmailMultiAlternatives(
        subject=str(whole["Subject"]),
        body=text,
        from_email=str(whole["From"]),
        to=[letter.to],
        reply_to=[str(whole["Reply-To"])] if whole["Reply-To"] else None,
        headers=headers,
    )
    message.attach_alternative(html, "text/html")
    message.track_opens = message.track_clicks = False  # type: ignore[attr-defined]
    message.envelope_sender = letter.sender  # type: ignore[attr-defined]
    name = str(whole["Message-ID"]).strip("<>").partition("@")[0]
    message.metadata = {"letter": name}  # type: ignore[attr-defined]
    return message


def _outcome(message: Any) -> Outcome:
    status = message.anymail_status
    found = set(status.status or ())
    if found & {"sent", "queued"}:
        return Outcome(Fate.ACCEPTED, 250, words=f"queued as {status.message_id}")
    if found & {"invalid", "rejected"}:
        return Outcome(Fate.REFUSED, 550, words=", ".join(sorted(found)), address=True)
    return Outcome(Fate.DOUBT, words=", ".join(sorted(map(str, found))))
