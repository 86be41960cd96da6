"""What was published, counted: see news/figures.py for what is counted and what never is."""

from __future__ import annotations

from broadsheet.issues import queries
from broadsheet.news.figures import Counted
from broadsheet.wire.edition import Edition, Kind


def published(period: str = "") -> list[Counted]:
    """The news items of all published issues, or of a year ("2019") or month ("2019-06"). One query.

    Of each issue its newest version; highlights, resources and notices are no coverage.
    """
    counted = []
    for row in queries.editions().filter(issue__month__startswith=period):
        edition = Edition.from_json(row.content, at=str(row))
        counted += [
            Counted(row.issue.month, item.codes, item.places, item.source or "")
            for item in edition.items()
            if item.kind is Kind.ARTICLE
        ]
    return counted


def periods() -> tuple[list[str], list[str]]:
    """The years and the months of published issues, the newest first. One query."""
    months = list(queries.editions().values_list("issue__month", flat=True))
    return sorted({m[:4] for m in months}, reverse=True), months
