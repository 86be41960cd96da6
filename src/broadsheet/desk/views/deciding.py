"""What an editor does to stories: every button of the inbox, and the way back from each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

from django.contrib import messages
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.desk import access, forms, shown
from broadsheet.desk.views.inbox import WAITING, Place, counted, place, state_words
from broadsheet.issues import compose
from broadsheet.issues import queries as issues
from broadsheet.issues.models import Issue
from broadsheet.news import decisions, merging, queries, undoing
from broadsheet.news.models import Decision, Story
from broadsheet.people.models import Editor

UNDOABLE = 50  # proposals that went with their story and come back when that is undone
LAST = 30  # things done that are listed
MOST_TOGETHER = 200  # stories in one action
_STAYS = ("claim", "release", "hand", "note")  # the card stays where it is


@access.edits
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One story: take, leave, later, claim, note, move, undo. A script gets the row alone; a form is
    led back to its page."""
    found = get_object_or_404(Story, pk=pk)
    action, editor = request.POST.get("action", ""), access.editor(request)
    try:
        words = _do(found, action, editor, request.POST, request.session)
    except decisions.DecisionError as error:
        if access.htmx(request):
            return access.said(str(error), 422)
        messages.error(request, str(error))
        words = ""
    at = place(QueryDict(request.POST.get("back", "")), found.month)
    if access.htmx(request):
        return _row(request, pk, action, words, at)
    if request.POST.get("from") == "story":
        if words:
            messages.success(request, words)
        return redirect("desk:story", pk)
    if words and action in (*_STAYS, "move"):
        messages.success(request, words)
        return redirect(at.address())
    return redirect(at.address(done=str(pk)))


def _do(story: Story, action: str, editor: Editor, given: QueryDict, session: SessionBase) -> str:
    """Do one thing to one story, and say in words what became of it."""
    now = timezone.now()
    if action in ("take", "leave", "later"):
        return _decide(story, action, editor, forms.line(given.get("reason", "")), session)
    if action == "undo":
        return _undo_of(story, given.get("decision", ""), editor, session)
    if action == "claim":
        decisions.claim(story, editor, editor, now)
        return _("You work on it.")
    if action == "release":
        decisions.claim(story, None, editor, now)
        return _("Nobody works on it now.")
    if action == "hand":
        whose = Editor.objects.filter(pk=_number(given.get("editor", ""))).first()
        if whose is None:
            raise decisions.DecisionError(_("Choose whom to hand it to."))
        decisions.claim(story, whose, editor, now)
        return _("{name} works on it.").format(name=whose.name)
    if action == "note":
        decisions.note(story, given.get("note", ""), editor, now)
        return _("The note is kept.")
    if action == "move":
        month = given.get("month", "")
        decisions.move(story, month, editor, now)
        return _("Moved to {month}.").format(month=shown.month(month))
    raise decisions.DecisionError(_("Choose take, leave, later or undo."))


def _number(value: str) -> int:
    return int(value) if value.isdecimal() and len(value) < 19 else 0


def _decide(story: Story, action: str, editor: Editor, reason: str, session: SessionBase) -> str:
    """Take, leave or put off, and keep the month's open issue in step."""
    now = timezone.now()
    verbs: dict[str, Callable[..., Story]] = {
        "take": decisions.take,
        "leave": decisions.leave,
        "later": decisions.later,
    }
    with transaction.atomic():
        before = Story.objects.values_list("state", flat=True).get(pk=story.pk)
        after = verbs[action](story, editor, now, reason)
        words = _in_step(after, before, editor, session)
    if after.claimed_by_id not in (None, editor.pk) and after.claimed_by is not None:
        words += " " + _("{name} had claimed it: tell them.").format(name=after.claimed_by.name)
    return words


def _undo_of(story: Story, decision: str, editor: Editor, session: SessionBase) -> str:
    """Undo a named decision on a story, or where none is named what it was last decided to be."""
    named = Decision.objects.filter(pk=_number(decision), story=story).first()
    if named is not None:
        return undo_one(named, editor, session)
    with transaction.atomic():
        before = Story.objects.values_list("state", flat=True).get(pk=story.pk)
        after = decisions.undo(story, editor, timezone.now())
        return _in_step(after, before, editor, session)


def undo_one(decision: Decision, editor: Editor, session: SessionBase) -> str:
    """Undo one decision, whatever it did, and keep the issue in step."""
    with transaction.atomic():
        before = Story.objects.values_list("state", flat=True).get(pk=decision.story_id)
        after = undoing.undo(decision, editor, timezone.now())
        if decision.action in decisions.STATES:
            return _in_step(after, before, editor, session)
    return _("Undone: {what}.").format(what=shown.deed(decision).words)


def _in_step(story: Story, before: str, editor: Editor, session: SessionBase) -> str:
    """The month's open issue follows what became of a story; in words what happened."""
    issue = issues.open_issue(story.month)
    if story.state == Story.State.TAKEN:
        return _into(story, issue, editor)
    words = _("Back in the inbox.") if story.state == Story.State.NEW else state_words(story)
    # What was taken leaves with its story; so does what the draft proposed and an editor leaves.
    if issue is None:
        return words
    if story.state != Story.State.NEW:
        return words + _out_of(story, issue, editor, session)
    if before == Story.State.TAKEN and not issue.picks.filter(story=story, proposed=True):
        return words + _out_of(story, issue, editor, session)
    return words + _proposed_again(story, issue, session)


def _into(story: Story, issue: Issue | None, editor: Editor) -> str:
    if issue is None:
        return _("Taken. No issue of {month} is being made yet: draft one under Issues.").format(
            month=shown.month(story.month)
        )
    there = issue.picks.filter(story=story).select_related("section").first()
    if there is not None:
        return _("Taken. It stands in {issue} already, under “{section}”.").format(
            issue=issue.title, section=there.section
        )
    try:
        made = compose.pick(story, compose.section_for(issue, story), editor, timezone.now())
    except compose.ComposeError as error:
        return _("Taken. {why}").format(why=error)
    return _("Taken into “{section}” of {issue}.").format(section=made.section, issue=issue.title)


def _out_of(story: Story, issue: Issue, editor: Editor, session: SessionBase) -> str:
    """An item that nobody has worked on leaves the issue with its story; written words never do."""
    picked = issue.picks.filter(story=story).first()
    if picked is None:
        return ""
    if picked.turn:
        return " " + _(
            "Its item in {issue} has been edited, so it stays there until you remove it."
        ).format(issue=issue.title)
    if picked.proposed:
        below = picked.section.picks.filter(position__gt=picked.position).count()
        kept = dict(session.get("unproposed", {})) | {str(story.pk): [picked.section_id, below]}
        session["unproposed"] = dict(list(kept.items())[-UNDOABLE:])
    compose.remove(picked, editor, timezone.now())
    return " " + _("Its item is out of {issue}.").format(issue=issue.title)


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
    return " " + _("It is proposed for {issue} again.").format(issue=issue.title)


def _row(request: HttpRequest, pk: int, action: str, words: str, at: Place) -> HttpResponse:
    story = get_object_or_404(queries.with_articles(Story.objects.all()), pk=pk)
    card = shown.card(story)
    waiting = at.band in (*WAITING, "found")
    # In the inbox an undone story is a full card again; under "Taken" it is one that went away.
    whole = action in _STAYS or (action == "undo" and waiting)
    last = decisions.live(story).first() if action == "move" else None
    response = render(
        request,
        "desk/inbox.html#card",
        {
            "card": card,
            "done_words": "" if whole else words,
            "undoes": last.pk if last else "",
            "back": at.encoded(),
            "me": access.editor(request),
        },
    )
    # Before the counting: of answers that overtake each other the page keeps the later counts.
    counted_at = time.time_ns() // 1000
    said: dict[str, object] = {"words": f"{words} {card.headline}", "at": counted_at}
    if not at.query:  # a search counts what it found
        counts = counted(at.month)
        said["counts"] = {"waiting": counts["relevant"] + counts["unsure"], **counts}
    # JSON escapes all but ASCII, as a header must.
    response["HX-Trigger"] = json.dumps({"said": said})
    return response


# --- several at once -----------------------------------------------------------------------------


@access.edits
def together(request: HttpRequest) -> HttpResponse:
    """What is done to all chosen stories: take, leave, later, claim, merge."""
    at = place(QueryDict(request.POST.get("back", "")), shown.this_month())
    wanted = [_number(pk) for pk in request.POST.getlist("story")][:MOST_TOGETHER]
    chosen = list(queries.ranked(Story.objects.filter(pk__in=wanted)))
    action, editor = request.POST.get("action", ""), access.editor(request)
    if not chosen:
        messages.error(request, _("Choose stories first: tick them, or press x on each."))
    elif action == "merge":
        _merge(request, chosen, editor)
    else:
        _each(request, chosen, action, editor)
    return redirect(at.address())


def _merge(request: HttpRequest, chosen: list[Story], editor: Editor) -> None:
    """All join the one that stands in an issue, or else the best; each joining can be undone."""
    if len(chosen) < 2:
        messages.error(request, _("Choose two stories or more to merge."))
        return
    into = next((story for story in chosen if story.picks.exists()), chosen[0])
    others = [story for story in chosen if story.pk != into.pk]
    try:
        with transaction.atomic():
            for other in others:
                merging.merge(into, other, editor, timezone.now())
    except decisions.DecisionError as error:
        messages.error(request, _("Nothing was merged. {why}").format(why=error))
        return
    messages.success(
        request,
        ngettext(
            "{count} story has joined “{story}”.", "{count} stories have joined “{story}”.", len(others)
        ).format(count=len(others), story=into.headline)
        + " " + _("“Last things done” takes it back."),
    )  # fmt: skip


def _each(request: HttpRequest, chosen: list[Story], action: str, editor: Editor) -> None:
    if action not in ("take", "leave", "later", "claim"):
        messages.error(request, _("Choose take, leave, later, claim or merge."))
        return
    done, warned = 0, []
    for story in chosen:
        try:
            words = _do(story, action, editor, QueryDict(), request.session)
        except decisions.DecisionError as error:
            messages.error(request, str(error))
            continue
        done += 1
        if action != "claim" and story.claimed_by_id not in (None, editor.pk):
            warned.append(f"{story.headline}: {words}")
    verbs = {
        "take": ngettext("{n} story taken.", "{n} stories taken.", done),
        "leave": ngettext("{n} story left.", "{n} stories left.", done),
        "later": ngettext("{n} story kept for later.", "{n} stories kept for later.", done),
        "claim": ngettext("You work on {n} story.", "You work on {n} stories.", done),
    }
    if done:
        messages.success(request, verbs[action].format(n=done))
    for words in warned:
        messages.warning(request, words)


# --- splitting, merging on a story's page --------------------------------------------------------


@access.edits
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Part the ticked articles off into a story of their own."""
    found = get_object_or_404(Story, pk=pk)
    ticked = [_number(key) for key in request.POST.getlist("article")]
    articles = list(found.articles.filter(pk__in=ticked))
    try:
        made = merging.split(found, articles, access.editor(request), timezone.now())
    except decisions.DecisionError as error:
        messages.error(request, str(error))
        return redirect("desk:story", pk)
    messages.success(
        request,
        _("“{story}” is a story of its own now, and waits in the inbox.").format(
            story=made.headline
        ),
    )
    return redirect("desk:story", pk)


@access.edits
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the articles of another story join this one."""
    found = get_object_or_404(Story, pk=pk)
    other = get_object_or_404(Story, pk=_number(request.POST.get("other", "")))
    try:
        merging.merge(found, other, access.editor(request), timezone.now())
    except decisions.DecisionError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, _("“{story}” has joined this story.").format(story=other.headline)
        )
    if request.POST.get("back"):
        return redirect(place(QueryDict(request.POST["back"]), found.month).address())
    return redirect("desk:story", pk)


# --- the last things done ------------------------------------------------------------------------


@access.reads
def last_done(request: HttpRequest) -> HttpResponse:
    """What was done last at this desk, by whom, each with its way back."""
    deeds = [shown.deed(one) for one in queries.last_decisions(LAST)]
    at = place(request.GET, shown.this_month())
    context = {"here": "inbox", "deeds": deeds, "back": at.encoded(), "back_to": at.address()}
    part = "#list" if access.htmx(request) else ""
    return render(request, f"desk/last_done.html{part}", context)


@access.edits
def undo(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """Undo one thing done; without a number the last that this editor did and that stands."""
    editor = access.editor(request)
    decision = queries.last_decision(editor) if not pk else Decision.objects.filter(pk=pk).first()
    at = place(QueryDict(request.POST.get("back", "")), shown.this_month())
    if decision is None:
        messages.error(request, _("Nothing that you did here could be undone."))
        return redirect(at.address())
    try:
        words = undo_one(decision, editor, request.session)
        messages.success(request, f"{words} {decision.story.headline}")
    except decisions.DecisionError as error:
        messages.error(request, str(error))
    return redirect(at.address())
