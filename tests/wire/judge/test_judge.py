"""The judge: bands, evidence with its place, near misses, text, other languages, a beat without a model."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadsheet.wire import beat as beats
from broadsheet.wire import judge
from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import BeatError
from broadsheet.wire.judge import features
from broadsheet.wire.judge.weights import logit
from broadsheet.wire.model import Article, Band, Verdict
from tests import make

BEAT = beats.load()
RAILWAYS = beats.load(make.BEAT)


def verdict(headline: str, text: str = "", beat: Beat = BEAT, **but: object) -> Verdict:
    return judge.judge(
        make.wire_article(headline=headline, text=text, **({"language": None} | but)), beat
    )


@pytest.mark.parametrize(
    "headline",
    [
        "Nine Kenyans freed from forced labour on fishing boat",
        "Landlord jailed for trafficking women for sex",
        "Nanny kept as a slave for nine years, court told",
        "Villagers tell how they were tricked into selling a kidney",
        "Teenagers rescued from scam compound fly home",
        "Girls sold as brides as drought bites",
        "Grooming gang members jailed for raping girls",
        "警方瓦解人口販運集團 救出十名女子",
        "外傭被扣護照及強迫勞動 僱主被控",
    ],
)
def test_what_is_on_the_beat_is_relevant_by_its_headline_alone(headline: str) -> None:
    assert verdict(headline).relevant


@pytest.mark.parametrize(
    "headline",
    [
        "Drug trafficking gang held after cocaine find",
        "Slavery museum opens its new wing",
        "Striker exploits gap to score the winner",
        "Rhino horn traffickers held at airport",
        "Hackers exploit flaw in mail servers",
        "Mayor opens swimming pool",
        "警方搗破販毒集團 檢十公斤可卡因",
        "港鐵故障 乘客受阻",
    ],
)
def test_what_is_another_beat_is_not_relevant(headline: str) -> None:
    assert verdict(headline).band is Band.OFF_BEAT


def test_a_near_miss_is_named_with_its_place_and_speaks_against() -> None:
    found = verdict("Drug trafficking gang held after cocaine find")
    assert "NM.DRUG" in found.near_miss
    (first, *_) = found.evidence
    assert (first.phrase, first.start, first.end) == ("Drug trafficking", 0, 16)
    assert first.weight < 0


def test_evidence_names_phrases_and_learned_terms() -> None:
    found = verdict("Housekeeper tricked into forced labour")
    codes = {evidence.code for evidence in found.evidence}
    assert {"anchor", "model"} <= codes


def test_text_brings_in_what_the_headline_does_not_say() -> None:
    lead = "Two brothers forced homeless men to work unpaid on their farm, a modern slavery trial heard."
    assert not verdict("Brothers jailed").relevant
    assert verdict("Brothers jailed", lead).relevant


def test_ordinary_text_leaves_ordinary_news_off_the_beat() -> None:
    text = (
        "The council will spend more on roads and libraries. It will also keep two officers who look "
        "into domestic abuse and modern slavery, the leader said. Bus fares stay as they are."
    )
    assert not verdict("City budget passes", text).relevant


def test_an_article_without_a_headline_is_judged_by_its_text() -> None:
    assert verdict("", "Police freed six women who had been trafficked into a brothel.").relevant


@pytest.mark.parametrize(
    "given",
    [
        "NINE KENYANS FREED FROM FORCED LABOUR",
        "Nine Kenyans freed from \u2018forced labour\u2019",
        "Nine Kenyans freed from <b>forced</b> <i>labour</i> &amp; debt",
        "Nine Kenyans freed from forced\u200b la\u00adbour",
        "nine kenyans freed from forced labour",
        "Nine Kenyans freed from forced\u00a0labour",
    ],
)
def test_how_it_is_written_does_not_matter(given: str) -> None:
    assert verdict(given).relevant


@pytest.mark.parametrize("given", ["--", "?!", "\u200b\u200b", "   \u00ad "])
def test_what_has_no_words_cannot_be_judged_and_waits(given: str) -> None:
    found = verdict(given)
    assert found.band is Band.UNSURE
    assert found.notes == ("cannot judge: no words",)


@pytest.mark.parametrize(
    "text", ["", "\u200b\u200b", " \u00ad\n", "<p>&nbsp;</p>", "...", "\ufeff"]
)
def test_a_text_of_nothing_that_shows_cannot_be_judged_either(text: str) -> None:
    assert verdict("\u200b", text).notes == ("cannot judge: no words",)


@pytest.mark.parametrize(
    "given",
    [
        "Hi",
        "x" * 10_000,
        "forced labour " * 715,
        "Polizei 警方 полиция ตำรวจ police",
        "<div><p>Nine freed</p>",
        "NINE FREED",
        "\u201cNine\u201d \u2018freed\u2019",
        "Ni\u00adne fre\u200bed",
        "Neun Frauen befreit",
        "\ud83d\ude00\U0001f600",
        "\x00\x07",
        "\u202egnikciffart",
    ],
)
def test_every_kind_of_bad_headline_gives_a_verdict_or_says_that_it_cannot(given: str) -> None:
    for found in (verdict(given), verdict(given, given), verdict("", given)):
        assert 0 <= found.score <= 1
        assert found.band in Band
        for evidence in found.evidence:
            assert evidence.phrase


@pytest.mark.parametrize(
    ("given", "language"),
    [
        ("ตำรวจช่วยเหลือเหยื่อค้ามนุษย์สิบคน", "th"),
        ("Полиция освободила жертв торговли людьми", "ru"),
        ("Policía rescata a nueve mujeres obligadas a trabajar en la ciudad", "es"),
        ("强迫劳动产品遭禁", "zh-Hans"),
    ],
)
def test_a_language_that_is_not_covered_is_said_and_waits(given: str, language: str) -> None:
    found = verdict(given)
    assert found.band is not Band.OFF_BEAT
    assert f"language not covered: {language}" in found.notes


def test_a_stated_language_is_believed() -> None:
    assert verdict("Mayor opens pool", language="fr").notes == ("language not covered: fr",)
    assert verdict("Mayor opens pool", language="en-GB").notes == ()


def test_a_headline_that_never_ends_is_judged_by_its_beginning() -> None:
    found = verdict("Nine Kenyans freed from forced labour. " + "And so on. " * 1000)
    assert found.relevant


def test_a_beat_without_a_model_is_judged_by_its_phrases() -> None:
    assert judge.load_model(RAILWAYS) is None
    assert verdict("Railway reopens after ten years", beat=RAILWAYS).relevant
    found = verdict("Model railway on show", beat=RAILWAYS)
    assert found.band is Band.RELEVANT or "NM.MODEL" in found.near_miss
    assert verdict("Mayor opens pool", beat=RAILWAYS).band is Band.OFF_BEAT
    assert verdict("Nine freed from forced labour", beat=RAILWAYS).band is Band.OFF_BEAT


def test_a_model_that_cannot_be_read_is_named(tmp_path) -> None:  # type: ignore[no-untyped-def]
    for name in ("beat.yaml", "taxonomy.yaml"):
        (tmp_path / name).write_bytes((make.BEAT / name).read_bytes())
    (tmp_path / "judge.json").write_text('{"schema": 1, "name": "x"}')
    with pytest.raises(BeatError, match=r"judge\.json"):
        judge.load_model(beats.load(tmp_path))


def test_many_are_judged_as_one_by_one() -> None:
    articles = [make.wire_article(headline=line) for line in ("Slave labour", "Pool opens", "警方")]
    assert list(judge.judge_many(articles, BEAT)) == [judge.judge(a, BEAT) for a in articles]


PARTS = (
    "forced labour slave <b> &amp; drug trafficking 警方 販運 sold girls’ “sex” \u200b \u00ad ﬁ İ"
)
lines = st.text(max_size=120) | st.lists(st.sampled_from(PARTS.split(" ")), max_size=30).map(
    " ".join
)


@given(lines, lines)
@example("İ", "ŉ forced labour")
@example("a" * 10_000, "")
@example("<" * 500, "&" * 500)
def test_any_text_gives_a_verdict_whose_evidence_stands_where_it_says(
    headline: str, text: str
) -> None:
    article = Article(headline=headline, text=text)
    found = judge.judge(article, BEAT)
    assert 0 <= found.score <= 1
    for evidence in found.evidence:
        given_text = article.headline if evidence.field == "headline" else article.text
        assert given_text[evidence.start : evidence.end] == evidence.phrase
        assert evidence.phrase
    assert found == judge.judge(article, BEAT)


@given(lines)
def test_the_sum_that_is_looked_up_is_the_sum_of_the_features(line: str) -> None:
    model = judge.load_model(BEAT)
    assert model is not None
    from broadsheet.wire.judge.score import Scorer

    kinds = features.families(BEAT.folder)
    words = features.words(line)
    slow = sum(model.weights.get(key, 0.0) for _, key in features.kinds_of(words, kinds))
    assert Scorer(model.weights, model.bias, kinds).words(words) == pytest.approx(slow)


@given(lines)
def test_words_and_their_spans_agree(line: str) -> None:
    spans = features.spans(line)
    assert [word for word, _, _ in spans] == features.words(line)
    assert all(0 <= start < end <= len(line) for _, start, end in spans)


def test_the_filter_passes_keys_through_and_skips_a_bad_line() -> None:
    given_rows = (
        '{"id": 1, "headline": "Slave labour at quarry", "mine": [1]}\nnot json\n{"id": 2}\n'
    )
    ran = subprocess.run(
        [sys.executable, "-m", "broadsheet", "judge"],
        input=given_rows,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    (row,) = map(json.loads, ran.stdout.splitlines())
    assert row["id"] == 1
    assert row["mine"] == [1]
    assert row["relevant"] is True
    assert row["band"] == "relevant"
    assert set(row) >= {"score", "near_miss", "evidence"}
    assert "line 2" in ran.stderr
    assert "line 3" in ran.stderr


def test_an_article_is_fetched_unless_its_headline_and_excerpt_are_clearly_off_the_beat() -> None:
    def worth(headline: str, excerpt: str = "", language: str | None = None) -> bool:
        return judge.might_matter(Article(headline=headline, text=excerpt, language=language), BEAT)

    assert not worth("United win the cup after extra time")
    assert worth("Couple jailed for keeping maid as a slave")
    assert worth("Drug trafficking gang jailed")  # a near miss: its text may tell more
    assert worth("Council meets", "A girl was sold to a brothel by her uncle, police said.")
    assert worth("Полиция сообщила о рейде")  # Russian: not covered


def test_what_might_matter_holds_all_that_is_not_off_the_beat(shared: Path) -> None:
    with gzip.open(shared / "data" / "relevance-dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        titles = [row["title"] for row in map(json.loads, lines)][:3000]
    for title in titles:
        article = Article(headline=title)
        if judge.judge(article, BEAT).band is not Band.OFF_BEAT:
            assert judge.might_matter(article, BEAT)


def test_text_that_tells_nothing_takes_little_from_a_headline() -> None:
    telling = Article(headline="Couple arrested over domestic worker in flat")
    teaser = replace(telling, text="We use cookies. Subscribe to read on. All rights reserved.")
    alone, with_text = judge.judge(telling, BEAT).score, judge.judge(teaser, BEAT).score
    assert with_text > 0
    assert alone < 1
    assert logit(alone) - logit(with_text) <= 1.01


def test_a_text_tells_what_its_headline_hides() -> None:
    article = Article(
        headline="A house like any other",
        text="The woman was locked in and worked for the family for six years without pay. Her passport was "
        "in the safe, and she was beaten when she asked for her wages.",
    )
    assert judge.judge(replace(article, text=""), BEAT).score < 0.01
    assert judge.judge(article, BEAT).band is not Band.OFF_BEAT


def test_a_text_that_says_twice_what_it_is_about_waits_for_an_editor_under_any_headline() -> None:
    freight = (
        "The ban on fish from three ships reaches further than three hulls, freight lawyers said. "
        "Their fish was moved at sea to a carrier that served at least fourteen other vessels, so a "
        "mixed cargo may be held as a whole. Nobody can say which tin it is in, one of them said. "
        "Insurers said that they would ask new questions when policies come up in autumn. "
    )
    order = "The withhold release order covers everything that the vessels caught. "
    found = "Customs acted after inspectors spoke of forced labour."
    headline = "Import ban on three longliners puts carriers on notice"
    assert verdict(headline, freight + found).band is Band.OFF_BEAT
    assert verdict(headline, freight + order + found).band is Band.UNSURE
