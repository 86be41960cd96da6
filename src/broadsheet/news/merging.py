"""Merging and splitting stories by hand. What an editor joined or parted, the machine leaves so.

The editor's word is kept twice: as ties between articles, which grouping obeys ever after, and as
decisions, which say who did it and can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from broadsheet.news import queries
from broadsheet.news.decisions import DecisionError
from broadsheet.news.models import Article, Decision, Story, Tie
from broadsheet.people.models import Editor

# A tie is kept for each pair that a split parts; a split of more is a matter for several.
MOST_PAIRS = 2500


@transaction.atomic
def merge(into: Story, other: Story, editor: Editor | None, now: datetime) -> Story:
    """All articles of `other` join `into`, whose lead stays. `other` is gone until it is split off again."""
    into, other = _locked(into, other)
    if into.pk == other.pk:
        raise DecisionError("A story cannot be merged with itself.")
    if other.picks.exists():
        raise DecisionError(
            f"“{other.headline}” stands in an issue. Remove it there first, or merge the other way round."
        )
    ours, theirs = _keys(into), _keys(other)
    if not theirs:
        raise DecisionError(f"“{other.headline}” has no articles any more.")
    Tie.objects.filter(
        one__in=[*ours, *theirs], other__in=[*ours, *theirs], kind=Tie.Kind.APART
    ).delete()
    _tie(Tie.Kind.TOGETHER, [(ours[0], key) for key in theirs], editor, now)
    Article.objects.filter(story=other, role="lead").update(role="report")
    Article.objects.filter(story=other).update(story=into)
    Decision.objects.create(
        story=into, editor=editor, action=Decision.Action.MERGE, before=into.state,
        articles=theirs, reason=other.key, at=now,
    )  # fmt: skip
    other.state = Story.State.GONE
    other.save(update_fields=["state"])
    _recount(into)
    return into


@transaction.atomic
def split(story: Story, articles: Sequence[Article], editor: Editor | None, now: datetime) -> Story:
    """Part some articles of a story off into a story of their own, which waits in the inbox."""
    (story,) = _locked(story)
    out = sorted({a.key for a in articles})
    stay = [key for key in _keys(story) if key not in out]
    if not out or any(a.story_id != story.pk for a in articles):
        raise DecisionError("Choose articles of this story to part off.")
    if not stay:
        raise DecisionError("A story needs to keep at least one article.")
    if len(out) * len(stay) > MOST_PAIRS:
        raise DecisionError("That is too many at once. Part off a few articles at a time.")
    Tie.objects.filter(one__in=[*out, *stay], other__in=[*out, *stay]).delete()
    _tie(Tie.Kind.APART, [(a, b) for a in out for b in stay], editor, now)
    _tie(Tie.Kind.TOGETHER, [(out[0], key) for key in out[1:]], editor, now)
    new, _ = Story.objects.get_or_create(
        key=f"by-hand-{out[0][:48]}",
        defaults={"month": story.month, "band": story.band, "headline": story.headline},
    )
    new.state, new.month = Story.State.NEW, story.month
    new.score, new.case = story.score, story.case
    new.save()
    Article.objects.filter(key__in=out, role="lead").update(role="report")
    Article.objects.filter(key__in=out).update(story=new)
    Decision.objects.create(
        story=story, editor=editor, action=Decision.Action.SPLIT, before=story.state,
        articles=out, reason=new.key, at=now,
    )  # fmt: skip
    _recount(story)
    _recount(new)
    return new


def _locked(*stories: Story) -> list[Story]:
    found = {
        s.pk: s for s in Story.objects.select_for_update().filter(pk__in=[s.pk for s in stories])
    }
    return [found[story.pk] for story in stories]


def _keys(story: Story) -> list[str]:
    return list(story.articles.order_by("key").values_list("key", flat=True))


def _tie(
    kind: Tie.Kind, pairs: Iterable[tuple[str, str]], editor: Editor | None, now: datetime
) -> None:
    for a, b in pairs:
        one, other = sorted((a, b))
        Tie.objects.update_or_create(
            one=one, other=other, defaults={"kind": kind, "editor": editor, "at": now}
        )


def _recount(story: Story) -> None:
    """A story has one lead: where it lost its own, the earliest report steps up."""
    articles = queries.in_order(list(story.articles.select_related("source")))
    if not articles:
        return
    if articles[0].role != "lead":
        articles[0].role, articles[0].copy_of = "lead", ""
        articles[0].save(update_fields=["role", "copy_of"])
    lead = articles[0]
    story.headline = lead.headline or lead.text[:200]
    story.sort_date = lead.sort_date
    story.outlets = len({a.source_id for a in articles if a.role != "copy"})
    story.save(update_fields=["headline", "sort_date", "outlets"])
