"""The ground of the wire: beats load whole or say where they are wrong; values survive a round trip."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire import beat, dates, text, urls
from broadsheet.wire.dates import Precision, When
from broadsheet.wire.edition import Edition, Image, Item, Kind, Link, Permission, Section
from broadsheet.wire.errors import BeatError, RowError
from broadsheet.wire.model import article_from
from tests import make


def test_the_shipped_beat_loads_whole():
    shipped = beat.load()
    assert shipped.home.name == "Hong Kong"
    # 111 as first written, two on allegations, two on names, nine of house style, nine for misses
    assert len(shipped.rules) == 133
    assert len(shipped.tiers) == 3049
    assert set(shipped.taxonomy.axes) == {
        "act", "means", "form", "indicator", "control", "sector", "event", "tip_report",
    }  # fmt: skip


def test_another_beat_needs_no_code():
    assert beat.load(make.BEAT).taxonomy.code("KD.ACC").label == "Accident"


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "taxonomy.yaml",
            'strong: ["derail*"',
            'strong: ["derail*", 7',
            "line 12, kind[1].strong[1]",
        ),
        ("taxonomy.yaml", "code: KD.ACC", "code: KD.OPEN", "KD.OPEN stands twice"),
        (
            "taxonomy.yaml",
            "core_patterns: []",
            "core_patterns: ['(']",
            "line 4, anchors.core_patterns[0]",
        ),
        ("beat.yaml", "takes: world", "takes: moon", "beat.yaml, line 12, sections[3].takes"),
        ("beat.yaml", "name: Railways", "nmae: Railways", "Unknown key 'nmae'"),
        ("beat.yaml", "home: {", "home: [", "not YAML"),
    ],
)
def test_a_mistake_in_a_beat_is_told_by_file_line_and_field(tmp_path, file, old, new, says):
    folder = Path(shutil.copytree(make.BEAT, tmp_path / "beat"))
    whole = (folder / file).read_text()
    assert old in whole
    (folder / file).write_text(whole.replace(old, new, 1))
    with pytest.raises(BeatError) as error:
        beat.load(folder)
    assert says in str(error.value)


@pytest.mark.parametrize(
    ("raw", "value", "precision"),
    [
        ("21 June 2019", "2019-06-21", Precision.DAY),
        ("22 March 17", "2017-03-22", Precision.DAY),
        ("19\u00a0November 2018", "2018-11-19", Precision.DAY),
        ("June 21st, 2019", "2019-06-21", Precision.DAY),
        ("Fri, 21 Jun 2019", "2019-06-21", Precision.DAY),
        ("February 2019", "2019-02", Precision.MONTH),
        ("2019", "2019", Precision.YEAR),
        ("2019年6月21日", "2019-06-21", Precision.DAY),
        ("13/4/2019", "2019-04-13", Precision.DAY),
    ],
)
def test_typed_dates_keep_the_precision_they_have(raw, value, precision):
    found = dates.typed(raw)
    assert (found.value, found.precision, found.raw) == (value, precision, raw)


@pytest.mark.parametrize(
    "raw", ["3/4/2019", "31 February 2019", "soon", "", "June", "99", "2019-13-01"]
)
def test_what_may_be_two_dates_or_none_is_not_guessed(raw):
    assert dates.typed(raw) is None


def test_an_offset_is_kept_and_moves_the_month_of_the_desk():
    from zoneinfo import ZoneInfo

    late = dates.iso("2026-05-31T23:30:00-07:00")
    assert (late.value, late.offset) == ("2026-05-31T23:30", "-07:00")
    assert late.month(ZoneInfo("Asia/Hong_Kong")) == "2026-06"


@given(st.text())
def test_every_span_of_a_normal_text_lies_in_the_text_as_given(given_text):
    made = text.normal(given_text, fold=True)
    for at in range(len(made.text)):
        start, end = made.span(at, at + 1)
        assert 0 <= start < end <= len(given_text)


def test_a_span_leads_back_through_quotes_ligatures_and_soft_hyphens():
    given_text = "The “of\u00adﬁce” said"
    made = text.normal(given_text, fold=True)
    at = made.text.index("office")
    start, end = made.span(at, at + 6)
    assert given_text[start:end] == "of\u00adﬁce"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.n.example/a?utm_source=x&id=3#top", "http://n.example/a?id=3"),
        ("https://n.example/a/", "https://n.example/a"),
        ("https://N.example:443/a/amp", "https://m.n.example/a?fbclid=2"),
        ("https://n.example/amp/news/a", "https://n.example/news/a"),
    ],
)
def test_two_addresses_of_one_page_share_a_key(one, other):
    assert urls.key(one) == urls.key(other)


def test_a_query_that_is_the_page_is_kept():
    assert urls.canonical("https://n.example/a?id=3&utm_medium=m") == "https://n.example/a?id=3"


@given(st.text(max_size=60))
def test_no_address_breaks_the_canonical_form(url):
    assert urls.canonical(urls.canonical(url)) == urls.canonical(url)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
maybe = st.none() | words
whens = st.none() | st.sampled_from(
    [
        When("2019", Precision.YEAR),
        When("2019-02", Precision.MONTH, basis="typed", raw="February 2019"),
    ]
)
items = st.builds(
    Item,
    uid=words,
    kind=st.sampled_from(Kind),
    headline=words,
    our_heading=maybe,
    date=whens,
    source=maybe,
    summary=words,
    links=st.lists(st.builds(Link, words, maybe), max_size=3).map(tuple),
    images=st.lists(
        st.builds(
            Image,
            url=maybe,
            credit=maybe,
            permission=st.none() | st.builds(Permission, words, maybe),
        ),
        max_size=2,
    ).map(tuple),
)
editions = st.builds(
    Edition,
    uid=words,
    newsletter=words,
    title=words,
    date=whens,
    sections=st.lists(
        st.builds(Section, maybe, maybe, st.lists(items, max_size=3).map(tuple)), max_size=3
    ).map(tuple),
    extra=st.dictionaries(st.sampled_from(["colour", "x-desk"]), words),
)


@given(editions)
def test_what_is_kept_is_what_went_out(edition):
    import json

    assert Edition.from_json(json.loads(json.dumps(edition.to_json()))) == edition


def test_an_issue_that_is_wrong_says_where():
    with pytest.raises(RowError, match=r"sections\[0\].items\[0\].kind"):
        Edition.from_json(
            {"uid": "u", "newsletter": "n", "title": "t",
             "sections": [{"items": [{"uid": "1", "kind": "poem", "headline": "h"}]}]}
        )  # fmt: skip


def test_half_a_date_does_not_lose_an_article():
    made = article_from({"headline": "A headline", "published": "the other day"})
    assert made.published is None
    assert "published not read" in made.failures[0]
