"""Which addresses we may speak to: asked when a connection is made, of the very address it is made to.

A check of the name before the request is worth little: the name may be looked up a second time
and then give another address (DNS rebinding), and a redirect leads elsewhere. So the one
place where a connection is opened looks the name up once, checks *every* address it got, connects
to a checked address and not to the name, and looks at the other end once more.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from typing import Any

import httpcore

from broadsheet.wire.errors import CollectError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], list[str]]

# Ports on which news is published. A request to another port is a way to speak to a mail server
# or a database; where a network is allowed by name, its ports are too.
PORTS = frozenset({80, 443, 8000, 8080, 8443})
PRIVATE = tuple(
    ipaddress.ip_network(net)
    for net in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "::1/128",
        "fc00::/7",
    )
)

# RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4291 2.5.5 (mapped, compatible), RFC 8215 (local NAT64):
# where in the 128 bits the IPv4 address stands, counted from the right.
_WRAPPED = (
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0, "IPv4 in IPv6"),
    (ipaddress.IPv6Network("::ffff:0:0:0/96"), 0, "IPv4 in IPv6"),
    (ipaddress.IPv6Network("::/96"), 0, "IPv4 in IPv6"),
    (ipaddress.IPv6Network("64:ff9b::/96"), 0, "NAT64"),
    (ipaddress.IPv6Network("64:ff9b:1::/48"), 0, "NAT64"),
    (ipaddress.IPv6Network("2002::/16"), 80, "6to4"),
)
_TEREDO = ipaddress.IPv6Network("2001::/32")
_CGNAT = ipaddress.IPv4Network("100.64.0.0/10")
_SITE_LOCAL = ipaddress.IPv6Network("fec0::/10")
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214 6.1: the upper half of the interface's identifier


def why_refused(address: Address, allowed: Iterable[Network] = ()) -> str | None:
    """Why we do not speak to this address, in a word; None where we may.

    An IPv6 address that wraps an IPv4 address is refused unless a network in `allowed` holds the
    *wrapped form*, and then the IPv4 address inside must pass as well: with 64:ff9b::/96 allowed (a
    host that has only NAT64), 64:ff9b::10.0.0.1 is refused all the same.
    """
    allowed = tuple(allowed)
    named = any(address.version == net.version and address in net for net in allowed)
    if isinstance(address, ipaddress.IPv6Address):
        for net, shift, word in _WRAPPED:
            if address in net and int(address) > 1:
                inner = ipaddress.IPv4Address((int(address) >> shift) & 0xFFFFFFFF)
                if not named:
                    return f"{word}, which hides {inner}"
                return why_refused(inner, allowed)
        if address in _TEREDO and not named:
            return "a Teredo tunnel"
        if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP and not named:
            return "an ISATAP tunnel"
        if address.scope_id is not None and not named:
            return "a link-local address"
    if named:
        return None
    if address.is_unspecified:
        return "the unspecified address"
    if address.is_loopback:
        return "a loopback address"
    if address.is_link_local:
        return "a link-local address"
    if address.is_multicast:
        return "a multicast address"
    if address.version == 4 and address in _CGNAT:
        return "a carrier's private address"
    if address.is_private or (address.version == 6 and address in _SITE_LOCAL):
        return "a private address"
    if address.is_reserved or not address.is_global:
        return "a reserved address"
    return None


def refused(what: str, at: str) -> CollectError:
    return CollectError(
        what,
        at=at,
        reason="refused_address",
        hint="If this is a server of your own, add its network to the allowed networks.",
    )


_lookups = ThreadPoolExecutor(max_workers=32, thread_name_prefix="name")


def look_up(host: str, port: int) -> list[str]:
    """Every address of a host, as the system resolves it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Deadline(threading.local):
    """When the exchange that runs on this thread must be over; `at` in seconds of `time.monotonic`."""

    at: float | None = None

    def left(self, most: float | None) -> float:
        """Seconds that may still be waited, at most `most`. TimeoutError where none are left."""
        left = 60.0 if self.at is None else self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left if most is None else min(left, most)


class GuardedStream(httpcore.NetworkStream):
    """A connection on which no wait is longer than what is left of the whole exchange.

    A timeout for each read does not stop a server that drips a byte a second.
    """

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._stream.read(max_bytes, self._deadline.left(timeout))
        except TimeoutError as error:
            raise httpcore.ReadTimeout from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._stream.write(buffer, self._deadline.left(timeout))
        except TimeoutError as error:
            raise httpcore.WriteTimeout from error

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            left = self._deadline.left(timeout)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        return GuardedStream(
            self._stream.start_tls(ssl_context, server_hostname, left), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class GuardedBackend(httpcore.NetworkBackend):
    """Opens connections, and only to addresses that pass."""

    def __init__(
        self,
        allowed: Iterable[Network],
        deadline: Deadline,
        resolve: Resolve | None = None,
        ports: frozenset[int] = PORTS,
    ) -> None:
        self._allowed = tuple(allowed)
        self._deadline = deadline
        self._resolve = resolve
        self._ports = ports
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        at = f"{host}:{port}"
        addresses = self._addresses(host, port)
        for address in addresses:
            why = why_refused(address, self._allowed)
            if why:
                raise refused(f"We do not speak to {address}: it is {why}", at)
            named = any(address.version == n.version and address in n for n in self._allowed)
            if port not in self._ports and not named:
                raise refused(f"We do not speak to port {port}", at)
        last: Exception | None = None
        for address in addresses:
            try:
                left = self._deadline.left(timeout)
            except TimeoutError as error:
                raise httpcore.ConnectTimeout from error
            try:
                stream = self._plain.connect_tcp(
                    str(address), port, left, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
                continue
            peer = stream.get_extra_info("server_addr")
            if peer and ipaddress.ip_address(str(peer[0]).partition("%")[0]) != address:
                stream.close()
                raise refused(f"The connection went to {peer[0]} instead of {address}", at)
            return GuardedStream(stream, self._deadline)
        raise last or httpcore.ConnectError(f"{host} has no address")

    def _addresses(self, host: str, port: int) -> list[Address]:
        host = host.strip("[]")
        try:
            return [ipaddress.ip_address(host)]
        except ValueError:
            pass
        try:
            # "2130706433", "0177.0.0.1", "0x7f.1": what the system would take for an address
            return [ipaddress.ip_address(socket.inet_aton(host))]
        except (OSError, UnicodeError):
            pass
        try:
            # on a thread of its own: the system's look-up knows no time limit
            waiting = _lookups.submit(self._resolve or look_up, host, port)
            found = waiting.result(timeout=self._deadline.left(15.0))
        except (LateError, TimeoutError) as error:
            raise httpcore.ConnectTimeout(f"the look-up of {host} took too long") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} cannot be looked up ({error})") from error
        return [ipaddress.ip_address(one) for one in found]

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise refused("We do not speak to sockets of this machine", path)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
