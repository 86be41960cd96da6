"""Tables as people export them: CSV in any encoding, with any separator, alone or several in a zip.

Read as a stream, so that half a million rows need no more memory than ten. No database, no clock.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

LARGEST = 1_000_000_000  # bytes of one table, unpacked: some ten million rows
PARTS = 50  # tables in a zip
_SAMPLE = 256_000  # bytes that are looked at to learn how a table is written
_SEPARATORS = ",;\t|"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class TableError(ValueError):
    """A file cannot be read as a table, with what to do, in words for an editor."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of an upload, and how it is written. `part` is its name within a zip, else blank."""

    path: Path
    part: str
    encoding: str
    separator: str
    header: tuple[str, ...]  # empty where the first row is data
    first: tuple[tuple[str, ...], ...]
    size: int  # bytes

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows with the number of their line, the header's left out. A row of nothing is passed over.

        A row that cannot be read (a quote that never ends) comes as an empty list.
        """
        with _opened(self.path, self.part) as raw:
            text = io.TextIOWrapper(raw, encoding=self.encoding, errors="replace", newline="")
            reader = csv.reader(text, delimiter=self.separator)
            skip = bool(self.header)
            for row in _rows(reader):
                if row is not None and not any(cell.strip() for cell in row):
                    continue
                if skip:
                    skip = False
                    continue
                yield reader.line_num, row or []


def tables(path: Path) -> list[Table]:
    """The tables of an upload. TableError where it holds none."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError(_("This is an old Excel file. Save it as CSV, and upload that."))
    if start.startswith(b"%PDF"):
        raise TableError(_("This is a PDF. Export the list as CSV, and upload that."))
    if not start.startswith(b"PK\x03\x04"):
        return [_table(path, "", path.stat().st_size)]
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [one for one in archive.infolist() if not one.is_dir()]
    except zipfile.BadZipFile as error:
        raise TableError(
            _("The zip file is damaged. Download it anew, and upload that.")
        ) from error
    if any(one.filename == "[Content_Types].xml" for one in entries):
        raise TableError(_("This is a spreadsheet file. Save it as CSV, and upload that."))
    named = [
        one
        for one in entries
        if re.search(r"\.(csv|tsv|txt)$", one.filename, re.IGNORECASE)
        and not one.filename.startswith("__MACOSX/")
    ]
    if not named or len(named) > PARTS:
        raise TableError(_("There is no CSV file in this zip, or there are too many."))
    if any(one.flag_bits & 1 for one in named):
        raise TableError(_("The zip file has a password. Unpack it, and upload the CSV files."))
    return [_table(path, one.filename, one.file_size) for one in named]


@contextmanager
def _opened(path: Path, part: str) -> Iterator[IO[bytes]]:
    if not part:
        with path.open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive, archive.open(part) as packed:
        yield packed


def _table(path: Path, part: str, size: int) -> Table:
    if size > LARGEST:
        raise TableError(_("The table is larger than a gigabyte. Split it, and upload the parts."))
    with _opened(path, part) as raw:
        sample = raw.read(_SAMPLE)
    if not sample.strip():
        raise TableError(_("The file is empty."))
    encoding = _encoding(path, part, sample)
    text = sample.decode(encoding, "replace")
    separator = _separator(text)
    whole = text if size <= len(sample) else text[: text.rfind("\n") + 1] or text
    rows: list[tuple[str, ...]] = []
    reader = csv.reader(io.StringIO(whole, newline=""), delimiter=separator)
    for row in _rows(reader):
        if row and any(cell.strip() for cell in row):
            rows.append(tuple(cell.strip() for cell in row))
        if len(rows) == 20:
            break
    if not rows:
        raise TableError(_("No row could be read. Is it a CSV file?"))
    headed = not any("@" in cell or "＠" in cell for cell in rows[0])
    return Table(
        path=path,
        part=part,
        encoding=encoding,
        separator=separator,
        header=rows[0] if headed else (),
        first=tuple(rows[1:] if headed else rows),
        size=size,
    )


def _rows(reader: Iterator[list[str]]) -> Iterator[list[str] | None]:
    """Rows, and None for one that cannot be read: csv gives up on a field of 128 KB."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None


def _encoding(path: Path, part: str, sample: bytes) -> str:
    """UTF-8 where all of it is; else by its mark, its zero bytes, or the best guess."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    zeros = Counter(at % 2 for at, byte in enumerate(sample[:4000]) if byte == 0)
    if sum(zeros.values()) > min(len(sample), 4000) / 4:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with _opened(path, part) as raw:
            while piece := raw.read(1 << 20):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        best = from_bytes(sample).best()
        return best.encoding if best is not None else "cp1252"
    return "utf-8"


def _separator(text: str) -> str:
    """The mark that splits the first lines most evenly; a comma where none does."""
    lines = [line for line in text.splitlines() if line.strip()][:30]
    best, best_score = ",", (0.0, 0)
    for mark in _SEPARATORS:
        counts = [len(row) for row in _rows(csv.reader(lines, delimiter=mark)) if row]
        if not counts:
            continue
        width, times = Counter(counts).most_common(1)[0]
        score = (times / len(counts) if width > 1 else 0.0, width)
        if score > best_score:
            best, best_score = mark, score
    return best
