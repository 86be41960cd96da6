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
SCHEMA = 1
EXTREME = 8.0  # log-odds beyond which a headline or a sentence says no more
LOWER = 3.0
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
    text        (constant, headline, best sentence): how the sums join where an article has text
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
    text: tuple[float, float, float] = (0.0, 1.0, 0.0)
    seen: frozenset[int] = frozenset()
    about: Mapping[str, Any] = field(default_factory=dict)
    learned: Learned | None = None

    def with_text(self, headline: float, sentence: float) -> float:
        """The sum where there is text, from the sums of the headline and of the best sentence.

        Both count up to EXTREME, so that neither can drown the other; and text that tells nothing (a
        teaser, a cookie notice) takes at most LOWER from what the headline says.
        """
        constant, of_headline, of_sentence = self.text
        if not of_sentence:
            return headline
        least = headline - LOWER
        headline = max(-EXTREME, min(EXTREME, headline))
        sentence = max(-EXTREME, min(EXTREME, sentence))
        return max(least, constant + of_headline * headline + of_sentence * sentence)

    def probability(self, total: float) -> float:
        """The sum of the weights as a probability."""
        return squash(self.slope * total + self.shift)


def squash(value: float) -> float:
    """The logistic function, safe at both ends."""
    if value < -30:
        return 0.0
    return 1.0 if value > 30 else 1 / (1 + math.exp(-value))


def save(model: Model, folder: Path) -> None:
    """Write a model's two files: the same bytes for the same model."""
    keys = np.array(sorted(model.weights), dtype=np.uint64)
    values = np.array([model.weights[int(key)] for key in keys], dtype=np.float32)
    seen = np.array(sorted(model.seen), dtype=np.uint64)
    # numpy dates the members of an archive to 1980, so the file is the same on every day.
    np.savez_compressed(folder / NUMBERS, keys=keys, values=values, seen=seen)
    about = {
        "schema": SCHEMA,
        "name": model.name,
        "bias": round(model.bias, 6),
        "bands": {"unsure": model.bands.unsure, "relevant": model.bands.relevant},
        "slope": round(model.slope, 6),
        "shift": round(model.shift, 6),
        "text": [round(value, 6) for value in model.text],
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
        bands = about.pop("bands")
        a, b, c = about.pop("text")
        return Model(
            name=about.pop("name"),
            weights=dict(zip(keys, values, strict=True)),
            bias=float(about.pop("bias")),
            bands=Bands(float(bands["unsure"]), float(bands["relevant"])),
            slope=float(about.pop("slope")),
            shift=float(about.pop("shift")),
            text=(float(a), float(b), float(c)),
            seen=seen,
            about=about,
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise BeatError(
            "The judge's model cannot be read",
            at=str(about_file),
            hint="Make it again with training/judge/train.py, or take both files away.",
        ) from error
