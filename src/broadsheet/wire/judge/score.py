"""The sum of a model's weights over a text, fast: what was once looked up is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from broadsheet.wire.judge import features
from broadsheet.wire.judge.features import Families

_KEPT = 20_000  # words kept with their sums (some 6 MB); then the memory begins anew


class _Word(NamedTuple):
    total: float  # the weights of all features of the word by itself
    stem: int
    bits: int  # its families
    known: bool  # the model has a weight for the word or its stem


class Scorer:
    """The weights of a headline or of a text, ready to add up.

    Not safe to share between threads while it fills; each may have one.
    """

    def __init__(self, weights: Mapping[int, float], bias: float, kinds: Families) -> None:
        self.bias = bias
        self.weights = weights
        self.kinds = kinds
        self._words: dict[str, _Word] = {}
        self._together: dict[int, float] = {}
        self._beside: dict[tuple[int, int], float] = {}

    def words(self, words: Sequence[str]) -> float:
        """The sum over the words and families of a text, without the bias and the phrases."""
        known, weights, beside = self._words, self.weights, self._beside
        total = 0.0
        everything = before = before_bits = 0
        for word in words:
            seen = known.get(word) or self._meet(word)
            word_total, stem, bits, _ = seen
            total += word_total
            if before:
                # `features.pair`, written out: this is the inner loop
                key = ((before * features.LEFT) ^ (stem * features.RIGHT)) & features.MASK
                if key in weights:
                    total += weights[key]
                if bits and before_bits:
                    both = (before_bits, bits)
                    if both not in beside:
                        self._set_beside(both)
                    total += beside[both]
            before, before_bits = stem, bits
            everything |= bits
        if everything:
            together = self._together.get(everything)
            total += self._set_together(everything) if together is None else together
        return total

    def feature(self, kind: str, what: str) -> float:
        """The weight of one named feature."""
        return self.weights.get(features.name(kind, what), 0.0)

    def terms(self, words: Sequence[str]) -> list[tuple[float, int, int]]:
        """What each word, and each two neighbours, add: (weight, first word, last word)."""
        found = []
        before: _Word | None = None
        for at, word in enumerate(words):
            seen = self._words.get(word) or self._meet(word)
            found.append((seen.total, at, at))
            if before is not None:
                both = self.weights.get(features.pair(before.stem, seen.stem), 0.0)
                if before.bits and seen.bits:
                    pair = (before.bits, seen.bits)
                    if pair not in self._beside:
                        self._set_beside(pair)
                    both += self._beside[pair]
                if both:
                    found.append((both, at - 1, at))
            before = seen
        return found

    def known(self, words: Sequence[str]) -> int:
        """How many of the words the model has a weight for."""
        met = self._words
        return sum([(met.get(word) or self._meet(word)).known for word in words])

    def _sum(self, keys: Sequence[int]) -> float:
        return sum(self.weights.get(key, 0.0) for key in keys)

    def _meet(self, word: str) -> _Word:
        if len(self._words) >= _KEPT:
            self._words.clear()
        first, stem, *pieces = features.of_word(word)
        made = _Word(
            self._sum((first, stem, *pieces)),
            stem,
            self.kinds.of(word),
            first in self.weights or stem in self.weights,
        )
        self._words[word] = made
        return made

    def _set_together(self, bits: int) -> float:
        if len(self._together) >= _KEPT:
            self._together.clear()
        total = self._sum(features.of_families(bits, self.kinds))
        self._together[bits] = total
        return total

    def _set_beside(self, both: tuple[int, int]) -> None:
        if len(self._beside) >= _KEPT:
            self._beside.clear()
        self._beside[both] = self._sum(features.of_neighbours(*both, self.kinds))
