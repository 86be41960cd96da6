"""A feed that lies with 304, changes its identifiers, dies, shows a notice, comes back and moves."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from broadsheet.news import coverage
from broadsheet.news.models import Article, Feed

pytestmark = pytest.mark.django_db
WEEKS = Path(__file__).parent.parent.parent / "docs/pictures/weeks.py"


def weeks() -> Any:
    spec = importlib.util.spec_from_file_location("weeks", WEEKS)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.slow
def test_over_eight_weeks_nothing_is_lost_or_doubled_and_the_desk_says_what_happened() -> None:
    told = weeks()
    end = datetime(2026, 6, 30, 12, tzinfo=UTC)
    stories = told.simulate(end)
    headlines = list(Article.objects.values_list("headline", flat=True))
    assert sorted(headlines) == sorted(told.Weeks.headline(number) for number in range(stories))
    assert Feed.objects.get().url == told.NEW
    (how,) = coverage.healths(end)
    assert how.report.level == "well"
    said = " ".join(event.words for event in how.report.events)
    for words in (
        "There is nothing at this address any more.",
        "A page comes instead of a feed.",
        "It came back after 9 days.",
        f"We now ask {told.NEW}, to which it had moved.",
    ):
        assert words in said
    assert "304" in said or "not changed" in said
    assert said.count("identifiers") == 1
