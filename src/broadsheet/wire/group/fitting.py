"""Learn the weights of the join from labelled articles. Used for training and for cross-validation.

The labelled sets are thin in time: two articles of one day are nearly always one event there, and
nearly never in a real month. So each set is learned from four times: with its own dates, with its
events drawn together into a month and into a week, and without dates. How crowded the days are is a
feature, so that one set of weights serves a desk of five articles a day and one of five hundred.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from broadsheet.wire import dates
from broadsheet.wire.group.join import NAMES, Join, Pairs
from broadsheet.wire.group.terms import Corpus, Floats, Ints
from broadsheet.wire.model import Article

# The C of scikit-learn on standardised features: the best of 0.01, 0.1, 1 in cross-validation.
RIDGE = 0.1
# Added to the intercept. A wrong lump costs an editor more than a story told twice on the list, but
# the fit, made on pairs, was shyer than the best linking on the training sets.
LEAN_HEADLINES, LEAN_TEXTS = 0.5, 0.7
SPANS = (7, 30)  # days into which the events of a set are drawn together


@dataclass(frozen=True, slots=True)
class Labelled:
    """Articles with their event and the unit that must not be torn apart in cross-validation."""

    articles: tuple[Article, ...]
    events: tuple[str, ...]
    units: tuple[str, ...]


def versions(given: Labelled) -> list[Labelled]:
    """A set as it is, drawn together in time, and without dates."""
    bare = replace(given, articles=tuple(replace(a, published=None) for a in given.articles))
    return [given, *(drawn(given, days) for days in SPANS), bare]


def drawn(given: Labelled, span: int, seed: int = 0) -> Labelled:
    """The same events, each begun on a day drawn from `span`; days within an event stay as they were."""
    draw = random.Random(seed + span)  # noqa: S311 -- days of a training set
    first: dict[str, date] = {}
    for article, event in zip(given.articles, given.events, strict=True):
        day = article.published.day if article.published else None
        if day:
            first[event] = min(day, first.get(event, day))
    start = {
        event: date(2020, 1, 1) + timedelta(days=draw.randrange(span)) for event in sorted(first)
    }
    articles = []
    for article, event in zip(given.articles, given.events, strict=True):
        day = article.published.day if article.published else None
        moved = dates.of(start[event] + (day - first[event])) if day else None
        articles.append(replace(article, published=moved))
    return replace(given, articles=tuple(articles))


@dataclass(frozen=True, slots=True)
class Sample:
    """All pairs of a set, worked out."""

    features: Floats
    same: npt.NDArray[np.bool_]
    units: tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]


def sample(given: Labelled) -> Sample:
    pairs = Pairs(Corpus(given.articles))
    left, right = every(len(given.articles))
    events = np.array(given.events, dtype=object)
    units = np.array(given.units, dtype=object)
    return Sample(
        pairs.features(left, right),
        events[left] == events[right],
        (units[left], units[right]),
    )


def every(size: int) -> tuple[Ints, Ints]:
    left, right = np.triu_indices(size, 1)
    return left.astype(np.int64), right.astype(np.int64)


def learn(
    samples: Sequence[Sample], without: Collection[str] = (), of: Collection[str] = NAMES
) -> tuple[float, ...]:
    """The intercept and a weight for each feature; 0 for one that `of` does not name.

    Pairs that touch a unit of `without` are left out. Every sample counts the same, whatever its size.
    """
    features, same, weights = [], [], []
    for made in samples:
        kept = ~(np.isin(made.units[0], list(without)) | np.isin(made.units[1], list(without)))
        if not made.same[kept].any():
            continue
        features.append(made.features[kept])
        same.append(made.same[kept])
        weights.append(np.full(int(kept.sum()), 50.0 / made.same[kept].sum()))
    given, target = np.vstack(features), np.concatenate(same)
    given = given * np.isin(NAMES, list(of))
    mean, spread = given.mean(axis=0), given.std(axis=0)
    spread[spread < 1e-9] = 1.0
    fit = LogisticRegression(C=RIDGE, max_iter=2000)
    fit.fit((given - mean) / spread, target, sample_weight=np.concatenate(weights))
    weight = fit.coef_[0] / spread
    return (float(fit.intercept_[0] - (weight * mean).sum()), *map(float, weight))


def fit(
    headlines: Sequence[Sample],
    texts: Sequence[Sample],
    without: Collection[str] = (),
) -> Join:
    """A join learned from sets of bare headlines and from sets of texts."""
    bare, told = learn(headlines, without), learn(texts, without)
    return Join(
        (bare[0] + LEAN_HEADLINES, *bare[1:]),
        (told[0] + LEAN_TEXTS, *told[1:]),
    )


def as_json(join: Join) -> dict[str, object]:
    """What `join.json` holds."""
    return {
        "features": list(NAMES),
        "headlines": [round(w, 4) for w in join.headlines],
        "texts": [round(w, 4) for w in join.texts],
    }
