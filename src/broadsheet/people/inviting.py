"""Who works here: invite, give a role, let go, take back in."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from broadsheet.people import factors, roles, sessions
from broadsheet.people.doors import hash_of, note
from broadsheet.people.errors import DoorError
from broadsheet.people.models import Editor, Invitation, SignInLink

GOOD_FOR = timedelta(days=7)  # over a weekend and a sick day


def everybody() -> QuerySet[Editor]:
    """All who work or worked here, who left last."""
    return Editor.objects.order_by("-is_active", "name")


def open_invitations(now: datetime) -> QuerySet[Invitation]:
    return (
        Invitation.objects.filter(used=None, taken_back=None, expires__gt=now)
        .select_related("invited_by")
        .order_by("made")
    )


@transaction.atomic
def invite(email: str, role: str, by: Editor, now: datetime) -> tuple[Invitation, str]:
    """An invitation and the token of its link. An earlier one to the same address ends.

    Raises DoorError where somebody of that address works here.
    """
    if role not in roles.Role.values:
        raise DoorError(_("There is no such role."))
    if Editor.objects.filter(email__iexact=email, is_active=True).exists():
        raise DoorError(_("Somebody with this address works at the desk already."))
    Invitation.objects.filter(email__iexact=email, used=None, taken_back=None).update(
        taken_back=now
    )
    token = secrets.token_urlsafe(24)
    made = Invitation.objects.create(
        email=email,
        role=role,
        token_hash=hash_of(token),
        made=now,
        expires=now + GOOD_FOR,
        invited_by=by,
    )
    note(by, "invited", f"{email} as {role}", now)
    return made, token


def invited(token: str, now: datetime) -> Invitation | None:
    """The invitation behind a link; None where it is unknown, used, taken back or over."""
    return (
        Invitation.objects.filter(
            token_hash=hash_of(token), used=None, taken_back=None, expires__gt=now
        )
        .select_related("invited_by")
        .first()
    )


def accept(token: str, name: str, password: str, now: datetime) -> Editor:
    """Somebody comes: of two who use one link only one does.

    Raises DoorError, or Django's ValidationError where the password is too easy to guess.
    """
    found = invited(token, now)
    if found is None:
        raise DoorError(_("This invitation does not work any more. Ask for a new one."))
    taken = _("Somebody at this desk has that name. Add a letter of your surname.")
    former = Editor.objects.filter(email__iexact=found.email).first()
    named = Editor.objects.filter(name=name).first()
    if named is not None and named != former:
        raise DoorError(taken)
    validate_password(password, Editor(name=name, email=found.email))
    try:
        with transaction.atomic():
            # Somebody who was let go and is invited again is the same person, with the same log.
            editor = former or Editor(email=found.email)
            editor.name, editor.role, editor.is_active = name, found.role, True
            editor.set_password(password)
            editor.save()
            if not Invitation.objects.filter(pk=found.pk, used=None, taken_back=None).update(
                used=now, came=editor
            ):
                raise DoorError(
                    _("This invitation was used at the same moment. Ask for a new one.")
                )
            note(editor, "came", f"as {found.role}, invited by {found.invited_by}", now)
    except IntegrityError as error:
        raise DoorError(taken) from error
    return editor


@transaction.atomic
def take_back(invitation: Invitation, by: Editor, now: datetime) -> None:
    """End an invitation that nobody has used."""
    if Invitation.objects.filter(pk=invitation.pk, used=None, taken_back=None).update(
        taken_back=now
    ):
        note(by, "took an invitation back", invitation.email, now)


@transaction.atomic
def give_role(editor: Editor, role: str, by: Editor, now: datetime, reason: str = "") -> None:
    """Give somebody another role; it holds from their next click. Raises DoorError."""
    if role not in roles.Role.values:
        raise DoorError(_("There is no such role."))
    if role == editor.role:
        return
    if role != roles.Role.ADMINISTRATOR:
        _not_the_last(editor)
    Editor.objects.filter(pk=editor.pk).update(role=role)
    note(by, "gave a role", f"{editor}: {editor.role} to {role}", now, reason)


@transaction.atomic
def let_go(editor: Editor, by: Editor, now: datetime, reason: str = "") -> None:
    """Somebody works here no more: out at once, in all browsers; what they did stays in the log."""
    _not_the_last(editor)
    Editor.objects.filter(pk=editor.pk).update(is_active=False)
    SignInLink.objects.filter(editor=editor, used=None).update(used=now)
    sessions.end_all(editor)
    note(by, "let go", str(editor), now, reason)


@transaction.atomic
def take_in_again(editor: Editor, by: Editor, now: datetime) -> None:
    """Somebody who was let go works here again, with the role and password they had."""
    Editor.objects.filter(pk=editor.pk).update(is_active=True)
    note(by, "took in again", str(editor), now)


@transaction.atomic
def take_factor_off(editor: Editor, by: Editor, now: datetime, reason: str = "") -> None:
    """Somebody lost phone and codes: they sign in without, and end up with a new one."""
    factors.off(editor)
    sessions.end_all(editor)
    note(by, "took a second factor off", str(editor), now, reason)


def _not_the_last(editor: Editor) -> None:
    """A desk without an administrator could never get one again. Locks the administrators' rows."""
    others = (
        Editor.objects.select_for_update()
        .filter(role=roles.Role.ADMINISTRATOR, is_active=True)
        .order_by("pk")
    )
    if editor.pk in {one.pk for one in others} and len(others) == 1:
        raise DoorError(
            _("%(name)s is the only administrator. Make somebody else one first.")
            % {"name": editor.name}
        )
