"""The page that stands where there is none: in the archive's frame, with its search and the way out."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from broadsheet import front
from broadsheet.archive import pages


def page(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, in the editor's language at the desk and in the reader's elsewhere. One query."""
    newsletter = pages.newsletter_with_form()
    request.newsletter = newsletter  # type: ignore[attr-defined]  # for pages.page
    desk = front.at_desk(request)
    language = translation.get_language() if desk else None
    with translation.override(language or pages.language_of(request, newsletter)):
        return pages.page(request, "missing.html", status=404, noindex=True, desk=desk)
