"""Restoring a backup into an empty place: another machine, another database, a newer Broadsheet.

The tables are first made as they were when the backup was made, filled, and then brought up to date by
the same migrations that any desk goes through. While it goes on a folder `.restoring` lies in the desk's
folder: a restore that was killed is begun anew, and what it had written is its own to overwrite.
"""

from __future__ import annotations

import gzip
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from broadsheet import __version__
from broadsheet.issues import filing
from broadsheet.keeping import bundle, home, places, promises, rows, states
from broadsheet.keeping.errors import KeepingError
from broadsheet.news import finding

MARK = ".restoring"
SETTINGS = "settings-of-backup"


@dataclass(slots=True)
class Restored:
    """What came out of a backup. `differs` names tables that do not read as they were written."""

    manifest: bundle.Manifest
    rows: int = 0
    files: int = 0
    differs: list[str] = field(default_factory=list)
    promises: promises.Renewed | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of a restore, in words."""

    words: str


def restore(file: IO[bytes], passphrase: str, *, at: str) -> Iterator[Progress | Restored]:
    """Restore a backup into this desk's folder and database, which must be empty. Yields as it goes.

    KeepingError with a wrong key, a damaged file, a newer version, or a place that is not empty: then
    nothing was changed, or the restore can be begun anew.
    """
    unpacker = bundle.Unpacker(file, passphrase, at=at)
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    _is_known(unpacker.manifest, executor, at)
    mark = Path(settings.HOME) / MARK
    _is_empty(mark)
    mark.mkdir(parents=True, exist_ok=True, mode=0o700)
    yield Progress(
        f"The backup is of {unpacker.manifest.made}, Broadsheet {unpacker.manifest.version}"
    )
    out = Restored(unpacker.manifest)
    models = _tables_of(unpacker.manifest, executor)
    yield from _take_in(unpacker, models, mark, out)
    _settle(mark, unpacker.manifest)
    yield Progress("Bringing the tables up to date and filling the indexes")
    call_command("migrate", verbosity=0, interactive=False)
    index({rows.name(model): model for model in rows.tables()})
    shutil.rmtree(mark)
    yield out


def rows_of(file: IO[bytes], passphrase: str, *, at: str) -> None:
    """Put the tables of this desk back as a backup has them; its files stay as they are.

    For an upgrade that failed. The tables are those of the backup's version, not of this one.
    """
    unpacker = bundle.Unpacker(file, passphrase, at=at)
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    models = _tables_of(unpacker.manifest, executor)
    out = Restored(unpacker.manifest)
    with tempfile.TemporaryDirectory(prefix="broadsheet-back-") as aside:
        for _step in _take_in(unpacker, models, Path(aside), out):
            pass
    index(models)


def _is_known(manifest: bundle.Manifest, executor: MigrationExecutor, at: str) -> None:
    """KeepingError where the backup's tables are of a version that this one does not know."""
    newer = states.unknown(manifest.migrations, executor.loader)
    if newer:
        raise KeepingError(
            f"The backup was made by Broadsheet {manifest.version}, which is newer than this {__version__}",
            at=at,
            hint=f"Install Broadsheet {manifest.version} or a newer one, then restore. "
            f"(Unknown here: {states.names(newer)})",
        )


def _is_empty(mark: Path) -> None:
    if mark.exists():  # a restore of ours that did not come to its end
        shutil.rmtree(mark)
        return
    there = [name for name in home.KEPT if (mark.parent / name).exists()]
    if there:
        raise KeepingError(
            f"There is a desk already: {', '.join(there)}",
            at=str(mark.parent),
            hint="Restore into an empty folder: set BROADSHEET_HOME to a new one.",
        )
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        tables = set(connection.introspection.table_names())
        held = "people_editor" in tables and _any(connection, "people_editor")
    except DatabaseError as error:
        raise KeepingError(
            "The database cannot be opened",
            at=connection.vendor,
            hint="Look at DATABASE_URL; for PostgreSQL make an empty database first.",
        ) from error
    if held:
        raise KeepingError(
            "The database has a desk in it already",
            at=connection.vendor,
            hint="Restore into an empty database: DATABASE_URL names it.",
        )


def _any(connection: Any, table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(table)} LIMIT 1")  # noqa: S608
        return cursor.fetchone() is not None


def _tables_of(manifest: bundle.Manifest, executor: MigrationExecutor) -> dict[str, Any]:
    """Make the tables as they were, empty; the models of then, by name."""
    clear()
    executor.loader.build_graph()
    executor.migrate(states.last(manifest.migrations, executor.loader))
    return states.models(manifest.migrations, executor.loader)


def clear() -> None:
    """Take every table out of the database, with all that is in it."""
    connection = connections[DEFAULT_DB_ALIAS]
    quoted = connection.ops.quote_name
    known = set(connection.introspection.table_names())
    # The virtual ones first: SQLite takes their shadow tables with them.
    virtual = [name for name in known if name in (finding.WORDS.table, filing.WORDS.table)]
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for name in [*virtual, *sorted(known - set(virtual))]:
            cascade = " CASCADE" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TABLE IF EXISTS {quoted(name)}{cascade}")


def _take_in(
    unpacker: bundle.Unpacker, models: Mapping[str, Any], mark: Path, out: Restored
) -> Iterator[Progress]:
    """Files to one side, rows into the tables; compared with what the backup says it holds."""
    with transaction.atomic():
        rows.empty(list(models.values()))  # what migrations put there by themselves
        table = ""
        for entry in unpacker.entries():
            if entry.name.startswith("files/"):
                _keep(entry, mark)
                out.files += 1
                continue
            _rows, named, _part = entry.name.split("/")
            if named not in models:
                raise KeepingError("The backup has a table that nobody knows", at=named)
            if named != table:
                table = named
                yield Progress(f"Reading {table}")
            out.rows += rows.load(models[table], gzip.decompress(entry.file.read()))
        assert unpacker.end is not None
        rows.number_on(list(models.values()), unpacker.end.numbers)
        _compare(unpacker.end, models, out)
        connections[DEFAULT_DB_ALIAS].check_constraints()


def _compare(end: bundle.End, models: Mapping[str, Any], out: Restored) -> None:
    found = rows.prints(models.values())
    for name, told in end.tables.items():
        here = found.get(name, rows.Print())
        if here.rows != told.rows:
            raise KeepingError(
                f"{told.rows:,} rows were in the backup and {here.rows:,} came in",
                at=name,
                hint="Nothing was kept. Restore again, or take another backup.",
            )
        if here.sha256 != told.sha256:
            out.differs.append(name)
    if out.files != end.files:
        raise KeepingError(
            f"{end.files:,} files were in the backup, {out.files:,} came", at="files"
        )


def _keep(entry: bundle.Entry, mark: Path) -> None:
    path = (mark / "files" / entry.name.removeprefix("files/")).resolve()
    if not path.is_relative_to((mark / "files").resolve()):
        raise KeepingError("The backup names a file outside the desk's folder", at=entry.name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, entry.mode), "wb") as file:
        shutil.copyfileobj(entry.file, file)


def _settle(mark: Path, manifest: bundle.Manifest) -> None:
    """Move the files to where they belong; the secret key and the old settings beside them."""
    target = mark.parent
    for one in sorted((mark / "files").iterdir()) if (mark / "files").is_dir() else ():
        there = target / one.name
        if there.is_dir():
            shutil.rmtree(there)
        one.replace(there)
    if not (target / "secret-key").exists():  # it came by the environment
        _private(target / "secret-key", manifest.secret_key)
    # Quoted as a shell and systemd's EnvironmentFile both take it: a backslash would else be lost.
    lines = [f"{name}={shlex.quote(value)}" for name, value in manifest.settings.items()]
    _private(target / SETTINGS, "".join(f"{line}\n" for line in lines))


def _private(path: Path, text: str) -> None:
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)


def index(models: Mapping[str, Any]) -> None:
    """Fill the indexes of words, which every database keeps in its own way, from the rows of now."""
    there = connections[DEFAULT_DB_ALIAS].introspection.table_names()
    with transaction.atomic():
        if finding.WORDS.table in there:
            finding.WORDS.emptied()
            finding.put(models["news.article"]._base_manager.iterator(chunk_size=500))
        if filing.WORDS.table in there:
            filing.WORDS.emptied()
            filed = models["issues.filed"]._base_manager.iterator(chunk_size=500)
            filing.WORDS.put(map(filing.document, filed))


def keep_promises(place: places.Place, passphrase: str) -> promises.Renewed | None:
    """Keep again what was promised after the backup was made; None where no promises lie there."""
    if not place.has(promises.FILE):
        return None
    with place.reading(promises.FILE) as file:
        given = promises.read(file, passphrase, at=f"{place}/{promises.FILE}")
    return promises.renew(given, timezone.now())
