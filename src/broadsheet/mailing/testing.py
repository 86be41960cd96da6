"""A test of an edition: the real letter by the real way, with "[Test]" before its subject."""

from __future__ import annotations

from contextlib import closing

from django.utils import timezone

from broadsheet.issues.models import Edition
from broadsheet.mailing import addresses, outbox
from broadsheet.mailing.letters import Writer
from broadsheet.mailing.models import Subscriber
from broadsheet.mailing.transports import Fate, Outcome, TransportError


def send(
    edition: Edition,
    to: str,
    wants: str = Subscriber.Wants.FULL,
    *,
    discreet: bool = False,
) -> Outcome:
    """Send one test now; what the server said.

    The edition need not be kept: a draft can be tested too. TransportError where no mail can go or
    the address is none. Its links lead to a page that belongs to nobody.
    """
    try:
        address = str(addresses.parse(to))
    except addresses.AddressError as error:
        raise TransportError(str(error), at=to, stop=True) from error
    letter = Writer(edition).test(address, timezone.now(), wants, discreet=discreet)
    with closing(outbox.named()) as way:
        return next(iter(way.send([letter])), Outcome(Fate.UNSENT))
