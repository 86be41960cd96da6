"""Middleware that counts how often the pages of issues are shown. Before the cache of pages, so that what
is answered from there, or with "you have it", counts as well.

Counted is a GET that was answered: not HEAD, not a machine that says it is one, not a browser that fetches
ahead, and not who is signed in at the desk (seen by the cookie's being there; it is not looked at).
"""

from __future__ import annotations

import atexit
import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from broadsheet.mailing import reads

_PAGES = re.compile(r"/(editions|items)/([-\w]{1,50})/(?:mail\.txt)?")
_ANSWERED = (200, 304)


class Reading:
    """Counts in memory, and writes down now and then, after an answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.tally = reads.Tally()
        atexit.register(self.tally.write)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        if settings.WEB_READS:
            self._count(request, answer)
            if self.tally.is_due():
                self.tally.write()
        return answer

    def _count(self, request: HttpRequest, answer: HttpResponseBase) -> None:
        path = request.path_info.removeprefix(settings.PATH)
        page = _PAGES.fullmatch(path)
        if page is None or answer.status_code not in _ANSWERED or not _by_a_reader(request):
            return
        kind = reads.Kind.ISSUE if page[1] == "editions" else reads.Kind.ITEM
        self.tally.add(timezone.localdate(), kind, page[2])


def _by_a_reader(request: HttpRequest) -> bool:
    ahead = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    return (
        request.method == "GET"
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and "prefetch" not in ahead
        and not reads.is_machine(request.headers.get("User-Agent", ""))
    )
