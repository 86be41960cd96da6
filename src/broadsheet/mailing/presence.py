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
    rest, _, began = worker.rpartition(":")
    host, _, number = rest.rpartition(":")
    if host != socket.gethostname()[:60] or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:  # it is there, and somebody else's
        return False
    now = _began(int(number))
    return now == _DEAD or bool(began and now and began != now)


_DEAD = "dead"


def _began(number: int) -> str:
    """When a process began, in ticks since the machine did; "" where the system does not tell.

    Fields 3 and 22 of /proc/N/stat (proc(5)); the name in brackets before them may hold anything.
    One that has ended and waits to be collected (Z, X) is dead.
    """
    try:
        told = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = told.rpartition(")")[2].split()
    return _DEAD if fields[0] in "ZX" else fields[19]
