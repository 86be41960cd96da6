"""Signing in, and writing down who did what."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction

from broadsheet.people.models import Deed, Editor, SignInLink

# Long enough to walk to the other room, short enough that a link in a terminal's scroll is dead.
GOOD_FOR = timedelta(hours=12)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def link_for(editor: Editor, now: datetime) -> str:
    """A new token for a one-time link; whoever has it can sign in as the editor until it expires."""
    token = secrets.token_urlsafe(24)
    SignInLink.objects.create(
        editor=editor, token_hash=_hash(token), made=now, expires=now + GOOD_FOR
    )
    return token


def whose(token: str, now: datetime) -> Editor | None:
    """Whom a token would sign in; None where it is unknown, used or expired. Changes nothing."""
    link = (
        SignInLink.objects.filter(token_hash=_hash(token), used=None, expires__gt=now)
        .select_related("editor")
        .first()
    )
    return link.editor if link and link.editor.is_active else None


@transaction.atomic
def enter(token: str, now: datetime) -> Editor | None:
    """Use a token up. Of two who use it at once only one gets in: compare and set."""
    editor = whose(token, now)
    if editor is None:
        return None
    used = SignInLink.objects.filter(token_hash=_hash(token), used=None).update(used=now)
    if not used:
        return None
    note(editor, "signed in", "by one-time link", now)
    return editor


def note(editor: Editor | None, verb: str, about: str, now: datetime, reason: str = "") -> None:
    """Write a deed down."""
    Deed.objects.create(editor=editor, verb=verb, about=about[:200], reason=reason, at=now)
