"""The issues, and one in the making: its front, its sections with their items."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.desk import access, acting, forms, shown
from broadsheet.issues import compose, queries, remarks
from broadsheet.issues.models import Issue, Kept, Pick, Section
from broadsheet.mailing import reads
from broadsheet.news import queries as news

OURS = (
    (Pick.Kind.HIGHLIGHT, gettext_lazy("Write a highlight")),
    (Pick.Kind.EVENT, gettext_lazy("Write an event")),
    (Pick.Kind.NOTICE, gettext_lazy("Write a notice")),
)


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its items, as the issue page shows it."""

    section: Section
    picks: list[shown.PickShown]
    form: forms.SectionForm


@access.reads
def issues(request: HttpRequest) -> HttpResponse:
    return _issues(request, forms.DraftForm(initial={"month": _next_month()}))


def _issues(request: HttpRequest, form: forms.DraftForm, status: int = 200) -> HttpResponse:
    context = {
        "here": "issues",
        "issues": queries.issues(),
        "form": form,
        "newsletter": queries.newsletter(),
        "months": [(name, shown.month(name)) for name in news.month_names()],
    }
    return render(request, "desk/issues.html", context, status=status)


def _next_month() -> str:
    months = news.month_names()
    return months[0] if months else shown.this_month()


@access.edits
def draft(request: HttpRequest) -> HttpResponse:
    """Draft a month's issue, or add to its draft what has been taken since."""
    form = forms.DraftForm(request.POST)
    newsletter = queries.newsletter()
    if not form.is_valid():
        return _issues(request, form, 422)
    if newsletter is None:
        form.add_error(
            None, _("There is no newsletter yet. Run “broadsheet start” to set the desk up.")
        )
        return _issues(request, form, 422)
    try:
        made = compose.draft(newsletter, form.cleaned_data["month"], timezone.now())
    except compose.ComposeError as error:
        form.add_error("month", str(error))
        return _issues(request, form, 422)
    messages.success(
        request, _("%(title)s is drafted with what is taken so far.") % {"title": made.title}
    )
    return redirect("desk:issue", made.pk)


@access.reads
def issue(request: HttpRequest, pk: int) -> HttpResponse:
    found = queries.issue(pk)
    if found is None:
        raise Http404
    counts = remarks.open_counts(found)
    sections = [
        Part(
            section,
            [shown.pick(pick) for pick in section.picks.all()],
            forms.SectionForm.of(section),
        )
        for section in found.sections.all()
    ]
    picks = [pick.pick for part in sections for pick in part.picks]
    undo = request.session.get("undo") or {}
    who = access.editor(request)
    is_open = found.is_open
    return render(
        request,
        "desk/issue.html",
        {
            "here": "issues",
            "issue": found,
            "open": is_open,
            "correcting": _correcting(found),
            "may_edit": is_open and who.may_edit,
            "may_publish": is_open and who.may_publish,
            "sections": sections,
            "n_picks": len(picks),
            "n_proposed": sum(pick.proposed for pick in picks),
            "n_comments": sum(counts.values()),
            "comments": counts,
            "form": forms.IssueForm.of(found),
            "ours": OURS,
            "month_words": shown.month(found.month),
            "undo": undo if undo.get("issue") == found.pk else None,
            "reads": None if is_open or not settings.WEB_READS else reads.of(found),
        },
    )


def _correcting(found: Issue) -> dict[str, object] | None:
    """What readers will be told, and the version that they have meanwhile."""
    if found.correcting is None:
        return None
    return {"why": found.correcting["why"], "version": found.editions.count()}


# --- title, subject, preview line ----------------------------------------------------------------


@access.reads
def show_front(request: HttpRequest, pk: int) -> HttpResponse:
    found = acting.chosen_issue(pk)
    return _front(request, found, forms.IssueForm.of(found))


@access.edits
def keep_front(request: HttpRequest, pk: int) -> HttpResponse:
    found = acting.chosen_issue(pk)

    def theirs() -> tuple[int, dict[str, object]]:
        now = acting.chosen_issue(pk)
        return now.front_turn, {n: getattr(now, n) for n in ("title", "subject", "preview")}

    refused = acting.kept(
        request,
        forms.IssueForm(request.POST),
        partial(compose.edit_issue, found),
        theirs,
        lambda *how: _front(request, acting.chosen_issue(pk), *how),
    )
    if refused is not None:
        return refused
    messages.success(request, _("Title, subject and preview line are kept."))
    return redirect("desk:issue", pk)


edit_issue = access.by_method(get=show_front, post=keep_front)


def _front(
    request: HttpRequest,
    found: Issue,
    form: forms.IssueForm,
    status: int = 200,
    conflict: str = "",
    theirs: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    context = {
        "here": "issues",
        "issue": found,
        "heading": _("Title, subject and preview line"),
        "back": reverse("desk:issue", args=[found.pk]),
        "form": form,
        "conflict": conflict,
        "theirs": theirs,
        "may_edit": found.is_open and access.editor(request).may_edit,
    }
    return render(request, "desk/words.html", context, status=status)


# --- taking back ---------------------------------------------------------------------------------


def undoable(request: HttpRequest, issue: int, words: str, **how: Any) -> None:
    """Offer to take the last act back, on the next page of this issue."""
    request.session["undo"] = {"issue": issue, "words": words, **how}


@access.edits
def restore_pick(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the last act at this issue back: put an item back, or where it stood."""
    found = get_object_or_404(Issue, pk=pk)
    asked = request.POST.get("kept", "")
    undo = {"kept": int(asked)} if asked.isdecimal() else request.session.get("undo") or {}
    editor, now = access.editor(request), timezone.now()
    if "kept" in undo:
        kept = get_object_or_404(Kept, pk=undo["kept"], issue=found)
        name = kept.words.get("our_heading") or kept.words.get("headline") or ""
        act = lambda: compose.put_back(kept, editor, now)  # noqa: E731 -- handed on as it is
        said, place = _("“%(name)s” is back.") % {"name": name}, ""
    else:
        chosen = get_object_or_404(Pick, uid=undo.get("pick", ""), issue=found)
        section = get_object_or_404(Section, pk=undo.get("section", 0), issue=found)
        act = lambda: compose.place(chosen, section, undo["at"])  # noqa: E731
        said = _("“%(name)s” stands where it stood.") % {"name": chosen}
        place = f"pick-{chosen.pk}"
    if acting.done(request, act, said):
        request.session.pop("undo", None)
    return redirect(reverse("desk:issue", args=[pk]) + (f"#{place}" if place else ""))
