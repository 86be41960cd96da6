"""Making backups: one encrypted file with everything, while the desk runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.migrations.loader import MigrationLoader

from broadsheet import __version__, given
from broadsheet.keeping import bundle, home, places, promises, rows, sealed, states
from broadsheet.keeping.errors import KeepingError
from broadsheet.keeping.places import Kept, Place

KEY_FILE = "backup-key"
_SNAPSHOT = "snapshot"  # the name of the connection that sees one moment of the database


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made and read again to its end."""

    name: str
    size: int  # bytes
    rows: int
    files: int
    left_out: tuple[str, ...]  # what lies in the desk's folder and nobody knows
    removed: tuple[str, ...]  # older backups whose time was over


# --- the key and the place -----------------------------------------------------------------------


def key() -> str:
    """The passphrase of this desk's backups: as set, else the one that was made for it. KeepingError."""
    if settings.BACKUP_KEY:
        return str(settings.BACKUP_KEY)
    file = _key_file()
    if file.is_file() and (found := file.read_text(encoding="utf-8").strip()):
        return found
    raise KeepingError(
        "This desk has no key for backups yet",
        at=str(file),
        hint="`broadsheet backup` makes one, or set BROADSHEET_BACKUP_KEY.",
    )


def make_key() -> str | None:
    """See to it that there is a key; the new one where it was made now, to be written down."""
    if settings.BACKUP_KEY or (
        _key_file().is_file() and _key_file().read_text(encoding="utf-8").strip()
    ):
        return None
    made = sealed.new_key()
    aside = Path(settings.HOME) / f".{KEY_FILE}.{os.getpid()}"
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(made + "\n")
    aside.replace(_key_file())
    return made


def _key_file() -> Path:
    return Path(settings.HOME) / KEY_FILE


def place(named: str = "") -> Place:
    """Where this desk's backups lie: as named, as set, else `backups` in its own folder."""
    return places.named(named or settings.BACKUP_TO or str(Path(settings.HOME) / "backups"))


# --- making one ----------------------------------------------------------------------------------


def make(to: Place, now: datetime, *, current: bool = True) -> Made:
    """Write a backup of this moment into a place, read it again, and let go of those that are over.

    The desk goes on meanwhile: the rows are those of one moment (a snapshot of the database), files
    are added after it, so that none is missing that a row names. Memory: some megabytes, however
    large the desk. KeepingError where it cannot be written; no file then looks like a backup.
    """
    passphrase, name = key(), places.name_for(now)
    _has_room(to)
    with to.writing(name) as out:
        end = _write(out, passphrase)
    try:
        size = _read_again(to, name, passphrase)
    except KeepingError:
        to.remove(name)  # a disk that forgets: better no backup than one that is believed in
        raise
    if current:
        promises.write(to, passphrase, now)
    removed = tuple(over(to.kept(), settings.BACKUP_KEEP)) if current else ()
    for old in removed:
        to.remove(old)
    return Made(
        name,
        size,
        sum(one.rows for one in end.tables.values()),
        end.files,
        tuple(home.unknown(Path(settings.HOME))),
        removed,
    )


def _write(out: IO[bytes], passphrase: str) -> bundle.End:
    seen: dict[str, rows.Print] = {}
    with snapshot() as using:
        loader = MigrationLoader(connections[using])
        done = states.applied(using)
        packer = bundle.Packer(out, passphrase, _manifest(using, done))
        models = list(states.models(done, loader).values())
        for model in models:
            for number, part in enumerate(rows.parts(model, using, seen), start=1):
                packer.put_rows(rows.name(model), number, part)
        numbers = rows.last_numbers(models, using)
    files = _files(packer)
    tables = {name: bundle.Printed(one.rows, one.sha256) for name, one in seen.items()}
    end = bundle.End(tables, numbers, files)
    packer.close(end)
    return end


def _files(packer: bundle.Packer) -> int:
    count = 0
    for found in home.files(Path(settings.HOME), settings.BEAT):
        try:
            file = found.path.open("rb")
        except FileNotFoundError:  # swept away since it was listed: no row names it any more
            continue
        with file:
            about = os.fstat(file.fileno())
            packer.put_file(f"files/{found.name}", file, about.st_size, about.st_mode & 0o777)
        count += 1
    return count


def _manifest(using: str, done: states.Applied) -> bundle.Manifest:
    return bundle.Manifest(
        format=bundle.FORMAT,
        version=__version__,
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        database=connections[using].vendor,
        migrations=dict(done),
        secret_key=settings.SECRET_KEY,
        settings={
            name: value for name, value in sorted(os.environ.items()) if name.startswith(given.OURS)
        },
    )


@contextmanager
def snapshot() -> Iterator[str]:
    """A connection that sees the database as it is now, while others go on writing; its name.

    SQLite: a transaction that only reads, on the write-ahead log. PostgreSQL: REPEATABLE READ.
    """
    given = connections[DEFAULT_DB_ALIAS].settings_dict
    options = dict(given["OPTIONS"])
    if connections[DEFAULT_DB_ALIAS].vendor == "postgresql":
        from psycopg import IsolationLevel  # noqa: PLC0415 -- only where it is the database

        options["isolation_level"] = IsolationLevel.REPEATABLE_READ
    else:
        options["transaction_mode"] = "DEFERRED"  # IMMEDIATE would hold every writer up
    connections.databases[_SNAPSHOT] = {**given, "OPTIONS": options}
    try:
        with transaction.atomic(using=_SNAPSHOT):
            yield _SNAPSHOT
    finally:
        connections[_SNAPSHOT].close()
        del connections[_SNAPSHOT]
        connections.databases.pop(_SNAPSHOT, None)


def _has_room(to: Place) -> None:
    """KeepingError where the place has less room than the last backup took, and a half more."""
    free, before = to.free(), to.kept()
    if free is None or not before:
        return
    wanted = before[-1].size * 3 // 2
    if free < wanted:
        raise KeepingError(
            f"There is no room for a backup: {free / 1e6:,.0f} MB are free, and {wanted / 1e6:,.0f} MB "
            "are needed",
            at=str(to),
            hint="Make room, keep fewer (BROADSHEET_BACKUP_KEEP), or name another place.",
        )


def _read_again(to: Place, name: str, passphrase: str) -> int:
    """Read a backup to its end, so that it is known to be whole; its size."""
    with to.reading(name) as file:
        unpacker = bundle.Unpacker(file, passphrase, at=f"{to}/{name}")
        for entry in unpacker.entries():
            while entry.file.read(1 << 20):
                pass
        return file.tell()


# --- letting go ----------------------------------------------------------------------------------


def over(kept: list[Kept], keep: tuple[int, int, int]) -> Iterator[str]:
    """The backups whose time is over: all but the last of so many days, weeks (ISO) and months, and
    but the newest three, whenever they were made.
    """
    days, weeks, months = keep
    staying = {one.name for one in kept[-3:]}
    for most, bucket in (
        (days, lambda one: one.made.date().isoformat()),
        (weeks, lambda one: "{}-{}".format(*one.made.isocalendar()[:2])),
        (months, lambda one: f"{one.made:%Y-%m}"),
    ):
        last = {bucket(one): one.name for one in kept}  # the oldest first, so the last one stays
        staying |= set(list(last.values())[-most:] if most else ())
    return (one.name for one in kept if one.name not in staying)


def is_due(to: Place, now: datetime, every: timedelta = timedelta(hours=20)) -> bool:
    """Whether the newest backup is older than a night; made at another hour today, it still counts."""
    kept = to.kept()
    return not kept or now - kept[-1].made >= every


__all__ = ["KEY_FILE", "Made", "is_due", "key", "make", "make_key", "over", "place", "snapshot"]
