"""Reading in processes that can be stopped: no page holds up a run for long or fills the memory.

A worker reads one page after another and answers over a pipe. One that is late is ended, counted as a
Failure for its page, and replaced. Memory is bounded by the system (RLIMIT_AS, where it has one).
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from types import TracebackType
from typing import Self

from broadsheet.wire.beat import Beat, load
from broadsheet.wire.errors import ReadError
from broadsheet.wire.model import Article, Failure, Page
from broadsheet.wire.read.detector import keep_in, kept_in
from broadsheet.wire.stoppable import Connection, Stoppable, limit_memory


@dataclass
class _Worker:
    process: Stoppable
    busy: tuple[int, Page] | None = None
    since: float = 0.0


class Reader:
    """Reads pages in worker processes, in the order given.

    processes   how many at once
    seconds     how long a page may take; then its worker is ended
    megabytes   how much memory reading may take beyond what the libraries need. Parsed trees cost
                about 20 times their bytes: 512 read every page below document.MAX_BYTES that is not
                made to do harm

    Close it, or use it as a context manager; workers start at the first page and are kept warm.
    """

    def __init__(
        self,
        processes: int = 1,
        seconds: float = 10.0,
        megabytes: int = 512,
        beat: Beat | None = None,
    ) -> None:
        self._count = max(1, processes)
        self._seconds = seconds
        self._megabytes = megabytes
        self._beat = beat
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, page: Page) -> Article | Failure:
        """One page. Never raises for what a page holds."""
        return next(iter(self.read_all([page])))

    def read_all(self, pages: Iterable[Page]) -> Iterator[Article | Failure]:
        """Every page in its turn as an Article or a Failure; as many out as in, in the same order.

        At most a few pages for each worker are held at once, so `pages` may be endless.
        """
        waiting: deque[tuple[int, Page]] = deque()
        done: dict[int, Article | Failure] = {}
        source = iter(pages)
        taken = given = 0
        ended = False
        try:
            while True:
                while not ended and len(waiting) + len(done) < 4 * self._count:
                    page = next(source, None)
                    if page is None:
                        ended = True
                    else:
                        waiting.append((taken, page))
                        taken += 1
                self._hand_out(waiting)
                while given in done:
                    yield done.pop(given)
                    given += 1
                if ended and given == taken:
                    return
                self._take_in(done)
        finally:
            # A caller that stops early leaves workers with answers nobody waits for.
            for worker in [w for w in self._workers if w.busy]:
                self._end(worker)

    def close(self) -> None:
        """End the workers."""
        for worker in list(self._workers):
            self._end(worker)

    def _hand_out(self, waiting: deque[tuple[int, Page]]) -> None:
        while waiting:
            idle = next((w for w in self._workers if w.busy is None), None)
            if idle is None:
                if len(self._workers) >= self._count:
                    return
                idle = self._start()
            number, page = waiting.popleft()
            try:
                idle.process.pipe.send(page)
            except (BrokenPipeError, OSError):
                self._end(idle)
                waiting.appendleft((number, page))
                continue
            idle.busy, idle.since = (number, page), time.monotonic()

    def _take_in(self, done: dict[int, Article | Failure]) -> None:
        busy = [w for w in self._workers if w.busy]
        now = time.monotonic()
        left = min((w.since + self._seconds - now for w in busy), default=0.0)
        ready = set(wait([w.process.pipe for w in busy], timeout=max(0.0, left)))
        now = time.monotonic()
        for worker in busy:
            if worker.busy is None:
                continue
            number, page = worker.busy
            if worker.process.pipe in ready:
                try:
                    answer = worker.process.pipe.recv()
                except (EOFError, OSError, MemoryError):
                    self._end(worker)
                    done[number] = self._instead(
                        page, "The page ended the process that read it, likely by its memory"
                    )
                    continue
                worker.busy = None
                done[number] = (
                    self._instead(page, answer.reason) if isinstance(answer, Failure) else answer
                )
            elif now - worker.since >= self._seconds:
                self._end(worker)
                done[number] = self._instead(
                    page, f"Reading the page took longer than {self._seconds:g} seconds"
                )

    def _instead(self, page: Page, reason: str) -> Article | Failure:
        """What stands in for a page that could not be read: the feed's own text, else the failure."""
        entry = page.entry
        if entry and entry.headline.strip() and entry.text.strip():
            from broadsheet.wire.read import from_entry  # noqa: PLC0415 - trafilatura only where needed

            return from_entry(page, entry, self._beat, reason)
        return Failure(page.url, "read", reason)

    def _start(self) -> _Worker:
        folder = self._beat.folder if self._beat else None
        worker = _Worker(Stoppable(_work, self._megabytes, folder, kept_in()))
        self._workers.append(worker)
        return worker

    def _end(self, worker: _Worker) -> None:
        if worker in self._workers:
            self._workers.remove(worker)
        worker.process.end()


def _work(pipe: Connection, megabytes: int, folder: Path | None, kept: Path | None) -> None:
    from broadsheet.wire.read import naming, read  # noqa: PLC0415 - in the worker, not in the caller

    keep_in(kept)

    # A beat is loaded from its folder: it holds read-only mappings, which do not travel between processes.
    beat = load(folder) if folder else None
    naming.language("The model is loaded before the first page comes.", None)
    limit_memory(megabytes)
    with contextlib.suppress(OSError):  # who asked may be gone by now: the first wait finds it out
        pipe.send("ready")
    while True:
        try:
            page = pipe.recv()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        try:
            answer: Article | Failure = read(page, beat)
        except ReadError as error:
            answer = Failure(page.url, "read", f"{error.what}. {error.hint}".strip())
        except MemoryError:
            answer = Failure(
                page.url, "read", f"The page needs more than {megabytes} MB to be read"
            )
        except RecursionError:
            answer = Failure(page.url, "read", "The page nests too deep to be read")
        try:
            pipe.send(answer)
        except (BrokenPipeError, OSError):
            return
