"""Signing in and out."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from broadsheet.people import doors

WANTED = "wanted"  # the cookie with the page that was asked for before signing in


@require_safe
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """How to get in. There are no passwords to lose: a link is printed on the desk's machine."""
    if request.user.is_authenticated:
        return redirect("desk:inbox")
    page = render(request, "desk/sign_in.html")
    wanted = request.GET.get("next", "")
    if _ours(request, wanted):
        # In a cookie and not in a session: a row for every robot that knocks would fill the tables.
        page.set_signed_cookie(
            WANTED,
            wanted,
            max_age=int(doors.GOOD_FOR.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return page


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows whom the link signs in, POST uses it up: mail scanners that follow links do no harm."""
    now = timezone.now()
    if request.method != "POST":
        editor = doors.whose(token, now)
        status = 200 if editor else 410
        return render(request, "desk/enter.html", {"editor": editor}, status=status)
    wanted = request.get_signed_cookie(WANTED, "") or ""
    editor = doors.enter(token, now)
    if editor is None:
        return render(request, "desk/enter.html", {"editor": None}, status=410)
    login(request, editor, backend=settings.AUTHENTICATION_BACKENDS[0])
    page = redirect(wanted if _ours(request, wanted) else reverse("desk:inbox"))
    page.delete_cookie(WANTED)
    return page


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, "You are signed out.")
    return redirect("desk:sign_in")


def _ours(request: HttpRequest, address: str) -> bool:
    return bool(address) and url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
