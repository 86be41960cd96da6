"""What a desk's decisions teach the judge: average precision before and after, on unseen rows.

A simulated editor takes what tells of one region and of one of two forms, and leaves the rest. She
decides on rows drawn at random from those that are not clearly off the beat; the others, of other
months, are the test. The model she begins with is fitted without the months of the test.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from broadsheet.wire import judge
from broadsheet.wire.beat import Beat
from broadsheet.wire.judge import fitting, learning
from broadsheet.wire.judge.fitting import Labelled
from broadsheet.wire.judge.labelled import Judged
from broadsheet.wire.judge.weights import Learned, Model, squash
from broadsheet.wire.measure.judge import average_precision, months_to_folds, without
from broadsheet.wire.model import Article, Band
from broadsheet.wire.tag import tag

STEPS = (0, 25, 50, 100, 200)
DRAWS = 5  # random draws of decisions, averaged


@dataclass(frozen=True, slots=True)
class Editor:
    """Whom to please: the countries (ISO 3166-1) and the classes (with those below them)."""

    name: str
    countries: frozenset[str]
    forms: tuple[str, str]

    def takes(self, article: Article, beat: Beat) -> bool:
        """Whether she would take it: a place of hers, and a form of hers."""
        said = tag(article, beat, True)
        return any(place.iso2 in self.countries for place in said.places) and any(
            code.split(".")[0] in self.forms for code in said.every_code()
        )


def editors(beat: Beat) -> tuple[Editor, ...]:
    """One near the beat's home, two where the labelled headlines are from."""
    return (
        Editor("Asia, scams and sex", frozenset({beat.home.iso2, *beat.region}), ("CRIM", "SEX")),
        Editor("UK, sex and labour", frozenset({"GB"}), ("SEX", "LAB")),
        Editor("US, sex and labour", frozenset({"US"}), ("SEX", "LAB")),
    )


def report(rows: Sequence[Judged], invented: Sequence[Labelled], beat: Beat) -> Iterator[str]:
    """The curves, line by line: on labelled headlines, and on invented ones, which name more places."""
    held = [row for at, row in enumerate(invented) if at % 2]
    used = [row for at, row in enumerate(invented) if not at % 2]
    everything: list[Labelled] = [*rows, *used]
    known = fitting.vectors(everything, beat)
    placed = months_to_folds(rows, 2)
    halves = [sorted(month for month, into in placed.items() if into == half) for half in (0, 1)]
    folds = [without(half, rows, everything, known, beat) for half in halves]
    real = [
        [Article(headline=rows[at].headline, id=str(at)) for at in fold.scored] for fold in folds
    ]
    ours = [
        [
            Article(headline=row.headline, id=f"i{at}")
            for at, row in enumerate(held)
            if at % 2 == half
        ]
        for half in (0, 1)
    ]
    yield (
        "A simulated editor takes what tells of one region and of one of two forms, and leaves the "
        "rest. Average precision for her on unseen headlines that are not off the beat, mean of "
        f"{DRAWS} draws each way. Labelled headlines: she decides on one half of the months and is "
        "scored on the other, by a model fitted without that half. Invented headlines: none of "
        "them was in the fit."
    )
    yield f"{'decisions':62}" + "".join(f"{step:>8}" for step in STEPS)
    for name, pools in (("labelled", real), ("invented", ours)):
        yield from _curves(name, pools, [fold.model for fold in folds], beat)


@dataclass(frozen=True, slots=True)
class _Seen:
    """An article as the judge saw it, with what habits are remembered by."""

    article: Article
    score: float
    band: Band
    named: frozenset[learning.Named]

    def after(self, learned: Learned | None) -> float:
        """Its score after what was learned, as `judge` reckons it."""
        if learned is None or not learned.weights:
            return self.score
        return squash(learning.tempered(self.score) + learning.shift(learned, self.named))


def _curves(
    name: str, given: Sequence[Sequence[Article]], models: Sequence[Model], beat: Beat
) -> Iterator[str]:
    pools: list[list[_Seen]] = []
    for articles, model in zip(given, models, strict=True):
        verdicts = judge.judge_many(articles, beat, model)
        pools.append(
            [
                _Seen(a, v.score, v.band, frozenset(learning.named(a, beat)))
                for a, v in zip(articles, verdicts, strict=True)
                if v.band is not Band.OFF_BEAT
            ]
        )
    for editor in editors(beat):
        wanted = [{s.article.id for s in pool if editor.takes(s.article, beat)} for pool in pools]
        results: dict[int, list[float]] = {step: [] for step in STEPS}
        words: tuple[str, ...] = ()
        for test in (0, 1):
            if not wanted[test]:
                continue
            labels = np.array([seen.article.id in wanted[test] for seen in pools[test]])
            # She reads what is shown first: the relevant band.
            shown = [seen for seen in pools[1 - test] if seen.band is Band.RELEVANT]
            for draw in range(DRAWS):
                chance = random.Random(draw)  # noqa: S311 -- to repeat, not to hide
                order = chance.sample(shown, min(STEPS[-1], len(shown)))
                for step in STEPS:
                    learned = None
                    if step:
                        learned = learning.learn(
                            models[test],
                            [
                                (seen.article, seen.article.id in wanted[1 - test])
                                for seen in order[:step]
                            ],
                            beat,
                            [seen.score for seen in order[:step]],
                        ).learned
                        words = learned.words if learned else ()
                    scores = np.array([seen.after(learned) for seen in pools[test]])
                    results[step].append(average_precision(labels, scores) or 0.0)
        if results[0]:
            counts = f"{len(wanted[0]) + len(wanted[1])} of {len(pools[0]) + len(pools[1])}"
            yield (
                f"{name}, {editor.name} ({counts})".ljust(62)
                + "".join(f"{np.mean(results[step]):8.3f}" for step in STEPS)
            )
            yield "    learned in the last draw: " + "; ".join(words)
