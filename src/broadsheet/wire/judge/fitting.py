"""How the learned half of the judge is fitted: one recipe for the shipped model and for every fold.

Logistic regression over the features of a headline with a ridge penalty. Features of one kind share
a scale, which is how strongly the penalty lets them speak: a family of words or a phrase stands for
many texts, a piece of a word for few. Rows carry weights. The sum is made a probability by Platt's
scaling on rows that the weights had not seen (folds within the rows given).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import RowError
from broadsheet.wire.judge import features, finds
from broadsheet.wire.judge.weights import EXTREME, Bands, Model, clipped, logit, squash

# How strongly each kind of feature may speak, and how often it must occur to have a weight. Tuned by
# cross-validation on one half of the labelled rows: docs/measures-judge.md.
SCALES = {
    "w": 0.6,
    "s": 0.8,
    "c": 0.25,
    "b": 1.0,
    "f": 0.6,
    "ff": 0.8,
    "fn": 0.6,
    "p": 1.5,
    "n": 1.0,
}
ENOUGH = 2
FLOOR = 1e-3  # weights below it change no verdict and would double the file
RIDGE = 1.5  # C of scikit-learn: the inverse of the penalty


# What a row weighs in the fit: a clear label was read by a person, a borderline one could go either
# way, a presumed negative was never read, an invented row is ours.
WEIGHTS = {"clear": 3.0, "borderline": 0.7, "presumed": 1.0, "invented": 0.1}
# What two sentences of a text weigh: those of an article on the beat need not tell of it.
WINDOWS = {True: 1.0, False: 1.0}
INNER = 5  # folds within the rows given, for the scaling and the bands
OVER = 0.01  # of ordinary articles, those that their text may lift into the unsure band
MISSED = 0.02  # of the relevant rows, where the rows have not the proportions of the news
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


@dataclass(frozen=True, slots=True)
class Vectors:
    """The features of rows as a sparse matrix: a row for each headline, a column for each of `keys`.

    A cell is the count of a feature in a headline times the scale of its kind.
    """

    matrix: Any  # scipy.sparse.csr_matrix
    keys: NDArray[np.uint64]
    scales: NDArray[np.float64]  # of each column


def vectors(rows: Sequence[Labelled], beat: Beat, of_text: bool = False) -> Vectors:
    """The features of the rows' headlines; `of_text` as a text is judged: with its own families of
    words, and without pieces of words, which a text has too many of.
    """
    from scipy.sparse import csr_matrix  # noqa: PLC0415 -- half a second that judging does without

    matcher, families = finds.matcher(beat), features.families(beat.folder, of_text)
    column: dict[int, int] = {}
    scales: list[float] = []
    indptr: list[int] = [0]
    indices: list[int] = []
    data: list[float] = []
    for row in rows:
        headline = finds.plain(row.headline)
        found = [*features.kinds_of(features.words(headline), families)]
        found += [
            (kind, features.name(kind, what))
            for kind, what in finds.of_phrases(matcher.scan(headline))
        ]
        counts: dict[int, float] = {}
        for kind, key in found:
            if of_text and kind == "c":
                continue
            at = column.setdefault(key, len(column))
            if at == len(scales):
                scales.append(SCALES[kind])
            counts[at] = counts.get(at, 0.0) + SCALES[kind]
        indices += counts.keys()
        data += counts.values()
        indptr.append(len(indices))
    matrix = csr_matrix(
        (np.array(data), np.array(indices), np.array(indptr)), shape=(len(rows), len(column))
    )
    return Vectors(matrix, np.array(list(column), dtype=np.uint64), np.array(scales))


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights by column of `Vectors` and the bias, as fitted."""

    weights: NDArray[np.float64]
    bias: float

    def totals(self, matrix: Any) -> NDArray[np.float64]:
        """The sum for each row of a matrix of `Vectors`."""
        totals: NDArray[np.float64] = matrix @ self.weights + self.bias
        return totals


def fit(
    matrix: Any,
    labels: NDArray[np.bool_],
    weights: NDArray[np.float64],
    ridge: float = RIDGE,
) -> Fit:
    """Fit the weights; the same rows give the same weights."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    often = np.bincount(matrix.indices, minlength=matrix.shape[1])
    chosen = np.flatnonzero(often >= ENOUGH)
    regression = LogisticRegression(C=ridge, max_iter=400, tol=1e-4)
    regression.fit(matrix[:, chosen], labels, sample_weight=weights)
    learned = np.zeros(matrix.shape[1])
    learned[chosen] = regression.coef_[0]
    return Fit(learned, float(regression.intercept_[0]))


def platt(
    totals: NDArray[np.float64], labels: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """Slope and shift that make probabilities of sums; a light penalty keeps the slope finite."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    regression = LogisticRegression(C=100.0)
    regression.fit(totals.reshape(-1, 1), labels, sample_weight=weights)
    return float(regression.coef_[0][0]), float(regression.intercept_[0])


def recipe(rows: Sequence[Labelled], beat: Beat, name: str, known: Vectors | None = None) -> Model:
    """The whole recipe: a model from labelled and invented rows; the same rows give the same model.

    The weights come from all rows. The scaling and the bands come from the rows that are not
    invented, each judged by weights that had not seen its group (`INNER` folds); where all rows are
    invented they come from those. `known` saves time where the vectors of the rows are at hand.
    """
    known = known or vectors(rows, beat)
    labels = np.array([row.relevant for row in rows], dtype=bool)
    if not 0 < labels.sum() < len(labels):
        raise RowError(
            "The judge is fitted on rows that are relevant and rows that are not", at=name
        )
    weights = np.array([WEIGHTS[row.grade] for row in rows])
    borderline = np.array([row.grade == "borderline" for row in rows])
    real = np.array([row.grade != "invented" for row in rows])
    if not real.any():
        real = np.ones(len(rows), dtype=bool)
    whole = fit(known.matrix, labels, weights)
    fold = np.array([_fold(row.group or row.headline) for row in rows])
    totals = np.zeros(len(rows))
    for this in range(INNER):
        away = real & (fold == this)
        rest = labels[~away]
        # Rows too few to leave some out are judged by the weights fitted on them.
        part = (
            fit(known.matrix[~away], rest, weights[~away]) if 0 < rest.sum() < len(rest) else whole
        )
        totals[away] = part.totals(known.matrix[away])
    slope, shift = platt(totals[real], labels[real], np.where(borderline, 0.5, 1.0)[real])
    clear = real & ~borderline
    relevant, unsure = _bands(totals[clear], labels[clear])
    kept = np.flatnonzero(np.abs(whole.weights) > FLOOR)
    return Model(
        name=name,
        weights=dict(
            zip(
                known.keys[kept].tolist(),
                (whole.weights[kept] * known.scales[kept]).tolist(),
                strict=True,
            )
        ),
        bias=whole.bias,
        bands=Bands(
            unsure=round(squash(slope * unsure + shift), 4),
            relevant=round(squash(slope * relevant + shift), 4),
        ),
        slope=slope,
        shift=shift,
        seen=frozenset(fingerprint(row.headline) for row in rows if row.grade != "invented"),
    )


def with_leads(model: Model, rows: Sequence[Labelled], beat: Beat) -> Model:
    """The model with what it takes to judge a text, fitted on headlines and on articles.

    First the weights of two neighbouring sentences: from every headline, and from every two sentences
    of the rows that have text, labelled as their article is. Then the numbers that join them with
    the headline, each article judged by weights that had not seen its `group` (`INNER` folds).
    The constant is set so that OVER of the ordinary articles come to the unsure band by their text.
    With rows of one kind only, the text is left out of the judgement.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    from broadsheet.wire.judge import Ready  # noqa: PLC0415 -- which imports what this module makes
    from broadsheet.wire.model import Article  # noqa: PLC0415

    articles = [row for row in rows if row.text]
    labels = np.array([row.relevant for row in articles], dtype=bool)
    if not 0 < labels.sum() < len(labels):
        return model
    ready = Ready.of(beat, model)
    parts, owners = [replace(row, text="") for row in rows], [-1] * len(rows)
    for at, row in enumerate(articles):
        for window in ready.windows(finds.plain(row.text)):
            parts.append(replace(row, headline=window, text=""))
            owners.append(at)
    known = vectors(parts, beat, of_text=True)
    owner = np.array(owners)
    fold = np.array([_fold(row.group or row.headline) for row in articles])
    relevant = np.array([part.relevant for part in parts], dtype=bool)
    weights = np.array(
        [
            WEIGHTS[part.grade] if at < 0 else WINDOWS[part.relevant]
            for part, at in zip(parts, owners, strict=True)
        ]
    )
    sums = np.zeros((len(articles), 3))
    for this in range(INNER):
        away = np.isin(owner, np.flatnonzero(fold == this))
        part = fit(known.matrix[~away], relevant[~away], weights[~away])
        judge = Ready(beat, _leading(model, known, part))
        for at in np.flatnonzero(fold == this).tolist():
            found = judge.sums(Article(headline=articles[at].headline, text=articles[at].text))
            sums[at] = [clipped(one) for one in found or (model.bias, -EXTREME, -EXTREME)]
    ordinary = ~labels & np.array([row.grade != "invented" for row in articles])
    share = np.where(labels, 1 / labels.sum(), 1 / (~labels).sum()) * len(labels)
    regression = LogisticRegression(C=1.0).fit(sums, labels, sample_weight=share)
    a, b, c = (max(0.0, float(value)) for value in regression.coef_[0])
    told = sums @ np.array([a, b, c])
    unsure = logit(model.bands.unsure)
    constant = unsure - float(np.quantile(told[ordinary if ordinary.any() else ~labels], 1 - OVER))
    constant, a, b, c = (
        (constant - model.shift) / model.slope,
        *(one / model.slope for one in (a, b, c)),
    )
    whole = _leading(model, known, fit(known.matrix, relevant, weights))
    return replace(whole, text=(round(constant, 6), round(a, 6), round(b, 6), round(c, 6)))


def _leading(model: Model, known: Vectors, fitted: Fit) -> Model:
    kept = np.flatnonzero(np.abs(fitted.weights) > FLOOR)
    return replace(
        model,
        lead=dict(
            zip(
                known.keys[kept].tolist(),
                (fitted.weights[kept] * known.scales[kept]).tolist(),
                strict=True,
            )
        ),
        lead_bias=fitted.bias,
    )


def fingerprint(headline: str) -> int:
    """What tells, without its words, that a headline was among the rows fitted on."""
    return features.name("seen", " ".join(features.words(headline)))


def _fold(group: str) -> int:
    return features.name("fold", group) % INNER


def _bands(totals: NDArray[np.float64], labels: NDArray[np.bool_]) -> tuple[float, float]:
    """The sums at which the relevant and the unsure band begin.

    Relevant: the middle of the sums whose F1 is within 0.005 of the best, since the best of a few
    hundred is luck. Unsure: where READ rows are read for each relevant one; where there are fewer
    rows than that, as where all are invented, they have not the proportions of the news, and the
    band begins at the sum that all but MISSED of the relevant ones reach.
    """
    order = np.argsort(-totals, kind="stable")
    ordered, hits = totals[order], np.cumsum(labels[order])
    positives = int(hits[-1])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + positives)
    good = ordered[f1 >= f1.max() - 0.005]
    wanted = int(READ * positives)
    few = wanted > len(order)
    unsure = float(np.quantile(totals[labels], MISSED)) if few else ordered[wanted - 1]
    return float(good.max() + good.min()) / 2, float(min(unsure, good.min()))
