"""One encrypted stream, in the format of age (age-encryption.org/v1, https://c2sp.org/age), by passphrase.

Ours is not a format of our own, so that a successor opens a backup with the `age` of any machine, even
where Broadsheet is gone. The passphrase goes through scrypt to a key that wraps the file's key; the data
are chunks of 64 KiB, each authenticated with its number and with whether it is the last (STREAM, by
Hoang, Reyhanitabar, Rogaway and Vizár, 2015): a file that was cut, lengthened, or changed in a single
bit is refused. Nothing here needs Django.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import secrets
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from broadsheet.keeping.errors import KeepingError

CHUNK = 64 * 1024  # bytes of plain text in one chunk; given by the format
_TAG = 16
# scrypt with N = 2 ** 16 and r = 8 takes 64 MB and a quarter of a second: it must run beside a desk on
# 1 GB. age's own default is 2 ** 18, which takes 256 MB. The keys that we make have 125 bits by chance,
# so nobody guesses them at any cost; the work protects passphrases that people choose.
WORK = 16
MOST_WORK = 22  # what age takes at most by default: 4 GB
_VERSION = b"age-encryption.org/v1\n"
_SCRYPT = b"age-encryption.org/v1/scrypt"
_STANZA = re.compile(rb"-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]?)\n([A-Za-z0-9+/]{43})\n")
_MAC = re.compile(rb"--- ([A-Za-z0-9+/]{43})\n")
# Without 0, 1, l and o, which people take for each other on paper.
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


def new_key() -> str:
    """A passphrase made by chance, of 125 bits, in groups that can be written down and typed again."""
    letters = [secrets.choice(_LETTERS) for _ in range(25)]
    return "-".join("".join(letters[at : at + 5]) for at in range(0, 25, 5))


class Writer:
    """A file to write into; what comes out at `out` is encrypted. `close` ends the stream, not `out`.

    A stream that was not closed lacks its last chunk, and no reader takes it for whole.
    """

    def __init__(self, out: IO[bytes], passphrase: str, *, work: int = WORK) -> None:
        file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
        wrapped = ChaCha20Poly1305(_wrapping(passphrase, salt, work)).encrypt(
            bytes(12), file_key, None
        )
        head = _VERSION + b"-> scrypt %s %d\n%s\n---" % (_plain64(salt), work, _plain64(wrapped))
        out.write(head + b" " + _plain64(_mac(file_key, head)) + b"\n" + nonce)
        self._out = out
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._waiting = bytearray()
        self._number = 0

    def write(self, data: bytes | bytearray | memoryview) -> int:
        self._waiting += data
        # The last chunk must hold something: one that is just full waits for what comes after it.
        while len(self._waiting) > CHUNK:
            self._put(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(data)

    def close(self) -> None:
        self._put(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last), chunk, None))
        self._number += 1


class Reader:
    """What a `Writer` wrote, as a file to read. KeepingError with a wrong key, or a damaged file.

    Nothing is handed on before its chunk is authenticated; the end only after the last chunk is.
    """

    def __init__(self, source: IO[bytes], passphrase: str, *, at: str) -> None:
        self._source, self._at = source, at
        file_key, head, mac = self._unwrapped(passphrase)
        if not hmac.compare_digest(_mac(file_key, head), mac):
            raise KeepingError("The head of the backup was changed", at=at, hint=_ANOTHER)
        nonce = source.read(16)
        if len(nonce) < 16:
            raise _cut(at)
        self._cipher = ChaCha20Poly1305(_derived(file_key, nonce, b"payload"))
        self._ready = bytearray()
        self._ahead = source.read(CHUNK + _TAG)
        self._number = 0
        self._ended = False

    def _unwrapped(self, passphrase: str) -> tuple[bytes, bytes, bytes]:
        """The file's key, the head that was authenticated with it, and the code that says so."""
        if self._source.readline(100) != _VERSION:
            raise KeepingError(
                "This is not a backup of Broadsheet",
                at=self._at,
                hint="Its first line would be “age-encryption.org/v1”. Name a file that ends in .tar.age.",
            )
        stanza = self._source.readline(100) + self._source.readline(100)
        last = self._source.readline(100)
        found, closed = _STANZA.fullmatch(stanza), _MAC.fullmatch(last)
        if not found or not closed:
            if not last.endswith(b"\n"):
                raise _cut(self._at)
            raise KeepingError(
                "The file was not locked with a passphrase",
                at=self._at,
                hint="Open it with the age that locked it.",
            )
        work = int(found[2])
        if work > MOST_WORK:
            raise KeepingError("The file asks for too much memory to open it", at=self._at)
        wrapping = ChaCha20Poly1305(_wrapping(passphrase, _of_plain64(found[1]), work))
        try:
            file_key = wrapping.decrypt(bytes(12), _of_plain64(found[3]), None)
        except InvalidTag:
            # Without its cause: "InvalidTag" says nothing to whoever mistyped a key.
            raise KeepingError(
                "The backup cannot be opened with this key",
                at=self._at,
                hint="Look for mistyped letters; the key is the one that the desk had when it was made.",
            ) from None
        return file_key, _VERSION + stanza + b"---", _of_plain64(closed[1])

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer at the end; with -1 all."""
        while not self._ended and (size < 0 or len(self._ready) < size):
            self._ready += self._next()
        size = len(self._ready) if size < 0 else size
        given = bytes(self._ready[:size])
        del self._ready[:size]
        return given

    def _next(self) -> bytes:
        here = self._ahead
        self._ahead = self._source.read(CHUNK + _TAG)
        last = not self._ahead
        try:
            plain = self._cipher.decrypt(_nonce(self._number, last), here, None)
        except InvalidTag:
            raise (_cut if last else _damaged)(self._at) from None
        self._number += 1
        self._ended = last
        return plain


_ANOTHER = "Take another backup, or another copy of this one."


def _cut(at: str) -> KeepingError:
    return KeepingError("The backup is not whole: its end is missing", at=at, hint=_ANOTHER)


def _damaged(at: str) -> KeepingError:
    return KeepingError("The backup is damaged: what it holds was changed", at=at, hint=_ANOTHER)


def _wrapping(passphrase: str, salt: bytes, work: int) -> bytes:
    return Scrypt(salt=_SCRYPT + salt, length=32, n=2**work, r=8, p=1).derive(passphrase.encode())


def _derived(file_key: bytes, salt: bytes, what: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=what).derive(file_key)


def _mac(file_key: bytes, head: bytes) -> bytes:
    return hmac.digest(_derived(file_key, b"", b"header"), head, hashlib.sha256)


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _plain64(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _of_plain64(text: bytes) -> bytes:
    return base64.b64decode(text + b"=" * (-len(text) % 4))
