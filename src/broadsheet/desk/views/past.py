"""Past newsletters at the desk: files in, each issue beside its text, mended, kept, dropped, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.desk import access, shown
from broadsheet.issues import compose, importing, queries
from broadsheet.issues.models import PastIssue, Pile
from broadsheet.jobs.models import Job
from broadsheet.people.roles import May
from broadsheet.wire.edition import Item

ASLEEP = timedelta(seconds=20)  # after which we say that no worker seems to run
State = PastIssue.State
FIELDS = ("headline", "date", "source", "url", "caption", "credit", "summary")


# --- piles ---------------------------------------------------------------------------------------


@access.reads
def show(request: HttpRequest) -> HttpResponse:
    """What was brought so far, and the form for more."""
    return _list(request)


def _list(request: HttpRequest, trouble: str = "", status: int = 200) -> HttpResponse:
    piles = Pile.objects.select_related("editor", "newsletter").annotate(
        n=Count("issues"),
        n_ready=Count("issues", filter=Q(issues__state=State.READY)),
        n_kept=Count("issues", filter=Q(issues__state=State.KEPT)),
    )
    context = {
        "here": "issues",
        "piles": piles[:50],
        "newsletter": queries.newsletter(),
        "trouble": trouble,
        "from_others": request.POST.get("from_others", ""),
        "theirs": request.POST.get("whose") == "theirs",
    }
    return render(request, "desk/past/list.html", context, status=status)


@access.edits
def bring(request: HttpRequest) -> HttpResponse:
    """Keep the files, and lead to the page that shows how their reading goes."""
    newsletter = queries.newsletter()
    if newsletter is None:
        return _list(request, _("There is no newsletter yet: draft an issue first."), 422)
    files = request.FILES.getlist("files")
    theirs = request.POST.get("whose") == "theirs"
    name = request.POST.get("from_others", "").replace("\0", "").strip()
    if not files:
        return _list(request, _("Choose at least one file."), 422)
    if theirs and not name:
        # without a name it would pass for ours
        return _list(request, _("Write in what the colleague’s newsletter is called."), 422)

    def contents() -> Iterator[tuple[str, bytes]]:
        for file in files:
            yield file.name or "", file.read()

    try:
        pile = importing.begin(
            newsletter,
            contents(),
            access.editor(request),
            timezone.now(),
            name if theirs else "",
        )
    except importing.ImportingError as error:
        return _list(request, str(error), 422)
    return redirect("desk:pile", pile.pk)


past = access.by_method(get=show, post=bring)


@access.reads
def pile(request: HttpRequest, pk: int) -> HttpResponse:
    """How the reading of a pile goes, and what each file gave."""
    found = get_object_or_404(Pile.objects.select_related("newsletter"), pk=pk)
    rows = list(found.issues.defer("data", "text", "content").select_related("issue"))
    counts = {state.value: sum(one.state == state for one in rows) for state in State}
    waiting = counts["waiting"]
    job = Job.objects.filter(kind=importing.KIND, key=str(pk)).order_by("-pk").first()
    sure = [
        one
        for one in rows
        if one.state == State.READY and (one.sure or 0) >= importing.SURE and one.month
    ]
    context = {
        "here": "issues",
        "pile": found,
        "rows": [(one, _sureness(one.sure)) for one in rows],
        "of": len(rows),
        "done": len(rows) - waiting,
        "waiting": waiting,
        "counts": counts,
        "n_sure": len(sure) if not found.from_others else 0,
        "first": next((one for one in rows if one.state == State.READY), None),
        "job": job,
        "asleep": bool(job and waiting and not job.attempts and timezone.now() - job.due > ASLEEP),
    }
    part = "#progress" if access.htmx(request) else ""
    answer = render(request, f"desk/past/pile.html{part}", context)
    if part and not waiting:
        answer["HX-Refresh"] = "true"  # the whole page, with what to do next
    return answer


@access.allows(May.PUBLISH, "POST")
def keep_sure(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep all of a pile that is read surely."""
    found = get_object_or_404(Pile, pk=pk)
    kept = sum(1 for _one in importing.keep_sure(found, access.editor(request), timezone.now()))
    messages.success(
        request,
        ngettext("{n} issue is kept in the archive.", "{n} issues are kept in the archive.", kept)
        .format(n=kept),
    )  # fmt: skip
    return redirect("desk:pile", pk)


@access.allows(May.PUBLISH, "POST")
def undo_pile(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back all of a pile that was kept."""
    found = get_object_or_404(Pile, pk=pk)
    done, troubles = importing.undo_all(found, access.editor(request), timezone.now())
    messages.success(
        request,
        ngettext(
            "{n} issue is taken out of the archive and waits here.",
            "{n} issues are taken out of the archive and wait here.",
            done,
        ).format(n=done),
    )
    for words in troubles[:10]:
        messages.error(request, words)
    return redirect("desk:pile", pk)


# --- one issue -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """An item as the form shows it."""

    item: Item
    values: dict[str, str]
    sureness: str
    level: str
    doubts: list[str]
    link: str | None
    more_links: int


def _sureness(value: float | None) -> tuple[str, str]:
    """How sure a part is, in words, and a name for its looks."""
    if value is None:
        return "", ""
    if value >= importing.SURE:
        return _("sure"), "sure"
    if value >= 0.5:
        return _("look at it"), "look"
    return _("doubtful"), "doubtful"


def _row(item: Item, content: dict[str, Any], typed: dict[str, str]) -> _Row:
    image = item.images[0] if item.images else None
    url = item.links[0].url if item.links else None
    values = {
        "headline": item.headline,
        "date": item.date.value if item.date else "",
        "source": item.source or "",
        "url": url or "",
        "caption": (image.caption if image else "") or "",
        "credit": (image.credit if image else "") or "",
        "summary": item.summary,
    }
    words, level = _sureness(content.get("sureness", {}).get(item.uid))
    return _Row(
        item,
        values | typed,
        words,
        level,
        content.get("doubts", {}).get(item.uid, []),
        shown.address(url or ""),
        max(0, len(item.links) - 1),
    )


@access.reads
def look(request: HttpRequest, pk: int) -> HttpResponse:
    """An issue as it was read, beside its text."""
    found = get_object_or_404(PastIssue.objects.select_related("pile__newsletter", "issue"), pk=pk)
    return _look(request, found)


def _look(
    request: HttpRequest, found: PastIssue, trouble: str = "", status: int = 200
) -> HttpResponse:
    typed = _typed(request) if status != 200 else {}
    content: dict[str, Any] = found.content or {}
    sections = []
    if found.content is not None:
        for section in importing.edition_of(found).sections:
            rows = [_row(item, content, typed.get(item.uid) or {}) for item in section.items]
            sections.append((section, rows))
    others = found.pile.issues.filter(state=State.READY).exclude(pk=found.pk)
    context = {
        "here": "issues",
        "one": found,
        "sections": sections,
        "unplaced": content.get("unplaced", []),
        "trouble": trouble,
        "title": request.POST.get("title", found.title),
        "month": request.POST.get("month", found.month),
        "open": found.state in (State.READY, State.DOUBLE),
        "n_left": others.count(),
        "next": others.filter(position__gt=found.position).first() or others.first(),
    }
    return render(request, "desk/past/issue.html", context, status=status)


def _typed(request: HttpRequest) -> dict[str, dict[str, str] | None]:
    """What the form says of each item: its fields, or None where it is no item."""
    out: dict[str, dict[str, str] | None] = {}
    for key in request.POST:
        uid, dash, name = key.partition("-")
        if dash and name in FIELDS:
            fields = out.setdefault(uid, {})
            if fields is not None:
                fields[name] = request.POST[key].replace("\0", "")
    for uid in request.POST.getlist("not"):
        out[uid] = None
    return out


@access.edits
def mend(request: HttpRequest, pk: int) -> HttpResponse:
    """Save what the editor wrote; then keep, drop, take back or send to the inbox, as the button says."""
    found = get_object_or_404(PastIssue.objects.select_related("pile"), pk=pk)
    editor, now, do = access.editor(request), timezone.now(), request.POST.get("do", "mend")
    if do == "keep" and not editor.may_publish:
        return _look(
            request, found, _("Only who may publish may keep an issue in the archive."), 403
        )
    turn = request.POST.get("turn", "")
    try:
        if do == "undo":
            if found.issue_id and not editor.may_publish:
                words = _("Only who may publish may take an issue out of the archive.")
                return _look(request, found, words, 403)
            importing.undo(found, editor, now)
            messages.success(request, _("It waits for you again."))
            return redirect("desk:past_issue", pk)
        if do == "drop":
            importing.drop(found, now, editor)
            messages.success(request, _("“{name}” is dropped.").format(name=found))
            return _onward(found)
        made = importing.mend(
            found,
            int(turn) if turn.isdecimal() else -1,
            request.POST.get("title", ""),
            request.POST.get("month", ""),
            _typed(request),
        )
        if do == "keep":
            issue = importing.keep(made, editor, now)
            messages.success(request, _("{issue} is kept in the archive.").format(issue=issue))
            return _onward(made)
        if do == "inbox":
            n = importing.to_inbox(made, shown.beat(), editor, now)
            said = ngettext("{n} item is in the inbox.", "{n} items are in the inbox.", n)
            messages.success(request, said.format(n=n))
            return _onward(made)
    except compose.ComposeError as error:
        found.refresh_from_db()
        return _look(request, found, str(error), 422)
    messages.success(request, _("Saved."))
    return redirect("desk:past_issue", pk)


def _onward(done: PastIssue) -> HttpResponse:
    """To the next issue of the pile that waits; to the pile where none does."""
    waiting = done.pile.issues.filter(state=State.READY)
    after = waiting.filter(position__gt=done.position).first() or waiting.first()
    if after is not None:
        return redirect("desk:past_issue", after.pk)
    return redirect("desk:pile", done.pile_id)


issue = access.by_method(get=look, post=mend)
