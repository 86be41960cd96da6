"""Many archive files: one after the other, by processes of this machine, or by a Dask cluster.

One file is one task. Who scans gives back what it found; the caller writes it, so a cluster needs no
disk that all its machines share, and a worker that is lost costs the file it had in hand.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from broadsheet.scanning import files
from broadsheet.scanning.files import Part, Task, Told
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
) -> Iterator[Part]:
    """The parts of all archive files, each as soon as it is done; what is done already comes first.

    `cluster` is "local" or the address of a Dask scheduler; without one, `workers` processes of this
    machine scan, and with one worker this process does. `told` hears of progress within a file, of
    one worker only.
    """
    stamp = task.stamp()
    left = []
    for name in given:
        done = files.part(name, folder, stamp)
        if done is None:
            left.append(name)
        else:
            yield done
    if not left:
        return
    if cluster is None and (workers == 1 or left == [files.STDIN]):
        for name in left:
            yield files.keep(files.scanned(name, task, stamp, told), folder, stamp)
        return
    if files.STDIN in left:
        raise WireError("Standard input cannot be shared among workers", at="-")
    many = _by_dask(cluster, workers) if cluster else _by_processes(min(workers, len(left)))
    for one in many(left, task, stamp):
        yield files.keep(one, folder, stamp)


_Many = Callable[[Sequence[str], Task, str], Iterator[files.Scanned]]


def _by_processes(workers: int) -> _Many:
    def scanned(left: Sequence[str], task: Task, stamp: str) -> Iterator[files.Scanned]:
        todo = list(left)
        context = multiprocessing.get_context("spawn")  # a fork would share hyperscan's scratch
        for _ in range(TRIES):
            with ProcessPoolExecutor(workers, mp_context=context) as pool:
                asked = {pool.submit(files.scanned, one, task, stamp): one for one in todo}
                try:
                    for future in as_completed(asked):
                        yield future.result()
                        todo.remove(asked[future])
                except BrokenProcessPool:
                    continue
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
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
    except ImportError as error:
        raise WireError(
            "A cluster needs Dask, which is not installed",
            at=cluster,
            hint="pip install 'broadsheet[cluster]'",
        ) from error

    def scanned(left: Sequence[str], task: Task, stamp: str) -> Iterator[files.Scanned]:
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
                ) from error
            asked = client.map(
                scanned_there, left, task=task, stamp=stamp, pure=False, retries=TRIES
            )
            for future in distributed.as_completed(asked):  # type: ignore[no-untyped-call]
                yield future.result()
                future.release()

    return scanned
