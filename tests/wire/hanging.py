"""A reader whose every page hangs: in a module of its own, so that its process starts quickly."""

from __future__ import annotations

from broadsheet.wire.read.pool import Reader, _Worker
from broadsheet.wire.stoppable import Connection, Stoppable


def hang(pipe: Connection) -> None:
    pipe.send("ready")
    pipe.recv()
    pipe.poll(None)  # until it is closed, or this process is ended


class HangingReader(Reader):
    def _start(self) -> _Worker:
        worker = _Worker(Stoppable(hang))
        self._workers.append(worker)
        return worker
