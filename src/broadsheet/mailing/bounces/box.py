"""The mailbox that bounces come back to, read by IMAP. A mail is marked as seen once it is taken."""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit

from broadsheet.mailing.transports import TransportError

TIMEOUT = 60.0
AT_ONCE = 500  # mails in one visit; the rest waits for the next
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
FORM = "imaps://name:password@mail.example.org/INBOX"


def visit(address: str, take: Callable[[bytes], object], most: int = AT_ONCE) -> int:
    """Hand the unseen mails to `take`, one by one; how many there were.

    A mail is marked after `take` returned: what is cut short is taken again, which does no harm.
    TransportError where the mailbox cannot be opened.
    """
    with _opened(address) as box:
        count = 0
        for number in _unseen(box)[:most]:
            _, parts = box.uid("FETCH", number, "(BODY.PEEK[])")
            data = next((part[1] for part in parts or [] if isinstance(part, tuple)), None)
            if data is not None:
                take(data)
                count += 1
            box.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)")
        return count


def _unseen(box: imaplib.IMAP4) -> list[str]:
    _, found = box.uid("SEARCH", "UNSEEN")
    return [] if not found or not found[0] else found[0].decode().split()


@contextmanager
def _opened(address: str) -> Iterator[imaplib.IMAP4]:
    parts = urlsplit(address)
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme != "imaps" and not (parts.scheme == "imap" and here):
        raise TransportError(
            "The bounce mailbox is not named as it should be",
            at="BROADSHEET_BOUNCE_BOX",
            hint=f"Write {FORM}. Without TLS only a mailbox on this machine is read.",
            stop=True,
        )
    box: imaplib.IMAP4 | None = None
    try:
        if parts.scheme == "imaps":
            context = ssl.create_default_context()
            box = imaplib.IMAP4_SSL(
                parts.hostname or "", parts.port or 993, ssl_context=context, timeout=TIMEOUT
            )
        else:
            box = imaplib.IMAP4(parts.hostname or "", parts.port or 143, timeout=TIMEOUT)
        box.login(unquote(parts.username or ""), unquote(parts.password or ""))
        folder = unquote(parts.path.strip("/")) or "INBOX"
        done, said = box.select(f'"{folder}"')
        if done != "OK":
            raise imaplib.IMAP4.error(f"{folder}: {said!r}")
        yield box
    except (imaplib.IMAP4.error, OSError) as error:
        raise TransportError(
            "The bounce mailbox cannot be read",
            at=f"{parts.hostname}{parts.path}",
            hint="Look at the name, the password and the folder in BROADSHEET_BOUNCE_BOX.",
        ) from error
    finally:
        if box is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                box.logout()
