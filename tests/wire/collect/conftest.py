from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from broadsheet.wire.collect import Fetcher
from tests.wire.collect.site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as one:
        yield one


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def a_fetcher(clock: Clock) -> Iterator[Callable[..., Fetcher]]:
    """Makes fetchers that may speak to loopback and never really wait."""
    made: list[Fetcher] = []

    def make(**but: Any) -> Fetcher:
        given: dict[str, Any] = {
            "contact": "desk@charity.example",
            "allowed": ["127.0.0.0/8"],
            "delay": 0.0,
            "clock": clock,
            "sleep": clock.sleep,
            "chance": lambda: 0.5,
        }
        made.append(Fetcher(**given | but))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def fetcher(a_fetcher: Callable[..., Fetcher]) -> Fetcher:
    return a_fetcher()
