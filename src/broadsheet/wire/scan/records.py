"""The pages of an archive file: response records that may hold an article."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, BinaryIO

from broadsheet.wire.errors import ReadError, WireError
from broadsheet.wire.scan.funnel import Funnel
from broadsheet.wire.scan.members import Member, Members, again
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
    """A page in an archive. `offset` is where its record begins in the file's compressed bytes.

    `packed` is the record as it lies there, where that is known: what waits may be held by it alone, a
    fifth of the bytes.
    """

    url: str
    body: bytes
    content_type: str
    date: datetime | None  # of collecting, aware
    offset: int
    content_language: str = ""  # the header as sent
    packed: bytes = field(default=b"", compare=False, repr=False)

    def held(self) -> Record:
        """The record for as long as it waits: without its body, if that can be had again by `whole`."""
        return replace(self, body=b"") if self.packed else self

    def whole(self) -> Record:
        """The record with its body and without what it was unpacked from."""
        if self.body or not self.packed:
            return replace(self, packed=b"") if self.packed else self
        member = again(self.packed, self.offset)
        assert member is not None
        return replace(self, body=_bare(member, _ANY), packed=b"")


def records(stream: BinaryIO, funnel: Funnel, limits: Limits | None = None) -> Iterator[Record]:
    """The pages of one archive (WARC; gzip, zstd, lz4 or plain, told by its bytes).

    What a file holds raises nothing: a broken record is counted in `funnel.left` and the reading goes
    on behind it; where the file breaks off, what came before stands and the break is counted. That a
    gzip ends in the middle is seen only where `stream` can seek.
    """
    bounds = limits or Limits()
    start = last = seen = 0
    if stream.seekable():
        plain = Members(stream, bounds.largest)
        for member in plain:
            try:
                kept = _kept(member, funnel, bounds)
            except _LiesError:
                plain.stopped, plain.seen = member.offset, plain.seen - 1
                break
            if kept is not None:
                yield kept
        if plain.stopped is None:
            return
        start, last, seen = plain.stopped, plain.last, plain.seen
        stream.seek(start)
    for _ in range(_RESUMED):
        broken = ""
        found = _iterator(stream)
        while True:
            try:
                record = next(found)
            except StopIteration:
                break
            except BaseException as error:
                if not _is_bad(error):
                    raise
                broken = _short(error)
                break
            seen += 1
            last = record.stream_pos  # in the file, wherever reading began
            try:
                kept = _page(record, last, funnel, bounds)
            except _LiesError:
                broken = "it is longer than it says, or shorter"
                break
            except BaseException as error:
                if not _is_bad(error):
                    raise
                funnel.left[f"{BROKEN}{_short(error)}"] += 1
                continue
            if kept is not None:
                yield kept
        if not broken:
            break
        funnel.left[f"{BROKEN}{broken}"] += 1
        start = _next_member(stream, last + 1)
        if start < 0:
            return
        last = start
    if not seen:
        funnel.left[NO_RECORD if not _packed_twice(stream) else PACKED_TWICE] += 1
    elif _cut_off(stream, last):
        funnel.left[BREAKS_OFF] += 1


# What `Funnel.left` says of a file, not of a page
NO_RECORD = "no record in the file"
PACKED_TWICE = "the file is packed twice: unpack it once"
BREAKS_OFF = "the file breaks off"
BROKEN = "record broken: "


_ANY = 1 << 40  # no bound: the page was let through before
_HEADER = b"\r\n\r\nWARC/1."  # where the next record begins; a payload has no business there
_CUT_HEADERS = tuple(_HEADER[:length] for length in range(5, len(_HEADER)))


class _LiesError(ValueError):
    """A record whose length leads into the records behind it."""


# What FastWARC raises for broken bytes
_BAD = (OSError, ValueError, RuntimeError, EOFError, UnicodeError)


def _is_bad(error: BaseException) -> bool:
    """Whether broken bytes are the cause. What FastWARC's own code did not expect comes as an exception of
    Rust's, which is no `Exception` and has no name to be caught by."""
    return isinstance(error, _BAD) or type(error).__name__ == "PanicException"


_RESUMED = 1_000  # broken members in one file; then it is no archive
_MEMBER = b"\x1f\x8b\x08"  # a gzip member that is deflated (RFC 1952)


def _iterator(stream: BinaryIO) -> Iterator[Any]:
    try:
        from fastwarc.warc import ArchiveIterator, any_type, metadata, request, warcinfo
    except ImportError as error:
        raise WireError(
            "Scanning needs FastWARC, which is not installed",
            at="scan",
            hint="pip install 'broadsheet[scan]'",
        ) from error
    try:
        # Lenient: it finds the next header by itself behind a record that lies about its length.
        made: Iterator[Any] = ArchiveIterator(
            stream,
            record_types=any_type ^ (request | metadata | warcinfo),
            parse_http=True,
            quirks_mode=True,
        )
    except BaseException as error:
        if not _is_bad(error):
            raise
        return iter(())  # an empty file, or one that is in no known packing
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


def _packed_twice(stream: BinaryIO) -> bool:
    """Whether a gzip stands in the gzip."""
    if not stream.seekable():
        return False
    stream.seek(0)
    try:
        return zlib.decompressobj(31).decompress(stream.read(1 << 16), 3) == _MEMBER
    except zlib.error:
        return False


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
    """A record by FastWARC as a page; None where it is none (counted)."""
    kind = str(record.record_type)
    if kind != "response":
        return _kept(Member(offset, "", None, http=False, other=kind), funnel, limits)
    http = record.http_headers
    url, date = record.headers.get("WARC-Target-URI", "").strip("<> "), record.record_date
    if http is None:
        return _kept(Member(offset, url, date, http=False), funnel, limits)
    stated = record.content_length
    head = Member(
        offset,
        url,
        date,
        True,
        http.status_code,
        http.get("Content-Type") or "",
        http.get("Content-Encoding") or "",
        http.get("Transfer-Encoding") or "",
        ", ".join(value for name, value in http.items() if name.lower() == "content-language"),
    )
    if why := _refused(head, stated, limits):
        funnel.leave(why)
        return None
    body = record.reader.read(limits.largest + 1)
    if len(body) < stated and b"\nWARC-Type: " in body:
        raise _LiesError  # it has swallowed the records behind it
    if len(body) < min(stated, limits.largest) and not _swallows(body):
        funnel.leave("cut short")
        return None
    return _kept(replace(head, body=body), funnel, limits)


def _refused(head: Member, length: int, limits: Limits) -> str:
    """Why a record is no page, by its headers and the length of its payload; "" where it may be one."""
    if head.other:
        return f"{head.other} record"
    if not head.http:
        return "not HTTP"
    if head.status != 200:
        return "status not 200"
    if _kind(head) not in ("", "text/html", "application/xhtml+xml"):
        return "not HTML"
    if length < limits.smallest and not (head.coding or head.transfer):
        return "too small"
    if limits.since and head.date and head.date < limits.since:
        return "collected too early"
    if limits.until and head.date and head.date >= limits.until:
        return "collected too late"
    return ""


def _kind(head: Member) -> str:
    return head.content_type.partition(";")[0].strip().lower()


def _swallows(body: bytes) -> bool:
    return _HEADER in body[-2_000:] or body.endswith(_CUT_HEADERS)


def _kept(member: Member, funnel: Funnel, limits: Limits) -> Record | None:
    """A response as a page; None where it is none (counted). Raises _LiesError."""
    body = member.body
    if why := _refused(member, len(body), limits):
        funnel.leave(why)
        return None
    if _swallows(body):
        raise _LiesError
    try:
        body = _bare(member, limits.largest)
    except ReadError as error:
        funnel.leave(error.what)
        return None
    why = ""
    if len(body) > limits.largest:
        why = "too large"
    elif len(body) < limits.smallest:
        why = "too small"
    elif not _kind(member) and body.lstrip()[:1] != b"<":
        why = "not HTML"
    if why:
        funnel.leave(why)
        return None
    funnel.bytes += len(body)
    return Record(
        member.url,
        body,
        member.content_type,
        member.date,
        member.offset,
        member.language,
        member.packed,
    )


def _bare(member: Member, most: int) -> bytes:
    """A member's page as it was before the server packed it. Raises ReadError where it is broken."""
    body = member.body
    if member.coding or member.transfer or body[:2] == b"\x1f\x8b":
        return unpacked(body, member.coding, member.transfer, most)
    return body


def _short(error: BaseException) -> str:
    """The error's first words, without the numbers that would make each its own kind."""
    words = " ".join(str(error).split())[:60] or type(error).__name__
    return "".join("#" if letter.isdigit() else letter for letter in words)
