"""Settings as the environment gives them: what cannot hold is told at the start, with its cure.

Only what can be known without asking anybody: whether a server answers is for `broadsheet doctor`.
"""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Iterable
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

# What the environment holds of ours begins so, or is one of these; a backup takes it along.
OURS = ("BROADSHEET_", "ANYMAIL_", "DATABASE_URL")
# Every setting of docs/settings.md, without what it begins with; a test compares the two.
_NAMES = (
    "HOME BEAT ZONE ADDRESS HOSTS CONTACT ALLOW_NETWORKS SECRET_KEY OLD_KEYS "
    "MAIL MAIL_FROM MAIL_REPLY_TO MAIL_NAME MAIL_BOUNCES BOUNCE_BOX MAIL_PER_HOUR MAIL_CONNECTIONS "
    "MAIL_LIMITS MAIL_RAMP_UP WEB_READS JUDGE_URL JUDGE_MODEL JUDGE_KEY JUDGE_KIND JUDGE_MOST "
    "JUDGE_SECONDS PROXIES PROXY_NETWORKS BACKUP_TO BACKUP_KEY BACKUP_KEEP WEB_PROCESSES DISK_MB "
    "METRICS_TOKEN LOG DEBUG "
)
KNOWN = frozenset(f"BROADSHEET_{name}" for name in _NAMES.split())
_SERVERS = ("smtp", "smtp+starttls", "smtps", "smtp+plain")  # as mailing.outbox knows them
_FORMS = (
    "smtps://name:password@mail.example.org, smtp+starttls://..., smtp://localhost, "
    "sendmail:///usr/sbin/sendmail, or anymail:brevo"
)
_ESCAPED = "In a name or password write @ as %40, : as %3A, / as %2F, # as %23 and % as %25."


def unknown(names: Iterable[str]) -> list[str]:
    """Of names in the environment those that look like a setting and are none, each in a sentence.

    Nothing else would be heard of a mistyped one: the desk would run as if it were not set.
    """
    out = []
    for name in sorted(names):
        if not name.startswith("BROADSHEET_") or name in KNOWN:
            continue
        near = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.8)
        meant = f" Is {near[0]} meant?" if near else ""
        out.append(f"{name} is set, and there is no such setting.{meant}")
    return out


def zone(value: str) -> str:
    """A time zone by its name of the IANA database."""
    try:
        ZoneInfo(value)
    except (ValueError, KeyError, OSError) as error:  # a path, an unknown name, a folder
        raise ImproperlyConfigured(
            f"BROADSHEET_ZONE is no time zone: {value!r}. Write a name such as Asia/Hong_Kong, "
            "Europe/London or UTC."
        ) from error
    return value


def networks(name: str, value: str, example: str, *, strict: bool = True) -> list[str]:
    """Addresses or networks, with commas or spaces between them."""
    out = value.replace(",", " ").split()
    for one in out:
        try:
            ipaddress.ip_network(one, strict=strict)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name} cannot be read: {error}. Write addresses or networks with commas: {example}"
            ) from error
    return out


def folder(name: str, value: str) -> Path | None:
    """A folder that is there; None where none is named."""
    if not value:
        return None
    if not Path(value).is_dir():
        raise ImproperlyConfigured(
            f"{name} names a folder that is not there: {value}. Write its whole path, and look whether the "
            "desk may read it."
        )
    return Path(value)


def mail(value: str) -> str:
    """The way mail goes out, or nothing. What is said holds no part of it: it has a password."""
    scheme = value.partition(":")[0].lower()
    if not value or (scheme in ("sendmail", "anymail") and value.partition(":")[2].strip("/")):
        return value
    try:
        parts = urlsplit(value)
        good = scheme in _SERVERS and parts.hostname and not parts.path.strip("/")
        good = good and not parts.query and not parts.fragment and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise ImproperlyConfigured(f"BROADSHEET_MAIL cannot be read. Write {_FORMS}. {_ESCAPED}")
    return value


def sender(value: str) -> str:
    """Who writes, or nothing."""
    address = parseaddr(value)[1]
    if value and not ("@" in address and all(address.rpartition("@"))):
        raise ImproperlyConfigured(
            f"BROADSHEET_MAIL_FROM holds no mail address: {value!r}. Write letter@example.org, or "
            "Lantern House <letter@example.org>"
        )
    return value


def box(value: str) -> str:
    """The mailbox of what comes back, or nothing."""
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("imap", "imaps") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if value and not good:
        raise ImproperlyConfigured(
            "BROADSHEET_BOUNCE_BOX cannot be read. Write imaps://name:password@mail.example.org/INBOX. "
            + _ESCAPED
        )
    return value


def whole(name: str, value: str, default: int, least: int = 0) -> int:
    """A whole number, not below the least."""
    given = value.strip()
    if given and (not (given.isascii() and given.isdigit()) or int(given) < least):
        raise ImproperlyConfigured(
            f"{name} is a whole number, not {given!r}."
            + (f" It is {least} or more." if least else "")
        )
    return int(given) if given else default
