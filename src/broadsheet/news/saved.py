"""Searches of the inbox that editors keep under a name."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from broadsheet.news.finding import KEYS
from broadsheet.news.models import SavedSearch
from broadsheet.people.models import Editor
from broadsheet.search import QueryError, read

MOST = 20  # of one editor: each is counted when the list is looked at


class SavedError(Exception):
    """It cannot be kept; `str()` is a sentence for the editor."""


def visible(editor: Editor) -> QuerySet[SavedSearch]:
    """An editor's own searches and those that others share, by name. One query."""
    found = SavedSearch.objects.filter(Q(editor=editor) | Q(shared=True))
    return found.select_related("editor").order_by("name", "pk")[: 3 * MOST]


@transaction.atomic
def keep(name: str, query: str, editor: Editor, *, shared: bool = False) -> SavedSearch:
    """Keep a search; an own one of the same name is replaced. SavedError where it cannot be read."""
    name = " ".join(name.split())[:60]
    if not name:
        raise SavedError(_("Give the search a name."))
    try:
        if read(query, KEYS) is None:
            raise SavedError(_("Write what to search for first, then keep it."))
    except QueryError as error:
        raise SavedError(str(error)) from error
    own = SavedSearch.objects.filter(editor=editor)
    if not own.filter(name=name).exists() and own.count() >= MOST:
        raise SavedError(
            _("You keep {most} searches already. Drop one that you no longer need.").format(
                most=MOST
            )
        )
    kept, _made = SavedSearch.objects.update_or_create(
        editor=editor, name=name, defaults={"query": query.strip(), "shared": shared}
    )
    return kept


def drop(search: SavedSearch, editor: Editor) -> None:
    """Drop a search: one's own, or a shared one where one may publish."""
    if search.editor_id != editor.pk and not (search.shared and editor.may_publish):
        raise SavedError(
            _("That is {name}’s own search. Ask them to drop it.").format(name=search.editor.name)
        )
    search.delete()
