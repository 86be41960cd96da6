"""The check before publishing: what was found, what was looked at, what nobody but a person can see."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.desk import access, acting, findings, forms, shown
from broadsheet.issues import checking, compose, overruling, reaching, release
from broadsheet.issues.checking.told import told
from broadsheet.issues.models import Issue
from broadsheet.jobs import queue
from broadsheet.jobs.models import Job
from broadsheet.wire.wording import Severity


@access.reads
def check(request: HttpRequest, pk: int) -> HttpResponse:
    return _check(request, acting.chosen_issue(pk))


def _check(
    request: HttpRequest, issue: Issue, status: int = 200, trouble: str = ""
) -> HttpResponse:
    who = access.editor(request)
    try:
        stands = release.standing(issue, shown.beat(), timezone.localdate(), who)
    except compose.ComposeError as error:
        messages.error(request, str(error))
        return redirect("desk:issue", issue.pk)
    picks = dict(issue.picks.values_list("uid", "pk"))
    kind = request.GET.get("kind", "")
    wanted = [one for one in stands.findings if not kind or one.finding.kind == kind]
    counts = {name: sum(w.finding.kind == name for w in stands.findings) for name in checking.KINDS}
    is_open = issue.is_open
    context = {
        "here": "issues",
        "issue": issue,
        "places": findings.places(issue, wanted, picks),
        "counts": findings.counted(stands.findings),
        "kinds": [(name, findings.KINDS[name], counts[name]) for name in checking.KINDS],
        "kind": kind,
        "n_overruled": sum(one.overrule is not None for one in stands.findings),
        "n_blocking": len(stands.blocking),
        "stands": stands,
        "unchecked": list(enumerate(map(told, stands.report.unchecked))),
        "checked": [told(words) for words in stands.report.checked],
        "trouble": trouble,
        "may_edit": is_open and who.may_edit,
        "may_publish": is_open and who.may_publish,
        **_links(issue),
    }
    return render(request, "desk/check.html", context, status=status)


@access.publishes
def overrule(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a finding stand, with the reason; or let it speak again."""
    if request.method != "POST":
        return redirect("desk:check", pk)
    issue = acting.chosen_issue(pk)
    who, now = access.editor(request), timezone.now()
    mark = request.POST.get("mark", "")[:64]
    if request.POST.get("back"):
        acting.done(
            request,
            lambda: overruling.take_back(issue, mark, who, now),
            _("The finding speaks again."),
        )
        return redirect("desk:check", pk)
    report = checking.check(issue, shown.beat(), timezone.localdate())
    reason = forms.line(request.POST.get("reason", ""), 1000)
    acting.done(
        request,
        lambda: overruling.overrule(issue, report, mark, reason, who, now),
        _("It may stand. Your reason is kept with your name; it ends when the text changes."),
    )
    return redirect("desk:check", pk)


@access.publishes
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """Put one's name to what no machine can see, every line ticked."""
    if request.method != "POST":
        return redirect("desk:check", pk)
    issue = acting.chosen_issue(pk)
    report = checking.check(issue, shown.beat(), timezone.localdate())
    ticked = [
        words for at, words in enumerate(report.unchecked) if request.POST.get(f"tick-{at}") == "on"
    ]
    if len(ticked) < len(report.unchecked):
        return _check(
            request, issue, 422, _("Look at each of them and tick it; then sign the list.")
        )
    given = request.POST.get("print", "")
    acting.done(
        request,
        lambda: release.sign(issue, given, ticked, access.editor(request), timezone.now()),
        _("Signed. Any later change of the issue asks for it again."),
    )
    return redirect("desk:check", pk)


# --- links ---------------------------------------------------------------------------------------


@access.edits
def try_links(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the links of an issue tried, by the desk's worker."""
    acting.chosen_issue(pk)
    queue.enqueue(reaching.JOB, str(pk), timezone.now())
    return redirect("desk:check", pk)


@access.reads
def links(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the trying has come: a part of the check page that asks again while it runs."""
    issue = acting.chosen_issue(pk)
    return render(request, "desk/check.html#links", {"issue": issue, **_links(issue)})


def _links(issue: Issue) -> dict[str, object]:
    done, of = reaching.progress(issue, timezone.now())
    job = Job.objects.filter(kind=reaching.JOB, key=str(issue.pk), done=None).first()
    return {
        "links_done": done,
        "links_of": of,
        "links_waiting": of - done,
        "links_running": job is not None,
        "links_trouble": job.trouble if job else "",
        "worst": Severity.ERROR,
    }
