"""Which article of a story is shown and linked: what the desk lays down, and why one leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count

from broadsheet.news import intake, queries
from broadsheet.news.models import Article, Leading, Source, Story
from broadsheet.wire import group, summarise
from broadsheet.wire.beat import Beat
from broadsheet.wire.model import Member, Role, row

MONTHS = 2  # the latest, whose stories still wait: older ones keep the lead they had


class LeadingError(Exception):
    """What is wrong with the choice, in words for the editor."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Preferred outlets, the most wanted first, and which rules are asked after them."""

    outlets: tuple[str, ...] = ()
    original_first: bool = True
    free_first: bool = True
    near_first: bool = True


def choice() -> Choice:
    """What the desk has chosen. Two queries."""
    kept = Leading.objects.first() or Leading()
    names = Source.objects.exclude(preference=None).order_by("preference", "name")
    return Choice(
        tuple(names.values_list("name", flat=True)),
        kept.original_first,
        kept.free_first,
        kept.near_first,
    )


@transaction.atomic
def choose(wanted: Choice, beat: Beat) -> int:
    """Lay the rules down, and lead the waiting stories by them. Gives how many have another lead now.

    Outlets are named as the sources are, whatever the case. A story that stands in an issue keeps
    its lead.
    """
    sources = {source.name.casefold(): source for source in Source.objects.all()}
    unknown = [name for name in wanted.outlets if name.casefold() not in sources]
    if unknown:
        raise LeadingError(unknown[0])
    Source.objects.exclude(preference=None).update(preference=None)
    for place, name in enumerate(dict.fromkeys(n.casefold() for n in wanted.outlets), start=1):
        Source.objects.filter(pk=sources[name].pk).update(preference=place)
    Leading.objects.update_or_create(
        id=1,
        defaults={
            "original_first": wanted.original_first,
            "free_first": wanted.free_first,
            "near_first": wanted.near_first,
        },
    )
    return _lead_again(beat)


def _lead_again(beat: Beat) -> int:
    """Lead the waiting stories of the latest months anew."""
    rules, changed = intake.lead_rules(beat), 0
    latest = [month.month for month in queries.months()[:MONTHS]]
    waiting = (
        Story.objects.filter(
            month__in=latest, state__in=(Story.State.NEW, Story.State.LATER), picks=None
        )
        .annotate(count=Count("articles"))
        .filter(count__gt=1)
        .prefetch_related("articles__source")
    )
    for story in waiting:
        changed += _led(story, list(story.articles.all()), rules, beat)
    return changed


def _led(story: Story, articles: Sequence[Article], rules: group.LeadRules, beat: Beat) -> bool:
    """Give a story the lead that the rules want; whether it is another one."""
    values = {article.pk: intake.value(article) for article in articles}
    best = min(articles, key=lambda a: rules.order(values[a.pk], a.key, bool(a.copy_of)))
    if best.role == Article.Role.LEAD:
        return False
    for article in articles:
        if article.role == Article.Role.LEAD:
            article.role = Article.Role.COPY if article.copy_of else Article.Role.REPORT
            article.save(update_fields=["role"])
    best.role = Article.Role.LEAD
    best.save(update_fields=["role"])
    members = [Member(values[a.pk], story.key, Role(a.role)) for a in articles]
    story.headline = best.headline or best.text[:200]
    story.sort_date = best.sort_date
    story.summary = row(summarise.summarise(members, beat))
    story.save(update_fields=["headline", "sort_date", "summary"])
    return True


def reason(articles: Sequence[Article], beat: Beat) -> str | None:
    """By which rule (`group.lead.RULES`) a story's lead leads; None where no rule says so."""
    lead = next((a for a in articles if a.role == Article.Role.LEAD), None)
    if lead is None:
        return None
    told = {a.pk: (intake.value(a), a.key, bool(a.copy_of)) for a in articles}
    return intake.lead_rules(beat).reason(
        told[lead.pk], [one for pk, one in told.items() if pk != lead.pk]
    )
