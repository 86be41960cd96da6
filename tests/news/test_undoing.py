"""Everything an editor does to a story can be undone, and nothing is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from broadsheet.news import decisions, merging, undoing
from broadsheet.news.decisions import DecisionError
from broadsheet.news.models import Article, Decision, Story, Tie
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, tzinfo=UTC)


def last() -> Decision:
    found = Decision.objects.order_by("-pk").first()
    assert found is not None
    return found


def standing(story: Story) -> dict[str, tuple[str, str]]:
    rows = story.articles.values_list("key", "role", "copy_of")
    return {key: (role, copy_of) for key, role, copy_of in rows}


def test_a_note_goes_back_to_what_it_said() -> None:
    story, ada = make.story(), make.editor()
    decisions.note(story, "Ask the shelter", ada, NOW)
    decisions.note(story, "They answered", ada, NOW)
    assert undoing.undo(last(), ada, NOW).note == "Ask the shelter"
    with pytest.raises(DecisionError, match="undoing itself"):
        undoing.undo(last(), ada, NOW)


def test_a_claim_goes_back_to_who_had_it() -> None:
    story, ada, ben = make.story(), make.editor(), make.editor()
    decisions.claim(story, ada, ada, NOW)
    decisions.claim(story, ben, ada, NOW)
    assert undoing.undo(last(), ben, NOW).claimed_by == ada
    assert decisions.claim(story, None, ada, NOW).claimed_by is None


def test_a_story_is_not_handed_to_somebody_who_only_reads() -> None:
    with pytest.raises(DecisionError, match="cannot work on stories"):
        decisions.claim(make.story(), make.editor(role="reader"), None, NOW)


def test_a_moved_story_takes_its_articles_along_and_back() -> None:
    story = make.story(articles=3)
    decisions.move(story, "2019-05", None, NOW)
    assert set(Article.objects.values_list("month", flat=True)) == {"2019-05"}
    assert undoing.undo(last(), None, NOW).month == "2019-06"
    assert set(Article.objects.values_list("month", flat=True)) == {"2019-06"}


@pytest.mark.parametrize("month", ["2019-13", "June", "2019", "2019-06-01", ""])
def test_a_month_that_is_none_is_refused(month: str) -> None:
    with pytest.raises(DecisionError, match="is not a month"):
        decisions.move(make.story(), month, None, NOW)


def test_merging_is_undone_with_every_role_and_tie() -> None:
    one, other = make.story(articles=2), make.story(articles=3, state="later")
    before = standing(one), standing(other)
    merging.merge(one, other, None, NOW)
    undoing.undo(last(), None, NOW)
    assert (standing(one), standing(other)) == before
    other.refresh_from_db()
    assert other.state == "later"
    assert not Tie.objects.exists()


def test_splitting_is_undone_with_every_role() -> None:
    story = make.story(articles=3)
    before = standing(story)
    new = merging.split(story, [story.articles.get(role="lead")], None, NOW)
    undoing.undo(last(), None, NOW)
    assert standing(story) == before
    new.refresh_from_db()
    assert new.state == Story.State.GONE


def test_a_part_that_was_decided_on_is_not_joined_again_by_undoing() -> None:
    story = make.story(articles=2)
    new = merging.split(story, [story.articles.get(role="lead")], None, NOW)
    split = last()
    decisions.take(new, None, NOW)
    with pytest.raises(DecisionError, match="decided on since"):
        undoing.undo(split, None, NOW)


def test_what_rests_on_a_decision_is_undone_first() -> None:
    story = make.story()
    decisions.take(story, None, NOW)
    first = last()
    decisions.note(story, "a note rests on nothing", None, NOW)
    decisions.later(story, None, NOW)
    with pytest.raises(DecisionError, match="Something later"):
        undoing.undo(first, None, NOW)
    undoing.undo(last(), None, NOW)
    assert undoing.undo(first, None, NOW).state == "new"
    with pytest.raises(DecisionError, match="undone already"):
        undoing.undo(first, None, NOW)


def test_stories_of_two_months_are_not_merged() -> None:
    with pytest.raises(DecisionError, match="of another month"):
        merging.merge(make.story(), make.story(month="2019-05"), None, NOW)
