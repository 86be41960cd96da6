"""Memory that a long-lived process does not need is given back: a desk shares 1 GB with its database.

glibc keeps an arena of freed memory for each of many threads, and hands little of it back by itself; a
round of the worker left some 150 MB so. Elsewhere than on glibc nothing is done.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

ARENAS = 2  # for a web of four threads and a worker whose threads mostly wait
_LARGE = 1 << 20  # bytes: from here on a piece has pages of its own, which go back when it is freed
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # of glibc's malloc.h


def keep_small() -> None:
    """Say so at the start of a process, before its threads begin."""
    if (libc := _glibc()) is not None:
        libc.mallopt(_M_ARENA_MAX, ARENAS)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE)  # else it rises to 32 MB with each piece freed


def give_back() -> None:
    """Hand freed memory to the system: after a round of work, which needs more than the rest between two."""
    if (libc := _glibc()) is not None:
        libc.malloc_trim(0)


def share_models() -> None:
    """Say where models lie that processes share: in the desk's folder, unpacked once."""
    from django.conf import settings

    from broadsheet.wire.read import detector

    detector.keep_in(Path(settings.HOME) / "cache")


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None
