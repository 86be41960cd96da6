"""What is told when the disk is full: that nothing was changed, and that an editor's words are safe."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.defaults import server_error

from broadsheet.desk import answers
from broadsheet.keeping import disk

log = logging.getLogger(__name__)
INSUFFICIENT_STORAGE = 507  # RFC 4918, 11.5


class Fullness:
    """Answers a change that the full disk did not take: the database took it back whole."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not disk.is_full(error):
            return None
        log.error("The disk is full: %s", type(error).__name__)
        answer = answers.refused(request, _words())
        answer.status_code = INSUFFICIENT_STORAGE
        return answer


def fault(request: HttpRequest) -> HttpResponse:
    """The page for what nobody foresaw, or for a full disk that keeps even this page from its database.

    A session that cannot be written, a database that cannot be opened: no view is there to be asked.
    """
    error = sys.exc_info()[1]
    if error is None or not disk.is_full(error):
        return server_error(request)
    log.error("The disk is full: %s", type(error).__name__)
    if answers.htmx(request):
        return answers.said(_words(), INSUFFICIENT_STORAGE)
    return HttpResponse(
        render_to_string("507.html", {"words": _words()}), status=INSUFFICIENT_STORAGE
    )


def _words() -> str:
    return _(
        "The disk is full, so nothing was changed. What you typed is still in the form: leave this "
        "page open, or go back. Ask whoever runs the machine to make room, then try again."
    )
