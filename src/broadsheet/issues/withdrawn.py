"""Whether something was withdrawn: the questions that the public pages ask. Nothing here writes."""

from __future__ import annotations

import hmac
from datetime import datetime

from django.conf import settings
from django.utils.crypto import salted_hmac

from broadsheet.issues.models import Mark, Withdrawal

_SALT = "broadsheet.withdrawn"


def keys() -> list[bytes]:
    """The keys of marks, today's first: they are made from the desk's secret keys."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return [salted_hmac(_SALT, "", secret=one, algorithm="sha256").digest() for one in secrets]


def mark(kind: str, what: str, key: bytes) -> str:
    """The keyed hash of a thing; without the key nobody can try names until one fits."""
    return hmac.digest(key, f"{kind}\x1f{what}".encode(), "sha256").hex()


def is_marked(kind: str, what: str) -> bool:
    """Whether a thing of this kind was withdrawn. One query."""
    marks = [mark(kind, what, key) for key in keys()]
    return Mark.objects.filter(kind=kind, mark__in=marks).exists()


def item(uid: str) -> bool:
    """Whether an item was withdrawn."""
    return is_marked(Mark.Kind.ITEM, uid)


def picture(name: str) -> bool:
    """Whether a kept picture was withdrawn, by the name of its file."""
    return is_marked(Mark.Kind.PICTURE, name)


def told() -> list[tuple[str, datetime]]:
    """Items that feeds say are gone, with when. One query."""
    rows = Withdrawal.objects.exclude(told=[]).order_by("-at").values_list("told", "at")
    return [(uid, at) for uids, at in rows[:50] for uid in uids]
