"""`broadsheet scan`: web archives -> the articles on the beat."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click


def _day(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no day such as 2026-03-01") from error


@click.command("scan")
@click.argument("archives", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--beat", envvar="BROADSHEET_BEAT", metavar="FOLDER", help="The folder of another beat."
)
@click.option("--since", callback=_day, metavar="DAY", help="Only pages collected on or after it.")
@click.option("--until", callback=_day, metavar="DAY", help="Only pages collected before it.")
@click.option("--languages", metavar="en,zh", help="Only articles in these languages.")
@click.option("--unsure", is_flag=True, help="Also what the full read leaves unsure.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("found.jsonl.gz"),
    show_default=True,
    help="What was found. Parts, for going on after a stop, lie in a folder beside it.",
)
@click.option(
    "--explain", is_flag=True, help="Print the funnel: what each step let through and cost."
)
def command(
    archives: tuple[str, ...],
    beat: str | None,
    since: datetime | None,
    until: datetime | None,
    languages: str | None,
    unsure: bool,
    out: Path,
    explain: bool,
) -> None:
    """Scan web archives (WARC: gzip, zstd or plain; files, folders, patterns, addresses, or `-`).

    Every page is asked cheap questions first and read in full only where they say so. Stopped and run
    again, it goes on with the archives that are not done, and ends with the same output. `-` reads an
    archive from standard input.

    \b
    Example:
      broadsheet scan CC-NEWS-*.warc.gz --explain --out found.jsonl.gz
    """
    from broadsheet.scanning import files
    from broadsheet.wire.errors import WireError
    from broadsheet.wire.scan import Funnel, Limits

    chosen = tuple(part.strip() for part in (languages or "").split(",") if part.strip())
    task = files.Task(beat, unsure, chosen, Limits(since=since, until=until))
    folder = out.with_name(out.name + ".parts")
    whole = Funnel()
    parts = []
    terminal = sys.stderr.isatty()
    try:
        stamp = task.stamp()
        given = files.names(archives)
        for number, name in enumerate(given, start=1):
            made = files.scan_file(name, task, folder, stamp)
            whole.add(made.funnel)
            parts.append(made)
            if terminal:
                click.echo(f"\r{number:,} of {len(given):,} archives ", nl=False, err=True)
        files.joined(parts, out)
    except WireError as error:
        raise click.ClickException(str(error)) from error
    found = whole.steps["full"].out
    pages = whole.steps["records"].out
    click.echo(f"{pages:,} pages in {len(parts):,} archives: {found:,} found, in {out}", err=True)
    if explain:
        for line in whole.words():
            click.echo(line, err=True)
