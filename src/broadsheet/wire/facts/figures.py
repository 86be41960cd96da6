"""Figures of whole years and countries."""

# ruff: noqa: E501 -- patterns read worse in pieces
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from broadsheet.wire.facts import numbers
from broadsheet.wire.facts.claim import Fact, whole
from broadsheet.wire.facts.people import Group
from broadsheet.wire.facts.sentence import Sentence

_N = numbers.NUMBER


_STATISTIC = re.compile(
    rf"(?:(?P<issuer>(?:[Tt]he )?(?:[\w-]+ ){{0,2}}?(?:ministry|government|department|office|charity|police|report|agency|NRM|helpline|hotline|commission|UN|ILO|IOM|UNODC)) )?"
    rf"(?P<verb>recorded|registered|logged|counted|detected|documented|received|reported)\s(?:more than |about |around |some |over |nearly |at least |a record |a total of )*(?P<value>{_N})\s"
    rf"(?P<what>(?:(?:potential|suspected|possible|confirmed|trafficking|human|presumed|identified|new|modern|slavery|child|formal|labour|sex|forced|criminal)\s)*(?:victims|referrals|investigations|prosecutions|convictions|calls|cases|survivors))"
    r"(?=[^.]*?(?:\bin (?:19|20)\d\d|\bup from\b|\bdown from\b|\bcompared (?:with|to)\b|\blast year\b|\bthe year before\b|\ba year earlier\b))",
    re.IGNORECASE,
)


_PREVIOUS = re.compile(
    rf"\b(?:up from|down from|compared with|compared to|from)\s(?P<value>(?!(?:19|20)\d\d\b){_N})\b",
    re.IGNORECASE,
)


def statistics(said: Sentence) -> Iterator[Fact]:
    """What an agency counted in a year, with the figure before where it stands beside it."""
    match = _STATISTIC.search(said.text)
    if match is None:
        return
    value_ = numbers.value(match["value"])
    if value_ is None or (re.fullmatch(r"(?:19|20)\d\d", match["value"])):
        return
    population = match["what"].strip()
    value: dict[str, Any] = {"value": whole(value_), "population": population, "kind": "count"}
    for unit, patterns in said.context.rules.data["statistics"]["units"].items():
        if any(re.search(rf"\b{p}\b", population, re.IGNORECASE) for p in patterns):
            value["unit"] = unit
            break
    else:
        return
    years = [d for d in said.dates if d.precision == "year" and d.first and d.last]
    if years:
        assert years[0].first is not None
        assert years[0].last is not None
        value["period"] = {"from": years[0].first.isoformat(), "to": years[0].last.isoformat()}
    if re.search(r"\bestimat", said.text, re.IGNORECASE):
        value["kind"] = "estimate"
    before = _PREVIOUS.search(said.text)
    if before:
        previous = numbers.value(before["value"])
        if previous:
            value["previous"] = whole(previous)
            value["change_pct"] = round(100 * (value_ - previous) / previous, 1)
    elif not years and not match["verb"]:
        return
    issuer = (match["issuer"] or "").strip().lower()
    if issuer:
        value["issuer"] = issuer.removeprefix("the ")
    yield said.fact("statistics", value, match.start("value"), match.end("what"), "X.count")


def overall(said: Sentence, group: Group) -> Fact | None:
    """A figure for the whole world is a statistic, never a group of people at hand."""
    number = group.count.exact or group.count.min or group.count.max or 0
    if number < 1000 or not re.search(
        said.context.rules.data["statistics"]["overall"], said.text, re.IGNORECASE
    ):
        return None
    kind = "estimate" if re.search(r"\bestimat", said.text, re.IGNORECASE) else "count"
    return said.fact(
        "statistics",
        {"value": number, "population": group.noun, "kind": kind},
        group.start,
        group.end,
        "X.overall",
    )
