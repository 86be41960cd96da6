"""An import from beginning to end, for tests that are about what follows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from broadsheet.mailing import imported, importing
from broadsheet.mailing.models import Import

AGREED = "They ticked a box on our old site: send me the newsletter."


def look(
    newsletter: Any, table: str | bytes, now: datetime, name: str = "list.csv", **but: Any
) -> Import:
    made = importing.start(newsletter, name, None, now, **but)
    data = table.encode() if isinstance(table, str) else table
    imported.upload(made).write_bytes(data)
    importing.look(made, now)
    return made


def take(
    newsletter: Any, table: str | bytes, now: datetime, name: str = "list.csv", **but: Any
) -> Import:
    made = look(newsletter, table, now, name, **but)
    assert made.state == "ready", made.problem
    importing.agree(made, AGREED, now)
    for _done in importing.take(made, now):
        pass
    made.refresh_from_db()
    assert made.state == "done"
    return made
