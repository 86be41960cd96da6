"""`broadsheet import-issues`: past newsletters from files, as the desk's page does it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click


@click.command("import-issues")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--keep-sure", is_flag=True, help="Keep what is read surely; the rest waits.")
@click.option("--newsletter", default="", help="Its name; the desk's first where none is given.")
@click.option(
    "--from", "from_others", default="", help="A colleague's newsletter: its items go to the inbox."
)
def command(files: tuple[Path, ...], keep_sure: bool, newsletter: str, from_others: str) -> None:
    """Read past newsletters (.html .txt .eml .mhtml .md, WordPress .xml, .zip of them, folders).

    What was read waits at the desk under Issues, Past issues, each beside its text, to be mended and
    kept or dropped; with --keep-sure what is read surely is kept at once, as published issues in the
    archive. Nothing is sent. Doubles are recognised, so that it is safe to run again.

    \b
    Example:
      broadsheet import-issues past/*.html
      broadsheet import-issues campaigns.zip --keep-sure
      broadsheet import-issues letter.eml --from "Harbour Alliance"
    """
    from broadsheet.commands import with_desk

    with_desk()
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.issues import importing, queries
    from broadsheet.issues.models import Newsletter
    from broadsheet.wire import beat as beats

    letter = (
        Newsletter.objects.filter(name=newsletter).first() if newsletter else queries.newsletter()
    )
    if letter is None:
        raise click.ClickException(
            f"There is no newsletter called {newsletter!r}."
            if newsletter
            else "There is no newsletter yet. Run `broadsheet start` once to set the desk up."
        )
    try:
        pile = importing.begin(letter, _read(files), None, timezone.now(), from_others)
    except importing.ImportingError as error:
        raise click.ClickException(str(error)) from None
    total = pile.issues.count()
    for done, _past in enumerate(importing.read(pile, timezone.now), 1):
        if sys.stderr.isatty():
            click.echo(f"\r{done:,} of {max(total, done):,} read ", nl=False, err=True)
    for words in pile.refused:
        click.echo(words, err=True)
    for past in pile.issues.filter(state__in=("refused", "double")):
        click.echo(f"{past.name}: {past.words}", err=True)
    if from_others:
        beat = beats.load(settings.BEAT)
        n = sum(
            importing.to_inbox(past, beat, None, timezone.now())
            for past in pile.issues.filter(state="ready")
        )
        click.echo(f"{n:,} items taken to the inbox.")
    elif keep_sure:
        kept = sum(1 for _past in importing.keep_sure(pile, None, timezone.now()))
        click.echo(f"{kept:,} kept.")
    counts = {
        state: pile.issues.filter(state=state).count() for state in ("ready", "double", "refused")
    }
    click.echo(
        f"{counts['ready']:,} wait at the desk, {counts['double']:,} doubles, "
        f"{counts['refused']:,} not read."
    )
    if counts["refused"]:
        raise SystemExit(1)


def _read(files: tuple[Path, ...]) -> Iterator[tuple[str, bytes]]:
    for path in files:
        if path.is_dir():
            for inner in sorted(path.rglob("*")):
                if inner.is_file() and not inner.name.startswith("."):
                    yield inner.name, inner.read_bytes()
        else:
            yield path.name, path.read_bytes()
