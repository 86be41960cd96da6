"""The house style: what stands in every print, and in which colours."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.desk import access
from broadsheet.desk.house_form import HouseForm
from broadsheet.issues import house, pictures, queries
from broadsheet.issues.models import Newsletter
from broadsheet.people import doors
from broadsheet.people.roles import May


@access.allows(May.ADMINISTER, "GET")
def show(request: HttpRequest) -> HttpResponse:
    """The style as it is kept."""
    newsletter = _newsletter()
    return _page(request, newsletter, HouseForm.of(house.of(newsletter), newsletter.name))


@access.administers
def keep(request: HttpRequest) -> HttpResponse:
    """Keep it, if all of it can be read by everybody."""
    newsletter = _newsletter()
    form = HouseForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            given = form.style(house.of(newsletter))
            house.lay_down(newsletter, given, form.cleaned_data["name"])
        except pictures.PictureError as error:
            form.add_error("file", str(error))
        except house.NameTakenError:
            form.add_error("name", _("Another newsletter of this desk has this name."))
        else:
            doors.note(
                access.editor(request),
                "laid down",
                f"the house style of {form.cleaned_data['name']}",
                timezone.now(),
            )
            messages.success(request, _("Every print looks like this from now on."))
            return redirect("desk:house")
    return _page(request, newsletter, form, status=422)


def _newsletter() -> Newsletter:
    found = queries.newsletter()
    if found is None:
        raise Http404
    return found


def _page(
    request: HttpRequest, newsletter: Newsletter, form: HouseForm, status: int = 200
) -> HttpResponse:
    context = {
        "here": "people",
        "newsletter": newsletter,
        "form": form,
        "logo": house.of(newsletter, settings.PATH).logo,
        "issue": queries.issues().order_by("-month", "-pk").first(),
    }
    return render(request, "desk/house.html", context, status=status)


both = access.by_method(get=show, post=keep)
