"""An issue as the press takes it: its edition, its house style, and where its pictures are found.

A print that bears its pictures needs their bytes; one that is read on another host needs the whole
addresses of them; one that the desk itself shows needs the path that the desk stands at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.conf import settings

from broadsheet.issues import compose, house, pictures
from broadsheet.issues import models as rows
from broadsheet.press.house import House
from broadsheet.wire.edition import Edition


@dataclass(frozen=True, slots=True)
class Printable:
    """What the press is handed. `pictures` holds bytes by address, where the print bears them."""

    edition: Edition
    house: House
    pictures: Mapping[str, bytes] = field(default_factory=dict)


def edition(issue: rows.Issue, kept: rows.Edition | None) -> Edition:
    """What was kept; where that is None, the issue as it would go out now (ComposeError where it cannot)."""
    return Edition.from_json(kept.content, at=str(kept)) if kept else compose.preview(issue)


def bearing(edition: Edition, newsletter: rows.Newsletter) -> Printable:
    """For prints that bear their pictures: PDF, a zip."""
    style = house.of(newsletter)
    return Printable(edition, style, pictures.carried(edition, style))


def elsewhere(edition: Edition, newsletter: rows.Newsletter) -> Printable:
    """For prints that are read on another host and ask the desk for their pictures."""
    return Printable(
        pictures.placed(edition, elsewhere=True), house.of(newsletter, settings.ADDRESS)
    )


def here(edition: Edition, newsletter: rows.Newsletter) -> Printable:
    """For prints that the desk itself shows."""
    return Printable(pictures.placed(edition), house.of(newsletter, settings.PATH))
