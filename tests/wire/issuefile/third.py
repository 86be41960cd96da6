"""The third blind set: 24 letters as files, each written as an organisation of its kind would send it.

`letters/third/tune` may be looked at to mend the reader; `letters/third/aside` is only ever scored,
never read, so that its figures stay those of letters which nobody has met. `labels.json` beside the
letters says what is in them. The fifth and sixth set are kept in the same way. An address that a
mail gateway or a search service wrapped is labelled unwrapped; an address behind a number (a click
counter) as it stands. The organisations, outlets, people and events do not exist.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from tests.wire.issuefile.invented import Group, Letter, News

FOLDER = Path(__file__).parent / "letters" / "third"
FIFTH = FOLDER.parent / "fifth"
SIXTH = FOLDER.parent / "sixth"
HALVES = ("tune", "aside")
_PRECISION = {4: "year", 7: "month", 10: "day"}  # by the length of an ISO date


def letters(half: str, of: Path = FOLDER) -> list[Letter]:
    """The letters of a half of the third set, or of another that is kept in halves."""
    return labelled(of / half)


def labelled(folder: Path) -> list[Letter]:
    """The letters of a folder in the order of its labels; an export gives one for each of its posts."""
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    return [
        Letter(
            name,
            (folder / name).read_bytes(),
            row["layout"],
            [
                Group(section["heading"], tuple(_news(item) for item in section["items"]))
                for section in issue["sections"]
            ],
            issue["month"],
            tuple(issue["titles"]),
            one_of_several=len(row["issues"]) > 1,
        )
        for name, row in labels.items()
        for issue in row["issues"]
    ]


def _news(row: dict[str, Any]) -> News:
    day = row.pop("date", "")
    links = [(words, url) for words, url in row.pop("links", ())]
    first = date.fromisoformat(day + "-01-01"[len(day) - 4 :]) if day else None
    return News(
        summary=row.pop("summary", ""),
        day=first,
        precision=_PRECISION.get(len(day), "day"),
        extra=tuple(links),
        **row,
    )
