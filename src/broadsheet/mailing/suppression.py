"""Addresses that must not be written to again, kept as keyed hashes.

The hash answers one question, "is it this address?", to whoever holds the desk's secret key, and
nothing to anybody else. After the key was changed the old one goes into BROADSHEET_OLD_KEYS, so
that the marks made with it still hold.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db.models import Q

from broadsheet.issues.models import Newsletter
from broadsheet.mailing.models import Suppression

_SALT = "broadsheet.mailing.suppression"


def marks(key: str) -> list[str]:
    """The keyed hashes of an address's key: by today's secret first, then by former ones."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [_mark(key, secret) for secret in secrets]


def _mark(key: str, secret: str) -> str:
    return hmac.digest(_pen(secret), key.encode(), "sha256").hex()


@lru_cache(maxsize=16)
def _pen(secret: str) -> bytes:
    """The key that django.utils.crypto.salted_hmac makes of salt and secret, made once: a list of half a
    million asks for as many marks, and making it anew is half of the work."""
    return hashlib.sha256(f"{_SALT}{secret}".encode()).digest()


def suppress(
    key: str, reason: Suppression.Reason, now: datetime, newsletter: Newsletter | None = None
) -> None:
    """Keep an address off a newsletter's list, or off all. Where it is there already, that stands."""
    Suppression.objects.get_or_create(
        newsletter=newsletter, mark=marks(key)[0], defaults={"reason": reason, "at": now}
    )


def suppressed(keys: Iterable[str], newsletter: Newsletter) -> set[str]:
    """Which of these must not be written to with this newsletter. One query; some thousand keys."""
    by_mark = {mark: key for key in keys for mark in marks(key)}
    found = Suppression.objects.filter(
        Q(newsletter=None) | Q(newsletter=newsletter), mark__in=by_mark
    ).values_list("mark", flat=True)
    return {by_mark[mark] for mark in found}


def why(key: str) -> list[Suppression]:
    """The suppressions of an address, for an editor who asks after it."""
    return list(
        Suppression.objects.filter(mark__in=marks(key)).select_related("newsletter").order_by("at")
    )


def lift(key: str, newsletter: Newsletter) -> None:
    """Its holder asked for the newsletter anew, and confirmed it: nothing else lifts a suppression.

    One that holds everywhere ends too, since it was kept for as long as they wished no mail.
    """
    Suppression.objects.filter(
        Q(newsletter=None) | Q(newsletter=newsletter), mark__in=marks(key)
    ).delete()
