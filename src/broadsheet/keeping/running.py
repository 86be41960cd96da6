"""Whether a desk runs from this folder: its web and its workers hold a lock, which ends with them.

The lock is on a file and of the system (flock), so it is gone however a process ends. Where there is none,
on Windows, nobody is seen, and that the desk must be stopped first stands in the manual only.
"""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl

LOCK = ".running"
_held: list[IO[bytes]] = []  # open for as long as the process lives


def hold(home: Path) -> None:
    """Say, until this process ends, that the desk runs."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError):
        file = (home / LOCK).open("ab")
        fcntl.flock(file, fcntl.LOCK_SH)
        _held.append(file)


def is_running(home: Path) -> bool:
    """Whether any process works at the desk now."""
    if sys.platform == "win32":
        return False
    try:
        with (home / LOCK).open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False  # a folder that cannot be written to: what comes next will say so
    return False
