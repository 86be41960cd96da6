"""The hand-over: what a successor needs, on a page and as PDF. For administrators."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from broadsheet.desk import access
from broadsheet.keeping import handover as keeping
from broadsheet.people.roles import May
from broadsheet.press.pdf import pdf

_page = access.allows(May.ADMINISTER, "GET")


@_page
def handover(request: HttpRequest) -> HttpResponse:
    """What a successor needs to know; no secret stands in it."""
    context = {"here": "operations", "parts": keeping.facts(timezone.now())}
    return render(request, "desk/handover.html", context)


@_page
def handover_pdf(request: HttpRequest) -> HttpResponse:
    """The same, to be printed and put into a folder."""
    now = timezone.now()
    answer = HttpResponse(
        pdf(keeping.edition(now), today=timezone.localdate(now)), content_type="application/pdf"
    )
    answer["Content-Disposition"] = 'inline; filename="broadsheet-hand-over.pdf"'
    return answer
