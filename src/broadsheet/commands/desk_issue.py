"""An issue of this desk, found by its month or uid and printed into files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from broadsheet.issues.models import Issue, Newsletter
    from broadsheet.wire.edition import Edition

BEARING = ("pdf", "mailchimp")  # the forms that bear their pictures; others ask the desk for them


@dataclass(frozen=True, slots=True)
class Found:
    """An edition of the desk: as it is kept or, of an issue in the making, as it would go out now.

    url  where readers find it; None while it is in the making
    """

    edition: Edition
    newsletter: Newsletter
    url: str | None

    def prints(self, forms: tuple[str, ...], folder: Path) -> Iterator[Path]:
        """Make the files of each form in `folder`, and name each one that is made."""
        from broadsheet.commands.print import prints
        from broadsheet.issues import printing

        for form in forms:
            ready = (printing.bearing if form in BEARING else printing.elsewhere)(
                self.edition, self.newsletter
            )
            yield from prints(ready.edition, (form,), folder, ready.house, self.url, ready.pictures)


def named(name: str, version: int | None = None) -> Found:
    """The issue of a month, or with this uid: the newest version of one that is out, or the one named."""
    from broadsheet.issues import queries

    found = queries.issues()
    issue = found.filter(uid=name).first() or found.filter(month=name).order_by("-pk").first()
    if issue is None:
        known = ", ".join(dict.fromkeys(found.values_list("month", flat=True))) or "none yet"
        raise click.ClickException(f"There is no issue {name}; there are: {known}.")
    return of(issue, version)


def of(issue: Issue, version: int | None = None) -> Found:
    """The newest kept version of an issue, or the one named; ClickException where it has no such version."""
    from django.urls import reverse

    from broadsheet import front
    from broadsheet.issues import printing, queries

    kept = queries.edition(issue.uid, version)
    if kept is None and version is not None:
        raise click.ClickException(f"{issue} has no version {version}.")
    return Found(
        edition=printing.edition(issue, kept),
        newsletter=issue.newsletter,
        url=front.whole(reverse("archive:edition", args=[issue.uid])) if kept else None,
    )
