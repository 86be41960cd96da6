"""`broadsheet import`: articles from files into the desk."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Any

import click

from broadsheet.filters import Stream, beat_option, filter_options


@click.command("import")
@filter_options
@beat_option
def command(files: tuple[str, ...], names: Mapping[str, str], beat: Any) -> None:
    """Take articles into the desk: rows of JSON Lines with `headline`, and what else is known.

    Rows that `broadsheet read` or `scan` wrote keep all they say. Each article is judged, tagged
    and grouped into the stories of its month. Importing the same rows again changes nothing.

    \b
    Example:
      broadsheet import articles.jsonl
      broadsheet import --map headline=title,published=date month.jsonl.gz
    """
    from broadsheet.commands import with_desk

    with_desk()
    from django.utils import timezone

    from broadsheet.news import intake, lessons
    from broadsheet.wire.errors import WireError
    from broadsheet.wire.model import Article, article_from

    stream = Stream(files, names, "articles")

    def articles() -> Iterator[Article]:
        for at, row in stream.rows():
            try:
                yield article_from(row, at=at)
            except WireError as error:
                stream.skip(at, error.what)

    taken = intake.Taken()
    for taken in intake.take_in(
        intake.judged(articles(), beat, lessons.model(beat)), timezone.now()
    ):
        if sys.stderr.isatty():
            click.echo(
                f"\r{taken.new + taken.known + taken.revised:,} taken in ", nl=False, err=True
            )
    bands = ", ".join(f"{n:,} {band.replace('_', ' ')}" for band, n in sorted(taken.bands.items()))
    click.echo(
        f"{taken.new:,} new{f' ({bands})' if bands else ''}, "
        f"{taken.known:,} known, {taken.revised:,} revised, {stream.bad:,} not read"
    )
    for month in sorted(taken.months):
        done = intake.regroup(month, beat)
        click.echo(f"{month}: {done.stories:,} stories, {done.new:,} of them new")
    stream.close()
