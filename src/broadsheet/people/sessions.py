"""Sessions that know whose they are, so that somebody can see where they are signed in and end it.

Django's own database sessions with an owner (docs.djangoproject.com, "Extending database-backed
session engines"). Settings name this module as SESSION_ENGINE.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as Kept
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from broadsheet.people.models import Editor, Session

# How exact "last used" is: so that reading pages writes at most once in five minutes.
EVERY = timedelta(minutes=5)
DEVICE = "device"
BEGAN = "began"
MUST_SET_UP = "must set up a second factor"
BY_LINK = "came by a link"  # may set a password without the old one
HALF = "half in"  # the password was right, the second factor is still to come


class SessionStore(Kept):
    """A session as kept. `last_used` is None where it was not loaded from its row."""

    last_used: datetime | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Any:
        row = super()._get_session_from_db()  # type: ignore[misc]  # not in the stubs
        self.last_used = row.last_used if row is not None else None
        return row

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row: Session = super().create_model_instance(data)  # type: ignore[assignment]
        now = timezone.now()
        owner = data.get("_auth_user_id")
        row.editor_id = int(owner) if owner else None
        row.device = str(data.get(DEVICE, ""))[:80]
        row.began = datetime.fromisoformat(data[BEGAN]) if BEGAN in data else now
        row.last_used = now
        return row


def used(session: SessionBase, now: datetime) -> None:
    """Remember that a session is in use, to within five minutes."""
    last = getattr(session, "last_used", None)
    if last is not None and now - last > EVERY:
        Session.objects.filter(pk=session.session_key).update(last_used=now)


def of(editor: Editor, now: datetime) -> QuerySet[Session]:
    """Where somebody is signed in, the one used last first."""
    return Session.objects.filter(editor=editor, expire_date__gt=now).order_by("-last_used", "pk")


def end(editor: Editor, name: str) -> bool:
    """End one of somebody's sessions, by its public name; the browser is out at its next request."""
    for row in Session.objects.filter(editor=editor):
        if public(row) == name:
            return bool(Session.objects.filter(pk=row.pk).delete()[0])
    return False


def end_all(editor: Editor, but: str | None = None) -> int:
    """End all of somebody's sessions, except the one that asks."""
    return Session.objects.filter(editor=editor).exclude(pk=but or "").delete()[0]


def public(row: Session) -> str:
    """A name for a session that may stand on a page: its key is as good as a password."""
    return salted_hmac("a session's public name", str(row.pk)).hexdigest()[:16]


def sweep(now: datetime) -> int:
    """Drop the sessions that have run out."""
    return Session.objects.filter(expire_date__lt=now).delete()[0]
