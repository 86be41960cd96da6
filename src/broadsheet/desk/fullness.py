"""What an editor is told when the disk is full: that nothing was changed, and that their words are safe."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

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
        words = _(
            "The disk is full, so nothing was changed. What you typed is still in the form: leave this "
            "page open, or go back. Ask whoever runs the machine to make room, then try again."
        )
        answer = answers.refused(request, words)
        answer.status_code = INSUFFICIENT_STORAGE
        return answer
