"""One claim of an article."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERSION = "1"  # of the rules


@dataclass(frozen=True, slots=True)
class Fact:
    """One claim of an article.

    kind       victims, suspects, persons_moved, dates, statistics, law, agencies, amounts, places,
               ranking or safety (facts.yaml, schema)
    value      the fields of that kind; what is missing was not stated
    field      "headline", "description" or "text"
    start, end   code points in that field as given
    said_by    facts.yaml, value_rules.claim; "not_stated" where nobody is named
    certainty  stated, attributed, alleged, denied or estimated
    rule       the rule that read it, with the version of the rules
    """

    kind: str
    value: Mapping[str, Any] = field(default_factory=dict)
    field: str = "text"
    start: int = 0
    end: int = 0
    said_by: str = "not_stated"
    certainty: str = "stated"
    rule: str = ""


def ruled(name: str) -> str:
    """The name of a rule with the version of the rules."""
    return f"{name}/{VERSION}"


def whole(number: float | None) -> int | float | None:
    """A number as JSON has it: 40, not 40.0; None for one that is too large to be an amount."""
    if number is None or math.isinf(number):  # 400 figures in a row are no amount
        return None
    return int(number) if number == int(number) else number
