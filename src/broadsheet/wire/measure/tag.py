"""Micro-F1 of the tagger for each axis, beside the plain phrases."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from broadsheet.wire import tag
from broadsheet.wire.beat import Beat
from broadsheet.wire.model import Article
from broadsheet.wire.phrases import Matcher


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article with the codes that a reader gave it, by axis; an axis that is missing was not read."""

    article: Article
    codes: Mapping[str, tuple[str, ...]]

    @property
    def half(self) -> str:
        """ "tuned" or "unseen": which half of the labels it belongs to, by the CRC-32 of its id."""
        return "unseen" if zlib.crc32(str(self.article.id).encode()) % 2 else "tuned"


@dataclass
class Score:
    """Counts of codes: right, given but wrong, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    slips: dict[str, list[str]] = field(default_factory=dict)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 0.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0

    @property
    def f1(self) -> float:
        both = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / both if both else 0.0

    def add(self, gold: Iterable[str], given: Iterable[str], of: object = "") -> None:
        want, have = set(gold), set(given)
        self.right += len(want & have)
        self.wrong += len(have - want)
        self.missed += len(want - have)
        if want != have:
            self.slips[str(of)] = [f"+{c}" for c in sorted(have - want)] + [
                f"-{c}" for c in sorted(want - have)
            ]


def plain(article: Article, beat: Beat) -> dict[str, tuple[str, ...]]:
    """The yardstick: every strong phrase, and weak ones where an anchor stands anywhere.

    The same rule of parents as the tagger's, so that only finding is compared.
    """
    matcher = Matcher.of(beat)
    text = f"{article.headline}\n\n{article.text}"
    scan = matcher.scan(text)
    hits = scan.classes(near_anchor=not scan.anchors)
    found: dict[str, set[str]] = {}
    for hit in hits:
        found.setdefault(hit.axis, set()).add(hit.code)
    return tag.most_specific(found, beat)


def measure(
    rows: Sequence[Labelled], beat: Beat, plain_beat: Beat, on_beat: bool
) -> dict[str, dict[str, dict[str, Score]]]:
    """Way -> part -> axis -> score. Ways: "tag" and "phrases"; parts: "all", "tuned", "unseen"."""
    scores: dict[str, dict[str, dict[str, Score]]] = {}
    for row in rows:
        ways = {
            "tag": tag.tag(row.article, beat, on_beat=on_beat).codes,
            "phrases": plain(row.article, plain_beat),
        }
        for way, codes in ways.items():
            for part in ("all", row.half):
                for axis, gold in row.codes.items():
                    scores.setdefault(way, {}).setdefault(part, {}).setdefault(axis, Score()).add(
                        gold, codes.get(axis, ()), row.article.id
                    )
    return scores
