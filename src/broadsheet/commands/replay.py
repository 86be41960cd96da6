"""`broadsheet replay`: what was found in archives -> the issue that a past month would have had."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from broadsheet.commands.print import forms_asked, prints
from broadsheet.filters import Stream, beat_option, filter_options
from broadsheet.wire.beat import Beat


@click.command("replay")
@filter_options
@beat_option
@click.option("--month", required=True, metavar="2019-06", help="The month of the issue.")
@click.option(
    "--most", default=12, show_default=True, help="How many stories to propose at the most."
)
@click.option(
    "--as",
    "forms",
    default="text,web",
    show_default=True,
    callback=forms_asked,
    help="What to print of the draft: email, text, web, pdf, feed, json.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the prints; by default replay-MONTH.",
)
def command(
    files: tuple[str, ...],
    names: Mapping[str, str],
    beat: Beat,
    month: str,
    most: int,
    forms: tuple[str, ...],
    out: Path | None,
) -> None:
    """Draft the issue that a past month would have had, from what `scan` found (or any articles).

    Everything runs as it would have on the month's last evening: judge, group, rank, propose, and
    the sections of the beat. Nothing is kept and no desk is needed; to work on the issue, import the
    findings into a desk and `draft` there.

    \b
    Example:
      broadsheet replay found.jsonl.gz --month 2019-06 --as text,web,pdf --out june-2019
    """
    from broadsheet.press.house import House
    from broadsheet.scanning import replay
    from broadsheet.wire.errors import WireError
    from broadsheet.wire.model import Article, article_from

    stream = Stream(files, names, "articles")

    def articles() -> Iterator[Article]:
        for at, row in stream.rows():
            try:
                yield article_from(row, at=at)
            except WireError as error:
                stream.skip(at, error.what)

    def told(stage: str, done: int) -> None:
        if sys.stderr.isatty() and done % 100 == 0:
            click.echo(f"\r{stage}: {done:,} ", nl=False, err=True)

    try:
        made = replay.replay(articles(), beat, month, most=most, progress=told)
    except WireError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{made.given:,} articles, {made.of_month:,} of them of {month} ({made.undated:,} have no "
        f"date); {made.relevant:,} relevant, in {made.stories:,} stories with what is unsure"
    )
    edition = made.edition
    for section in edition.sections:
        click.echo(f"  {section.heading or 'without a heading'}: {len(section.items)}")
        for item in section.items:
            click.echo(f"    {item.heading}")
    if not edition.items():
        told_of = ", ".join(f"{name} ({many:,})" for name, many in made.months)
        raise click.ClickException(
            f"Nothing on the beat is dated in {month}, so there is no issue. "
            + (f"Most articles are dated in {told_of}. " if told_of else "")
            + "For another month, scan its archives and those of the first days of the next."
        )
    folder = out or Path(f"replay-{month}")
    try:
        printed = list(prints(edition, forms, folder, House(), None))
    except WireError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Printed: {', '.join(map(str, printed))}")
    stream.close()
