"""What an issue and its parts said before: read, compared, restored."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.desk import access, acting
from broadsheet.desk.findings import FIELDS
from broadsheet.issues import compose
from broadsheet.issues import history as kept_words
from broadsheet.issues.models import Issue, Kept, Pick, Section

DEEDS: dict[str, Promise] = {
    "began": gettext_lazy("began"),
    "edited": gettext_lazy("changed"),
    "restored": gettext_lazy("restored"),
    "removed": gettext_lazy("removed"),
}
MOST = 100  # changes on one page


@access.reads
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Every change of an issue, newest first."""
    issue = acting.chosen_issue(pk)
    there = {p.uid: p for p in issue.picks.all()}
    sections = {kept_words.part(s): s for s in issue.sections.all()}
    gone: set[str] = set()
    rows = []
    for row in kept_words.whole(issue):
        thing: Pick | Section | Issue | None = there.get(row.part) or sections.get(row.part)
        name = row.words.get("our_heading") or row.words.get("headline") or row.words.get("heading")
        removed = row.deed == "removed" and row.part not in there and row.part not in gone
        gone |= {row.part} if row.deed == "removed" else set()
        rows.append(
            {
                "row": row,
                "deed": DEEDS.get(row.deed, row.deed),
                "name": name or _("Title, subject and preview line"),
                "address": _address(thing or (issue if not row.part else None)),
                "may_put_back": removed,
            }
        )
    context = {
        "here": "issues",
        "issue": issue,
        "rows": rows,
        "may_edit": issue.is_open and access.editor(request).may_edit,
    }
    return render(request, "desk/history.html", context)


def _address(thing: Pick | Section | Issue | None) -> str:
    if isinstance(thing, Pick):
        return reverse("desk:history_pick", args=[thing.pk])
    if isinstance(thing, Section):
        return reverse("desk:history_section", args=[thing.pk])
    return reverse("desk:history_front", args=[thing.pk]) if thing else ""


@access.reads
def of_pick(request: HttpRequest, pk: int) -> HttpResponse:
    found = acting.chosen_pick(pk)
    return _of(request, found, found.issue, reverse("desk:pick", args=[pk]), str(found))


@access.reads
def of_section(request: HttpRequest, pk: int) -> HttpResponse:
    found = acting.chosen_section(pk)
    back = reverse("desk:issue", args=[found.issue_id]) + f"#section-{pk}"
    return _of(request, found, found.issue, back, str(found))


@access.reads
def of_front(request: HttpRequest, pk: int) -> HttpResponse:
    found = acting.chosen_issue(pk)
    name = _("Title, subject and preview line")
    return _of(request, found, found, reverse("desk:issue", args=[pk]), name)


def _of(
    request: HttpRequest, thing: Pick | Section | Issue, issue: Issue, back: str, name: str
) -> HttpResponse:
    """What one part said, each state compared with the one before it, or with another that is asked for."""
    rows = kept_words.of(thing, MOST)
    now = kept_words.words(thing)
    asked = request.GET.get("with", "")
    base = next((row for row in rows if str(row.pk) == asked), None)
    shown = []
    for at, row in enumerate(rows):
        before = base.words if base else rows[at + 1].words if at + 1 < len(rows) else None
        shown.append(
            {
                "row": row,
                "deed": DEEDS.get(row.deed, row.deed),
                "changes": _named(kept_words.changes(before, row.words)) if before else [],
                "is_now": not kept_words.changes(row.words, now),
                "is_base": base is not None and row.pk == base.pk,
            }
        )
    context = {
        "here": "issues",
        "issue": issue,
        "name": name,
        "back": back,
        "rows": shown,
        "base": base,
        "may_edit": issue.is_open and access.editor(request).may_edit,
    }
    return render(request, "desk/history_of.html", context)


def _named(changes: list[kept_words.Change]) -> list[tuple[str, tuple[kept_words.Piece, ...]]]:
    return [(str(FIELDS.get(one.field, one.field)), one.pieces) for one in changes]


@access.edits
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a part say what it said then."""
    row = get_object_or_404(Kept.objects.select_related("issue"), pk=pk)
    acting.done(
        request,
        lambda: compose.restore(row, access.editor(request), timezone.now()),
        _("Restored. What it said until now is in the history."),
    )
    back = request.POST.get("back", "")
    own = reverse("desk:inbox")
    return redirect(back if back.startswith(own) else reverse("desk:history", args=[row.issue_id]))
