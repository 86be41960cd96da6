"""One event, one story, in whatever order its articles come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.group import group
from broadsheet.wire.model import Role
from tests import make

WORDS = (
    "police court judge ring trial ship kiln village arrested jailed charged Oldtown Newtown 31 40"
).split()
headlines = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join), max_size=25
)


@given(headlines, st.randoms())
def test_grouping_is_a_partition_and_knows_no_order(lines, random):
    articles = [make.wire_article(headline=line) for line in lines]
    shuffled = random.sample(articles, len(articles))
    made = group(articles)
    assert group(shuffled) == made
    assert sorted(m.article.key for m in made) == sorted(a.key for a in articles)


@given(headlines)
def test_every_story_has_one_lead(lines):
    made = group(make.wire_article(headline=line) for line in lines)
    stories = {m.story for m in made}
    assert len([m for m in made if m.role is Role.LEAD]) == len(stories)
