"""How often one address may ask the API: counted in memory for a minute, under a key that nobody keeps.

No row, no log, no cookie. Each worker counts for itself, so of N workers an address gets up to N times
as much: the limit is there against a program that has run wild, not against a siege.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections.abc import Callable

WINDOW = 60  # seconds
MOST_KEPT = 50_000  # addresses counted at a time; past that all begin anew


class Pace:
    """So many requests a minute from one address."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._since = self._clock()
        self._counts: dict[bytes, int] = {}
        # A new one each minute: last minute's marks mean nothing.
        self._key = secrets.token_bytes(16)

    def wait(self, address: str) -> int:
        """Count a request. 0 where it may be answered, else the seconds to wait."""
        with self._lock:
            over = self._clock() - self._since
            if over >= WINDOW or len(self._counts) >= MOST_KEPT:
                self._begin()
                over = 0.0
            mark = hmac.digest(self._key, address.encode(), "sha256")[:16]
            self._counts[mark] = self._counts.get(mark, 0) + 1
            return max(1, round(WINDOW - over)) if self._counts[mark] > self.most else 0

    def forget(self) -> None:
        """Begin anew; tests share a process."""
        with self._lock:
            self._begin()


API = Pace(300)
