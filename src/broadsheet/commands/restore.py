"""`broadsheet restore`: a desk from its backup, on any machine and on either database."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from broadsheet.keeping.places import Place
    from broadsheet.keeping.restoring import Restored


@click.command("restore")
@click.argument("file")
@click.option("--key", metavar="KEY", help="The backup's key; asked for where it is not given.")
@click.option("--key-file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(file: str, key: str | None, key_file: Path | None) -> None:
    """Restore a backup into an empty place: BROADSHEET_HOME and DATABASE_URL say which.

    It may have been made on the other database, on another machine, and by an older Broadsheet. FILE
    is a path or an address; a folder of backups stands for its newest. Who unsubscribed, was erased or
    withdrew something after the backup was made stays so, where `promises.age` lies beside the file.

    The settings that the desk ran with come out as `settings-of-backup` in its folder, to be looked at
    and set again.

    \b
    Example:
      BROADSHEET_HOME=/srv/desk broadsheet restore /media/usb/broadsheet/broadsheet-20261122T030000Z.tar.age
      DATABASE_URL=postgres://desk@localhost/desk broadsheet restore s3://our-bucket/desk
    """
    from broadsheet.keeping import bundle
    from broadsheet.keeping.errors import KeepingError

    passphrase = _passphrase(key, key_file)
    home = Path(os.environ.get("BROADSHEET_HOME", "var")).resolve()
    try:
        place, name = _found(file)
        with place.reading(name) as opened:
            manifest = bundle.Unpacker(opened, passphrase, at=file).manifest
        if os.environ.get("BROADSHEET_SECRET_KEY", manifest.secret_key) != manifest.secret_key:
            raise click.ClickException(
                "BROADSHEET_SECRET_KEY is set to another key than the desk's own, by which its mailboxes "
                "and its list of who must not be written to are read. Unset it; the key is in the backup."
            )
        # The settings are read once: with the key of the desk that is restored.
        os.environ["BROADSHEET_SECRET_KEY"] = manifest.secret_key
        home.mkdir(parents=True, exist_ok=True)
        out = _restore(place, name, passphrase)
    except (KeepingError, OSError) as error:
        raise click.ClickException(str(error)) from error
    _tell(out, home)


def _restore(place: Place, name: str, passphrase: str) -> Restored:
    from broadsheet.commands import with_desk

    with_desk(migrated=False)
    from broadsheet.keeping import restoring

    out = None
    with place.reading(name) as opened:
        for came in restoring.restore(opened, passphrase, at=f"{place}/{name}"):
            if isinstance(came, restoring.Progress):
                click.echo(came.words, err=True)
            else:
                out = came
    assert out is not None
    out.promises = restoring.keep_promises(place, passphrase)
    return out


def _found(file: str) -> tuple[Place, str]:
    """Where a backup lies and what it is called; of a folder or bucket the newest."""
    from broadsheet.keeping import places
    from broadsheet.keeping.errors import KeepingError

    if file.endswith(places.ENDING) or Path(file).is_file():
        if "://" in file:
            folder, _, name = file.rpartition("/")
            return places.named(folder), name
        path = Path(file).expanduser()  # a path of Windows has other strokes
        return places.named(str(path.parent)), path.name
    place = places.named(file)
    kept = place.kept()
    if not kept:
        raise KeepingError(
            "No backup is there", at=file, hint=f"Name a file that ends in {places.ENDING}."
        )
    return place, kept[-1].name


def _passphrase(key: str | None, key_file: Path | None) -> str:
    if key_file is not None:
        return key_file.read_text(encoding="utf-8").strip()
    given = key or os.environ.get("BROADSHEET_BACKUP_KEY")
    if not given and not sys.stdin.isatty():
        raise click.ClickException(
            "The backup's key is wanted: --key-file FILE, --key KEY, or BROADSHEET_BACKUP_KEY."
        )
    return (given or click.prompt("The backup's key", hide_input=True, err=True)).strip()


def _tell(out: Restored, home: Path) -> None:
    click.echo(
        f"The desk of {out.manifest.made} is in {home}: {out.rows:,} rows, {out.files:,} files."
    )
    if out.differs:
        click.echo(
            "  These tables hold as many rows as they did, but not all read the same; look at them: "
            + ", ".join(out.differs)
        )
    else:
        click.echo("  Every table reads as it did when the backup was made.")
    if out.promises is None:
        click.echo(
            "  No promises.age lay beside the backup: whoever unsubscribed after it was made is "
            "subscribed again. Look for it where the backups lie."
        )
    else:
        kept = out.promises
        click.echo(
            f"  Promised since then, and kept again: {kept.left:,} left, {kept.erased:,} erased, "
            f"{kept.withdrawn:,} withdrawn."
        )
    click.echo(
        f"  It ran with the settings in {home / 'settings-of-backup'}. Set again what holds."
    )
    click.echo("  Then: broadsheet start")
