"""Taking, leaving, undoing."""

from datetime import UTC, datetime

import pytest

from broadsheet.news import decisions
from broadsheet.news.models import Decision, Story
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def test_a_story_taken_says_who_took_it_and_which_articles_it_had():
    someone, found = make.editor(), make.story(articles=3)
    decisions.take(found, someone, NOW, reason="our region")
    kept = Decision.objects.get()
    assert (kept.editor, kept.action, kept.before, len(kept.articles)) == (
        someone,
        "take",
        "new",
        3,
    )
    assert Story.objects.get().state == Story.State.TAKEN


def test_pressing_twice_is_one_decision():
    found = make.story()
    decisions.leave(found, None, NOW)
    decisions.leave(found, None, NOW)
    assert Decision.objects.count() == 1


def test_undo_goes_back_step_by_step_and_forgets_nothing():
    found = make.story()
    decisions.later(found, None, NOW)
    decisions.take(found, None, NOW)
    assert decisions.undo(found, None, NOW).state == Story.State.LATER
    assert decisions.undo(found, None, NOW).state == Story.State.NEW
    assert [d.action for d in Decision.objects.order_by("pk")] == ["later", "take", "undo", "undo"]
    with pytest.raises(decisions.DecisionError, match="Nothing has been decided"):
        decisions.undo(found, None, NOW)


def test_a_decision_after_an_undo_can_be_undone_alone():
    found = make.story()
    decisions.take(found, None, NOW)
    decisions.undo(found, None, NOW)
    decisions.leave(found, None, NOW)
    assert decisions.undo(found, None, NOW).state == Story.State.NEW
