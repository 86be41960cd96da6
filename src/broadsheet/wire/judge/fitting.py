"""How the learned half of the judge is fitted: one recipe for the shipped model and for every fold.

Logistic regression over the features of a headline with a ridge penalty. Features of one kind share
a scale, which is how strongly the penalty lets them speak: a family of words or a phrase stands for
many texts, a piece of a word for few. Rows carry weights. The sum is made a probability by Platt's
scaling on rows that the weights had not seen (folds within the rows given).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from broadsheet.wire.beat import Beat
from broadsheet.wire.judge import features, finds
from broadsheet.wire.judge.weights import Bands, Model, squash
from broadsheet.wire.phrases import Matcher

# How strongly each kind of feature may speak, and how often it must occur to have a weight. Tuned by
# cross-validation on one half of the labelled rows: docs/measures-judge.md.
SCALES = {
    "w": 0.6,
    "s": 0.8,
    "c": 0.25,
    "b": 0.7,
    "f": 0.6,
    "ff": 0.5,
    "fn": 0.6,
    "p": 1.5,
    "n": 1.0,
}
ENOUGH = 2
FLOOR = 1e-3  # weights below it change no verdict and would double the file
RIDGE = 1.0  # C of scikit-learn: the inverse of the penalty


# What a row weighs in the fit: a clear label was read by a person, a borderline one could go either
# way, a presumed negative was never read, an invented row is ours.
WEIGHTS = {"clear": 3.0, "borderline": 0.5, "presumed": 1.0, "invented": 0.15}
INNER = 5  # folds within the rows given, for the scaling and the bands
READ = 3.0  # rows in the unsure and relevant bands for each relevant one, on the rows fitted on


@dataclass(frozen=True, slots=True)
class Labelled:
    """A headline whose label is known.

    grade   clear, borderline or presumed (shared labels); invented (ours)
    group   keeps together what folds must not split, such as near-duplicates
    """

    headline: str
    relevant: bool
    grade: str = "invented"
    group: str = ""
    text: str = ""


Vectors = list[dict[int, float]]


def vectors(rows: Sequence[Labelled], beat: Beat) -> Vectors:
    """For each row the scaled count of each of its features."""
    matcher, kinds = Matcher.of(beat), features.families(beat.folder)
    named: dict[int, str] = {}
    made: Vectors = []
    for row in rows:
        headline = finds.plain(row.headline)
        found: dict[int, float] = {}
        for kind, key in features.kinds_of(features.words(headline), kinds):
            found[key] = found.get(key, 0.0) + SCALES[kind]
            named.setdefault(key, kind)
        for kind, what in finds.of_phrases(matcher.scan(headline)):
            found[features.name(kind, what)] = SCALES[kind]
        made.append(found)
    return made


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights by feature and the bias, as fitted."""

    weights: dict[int, float]
    bias: float

    def total(self, vector: dict[int, float]) -> float:
        """The sum for a vector of `vectors`."""
        known = self.weights
        return self.bias + sum(known.get(key, 0.0) * value for key, value in vector.items())


def fit(
    made: Vectors, labels: Sequence[bool], weights: Sequence[float], ridge: float = RIDGE
) -> Fit:
    """Fit the weights; the same rows give the same weights."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 -- half a second that judging does without
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    often = Counter(key for vector in made for key in vector)
    column = {key: at for at, key in enumerate(sorted(k for k, n in often.items() if n >= ENOUGH))}
    indptr, indices, data = [0], [], []
    for vector in made:
        for key, value in vector.items():
            at = column.get(key)
            if at is not None:
                indices.append(at)
                data.append(value)
        indptr.append(len(indices))
    x: Any = csr_matrix(
        (np.array(data), np.array(indices), np.array(indptr)), shape=(len(made), len(column))
    )
    regression = LogisticRegression(C=ridge, max_iter=400, tol=1e-4)
    regression.fit(x, np.array(labels, dtype=int), sample_weight=np.array(weights))
    learned: NDArray[np.float64] = regression.coef_[0]
    return Fit(
        {key: float(learned[at]) for key, at in column.items()}, float(regression.intercept_[0])
    )


def platt(
    totals: Sequence[float], labels: Sequence[bool], weights: Sequence[float]
) -> tuple[float, float]:
    """Slope and shift that make probabilities of sums; a light penalty keeps the slope finite."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    regression = LogisticRegression(C=100.0)
    regression.fit(
        np.array(totals).reshape(-1, 1),
        np.array(labels, dtype=int),
        sample_weight=np.array(weights),
    )
    return float(regression.coef_[0][0]), float(regression.intercept_[0])


def recipe(rows: Sequence[Labelled], beat: Beat, name: str, made: Vectors | None = None) -> Model:
    """The whole recipe: a model from labelled and invented rows; the same rows give the same model.

    The weights come from all rows. The scaling and the bands come from the rows that are not
    invented, each judged by weights that had not seen its group (`INNER` folds); where all rows are
    invented they come from those.
    """
    made = vectors(rows, beat) if made is None else made
    labels = [row.relevant for row in rows]
    weights = [WEIGHTS[row.grade] for row in rows]
    real = [at for at, row in enumerate(rows) if row.grade != "invented"] or list(range(len(rows)))
    fold = {at: _fold(rows[at].group or rows[at].headline) for at in real}
    totals: dict[int, float] = {}
    for this in range(INNER):
        kept = [at for at in range(len(rows)) if fold.get(at) != this]
        part = fit(
            [made[at] for at in kept], [labels[at] for at in kept], [weights[at] for at in kept]
        )
        totals.update((at, part.total(made[at])) for at in real if fold[at] == this)
    slope, shift = platt(
        [totals[at] for at in real],
        [labels[at] for at in real],
        [0.5 if rows[at].grade == "borderline" else 1.0 for at in real],
    )
    clear = [(totals[at], labels[at]) for at in real if rows[at].grade != "borderline"]
    relevant, unsure = _bands(clear)
    whole = fit(made, labels, weights)
    kinds = kinds_by_key(rows, beat)
    return Model(
        name=name,
        weights={
            key: weight * SCALES[kinds[key]]
            for key, weight in whole.weights.items()
            if abs(weight) > FLOOR
        },
        bias=whole.bias,
        bands=Bands(
            unsure=round(squash(slope * unsure + shift), 4),
            relevant=round(squash(slope * relevant + shift), 4),
        ),
        slope=slope,
        shift=shift,
        seen=frozenset(fingerprint(rows[at].headline) for at in real),
    )


def fingerprint(headline: str) -> int:
    """What tells, without its words, that a headline was among the rows fitted on."""
    return features.name("seen", " ".join(features.words(headline)))


def _fold(group: str) -> int:
    return features.name("fold", group) % INNER


def _bands(judged: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """The sums at which the relevant and the unsure band begin.

    Relevant: the middle of the sums whose F1 is within 0.005 of the best, since the best of a few
    hundred is luck. Unsure: where READ rows are read for each relevant one.
    """
    ordered = sorted(judged, reverse=True)
    positives = sum(label for _, label in ordered)
    hits = 0
    f1: list[tuple[float, float]] = []
    unsure = ordered[0][0]
    for read, (total, label) in enumerate(ordered, start=1):
        hits += label
        f1.append((2 * hits / (read + positives), total))
        if read <= READ * positives:
            unsure = total
    best = max(f1)[0]
    good = [total for value, total in f1 if value >= best - 0.005]
    return (max(good) + min(good)) / 2, unsure


def kinds_by_key(rows: Sequence[Labelled], beat: Beat) -> dict[int, str]:
    """The kind of every feature that occurs in the rows."""
    matcher, kinds = Matcher.of(beat), features.families(beat.folder)
    found: dict[int, str] = {}
    for row in rows:
        headline = finds.plain(row.headline)
        for kind, key in features.kinds_of(features.words(headline), kinds):
            found[key] = kind
        for kind, what in finds.of_phrases(matcher.scan(headline)):
            found[features.name(kind, what)] = kind
    return found
