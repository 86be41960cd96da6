"""Where it happened, and where people came from."""

from __future__ import annotations

from collections.abc import Iterator

from broadsheet.wire import places as gazetteer
from broadsheet.wire.facts import people
from broadsheet.wire.facts.claim import Fact
from broadsheet.wire.facts.sentence import Sentence


def places(said: Sentence) -> Iterator[Fact]:
    """The places that have a role in what happened; others are not told."""
    hits = gazetteer.find(said.text, said.context.beat.home)
    masked = said.text
    for group in people.groups(said.text, said.context.rules.words):
        masked = masked[: group.start] + "N".rjust(group.end - group.start) + masked[group.end :]
    for hit in gazetteer.roles(masked, hits, said.context.rules.data["place_roles"]):
        if hit.role is None:
            continue
        yield said.fact(
            "places",
            {"name": hit.name, "iso2": hit.iso2, "role": hit.role},
            hit.start,
            hit.end,
            "P.place",
        )
