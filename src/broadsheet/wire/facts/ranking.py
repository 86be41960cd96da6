"""Places in the US TIP Report."""

# ruff: noqa: E501 -- patterns read worse in pieces
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from broadsheet.wire import places
from broadsheet.wire.facts.claim import Fact
from broadsheet.wire.facts.sentence import Sentence

_TIER = re.compile(
    r"['\"\u2018\u201c]?\bTier[ -](?P<n>[123]|One|Two|Three)\b['\"\u2019\u201d]?(?P<wl>,?[ -]?\(?(?:special )?Watch ?list\)?)?",
    re.IGNORECASE,
)


_REPORT = re.compile(
    r"\b(?:TIP|traffick\w*|State Department|Department of State|Washington|the US|the United States|watch ?list|ranking)\b",
    re.IGNORECASE,
)


_MOVED = re.compile(
    r"\b(?:upgrad\w+|downgrad\w+|promot\w+|demot\w+|moved (?:[\w ]{0,40}?)(?:up|down)|lifted|raised|lowered|dropp\w+|relegat\w+|fell|slipp\w+|"
    r"remain\w*|kept|keeps|stay\w*|retain\w*|placed|moved [^.]{0,60}?\b(?:up|down))\b",
    re.IGNORECASE,
)


_DIRECTIONS = (
    ("up", r"upgrad|promot|\bup\b|lifted|raised"),
    ("down", r"downgrad|demot|\bdown\b|lowered|dropp|relegat|fell|slipp"),
    ("same", r"remain|kept|keeps|stay|retain"),
)


_WORST_FIRST = ("3", "2WL", "2", "1")
_FROM = re.compile(r"\bfrom (?:the )?$", re.IGNORECASE)


def ranking(said: Sentence) -> Fact | None:
    """A place in the US TIP Report, beside what the beat's table says (never corrected by it)."""
    if not said.context.beat.tiers:
        return None
    tiers = list(_TIER.finditer(said.text))
    if not tiers or not (
        _REPORT.search(said.text)
        or any(t["wl"] for t in tiers)
        or len(tiers) > 1
        or _MOVED.search(said.text)
    ):
        return None
    countries = [h for h in places.find(said.text, said.context.beat.home) if h.kind != "people"]
    countries = [h for h in countries if h.iso2 != "US"] or countries
    if not countries:
        return None
    now, before = _now_and_before(said.text, tiers)
    edition = _edition(said)
    value: dict[str, Any] = {
        "scheme": "US TIP",
        "country": places.iso3(countries[0].iso2) or countries[0].iso2,
        "edition": edition,
        "tier": _tier(now),
    }
    if before is not None:
        value["previous"] = _tier(before)
    direction = _direction(said.text, value["tier"], value.get("previous"))
    if direction:
        value["direction"] = direction
    if re.search(r"\bwaiver\b", said.text, re.IGNORECASE):
        value["waiver"] = True
    value |= _checked(said, value, edition)
    return said.fact("ranking", value, now.start(), now.end(), "R.tier")


def _now_and_before(
    text: str, tiers: Sequence[re.Match[str]]
) -> tuple[re.Match[str], re.Match[str] | None]:
    """The tier of this report and, of two in a sentence, the one that stands behind "from"."""
    if len(tiers) == 1:
        return tiers[0], None
    first, second = tiers[0], tiers[1]
    if _FROM.search(text[max(0, first.start() - 12) : first.start()]):
        return second, first
    if _FROM.search(text[max(0, second.start() - 12) : second.start()]):
        return first, second
    return first, None


def _direction(text: str, tier: str, previous: str | None) -> str | None:
    """ "up", "down" or "same", as the sentence says it or else as its two tiers do."""
    if moved := _MOVED.search(text):
        words = moved.group().lower()
        for name, pattern in _DIRECTIONS:
            if re.search(pattern, words):
                return name
    if previous not in _WORST_FIRST or tier not in _WORST_FIRST:
        return None
    step = _WORST_FIRST.index(tier) - _WORST_FIRST.index(previous)
    return "up" if step > 0 else "down" if step < 0 else "same"


def _tier(match: re.Match[str]) -> str:
    digit = {"one": "1", "two": "2", "three": "3"}.get(match["n"].lower(), match["n"])
    return "2WL" if digit == "2" and match["wl"] else digit


def _edition(said: Sentence) -> int | None:
    named = re.search(
        r"\b(?:report,? (?:for |of )?((?:19|20)\d\d)|((?:19|20)\d\d)(?: US| annual)? (?:TIP|Trafficking|report))",
        said.text,
        re.IGNORECASE,
    )
    if named:
        return int(named.group(1) or named.group(2))
    days = [d.first.year for d in said.dates if d.first and d.precision == "day"]
    if days:
        return days[0]
    # "the latest report" is that of the year of publication where that year is known.
    if said.context.stamp and re.search(
        r"\b(?:latest|new|this year's|today|now|annual)\b", said.text, re.IGNORECASE
    ):
        return int(said.context.stamp[:4])
    return None


def _checked(said: Sentence, value: Mapping[str, Any], edition: int | None) -> dict[str, Any]:
    row = next(
        (t for t in said.context.beat.tiers if t.iso3 == value["country"] and t.year == edition),
        None,
    )
    last = next(
        (
            t
            for t in said.context.beat.tiers
            if edition and t.iso3 == value["country"] and t.year == edition - 1
        ),
        None,
    )
    return {
        "checked_against": "tip_tiers.csv",
        "table": {"tier": row.tier if row else None, "previous": last.tier if last else None},
        "agrees": None if row is None else row.tier == value["tier"],
    }
