"""What lies in the desk's folder: what a backup keeps of it, and what it leaves out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Files and folders that a desk cannot do without, or that somebody made. A test holds this list and
# the next against every name that the code uses.
KEPT = (
    "secret-key",
    "backup-key",
    "withdrawn.jsonl",
    "public-address",
    "dkim",
    "beat",
    "pictures",
    "snapshots",
    "imports",
    "prints",
    "beat-from-outside",
)
# The database goes as rows; the others are made anew, are backups themselves, hold until this machine's next
# start (sending), or belong to a desk of its own (the sample's).
LEFT_OUT = (
    "broadsheet.sqlite3",
    "broadsheet.sqlite3-wal",
    "broadsheet.sqlite3-shm",
    "address",
    "sending",
    "cache",
    "second-opinions.sqlite3",
    "backups",
    "sample",
    "settings-of-backup",
    ".restoring",
    ".going-back",
    ".drill",
    ".running",
)
OUTSIDE_BEAT = "beat-from-outside"  # the folder that BROADSHEET_BEAT named, where it lay elsewhere


@dataclass(frozen=True, slots=True)
class Found:
    """A file to keep: its name within a backup, and where it lies."""

    name: str
    path: Path


def files(home: Path, beat: Path | None) -> Iterator[Found]:
    """Every file to keep, in a fixed order; no link is followed, and no half-written file is taken."""
    for name in KEPT:
        yield from _below(home / name, name)
    if beat is not None and not any(
        beat.resolve().is_relative_to((home / name).resolve()) for name in KEPT
    ):
        yield from _below(beat, OUTSIDE_BEAT)


def _below(path: Path, name: str) -> Iterator[Found]:
    if path.is_symlink():
        return
    if path.is_file():
        yield Found(name, path)
        return
    for folder, inner, found in os.walk(path):
        inner.sort()
        for one in sorted(found):
            if one.endswith((".part", ".pyc")) or one.startswith("."):
                continue
            whole = Path(folder) / one
            if whole.is_file() and not whole.is_symlink():
                yield Found(f"{name}/{whole.relative_to(path).as_posix()}", whole)


def unknown(home: Path) -> list[str]:
    """What lies in the folder and no backup keeps, though nobody said that it need not."""
    return sorted(
        one.name
        for one in home.iterdir()
        if one.name not in KEPT and one.name not in LEFT_OUT and not one.name.startswith(".")
    )


def sizes(home: Path) -> dict[str, int]:
    """How many bytes each part of the folder takes; the database as one."""
    out: dict[str, int] = {}
    for one in home.iterdir() if home.is_dir() else ():
        name = "database" if one.name.startswith("broadsheet.sqlite3") else one.name
        out[name] = out.get(name, 0) + _size(one)
    return out


def _size(path: Path) -> int:
    total = 0
    for folder, _inner, found in os.walk(path) if path.is_dir() else ():
        for one in found:
            try:
                total += (Path(folder) / one).lstat().st_size
            except OSError:
                continue  # gone meanwhile
    return total if path.is_dir() else path.lstat().st_size
