"""Having the database in memory before the first reader asks.

A search of a million items reads some hundreds of pages here and there in a file of 3 GB. From memory that
is milliseconds; from a disk each is a wait of its own, and the index is walked from its end to its
beginning, which no system reads ahead by itself. To read the file in its order takes seconds, once.
"""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

# Of what memory is free: the file must not push out what the machine needs besides.
SHARE = 0.5
_STEP = 1 << 20  # bytes: the system takes no more in one call


def read_ahead() -> int:
    """Ask the system to read the desk's database file into memory; how many bytes were asked for.

    None of it where it is no file, where it would not fit, or where the system knows no such asking. The
    system reads by itself: this returns before it is done, and nothing waits for it.
    """
    database = settings.DATABASES["default"]
    if "sqlite" not in database["ENGINE"] or not hasattr(os, "posix_fadvise"):
        return 0
    return _read_ahead(Path(database["NAME"]), _free())


def _read_ahead(path: Path, free: int) -> int:
    try:
        size = path.stat().st_size
        if size > free * SHARE:
            return 0
        with path.open("rb") as file:
            for at in range(0, size, _STEP):
                os.posix_fadvise(file.fileno(), at, _STEP, os.POSIX_FADV_WILLNEED)
    except OSError:  # a file system that takes no advice does without
        return 0
    return size


def _free() -> int:
    """Bytes of memory that could be had; 0 where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    said = next((line for line in lines if line.startswith("MemAvailable:")), "0 0 kB")
    return int(said.split()[1]) * 1024
