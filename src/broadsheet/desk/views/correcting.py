"""Opening an issue that is out for a correction, and giving that up."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.desk import access, acting
from broadsheet.issues import correcting
from broadsheet.people.roles import May


@access.allows(May.PUBLISH, "POST")
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Open an issue that is out for a correction, or change what readers are told of it."""
    found = acting.chosen_issue(pk)
    why = request.POST.get("why", "")
    return acting.do(
        request,
        pk,
        lambda: correcting.begin(found, why, access.editor(request), timezone.now()),
        _("Mend what was wrong, check and publish again. Until then readers keep what is out."),
    )


@access.allows(May.PUBLISH, "POST")
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an issue that was opened for a correction, as it was."""
    found = acting.chosen_issue(pk)
    return acting.do(
        request,
        pk,
        lambda: correcting.give_up(found, access.editor(request), timezone.now()),
        _("The correction is given up. The issue says again what went out."),
    )
