"""The one place of Broadsheet's wire that talks to the network.

Every library is handed bytes; nothing else opens a connection. Each exchange, on each hop of a
redirect, is bound in where it may go (`guard`), how long it may take, how much it may bring (as sent
and as unpacked), and how often it may ask one host. `Fetcher` is safe to use from many threads.

httpcore is used directly, the engine below httpx: it lets us open the connections ourselves, and
httpx would unpack a compressed body before its size can be bound.
"""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import random
import re
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpcore
import httpx

from broadsheet import __version__
from broadsheet.wire.collect import guard, robots, walls
from broadsheet.wire.errors import CollectError

KIND = (
    "text/html,application/xhtml+xml,application/rss+xml,application/atom+xml,"
    "application/feed+json,application/xml;q=0.9,*/*;q=0.5"
)
_MOVED = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})  # 308 forgotten: rss2email 230; 302 taken for good: Miniflux 1387
LONGEST_WAIT = 86_400.0  # seconds: a Retry-After beyond a day is a slip of the server's


def user_agent(contact: str = "") -> str:
    """A truthful name with a way to reach the desk.

    Without brackets: one host refuses every user agent that holds an address in brackets (see
    `sources.yaml` of the shipped beat).
    """
    contact = re.sub(r"[^\x20-\x7e]|[()<>]", "", contact).strip()
    return f"Broadsheet/{__version__} newsletter desk" + (
        f"; contact: {contact}" if contact else ""
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may cost, all its redirects together.

    seconds    wall clock, from the first connection to the last byte; waiting politely not counted
    bytes      of the body, as sent and again as unpacked. 5 MB shuts out real feeds (commafeed 1580)
    redirects  hops that are followed
    """

    seconds: float = 30.0
    bytes: int = 20_000_000
    redirects: int = 6


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came. `status` is 200 to 299, or 304 with an empty body."""

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    fetched: datetime  # aware
    hops: tuple[tuple[int, str], ...] = ()  # each redirect: its status, and where it led
    moved_to: str | None = None  # where permanent redirects alone lead from `url`
    cut: bool = False  # only the first bytes were taken (robots.txt)

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass(slots=True)
class _Host:
    lock: threading.Lock = field(default_factory=threading.Lock)
    ready: float = 0.0  # on the clock: not before
    delay: float = 0.0  # what its robots.txt asks for
    turned_away: int = 0  # in a row


class Manners:
    """One connection to a host at a time, a pause between two, and staying away when told to.

    delay    seconds between the end of one exchange and the start of the next with a host
    patience seconds that a caller is made to wait; a host that wants a longer pause is left alone,
             with a CollectError "rate_limited" that says for how long
    """

    def __init__(
        self,
        delay: float,
        patience: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        chance: Callable[[], float],
    ) -> None:
        self._delay = delay
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def _host(self, name: str) -> _Host:
        with self._lock:
            return self._hosts.setdefault(name, _Host())

    @contextmanager
    def turn(self, name: str, at: str) -> Iterator[None]:
        """Hold the host's one turn for the length of an exchange."""
        host = self._host(name)
        with host.lock:
            wait = host.ready - self._clock()
            if wait > self._patience:
                raise CollectError(
                    f"{name} asked us to stay away for {wait:.0f} more seconds",
                    at=at,
                    reason="rate_limited",
                    wait=wait,
                    hint="It is tried again after that.",
                )
            if wait > 0:
                self._sleep(wait)
            try:
                yield
            finally:
                host.ready = max(host.ready, self._clock() + max(self._delay, host.delay))

    def asked_for(self, name: str, delay: float) -> None:
        """A Crawl-delay; capped at a minute, since some ask for hours."""
        self._host(name).delay = min(max(delay, 0.0), 60.0)

    def turned_away(self, name: str, wait: float | None) -> float:
        """Seconds to stay away after a 429 or 503: as told, else doubling, with jitter."""
        host = self._host(name)
        host.turned_away += 1
        if wait is None:
            # from 15 s to 1 h; half to one and a half of it, so that many desks do not come back at once
            wait = min(15.0 * 2 ** (host.turned_away - 1), 3600.0) * (0.5 + self._chance())
        wait = min(wait, LONGEST_WAIT)
        host.ready = max(host.ready, self._clock() + wait)
        return wait

    def pause(self, name: str, seconds: float) -> None:
        """Stay away for half to one and a half of some seconds."""
        host = self._host(name)
        host.ready = max(host.ready, self._clock() + seconds * (0.5 + self._chance()))

    def welcome(self, name: str) -> None:
        self._host(name).turned_away = 0


@functools.cache
def _trust() -> ssl.SSLContext:
    """Mozilla's list of authorities, read once: it takes a twentieth of a second."""
    return httpx.create_ssl_context(trust_env=False)


class Fetcher:
    """Fetches addresses, within bounds. Use as a context manager, or `close()` it.

    contact   a mail address or web address by which a site's owner can reach the desk
    allowed   networks that may be spoken to although they are private ("127.0.0.0/8"), on any port
    delay     seconds between two exchanges with one host
    obey_robots   False only for a site's owner who fetches their own site
    retries   how often an exchange that failed in passing is tried again at once
    resolve, clock, sleep, chance, now   given by tests; `clock` in seconds, only ever going up
    """

    def __init__(
        self,
        *,
        contact: str = "",
        allowed: Iterable[str | guard.Network] = (),
        limits: Limits | None = None,
        delay: float = 1.0,
        patience: float = 30.0,
        retries: int = 1,
        obey_robots: bool = True,
        resolve: guard.Resolve | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        networks = [
            ipaddress.ip_network(one, strict=False) if isinstance(one, str) else one
            for one in allowed
        ]
        self.agent = user_agent(contact)
        self.limits = limits or Limits()
        self._deadline = guard.Deadline()
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trust(),
            max_connections=256,
            max_keepalive_connections=32,
            keepalive_expiry=5.0,
            network_backend=guard.GuardedBackend(networks, self._deadline, resolve),
        )
        self._manners = Manners(delay, patience, clock, sleep, chance)
        self._retries = retries
        self._patience = patience
        self._clock = clock
        self._now = now
        self._robots = robots.Keeper(self._fetch_robots, clock) if obey_robots else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._pool.close()

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        modified: str | None = None,
        limits: Limits | None = None,
        kind: str = KIND,
    ) -> Fetched:
        """Fetch an address, following redirects. CollectError where nothing of use came.

        With `etag` or `modified` the server may answer 304, and the body is then empty. Every other
        empty answer is an error: an empty 200 is how a broken source looks (reason "empty").
        """
        known = {"if-none-match": etag or "", "if-modified-since": modified or ""}
        headers = {"accept": kind} | {
            # one that is no plain line cannot be sent back
            name: told
            for name, told in known.items()
            if told and told.isascii() and told.isprintable()
        }
        limits = limits or self.limits
        for again in range(self._retries + 1):
            try:
                return self._followed(url, headers, limits)
            except CollectError as error:
                # a host that cannot be reached at all is left to the next visit
                broke_off = error.reason == "network" and not isinstance(
                    error.__cause__, httpcore.ConnectError
                )
                asked = error.reason == "rate_limited" and (error.wait or 0.0) <= self._patience
                if again == self._retries or not (broke_off or asked):
                    raise
                if broke_off:
                    self._manners.pause(whole(url).host, 2.0)
        raise AssertionError("unreachable")  # pragma: no cover

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that the robots.txt of an address's site names."""
        keeper = self._robots or robots.Keeper(self._fetch_robots, self._clock)
        return keeper.sitemaps(url)

    def _followed(self, url: str, headers: dict[str, str], limits: Limits) -> Fetched:
        at, hops, left = url, list[tuple[int, str]](), limits.seconds
        moved_to: str | None = None
        for_good = True
        while True:
            target = whole(at)
            if self._robots:
                self._robots.check(str(target))
                self._manners.asked_for(target.host, self._robots.delay(str(target)))
            with self._manners.turn(target.host, at):
                started = time.monotonic()
                came = self._exchange(target, headers, limits, left, at)
                left -= time.monotonic() - started
            if came.status not in _MOVED:
                self._judge(came, target.host, url)
                return replace(came, url=url, final_url=at, hops=tuple(hops), moved_to=moved_to)
            location = came.headers.get("location", "").strip()
            if not location:
                raise CollectError(
                    f"The server says that it moved ({came.status}), but not where to",
                    at=url,
                    reason="server",
                )
            at = _joined(at, location)
            hops.append((came.status, at))
            if len(hops) > limits.redirects:
                raise CollectError(
                    f"It redirects more than {limits.redirects} times",
                    at=url,
                    reason="redirects",
                    hint=f"The last address was {at}",
                )
            for_good = for_good and came.status in _FOR_GOOD
            if for_good:
                moved_to = at

    def _exchange(
        self, target: httpx.URL, headers: dict[str, str], limits: Limits, left: float, at: str,
        *, cut: bool = False,
    ) -> Fetched:  # fmt: skip
        """One request and its answer, on one host. The body is unpacked and within its bounds."""
        request = httpcore.Request(
            "GET",
            httpcore.URL(
                scheme=target.raw_scheme,
                host=target.raw_host,
                port=target.port,
                target=target.raw_path,
            ),
            headers=[
                ("host", target.netloc.decode("ascii")),
                ("user-agent", self.agent),
                ("accept-encoding", "gzip, deflate"),
                *headers.items(),
            ],
            extensions={"timeout": {"connect": 10.0, "read": 15.0, "write": 15.0, "pool": 60.0}},
        )
        self._deadline.at = time.monotonic() + max(left, 0.0)
        try:
            response = self._pool.handle_request(request)
            try:
                told = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in response.headers
                }
                body, whole_ = self._body(response, told, limits.bytes, at, cut)
            finally:
                response.close()
        except (httpcore.TimeoutException, TimeoutError) as error:
            what = (
                f"It was not done within {limits.seconds:g} seconds"
                if self._over()
                else "The server did not answer in time"
            )
            raise CollectError(what, at=at, reason="timeout", hint="It is tried again.") from error
        except (
            httpcore.NetworkError,
            httpcore.ProtocolError,
            httpcore.UnsupportedProtocol,
        ) as error:
            raise CollectError(
                f"The connection failed: {str(error) or type(error).__name__}",
                at=at,
                reason="network",
            ) from error
        finally:
            self._deadline.at = None
        return Fetched(at, at, response.status, told, body, self._now(), cut=not whole_)

    def _over(self) -> bool:
        return self._deadline.at is not None and time.monotonic() >= self._deadline.at

    def _body(
        self, response: httpcore.Response, headers: Mapping[str, str], most: int, at: str, cut: bool
    ) -> tuple[bytes, bool]:
        def too_large(size: str) -> CollectError:
            return CollectError(
                f"The answer is {size}, more than the {most / 1e6:g} MB that are taken",
                at=at,
                reason="too_large",
                hint="If it is a feed worth having, raise the limit for this source.",
            )

        if response.status in _MOVED or response.status == 304:
            return b"", True
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > most and not cut:
            raise too_large(f"{int(length) / 1e6:,.1f} MB long")
        coding = headers.get("content-encoding", "").lower()
        unpackers = [Unpacker(one, at) for one in reversed(_codings(coding, at))]

        def through(chunk: bytes, layers: list[Unpacker]) -> Iterator[bytes]:
            """Piece by piece through all layers: a bomb inside a bomb is never held."""
            if not layers:
                yield chunk
                return
            for piece in layers[0].feed(chunk):
                yield from through(piece, layers[1:])

        out, sent = bytearray(), 0
        for chunk in response.iter_stream():
            if self._over():
                raise TimeoutError
            sent += len(chunk)
            for piece in through(chunk, unpackers):
                out += piece
                if len(out) > most:
                    if cut:
                        return bytes(out[:most]), False
                    raise too_large("larger" if len(out) == sent else "larger, once unpacked,")
            if sent > most:
                if cut:
                    return bytes(out), False
                raise too_large("larger")
        for unpacker in unpackers:
            unpacker.end()
        return bytes(out), True

    def _judge(self, came: Fetched, host: str, url: str) -> None:
        """Raise where the answer is no page: by its status, a wall, or nothing in it."""
        status = came.status
        if status == 304:
            self._manners.welcome(host)
            return
        wait = None
        if status in (429, 503):
            told = retry_after(came.headers, self._now())
            wait = self._manners.turned_away(host, told) if status == 429 or told else None
        if walls.wall(came.headers, came.body):
            raise CollectError(
                f"A bot wall stands in the way (status {status})",
                at=url,
                reason="blocked",
                hint="We do not go round it. Use the feed's own text, a newsletter by mail, the "
                "bookmarklet, or ask the outlet to let us in.",
            )
        if 200 <= status < 300:
            self._manners.welcome(host)
            if not came.body.strip():
                raise CollectError(f"The answer is empty (status {status})", at=url, reason="empty")
            return
        reason, what, hint = _said(status)
        raise CollectError(f"{what} (status {status})", at=url, reason=reason, hint=hint, wait=wait)

    def _fetch_robots(self, url: str) -> Fetched:
        """A robots.txt as it came, with any status; up to five redirects (RFC 9309, 2.3.1.2)."""
        at, left = url, 20.0
        for _ in range(6):
            target = whole(at)
            with self._manners.turn(target.host, at):
                started = time.monotonic()
                came = self._exchange(
                    target, {"accept": "text/plain,*/*;q=0.1"}, Limits(20.0, robots.LONGEST), left,
                    at, cut=True,
                )  # fmt: skip
                left -= time.monotonic() - started
            if came.status not in _MOVED or not came.headers.get("location"):
                return came
            at = _joined(at, came.headers["location"])
        return replace(came, status=404)  # more than five: unavailable, which means allowed


def whole(url: str) -> httpx.URL:
    """An address ready to be asked. CollectError where it is not http(s), or names a user."""
    try:
        parsed = httpx.URL(re.sub(r"[\t\n\r]", "", url).strip())
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise CollectError("This is no address", at=url[:200], reason="refused_address") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise CollectError(
            "Only http and https addresses are fetched", at=url[:200], reason="refused_address"
        )
    if parsed.userinfo:
        raise CollectError(
            "The address holds a name or a password",
            at=parsed.host,
            reason="refused_address",
            hint="Give it without them.",
        )
    return parsed


def _joined(at: str, location: str) -> str:
    """Where a Location leads: bytes above ASCII are UTF-8 on all servers that send them."""
    with suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        return urljoin(at, location.strip())
    except ValueError as error:
        raise CollectError(
            f"It redirects to {location[:100]!r}, which is no address", at=at, reason="server"
        ) from error


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds of a Retry-After, given as seconds or as a date; at most a day. None where none."""
    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return min(float(said), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), LONGEST_WAIT)


def _said(status: int) -> tuple[str, str, str]:
    """What a failing status means: reason, words, what to do."""
    if status == 410:
        return "gone", "It is gone for good, says the server", "Look for its new address."
    if status == 404:
        return "not_found", "There is nothing at this address", "Look for its new address."
    if status == 429:
        return "rate_limited", "The server asks us to come less often", "We wait and try again."
    if status in (401, 402, 403, 407, 451):
        return (
            "blocked",
            "The server refuses us",
            "Use the feed's own text, a newsletter by mail, the bookmarklet, or ask the outlet.",
        )
    if status == 408:
        return "timeout", "The server gave up waiting", "It is tried again."
    if 400 <= status < 500:
        return (
            "blocked",
            "The server does not take our request",
            "See whether the address is right.",
        )
    return "server", "The server has a fault", "It is tried again."


def _codings(header: str, at: str) -> list[str]:
    codings = [one.strip() for one in header.split(",") if one.strip() not in ("", "identity")]
    if len(codings) > 2 or any(c not in ("gzip", "x-gzip", "deflate") for c in codings):
        raise CollectError(
            f"The answer is packed in a way that we did not ask for ({header})",
            at=at,
            reason="server",
        )
    return codings


class Unpacker:
    """gzip or deflate, in pieces of at most 64 KB, so that a bomb is noticed while it opens."""

    def __init__(self, coding: str, at: str) -> None:
        self._at = at
        self._raw = coding == "deflate"
        self._unpack = zlib.decompressobj(47)  # 32 + 15: gzip or zlib, told by its first bytes
        self._begun = self._fed = False

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The unpacked pieces of a chunk. CollectError where it is not what it says."""
        self._fed = self._fed or bool(chunk)
        while chunk:
            try:
                made = self._unpack.decompress(chunk, 65_536)
            except zlib.error as error:
                if self._raw and not self._begun:
                    # "deflate" without zlib's frame, as old Microsoft servers send it
                    self._unpack, self._raw = zlib.decompressobj(-15), False
                    continue
                raise CollectError(
                    "The answer is packed, but broken", at=self._at, reason="network"
                ) from error
            self._begun = True
            if made:
                yield made
            chunk = self._unpack.unconsumed_tail
            if self._unpack.eof:
                chunk = self._unpack.unused_data.lstrip(b"\x00")
                if not chunk.startswith(b"\x1f\x8b"):
                    return
                self._unpack = zlib.decompressobj(47)

    def end(self) -> None:
        """CollectError where something was begun and its end did not come: half a feed is none."""
        if not self._unpack.eof and self._fed:
            raise CollectError(
                "The answer is packed, and was cut short", at=self._at, reason="network"
            )


def unpacked(body: bytes, most: int, at: str) -> bytes:
    """A .gz file's content, at most `most` bytes (too_large beyond); other bodies as they are."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    out, unpacker = bytearray(), Unpacker("gzip", at)
    for piece in unpacker.feed(body):
        out += piece
        if len(out) > most:
            raise CollectError(
                f"It is larger, once unpacked, than the {most / 1e6:g} MB that are taken",
                at=at,
                reason="too_large",
            )
    unpacker.end()
    return bytes(out)
