"""What stops machines from signing up strangers, without asking a third party or a reader's patience.

A field that people do not see, a moment that people need, and counts by network and by address. The
counts are keyed hashes and are forgotten after a day (`tidying.tidy`).
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.utils.crypto import salted_hmac

from broadsheet.mailing.models import Attempt

_SALT = "broadsheet.mailing.abuse"
# Nobody reads the form, types an address and sends it in less; a machine does.
QUICKEST = timedelta(seconds=2)
LONGEST = timedelta(days=1)

FORMS_AN_HOUR = 30  # from one network: a class in a school's room still gets through
LETTERS_AN_HOUR = 600  # to all addresses: above it somebody uses the form as a weapon
# A letter may be lost and asked for again, but not to fill a stranger's mailbox.
LETTER_AGAIN = timedelta(minutes=15)
LETTERS_A_DAY = 3  # to one address


class TooManyError(ValueError):
    """The form was sent too often from where this came from."""


def stamp() -> str:
    """Goes into the form: that, and when, we gave it out."""
    return signing.TimestampSigner(salt=_SALT).sign("form")


def in_haste(stamped: str, now: datetime) -> bool:
    """Whether the form came back too soon, too late, or was never given out by us."""
    signer = signing.TimestampSigner(salt=_SALT)
    try:
        signer.unsign(stamped, max_age=LONGEST)
        made = signing.b62_decode(stamped.split(":")[1])
    except (signing.BadSignature, ValueError, IndexError):
        return True
    return now.timestamp() - made < QUICKEST.total_seconds()


def network(address: str) -> str:
    """Whose machines are counted together: 256 of IPv4, a household's or firm's /48 of IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    width = 24 if found.version == 4 else 48
    return str(ipaddress.ip_network(f"{found}/{width}", strict=False))


def count_form(where: str, now: datetime) -> None:
    """One more form from a network. TooManyError where that is one too many; then it is not counted."""
    mark = _mark(where)
    if _since(now - timedelta(hours=1), "form", mark) >= FORMS_AN_HOUR:
        raise TooManyError
    Attempt.objects.create(kind="form", mark=mark, at=now)


def may_write(key: str, now: datetime) -> bool:
    """Whether a letter may go to this address now; if so it is counted."""
    mark = _mark(key)
    if (
        _since(now - LETTER_AGAIN, "letter", mark)
        or _since(now - timedelta(days=1), "letter", mark) >= LETTERS_A_DAY
        or _since(now - timedelta(hours=1), "letter") >= LETTERS_AN_HOUR
    ):
        return False
    Attempt.objects.create(kind="letter", mark=mark, at=now)
    return True


def count_trap(where: str, now: datetime) -> None:
    """A machine filled the field that people do not see."""
    Attempt.objects.create(kind="trap", mark=_mark(where), at=now)


def trapped(now: datetime) -> int:
    """How many machines were caught in the last day, for the desk."""
    return _since(now - timedelta(days=1), "trap")


def _since(then: datetime, kind: str, mark: str = "") -> int:
    found = Attempt.objects.filter(kind=kind, at__gt=then)
    return (found.filter(mark=mark) if mark else found).count()


def _mark(what: str) -> str:
    return salted_hmac(_SALT, what, secret=settings.SECRET_KEY, algorithm="sha256").hexdigest()
