"""A sentence, and what is known of it before its claims are read: who speaks, how surely, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from broadsheet.wire.facts import times
from broadsheet.wire.facts.claim import Fact, ruled
from broadsheet.wire.facts.rules import Context


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of one field of an article.

    start      where it begins in the field, in code points
    said_by, certainty   as of a `Fact`: what its claims take over unless they know better
    dates      the dates that it states, in their order
    """

    context: Context
    field: str
    text: str
    start: int
    said_by: str
    certainty: str
    dates: list[times.Stated]

    def fact(
        self, kind: str, value: Mapping[str, Any], start: int, end: int, rule: str, **but: str
    ) -> Fact:
        """A claim of this sentence, whose words stand in it from `start` to `end`."""
        return Fact(
            kind,
            value,
            self.field,
            self.start + start,
            self.start + end,
            but.get("said_by", self.said_by),
            but.get("certainty", self.certainty),
            ruled(rule),
        )


def sentence(context: Context, field: str, text: str, start: int) -> Sentence:
    """A sentence with its speaker, certainty and dates."""
    said_by = _speaker(context, text)
    dates = times.find(text, context.published, context.stamp)
    return Sentence(context, field, text, start, said_by, _certainty(context, text, said_by), dates)


def _speaker(context: Context, text: str) -> str:
    """Who is named first as saying it."""
    best: tuple[int, str] | None = None
    for who, pattern in context.rules.speaker:
        match = pattern.search(text)
        if match and (best is None or match.start() < best[0]):
            best = (match.start(), who)
    return best[1] if best else "not_stated"


def _certainty(context: Context, text: str, said_by: str) -> str:
    for name, patterns in context.rules.certainty:
        if name == "denied":
            continue
        if any(p.search(text) for p in patterns):
            return name
    return "stated" if said_by == "not_stated" else "attributed"
