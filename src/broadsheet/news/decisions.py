"""What an editor does to a story. Every decision is written down; undoing is one more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from broadsheet.news.models import Decision, Story
from broadsheet.people.models import Editor

_BECOMES = {
    Decision.Action.TAKE: Story.State.TAKEN,
    Decision.Action.LEAVE: Story.State.LEFT,
    Decision.Action.LATER: Story.State.LATER,
}


class DecisionError(Exception):
    """The decision cannot be made; `str()` is a sentence for the editor."""


def take(story: Story, editor: Editor | None, now: datetime, reason: str = "") -> Story:
    """The story is wanted. Taking it into an issue is `issues.compose.pick`."""
    return _decide(story, Decision.Action.TAKE, editor, now, reason)


def leave(story: Story, editor: Editor | None, now: datetime, reason: str = "") -> Story:
    """The story is not wanted; it stays in the month and can be found again."""
    return _decide(story, Decision.Action.LEAVE, editor, now, reason)


def later(story: Story, editor: Editor | None, now: datetime, reason: str = "") -> Story:
    """Not now: the story waits apart from the inbox."""
    return _decide(story, Decision.Action.LATER, editor, now, reason)


@transaction.atomic
def undo(story: Story, editor: Editor | None, now: datetime) -> Story:
    """Go back to what the story was before its last decision. DecisionError where there was none."""
    story = Story.objects.select_for_update().get(pk=story.pk)
    # An undo steps over itself and over what it undid, so that undoing twice goes back twice.
    skip = 0
    for decision in story.decisions.order_by("-pk"):
        if decision.action == Decision.Action.UNDO:
            skip += 1
        elif skip:
            skip -= 1
        else:
            return _record(story, Decision.Action.UNDO, decision.before, editor, now, "")
    raise DecisionError(f"Nothing has been decided of “{story.headline}” that could be undone.")


@transaction.atomic
def _decide(
    story: Story, action: Decision.Action, editor: Editor | None, now: datetime, reason: str
) -> Story:
    story = Story.objects.select_for_update().get(pk=story.pk)
    state = _BECOMES[action]
    if story.state == state:
        return story  # pressed twice, or by two editors at once
    return _record(story, action, state, editor, now, reason)


def _record(
    story: Story,
    action: Decision.Action,
    state: str,
    editor: Editor | None,
    now: datetime,
    reason: str,
) -> Story:
    Decision.objects.create(
        story=story,
        editor=editor,
        action=action,
        before=story.state,
        articles=list(story.articles.order_by("key").values_list("key", flat=True)),
        reason=reason,
        at=now,
    )
    story.state = state
    story.save(update_fields=["state"])
    return story
