"""What a desk's decisions teach, what they cannot do, and what the desk misses."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.wire import beat as beats
from broadsheet.wire import judge
from broadsheet.wire.judge import learning
from broadsheet.wire.model import Article, Band
from tests import make

BEAT = beats.load()
MODEL = judge.load_model(BEAT)
assert MODEL is not None
TAKEN = (
    "Filipino maid kept as slave in Hong Kong flat",
    "Hong Kong helper forced to work without pay",
    "Maids in Hong Kong held in debt bondage, union says",
    "Indonesian domestic worker held in servitude in Hong Kong",
)
LEFT = (
    "Grooming gang jailed in Leeds",
    "British landlord guilty of sex trafficking",
    "Leeds trial hears of child sexual exploitation",
    "Sex trafficking charges for Manchester man",
)
DECISIONS = [
    (make.wire_article(headline=line, text=""), line in TAKEN) for line in (TAKEN + LEFT) * 4
]


def score(model: judge.Model, headline: str) -> float:
    return judge.judge(make.wire_article(headline=headline, text=""), BEAT, model).score


def test_what_is_like_the_takes_rises_above_what_is_like_the_leaves() -> None:
    learned = judge.learn(MODEL, DECISIONS, BEAT)
    wanted, other = "Nanny kept as slave in Hong Kong", "Sex trafficking trial opens in Leeds"
    assert score(learned, wanted) > score(learned, other)
    assert score(learned, other) < score(MODEL, other)


def test_it_says_what_was_learned_and_on_what_it_was_built() -> None:
    told = judge.learn(MODEL, DECISIONS, BEAT).learned
    assert told is not None
    assert told.built_on == MODEL.name
    assert (told.taken, told.left) == (16, 16)
    assert any("More: Hong Kong" in line for line in told.words)
    assert any(line.startswith("Less: ") for line in told.words)


def test_the_order_of_decisions_teaches_nothing() -> None:
    shuffled = random.Random(7).sample(DECISIONS, len(DECISIONS))
    one, other = judge.learn(MODEL, DECISIONS, BEAT), judge.learn(MODEL, shuffled, BEAT)
    assert one.learned is not None
    assert other.learned is not None
    assert one.learned.weights == pytest.approx(other.learned.weights)


def test_few_decisions_or_all_of_one_kind_teach_nothing_and_say_so() -> None:
    few = judge.learn(MODEL, DECISIONS[:5], BEAT)
    alike = judge.learn(MODEL, [(article, False) for article, _ in DECISIONS], BEAT)
    for learned in (few, alike):
        assert learned.learned is not None
        assert not learned.learned.weights
        assert learned.learned.words[0].startswith("Nothing")
        assert score(learned, "Nanny kept as slave in Leeds") == score(
            MODEL, "Nanny kept as slave in Leeds"
        )


def test_learning_again_begins_from_the_shipped_model() -> None:
    once = judge.learn(MODEL, DECISIONS, BEAT)
    twice = judge.learn(once, DECISIONS, BEAT)
    assert once.learned == twice.learned


@settings(max_examples=15)
@given(st.lists(st.booleans(), min_size=32, max_size=32))
def test_no_week_of_decisions_takes_what_is_surely_on_the_beat_off_it(takes: list[bool]) -> None:
    decisions = [(article, taken) for (article, _), taken in zip(DECISIONS, takes, strict=True)]
    learned = judge.learn(MODEL, decisions, BEAT)
    for headline in (*TAKEN, *LEFT, "Human trafficking ring broken up in Dhaka"):
        article = Article(headline=headline)
        if judge.judge(article, BEAT, MODEL).score > 0.99:
            assert judge.judge(article, BEAT, learned).band is not Band.OFF_BEAT
    assert judge.judge(Article(headline="Mayor opens pool"), BEAT, learned).band is Band.OFF_BEAT


@given(st.floats(0, 1), st.floats(0, 1))
def test_tempering_keeps_the_order(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert learning.tempered(low) <= learning.tempered(high)


def test_a_sample_of_what_was_filed_gives_the_desks_recall() -> None:
    found = judge.recall(taken=40, filed=10_000, sampled=200, found=0)
    assert found is not None
    assert found.estimate == 1.0
    assert found.low < 0.5  # none in 200 says little of 10,000
    half = judge.recall(taken=40, filed=200, sampled=200, found=40)
    assert half is not None
    assert (half.low, half.estimate, half.high) == (0.5, 0.5, 0.5)
    assert "50 in 100" in half.words
    assert judge.recall(taken=4, filed=10, sampled=0, found=0) is None
    with pytest.raises(ValueError, match="grow"):
        judge.recall(taken=4, filed=10, sampled=11, found=0)


@given(st.integers(0, 500), st.integers(1, 500), st.data())
def test_the_estimate_lies_between_its_bounds(
    taken: int, sampled: int, data: st.DataObject
) -> None:
    filed = data.draw(st.integers(sampled, 5000))
    found = data.draw(st.integers(0, sampled))
    got = judge.recall(taken, filed, sampled, found)
    assert got is not None
    assert 0 <= got.low <= got.estimate + 1e-9
    assert got.estimate <= got.high + 1e-9 <= 1 + 1e-8
