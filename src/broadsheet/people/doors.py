"""Signing in: by a link that works once, or by a password; then by a second factor where there is one."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from broadsheet.people import errors, limits, log, sessions
from broadsheet.people.models import Editor, SignInLink

note, DoorError = log.note, errors.DoorError  # what faces know of this module

# Long enough to walk to the other room, short enough that a link in a terminal's scroll is dead.
GOOD_FOR = timedelta(hours=12)
# A link that travels by mail lies in a mailbox for good.
MAILED_FOR = timedelta(hours=1)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def link_for(editor: Editor, now: datetime, good_for: timedelta = GOOD_FOR) -> str:
    """A new token for a one-time link; whoever has it can sign in as the editor until it expires."""
    token = secrets.token_urlsafe(24)
    SignInLink.objects.create(
        editor=editor, token_hash=hash_of(token), made=now, expires=now + good_for
    )
    return token


def whose(token: str, now: datetime) -> Editor | None:
    """Whom a token would sign in; None where it is unknown, used or expired. Changes nothing."""
    link = (
        SignInLink.objects.filter(token_hash=hash_of(token), used=None, expires__gt=now)
        .select_related("editor")
        .first()
    )
    return link.editor if link and link.editor.is_active else None


@transaction.atomic
def enter(token: str, now: datetime) -> Editor | None:
    """Use a token up. Of two who use it at once only one gets in: compare and set.

    Who has a second factor is not in yet: the caller asks for it, then calls `came_in`.
    """
    editor = whose(token, now)
    if editor is None:
        return None
    used = SignInLink.objects.filter(token_hash=hash_of(token), used=None).update(used=now)
    if not used:
        return None
    return editor


def came_in(editor: Editor, how: str, now: datetime) -> None:
    """Write down that somebody is in, all their factors shown."""
    Editor.objects.filter(pk=editor.pk).update(last_login=now)
    note(editor, "signed in", how, now)


def by_password(name: str, password: str, address: str, now: datetime) -> Editor:
    """Whom a name (or mail address) and password let in, `address` being the browser's.

    Raises DoorError in the same words, after the same work, whether the account, the password or the
    editor's being here is what is wrong.
    """
    known = find(name)
    # A name and the mail address of one person are one account, with one count.
    account = str(known.pk) if known else name
    here = f"{account} from {address}"
    wait = (
        limits.knock(limits.ADDRESS, address, now)
        or limits.knock(limits.ACCOUNT, here, now)
        or limits.knock(limits.EVERYWHERE, account, now)
    )
    if wait:
        raise errors.WaitError(limits.words(wait))
    if known is None:
        Editor().set_password(password)  # takes as long as looking at a real one
    if known is None or not known.check_password(password) or not known.is_active:
        limits.failed("name and password", account, address, now)
        raise DoorError(_no())
    limits.forgive(limits.ACCOUNT, here)
    return known


def find(name: str) -> Editor | None:
    """An editor by name or mail address; of those who left, too."""
    wanted = name.strip()
    if not wanted or "\x00" in wanted:
        return None
    found = Editor.objects.filter(Q(name=wanted) | Q(email__iexact=wanted)).order_by("pk")
    # A name that looks like another's address does not get that one's account.
    return next((one for one in found if one.name == wanted), None) or found.first()


def set_password(
    editor: Editor, new: str, now: datetime, *, old: str | None, session: str | None
) -> None:
    """Give an editor a new password, and end all their other sessions.

    `old` is None where they came by a link and need not know it. Raises DoorError, or
    Django's ValidationError where the new one is too easy to guess.
    """
    if old is not None and editor.has_usable_password():
        wait = limits.knock(limits.ACCOUNT, str(editor.pk), now)
        if wait:
            raise errors.WaitError(limits.words(wait))
        if not editor.check_password(old):
            raise DoorError(_("That is not your present password."))
        limits.forgive(limits.ACCOUNT, str(editor.pk))
    validate_password(new, editor)
    with transaction.atomic():
        editor.set_password(new)
        editor.save(update_fields=["password"])
        SignInLink.objects.filter(editor=editor, used=None).update(used=now)
        ended = sessions.end_all(editor, but=session)
        note(editor, "set a password", f"and ended {ended} other sessions", now)


def _no() -> str:
    return _("Name and password do not go together. Look at both, or sign in by a link.")
