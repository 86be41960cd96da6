"""Every bad thing a server can do to a collector, each with what we say of it.

Used by `test_hostile.py`, and by `bench/bench_collect.py` which prints time and memory for each.
"""

from __future__ import annotations

import functools
import gzip
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from tests.wire.collect.site import Answer, Asked, Route

SECONDS = 2.0  # the deadline of the bench; the tests use a shorter one where it is to pass
BYTES = 8_000_000


@dataclass(frozen=True)
class Case:
    """A path that misbehaves. `reasons` are the failures that are right; empty where it is to be read.

    `page`  it is asked for as a page, else as a feed; `entries` how many a feed that is read gives
    """

    route: Route
    reasons: tuple[str, ...] = ()
    page: bool = False
    entries: int | None = None


def rss(items: str, head: str = "") -> bytes:
    return (
        f"{head}<rss version='2.0'><channel><title>The Example</title>{items}</channel></rss>"
    ).encode()


def item(n: int, more: str = "") -> str:
    return f"<item><title>Headline {n}</title><link>/story/{n}</link>{more}</item>"


def drip(head: bytes, piece: bytes, pause: float = 0.05) -> Callable[[Asked], None]:
    """A server that never lets a read time out and never ends."""

    def run(asked: Asked) -> None:
        asked.send(head)
        until = time.monotonic() + 6 * SECONDS
        while time.monotonic() < until:
            asked.send(piece)
            time.sleep(pause)

    return run


def flood(head: bytes, piece: bytes, times: int) -> Callable[[Asked], None]:
    def run(asked: Asked) -> None:
        asked.send(head)
        for _ in range(times):
            asked.send(piece)

    return run


def silence(asked: Asked) -> None:
    time.sleep(3 * SECONDS)


def moved(where: str, status: int = 302) -> Answer:
    return Answer(status=status, headers={"location": where})


@functools.cache
def packed(times: int, head: bytes = b"") -> bytes:
    """70 MB of blanks, packed once or more often, without holding them."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    made = packer.compress(head)
    for _ in range(70):
        made += packer.compress(b" " * 1_000_000)
    made += packer.flush()
    for _ in range(times - 1):
        made = gzip.compress(made, mtime=0)
    return made


def bomb(times: int) -> Answer:
    return Answer(packed(times), headers={"content-encoding": ", ".join(["gzip"] * times)})


OK = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n"
LAUGHS = (
    "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(10))
    + "]>"
)
EXTERNAL = "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY s SYSTEM 'file:///etc/passwd'>]>"
DEEP = "&lt;div&gt;" * 20_000 + "words"

CASES: dict[str, Case] = {
    # time
    "says nothing at all": Case(silence, ("timeout",), page=True),
    "drips its headers": Case(drip(b"HTTP/1.1 200 OK\r\nx: ", b"a"), ("timeout",), page=True),
    "drips its body": Case(
        drip(OK + b"content-length: 900000\r\n\r\n", b"a"), ("timeout",), page=True
    ),
    "drips its chunks": Case(
        drip(OK + b"transfer-encoding: chunked\r\n\r\n", b"1\r\na\r\n"), ("timeout",), page=True
    ),
    "says 'wait' for ever": Case(
        drip(b"", b"HTTP/1.1 102 Processing\r\n\r\n"), ("timeout",), page=True
    ),
    # size
    "a page of 50 MB": Case(
        flood(OK + b"\r\n", b"<p>words</p>" * 10_000, 420), ("too_large",), page=True
    ),
    "a page that says it has 50 MB": Case(
        Answer(b"x", headers={"content-length": "50000000"}), ("too_large",), page=True
    ),
    "a chunked page without end": Case(
        flood(
            OK + b"transfer-encoding: chunked\r\n\r\n", b"2710\r\n" + b"x" * 10_000 + b"\r\n", 5_000
        ),
        ("too_large",),
        page=True,
    ),
    "headers without end": Case(
        flood(b"HTTP/1.1 200 OK\r\n", b"x: " + b"y" * 1000 + b"\r\n", 5_000),
        ("network",),
        page=True,
    ),
    "a bomb": Case(bomb(1), ("too_large",), page=True),
    "a bomb in a bomb": Case(bomb(2), ("too_large",), page=True),
    "a packed sitemap that is a bomb": Case(
        lambda asked: Answer(gzip.compress(b"<urlset>" + b" " * 70_000_000, mtime=0)),
        ("too_large",),
    ),
    "100,000 entries": Case(Answer(rss("".join(item(n) for n in range(100_000)))), entries=2_000),
    # connection
    "breaks off": Case(
        flood(OK + b"content-length: 9000\r\n\r\n", b"only this", 1), ("network",), page=True
    ),
    "speaks no HTTP": Case(flood(b"SSH-2.0-x\r\n\x00\xff\r\n", b"", 1), ("network",), page=True),
    "is packed, but broken": Case(
        Answer(b"\x1f\x8b\x08\x00broken", headers={"content-encoding": "gzip"}),
        ("network",),
        page=True,
    ),
    "is packed in a way not asked for": Case(
        Answer(b"x", headers={"content-encoding": "zstd"}), ("server",), page=True
    ),
    # addresses
    "redirects to itself for ever": Case(moved("?again"), ("redirects",), page=True),
    "redirects to another page of itself for ever": Case(
        lambda asked: moved(f"/endless?{time.monotonic_ns()}"), ("redirects",), page=True
    ),
    "redirects to the cloud's own address": Case(
        moved("http://169.254.169.254/latest/meta-data/"), ("refused_address",), page=True
    ),
    "redirects into IPv6 loopback": Case(
        moved("http://[::1]:22/"), ("refused_address",), page=True
    ),
    "redirects to mapped loopback": Case(
        moved("http://[::ffff:127.0.0.1]/"), ("refused_address",), page=True
    ),
    "redirects to a decimal address": Case(
        moved("http://167772161/"), ("refused_address",), page=True
    ),
    "redirects to an octal address": Case(
        moved("http://012.0.0.1/"), ("refused_address",), page=True
    ),
    "redirects to a file": Case(moved("file:///etc/passwd"), ("refused_address",), page=True),
    "redirects to nowhere": Case(Answer(status=302), ("server",), page=True),
    # answers
    "is empty": Case(Answer(b""), ("empty",)),
    "is empty, and says 202": Case(Answer(b" ", 202), ("empty",)),
    "is gone": Case(Answer(b"x", 410), ("gone",)),
    "is not there": Case(Answer(b"x", 404), ("not_found",)),
    "has a fault": Case(Answer(b"x", 500), ("server",)),
    "asks to come less often": Case(
        Answer(b"x", 429, {"retry-after": "99999999"}), ("rate_limited",)
    ),
    "is a bot wall with 200": Case(
        Answer(b"<title>Just a moment...</title>" + b"<p>x" * 99), ("blocked",)
    ),
    "is a bot wall with 403": Case(Answer(b"<title>Access Denied</title>", 403), ("blocked",)),
    "is a page instead of a feed": Case(
        Answer(b"<!doctype html><title>Notice</title>"), ("not_a_feed",)
    ),
    "is a feed without entries": Case(Answer(rss("")), ("empty",)),
    "is a picture": Case(Answer(b"\x89PNG\r\n\x1a\n" + b"\x00" * 99), ("not_a_page",), page=True),
    "is the path of a file": Case(Answer(b"/etc/passwd"), ("not_a_feed",)),
    "is JSON a million levels deep": Case(Answer(b'{"items":' + b"[" * 1_000_000), ("not_a_feed",)),
    # content
    "laughs a billion times": Case(
        Answer(rss(item(1, "<description>&k;</description>"), LAUGHS)), entries=1
    ),
    "asks for an external entity": Case(
        Answer(rss(item(1, "<description>&s;</description>"), EXTERNAL)), entries=1
    ),
    "nests 20,000 tags in an entry": Case(
        Answer(rss(item(1, f"<description>{DEEP}</description>"))), entries=1
    ),
    "nests 20,000 tags in its XML": Case(
        Answer(rss(item(1) + "<x>" * 20_000)), ("not_a_feed", "empty"), entries=1
    ),
    "has NUL bytes": Case(Answer(rss("\x00" + item(1) + "\x00\x01" * 99)), entries=1),
    "mixes encodings": Case(
        Answer(rss(item(1)) + "港警破獲".encode("big5") + b"\xff\xfe\x80" * 9), entries=1
    ),
    "uses one identifier twice": Case(
        Answer(rss(item(1, "<guid>g</guid>") + item(2, "<guid>g</guid>"))), entries=2
    ),
    "dates from the future": Case(
        Answer(rss(item(1, "<pubDate>Fri, 21 Jun 2199 10:00:00 GMT</pubDate>"))), entries=1
    ),
    "links relative to the protocol": Case(
        Answer(rss("<item><title>T</title><link>//cdn.example/a</link></item>")), entries=1
    ),
}


def routes() -> dict[str, Route]:
    """A path for each case: "/0", "/1" ..."""
    made: dict[str, Route] = {f"/{n}": case.route for n, case in enumerate(CASES.values())}
    made["/endless"] = list(CASES.values())[
        list(CASES).index("redirects to another page of itself for ever")
    ].route
    return made
