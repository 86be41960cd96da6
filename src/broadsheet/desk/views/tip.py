"""The TIP Report at the desk: enter an edition from a file, take it back, draft the highlight."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from broadsheet.desk import access, acting, shown
from broadsheet.desk.library_forms import EditionForm, HighlightForm
from broadsheet.issues import tiers
from broadsheet.issues.models import Issue
from broadsheet.library import entering, tip


@access.reads
def overview(request: HttpRequest) -> HttpResponse:
    return _page(request, EditionForm())


@access.edits
def enter(request: HttpRequest) -> HttpResponse:
    """Show what a file would change; with `keep`, keep it."""
    form = EditionForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    found = entering.read(given["lines"], given["year"])
    if request.POST.get("keep") != "yes" or not found.rows:
        return _page(request, form, found, given["lines"])
    kept = entering.keep(
        found,
        given["source"],
        access.editor(request),
        timezone.now(),
        replace=request.POST.get("replace") == "yes",
    )
    messages.success(
        request,
        _("%(n)d tiers of %(year)d are kept.") % {"n": kept, "year": given["year"]},
    )
    return redirect("desk:tip")


page = access.by_method(get=overview, post=enter)


@access.edits
def take_back(request: HttpRequest) -> HttpResponse:
    """Undo an entry."""
    year, at = request.POST.get("year", ""), parse_datetime(request.POST.get("entered", "")[:40])
    if not year.isdecimal() or len(year) > 4 or at is None:
        messages.error(request, _("There is no such entry any more."))
        return redirect("desk:tip")
    n = entering.take_back(int(year), at, access.editor(request), timezone.now())
    messages.success(request, _("%(n)d tiers of %(year)s are taken back.") % {"n": n, "year": year})
    return redirect("desk:tip")


@access.edits
def highlight(request: HttpRequest, year: int, pk: int) -> HttpResponse:
    """Draft the home place's highlight into an issue."""
    issue = get_object_or_404(Issue.objects.select_related("newsletter"), pk=pk)
    form = HighlightForm(request.POST)
    if not form.is_valid():
        acting.complain(request, form)
        return redirect("desk:tip")
    home = shown.beat().home
    return acting.do(
        request,
        issue.pk,
        lambda: tiers.highlight(
            issue,
            tip.three(home.iso2),
            home.name,
            year,
            access.editor(request),
            timezone.now(),
            released=form.cleaned_data["released"],
            url=form.cleaned_data["url"] or None,
        ),
        _("The highlight is drafted. Read it, fill in its links, and take out what does not fit."),
    )


def _page(
    request: HttpRequest,
    form: EditionForm,
    found: entering.Entered | None = None,
    lines: str = "",
    status: int = 200,
) -> HttpResponse:
    counts = tip.editions()
    home = shown.beat().home
    line = tip.line(tip.three(home.iso2))
    known = [one for one in line if one.tier]
    context = {
        "here": "library",
        "form": form,
        "highlight": HighlightForm(auto_id="id_highlight_%s"),
        "found": found,
        "lines": lines,
        "editions": sorted(counts.items(), reverse=True),
        "entries": entering.entries(),
        "home": home.name,
        "now": known[-1] if known else None,
        "sentence": tiers.words(home.name, known[-1], None, "en") if known else "",
        "years": [one.year for one in reversed(known)],
        "issues": Issue.objects.filter(state=Issue.State.DRAFT).order_by("-month"),
    }
    return render(request, "desk/library/tip.html", context, status=status)
