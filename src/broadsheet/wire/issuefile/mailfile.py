"""Mail and saved web pages in mail form (.eml, .mhtml) -> lines."""

from __future__ import annotations

import email
import email.errors
import email.policy
import re
from dataclasses import replace
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

from broadsheet.wire.issuefile import page, plain
from broadsheet.wire.issuefile.bytestext import decoded
from broadsheet.wire.issuefile.lines import Source

_PREFIX = re.compile(
    r"(?i)^(?:\s*(?:re|fwd?|aw|wg|tr|轉寄|回覆)\s*[:：]\s*)+|^\s*\[[^\]]{1,30}\]\s*"
)


def read(data: bytes) -> Source:
    """The lines of a message: its HTML part where it has one, else its text."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    html, text = _parts(message)
    subject = _PREFIX.sub("", " ".join(str(_header(message, "subject")).split()))
    source = Source(())
    if html is not None:
        source = page.read(
            html[0], encoding=html[1], base=_header(message, "content-location") or None
        )
    if text is not None and not any(line.text for line in source.lines):
        source = plain.read(decoded(*text))
    return replace(
        source,
        title=subject or source.title,
        published=_day(_header(message, "date")) or source.published,
        newsletter=source.newsletter or _sender(_header(message, "from")),
    )


def _parts(
    message: EmailMessage,
) -> tuple[tuple[bytes, str | None] | None, tuple[bytes, str | None] | None]:
    """The longest HTML part and the longest text part, each with the charset it names."""
    html: tuple[bytes, str | None] | None = None
    text: tuple[bytes, str | None] | None = None
    for part in message.walk():
        kind = part.get_content_type()
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        if kind not in ("text/html", "text/plain", "application/xhtml+xml"):
            continue
        payload = part.get_payload(decode=True)
        body = payload if isinstance(payload, bytes) else b""
        try:
            charset = part.get_content_charset()
        except (LookupError, ValueError, email.errors.MessageError):
            charset = None
        if kind == "text/plain":
            if text is None or len(body) > len(text[0]):
                text = (body, charset)
        elif html is None or len(body) > len(html[0]):
            html = (body, charset)
    return html, text


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name) or "")
    except (ValueError, IndexError, TypeError, AttributeError):  # a header that cannot be parsed
        return ""


def _day(header: str) -> str:
    try:
        return parsedate_to_datetime(header).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _sender(header: str) -> str:
    return parseaddr(header)[0].strip()
