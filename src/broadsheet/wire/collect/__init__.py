"""Collecting: what sources printed, as entries and pages.

    with Fetcher(contact="desk@charity.example") as fetcher:
        result = feed(fetcher, "https://news.example/rss", known_etag=etag)
        came = page(fetcher, result.entries[0])
        for one in pages(fetcher, ["https://news.example/rss", "saved/", "letter.eml"]): ...

`Fetcher` is the one thing here that touches the network. Everything else is a function from values
to values: `feeds` (RSS, Atom, JSON Feed, sitemaps), `discover`, `folders`, `mailbox`, `opml`, `pasted`,
`watch` (a page watched by a CSS selector), `backfill` (a month filled back), and of what is
remembered between two visits, `health` and `schedule`.

A page or feed that fails is a value, told with its reason (`health.REASONS`), and the rest goes on.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from broadsheet.wire import urls
from broadsheet.wire.collect import discover, feeds, folders, opml, schedule
from broadsheet.wire.collect.fetcher import Fetched, Fetcher, Limits
from broadsheet.wire.collect.parsing import Parse, Parser
from broadsheet.wire.errors import CollectError
from broadsheet.wire.model import Entry, Failure, Page

__all__ = [
    "FeedResult",
    "Fetched",
    "Fetcher",
    "Limits",
    "Parse",
    "Parser",
    "feed",
    "find",
    "many",
    "page",
    "pages",
]

_Ask = TypeVar("_Ask")
_Got = TypeVar("_Got")
NESTED = 5  # sitemaps of an index that are read: the newest hold the month


@dataclass(frozen=True, slots=True)
class FeedResult:
    """What one visit to a feed brought. With a `problem`, `entries` is empty.

    unchanged      "" , "304" (the server says so) or "same" (the body is the one we know)
    moved_to       where permanent redirects alone led, from which a feed came: `health` decides
    interval_hint  seconds after which the feed or its server say it is worth asking again
    etag, modified, hash   to be given at the next visit; `hash` is of the body
    notes          in words: entries left out, read although broken
    """

    url: str
    entries: tuple[Entry, ...] = ()
    problem: CollectError | None = None
    unchanged: str = ""
    moved_to: str | None = None
    title: str = ""
    language: str | None = None
    home: str | None = None
    kind: str = ""
    interval_hint: float | None = None
    etag: str | None = None
    modified: str | None = None
    hash: str | None = None
    notes: tuple[str, ...] = ()
    fetched: datetime | None = None


def feed(
    fetcher: Fetcher,
    url: str,
    known_etag: str | None = None,
    known_modified: str | None = None,
    known_hash: str | None = None,
    *,
    limits: Limits | None = None,
    most: int = feeds.MOST_ENTRIES,
    parse: Parse = feeds.parse,
) -> FeedResult:
    """Visit a feed, sitemap or index of sitemaps. Never raises for what a feed does.

    With a `Parser`'s `parse` the feed is read in a process that can be stopped.

    A server that answers 304 to the known validators is believed for this visit; `health.trust_304`
    says when to ask without them. A feed without entries is a problem ("empty"), not a success.
    """
    try:
        came = fetcher.get(url, etag=known_etag, modified=known_modified, limits=limits)
        told = schedule.fresh_for(came.headers, came.fetched)
        visit = FeedResult(url, interval_hint=told, fetched=came.fetched, moved_to=came.moved_to)
        if came.status == 304:
            return replace(
                visit, unchanged="304", etag=known_etag, modified=known_modified, hash=known_hash
            )
        visit = replace(visit, hash=came.hash)
        if came.headers.get("expires", "").strip() not in ("0", "-1"):
            # else made anew each time, and its validators say nothing (as Miniflux has it)
            visit = replace(
                visit, etag=came.headers.get("etag"), modified=came.headers.get("last-modified")
            )
        if came.hash == known_hash and b"sitemapindex" not in came.body[:3000]:
            return replace(visit, unchanged="same")
        found = parse(came.body, came.final_url, came.content_type, most=most)
        if found.nested:
            found = _nested(fetcher, found, most, limits, parse)
        if not found.entries:
            raise CollectError(
                "The feed has no entries",
                at=url,
                reason="empty",
                hint=" ".join(("A feed that was never empty has a fault, or moved.", *found.notes)),
            )
    except CollectError as error:
        return FeedResult(url, problem=error)
    return replace(
        visit,
        entries=found.entries,
        title=found.title,
        language=found.language,
        home=found.home,
        kind=found.kind,
        interval_hint=max(told or 0.0, found.every or 0.0) or None,
        notes=found.notes,
    )


def _nested(
    fetcher: Fetcher, index: feeds.Feed, most: int, limits: Limits | None, parse: Parse
) -> feeds.Feed:
    """The entries of the newest sitemaps that an index names."""
    ranked = sorted(
        enumerate(index.nested),
        key=lambda one: (one[1][1].sort_key() if one[1][1] else "", one[0]),
        reverse=True,
    )
    entries: list[Entry] = []
    notes = list(index.notes)
    for _, (address, _changed) in ranked[:NESTED]:
        try:
            came = fetcher.get(address, limits=limits)
            inner = parse(came.body, came.final_url, came.content_type, most=most)
        except CollectError as error:
            notes.append(str(error))
            continue
        entries += inner.entries
        notes += inner.notes
    if len(index.nested) > NESTED:
        notes.append(
            f"the index names {len(index.nested):,} sitemaps; the {NESTED} newest were read"
        )
    return replace(index, entries=tuple(entries[:most]), notes=tuple(notes))


def find(
    fetcher: Fetcher, url: str, *, most: int = 8, parse: Parse = feeds.parse
) -> list[FeedResult]:
    """The feeds of a site, each of them visited: for a new source, and for one whose feed is gone.

    The address itself if it is a feed; else those that its page names; else where feeds usually
    stand. At most `most` addresses are asked, and only what is a feed with entries comes back. The
    problem of the address itself is returned, alone, where it cannot be fetched and nothing was found.
    """
    first = feed(fetcher, url, parse=parse)
    if first.problem is None:
        return [first]
    named = first.problem.links
    found: list[FeedResult] = []
    for address in (named or discover.guesses(url))[:most]:
        came = feed(fetcher, address, parse=parse)
        if came.problem is None and all(came.hash != known.hash for known in found):
            found.append(came)
            if not named:
                break
    return found or [first]


# What is no page: told by its first bytes, since servers send them with any type
_NO_PAGE = (
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\x00\x00\x00",
    b"RIFF",
    b"ID3",
)


def page(fetcher: Fetcher, what: Entry | str, *, limits: Limits | None = None) -> Page:
    """Fetch the page of an entry, or of an address. CollectError where no page came.

    Its `url` is where it was found after redirects. An entry without an address gives a page
    without a body: its own text is all there is.
    """
    entry = what if isinstance(what, Entry) else None
    url = what.url if isinstance(what, Entry) else what
    if not url:
        return Page(url="", body=b"", entry=entry)
    came = fetcher.get(url, limits=limits)
    if came.body.startswith(_NO_PAGE):
        name = "a PDF" if came.body.startswith(b"%PDF-") else "a file of another kind"
        raise CollectError(
            f"This is {name}, not a page",
            at=url,
            reason="not_a_page",
            hint="Enter it by hand as a resource, with its publisher and date.",
        )
    return Page(came.final_url, came.body, came.content_type, came.fetched, entry)


def many(
    asks: Iterable[_Ask],
    host: Callable[[_Ask], str],
    work: Callable[[_Ask], _Got],
    *,
    workers: int = 16,
) -> Iterator[_Got]:
    """Do some work for each ask, hosts side by side, the asks of one host in order, one at a time.

    Yields as results come. At most `workers` results wait to be taken, so that pages do not pile
    up in memory. What `work` raises is raised here.
    """
    lanes: dict[str, list[_Ask]] = {}
    for ask in asks:
        lanes.setdefault(host(ask), []).append(ask)
    if not lanes:
        return
    waiting: queue.SimpleQueue[list[_Ask]] = queue.SimpleQueue()
    for lane in lanes.values():
        waiting.put(lane)
    done: queue.Queue[tuple[_Got | None, BaseException | None]] = queue.Queue(maxsize=workers)
    stop = threading.Event()

    def put(made: _Got | None, error: BaseException | None) -> bool:
        while not stop.is_set():
            try:
                done.put((made, error), timeout=0.2)
            except queue.Full:
                continue
            return True
        return False

    def run() -> None:
        while not stop.is_set():
            try:
                lane = waiting.get_nowait()
            except queue.Empty:
                return
            for ask in lane:
                try:
                    made = work(ask)
                except BaseException as error:  # handed to the one who waits
                    put(None, error)
                    return
                if not put(made, None):
                    return

    threads = [
        threading.Thread(target=run, name=f"collect-{n}", daemon=True)
        for n in range(min(workers, len(lanes)))
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in range(sum(len(lane) for lane in lanes.values())):
            made, error = done.get()
            if error is not None:
                raise error
            yield made  # type: ignore[misc]
    finally:
        stop.set()


def pages(
    fetcher: Fetcher | None,
    whats: Iterable[str | Path],
    *,
    full: bool = True,
    most: int = feeds.MOST_ENTRIES,
    workers: int = 16,
    tell: Callable[[str], None] = lambda _: None,
    parse: Parse = feeds.parse,
) -> Iterator[Page | Failure]:
    """The pages of addresses, files and folders: feeds and sitemaps give the pages of their entries.

    A list of feeds (.opml) stands for its feeds, a mail (.eml) for the pages it links to.

    full      fetch the page of each entry; else the entry stands for it, without a body. Where a page
              fails, its Failure comes first and then the page without a body: the feed's own text
              still enters.
    most      entries taken of one feed
    fetcher   None where nothing is to be fetched (files only)
    tell      is told in words what is no failure: entries left out, a feed read although broken
    """
    entries: list[Entry] = []
    asked: list[str] = []
    for what in whats:
        path = _local(what)
        if path is None:
            asked.append(str(what))
        elif path.is_dir():
            saved = 0
            for found in folders.folder(path):
                saved += 1
                yield found
            if not saved:
                tell(f"{path}: there is no saved page, feed or mail in this folder")
        elif path.suffix.lower() == ".opml":
            try:
                listed, notes = opml.read(folders.content(path, path.name), at=path.name)
            except CollectError as error:
                yield Failure(path.name, "collect", str(error))
                continue
            asked += [one.url for one in listed]
            for note in notes:
                tell(f"{path.name}: {note}")
        else:
            try:
                yield from _file(path, entries, most, tell, parse)
            except CollectError as error:
                yield Failure(path.name, "collect", str(error))
    if fetcher is None:
        yield from (Failure(one, "collect", "There is nothing to fetch it with") for one in asked)
        yield from (Page(one.url or "", b"", entry=one) for one in entries)
        return

    def first(url: str) -> list[Page | Failure | Entry]:
        try:
            return _asked(fetcher, url, most, tell, parse)
        except CollectError as error:
            return [Failure(url, "collect", str(error))]

    for came in many(asked, urls.host, first, workers=workers):
        for one in came:
            if isinstance(one, Entry):
                entries.append(one)
            else:
                yield one

    def second(entry: Entry) -> list[Page | Failure]:
        try:
            return [page(fetcher, entry)]
        except CollectError as error:
            return [
                Failure(entry.url or "", "collect", str(error)),
                Page(entry.url or "", b"", entry=entry),
            ]

    if not full:
        yield from (Page(one.url or "", b"", entry=one) for one in entries)
        return
    for got in many(entries, lambda one: urls.host(one.url or ""), second, workers=workers):
        yield from got


def _local(what: str | Path) -> Path | None:
    if isinstance(what, Path):
        return what
    if "://" in what:
        return None
    return Path(what)


def _file(
    path: Path, entries: list[Entry], most: int, tell: Callable[[str], None], parse: Parse
) -> Iterator[Page]:
    kind = folders.kind(path)
    if kind == "mail":
        from broadsheet.wire.collect import mailbox  # noqa: PLC0415 - only where there is mail

        entries += mailbox.entries(folders.content(path, path.name), at=path.name)
        return
    body = folders.content(path, path.name)
    if kind == "page" or not feeds.is_feed(body):
        if kind == "feed":
            parse(body, path.name)  # says what is wrong with it
        yield folders.page(path)
        return
    found = parse(body, path.name, most=most)
    if not found.entries:
        raise CollectError("The feed has no entries", at=path.name, reason="empty")
    entries += found.entries
    for note in found.notes:
        tell(f"{path.name}: {note}")


def _asked(
    fetcher: Fetcher, url: str, most: int, tell: Callable[[str], None], parse: Parse
) -> list[Page | Failure | Entry]:
    came = fetcher.get(url)
    if not feeds.is_feed(came.body, came.content_type):
        return [Page(came.final_url, came.body, came.content_type, came.fetched)]
    found = parse(came.body, came.final_url, came.content_type, most=most)
    if found.nested:
        found = _nested(fetcher, found, most, None, parse)
    for note in found.notes:
        tell(f"{url}: {note}")
    if not found.entries:
        raise CollectError("The feed has no entries", at=url, reason="empty")
    return list(found.entries)
