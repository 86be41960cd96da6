"""Secrets that the desk must be able to use again, such as a mailbox's password, sealed at rest.

The key is made from the desk's secret key, which stands outside the database: whoever copies the
database alone, or a backup of it, cannot read them. Where the secret key is changed, the old one in
BROADSHEET_OLD_KEYS still opens what it sealed.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

MARK = "sealed:"  # what stands before a sealed value; without it a value is as it was typed


class SealError(ValueError):
    """A sealed value cannot be opened: it was sealed with another secret key."""


def seal(secret: str) -> str:
    """The secret as it may be kept. What is sealed already, or empty, stays as it is."""
    if not secret or secret.startswith(MARK):
        return secret
    return MARK + _keys().encrypt(secret.encode()).decode("ascii")


def opened(kept: str) -> str:
    """The secret of what was kept, also of what was kept before secrets were sealed. SealError."""
    if not kept.startswith(MARK):
        return kept
    try:
        return _keys().decrypt(kept.removeprefix(MARK).encode()).decode()
    except InvalidToken as error:
        raise SealError("It was sealed with another secret key.") from error


def _keys() -> MultiFernet:
    return MultiFernet([_key(one) for one in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> Fernet:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"broadsheet secrets at rest")
    return Fernet(base64.urlsafe_b64encode(made.derive(secret.encode())))
