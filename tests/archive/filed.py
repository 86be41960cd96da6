"""Makers for the archive: an edition of invented items, published and filed."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from broadsheet.issues import filing
from broadsheet.issues.models import Edition, Issue
from broadsheet.wire import dates
from tests import make

NOW = datetime(2019, 7, 1, 9, tzinfo=UTC)
_n = itertools.count(1)


def item(headline: str = "", **but: Any) -> dict[str, Any]:
    """An item as JSON: a news item with its own uid, a day, a source and a link."""
    n = next(_n)
    given = {
        "uid": f"{n:012x}",
        "kind": "article",
        "headline": headline or f"Invented headline {n}",
        "date": {"value": "2019-06-21", "precision": "day", "raw": "21 June 2019", "basis": "typed", "offset": None},
        "source": "The Example Post",
        "summary": f"What item {n} is about.",
        "links": [{"text": "Read the article here.", "url": f"https://post.example/{n}"}],
    }  # fmt: skip
    if isinstance(but.get("date"), str):
        when = dates.typed(but["date"])
        assert when is not None
        but["date"] = {"value": when.value, "precision": when.precision.value, "raw": when.raw,
                       "basis": when.basis, "offset": when.offset}  # fmt: skip
    return given | but


def edition(
    *items: dict[str, Any], month: str = "2019-06", now: datetime = NOW, **but: Any
) -> Issue:
    """A published issue of these items, filed."""
    issue: Issue = make.issue(month, title=but.pop("title", f"Issue of {month}"))
    Issue.objects.filter(pk=issue.pk).update(state="published", published=now)
    issue.refresh_from_db()
    content = {
        "schema": 1, "uid": issue.uid, "version": 1, "newsletter": str(issue.newsletter),
        "title": issue.title, "language": "en",
        "date": {"value": month, "precision": "month", "raw": issue.title, "basis": "issue", "offset": None},
        "sections": [{"heading": "World", "intro": None, "items": list(items)}],
    } | but  # fmt: skip
    filing.file(Edition.objects.create(issue=issue, version=1, content=content, published=now))
    return issue
