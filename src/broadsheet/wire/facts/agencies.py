"""Who acted: courts, police, ministries, charities by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from broadsheet.wire.facts.claim import Fact
from broadsheet.wire.facts.sentence import Sentence


def agencies(said: Sentence) -> Iterator[Fact]:
    """Agencies that the beat knows, that are named like one, and those accused without a name."""
    data = said.context.rules.data["agencies"]
    spans: list[tuple[int, int]] = []
    for known in data["known"]:
        for match in re.finditer(rf"(?<![\w-]){re.escape(known['name'])}(?![\w-])", said.text):
            if not any(a < match.end() and match.start() < b for a, b in spans):
                spans.append(match.span())
                yield _agency(said, known["name"], known["type"], match)
    for entry in data["patterns"]:
        for match in re.finditer(entry["pattern"], said.text):
            name = re.sub(
                r"^(?:The|A|An|But|And|In|As|When|While|After|Before)\s", "", match.group()
            )
            if not any(a < match.end() and match.start() < b for a, b in spans) and " " in name:
                spans.append(match.span())
                yield _agency(said, name, entry["type"], match)
    for entry in data["generic"]:
        if not re.search(entry["only_if"], said.text, re.IGNORECASE):
            continue
        one = re.search(entry["pattern"], said.text, re.IGNORECASE)
        if one and not any(a < one.end() and one.start() < b for a, b in spans):
            value = {"name": one.group().lower(), "type": entry["type"], "role": "accused"}
            denied = any(p.search(said.text) for p in dict(said.context.rules.certainty)["denied"])
            yield said.fact(
                "agencies",
                value,
                *one.span(),
                "G.generic",
                certainty="denied" if denied else said.certainty,
            )


def _agency(said: Sentence, name: str, kind: str, match: re.Match[str]) -> Fact:
    return said.fact("agencies", {"name": name, "type": kind}, *match.span(), "G.named")
