"""Questions to the shelf."""

from __future__ import annotations

from collections import Counter

from broadsheet.library.models import Resource


def on_shelf(sector: str) -> list[Resource]:
    """The resources of a sector, newest first, those without a date last. One query."""
    # JSON `contains` is not on SQLite; the shelf holds hundreds, so it is read whole.
    found = [r for r in Resource.objects.all() if sector in r.sectors]
    return sorted(found, key=lambda r: (r.date or {}).get("value", ""), reverse=True)


def sectors() -> Counter[str]:
    """How many resources each sector has. One query."""
    return Counter(code for r in Resource.objects.all() for code in r.sectors)
