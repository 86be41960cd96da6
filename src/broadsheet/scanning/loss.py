"""What the cascade loses on the very archives at hand: a sample of their pages is read in full."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from broadsheet.scanning import files
from broadsheet.scanning.files import Task
from broadsheet.wire.scan import Funnel, Record, records

SEED = 10  # the same archives give the same sample


@dataclass(frozen=True, slots=True)
class Loss:
    """Of `pages` read in full, `true` are on the beat, and the cascade finds `found` of these."""

    pages: int
    true: int
    found: int
    archives: tuple[
        tuple[str, int, int, int], ...
    ] = ()  # the same for each archive, after its name

    def to_json(self) -> dict[str, Any]:
        """The counts, the share with its lower bound (None where nothing is on the beat), by archive too."""
        return {
            "pages": self.pages,
            "on_beat": self.true,
            "found": self.found,
            "recall": round(self.found / self.true, 4) if self.true else None,
            "at_least": round(self.least(), 4) if self.true else None,
            "confidence": 0.95,
            "seed": SEED,
            "archives": [
                {"archive": name, "pages": pages, "on_beat": true, "found": found}
                for name, pages, true, found in self.archives
            ],
        }

    def words(self) -> str:
        """One line, with what so many can tell."""
        if not self.true:
            return f"recall: none of {self.pages:,} pages that were read in full is on the beat; take more"
        low = self.least()
        return (
            f"recall: {self.found:,} of {self.true:,} found on {self.pages:,} pages that were read in "
            f"full ({self.found / self.true:.3f}; at least {low:.2f} with 95 % confidence)"
        )

    def least(self) -> float:
        """The lower bound of Wilson's 95 % interval of the recall."""
        n, share, z = self.true, self.found / self.true, 1.96
        middle = share + z * z / (2 * n)
        spread = z * math.sqrt((share * (1 - share) + z * z / (4 * n)) / n)
        return (middle - spread) / (1 + z * z / n)


def measured(given: Sequence[str], task: Task, many: int) -> Loss:
    """Recall on `many` pages, drawn alike from all pages of the archives (a reservoir)."""
    chance = random.Random(SEED)  # noqa: S311 - a sample, no secret
    drawn: list[tuple[str, Record]] = []
    seen = 0
    for name in given:
        if name == files.STDIN:
            continue
        with files.opened(name) as stream:
            for record in records(stream, Funnel(), task.limits):
                seen += 1
                if len(drawn) < many:
                    drawn.append((name, record.held()))
                elif (place := chance.randrange(seen)) < many:
                    drawn[place] = (name, record.held())
    cascade, whole = files.cascade(task), files.cascade(replace(task, everything=True))
    pages: Counter[str] = Counter()
    true: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for name, held in drawn:
        record = held.whole()
        pages[name] += 1
        if whole.look(record) is not None:
            true[name] += 1
            found[name] += cascade.look(record) is not None
    each = tuple((name, pages[name], true[name], found[name]) for name in sorted(pages))
    return Loss(len(drawn), true.total(), found.total(), each)
