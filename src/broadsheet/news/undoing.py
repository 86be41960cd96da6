"""Undoing: any decision, as long as nothing later rests on it. What was undone stays written down."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.news import decisions, merging
from broadsheet.news.decisions import DecisionError
from broadsheet.news.models import Decision, Story
from broadsheet.people.models import Editor

# Decisions of one group rest on each other: the last must be undone first.
_GROUPS = (
    frozenset(decisions.STATES),
    frozenset({Decision.Action.MERGE, Decision.Action.SPLIT}),
    frozenset({Decision.Action.NOTE}),
    frozenset({Decision.Action.CLAIM}),
    frozenset({Decision.Action.MOVE}),
)


@transaction.atomic
def undo(decision: Decision, editor: Editor | None, now: datetime) -> Story:
    """Undo one decision and give its story. DecisionError, as a sentence, where it cannot be."""
    story = decisions.locked(decision.story)
    decision = Decision.objects.get(pk=decision.pk)
    if decision.action == Decision.Action.UNDO:
        raise DecisionError(_("That was an undoing itself. Decide anew instead."))
    if Decision.objects.filter(undoes=decision).exists():
        raise DecisionError(_("That has been undone already."))
    group = next(group for group in _GROUPS if decision.action in group)
    later = decisions.live(story).filter(pk__gt=decision.pk, action__in=group).first()
    if later is not None:
        raise DecisionError(
            _("Something later was done to “{story}”. Undo that first.").format(
                story=story.headline
            )
        )
    if decision.action in decisions.STATES:
        return decisions.back_to_state(story, decision, editor, now)
    if decision.action == Decision.Action.MERGE:
        merging.unmerge(story, decision, now)
    elif decision.action == Decision.Action.SPLIT:
        merging.unsplit(story, decision, now)
    elif decision.action == Decision.Action.NOTE:
        story.note = str(decision.was.get("note", ""))
        story.save(update_fields=["note"])
    elif decision.action == Decision.Action.CLAIM:
        story.claimed_by = Editor.objects.filter(pk=decision.was.get("by")).first()
        story.save(update_fields=["claimed_by"])
    else:
        _move_back(story, decision)
    decisions.record(story, Decision.Action.UNDO, editor, now, undoes=decision)
    story.refresh_from_db()
    return story


def _move_back(story: Story, decision: Decision) -> None:
    if story.picks.exists():
        raise DecisionError(
            _("“{story}” stands in an issue. Remove it there before you move it.").format(
                story=story.headline
            )
        )
    decisions.file_under(story, decision.was["articles"], decision.was["month"])
