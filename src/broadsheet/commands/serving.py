"""The web server of `broadsheet start`, with the worker beside it, in a process that holds nothing else.

`start` has the whole desk loaded when it comes to serving, and needs none of it any more: it becomes this
module's process, which saves 55 MB of the 1 GB that a small server has. The desk is loaded by the
processes that answer.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import click

from broadsheet.commands import memory

WORKERS = {"none": None, "work": ["work"], "errands": ["work", "--errands"]}
# Seconds in which a process finishes what it answers; one that was told while it was still loading has not
# heard it, and would be waited for without end.
GRACE = 10
HEARD = 1.0  # seconds after which a signal that was sent to all of us has reached this process too


def become(host: str, port: int, processes: int, worker: str) -> None:
    """Serve until stopped, in this process begun anew where a system can do that; a key of WORKERS."""
    given = [host, str(port), str(processes), worker]
    if os.name == "nt":  # there a process that is replaced ends for those who wait for it
        main(given)
        return
    sys.stdout.flush()
    call = [sys.executable, "-P", "-m", "broadsheet.commands.serving", *given]
    os.execv(sys.executable, call)  # noqa: S606 -- ourselves


def main(given: list[str]) -> None:
    memory.keep_small()
    host, port, processes, worker = given
    wanted = WORKERS[worker]
    beside = None if wanted is None else _Worker(wanted)
    try:
        _serve(host, int(port), int(processes))
    except RuntimeError as error:  # another program was quicker to take the port
        if "in use" not in str(error):
            raise
        raise click.ClickException(f"Port {port} was taken meanwhile. Start again.") from error
    finally:
        if beside is not None:
            beside.end()


class _Worker:
    """`broadsheet work` beside the web. One that ends by itself, or is ended, is started again."""

    AGAIN = 5.0  # seconds until then, so that one that cannot start does not keep a core busy
    PATIENCE = 30.0  # seconds to write down what was sent

    def __init__(self, command: list[str]) -> None:
        self._call = [sys.executable, "-P", "-m", "broadsheet", *command]
        self._over = threading.Event()
        self._process = subprocess.Popen(self._call)  # noqa: S603 -- ourselves
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _keep(self) -> None:
        while True:
            code = self._process.wait()
            # One that was told to end, ends well: Ctrl-C tells all, and the web may take its time.
            if self._over.wait(HEARD if code else GRACE + HEARD):
                return
            click.echo(f"The worker ended ({code}). Another one begins.", err=True)
            if self._over.wait(self.AGAIN):
                return
            self._process = subprocess.Popen(self._call)  # noqa: S603 -- ourselves
            if self._over.is_set():
                self._process.terminate()

    def end(self) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._process.terminate()
        self._keeper.join(self.PATIENCE)


def _serve(host: str, port: int, processes: int) -> None:
    """Until SIGINT or SIGTERM. A process that answers and dies is started again; one that cannot stay
    up for some seconds ends all, with status 1, and a service manager tries from the beginning."""
    from granian import Granian
    from granian.constants import Interfaces

    class Web(Granian):  # type: ignore[misc,valid-type]
        def _respawn_workers(self, *args: Any, **more: Any) -> None:
            # Ctrl-C, and a service manager, tell those that answer too; they end before we have heard
            # of it. Taken for a failure they were started again, and nothing ended.
            time.sleep(HEARD)
            if self.interrupt_signal:
                self.main_loop_interrupt.set()
                return
            click.echo("A process of the web ended. Another one begins.", err=True)
            again: Callable[..., None] = super()._respawn_workers
            again(*args, **more)

    web = Web(
        "broadsheet.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=processes,
        blocking_threads=4,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE,
        log_level="warning",
        websockets=False,
    )
    try:
        web.serve()
    except SystemExit:
        if not web.interrupt_signal:  # one that ended by the signal that ended all is no failure
            raise


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except click.ClickException as error:
        error.show()
        raise SystemExit(error.exit_code) from None
