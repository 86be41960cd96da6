"""Sentences of courts, and the most that a law allows."""

# ruff: noqa: E501 -- patterns read worse in pieces
from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from broadsheet.wire.facts import numbers
from broadsheet.wire.facts.claim import Fact, whole
from broadsheet.wire.facts.people import Group
from broadsheet.wire.facts.sentence import Sentence

_N = numbers.NUMBER
_TERM = rf"(?:{_N})(?: and (?:{_N}))?(?:-| )(?:and-a-half-)?(?:years?|months?)(?: and (?:{_N}) (?:months?|years?))*|life\b"
_SENTENCED = re.compile(
    rf"\b(?:jail(?:s|ed)|sentenc(?:e|es|ed|ing)|imprison(?:s|ed)|handed|gets?|got|given|gave|receiv(?:e|es|ed)|serv(?:e|es|ing))\b"
    rf"[^.;]{{0,70}}?(?:\b(?:to|for|of|with)\b )?(?:an? )?(?:total of |suspended |combined |minimum of |maximum of )*"
    rf"(?:(?:{_TERM})(?:[^.;]{{0,40}}?\b(?:suspended|each|in (?:prison|jail)|imprisonment|behind bars|respectively)\b)*|life (?:in prison|imprisonment|sentences?)|death\b|(?:a )?suspended sentences?(?: of (?:{_TERM}))?|community (?:order|service))",
    re.IGNORECASE,
)


def terms(
    said: Sentence, found: Sequence[Group]
) -> Iterator[tuple[Group | None, list[dict[str, Any]], int, int]]:
    """Whom a court sentenced (None where no group stands before it), to what, and where that stands."""
    for match in _SENTENCED.finditer(said.text):
        if is_penalty(said, match.start(), match.end()):
            continue
        given = _terms_in(match.group())
        if not given:
            continue
        joined = re.search(r"\b(consecutive|concurrent)", said.text[match.start() :])
        if joined:
            for term in given:
                term["terms"] = joined.group(1)
        owner = _owner(match, found)
        yield owner, given, match.start(), match.end()


def _owner(match: re.Match[str], found: Sequence[Group]) -> Group | None:
    inside = [g for g in found if g.side == "suspects" and match.start() <= g.start < match.end()]
    if inside:
        return inside[0]
    before = [g for g in found if g.side == "suspects" and g.start < match.start()]
    return before[-1] if before else None


def _terms_in(words: str) -> list[dict[str, Any]]:
    """The punishments that the words state, in their order."""
    each = bool(re.search(r"\beach\b", words, re.IGNORECASE))
    suspended = bool(re.search(r"\bsuspended\b", words, re.IGNORECASE))
    kind = "suspended" if suspended else "prison"
    if re.search(r"\blife\b", words, re.IGNORECASE):
        made: list[dict[str, Any]] = [{"kind": "life"}]
    elif re.search(r"\bdeath\b", words, re.IGNORECASE):
        made = [{"kind": "death"}]
    elif re.search(r"\bcommunity (?:order|service)", words, re.IGNORECASE):
        made = [{"kind": "community"}]
    else:
        two = re.search(rf"({_N})(?: years?)? and ({_N}) years?\b", words, re.IGNORECASE)
        mixed = re.search(rf"({_N})(?:-| )years?(?: and|,)? ({_N}) months?\b", words, re.IGNORECASE)
        years = re.search(rf"({_N})(?:-| )years?\b", words, re.IGNORECASE)
        months = re.search(rf"({_N})(?:-| )months?\b", words, re.IGNORECASE)
        if mixed:
            made = [
                {
                    "kind": kind,
                    "years": whole(numbers.value(mixed.group(1))),
                    "months": whole(numbers.value(mixed.group(2))),
                }
            ]
        elif two and "and a half" not in words:
            made = [{"kind": kind, "years": whole(numbers.value(n))} for n in two.groups()]
        elif years:
            made = [{"kind": kind, "years": whole(numbers.value(years.group(1)))}]
        elif months:
            made = [{"kind": kind, "months": whole(numbers.value(months.group(1)))}]
        elif suspended:
            made = [{"kind": "suspended"}]
        else:
            return []
    if re.search(
        rf"\b(?:more than|over|at least) (?:{_N})[ -](?:years?|months?)", words, re.IGNORECASE
    ):
        made[0]["at_least"] = True
    if each:
        for term in made:
            term["each"] = True
    return made


def is_penalty(said: Sentence, start: int, end: int) -> bool:
    """Whether words speak of the most that a law allows, and so of nobody's sentence."""
    return any(
        m.start() < end and m.end() > start - 30
        for p in said.context.rules.penalty
        for m in p.finditer(said.text)
    )


def penalties(said: Sentence) -> Iterator[Fact]:
    """The longest term that a law allows."""
    for pattern in said.context.rules.penalty:
        match = pattern.search(said.text)
        if match is None:
            continue
        term = re.search(
            rf"(?P<n>{numbers.NUMBER})(?: years?|-year)|\blife\b",
            said.text[match.start() :],
            re.IGNORECASE,
        )
        if term is None or term.start() > 60:
            continue
        value: dict[str, Any] = {"relation": "maximum_penalty"}
        if term["n"]:
            value["years"] = whole(numbers.value(term["n"]))
        else:
            value["life"] = True
        at = match.start() + term.start()
        yield said.fact("law", value, at, match.start() + term.end(), "L.maximum")
        return
