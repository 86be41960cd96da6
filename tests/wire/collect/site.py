"""A web site on loopback that answers as it is told, also badly. For tests and `bench/bench_collect.py`."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Asked:
    """A request as it came: `headers` with names in lower case."""

    path: str
    headers: dict[str, str]
    send: Callable[[bytes], object]


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        told = {"content-length": str(len(self.body)), "content-type": "text/html", **self.headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        return f"HTTP/1.1 {self.status} Said\r\n{lines}\r\n".encode("latin-1") + self.body


Route = Answer | bytes | Callable[[Asked], "Answer | None"]


@dataclass(frozen=True)
class Visit:
    """One exchange as the server saw it: seconds of the monotonic clock, and the connection's number."""

    path: str
    host: str
    began: float
    ended: float
    connection: int
    headers: dict[str, str]


class Site:
    """Routes by path; what is not there is 404. `log` holds every exchange."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0, *, poll: float = 0.02) -> None:
        self.routes: dict[str, Route] = {}
        self.log: list[Visit] = []
        self._stop = threading.Event()
        site = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.request.settimeout(20)
                while not site._stop.is_set() and site._exchange(self):
                    pass

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 256
            block_on_close = False

            def handle_error(self, request: object, client_address: object) -> None:
                pass  # a client that goes away is what many of these tests are about

        self._server = Server((address, port), Handler)
        self.port = self._server.server_address[1]
        self.address = address
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": poll}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str = "/") -> str:
        return f"http://{self.address}:{self.port}{path}"

    def paths(self) -> list[str]:
        """What was asked for, robots.txt left out."""
        return [visit.path for visit in self.log if visit.path != "/robots.txt"]

    def _exchange(self, handler: socketserver.StreamRequestHandler) -> bool:
        first = handler.rfile.readline(65_536).decode("latin-1").split()
        if len(first) != 3:
            return False
        began = time.monotonic()
        headers = {}
        while line := handler.rfile.readline(65_536).decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        asked = Asked(first[1], headers, handler.wfile.write)
        route = self.routes.get(asked.path.partition("?")[0], self.routes.get("*"))
        if callable(route):
            answer = route(asked)
        elif isinstance(route, bytes):
            answer = Answer(route)
        else:
            answer = route if isinstance(route, Answer) else Answer(b"nothing here", 404)
        ended = time.monotonic()
        self.log.append(
            Visit(asked.path, headers.get("host", ""), began, ended, id(handler), headers)
        )
        if answer is None:
            return False  # the route sent by itself: the connection is used up
        handler.wfile.write(answer.raw())
        return headers.get("connection", "").lower() != "close"
