"""What each role may do: the one table, from which the desk's pages, its words and its docs are made.

docs/people.md prints the same table; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Who somebody is at the desk. Each role may all that the ones below it may."""

    ADMINISTRATOR = "administrator", _("administrator")
    EDITOR = "editor", _("editor")
    CONTRIBUTOR = "contributor", _("contributor")
    READER = "reader", _("reader of drafts")


class May(StrEnum):
    """What can be allowed or refused."""

    READ = "read"  # stories, drafts, sources, comments
    COMMENT = "comment"  # say something beside a draft
    WRITE = "write"  # take, leave, add, write drafts
    PUBLISH = "publish"  # sign off, publish, correct
    SEND = "send"  # have an edition sent to subscribers
    COLLECT = "collect"  # change what is collected, and what the desk has learned
    ADMINISTER = "administer"  # people, settings, mailboxes, the whole log


_READER = frozenset({May.READ, May.COMMENT})
_CONTRIBUTOR = _READER | {May.WRITE}
_EDITOR = _CONTRIBUTOR | {May.PUBLISH, May.SEND, May.COLLECT}
_ADMINISTRATOR = _EDITOR | {May.ADMINISTER}

ALLOWED: Mapping[str, frozenset[May]] = MappingProxyType(
    {
        Role.READER: _READER,
        Role.CONTRIBUTOR: _CONTRIBUTOR,
        Role.EDITOR: _EDITOR,
        Role.ADMINISTRATOR: _ADMINISTRATOR,
    }
)

WORDS: Mapping[May, Promise] = MappingProxyType(
    {
        May.READ: _("Read stories, drafts, sources and comments"),
        May.COMMENT: _("Comment on drafts"),
        May.WRITE: _("Take and leave stories, add news, write drafts"),
        May.PUBLISH: _("Sign off, publish and correct issues"),
        May.SEND: _("Have an edition sent"),
        May.COLLECT: _("Change sources, and what the desk has learned"),
        May.ADMINISTER: _("Invite people, give roles, set the desk up, read the whole log"),
    }
)


def may(role: str, what: May) -> bool:
    """Whether a role may do this; an unknown role may nothing."""
    return what in ALLOWED.get(role, frozenset())
