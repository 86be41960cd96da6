"""Comments on items and issues, and words that are typed but not kept yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.issues import compose
from broadsheet.issues.models import Comment, Held, Issue, Pick
from broadsheet.people.models import Editor

LONGEST = 5000  # characters of a comment
HELD_FOR = timedelta(days=30)
MOST_HELD = 200_000  # characters of one form


def comment(issue: Issue, part: str, words: str, editor: Editor, now: datetime) -> Comment:
    """Say something beside an item (its uid) or the issue (empty). Nothing printed changes."""
    words = words.replace("\0", "").strip()[:LONGEST]
    if not words:
        raise compose.ComposeError(_("Write what you want to say."))
    if part and not issue.picks.filter(uid=part).exists():
        raise compose.ComposeError(_("That item is no longer in the issue."))
    return Comment.objects.create(issue=issue, part=part, words=words, editor=editor, at=now)


@transaction.atomic
def settle(given: Comment, editor: Editor, now: datetime) -> None:
    """A comment is dealt with; settling twice changes nothing."""
    Comment.objects.filter(pk=given.pk, settled=None).update(settled=now, settled_by=editor)


@transaction.atomic
def reopen(given: Comment) -> None:
    Comment.objects.filter(pk=given.pk).update(settled=None, settled_by=None)


def of(pick: Pick) -> list[Comment]:
    """The comments on an item, oldest first. One query."""
    rows = Comment.objects.filter(issue=pick.issue_id, part=pick.uid)
    return list(rows.select_related("editor", "settled_by"))


def open_counts(issue: Issue) -> dict[str, int]:
    """How many open comments each part of an issue has. One query."""
    counts: dict[str, int] = {}
    for part in issue.comments.filter(settled=None).values_list("part", flat=True):
        counts[part] = counts.get(part, 0) + 1
    return counts


# --- typed, not kept -----------------------------------------------------------------------------


def hold(
    editor: Editor, issue: Issue, form: str, words: list[list[Any]], now: datetime
) -> Held | None:
    """Keep what an editor is typing, for this form of theirs alone. None where it is too long."""
    if sum(len(str(value)) for _name, value in words) > MOST_HELD:
        return None
    held, _made = Held.objects.update_or_create(
        editor=editor, form=form, defaults={"issue": issue, "words": words, "at": now}
    )
    return held


def held(editor: Editor, form: str, now: datetime) -> Held | None:
    """What this editor typed there and did not keep; None after thirty days. One query."""
    return Held.objects.filter(editor=editor, form=form, at__gt=now - HELD_FOR).first()


def let_go(editor: Editor, form: str) -> None:
    """The words are kept, or not wanted."""
    Held.objects.filter(editor=editor, form=form).delete()


def forget(now: datetime) -> int:
    """Let go of words that nobody came back to; how many forms."""
    return Held.objects.filter(at__lte=now - HELD_FOR).delete()[0]
