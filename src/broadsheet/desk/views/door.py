"""Signing in and out: by a link that works once, or a password; then a second factor where there is one."""

from __future__ import annotations

import ipaddress

from django import forms as django_forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from broadsheet import front
from broadsheet.desk import access, ended
from broadsheet.desk.forms import DeskForm
from broadsheet.desk.people_forms import password_field
from broadsheet.issues import queries as issues
from broadsheet.jobs import queue
from broadsheet.people import devices, doors, factors, letters, limits, rules, sessions
from broadsheet.people.errors import WaitError
from broadsheet.people.models import Editor

WANTED = "wanted"  # the cookie with the page that was asked for before signing in
HALF_FOR = 600  # seconds between the password and the code


class SignInForm(DeskForm):
    """A name or mail address, and a password."""

    name = django_forms.CharField(
        label=lazy("Name or mail address"),
        max_length=254,
        widget=django_forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = password_field(lazy("Password"), "current-password")


class CodeForm(DeskForm):
    """A code of the app, or one of the recovery codes."""

    code = django_forms.CharField(
        label=lazy("Code"),
        max_length=40,
        help_text=lazy(
            "The six digits that the app on your phone shows now; or one of your recovery codes."
        ),
        widget=django_forms.TextInput(
            attrs={"autocomplete": "one-time-code", "class": "short", "autofocus": True}
        ),
    )


@access.anyone
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form to sign in, and what to do without a password."""
    if request.method == "POST":
        return _by_password(request)
    if request.user.is_authenticated:
        return redirect("desk:inbox")
    page = _sign_in_page(request, SignInForm())
    wanted = request.GET.get("next", "")
    if ended.own(request, wanted):
        # In a cookie and not in a session: a row for every robot that knocks would fill the tables.
        page.set_signed_cookie(
            WANTED,
            wanted,
            max_age=int(doors.GOOD_FOR.total_seconds()),
            path=settings.SESSION_COOKIE_PATH,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return page


def _sign_in_page(request: HttpRequest, form: SignInForm, status: int = 200) -> HttpResponse:
    typed = ended.unpack(request.POST.get("typed", ""))
    context = {
        "form": form,
        "mail": letters.possible(),
        "typed": typed,
        "carried": ended.pack(typed),
    }
    return render(request, "desk/sign_in.html", context, status=status)


def _by_password(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_page(request, form, 422)
    try:
        editor = doors.by_password(
            form.cleaned_data["name"],
            form.cleaned_data["password"],
            browser_address(request),
            timezone.now(),
        )
    except doors.DoorError as error:
        form.add_error(None, str(error))
        return _sign_in_page(request, form, _status(error))
    return in_or_code(request, editor, "by password")


def _status(error: Exception) -> int:
    """422, or 429 where nothing was looked at: a proxy's own guard knows the two by it."""
    return 429 if isinstance(error, WaitError) else 422


def in_or_code(request: HttpRequest, editor: Editor, how: str) -> HttpResponse:
    if not factors.has(editor):
        return _come_in(request, editor, how)
    # A fresh session that says nothing but who is half in; signing in changes its key once more.
    request.session.flush()
    request.session[sessions.HALF] = [editor.pk, how, timezone.now().isoformat()]
    request.session.set_expiry(HALF_FOR)
    return _code_page(request, CodeForm())


def _code_page(request: HttpRequest, form: CodeForm, status: int = 200) -> HttpResponse:
    typed = ended.unpack(request.POST.get("typed", ""))
    return render(
        request, "desk/code.html", {"form": form, "carried": ended.pack(typed)}, status=status
    )


@access.anyone
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """The second factor of somebody whose password or link was right a moment ago."""
    half = _half_in(request)
    if half is None:
        messages.error(request, _("That took too long. Sign in again."))
        return redirect("desk:sign_in")
    if request.method != "POST":
        return _code_page(request, CodeForm())
    editor, how = half
    form, status = CodeForm(request.POST), 422
    if form.is_valid():
        try:
            given = form.cleaned_data["code"]
            by = factors.check(editor, given, timezone.now(), browser_address(request))
        except doors.DoorError as error:
            form.add_error("code", str(error))
            status = _status(error)
        else:
            if by == factors.RECOVERY:
                left = factors.codes_left(editor)
                messages.warning(
                    request,
                    _("A recovery code is used up; %(n)d are left. You can make new ones here.")
                    % {"n": left},
                )
            return _come_in(request, editor, f"{how} and {by}")
    return _code_page(request, form, status)


def _half_in(request: HttpRequest) -> tuple[Editor, str] | None:
    half = request.session.get(sessions.HALF)
    if not half:
        return None
    pk, how, since = half
    began = parse_datetime(since)
    if began is None or (timezone.now() - began).total_seconds() > HALF_FOR:
        return None
    editor = Editor.objects.filter(pk=pk, is_active=True).first()
    return (editor, how) if editor else None


def _come_in(request: HttpRequest, editor: Editor, how: str) -> HttpResponse:
    """Sign in, all factors shown: in a session of another key, which knows its browser."""
    typed = ended.unpack(request.POST.get("typed", ""))
    wanted = request.get_signed_cookie(WANTED, "") or ""
    now = timezone.now()
    request.session.flush()
    login(request, editor, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[sessions.DEVICE] = devices.words(request.headers.get("User-Agent", ""))
    request.session[sessions.BEGAN] = now.isoformat()
    if how.startswith("by one-time link"):
        request.session[sessions.BY_LINK] = now.isoformat()
    laid_down = rules.current()
    if laid_down.second_factor and not factors.has(editor):
        request.session[sessions.MUST_SET_UP] = True
    doors.came_in(editor, how, now)
    if typed is not None:
        page = render(request, "desk/typed.html", {"typed": typed})
    elif wanted and ended.own(request, wanted):
        page = redirect(wanted)
    else:
        setting_up = laid_down.setting_up and editor.may_administer
        page = redirect("desk:first_run" if setting_up else "desk:inbox")
    page.delete_cookie(WANTED, path=settings.SESSION_COOKIE_PATH)
    return page


@access.anyone
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows whom the link signs in, POST uses it up: mail scanners that follow links do no harm."""
    now = timezone.now()
    if request.method != "POST":
        editor = doors.whose(token, now)
        status = 200 if editor else 410
        return render(request, "desk/enter.html", {"editor": editor}, status=status)
    editor = doors.enter(token, now)
    if editor is None:
        return render(request, "desk/enter.html", {"editor": None}, status=410)
    return in_or_code(request, editor, "by one-time link")


@access.anyone
@require_POST
def mail_link(request: HttpRequest) -> HttpResponse:
    """Have a link mailed. The answer and the time it takes are the same whoever is named."""
    name, now = request.POST.get("name", "").strip()[:254], timezone.now()
    wait = limits.knock(limits.ADDRESS, browser_address(request), now)
    known = doors.find(name) if not wait else None
    account = str(known.pk) if known else name
    if letters.possible() and not wait and not limits.knock(limits.LETTER, account, now):
        # The worker looks whether there is such an editor and sends: here nobody waits for mail.
        queue.enqueue("sign_in_link", account if known else "0", now)
    messages.success(
        request,
        _(
            "If there is an editor of that name or address, a link is on its way. It works for an hour."
        ),
    )
    return redirect("desk:sign_in")


@access.anyone
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect("desk:sign_in")


def browser_address(request: HttpRequest) -> str:
    """Whom the limits on signing in count: an address of IPv4, a household's network of IPv6."""
    told = limits.asked_from(request)
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return str(request.META.get("REMOTE_ADDR", ""))
    if address.version == 4:
        return str(address)
    # One household or rented machine has the whole of a /64 (RFC 6177), and could count anew with each.
    return str(ipaddress.ip_network((address, 64), strict=False))


def organisation() -> str:
    newsletter = issues.newsletter()
    return newsletter.organisation if newsletter else ""


def absolute(name: str, token: str) -> str:
    """The whole address of a link that is handed over or mailed: never of the Host that was sent."""
    return front.whole(reverse(name, args=[token]))
