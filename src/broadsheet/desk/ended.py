"""A session that ended while somebody typed: what was typed is not lost.

A form that comes after the end is answered with a page to sign in again, which carries the form's
fields along, signed, so that only what this desk itself was sent comes back. After signing in the
same form stands there, filled in, and is sent by a person; nothing is repeated by itself.
The forgery check stands before this: a form from elsewhere never gets here.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from broadsheet.desk.answers import htmx, said

SALT = "typed before the session ended"
GOOD_FOR = 3600 * 12  # seconds: over night it is still there in the open tab
LONGEST = 500_000  # characters of one form that are carried along: an issue's whole text and more


@dataclass(frozen=True, slots=True)
class Typed:
    """A form as it was sent: where to, from which page, and its fields in order."""

    to: str
    page: str
    fields: tuple[tuple[str, str], ...]

    @property
    def words(self) -> list[str]:
        """What a person has typed, as far as can be told: what is longer than a choice or a number."""
        return [value for _, value in self.fields if " " in value.strip() or "\n" in value]


def own(request: HttpRequest, address: str) -> bool:
    """Whether an address is a page of this desk, so that it may be led to."""
    return bool(address) and url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )


def answer(request: HttpRequest) -> HttpResponse:
    """What somebody without a session gets: a page to sign in, or a sentence for the script."""
    if htmx(request):  # a redirect would put the sign-in page where the row was
        return said(
            _(
                "Your session has ended, so nothing was changed. What you typed is still here. "
                "Sign in again, then repeat the last step."
            ),
            401,
        )
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path())
    typed = _typed(request)
    context = {"typed": typed, "carried": pack(typed), "files": bool(request.FILES)}
    return render(request, "desk/ended.html", context, status=401)


def _typed(request: HttpRequest) -> Typed:
    referer = request.headers.get("Referer", "")
    page = (
        urlsplit(referer)._replace(scheme="", netloc="").geturl() if own(request, referer) else ""
    )
    fields = tuple(
        (name, value)
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", "typed") and "password" not in name
        for value in values
        if isinstance(value, str)
    )
    if sum(len(value) for _, value in fields) > LONGEST:
        fields = ()
    return Typed(request.get_full_path(), page, fields)


def pack(typed: Typed | None) -> str:
    """For a hidden field of the sign-in form; empty where nothing was typed."""
    if typed is None or not typed.fields:
        return ""
    return signing.dumps([typed.to, typed.page, typed.fields], salt=SALT, compress=True)


def unpack(carried: str) -> Typed | None:
    """What `pack` has carried along; None where it was changed on the way, or is too old."""
    if not carried:
        return None
    try:
        to, page, fields = signing.loads(carried, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    return Typed(to, page, tuple((name, value) for name, value in fields))
