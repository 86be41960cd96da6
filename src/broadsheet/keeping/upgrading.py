"""Bringing a desk's data up to this version: backed up first, looked at afterwards, rolled back on failure.

The desk must stand still meanwhile: nobody serves and nobody works.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from broadsheet import __version__
from broadsheet.keeping import backing, places, restoring, rows, running, states
from broadsheet.keeping.errors import KeepingError
from broadsheet.keeping.places import Place

GOING_BACK = ".going-back"  # in the desk's folder: from which backup, until it is done


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done, in words."""

    words: str


def is_desk() -> bool:
    """Whether there is a desk whose data could be lost: its database has editors."""
    if "people_editor" not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM people_editor LIMIT 1")
        return cursor.fetchone() is not None


def refuse_newer() -> None:
    """KeepingError where the data are of a newer version than this one: nothing here could read them."""
    loader = MigrationLoader(connection)
    newer = states.unknown(states.applied(DEFAULT_DB_ALIAS), loader)
    ours = [one for one in newer if one.split()[0] in loader.migrated_apps]
    if ours:
        raise KeepingError(
            f"The desk's data are of a newer version than Broadsheet {__version__}",
            at=states.names(ours),
            hint="Install the version that the desk ran with, or a newer one.",
        )


def waits() -> bool:
    """Whether this version would change the tables."""
    return bool(states.waiting(DEFAULT_DB_ALIAS))


def upgrade(to: Place) -> Iterator[Step]:
    """Do it, step by step. KeepingError where it failed: then the data are as they were before."""
    refuse_newer()
    _settings_hold()
    waiting = states.waiting(DEFAULT_DB_ALIAS)
    if not waiting:
        yield Step(f"The data are of Broadsheet {__version__} already; nothing to do")
        return
    yield Step(f"{len(waiting)} changes wait: {states.names(waiting)}")
    if running.is_running(Path(settings.HOME)):
        raise KeepingError(
            "The desk still runs, and what is written meanwhile would be lost if this fails",
            at=str(settings.HOME),
            hint="Stop it first: Ctrl-C in its window, or systemctl stop broadsheet-web broadsheet-worker. "
            "Nothing was changed.",
        )
    if backing.make_key():
        yield Step(
            "A key for the backups was made. `broadsheet backup --show-key` prints it: write it down and "
            "keep it away from them; without it nobody can open them"
        )
    made = backing.make(to, timezone.now(), current=False)
    yield Step(f"Backed up: {to}/{made.name} ({made.size / 1e6:,.1f} MB, read again to its end)")
    before = _counts()
    try:
        call_command("migrate", verbosity=0, interactive=False)
        _look(before)
    # Whatever a migration raises: the desk must not stay between two versions.
    except Exception as error:
        yield Step("It failed; going back to what was before")
        _roll_back(to, made.name, error)
        raise KeepingError(
            "The upgrade failed, and the data are again as they were before it",
            at=f"{type(error).__name__}: {error}",
            hint="Install the version of before (in its folder: pipx install --force '.[desk]') and go on "
            f"with it. Send the words above to whoever keeps Broadsheet. The backup stays: {to}/{made.name}",
        ) from None
    yield Step(f"The data are of Broadsheet {__version__} now; rows counted, pages opened")


def _settings_hold() -> None:
    wrong = [one for one in run_checks() if one.level >= ERROR]
    if wrong:
        raise KeepingError(
            "The settings do not hold",
            at="; ".join(str(one.msg) for one in wrong),
            hint="Mend them.",
        )


def _counts() -> dict[str, int]:
    """Rows of every table that there is, by its name in the database."""
    with connection.cursor() as cursor:
        out = {}
        for model in states.models(
            states.applied(DEFAULT_DB_ALIAS), MigrationLoader(connection)
        ).values():
            table = model._meta.db_table
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608
            out[table] = cursor.fetchone()[0]
    return out


# A new version may give these other rows: they are what Django knows of the code.
_OF_THE_CODE = ("django_content_type", "auth_permission")


def _look(before: dict[str, int]) -> None:
    """Whether the desk is whole: no rows fewer, no reference into nothing, and its pages open."""
    now = {model._meta.db_table: count for model, count in _now()}
    lost = [
        f"{table}: {count:,} before, {now[table]:,} now"
        for table, count in before.items()
        if table in now and now[table] < count and table not in _OF_THE_CODE
    ]
    if lost:
        raise KeepingError("Rows are missing after the upgrade", at="; ".join(lost))
    connection.check_constraints()
    host = settings.ALLOWED_HOSTS[0]
    for path in ("/", "/desk/sign-in/"):
        client = Client(HTTP_HOST=host, raise_request_exception=True)
        answer = client.get(path, secure=settings.ADDRESS.startswith("https://"))
        if answer.status_code >= 400:
            raise KeepingError(f"A page answers {answer.status_code} after the upgrade", at=path)


def _now() -> Iterator[tuple[type[Model], int]]:
    for model in rows.tables():
        yield model, model._base_manager.count()


def go_back_to_the_end(to: Place) -> Iterator[Step]:
    """Finish what a power cut stopped in the midst of going back; the tables are empty or half full then.

    `to` is where backups go; the one that is wanted may lie where it was made.
    """
    mark = Path(settings.HOME) / GOING_BACK
    if not mark.exists():
        return
    name, place = mark.read_text(encoding="utf-8").split("\n")
    yield Step(
        f"The last upgrade was stopped while it went back to {place}/{name}; going on with it"
    )
    _go_back(to if to.has(name) else places.named(place), name)
    yield Step("The data are as they were before that upgrade")


def _go_back(to: Place, name: str) -> None:
    mark = Path(settings.HOME) / GOING_BACK
    mark.write_text(f"{name}\n{to}", encoding="utf-8")
    with to.reading(name) as file:
        restoring.rows_of(file, backing.key(), at=f"{to}/{name}")
    mark.unlink()


def _roll_back(to: Place, name: str, why: Exception) -> None:
    connections.close_all()
    try:
        _go_back(to, name)
    except Exception as error:
        raise KeepingError(
            "The upgrade failed, and going back failed too",
            at=f"{type(why).__name__}: {why}; {type(error).__name__}: {error}",
            hint=f"Everything is in {to}/{name}. Install the version of before and restore it into an "
            "empty place: broadsheet restore",
        ) from error
