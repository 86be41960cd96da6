"""Which worker a claim belongs to, and whether that process is still there."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def name() -> str:
    """This process: machine, number, and the moment it began, since numbers are used again."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{_began(os.getpid())}"


def is_gone(worker: str) -> bool:
    """Whether a process of this machine is certainly no more. Of other machines nothing is known."""
    host, _, rest = worker.rpartition(":")[0].rpartition(":")
    number, began = rest, worker.rpartition(":")[2]
    if host != socket.gethostname()[:60] or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OSError):
        return False
    now = _began(int(number))
    return bool(began and now and began != now)


def _began(number: int) -> str:
    """When a process began, in ticks since the machine did; "" where the system does not tell.

    Field 22 of /proc/N/stat (proc(5)); the name in brackets before it may hold anything.
    """
    try:
        told = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return told.rpartition(")")[2].split()[19]
