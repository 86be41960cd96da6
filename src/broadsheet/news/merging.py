"""Merging and splitting stories by hand. What an editor joined or parted, the machine leaves so.

The editor's word is kept twice: as ties between articles, which grouping obeys ever after, and as
decisions, which say who did it and can be undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.news import decisions, queries
from broadsheet.news.decisions import DecisionError
from broadsheet.news.models import Article, Decision, Story, Tie
from broadsheet.people.models import Editor

# A tie is kept for each pair that a split parts; a split of more is a matter for several.
MOST_PAIRS = 2500


@transaction.atomic
def merge(into: Story, other: Story, editor: Editor | None, now: datetime) -> Story:
    """All articles of `other` join `into`, whose lead stays. `other` is gone until it is split off again."""
    into, other = _locked(into, other)
    _may_merge(into, other)
    ours, theirs = _keys(into), _keys(other)
    if not theirs:
        raise DecisionError(_("“{story}” has no articles any more.").format(story=other.headline))
    apart = Tie.objects.filter(
        one__in=[*ours, *theirs], other__in=[*ours, *theirs], kind=Tie.Kind.APART
    )
    was = {"story": other.pk, "state": other.state, "roles": _roles(other), "ties": _ties(apart)}
    apart.delete()
    _tie(Tie.Kind.TOGETHER, [(ours[0], key) for key in theirs], editor, now)
    was["made"] = [ours[0], theirs]
    Article.objects.filter(story=other, role="lead").update(role="report")
    Article.objects.filter(story=other).update(story=into)
    decisions.record(into, Decision.Action.MERGE, editor, now, other.key, was=was, articles=theirs)
    other.state = Story.State.GONE
    other.save(update_fields=["state"])
    _recount(into)
    return into


def _may_merge(into: Story, other: Story) -> None:
    if into.pk == other.pk:
        raise DecisionError(_("A story cannot be merged with itself."))
    if Story.State.GONE in (into.state, other.state):
        gone = into if into.state == Story.State.GONE else other
        raise DecisionError(
            _("“{story}” is part of another story already.").format(story=gone.headline)
        )
    if into.month != other.month:
        raise DecisionError(
            _("“{story}” is of another month. Move it there first, then merge.").format(
                story=other.headline
            )
        )
    if other.picks.exists():
        raise DecisionError(
            _(
                "“{story}” stands in an issue. Remove it there first, or merge the other way round."
            ).format(story=other.headline)
        )


def unmerge(into: Story, decision: Decision, now: datetime) -> None:
    """Give a story that was merged into a locked one its articles back, in their roles."""
    was = decision.was
    other = Story.objects.select_for_update().filter(pk=was.get("story")).first()
    theirs = list(into.articles.filter(key__in=decision.articles))
    if other is None or other.state != Story.State.GONE or not theirs:
        raise DecisionError(
            _("The two stories cannot be told apart any more. Part articles off by hand.")
        )
    ours, made = was["made"]
    for key in made:
        Tie.objects.filter(one=min(ours, key), other=max(ours, key)).delete()
    _tie_again(was["ties"], decision.editor, now)
    _take_back(theirs, other, was["roles"])
    other.state = was["state"]
    other.save(update_fields=["state"])
    _recount(into)
    _recount(other)


def unsplit(story: Story, decision: Decision, now: datetime) -> None:
    """Let what was parted off a locked story join it again, in its roles."""
    new = Story.objects.select_for_update().filter(key=decision.reason).first()
    if new is None or new.state == Story.State.GONE:
        raise DecisionError(_("The part has become part of another story. Undo that first."))
    if new.picks.exists() or new.state != Story.State.NEW:
        raise DecisionError(
            _("“{story}” has been decided on since. Undo that first, or merge the two.").format(
                story=new.headline
            )
        )
    out = list(new.articles.all())
    keys = [*_keys(story), *(article.key for article in out)]
    Tie.objects.filter(one__in=keys, other__in=keys).delete()
    _tie_again(decision.was.get("ties", []), decision.editor, now)
    lead = story.articles.filter(role="lead").first()
    roles = decision.was.get("roles", {})
    if lead is not None and roles.get(lead.key, ["lead"])[0] != "lead":
        lead.role, lead.copy_of = roles[lead.key]
        lead.save(update_fields=["role", "copy_of"])
    Article.objects.filter(pk__in=[a.pk for a in out], role="lead").update(role="report")
    _take_back(out, story, roles)
    new.state = Story.State.GONE
    new.save(update_fields=["state"])
    _recount(story)


def _roles(story: Story) -> dict[str, list[str]]:
    rows = story.articles.values_list("key", "role", "copy_of")
    return {key: [role, copy_of] for key, role, copy_of in rows}


def _ties(found: Any) -> list[list[str]]:
    return [list(row) for row in found.values_list("kind", "one", "other")]


def _tie_again(kept: Iterable[Sequence[str]], editor: Editor | None, now: datetime) -> None:
    for kind, one, other in kept:
        _tie(Tie.Kind(kind), [(one, other)], editor, now)


def _take_back(articles: Sequence[Article], story: Story, roles: dict[str, list[str]]) -> None:
    """Put articles into a story in the roles that they had there; what is new there reports."""
    led = story.articles.filter(role="lead").exists()
    for article in articles:
        article.story = story
        article.role, article.copy_of = roles.get(article.key, ["report", ""])
        if article.role == "lead" and led:
            article.role = "report"
    Article.objects.bulk_update(articles, ["story", "role", "copy_of"], batch_size=500)


@transaction.atomic
def split(story: Story, articles: Sequence[Article], editor: Editor | None, now: datetime) -> Story:
    """Part some articles of a story off into a story of their own, which waits in the inbox."""
    (story,) = _locked(story)
    out = sorted({a.key for a in articles})
    stay = [key for key in _keys(story) if key not in out]
    if not out or any(a.story_id != story.pk for a in articles):
        raise DecisionError(_("Choose articles of this story to part off."))
    if not stay:
        raise DecisionError(_("A story needs to keep at least one article."))
    if len(out) * len(stay) > MOST_PAIRS:
        raise DecisionError(_("That is too many at once. Part off a few articles at a time."))
    ties = Tie.objects.filter(one__in=[*out, *stay], other__in=[*out, *stay])
    was = {"roles": _roles(story), "ties": _ties(ties)}
    ties.delete()
    _tie(Tie.Kind.APART, [(a, b) for a in out for b in stay], editor, now)
    _tie(Tie.Kind.TOGETHER, [(out[0], key) for key in out[1:]], editor, now)
    new, _made = Story.objects.get_or_create(
        key=f"by-hand-{out[0][:48]}",
        defaults={"month": story.month, "band": story.band, "headline": story.headline},
    )
    if new.picks.exists():
        raise DecisionError(
            _(
                "“{story}” was parted off before and stands in an issue. Remove it there first."
            ).format(story=new.headline)
        )
    new.state, new.month = Story.State.NEW, story.month
    new.score, new.case = story.score, story.case
    new.save()
    Article.objects.filter(key__in=out, role="lead").update(role="report")
    Article.objects.filter(key__in=out).update(story=new)
    decisions.record(story, Decision.Action.SPLIT, editor, now, new.key, was=was, articles=out)
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
