"""What lies in a backup: a tar archive (POSIX.1-2001), encrypted as a whole (`sealed`).

    manifest.json        version, when, which migrations, the settings that were set: first of all
    files/...            secret key, DKIM keys, pictures, kept pages: as they lie in the desk's folder
    rows/MODEL/00001.jsonl.gz ...    the tables, in parts
    end.json             how many rows each table had, and their print: last, so that it is known

`age -d FILE | tar x` unpacks it on any machine. Nothing here needs Django.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any, cast

import msgspec

from broadsheet.keeping import sealed
from broadsheet.keeping.errors import KeepingError

FORMAT = 1


class Manifest(msgspec.Struct, frozen=True):
    """What is known of a backup before it is read."""

    format: int
    version: str  # of Broadsheet
    made: str  # ISO 8601, UTC
    database: str  # "sqlite" or "postgresql"
    migrations: dict[str, list[str]]  # app -> what was applied
    secret_key: str
    settings: dict[str, str]  # the environment variables that were set


class Printed(msgspec.Struct, frozen=True):
    rows: int
    sha256: str


class End(msgspec.Struct, frozen=True):
    """What must have been read when a backup is at its end."""

    tables: dict[str, Printed]
    numbers: dict[str, int]  # the greatest that each table ever gave
    files: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing in a backup; `file` is read before the next is asked for."""

    name: str
    size: int
    mode: int
    file: IO[bytes]


class Packer:
    """Writes a backup piece by piece into an open file. Memory: one chunk, and the piece at hand."""

    def __init__(self, out: IO[bytes], passphrase: str, manifest: Manifest) -> None:
        self._sealed = sealed.Writer(out, passphrase)
        # A stream: nothing is ever gone back to.
        self._tar = tarfile.open(
            fileobj=cast("Any", self._sealed), mode="w|", format=tarfile.PAX_FORMAT
        )
        self.put("manifest.json", msgspec.json.encode(manifest))

    def put(self, name: str, data: bytes, mode: int = 0o600) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), mode
        self._tar.addfile(info, io.BytesIO(data))

    def put_file(self, name: str, file: IO[bytes], size: int, mode: int) -> None:
        """A file of this many bytes; of one that grew, its beginning is taken."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, mode
        self._tar.addfile(info, file)

    def put_rows(self, table: str, number: int, part: bytes) -> None:
        # Level 3: four fifths of what level 9 saves, in a fifth of its time.
        packed = gzip.compress(part, compresslevel=3, mtime=0)
        self.put(f"rows/{table}/{number:05d}.jsonl.gz", packed)

    def close(self, end: End) -> None:
        self.put("end.json", msgspec.json.encode(end))
        self._tar.close()
        self._sealed.close()


class Unpacker:
    """Reads a backup from an open file. `manifest` is known at once; `end` when all entries were read."""

    def __init__(self, source: IO[bytes], passphrase: str, *, at: str) -> None:
        self._at = at
        self._sealed = sealed.Reader(source, passphrase, at=at)
        try:
            self._tar = tarfile.open(fileobj=cast("Any", self._sealed), mode="r|")
            self._stream = iter(self._tar)
            first = next(self._stream)
            read = self._tar.extractfile(first)
            if first.name != "manifest.json" or read is None:
                raise KeepingError("This file holds something else than a backup", at=at)
            self.manifest = msgspec.json.decode(read.read(), type=Manifest)
        except (tarfile.TarError, StopIteration, msgspec.MsgspecError) as error:
            raise KeepingError(
                "What the file holds is not a backup, or one of a newer kind",
                at=at,
                hint="Take a newer version of Broadsheet, or another file.",
            ) from error
        if self.manifest.format > FORMAT:
            raise KeepingError(
                f"The backup was made by Broadsheet {self.manifest.version}, which is newer",
                at=at,
                hint="Install that version or a newer one, then restore.",
            )
        self.end: End | None = None

    def entries(self) -> Iterator[Entry]:
        """What follows the manifest, in order. KeepingError where it stops before its end."""
        try:
            for info in self._stream:
                read = self._tar.extractfile(info) if info.isreg() else None
                if read is None:
                    raise KeepingError(
                        "The backup holds what no backup holds", at=f"{self._at}: {info.name}"
                    )
                if info.name == "end.json":
                    self.end = msgspec.json.decode(read.read(), type=End)
                    continue
                yield Entry(info.name, info.size, info.mode, read)
            self._sealed.read()  # to the last chunk, which says that it is the last
        except (tarfile.TarError, msgspec.MsgspecError, EOFError) as error:
            raise KeepingError("The backup cannot be read", at=self._at) from error
        if self.end is None:
            raise KeepingError("The backup is not whole: its end is missing", at=self._at)
