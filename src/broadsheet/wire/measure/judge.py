"""The judge on labelled headlines: as shipped, refitted without the rows it scores, by phrases alone.

Headlines only, so that a text cannot give the label away. `clear` rows are those a person was sure
of and the presumed negatives; borderline rows are scored apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from broadsheet.wire import judge
from broadsheet.wire.beat import Beat
from broadsheet.wire.group import group
from broadsheet.wire.judge import fitting
from broadsheet.wire.judge.fitting import Labelled, Vectors
from broadsheet.wire.judge.labelled import Judged
from broadsheet.wire.judge.weights import Model
from broadsheet.wire.model import Article, Band, Verdict
from broadsheet.wire.rank import rank
from broadsheet.wire.tag import tag

FOLDS = 5
FIRST = 40  # stories that an editor reads


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and quality on some rows. Measures without a relevant row are None."""

    rows: int
    relevant: int
    found: int  # in the relevant band
    right: int  # of them relevant
    waiting: int  # in the relevant or unsure band
    reached: int  # of them relevant
    average_precision: float | None

    @property
    def precision(self) -> float | None:
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        return self.right / self.relevant if self.relevant else None

    @property
    def f1(self) -> float | None:
        return 2 * self.right / (self.found + self.relevant) if self.relevant else None

    @property
    def unsure_recall(self) -> float | None:
        return self.reached / self.relevant if self.relevant else None

    @property
    def read_per_relevant(self) -> float | None:
        return self.waiting / self.reached if self.reached else None


def average_precision(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> float | None:
    """The mean of the precision at each relevant row, best score first; ties share their place."""
    positives = int(labels.sum())
    if not positives:
        return None
    order = np.argsort(-scores, kind="stable")
    hits, sorted_scores = np.cumsum(labels[order]), scores[order]
    last = np.append(np.flatnonzero(np.diff(sorted_scores)), len(order) - 1)
    new = np.diff(np.append(0, hits[last]))
    return float((hits[last] / (last + 1) * new).sum() / positives)


def figures(rows: Sequence[Judged], verdicts: Sequence[Verdict]) -> Figures:
    """The figures of verdicts on labelled rows."""
    labels = np.array([row.relevant for row in rows], dtype=bool)
    scores = np.array([verdict.score for verdict in verdicts], dtype=float)
    band = [verdict.band for verdict in verdicts]
    found = np.array([b is Band.RELEVANT for b in band], dtype=bool)
    waiting = np.array([b is not Band.OFF_BEAT for b in band], dtype=bool)
    return Figures(
        rows=len(rows),
        relevant=int(labels.sum()),
        found=int(found.sum()),
        right=int((found & labels).sum()),
        waiting=int(waiting.sum()),
        reached=int((waiting & labels).sum()),
        average_precision=average_precision(labels, scores),
    )


HEAD = (
    f"{'':34}{'rows':>7}{'rel.':>6}{'found':>6}{'right':>6}{'prec.':>7}{'recall':>7}{'F1':>7}{'AP':>7}"
    f"{'unsure: recall':>16}{'read per rel.':>14}"
)


def line(name: str, got: Figures) -> str:
    """One line of the table under HEAD."""

    def number(value: float | None, width: int, digits: int = 3) -> str:
        return f"{'-' if value is None else format(value, f'.{digits}f'):>{width}}"

    return (
        f"{name:34}{got.rows:7,}{got.relevant:6,}{got.found:6,}{got.right:6,}"
        f"{number(got.precision, 7)}{number(got.recall, 7)}{number(got.f1, 7)}"
        f"{number(got.average_precision, 7)}{number(got.unsure_recall, 16)}"
        f"{number(got.read_per_relevant, 14, 1)}"
    )


def table(rows: Sequence[Judged], verdicts: Sequence[Verdict]) -> Iterator[str]:
    """Clear rows, with borderline, one of each group of near-duplicates, and each data set."""
    yield HEAD

    def some(name: str, chosen: Callable[[int], bool]) -> str:
        at = [index for index in range(len(rows)) if chosen(index)]
        return line(name, figures([rows[i] for i in at], [verdicts[i] for i in at]))

    clear = [row.grade != "borderline" for row in rows]
    first: set[str] = set()
    leads: list[bool] = []
    for row in rows:
        leads.append(row.group not in first)
        first.add(row.group)
    yield some("clear", lambda i: clear[i])
    yield some("clear, near-duplicates once", lambda i: clear[i] and leads[i])
    yield some("clear and borderline", lambda i: True)
    yield some("clear and borderline, once", lambda i: leads[i])
    yield some("borderline alone", lambda i: not clear[i])
    for dataset in sorted({row.dataset for row in rows}):
        yield some(f"clear, {dataset}", lambda i, d=dataset: clear[i] and rows[i].dataset == d)  # type: ignore[misc]


def judged(rows: Sequence[Judged], beat: Beat, model: Model | None) -> list[Verdict]:
    """The verdicts on the rows' headlines alone."""
    return list(judge.judge_many((Article(headline=row.headline) for row in rows), beat, model))


@dataclass(frozen=True, slots=True)
class Fold:
    """A part of the rows, scored by what was fitted without it."""

    months: tuple[str, ...]
    scored: tuple[int, ...]  # indexes of rows
    fitted: tuple[int, ...]
    left_out: int  # rows of other months that are near-duplicates of a scored one
    model: Model

    def says(self, number: int, invented: int) -> str:
        """What was refitted, in words."""
        return (
            f"  fold {number}: scored {len(self.scored):,} rows of {', '.join(self.months)}. "
            f"Refitted: weights, scaling, both bands, on {len(self.fitted):,} rows of other months "
            f"and {invented:,} invented rows; {self.left_out:,} near-duplicates of scored rows left "
            "out."
        )


def months_to_folds(rows: Sequence[Judged], folds: int = FOLDS) -> dict[str, int]:
    """Each month to a fold, so that the relevant rows are spread evenly."""
    relevant: Counter[str] = Counter(row.month for row in rows if row.relevant)
    size: Counter[str] = Counter(row.month for row in rows)
    load = [(0, 0)] * folds
    placed: dict[str, int] = {}
    for month in sorted(size, key=lambda m: (-relevant[m], -size[m], m)):
        into = min(range(folds), key=lambda fold: (load[fold], fold))
        placed[month] = into
        load[into] = (load[into][0] + relevant[month], load[into][1] + size[month])
    return placed


def cross_validate(
    rows: Sequence[Judged], invented: Sequence[Labelled], beat: Beat
) -> Iterator[Fold]:
    """Folds by month; a row whose near-duplicate is scored takes no part in that fit."""
    everything: list[Labelled] = [*rows, *invented]
    known = fitting.vectors(everything, beat)
    placed = months_to_folds(rows)
    for fold in sorted(set(placed.values())):
        months = tuple(sorted(month for month, into in placed.items() if into == fold))
        yield without(months, rows, everything, known, beat)


def without(
    months: Sequence[str],
    rows: Sequence[Judged],
    everything: Sequence[Labelled],
    known: Vectors,
    beat: Beat,
) -> Fold:
    """A model fitted without the rows of some months and without their near-duplicates."""
    scored = [at for at, row in enumerate(rows) if row.month in months]
    groups = {rows[at].group for at in scored}
    others = [at for at, row in enumerate(rows) if row.month not in months]
    fitted = [at for at in others if rows[at].group not in groups]
    used = [*fitted, *range(len(rows), len(everything))]
    part = Vectors(known.matrix[used], known.keys, known.scales)
    model = fitting.recipe(
        [everything[at] for at in used], beat, f"without {', '.join(months)}", part
    )
    return Fold(tuple(months), tuple(scored), tuple(fitted), len(others) - len(fitted), model)


def month_report(
    articles: Sequence[Article],
    labels: Mapping[str, Judged],
    beat: Beat,
    model: Model | None,
    now: datetime,
) -> Iterator[str]:
    """A month of headlines: the bands, the labelled ones in them, recall in the first FIRST stories."""
    verdicts = dict(
        zip((a.key for a in articles), judge.judge_many(articles, beat, model), strict=True)
    )
    bands: Counter[Band] = Counter(verdicts[article.key].band for article in articles)
    reached: dict[str, Counter[Band]] = defaultdict(Counter)
    relevant: dict[str, str] = {}  # article key -> grade
    for article in articles:
        label = labels.get(str(article.id))
        if label is not None and label.relevant:
            reached[label.grade][verdicts[article.key].band] += 1
            relevant[article.key] = label.grade
    yield (
        f"  {len(articles):,} headlines: {bands[Band.RELEVANT]:,} relevant, {bands[Band.UNSURE]:,} unsure, "
        f"{bands[Band.OFF_BEAT]:,} off the beat."
    )
    for grade, counts in sorted(reached.items(), reverse=True):
        yield (
            f"  {counts.total()} of them labelled relevant ({grade}): {counts[Band.RELEVANT]} in the "
            f"relevant band, {counts[Band.UNSURE]} unsure, {counts[Band.OFF_BEAT]} off the beat."
        )
    worth = [judge.might_matter(article, beat, model) for article in articles]
    lost = sum(not w for w, article in zip(worth, articles, strict=True) if article.key in relevant)
    yield (
        f"  {sum(worth):,} of them ({sum(worth) / len(worth):.1%}) are worth fetching in full; "
        f"{lost} of those labelled relevant are not."
    )
    near = [a for a in articles if verdicts[a.key].band is not Band.OFF_BEAT]
    members = group(near)
    tags = {article.key: tag(article, beat, True) for article in near}
    ranked = rank(members, verdicts, tags, beat, now)
    first = {m.article.key for story in ranked[:FIRST] for m in story.members}
    for grade in sorted(set(relevant.values()), reverse=True):
        keys = [key for key, of in relevant.items() if of == grade]
        got = sum(key in first for key in keys)
        yield (
            f"  In the first {FIRST} of {len(ranked):,} ranked stories: {got} of {len(keys)} labelled "
            f"relevant ({grade}), recall {got / len(keys):.3f}."
        )
