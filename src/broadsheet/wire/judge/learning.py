"""What a desk's takes and leaves teach the judge, and what it may not do.

The shipped model stays as it is. Beside it stands a small second model over words, families,
phrases and places, fitted to the decisions with the shipped score as its starting point and a
penalty that pulls every weight to nought: few decisions move little. Its whole say is bounded
(`LIMIT`), so that no week of decisions can take what the shipped model is sure of off the beat.
It can be made anew from the decisions at any time; undoing is leaving a decision out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from broadsheet.wire import places
from broadsheet.wire.beat import Beat
from broadsheet.wire.judge import features
from broadsheet.wire.judge.finds import matcher, plain
from broadsheet.wire.judge.weights import LIMIT, Learned, Model, squash
from broadsheet.wire.model import Article

FEWEST = 10  # decisions; below, the desk's habits cannot be told from chance
TWICE = 2  # decisions that a feature must occur in
# Penalty on the squared weights by kind of feature. A place or a class speaks for many articles and
# may move more than a word. The share of takes goes into the bias, which is then left out: a desk
# that has room for one story in ten has not said that the others are off the beat. Tuned on the
# simulated editors of `broadsheet measure judge --learning-curve`.
PULL = {"place": 0.3, "p": 0.3, "f": 0.6, "s": 1.2, "bias": 0.01}
SURE, BEYOND = 3.0, 0.1  # log-odds of 0.95; what is left of the log-odds beyond
TOLD = 3  # decisions that a habit must rest on to be told
_LEAD = 600  # code points of the text that are looked at beside the headline

Named = tuple[str, str]  # kind, what


def named(article: Article, beat: Beat) -> set[Named]:
    """The features of an article by which a desk's habits are remembered."""
    lead = plain(article.text[:_LEAD]) if article.text else ""
    headline = plain(article.headline)
    found: set[Named] = set()
    everything = 0
    families = features.families(beat.folder)
    for word in features.words(headline):
        found.add(("s", features.stem(word)))
        everything |= families.of(word)
    found |= {("f", family) for family in families.named(everything)}
    known = matcher(beat)
    for part in (headline, lead):
        scan = known.scan(part) if part else None
        if scan is not None:
            found |= {("p", hit.code) for hit in (*scan.strong, *scan.weak, *scan.near_miss)}
    countries = {hit.iso2 for hit in places.find(headline, beat.home, headline=True)}
    countries |= {hit.iso2 for hit in places.find(lead, beat.home)} if lead else set()
    found |= {("place", iso2) for iso2 in countries}
    if beat.home.iso2 in countries:
        found.add(("place", "home"))
    if countries & {beat.home.iso2, *beat.region}:
        found.add(("place", "region"))
    elif countries:
        found.add(("place", "elsewhere"))
    return found


def shift(learned: Learned, found: Iterable[Named]) -> float:
    """What was learned says of an article: a change of the log-odds, from -LIMIT to LIMIT."""
    weights = learned.weights
    total = sum(weights.get(features.name(*one), 0.0) for one in found)
    return LIMIT * math.tanh(total / LIMIT)  # soft, so that the order stays near the bound


def floor(unsure: float) -> float:
    """The score below which not even the most that can be learned lifts an article to `unsure`."""
    unsure = min(max(unsure, 1e-9), 1 - 1e-9)
    return squash(math.log(unsure / (1 - unsure)) - LIMIT)


def shifted(score: float, learned: Learned, article: Article, beat: Beat) -> float:
    """The score of an article after what was learned."""
    return squash(tempered(score) + shift(learned, named(article, beat)))


def tempered(score: float) -> float:
    """The log-odds of a shipped score, drawn in beyond SURE: what is sure to be on the beat is only
    sure, so that among such articles the desk's habits decide the order.
    """
    score = min(max(score, 1e-9), 1 - 1e-9)
    odds = math.log(score / (1 - score))
    return odds if odds <= SURE else SURE + BEYOND * (odds - SURE)


def learn(
    model: Model, decisions: Sequence[tuple[Article, bool]], beat: Beat, scores: Sequence[float]
) -> Model:
    """The model with what the decisions teach; `scores` are the shipped scores of the articles.

    Takes some tenths of a second for 300 decisions. The same decisions in any order teach the same.
    With fewer than FEWEST, or all of one kind, nothing is learned, and `learned.words` says so.
    """
    taken = sum(bool(was_taken) for _, was_taken in decisions)
    left = len(decisions) - taken
    empty = Learned(taken=taken, left=left, built_on=model.name)
    if len(decisions) < FEWEST or not taken or not left:
        why = (
            f"Nothing yet: {len(decisions)} decisions, and {FEWEST} are needed."
            if len(decisions) < FEWEST
            else "Nothing: all decisions are alike, so there is nothing to tell apart."
        )
        return replace(model, learned=replace(empty, words=(why,)))
    seen = [named(article, beat) for article, _ in decisions]
    rows = sorted(
        zip(seen, (bool(t) for _, t in decisions), scores, strict=True),
        key=lambda row: (row[2], row[1], sorted(row[0])),
    )
    often = Counter(one for found, _, _ in rows for one in found)
    columns = sorted(one for one, count in often.items() if count >= TWICE and one[0] in PULL)
    place = {one: at for at, one in enumerate(columns)}
    x = np.zeros((len(rows), len(columns) + 1))
    x[:, -1] = 1.0
    for at, (found, _, _) in enumerate(rows):
        for one in found & place.keys():
            x[at, place[one]] = 1.0
    labels = np.array([label for _, label, _ in rows], dtype=float)
    start = np.array([tempered(score) for _, _, score in rows])
    pull = np.array([PULL[kind] for kind, _ in columns] + [PULL["bias"]])
    weights = _fit(x, labels, start, pull)
    learned = replace(
        empty,
        weights={features.name(*one): round(float(weights[at]), 5) for one, at in place.items()},
        words=tuple(_told(rows, beat)),
    )
    return replace(model, learned=learned)


def _fit(
    x: NDArray[np.float64],
    labels: NDArray[np.float64],
    start: NDArray[np.float64],
    pull: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Newton's method for logistic regression from a starting point, with its own pull on each weight."""
    weights = np.zeros(x.shape[1])
    # From the share of takes on, Newton's steps cannot overshoot by much.
    share = labels.mean()
    weights[-1] = math.log(share / (1 - share)) - float(start.mean())
    for _ in range(50):
        odds = np.clip(start + x @ weights, -30, 30)
        p = 1 / (1 + np.exp(-odds))
        gradient = x.T @ (p - labels) + pull * weights
        curve = (x * (p * (1 - p))[:, None]).T @ x + np.diag(pull)
        step = np.clip(np.linalg.solve(curve, gradient), -1, 1)
        weights -= step
        if float(np.abs(step).max()) < 1e-6:
            break
    return weights


def _told(rows: Sequence[tuple[set[Named], bool, float]], beat: Beat) -> list[str]:
    """The desk's plainest habits in words, strongest first."""
    counts: dict[Named, list[int]] = {}
    for found, label, _ in rows:
        for one in found:
            if one[0] in ("place", "p"):
                counts.setdefault(one, [0, 0])[label] += 1
    share = sum(label for _, label, _ in rows) / len(rows)
    habits: list[tuple[float, str]] = []
    for (kind, what), (leaves, takes) in counts.items():
        if leaves + takes < TOLD:
            continue
        called = _label(kind, what, beat)
        if called is None:
            continue
        # How far, in standard errors, the share of takes is from that of all decisions.
        n = leaves + takes
        far = (takes / n - share) / math.sqrt(share * (1 - share) / n)
        if abs(far) >= 1.5:
            more = "More" if far > 0 else "Less"
            habits.append((abs(far), f"{more}: {called} ({takes} of {n} taken)"))
    habits.sort(key=lambda habit: (-habit[0], habit[1]))
    overall = f"{round(100 * share)} in 100 of all decisions were takes."
    return [overall, *(told for _, told in habits[:8])]


def _label(kind: str, what: str, beat: Beat) -> str | None:
    if kind == "p":
        code = beat.taxonomy.code(what)
        return code.label if code else None
    special: Mapping[str, str] = {
        "home": beat.home.name,
        "region": "the desk's region",
        "elsewhere": "places outside the region",
    }
    return special.get(what) or (None if what == beat.home.iso2 else places.english(what))


@dataclass(frozen=True, slots=True)
class Recall:
    """The desk's own recall, estimated from a sample of what was filed off the beat.

    All three are shares, 0 to 1. `low` and `high` bound it with a probability of 0.95.
    """

    estimate: float
    low: float
    high: float
    missed: float  # articles expected to be on the beat among all that were filed off it

    @property
    def words(self) -> str:
        """For the desk's screen."""
        return (
            f"About {round(100 * self.estimate)} in 100 of what belongs on the beat was shown "
            f"(between {round(100 * self.low)} and {round(100 * self.high)})."
        )


def recall(taken: int, filed: int, sampled: int, found: int) -> Recall | None:
    """Estimate recall: `taken` articles shown and taken, `filed` off the beat, of which `sampled` at
    random were looked at and `found` belonged on the beat after all.

    Wilson's interval for the share among the filed. None where nothing was sampled. ValueError for
    counts that cannot be.
    """
    if not 0 <= found <= sampled <= filed or taken < 0:
        raise ValueError("found, sampled and filed must grow in this order, and none be below 0")
    if not sampled:
        return None
    z = 1.96
    share = found / sampled
    middle = (share + z * z / (2 * sampled)) / (1 + z * z / sampled)
    half = (z / (1 + z * z / sampled)) * math.sqrt(
        share * (1 - share) / sampled + z * z / (4 * sampled * sampled)
    )
    if sampled == filed:  # everything was looked at: nothing is left to chance
        half, middle = 0.0, share

    def of(missing: float) -> float:
        missed = missing * filed
        return taken / (taken + missed) if taken + missed else 1.0

    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Recall(of(share), of(high), of(low), share * filed)
