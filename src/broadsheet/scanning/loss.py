"""What the cascade loses on the very archives at hand: a sample of their pages is read in full."""

from __future__ import annotations

import math
import random
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
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
        if not self.pages:
            return "recall: there was no page to read in full: none passed the record filter"
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


class Sample:
    """`many` pages, drawn alike from all that are offered (a reservoir). They wait packed, in memory."""

    def __init__(self, many: int) -> None:
        self.many = many
        self.seen = 0
        self.drawn: list[tuple[str, Record, bytes]] = []
        self._chance = random.Random(SEED)  # noqa: S311 - a sample, no secret

    def offer(self, name: str, record: Record) -> None:
        """A page of the archive `name` may be drawn."""
        self.seen += 1
        if len(self.drawn) < self.many:
            self.drawn.append(_waiting(name, record))
        elif (place := self._chance.randrange(self.seen)) < self.many:
            self.drawn[place] = _waiting(name, record)

    def pages(self) -> Iterator[Record]:
        for _, record, packed in self.drawn:
            yield replace(record, body=zlib.decompress(packed)) if packed else record.whole()


def _waiting(name: str, record: Record) -> tuple[str, Record, bytes]:
    held = record.held()
    if not held.body:
        return name, held, b""
    # Of a stream that cannot go back nothing is known of how the page lay there: it is packed by us.
    return name, replace(held, body=b""), zlib.compress(held.body, 1)


def measured(
    given: Sequence[str],
    task: Task,
    sample: Sample,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Loss:
    """Recall on the sample: what it has been offered of standard input, and the archives of `given`.

    `told` hears how many pages of how many have been read in full.
    """
    for name in given:
        if name == files.STDIN:
            continue
        with files.opened(name) as stream:
            for record in records(stream, Funnel(), task.limits):
                sample.offer(name, record)
    cascade, whole = files.cascade(task), files.cascade(replace(task, everything=True))
    pages: Counter[str] = Counter()
    true: Counter[str] = Counter()
    found: Counter[str] = Counter()
    reads = files.full_reads(sample.pages(), whole, task)
    for (name, _, _), (record, on_beat) in zip(sample.drawn, reads, strict=True):
        pages[name] += 1
        if on_beat is not None:
            true[name] += 1
            found[name] += cascade.promising(record)  # the last step is the same for both
        told(pages.total(), len(sample.drawn))
    each = tuple((name, pages[name], true[name], found[name]) for name in sorted(pages))
    return Loss(len(sample.drawn), true.total(), found.total(), each)
