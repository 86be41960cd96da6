"""A second opinion on what the judge is unsure of: what it may do, and what it may not.

Somebody else gives it: an embedding model or a language model behind an endpoint, or any function.
The judge only says which articles are worth asking about, and bounds what the answer moves. It never
takes evidence away: an article that holds an anchor, or whose language is not covered, stays in the
unsure band at least. An endpoint that does not answer changes nothing but a note.
"""

from __future__ import annotations

from typing import Protocol

from broadsheet.wire.judge.weights import Bands, logit, squash
from broadsheet.wire.model import Article

MOVES = 2.0  # log-odds that a second opinion moves a score, at most; a desk's decisions move 2.5
SHARE = 0.5  # of the way from the judge's log-odds to those of the second opinion
NEAR = 1.0  # log-odds beyond the unsure band on both sides within which it is asked
_LEAST = 0.01  # nobody is surer than 99 in 100


class Second(Protocol):
    """Gives the probability, 0 to 1, that an article is on the beat; None where there is no answer.

    It must not raise for what a network does: no answer is None.
    """

    def __call__(self, article: Article) -> float | None: ...


def worth_asking(score: float, bands: Bands) -> bool:
    """Whether a score lies in the unsure band or within NEAR of it."""
    odds = logit(_held(score, 1e-9))
    return (
        logit(_held(bands.unsure, 1e-9)) - NEAR <= odds <= logit(_held(bands.relevant, 1e-9)) + NEAR
    )


def joined(score: float, said: float) -> float:
    """The score after a second opinion: SHARE of the way towards it, by MOVES at most."""
    odds = logit(_held(score, 1e-9))
    way = SHARE * (logit(_held(said, _LEAST)) - odds)
    return squash(odds + max(-MOVES, min(MOVES, way)))


def told(said: float | None) -> str:
    """The note that stands with a verdict."""
    return "no second opinion: none was given" if said is None else f"second opinion: {said:.2f}"


def _held(value: float, least: float) -> float:
    return min(max(value, least), 1 - least)
