"""An expression as a condition of the database."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.models import Q

from broadsheet.search.grammar import And, Filter, Node, Not, Or, Text


def where(node: Node, *, text: Callable[[Sequence[Text]], Q], filtered: Callable[[Filter], Q]) -> Q:
    """The condition of an expression.

    Words that stand beside each other are asked for together, in one question to the index.
    """
    if isinstance(node, Text):
        return text([node])
    if isinstance(node, Filter):
        return filtered(node)
    if isinstance(node, Not):
        return ~where(node.part, text=text, filtered=filtered)
    if isinstance(node, Or):
        found = Q()
        for part in node.parts:
            found |= where(part, text=text, filtered=filtered)
        return found
    together = [part for part in node.parts if isinstance(part, Text)]
    found = text(together) if together else Q()
    for part in node.parts:
        if not isinstance(part, Text):
            found &= where(part, text=text, filtered=filtered)
    return found


def filters(node: Node | None) -> list[Filter]:
    """All filters of an expression, also those that are turned round."""
    if isinstance(node, Filter):
        return [node]
    if isinstance(node, Not):
        return filters(node.part)
    if isinstance(node, And | Or):
        return [one for part in node.parts for one in filters(part)]
    return []
