"""Over lunch: what was pasted becomes drafts in an issue, read, without doubles, grouped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.issues import compose
from broadsheet.issues.models import Issue, Pick
from broadsheet.news import decisions, intake, pasting
from broadsheet.news.collecting import Web
from broadsheet.news.models import Article, Paste, PastedLine, Story
from broadsheet.people.models import Editor
from broadsheet.wire.beat import Beat
from broadsheet.wire.read.pool import Reader


def serve(
    paste: Paste,
    web: Web,
    beat: Beat,
    clock: Callable[[], datetime],
    *,
    reader: Reader | None = None,
    tell: Callable[[PastedLine], None] = lambda _line: None,
) -> str:
    """Read what waits, group it, take it into its issue; what came of it, in words.

    May be done again after a crash: what is read and picked already stays as it is.
    """
    for line in pasting.take_in(paste, web, beat, clock, reader):
        tell(line)
    pasting.group(paste, beat)
    found = pasting.stories(paste)
    issue = Issue.objects.filter(uid=paste.into).first() if paste.into else None
    troubles = []
    if issue is not None:
        by_pk = Story.objects.in_bulk(found)
        for pk in found:
            troubles += _into(issue, by_pk[pk], paste.editor, clock())
    elif paste.into:
        troubles.append(_("The issue is gone; the stories wait in the inbox."))
    pasting.finish(paste, troubles, clock())
    return ngettext("{count} story kept.", "{count} stories kept.", len(found)).format(
        count=len(found)
    )


def _into(issue: Issue, story: Story, editor: Editor, now: datetime) -> list[str]:
    if issue.picks.filter(story=story).exists():
        return []
    try:
        with transaction.atomic():
            decisions.take(story, editor, now)
            compose.pick(story, compose.section_for(issue, story), editor, now)
    except (decisions.DecisionError, compose.ComposeError) as error:
        return [str(error)]
    return []


@transaction.atomic
def completed(article: Article, beat: Beat, editor: Editor, now: datetime) -> Pick | None:
    """An article was completed by hand: its untouched item in a draft takes its words, in its place.

    None where it stands in no draft, or somebody has worked on the item, which is never overwritten.
    """
    article.refresh_from_db()
    if article.story_id is None:
        return None
    held = (
        Pick.objects.filter(story=article.story_id, issue__state=Issue.State.DRAFT, turn=0)
        .select_related("section", "story")
        .first()
    )
    if held is None or held.story is None:
        return None
    section, story = held.section, held.story
    below = section.picks.filter(position__gt=held.position).count()
    compose.remove(held, editor, now)
    intake.regroup(article.month, beat)
    story.refresh_from_db()
    made = compose.pick(story, section, editor, now)
    for _step in range(below):
        made = compose.move(made, "up")
    return made
