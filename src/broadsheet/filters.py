"""Every stage as a filter over JSON Lines.

Unknown keys pass through; a bad line is reported with its number on standard error and skipped,
and the exit status is then 1. Long work shows progress on a terminal and stays quiet in a pipe.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import msgspec

from broadsheet.wire import beat as beats
from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import RowError, WireError

Row = dict[str, Any]
_encode = msgspec.json.Encoder().encode
# Half of a character: JSON can spell it (as backslash-ud800), no text can hold it.
_HALF = re.compile("[\ud800-\udfff]")


@dataclass
class Stream:
    """The rows of one run: read, counted, with what could not be read."""

    files: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)  # given key -> our key
    label: str = "rows"
    bad: int = 0
    done: int = 0

    def rows(self) -> Iterator[tuple[str, Row]]:
        """Each row with the place it came from ("line 3"). Bad lines are told and skipped."""
        shown = time.monotonic()
        terminal = sys.stderr.isatty()
        for at, line in self._lines():
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                if "\\u" in line:  # json keeps halves of characters
                    row = whole(row)
            except (ValueError, RecursionError) as error:
                self.skip(at, f"This line is not JSON: {error}")
                continue
            if not isinstance(row, dict):
                self.skip(at, "This line is JSON, but no object")
                continue
            self.done += 1
            yield at, self._renamed(row)
            if terminal and time.monotonic() - shown > 0.5:
                shown = time.monotonic()
                click.echo(f"\r{self.done:,} {self.label} ", nl=False, err=True)
        if terminal and self.done:
            click.echo(f"\r{self.done:,} {self.label}.", err=True)

    def _lines(self) -> Iterator[tuple[str, str]]:
        """The lines of all files with their places. A file that cannot be read is told; the rest go on."""
        for name in self.files or ("-",):
            number = 0
            try:
                with opened(name) as lines:
                    for number, line in enumerate(lines, start=1):
                        place = f"line {number}"
                        yield (place if len(self.files) < 2 else f"{name}, {place}"), line
            except click.FileError as error:
                self.skip(name, error.message)
            except (EOFError, zlib.error, OSError) as error:
                after = f" after line {number}" if number else ""
                self.skip(name, f"This file cannot be read{after} ({error})")

    def skip(self, at: str, why: str) -> None:
        self.bad += 1
        click.echo(f"{at}: {why}. Skipped.", err=True)

    def _renamed(self, row: Row) -> Row:
        for given, ours in self.names.items():
            if given in row and row.get(ours) in (None, ""):
                row[ours] = row.pop(given)
        return row

    def close(self) -> None:
        """End the run: exit status 1 where lines were skipped."""
        sys.stdout.flush()
        if self.bad:
            raise SystemExit(1)


@contextmanager
def opened(name: str) -> Iterator[Iterable[str]]:
    """The lines of a file, packed by gzip or not, or of standard input ("-"), as UTF-8.

    Bytes that are not UTF-8 become U+FFFD, so that one bad line does not end a run; the mark that
    some programs put before UTF-8 is left out. FileError where the file cannot be opened.
    """
    if name == "-":
        sys.stdin.reconfigure(encoding="utf-8-sig", errors="replace")  # type: ignore[union-attr]
        yield sys.stdin
        return
    path = Path(name)
    if not path.exists():
        raise click.FileError(name, hint="There is no such file")
    if path.is_dir():
        raise click.FileError(name, hint="This is a folder; name a file of JSON Lines")
    try:
        raw = path.open("rb")
    except OSError as error:
        raise click.FileError(name, hint=error.strerror or "It cannot be opened") from error
    with raw:
        # by what it holds and not by its name: "-" through a pipe has no name, and names lie
        packed = raw.peek(2)[:2] == b"\x1f\x8b"
        file = gzip.GzipFile(fileobj=raw) if packed else raw
        with io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace") as lines:
            yield lines


def whole(value: Any) -> Any:
    """The value with U+FFFD for every half of a character: one for one, so that offsets stay."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, dict):
        return {whole(key): whole(item) for key, item in value.items()}
    if isinstance(value, list):
        return [whole(item) for item in value]
    return value


def write(row: Mapping[str, Any]) -> None:
    """One object a line, UTF-8, to standard output. RowError where a row is too deep to be written."""
    try:
        try:
            line = _encode(row)
        except (OverflowError, UnicodeEncodeError, msgspec.MsgspecError):
            # a whole number beyond 64 bits, or half a character that a page spelled
            line = json.dumps(whole(row), ensure_ascii=False).encode()
    except RecursionError as error:
        raise RowError("The row is nested too deeply", at="the row") from error
    out = sys.stdout.buffer
    out.write(line)
    out.write(b"\n")


def each(stream: Stream, work: Callable[[Row, str], Iterable[Row]]) -> None:
    """Run a stage that looks at one row at a time. Its WireError skips the row, told with its line."""
    for at, row in stream.rows():
        try:
            for made in work(row, at):
                write(made)
        except WireError as error:
            stream.skip(at, error.what)
    stream.close()


def together(
    stream: Stream, take: Callable[[Row, str], Any], work: Callable[[list[Any]], Iterable[Row]]
) -> None:
    """Run a stage that needs all rows at once: `take` reads each row, `work` gets the list."""
    taken: list[Any] = []
    for at, row in stream.rows():
        try:
            taken.append(take(row, at))
        except WireError as error:
            stream.skip(at, error.what)
    for made in work(taken):
        try:
            write(made)
        except RowError as error:
            stream.skip(str(made.get("id", made.get("story", "a row"))), error.what)
    stream.close()


def names(_: click.Context, __: click.Parameter, value: str | None) -> dict[str, str]:
    """Read `--map headline=title,published=date`: our key on the left, the given one on the right."""
    pairs: dict[str, str] = {}
    for part in (value or "").split(","):
        if not part.strip():
            continue
        ours, equals, given = part.strip().partition("=")
        if not equals or not ours or not given:
            raise click.BadParameter(f"{part!r} is not OURS=GIVEN, such as headline=title")
        pairs[given] = ours
    return pairs


def a_beat(_: click.Context, __: click.Parameter, value: str | None) -> Beat:
    try:
        return beats.load(Path(value) if value else None)
    except WireError as error:
        raise click.BadParameter(str(error)) from error


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that every filter has: files, `--map`. Gives `files` and `names`."""
    command = click.option(
        "--map",
        "names",
        callback=names,
        metavar="OURS=GIVEN,...",
        help="Read our key from a key of another name: --map headline=title,published=date",
    )(command)
    return click.argument("files", nargs=-1, metavar="[FILE.jsonl[.gz] ...]")(command)


beat_option = click.option(
    "--beat",
    callback=a_beat,
    envvar="BROADSHEET_BEAT",
    metavar="FOLDER",
    help="The folder of another beat; by default the one that comes with Broadsheet.",
)
