"""A feed through eight simulated weeks, in which it does to a collector what feeds do.

    python docs/pictures/weeks.py       # into the desk of BROADSHEET_HOME, which is made where there is none

The outlet and its news are made up, and nothing is fetched. take.py takes a picture of what the desk says
of it; tests/news/test_weeks.py holds it to losing and doubling nothing.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from broadsheet.wire.collect.fetcher import Fetched, Limits
from broadsheet.wire.errors import CollectError

HOME = "https://lantern.example/"
OLD, NEW = "https://lantern.example/rss", "https://lantern.example/news/feed.xml"
DAYS = 56
LISTED = 12  # entries that the feed holds at a time
# the days on which something begins
LIES, RENAMED, DEAD, NOTICE, BACK, MOVED, DROPPED = 14, 20, 26, 32, 35, 42, 50


class Weeks:
    """The web on one day after another: set `day` and `now`, then ask."""

    def __init__(self, begin: datetime) -> None:
        self._begin = begin
        self.day = 0

    @property
    def now(self) -> datetime:
        return self._begin + timedelta(days=self.day)

    @staticmethod
    def headline(number: int) -> str:
        return f"Council of the invented harbour meets for the {number + 1}th time this year"

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        modified: str | None = None,
        limits: Limits | None = None,
    ) -> Fetched:
        """What the outlet answers on this day."""
        moved = NEW if self.day >= MOVED and url == OLD else None
        if url not in (OLD, NEW) or (url == NEW and self.day < MOVED):
            raise CollectError("The server has no such page", at=url, reason="not_found")
        if DEAD <= self.day < NOTICE or (url == OLD and self.day >= DROPPED):
            raise CollectError("The server has no such page", at=url, reason="not_found")
        if LIES <= self.day < RENAMED and etag:
            return Fetched(url, url, 304, {}, b"", self.now)
        body, kind = (self._feed(), "application/rss+xml")
        if NOTICE <= self.day < BACK:
            body, kind = (
                "<html><body><h1>We are rebuilding our site</h1></body></html>",
                "text/html",
            )
        mark = (
            LIES - 1 if LIES <= self.day < RENAMED else self.day
        )  # the lie: what changed has a new one
        headers = {"content-type": kind, "etag": f'"day {mark}"'}
        hops = ((301, moved),) if moved else ()
        return Fetched(url, moved or url, 200, headers, body.encode(), self.now, hops, moved)

    def _feed(self) -> str:
        """The newest stories of the day, one a day; their identifiers are new ones from RENAMED on."""
        items = []
        for number in range(self.day, max(-1, self.day - LISTED), -1):
            day = self._begin + timedelta(days=number, hours=-6)
            scheme = (
                "https://lantern.example/?p=" if self.day >= RENAMED else "tag:lantern.example:"
            )
            items.append(
                f"<item><title>{self.headline(number)}</title><guid isPermaLink='false'>{scheme}{number}"
                f"</guid><link>{HOME}{day:%Y/%m/%d}/council-{number}</link>"
                f"<pubDate>{day:%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>"
            )
        return f"<rss version='2.0'><channel><title>The Lantern</title>{''.join(items)}</channel></rss>"


def simulate(end: datetime) -> int:
    """Visit the feed on every day of the weeks before `end`; returns the number of its stories."""
    # Django has to be set up before its tables are imported
    from broadsheet.news import collecting  # noqa: PLC0415
    from broadsheet.news.models import Feed  # noqa: PLC0415
    from broadsheet.wire import beat as beats  # noqa: PLC0415

    beat = beats.load()
    web = Weeks(end - timedelta(days=DAYS - 1))
    feed = collecting.add("The Lantern", HOME, OLD, language="en")
    for web.day in range(DAYS):
        collecting.visit(Feed.objects.get(pk=feed.pk), web, beat, web.now)
    return DAYS


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.settings")
    import django

    django.setup()
    print(f"{simulate(datetime.now(UTC).replace(microsecond=0))} stories of The Lantern.")
