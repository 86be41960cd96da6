"""The whole line on the sample month, whose writers said what each article is: bench/bench_sample.py."""

from __future__ import annotations

from collections import defaultdict

import pytest

from broadsheet import sample
from broadsheet.sample import build
from broadsheet.wire import beat as beats
from broadsheet.wire import line
from broadsheet.wire.line import Run
from broadsheet.wire.model import Band, Role


@pytest.fixture(scope="module")
def run() -> Run:
    return line.run(sample.pages(), beats.load(), sample.NOW)


def test_every_page_is_an_article_or_a_failure_and_only_the_wall_fails(run: Run) -> None:
    assert run.pages == len(run.articles) + len(run.failures)
    assert [failure.url.rsplit("/")[-1] for failure in run.failures] == [
        "ministers-meet-on-forced-labour"
    ]


def test_no_near_miss_passes_for_the_beat(run: Run) -> None:
    meant = build.labels()
    wrong = [
        article.headline
        for article in run.articles
        if meant[article.url or ""][0] != "relevant" and run.band(article) is Band.RELEVANT
    ]
    assert wrong == []


def test_most_of_the_beat_is_shown_to_the_editor(run: Run) -> None:
    """Four fifths: several headlines of the sample hide what they are about, as real ones do."""
    meant = build.labels()
    bands = [run.band(a) for a in run.articles if meant[a.url or ""][0] == "relevant"]
    assert len([band for band in bands if band is not Band.OFF_BEAT]) >= 0.8 * len(bands)


def test_the_agencys_text_is_known_again_in_six_outlets(run: Run) -> None:
    copies = [m for m in run.members if m.role is Role.COPY]
    assert {m.article.source for m in copies} == {
        "Kowloon Ledger",
        "The Manila Lantern",
        "Northgate Herald",
        "Prairie Sentinel",
        "The Antipodean",
        "The Daily Siren",
    }


def test_no_story_mixes_two_cases(run: Run) -> None:
    meant = build.labels()
    cases = defaultdict(set)
    for member in run.members:
        about, event = meant[member.article.url or ""]
        if about == "relevant":
            cases[member.story].add((event or "").partition("/")[0])
    assert [sorted(found) for found in cases.values() if len(found) > 1] == []


def test_an_arrest_a_charge_and_a_sentence_are_three_stories_of_one_case(run: Run) -> None:
    meant = build.labels()
    ours = [
        m
        for m in run.members
        if (meant[m.article.url or ""][1] or "").startswith("domestic-worker/")
        and m.article.language == "en"
    ]
    assert len(ours) == len({m.story for m in ours}) == 3
    assert len({m.case for m in ours}) == 1
    assert ours[0].case


def test_three_counts_of_one_operation_are_shown_side_by_side(run: Run) -> None:
    found = [str(said) for summary in run.summaries.values() for said in summary.conflicts]
    (people,) = [said for said in found if "1,316 people" in said]
    assert "1,289 people" in people
    assert "1,322 people" in people


def test_an_article_without_a_date_gets_none(run: Run) -> None:
    (told,) = [a for a in run.articles if "survivor-adviser" in (a.url or "")]
    assert told.published is None
    assert "no date found" in told.failures


def test_a_date_to_come_is_told(run: Run) -> None:
    (told,) = [a for a in run.articles if "truck-drivers-course" in (a.url or "")]
    assert "the date lies in the future" in told.failures


def test_a_picture_keeps_its_caption_and_credit_apart(run: Run) -> None:
    (told,) = [a for a in run.articles if "bonded-labour-kilns" in (a.url or "")]
    assert told.image is not None
    assert told.image.caption == "A brick kiln of the kind that inspectors visited."
    assert told.image.credit == "Bengal Tribune"


def test_traditional_chinese_is_known_as_such(run: Run) -> None:
    languages = {a.source: a.language for a in run.articles}
    assert languages["維海日報"] == "zh-Hant"
