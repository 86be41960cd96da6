"""Who may do what at which address. Pages are read with GET; whatever changes something is a POST.

**How a view says for whom it is.** Put exactly one of these above it:

    @access.reads        a page, GET only, for all who are signed in
    @access.comments     an action (POST) of all who may comment, readers of drafts too
    @access.edits        an action (POST) of those who may take, leave and write
    @access.publishes    page and action (GET and POST) of those who may sign off and publish
    @access.sends        page and action of those who may have an edition sent
    @access.collects     an action (POST) of those who may change sources
    @access.administers  an action (POST) of administrators
    @access.allows(May.WRITE, "GET POST")     anything else; `May` is in people/roles.py
    @access.anyone       also for who is not signed in: signing in, a director's review link
    view = access.by_method(get=show, post=keep)     two marked views at one address

Which role may what stands in `people/roles.py` and nowhere else. **A view of the desk without one of
these is refused to everybody but administrators** (`Door`, a middleware), and the table in
tests/desk/test_addresses.py fails until the address has its row.

In a template: `{% if user.may_edit %}`, `user.may_publish`, `user.may_send`, `user.may_collect`,
`user.may_administer`, `user.may_comment`. Hiding a button is courtesy; the mark above the view is the lock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from types import MappingProxyType
from typing import Any, Concatenate, ParamSpec, cast

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from broadsheet.desk import answers, ended
from broadsheet.people import sessions
from broadsheet.people.models import Editor
from broadsheet.people.roles import May, may

P = ParamSpec("P")
htmx, said, refused = answers.htmx, answers.said, answers.refused
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

_STALE = _(
    "This page has grown old, so nothing was changed. Go back, load it again, and repeat the last step; "
    "what you typed is still in the form when you go back."
)
# What is said to somebody who may not; what they may do instead, and whom to ask.
_REFUSALS: Mapping[May, Promise] = MappingProxyType(
    {
        May.READ: _("You may not look at this. Ask an administrator for a role at the desk."),
        May.COMMENT: _("You may not comment here. Ask an administrator for a role at the desk."),
        May.WRITE: _(
            "You may read drafts, but not change anything. Ask an administrator for the role of editor."
        ),
        May.PUBLISH: _(
            "You may take, leave and write, but not publish. Ask an editor to publish the issue."
        ),
        May.SEND: _("You may not have an edition sent. Ask an editor to do it."),
        May.COLLECT: _("You may look at this, but not change it. Ask an editor to do it."),
        May.ADMINISTER: _(
            "People, mailboxes and the desk’s own settings are for administrators. Ask an administrator."
        ),
    }
)
_UNMARKED = _("Nobody has said who may use this page. Ask an administrator to look at it.")


@dataclass(frozen=True, slots=True)
class Mark:
    """For whom a view is: `what` None means everybody, also who is not signed in."""

    what: May | None
    methods: frozenset[str] = frozenset()


def editor(request: HttpRequest) -> Editor:
    """Who asks. Only for views behind one of the decorators below."""
    return cast(Editor, request.user)


def mark_of(view: Callable[..., Any]) -> Mark | None:
    """What was said of a view; None where nobody said anything."""
    mark = getattr(view, "mark", None)
    return mark if isinstance(mark, Mark) else None


def anyone(view: View[P]) -> View[P]:
    """Also for who is not signed in: the view looks after itself."""
    view.mark = Mark(None)  # type: ignore[attr-defined]  # read by mark_of() alone
    return view


def allows(what: May, methods: str) -> Callable[[View[P]], View[P]]:
    """For those who may do this; other methods are answered with 405."""
    allowed = frozenset(methods.split()) | (
        frozenset({"HEAD"}) if "GET" in methods else frozenset()
    )

    def mark(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return ended.answer(request)
            if request.method not in allowed:
                return HttpResponseNotAllowed(sorted(allowed))
            if not may(editor(request).role, what):
                return refused(request, _why_not(editor(request), what))
            return view(request, *args, **kwargs)

        guarded.mark = Mark(what, allowed)  # type: ignore[attr-defined]
        return guarded

    return mark


def reads(view: View[P]) -> View[P]:
    """A page for everybody who is signed in. Changes nothing, so GET and HEAD alone are answered."""
    return allows(May.READ, "GET")(view)


def comments(view: View[P]) -> View[P]:
    """An action of all who may comment."""
    return allows(May.COMMENT, "POST")(view)


def edits(view: View[P]) -> View[P]:
    """An action of those who may take, leave and write."""
    return allows(May.WRITE, "POST")(view)


def publishes(view: View[P]) -> View[P]:
    """The page and the action of those who may publish."""
    return allows(May.PUBLISH, "GET POST")(view)


def sends(view: View[P]) -> View[P]:
    """The page and the action of those who may have an edition sent."""
    return allows(May.SEND, "GET POST")(view)


def collects(view: View[P]) -> View[P]:
    """An action of those who may change what the desk collects, and what it has learned."""
    return allows(May.COLLECT, "POST")(view)


def administers(view: View[P]) -> View[P]:
    """An action that reaches into this machine, a mailbox, or who works here."""
    return allows(May.ADMINISTER, "POST")(view)


def by_method(*, get: View[P], post: View[P]) -> View[P]:
    """Two marked views at one address: one reads, one acts. The stricter look is each view's own."""
    assert mark_of(get) is not None, get
    assert mark_of(post) is not None, post

    @wraps(get)
    def chosen(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return (post if request.method == "POST" else get)(request, *args, **kwargs)

    return chosen


def _why_not(who: Editor, what: May) -> str:
    # Who may not even write is told so, whatever else it was that they wanted to publish.
    if what is May.PUBLISH and not may(who.role, May.WRITE):
        return str(_REFUSALS[May.WRITE])
    return str(_REFUSALS[what])


class Door:
    """Before every view of the desk: is it marked, must its editor first set up the second factor?"""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.app_name != "desk":
            return None
        mark = mark_of(view)
        if mark is not None and mark.what is None:
            return None
        if not request.user.is_authenticated:
            return ended.answer(request)
        if mark is None and not may(editor(request).role, May.ADMINISTER):
            return refused(request, str(_UNMARKED))
        sessions.used(request.session, timezone.now())
        if request.session.get(sessions.MUST_SET_UP) and match.url_name not in _WITHOUT_FACTOR:
            return redirect("desk:factor")
        return None


# What somebody may reach who must first set up their second factor.
_WITHOUT_FACTOR = frozenset({"factor", "factor_begin", "factor_confirm", "sign_out", "account"})


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: most often a page that was open while its reader signed in anew.

    Django calls this (CSRF_FAILURE_VIEW); `reason` is for developers and not shown.
    """
    return refused(request, str(_STALE))


class Permissions:
    """No page of ours uses camera, place or microphone, so no script that slipped in may either."""

    POLICY = ", ".join(
        f"{what}=()"
        for what in (
            "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media",
            "geolocation", "gyroscope", "hid", "magnetometer", "microphone", "midi",
            "payment", "serial", "usb", "xr-spatial-tracking",
        )
    )  # fmt: skip

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        answer.headers.setdefault("Permissions-Policy", self.POLICY)
        return answer
