"""Makers: each gives a valid thing; a test names only what it is about."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from broadsheet.wire import dates
from broadsheet.wire.model import Article

_n = itertools.count(1)
BEAT = Path(__file__).parent / "beat"


def wire_article(**but: Any) -> Article:
    """An article as a value: its own address, a day in June 2019, one source."""
    n = next(_n)
    given: dict[str, Any] = {
        "headline": f"Headline number {n}",
        "text": f"Text number {n}.",
        "url": f"https://news.example/{n}",
        "published": dates.typed("2019-06-21"),
        "source": "The Example",
        "language": "en",
    }
    return Article(**given | but)
