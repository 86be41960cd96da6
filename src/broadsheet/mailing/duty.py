"""What a worker does for the mailing, round by round: sends what is due, reads what came back."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from broadsheet.mailing import outbox
from broadsheet.mailing.bounces import box, taking
from broadsheet.mailing.dns import Resolver
from broadsheet.mailing.postroom import Postroom
from broadsheet.mailing.transports import TransportError

log = logging.getLogger(__name__)
REST = 1.0  # seconds between two looks for something to send
BOX_EVERY = 300.0  # seconds between two looks into the mailbox for bounces


def rounds(stop: threading.Event, *, once: bool = False) -> Iterator[str]:
    """Work until stopped, or once; yields what was done, in words. Nothing here ends the worker."""
    room = Postroom(outbox.named, lanes=settings.MAIL_CONNECTIONS, exchangers=Resolver().exchangers)
    looked = -BOX_EVERY
    while not stop.is_set():
        try:
            if settings.MAIL and (sent := room.turn(stop)):
                yield f"{sent:,} mails handed over"
            if settings.BOUNCE_BOX and time.monotonic() - looked >= BOX_EVERY:
                looked = time.monotonic()
                if came := returned():
                    yield f"{came:,} mails came back"
        except (TransportError, DatabaseError) as error:
            log.warning("%s", error)
        except Exception:  # one bad mail, one defect: the next round may still go well
            log.exception("A round of the mailing failed")
        if once:
            return
        close_old_connections()
        stop.wait(REST)


def returned() -> int:
    """Take what is new in the bounce mailbox; how many mails."""
    return box.visit(settings.BOUNCE_BOX, lambda data: taking.take_mail(data, timezone.now()))
