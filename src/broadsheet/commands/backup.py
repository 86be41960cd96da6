"""`broadsheet backup`: one encrypted file with everything, while the desk runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from broadsheet.keeping.places import Place


@click.command("backup")
@click.option("--to", metavar="PLACE", help="A folder, or an address such as s3://bucket/desk.")
@click.option("--list", "listed", is_flag=True, help="List the backups that are there.")
@click.option("--show-key", is_flag=True, help="Print the key, to write it down.")
def command(to: str | None, listed: bool, show_key: bool) -> None:
    """Write the whole desk into one encrypted file: rows, pictures, kept pages, settings, keys.

    The desk goes on meanwhile. The file is read again to its end before it counts. Without --to it goes
    where BROADSHEET_BACKUP_TO says, else into `backups` in the desk's folder. Older backups are let go
    of by BROADSHEET_BACKUP_KEEP; the newest three always stay.

    The first backup makes the key. Write it down and keep it away from the backups: without it nobody
    can open them, also not we.

    \b
    Examples:
      broadsheet backup
      broadsheet backup --to /media/usb/broadsheet
      broadsheet backup --to s3://our-bucket/desk
      broadsheet backup --show-key
    """
    from broadsheet.commands import with_desk

    with_desk()
    from django.utils import timezone

    from broadsheet.keeping import backing
    from broadsheet.keeping.errors import KeepingError

    try:
        if show_key:
            click.echo(backing.key())
            return
        place = backing.place(to or "")
        if listed:
            _list(place)
            return
        new = backing.make_key()
        made = backing.make(place, timezone.now())
    except KeepingError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{place}/{made.name}")
    click.echo(
        f"  {made.size / 1e6:,.1f} MB; {made.rows:,} rows and {made.files:,} files; read again to its end"
    )
    if made.left_out:
        click.echo(f"  Not in it, since it is nothing of the desk: {', '.join(made.left_out)}")
    if made.removed:
        click.echo(f"  Let go of: {', '.join(made.removed)}")
    if new:
        click.echo(
            "\n  The key of all backups of this desk. Write it down and keep it away from them:\n\n"
            f"      {new}\n\n  Without it nobody can open a backup. `broadsheet backup --show-key` prints "
            "it again, as long as this desk runs."
        )


def _list(place: Place) -> None:
    kept = place.kept()
    for one in kept:
        click.echo(f"{one.made:%Y-%m-%d %H:%M} UTC  {one.size / 1e6:>9,.1f} MB  {one.name}")
    if not kept:
        click.echo(f"No backup lies in {place}.")
