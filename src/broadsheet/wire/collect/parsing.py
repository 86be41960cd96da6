"""Feeds are parsed in processes that can be stopped: no feed holds up a run or fills the memory.

`feeds.parse` has bounds of its own, but it leans on C libraries and on feedparser's loose reader,
whose time nobody promises.
"""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from broadsheet.wire.collect import feeds
from broadsheet.wire.errors import CollectError
from broadsheet.wire.stoppable import Connection, Stoppable, limit_memory


class Parse(Protocol):
    """What makes entries of a feed's bytes: `feeds.parse` itself, or a `Parser`'s."""

    def __call__(
        self, body: bytes, url: str, content_type: str = "", *, most: int = feeds.MOST_ENTRIES
    ) -> feeds.Feed: ...


class Parser:
    """Parses feeds in processes of their own; may be asked from many threads.

    processes   how many at once; they start with the first feed and are kept warm
    seconds     how long a feed may take; then its process is ended. The largest sound feed that
                `feeds` takes, of 10 MB, needs 5 to 10
    megabytes   how much memory one may take beyond what the libraries need
    """

    def __init__(self, processes: int = 1, seconds: float = 20.0, megabytes: int = 512) -> None:
        self._seconds = seconds
        self._megabytes = megabytes
        self._idle: queue.SimpleQueue[Stoppable | None] = queue.SimpleQueue()
        self._started: set[Stoppable] = set()
        self._lock = threading.Lock()
        for _ in range(max(1, processes)):
            self._idle.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            started, self._started = self._started, set()
        for process in started:
            process.end()

    def parse(
        self, body: bytes, url: str, content_type: str = "", *, most: int = feeds.MOST_ENTRIES
    ) -> feeds.Feed:
        """As `feeds.parse`, with CollectError also where the feed took too long or too much."""
        process = self._idle.get()
        try:
            if process is None:
                process = self._start()
            answer = self._asked(process, (body, url, content_type, most))
        except (EOFError, OSError, MemoryError) as error:  # TimeoutError is an OSError
            if process is not None:
                self._end(process)
                process = None
            late = isinstance(error, TimeoutError)
            raise CollectError(
                f"Reading the feed took longer than {self._seconds:g} seconds"
                if late
                else "The feed ended the process that read it, likely by its memory",
                at=url,
                reason="too_large",
                hint="It may be made to do harm; open its address in a browser and see.",
            ) from error
        finally:
            self._idle.put(process)
        if isinstance(answer, feeds.Feed):
            return answer
        raise CollectError(
            answer.what,
            at=answer.at,
            hint=answer.hint,
            reason=answer.reason,
            links=answer.links,
        )

    def _asked(self, process: Stoppable, task: tuple[bytes, str, str, int]) -> feeds.Feed | _Told:
        process.pipe.send(task)
        if not process.pipe.poll(self._seconds):
            raise TimeoutError
        return process.pipe.recv()  # type: ignore[no-any-return]

    def _start(self) -> Stoppable:
        process = Stoppable(_work, self._megabytes)
        with self._lock:
            self._started.add(process)
        return process

    def _end(self, process: Stoppable) -> None:
        with self._lock:
            self._started.discard(process)
        process.end()


@dataclass(frozen=True, slots=True)
class _Told:
    """A CollectError as a value: an error with named arguments does not travel between processes."""

    what: str
    at: str
    hint: str = ""
    reason: str = "too_large"
    links: tuple[str, ...] = ()


def _work(pipe: Connection, megabytes: int) -> None:
    limit_memory(megabytes)
    pipe.send("ready")
    while True:
        try:
            body, url, content_type, most = pipe.recv()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        answer: feeds.Feed | _Told
        try:
            answer = feeds.parse(body, url, content_type, most=most)
        except CollectError as error:
            answer = _Told(error.what, error.at, error.hint, error.reason, error.links)
        except (MemoryError, RecursionError):
            answer = _Told(f"The feed needs more than {megabytes} MB, or nests too deep", url)
        try:
            pipe.send(answer)
        except (BrokenPipeError, OSError):
            return
