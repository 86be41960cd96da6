"""How often somebody may try to get in.

Attempts are rows, so that all workers and machines of a desk count together. One is written down
before the password is looked at: of many tries at the same moment no more than the limit get through.
"""

from __future__ import annotations

import hmac
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import ngettext

from broadsheet.people.models import Attempt


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts within so long."""

    kind: str
    most: int
    within: timedelta


# Ten guesses in a quarter of an hour are 350,000 a year: nothing against twelve characters that
# stand in no list, and more than a person with a bad morning needs. Counted for each account and address
# together: who fails on purpose locks themselves out, and not the owner, who comes from elsewhere.
ACCOUNT = Limit("account", 10, timedelta(minutes=15))
# The same account from everywhere: 876,000 guesses a year for who has many machines, and ten of them at
# least are needed to keep its owner from their password for an hour. A link still opens.
EVERYWHERE = Limit("everywhere", 100, timedelta(hours=1))
# An office shares one address. A hundred editors who all mistype at nine o'clock do not.
ADDRESS = Limit("address", 50, timedelta(minutes=15))
# Of a million codes three are right at a time: five guesses in a quarter of an hour need years.
CODE = Limit("code", 5, timedelta(minutes=15))
# Mails that a stranger can have sent to an editor.
LETTER = Limit("letter", 3, timedelta(hours=1))

KEPT = timedelta(days=1)
_FAILED = "failed"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failed:
    """Tries of the last day that let nobody in, and from how many places they came."""

    tries: int
    places: int


def asked_from(request: HttpRequest) -> str:
    """The address that a request came from, as every limit of ours counts it.

    Behind proxies of ours it is what the outermost of them was asked from (settings.PROXIES says how many
    there are). What stands further left in X-Forwarded-For was written by whoever asked, and counts for
    nothing; so does the whole header without a proxy of ours.
    """
    chain = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",")]
    told = chain[-settings.PROXIES] if 0 < settings.PROXIES <= len(chain) else ""
    return told or str(request.META.get("REMOTE_ADDR", ""))


def knock(limit: Limit, key: str, now: datetime) -> int:
    """Count an attempt. 0 where it may go on, else the minutes until the next may.

    An attempt that is refused is not counted, so that a locked account opens by itself.
    """
    key_hash = _hash(limit.kind, key)
    lately = Attempt.objects.filter(
        kind=limit.kind, key_hash=key_hash, at__gt=now - limit.within
    ).order_by("at")
    if lately.count() >= limit.most:
        return _wait(limit, lately.values_list("at", flat=True)[0], now)
    mine = Attempt.objects.create(kind=limit.kind, key_hash=key_hash, at=now)
    # Counted again with ours among them: of two workers that both saw room, one may be too many.
    if lately.filter(pk__lte=mine.pk).count() > limit.most:
        return _wait(limit, lately.values_list("at", flat=True)[0], now)
    return 0


def failed(what: str, account: str, address: str, now: datetime) -> None:
    """Somebody was not let in: counted for a day, and said in the log.

    Neither name nor address stands there: a mark of eight letters, the same for the same one as long as
    the desk has its secret key, tells one who tries much from many who mistype.
    """
    place = _hash(_FAILED, address)
    Attempt.objects.create(kind=_FAILED, key_hash=place, at=now)
    marks = (_hash(_FAILED, account)[:8], place[:8])
    _log.warning("A sign-in failed: %s, account %s, place %s", what, *marks)


def failures(now: datetime) -> Failed:
    """What failed in the last day. One query."""
    counted = Attempt.objects.filter(kind=_FAILED, at__gt=now - KEPT).aggregate(
        tries=Count("pk"), places=Count("key_hash", distinct=True)
    )
    return Failed(counted["tries"], counted["places"])


def forgive(limit: Limit, key: str) -> None:
    """Forget the attempts: somebody got in who may."""
    Attempt.objects.filter(kind=limit.kind, key_hash=_hash(limit.kind, key)).delete()


def sweep(now: datetime) -> int:
    """Forget what no limit looks at any more."""
    return Attempt.objects.filter(at__lt=now - KEPT).delete()[0]


def words(minutes: int) -> str:
    """What somebody is told who must wait, whether there is such an account or not."""
    return ngettext(
        "Too many tries. Wait %(n)d minute, then try again; or sign in by a link.",
        "Too many tries. Wait %(n)d minutes, then try again; or sign in by a link.",
        minutes,
    ) % {"n": minutes}


def _wait(limit: Limit, oldest: datetime, now: datetime) -> int:
    left = (oldest + limit.within - now).total_seconds()
    return max(1, -int(-left // 60))


def _hash(kind: str, key: str) -> str:
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, f"{kind}:{key.strip().casefold()}".encode(), "sha256").hexdigest()
