"""The search of the archive, its feeds, and the pages of topics, places and sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from broadsheet.archive import pages, wishes
from broadsheet.issues import house, linkwatch, pictures, searching, withdrawn
from broadsheet.issues.filing import ISSUE
from broadsheet.issues.models import Filed, Subject
from broadsheet.issues.searching import AXES, ON_A_PAGE, Found, Wish
from broadsheet.library import tip
from broadsheet.press import feed
from broadsheet.press.house import House
from broadsheet.search import QueryError, Text
from broadsheet.search.marking import as_html, marked, snippet
from broadsheet.wire.edition import Edition, Item, Section

FEED_LENGTH = 30  # entries: a month of a busy search; who follows asks oftener
_MOST_SUBJECTS = 500  # on one page of all topics, places or sources


@dataclass(frozen=True, slots=True)
class Hit:
    """A find as it is shown."""

    url: str
    heading: SafeString
    snippet: SafeString
    date: str
    machine: str
    source: str
    kind: str
    issue: str
    issue_url: str
    language: str
    filed: Filed


def hits(rows: Iterable[Filed], asked: Sequence[Text]) -> list[Hit]:
    """What was found, with what was asked for marked in it."""
    return [_hit(filed, asked) for filed in rows]


def _hit(filed: Filed, asked: Sequence[Text]) -> Hit:
    whole = filed.kind == ISSUE
    return Hit(
        url=address(filed),
        heading=as_html(marked(filed.heading or _("Untitled"), asked)),
        snippet=as_html(snippet(filed.body, asked)),
        date=wishes.day_words(filed.day, filed.language),
        machine=filed.day,
        source=filed.source,
        kind="" if filed.kind == "article" else wishes.kinds().get(filed.kind, ""),
        issue="" if whole else filed.issue.title,
        issue_url=reverse("archive:edition", args=[filed.issue.uid]),
        language=filed.language,
        filed=filed,
    )


def address(filed: Filed) -> str:
    """The permanent address of what was filed."""
    name = "archive:edition" if filed.kind == ISSUE else "archive:item"
    return reverse(name, args=[filed.uid])


# --- the search ----------------------------------------------------------------------------------


@pages.public
def search(request: HttpRequest) -> HttpResponse:
    """Items and issues by words and filters."""
    return _results(request, wishes.read(request.GET), "search.html")


def _results(request: HttpRequest, wish: Wish, template: str, **more: Any) -> HttpResponse:
    number = _number(request)
    found, trouble = Found(), ""
    try:
        found = searching.search(wish, pages.beat(), number, shown=True)
    except QueryError as error:
        trouble = str(error)
    shown = hits(found.rows, found.asked)
    last = max(1, -(-min(found.total, searching.MOST) // ON_A_PAGE))
    if number > last and not trouble:
        raise Http404
    query = wishes.written(wish)
    return pages.page(
        request,
        template,
        status=400 if trouble else 200,
        wish=wish,
        hits=shown,
        found=found,
        trouble=trouble,
        number=number,
        last=last,
        here=request.path,
        query=query,
        other_order=wishes.written(replace(wish, newest=not wish.newest)),
        feed_query=wishes.written(replace(wish, newest=False)),
        feed_title=wishes.title(wish) or _("everything"),
        chips=wishes.chips(wish),
        choices=wishes.choices(wish),
        kinds=wishes.kinds().items(),
        keys=searching.KEYS,
        most=searching.MOST,
        **more,
    )


def _number(request: HttpRequest) -> int:
    given = request.GET.get("page", "1")
    if not given.isascii() or not given.isdigit() or not 1 <= int(given[:6]) <= 1000:
        raise Http404
    return int(given[:6])


# --- topics, places, sources ---------------------------------------------------------------------

_AXES = {"topics": Subject.Axis.TOPIC, "places": Subject.Axis.PLACE, "sources": Subject.Axis.SOURCE}


def public_topics() -> dict[str, str]:
    """The codes that have a page, with the axis of each."""
    taxonomy = pages.beat().taxonomy
    return {code.code: axis for axis in AXES for code in taxonomy.axes.get(axis, ())}


def subject_address(one: Subject) -> str:
    """The address of a subject's page."""
    return reverse(f"archive:{one.axis}", args=[one.slug])


def _name(subject: Subject) -> str:
    if subject.axis == Subject.Axis.PLACE:
        return pages.place_name(subject.value)
    return subject.name or pages.topic_name(subject.value)


@pages.public
def subjects(request: HttpRequest, kind: str) -> HttpResponse:
    """All topics, places or sources that have items."""
    axis = _AXES[kind]
    held = list(Subject.objects.filter(axis=axis).order_by("-items", "value")[:_MOST_SUBJECTS])
    topics = public_topics()
    if axis == Subject.Axis.TOPIC:
        held = [one for one in held if one.value in topics]
    named = [
        {"name": _name(one), "items": one.items, "axis": topics.get(one.value, ""),
         "url": subject_address(one)}
        for one in held
    ]  # fmt: skip
    groups = {
        "form": _("Forms of exploitation"), "sector": _("Sectors"), "event": _("Kinds of news"), "": "",
    }  # fmt: skip
    parts = [
        {"heading": words, "subjects": [one for one in named if one["axis"] == name]}
        for name, words in groups.items()
    ]
    return pages.page(
        request,
        "subjects.html",
        kind=kind,
        parts=[part for part in parts if part["subjects"]],
    )


@pages.public
def subject(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """All items of a topic, a place or a source, the newest first."""
    found = get_object_or_404(Subject, axis=_AXES[kind], slug=slug)
    if found.axis == Subject.Axis.TOPIC:
        axis = public_topics().get(found.value)
        if axis is None:
            raise Http404
        wish = Wish(newest=True, **{axis: found.value})
    elif found.axis == Subject.Axis.PLACE:
        wish = Wish(newest=True, place=found.value)
    else:
        wish = Wish(newest=True, source=found.value)
    ranked = tip.name(tip.three(found.value)) if found.axis == Subject.Axis.PLACE else ""
    return _results(
        request, wish, "subject.html",
        kind=kind, name=_name(found), items=found.items,
        tip=tip.three(found.value) if ranked else "",
    )  # fmt: skip


# --- feeds ---------------------------------------------------------------------------------------

_FEEDS = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}


@pages.public
def search_feed(request: HttpRequest, form: str) -> HttpResponse:
    """The newest of what a search finds, as Atom, RSS or JSON Feed."""
    wish = wishes.read(request.GET)
    try:
        rows = searching.newest(wish, pages.beat(), FEED_LENGTH)
    except QueryError as error:
        return HttpResponse(str(error), status=400, content_type="text/plain; charset=utf-8")
    newsletter = pages.newsletter_of(request)
    name = str(newsletter) if newsletter else "Broadsheet"
    said = wishes.title(wish)
    title = f"{name}: {said}" if said else name
    query = wishes.written(replace(wish, newest=False))
    home = pages.whole(reverse("archive:search")) + (f"?{query}" if query else "")
    own = pages.whole(request.path) + (f"?{query}" if query else "")
    entries = _entries(rows)
    language = newsletter.language if newsletter else "en"
    if form == "atom":
        gone = [(f"urn:broadsheet:item:{uid}", at) for uid, at in withdrawn.told()]
        body = feed.as_atom(
            entries, base_url=home, title=title, feed_id=own, self_url=own, gone=gone
        )
    elif form == "rss":
        body = feed.as_rss(
            entries, base_url=home, title=title, description=title, language=language, self_url=own
        )
    else:
        body = feed.as_json(entries, base_url=home, title=title, language=language, self_url=own)
    return HttpResponse(body, content_type=f"{_FEEDS[form]}; charset=utf-8")


def _entries(rows: Iterable[Filed]) -> list[feed.Entry]:
    """What a feed says of what was found. One query."""
    found = [(filed, None if filed.kind == ISSUE else alone(filed)) for filed in rows]
    copies = linkwatch.copies_for(one for _filed, one in found if one is not None)
    styles: dict[int, House] = {}  # a feed has thirty entries of mostly one newsletter
    for filed, _one in found:
        newsletter = filed.issue.newsletter
        if newsletter.pk not in styles:
            styles[newsletter.pk] = house.of(newsletter, settings.ADDRESS)
    return [
        _entry(filed, one and linkwatch.with_copies(one, copies), styles[filed.issue.newsletter_id])
        for filed, one in found
    ]


def _entry(filed: Filed, edition: Edition | None, style: House) -> feed.Entry:
    url = pages.whole(address(filed))
    if edition is None:
        return feed.Entry(
            id=f"urn:broadsheet:edition:{filed.uid}",
            url=url,
            title=filed.heading,
            updated=filed.published,
            summary=filed.body,
            language=filed.language,
        )
    made = feed.items(
        edition,
        base_url=pages.whole("/"),
        house=style,
        item_url=lambda _item: url,
        updated=filed.published,
        today=pages.today(),
    )
    return made[0]


def alone(filed: Filed) -> Edition:
    """A filed item as an edition of its own, for the press."""
    newsletter = filed.issue.newsletter
    made = Edition(
        uid=filed.issue.uid,
        newsletter=newsletter.name,
        organisation=newsletter.organisation or None,
        title=filed.issue.title,
        language=filed.language,
        sample=newsletter.sample,
        sections=(Section(items=(msgspec.convert(filed.item, Item),)),),
    )
    return pictures.placed(made)
