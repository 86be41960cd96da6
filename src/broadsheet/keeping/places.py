"""Where backups lie: a folder, or any place that fsspec can write to (s3://, sftp://, webdav:// ...).

A backup appears under its name only when it is whole. What a killed run left behind bears a name that
nobody takes for a backup, and is removed by the next run.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import urlsplit

from django.db import DatabaseError

from broadsheet.keeping.errors import KeepingError

ENDING = ".tar.age"
_NAME = re.compile(r"broadsheet-(\d{8}T\d{6}Z)\.tar\.age")
_PART = re.compile(r"\.(?:broadsheet-|promises).*\.part")
_FORGOTTEN = 3600.0  # seconds without a byte more, after which a half-written file is nobody's


def name_for(now: datetime) -> str:
    return f"broadsheet-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}{ENDING}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A backup in a place."""

    name: str
    made: datetime
    size: int  # bytes


class Place(Protocol):
    """Where backups are written to and read from. `str()` names it, without a password."""

    def kept(self) -> list[Kept]:
        """The backups, the oldest first."""
        ...

    def writing(self, name: str) -> contextlib.AbstractContextManager[IO[bytes]]:
        """A file to write; it bears its name when the block ends well, and is gone when it does not."""
        ...

    def reading(self, name: str) -> contextlib.AbstractContextManager[IO[bytes]]: ...

    def has(self, name: str) -> bool: ...

    def remove(self, name: str) -> None: ...

    def free(self) -> int | None:
        """Bytes that are free; None where nobody can say."""
        ...


def _kept(found: list[tuple[str, int]]) -> list[Kept]:
    out = []
    for name, size in found:
        if read := _NAME.fullmatch(name):
            made = datetime.strptime(read[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            out.append(Kept(name, made, size))
    return sorted(out, key=lambda one: one.made)


def named(place: str) -> Place:
    """The place of that name: a path, or an address with a scheme. KeepingError where it cannot be."""
    if "://" in place and not place.startswith("file://"):
        return _elsewhere(place)
    return Folder(Path(place.removeprefix("file://")).expanduser())


class Folder:
    """A folder of this machine, or a disk of another that is mounted here."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def kept(self) -> list[Kept]:
        if not self._path.is_dir():
            return []
        return _kept([(one.name, one.stat().st_size) for one in self._path.iterdir()])

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        try:
            self._path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise KeepingError(
                "The folder for backups cannot be made",
                at=str(self._path),
                hint="Name another one, or give the desk the right to write there.",
            ) from error
        self._sweep()
        part = self._path / f".{name}.{os.getpid()}.part"
        try:
            with os.fdopen(
                os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
            ) as out:
                yield out
                out.flush()
                os.fsync(out.fileno())
            part.replace(self._path / name)
            _flush_folder(self._path)
        except OSError as error:
            raise KeepingError(
                "The backup could not be written",
                at=str(self._path),
                hint="Make room there, or look whether the disk is still connected.",
            ) from error
        finally:
            part.unlink(missing_ok=True)

    def _sweep(self) -> None:
        for one in self._path.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if _PART.fullmatch(one.name) and time.time() - one.stat().st_mtime > _FORGOTTEN:
                    one.unlink()

    @contextmanager
    def reading(self, name: str) -> Iterator[IO[bytes]]:
        try:
            file = (self._path / name).open("rb")
        except OSError as error:
            raise KeepingError("The backup cannot be opened", at=str(self._path / name)) from error
        with file:
            yield file

    def has(self, name: str) -> bool:
        return (self._path / name).is_file()

    def remove(self, name: str) -> None:
        (self._path / name).unlink(missing_ok=True)

    def free(self) -> int | None:
        there = self._path
        while not there.exists():
            there = there.parent
        return shutil.disk_usage(there).free


def _flush_folder(path: Path) -> None:
    """Have the new name survive a power cut; Windows cannot, and need not be asked."""
    if os.name != "posix":
        return
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _elsewhere(address: str) -> Place:
    try:
        import fsspec  # noqa: PLC0415 -- an extra
    except ModuleNotFoundError as error:
        raise KeepingError(
            "Backups to another place than a folder need fsspec",
            at=_without_password(address),
            hint="Install it with: pip install 'broadsheet[desk,places]'",
        ) from error
    try:
        system, path = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError, OSError) as error:
        raise KeepingError(
            "The place for backups cannot be reached",
            at=_without_password(address),
            hint="Look at its address; fsspec says which package a scheme needs, such as s3fs for s3://.",
        ) from error
    return Elsewhere(system, path, _without_password(address))


def _without_password(address: str) -> str:
    read = urlsplit(address)
    return read._replace(netloc=read.netloc.rpartition("@")[2], query="").geturl()


class Elsewhere:
    """A place that fsspec writes to: a bucket, a server by SFTP, a WebDAV share."""

    def __init__(self, system: Any, path: str, shown: str) -> None:
        self._system, self._path, self._shown = system, path.rstrip("/"), shown

    def __str__(self) -> str:
        return self._shown

    def kept(self) -> list[Kept]:
        with self._told("The place for backups cannot be read"):
            self._system.invalidate_cache()
            if not self._system.exists(self._path):
                return []
            found = self._system.ls(self._path, detail=True)
        return _kept([(_last(one["name"]), int(one.get("size") or 0)) for one in found])

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        part = f"{self._path}/.{name}.{os.getpid()}.part"
        with self._told("The backup could not be written"):
            self._system.makedirs(self._path, exist_ok=True)
            self._sweep()
            try:
                with self._system.open(part, "wb") as out:
                    yield out
                self._system.mv(part, f"{self._path}/{name}")
            finally:
                with contextlib.suppress(
                    Exception
                ):  # what it could not take away, a later sweep does
                    self._system.rm_file(part)

    def _sweep(self) -> None:
        """Take away what killed runs left; where a place keeps no times, it stays."""
        for one in self._system.ls(self._path, detail=False):
            if not _PART.fullmatch(_last(one)):
                continue
            with contextlib.suppress(NotImplementedError, FileNotFoundError):
                if time.time() - self._system.modified(one).timestamp() > _FORGOTTEN:
                    self._system.rm_file(one)

    @contextmanager
    def reading(self, name: str) -> Iterator[IO[bytes]]:
        with (
            self._told("The backup cannot be opened"),
            self._system.open(f"{self._path}/{name}", "rb") as file,
        ):
            yield file

    def has(self, name: str) -> bool:
        with self._told("The place for backups cannot be read"):
            return bool(self._system.exists(f"{self._path}/{name}"))

    def remove(self, name: str) -> None:
        with self._told("An old backup cannot be removed"), contextlib.suppress(FileNotFoundError):
            self._system.rm_file(f"{self._path}/{name}")

    def free(self) -> int | None:
        return None

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except (KeepingError, DatabaseError):
            raise
        # Whatever a library for a place raises: botocore's errors are of no kind that Python knows.
        except Exception as error:
            raise KeepingError(
                what,
                at=self._shown,
                hint="Look at the address, the rights and the network, then try again.",
            ) from error


def _last(path: str) -> str:
    return str(path).rstrip("/").rpartition("/")[2]
