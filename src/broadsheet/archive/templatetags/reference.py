"""What the reference pages print in words."""

from __future__ import annotations

from django import template

from broadsheet.library import tip

register = template.Library()


@register.filter
def tier(key: str | None) -> str:
    """A tier as readers know it: "2WL" is "Tier 2 Watch List"; empty for None."""
    return str(tip.LABELS.get(key, key)) if key else ""
