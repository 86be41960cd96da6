"""`broadsheet scan`: web archives -> the articles on the beat."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click


def _day(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no day such as 2026-03-01") from error


def _place(_: click.Context, __: click.Parameter, value: str) -> Path:
    from broadsheet.scanning.files import place
    from broadsheet.wire.errors import WireError

    try:
        found = place(value)
    except WireError as error:
        raise click.BadParameter(str(error)) from error
    if not found.name:
        raise click.BadParameter(f"{value!r} names no file")
    if isinstance(found, Path) and found.is_dir():
        raise click.BadParameter(f"{value!r} is a folder: name a file in it")
    return found


def _tongues(_: click.Context, __: click.Parameter, value: str | None) -> tuple[str, ...]:
    from broadsheet.wire.scan.tongue import asked_for

    found = []
    for given in (part for part in (value or "").split(",") if part.strip()):
        code = asked_for(given)
        if code is None:
            raise click.BadParameter(
                f"{given.strip()!r} is no language code such as en, zh or zh-Hant"
            )
        found.append(code)
    return tuple(sorted(set(found)))


@click.command("scan")
@click.argument("archives", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--beat", envvar="BROADSHEET_BEAT", metavar="FOLDER", help="The folder of another beat."
)
@click.option("--since", callback=_day, metavar="DAY", help="Only pages collected on or after it.")
@click.option("--until", callback=_day, metavar="DAY", help="Only pages collected before it.")
@click.option(
    "--languages",
    callback=_tongues,
    metavar="en,zh",
    help="Only articles in these languages. zh-Hant or zh-Hans asks for one way of writing Chinese.",
)
@click.option("--unsure", is_flag=True, help="Also what the full read leaves unsure.")
@click.option(
    "--out",
    callback=_place,
    metavar="FILE",
    default="found.jsonl.gz",
    show_default=True,
    help="What was found: a file or an address such as s3://. Parts, for going on after a stop, lie in "
    "a folder beside it.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    help="Processes of this machine (with `--cluster local`, Dask's).",
)
@click.option(
    "--cluster",
    metavar="local|tcp://...",
    help="Scan on a Dask cluster: one archive file a task.",
)
@click.option(
    "--sample",
    type=click.IntRange(1),
    metavar="N",
    help="Also read N pages of the archives in full, and print what share of the findings the scan has.",
)
@click.option(
    "--explain", is_flag=True, help="Print the funnel: what each step let through and cost."
)
def command(
    archives: tuple[str, ...],
    beat: str | None,
    since: datetime | None,
    until: datetime | None,
    languages: tuple[str, ...],
    unsure: bool,
    out: Path,
    workers: int,
    cluster: str | None,
    sample: int | None,
    explain: bool,
) -> None:
    """Scan web archives (WARC: gzip, zstd or plain; files, folders, patterns, addresses, or `-`).

    Every page is asked cheap questions first and read in full only where they say so. Stopped and run
    again, it goes on with the archives that are not done, and ends with the same output. `-` reads an
    archive from standard input, also from a pipe. docs/scanning.md tells what a scan may lose.

    \b
    Example:
      broadsheet scan CC-NEWS-*.warc.gz --explain --out found.jsonl.gz
    """
    from broadsheet.scanning import files, loss, machines
    from broadsheet.scanning.progress import Progress
    from broadsheet.wire.errors import WireError
    from broadsheet.wire.scan import Funnel, Limits

    if since and until and since >= until:
        raise click.BadParameter(
            "--until must be a later day than --since: it is the first left out"
        )
    task = files.Task(beat, unsure, languages, Limits(since=since, until=until))
    folder = out.with_name(out.name + ".parts")
    whole = Funnel()
    parts = []
    progress: Progress | None = None
    try:
        given = files.names(archives)
        progress = Progress(sum(map(files.size, given)), len(given))
        drawn = loss.Sample(sample or 0)
        progress.begin()
        for made in machines.run(
            given,
            task,
            folder,
            workers=workers,
            cluster=cluster,
            told=progress.within,
            seen=partial(drawn.offer, files.STDIN) if sample else None,
        ):
            whole.add(made.funnel)
            parts.append(made)
            progress.done(made, files.size(made.archive))
        progress.end()
        files.joined(parts, out)
        measured = loss.measured(given, task, drawn, progress.sampled) if sample else None
        files.sum_up(parts, task, out, measured.to_json() if measured else None)
    except WireError as error:
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo(f"\n{progress.stopped()}" if progress else "\nStopped.", err=True)
        raise SystemExit(130) from None  # as shells say of SIGINT
    found = whole.steps["full"].out
    pages = whole.steps["records"].out
    archive_s = "archive" if len(parts) == 1 else "archives"
    click.echo(
        f"{pages:,} pages in {len(parts):,} {archive_s}: {found:,} found, in {out}", err=True
    )
    if progress.before_files:
        click.echo(f"{progress.before_files:,} of these archives scanned before this run", err=True)
    for told in files.damaged(parts):
        click.echo(told, err=True)
    if measured:
        click.echo(measured.words(), err=True)
    if explain:
        for line in whole.words():
            click.echo(line, err=True)
