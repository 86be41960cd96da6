"""Putting things on the shelf."""

from __future__ import annotations

from collections.abc import Iterable

from broadsheet.library.models import Resource, Tier
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
