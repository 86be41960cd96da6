"""What every page of the desk says, whoever shows it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest

from broadsheet.issues import queries


def sample(request: HttpRequest) -> dict[str, Callable[[], bool]]:
    """Whether the desk works on an invented month; looked up only where a template asks."""
    return {"is_sample_desk": queries.is_sample}
