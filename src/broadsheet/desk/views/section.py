"""The sections of an issue: their words, their order, what is put into them."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.desk import access, acting, forms, shown
from broadsheet.desk.views.issue import OURS
from broadsheet.issues import compose, queries
from broadsheet.issues.models import Issue, Pick, Section
from broadsheet.library import queries as library
from broadsheet.library.models import Resource


@access.edits
def add_section(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Issue, pk=pk)
    heading = forms.line(request.POST.get("heading", ""), 200)
    return acting.do(
        request,
        pk,
        lambda: compose.add_section(found, heading),
        _("The section stands at the end."),
    )


@access.reads
def show_section(request: HttpRequest, pk: int) -> HttpResponse:
    """The words of a section; with `?begin=earlier` the introduction of an earlier issue to go on from,
    which is kept only when the editor keeps it."""
    section = acting.chosen_section(pk)
    form = forms.SectionForm.of(section)
    earlier = None if section.intro else queries.earlier_intro(section)
    if earlier is not None and request.GET.get("begin") == "earlier":
        form.initial["intro"], earlier = earlier.intro, None
    return _form(request, section, form, earlier=earlier)


@access.edits
def keep_section(request: HttpRequest, pk: int) -> HttpResponse:
    section = acting.chosen_section(pk)

    def theirs() -> tuple[int, dict[str, object]]:
        now = acting.chosen_section(pk)
        return now.turn, {"heading": now.heading, "intro": now.intro}

    refused = acting.kept(
        request,
        forms.SectionForm(request.POST),
        partial(compose.edit_section, section),
        theirs,
        lambda *how: _form(request, acting.chosen_section(pk), *how),
    )
    if refused is not None:
        return refused
    messages.success(request, _("Section kept."))
    return redirect(reverse("desk:issue", args=[section.issue_id]) + f"#section-{pk}")


edit_section = access.by_method(get=show_section, post=keep_section)


def _form(
    request: HttpRequest,
    section: Section,
    form: forms.SectionForm,
    status: int = 200,
    conflict: str = "",
    theirs: list[tuple[str, str]] | None = None,
    *,
    earlier: Section | None = None,
) -> HttpResponse:
    context = {
        "here": "issues",
        "issue": section.issue,
        "earlier": earlier,
        "heading": _("Section “%(name)s”") % {"name": section},
        "back": reverse("desk:issue", args=[section.issue_id]) + f"#section-{section.pk}",
        "history": reverse("desk:history_section", args=[section.pk]),
        "form": form,
        "conflict": conflict,
        "theirs": theirs,
        "may_edit": section.issue.is_open and access.editor(request).may_edit,
    }
    return render(request, "desk/words.html", context, status=status)


@access.edits
def move_section(request: HttpRequest, pk: int) -> HttpResponse:
    section = acting.chosen_section(pk)
    to = "up" if request.POST.get("to") == "up" else "down"
    said = _("“%(name)s” moved up.") if to == "up" else _("“%(name)s” moved down.")
    return acting.do(
        request,
        section.issue_id,
        lambda: compose.move_section(section, to),
        said % {"name": section},
        f"section-{pk}",
    )


@access.edits
def drop_section(request: HttpRequest, pk: int) -> HttpResponse:
    section = acting.chosen_section(pk)
    return acting.do(
        request,
        section.issue_id,
        lambda: compose.drop_section(section),
        _("“%(name)s” is taken out.") % {"name": section},
    )


@access.edits
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin an item of our own and open its form."""
    section = acting.chosen_section(pk)
    kind = request.POST.get("kind", "")
    if kind not in dict(OURS):
        kind = Pick.Kind.HIGHLIGHT
    try:
        made = compose.write(section, access.editor(request), timezone.now(), kind)
    except compose.ComposeError as error:
        messages.error(request, str(error))
        return redirect("desk:issue", section.issue_id)
    return redirect("desk:pick", made.pk)


@access.reads
def shelf(request: HttpRequest, pk: int) -> HttpResponse:
    """The resources of a sector, to be put into a section."""
    section = acting.chosen_section(pk)
    counts = library.sectors()
    chosen = request.GET.get("sector", "")
    labelled = ((code, shown.label(code), n) for code, n in counts.items())
    found = library.on_shelf(chosen) if chosen else []
    have = section.issue.picks.exclude(resource=None).values_list("resource", flat=True)
    return render(
        request,
        "desk/shelf.html",
        {
            "here": "issues",
            "section": section,
            "sectors": sorted(labelled, key=lambda s: s[1]),
            "sector": chosen,
            "sector_label": shown.label(chosen) if chosen else "",
            "resources": [(r, shown.date(r.date), shown.address(r.url)) for r in found],
            "have": set(have),
        },
    )


@access.edits
def pick_resource(request: HttpRequest, pk: int) -> HttpResponse:
    section = acting.chosen_section(pk)
    wanted = request.POST.get("resource", "")
    resource = get_object_or_404(Resource, pk=wanted if wanted.isdecimal() else 0)
    return acting.do(
        request,
        section.issue_id,
        lambda: compose.pick_resource(resource, section, access.editor(request), timezone.now()),
        _("“%(title)s” is in “%(section)s”.") % {"title": resource.title, "section": section},
        f"section-{pk}",
    )
