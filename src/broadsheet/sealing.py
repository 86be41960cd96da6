"""Secrets that the desk must be able to use again, sealed at rest: a mailbox's password, a second factor.

The key is made from the desk's secret key, which stands outside the database: whoever copies the
database alone, or a backup of it, cannot read them. Where the secret key is changed, the old one in
BROADSHEET_OLD_KEYS still opens what it sealed.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
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


def seal_bytes(secret: bytes) -> str:
    """Some bytes as they may be kept where a column is narrow: 20 bytes in 71 characters.

    A Fernet token of as many has 107 and more; the column of django-otp, which is not ours, takes 80.
    """
    nonce = os.urandom(12)
    kept = nonce + ChaCha20Poly1305(next(_small_keys())).encrypt(nonce, secret, None)
    return MARK + base64.urlsafe_b64encode(kept).decode("ascii")


def opened_bytes(kept: str) -> bytes:
    """What `seal_bytes` sealed; a value without the mark is hexadecimal, as it was kept before. SealError."""
    if not kept.startswith(MARK):
        return bytes.fromhex(kept)
    data = base64.urlsafe_b64decode(kept.removeprefix(MARK))
    for key in _small_keys():
        try:
            return ChaCha20Poly1305(key).decrypt(data[:12], data[12:], None)
        except InvalidTag:
            continue
    raise SealError("It was sealed with another secret key.")


def _keys() -> MultiFernet:
    made = [_derived(one, b"broadsheet secrets at rest") for one in _secrets()]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(one)) for one in made])


def _small_keys() -> Iterator[bytes]:
    return (_derived(one, b"broadsheet small secrets at rest") for one in _secrets())


def _secrets() -> tuple[str, ...]:
    """The desk's secret key, by which all is sealed, and those of before, which still open."""
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def _derived(secret: str, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=use).derive(secret.encode())
