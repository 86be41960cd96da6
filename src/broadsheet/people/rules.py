"""What the desk has laid down for itself."""

from __future__ import annotations

from typing import Any

from broadsheet.people.models import Rules


def current() -> Rules:
    """The desk's rules; those of a desk that has laid nothing down yet are the defaults."""
    return Rules.objects.filter(pk=1).first() or Rules()


def lay_down(**changed: Any) -> Rules:
    """Change some of the rules."""
    return Rules.objects.update_or_create(pk=1, defaults=changed)[0]
