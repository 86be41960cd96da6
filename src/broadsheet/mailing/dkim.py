"""DKIM signatures (RFC 6376): RSA with 2048 bits, or Ed25519 (RFC 8463).

Signed by `cryptography`: a twentieth of the time that dkimpy takes. Head and body relaxed; From is
signed once more than it occurs, so that nobody can add a second; all List- headers are covered,
List-Unsubscribe-Post too, which the defaults of most signers leave out (RFC 8058, 4 demands it).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from broadsheet.wire.errors import WireError

BITS = 2048  # Gmail recommends it; receivers need not verify more than 2048 (RFC 8301)
# In the order of the letter. From twice: "oversigned" (RFC 6376, 8.15).
SIGNED = (
    "From", "From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version",
    "Content-Type", "Content-Language", "List-Id", "List-Help", "List-Unsubscribe",
    "List-Unsubscribe-Post", "List-Subscribe", "List-Owner", "List-Archive", "List-Post",
    "Archived-At", "Feedback-ID",
)  # fmt: skip
_BLANKS = re.compile(rb"[ \t]+")
_END_BLANKS = re.compile(rb"[ \t]+(?=\r\n)")
_DNS_STRING = 255  # bytes of one string of a TXT record (RFC 1035, 3.3)


class DkimError(WireError):
    """There is no key to sign with, or it cannot be read."""


def relaxed_body(body: bytes) -> bytes:
    """The body as `relaxed` sees it (RFC 6376, 3.4.4), without the rule on empty lines at its end.

    Ours never ends in one, so that pieces of a body can be made relaxed one by one and joined.
    """
    return _BLANKS.sub(b" ", _END_BLANKS.sub(b"", body))


def relaxed_header(name: str, value: bytes) -> bytes:
    """A header field as `relaxed` sees it (RFC 6376, 3.4.2), with its line end."""
    return name.lower().encode() + b":" + _relaxed(value) + b"\r\n"


def _relaxed(value: bytes) -> bytes:
    return _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip()


@dataclass(frozen=True, slots=True)
class Key:
    """A private key with the domain and the selector under which its public half is published."""

    domain: str
    selector: str
    private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

    @property
    def algorithm(self) -> str:
        return "rsa" if isinstance(self.private, rsa.RSAPrivateKey) else "ed25519"

    @property
    def name(self) -> str:
        """Where the record stands in DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The value of the TXT record."""
        public = self.private.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            raw = public.public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        else:  # the bare 32 bytes (RFC 8463, 4)
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return f"v=DKIM1; k={self.algorithm}; p={base64.b64encode(raw).decode()}"

    @property
    def zone_line(self) -> str:
        """The record as a line of a zone file: cut into strings of at most 255 bytes."""
        value = self.record
        strings = [value[at : at + _DNS_STRING] for at in range(0, len(value), _DNS_STRING)]
        return f"{self.name}. IN TXT ( {' '.join(f'{chr(34)}{one}{chr(34)}' for one in strings)} )"

    def stamp(self, fixed: Sequence[tuple[str, bytes]], varying: Sequence[str]) -> Stamp:
        """Signs letters that have the `fixed` headers, and others of their own by the names `varying`.

        Each header occurs once in a letter.
        """
        return Stamp(self, fixed, varying)

    def sign(self, data: bytes) -> bytes:
        """The bare signature; OpenSSL makes it without holding Python's lock."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
        return self.private.sign(hashlib.sha256(data).digest())  # RFC 8463, 3


class Stamp:
    """A key's signature for letters of which most headers are the same: what can be made ready is.

    The order of the signed headers is free (RFC 6376, 5.4.2): the fixed ones come first, so that
    their canonical form is one piece of bytes for all letters.
    """

    def __init__(
        self, key: Key, fixed: Sequence[tuple[str, bytes]], varying: Sequence[str]
    ) -> None:
        self._key = key
        values = {name.lower(): value for name, value in fixed}
        theirs = {name.lower() for name in varying}
        names = [name for name in SIGNED if name.lower() in values]
        own = [name for name in SIGNED if name.lower() in theirs]
        # A second From that is not there counts as nothing, but nobody can add one.
        once = dict.fromkeys(names)
        self._fixed = b"".join(relaxed_header(name, values[name.lower()]) for name in once)
        self._own = [(list(varying).index(name), name.lower().encode()) for name in own]
        domain, selector = (one.replace("%", "%%") for one in (key.domain, key.selector))
        start = (
            f" v=1; a={key.algorithm}-sha256; c=relaxed/relaxed; d={domain};\r\n"
            f" s={selector}; t=%d;\r\n"
            f" h={_folded([*names, *own])};\r\n"
            f" bh=%s;\r\n b="
        )
        self._start = start.encode()
        self._canon = relaxed_header("DKIM-Signature", self._start)[:-2]

    def header(self, values: Sequence[bytes], body_hash: bytes, at: datetime) -> bytes:
        """The DKIM-Signature field for a letter whose own headers have these values, with line end."""
        told = (int(at.timestamp()), binascii.b2a_base64(body_hash, newline=False))
        own = [b"%s:%s\r\n" % (name, _relaxed(values[place])) for place, name in self._own]
        signed = self._key.sign(b"".join([self._fixed, *own, self._canon % told]))
        text = binascii.b2a_base64(signed, newline=False)
        lines = [text[place : place + 72] for place in range(0, len(text), 72)]
        return b"DKIM-Signature:" + self._start % told + b"\r\n ".join(lines) + b"\r\n"


def _folded(names: Iterable[str]) -> str:
    """`From:From:To ...`, folded before column 76."""
    lines, line = [], ""
    for name in names:
        if len(line) + len(name) > 68:
            lines.append(line)
            line = ""
        line += name + ":"
    return "\r\n  ".join([*lines, line])[:-1]


def keys(folder: Path, domain: str) -> list[Key]:
    """The keys that are kept in a folder as SELECTOR.pem, in order of their names.

    DkimError where a file cannot be read as a private key of a kind that DKIM knows.
    """
    return [
        Key(domain, file.stem, _private(file, file.stat().st_mtime_ns))
        for file in sorted(folder.glob("*.pem"))
    ]


@lru_cache(maxsize=8)
def _private(file: Path, changed: int) -> rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey:
    """The key of a file as it was when it `changed`. Kept: to read one takes 40 ms, for its checks."""
    try:
        private = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError, OSError) as error:
        raise DkimError(
            "This is not a private key without a password",
            at=str(file),
            hint="Put the right file there, or move it away and let the desk make a new key.",
        ) from error
    if not isinstance(private, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise DkimError(
            "DKIM knows RSA and Ed25519 keys only", at=str(file), hint="Take such a key."
        )
    return private


def make(folder: Path, domain: str, selector: str, algorithm: str = "rsa") -> Key:
    """Make a key and keep it, readable by the desk alone. An existing one is never written over."""
    private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
    if algorithm == "ed25519":
        private = ed25519.Ed25519PrivateKey.generate()
    else:
        private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(folder / f"{selector}.pem", flags, 0o600), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return Key(domain, selector, private)
