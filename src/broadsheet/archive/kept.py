"""A small cache before the public pages: what was just shown to one reader is shown to the next.

A page that is passed on by a thousand people is asked for a thousand times in a minute; it is made once in
some seconds. So few, that a withdrawn page is gone here before anybody could look again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from broadsheet import front

SECONDS = 5.0
_MOST = 256  # pages
_LONGEST = 200  # characters of a header in a key
_LARGEST = 500_000  # bytes of a page: 256 of them are 128 MB at the very most


class Pages:
    """Middleware: answers a public page that this process made within the last seconds.

    Only what says itself that anybody may keep it ("public") and sets no cookie; only for GET without a
    question behind it that a form of ours would not ask (`Authorization`, `Range`), and not for a browser
    that asks for a page made anew. The whole address and what languages the browser prefers are the key, so
    no page answers for another. Who has the page already is told so in a few bytes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.held: OrderedDict[str, tuple[float, HttpResponse]] = OrderedDict()
        self.lock = threading.Lock()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _plain(request):
            return self.get_response(request)
        # A public page speaks the reader's language, which nothing but this header tells.
        speaks = request.headers.get("Accept-Language", "")[:_LONGEST]
        key = f"{request.get_host()} {request.get_full_path()} {speaks}"
        with self.lock:
            found = self.held.get(key)
        if found is not None and time.monotonic() - found[0] < SECONDS:
            return _again(found[1], request.headers.get("If-None-Match", ""))
        answer = self.get_response(request)
        if _keepable(answer):
            assert isinstance(answer, HttpResponse)
            with self.lock:
                self.held[key] = (time.monotonic(), _again(answer))
                self.held.move_to_end(key)
                while len(self.held) > _MOST:
                    self.held.popitem(last=False)
        return answer


def _plain(request: HttpRequest) -> bool:
    asked = request.headers
    return (
        request.method == "GET"
        and not front.at_desk(request)
        and "no-cache" not in asked.get("Cache-Control", "")
        and not any(name in asked for name in ("Authorization", "Range"))
    )


def _keepable(answer: HttpResponseBase) -> bool:
    return (
        isinstance(answer, HttpResponse)
        and answer.status_code == 200
        and "public" in answer.get("Cache-Control", "")
        and not answer.cookies
        and "Cookie" not in answer.get("Vary", "")
        and len(answer.content) <= _LARGEST
    )


def _again(answer: HttpResponse, known: str = "") -> HttpResponse:
    """The same page with its own headers; without its words for who has it already (`known` entity tags)."""
    has = answer.get("ETag", "") in {one.strip().removeprefix("W/") for one in known.split(",")}
    copy = (
        HttpResponse(status=304)
        if known and has
        else HttpResponse(answer.content, status=answer.status_code)
    )
    for name, value in answer.items():
        copy[name] = value
    return copy
