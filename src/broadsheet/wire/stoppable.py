"""A process that works for us and can be stopped: for what strangers wrote, which may never end.

A thread that hangs in a C library cannot be ended; a process can. Memory is bounded by the system
(RLIMIT_AS, where it has one: Windows has not, and there the limit of time alone holds).
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]

_LIBRARIES = 700  # MB of address space that Python, numpy, lxml and trafilatura map before any page
_STARTING = 60  # seconds that a process may take to start and import, on a busy machine

# spawn: a forked process would inherit the desk's threads, locks and database connections
_CONTEXT = multiprocessing.get_context("spawn")


class Stoppable:
    """One process, started and ready. `work(pipe, *args)` runs in it, and ends when `pipe` does.

    `work` must be a function of a module, call `limit_memory`, and send one message once it has
    imported what it needs: the first task must not pay for that.
    """

    def __init__(self, work: Callable[..., None], *args: Any) -> None:
        self.pipe, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=work, args=(theirs, *args), daemon=True)
        self._process.start()
        theirs.close()
        with contextlib.suppress(EOFError, OSError):
            if self.pipe.poll(_STARTING):
                self.pipe.recv()

    def end(self) -> None:
        """End the process, whatever it does."""
        with contextlib.suppress(OSError):
            self.pipe.close()
        self._process.terminate()
        self._process.join(2)
        if self._process.is_alive():  # C code does not see SIGTERM's handler, but it has none
            self._process.kill()
            self._process.join(2)


def limit_memory(megabytes: int) -> None:
    """Bound the memory of this process to what its libraries need and `megabytes` more."""
    if resource is not None:
        room = (megabytes + _LIBRARIES) * 1_000_000
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_AS, (room, room))


__all__ = ["Connection", "Stoppable", "limit_memory"]
