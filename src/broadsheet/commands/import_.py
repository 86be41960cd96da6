"""`broadsheet import`: articles from files into the desk."""

from __future__ import annotations

import contextlib
import sys
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from broadsheet.filters import Stream, beat_option, filter_options, opened


@click.command("import")
@filter_options
@beat_option
def command(files: tuple[str, ...], names: Mapping[str, str], beat: Any) -> None:
    """Take articles into the desk: rows of JSON Lines with `headline`, and what else is known.

    Rows that `broadsheet read` or `scan` wrote keep all they say. Each article is judged, tagged
    and grouped into the stories of its month; what `scan` said of an article is taken over where the
    same version and beat would say it here, and this desk has taught its judge nothing. Importing
    the same rows again changes nothing.

    \b
    Example:
      broadsheet import articles.jsonl
      broadsheet import --map headline=title,published=date month.jsonl.gz
    """
    from broadsheet.commands import with_desk

    with_desk()
    from django.utils import timezone

    from broadsheet.news import intake, lessons
    from broadsheet.scanning import kept
    from broadsheet.wire.errors import WireError
    from broadsheet.wire.model import Article, article_from

    stream = Stream(files, names, "articles")
    model = lessons.model(beat)
    shipped = lessons.is_as_shipped(model) and intake.second_opinion(beat) is None
    decided_by = kept.decides(beat) if shipped else ""
    spared = 0

    def articles() -> Iterator[Article | intake.Read]:
        nonlocal spared
        for at, row in stream.rows():
            try:
                article = article_from(row, at=at)
            except WireError as error:
                stream.skip(at, error.what)
                continue
            said = kept.said(row, article, decided_by) if decided_by else None
            spared += said is not None
            yield intake.Read(article, *said) if said else article

    total = _counted(files) if sys.stderr.isatty() else 0
    begun = time.monotonic()
    taken = intake.Taken()
    for taken in intake.take_in(intake.judged(articles(), beat, model), timezone.now()):
        if sys.stderr.isatty():
            rows = taken.new + taken.known + taken.revised
            click.echo(_told(rows, total, time.monotonic() - begun), nl=False, err=True)
    bands = ", ".join(f"{n:,} {band.replace('_', ' ')}" for band, n in sorted(taken.bands.items()))
    click.echo(
        f"{taken.new:,} new{f' ({bands})' if bands else ''}, "
        f"{taken.known:,} known, {taken.revised:,} revised, {stream.bad:,} not read"
    )
    if spared:
        click.echo(f"{spared:,} as the scan judged them, with the same version and beat")
    months = sorted(taken.months)
    for number, month in enumerate(months, start=1):
        if sys.stderr.isatty():
            said = f"\r\x1b[Kgrouping {month}, {number} of {len(months)} months "
            click.echo(said, nl=False, err=True)
        done = intake.regroup(month, beat)
        click.echo(f"{month}: {done.stories:,} stories, {done.new:,} of them new")
    stream.close()


def _counted(files: Sequence[str]) -> int:
    """The rows of all files; 0 where they are not known before they come."""
    if not files or "-" in files:
        return 0
    count = 0
    for name in files:
        # A file that cannot be read is told of when its turn comes.
        with (
            contextlib.suppress(click.FileError, OSError, EOFError, zlib.error),
            opened(name) as lines,
        ):
            count += sum(1 for line in lines if line.strip())
    return count


def _told(done: int, total: int, seconds: float) -> str:
    """The line on the terminal: rows, and the time that is left until all are taken in."""
    line = f"\r\x1b[K{done:,} taken in "
    if total and done and seconds > 2:
        left = int(max(0, total - done) / done * seconds)
        line = f"\r\x1b[K{done:,} of {total:,} taken in, {left // 60}:{left % 60:02} left "
    return line
