"""In which language a page speaks to whom.

An editor has chosen one on the account page; who has not, and every reader, is answered in the one that
the address asks for (`?lang=zh-hant`) or else the browser prefers. No cookie: public pages set none.
Pages that print an edition, and those behind a subscriber's link, have a language of their own.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from broadsheet import front

PARAMETER = "lang"


def of(request: HttpRequest) -> str:
    """The tag of the language, one of LANGUAGES."""
    own = ""
    if front.at_desk(request):
        # Elsewhere nobody is asked who they are, so that no public page depends on a cookie.
        own = getattr(request.user, "language", "")
    for wanted in (own, request.GET.get(PARAMETER, "")[:20]):
        if wanted:
            try:
                return translation.get_supported_language_variant(wanted)
            except LookupError:
                continue
    return translation.get_language_from_request(request)


class Language:
    """Answers each request in its language. After the middleware that says who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        tag = of(request)
        with translation.override(tag):
            request.LANGUAGE_CODE = tag  # where Django's own tags look for it
            answer = self.get_response(request)
        patch_vary_headers(answer, ["Accept-Language"])
        return answer


def choices() -> list[tuple[str, str]]:
    """The languages to choose from, each in its own words."""
    return [(tag, str(name)) for tag, name in settings.LANGUAGES]
