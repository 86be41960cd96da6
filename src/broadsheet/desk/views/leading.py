"""Which copy of a story leads: the order of preferred outlets, and the rules after it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.desk import access, forms, shown
from broadsheet.news import leading as service
from broadsheet.news.models import Source
from broadsheet.people import doors


@access.reads
def leading(request: HttpRequest) -> HttpResponse:
    """The rules as they are, in the order in which they are asked."""
    return _page(request, forms.LeadingForm(initial=_initial(service.choice())))


@access.collects
def choose(request: HttpRequest) -> HttpResponse:
    """Lay the rules down; what they were is offered again, so that one press undoes it."""
    form = forms.LeadingForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    before = service.choice()
    try:
        changed = service.choose(form.choice(), shown.beat())
    except service.LeadingError as error:
        form.add_error(
            "outlets",
            _(
                "No source is called “{name}”. Write it as it stands on the list of sources, one on a line."
            ).format(name=error),
        )
        return _page(request, form, status=422)
    doors.note(access.editor(request), "changed which copy leads", "", timezone.now())
    messages.success(
        request,
        _("Kept.")
        + " "
        + (
            ngettext(
                "{n} waiting story has another lead now.",
                "{n} waiting stories have another lead now.",
                changed,
            ).format(n=changed)
            if changed
            else _("No waiting story has another lead by it.")
        ),
    )
    request.session["leading_before"] = _initial(before)
    return redirect("desk:leading")


def _initial(choice: service.Choice) -> dict[str, object]:
    return {
        "outlets": "\n".join(choice.outlets),
        "original_first": choice.original_first,
        "free_first": choice.free_first,
        "near_first": choice.near_first,
    }


def _page(request: HttpRequest, form: forms.LeadingForm, status: int = 200) -> HttpResponse:
    before = request.session.get("leading_before")
    context = {
        "here": "sources",
        "form": form,
        "before": before if before != _initial(service.choice()) else None,
        "names": Source.objects.order_by("name").values_list("name", flat=True),
        "home": shown.beat().home.name,
        "may_collect": access.editor(request).may_publish,
    }
    return render(request, "desk/leading.html", context, status=status)
