"""Run programs within the bounds of a small server, and say what they took. For benchmarks, on Linux.

A control group (version 2 or 1) holds them where this machine lets us make one, else `taskset` holds them
to a core and what they take is looked at from outside, with nothing that stops them.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

ROOT = Path("/sys/fs/cgroup")
MB = 1_000_000


class Bounds:
    """Memory in bytes and whole cores that all programs started here share.

    `peak` is the most memory of their own (pages of files left out, each shared page counted once) that
    was seen in looks half a second apart; `charged` what the group was charged for at most, with the file
    cache that it could give back.
    """

    def __init__(self, memory: int, cores: int = 1) -> None:
        self.memory, self.cores = memory, cores
        self.peak, self.charged = 0, 0
        self.began = time.monotonic()
        self._running: list[subprocess.Popen[bytes]] = []
        self._groups: list[Path] = []
        self.kind = self._make()
        self._over = threading.Event()
        self._look = threading.Thread(target=self._watch, daemon=True)

    def _make(self) -> str:
        name = f"broadsheet-bench-{os.getpid()}"
        with contextlib.suppress(OSError):
            if (ROOT / "cgroup.controllers").exists():
                group = ROOT / name
                group.mkdir()
                self._groups = [group]
                (group / "memory.max").write_text(str(self.memory))
                (group / "cpu.max").write_text(f"{self.cores * 100_000} 100000")
                return "cgroup v2"
        with contextlib.suppress(OSError):
            for controller in ("memory", "cpu", "cpuacct"):
                group = ROOT / controller / name
                group.mkdir()
                self._groups.append(group)
            (ROOT / "memory" / name / "memory.limit_in_bytes").write_text(str(self.memory))
            (ROOT / "cpu" / name / "cpu.cfs_quota_us").write_text(str(self.cores * 100_000))
            return "cgroup v1"
        return "taskset"

    def __enter__(self) -> Self:
        self._look.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        for one in self._running:
            if one.poll() is None:
                one.terminate()
        for one in self._running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.wait(60)
        self._look.join(5)
        for group in self._groups:
            with contextlib.suppress(OSError):
                group.rmdir()

    def start(
        self, command: Sequence[str], env: Mapping[str, str], out: IO[bytes] | int | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program within the bounds."""
        first = (
            ["taskset", "-c", f"0-{self.cores - 1}"]
            if self.kind == "taskset"
            # The shell moves itself into the group, then becomes the program.
            else ["sh", "-c", self._enter(), "sh"]
        )
        made = subprocess.Popen([*first, *command], env=dict(env), stdout=out, stderr=out)
        self._running.append(made)
        return made

    def _enter(self) -> str:
        moves = [f"echo $$ > {group}/cgroup.procs" for group in self._groups]
        return " && ".join([*moves, 'exec "$@"'])

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            self.peak = max(self.peak, self.own())
            if self._groups:
                for name in ("memory.max_usage_in_bytes", "memory.peak", "memory.current"):
                    with contextlib.suppress(OSError, ValueError):
                        now = int((self._groups[0] / name).read_text())
                        self.charged = max(self.charged, now)

    def own(self) -> int:
        """Bytes of memory that are the programs' own at this moment."""
        if self._groups:
            for line in (self._groups[0] / "memory.stat").read_text().splitlines():
                if line.startswith(("total_rss ", "anon ")):
                    return int(line.split()[1])
        return sum(_pss(pid) for one in self._running for pid in _family(one.pid))

    def seconds(self) -> float:
        """Seconds of a core that the programs took; 0 where no group counts them."""
        for group in self._groups:
            with contextlib.suppress(OSError):
                return int((group / "cpuacct.usage").read_text()) / 1e9
            with contextlib.suppress(OSError, ValueError):
                words = (group / "cpu.stat").read_text().split()
                return int(words[words.index("usage_usec") + 1]) / 1e6
        return 0.0

    def killed(self) -> int:
        """How often the system ended a program because the group's memory was used up."""
        for name in ("memory.events", "memory.oom_control"):
            for group in self._groups[:1]:
                with contextlib.suppress(OSError):
                    words = (group / name).read_text().split()
                    return int(words[words.index("oom_kill") + 1]) if "oom_kill" in words else 0
        return 0


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from _family(int(child))


def _pss(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                return int(line.split()[1]) * 1024
    return 0
