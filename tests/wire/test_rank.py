"""In which order an editor sees the stories, and why."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire import beat, dates, rank
from broadsheet.wire.model import Band, Member, Place, Role, Tags, Verdict
from broadsheet.wire.rank import Choices, propose
from tests import make

BEAT = beat.load()
NOW = datetime(2019, 6, 30, tzinfo=UTC)


def story(name: str, outlets: int = 1, copies: int = 0, case: str | None = None, **but: object):
    roles = [Role.LEAD] + [Role.REPORT] * (outlets - 1) + [Role.COPY] * copies
    return [
        Member(make.wire_article(source=f"{name} {n}", **but), name, role, case=case)
        for n, role in enumerate(roles)
    ]


def ranked(members, tags=None, score=0.9, **more):
    verdicts = {m.article.key: Verdict(Band.RELEVANT, score) for m in members}
    return rank.rank(members, verdicts, tags or {}, BEAT, NOW, **more)


def test_the_factors_sum_to_the_score():
    for made in ranked(story("a", 3) + story("b")):
        assert abs(sum(made.factors.values()) - made.score) < 0.002


def test_copies_count_once():
    one, other = ranked(story("a") + story("b", copies=9))
    assert one.factors["outlets"] == other.factors["outlets"] == 0


def test_more_independent_outlets_rank_higher():
    assert ranked(story("a") + story("b", outlets=4))[0].story == "b"


def test_the_home_place_comes_before_the_world():
    made = ranked(story("a") + story("b", headline="Agency in Hong Kong loses its licence"))
    assert made[0].story == "b"
    assert made[0].factors["home"] == rank.HOME


def test_newer_stories_come_first():
    made = ranked(
        story("a", published=dates.typed("2019-06-01"))
        + story("b", published=dates.typed("2019-06-29"))
    )
    assert [r.story for r in made] == ["b", "a"]


def test_a_law_is_lifted_over_a_single_case():
    members = story("a") + story("b")
    tags = {members[1].article.key: Tags({"event": ("EV.LAW",)})}
    assert ranked(members, tags)[0].story == "b"


def test_a_third_story_of_one_case_falls_behind():
    members = [m for n in range(4) for m in story(f"s{n}", outlets=3, case="one")] + story("z")
    made = ranked(members)
    assert [r.factors["case"] < 0 for r in made if r.case] == [False, False, True, True]
    assert "z" in {r.story for r in made[:3]}


def test_the_months_proposal_has_at_most_forty_and_two_of_a_case():
    members = [m for n in range(60) for m in story(f"s{n}")]
    assert len(propose(ranked(members))) == 40
    members = [m for n in range(9) for m in story(f"s{n}", case="one")]
    assert len(propose(ranked(members))) == rank.PER_CASE


def test_one_country_does_not_fill_the_month():
    members = [m for n in range(20) for m in story(f"s{n}")]
    far = story("far", published=dates.typed("2019-05-01"))
    tags = {m.article.key: Tags(places=(Place("France", "FR"),)) for m in members}
    tags[far[0].article.key] = Tags(places=(Place("Peru", "PE"),))
    made = propose(ranked(members + far, tags), 10)
    assert "far" in {r.story for r in made}
    assert len(made) == 10


def test_what_the_desk_took_before_is_lifted():
    members = story("a") + story("b")
    taste = Choices(taken={"source:b 0": 8}, left={"source:a 0": 8})
    assert ranked(members, choices=taste)[0].story == "b"


@given(st.integers(1, 30), st.randoms())
def test_every_story_is_ranked_once_in_any_order(n, random):
    members = [m for i in range(n) for m in story(f"s{i}", outlets=1 + i % 3)]
    made = ranked(members)
    assert sorted(r.story for r in made) == sorted(f"s{i}" for i in range(n))
    random.shuffle(members)
    assert [r.story for r in ranked(members)] == [r.story for r in made]
