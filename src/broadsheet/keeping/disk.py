"""Room on the disk: what the desk takes, what is free, and when to stop before it is full.

A full disk loses nothing (SQLite and PostgreSQL take a change back whole, files are written aside and
renamed), but a desk that cannot write is of no use. So it warns long before, and below a last reserve
the worker fetches nothing more, so that editors can still work and mail can still be accounted for.
"""

from __future__ import annotations

import errno
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import OperationalError

from broadsheet.keeping import home

MB = 1_000_000
# A desk of 156 sources grows by some 100 MB a month, so the warning comes about a year before the end
# of a small disk, and the reserve is what a month of editing and a dispatch to 20,000 write.
WARN = 1_500 * MB
RESERVE = 200 * MB
_WARN_SHARE = 0.8  # of a budget, where one is set
_LOOK = 60.0  # seconds for which a look through every file holds; in them a worker fetches some megabytes
_seen: dict[str, tuple[float, bool]] = {}


@dataclass(frozen=True, slots=True)
class Room:
    """How much is taken and free, in bytes. `budget` is 0 where none is set."""

    taken: dict[str, int]
    free: int
    budget: int

    @property
    def total(self) -> int:
        return sum(self.taken.values())

    @property
    def left(self) -> int:
        """What the desk may still write: what is free, and no more than its budget leaves."""
        return min(self.free, self.budget - self.total) if self.budget else self.free

    @property
    def is_low(self) -> bool:
        over = self.budget and self.total > self.budget * _WARN_SHARE
        return bool(over) or self.free < WARN

    @property
    def is_full(self) -> bool:
        return self.left < (0 if self.budget and self.free >= RESERVE else RESERVE)


def room() -> Room:
    """The desk's folder, looked through."""
    there = Path(settings.HOME)
    return Room(home.sizes(there), free(), settings.DISK_BUDGET * MB)


def free() -> int:
    return shutil.disk_usage(settings.HOME).free


def stops_collecting() -> bool:
    """Whether only the reserve is left, or the budget is used up. Files are looked at once a minute."""
    if free() < RESERVE:
        return True
    if not settings.DISK_BUDGET:
        return False
    at, full = _seen.get(str(settings.HOME), (-_LOOK, False))
    if time.monotonic() - at >= _LOOK:
        full = room().is_full
        _seen[str(settings.HOME)] = (time.monotonic(), full)
    return full


def is_full(error: BaseException) -> bool:
    """Whether an error says that the disk is full: from the system, SQLite or PostgreSQL."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        # A database that nobody has open needs 32 KB beside it before it can be read at all, and SQLite calls
        # their want an error of input and output.
        if getattr(seen, "sqlite_errorname", "") in ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"):
            return True
        # SQLite: "database or disk is full". PostgreSQL: DiskFull, 53100, "No space left on device".
        if isinstance(seen, OperationalError) and (
            "disk is full" in str(seen) or "No space left" in str(seen)
        ):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
