"""The phrases of a beat: the notation, the look-alikes, and where a find stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire import beat as beats
from broadsheet.wire.beat import Anchors, Beat, Code, Home, Taxonomy, Wordlist
from broadsheet.wire.phrases import Matcher, expand
from tests import make


def beat_of(
    strong: tuple[str, ...] = (),
    weak: tuple[str, ...] = (),
    not_: tuple[str, ...] = (),
    core: tuple[str, ...] = (),
    core_not: tuple[str, ...] = (),
    language: str = "en",
) -> Beat:
    words = {language: Wordlist(strong, weak, not_)}
    return Beat(
        "A beat",
        "a_beat",
        Path(),
        (language,),
        Home("Wales", "GB", ()),
        (),
        (),
        Taxonomy(
            {language: Anchors(core=core, not_=core_not)},
            {"kind": (Code("KD", "kind", "Kind", "A kind.", words=words),)},
            (),
        ),
    )


def strong(phrase: str, text: str, *not_: str) -> list[str]:
    return [hit.phrase for hit in Matcher(beat_of((phrase,), not_=not_)).classes(text)]


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("forced {labour|labor}", "Forced labor on farms", ["Forced labor"]),
        ("wom{an|en}", "Two women", ["women"]),
        ("slave{|s}", "As slaves", ["slaves"]),
        ("{a|b {c|d}} e", "b d e", ["b d e"]),
        ("traffick*", "trafficked, trafficker", ["trafficked", "trafficker"]),
        (
            "lured * to fight",
            "lured by promises of money to fight",
            ["lured by promises of money to fight"],
        ),
        ("lured * to fight", "lured to fight", ["lured to fight"]),
        ("lured * to fight", "lured by men who said that they had money to fight", []),
        ("lured * to fight", "They were lured. He went to fight", []),
        (
            "anti traffick*",
            "an anti-trafficking unit, anti\u00a0trafficking",
            ["anti-trafficking", "anti\u00a0trafficking"],
        ),
        ("upgraded to Tier", "upgraded to \u2018Tier 2\u2019", ["upgraded to \u2018Tier"]),
        ("employer's home", "her employer\u2019s home", ["employer\u2019s home"]),
        (
            "opinion: * slavery",
            "Opinion: ending modern slavery",
            ["Opinion: ending modern slavery"],
        ),
        ("human traffick*", "inhuman trafficking", []),
        ("ring", "a spring, ringing", []),
        ("CITES", "he cites the law", []),
        ("CITES", "the CITES list", ["CITES"]),
        ("sex trade", "SEX\u00ad TRADE", ["SEX\u00ad TRADE"]),
        ("debt bondage", "of debt\n\nBondage", []),
        ("debt bondage", "of debt\nbondage", ["debt\nbondage"]),
    ],
)
def test_the_notation_means_what_the_docs_say(phrase: str, text: str, found: list[str]) -> None:
    assert strong(phrase, text) == found


def test_a_find_inside_a_look_alike_does_not_count() -> None:
    assert (
        strong("forced adoption*", "a historical forced adoption", "historical forced adoption*")
        == []
    )
    assert strong("forced adoption*", "a forced adoption", "historical forced adoption*") == [
        "forced adoption"
    ]


def test_an_anchor_that_touches_a_look_alike_does_not_count() -> None:
    matcher = Matcher(beat_of(core=("traffick* ring",), core_not=("drug traffick*",)))
    assert matcher.anchors("a drug trafficking ring") == []
    assert len(matcher.anchors("a trafficking ring")) == 1


def test_a_weak_phrase_counts_only_near_an_anchor() -> None:
    matcher = Matcher(beat_of(weak=("brothel",), core=("human traffick*",)))
    near = "It was human trafficking. The brothel was shut."
    far = "It was human trafficking. It rained. It was cold. The brothel was shut."
    assert [h.phrase for h in matcher.classes(near)] == ["brothel"]
    assert matcher.classes(far) == []
    assert [h.phrase for h in matcher.classes(far, near_anchor=False)] == ["brothel"]


def test_scripts_without_blanks_are_searched_as_they_stand() -> None:
    beat = beat_of(("人口販運", "騙 * 緬甸"), language="zh-Hant", core=("人口販運",))
    matcher = Matcher(beat)
    text = "警方搗破人口販運集團，男子被騙到緬甸工作"
    assert [h.phrase for h in matcher.classes(text)] == ["人口販運", "騙到緬甸"]
    assert [h.phrase for h in matcher.anchors(text)] == ["人口販運"]


def test_another_beat_uses_the_same_code() -> None:
    matcher = Matcher.of(beats.load(make.BEAT))
    assert [h.phrase for h in matcher.anchors("The branch line reopens")] == ["branch line"]
    assert {h.code for h in matcher.classes("A train derailed on the railway")} == {"KD.ACC"}


def test_the_matcher_of_a_beat_is_made_once() -> None:
    beat = beats.load(make.BEAT)
    assert Matcher.of(beat) is Matcher.of(beat)


@given(st.text(max_size=200))
def test_every_find_stands_where_it_says(text: str) -> None:
    matcher = Matcher.of(beats.load())
    scan = matcher.scan(text + " human trafficking " + text)
    assert scan.anchors
    for hit in (*scan.anchors, *scan.strong, *scan.weak, *scan.near_miss):
        assert scan.text[hit.start : hit.end] == hit.phrase


@given(st.sampled_from(["sex trafficking", "forced marriages", "debt bondage", "scam compounds"]))
def test_capitals_and_quotes_change_nothing(phrase: str) -> None:
    matcher = Matcher.of(beats.load())
    plain = [h.code for h in matcher.classes(phrase)]
    assert plain
    assert [h.code for h in matcher.classes(phrase.upper())] == plain
    assert [h.code for h in matcher.classes(f"\u201c{phrase}\u201d")] == plain


def test_all_phrases_of_the_shipped_beat_find_themselves() -> None:
    """A phrase that its own class would throw away could never be of use."""
    beat = beats.load()
    matcher = Matcher.of(beat)
    for code in beat.taxonomy.codes():
        for phrase in code.words["en"].strong if "en" in code.words else ():
            for form in expand(phrase):
                text = re.sub(r"(?<=\w)\*", "", form).replace(" * ", " ").replace(" *, ", " ")
                scan = matcher.scan(text)
                hits = {h.code for h in (*scan.strong, *scan.near_miss)}
                lookalike = any(
                    re.search(re.sub(r"[*{].*", "", n).strip().lower(), text.lower())
                    for n in code.words["en"].not_
                )
                assert code.code in hits or lookalike, (code.code, form)
