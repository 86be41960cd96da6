"""One's own account: password, second factor, and the browsers in which one is signed in."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from broadsheet.desk import access
from broadsheet.desk import language as spoken
from broadsheet.desk.people_forms import LanguageForm, PasswordForm
from broadsheet.desk.views.door import CodeForm, browser_address
from broadsheet.people import doors, factors, rules, sessions
from broadsheet.people.models import Session
from broadsheet.people.roles import May

# Who came by a link may set a password without the old one, for as long as a forgotten one takes.
FRESH = timedelta(minutes=30)

_own_page = access.allows(May.READ, "GET")
_own_action = access.allows(May.READ, "POST")  # of each account's own owner, whatever their role


@_own_page
@never_cache
def account(request: HttpRequest) -> HttpResponse:
    return _page(request, _password_form(request))


def _password_form(request: HttpRequest) -> PasswordForm:
    data = request.POST if request.method == "POST" else None
    return PasswordForm(data, ask_old=_asks_old(request))


def _asks_old(request: HttpRequest) -> bool:
    came = parse_datetime(request.session.get(sessions.BY_LINK, "") or "")
    fresh = came is not None and timezone.now() - came < FRESH
    return access.editor(request).has_usable_password() and not fresh


def _page(request: HttpRequest, form: PasswordForm, status: int = 200) -> HttpResponse:
    who = access.editor(request)
    rows = list(sessions.of(who, timezone.now()))
    context = {
        "here": "account",
        "form": form,
        "languages": LanguageForm(initial={"language": who.language}),
        "factor": factors.has(who),
        "codes_left": factors.codes_left(who),
        "sessions": [
            (sessions.public(row), row, row.pk == request.session.session_key) for row in rows
        ],
    }
    return render(request, "desk/account.html", context, status=status)


@_own_action
def language(request: HttpRequest) -> HttpResponse:
    """Choose in which language the desk speaks; the answer is in it already."""
    form, who = LanguageForm(request.POST), access.editor(request)
    # A select without any choice is no wish, and "as my browser asks" is an empty one.
    if "language" not in request.POST or not form.is_valid():
        return _page(request, _password_form(request), 422)
    who.language = form.cleaned_data["language"]
    who.save(update_fields=["language"])
    with override(spoken.of(request)):
        messages.success(request, _("The desk speaks this language to you from now on."))
    return redirect("desk:account")


@_own_action
@sensitive_post_parameters("old", "new")
def password(request: HttpRequest) -> HttpResponse:
    """Set a new password; all other browsers are signed out by it."""
    form, who = _password_form(request), access.editor(request)
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        doors.set_password(
            who,
            form.cleaned_data["new"],
            timezone.now(),
            old=form.cleaned_data.get("old"),
            session=request.session.session_key,
        )
    except doors.DoorError as error:
        form.add_error("old", str(error))
    except ValidationError as error:
        form.add_error("new", error)
    else:
        update_session_auth_hash(request, who)
        request.session.pop(sessions.BY_LINK, None)
        messages.success(request, _("The new password holds. All other browsers are signed out."))
        return redirect("desk:account")
    return _page(request, form, 422)


@_own_action
def end_session(request: HttpRequest) -> HttpResponse:
    """End one other session, or all others: at once."""
    who, now = access.editor(request), timezone.now()
    name = request.POST.get("session", "")
    if name == "others":
        ended = sessions.end_all(who, but=request.session.session_key)
    else:
        ended = int(sessions.end(who, name))
    doors.note(who, "ended sessions", f"{ended} of their own", now)
    if not Session.objects.filter(pk=request.session.session_key).exists():
        request.session.flush()  # it was this very one
        return redirect("desk:sign_in")
    messages.success(request, _("Signed out there.") if ended else _("That one had ended already."))
    return redirect("desk:account")


# --- the second factor ---------------------------------------------------------------------------


@_own_page
@never_cache
def factor(request: HttpRequest) -> HttpResponse:
    """How the second factor stands, and setting one up."""
    return _factor_page(request, CodeForm())


def _factor_page(
    request: HttpRequest,
    form: CodeForm,
    *,
    codes: list[str] | None = None,
    status: int = 200,
) -> HttpResponse:
    who = access.editor(request)
    device = factors.waiting(who)
    context = {
        "here": "account",
        "form": form,
        "has": factors.has(who),
        "codes": codes,
        "codes_left": factors.codes_left(who),
        "demanded": rules.current().second_factor,
        # Drawn by segno from a secret of ours: nothing that anybody typed stands in it in clear.
        "picture": mark_safe(factors.picture(device)) if device else "",  # noqa: S308
        "secret": factors.secret_words(device) if device else "",
    }
    return render(request, "desk/factor.html", context, status=status)


@_own_action
def factor_begin(request: HttpRequest) -> HttpResponse:
    """Make a secret; it is not in use before a code has shown that the app has it."""
    factors.begin(access.editor(request))
    return redirect("desk:factor")


@_own_action
@never_cache
def factor_confirm(request: HttpRequest) -> HttpResponse:
    """Put the second factor to use, and show the recovery codes this once."""
    form, who, now = CodeForm(request.POST), access.editor(request), timezone.now()
    if form.is_valid():
        try:
            codes = factors.confirm(who, form.cleaned_data["code"], now)
        except doors.DoorError as error:
            form.add_error("code", str(error))
        else:
            ended = sessions.end_all(who, but=request.session.session_key)
            doors.note(who, "set up a second factor", f"and ended {ended} other sessions", now)
            request.session.pop(sessions.MUST_SET_UP, None)
            request.session.cycle_key()
            return _factor_page(request, CodeForm(), codes=codes)
    return _factor_page(request, form, status=422)


@_own_action
@never_cache
def factor_change(request: HttpRequest) -> HttpResponse:
    """New recovery codes, or no second factor any more: either asks for a code first."""
    form, who, now = CodeForm(request.POST), access.editor(request), timezone.now()
    if form.is_valid():
        try:
            factors.check(who, form.cleaned_data["code"], now, browser_address(request))
            if request.POST.get("do") == "codes":
                codes = factors.renew_codes(who)
                doors.note(who, "made new recovery codes", "", now)
                return _factor_page(request, CodeForm(), codes=codes)
            if rules.current().second_factor:
                raise doors.DoorError(_("This desk asks everybody for a second factor."))
            factors.off(who)
            doors.note(who, "switched their second factor off", "", now)
            messages.success(request, _("You sign in without a second factor now."))
            return redirect("desk:account")
        except doors.DoorError as error:
            form.add_error("code", str(error))
    return _factor_page(request, form, status=422)
