"""What a lane has done of its claim, letter by letter, in a file of its own.

The database knows of a claim that it was taken, and later what became of it. Of a worker that was
ended in between, this file tells which letters were begun: so one letter for each connection is in
doubt, not the whole claim.

Nothing is forced to the disk: what a process wrote outlives the process, not the machine. So the file
names the start of the machine that it was written in (`boot_id`, random(4)), and is only believed
until the next. Where it is missing or of an earlier start, the whole claim is in doubt, as it should be.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from broadsheet.mailing.transports import Fate, Outcome

_BOOT = Path("/proc/sys/kernel/random/boot_id")
KEPT = 2 * 86_400.0  # seconds; no claim lives that long, so what is older is of no use to anybody


@dataclass(frozen=True, slots=True)
class Left:
    """What a journal tells: which deliveries were begun, and what came of those that were answered."""

    begun: frozenset[int]
    outcomes: dict[int, tuple[Outcome, datetime]]


class Journal:
    """Written by one lane, for one claim. A line is written before the letter's last byte goes out."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._path = folder / name
        self._file = -1
        boot = _boot()
        if not boot:  # no way to tell one start of the machine from another: no journal
            return
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._file = os.open(self._path, flags, 0o600)
        self._write(json.dumps({"boot": boot}) + "\n")

    def begin(self, delivery: int, before: tuple[int, Outcome, datetime] | None) -> None:
        """This letter is begun now; `before` is what came of the one before it.

        OSError where the file can be neither written nor taken away: then nothing may be sent, since
        a journal that lacks a letter would have it sent again.
        """
        self._write((_came(*before) if before is not None else "") + f'{{"n": {delivery}}}\n')

    def answered(self, delivery: int, outcome: Outcome, at: datetime) -> None:
        """What came of the last letter of the claim, which the database will know soon."""
        self._write(_came(delivery, outcome, at))

    def end(self) -> None:
        """The database knows everything: the file has done its work."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _write(self, lines: str) -> None:
        if self._file < 0:
            return
        data = lines.encode()
        try:
            whole = os.write(self._file, data) == len(data)
        except OSError:  # the disk is full, or gone
            whole = False
        if not whole:
            self._path.unlink(missing_ok=True)  # no journal is better than one with gaps
            os.close(self._file)
            self._file = -1


def _came(delivery: int, outcome: Outcome, at: datetime) -> str:
    """What came of a letter, as a line."""
    told = [outcome.fate.value, outcome.code, outcome.status, outcome.words, outcome.address]
    return f'{{"n": {delivery}, "came": {json.dumps(told)}, "at": "{at.isoformat()}"}}\n'


def left(folder: Path, name: str) -> Left | None:
    """What the journal of a claim tells; None where there is none, or the machine was started since.

    Only for the claim of a process that is certainly gone: a living one writes on.
    """
    try:
        first, *lines = (folder / name).read_text(encoding="utf-8").split("\n")
        if not _boot() or json.loads(first) != {"boot": _boot()}:
            return None
    except (OSError, ValueError):
        return None
    begun: set[int] = set()
    outcomes: dict[int, tuple[Outcome, datetime]] = {}
    for line in lines:
        with contextlib.suppress(ValueError, KeyError, TypeError):  # a last line that was cut short
            told = json.loads(line)
            begun.add(told["n"])
            if "came" in told:
                fate, *rest = told["came"]
                at = datetime.fromisoformat(told["at"])
                outcomes[told["n"]] = (Outcome(Fate(fate), *rest), at)
    return Left(frozenset(begun), outcomes)


def forget(folder: Path, name: str) -> None:
    """A claim that is settled needs no journal."""
    with contextlib.suppress(OSError):
        (folder / name).unlink(missing_ok=True)


def tidy(folder: Path) -> None:
    """Take away what was left behind long ago."""
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            if file.stat().st_mtime < time.time() - KEPT:
                file.unlink(missing_ok=True)


def _boot() -> str:
    """The name of this start of the machine; "" where it has none."""
    try:
        return _read(_BOOT)
    except OSError:
        return ""


@cache
def _read(file: Path) -> str:
    return file.read_text(encoding="ascii").strip()
