"""The rows of all tables as lines of JSON and back, alike on SQLite and PostgreSQL.

A table is named by its model ("news.article"), a row is a list in the order of the columns. Rows are
read and written by the fields of the models, so that what one database keeps as text and the other as
`jsonb` or `timestamptz` is the same line in a backup.
"""

# ruff: noqa: S608 -- only the names of our own tables and columns go into a statement, quoted

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.apps import apps as django_apps
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.models import Field, Model

from broadsheet.keeping.errors import KeepingError

_AT_ONCE = 500  # rows in one statement, and from one fetch
_PART = 2_000_000  # bytes of lines in one part: what is held in memory at once, some times over
_ENCODER = msgspec.json.Encoder()
# What a print is made of: keys of JSON in order, since `jsonb` keeps none, and no zero below zero,
# which it does not know either.
_PRINTED = msgspec.json.Encoder(order="deterministic")
_BELOW_ZERO = re.compile(rb"(?<=[\[:,])-0\.0(?=[,\]}])")


@dataclass(slots=True)
class Print:
    """What a table held: how many rows, and the SHA-256 of their lines in order of their keys."""

    rows: int = 0
    sha256: str = ""


@dataclass(slots=True)
class _Growing:
    rows: int = 0
    hash: Any = field(default_factory=hashlib.sha256)

    def add(self, row: Sequence[Any]) -> None:
        self.rows += 1
        self.hash.update(_BELOW_ZERO.sub(b"0.0", _line(row, _PRINTED)))

    def done(self) -> Print:
        return Print(self.rows, self.hash.hexdigest())


def tables(apps: Any = django_apps) -> list[type[Model]]:
    """Every model with a table of its own, also those between two others; `apps` may be historical."""
    return sorted(
        (
            model
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed and not model._meta.proxy
        ),
        key=name,
    )


def name(model: type[Model]) -> str:
    return str(model._meta.label_lower)


def fields(model: type[Model]) -> list[Field[Any, Any]]:
    """The columns of a table in the order of a line: the key, then by name; none that the database makes.

    By name, since models as migrations know them have their fields in the order in which they came.
    """
    found = [one for one in model._meta.concrete_fields if not one.generated]
    return sorted(found, key=lambda one: (not one.primary_key, one.attname))


def parts(model: type[Model], using: str, into: dict[str, Print]) -> Iterator[bytes]:
    """A table as parts of lines; the first line of each names the columns.

    Read in one pass with bounded memory. When all is read, `into` has the table's print.
    """
    columns = _ENCODER.encode([one.attname for one in fields(model)])
    part, size, seen = [columns], 0, _Growing()
    for row in _rows(model, using):
        seen.add(row)
        line = _line(row, _ENCODER)
        part.append(line)
        size += len(line)
        if size >= _PART:
            yield b"\n".join(part) + b"\n"
            part, size = [columns], 0
    if len(part) > 1:
        yield b"\n".join(part) + b"\n"
    into[name(model)] = seen.done()


def _rows(model: type[Model], using: str) -> Iterator[Sequence[Any]]:
    """The rows of a table, in order of their keys."""
    found = (
        model._base_manager.using(using)
        .order_by("pk")
        .values_list(*(one.attname for one in fields(model)))
    )
    return found.iterator(chunk_size=_AT_ONCE)


def _line(row: Sequence[Any], encoder: msgspec.json.Encoder) -> bytes:
    try:
        return encoder.encode(row)
    except (
        UnicodeEncodeError
    ):  # half a character, as SQLite takes it within JSON and UTF-8 does not
        return encoder.encode([_mended(value) for value in row])


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list | tuple):
        return [_mended(one) for one in value]
    if isinstance(value, dict):
        return {_mended(key): _mended(one) for key, one in value.items()}
    return value


def prints(models: Iterable[type[Model]], using: str = DEFAULT_DB_ALIAS) -> dict[str, Print]:
    """What tables hold now, to compare it with what a backup says."""
    out = {}
    for model in models:
        seen = _Growing()
        for row in _rows(model, using):
            seen.add(row)
        out[name(model)] = seen.done()
    return out


def counts(models: Iterable[type[Model]], using: str = DEFAULT_DB_ALIAS) -> dict[str, int]:
    return {name(model): model._base_manager.using(using).count() for model in models}


def empty(models: Sequence[type[Model]]) -> None:
    """Take all rows out of these tables; foreign keys are looked at when the transaction ends."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")


def load(model: type[Model], part: bytes) -> int:
    """Write a part's rows into a table as they are: no default, no moment of now, no check of ours.

    In the caller's transaction. KeepingError, with the row, where the database refuses one.
    """
    first, *rest = part.splitlines()
    by_name = {one.attname: one for one in fields(model)}
    named = json.loads(first)
    if unknown := [one for one in named if one not in by_name]:
        raise KeepingError(
            "The backup has columns that this version does not know",
            at=f"{name(model)}: {', '.join(unknown)}",
            hint="Take the version of Broadsheet that made it, or a newer one.",
        )
    chosen = [by_name[str(one)] for one in named]
    connection = connections[DEFAULT_DB_ALIAS]
    quoted = connection.ops.quote_name
    columns = ", ".join(quoted(str(one.column)) for one in chosen)
    statement = (
        f"INSERT INTO {quoted(model._meta.db_table)} ({columns}) "
        f"VALUES ({', '.join(['%s'] * len(chosen))})"
    )
    # Neither a text nor a JSON value may hold the character 0 on PostgreSQL; SQLite takes it.
    without_zero = connection.vendor == "postgresql"
    for at in range(0, len(rest), _AT_ONCE):
        some = [
            [
                one.get_db_prep_save(one.to_python(_taken(value, without_zero)), connection)
                for one, value in zip(chosen, json.loads(line), strict=True)
            ]
            for line in rest[at : at + _AT_ONCE]
        ]
        _insert(connection, statement, some, model)
    return len(rest)


def _insert(connection: Any, statement: str, rows: list[list[Any]], model: type[Model]) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)
    except (DatabaseError, ValueError, OverflowError) as error:
        raise KeepingError(
            "The database refuses a row of the backup",
            at=f"{name(model)}, among the rows {rows[0][0]} to {rows[-1][0]}",
            hint="The backup itself is not harmed.",
        ) from error


def _taken(value: Any, without_zero: bool) -> Any:
    if not without_zero:
        return value
    if isinstance(value, str):
        return value.replace("\x00", "") if "\x00" in value else value
    if isinstance(value, list):
        return [_taken(one, True) for one in value]
    if isinstance(value, dict):
        return {_taken(key, True): _taken(one, True) for key, one in value.items()}
    return value


def number_on(models: Sequence[type[Model]], greatest: Mapping[str, int]) -> None:
    """Let new rows be numbered on from where the desk had come, so that no number is given twice.

    A mail that went out names its rows by number: a number that was used once must not come back for
    another row, even where its own row is gone. `greatest` is `last_numbers` of the old desk.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
            cursor.execute(statement)
        for model in models:
            used = greatest.get(name(model), 0)
            table = model._meta.db_table
            if not used or not _numbered(model):
                continue
            if connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), "
                    f"GREATEST(%s, (SELECT coalesce(max({connection.ops.quote_name('id')}), 1) "
                    f"FROM {connection.ops.quote_name(table)})))",
                    [connection.ops.quote_name(table), "id", used],
                )
            else:
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute(
                    "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, max(%s, "
                    f"(SELECT coalesce(max(id), 0) FROM {connection.ops.quote_name(table)})))",
                    [table, used],
                )


def last_numbers(models: Sequence[type[Model]], using: str) -> dict[str, int]:
    """The greatest number that each table ever gave a row."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT t.relname, s.last_value FROM pg_sequences s "
                "JOIN pg_class q ON q.relname = s.sequencename AND q.relkind = 'S' "
                "AND q.relnamespace = s.schemaname::regnamespace "
                "JOIN pg_depend d ON d.objid = q.oid AND d.deptype IN ('a', 'i') "
                "JOIN pg_class t ON t.oid = d.refobjid WHERE s.schemaname = current_schema()"
            )
        else:
            cursor.execute("SELECT name, seq FROM sqlite_sequence")
        by_table = {table: int(last or 0) for table, last in cursor.fetchall()}
    return {name(one): by_table.get(one._meta.db_table, 0) for one in models if _numbered(one)}


def _numbered(model: type[Model]) -> bool:
    return model._meta.auto_field is not None
