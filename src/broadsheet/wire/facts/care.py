"""What wants care before it is printed: a child, a shelter, what points to one person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from broadsheet.wire import places
from broadsheet.wire.facts.claim import Fact
from broadsheet.wire.facts.sentence import Sentence


def safety(said: Sentence) -> Iterator[Fact]:
    """At most one claim, with all that an editor should look at in the sentence."""
    words = said.context.rules.data["safety"]
    has = {
        name: re.search(pattern, said.text, 0 if name == "pseudonym" else re.IGNORECASE)
        for name, pattern in words.items()
    }
    value: dict[str, Any] = {}
    if has["child"] and (has["sexual"] or re.search(r"traffick|exploit|sold|forced", said.text)):
        value["child_victim"] = True
    placed = any(h.kind != "people" for h in places.find(said.text, said.context.beat.home))
    if value and has["family"] and placed:
        value["identifiable_combination"] = True
        value["advice"] = "family tie and place together can name the child: leave one of them out"
    if has["sexual"] and value:
        value["sexual_detail"] = True
    if has["shelter"] and placed:
        value["shelter_location"] = True
    if has["pseudonym"]:
        value["pseudonym_footnote"] = "required"
    if value:
        yield said.fact("safety", value, 0, len(said.text), "C.safety")
