"""Who may do what at which address. Pages are read with GET; whatever changes something is a POST."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse

from broadsheet.people.models import Editor

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

_SIGNED_OUT = (
    "You are signed out, so nothing was changed. Sign in again, then repeat the last step."
)
_STALE = (
    "This page has grown old, so nothing was changed. Go back, load it again, and repeat the last step; "
    "what you typed is still in the form when you go back."
)
_READER = (
    "You may read drafts, but not change anything. Ask an administrator for the role of editor."
)
_NO_SOURCES = "You may look at this, but not change it. Ask an editor to do it."
_NO_MAIL = (
    "Mailboxes and folders of this machine are added by administrators. Ask an administrator."
)
_CONTRIBUTOR = "You may take, leave and write, but not publish. Ask an editor to publish the issue."


def htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def editor(request: HttpRequest) -> Editor:
    """Who asks. Only for views behind one of the decorators below."""
    return cast(Editor, request.user)


def reads(view: View[P]) -> View[P]:
    """A page for everybody who is signed in. Changes nothing, so GET and HEAD alone are answered."""
    return _for("GET", lambda who: "", view)


def edits(view: View[P]) -> View[P]:
    """An action of those who may take, leave and write."""
    return _for("POST", lambda who: "" if who.may_edit else _READER, view)


def publishes(view: View[P]) -> View[P]:
    """The page and the action of those who may publish."""
    return _for("GET POST", lambda who: "" if who.may_publish else _no_publishing(who), view)


def collects(view: View[P]) -> View[P]:
    """An action of those who may change what the desk collects, and what it has learned."""
    return _for("POST", lambda who: "" if who.may_publish else _NO_SOURCES, view)


def administers(view: View[P]) -> View[P]:
    """An action that reaches into this machine or a mailbox."""
    return _for("POST", lambda who: "" if who.role == Editor.Role.ADMINISTRATOR else _NO_MAIL, view)


def _no_publishing(who: Editor) -> str:
    return _CONTRIBUTOR if who.may_edit else _READER


def _for(methods: str, refuses: Callable[[Editor], str], view: View[P]) -> View[P]:
    allowed = {"GET", "HEAD"} if methods == "GET" else set(methods.split())
    if "GET" in allowed:
        allowed.add("HEAD")

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            if htmx(request):  # a redirect would put the sign-in page where the row was
                return said(_SIGNED_OUT, 401)
            # After signing in the page is shown; an action is never repeated by itself.
            reading = request.method in ("GET", "HEAD")
            return redirect_to_login(request.get_full_path() if reading else reverse("desk:inbox"))
        if request.method not in allowed:
            return HttpResponseNotAllowed(sorted(allowed))
        reason = refuses(editor(request))
        if reason:
            return refused(request, reason)
        return view(request, *args, **kwargs)

    return guarded


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: most often a page that was open while its reader signed in anew.

    Django calls this (CSRF_FAILURE_VIEW); `reason` is for developers and not shown.
    """
    return refused(request, _STALE)


def refused(request: HttpRequest, reason: str) -> HttpResponse:
    """403 with a sentence: plain where a script asks, a page otherwise."""
    if htmx(request):
        return said(reason, 403)
    return render(request, "desk/refused.html", {"reason": reason}, status=403)


def said(words: str, status: int) -> HttpResponse:
    """A sentence that the desk's script announces; nothing on the page is replaced."""
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
