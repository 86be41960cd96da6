"""The learned half of the judge as a value: numbers in a file, made by training/judge/train.py."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import BeatError

NUMBERS, ABOUT = "judge.npz", "judge.json"
SCHEMA = 2
EXTREME = 8.0  # log-odds beyond which a headline or a sentence says no more
# Log-odds that text may take from what the headline says by itself: a teaser or a cookie notice tells
# nothing against it, a near miss in the lead does.
LOWER, LOWER_NEAR = 1.0, 3.0
LIMIT = 2.5  # log-odds that a desk's decisions may move an article, at most: 0.99 stays above 0.89


@dataclass(frozen=True, slots=True)
class Bands:
    """The scores at which the bands begin. Both ends belong to the better band."""

    unsure: float
    relevant: float


@dataclass(frozen=True, slots=True)
class Learned:
    """What a desk's decisions taught, laid over the shipped weights (learning.py)."""

    weights: Mapping[int, float] = field(default_factory=dict)  # change of the log-odds
    taken: int = 0
    left: int = 0
    words: tuple[str, ...] = ()  # what was learned, in words an editor understands
    built_on: str = ""  # the name of the shipped model


@dataclass(frozen=True, eq=False)
class Model:
    """Weights by the hash of a feature (features.py), and what makes a probability of their sum.

    bias        added to the sum of the weights
    lead        weights of the same features for two sentences of a text, and lead_bias to add: what
                a text tells in its own words is told otherwise than in a headline
    text        (constant, headline, best of the lead, next best): how the sums join where there is text
    slope, shift  Platt's scaling: probability = 1 / (1 + exp(-(slope * sum + shift)))
    seen        fingerprints of the labelled headlines it was fitted on, so that a measure can say
                which rows it has seen before
    learned     what the desk taught, if anything
    """

    name: str
    weights: Mapping[int, float]
    bias: float
    bands: Bands
    slope: float = 1.0
    shift: float = 0.0
    text: tuple[float, float, float, float] = (0.0, 1.0, 0.0, 0.0)
    lead: Mapping[int, float] = field(default_factory=dict)
    lead_bias: float = 0.0
    seen: frozenset[int] = frozenset()
    about: Mapping[str, Any] = field(default_factory=dict)
    learned: Learned | None = None

    def with_text(self, headline: float, best: float, after: float, near_miss: bool) -> float:
        """The sum where there is text, from the sums of the headline and of the lead's best places.

        Each counts up to EXTREME, so that none can drown the others; and text takes at most LOWER
        from the log-odds of the headline, LOWER_NEAR where the lead shows a near miss.
        """
        constant, of_headline, of_best, of_after = self.text
        if not of_best and not of_after:
            return headline
        least = headline - (LOWER_NEAR if near_miss else LOWER) / self.slope
        headline, best, after = (clipped(one) for one in (headline, best, after))
        return max(least, constant + of_headline * headline + of_best * best + of_after * after)

    def probability(self, total: float) -> float:
        """The sum of the weights as a probability."""
        return squash(self.slope * total + self.shift)


def clipped(total: float) -> float:
    """A sum, held between -EXTREME and EXTREME."""
    return max(-EXTREME, min(EXTREME, total))


def squash(value: float) -> float:
    """The logistic function, safe at both ends."""
    if value < -30:
        return 0.0
    return 1.0 if value > 30 else 1 / (1 + math.exp(-value))


def logit(probability: float) -> float:
    """The log-odds of a probability between 0 and 1, both left out."""
    return math.log(probability / (1 - probability))


def save(model: Model, folder: Path) -> None:
    """Write a model's two files: the same bytes for the same model."""
    keys = np.array(sorted(model.weights), dtype=np.uint64)
    values = np.array([model.weights[int(key)] for key in keys], dtype=np.float32)
    seen = np.array(sorted(model.seen), dtype=np.uint64)
    # numpy dates the members of an archive to 1980, so the file is the same on every day.
    lead_keys = np.array(sorted(model.lead), dtype=np.uint64)
    lead_values = np.array([model.lead[int(key)] for key in lead_keys], dtype=np.float32)
    np.savez_compressed(
        folder / NUMBERS,
        keys=keys,
        values=values,
        seen=seen,
        lead_keys=lead_keys,
        lead_values=lead_values,
    )
    about = {
        "schema": SCHEMA,
        "name": model.name,
        "bias": round(model.bias, 6),
        "bands": {"unsure": model.bands.unsure, "relevant": model.bands.relevant},
        "slope": round(model.slope, 6),
        "shift": round(model.shift, 6),
        "text": [round(value, 6) for value in model.text],
        "lead_bias": round(model.lead_bias, 6),
        **model.about,
    }
    (folder / ABOUT).write_text(
        json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def load(beat: Beat) -> Model | None:
    """The model in the beat's folder; None where the beat has none. Loaded once per process.

    Raises BeatError where the files are there and cannot be read.
    """
    return _load(beat.folder)


@functools.lru_cache(maxsize=8)
def _load(folder: Path) -> Model | None:
    about_file, numbers = folder / ABOUT, folder / NUMBERS
    if not about_file.exists() and not numbers.exists():
        return None
    try:
        about = json.loads(about_file.read_text(encoding="utf-8"))
        if about.pop("schema") != SCHEMA:
            raise BeatError(
                "The judge's model is of another version",
                at=str(about_file),
                hint="Make it again with training/judge/train.py.",
            )
        with np.load(numbers, allow_pickle=False) as stored:
            keys: Sequence[int] = stored["keys"].tolist()
            values: Sequence[float] = stored["values"].astype(np.float64).tolist()
            seen = frozenset(stored["seen"].tolist())
            lead_keys: Sequence[int] = stored["lead_keys"].tolist()
            lead_values: Sequence[float] = stored["lead_values"].astype(np.float64).tolist()
        bands = about.pop("bands")
        a, b, c, d = about.pop("text")
        return Model(
            name=about.pop("name"),
            weights=dict(zip(keys, values, strict=True)),
            bias=float(about.pop("bias")),
            bands=Bands(float(bands["unsure"]), float(bands["relevant"])),
            slope=float(about.pop("slope")),
            shift=float(about.pop("shift")),
            text=(float(a), float(b), float(c), float(d)),
            lead=dict(zip(lead_keys, lead_values, strict=True)),
            lead_bias=float(about.pop("lead_bias")),
            seen=seen,
            about=about,
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise BeatError(
            "The judge's model cannot be read",
            at=str(about_file),
            hint="Make it again with training/judge/train.py, or take both files away.",
        ) from error
