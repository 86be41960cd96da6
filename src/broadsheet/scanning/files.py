"""One archive file in, one part out: the unit that is scanned, written and resumed.

A part is two files beside each other, `NAME-HASH.jsonl.gz` (what was found) and `NAME-HASH.json` (the
funnel, and what made it). The second is written last and by renaming, so a part is there whole or not
at all, and a scan that was stopped at any instant goes on with the files that have none. The same
archive gives the same bytes in every run.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import msgspec

from broadsheet import __version__
from broadsheet.wire import beat as beats
from broadsheet.wire import model
from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import WireError
from broadsheet.wire.model import Band
from broadsheet.wire.scan import Cascade, Found, Funnel, Limits, records

_encode = msgspec.json.Encoder(order="deterministic").encode
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Task:
    """What to scan and how. It travels to other machines, so it holds names and no open things."""

    beat: str | None = None  # a folder; None for the beat that comes with Broadsheet
    unsure: bool = False
    languages: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    engine: str | None = None
    everything: bool = False

    def stamp(self) -> str:
        """What a part was made with: a part of another stamp is made anew."""
        made = hashlib.blake2b(digest_size=16)
        made.update(repr((__version__, self)).encode())
        folder = beats.load(Path(self.beat) if self.beat else None).folder
        for path in sorted(p for p in folder.iterdir() if p.is_file()):
            made.update(path.name.encode() + b"\0" + path.read_bytes())
        return made.hexdigest()


@dataclass(frozen=True, slots=True)
class Part:
    """What came of one archive file."""

    archive: str
    found: Path
    funnel: Funnel


def names(given: Iterable[str]) -> list[str]:
    """The archive files that names, folders and patterns stand for, each once, in order.

    Addresses of other places (s3://, https://) are taken by fsspec. Raises WireError where nothing is
    there.
    """
    out: list[str] = []
    for name in given:
        if name == STDIN:
            out.append(name)
            continue
        fs, path = _place(name)
        if any(sign in path for sign in "*?["):
            found = sorted(fs.glob(path))
        elif fs.isdir(path):
            found = sorted(p for p in fs.find(path) if _is_archive(p))
        else:
            found = [path] if fs.exists(path) else []
        if not found:
            raise WireError("There is no archive file here", at=name)
        out += [fs.unstrip_protocol(p) if "://" in name else str(p) for p in found]
    return list(dict.fromkeys(out))


def _is_archive(path: str) -> bool:
    return ".warc" in PurePosixPath(path).name


def _place(name: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as error:
        raise WireError(
            "Scanning needs fsspec, which is not installed",
            at=name,
            hint="pip install 'broadsheet[scan]'",
        ) from error
    fs, path = fsspec.core.url_to_fs(name)
    return fs, path


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """The bytes of an archive file."""
    if name == STDIN:
        import sys

        yield sys.stdin.buffer
        return
    fs, path = _place(name)
    with fs.open(path, "rb") as file:
        yield file


def scan_file(name: str, task: Task, folder: Path, stamp: str | None = None) -> Part:
    """Scan one archive file into its part; where its part is there and of this stamp, that is given back."""
    stamp = stamp or task.stamp()
    known = part(name, folder, stamp)
    if known is not None:
        return known
    cascade = _cascade(task)
    packed = io.BytesIO()
    # No time and no name in the header: the same findings, the same bytes.
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as out:
        for found in findings(name, cascade, task.limits):
            out.write(_encode(row(found, name, stamp)) + b"\n")
    base = folder / _base(name)
    folder.mkdir(parents=True, exist_ok=True)
    _write(base.with_suffix(".jsonl.gz"), packed.getvalue())
    told = {"archive": name, "stamp": stamp, "funnel": cascade.funnel.to_json()}
    _write(base.with_suffix(".json"), json.dumps(told).encode())
    return Part(name, base.with_suffix(".jsonl.gz"), cascade.funnel)


def findings(name: str, cascade: Cascade, limits: Limits) -> Iterator[Found]:
    """The pages on the beat in one archive file, in its order."""
    funnel = cascade.funnel
    with opened(name) as stream:
        pages = records(stream, funnel, limits)
        while True:
            begun = time.perf_counter()
            record = next(pages, None)
            if record is None:
                return
            funnel.passed("records", True, time.perf_counter() - begun)
            found = cascade.look(record)
            if found is not None:
                yield found


def part(name: str, folder: Path, stamp: str) -> Part | None:
    """The part of an archive file, if it is there whole and was made by the same beat and version."""
    base = folder / _base(name)
    try:
        told = json.loads(base.with_suffix(".json").read_bytes())
    except (OSError, ValueError):
        return None
    found = base.with_suffix(".jsonl.gz")
    if told.get("stamp") != stamp or told.get("archive") != name or not found.exists():
        return None
    return Part(name, found, Funnel.from_json(told["funnel"]))


def joined(parts: Iterable[Part], out: Path) -> None:
    """All findings as one file, in the order of the archives' names; written aside and renamed."""
    packed = [p.found.read_bytes() for p in sorted(parts, key=lambda p: p.archive)]
    _write(out, b"".join(packed))


def row(found: Found, archive: str, stamp: str) -> dict[str, Any]:
    """A finding as a line: the article, its verdict and tags, and where it lies."""
    article, verdict = found.article, found.verdict
    return {
        **model.row(article),
        "id": f"{PurePosixPath(archive).name}:{found.record.offset}",
        "relevant": verdict.relevant,
        **model.row(verdict),
        **model.row(found.tags),
        "archive": PurePosixPath(archive).name,
        "offset": found.record.offset,
        "collected": found.record.date.isoformat() if found.record.date else None,
        "made_with": stamp,
    }


def _cascade(task: Task) -> Cascade:
    bands = {Band.RELEVANT} | ({Band.UNSURE} if task.unsure else set())
    engine: Any = task.engine
    return Cascade(
        _beat(task.beat),
        engine=engine,
        clock=time.perf_counter,
        bands=frozenset(bands),
        languages=frozenset(task.languages) or None,
        everything=task.everything,
    )


_beats: dict[str | None, Beat] = {}


def _beat(folder: str | None) -> Beat:
    """A worker's beat, loaded once: its phrases and model take some seconds."""
    if folder not in _beats:
        _beats[folder] = beats.load(Path(folder) if folder else None)
    return _beats[folder]


def _base(name: str) -> str:
    mark = hashlib.blake2b(name.encode(), digest_size=6).hexdigest()
    plain = "".join(c if c.isalnum() or c in "-_" else "-" for c in PurePosixPath(name).name)
    return f"{plain[:80]}-{mark}"


def _write(path: Path, data: bytes) -> None:
    """Write aside, flush to the disk, rename: nothing half-written, also when the disk is full."""
    aside = path.with_name(path.name + ".part")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise WireError(
            f"This cannot be written ({error.strerror})",
            at=str(path),
            hint="Make room; the same command goes on where it stopped.",
        ) from error
