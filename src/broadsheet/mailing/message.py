"""A letter to one reader, as bytes.

Everything that is the same for all readers is printed, encoded and made ready for signing once, in a
`Skeleton`. What differs stands alone on its own line of the quoted-printable body, so that a letter
is a join of bytes: some hundred times faster than building each by itself (docs/measures-mailing.md).

Headers are written raw. The standard library and Django encode or fold a List-Unsubscribe of 78
characters or more, after which mail programs do not see it any more.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from typing import Protocol

from broadsheet.mailing.dkim import relaxed_body
from broadsheet.wire.errors import WireError

LINE = 76  # characters a quoted-printable line may have (RFC 2045, 6.7)
# What a print is given in place of the reader's own addresses. `.invalid` can be nobody's (RFC 2606).
UNSUBSCRIBE = f"https://unsubscribe.invalid/{secrets.token_hex(8)}"
PREFERENCES = f"https://preferences.invalid/{secrets.token_hex(8)}"
_SLOTS = {UNSUBSCRIBE: "unsubscribe", PREFERENCES: "preferences"}
_SLOT = re.compile("|".join(map(re.escape, _SLOTS)))
_BROKEN = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")
# The headers that differ from reader to reader, in the order of the letter.
_VARYING_NAMES = ("Date", "To", "Message-ID", "List-Unsubscribe")
_VARYING = b"".join(b"%s: %%s\r\n" % name.encode() for name in _VARYING_NAMES)


class MessageError(WireError):
    """A letter cannot be written as it was asked for."""


class Stamp(Protocol):
    """Signs letters whose fixed headers are known already: `dkim.Stamp`."""

    def header(self, values: Sequence[bytes], body_hash: bytes, at: datetime) -> bytes:
        """The whole DKIM-Signature field, with its line end."""


class Signer(Protocol):
    """What makes signatures: `dkim.Key`."""

    def stamp(self, fixed: Sequence[tuple[str, bytes]], varying: Sequence[str]) -> Stamp:
        """For letters with these headers, and with headers of these names that differ."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, and the addresses of the list that stand in every letter's head.

    address     "letter@lantern.example": From, and the domain of Message-ID and signature
    list_id     "harbour-letter.lantern.example": stable for the life of the newsletter
    owner       whom a reader can write to
    feedback    names the sender in reports of mail services; no personal data
    """

    name: str
    address: str
    list_name: str
    list_id: str
    owner: str
    help_url: str
    archive_url: str
    subscribe_url: str
    feedback: str
    reply_to: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Reader:
    """What differs from letter to letter.

    to            the address as it is written to: domain as an A-label
    message_id    without angle brackets; the same whenever this edition goes to this reader
    unsubscribe   https address that ends the subscription by POST (RFC 8058)
    preferences   address of the reader's own page
    """

    to: str
    message_id: str
    unsubscribe: str
    preferences: str

    @property
    def utf8(self) -> bool:
        """Whether the address needs a server that speaks SMTPUTF8 (RFC 6531)."""
        return not self.to.isascii()


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Everything of a letter but what is the reader's own. Made by `skeleton`."""

    fixed: tuple[tuple[str, bytes], ...]
    pieces: tuple[bytes, ...]
    slots: tuple[str, ...]
    _canon: tuple[bytes, ...] = field(repr=False)
    _fixed: bytes = field(repr=False)
    _hash: Callable[[], hashlib._Hash] = field(repr=False)
    _stamps: dict[Signer, Stamp] = field(repr=False)

    def letter(self, reader: Reader, at: datetime, keys: Sequence[Signer] = ()) -> bytes:
        """The whole message with CRLF line ends, signed by every key.

        `at` is the moment of sending: Date and the signature's time. MessageError where an address
        of the reader has a control character. No line begins with a point.
        """
        leave = safe(reader.unsubscribe, "an address of a reader")
        own = {
            "unsubscribe": _encoded_line(leave),
            "preferences": _encoded_line(safe(reader.preferences, "an address of a reader")),
        }
        lines = [own[slot] for slot in self.slots]
        varying = (
            _date(int(at.timestamp()), at.tzinfo),
            safe(reader.to, "the address of a reader").encode(),
            f"<{safe(reader.message_id, 'a Message-ID')}>".encode(),
            f"<{leave}>".encode(),
        )
        signatures = b""
        if keys:
            digest = self._hash()
            digest.update(b"".join(_woven(self._canon[1:], lines)))
            body_hash = digest.digest()
            signatures = b"".join([self._stamp(key).header(varying, body_hash, at) for key in keys])
        head = _VARYING % varying
        return b"".join([signatures, head, self._fixed, *_woven(self.pieces[1:], lines)])

    def _stamp(self, key: Signer) -> Stamp:
        if key not in self._stamps:
            self._stamps[key] = key.stamp(self.fixed, _VARYING_NAMES)
        return self._stamps[key]


def skeleton(
    sender: Sender,
    *,
    subject: str,
    text: str,
    html: str,
    language: str,
    archived_at: str = "",
    one_click: bool = True,
) -> Skeleton:
    """Encode the prints once.

    text, html   with UNSUBSCRIBE and PREFERENCES where the reader's own addresses go
    one_click    whether List-Unsubscribe-Post is said: only where addresses are https (RFC 8058, 3.1)
    """
    boundary = f"=_{secrets.token_hex(12)}"  # "=_" cannot occur in quoted-printable
    pieces: list[bytes] = [b""]
    slots: list[str] = []
    for kind, body in (("plain", text), ("html", html)):
        pieces[-1] += (
            f"--{boundary}\r\nContent-Type: text/{kind}; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        ).encode()
        at = 0
        for slot in _SLOT.finditer(body):
            pieces[-1] += _quoted(body[at : slot.start()]) + b"=\r\n"
            slots.append(_SLOTS[slot.group()])
            pieces.append(b"=\r\n")  # ends the value's line softly
            at = slot.end()
        pieces[-1] += _quoted(body[at:]) + b"\r\n"
    pieces[-1] += f"--{boundary}--\r\n".encode()
    canon = [relaxed_body(piece) for piece in pieces]
    start = hashlib.sha256(canon[0])
    fixed = (
        *_before(sender, subject),
        *([("List-Unsubscribe-Post", b"List-Unsubscribe=One-Click")] if one_click else []),
        *_after(sender, boundary, language, archived_at),
    )
    return Skeleton(
        fixed=fixed,
        pieces=tuple(pieces),
        slots=tuple(slots),
        _canon=tuple(canon),
        _fixed=_written(fixed) + b"\r\n" + pieces[0],
        _hash=start.copy,
        _stamps={},
    )


def single(
    headers: Sequence[tuple[str, bytes]], text: str, at: datetime, keys: Sequence[Signer] = ()
) -> bytes:
    """A letter of plain text to one person, with Date, encoding and signatures put to its headers."""
    body = _quoted(text.rstrip("\n")) + b"\r\n"
    whole = [
        ("Date", format_datetime(at).encode()),
        *headers,
        ("MIME-Version", b"1.0"),
        ("Content-Type", b"text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", b"quoted-printable"),
    ]
    digest = hashlib.sha256(relaxed_body(body)).digest()
    signatures = b"".join(key.stamp(whole, ()).header((), digest, at) for key in keys)
    head = b"".join(b"%s: %s\r\n" % (name.encode(), value) for name, value in whole)
    return signatures + head + b"\r\n" + body


def _written(headers: Iterable[tuple[str, bytes]]) -> bytes:
    return b"".join(b"%s: %s\r\n" % (name.encode(), value) for name, value in headers)


@lru_cache(maxsize=4)
def _date(second: int, zone: tzinfo | None) -> bytes:
    """The Date of a letter; thousands are sent within one second."""
    return format_datetime(datetime.fromtimestamp(second, zone)).encode()


def _before(sender: Sender, subject: str) -> list[tuple[str, bytes]]:
    headers = [
        ("From", mailbox("From", sender.name, sender.address)),
        ("Subject", phrase("Subject", subject)),
    ]
    if sender.reply_to:
        headers.append(("Reply-To", safe(sender.reply_to, "Reply-To").encode()))
    return headers


def _after(
    sender: Sender, boundary: str, language: str, archived_at: str
) -> list[tuple[str, bytes]]:
    list_id = safe(sender.list_id, "List-Id")
    name = phrase("List-Id", sender.list_name, quote=True)
    headers = [
        ("List-Id", (name + b" " if name else b"") + f"<{list_id}>".encode()),
        ("List-Help", _uri(sender.help_url)),
        ("List-Subscribe", _uri(sender.subscribe_url)),
        ("List-Owner", _uri(f"mailto:{sender.owner}")),
        ("List-Archive", _uri(sender.archive_url)),
        ("List-Post", b"NO"),
        *([("Archived-At", _uri(archived_at))] if archived_at else []),
        ("Feedback-ID", safe(sender.feedback, "Feedback-ID").encode("ascii")),
        ("MIME-Version", b"1.0"),
        ("Content-Language", safe(language, "the language").encode("ascii")),
        ("Content-Type", f'multipart/alternative; boundary="{boundary}"'.encode()),
    ]
    return [(name, value) for name, value in headers if value]


def _uri(url: str) -> bytes:
    """`<https://...>`, or nothing. Never folded nor encoded (RFC 2369, 2)."""
    return f"<{safe(url, 'an address in a header')}>".encode("ascii") if url else b""


def safe(value: str, what: str) -> str:
    """The value, if it is one line: a line break would begin a header of somebody else's making."""
    if not value.isprintable() and _BROKEN.search(value):
        raise MessageError(
            f"There is a line break or control character in {what}",
            at=repr(value)[:80],
            hint="Take it out: a header is one line.",
        )
    return value


def phrase(header: str, words: str, *, quote: bool = False) -> bytes:
    """Words of a header: as they are where ASCII, else encoded words (RFC 2047), folded at 76.

    `quote` for a display name, in which some ASCII signs need quotation marks.
    """
    words = safe(words, header).strip()
    if words.isascii() and "=?" not in words:
        if quote and not _PLAIN_NAME.fullmatch(words):
            escaped = words.replace("\\", "\\\\").replace('"', '\\"')
            words = f'"{escaped}"'
        if len(header) + 2 + len(words) <= LINE:
            return words.encode()
        if not quote:
            return (
                Header(words, "us-ascii", maxlinelen=LINE, header_name=header)
                .encode(linesep="\r\n")
                .encode()
            )
    encoded = Header(words, "utf-8", maxlinelen=LINE, header_name=header).encode(linesep="\r\n")
    return encoded.encode()


def mailbox(header: str, name: str, address: str) -> bytes:
    """`Name <address>`, or the address alone."""
    address = safe(address, header)
    shown = phrase(header, name, quote=True)
    if not shown:
        return address.encode()
    last = shown.rpartition(b"\r\n")[2]
    room = LINE - len(last) - (len(header) + 2 if last == shown else 0)
    between = b" " if len(address) + 3 <= room else b"\r\n "
    return b"%s%s<%s>" % (shown, between, address.encode())


def _quoted(words: str) -> bytes:
    """Quoted-printable with lines of at most 76, CRLF, no line that begins with "From " or ".".

    Mail stores change "From " at the start of a line and so break a signature; a point alone would
    end the message at a careless server.
    """
    plain = re.sub(r"\r\n|\r", "\n", words).encode()
    lines = binascii.b2a_qp(plain, istext=True).split(b"\n")
    if len(lines[-1]) >= LINE:  # leaves no room for the "=" of a soft line end
        lines[-1:] = [part + b"=" for part in _cut(lines[-1])]
        lines[-1] = lines[-1][:-1]
    return b"\r\n".join(map(_harmless, lines))


def _harmless(line: bytes) -> bytes:
    if not line.startswith((b"From ", b".")):
        return line
    encoded = b"=%02X" % line[0] + line[1:]
    if len(encoded) <= LINE:
        return encoded
    return b"=\r\n".join(_cut(encoded[:-1] if encoded.endswith(b"=") else encoded)) + (
        b"=" if encoded.endswith(b"=") else b""
    )


def _encoded_line(value: str) -> bytes:
    """A reader's own address as quoted-printable: one line nearly always, since it is short.

    Where it needs several, no point is left that could begin one.
    """
    if len(value) < LINE and value.isascii() and "=" not in value and value[:1].isalnum():
        return value.encode()
    data = value.encode().replace(b"=", b"=3D").replace(b".", b"=2E")
    if not data.isascii():
        data = b"".join(b"%c" % byte if byte < 0x80 else b"=%02X" % byte for byte in data)
    return b"=\r\n".join(_cut(data))


def _cut(data: bytes) -> list[bytes]:
    """Parts short enough for a line and a "=", never cut within an encoded byte."""
    parts = []
    while len(data) >= LINE:
        cut = LINE - 1
        while b"=" in data[cut - 2 : cut]:
            cut -= 1
        parts.append(data[:cut])
        data = data[cut:]
    return [*parts, data]


def _woven(pieces: Sequence[bytes], values: Sequence[bytes]) -> list[bytes]:
    """value, piece, value, piece ..."""
    return [part for pair in zip(values, pieces, strict=True) for part in pair]
