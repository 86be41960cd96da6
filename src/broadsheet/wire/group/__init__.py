"""Group: copies of one text, reports of one event, follow-ups of one case.

Copies are found by shared runs of words (`copies`), reports of one event by a learned sum of
features of a pair (`join`) and average link inside small blocks (`link`), from headlines alone if
need be. `group()` works on a whole set at once and knows no order; `Index` and `update()` take new
articles in as they come and change nothing that an editor fixed (`index`). `docs/measures-group.md`
has the figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from broadsheet.wire.group import copies, link
from broadsheet.wire.group.affairs import beat_words, cases
from broadsheet.wire.group.index import Index, Known, Placement, recall
from broadsheet.wire.group.join import Pairs, shipped
from broadsheet.wire.group.lead import LeadRules, agency, independent, others
from broadsheet.wire.group.naming import members, order, story_key
from broadsheet.wire.group.terms import Corpus, Ints
from broadsheet.wire.model import Article, Member

__all__ = [
    "Index",
    "Known",
    "LeadRules",
    "Placement",
    "agency",
    "beat_words",
    "group",
    "independent",
    "others",
    "recall",
    "story_key",
    "update",
]


def group(
    articles: Iterable[Article],
    rules: LeadRules | None = None,
    *,
    together: Iterable[tuple[str, str]] = (),
    apart: Iterable[tuple[str, str]] = (),
    common: Collection[str] = (),
) -> list[Member]:
    """Put articles together that tell of one event; tell copies of a text from reports.

    The same articles in any order give the same members in the same order: stories by their first
    article, articles by date. Every article comes back once. `together` and `apart` are pairs of
    article keys that an editor merged or split; they hold whatever the words say. Two articles with
    one key are always in one story. `common` are the beat's own words (`beat_words`): shared by
    all of its news, they make no story and no case. 100,000 articles of 400 words take less than a
    minute on one core.
    """
    by_order = sorted(((order(article), article) for article in articles), key=lambda pair: pair[0])
    if not by_order:
        return []
    ordered = [article for _, article in by_order]
    keys = [placed[1] for placed, _ in by_order]
    corpus = Corpus(ordered, common=common)
    found = copies.find(corpus)
    places: dict[str, list[int]] = defaultdict(list)
    for at, key in enumerate(keys):
        places[key].append(at)
    chosen = np.flatnonzero(found.original == np.arange(len(ordered)))
    place_of = np.full(len(ordered), -1)
    place_of[chosen] = np.arange(len(chosen))
    node = place_of[found.original]
    merged = [(a, b) for same in places.values() for a, b in pairwise(same)]
    merged += _places(together, places)
    split = _places(apart, places)
    pairs = Pairs(corpus, chosen, bare=found.furniture)
    join = shipped()
    labels = link.stories(
        pairs,
        join,
        together=[(int(node[a]), int(node[b])) for a, b in merged if node[a] != node[b]],
        apart=[(int(node[a]), int(node[b])) for a, b in split if node[a] != node[b]],
    )
    in_case = cases(corpus, chosen, labels, common)
    stories = _split_copies(chosen[labels][node], split)
    affairs = chosen[in_case][node]
    return members(
        ordered, keys, stories.tolist(), found.original.tolist(), affairs.tolist(), rules
    )


def update(
    known: Sequence[Known],
    new: Iterable[Article],
    together: Iterable[tuple[str, str]] = (),
    apart: Iterable[tuple[str, str]] = (),
    rules: LeadRules | None = None,
    common: Collection[str] = (),
) -> list[Member]:
    """Take new articles into a month that is kept; every member comes back, known ones with theirs.

    Stories keep their keys. A new article joins one, founds one, or makes two of the machine's own
    one; what an editor merged (`together`), split (`apart`) or put into an issue (`pinned`) stays.
    New articles are taken in by date, so that their order of arrival says nothing. Where nothing is
    kept yet this is `group()`.
    """
    if not known:
        return group(new, rules, together=together, apart=apart, common=common)
    waiting = sorted(new, key=order)
    index = Index(
        known, together=together, apart=apart, rules=rules, expected=waiting, common=common
    )
    for article in waiting:
        index.add(article)
    return index.members()


def _places(
    named: Iterable[tuple[str, str]], places: Mapping[str, Sequence[int]]
) -> list[tuple[int, int]]:
    """Pairs of keys as pairs of places; keys that are not in this set say nothing here."""
    return [
        (places[one][0], places[other][0])
        for one, other in named
        if one in places and other in places
    ]


def _split_copies(stories: Ints, apart: Sequence[tuple[int, int]]) -> Ints:
    """Copies that an editor took apart: the later one founds a story of its own."""
    for one, other in apart:
        if stories[one] == stories[other]:
            stories[max(one, other)] = max(one, other)
    return stories
