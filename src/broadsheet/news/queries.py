"""Questions to the news, by the names that a newsroom uses. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, JSONObject

from broadsheet.news.models import Article, Decision, Failure, Source, Story

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


@dataclass(frozen=True, slots=True)
class Only:
    """What the inbox is narrowed to; an empty field narrows nothing.

    words   stand in a headline, standfirst or text of the story, in any case
    place   ISO 3166-1 alpha-2
    code    of the taxonomy, such as a form of exploitation
    """

    words: str = ""
    place: str = ""
    code: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.place or self.code)

    def articles(self) -> Q:
        """The articles that have the words."""
        return (
            Q(headline__icontains=self.words)
            | Q(description__icontains=self.words)
            | Q(text__icontains=self.words)
        )


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
    """The months that have articles, newest first. One query, which only looks into an index."""
    names = Article.objects.order_by("-month").values_list("month", flat=True)
    return list(names.distinct())


def month(name: str) -> Month:
    """How one month stands; all counts are 0 where it has no articles. Two queries."""
    counts = dict.fromkeys(("relevant", "unsure", "taken", "left", "later"), 0)
    stands = Story.objects.filter(month=name).values_list("state", "band")
    for state, band, n in stands.annotate(n=Count("pk")).order_by():
        what = band if state == Story.State.NEW else state
        if what in counts:  # not what was merged away
            counts[what] += n
    off_beat = filed_off_beat(name).count()
    return Month(name, off_beat=off_beat, **counts)


def with_articles(stories: QuerySet[Story]) -> QuerySet[Story]:
    """Stories with their articles (lead first, then reports, then copies) and sources: two queries more."""
    articles = (
        Article.objects.select_related("source").defer("text").order_by("-role", "sort_date", "pk")
    )
    # lead < report < copy does not sort by letter; the page sorts the handful it has by `_ROLES`
    return stories.prefetch_related(Prefetch("articles", queryset=articles))


def in_order(articles: list[Article]) -> list[Article]:
    """The articles of a story as they are shown: the lead, own reports, copies, each by date."""
    return sorted(articles, key=lambda a: (_ROLES.index(a.role), a.sort_date, a.pk))


def inbox(
    month: str,
    band: str | None = "relevant",
    state: str = Story.State.NEW,
    limit: int = 200,
    only: Only | None = None,
) -> QuerySet[Story]:
    """A month's stories of a state, best first, with articles and sources.

    Three queries, however many stories. `band=None` takes all bands.
    """
    found = Story.objects.filter(month=month, state=state)
    if band is not None:
        found = found.filter(band=band)
    if only:
        found = _narrowed(found, only)
    return with_articles(found).order_by("-score", "key")[:limit]


def _narrowed(stories: QuerySet[Story], only: Only) -> QuerySet[Story]:
    # JSON is asked as text: `contains` for JSON is not on SQLite, and a code in quotation marks
    # cannot be part of another.
    articles = Article.objects.filter(story=OuterRef("pk"))
    if only.words:
        stories = stories.filter(Exists(articles.filter(only.articles())))
    if only.code:
        coded = articles.annotate(coded=Cast("codes", TextField()))
        stories = stories.filter(Exists(coded.filter(coded__contains=f'"{only.code}"')))
    if only.place:
        stories = stories.annotate(named=Cast("places", TextField())).filter(
            named__contains=f'"{only.place}"'
        )
    return stories


def places(month: str) -> set[str]:
    """The places, as ISO 3166-1 alpha-2, that a month's stories name. One query."""
    lists = Story.objects.filter(month=month).values_list("places", flat=True)
    return {place for named in lists for place in named}


def filed_off_beat(month: str) -> QuerySet[Article]:
    """A month's articles that are filed off the beat and in no story."""
    # Asked plainly, "no story" leads SQLite to walk all articles without a story, of all years: its
    # statistics do not tell how common NULL is. An expression it cannot look up, so it takes the month.
    in_story = Coalesce("story_id", Value(0))
    return Article.objects.filter(month=month, band="off_beat").alias(of=in_story).filter(of=0)


def off_beat(month: str, limit: int = 200, only: Only | None = None) -> QuerySet[Article]:
    """A month's articles that are filed off the beat, the likeliest first. One query.

    They are not tagged, so `only` narrows by its words alone.
    """
    return (
        filed_off_beat(month)
        .filter(only.articles() if only and only.words else Q())
        .select_related("source")
        .defer("text")
        .order_by("-score", "key")[:limit]
    )


def story(pk: int) -> Story | None:
    """One story with its articles, texts and decisions."""
    return (
        Story.objects.filter(pk=pk)
        .prefetch_related(
            Prefetch("articles", queryset=Article.objects.select_related("source")),
            Prefetch(
                "decisions", queryset=Decision.objects.select_related("editor").order_by("-pk")
            ),
        )
        .first()
    )


def beside(story: Story, limit: int = 300) -> QuerySet[Story]:
    """The other stories of a story's month that could be merged into it, by headline. One query."""
    return (
        Story.objects.filter(month=story.month, state__in=[Story.State.NEW, Story.State.LATER])
        .exclude(pk=story.pk)
        .order_by("headline", "pk")[:limit]
    )


def sources() -> QuerySet[Source]:
    """All sources with their feeds and `n_articles`. Two queries."""
    return Source.objects.annotate(n_articles=Count("articles")).prefetch_related("feeds")


def failures(limit: int = 100) -> QuerySet[Failure]:
    """The pages that fell off the line, newest first. One query."""
    return Failure.objects.select_related("source").order_by("-last", "pk")[:limit]
