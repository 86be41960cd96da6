"""Amounts of money, and what they were for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from broadsheet.wire.facts import courts, money
from broadsheet.wire.facts.claim import Fact, whole
from broadsheet.wire.facts.sentence import Sentence

MOST = 25  # amounts of one sentence: with more it is a table


def amounts(said: Sentence) -> Iterator[Fact]:
    """The first amounts of a sentence, each with what it was for and for whom, where that is said."""
    for amount in money.find(said.text, said.context.countries)[:MOST]:
        kind = _nearest(said, said.context.rules.amounts, amount.start, amount.end)
        value: dict[str, Any] = {
            "min": whole(amount.min),
            "max": whole(amount.max),
            "currency": amount.currency,
            "kind": kind,
        }
        if kind == "fine" and courts.is_penalty(said, amount.start, amount.end):
            value["min"] = None
        behind = said.text[amount.end : amount.end + 25]
        for per, patterns in said.context.rules.per:
            if any(p.search(behind) for p in patterns):
                value["per"] = per
                break
        else:
            if kind in ("unpaid_wages", "compensation") and re.search(
                r"\b(?:was|is) (?:awarded|paid|given|granted|owed) $",
                said.text[: amount.start],
            ):
                value["per"] = "person"
        if amount.note:
            value["note"] = amount.note
        yield said.fact("amounts", value, amount.start, amount.end, "A.amount")


def _nearest(
    said: Sentence, kinds: Sequence[tuple[str, tuple[re.Pattern[str], ...]]], start: int, end: int
) -> str | None:
    """The kind whose word stands nearest; one that stands right behind is nearer than one in front."""
    best: tuple[int, str] | None = None
    for name, patterns in kinds:
        for pattern in patterns:
            for match in pattern.finditer(said.text):
                away = match.start() - end if match.start() >= end else start - match.end() + 12
                if 0 <= away <= 90 and (best is None or away < best[0]):
                    best = (away, name)
    return best[1] if best else None
