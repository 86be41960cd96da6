"""How well articles are put into stories: B-cubed and pairwise figures, and ways to compare with."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from sklearn.feature_extraction.text import TfidfVectorizer

from broadsheet.wire import text
from broadsheet.wire.group import affairs, fitting, link
from broadsheet.wire.group.fitting import Labelled
from broadsheet.wire.group.join import Join, Pairs
from broadsheet.wire.group.terms import Corpus, Floats
from broadsheet.wire.model import Article

Labels = Sequence[Hashable]
THRESHOLDS = tuple(round(0.02 * step, 2) for step in range(2, 46))
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """B-cubed and pairwise precision and recall, the counts behind them, and numbers of stories."""

    b3_precision: float
    b3_recall: float
    pair_precision: float
    pair_recall: float
    pairs_right: int
    pairs_found: int
    pairs_gold: int
    found: int  # stories
    gold: int

    @property
    def b3(self) -> float:
        return f1(self.b3_precision, self.b3_recall)

    @property
    def pair(self) -> float:
        return f1(self.pair_precision, self.pair_recall)


def f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def figures(gold: Labels, found: Labels, only: Sequence[bool] | None = None) -> Figures:
    """Compare stories found with stories given, item by item. Costs the number of items.

    `only` says which items are scored; all are looked at. Pairs are then those with both ends
    scored. Where no pair is found (or given) its precision (or recall) is 1.
    """
    scored = list(only) if only is not None else [True] * len(gold)
    size_gold, size_found = Counter(gold), Counter(found)
    both = Counter(zip(gold, found, strict=True))
    precision = recall = 0.0
    count = max(1, sum(scored))
    for g, f, is_scored in zip(gold, found, scored, strict=True):
        if is_scored:
            shared = both[g, f]
            precision += shared / size_found[f]
            recall += shared / size_gold[g]
    inside = [(g, f) for g, f, s in zip(gold, found, scored, strict=True) if s]
    right = _pairs(Counter(inside))
    in_found = _pairs(Counter(f for _, f in inside))
    in_gold = _pairs(Counter(g for g, _ in inside))
    return Figures(
        precision / count,
        recall / count,
        right / in_found if in_found else 1.0,
        right / in_gold if in_gold else 1.0,
        right,
        in_found,
        in_gold,
        len({f for _, f in inside}),
        len({g for g, _ in inside}),
    )


def _pairs(sizes: Counter[Hashable]) -> int:
    return sum(n * (n - 1) // 2 for n in sizes.values())


def interval(
    gold: Labels, found: Labels, units: Labels, draws: int = 400, seed: int = 1
) -> tuple[float, float]:
    """A 95 % interval of the B-cubed F1: units (cases) are drawn again with replacement."""
    by_unit: dict[Hashable, list[int]] = defaultdict(list)
    for at, unit in enumerate(units):
        by_unit[unit].append(at)
    size_gold, size_found = Counter(gold), Counter(found)
    both = Counter(zip(gold, found, strict=True))
    sums = {
        unit: (
            sum(both[gold[i], found[i]] / size_found[found[i]] for i in items),
            sum(both[gold[i], found[i]] / size_gold[gold[i]] for i in items),
            len(items),
        )
        for unit, items in by_unit.items()
    }
    names = sorted(sums, key=str)
    draw = random.Random(seed)  # noqa: S311 -- a resampling
    made = []
    for _ in range(draws):
        chosen = [sums[name] for name in draw.choices(names, k=len(names))]
        total = sum(n for _, _, n in chosen)
        made.append(f1(sum(p for p, _, _ in chosen) / total, sum(r for _, r, _ in chosen) / total))
    made.sort()
    return made[int(0.025 * draws)], made[int(0.975 * draws)]


# --- ways to compare with ---------------------------------------------------------------------


def tfidf(articles: Sequence[Article]) -> Floats:
    """Distances between articles: 1 less the cosine of their TF-IDF (scikit-learn's, sublinear)."""
    texts = [f"{a.headline} {a.text}" for a in articles]
    words = r"(?u)\b\w+\b"
    rows = TfidfVectorizer(sublinear_tf=True, token_pattern=words).fit_transform(texts)
    alike = (rows @ rows.T).toarray()
    made: Floats = np.clip(1.0 - alike, 0.0, 1.0)
    np.fill_diagonal(made, 0.0)
    return made


def titles(articles: Sequence[Article]) -> Floats:
    """Distances between headlines: 1 less the Jaccard index of their words."""
    words = [frozenset(text.words(a.headline)) for a in articles]
    made = np.ones((len(words), len(words)))
    for one in range(len(words)):
        for other in range(one):
            either = len(words[one] | words[other])
            same = len(words[one] & words[other]) / either if either else 0.0
            made[one, other] = made[other, one] = 1.0 - same
    np.fill_diagonal(made, 0.0)
    return made


def average_link(distances: Floats, threshold: float) -> list[int]:
    """Stories by average link, joined while the mean likeness is at least `threshold`."""
    if len(distances) < 2:
        return list(range(len(distances)))
    tree = linkage(squareform(distances, checks=False), "average")
    return [int(n) for n in fcluster(tree, 1.0 - threshold, "distance")]


def best_threshold(distances: Floats, gold: Labels, only: Sequence[bool] | None = None) -> float:
    """The threshold with the highest B-cubed F1 on the scored items; the lower one of two alike."""
    return max(THRESHOLDS, key=lambda t: (figures(gold, average_link(distances, t), only).b3, -t))


def minhash(articles: Sequence[Article], threshold: float = 0.5) -> list[int] | None:
    """Stories by datasketch's MinHashLSH over words of the headline and the text, chained.

    None where datasketch is not installed: it is a tool of comparison and no part of the product.
    """
    try:
        from datasketch import MinHash, MinHashLSH  # noqa: PLC0415 -- only where it is installed
    except ImportError:
        return None
    index = MinHashLSH(threshold=threshold, num_perm=128)
    labels = list(range(len(articles)))
    for at, article in enumerate(articles):
        sketch = MinHash(num_perm=128)
        sketch.update_batch(
            [w.encode() for w in set(text.words(article.headline + " " + article.text))]
        )
        for other in index.query(sketch):
            low, high = sorted((labels[other], labels[at]))
            labels = [low if label == high else label for label in labels]
        index.insert(at, sketch)
    return labels


# --- cross-validation --------------------------------------------------------------------------


def folds(units: Labels, seed: int = 0, count: int = FOLDS) -> dict[Hashable, int]:
    """A fold for each unit, drawn with `seed`."""
    names = sorted(set(units), key=str)
    random.Random(seed).shuffle(names)  # noqa: S311 -- folds
    return {name: at % count for at, name in enumerate(names)}


def across(
    gold: Labels, units: Labels, label: Callable[[int, list[bool]], Labels], seed: int = 0
) -> tuple[Figures, list[Hashable]]:
    """Score each fold by stories made without it.

    `label(fold, training)` labels all items having learned from those marked in `training`. The
    stories are made of all items, so that those of other folds can do harm; only the fold's own are
    scored. Gives the figures over all items, and a label for each item from its own fold.
    """
    fold = folds(units, seed)
    sums = np.zeros(2)
    pairs = np.zeros(3, dtype=np.int64)
    labels: list[Hashable] = [None] * len(gold)
    for number in sorted(set(fold.values())):
        training = [fold[u] != number for u in units]
        scored = [not t for t in training]
        found = label(number, training)
        made = figures(gold, found, scored)
        sums += np.array([made.b3_precision, made.b3_recall]) * sum(scored)
        pairs += np.array([made.pairs_right, made.pairs_found, made.pairs_gold])
        for at, is_scored in enumerate(scored):
            if is_scored:
                labels[at] = (number, found[at])
    precision, recall = sums / max(1, len(gold))
    right, found_pairs, gold_pairs = (int(n) for n in pairs)
    return (
        Figures(
            float(precision),
            float(recall),
            right / found_pairs if found_pairs else 1.0,
            right / gold_pairs if gold_pairs else 1.0,
            right,
            found_pairs,
            gold_pairs,
            len(set(labels)),
            len(set(gold)),
        ),
        labels,
    )


def threshold_across(
    distances: Floats, gold: Labels, units: Labels, seed: int = 0
) -> tuple[Figures, list[Hashable]]:
    """Average link whose threshold is chosen without the fold that it is scored on."""

    def label(_: int, training: list[bool]) -> Labels:
        return average_link(distances, best_threshold(distances, gold, training))

    return across(gold, units, label, seed)


def join_across(
    given: Labelled, seed: int = 0, *, cases: bool = False
) -> tuple[Figures, list[Hashable]]:
    """Our join, learned on this set alone without the units of the fold that it is scored on.

    With `cases` the cases are scored instead of the events.
    """
    bare = replace(given, articles=tuple(_headline(a) for a in given.articles))
    heads = [fitting.sample(v) for v in fitting.versions(bare)]
    with_texts = any(a.text for a in given.articles)
    told = [fitting.sample(v) for v in fitting.versions(given)] if with_texts else heads
    fold = folds(given.units, seed)
    pairs = Pairs(Corpus(given.articles))

    def label(number: int, _: list[bool]) -> Labels:
        held_out = [str(u) for u in given.units if fold[u] == number]
        join = fitting.fit(heads, told, held_out)
        found = link.stories(pairs, join)
        if cases:
            found = affairs.cases(pairs.corpus, np.arange(len(pairs)), found)
        return [int(n) for n in found]

    return across(given.units if cases else given.events, given.units, label, seed)


def _headline(article: Article) -> Article:
    return replace(article, text="") if article.headline.strip() else article


def stories(articles: Sequence[Article], join: Join) -> list[int]:
    """Stories by a join alone, without the search for copies."""
    return [int(n) for n in link.stories(Pairs(Corpus(articles)), join)]
