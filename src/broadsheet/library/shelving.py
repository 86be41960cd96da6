"""Putting things on the shelf."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.library.models import Resource, Tier
from broadsheet.people import doors
from broadsheet.people.models import Editor
from broadsheet.wire.beat import Resource as BeatResource
from broadsheet.wire.beat import Tier as BeatTier
from broadsheet.wire.model import row


def stock(resources: Iterable[BeatResource]) -> int:
    """Shelve what the beat brings; a resource that is there already stays as the desk keeps it.

    Returns how many were new.
    """
    new = 0
    for resource in resources:
        _, made = Resource.objects.get_or_create(
            title=resource.title,
            publisher=resource.publisher,
            defaults={
                "kind": resource.kind,
                "description": resource.description,
                "sectors": list(resource.sectors),
                "date": row(resource.date) if resource.date else None,
                "url": resource.url or "",
                "url_status": resource.url_status,
                "language": resource.language,
                "audience": resource.audience,
                "cost": resource.cost,
                "from_beat": True,
            },
        )
        new += made
    return new


def tiers(found: Iterable[BeatTier]) -> None:
    """Keep the tiers; a row for the same country and year is kept as it is."""
    Tier.objects.bulk_create(
        (
            Tier(
                iso3=t.iso3,
                country=t.country,
                year=t.year,
                tier=t.tier,
                status=t.status,
                source=t.source,
            )
            for t in found
        ),
        ignore_conflicts=True,
        batch_size=500,
    )


class ShelvingError(Exception):
    """It cannot be kept; `str()` is a sentence that the editor can act on."""


@transaction.atomic
def put(resource: Resource | None, editor: Editor | None, now: datetime, **words: Any) -> Resource:
    """Put a resource on the shelf, or change one. ShelvingError where there is one of that name already."""
    made = resource or Resource()
    for name, value in words.items():
        setattr(made, name, value)
    twin = Resource.objects.filter(title=made.title, publisher=made.publisher)
    if twin.exclude(pk=made.pk).exists():
        raise ShelvingError(
            _("“%(title)s” of %(publisher)s is on the shelf already.")
            % {"title": made.title, "publisher": made.publisher}
        )
    made.save()
    doors.note(editor, "changed the shelf" if resource else "shelved", str(made), now)
    return made


@transaction.atomic
def checked(resource: Resource, opened: bool, editor: Editor | None, now: datetime) -> Resource:
    """Somebody opened the address today: the resource stood there, or it did not."""
    resource.url_status = "checked" if opened else "dead"
    resource.checked = timezone.localdate(now)
    resource.save(update_fields=["url_status", "checked"])
    doors.note(editor, "opened a resource", f"{resource}: {resource.url_status}", now)
    return resource


@transaction.atomic
def take_down(resource: Resource, editor: Editor | None, now: datetime) -> None:
    """Take a resource off the shelf. ShelvingError where an issue prints it: that would lose its item."""
    try:
        resource.delete()
    except ProtectedError:
        raise ShelvingError(
            _("“%(title)s” stands in an issue, so it stays on the shelf.")
            % {"title": resource.title}
        ) from None
    doors.note(editor, "took off the shelf", str(resource), now)
