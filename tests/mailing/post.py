"""What the tests of sending share: an edition with readers, and servers to send to."""

from __future__ import annotations

import email
import email.policy
import itertools
import socket
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller

from broadsheet.mailing.transports import Fate, Letter, Outcome

_n = itertools.count(1)


def edition(**content: Any) -> Any:
    """A kept edition with one of everything."""
    from django.utils import timezone

    from broadsheet.issues.models import Edition
    from tests import make
    from tests.press.edition import full

    issue = make.issue(month=f"{2000 + next(_n)}-06")
    kept = full().to_json() | {"uid": issue.uid} | content
    return Edition.objects.create(issue=issue, version=1, content=kept, published=timezone.now())


def correction(of: Any) -> Any:
    from broadsheet.issues.models import Edition

    return Edition.objects.create(
        issue=of.issue, version=of.version + 1, content=of.content, published=of.published
    )


def reader(newsletter: Any, name: str = "", **but: Any) -> Any:
    from django.utils import timezone

    from broadsheet.mailing.models import Subscriber

    now = timezone.now()
    address = name or f"reader{next(_n)}@reader.example"
    given = {
        "address": address, "key": address.lower(), "domain": address.rpartition("@")[2],
        "state": "active", "basis": "own", "consented": now, "made": now, "newsletter": newsletter,
    }  # fmt: skip
    return Subscriber.objects.create(**given | but)


class Told:
    """A transport that keeps what it is given and answers as told."""

    def __init__(self, *answers: Outcome) -> None:
        self.letters: list[Letter] = []
        self.answers = list(answers)

    def send(self, letters: Iterable[Letter]) -> Generator[Outcome]:
        for letter in letters:
            self.letters.append(letter)
            yield (
                self.answers.pop(0) if self.answers else Outcome(Fate.ACCEPTED, 250, "2.0.0", "ok")
            )

    def close(self) -> None:
        """Nothing is open."""


class Kept:
    """A handler of aiosmtpd that keeps envelopes."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.envelopes.append(envelope)
        return "250 2.0.0 taken"


@contextmanager
def server(**options: Any) -> Iterator[tuple[Kept, int]]:
    """A mail server on this machine; what it got, and its port."""
    kept = Kept()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield kept, port
    finally:
        controller.stop()


def parts(data: bytes) -> dict[str, str]:
    """The text and the HTML of a letter, decoded: "plain" and "html"."""
    whole = email.message_from_bytes(data, policy=email.policy.default)
    return {part.get_content_subtype(): part.get_content() for part in whole.iter_parts()}
