"""The index of an app's texts: a table of its own, which the app makes, fills and asks by these verbs.

SQLite: an FTS5 table with the tokens of `words.kept` between blanks. PostgreSQL: a tsvector of the
same tokens with their places, under a GIN index. Neither uses the database's own splitting of
words, which knows no Chinese and differs between the two.
"""

# ruff: noqa: S608, S611 -- only the name of the table goes into a statement, and it is checked

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, F
from django.db.models.expressions import Expression, RawSQL

from broadsheet.search import words
from broadsheet.search.grammar import Text

MOST_TOKENS = 20_000  # of one text: a newspaper page has a thousand; a tsvector holds at most 1 MB
_LAST_PLACE = 16_383  # of a tsvector; PostgreSQL manual, 12.11
_AT_ONCE = 200  # documents in one statement
# Matches from which on rows are asked one by one. Counted by hand on SQLite at the desk of
# bench_desk_200k, for a word in nine articles of ten: 0.5 ms to count as far as this; looking up the
# stories of all matches 63 ms, asking best first until a page is full 1 ms.
COMMON = 5000


@dataclass(frozen=True, slots=True)
class Document:
    """What a row is found by. `facets` are pairs of a name and a value, matched exactly."""

    pk: int
    head: str
    body: str = ""
    facets: tuple[tuple[str, str], ...] = ()


def facet(name: str, value: str) -> str:
    """A facet as one token; letters and digits only, so that no database takes it apart."""
    return f"{name}x{value.casefold().encode().hex()}"


class _Stands(Expression):
    """EXISTS of an index's row for the row at hand: see Index.stands."""

    conditional = True

    def __init__(self, table: str, key: tuple[str, str], asked: str) -> None:
        super().__init__(output_field=BooleanField())
        self._statement = f"EXISTS (SELECT 1 FROM {table} WHERE {key[1]} AND {key[0]} = {{pk}})"
        self._asked = asked
        self._pk: Any = F("pk")

    def get_source_expressions(self) -> list[Any]:
        return [self._pk]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        (self._pk,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        pk, params = compiler.compile(self._pk)
        return self._statement.format(pk=pk), [self._asked, *params]


class Index:
    """A named index. `create` and `drop` are for migrations; the rest for the app that owns it."""

    def __init__(self, table: str) -> None:
        if not re.fullmatch(r"[a-z_]{1,60}", table):
            raise ValueError(f"{table!r} cannot name a table")
        self.table = table

    # --- for migrations ---

    def create(self, apps: Any, schema: Any) -> None:
        """Make the table; for `RunPython`."""
        for statement in _CREATE[_kind(schema.connection)]:
            schema.execute(statement.format(table=self.table))

    def drop(self, apps: Any, schema: Any) -> None:
        """Undo `create`."""
        schema.execute(f"DROP TABLE IF EXISTS {self.table}")

    # --- for the app ---

    def put(self, documents: Iterable[Document]) -> int:
        """Keep these documents; one that is there already is replaced. In the caller's transaction."""
        connection = connections[router.db_for_write(object)]  # type: ignore[arg-type]
        stream, count = iter(documents), 0
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            while batch := list(itertools.islice(stream, _AT_ONCE)):
                count += len(batch)
                if _kind(connection) == "sqlite":
                    self._delete(cursor, [one.pk for one in batch])
                    cursor.executemany(
                        f"INSERT INTO {self.table} (rowid, head, body, facets) VALUES (%s, %s, %s, %s)",
                        [_row(one) for one in batch],
                    )
                else:
                    cursor.executemany(
                        f"INSERT INTO {self.table} (doc, terms) VALUES (%s, %s::tsvector) "
                        "ON CONFLICT (doc) DO UPDATE SET terms = excluded.terms",
                        [(one.pk, _vector(one)) for one in batch],
                    )
        return count

    def remove(self, pks: Sequence[int]) -> None:
        """Forget these documents and their words."""
        connection = connections[router.db_for_write(object)]  # type: ignore[arg-type]
        with connection.cursor() as cursor:
            for at in range(0, len(pks), _AT_ONCE):
                self._delete(cursor, pks[at : at + _AT_ONCE])

    def _delete(self, cursor: Any, pks: Sequence[int]) -> None:
        key = "rowid" if cursor.db.vendor == "sqlite" else "doc"
        places = ", ".join(["%s"] * len(pks))
        cursor.execute(f"DELETE FROM {self.table} WHERE {key} IN ({places})", list(pks))

    def matching(self, texts: Sequence[Text], facets: Sequence[tuple[str, str]] = ()) -> RawSQL:
        """The keys of the documents that have all these texts and facets, for `pk__in`."""
        key, asked = self._key(), self._asked(texts, facets)
        return RawSQL(f"SELECT {key[0]} FROM {self.table} WHERE {key[1]}", [asked])

    def stands(self, texts: Sequence[Text], facets: Sequence[tuple[str, str]] = ()) -> Expression:
        """Whether the document of a row has all these texts and facets, asked for that row alone.

        `matching` looks up all documents first: this is for a question that most answer, where the
        first page of an ordered list is there after a few rows.
        """
        return _Stands(self.table, self._key(), self._asked(texts, facets))

    def common(self, texts: Sequence[Text], facets: Sequence[tuple[str, str]] = ()) -> bool:
        """Whether so many documents have these texts that `stands` is the quicker question."""
        return self.count(self._asked(texts, facets), COMMON) == COMMON

    def _key(self) -> tuple[str, str]:
        """The column of the key, and the condition, of the database at hand."""
        if _kind(connections[router.db_for_read(object)]) == "sqlite":  # type: ignore[arg-type]
            return "rowid", f"{self.table} MATCH %s"
        return "doc", "terms @@ %s::tsquery"

    def _asked(self, texts: Sequence[Text], facets: Sequence[tuple[str, str]]) -> str:
        """The question, in the language of the database at hand."""
        marks = [facet(name, value) for name, value in facets]
        if _kind(connections[router.db_for_read(object)]) == "sqlite":  # type: ignore[arg-type]
            return " AND ".join(
                [f'facets : "{mark}"' for mark in marks] + [fts5(one) for one in texts]
            )
        return " & ".join([f"'{mark}':D" for mark in marks] + [tsquery(one) for one in texts])

    # --- for a search that needs no other table: see asking.question() ---

    def newest(self, question: str, most: int, *, below: int | None = None) -> list[int]:
        """The keys of the documents that answer a question, greatest key first, at most so many.

        Stops as soon as it has them, however many there are. `below` goes on where a page ended.
        """
        connection = connections[router.db_for_read(object)]  # type: ignore[arg-type]
        key, asked = self._key()
        params: list[Any] = [question]
        if below is not None:
            asked += f" AND {key} < %s"
            params.append(below)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {key} FROM {self.table} WHERE {asked} ORDER BY {key} DESC LIMIT %s",
                [*params, most],
            )
            return [row[0] for row in cursor.fetchall()]

    def count(self, question: str, most: int = 1_000_000_000) -> int:
        """How many documents answer a question; counting stops at `most`."""
        connection = connections[router.db_for_read(object)]  # type: ignore[arg-type]
        _key, asked = self._key()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM (SELECT 1 FROM {self.table} WHERE {asked} LIMIT %s) AS counted",
                [question, most],
            )
            return int(cursor.fetchone()[0])

    def tokens(self, pks: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Head and body of documents as their tokens, with a blank before and after each."""
        connection = connections[router.db_for_read(object)]  # type: ignore[arg-type]
        found: dict[int, tuple[str, str]] = {}
        with connection.cursor() as cursor:
            for at in range(0, len(pks), _AT_ONCE):
                some = list(pks[at : at + _AT_ONCE])
                places = ", ".join(["%s"] * len(some))
                if _kind(connection) == "sqlite":
                    cursor.execute(
                        f"SELECT rowid, head, body FROM {self.table} WHERE rowid IN ({places})",
                        some,
                    )
                    # fetchall: walking Django's cursor row by row costs ten times the reading
                    rows = cursor.fetchall()
                    found.update((pk, (f" {head} ", f" {body} ")) for pk, head, body in rows)
                    continue
                cursor.execute(_IN_ORDER.format(table=self.table, places=places), some)
                found.update(
                    (pk, (f" {head or ''} ", f" {body or ''} "))
                    for pk, head, body in cursor.fetchall()
                )
        return found

    def emptied(self) -> None:
        """Forget everything, before it is put in anew."""
        connection = connections[router.db_for_write(object)]  # type: ignore[arg-type]
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.table}")

    def compact(self) -> None:
        """Write the index anew without what was taken out of it.

        FTS5 marks words as gone and keeps them until it merges its parts; `rebuild` makes the parts from
        the rows that are left. A PostgreSQL index drops them at the next VACUUM, which is the server's.
        """
        connection = connections[router.db_for_write(object)]  # type: ignore[arg-type]
        if _kind(connection) == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO {self.table} ({self.table}) VALUES ('rebuild')")


def _kind(connection: BaseDatabaseWrapper) -> str:
    return "sqlite" if connection.vendor == "sqlite" else "postgresql"


_CREATE = {
    # "ascii" takes every character beyond ASCII for part of a word, so the tokens stay as they are.
    # Optimised in small steps at each write: a page never waits for a great merge.
    "sqlite": (
        "CREATE VIRTUAL TABLE {table} USING fts5(head, body, facets, tokenize='ascii', columnsize=0)",
    ),
    "postgresql": (
        "CREATE TABLE {table} (doc bigint PRIMARY KEY, terms tsvector NOT NULL)",
        "CREATE INDEX {table}_terms ON {table} USING gin (terms)",
    ),
}


# Documents' tokens in the order of their texts, from tsvectors that are taken apart. Put together by the
# server: as rows, the tokens of 120 documents took 31 ms of this process, and take 1 ms so (10,000 items).
_IN_ORDER = """
    SELECT doc, string_agg(lexeme, ' ' ORDER BY place) FILTER (WHERE weight = 'A'),
           string_agg(lexeme, ' ' ORDER BY place) FILTER (WHERE weight = 'B')
    FROM {table}
    LEFT JOIN LATERAL (
        SELECT lexeme, place, weight
        FROM unnest(terms), unnest(positions, weights) AS placed(place, weight)
    ) AS said ON true
    WHERE doc IN ({places}) GROUP BY doc
"""


def _row(one: Document) -> tuple[int, str, str, str]:
    return (
        one.pk,
        " ".join(_kept(one.head)),
        " ".join(_kept(one.body)),
        " ".join(facet(name, value) for name, value in one.facets),
    )


def _kept(text: str) -> Iterator[str]:
    return itertools.islice(words.kept(text), MOST_TOKENS)


def _vector(one: Document) -> str:
    """The document as PostgreSQL writes a tsvector: 'token':place with a weight for its field."""
    places: dict[str, list[str]] = {}
    at = 0
    for weight, text in (("A", one.head), ("B", one.body)):
        for token in _kept(text):
            at += 1
            held = places.setdefault(token, [])
            if len(held) < 255:  # more places of one token are not kept by PostgreSQL
                held.append(f"{min(at, _LAST_PLACE)}{weight}")
        at += 10  # so that no phrase runs from the head into the body
    parts = [f"{_quoted(token)}:{','.join(held)}" for token, held in places.items()]
    parts += [f"'{facet(name, value)}':{_LAST_PLACE}D" for name, value in one.facets]
    return " ".join(parts)


def _quoted(token: str) -> str:
    return "'" + token.replace("\\", "\\\\").replace("'", "''") + "'"


def fts5(text: Text, columns: str = "{head body}") -> str:
    """A word or phrase as FTS5 asks for it, in these columns."""
    parts = []
    for n, run in enumerate(text.runs):
        phrase = " ".join(run).replace('"', '""')
        star = " *" if text.prefix and n == len(text.runs) - 1 else ""
        parts.append(f'{columns} : "{phrase}"{star}')
    return "(" + " AND ".join(parts) + ")"


def tsquery(text: Text, weights: str = "AB") -> str:
    """A word or phrase as PostgreSQL asks for it, in the fields of these weights."""
    parts = []
    for n, run in enumerate(text.runs):
        last = len(run) - 1
        starred = text.prefix and n == len(text.runs) - 1
        tokens = [
            f"{_quoted(token)}:{'*' if starred and at == last else ''}{weights}"
            for at, token in enumerate(run)
        ]
        parts.append("(" + " <-> ".join(tokens) + ")")
    return "(" + " & ".join(parts) + ")"
