"""Many archive files: one after the other, by processes of this machine, or by a Dask cluster.

One file is one task. Who scans gives back what it found; the caller writes it, so a cluster needs no
disk that all its machines share, and a worker that is lost costs the file it had in hand.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from broadsheet.scanning import files
from broadsheet.scanning.files import Part, Seen, Task, Told
from broadsheet.wire.errors import WireError

TRIES = 3  # for a file whose worker was lost: the machine may have gone, the file may be the cause


def run(
    given: Sequence[str],
    task: Task,
    folder: Path,
    *,
    workers: int = 1,
    cluster: str | None = None,
    told: Told | None = None,
    seen: Seen | None = None,
) -> Iterator[Part]:
    """The parts of all archive files, each as soon as it is done; what is done already comes first.

    `cluster` is "local" or the address of a Dask scheduler; without one, `workers` processes of this
    machine scan, and with one worker this process does. A file that cannot be read to its end has no
    part; the others are scanned, then WireError is raised for it. `told` hears of progress within a file, of
    one worker only. `seen` is shown the pages of standard input, which cannot be read a second time.
    """
    stamp = task.stamp()
    files.made_ready(folder)
    left = []
    for name in given:
        done = files.part(name, folder, stamp)
        if done is None:
            left.append(name)
        else:
            yield done
    if not left:
        return
    failed: list[WireError] = []
    for one in _scanned(left, task, stamp, workers, cluster, told, seen):
        if isinstance(one, WireError):
            failed.append(one)
        else:
            yield files.keep(one, folder, stamp)
    if failed:
        raise _not_read(failed)


def _not_read(failed: Sequence[WireError]) -> WireError:
    first, more = failed[0], len(failed) - 1
    if not more:
        return first
    return WireError(
        f"{first.what}, and {more:,} more archives could not be scanned",
        at=first.at,
        hint=first.hint,
    )


_Outcome = Iterator[files.Scanned | WireError]
_Many = Callable[[Sequence[str], Task, str], _Outcome]


def _scanned(
    left: Sequence[str],
    task: Task,
    stamp: str,
    workers: int,
    cluster: str | None,
    told: Told | None,
    seen: Seen | None,
) -> _Outcome:
    if cluster is None and (workers == 1 or left == [files.STDIN]):
        for name in left:
            shown = seen if name == files.STDIN else None
            try:
                yield files.scanned(name, task, stamp, told, shown)
            except WireError as error:
                yield error
        return
    if files.STDIN in left:
        raise WireError(
            "Standard input cannot be shared among workers",
            at="-",
            hint="Save it as a file, or scan it by itself with one worker.",
        )
    many = _by_dask(cluster, workers) if cluster else _by_processes(min(workers, len(left)))
    yield from many(left, task, stamp)


def _of(result: Callable[[], files.Scanned]) -> files.Scanned | WireError:
    try:
        return result()
    except WireError as error:
        error.__cause__ = None  # the pool's, a whole traceback as text
        return error


def _deaf() -> None:
    """A worker hears no Ctrl-C: the terminal sends it to all, and the one that asked ends the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _by_processes(workers: int) -> _Many:
    def scanned(left: Sequence[str], task: Task, stamp: str) -> _Outcome:
        todo = list(left)
        context = multiprocessing.get_context("spawn")  # a fork would share hyperscan's scratch
        for _ in range(TRIES):
            with ProcessPoolExecutor(workers, mp_context=context, initializer=_deaf) as pool:
                asked = {pool.submit(files.scanned, one, task, stamp): one for one in todo}
                try:
                    for future in as_completed(asked):
                        yield _of(future.result)
                        todo.remove(asked[future])
                except BrokenProcessPool:
                    continue
                except BaseException:
                    # Stopped by somebody: who scans would go on to the end of the file in hand.
                    pool.shutdown(wait=False, cancel_futures=True)
                    for process in multiprocessing.active_children():
                        process.terminate()
                    raise
                else:
                    return
        raise WireError(
            f"The process that scanned this was ended {TRIES} times, likely for its memory",
            at=todo[0],
            hint="Try fewer --workers.",
        )

    return scanned


def scanned_there(name: str, task: Task, stamp: str) -> files.Scanned:
    """Scan one file on a worker of a cluster. Raises WireError where something else would decide there:
    parts of two versions would stand in one output."""
    if task.stamp() != stamp:
        raise WireError(
            "A worker has another version of Broadsheet, or other files of the beat, than this machine",
            at=name,
            hint="Install the same version on all, and give --beat by a name that is the same on all.",
        )
    return files.scanned(name, task, stamp)


def _by_dask(cluster: str, workers: int) -> _Many:
    try:
        import dask
        import distributed
        from distributed.comm.core import CommClosedError
    except ImportError as error:
        raise WireError(
            "A cluster needs Dask, which is not installed",
            at=cluster,
            hint="pip install 'broadsheet[cluster]'",
        ) from error

    def scanned(left: Sequence[str], task: Task, stamp: str) -> _Outcome:
        # Workers read pages in processes of their own, which Dask forbids its daemons.
        dask.config.set({"distributed.worker.daemon": False})
        with contextlib.ExitStack() as opened:
            address: Any = cluster
            if cluster == "local":
                address = opened.enter_context(
                    distributed.LocalCluster(  # type: ignore[no-untyped-call]
                        n_workers=workers, threads_per_worker=1, dashboard_address=None
                    )
                )
            try:
                client = opened.enter_context(
                    distributed.Client(address, timeout="20s")  # type: ignore[no-untyped-call]
                )
            except (OSError, TimeoutError) as error:
                raise WireError(
                    f"No Dask scheduler answers here ({error})",
                    at=cluster,
                    hint="Start one with `dask scheduler`, and workers with `dask worker ADDRESS`.",
                ) from None
            # Dask's word for it, and the line's, where the scheduler goes while a result is asked for.
            lost = (concurrent.futures.CancelledError, CommClosedError)
            asked = client.map(
                scanned_there, left, task=task, stamp=stamp, pure=False, retries=TRIES
            )
            for future in distributed.as_completed(asked):  # type: ignore[no-untyped-call]
                try:
                    yield _of(future.result)
                except lost:
                    raise WireError(
                        "The Dask scheduler was lost",
                        at=str(address) if address is cluster else "local",
                        hint="Start it and its workers again, and give the same command: archives that "
                        "are done are not scanned again.",
                    ) from None
                future.release()

    return scanned
