"""The tables as they were at a certain set of migrations: those of this database, or of a backup.

A desk is backed up before it is brought up to date, by the newer code: so rows are read and written by
the models as migrations know them, never by those of today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from broadsheet.keeping import rows

Applied = Mapping[str, list[str]]  # app -> names of its migrations


def applied(using: str) -> dict[str, list[str]]:
    """What was applied to a database, by app. One query."""
    found: dict[str, list[str]] = {}
    for app, name in MigrationRecorder(connections[using]).applied_migrations():
        found.setdefault(app, []).append(name)
    return {app: sorted(names) for app, names in sorted(found.items())}


def unknown(done: Applied, loader: MigrationLoader) -> list[str]:
    """The migrations that this version does not know: they came with a newer one."""
    known = loader.graph.nodes
    replaced = {key for one in known.values() if one is not None for key in one.replaces or ()}
    return [
        f"{app} {name}"
        for app, names in done.items()
        for name in names
        if (app, name) not in known and (app, name) not in replaced
    ]


def last(done: Applied, loader: MigrationLoader) -> list[tuple[str, str]]:
    """Of each app the last that was applied: those before it come with it."""
    keys = {(app, name) for app, names in done.items() for name in names}
    nodes = loader.graph.node_map
    return [
        key
        for key in sorted(keys)
        if key in nodes
        and not any(child.key[0] == key[0] and child.key in keys for child in nodes[key].children)
    ]


def models(done: Applied, loader: MigrationLoader) -> dict[str, type[Model]]:
    """The models of then, by name."""
    state = loader.project_state(last(done, loader))
    return {rows.name(model): model for model in rows.tables(state.apps)}


def waiting(using: str) -> list[str]:
    """The migrations that this version would apply, in order."""
    executor = MigrationExecutor(connections[using])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{one.app_label} {one.name}" for one, _backwards in plan]


def names(found: Iterable[str], most: int = 3) -> str:
    """The first of some names, for a sentence."""
    listed = list(found)
    return ", ".join(listed[:most]) + (" …" if len(listed) > most else "")
