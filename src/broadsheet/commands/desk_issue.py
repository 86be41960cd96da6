"""What the press needs of an issue at this desk: its text, house style, pictures, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from broadsheet.issues.models import Issue
    from broadsheet.press.house import House
    from broadsheet.wire.edition import Edition

BEARING = ("pdf", "mailchimp")  # the forms that bear their pictures; others ask the desk for them


@dataclass(frozen=True, slots=True)
class Printable:
    """An issue of the desk, ready for the press.

    edition   as it is kept or, of an issue in the making, as it would go out now, and its house style
    elsewhere the same with the whole addresses of its pictures, and of the logo
    """

    edition: Edition
    house: House
    elsewhere: Edition
    house_elsewhere: House
    url: str | None
    pictures: Mapping[str, bytes]

    def prints(self, forms: tuple[str, ...], folder: Path) -> Iterator[Path]:
        """Make the files of each form in `folder`, and name each one that is made."""
        from broadsheet.commands.print import prints

        for form in forms:
            bears = form in BEARING
            edition = self.edition if bears else self.elsewhere
            house = self.house if bears else self.house_elsewhere
            yield from prints(edition, (form,), folder, house, self.url, self.pictures)


def named(name: str, version: int | None = None) -> Printable:
    """The issue of a month, or with this uid: the newest version of one that is out, or the one named."""
    from broadsheet.issues import queries

    found = queries.issues()
    issue = found.filter(uid=name).first() or found.filter(month=name).order_by("-pk").first()
    if issue is None:
        known = ", ".join(dict.fromkeys(found.values_list("month", flat=True))) or "none yet"
        raise click.ClickException(f"There is no issue {name}; there are: {known}.")
    return of(issue, version)


def of(issue: Issue, version: int | None = None) -> Printable:
    """An issue for the press; ClickException where it has no such version."""
    from django.conf import settings
    from django.urls import reverse

    from broadsheet import front
    from broadsheet.issues import compose, house, pictures, queries
    from broadsheet.wire.edition import Edition

    kept = queries.edition(issue.uid, version)
    if kept is None and version is not None:
        raise click.ClickException(f"{issue} has no version {version}.")
    edition = Edition.from_json(kept.content, at=str(kept)) if kept else compose.preview(issue)
    style = house.of(issue.newsletter)
    return Printable(
        edition=edition,
        house=style,
        elsewhere=pictures.placed(edition, elsewhere=True),
        house_elsewhere=house.of(issue.newsletter, settings.ADDRESS),
        url=front.whole(reverse("archive:edition", args=[issue.uid])) if kept else None,
        pictures=pictures.carried(edition, style),
    )
