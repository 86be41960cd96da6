"""One module for each command: it parses, calls, reports. What it needs it imports when it runs."""

from __future__ import annotations

import os

import click


def with_desk(*, migrated: bool = True) -> None:
    """Make the desk's half ready: settings read, apps loaded, the database up to date.

    Without Django, or before the first `broadsheet start`, it says what to do.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.settings")
    try:
        import django
    except ModuleNotFoundError as error:
        raise click.ClickException(
            "This command works on a desk, and the desk's half of Broadsheet is not installed. "
            "Install it with: pip install 'broadsheet[desk]'"
        ) from error
    from django.core.exceptions import ImproperlyConfigured

    from broadsheet import given

    for told in given.unknown(os.environ):
        click.echo(f"{told} All settings: docs/settings.md", err=True)
    try:
        django.setup()
    except ImproperlyConfigured as error:
        raise click.ClickException(str(error)) from error
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise cannot_open(error) from error
    if migrated:
        _is_migrated()


def _is_migrated() -> None:
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        waiting = MigrationExecutor(connection).migration_plan(
            MigrationExecutor(connection).loader.graph.leaf_nodes()
        )
    except DatabaseError as error:
        raise cannot_open(error) from error
    if waiting:
        raise click.ClickException(
            "The database is not set up, or is of an earlier version. Run: broadsheet start --no-serve"
        )


def cannot_open(error: Exception) -> click.ClickException:
    """What is said where the database does not answer."""
    words = " ".join(str(error).split())
    return click.ClickException(
        f"The database cannot be opened ({words}). DATABASE_URL and BROADSHEET_HOME say where it is; a "
        "PostgreSQL must run, and have that user and an empty database. `broadsheet start --no-serve` then "
        "sets it up."
    )
