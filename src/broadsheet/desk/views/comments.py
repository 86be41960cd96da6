"""Comments on an issue and its items: said, settled, opened again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.desk import access, acting
from broadsheet.issues import remarks
from broadsheet.issues.models import Comment


@access.reads
def comments(request: HttpRequest, pk: int) -> HttpResponse:
    """All comments of an issue, the open ones first."""
    issue = acting.chosen_issue(pk)
    picks = {pick.uid: pick for pick in issue.picks.all()}
    rows = issue.comments.select_related("editor", "settled_by").order_by("at", "pk")
    listed = [(row, picks.get(row.part)) for row in rows]
    context = {
        "here": "issues",
        "issue": issue,
        "rows": [r for r in listed if r[0].settled is None],
        "settled": [r for r in listed if r[0].settled is not None],
        "may_comment": access.editor(request).may_comment,
    }
    return render(request, "desk/comments.html", context)


@access.comments
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something beside an item, or of the issue."""
    issue = acting.chosen_issue(pk)
    part = request.POST.get("part", "")[:40]
    acting.done(
        request,
        lambda: remarks.comment(
            issue, part, request.POST.get("words", ""), access.editor(request), timezone.now()
        ),
        _("Your comment is kept. It is not printed."),
    )
    return _back(request, issue.pk, part)


@access.comments
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """A comment is dealt with, or is not after all."""
    row = get_object_or_404(Comment.objects.select_related("issue"), pk=pk)
    if request.POST.get("open"):
        remarks.reopen(row)
    else:
        remarks.settle(row, access.editor(request), timezone.now())
    return _back(request, row.issue_id, row.part)


def _back(request: HttpRequest, issue: int, part: str) -> HttpResponse:
    """To the item, where the comment was made there; else to the list."""
    if part and request.POST.get("at") == "pick":
        pick = acting.chosen_issue(issue).picks.filter(uid=part).first()
        if pick is not None:
            return redirect(reverse("desk:pick", args=[pick.pk]) + "#comments")
    return redirect("desk:comments", issue)
