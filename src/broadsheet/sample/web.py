"""The sample's made-up addresses as a web: answered from its files, so nothing leaves the machine."""

from __future__ import annotations

from broadsheet import sample
from broadsheet.wire import urls
from broadsheet.wire.collect.fetcher import KIND, Fetched, Fetcher, Limits
from broadsheet.wire.errors import CollectError


class SampleWeb:
    """Stands where the Fetcher stands at other desks."""

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        modified: str | None = None,
        limits: Limits | None = None,
        kind: str = "",
    ) -> Fetched:
        found = sample.answer(url)
        if found is None or found.status >= 400:
            raise CollectError("The server has no such page", at=url, reason="not_found")
        headers = {"content-type": found.content_type}
        return Fetched(url, url, found.status, headers, found.body, sample.NOW)


class SampleFirst:
    """Another web, but for the addresses that nobody has: those are answered from the sample."""

    def __init__(self, web: Fetcher) -> None:
        self._web = web
        self._sample = SampleWeb()

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        modified: str | None = None,
        limits: Limits | None = None,
        kind: str = KIND,
    ) -> Fetched:
        if urls.host(url).endswith(".example"):
            return self._sample.get(url)
        return self._web.get(url, etag=etag, modified=modified, limits=limits, kind=kind)
