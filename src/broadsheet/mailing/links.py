"""The addresses that stand in mail to one subscriber. Short: RFC 8058's must fit on one header line.

`https://news.example.org/u/0123456789abcdef`: whoever has it can end or change this subscription,
and sees no more of the address than its first letter. For more, see `Proof`.
"""

from __future__ import annotations

from django.urls import reverse

from broadsheet import front
from broadsheet.issues.models import Newsletter
from broadsheet.mailing.models import Subscriber

# "List-Unsubscribe: <" and ">" around it leave this many of the 75 characters that no mail program
# or library folds or encodes.
LONGEST_LEAVE = 75 - len("List-Unsubscribe: <>")


def leave(subscriber: Subscriber) -> str:
    """Ends the subscription by a POST (RFC 8058); by GET a page that asks."""
    return _whole("archive:leave", subscriber.token)


def preferences(subscriber: Subscriber) -> str:
    """The subscriber's own page."""
    return _whole("archive:preferences", subscriber.token)


def confirm(token: str) -> str:
    """A page with a button that confirms a sign-up."""
    return _whole("archive:confirm", token)


def data(token: str) -> str:
    """What is kept of somebody, to see, take along or erase."""
    return _whole("archive:data", token)


def sign_up(newsletter: Newsletter) -> str:
    """The newsletter's sign-up form."""
    return _whole("archive:sign_up", newsletter.pk)


def _whole(name: str, *args: str | int) -> str:
    return front.whole(reverse(name, args=args))
