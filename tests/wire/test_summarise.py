"""What is proposed as a summary, and what never is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire import beat
from broadsheet.wire.model import Member, Role
from broadsheet.wire.summarise import QUOTED_WORDS, summarise, unsuitable
from tests import make

BEAT = beat.load()


def member(role: Role = Role.LEAD, **but: object) -> Member:
    return Member(make.wire_article(**but), "a-story", role)


TOLD = (
    "Police in Exampleland said on Friday that 31 workers had been found locked in a brick kiln near "
    "Oldtown. The owner of the kiln was arrested and will appear in court on Monday. It was a warm "
    "day. Sign up for our newsletter."
)


def test_the_sentence_that_says_who_how_many_and_where_comes_first():
    made = summarise([member(headline="31 workers found in brick kiln", text=TOLD)], BEAT)
    assert made.text.startswith("Police in Exampleland said")
    assert "newsletter" not in made.text


def test_every_sentence_stands_in_its_article_where_its_span_says():
    article = make.wire_article(headline="31 workers found in brick kiln", text=TOLD, id=7)
    made = summarise([Member(article, "s", Role.LEAD)], BEAT)
    assert made.sentences
    for sentence in made.sentences:
        assert sentence.article == 7
        assert article.text[sentence.start : sentence.end] == sentence.text


def test_a_dateline_is_left_out_and_the_span_begins_after_it():
    article = make.wire_article(
        headline="31 workers found in brick kiln", text="OLDTOWN, June 21 (Reuters) - " + TOLD
    )
    made = summarise([Member(article, "s", Role.LEAD)], BEAT)
    assert made.text.startswith("Police in Exampleland")
    assert article.text[made.sentences[0].start :].startswith("Police in")


@pytest.mark.parametrize(
    "sentence",
    [
        "The court heard that Lina Sample, 14, was sold to a man in Oldtown for the price of a car.",
        "Police named the victim as Lina Sample and said that she had been held for three years.",
        "She now lives in a shelter on Queen Street in Oldtown, the charity that runs it said.",
        "Her real name is Lina Sample and she was held for three years, the court heard on Friday.",
        "The men were told to film themselves masturbating, police in Oldtown said on Friday.",
        "A 15-year-old girl named Lina was found in the house on Friday, police in Oldtown said.",
        "Survivor Lina Sample told the court in Oldtown that five men had held her for three years.",
    ],
)
def test_a_sentence_that_could_harm_is_never_proposed_rather_a_blank(sentence: str):
    assert unsuitable(sentence, BEAT)
    assert (
        summarise([member(headline="Court hears of three years", text=sentence)], BEAT).text == ""
    )


def test_where_the_lead_has_no_text_its_description_stands_in_and_is_marked():
    said = "Police said that 31 workers had been found in a kiln near Oldtown."
    made = summarise([member(text="", description=said)], BEAT)
    assert made.text == said
    assert made.sentences[0].changed
    assert made.sentences[0].start is None


def test_a_story_with_nothing_to_quote_is_blank():
    assert summarise([member(text="", description=None)], BEAT).text == ""


def test_figures_that_disagree_are_shown():
    made = summarise(
        [
            member(
                source="The Example", text="Police said 31 workers were found in a kiln on Friday."
            ),
            member(
                Role.REPORT, source="Another", text="Officers found 28 workers in a kiln on Friday."
            ),
        ],
        BEAT,
    )
    assert list(map(str, made.conflicts)) == ["28 workers (Another) or 31 workers (The Example)"]


@given(st.text(max_size=400), st.text(max_size=60))
def test_whatever_the_text_every_span_holds_and_the_limit_of_words_is_kept(
    body: str, headline: str
):
    article = make.wire_article(text=body, headline=headline)
    made = summarise([Member(article, "s", Role.LEAD)], BEAT)
    for sentence in made.sentences:
        assert article.text[sentence.start : sentence.end] == sentence.text
    assert len(made.text.split()) <= QUOTED_WORDS


@pytest.mark.parametrize(
    "rule", [r for r in BEAT.rules if r.severity == "error"], ids=lambda rule: rule.id
)
def test_what_the_beat_forbids_is_never_proposed(rule):
    assert unsuitable(rule.hit, BEAT)


def test_no_summary_is_proposed_from_another_beats_rules_than_its_own():
    railways = beat.load(make.BEAT)
    assert not unsuitable("Police closed a cybersex den in Oldtown.", railways)
    assert unsuitable("Lina Sample, 14, told the court of the three years.", railways)


def test_what_an_article_counts_is_what_it_says_first():
    """A camp planned for 400 people does not hide that 1,322 were counted."""
    many = member(
        headline="1,322 people counted after raids",
        text="The province had planned for 400 people. By Friday the hall held 800 people.",
        source="One",
    )
    few = member(
        Role.REPORT,
        headline="Raids on the river",
        text="Police took 1,316 people out of the compounds. Of 90 people nothing is known.",
        source="Two",
    )
    unclear = member(
        Role.REPORT,
        headline="50 people here and 60 people there",
        text="1,300 people in all.",
        source="Three",
    )
    (said,) = summarise([many, few, unclear], BEAT).conflicts
    assert str(said) == "1,316 people (Two) or 1,322 people (One)"


def test_a_rule_that_is_silent_beside_some_words_is_silent_here_too():
    rule = next(r for r in BEAT.rules if r.severity == "error" and r.unless and r.needs)
    assert unsuitable(rule.hit, BEAT) == rule.id
    assert unsuitable(rule.miss, BEAT) is None


def test_a_rule_that_children_make_louder_forbids_a_sentence_about_them():
    rule = replace(
        BEAT.rules[0], id="Z1", severity="warn", pattern="quux", raise_if=r"\bchild", needs=None
    )  # fmt: skip
    made = replace(BEAT, rules=(rule,))
    assert unsuitable("A child was quux there on Friday.", made) == "Z1"
    assert unsuitable("A man was quux there on Friday.", made) is None
