"""Merging and splitting by hand, which the machine never undoes."""

from datetime import UTC, datetime

import pytest

from broadsheet.news import intake, merging
from broadsheet.news.decisions import DecisionError
from broadsheet.news.models import Article, Story
from broadsheet.wire import beat as beats
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, tzinfo=UTC)


def test_merged_stories_are_one_with_the_lead_of_the_first():
    one, other = make.story(articles=2), make.story(articles=3)
    lead = one.articles.get(role="lead")
    merged = merging.merge(one, other, make.editor(), NOW)
    assert merged.articles.count() == 5
    assert merged.articles.get(role="lead") == lead
    other.refresh_from_db()
    assert other.state == Story.State.GONE


def test_what_is_parted_off_has_a_lead_and_waits_in_the_inbox():
    story = make.story(articles=3)
    out = list(story.articles.filter(role="report"))
    new = merging.split(story, out, None, NOW)
    assert (new.state, new.articles.count(), story.articles.count()) == ("new", 2, 1)
    assert new.articles.filter(role="lead").count() == 1


def test_a_lead_can_be_parted_off_and_another_steps_up():
    story = make.story(articles=2)
    lead = story.articles.get(role="lead")
    new = merging.split(story, [lead], None, NOW)
    assert new.articles.get() == lead
    assert story.articles.get().role == "lead"


def test_merging_back_what_was_split_leaves_one_story():
    story = make.story(articles=3)
    new = merging.split(story, list(story.articles.filter(role="report")), None, NOW)
    merged = merging.merge(story, new, None, NOW)
    assert merged.articles.count() == 3


def test_the_machine_undoes_neither():
    words = "Police free forty people from forced labour at Testville brick kiln"
    far = "Minister opens conference on human trafficking and the courts in Otherland"
    alike = make.story(articles=2, headline=words)
    Article.objects.filter(story=alike).update(
        headline=words, text=f"{words}. They had come in May."
    )
    other = make.story(headline=far)
    new = merging.split(alike, list(alike.articles.filter(role="report")), None, NOW)
    merging.merge(alike, other, None, NOW)
    for _ in range(2):
        intake.regroup("2019-06", beats.load())
        together = Article.objects.filter(story__articles__headline=far).distinct()
        assert together.count() == 2
        parted = Article.objects.filter(headline=words).values_list("story", flat=True)
        assert len(set(parted)) == 2
    assert new.pk in parted or Story.objects.filter(pk=new.pk).exists()


@pytest.mark.parametrize("n", [0, 2])
def test_a_split_that_parts_nothing_is_refused_with_a_word(n):
    story = make.story(articles=2)
    with pytest.raises(DecisionError):
        merging.split(story, list(story.articles.all())[:n], None, NOW)


def test_a_story_in_an_issue_is_not_merged_away():
    from broadsheet.issues import compose

    one, other = make.story(), make.story()
    compose.pick(other, make.issue().sections.get(takes="world"), None, NOW)
    with pytest.raises(DecisionError, match="stands in an issue"):
        merging.merge(one, other, None, NOW)
