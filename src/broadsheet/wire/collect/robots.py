"""robots.txt, as RFC 9309 has it, with the reason shown."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from protego import Protego

from broadsheet.wire.errors import CollectError

if TYPE_CHECKING:
    from broadsheet.wire.collect.fetcher import Fetched

NAME = "Broadsheet"  # the product token by which a robots.txt can name us
LONGEST = 512_000  # bytes; RFC 9309 2.5: at least 500 KiB are read
KEPT = 21_600.0  # seconds: a fourth of the day that RFC 9309 2.4 allows
KEPT_FAULT = 900.0


@dataclass(frozen=True, slots=True)
class _Rules:
    until: float
    parsed: Protego | None  # None where all is allowed
    text: str = ""
    fault: CollectError | None = None  # why it could not be read, so that we stay away


class Keeper:
    """Keeps each site's robots.txt for some hours.

    A robots.txt that is not there (4xx) allows all; one that cannot be read (5xx, 429) forbids all
    for now, as a fault of the server. Where the site cannot be reached at all its own error is
    raised, since the page would fail alike.
    """

    def __init__(self, fetch: Callable[[str], Fetched], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._rules: dict[str, _Rules] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def check(self, url: str) -> None:
        """CollectError with the reason "robots" where the site asks us not to fetch this."""
        rules = self._of(url)
        if rules.fault:
            raise rules.fault
        if rules.parsed is None or rules.parsed.can_fetch(url, NAME):
            return
        rule = _rule(rules.text, url)
        raise CollectError(
            f"The site's robots.txt asks us not to fetch this{rule and f' ({rule})'}",
            at=url,
            reason="robots",
            hint="Ask the outlet for leave, use its newsletter by mail, or enter the story by hand.",
        )

    def delay(self, url: str) -> float:
        rules = self._of(url)
        said = rules.parsed.crawl_delay(NAME) if rules.parsed else None
        return float(said or 0.0)

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """The sitemaps that it names, in order; none where it cannot be read."""
        try:
            rules = self._of(url)
        except CollectError:
            return ()
        return tuple(dict.fromkeys(rules.parsed.sitemaps)) if rules.parsed else ()

    def _of(self, url: str) -> _Rules:
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        with self._lock:
            lock = self._locks.setdefault(site, threading.Lock())
        with lock:
            known = self._rules.get(site)
            if known is None or known.until <= self._clock():
                known = self._rules[site] = self._read(f"{site}/robots.txt")
            return known

    def _read(self, url: str) -> _Rules:
        came = self._fetch(url)
        if came.status >= 500 or came.status == 429:
            fault = CollectError(
                f"The site's robots.txt could not be read (status {came.status}), so we stay away",
                at=url,
                reason="server",
                hint="It is tried again.",
            )
            return _Rules(self._clock() + KEPT_FAULT, None, fault=fault)
        if not 200 <= came.status < 300:
            return _Rules(self._clock() + KEPT, None)
        text = came.body.decode("utf-8-sig", errors="replace").replace("\x00", "")
        return _Rules(self._clock() + KEPT, Protego.parse(text), text[:100_000])


def _rule(text: str, url: str) -> str:
    """The longest Disallow line that fits, for the eye only; empty where none is found."""
    best = ""
    for line in text.splitlines()[:1_000]:
        name, colon, value = line.partition("#")[0].partition(":")
        value = value.strip()
        if not colon or name.strip().lower() != "disallow" or not len(best) < len(value) <= 200:
            continue
        if not Protego.parse(f"User-agent: *\nDisallow: {value}").can_fetch(url, NAME):
            best = value
    return f"Disallow: {best}" if best else ""
