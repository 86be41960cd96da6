"""Letters of many hands are read, each by its own template. Written for development: no test of the unseen."""

from __future__ import annotations

from collections import Counter

from bench.bench_issuefile import f1, score
from tests.wire.issuefile import hands

FIELDS = ("item", "boundary", "headline", "date", "source", "link", "caption", "credit", "month")
SEEDS = range(300, 330)  # of which none was looked at while the reader was mended


def test_letters_of_many_hands_are_read_by_what_each_repeats() -> None:
    total: dict[str, Counter[str]] = {}
    for seed in SEEDS:
        for field, count in score(hands.letter(seed), wrong=False).items():
            total.setdefault(field, Counter()).update(count)
    low = {field: round(f1(total[field])[2], 3) for field in FIELDS if f1(total[field])[2] < 0.97}
    assert low == {}
