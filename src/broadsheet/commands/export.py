"""`broadsheet export`: the whole archive as one file for another desk, or as pages for a folder."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import click


@click.command("export")
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@click.option("--pages", is_flag=True, help="Pages for a web space: OUT is a folder.")
@click.option(
    "--address", default="", metavar="ADDRESS", help="Where the archive stands on the web."
)
@click.option("--replace", is_flag=True, help="Write over a file, or into a folder, that is there.")
def command(out: Path, pages: bool, address: str, replace: bool) -> None:
    """Write the archive down: every issue with its versions and pictures, the library, the tiers.

    OUT is a zip with archive.jsonl (its schema: docs/library.md), the pictures, and the same as tables
    for a spreadsheet (CSV); another desk takes it with `broadsheet import-archive`. With --pages OUT is
    a folder of pages that opens without a server.
    Nothing of subscribers, editors or drafts is in either.

    \b
    Example:
      broadsheet export archive.zip
      broadsheet export --pages site/
    """
    from broadsheet.commands import with_desk

    with_desk()
    if out.exists() and not replace and not (pages and out.is_dir() and not any(out.iterdir())):
        raise click.ClickException(f"{out} is there already. Name another, or say --replace.")
    try:
        if pages:
            _pages(out, address.rstrip("/"))
        else:
            _file(out)
    except OSError as error:
        raise click.ClickException(
            f"{out} cannot be written: {error.strerror or error}."
        ) from error


def _file(out: Path) -> None:
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.issues import handover, pictures, spreadsheets
    from broadsheet.press import spreadsheet
    from broadsheet.wire import beat as beats

    beat = beats.load(settings.BEAT)
    out.parent.mkdir(parents=True, exist_ok=True)
    half = out.with_name(f".{out.name}.half")
    count, named, missing = 0, set[str](), 0
    with (
        zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as packed,
        contextlib.ExitStack() as open_files,
    ):
        # A zip is written file by file, so the tables wait beside it until the lines are through.
        tables = {
            name: open_files.enter_context(tempfile.TemporaryFile(dir=out.parent))
            for name in spreadsheets.COLUMNS
        }
        for name, columns in spreadsheets.COLUMNS.items():
            # The mark at the beginning tells spreadsheets that this is UTF-8.
            tables[name].write(("\ufeff" + spreadsheet.line(columns)).encode())
        with packed.open("archive.jsonl", "w", force_zip64=True) as file:
            for line in handover.lines(timezone.now()):
                file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
                named |= handover.pictures([line])
                count += 1
                for name, cells in spreadsheets.rows(line, beat):
                    tables[name].write(spreadsheet.line(cells).encode())
        for name, table in tables.items():
            table.seek(0)
            with packed.open(f"tables/{name}", "w", force_zip64=True) as file:
                shutil.copyfileobj(table, file)
        for name in sorted(named):
            found = pictures.file(name)
            if found is None:
                missing += 1
            else:
                packed.write(found, f"pictures/{name}", zipfile.ZIP_STORED)
    half.replace(out)
    gone = f", {missing} of them no longer here" if missing else ""
    click.echo(f"{out}: {count:,} lines, {len(named):,} pictures{gone}.")


def _pages(out: Path, address: str) -> None:
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    from broadsheet.archive import folder

    host = settings.ALLOWED_HOSTS[0]
    ask = folder.asker(get_wsgi_application(), host)
    made = dead = 0
    for written in folder.write(ask, out, address or settings.ADDRESS, settings.PATH):
        made += written.path is not None
        if written.path is None:
            dead += 1
            click.echo(f"{written.address} answered {written.status}, so it is left out.", err=True)
        if sys.stderr.isatty() and made % 20 == 0:
            click.echo(f"\r{made:,} files ", nl=False, err=True)
    click.echo(f"{out}: {made:,} files; open {out / 'index.html'}.")
