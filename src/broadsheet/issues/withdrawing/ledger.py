"""The ledger of withdrawals beside the database: an older backup knows nothing of them.

`withdrawn.jsonl` in the desk's folder has a line for each, with keyed hashes alone. Keep it with the secret
key when a desk moves; a restored database is held against it at every start.
"""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from broadsheet.issues.models import Mark, Withdrawal


def path() -> Path:
    """Where the ledger lies."""
    return Path(settings.HOME) / "withdrawn.jsonl"


def lines() -> list[dict[str, Any]]:
    """What the ledger says. A line that a crash cut off is passed over: its row is in the database."""
    if not path().exists():
        return []
    out = []
    for line in path().read_text(encoding="utf-8").splitlines():
        try:
            out.append(json.loads(line))
        except ValueError:
            continue
    return out


def write(withdrawal: Withdrawal) -> None:
    """Add a withdrawal; on disk before this returns."""
    marks = withdrawal.marks.order_by("pk").values_list("kind", "mark", "words")
    line = {
        "uid": withdrawal.uid,
        "at": withdrawal.at.isoformat(),
        "marks": [list(mark) for mark in marks],
    }
    path().parent.mkdir(parents=True, exist_ok=True)
    with path().open("a", encoding="utf-8") as file:
        if file.tell() and not _ends_whole():
            file.write("\n")
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _ends_whole() -> bool:
    with path().open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def unknown() -> list[dict[str, Any]]:
    """The lines that this database knows nothing of."""
    held = set(Withdrawal.objects.values_list("uid", flat=True))
    return [line for line in lines() if line.get("uid") not in held]


def unwritten() -> list[Withdrawal]:
    """The withdrawals of this database that the ledger lacks: the desk has moved without it."""
    written = {line.get("uid") for line in lines()}
    return list(Withdrawal.objects.exclude(uid__in=written))


@transaction.atomic
def read(line: dict[str, Any]) -> Withdrawal:
    """Keep a line of the ledger in this database, to be applied to it."""
    made = Withdrawal.objects.create(uid=line["uid"], at=datetime.fromisoformat(line["at"]))
    Mark.objects.bulk_create(
        Mark(withdrawal=made, kind=kind, mark=mark, words=count)
        for kind, mark, count in line["marks"]
    )
    return made
