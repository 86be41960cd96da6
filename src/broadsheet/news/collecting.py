"""Visiting the feeds: fetch what is new, read what might matter, judge it, take it in.

The network and the reading are outside any transaction; `intake` keeps what came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from broadsheet.news import intake
from broadsheet.news.intake import Taken
from broadsheet.news.models import Article, Feed, Source
from broadsheet.wire import collect, judge, read
from broadsheet.wire.beat import Beat
from broadsheet.wire.collect.fetcher import Fetched, Limits
from broadsheet.wire.errors import WireError
from broadsheet.wire.model import Article as Value
from broadsheet.wire.model import Band, Entry, Failure, Page


class Web(Protocol):
    """What pages are fetched from: the Fetcher, or a folder that stands for the web."""

    def get(
        self,
        url: str,
        *,
        etag: str | None = None,
        modified: str | None = None,
        limits: Limits | None = None,
    ) -> Fetched: ...


@dataclass
class Visit:
    """What one visit to a feed, or one pile of pages, came to."""

    what: str
    entries: int = 0
    read: int = 0
    failed: int = 0
    problem: str = ""
    taken: Taken = field(default_factory=Taken)

    @property
    def months(self) -> set[str]:
        return self.taken.months


def add(
    name: str, home: str, feed: str, *, language: str = "", kind: str = "rss", zone: str = ""
) -> Feed:
    """Add a source with a feed; what is there already stays as it is."""
    source, _ = Source.objects.get_or_create(
        name=name, defaults={"home": home, "language": language, "zone": zone}
    )
    found, _ = Feed.objects.get_or_create(url=feed, defaults={"source": source, "type": kind})
    return found


def due() -> list[Feed]:
    """The feeds that are switched on, the one not visited for longest first. One query."""
    return list(
        Feed.objects.filter(enabled=True, source__enabled=True)
        .select_related("source")
        .order_by("last_tried", "pk")
    )


def visit(feed: Feed, web: Web, beat: Beat, now: datetime) -> Visit:
    """Visit one feed and take in what is new. Never raises for what a feed or page does.

    A page is fetched in full only where its headline and the feed's own text might belong to the
    beat; what is clearly off the beat is kept as the feed told it.
    """
    state = feed.state
    came = collect.feed(
        web,  # type: ignore[arg-type]  # a Web is all of the Fetcher that this asks for
        feed.url,
        state.get("etag"),
        state.get("modified"),
        state.get("hash"),
    )
    out = Visit(feed.url, entries=len(came.entries))
    feed.last_tried = now
    if came.problem is not None:
        out.problem = feed.problem = str(came.problem)
        feed.state = state | {"failures": state.get("failures", 0) + 1}
        feed.save(update_fields=["last_tried", "problem", "state"])
        return out
    failures: list[Failure] = [Failure(feed.url, "collect", note) for note in came.notes]
    wanted = _unknown(came.entries)
    values = _values(wanted, web, feed, beat, failures)
    for taken in intake.take_in(intake.judged(values, beat), now):
        out.taken = taken
    out.read = out.taken.new + out.taken.revised
    out.failed = intake.fail(failures, now)
    # Remembered only now: a crash before this line visits the same entries again.
    feed.state = {"etag": came.etag, "modified": came.modified, "hash": came.hash, "failures": 0}
    feed.last_success, feed.problem = now, ""
    feed.save(update_fields=["last_tried", "last_success", "problem", "state"])
    return out


def take_pages(pages: Iterable[Page | Failure], beat: Beat, now: datetime) -> Visit:
    """Read pages that are there already, and take them in."""
    out = Visit("pages")
    failures: list[Failure] = []

    def values() -> Iterator[Value]:
        for page in pages:
            if isinstance(page, Failure):
                failures.append(page)
                continue
            try:
                yield read.read(page, beat)
            except WireError as error:
                failures.append(Failure(page.url, "read", str(error)))

    for taken in intake.take_in(intake.judged(values(), beat), now):
        out.taken = taken
    out.read = out.taken.new + out.taken.revised + out.taken.known
    out.failed = intake.fail(failures, now)
    return out


def _unknown(entries: Iterable[Entry]) -> list[Entry]:
    """The entries that are new to us, or whose headline has changed."""
    given = list(entries)
    keys = [_key(entry) for entry in given]
    known = dict(Article.objects.filter(key__in=keys).values_list("key", "headline"))
    return [e for e, key in zip(given, keys, strict=True) if known.get(key) != e.headline]


def _key(entry: Entry) -> str:
    return Value(entry.headline, url=entry.url, source=entry.source, published=entry.published).key


def _values(
    entries: Iterable[Entry], web: Web, feed: Feed, beat: Beat, failures: list[Failure]
) -> Iterator[Value]:
    for entry in entries:
        short = Value(entry.headline, entry.text, language=entry.language or feed.source.language)
        told = Page(entry.url or "", b"", entry=entry)
        why = "not fetched: clearly off the beat"
        if not entry.headline.strip() and not entry.text.strip():
            failures.append(Failure(entry.url or feed.url, "read", "The feed names no headline"))
            continue
        try:
            if entry.url and judge.judge(short, beat).band is not Band.OFF_BEAT:
                why = ""
                told = collect.page(web, entry)  # type: ignore[arg-type]
                yield read.read(told, beat)
                continue
        except WireError as error:
            why = str(error)
            failures.append(Failure(entry.url or feed.url, "read", why))
        # An entry whose page is blocked, gone or not worth fetching still enters, as the feed told it.
        yield read.from_entry(told, entry, beat, why or "the entry has no address")
