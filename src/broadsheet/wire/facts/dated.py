"""When what a sentence tells of happened."""

# ruff: noqa: E501 -- patterns read worse in pieces
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from broadsheet.wire.facts.claim import Fact
from broadsheet.wire.facts.sentence import Sentence

_EARLIER = re.compile(
    r"\b(?:arrested|detained|rescued|freed|charged|convicted|found|held|seized|jailed) (?:late |early )?(?:in |on )?$",
    re.IGNORECASE,
)


def dates(said: Sentence, *, report: bool) -> Iterator[Fact]:
    """The days of events, of announcements and of earlier events; a report is no announcement."""
    for stated in said.dates:
        before = said.text[: stated.start]
        announced = bool(said.context.rules.said.search(before)) and not report
        if stated.years:
            if re.search(
                r"\b(?:traffick|forced|exploit|held|kept|keeping|labou?r|slave)", said.text
            ):
                yield said.fact(
                    "dates",
                    {"exploitation_period": stated.plain()},
                    stated.start,
                    stated.end,
                    "D.period",
                )
            continue
        if stated.precision == "year":
            continue  # a year alone is the period of a figure or the name of a law
        if re.search(r"\b(?:until|by|before|since|after|next|from) $", before):
            continue
        if re.search(r"\b(?:will|due|scheduled|expected|is to|are to|set to)\b[^.;]*$", before):
            continue  # what is to come is no event yet
        behind = said.text[stated.end :]
        if _EARLIER.search(before) and re.match(r",? (?:was|were|has|have|had|is|are)\b", behind):
            # "Three men arrested in March were sentenced": March is not the day of this news.
            yield said.fact(
                "dates", {"earlier": stated.plain()}, stated.start, stated.end, "D.earlier"
            )
            continue
        role = "announced" if announced else "event"
        yield said.fact("dates", {role: stated.plain()}, stated.start, stated.end, f"D.{role}")


def when(said: Sentence) -> dict[str, Any] | None:
    """The one day or month of what the sentence tells; None where there are several."""
    days = [d for d in said.dates if not d.years and d.precision in ("day", "week", "month")]
    days = [
        d
        for d in days
        if not said.context.rules.said.search(said.text[: d.start])
        and not _EARLIER.search(said.text[: d.start])
    ] or days
    return days[0].plain() if len(days) == 1 else None
