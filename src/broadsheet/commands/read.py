"""`broadsheet read`: pages -> articles."""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadsheet import filters
from broadsheet.filters import Row, Stream, beat_option, filter_options
from broadsheet.wire.beat import Beat

if TYPE_CHECKING:
    from broadsheet.wire.model import Page

_CAP = 60_000_000  # bytes after unpacking: a .gz of a few kB can hold gigabytes


@click.command("read")
@filter_options
@beat_option
@click.option("--processes", default=1, show_default=True, help="How many pages are read at once.")
@click.option("--seconds", default=10.0, show_default=True, help="How long one page may take.")
@click.option(
    "--megabytes", default=512, show_default=True, help="How much memory one page may take."
)
def command(
    files: tuple[str, ...],
    names: dict[str, str],
    beat: Beat,
    processes: int,
    seconds: float,
    megabytes: int,
) -> None:
    """Read pages as articles: headline, text, dates, authors, source, language, picture.

    FILE may be saved pages (.html, .htm, .html.gz) or JSON Lines of `{id?, url, html, entry?}`; without
    a FILE, JSON Lines come from standard input. A page that is no article is told on standard error
    with the reason, and the rest goes on.

    \b
    Example:
      broadsheet read page.html | broadsheet judge
      echo '{"id": 1, "url": "https://news.example/1", "html": "<h1>...</h1>..."}' | broadsheet read
    """
    from broadsheet.wire.errors import WireError
    from broadsheet.wire.model import Failure, Page, row
    from broadsheet.wire.read.pool import Reader

    saved = tuple(name for name in files if _is_page(name))
    lines = tuple(name for name in files if not _is_page(name))
    stream = Stream(lines, names, label="pages")
    given: dict[int, tuple[str, Row]] = {}
    failed: Counter[str] = Counter()

    def pages() -> Iterator[Page]:
        for name in saved:
            try:
                page = Page(url="", body=_bytes(Path(name)), fetched=datetime.now(UTC), id=None)
            except (OSError, EOFError, zlib.error, ValueError) as error:
                stream.skip(name, f"This file cannot be read: {error}")
                continue
            given[len(given)] = (name, {})
            yield page
        if lines or not saved:
            for at, one in stream.rows():
                try:
                    page = page_from(one, at)
                except WireError as error:
                    stream.skip(at, error.what)
                    continue
                given[len(given)] = (at, one)
                yield page

    with Reader(processes, seconds, megabytes, beat) as reader:
        for number, answer in enumerate(reader.read_all(pages())):
            at, one = given.pop(number)
            given[number] = ("", {})  # its place is taken, its page is let go
            if isinstance(answer, Failure):
                failed[answer.reason.partition(".")[0].partition(":")[0]] += 1
                stream.skip(at, answer.reason.rstrip("."))
                continue
            rest = {
                key: value for key, value in one.items() if key not in ("html", "entry", "body")
            }
            filters.write({**rest, **row(answer)})
    if failed and sum(failed.values()) > 1:
        told = ", ".join(f"{count} x {reason}" for reason, count in failed.most_common())
        click.echo(f"{sum(failed.values())} pages were not read: {told}.", err=True)
    stream.close()


def _is_page(name: str) -> bool:
    return name.lower().removesuffix(".gz").endswith((".html", ".htm", ".xhtml", ".shtml"))


def _bytes(path: Path) -> bytes:
    raw = path.read_bytes()
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    out = bytearray()
    while raw:
        unpack = zlib.decompressobj(wbits=31)
        out += unpack.decompress(raw, _CAP + 1 - len(out))
        if len(out) > _CAP:
            raise ValueError(f"unpacked it has more than {_CAP // 1_000_000} MB")
        if not unpack.eof:
            raise EOFError("the .gz file ends too early")
        raw = unpack.unused_data.lstrip(b"\0")
    return bytes(out)


def page_from(one: Row, at: str) -> Page:
    """A page from a row. RowError where it has no `html` or a key is of the wrong type."""
    import msgspec

    from broadsheet.wire.errors import RowError
    from broadsheet.wire.model import Entry, Page, when_from

    html, packed = one.get("html"), one.get("body")
    if isinstance(html, str):
        # it is text already: NUL bytes would only make it look like UTF-16
        body = html.replace("\0", "").encode("utf-8", "replace")
        content_type = "text/html; charset=utf-8"
    elif isinstance(packed, str):  # as `fetch` writes pages that are not UTF-8
        try:
            body = base64.b64decode(packed, validate=True)
        except ValueError as error:
            raise RowError("`body` is not base64", at=at) from error
        content_type = str(one.get("content_type") or "")
    else:
        raise RowError("There is no `html`", at=at, hint="See --map to name keys.")
    url, identity = one.get("url"), one.get("id")
    if url is not None and not isinstance(url, str):
        raise RowError("`url` must be a string", at=at)
    if identity is not None and (
        isinstance(identity, bool) or not isinstance(identity, (str, int))
    ):
        raise RowError("`id` must be a string or a whole number", at=at)
    entry = one.get("entry")
    if entry is not None:
        if not isinstance(entry, dict):
            raise RowError("`entry` must be an object", at=at)
        entry = {"url": url, **entry}
        for key in ("published", "updated"):
            try:
                entry[key] = when_from(entry.get(key), at)
            except RowError:  # half a date must not lose a page
                entry[key] = None
        known = {key: entry[key] for key in Entry.__slots__ if entry.get(key) is not None}
        try:
            entry = msgspec.convert({"url": None, **known}, Entry)
        except (TypeError, msgspec.ValidationError) as error:
            raise RowError(f"`entry` has the wrong shape ({error})", at=at) from error
    fetched = datetime.now(UTC)
    if isinstance(one.get("fetched"), str):
        try:
            moment = datetime.fromisoformat(one["fetched"])
            fetched = moment if moment.tzinfo else fetched
        except ValueError:
            pass
    return Page(url or "", body, content_type, fetched, entry, identity)
