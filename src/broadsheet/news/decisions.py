"""What an editor does to a story. Every decision is written down; undoing is one more.

Merging and splitting are in `merging`, undoing of everything in `undoing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from broadsheet.news import finding
from broadsheet.news.models import Article, Decision, Story
from broadsheet.people.models import Editor
from broadsheet.wire import dates

LONGEST_NOTE = 2_000  # characters
STATES = (Decision.Action.TAKE, Decision.Action.LEAVE, Decision.Action.LATER)
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
    """Go back to what the story was before it was last taken, left or put off.

    Undoing twice goes back twice. DecisionError where there is nothing to go back to.
    """
    story = locked(story)
    last = live(story).filter(action__in=STATES).first()
    if last is None:
        raise DecisionError(
            _("Nothing has been decided of “{story}” that could be undone.").format(
                story=story.headline
            )
        )
    return back_to_state(story, last, editor, now)


def back_to_state(story: Story, decision: Decision, editor: Editor | None, now: datetime) -> Story:
    """Undo one taking, leaving or putting off of a locked story."""
    if story.state == Story.State.GONE:
        raise DecisionError(
            _("“{story}” is part of another story now. Undo the merging first.").format(
                story=story.headline
            )
        )
    record(story, Decision.Action.UNDO, editor, now, undoes=decision)
    story.state = decision.before
    story.save(update_fields=["state"])
    return story


@transaction.atomic
def note(story: Story, words: str, editor: Editor | None, now: datetime) -> Story:
    """Write a note for the other editors on a story; an empty one takes the note away."""
    words = words.strip()
    if len(words) > LONGEST_NOTE:
        raise DecisionError(
            _("A note may have {most} characters; this one has {count}.").format(
                most=LONGEST_NOTE, count=len(words)
            )
        )
    story = locked(story)
    if story.note == words:
        return story
    record(story, Decision.Action.NOTE, editor, now, words, was={"note": story.note})
    story.note = words
    story.save(update_fields=["note"])
    return story


@transaction.atomic
def claim(story: Story, whose: Editor | None, editor: Editor | None, now: datetime) -> Story:
    """Say who works on a story: oneself, somebody it is handed to, or nobody any more.

    A claim warns others and holds nobody back.
    """
    story = locked(story)
    if story.claimed_by_id == (whose.pk if whose else None):
        return story
    if whose is not None and not (whose.is_active and whose.may_edit):
        raise DecisionError(
            _("{name} cannot work on stories. Hand it to an editor or contributor.").format(
                name=whose.name
            )
        )
    record(
        story, Decision.Action.CLAIM, editor, now, whose.name if whose else "",
        was={"by": story.claimed_by_id},
    )  # fmt: skip
    story.claimed_by = whose
    story.save(update_fields=["claimed_by"])
    return story


@transaction.atomic
def move(story: Story, month: str, editor: Editor | None, now: datetime) -> Story:
    """File a story and its articles under another month. What stands in an issue does not move."""
    try:
        if len(month) != 7:
            raise ValueError(month)
        dates.first_day(month)
    except ValueError:
        raise DecisionError(
            _("{month!r} is not a month; write it like 2019-06.").format(month=month)
        ) from None
    story = locked(story)
    if story.month == month:
        return story
    if story.picks.exists():
        raise DecisionError(
            _("“{story}” stands in an issue. Remove it there before you move it.").format(
                story=story.headline
            )
        )
    if story.state == Story.State.GONE:
        raise DecisionError(
            _("“{story}” is part of another story now.").format(story=story.headline)
        )
    before = dict(story.articles.order_by("key").values_list("key", "month"))
    record(
        story, Decision.Action.MOVE, editor, now, month,
        was={"month": story.month, "articles": before},
    )  # fmt: skip
    file_under(story, dict.fromkeys(before, month), month)
    return story


def file_under(story: Story, months: Mapping[str, str], month: str) -> None:
    """Put a story under a month, and its articles, by key, each under its own."""
    story.month = month
    story.save(update_fields=["month"])
    articles = list(story.articles.filter(key__in=months))
    for article in articles:
        article.month = months[article.key]
    Article.objects.bulk_update(articles, ["month"], batch_size=500)
    finding.put(articles)


# --- what the other deciding modules share -------------------------------------------------------


def locked(story: Story) -> Story:
    return Story.objects.select_for_update().get(pk=story.pk)


def live(story: Story) -> QuerySet[Decision]:
    """The decisions on a story that stand, the newest first: neither undone nor undoings."""
    return (
        Decision.objects.filter(story=story, undone_by=None)
        .exclude(action=Decision.Action.UNDO)
        .order_by("-pk")
    )


def record(
    story: Story,
    action: Decision.Action,
    editor: Editor | None,
    now: datetime,
    reason: str = "",
    *,
    was: Mapping[str, Any] | None = None,
    articles: list[str] | None = None,
    undoes: Decision | None = None,
) -> Decision:
    """Write a decision down. `articles` are those it is about; all of the story unless named."""
    if articles is None:
        articles = list(story.articles.order_by("key").values_list("key", flat=True))
    return Decision.objects.create(
        story=story,
        editor=editor,
        action=action,
        before=story.state,
        was=dict(was or {}),
        undoes=undoes,
        articles=articles,
        reason=reason,
        at=now,
    )


@transaction.atomic
def _decide(
    story: Story, action: Decision.Action, editor: Editor | None, now: datetime, reason: str
) -> Story:
    story = locked(story)
    state = _BECOMES[action]
    if story.state == state:
        return story  # pressed twice, or by two editors at once
    if story.state == Story.State.GONE:
        raise DecisionError(
            _("“{story}” is part of another story now. Decide on that one.").format(
                story=story.headline
            )
        )
    record(story, action, editor, now, reason)
    story.state = state
    story.save(update_fields=["state"])
    return story
