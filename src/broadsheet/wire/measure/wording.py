"""How well the wording rules find what people marked, and how often they speak without cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from broadsheet.wire import wording
from broadsheet.wire.beat import Beat


@dataclass(slots=True)
class Score:
    """Counts of findings. A finding is right where it touches marked words; `same_rule` counts those
    that name the marked rule too."""

    rows: int = 0
    right: int = 0
    wrong: int = 0
    missed: int = 0
    same_rule: int = 0
    marked: int = 0
    slips: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return (self.marked - self.missed) / self.marked if self.marked else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def measure(
    rows: Iterable[Mapping[str, Any]], beat: Beat, *, least: str = "hint"
) -> tuple[Score, Score]:
    """Scores of the words and of whole rows. Rows are `{id?, field?, language?, text, findings}`.

    `findings` lists what a person marked: `{rule, matched}`, with `rule` null where no rule is meant
    to cover it; it counts as missed all the same. Findings below the severity `least` are passed over.
    Of rows: right are those that were flagged and had to be, wrong those flagged without cause.
    """
    words, whole = Score(), Score()
    order = [*wording.Severity]
    floor = order.index(wording.Severity(least))
    for row in rows:
        text = row["text"]
        marks = [_mark(text, given) for given in row["findings"]]
        found = [
            f
            for f in wording.check(
                text,
                beat,
                field=row.get("field") or "summary",
                language=row.get("language") or "en",
            )
            if order.index(f.severity) >= floor
        ]
        words.rows += 1
        whole.rows += 1
        words.marked += len(marks)
        for one in found:
            touched = [rule for rule, start, end in marks if one.start < end and start < one.end]
            if touched:
                words.right += 1
                words.same_rule += one.rule in touched
            else:
                words.wrong += 1
                words.slips.append(f"+ {one.rule} {one.matched!r}: {text}")
        for rule, start, end in marks:
            if not any(f.start < end and start < f.end for f in found):
                words.missed += 1
                words.slips.append(f"- {rule} {text[start:end]!r}: {text}")
        whole.marked += bool(marks)
        whole.right += bool(marks and found)
        whole.wrong += bool(found and not marks)
        whole.missed += bool(marks and not found)
    return words, whole


def _mark(text: str, given: Mapping[str, Any]) -> tuple[str | None, int, int]:
    start = text.index(given["matched"])
    return given.get("rule"), start, start + len(given["matched"])
