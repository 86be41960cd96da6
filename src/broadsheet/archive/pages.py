"""What the public pages share: their language, their addresses, their frame, and how long they may be kept.

No page of the archive sets or reads a cookie, runs a script, or asks another host for anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet import front
from broadsheet.archive import tongues
from broadsheet.issues.models import Newsletter
from broadsheet.mailing.preferences import spoken
from broadsheet.press import dates
from broadsheet.wire import beat as beats
from broadsheet.wire.beat import Beat

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
FRESH = 300  # seconds that a browser may show a page without asking


def beat() -> Beat:
    """What the desk covers."""
    return beats.load(settings.BEAT)


def whole(path: str) -> str:
    """The address under which readers reach a path, whatever name this request came by."""
    return front.whole(path)


def public(view: View[P]) -> View[P]:
    """A public page: read only, in the reader's language, kept by caches for some minutes.

    Its entity tag is made of what it says, so that a reader who has it is told so in a few bytes.
    """

    @require_safe
    @cache_control(public=True, max_age=FRESH)
    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        newsletter = newsletter_with_form()
        request.newsletter = newsletter  # type: ignore[attr-defined]  # for page() below
        with translation.override(language_of(request, newsletter)):
            answer = view(request, *args, **kwargs)
        if isinstance(answer, HttpResponse) and answer.status_code == 200:
            return _tagged(request, answer)
        return answer

    return shown


def language_of(request: HttpRequest, newsletter: Newsletter | None) -> str:
    """The language of a public page: what its address asks for (`?lang=zh-hant`), what the browser
    prefers of those we speak, or the newsletter's. No cookie remembers it."""
    preferred = parse_accept_lang_header(request.headers.get("Accept-Language", "")[:500])
    for wanted in (
        request.GET.get(tongues.PARAMETER, "")[:20],
        *(tag for tag, _weight in preferred),
    ):
        try:
            return spoken(translation.get_supported_language_variant(wanted))
        except LookupError:
            continue
    return spoken(newsletter.language if newsletter else "en")


def _tagged(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    answer["ETag"] = f'"{hashlib.sha256(answer.content).hexdigest()[:24]}"'
    known = [
        one.strip().removeprefix("W/")
        for one in request.headers.get("If-None-Match", "").split(",")
    ]
    if answer["ETag"] in known:
        short = HttpResponse(status=304)
        for name in ("ETag", "Cache-Control"):
            if name in answer:
                short[name] = answer[name]
        return short
    return answer


def newsletter_with_form() -> Newsletter | None:
    """The desk's newsletter (`queries.newsletter`) with its sign-up form. One query."""
    return Newsletter.objects.select_related("sign_up_form").order_by("pk").first()


def sign_up_url(newsletter: Newsletter | None) -> str:
    """Where readers sign up; empty where the newsletter takes nobody by a form."""
    form = getattr(newsletter, "sign_up_form", None)  # none was ever set up
    return reverse("archive:sign_up", args=[form.newsletter_id]) if form and form.open else ""


def newsletter_of(request: HttpRequest) -> Newsletter | None:
    """The desk's newsletter, looked up once for a page."""
    found: Newsletter | None = getattr(request, "newsletter", None)
    return found


def page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page in the archive's frame."""
    newsletter = newsletter_of(request)
    frame = {
        "newsletter": newsletter,
        "language": translation.get_language() or "en",
        "canonical": whole(request.path),
        "quick_exit": newsletter.quick_exit if newsletter else "",
        "sign_up": sign_up_url(newsletter),
        "tongues": tongues.others(request),
    }
    answer = render(request, f"archive/{template}", frame | context, status=status)
    if tag := tongues.chosen(request):
        answer.content = tongues.carried(answer.content.decode(), tag).encode()
    return answer


def place_name(iso2: str) -> str:
    """The name of a place in the language of the page; the home place as the beat names it in English."""
    home = beat().home
    language = translation.get_language() or "en"
    if iso2 == home.iso2 and language.startswith("en"):
        return home.name
    return dates.place(iso2, language)


def topic_name(code: str) -> str:
    """The label of a code; the code itself where this beat does not know it."""
    known = beat().taxonomy.code(code)
    return translation.gettext(known.label) if known and known.label else code


def today() -> date:
    """The day at the desk: with it permissions of pictures end."""
    return timezone.localdate()
