"""A whole expression as one question to an index, in the language of its database.

`conditions` joins an index to other tables, which a desk with its many filters needs. Where every filter
is a facet of the index, one question is enough, and a million texts answer in milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from broadsheet.search.grammar import And, Filter, Node, Not, Or, Text
from broadsheet.search.index import facet, fts5, tsquery

Facet = tuple[str, str]
# Any of these facets, for a filter; none of them where the filter can find nothing.
Resolve = Callable[[Filter], Sequence[Facet]]
EVERY = ("every", "one")  # a facet that every document bears, so that "not this" can be asked alone
_NEVER = ("never", "one")


class _Dialect(Protocol):
    def text(self, text: Text, head: bool) -> str: ...
    def mark(self, one: Facet) -> str: ...
    def both(self, parts: Sequence[str], without: Sequence[str]) -> str: ...
    def either(self, parts: Sequence[str]) -> str: ...


class _Fts5:
    """SQLite: NOT stands between two, so what is left out is taken from what is there."""

    def text(self, text: Text, head: bool) -> str:
        return fts5(text, "{head}" if head else "{head body}")

    def mark(self, one: Facet) -> str:
        return f'facets : "{facet(*one)}"'

    def both(self, parts: Sequence[str], without: Sequence[str]) -> str:
        out = "(" + " AND ".join(parts or [self.mark(EVERY)]) + ")"
        return f"({out} NOT ({' OR '.join(without)}))" if without else out

    def either(self, parts: Sequence[str]) -> str:
        return "(" + " OR ".join(parts) + ")"


class _TsQuery:
    """PostgreSQL."""

    def text(self, text: Text, head: bool) -> str:
        return tsquery(text, "A" if head else "AB")

    def mark(self, one: Facet) -> str:
        return f"'{facet(*one)}':D"

    def both(self, parts: Sequence[str], without: Sequence[str]) -> str:
        held = list(parts or [self.mark(EVERY)]) + [f"!{one}" for one in without]
        return "(" + " & ".join(held) + ")"

    def either(self, parts: Sequence[str]) -> str:
        return "(" + " | ".join(parts) + ")"


_DIALECTS: dict[str, _Dialect] = {"sqlite": _Fts5(), "postgresql": _TsQuery()}


def question(
    node: Node | None, resolve: Resolve, vendor: str, *, heads: Collection[Text] = ()
) -> str:
    """The expression for `Index.newest`; the words of `heads` must stand in the head."""
    says = _DIALECTS["sqlite" if vendor == "sqlite" else "postgresql"]

    def whole(one: Node) -> str:
        if isinstance(one, Text):
            return says.either([says.text(spelt, one in heads) for spelt in spellings(one)])
        if isinstance(one, Filter):
            return says.either([says.mark(m) for m in resolve(one) or [_NEVER]])
        if isinstance(one, Not):
            return says.both([], [whole(one.part)])
        if isinstance(one, Or):
            return says.either([whole(part) for part in one.parts])
        kept = [whole(part) for part in one.parts if not isinstance(part, Not)]
        return says.both(kept, [whole(part.part) for part in one.parts if isinstance(part, Not)])

    return whole(node) if node is not None else says.mark(EVERY)


def texts(node: Node | None) -> list[Text]:
    """The words and phrases that an expression wants to find, not those that it wants away."""
    if isinstance(node, Text):
        return [node]
    if isinstance(node, And | Or):
        return [one for part in node.parts for one in texts(part)]
    return []


_PLAIN = re.compile(r"[a-z]{4,}")


def spellings(text: Text) -> list[Text]:
    """An English word with and without the endings of the plural; all else as it is.

    Readers type "survivors" for a headline of one survivor. Nothing more is taken off: stems join
    words that have nothing to do with each other ("organ", "organisation").
    """
    if text.prefix or len(text.runs) != 1 or len(text.runs[0]) != 1:
        return [text]
    word = text.runs[0][0]
    if not _PLAIN.fullmatch(word):
        return [text]
    forms = {word: None}
    if word.endswith("ies"):
        forms[word[:-3] + "y"] = None
    elif word.endswith("es") and word[:-2].endswith(("s", "x", "z", "ch", "sh")):
        forms[word[:-2]] = None
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        forms[word[:-1]] = None
    elif word.endswith("y") and word[-2] not in "aeiou":
        forms[word[:-1] + "ies"] = None
    elif word.endswith(("s", "x", "z", "ch", "sh")):
        forms[word + "es"] = None
    else:
        forms[word + "s"] = None
    return [Text(((form,),), at=text.at) for form in forms]
