"""How likely it is that two articles tell of one event: features of a pair and a learned sum.

The weights stand in `join.json`, one set for pairs of which one is a bare headline and one for
pairs of texts. They are the coefficients of a logistic regression; `training/group/train.py` made
them and says on what. Positive means one event.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt
from scipy import sparse

from broadsheet.wire.group.terms import Corpus, Floats, Ints, Rows, distinct, ordinary

# Features of a pair, in the order of the weights.
NAMES = (
    "headline",  # cosine of the headlines' terms
    "pieces",  # cosine of the four-letter pieces of the headlines' words
    "body",  # cosine of headline (twice) and the first words of the text
    "names",  # cosine of the names
    "shared",  # weight of all terms that both headlines hold, in tens
    "rarest",  # weight of the rarest of them, in tens
    "contained",  # share of the shorter headline's weight that the other holds
    "days",  # log of 1 + days between them, at most 4; 0 where one has no day
    "undated",  # 1 where one has no day
    "day",  # 1 where at most one day lies between
    "three_days",
    "ten_days",  # 1 where more than ten lie between
    "figures",  # figures that both headlines hold, at most 3
    "other_figures",  # 1 where both hold figures and share none
    "stage",  # 1 where both headlines tell the same stage of an affair
    "other_stage",  # 1 where they tell different ones
    "crowd",  # log of how many articles there are within two days of the pair, a third of it
    "days_body",
    "headline_crowd",
)
# An arrest and the charge days later are two events, however alike the texts are: whom it is about
# and what is said to have happened is told again each time. The labelled texts have hardly such pairs.
LATER, STAGE_LATER = 2.0, 1.0  # days, and the log-odds against, or what is taken off
WINDOW = 21.0  # days within which two articles can tell of one event
CHUNK = 1 << 14  # pairs that are worked at once: a bound on memory, and they stay in the cache


@dataclass(frozen=True, slots=True)
class Join:
    """An intercept and weights for `NAMES`.

    headlines   one event, for pairs of which one is a bare headline
    texts       one event, for pairs of texts
    """

    headlines: tuple[float, ...]
    texts: tuple[float, ...]

    def score(self, features: Floats, both_texts: npt.NDArray[np.bool_]) -> Floats:
        """The log-odds of one event for each row of features."""
        heads, told = np.array(self.headlines), np.array(self.texts)
        of_heads = features @ heads[1:] + heads[0]
        of_texts = features @ told[1:] + told[0]
        made: Floats = np.where(both_texts, of_texts, of_heads)
        return made


@functools.cache
def shipped() -> Join:
    path = resources.files("broadsheet.wire.group") / "join.json"
    given = json.loads(path.read_text(encoding="utf-8"))
    if tuple(given["features"]) != NAMES:
        raise ValueError("join.json was made for other features: run training/group/train.py")
    return Join(tuple(given["headlines"]), tuple(given["texts"]))


def _unit(rows: sparse.csr_matrix, weights: Floats) -> sparse.csr_matrix:
    """Rows with their terms weighed, each of length 1."""
    values = rows.data * weights[rows.indices].astype(np.float32)
    sums = np.zeros(rows.shape[0])
    filled = np.diff(rows.indptr) > 0
    if len(values):
        sums[filled] = np.add.reduceat(values.astype(np.float64) ** 2, rows.indptr[:-1][filled])
    lengths = np.sqrt(np.maximum(sums, 1e-12))
    return sparse.csr_matrix(
        (values / np.repeat(lengths, np.diff(rows.indptr)), rows.indices, rows.indptr),
        shape=rows.shape,
        copy=False,
    )


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each term of a corpus weighs: the log of how rare it is among so many articles."""

    heads: Floats
    bodies: Floats
    pieces: Floats

    @classmethod
    def of(
        cls, corpus: Corpus, size: int, heads: Floats, bodies: Floats, pieces: Floats
    ) -> Weights:
        """From how many of `size` articles hold each term, with the ordinary headlines beside them."""
        _, ordinarily, _ = ordinary()
        prior = corpus.prior(len(heads))
        return cls(
            np.maximum(0.0, np.log((size + ordinarily + 1.0) / (heads + prior + 0.5))),
            np.maximum(0.0, np.log((size + ordinarily + 1.0) / (bodies + prior + 0.5))),
            np.log((size + 1.0) / (np.minimum(pieces, size) + 0.5)),
        )

    def wider(self, terms: int, pieces: int) -> Weights:
        """The same for more terms; those are as rare as the rarest."""
        if len(self.heads) == terms and len(self.pieces) == pieces:
            return self
        return Weights(
            _padded(self.heads, terms), _padded(self.bodies, terms), _padded(self.pieces, pieces)
        )


def _padded(weights: Floats, size: int) -> Floats:
    rarest = float(weights.max()) if len(weights) else 1.0
    return np.concatenate((weights, np.full(size - len(weights), rarest)))


class Pairs:
    """A corpus, or the articles of it that `only` names, ready for comparing pairs.

    Everything here is by place in `only`. `bare` marks articles (of the corpus) whose text is left
    out: it is furniture.
    """

    def __init__(
        self,
        corpus: Corpus,
        only: Ints | None = None,
        *,
        bare: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        self.corpus = corpus
        kept = np.arange(len(corpus)) if only is None else only
        width = len(corpus.vocabulary.terms)
        heads = corpus.headlines.matrix(width, kept)
        bodies = corpus.bodies.matrix(width, kept)
        names = corpus.names.matrix(width, kept)
        pieces = corpus.pieces.matrix(corpus.vocabulary.n_pieces, kept)
        self.has_text = np.array(corpus.has_text, dtype=bool)[kept]
        if bare is not None and bare[kept].any():
            told = sparse.diags((~bare[kept]).astype(np.float32), format="csr")
            bodies = (
                told @ bodies + (sparse.identity(len(kept), format="csr") - told) @ heads
            ).tocsr()
            names = (told @ names).tocsr()
            self.has_text &= ~bare[kept]
        counts = (
            np.bincount(rows.indices, minlength=rows.shape[1]).astype(np.float64)
            for rows in (heads, bodies, pieces)
        )
        weights = Weights.of(corpus, len(kept), *counts)
        self.weight = weights.heads
        self.heads = _unit(heads, weights.heads)
        self.bodies = _unit(bodies, weights.bodies)
        self.names = _unit(names, weights.bodies)
        self.pieces = _unit(pieces, weights.pieces)
        self.plain = heads
        self.total = np.asarray(heads @ self.weight).ravel()
        self._tell(kept)

    def _tell(self, kept: Ints, crowd: Floats | None = None) -> None:
        """What is compared beside the words."""
        corpus, places = self.corpus, kept.tolist()
        self.days = np.array([corpus.days[at] for at in places])
        self.stages = np.array([corpus.stages[at] for at in places], dtype=np.uint16)
        self.steps = np.array([corpus.steps[at] for at in places], dtype=np.uint16)
        self.figures = [corpus.figures[at] for at in places]
        self.crowd = _crowd(self.days) if crowd is None else crowd

    def __len__(self) -> int:
        return len(self.days)

    def features(self, left: Ints, right: Ints) -> Floats:
        """A row of features for each pair."""
        parts = [
            self._features(left[at : at + CHUNK], right[at : at + CHUNK])
            for at in range(0, max(1, len(left)), CHUNK)
        ]
        return parts[0] if len(parts) == 1 else np.vstack(parts)

    def _features(self, left: Ints, right: Ints) -> Floats:
        made = np.zeros((len(left), len(NAMES)))
        if not len(left):
            return made
        made[:, :6] = self._words(left, right)
        least = np.minimum(self.total[left], self.total[right])
        made[:, 6] = np.minimum(1.0, 10 * made[:, 4] / np.maximum(least, 1e-9))
        between = np.abs(self.days[left] - self.days[right])
        undated = np.isnan(between)
        between = np.where(undated, 0.0, between)
        made[:, 7] = np.minimum(np.log1p(between), 4.0)
        made[:, 8] = undated
        made[:, 9] = ~undated & (between <= 1)
        made[:, 10] = ~undated & (between <= 3)
        made[:, 11] = between > 10
        figures = self.figures
        for row, (one, other) in enumerate(zip(left, right, strict=True)):
            if figures[one] and figures[other]:
                both = len(figures[one] & figures[other])
                made[row, 12] = min(both, 3)
                made[row, 13] = not both
        one, other = self.stages[left], self.stages[right]
        made[:, 14] = (one & other) > 0
        made[:, 15] = ((one & other) == 0) & (one > 0) & (other > 0)
        made[:, 16] = np.log((self.crowd[left] + self.crowd[right]) / 2) / 3
        made[:, 17] = made[:, 7] * made[:, 2]
        made[:, 18] = made[:, 0] * made[:, 16]
        return made

    def _words(self, left: Ints, right: Ints) -> Floats:
        """The first six features: what words and names the pairs share."""
        made = np.zeros((len(left), 6))
        made[:, 0] = _dots(self.heads, left, right)
        made[:, 1] = _dots(self.pieces, left, right)
        made[:, 2] = _dots(self.bodies, left, right)
        made[:, 3] = _dots(self.names, left, right)
        shared = self.plain[left].multiply(self.plain[right]).tocsr()
        values = self.weight[shared.indices]
        filled = np.diff(shared.indptr) > 0
        if len(values):
            starts = shared.indptr[:-1][filled]
            made[filled, 4] = np.add.reduceat(values, starts) / 10
            made[filled, 5] = np.maximum.reduceat(values, starts) / 10
        return made

    def score(self, left: Ints, right: Ints, join: Join) -> Floats:
        """The log-odds that each pair tells of one event."""

        def score(a: Ints, b: Ints) -> Floats:
            features = self._features(a, b)
            odds = join.score(features, self.has_text[a] & self.has_text[b])
            between = np.abs(self.days[a] - self.days[b])
            one, other = self.steps[a], self.steps[b]
            later = (one != other) & (one > 0) & (other > 0) & (between >= LATER)
            later |= between > WINDOW
            odds[later] = np.minimum(odds[later], 0.0) - STAGE_LATER
            return odds

        return self._chunked(left, right, score)

    @staticmethod
    def _chunked(left: Ints, right: Ints, score: Callable[[Ints, Ints], Floats]) -> Floats:
        out = [
            score(left[at : at + CHUNK], right[at : at + CHUNK])
            for at in range(0, len(left), CHUNK)
        ]
        return np.concatenate(out) if out else np.zeros(0)


class Few(Pairs):
    """A few articles of a corpus, with the weights and the crowd of all: for one against some others.

    Each left article of the pairs is laid out over all terms once, and the others are looked up in it:
    sparse matrices of so few rows cost more in checks than in work.
    """

    def __init__(self, corpus: Corpus, only: Ints, weights: Weights, crowd: Floats) -> None:
        self.corpus = corpus
        self.has_text = np.array([corpus.has_text[at] for at in only.tolist()], dtype=bool)
        self.weight = weights.heads
        self._plain = _Side.of(corpus.headlines, only)
        self._sides = tuple(
            _Side.of(rows, only).unit(weight)
            for rows, weight in (
                (corpus.headlines, weights.heads),
                (corpus.pieces, weights.pieces),
                (corpus.bodies, weights.bodies),
                (corpus.names, weights.bodies),
            )
        )
        self.total = self._plain.sums(self.weight[self._plain.columns])
        self._tell(only, crowd)

    def _words(self, left: Ints, right: Ints) -> Floats:
        made = np.zeros((len(left), 6))
        for one in distinct(left).tolist():
            mine = left == one
            others = right[mine]
            for column, side in enumerate(self._sides):
                made[mine, column] = side.dots(one)[others]
            shared = self._plain.of_one(one, len(self.weight))[self._plain.columns]
            shared *= self.weight[self._plain.columns]
            made[mine, 4] = self._plain.sums(shared)[others] / 10
            made[mine, 5] = self._plain.most(shared)[others] / 10
        return made


@dataclass(frozen=True, slots=True)
class _Side:
    """Some rows end to end: whose each entry is, its column and its value."""

    size: int
    owner: Ints
    columns: npt.NDArray[np.int32]
    values: Floats

    @classmethod
    def of(cls, rows: Rows, only: Ints) -> _Side:
        places = only.tolist()
        held = [rows.row(at) for at in places]
        return cls(
            len(held),
            np.repeat(np.arange(len(held)), [len(row) for row in held]),
            np.concatenate(held),
            np.concatenate([rows.values(at) for at in places]).astype(np.float64),
        )

    def unit(self, weights: Floats) -> _Side:
        """The rows with their terms weighed, each of length 1."""
        values = self.values * weights[self.columns]
        lengths = np.sqrt(np.maximum(self.sums(values**2), 1e-12))
        return _Side(self.size, self.owner, self.columns, values / lengths[self.owner])

    def sums(self, entries: Floats) -> Floats:
        made: Floats = np.bincount(self.owner, weights=entries, minlength=self.size).astype(float)
        return made

    def most(self, entries: Floats) -> Floats:
        made = np.zeros(self.size)
        np.maximum.at(made, self.owner, entries)
        return made

    def of_one(self, one: int, width: int) -> Floats:
        """One row laid out over all columns."""
        made = np.zeros(width)
        first, last = np.searchsorted(self.owner, (one, one + 1))
        made[self.columns[first:last]] = self.values[first:last]
        return made

    def dots(self, one: int) -> Floats:
        """The products of one row with all."""
        width = int(self.columns.max()) + 1 if len(self.columns) else 0
        return self.sums(self.of_one(one, width)[self.columns] * self.values)


def _dots(rows: sparse.csr_matrix, left: Ints, right: Ints) -> Floats:
    made: Floats = np.asarray(rows[left].multiply(rows[right]).sum(axis=1)).ravel()
    return made


def _crowd(days: Floats) -> Floats:
    """How many articles lie within two days of each, itself and all undated ones with it."""
    dated = np.sort(days[~np.isnan(days)])
    undated = len(days) - len(dated)
    made = np.full(len(days), float(len(days)))
    known = ~np.isnan(days)
    made[known] = (
        np.searchsorted(dated, days[known] + 2, side="right")
        - np.searchsorted(dated, days[known] - 2, side="left")
        + undated
    )
    crowded: Floats = np.maximum(made, 1.0)
    return crowded
