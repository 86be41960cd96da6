"""The pages of an archive file: response records that may hold an article."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from broadsheet.wire.errors import ReadError, WireError
from broadsheet.wire.scan.funnel import Funnel
from broadsheet.wire.scan.unpacking import unpacked


@dataclass(frozen=True, slots=True)
class Limits:
    """What the first step lets through. Bytes are of the payload after decoding.

    smallest  a page of less holds no article (redirect stubs, pixels)
    largest   the reader's own bound is lower than what an archive may hold: 10 MB
    since, until  by the day on which the page was collected; a page collected before `since` cannot
              hold an article of after it. Aware; None for no bound.
    """

    smallest: int = 1_000
    largest: int = 10_000_000
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A page in an archive. `offset` is where its record begins in the file's compressed bytes."""

    url: str
    body: bytes
    content_type: str
    date: datetime | None  # of collecting, aware
    offset: int


def records(stream: BinaryIO, funnel: Funnel, limits: Limits | None = None) -> Iterator[Record]:
    """The pages of one archive (WARC; gzip, zstd, lz4 or plain, told by its bytes).

    What a file holds raises nothing: a broken record is counted in `funnel.left` and the reading goes
    on behind it; where the file breaks off, what came before stands and the break is counted. That a
    gzip ends in the middle is seen only where `stream` can seek.
    """
    bounds = limits or Limits()
    start = last = seen = 0
    for _ in range(_RESUMED):
        broken = ""
        found = _iterator(stream)
        while True:
            try:
                record = next(found)
            except StopIteration:
                break
            except _BAD as error:
                broken = _short(error)
                break
            seen += 1
            last = start + record.stream_pos
            try:
                kept = _page(record, last, funnel, bounds)
            except _LiesError:
                broken = "it is longer than it says, or shorter"
                break
            except _BAD as error:
                funnel.left[f"record broken: {_short(error)}"] += 1
                continue
            if kept is not None:
                yield kept
        if not broken:
            break
        funnel.left[f"record broken: {broken}"] += 1
        start = _next_member(stream, last + 1)
        if start < 0:
            return
        last = start
    if not seen:
        funnel.left["no record in the file"] += 1
    elif _cut_off(stream, last):
        funnel.left["the file breaks off"] += 1


_HEADER = b"\r\n\r\nWARC/1."  # where the next record begins; a payload has no business there
_CUT_HEADERS = tuple(_HEADER[:length] for length in range(5, len(_HEADER)))


class _LiesError(ValueError):
    """A record whose length leads into the records behind it."""


# What FastWARC raises for broken bytes
_BAD = (OSError, ValueError, RuntimeError, EOFError, UnicodeError)
_RESUMED = 1_000  # broken members in one file; then it is no archive
_MEMBER = b"\x1f\x8b\x08"  # a gzip member that is deflated (RFC 1952)


def _iterator(stream: BinaryIO) -> Iterator[Any]:
    try:
        from fastwarc.warc import ArchiveIterator, response
    except ImportError as error:
        raise WireError(
            "Scanning needs FastWARC, which is not installed",
            at="scan",
            hint="pip install 'broadsheet[scan]'",
        ) from error
    try:
        # Lenient: it finds the next header by itself behind a record that lies about its length.
        made: Iterator[Any] = ArchiveIterator(
            stream, record_types=response, parse_http=True, quirks_mode=True
        )
    except _BAD:  # an empty file, or one that is in no known packing
        return iter(())
    return made


def _next_member(stream: BinaryIO, after: int) -> int:
    """Seek to the next gzip member behind `after`, and say where it begins; -1 where there is none."""
    if not stream.seekable():
        return -1
    stream.seek(after)
    at, kept = after, b""
    while chunk := stream.read(1 << 20):
        found = (kept + chunk).find(_MEMBER)
        if found >= 0:
            stream.seek(at - len(kept) + found)
            return at - len(kept) + found
        at += len(chunk)
        kept = (kept + chunk)[-2:]
    return -1


def _cut_off(stream: BinaryIO, last: int) -> bool:
    """Whether a gzip ends in the middle of a member. Only the members from `last` on are unpacked."""
    if not stream.seekable():
        return False
    stream.seek(last)
    data = stream.read(1 << 20)
    if not data.startswith(_MEMBER):
        return False
    whole = True
    while data:
        unpack = zlib.decompressobj(31)
        whole = False
        while data and not unpack.eof:
            try:
                unpack.decompress(data)
            except zlib.error:
                return False  # broken, which was counted, and not cut
            data = unpack.unused_data if unpack.eof else stream.read(1 << 20)
        whole = unpack.eof
        data = data or stream.read(1 << 20)
        if whole and not data.startswith(_MEMBER[:1]):
            return False
    return not whole


def _page(record: Any, offset: int, funnel: Funnel, limits: Limits) -> Record | None:
    http = record.http_headers
    if http is None:
        funnel.left["not HTTP"] += 1
        return None
    if http.status_code != 200:
        funnel.left["status not 200"] += 1
        return None
    kind = record.http_content_type or ""
    if kind and kind not in ("text/html", "application/xhtml+xml"):
        funnel.left["not HTML"] += 1
        return None
    coding, transfer = http.get("Content-Encoding") or "", http.get("Transfer-Encoding") or ""
    if record.content_length < limits.smallest and not (coding or transfer):
        funnel.left["too small"] += 1
        return None
    date = record.record_date
    if limits.since and date and date < limits.since:
        funnel.left["collected too early"] += 1
        return None
    if limits.until and date and date > limits.until:
        funnel.left["collected too late"] += 1
        return None
    stated = record.content_length
    body = record.reader.read(limits.largest + 1)
    if _HEADER in body[-2_000:] or body.endswith(_CUT_HEADERS):
        raise _LiesError
    if len(body) < stated and b"\nWARC-Type: " in body:
        raise _LiesError  # it has swallowed the records behind it
    if len(body) < min(stated, limits.largest):
        funnel.left["cut short"] += 1
        return None
    if coding or transfer or body[:2] == b"\x1f\x8b":
        try:
            body = unpacked(body, coding, transfer, limits.largest)
        except ReadError as error:
            funnel.left[error.what] += 1
            return None
    if len(body) > limits.largest:
        funnel.left["too large"] += 1
        return None
    if len(body) < limits.smallest:
        funnel.left["too small"] += 1
        return None
    if not kind and body.lstrip()[:1] != b"<":
        funnel.left["not HTML"] += 1
        return None
    funnel.bytes += len(body)
    url = record.headers.get("WARC-Target-URI", "").strip("<> ")
    return Record(url, body, http.get("Content-Type", "") or "", date, offset)


def _short(error: Exception) -> str:
    """The error's first words, without the numbers that would make each its own kind."""
    words = " ".join(str(error).split())[:60] or type(error).__name__
    return "".join("#" if letter.isdigit() else letter for letter in words)
