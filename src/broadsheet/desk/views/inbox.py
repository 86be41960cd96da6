"""The inbox of a month, searching it, and one story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.desk import access, forms, shown
from broadsheet.issues import queries as issues
from broadsheet.news import finding, leading, queries, saved
from broadsheet.news.models import SavedSearch, Story
from broadsheet.people import rules
from broadsheet.people.models import Editor
from broadsheet.search import QueryError, spelled
from broadsheet.wire.dates import first_day

PAGE = 30  # stories; as many again for each "more"
MOST = 1000
WAITING = ("relevant", "unsure")
TABS: tuple[tuple[str, str | Promise], ...] = (
    ("relevant", gettext_lazy("Relevant")),
    ("unsure", gettext_lazy("Unsure")),
    ("off_beat", gettext_lazy("Off the beat")),
    ("taken", gettext_lazy("Taken")),
    ("later", gettext_lazy("Later")),
    ("left", gettext_lazy("Left")),
)
FOUND = ("found", gettext_lazy("Found"))  # of a search: stories of every kind
_EMPTY = {
    "relevant": gettext_lazy(
        "Nothing relevant is left to decide. Look through “Unsure”, then compose the issue."
    ),
    "unsure": gettext_lazy("Nothing unsure is left to decide."),
    "off_beat": gettext_lazy("Nothing was filed off the beat."),
    "taken": gettext_lazy(
        "Nothing is taken yet. Take what readers should know; it goes into the month’s issue."
    ),
    "later": gettext_lazy("Nothing waits for later."),
    "left": gettext_lazy("Nothing has been left."),
    "found": gettext_lazy("No story here matches the search."),
}
_YES = "yes"


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str | Promise
    count: int | None  # None where it is not counted
    address: str
    current: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the inbox an editor is: it is kept in the address, and every action leads back to it."""

    month: str
    band: str = "relevant"
    show: int = PAGE
    query: str = ""
    everywhere: bool = False  # a search of all months

    def address(self, **more: str) -> str:
        return f"{reverse('desk:inbox')}?{self.encoded(**more)}"

    def encoded(self, **more: str) -> str:
        query = QueryDict(mutable=True)
        query["month"], query["band"] = self.month, self.band
        if self.query:
            query["q"] = self.query
            if self.everywhere:
                query["all"] = _YES
        if self.show != PAGE:
            query["show"] = str(self.show)
        query.update(more)
        return query.urlencode()

    def at(self, band: str) -> Place:
        return Place(self.month, band, PAGE, self.query, self.everywhere)


def place(given: QueryDict, month: str = "") -> Place:
    """The place that an address names; what it does not name, or names wrongly, is as usual."""
    query = forms.line(given.get("q", ""), 400)
    # The two lists beside the search field write their filter into it.
    for key in ("place", "form"):
        wanted = forms.line(given.get(key, ""), 100)
        if wanted:
            query = f"{query} {spelled(key, wanted)}".strip()
    names = dict((FOUND, *TABS)) if query else dict(TABS)
    band = given.get("band", "")
    return Place(
        month_of(given.get("month", "")) or month,
        band if band in names else ("found" if query else "relevant"),
        _limit(given.get("show", "")),
        query,
        bool(query) and given.get("all") == _YES,
    )


@access.reads
def inbox(request: HttpRequest) -> HttpResponse:
    months = queries.month_names()
    at = place(request.GET, months[0] if months else shown.this_month())
    who = access.editor(request)
    desk = looking(who)
    trouble, cards = None, []
    counts: dict[str, int] = {}
    try:
        counts = _counts(at, desk)
        cards = _cards(at, desk, at.show + 1)
    except QueryError as error:
        trouble = _trouble(at.query, error)
    more = len(cards) > at.show
    issue = issues.open_issue(at.month)
    names = dict((FOUND, *TABS))
    return render(
        request,
        "desk/inbox.html",
        {
            "here": "inbox",
            "at": at,
            "month": at.month,
            "month_words": shown.month(at.month),
            "months": [(name, shown.month(name)) for name in months],
            "collected": at.month in months,
            "tabs": _tabs(at, counts),
            "cards": cards[: at.show],
            "empty": _EMPTY["found" if at.query else at.band],
            "band_words": names[at.band],
            "trouble": trouble,
            "keys": finding.KEYS,
            "hints": _hints(at.month),
            "all": Place(at.month, "relevant").address(),
            "more": Place(at.month, at.band, at.show + PAGE, at.query, at.everywhere).address()
            if more and at.show < MOST
            else "",
            "page": PAGE,
            "back": at.encoded(),
            "waiting": counts.get("relevant", 0) + counts.get("unsure", 0),
            "issue": issue,
            "done": _done(request.GET.get("done", "")),
            "me": who,
            # Who left the first run finds the way back where they look first.
            "setting_up": who.may_administer and rules.current().setting_up,
        },
    )


def looking(editor: Editor) -> finding.Desk:
    """What a search must know of this desk and of who asks."""
    return finding.Desk(shown.beat(), timezone.localdate(), editor, shown.places_called)


def counted(month: str) -> dict[str, int]:
    """How many stories of a month stand under each tab."""
    counts = queries.month(month)
    return {name: getattr(counts, name) for name, _label in TABS}


def _counts(at: Place, desk: finding.Desk) -> dict[str, int]:
    if not at.query:
        return counted(at.month)
    if at.everywhere:
        return {}  # of all years a common word is in most stories: nobody needs to know in how many
    month = at.month
    counts = queries.by_tab(finding.stories(at.query, desk, month))
    off_beat = queries.filed_off_beat(month)
    counts["found"] = sum(counts.values())
    counts["off_beat"] = finding.articles(at.query, desk, off_beat, month).count()
    return counts


def _cards(at: Place, desk: finding.Desk, limit: int) -> list[shown.Card]:
    month = "" if at.everywhere else at.month
    if at.band == "off_beat":
        found = finding.articles(at.query, desk, queries.filed_off_beat(month), month)
        return [shown.off_beat(article) for article in queries.likeliest(found, limit)]
    if not at.query:
        waiting = at.band in WAITING
        rows = queries.inbox(
            month, at.band if waiting else None, "new" if waiting else at.band, limit=limit
        )
        return [shown.card(story) for story in rows]
    stories = finding.stories(at.query, desk, month)
    if at.band in WAITING:
        stories = stories.filter(state=Story.State.NEW, band=at.band)
    elif at.band != "found":
        stories = stories.filter(state=at.band)
    return [shown.card(story) for story in queries.best(stories, limit)]


def _trouble(query: str, error: QueryError) -> dict[str, str]:
    """What is wrong with a search, and the query cut where it is."""
    return {
        "words": str(error),
        "before": query[: error.at],
        "mark": query[error.at : error.end],
        "after": query[error.end :],
    }


def _hints(month: str) -> list[tuple[str, str]]:
    """Filters that make sense here, and what they say, for the list under the search field."""
    found = sorted(
        ((spelled("place", iso2), shown.place(iso2)) for iso2 in queries.places(month)),
        key=lambda hint: hint[1],
    )
    axes = shown.beat().taxonomy.axes
    for axis in finding.AXES:
        found += [(spelled(axis, code.code), code.label) for code in axes.get(axis, ())]
    found += [(f"is:{name}", "") for name in finding.IS]
    found += [(f"band:{name}", "") for name in ("relevant", "unsure", "off-beat")]
    found += [(f"date:{name}", "") for name in ("last-week", "this-week", month)]
    return [*found, ("by:me", "")]


def _tabs(at: Place, counts: dict[str, int]) -> list[Tab]:
    tabs = (FOUND, *TABS) if at.query else TABS
    return [
        Tab(name, label, counts.get(name), at.at(name).address(), name == at.band)
        for name, label in tabs
    ]


def _done(pk: str) -> dict[str, Any] | None:
    """The story decided a moment ago, where no script could replace its row."""
    story = (
        Story.objects.filter(pk=pk).exclude(state=Story.State.GONE).first()
        if pk.isdecimal() and len(pk) < 19
        else None
    )
    return {"story": story, "words": state_words(story)} if story else None


# --- kept searches -------------------------------------------------------------------------------


@access.reads
def searches(request: HttpRequest) -> HttpResponse:
    """The kept searches with what each finds in a month: a part of the inbox, and a page of its own."""
    months = queries.month_names()
    at = place(request.GET, months[0] if months else shown.this_month())
    who = access.editor(request)
    desk = looking(who)
    found = [(one, _finds(one, at, desk)) for one in saved.visible(who)]
    rows = [
        (one, count, trouble, Place(at.month, "found", query=one.query).address())
        for one, (count, trouble) in found
    ]
    context = {"here": "inbox", "rows": rows, "at": at, "month_words": shown.month(at.month)}
    part = "#rows" if access.htmx(request) else ""
    return render(request, f"desk/searches.html{part}", context)


def _finds(search: SavedSearch, at: Place, desk: finding.Desk) -> tuple[int, str]:
    try:
        return finding.stories(search.query, desk, at.month).count(), ""
    except QueryError as error:  # a source or editor that it names has gone
        return 0, str(error)


@access.edits
def keep_search(request: HttpRequest) -> HttpResponse:
    at = place(QueryDict(request.POST.get("back", "")), shown.this_month())
    name, query = request.POST.get("name", ""), forms.line(request.POST.get("q", ""), 400)
    try:
        kept = saved.keep(
            name, query, access.editor(request), shared=request.POST.get("shared") == _YES
        )
    except saved.SavedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The search “{name}” is kept.").format(name=kept.name))
    return redirect(at.address())


@access.edits
def drop_search(request: HttpRequest, pk: int) -> HttpResponse:
    search = get_object_or_404(SavedSearch.objects.select_related("editor"), pk=pk)
    try:
        saved.drop(search, access.editor(request))
    except saved.SavedError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The search “{name}” is dropped.").format(name=search.name))
    return redirect("desk:searches")


# --- one story -----------------------------------------------------------------------------------


@access.reads
def story(request: HttpRequest, pk: int) -> HttpResponse:
    """A story with all its articles, their texts, and what was decided."""
    found = queries.story(pk)
    if found is None:
        raise Http404
    articles = queries.in_order(list(found.articles.all()))
    return render(
        request,
        "desk/story.html",
        {
            "here": "inbox",
            "card": shown.card(found),
            "articles": [(a, shown.outlet(a, whole=True)) for a in articles],
            "decisions": [shown.deed(one) for one in found.decisions.all()],
            "month_words": shown.month(found.month),
            "back": Place(
                found.month, found.band if found.state == Story.State.NEW else found.state
            ).encoded(),
            "state_words": state_words(found),
            "issue": issues.open_issue(found.month),
            "others": queries.beside(found),
            "why_lead": shown.why_lead(leading.reason(articles, shown.beat())),
            "months": moves(found),
            "editors": queries.workers(),
            "me": access.editor(request),
        },
    )


@access.reads
def claims(request: HttpRequest, pk: int) -> HttpResponse:
    """The figures of a story's outlets side by side. Reads each text by rules, so apart from its page."""
    found = queries.story(pk)
    if found is None:
        raise Http404
    articles = queries.in_order(list(found.articles.all()))
    context = {"here": "inbox", "story": found, "claims": shown.claims(articles)}
    part = "#list" if access.htmx(request) else ""
    return render(request, f"desk/claims.html{part}", context)


@access.reads
def more(request: HttpRequest, pk: int) -> HttpResponse:
    """The forms of one card that are asked for on demand: note, claim and hand over, move."""
    found = get_object_or_404(Story.objects.select_related("claimed_by"), pk=pk)
    context = {
        "story": found,
        "months": moves(found),
        "editors": queries.workers(),
        "back": place(request.GET, found.month).encoded(),
        "me": access.editor(request),
        "card_id": f"story-{found.pk}",
    }
    return render(request, "desk/more.html", context)


def moves(story: Story) -> list[tuple[str, str]]:
    """The months that a story may be moved to: those around its own, and those of the desk."""
    first = first_day(story.month)
    around = {_month_from(first.year, first.month + by) for by in range(-2, 3)}
    around |= set(queries.month_names()[:12])
    names = sorted(around - {story.month}, reverse=True)
    return [(name, shown.month(name)) for name in names if name <= shown.this_month()]


def _month_from(year: int, number: int) -> str:
    years, month = divmod(number - 1, 12)
    return f"{year + years:04}-{month + 1:02}"


def state_words(story: Story) -> str:
    return {
        Story.State.NEW: _("Waits for a decision."),
        Story.State.TAKEN: _("Taken."),
        Story.State.LEFT: _("Left. It stays in the month, under “Left”."),
        Story.State.LATER: _("Kept for later."),
        Story.State.GONE: _("Merged into another story by hand."),
    }[Story.State(story.state)]


def month_of(value: str) -> str:
    """The month of an address; empty where it is none."""
    try:
        first_day(value)
    except ValueError:
        return ""
    return value if len(value) == 7 else ""


def _limit(value: str) -> int:
    return min(max(int(value), PAGE), MOST) if value.isdecimal() and len(value) < 6 else PAGE
