"""The way out that the desk's settings name: BROADSHEET_MAIL as a transport."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from django.conf import settings

from broadsheet.mailing.smtp import Server, Smtp
from broadsheet.mailing.transports import Transport, TransportError

_SECURITY = {"smtp": "auto", "smtp+starttls": "starttls", "smtps": "tls", "smtp+plain": "none"}
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465, "smtp+plain": 25}
FORMS = (
    "smtps://name:password@mail.example.org, smtp+starttls://name:password@mail.example.org:587, "
    "smtp://localhost, sendmail:///usr/sbin/sendmail, or anymail:brevo"
)


def named(address: str | None = None) -> Transport:
    """The transport of an address like those in FORMS; by default that of the settings.

    TransportError where there is none, or it cannot be read.
    """
    given = settings.MAIL if address is None else address
    if not given:
        raise TransportError(
            "The desk has no way to send mail",
            at="BROADSHEET_MAIL",
            hint=f"Set it to one of: {FORMS}.",
            stop=True,
        )
    scheme = given.partition(":")[0].lower()
    if scheme in _SECURITY:
        return Smtp(server(given))
    if scheme == "sendmail":
        from broadsheet.mailing.sendmail import Sendmail  # noqa: PLC0415

        return Sendmail(urlsplit(given).path or "/usr/sbin/sendmail")
    if scheme == "anymail":
        from broadsheet.mailing.services import Service  # noqa: PLC0415 -- an extra

        return Service(given.partition(":")[2])
    raise TransportError(
        f"{scheme!r} is no way to send mail",
        at="BROADSHEET_MAIL",
        hint=f"Write one of: {FORMS}.",
        stop=True,
    )


def server(address: str) -> Server:
    """The SMTP server of an address."""
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS[parts.scheme]
    except ValueError as error:
        raise TransportError(
            "The mail server's address cannot be read",
            at="BROADSHEET_MAIL",
            hint=f"Write one of: {FORMS}. Signs such as @ or / in a password are written as %40, %2F.",
            stop=True,
        ) from error
    return Server(
        host=parts.hostname or "localhost",
        port=port,
        security=_SECURITY[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        helo=settings.MAIL_HELO,
    )
