"""The shelf at the desk: look, add, change, say that an address was opened, take down."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.desk import access, shown
from broadsheet.desk.library_forms import ResourceForm
from broadsheet.library import queries, shelving
from broadsheet.library.models import Resource


@access.reads
def library(request: HttpRequest) -> HttpResponse:
    choice = queries.Choice(
        words=request.GET.get("words", "")[:100].strip(), sector=request.GET.get("sector", "")[:40]
    )
    counts = queries.sectors()
    found = queries.chosen(choice)
    context = {
        "here": "library",
        "choice": choice,
        "sectors": sorted(
            ((code, shown.label(code), n) for code, n in counts.items()), key=lambda s: s[1]
        ),
        "resources": [(one, shown.date(one.date)) for one in found],
        "unopened": sum(one.checked is None for one in found),
        "total": Resource.objects.count(),
    }
    return render(request, "desk/library/list.html", context)


@access.reads
def show(request: HttpRequest, pk: int) -> HttpResponse:
    resource = get_object_or_404(Resource, pk=pk)
    return _form(request, resource, ResourceForm.of(resource))


@access.edits
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    return _keep(request, get_object_or_404(Resource, pk=pk))


resource = access.by_method(get=show, post=keep)


@access.reads
def blank(request: HttpRequest) -> HttpResponse:
    return _form(request, None, ResourceForm())


@access.edits
def add(request: HttpRequest) -> HttpResponse:
    return _keep(request, None)


new = access.by_method(get=blank, post=add)


def _keep(request: HttpRequest, resource: Resource | None) -> HttpResponse:
    form = ResourceForm(request.POST)
    if not form.is_valid():
        return _form(request, resource, form, 422)
    try:
        made = shelving.put(resource, access.editor(request), timezone.now(), **form.cleaned_data)
    except shelving.ShelvingError as error:
        form.add_error("title", str(error))
        return _form(request, resource, form, 422)
    messages.success(request, _("“%(title)s” is on the shelf.") % {"title": made.title})
    return redirect("desk:library")


def _form(
    request: HttpRequest, resource: Resource | None, form: ResourceForm, status: int = 200
) -> HttpResponse:
    context = {
        "here": "library",
        "resource": resource,
        "form": form,
        "address": shown.address(resource.url) if resource else "",
    }
    return render(request, "desk/library/one.html", context, status=status)


@access.edits
def opened(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody opened the address and says what was there."""
    resource = get_object_or_404(Resource, pk=pk)
    found = request.POST.get("found") == "yes"
    shelving.checked(resource, found, access.editor(request), timezone.now())
    said = _("“%(title)s” was there today.") if found else _("“%(title)s” is marked as gone.")
    messages.success(request, said % {"title": resource.title})
    return redirect("desk:resource", pk)


@access.edits
def take_down(request: HttpRequest, pk: int) -> HttpResponse:
    resource = get_object_or_404(Resource, pk=pk)
    try:
        shelving.take_down(resource, access.editor(request), timezone.now())
    except shelving.ShelvingError as error:
        messages.error(request, str(error))
        return redirect("desk:resource", pk)
    messages.success(request, _("“%(title)s” is off the shelf.") % {"title": resource.title})
    return redirect("desk:library")
