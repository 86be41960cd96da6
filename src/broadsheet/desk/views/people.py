"""Who works at the desk: invite, give a role, let go; and coming by an invitation."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from broadsheet.desk import access
from broadsheet.desk.people_forms import ComeForm, InviteForm
from broadsheet.desk.views.door import absolute, in_or_code, organisation
from broadsheet.people import doors, inviting, letters, roles, rules, sessions
from broadsheet.people.models import App, Editor, Invitation
from broadsheet.people.roles import May


@access.allows(May.ADMINISTER, "GET")
def people(request: HttpRequest) -> HttpResponse:
    """Who works here, who is invited, and what each role may."""
    return _page(request, InviteForm())


def _page(
    request: HttpRequest, form: InviteForm, *, link: str = "", to: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    with_factor = set(App.objects.filter(confirmed=True).values_list("user_id", flat=True))
    context = {
        "here": "people",
        "rows": [(one, one.pk in with_factor) for one in inviting.everybody()],
        "invitations": inviting.open_invitations(now),
        "form": form,
        "link": link,
        "to": to,
        "mail": letters.possible(),
        "roles": roles.Role.choices,
        "table": role_table(),
        "rules": rules.current(),
    }
    return render(request, "desk/people.html", context, status=status)


def role_table() -> list[tuple[str, list[tuple[str, bool]]]]:
    """What each role may, row by row, in words: the page prints what the code asks."""
    return [
        (str(words), [(str(label), roles.may(role, what)) for role, label in roles.Role.choices])
        for what, words in roles.WORDS.items()
    ]


@access.administers
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody by mail; where there is no mail server, the link is shown to hand over."""
    form, who, now = InviteForm(request.POST), access.editor(request), timezone.now()
    if not form.is_valid():
        return _page(request, form, status=422)
    to = form.cleaned_data["email"]
    try:
        made, token = inviting.invite(to, form.cleaned_data["role"], who, now)
    except doors.DoorError as error:
        form.add_error("email", str(error))
        return _page(request, form, status=422)
    link = absolute("desk:come", token)
    if letters.possible():
        try:
            letters.invitation(to, who.name, organisation(), link, inviting.GOOD_FOR.days)
        except doors.DoorError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("An invitation is on its way to %(to)s.") % {"to": to})
            return redirect("desk:people")
    # Shown once, in the answer itself: its token stands nowhere else in clear.
    return _page(request, InviteForm(), link=link, to=made.email)


@access.administers
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Invitation, pk=pk)
    inviting.take_back(found, access.editor(request), timezone.now())
    messages.success(
        request, _("The invitation for %(to)s does not work any more.") % {"to": found.email}
    )
    return redirect("desk:people")


@access.administers
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role, let go, take in again, take a second factor off, or end the sessions of somebody."""
    editor, who, now = get_object_or_404(Editor, pk=pk), access.editor(request), timezone.now()
    why = request.POST.get("reason", "").strip()[:2000]
    done = ""
    try:
        match request.POST.get("do"):
            case "role":
                inviting.give_role(editor, request.POST.get("role", ""), who, now, why)
                done = _("%(name)s has the role now.")
            case "let_go":
                inviting.let_go(editor, who, now, why)
                done = _("%(name)s is out, in all browsers.")
            case "take_in":
                inviting.take_in_again(editor, who, now)
                done = _("%(name)s works here again.")
            case "factor":
                inviting.take_factor_off(editor, who, now, why)
                done = _("%(name)s signs in without a second factor now.")
            case "end":
                ended = sessions.end_all(editor)
                doors.note(who, "ended sessions", f"{ended} of {editor}", now, why)
                done = _("%(name)s must sign in again, everywhere.")
            case "link":
                if not editor.is_active:
                    raise doors.DoorError(_("Take this person in again first."))
                token = doors.link_for(editor, now)
                doors.note(who, "made a link", f"to sign in as {editor}", now, why)
                return _page(
                    request, InviteForm(), link=absolute("desk:enter", token), to=editor.name
                )
            case _other:
                raise doors.DoorError(_("Nothing was chosen."))
    except doors.DoorError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done % {"name": editor.name})
    return redirect("desk:people")


@access.administers
def lay_down(request: HttpRequest) -> HttpResponse:
    """Whether everybody must have a second factor."""
    wanted = request.POST.get("second_factor") == "yes"
    rules.lay_down(second_factor=wanted)
    words = (
        "everybody has a second factor" if wanted else "a second factor is everybody's own choice"
    )
    doors.note(access.editor(request), "laid down", words, timezone.now())
    messages.success(
        request,
        _("From their next signing in, everybody sets up a second factor.")
        if wanted
        else _("A second factor is everybody’s own choice now."),
    )
    return redirect("desk:people")


@access.anyone
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password")
def come(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: choose a name and a password. GET uses nothing up."""
    now = timezone.now()
    found = inviting.invited(token, now)
    if found is None:
        return render(request, "desk/come.html", {"invitation": None}, status=410)
    form = ComeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        name, password = " ".join(form.cleaned_data["name"].split()), form.cleaned_data["password"]
        try:
            editor = inviting.accept(token, name, password, now)
        except doors.DoorError as error:
            form.add_error("name", str(error))
        except ValidationError as error:
            form.add_error("password", error)
        else:
            return in_or_code(request, editor, "by an invitation")
    status = 422 if form.errors else 200
    context = {"invitation": found, "form": form, "organisation": organisation()}
    return render(request, "desk/come.html", context, status=status)
