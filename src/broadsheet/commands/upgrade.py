"""`broadsheet upgrade`: bring the desk's data up to the version that is installed."""

from __future__ import annotations

import click


@click.command("upgrade")
@click.option(
    "--to", metavar="PLACE", help="Where the backup before it goes; else as `backup` does."
)
def command(to: str | None) -> None:
    """Bring the desk's data up to the installed version: backed up first, rolled back if it fails.

    Stop the desk first: one that runs is refused. The settings are looked at, everything is backed up,
    the tables are changed; then rows are counted and pages opened. Where anything of that fails, the
    data are put back.
    `broadsheet start` does the same by itself where a newer version finds older data.

    \b
    Example:
      pipx install --force '.[desk]' && broadsheet upgrade
    """
    from broadsheet.commands import with_desk

    with_desk(migrated=False)
    from broadsheet.keeping import backing, upgrading
    from broadsheet.keeping.errors import KeepingError

    try:
        for step in upgrading.go_back_to_the_end(backing.place(to or "")):
            click.echo(step.words)
        if not upgrading.is_desk():
            raise click.ClickException("There is no desk here yet. Run: broadsheet start")
        for step in upgrading.upgrade(backing.place(to or "")):
            click.echo(step.words)
    except KeepingError as error:
        raise click.ClickException(str(error)) from error
