"""Names that stand in mail and lead back to a row: opaque, not to be forged, and not kept anywhere.

Two numbers are written into one AES block with zeros beside them. Whoever makes a name up hits a
block with the right zeros once in four thousand million tries, and gains no more than to claim that
a mail came back. 26 characters of base32, since mail servers may change the case of an address.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Sequence
from functools import cache

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

_RETURN, _MESSAGE = 1, 2
_BLOCK = struct.Struct(">4xIQ")  # 4 zeros; kind and edition; delivery or subscriber
_KIND = 1 << 30  # editions are counted below it


def return_token(delivery: int) -> str:
    """For the return path of a delivery."""
    return return_tokens([delivery])[0]


def return_tokens(deliveries: Sequence[int]) -> list[str]:
    """For the return paths of many, in their order: a tenth of the time that one by one takes."""
    return _seals(_RETURN, 0, deliveries)


def delivery_of(token: str) -> int | None:
    """The delivery whose return path it is; None where it is not ours."""
    found = _open(_RETURN, token)
    return found[1] if found else None


def message_id(edition: int, subscriber: int) -> str:
    """What stands before the @ of a Message-ID: the same whenever this edition goes to this reader."""
    return message_ids(edition, [subscriber])[0]


def message_ids(edition: int, subscribers: Sequence[int]) -> list[str]:
    """The same for many readers of an edition, in their order."""
    return _seals(_MESSAGE, edition, subscribers)


def letter_of(name: str) -> tuple[int, int] | None:
    """Edition and subscriber of a Message-ID; None where it is not ours."""
    return _open(_MESSAGE, name)


def _seals(kind: int, small: int, larges: Sequence[int]) -> list[str]:
    pen = _cipher(settings.SECRET_KEY).encryptor()
    first = kind * _KIND + small
    blocks = pen.update(b"".join([_BLOCK.pack(first, large) for large in larges]))
    # Each block is filled up to the 20 bytes that make 32 characters, so that all are written at once.
    filled = b"".join([blocks[at : at + 16] + b"\0\0\0\0" for at in range(0, len(blocks), 16)])
    written = base64.b32encode(filled).decode().lower()
    return [written[at : at + 26] for at in range(0, len(written), 32)]


def _open(kind: int, name: str) -> tuple[int, int] | None:
    try:
        block = base64.b32decode(name.upper() + "======")
    except ValueError:
        return None
    if len(block) != 16:
        return None
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        plain = _cipher(secret).decryptor().update(block)
        mixed, large = _BLOCK.unpack(plain)
        if plain[:4] == b"\0\0\0\0" and mixed // _KIND == kind:
            return mixed % _KIND, large
    return None


@cache
def _cipher(secret: str) -> Cipher[modes.ECB]:
    """One block is enciphered at a time and all are different, so ECB hides what it should."""
    key = hashlib.sha256(b"broadsheet mailing names\0" + secret.encode()).digest()[:16]
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305
