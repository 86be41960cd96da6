"""Trying the links of an issue: do they open, have they moved, do readers have to pay?

One address after the other through the desk's one fetcher, with its manners and its bounds. What came
is kept for each address, so that two issues do not ask twice, and a job that was broken off goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Protocol

from broadsheet.issues import queries
from broadsheet.issues.checking import links
from broadsheet.issues.models import Issue, Reached
from broadsheet.news import snapshots
from broadsheet.news.models import Article
from broadsheet.wire import read, urls
from broadsheet.wire.collect import walls
from broadsheet.wire.collect.fetcher import Fetched, Limits
from broadsheet.wire.errors import CollectError, WireError
from broadsheet.wire.model import Page

FRESH = timedelta(hours=20)  # what was tried since then is not asked again
LIMITS = Limits(seconds=15.0, bytes=5_000_000, redirects=6)
JOB = "links"  # its key is the issue's


class Web(Protocol):
    """The Fetcher, or what stands for the web."""

    def get(self, url: str, *, limits: Limits | None = None) -> Fetched: ...


def waiting(issue: Issue, now: datetime) -> list[str]:
    """The addresses of an issue that were not tried lately, in the order of the issue. Four queries."""
    whole = queries.issue(issue.pk)
    if whole is None:
        return []
    wanted = dict.fromkeys(
        url
        for section in whole.sections.all()
        for pick in section.picks.all()
        for url in links.addresses(pick)
    )
    hashes = {links.url_hash(url): url for url in wanted}
    fresh = set(
        Reached.objects.filter(url_hash__in=hashes, at__gt=now - FRESH).values_list(
            "url_hash", flat=True
        )
    )
    return [url for key, url in hashes.items() if key not in fresh]


def progress(issue: Issue, now: datetime) -> tuple[int, int]:
    """How many of the issue's addresses were tried lately, of how many."""
    whole = queries.issue(issue.pk)
    every = {
        url
        for section in (whole.sections.all() if whole else ())
        for pick in section.picks.all()
        for url in links.addresses(pick)
    }
    return len(every) - len(waiting(issue, now)), len(every)


def try_all(issue: Issue, web: Web, now: datetime) -> Iterator[Reached]:
    """Try what was not tried lately; each answer is kept at once."""
    for url in waiting(issue, now):
        yield try_one(url, web, now)


def try_one(url: str, web: Web, now: datetime) -> Reached:
    """Try an address and keep what came; the page too, where a picked article has it and no copy is
    kept yet."""
    state, moved, words = Reached.State.OK, "", ""
    try:
        came = web.get(url, limits=LIMITS)
    except CollectError as error:
        state = Reached.State.WALLED if error.reason == "blocked" else Reached.State.FAILED
        words = str(error)
    else:
        state, moved = _judged(url, came)
        _keep(url, came)
    row, _made = Reached.objects.update_or_create(
        url_hash=links.url_hash(url),
        defaults={"url": url, "state": state, "moved_to": moved, "words": words, "at": now},
    )
    return row


def _judged(url: str, came: Fetched) -> tuple[Reached.State, str]:
    if walls.wall(came.headers, came.body):
        return Reached.State.WALLED, ""
    if came.moved_to and urls.key(came.moved_to) != urls.key(url):
        return Reached.State.MOVED, came.moved_to
    if "html" in came.content_type and _paid(url, came):
        return Reached.State.PAYWALLED, ""
    return Reached.State.OK, ""


def _paid(url: str, came: Fetched) -> bool:
    try:
        page = Page(url=came.final_url, body=came.body, content_type=came.content_type)
        return read.read(page).paywalled
    except WireError:
        return False


def _keep(url: str, came: Fetched) -> None:
    article = Article.objects.filter(url=url, story__picks__isnull=False, snapshot=None).first()
    if article is not None:
        snapshots.keep(article, came)
