"""Finding stories and articles by what an editor types: words, phrases, filters.

The grammar is `search.grammar`; here its filters get their meaning for the news.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.news.models import Article, Decision, Source, Story
from broadsheet.people.models import Editor
from broadsheet.search import (
    And,
    Document,
    Filter,
    Index,
    Key,
    Node,
    QueryError,
    Text,
    conditions,
    read,
)
from broadsheet.wire import dates
from broadsheet.wire.beat import Beat, Code

WORDS = Index("news_article_words")
AXES = ("form", "sector", "event")

KEYS = (
    Key("source", gettext_lazy("an outlet, or part of its name"), 'source:"Example Post"'),
    Key("place", gettext_lazy("a country or territory, by name or two letters"), "place:Cambodia"),
    Key(
        "form", gettext_lazy("a form of exploitation, by code or words of its label"), "form:labour"
    ),
    Key("sector", gettext_lazy("a sector, likewise"), "sector:fishing"),
    Key("event", gettext_lazy("a kind of event, likewise"), "event:arrest"),
    Key("band", gettext_lazy("relevant, unsure or off-beat"), "band:unsure"),
    Key(
        "date",
        gettext_lazy("a day, month or year, from..to, today, yesterday, last-week, last-month"),
        "date:2026-06-01..2026-06-15",
    ),
    Key(
        "is",
        gettext_lazy("new, taken, left, later, claimed, mine, noted, undated, paywalled"),
        "is:later",
    ),
    Key("by", gettext_lazy("an editor who decided on it or claimed it; me for yourself"), "by:me"),
)
IS = ("new", "taken", "left", "later", "claimed", "mine", "noted", "undated", "paywalled")
_STATES = {state.value: state for state in Story.State if state != Story.State.GONE}
_BANDS = {
    "relevant": "relevant",
    "unsure": "unsure",
    "off-beat": "off_beat",
    "off_beat": "off_beat",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What a search must know beside its words: the beat, today, who asks, and names of places.

    `places` gives for a name, in any case, the places (ISO 3166-1 alpha-2) that are called so.
    """

    beat: Beat
    today: date
    editor: Editor | None
    places: Callable[[str], Sequence[str]]


def put(articles: Iterable[Article]) -> None:
    """Keep these articles' words in the index: whoever writes an article's words or month calls it."""
    WORDS.put(
        Document(
            article.pk,
            article.headline,
            f"{article.description}\n{article.text}",
            (("month", article.month),),
        )
        for article in articles
    )


def stories(query: str, desk: Desk, month: str = "") -> QuerySet[Story]:
    """The stories that a query finds, in one month or in all. QueryError where it cannot be read."""
    found = Story.objects.exclude(state=Story.State.GONE)
    if month:
        found = found.filter(month=month)
    node = read(query, KEYS)
    if node is None:
        return found
    words = _only_words(node)
    if words and not month and WORDS.common(words):
        # Best first, so that a page is there after a few stories, each asked for by itself.
        return found.filter(
            Exists(Article.objects.filter(WORDS.stands(words), story=OuterRef("pk")))
        )
    return _annotated(found, node).filter(
        conditions.where(
            node,
            text=lambda texts: Q(pk__in=_telling(_matching(texts, month), month)),
            filtered=lambda one: _story_filter(one, desk),
        )
    )


def _only_words(node: Node) -> list[Text]:
    """The words of a query that is nothing else: a filter could leave few stories of many asked."""
    parts = node.parts if isinstance(node, And) else [node]
    words = [part for part in parts if isinstance(part, Text)]
    return words if len(words) == len(parts) else []


def articles(
    query: str, desk: Desk, found: QuerySet[Article], month: str = ""
) -> QuerySet[Article]:
    """Those of some articles without a story that a query finds: by words, source, date, band.

    They are not tagged and nobody decided on them: a filter of that kind finds none of them.
    """
    node = read(query, KEYS)
    if node is None:
        return found
    return found.filter(
        conditions.where(
            node,
            text=lambda texts: Q(pk__in=_matching(texts, month)),
            filtered=lambda one: _article_filter(one, desk),
        )
    )


def _telling(matching: Any, month: str) -> QuerySet[Article, Any]:
    """The stories, by their keys, of the articles that match."""
    told = Article.objects.filter(story__isnull=False)
    if month:
        return told.filter(pk__in=matching).values("story_id")
    return told.alias(own=_OWN_KEY).filter(own__in=matching).values("story_id")


# Asked plainly, SQLite looks up each match's whole row for its story: an expression it cannot look up,
# so it walks the small index of stories instead, three times as fast where a word is common.
_OWN_KEY = ExpressionWrapper(F("pk") + Value(0), output_field=BigIntegerField())


def _matching(texts: Sequence[Text], month: str) -> Any:
    return WORDS.matching(texts, [("month", month)] if month else [])


def _annotated(found: QuerySet[Story], node: Node) -> QuerySet[Story]:
    # JSON is asked as text: `contains` for JSON is not on SQLite, and a code in quotation marks
    # cannot be part of another.
    if any(one.key == "place" for one in conditions.filters(node)):
        found = found.alias(named=Cast("places", TextField()))
    return found


_NOTHING = Q(pk__in=[])


def _story_filter(one: Filter, desk: Desk) -> Q:
    its = Article.objects.filter(story=OuterRef("pk"))
    if one.key == "source":
        return Q(Exists(its.filter(source__in=_sources(one))))
    if one.key == "place":
        found = Q()
        for iso2 in _places(one, desk):
            found |= Q(named__contains=f'"{iso2}"')
        return found
    if one.key in AXES:
        return Q(Exists(_coded(its, one, desk)))
    if one.key == "band":
        return Q(band=_band(one))
    if one.key == "date":
        first, after = period(one, desk.today)
        return Q(sort_date__gte=first, sort_date__lt=after)
    if one.key == "by":
        return _by(one, desk)
    return _is(one, desk, its)


def _article_filter(one: Filter, desk: Desk) -> Q:
    if one.key == "source":
        return Q(source__in=_sources(one))
    if one.key == "date":
        first, after = period(one, desk.today)
        return Q(sort_date__gte=first, sort_date__lt=after)
    if one.key == "band":
        return Q(band=_band(one))
    if one.key == "place":
        _places(one, desk)  # a name that nobody knows is told here as well
        return _NOTHING
    if one.key in AXES:
        codes(one, desk.beat)
        return _NOTHING
    if one.key == "by":
        _by(one, desk)
        return _NOTHING
    value = one.value.lower()
    if value == "undated":
        return Q(dated=False)
    if value == "paywalled":
        return Q(paywalled=True)
    _is(one, desk, Article.objects.none())
    return _NOTHING


def _sources(one: Filter) -> list[int]:
    named = list(Source.objects.filter(name__icontains=one.value).values_list("pk", "name"))
    exact = [pk for pk, name in named if name.casefold() == one.value.casefold()]
    found = exact or [pk for pk, _name in named]
    if not found:
        raise _unknown(one, _("No source is called “{value}”."))
    return found


def _places(one: Filter, desk: Desk) -> Sequence[str]:
    found = desk.places(one.value)
    if not found:
        raise _unknown(
            one, _("No place is called “{value}”. Write its English name or its two letters.")
        )
    return found


def codes(one: Filter, beat: Beat) -> list[Code]:
    """The codes of a filter's axis that its value means: one by its code, or all by its label."""
    known = beat.taxonomy.axes.get(one.key, ())
    value = one.value.casefold()
    exact = [code for code in known if code.code.casefold() == value]
    found = exact or [code for code in known if value in code.label.casefold()]
    if not found:
        labels = ", ".join(code.label for code in known)
        raise _unknown(one, _("There is no “{value}” among: {known}."), known=labels or "–")
    return found


def _coded(its: QuerySet[Article], one: Filter, desk: Desk) -> QuerySet[Article]:
    wanted = Q()
    for code in codes(one, desk.beat):
        wanted |= Q(coded__contains=f'"{code.code}"')
    return its.alias(coded=Cast("codes", TextField())).filter(wanted)


def _band(one: Filter) -> str:
    if one.value.lower() not in _BANDS:
        raise _unknown(one, _("There is no band “{value}”: relevant, unsure or off-beat."))
    return _BANDS[one.value.lower()]


def _is(one: Filter, desk: Desk, its: QuerySet[Article]) -> Q:
    value = one.value.lower()
    if value in _STATES:
        return Q(state=_STATES[value])
    if value == "claimed":
        return Q(claimed_by__isnull=False)
    if value == "mine":
        return Q(claimed_by=desk.editor) if desk.editor is not None else _NOTHING
    if value == "noted":
        return ~Q(note="")
    if value == "undated":
        return Q(Exists(its.filter(role="lead", dated=False)))
    if value == "paywalled":
        return Q(Exists(its.filter(role="lead", paywalled=True)))
    raise _unknown(
        one,
        _(
            "“is:{value}” says nothing. There are new, taken, left, later, claimed, mine, noted, "
            "undated and paywalled."
        ),
    )


def _by(one: Filter, desk: Desk) -> Q:
    if one.value.lower() == "me" and desk.editor is not None:
        who = [desk.editor.pk]
    else:
        who = list(Editor.objects.filter(name__icontains=one.value).values_list("pk", flat=True))
    if not who:
        raise _unknown(one, _("No editor is called “{value}”."))
    decided = Decision.objects.filter(editor__in=who, undone_by=None).exclude(
        action=Decision.Action.UNDO
    )
    return Q(pk__in=decided.values("story_id")) | Q(claimed_by__in=who)


def _unknown(one: Filter, said: str, **more: str) -> QueryError:
    words = said.format(value=one.value, **more)
    at = _("({filter} at character {at})").format(filter=f"{one.key}:", at=one.at + 1)
    return QueryError(f"{words} {at}", one.at, one.end)


# --- dates ---------------------------------------------------------------------------------------

_DAY = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?")


def period(one: Filter, today: date) -> tuple[str, str]:
    """The first day of a `date:` filter, and the first after it, as they sort.

    Either end of `from..to` may be left out. Weeks begin on Monday (ISO 8601).
    """
    value = one.value.lower()
    named = _named(value, today)
    if named is not None:
        return named
    if ".." in value:
        low, _dots, high = value.partition("..")
        first = _bounds(low, one)[0] if low else "0000"
        after = _bounds(high, one)[1] if high else "9999"
        if first >= after:
            raise _unknown(one, _("“{value}” ends before it begins."))
        return first, after
    return _bounds(value, one)


def _named(value: str, today: date) -> tuple[str, str] | None:
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    named = {
        "today": (today, today + timedelta(days=1)),
        "yesterday": (today - timedelta(days=1), today),
        "this-week": (monday, monday + timedelta(days=7)),
        "last-week": (monday - timedelta(days=7), monday),
        "this-month": (first, _next_month(first)),
        "last-month": (before, first),
    }
    found = named.get(value.replace(" ", "-").replace("_", "-"))
    return (found[0].isoformat(), found[1].isoformat()) if found else None


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _bounds(value: str, one: Filter) -> tuple[str, str]:
    """A year, month or day: its first day, and the first after it."""
    try:
        if not _DAY.fullmatch(value):
            raise ValueError(value)
        first = dates.first_day(value)
        if len(value) == 4:
            after = first.replace(year=first.year + 1)
        elif len(value) == 7:
            after = _next_month(first)
        else:
            after = first + timedelta(days=1)
    except (ValueError, OverflowError):
        raise _unknown(
            one,
            _(
                "“{value}” is no date. Write 2026-06-15, 2026-06, 2026, 2026-06-01..2026-06-15, today, "
                "yesterday, this-week, last-week, this-month or last-month."
            ),
        ) from None
    return first.isoformat(), after.isoformat()


__all__ = ["AXES", "KEYS", "WORDS", "Desk", "articles", "codes", "period", "put", "stories"]
