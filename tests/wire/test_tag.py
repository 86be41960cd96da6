"""Tags: suggested with their evidence, the most specific code, the limbs that the article states."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.commands.measure_tag import command as measure
from broadsheet.commands.tag import command
from broadsheet.wire import beat as beats
from broadsheet.wire import judge
from broadsheet.wire.model import Article, Band
from broadsheet.wire.tag import sentence, tag
from tests import make

BEAT = beats.load()


def codes(headline: str, text: str = "", on_beat: bool = False) -> dict[str, tuple[str, ...]]:
    made = tag(make.wire_article(headline=headline, text=text), BEAT, on_beat=on_beat).codes
    return {axis: given for axis, given in made.items() if given}


def test_a_child_stands_for_its_parents() -> None:
    assert codes("Cybersex trafficking ring abused children")["form"] == ("SEX.ONLINE",)


def test_every_code_has_evidence_that_stands_in_the_article() -> None:
    article = make.wire_article(
        headline="Couple jailed for keeping maid in domestic servitude",
        text="The couple took away the maid's passport. A court in Leeds jailed them for nine years.",
    )
    tags = tag(article, BEAT)
    assert set(tags.every_code()) == {piece.code for piece in tags.evidence}
    for piece in tags.evidence:
        assert getattr(article, piece.field)[piece.start : piece.end] == piece.phrase


def test_weak_phrases_count_where_the_article_is_known_to_be_on_the_beat() -> None:
    assert "event" not in codes("Five arrested after raid")
    assert "EV.ARR" in codes("Five arrested after raid", on_beat=True)["event"]


def test_a_headline_with_an_anchor_gives_context_to_the_lead() -> None:
    lead = (
        "Officers came on Monday. Neighbours were surprised. They heard cries. Two were arrested."
    )
    assert "EV.ARR" in codes("Sex trafficking in a quiet street", lead)["event"]
    assert "EV.ARR" not in codes("A quiet street", lead).get("event", ())


def test_a_later_stage_makes_an_earlier_one_background() -> None:
    assert codes("Trafficker found guilty after sex trafficking trial")["event"] == ("EV.CONV",)


def test_the_limbs_that_an_article_states_are_noted() -> None:
    notes = tag(
        make.wire_article(headline="Women tricked into sex trafficking", text=""), BEAT
    ).notes
    assert notes == ("act: not stated", "means: stated", "purpose: stated")


def test_under_18_needs_no_means() -> None:
    notes = tag(make.wire_article(headline="Girls sold for sex", text=""), BEAT, on_beat=True).notes
    assert "means: not stated, and not needed under 18" in notes


def test_sexual_abuse_is_not_read_out_of_a_beating() -> None:
    given_codes = codes("Forced labour", "Workers were beaten by the foreman.")
    assert given_codes["control"] == ("CTL.PhysicalAbuse",)


def test_another_beat_uses_the_same_code() -> None:
    article = make.wire_article(headline="Railway line reopens", text="The line reopened in Wales.")
    assert tag(article, beats.load(make.BEAT)).codes == {"kind": ("KD.OPEN",)}


@pytest.mark.parametrize(
    ("headline", "form"),
    [
        ("警方搗破人口販運集團", "TIP"),
        ("少女被迫賣淫 三人被捕", "SEX.PROS"),
        ("港人遭誘騙到緬甸KK園區", "CRIM.SCAM"),
        ("外傭遭虐待外傭僱主被控", "DOM"),
        ("漁工遭強迫勞動", "LAB"),
        ("新疆強迫勞動 美國禁止進口", "LAB.STATE"),
        ("工人遭債務奴役", "LAB.BOND"),
        ("工廠聘用童工", "LAB.CHILD"),
        ("越南婦女被賣作新娘 遭強迫婚姻", "MAR"),
        ("兒童被迫行乞", "BEG"),
        ("集團販賣器官", "ORG"),
        ("武裝組織招募童兵", "MIL"),
        ("醫院販賣嬰兒", "ADOPT"),
        ("婦女被迫代孕", "SURR"),
        ("少年被裸聊勒索", "SEX.EXTORT"),
        ("網上兒童性剝削案", "SEX.ONLINE"),
        ("男子藏兒童色情", "SEX.CSAM"),
        ("少年被迫運毒", "CRIM.DRUG"),
        ("兒童被迫偷竊", "CRIM.PETTY"),
        ("村民淪為奴隸", "SLAV"),
        ("警方救出十名性奴", "SEX"),
        ("外籍戀童旅客被捕", "SEX.TRAVEL"),
        ("少年被迫犯罪", "CRIM"),
        ("假孤兒院剝削兒童", "ADOPT.ORPH"),
        ("移工遭性剝削及勞力剝削", "MIX"),
    ],
)
def test_traditional_chinese_has_phrases_for_every_form(headline: str, form: str) -> None:
    assert form in codes(headline, on_beat=True)["form"]
    assert judge.judge(Article(headline=headline), BEAT).band is not Band.OFF_BEAT


def test_every_form_has_traditional_chinese_phrases_of_its_own() -> None:
    for code in BEAT.taxonomy.axes["form"]:
        assert code.words["zh-Hant"].strong, code.code


@pytest.mark.parametrize(
    "headline",
    [
        "Police warn of gangs who lure students to scam compounds",
        "Brazilian police say sextortion gangs targeting schoolgirls",
        "Ministry warns against forced labour on foreign fishing boats",
        "Cases of child labour on the rise in brick kilns",
        "Officials alert over fake job offers that end in sex trafficking",
    ],
)
def test_an_authority_that_tells_of_a_pattern_is_a_kind_of_news(headline: str) -> None:
    assert "EV.REP" in codes(headline, on_beat=True)["event"]


def test_an_authority_that_tells_of_a_case_is_not() -> None:
    for headline in ("Two arrested for sex trafficking, police say", "Pimp jailed in Leeds"):
        assert "EV.REP" not in codes(headline, on_beat=True).get("event", ())


@given(st.text(min_size=1, max_size=400), st.text(max_size=400))
def test_any_text_gets_tags_and_never_an_error(headline: str, text: str) -> None:
    tags = tag(Article(headline=headline, text=text), BEAT)
    assert set(tags.every_code()) <= {code.code for code in BEAT.taxonomy.codes()}


@pytest.mark.parametrize(
    "headline",
    [
        "Hi",
        "x" * 10_000,
        "SEX TRAFFICKING CHARGES",
        "<b>sex trafficking</b>",
        "se\u00adx traf\u200bficking",
        "\u200b",
    ],
)
def test_odd_headlines_are_read(headline: str) -> None:
    given_codes = codes(headline)
    assert ("form" in given_codes) == ("traf" in headline.lower().replace("\u200b", ""))


def test_the_sentence_around_a_phrase() -> None:
    text = "One stood here. The second holds it. A third."
    start, end = sentence(text, text.index("holds"), text.index("holds") + 5)
    assert text[start:end] == "The second holds it."


def test_the_filter_passes_everything_through_and_appends_its_evidence() -> None:
    row = {"id": 7, "headline": "Sex trafficking ring", "mine": 1, "evidence": [{"phrase": "x"}]}
    result = CliRunner().invoke(command, [], input=json.dumps(row) + "\n")
    out = json.loads(result.output)
    assert (out["id"], out["mine"], out["evidence"][0]) == (7, 1, {"phrase": "x"})
    assert out["codes"]["form"] == ["SEX"]
    assert all(piece["sentence"][1] > 0 for piece in out["evidence"][1:])


def test_the_measure_prints_each_axis_beside_the_plain_phrases() -> None:
    row = {"id": 1, "headline": "Sex trafficking ring", "codes": {"form": ["SEX"], "event": []}}
    result = CliRunner().invoke(measure, [], input=json.dumps(row) + "\n")
    assert result.exit_code == 0
    assert "form" in result.output
    assert "phrases" in result.output
