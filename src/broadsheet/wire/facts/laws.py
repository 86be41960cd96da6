"""Laws by name, and what became of them."""

# ruff: noqa: E501 -- patterns read worse in pieces
from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from broadsheet.wire.facts.claim import Fact
from broadsheet.wire.facts.sentence import Sentence

_LAW = re.compile(
    r"\b(?:[A-Z][\w'\u2019-]*(?: (?:[A-Z][\w'\u2019-]*|of|in|and|to|on|against|for|the|\(|\)|&))* )(?:Act|Ordinance|Bill|Law|Code|Convention|Protocol|Directive|Regulation)\b(?: (?:of )?(?:19|20)\d\d)?"
)


def laws(said: Sentence) -> Iterator[Fact]:
    """Laws that are named, and one that is passed or proposed without a name."""
    found = list(_LAW.finditer(said.text))
    relation = next(
        (
            name
            for name, patterns in said.context.rules.law_relations
            if any(p.search(said.text) for p in patterns)
        ),
        None,
    )
    for match in found:
        name = re.sub(r"^(?:(?:The|An?|Under|In|This|the)\s)+", "", match.group())
        if len(name.split()) < 2:
            continue
        value: dict[str, Any] = {"name": name, "kind": _kind(said, name)}
        section = re.search(
            rf"\b(?:[Ss]ection|[Aa]rticle) (\d+\w?(?:\(\w+\))*)(?: of the)? ?{re.escape(name)}",
            said.text,
        )
        if section:
            value["section"] = section.group(1)
        if relation:
            value["relation"] = relation
        yield said.fact("law", value, match.start(), match.end(), "L.named")
    if not found and relation in ("passed", "proposed", "amended", "in_force"):
        bill = re.search(
            r"\b(?:a|the|its|new|first|this|draft) (?:[\w-]+ ){0,3}?(?:bill|law|act|legislation|ordinance)\b(?! firm| enforcement)",
            said.text,
            re.IGNORECASE,
        )
        if bill:
            kind = _kind(said, said.text[bill.start() : bill.end() + 120])
            if kind != "other":
                yield said.fact(
                    "law",
                    {"name": "not_stated", "kind": kind, "relation": relation},
                    bill.start(),
                    bill.end(),
                    "L.unnamed",
                )


def _kind(said: Sentence, words: str) -> str:
    return next(
        (kind for kind, pattern in said.context.rules.law_kinds if pattern.search(words)), "other"
    )
