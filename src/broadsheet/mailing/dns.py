"""Questions to DNS: text, mail exchangers, names of addresses. With a time limit; never raises."""

from __future__ import annotations

import dns.exception
import dns.resolver
import dns.reversename

TIMEOUT = 5.0  # seconds for one question, over all servers


class Resolver:
    """Asks the machine's servers, or the one that is named. An empty answer and none are told apart."""

    def __init__(self, server: str | None = None, port: int = 53) -> None:
        self._resolver = dns.resolver.Resolver(configure=server is None)
        if server is not None:
            self._resolver.nameservers = [server]
            self._resolver.port = port
        self._resolver.lifetime = TIMEOUT

    def _ask(self, name: str, kind: str) -> list[dns.rdata.Rdata] | None:
        try:
            return list(self._resolver.resolve(name, kind))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, UnicodeError):
            return None

    def texts(self, name: str) -> list[str] | None:
        """The TXT records, their strings joined. None: DNS did not answer."""
        found = self._ask(name, "TXT")
        if found is None:
            return None
        return [b"".join(row.strings).decode("utf-8", "replace") for row in found]  # type: ignore[attr-defined]

    def exchangers(self, name: str) -> list[str] | None:
        """Names of the MX hosts, best first."""
        found = self._ask(name, "MX")
        if found is None:
            return None
        rows = sorted((row.preference, str(row.exchange)) for row in found)  # type: ignore[attr-defined]
        return [host.rstrip(".").lower() for _, host in rows]

    def addresses(self, name: str) -> list[str] | None:
        """The IPv4 and IPv6 addresses of a name."""
        both = [self._ask(name, kind) for kind in ("A", "AAAA")]
        if all(found is None for found in both):
            return None
        return [str(row) for found in both for row in found or []]

    def name_of(self, address: str) -> str | None:
        """The name that an address has (PTR); "" where it has none, None where DNS did not answer."""
        found = self._ask(str(dns.reversename.from_address(address)), "PTR")
        if found is None:
            return None
        return str(found[0]).rstrip(".").lower() if found else ""
