"""Which articles hold a thing, for millions of things: a term, a shingle.

Nearly every shingle and every second term of a month stands in one article only. A dictionary of
lists takes some 200 bytes for each, two sorted arrays take 12: for 240,000, as a month of 1,500 articles
has, 45 MB against 11 with what waits to be sorted.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from broadsheet.wire.group.terms import distinct

Keys = npt.NDArray[np.uint64]

FRESH = 20_000  # entries that wait in a dictionary, or an eighth of all: so sorting stays cheap


class Posts:
    """Articles by what they hold. Articles are numbered in the order in which they are added."""

    def __init__(self) -> None:
        self._keys: Keys = np.zeros(0, np.uint64)
        self._owners = np.zeros(0, np.uint32)
        self._fresh: dict[int, list[int]] = {}
        self._waiting = 0

    def add(self, at: int, keys: Keys) -> None:
        """Article `at` holds these keys, each of which is named once."""
        for key in keys.tolist():
            self._fresh.setdefault(key, []).append(at)
        self._waiting += len(keys)
        if self._waiting > max(FRESH, len(self._keys) // 8):
            self._settle()

    def last(self, keys: Keys, most: int) -> list[list[int]]:
        """For each key the articles that hold it, in their order; of too many the last `most`."""
        ends = np.searchsorted(self._keys, keys, side="right")
        starts = np.maximum(np.searchsorted(self._keys, keys, side="left"), ends - most)
        found: list[list[int]] = []
        for key, start, end in zip(keys.tolist(), starts.tolist(), ends.tolist(), strict=True):
            held = self._owners[start:end].tolist() if start < end else []
            late: Sequence[int] = self._fresh.get(key, ())
            found.append([*held, *late][-most:] if late else held)
        return found

    def _settle(self) -> None:
        """Put what waits among the rest: behind what is there of the same key."""
        fresh = distinct(np.fromiter(self._fresh, np.uint64, len(self._fresh)))
        lists = [self._fresh[key] for key in fresh.tolist()]
        keys = np.repeat(fresh, [len(mine) for mine in lists])
        owners = np.fromiter((at for mine in lists for at in mine), np.uint32, len(keys))
        places = np.searchsorted(self._keys, keys, side="right")
        self._keys = np.insert(self._keys, places, keys)
        self._owners = np.insert(self._owners, places, owners)
        self._fresh, self._waiting = {}, 0
