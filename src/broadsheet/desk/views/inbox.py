"""The inbox of a month, one story, and what an editor decides."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from broadsheet.desk import access, forms, shown
from broadsheet.issues import compose
from broadsheet.issues import queries as issues
from broadsheet.issues.models import Issue
from broadsheet.news import decisions, merging, queries
from broadsheet.news.models import Story
from broadsheet.people.models import Editor
from broadsheet.wire.dates import first_day

PAGE = 30  # stories; as many again for each "more"
MOST = 1000
UNDOABLE = 50  # proposals that went with their story and come back when that is undone
WAITING = ("relevant", "unsure")
TABS = (
    ("relevant", "Relevant"),
    ("unsure", "Unsure"),
    ("off_beat", "Off the beat"),
    ("taken", "Taken"),
    ("later", "Later"),
    ("left", "Left"),
)
_EMPTY = {
    "relevant": "Nothing relevant is left to decide. Look through “Unsure”, then compose the issue.",
    "unsure": "Nothing unsure is left to decide.",
    "off_beat": "Nothing was filed off the beat.",
    "taken": "Nothing is taken yet. Take what readers should know; it goes into the month’s issue.",
    "later": "Nothing waits for later.",
    "left": "Nothing has been left.",
}


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str
    count: int
    address: str
    current: bool


@access.reads
def inbox(request: HttpRequest) -> HttpResponse:
    months = queries.month_names()
    month = _month(request.GET.get("month", "")) or (months[0] if months else shown.this_month())
    band = request.GET.get("band", "")
    band = band if band in dict(TABS) else "relevant"
    limit = _limit(request.GET.get("show", ""))
    only = _only(request.GET)
    counts = queries.month(month)
    cards = _cards(month, band, limit + 1, only)
    more = len(cards) > limit
    back = _back(month, band, limit, only)
    return render(
        request,
        "desk/inbox.html",
        {
            "here": "inbox",
            "month": month,
            "month_words": shown.month(month),
            "months": [(name, shown.month(name)) for name in months],
            "collected": month in months,
            "band": band,
            "tabs": _tabs(counts, band, only),
            "cards": cards[:limit],
            "empty": _EMPTY[band],
            "only": only,
            "places": sorted(
                ((iso2, shown.place(iso2)) for iso2 in queries.places(month)), key=lambda p: p[1]
            ),
            "forms": [
                (code.code, code.label) for code in shown.beat().taxonomy.axes.get("form", ())
            ],
            "all": f"{reverse('desk:inbox')}?{_back(month, band)}",
            "more": f"{reverse('desk:inbox')}?{_back(month, band, limit + PAGE, only)}"
            if more and limit < MOST
            else "",
            "page": PAGE,
            "back": back,
            "waiting": counts.relevant + counts.unsure,
            "issue": issues.open_issue(month),
            "done": _done(request.GET.get("done", "")),
        },
    )


def _cards(month: str, band: str, limit: int, only: queries.Only) -> list[shown.Card]:
    if band == "off_beat":
        return [shown.off_beat(article) for article in queries.off_beat(month, limit, only)]
    if band in WAITING:
        found = queries.inbox(month, band, limit=limit, only=only)
    else:
        found = queries.inbox(month, None, band, limit=limit, only=only)
    return [shown.card(story) for story in found]


def _only(given: QueryDict) -> queries.Only:
    """What an address narrows the inbox to."""
    read = {key: forms.line(given.get(key, ""), 100) for key in ("q", "place", "form")}
    return queries.Only(read["q"], read["place"], read["form"])


def _tabs(counts: queries.Month, band: str, only: queries.Only) -> list[Tab]:
    return [
        Tab(
            name,
            label,
            getattr(counts, name),
            f"{reverse('desk:inbox')}?{_back(counts.month, name, only=only)}",
            name == band,
        )
        for name, label in TABS
    ]


def _done(pk: str) -> dict[str, Any] | None:
    """The story decided a moment ago, where no script could replace its row."""
    story = (
        Story.objects.filter(pk=pk).exclude(state=Story.State.GONE).first()
        if pk.isdecimal() and len(pk) < 19
        else None
    )
    return {"story": story, "words": _state_words(story)} if story else None


@access.reads
def story(request: HttpRequest, pk: int) -> HttpResponse:
    """A story with all its articles, their texts, and what was decided."""
    found = queries.story(pk)
    if found is None:
        raise Http404
    articles = queries.in_order(list(found.articles.all()))
    card = shown.card(found)
    return render(
        request,
        "desk/story.html",
        {
            "here": "inbox",
            "card": card,
            "articles": [(a, shown.outlet(a, whole=True)) for a in articles],
            "decisions": found.decisions.all(),
            "month_words": shown.month(found.month),
            "back": _back(found.month, found.band if found.state == "new" else found.state),
            "state_words": _state_words(found),
            "issue": issues.open_issue(found.month),
            "others": queries.beside(found),
            "claims": shown.claims(articles),
        },
    )


@access.edits
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Part the ticked articles off into a story of their own."""
    found = get_object_or_404(Story, pk=pk)
    ticked = [key for key in request.POST.getlist("article") if key.isdecimal() and len(key) < 19]
    articles = list(found.articles.filter(pk__in=ticked))
    try:
        made = merging.split(found, articles, access.editor(request), timezone.now())
    except decisions.DecisionError as error:
        messages.error(request, str(error))
        return redirect("desk:story", pk)
    messages.success(
        request, f"“{made.headline}” is a story of its own now, and waits in the inbox."
    )
    return redirect("desk:story", pk)


@access.edits
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the articles of another story join this one."""
    found = get_object_or_404(Story, pk=pk)
    wanted = request.POST.get("other", "")
    other = get_object_or_404(Story, pk=wanted if wanted.isdecimal() and len(wanted) < 19 else 0)
    try:
        merging.merge(found, other, access.editor(request), timezone.now())
    except decisions.DecisionError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{other.headline}” has joined this story.")
    return redirect("desk:story", pk)


@access.edits
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take, leave, put off or undo. A script gets the row alone; a form is led back to its page."""
    found = get_object_or_404(Story, pk=pk)
    action, editor = request.POST.get("action", ""), access.editor(request)
    try:
        reason = forms.line(request.POST.get("reason", ""))
        words = _decide(found, action, editor, reason, request.session)
    except decisions.DecisionError as error:
        if access.htmx(request):
            return access.said(str(error), 422)
        messages.error(request, str(error))
        words = ""
    back = QueryDict(request.POST.get("back", ""))
    if access.htmx(request):
        return _row(request, pk, action, words, back)
    if request.POST.get("from") == "story":
        if words:
            messages.success(request, words)
        return redirect("desk:story", pk)
    month, band = _month(back.get("month", "")) or found.month, back.get("band", "relevant")
    query = _back(month, band, _limit(back.get("show", "")), _only(back))
    return redirect(f"{reverse('desk:inbox')}?{query}&done={pk}")


def _decide(story: Story, action: str, editor: Editor, reason: str, session: SessionBase) -> str:
    """Do it, keep the month's open issue in step, and say in words what became of the story."""
    now = timezone.now()
    verbs = {"take": decisions.take, "leave": decisions.leave, "later": decisions.later}
    with transaction.atomic():
        before = Story.objects.values_list("state", flat=True).get(pk=story.pk)
        if action in verbs:
            after = verbs[action](story, editor, now, reason).state
        elif action == "undo":
            after = decisions.undo(story, editor, now).state
        else:
            raise decisions.DecisionError("Choose take, leave, later or undo.")
        issue = issues.open_issue(story.month)
        story.state = after
        if after == Story.State.TAKEN:
            return _into(story, issue, editor)
        words = "Back in the inbox." if after == Story.State.NEW else _state_words(story)
        # What was taken leaves with its story; so does what the draft proposed and an editor leaves.
        if issue is None:
            return words
        if after != Story.State.NEW:
            return words + _out_of(story, issue, editor, session)
        if before == Story.State.TAKEN and not issue.picks.filter(story=story, proposed=True):
            return words + _out_of(story, issue, editor, session)
        return words + _proposed_again(story, issue, session)


def _into(story: Story, issue: Issue | None, editor: Editor) -> str:
    if issue is None:
        return f"Taken. No issue of {shown.month(story.month)} is being made yet: draft one under Issues."
    try:
        made = compose.pick(story, compose.section_for(issue, story), editor, timezone.now())
    except compose.ComposeError as error:
        return f"Taken. {error}"
    return f"Taken into “{made.section}” of {issue.title}."


def _out_of(story: Story, issue: Issue, editor: Editor, session: SessionBase) -> str:
    """An item that nobody has worked on leaves the issue with its story; written words never do."""
    picked = issue.picks.filter(story=story).first()
    if picked is None:
        return ""
    if picked.turn:
        return f" Its item in {issue.title} has been edited, so it stays there until you remove it."
    if picked.proposed:
        below = picked.section.picks.filter(position__gt=picked.position).count()
        kept = dict(session.get("unproposed", {})) | {str(story.pk): [picked.section_id, below]}
        session["unproposed"] = dict(list(kept.items())[-UNDOABLE:])
    compose.remove(picked, editor, timezone.now())
    return f" Its item is out of {issue.title}."


def _proposed_again(story: Story, issue: Issue, session: SessionBase) -> str:
    """What the draft had proposed stands in it again once its story is undone."""
    kept = dict(session.get("unproposed", {}))
    if str(story.pk) not in kept:
        return ""
    section_id, below = kept.pop(str(story.pk))
    session["unproposed"] = kept
    section = issue.sections.filter(pk=section_id).first()
    if section is None or compose.propose_again(story, section, below) is None:
        return ""
    return f" It is proposed for {issue.title} again."


def _state_words(story: Story) -> str:
    return {
        Story.State.NEW: "Waits for a decision.",
        Story.State.TAKEN: "Taken.",
        Story.State.LEFT: "Left. It stays in the month, under “Left”.",
        Story.State.LATER: "Kept for later.",
        Story.State.GONE: "Merged into another story by hand.",
    }[Story.State(story.state)]


def _row(request: HttpRequest, pk: int, action: str, words: str, back: QueryDict) -> HttpResponse:
    story = get_object_or_404(queries.with_articles(Story.objects.all()), pk=pk)
    card = shown.card(story)
    waiting = back.get("band", "relevant") in WAITING
    # In the inbox an undone story is a full card again; under "Taken" it is one that went away.
    whole = action == "undo" and waiting
    response = render(
        request,
        "desk/inbox.html#card",
        {"card": card, "done_words": "" if whole else words, "back": back.urlencode()},
    )
    # Before the counting: of answers that overtake each other the page keeps the later counts.
    counted_at = time.time_ns() // 1000
    counts = queries.month(story.month)
    said = {
        "words": f"{words} {card.headline}",
        "at": counted_at,
        "counts": {
            "waiting": counts.relevant + counts.unsure,
            **{name: getattr(counts, name) for name, _ in TABS},
        },
    }
    response["HX-Trigger"] = json.dumps(
        {"said": said}
    )  # escapes all but ASCII, as a header must be
    return response


def _month(value: str) -> str:
    """The month of an address; empty where it is none."""
    try:
        first_day(value)
    except ValueError:
        return ""
    return value if len(value) == 7 else ""


def _limit(value: str) -> int:
    return min(max(int(value), PAGE), MOST) if value.isdecimal() and len(value) < 6 else PAGE


def _back(month: str, band: str, show: int = PAGE, only: queries.Only | None = None) -> str:
    query = QueryDict(mutable=True)
    query["month"], query["band"] = month, band
    if only:
        narrowed = (("q", only.words), ("place", only.place), ("form", only.code))
        query.update({key: value for key, value in narrowed if value})
    if show != PAGE:
        query["show"] = str(show)
    return query.urlencode()
