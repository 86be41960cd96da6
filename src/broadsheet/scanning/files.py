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
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

import msgspec

from broadsheet import __version__
from broadsheet.scanning import kept
from broadsheet.wire import beat as beats
from broadsheet.wire import judge as judging
from broadsheet.wire import model
from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import WireError
from broadsheet.wire.model import Band, Page
from broadsheet.wire.read.pool import Reader
from broadsheet.wire.scan import Cascade, Found, Funnel, Limits, Record, page, records
from broadsheet.wire.scan.records import BREAKS_OFF, BROKEN, NO_RECORD, PACKED_TWICE

_encode = msgspec.json.Encoder(order="deterministic").encode
STDIN = "-"


# Told the counts so far and the place in the file, now and then
Told = Callable[[Funnel, int], None]
Seen = Callable[[Record], None]  # shown each page that passed the record filter


@dataclass(frozen=True, slots=True)
class Task:
    """What to scan and how. It travels to other machines, so it holds names and no open things."""

    beat: str | None = None  # a folder; None for the beat that comes with Broadsheet
    unsure: bool = False
    languages: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    engine: str | None = None
    everything: bool = False
    seconds: float = 30.0  # that reading one page may take; 0 for no limit, in the same process

    def stamp(self) -> str:
        """What a part was made with: a part of another stamp is made anew."""
        decided_by = kept.decides(_beat(self.beat))
        return hashlib.blake2b(repr((decided_by, self)).encode(), digest_size=16).hexdigest()

    def made_with(self, stamp: str) -> dict[str, str]:
        """The versions of what decides, in words, its stamp, and that of the scan with its options."""
        beat = _beat(self.beat)
        model = judging.load_model(beat)
        return {
            "broadsheet": __version__,
            "beat": f"{beat.slug} {beat.version}".strip(),
            "judge": model.name if model else "phrases alone",
            "decides": kept.decides(beat),
            "stamp": stamp,
        }


@dataclass(frozen=True, slots=True)
class Part:
    """What came of one archive file."""

    archive: str
    found: Path
    funnel: Funnel
    before: bool = False  # it was there when the scan began


def names(given: Iterable[str]) -> list[str]:
    """The archive files that names, folders and patterns stand for, each once, in order.

    Addresses of other places (s3://, https://) are taken by fsspec. Raises WireError where nothing is
    there, where it cannot be looked up, and where two archives have one name.
    """
    out: list[str] = []
    for name in given:
        if name == STDIN:
            out.append(name)
            continue
        fs, path = _place(name)
        with _told(name):
            found = _found(fs, path, local="://" not in name)
        if not found:
            raise WireError(
                "There is no archive file here",
                at=name,
                hint="Name files that exist, a folder of .warc files, or a pattern in quotes.",
            )
        out += [fs.unstrip_protocol(p) if "://" in name else str(p) for p in found]
    out = list(dict.fromkeys(out))
    # A row says the archive's name and no folder, so that it is the same wherever the archive lies.
    seen: dict[str, str] = {}
    for name in out:
        other = seen.setdefault(PurePosixPath(name).name, name)
        if other != name:
            raise WireError(
                f"Two archives have one name, so that their findings could not be told apart ({other})",
                at=name,
                hint="Scan them by two commands, each with its own --out.",
            )
    return out


def _found(fs: Any, path: str, *, local: bool) -> list[str]:
    if any(sign in path for sign in "*?["):
        return sorted(fs.glob(path))
    # Over https a folder is told by fetching what is there and looking for links: a gigabyte of archive.
    if (local or not _is_archive(path)) and fs.isdir(path):
        return sorted(p for p in fs.find(path) if _is_archive(p))
    return [path] if fs.exists(path) else []


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
    try:
        fs, path = fsspec.core.url_to_fs(name)
    except ImportError as error:
        needed = "s3fs" if name.startswith("s3") else "'broadsheet[scan]'"
        raise WireError(
            "What opens addresses of this kind is not installed",
            at=name,
            hint=f"pip install {needed}",
        ) from error
    except ValueError as error:
        raise WireError(
            "No program here opens addresses of this kind",
            at=name,
            hint="Known are files, https:// and s3://.",
        ) from error
    return fs, path


@contextmanager
def _told(name: str, done: str = "read") -> Iterator[None]:
    """What any library of a place raises, as one error. Their exceptions have no class in common."""
    try:
        yield
    except WireError:
        raise
    except Exception as error:
        raise WireError(
            f"This cannot be {done} ({_words(error)})",
            at=name,
            hint=f"Look whether it is there and may be {done}; the same command goes on where it stopped.",
        ) from None


def _words(error: BaseException) -> str:
    told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(f"{told or type(error).__name__}".split())[:200]


class _Stream:
    """An archive's bytes. Where they stop coming, that is told: a broken line is no broken record.

    A pipe cannot say where it stands, which FastWARC asks: here it is counted.
    """

    def __init__(self, raw: BinaryIO, name: str) -> None:
        self._raw, self._name = raw, name
        self._pipe = not raw.seekable()
        self._at = 0
        self.broken: WireError | None = None

    def read(self, many: int = -1) -> bytes:
        try:
            with _told(self._name):
                data = self._raw.read(many)
        except WireError as error:
            self.broken = error
            raise
        self._at += len(data)
        return data

    def seekable(self) -> bool:
        return not self._pipe

    def seek(self, place: int, whence: int = 0) -> int:
        return self._raw.seek(place, whence)

    def tell(self) -> int:
        return self._at if self._pipe else self._raw.tell()


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """The bytes of an archive file. Raises WireError where they cannot be had, or not to the end."""
    with ExitStack() as open_things:
        if name == STDIN:
            import sys

            raw: Any = sys.stdin.buffer
        else:
            fs, path = _place(name)
            with _told(name):
                raw = open_things.enter_context(fs.open(path, "rb"))
        stream = _Stream(raw, name)
        yield stream  # type: ignore[misc]  # as much of a file as archives are read by
        if stream.broken is not None:  # FastWARC takes it for the end of the file
            raise stream.broken


def size(name: str) -> int:
    """The packed bytes of an archive file; 0 where that is not known."""
    if name == STDIN:
        return 0
    fs, path = _place(name)
    with _told(name):
        return int(fs.size(path) or 0)


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan of one archive file gave: packed lines, and the funnel. It travels between machines."""

    archive: str
    size: int
    packed: bytes
    funnel: dict[str, Any]
    made: dict[str, str]


def scanned(
    name: str, task: Task, stamp: str, told: Told | None = None, seen: Seen | None = None
) -> Scanned:
    """Scan one archive file, and write nothing."""
    ready = cascade(task)
    made = task.made_with(stamp)
    packed = io.BytesIO()
    # No time and no name in the header: the same findings, the same bytes.
    with gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as out:
        for found in findings(name, ready, task, told, seen):
            out.write(_encode(row(found, name, made)) + b"\n")
    return Scanned(name, size(name), packed.getvalue(), ready.funnel.to_json(), made)


def keep(done: Scanned, folder: Path, stamp: str) -> Part:
    """Write what a scan gave as a part: whole, or not at all."""
    base = folder / _base(done.archive)
    made_ready(folder)
    found = base.with_suffix(".jsonl.gz")
    write(found, done.packed)
    told = {
        "archive": done.archive,
        "size": done.size,
        "stamp": stamp,
        "made_with": done.made,
        "digest": _digest(done.packed),
        "funnel": done.funnel,
    }
    write(base.with_suffix(".json"), json.dumps(told).encode())
    return Part(done.archive, found, Funnel.from_json(done.funnel))


def place(name: str) -> Path:
    """Where to write: a path of this machine, or an address such as s3://, which is used like one.

    Raises WireError where nothing that is installed writes there.
    """
    if "://" not in name:
        return Path(name)
    _place(name)  # the errors of an address that leads nowhere
    from upath import UPath

    made: Any = UPath(name)
    return cast(Path, made)


def _elsewhere(path: Path) -> bool:
    return "://" in str(path)


def made_ready(folder: Path) -> None:
    """The folder of the parts is there. Raises WireError: sooner than after hours of scanning."""
    if _elsewhere(folder):
        return  # object stores have no folders
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WireError(
            f"This folder cannot be made ({error.strerror})",
            at=str(folder),
            hint="Name another place by --out.",
        ) from None


def findings(
    name: str,
    cascade: Cascade,
    task: Task,
    told: Told | None = None,
    seen: Seen | None = None,
) -> Iterator[Found]:
    """The pages on the beat in one archive file, in its order."""
    with opened(name) as stream:
        pages = _counted(records(stream, cascade.funnel, task.limits), cascade, told, seen)
        for _, found in full_reads(cascade.sift(pages), cascade, task):
            if found is not None:
                yield found


def full_reads(
    pages: Iterable[Record], cascade: Cascade, task: Task
) -> Iterator[tuple[Record, Found | None]]:
    """Each page with what a full read finds on it, in their order.

    Pages are read in a process of their own, beside this one, that can be ended: one page may take
    `task.seconds`, then it is counted as not read. With 0 seconds they are read here.
    """
    # A daemon of another pool may have no children; then there is no limit but the reader's own.
    if not task.seconds or multiprocessing.current_process().daemon:
        for record in pages:
            yield record, cascade.full(record)
        return
    waiting: deque[Record] = deque()

    def sent() -> Iterator[Page]:
        for record in pages:
            waiting.append(record)
            yield page(record)

    with Reader(1, task.seconds, beat=cascade.beat) as reader:
        for read in reader.read_all(sent()):
            record = waiting.popleft()
            yield record, cascade.full(record, read)


def _counted(
    pages: Iterator[Record], cascade: Cascade, told: Told | None, seen: Seen | None
) -> Iterator[Record]:
    funnel = cascade.funnel
    while True:
        begun = time.perf_counter()
        record = next(pages, None)
        if record is None:
            return
        funnel.passed("records", True, time.perf_counter() - begun)
        if told is not None and funnel.steps["records"].out % 500 == 0:
            told(funnel, record.offset)
        if seen is not None:
            seen(record)
        cascade.came(record)
        yield record


def part(name: str, folder: Path, stamp: str) -> Part | None:
    """The part of an archive file, if it is there whole and was made by the same beat and version of
    the file as it is now."""
    base = folder / _base(name)
    found = base.with_suffix(".jsonl.gz")
    try:
        told = json.loads(base.with_suffix(".json").read_bytes())
        whole = _digest(found.read_bytes()) == told["digest"]
    except (OSError, ValueError, KeyError):
        return None
    if not whole or told.get("stamp") != stamp or told.get("archive") != name:
        return None
    if name == STDIN or told.get("size") != size(name):
        return None
    return Part(name, found, Funnel.from_json(told["funnel"]), before=True)


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


TOLD = 10  # archives whose damage is told one by one


def damaged(parts: Sequence[Part]) -> list[str]:
    """A line for each archive that is broken, or none: what was found in it may not be all."""
    out = []
    for one in sorted(parts, key=lambda part: part.archive):
        wrong = [
            f"{why} ({many:,} times)" if many > 1 else why
            for why, many in one.funnel.left.items()
            if why.startswith(BROKEN) or why in (NO_RECORD, PACKED_TWICE, BREAKS_OFF)
        ]
        if wrong:
            out.append(f"{one.archive}: {'; '.join(wrong)}")
    more = len(out) - TOLD
    return out[:TOLD] + ([f"and {more:,} more archives with damage"] if more > 0 else [])


def joined(parts: Iterable[Part], out: Path) -> None:
    """All findings as one file, in the order of the archives' names; written aside and renamed."""
    packed = [p.found.read_bytes() for p in sorted(parts, key=lambda p: p.archive)]
    write(out, b"".join(packed))


def sum_up(parts: Sequence[Part], task: Task, out: Path, recall: dict[str, Any] | None) -> Path:
    """Write what all archives came to beside `out`: versions, funnel, denominators and the sample's recall.

    Without costs, so that every run over the same archives writes the same.
    """
    whole = Funnel()
    for one in parts:
        whole.add(one.funnel)
    told = {
        "made_with": task.made_with(task.stamp()),
        "archives": sorted(one.archive for one in parts),
        "funnel": whole.to_json(costs=False),
        "recall": recall,
    }
    path = out.with_name(out.name + ".summary.json")
    write(path, json.dumps(told, indent=1, ensure_ascii=False).encode() + b"\n")
    return path


def row(found: Found, archive: str, made: dict[str, str]) -> dict[str, Any]:
    """A finding as a line: the article, its verdict and tags, and where it lies."""
    article, verdict, tags = found.article, found.verdict, found.tags
    return {
        **model.row(article),
        "id": f"{PurePosixPath(archive).name}:{found.record.offset}",
        "relevant": verdict.relevant,
        **model.row(verdict),
        **model.row(tags),
        "evidence": model.row((*verdict.evidence, *tags.evidence)),
        "notes": [*verdict.notes, *tags.notes],
        "archive": PurePosixPath(archive).name,
        "offset": found.record.offset,
        "collected": found.record.date.isoformat() if found.record.date else None,
        "made_with": made,
    }


_cascades: dict[tuple[Task, int], Cascade] = {}


def cascade(task: Task) -> Cascade:
    """A cascade for a task, with its counts at nought; its gate is compiled once for a thread."""
    key = (task, threading.get_ident())  # hyperscan's scratch is not shared between threads
    if key not in _cascades:
        bands = {Band.RELEVANT} | ({Band.UNSURE} if task.unsure else set())
        engine: Any = task.engine
        _cascades[key] = Cascade(
            _beat(task.beat),
            engine=engine,
            clock=time.perf_counter,
            bands=frozenset(bands),
            languages=frozenset(task.languages) or None,
            everything=task.everything,
        )
    ready = _cascades[key]
    ready.funnel = Funnel()
    return ready


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


def write(path: Path, data: bytes) -> None:
    """Write aside, flush to the disk, rename: nothing half-written, also when the disk is full.

    At an address the bytes go in one piece, as object stores keep whole objects or none.
    """
    if _elsewhere(path):
        with _told(str(path), "written"):
            path.write_bytes(data)
        return
    # The process in the name: two runs into one folder write the same bytes, each its own copy.
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
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
        ) from None
