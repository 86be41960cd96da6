"""Labelled rows for fitting and measuring the judge, and which of them say the same."""

from __future__ import annotations

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from broadsheet.wire.errors import RowError
from broadsheet.wire.judge import features
from broadsheet.wire.judge.fitting import Labelled

ROWS, LEADS = "rows.jsonl", "leads.jsonl"
ALIKE = 0.5  # share of words in common at which two headlines count as near-duplicates
_COMMON = 400  # a word in more headlines than this does not lead from one to another


@dataclass(frozen=True, slots=True)
class Judged(Labelled):
    """A labelled row as it stands in a file of relevance labels."""

    id: str = ""
    dataset: str = ""
    date: str = ""
    code: str = ""

    @property
    def month(self) -> str:
        """The month of its date, "2026-03"; "undated" where there is none."""
        return self.date[:7] if self.date[:4].isdigit() else "undated"


def invented(folder: Path) -> list[Labelled]:
    """The invented rows of a training folder; none where the folder has no such file."""
    path = folder / ROWS
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [Labelled(row["headline"], bool(row["relevant"])) for row in map(json.loads, lines)]


def leads(folder: Path) -> list[Labelled]:
    """The invented headlines with a first paragraph; none where the folder has no such file."""
    path = folder / LEADS
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [
            Labelled(row["headline"], bool(row["relevant"]), group=row["line"], text=row["text"])
            for row in map(json.loads, lines)
        ]


def ordinary(path: Path) -> list[Labelled]:
    """Articles with text, all of them known to be off the beat: JSON Lines with title and text."""
    with path.open(encoding="utf-8") as lines:
        return [
            Labelled(
                str(row.get("title") or row.get("headline") or ""),
                False,
                "presumed",
                group=str(row.get("cluster") or row.get("id") or ""),
                text=str(row.get("text") or ""),
            )
            for row in map(json.loads, lines)
        ]


def read(path: Path) -> list[Judged]:
    """The rows of a file of labels (JSON Lines, also .gz). RowError names a line that is none."""
    opened = (
        gzip.open(path, "rt", encoding="utf-8")
        if path.suffix == ".gz"
        else path.open("r", encoding="utf-8")
    )
    rows = []
    with opened as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                rows.append(row_of(_object(line, f"line {number}"), f"line {number}"))
    return rows


def _object(line: str, at: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise RowError("This line is not JSON", at=at) from error
    if not isinstance(row, dict):
        raise RowError("This line is JSON, but no object", at=at)
    return row


def row_of(row: dict[str, Any], at: str) -> Judged:
    """A labelled row: `title` or `headline`, `label` relevant or not, `grade`."""
    headline, label = row.get("title") or row.get("headline"), row.get("label")
    if not isinstance(headline, str) or label not in ("relevant", "not"):
        raise RowError("A labelled row has a title, and a label that is relevant or not", at=at)
    grade = row.get("grade") or "clear"
    if grade not in ("clear", "borderline", "presumed"):
        raise RowError(f"{grade!r} is not a grade", at=at, hint="clear, borderline or presumed.")
    return Judged(
        headline=headline,
        relevant=label == "relevant",
        grade=grade,
        text=row.get("text") or "",
        id=str(row.get("id") or ""),
        dataset=str(row.get("dataset") or ""),
        date=str(row.get("date") or ""),
        code=str(row.get("code") or ""),
    )


def grouped(rows: Sequence[Judged]) -> list[Judged]:
    """The rows with near-duplicate headlines put in one group, named by its first row."""
    leaders = alike([row.headline for row in rows])
    return [
        replace(row, group=f"{rows[leader].headline}")
        for row, leader in zip(rows, leaders, strict=True)
    ]


def alike(headlines: Iterable[str]) -> list[int]:
    """For each headline the index of the first of its near-duplicates (itself where it has none).

    Near-duplicates share half or more of their longer words (Jaccard); what is alike through a
    third is alike.
    """
    sets = [frozenset(w for w in features.words(line) if len(w) > 2) for line in headlines]
    leader = list(range(len(sets)))

    def find(at: int) -> int:
        while leader[at] != at:
            leader[at] = leader[leader[at]]
            at = leader[at]
        return at

    having: dict[str, list[int]] = defaultdict(list)
    for at, words in enumerate(sets):
        shared: Counter[int] = Counter()
        for word in words:
            if len(having[word]) < _COMMON:
                shared.update(having[word])
            having[word].append(at)
        for other, count in shared.items():
            if count >= ALIKE * len(words | sets[other]):
                a, b = find(at), find(other)
                leader[max(a, b)] = min(a, b)
    return [find(at) for at in range(len(sets))]
