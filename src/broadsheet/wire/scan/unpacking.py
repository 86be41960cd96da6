"""A page's bytes as they were before the server packed them: bounded, and nothing is believed.

Crawlers differ: Common Crawl keeps pages unpacked and renames the headers, wget keeps both as they came,
and some keep the headers of a page that they unpacked. So bytes that do not look packed stay as they are.
"""

from __future__ import annotations

import re
import zlib

from broadsheet.wire.errors import ReadError

LAYERS = 3  # packed, and packed again: seen; more is made to do harm
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r\n")


def unpacked(body: bytes, coding: str, transfer: str, most: int) -> bytes:
    """The page's bytes; of more than `most` the first `most` + 1.

    Raises ReadError where they are packed in a way that is not known, or are broken.
    """
    if "chunked" in transfer.lower():
        body = _joined(body)
    named = coding.lower()
    for _ in range(LAYERS):
        if body.startswith(b"\x1f\x8b\x08"):
            body = _inflated(body, 31, most)
        elif "br" in named and body.lstrip()[:1] != b"<":
            body, named = _brotli(body, most), ""
        elif "zstd" in named and body.startswith(b"\x28\xb5\x2f\xfd"):
            raise ReadError("packed by zstd", at="the page")
        elif "deflate" in named and body.lstrip()[:1] != b"<":
            raw = body[:1] != b"\x78"  # some servers send it without the header of zlib
            body, named = _inflated(body, -15 if raw else 15, most), ""
        else:
            break
    return body


def _joined(body: bytes) -> bytes:
    """The chunks of RFC 9112, 7.1, joined; the bytes as they are where they are in none."""
    at, out = 0, []
    while match := _CHUNK.match(body, at):
        length = int(match[1], 16)
        out.append(body[match.end() : match.end() + length])
        at = match.end() + length + 2
        if length == 0:
            break
    return b"".join(out) if out else body


def _inflated(body: bytes, bits: int, most: int) -> bytes:
    try:
        return zlib.decompressobj(bits).decompress(body, most + 1)
    except zlib.error as error:
        raise ReadError("packed, and broken", at="the page") from error


def _brotli(body: bytes, most: int) -> bytes:
    try:
        import brotli
    except ImportError as error:
        raise ReadError("packed by Brotli, which is not installed", at="the page") from error
    try:
        made: bytes = brotli.Decompressor().process(body, output_buffer_limit=most + 1)
    except brotli.error as error:
        raise ReadError("packed, and broken", at="the page") from error
    return made
