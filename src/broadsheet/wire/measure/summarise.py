"""How summaries compare with the first sentences, and whether each sentence stands in its article."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from broadsheet.wire import text
from broadsheet.wire.model import Article, Summary
from broadsheet.wire.summarise import sentences


@dataclass(frozen=True, slots=True)
class Overlap:
    """F1 of the words and of the pairs of words that two texts share (ROUGE-1 and ROUGE-2)."""

    words: float
    pairs: float


def opening(article: Article, count: int) -> str:
    """The first sentences of an article, as one text."""
    spans = [span for _, span in zip(range(count), sentences(article), strict=False)]
    return " ".join(text.squeezed(article.text[start:end]) for start, end in spans)


def overlap(made: str, wanted: str) -> Overlap:
    """ROUGE-1 and ROUGE-2 as F1, on folded words without stemming."""
    ours, theirs = text.words(made), text.words(wanted)
    return Overlap(
        _f1(Counter(ours), Counter(theirs)),
        _f1(
            Counter(itertools.pairwise(ours)),
            Counter(itertools.pairwise(theirs)),
        ),
    )


def _f1(ours: Counter[object], theirs: Counter[object]) -> float:
    shared = sum((ours & theirs).values())
    total = sum(ours.values()) + sum(theirs.values())
    return 2 * shared / total if total else 0.0


def standing(summary: Summary, articles: Sequence[Article]) -> tuple[int, int]:
    """How many sentences of a summary stand in their article where they say, of how many.

    A sentence marked as changed counts as standing: it claims no place.
    """
    by_name = {a.key if a.id is None else a.id: a for a in articles}
    right = 0
    for sentence in summary.sentences:
        if sentence.changed and sentence.start is None:
            right += 1
            continue
        article = by_name.get(sentence.article) if sentence.article is not None else None
        right += bool(article and article.text[sentence.start : sentence.end] == sentence.text)
    return right, len(summary.sentences)
