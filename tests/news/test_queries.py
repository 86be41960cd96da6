"""What the newsroom asks, and what it costs."""

import pytest

from broadsheet.news import queries
from broadsheet.news.models import Story
from tests import make

pytestmark = pytest.mark.django_db


def test_the_inbox_is_what_waits_best_first():
    low, high = make.story(score=1), make.story(score=2)
    make.story(score=9, state=Story.State.LEFT)
    make.story(score=9, band="unsure")
    make.story(score=9, month="2019-07")
    assert list(queries.inbox("2019-06")) == [high, low]


@pytest.mark.parametrize("n", [1, 20])
def test_the_inbox_costs_two_queries_however_full(n, django_assert_num_queries):
    for _ in range(n):
        make.story(articles=3)
    with django_assert_num_queries(2):
        for story in queries.inbox("2019-06"):
            [article.source.name for article in queries.in_order(list(story.articles.all()))]


def test_the_lead_stands_first_then_own_reports_then_copies():
    found = make.story(articles=2)
    copy = make.article(story=found, role="copy")
    assert [a.role for a in queries.in_order(list(found.articles.all()))] == [
        "lead",
        "report",
        "copy",
    ]
    assert queries.in_order(list(found.articles.all()))[-1] == copy


def test_a_month_counts_what_waits_what_was_decided_and_what_was_filed_away():
    make.story()
    make.story(band="unsure")
    make.story(state=Story.State.TAKEN)
    make.article(band="off_beat")
    make.article(band="off_beat", month="2019-05")
    june, may = queries.months()
    assert (june.month, june.relevant, june.unsure, june.taken, june.off_beat) == (
        "2019-06",
        1,
        1,
        1,
        1,
    )
    assert (may.month, may.off_beat) == ("2019-05", 1)
