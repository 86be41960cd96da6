"""Questions to the news, by the names that a newsroom uses. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject

from broadsheet.news.models import Article, Decision, Failure, Source, Story
from broadsheet.people.models import Editor

_ROLES = ("lead", "report", "copy")


@dataclass(frozen=True, slots=True)
class Month:
    """How a month stands: stories by what became of them, and articles filed off the beat."""

    month: str
    relevant: int = 0
    unsure: int = 0
    taken: int = 0
    left: int = 0
    later: int = 0
    off_beat: int = 0


def months() -> list[Month]:
    """Every month that has articles, newest first. Two queries."""
    waiting = Q(state=Story.State.NEW)
    counts = dict(
        Story.objects.values_list("month")
        .annotate(
            counted=JSONObject(
                relevant=Count("pk", filter=waiting & Q(band="relevant")),
                unsure=Count("pk", filter=waiting & Q(band="unsure")),
                taken=Count("pk", filter=Q(state=Story.State.TAKEN)),
                left=Count("pk", filter=Q(state=Story.State.LEFT)),
                later=Count("pk", filter=Q(state=Story.State.LATER)),
            )
        )
        .order_by()
    )
    off_beat = dict(
        Article.objects.values_list("month")
        .annotate(n=Count("pk", filter=Q(band="off_beat", story=None)))
        .order_by()
    )
    return [
        Month(month, off_beat=off_beat.get(month, 0), **counts.get(month, {}))
        for month in sorted(off_beat.keys() | counts.keys(), reverse=True)
    ]


def month_names() -> list[str]:
    """The months that have articles, newest first. One query, a look into an index for each month.

    PostgreSQL reads every row for a DISTINCT: 40 ms of each page at 200,000 articles.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS)
        return [name for (name,) in cursor.fetchall()]


# The greatest, then the greatest below it, and so on: a "loose index scan", which neither database has.
_MONTHS = """
    WITH RECURSIVE named(month) AS (
        SELECT max(month) FROM news_article
        UNION ALL
        SELECT (SELECT max(below.month) FROM news_article AS below WHERE below.month < named.month)
        FROM named WHERE named.month IS NOT NULL
    )
    SELECT month FROM named WHERE month IS NOT NULL ORDER BY month DESC
"""


def month(name: str) -> Month:
    """How one month stands; all counts are 0 where it has no articles. Two queries."""
    counts = by_tab(Story.objects.filter(month=name))
    off_beat = filed_off_beat(name).count()
    return Month(name, off_beat=off_beat, **counts)


def with_articles(stories: QuerySet[Story]) -> QuerySet[Story]:
    """Stories with their articles (lead first, then reports, then copies) and sources: two queries more."""
    articles = (
        Article.objects.select_related("source").defer("text").order_by("-role", "sort_date", "pk")
    )
    # lead < report < copy does not sort by letter; the page sorts the handful it has by `_ROLES`
    return stories.select_related("claimed_by").prefetch_related(
        Prefetch("articles", queryset=articles)
    )


def in_order(articles: list[Article]) -> list[Article]:
    """The articles of a story as they are shown: the lead, own reports, copies, each by date."""
    return sorted(articles, key=lambda a: (_ROLES.index(a.role), a.sort_date, a.pk))


def inbox(
    month: str, band: str | None = "relevant", state: str = Story.State.NEW, limit: int = 200
) -> QuerySet[Story]:
    """A month's stories of a state, best first, with articles and sources.

    Three queries, however many stories. `band=None` takes all bands.
    """
    found = Story.objects.filter(month=month, state=state)
    if band is not None:
        found = found.filter(band=band)
    return best(found, limit)


def best(stories: QuerySet[Story], limit: int) -> QuerySet[Story]:
    """The best of some stories, with articles and sources: two queries more."""
    return with_articles(ranked(stories))[:limit]


def ranked(stories: QuerySet[Story]) -> QuerySet[Story]:
    """Stories in the order of the inbox."""
    return stories.order_by("-score", "key")


def by_tab(stories: QuerySet[Story]) -> dict[str, int]:
    """How many of some stories stand under each tab of the inbox. One query."""
    counts = dict.fromkeys(("relevant", "unsure", "taken", "left", "later"), 0)
    for state, band, n in stories.values_list("state", "band").annotate(n=Count("pk")).order_by():
        what = band if state == Story.State.NEW else state
        if what in counts:  # not what was merged away
            counts[what] += n
    return counts


def places(month: str) -> set[str]:
    """The places, as ISO 3166-1 alpha-2, that a month's stories name. One query."""
    lists = Story.objects.filter(month=month).values_list("places", flat=True)
    return {place for named in lists for place in named}


def filed_off_beat(month: str = "") -> QuerySet[Article]:
    """A month's articles that are filed off the beat and in no story; of all months where none is named."""
    # Asked plainly, "no story" leads SQLite to walk all articles without a story, of all years: its
    # statistics do not tell how common NULL is. An expression it cannot look up, so it takes the month.
    in_story = Coalesce("story_id", Value(0))
    found = Article.objects.filter(band="off_beat").alias(of=in_story).filter(of=0)
    return found.filter(month=month) if month else found


def likeliest(articles: QuerySet[Article], limit: int = 200) -> QuerySet[Article]:
    """Articles filed off the beat as they are looked through, the likeliest first. One query."""
    return articles.select_related("source").defer("text").order_by("-score", "key")[:limit]


def off_beat(month: str, limit: int = 200) -> QuerySet[Article]:
    """A month's articles that are filed off the beat, the likeliest first. One query."""
    return likeliest(filed_off_beat(month), limit)


def story(pk: int) -> Story | None:
    """One story with its articles, texts and decisions."""
    return (
        Story.objects.filter(pk=pk)
        .select_related("claimed_by")
        .prefetch_related(
            Prefetch("articles", queryset=Article.objects.select_related("source")),
            Prefetch("decisions", queryset=_told(Decision.objects.all())),
        )
        .first()
    )


def _told(decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """Decisions with what must be known to tell of them, the newest first."""
    told = decisions.select_related("editor", "story", "undone_by").order_by("-pk")
    return told.defer("story__summary", "story__factors", "story__recalls", "was", "articles")


def last_decisions(limit: int) -> QuerySet[Decision]:
    """What was decided last at this desk, the newest first. One query."""
    return _told(Decision.objects.exclude(action=Decision.Action.UNDO))[:limit]


def last_decision(editor: Editor) -> Decision | None:
    """The last thing that an editor did and that stands. One query."""
    standing = Decision.objects.filter(editor=editor, undone_by=None)
    return _told(standing.exclude(action=Decision.Action.UNDO)).first()


def workers() -> QuerySet[Editor]:
    """Who may be handed a story, by name. One query."""
    return Editor.objects.filter(is_active=True).exclude(role=Editor.Role.READER).order_by("name")


def beside(story: Story, limit: int = 300) -> QuerySet[Story]:
    """The other stories of a story's month that could be merged into it, by headline. One query."""
    return (
        Story.objects.filter(month=story.month, state__in=[Story.State.NEW, Story.State.LATER])
        .exclude(pk=story.pk)
        .only("pk", "headline")
        .order_by("headline", "pk")[:limit]
    )


def sources() -> QuerySet[Source]:
    """All sources with their feeds and `n_articles`. Two queries."""
    # Counted for each source from an index: joined and grouped, 200,000 articles took seconds.
    articles = Article.objects.filter(source=OuterRef("pk")).order_by().values("source")
    counted = Subquery(articles.annotate(n=Count("*")).values("n"))  # of the index alone
    return Source.objects.annotate(n_articles=Coalesce(counted, 0)).prefetch_related("feeds")


def failures(limit: int = 100) -> QuerySet[Failure]:
    """The pages that fell off the line, newest first. One query."""
    return Failure.objects.select_related("source").order_by("-last", "pk")[:limit]
