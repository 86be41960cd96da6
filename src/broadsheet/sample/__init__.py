"""An invented month of news, as files: pages, feeds and pictures at made-up `.example` addresses.

For a first look at the desk, for tests, and for trying a change by hand. Nothing in it happened; every
page says so. `build.py` writes the files under `month/` from `stories/`; this module only reads them.
No network, no clock.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from importlib import resources as package
from pathlib import Path
from typing import Any

import yaml

from broadsheet.wire import beat as beats
from broadsheet.wire.beat import Beat, Resource
from broadsheet.wire.model import Page

MONTH = "2026-06"
NOTICE = "Invented sample for Broadsheet: nothing here happened."
# The evening of the month's last day in the home place: when the sample desk looks at its month.
NOW = datetime(2026, 6, 30, 20, 0, tzinfo=timezone(timedelta(hours=8)))


@dataclass(frozen=True, slots=True)
class SampleSource:
    """An outlet's feed. `broken` is None, or says how the feed goes wrong.

    type    rss, atom, json or sitemap: what the outlet says it is
    broken  "cut_short", "empty" or "html"
    zone    the outlet's time zone by its IANA name
    """

    name: str
    url: str  # of the outlet's front page
    feed: str
    type: str
    language: str
    country: str  # ISO 3166-1 alpha-2
    zone: str
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answers. `of` is page, feed, front or picture."""

    url: str
    file: str
    content_type: str
    of: str
    status: int = 200

    @property
    def body(self) -> bytes:
        return (folder() / self.file).read_bytes()


def folder() -> Path:
    """Where the files of the month lie."""
    return Path(str(package.files("broadsheet.sample") / "month"))


@functools.lru_cache(maxsize=1)
def _manifest() -> dict[str, Any]:
    text = (folder() / "manifest.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    return loaded


@functools.lru_cache(maxsize=1)
def _answers() -> dict[str, Answer]:
    return {given["url"]: Answer(**given) for given in _manifest()["answers"]}


def sources() -> list[SampleSource]:
    """The outlets' feeds, the broken ones last."""
    return [SampleSource(**given) for given in _manifest()["sources"]]


def answers() -> list[Answer]:
    """Everything that the made-up web answers."""
    return list(_answers().values())


def answer(url: str) -> Answer | None:
    """What the address answers; None where nothing is there. Fragments are not looked at."""
    return _answers().get(url.partition("#")[0])


def fetch(url: str) -> bytes | None:
    """The bytes at an address; None where nothing is there."""
    found = answer(url)
    return found.body if found else None


def pages() -> Iterator[Page]:
    """Every article page of the month as it would come from its server, in the manifest's order.

    The page behind the wall is among them. All were fetched at `NOW`.
    """
    for found in answers():
        if found.of == "page":
            yield Page(found.url, found.body, found.content_type, NOW)


def resources(beat: Beat) -> tuple[Resource, ...]:
    """Four invented resources for one sector of the shipped beat."""
    path = Path(str(package.files("broadsheet.sample") / "resources.yaml"))
    return beats.resources_in(path, beat.taxonomy)
