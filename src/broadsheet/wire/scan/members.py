"""Archives as crawlers write them, by the short way: a gzip member for each record, plainly headed.

ISA-L unpacks a member in one piece, and the few header lines that matter are taken from its bytes; that
takes nine tenths of FastWARC's time. Whatever is not exactly as it should be ends the short way where it
stands, and FastWARC, which forgives much, takes the file from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

import numpy as np

CHUNK = 1 << 17  # packed bytes at a time: most members are smaller
PIECE = 1 << 20  # bytes unpacked at a time: a small file may unpack to what no memory holds
_HEAD = 16_000  # bytes of a record's own header, and of HTTP's
_END = b"\r\n\r\n"
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: |$)")
_HEADERS = re.compile(
    rb"\r\n(content-type|content-encoding|transfer-encoding|content-language): *([^\r\n]*)",
    re.IGNORECASE,
)
_ABOUT = (b"request", b"metadata", b"warcinfo")
_LINE = re.compile(rb"[!-9;-~]+:[^\r\n]*")


@dataclass(frozen=True, slots=True)
class Member:
    """A response record. `http` is False where it holds something else than HTTP (a look-up of DNS).

    `other` is the type of a record that is no response, where one might have stood ("revisit").
    """

    offset: int
    url: str
    date: datetime | None
    http: bool
    status: int = 0
    content_type: str = ""
    coding: str = ""
    transfer: str = ""
    language: str = ""  # what the server says of it
    body: bytes = b""
    packed: bytes = b""  # the whole member as it lies in the file, where its bounds are known
    other: str = ""


@dataclass(slots=True)
class Members:
    """The response records from the beginning of a stream that can seek.

    seen      records of all kinds so far
    last      where the last of them begins
    stopped   where something stands that is for FastWARC; None where the file ended well
    """

    stream: BinaryIO
    most: int  # bytes that a page may have; a longer record is left to FastWARC, which reads piece by piece
    seen: int = 0
    last: int = 0
    stopped: int | None = 0

    def __iter__(self) -> Iterator[Member]:
        if _igzip is None:
            return
        for offset, raw, packed in self._unpacked():
            try:
                found = _member(raw, offset, packed)
            except _OddError:
                self.stopped = offset
                return
            self.seen, self.last = self.seen + 1, offset
            if found is not None:
                yield found
        self.stopped = None

    def _unpacked(self) -> Iterator[tuple[int, bytes, Sequence[bytes]]]:
        """Where each member begins, its bytes, and the packed pieces that it was.

        No bytes, which is odd, where it is cut, broken or too large.
        """
        at, data = 0, self.stream.read(CHUNK)
        if not data:
            yield 0, b"", ()  # an empty file has a word of its own
        while data:
            begin, raw, packed = at, b"", [data]
            unpack = _igzip.IgzipDecompressor(flag=_igzip.DECOMP_GZIP)
            while data or not unpack.needs_input:
                try:
                    piece = unpack.decompress(data, PIECE)
                except (_igzip.IsalError, ValueError):
                    break
                raw = raw + piece if raw else piece
                if unpack.eof or len(raw) > self.most + 2 * _HEAD:
                    break
                at += len(data)
                data = self.stream.read(CHUNK) if unpack.needs_input else b""
                packed.append(data)
            if not unpack.eof:
                yield begin, b"", ()
                return
            np.add(_ONES, _ONES, out=_TWOS)
            rest = unpack.unused_data
            at += len(data) - len(rest)
            packed[-1] = data[: len(data) - len(rest)]
            yield begin, raw, packed
            data = rest or self.stream.read(CHUNK)


class _OddError(Exception):
    """A record that is not as crawlers write them."""


def again(packed: bytes, offset: int) -> Member | None:
    """A member that was read before, from its packed bytes."""
    return _member(_igzip.decompress(packed, flag=_igzip.DECOMP_GZIP), offset, ())


def _member(raw: bytes, offset: int, packed: Sequence[bytes]) -> Member | None:
    """A response as it should be, or what stands in its place; None for a record about others. Raises
    _OddError."""
    head_end = raw.find(_END, 0, _HEAD)
    if head_end < 0 or raw[:7] != b"WARC/1.":
        raise _OddError
    begin = head_end + len(_END)
    said: dict[bytes, bytes] = {}
    for line in raw[:head_end].split(b"\r\n")[1:]:
        name, sign, value = line.partition(b":")
        name = name.lower()
        if not sign or name in said or name[:1] in b" \t":
            raise _OddError
        said[name] = value.strip()
    length = said.get(b"content-length", b"")
    if not length.isdigit() or begin + int(length) + len(_END) != len(raw) or raw[-4:] != _END:
        raise _OddError
    kind = said.get(b"warc-type", b"").lower()
    if kind != b"response":
        # What a scan cannot look into is counted; the records about other records are not.
        told = "" if kind in _ABOUT else _text(kind)
        return Member(offset, "", None, http=False, other=told) if told else None
    url, date = _text(said.get(b"warc-target-uri", b"")), _date(said.get(b"warc-date", b""))
    if not said.get(b"content-type", b"").lower().startswith(b"application/http"):
        return Member(offset, url, date, http=False)
    http_end = raw.find(_END, begin, begin + _HEAD)
    head = raw[begin:http_end]
    status = _STATUS.match(head)
    lines = head.split(b"\r\n")
    if http_end < 0 or status is None or not all(map(_LINE.fullmatch, lines[1:])):
        raise _OddError
    named: dict[bytes, str] = {}
    for name, value in _HEADERS.findall(head):
        said_before = named.get(low := name.lower())
        if said_before is not None and low != b"content-language":
            raise _OddError
        told = _text(value.strip())
        named[low] = told if said_before is None else f"{said_before}, {told}"
    return Member(
        offset,
        url,
        date,
        True,
        int(status[1]),
        named.get(b"content-type", ""),
        named.get(b"content-encoding", ""),
        named.get(b"transfer-encoding", ""),
        named.get(b"content-language", ""),
        raw[http_end + len(_END) : -len(_END)],
        b"".join(packed),
    )


def _text(value: bytes) -> str:
    if not value.isascii():
        raise _OddError
    return value.decode("ascii").strip("<> ")


def _date(value: bytes) -> datetime | None:
    try:
        found = datetime.fromisoformat(value.decode("ascii"))
    except ValueError as error:
        raise _OddError from error
    if found.tzinfo is None:
        raise _OddError
    return found


def _loaded() -> Any:
    try:
        from isal import igzip_lib
    except ImportError:  # no wheel for this machine: FastWARC alone reads the same, a tenth slower
        return None
    return igzip_lib


_igzip = _loaded()
# ISA-L (2.31) leaves the upper halves of the processor's vector registers dirty, and then whatever is built
# for SSE (Hyperscan, the interpreter's own floats) runs at two thirds of its speed until some function
# cleans them (Intel's optimization manual, "Mixing AVX code with SSE code"). NumPy's loops over 64 numbers
# do, in 0.4 microseconds. On 500 pages the gate took 160 microseconds a page without it, 104 with it.
_ONES, _TWOS = np.ones(64), np.empty(64)
