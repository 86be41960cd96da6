"""The web, for an editor who waits for a page: bounded in time; at a sample desk the sample's own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from broadsheet.issues import queries
from broadsheet.sample.web import SampleWeb
from broadsheet.wire import urls
from broadsheet.wire.collect.fetcher import KIND, Fetched, Fetcher, Limits
from broadsheet.wire.errors import CollectError

# An editor waits for the answer: half a minute for thirty links, ten seconds for the slowest.
PATIENCE = 45.0  # seconds for all exchanges together
EACH = Limits(seconds=10.0, bytes=5_000_000, redirects=6)


class Hurried:
    """What does not come in time is told so. `made_up` answers the addresses that nobody has."""

    def __init__(self, fetcher: Fetcher, made_up: SampleWeb | None = None) -> None:
        self._fetcher = fetcher
        self._made_up = made_up
        self._end = time.monotonic() + PATIENCE

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        modified: str | None = None,
        limits: Limits | None = None,
        kind: str = KIND,
    ) -> Fetched:
        if self._made_up is not None and urls.host(url).endswith(".example"):
            return self._made_up.get(url)
        if time.monotonic() > self._end:
            raise CollectError(
                "Not read in time",
                at=url,
                reason="timeout",
                hint="Open it and write the summary by hand.",
            )
        return self._fetcher.get(
            url, etag=etag, modified=modified, limits=limits or EACH, kind=kind
        )


@contextmanager
def hurried() -> Iterator[Hurried]:
    """A web for one request. A sample desk's made-up addresses are answered from its files."""
    sample = queries.is_sample()
    with Fetcher(
        contact=settings.CONTACT,
        allowed=settings.ALLOW_NETWORKS,
        limits=EACH,
        delay=0.5,
        patience=5.0,
        retries=0,
    ) as fetcher:
        yield Hurried(fetcher, SampleWeb() if sample else None)
