"""`broadsheet import-subscribers`: a list of subscribers from a file, as the desk's page does it."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click


@click.command("import-subscribers")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--agreed", default="", help="Where, when and to what these people agreed: take them."
)
@click.option(
    "--says",
    type=click.Choice(["subscribed", "left", "cleaned"]),
    default="subscribed",
    help="What the addresses are where the file does not tell.",
)
@click.option("--newsletter", default="", help="Its name; the desk's first where none is given.")
def command(file: Path, agreed: str, says: str, newsletter: str) -> None:
    """Show what would happen to whom and why; with --agreed, take in what may be taken.

    CSV in any encoding and with any separator, or the zip of Mailchimp's audience export. Who left
    this desk's list stays gone. Safe to run again.

    \b
    Example:
      broadsheet import-subscribers audience_export.zip
      broadsheet import-subscribers audience_export.zip --agreed "Ticked a box on our old site, 2019-2026"
    """
    from broadsheet.commands import with_desk

    with_desk()
    from django.utils import timezone

    from broadsheet.issues import queries
    from broadsheet.issues.models import Newsletter
    from broadsheet.mailing import fates, imported, importing
    from broadsheet.mailing.tables import TableError

    letter = (
        Newsletter.objects.filter(name=newsletter).first() if newsletter else queries.newsletter()
    )
    if letter is None:
        known = ", ".join(Newsletter.objects.values_list("name", flat=True))
        raise click.ClickException(
            f"There is no newsletter of that name. Known: {known}."
            if known
            else "There is no newsletter yet: draft an issue first."
        )
    made = importing.start(letter, file.name, None, timezone.now(), says=says)
    shutil.copyfile(file, imported.upload(made))
    importing.look(made, timezone.now())
    if made.problem:
        raise click.ClickException(made.problem)
    for name, words in fates.OUTCOMES.items():
        if made.counts.get(name):
            click.echo(f"{made.counts[name]:>9,} {words}")
    click.echo(f"Rows that are not taken: {imported.refused(made)}")
    if not agreed:
        importing.drop(made, timezone.now())
        click.echo(
            "Nothing was taken. Say with --agreed where and to what they agreed, to take them."
        )
        return
    try:
        importing.agree(made, agreed, timezone.now())
    except TableError as error:
        raise click.ClickException(str(error)) from error
    for done in importing.take(made, timezone.now()):
        if sys.stderr.isatty():
            click.echo(f"\r{done:,} of {made.total:,} ", nl=False, err=True)
    click.echo("Done.")
