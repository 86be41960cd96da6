"""What a letter can be handed to, and what came of it: the shapes that all transports share."""

from __future__ import annotations

import enum
import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Protocol

from broadsheet.wire.errors import WireError


class TransportError(WireError):
    """No letter can go: the server cannot be reached, or refuses us. Nothing is known to be sent.

    stop   a person has to mend it (a wrong password, a sender that is refused); trying again is no use
    """

    def __init__(self, what: str, *, at: str, hint: str = "", stop: bool = False) -> None:
        super().__init__(what, at=at, hint=hint)
        self.stop = stop


class Fate(enum.StrEnum):
    """What became of a letter that was handed over."""

    ACCEPTED = "accepted"  # the server took it upon itself
    REFUSED = "refused"  # for good: 5xx
    LATER = "later"  # not now: 4xx; certainly not sent
    UNSENT = "unsent"  # the connection ended before the letter was whole: certainly not sent
    DOUBT = "doubt"  # handed over whole, but the answer never came


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with its envelope.

    sender  the return path: bounces come back to it
    utf8    only for a server that speaks SMTPUTF8
    plain   known to have no line that begins with a point, so that SMTP has none to double
    """

    sender: str
    to: str
    data: bytes
    utf8: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter, and the server's own words.

    code     of the reply, 0 where none came
    status   the enhanced status code ("5.1.1", RFC 3463), "" where the server gave none
    address  whether the reply was about the recipient: only then may it speak against the address
    """

    fate: Fate
    code: int = 0
    status: str = ""
    words: str = ""
    address: bool = False


class Transport(Protocol):
    """A way out. Used by one thread."""

    def send(self, letters: Iterable[Letter]) -> Generator[Outcome]:
        """Send the letters in order; yields one outcome for each, as soon as it is known.

        A letter is not whole at the server before the outcome of the one before it was taken and the
        next asked for: who asks writes down first that it is begun.

        TransportError, before a letter is begun, where none can go. What was not yielded was not sent.
        """

    def close(self) -> None:
        """Say good-bye. Never raises."""


_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def status(words: str) -> str:
    """The enhanced status code in a reply (RFC 3463), or nothing."""
    found = _STATUS.search(words)
    return found[1] if found else ""
