"""Collecting for the desk: visit the feeds, fill a month back, take what is typed.

Fetch what is new, read what might matter, judge it, take it in. The network and the reading are
outside any transaction; `intake` keeps what came. What a feed did is remembered in its row, as
`wire.collect.health` has it.
"""

from __future__ import annotations

import calendar
import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from django.db import transaction

from broadsheet import sealing
from broadsheet.jobs import queue
from broadsheet.jobs.models import Job
from broadsheet.news import erasing, intake, lessons
from broadsheet.news.intake import Read, Taken
from broadsheet.news.models import Article, Feed, Sighting, Source
from broadsheet.wire import collect, dates, judge, read, urls
from broadsheet.wire.beat import Beat
from broadsheet.wire.collect import backfill, health, identity, mailbox, opml, watch
from broadsheet.wire.collect.feeds import parse as parse_feed
from broadsheet.wire.collect.fetcher import Fetched, Limits
from broadsheet.wire.errors import CollectError, WireError
from broadsheet.wire.model import Article as Value
from broadsheet.wire.model import Entry, Failure, Page, Picture
from broadsheet.wire.read.pool import Reader

SIGHTINGS = 3_000  # kept of one feed: more than any feed holds at a time (feeds.MOST_ENTRIES)
MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")


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
    unchanged: bool = False
    leftovers: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    taken: Taken = field(default_factory=Taken)

    @property
    def months(self) -> set[str]:
        return self.taken.months


# --- sources and feeds ---------------------------------------------------------------------------


@transaction.atomic
def add(
    name: str,
    home: str,
    feed: str,
    *,
    language: str = "",
    kind: str = "rss",
    zone: str = "",
    options: Mapping[str, Any] | None = None,
) -> Feed:
    """Add a source with a feed; what is there already stays as it is.

    Only a mailbox that is known takes what is given, so that a new password can be entered. The password
    is kept sealed.
    """
    given = dict(options or {})
    if given.get("password"):
        given["password"] = sealing.seal(str(given["password"]))
    source, _ = Source.objects.get_or_create(
        name=name, defaults={"home": home, "language": language, "zone": zone}
    )
    found, made = Feed.objects.get_or_create(
        url=feed, defaults={"source": source, "type": kind, "options": given}
    )
    if not made and found.type == kind == "mail" and given:
        found.options = found.options | given
        found.save(update_fields=["options"])
    return found


def add_list(body: bytes, at: str = "the list") -> tuple[int, int, list[str]]:
    """Add the feeds of an OPML list: how many were new, how many known, and what was left out.

    Raises CollectError where it is no OPML.
    """
    outlines, notes = opml.read(body, at=at)
    new = known = 0
    for one in outlines:
        if Feed.objects.filter(url=one.url).exists():
            known += 1
            continue
        add(one.title or one.url, one.home or "", one.url)
        new += 1
    return new, known, notes


def as_list() -> bytes:
    """All feeds as OPML, in folders by region."""
    feeds = Feed.objects.select_related("source").order_by("source__region", "source__name", "url")
    return opml.write(
        opml.Outline(
            feed.url,
            feed.source.name,
            feed.source.home or None,
            (feed.source.region,) if feed.source.region else (),
        )
        for feed in feeds
        if feed.type not in ("mail", "folder")
    )


def wake(feed: Feed, now: datetime) -> None:
    """Have a muted or sleeping feed tried again."""
    feed.state = health.row(health.woken(health.from_row(feed.state), now))
    feed.enabled = True
    feed.save(update_fields=["state", "enabled"])


def try_again(feed: Feed, now: datetime) -> None:
    """Have a feed visited as soon as a worker is free, whatever is the matter with it."""
    wake(feed, now)
    queue.enqueue("collect", str(feed.pk), now)


def switch(source: Source, on: bool) -> None:
    """Visit the feeds of a source, or leave them alone. What was collected stays."""
    Source.objects.filter(pk=source.pk).update(enabled=on)


def switch_feed(feed: Feed, on: bool) -> None:
    """The same for one feed."""
    Feed.objects.filter(pk=feed.pk).update(enabled=on)


def due() -> list[Feed]:
    """The feeds that are switched on, the one not visited for longest first. One query."""
    return list(
        Feed.objects.filter(enabled=True, source__enabled=True)
        .select_related("source")
        .order_by("last_tried", "pk")
    )


def next_due(feed: Feed, now: datetime) -> datetime | None:
    """When a feed is to be visited next; None where it is muted."""
    if not feed.state:
        return now
    chance = random.random()  # noqa: S311 -- spreads visits, guards nothing
    return health.next_due(health.from_row(feed.state), now, chance)


# --- visits --------------------------------------------------------------------------------------


def visit(feed: Feed, web: Web, beat: Beat, now: datetime, reader: Reader | None = None) -> Visit:
    """Visit one feed and take in what is new. Never raises for what a feed or page does.

    A page is fetched in full only where its headline and the feed's own text might belong to the
    beat; what is clearly off the beat is kept as the feed told it.
    """
    return next(visit_all([feed], web, beat, lambda: now, reader=reader, workers=1))


@dataclass
class _Pile:
    """What one feed's visit waits for."""

    feed: Feed
    state: health.State
    came: collect.FeedResult
    sorted_out: identity.Sorted
    keys: dict[int, str]  # of revised entries: the key of the article that each revises
    entries: list[Entry]
    pages: dict[int, Page | WireError | str] = field(default_factory=dict)


def visit_all(
    feeds: Sequence[Feed],
    web: Web,
    beat: Beat,
    clock: Callable[[], datetime],
    *,
    reader: Reader | None = None,
    parser: collect.Parser | None = None,
    workers: int = 32,
) -> Iterator[Visit]:
    """Visit feeds side by side, one exchange at a time with each host; yields each visit as it ends.

    Only fetching happens in threads; the database is spoken to from here alone. Pages are read by
    `reader`, and feeds by `parser` or one that is started beside it, in processes that can be stopped; or
    here where there is none.
    """
    with _parsing(reader, parser) as parse:
        yield from _visit_all(feeds, web, beat, clock, reader, parse, workers)


@contextmanager
def _parsing(
    reader: Reader | None, parser: collect.Parser | None = None
) -> Iterator[collect.Parse]:
    """What parses feeds: processes of their own where pages are read in such, else this one."""
    if parser is not None:
        yield parser.parse
        return
    if reader is None:
        yield parse_feed
        return
    with collect.Parser() as own:
        yield own.parse


def _visit_all(
    feeds: Sequence[Feed],
    web: Web,
    beat: Beat,
    clock: Callable[[], datetime],
    reader: Reader | None,
    parse: collect.Parse,
    workers: int,
) -> Iterator[Visit]:
    piles: list[_Pile] = []
    by_pk = {feed.pk: feed for feed in feeds}

    def ask(feed: Feed) -> tuple[int, collect.FeedResult, datetime]:
        now = clock()
        return feed.pk, _visited(feed, web, health.from_row(feed.state), now, parse), now

    for pk, came, now in collect.many(feeds, lambda f: urls.host(f.url), ask, workers=workers):
        feed = by_pk[pk]
        pile = _pile(feed, came)
        if pile.entries:
            piles.append(pile)
        else:
            yield _keep(pile, beat, now, reader)
    wants: list[tuple[_Pile, int]] = []
    for pile in piles:
        for at, entry in enumerate(pile.entries):
            if _worth_fetching(entry, pile.feed.source.language, beat):
                wants.append((pile, at))
            else:
                pile.pages[at] = "not fetched: clearly off the beat"
    for pile in piles:
        if len(pile.pages) == len(pile.entries):
            yield _keep(pile, beat, clock(), reader)

    def fetch(want: tuple[_Pile, int]) -> tuple[_Pile, int, Page | WireError]:
        pile, at = want
        try:
            return pile, at, collect.page(web, pile.entries[at])  # type: ignore[arg-type]
        except WireError as error:
            return pile, at, error

    hosts = collect.many(
        wants, lambda w: urls.host(w[0].entries[w[1]].url or ""), fetch, workers=workers
    )
    for pile, at, got in hosts:
        pile.pages[at] = got
        if len(pile.pages) == len(pile.entries):
            yield _keep(pile, beat, clock(), reader)


def _pile(feed: Feed, came: collect.FeedResult) -> _Pile:
    sorted_out = identity.sorted_out(came.entries, _known(feed))
    entries, keys = list(sorted_out.new), {}
    for entry, before in sorted_out.revised:
        sighting = feed.sightings.filter(fingerprint=before.fingerprint).order_by("-id").first()
        if sighting is not None and sighting.article:
            if erasing.is_erased(sighting.article):
                continue
            keys[len(entries)] = sighting.article
        entries.append(entry)
    return _Pile(feed, health.from_row(feed.state), came, sorted_out, keys, entries)


def _worth_fetching(entry: Entry, language: str, beat: Beat) -> bool:
    if not entry.url:
        return False
    if not entry.headline.strip():
        return True
    short = Value(entry.headline, entry.text, language=entry.language or language or None)
    return judge.might_matter(short, beat, lessons.model(beat))


def _keep(pile: _Pile, beat: Beat, now: datetime, reader: Reader | None) -> Visit:
    """Read what was fetched for a feed, take it in, and remember how the feed did."""
    feed, came = pile.feed, pile.came
    out = Visit(feed.url, entries=len(came.entries), unchanged=bool(came.unchanged))
    if came.problem is None:
        failures = [Failure(feed.url, "collect", note) for note in came.notes]
        seen: list[tuple[Entry, str]] = []
        for taken in intake.take_in(_reads(pile, beat, failures, seen, reader), now):
            out.taken = taken
        out.read = out.taken.new + out.taken.revised
        out.failed = intake.fail(failures, now)
        _sight(feed, seen, now)
    else:
        out.problem = str(came.problem)
    # Remembered only now: a crash before this line visits the same entries again, and they are known.
    state = health.after(pile.state, came, now, new=out.taken.new, renamed=pile.sorted_out.renamed)
    moved = health.take_over(state, now)
    if moved and not Feed.objects.filter(url=moved).exclude(pk=feed.pk).exists():
        state = health.taken_over(state, moved, now)
        feed.url = moved
    told = health.report(state, now)
    feed.state, feed.last_tried, feed.last_success = health.row(state), now, state.succeeded
    feed.problem = f"{told.what} {told.do}".strip() if told.level not in ("well", "new") else ""
    feed.save(update_fields=["url", "state", "last_tried", "last_success", "problem"])
    return out


def _reads(
    pile: _Pile,
    beat: Beat,
    failures: list[Failure],
    seen: list[tuple[Entry, str]],
    reader: Reader | None,
) -> Iterator[Read]:
    """The fetched pages as articles; an entry whose page is blocked, gone or not worth fetching
    still enters, as the feed told it."""
    fetched = [(at, got) for at, got in sorted(pile.pages.items()) if isinstance(got, Page)]
    articles = dict(
        zip(
            (at for at, _ in fetched),
            _read_pages([g for _, g in fetched], beat, reader),
            strict=True,
        )
    )
    for at, entry in enumerate(pile.entries):
        got = articles.get(at) or pile.pages[at]
        address = entry.url or entry.headline
        if isinstance(got, WireError | Failure):
            why = str(got) if isinstance(got, WireError) else got.reason
            failures.append(Failure(address, "read", why))
            if not entry.headline.strip() and not entry.text.strip():
                continue
            got = read.from_entry(Page(entry.url or "", b"", entry=entry), entry, beat, why)
        elif isinstance(got, str):
            got = read.from_entry(Page(entry.url or "", b"", entry=entry), entry, beat, got)
        assert isinstance(got, Value)
        if not got.headline.strip() and not got.text.strip():
            failures.append(
                Failure(address or pile.feed.url, "collect", "The feed names no headline")
            )
            continue
        if not got.source or got.source == urls.host(got.url or ""):
            # A page that does not name its outlet is by the outlet whose feed it came from.
            got = replace(got, source=entry.source or pile.feed.source.name)
        for one in intake.judged([got], beat, lessons.model(beat)):
            key = pile.keys.get(at, "")
            seen.append((entry, key or one.article.key))
            yield replace(one, key=key)


def _read_pages(
    pages: Sequence[Page], beat: Beat, reader: Reader | None
) -> Iterator[Value | Failure]:
    if reader is not None:
        yield from reader.read_all(pages)
        return
    for page in pages:
        try:
            yield read.read(page, beat)
        except WireError as error:
            yield Failure(page.url, "read", str(error))


def _visited(
    feed: Feed, web: Web, state: health.State, now: datetime, parse: collect.Parse
) -> collect.FeedResult:
    known = health.validators(state, now)
    if feed.type == "watch":
        return watch.visit(web, feed.url, str(feed.options.get("selector", "")), **known)  # type: ignore[arg-type]
    if feed.type in ("mail", "folder"):
        return _from_files(feed, now)
    return collect.feed(web, feed.url, parse=parse, **known)  # type: ignore[arg-type]  # a Web is all it asks for


def look(feed: Feed, web: Web, now: datetime) -> collect.FeedResult:
    """Ask a feed as if for the first time; nothing is kept. Raises CollectError for what has no reading."""
    return _visited(feed, web, health.State(), now, parse_feed)


def _from_files(feed: Feed, now: datetime) -> collect.FeedResult:
    """The entries of a mailbox's last month, or of the mails in a folder on this machine."""
    entries: list[Entry] = []
    notes: list[str] = []
    try:
        if feed.type == "folder":
            for one in mailbox.folder(Path(feed.url)):
                if isinstance(one, Entry):
                    entries.append(one)
                else:
                    notes.append(f"{one.url}: {one.reason}")
        else:
            for number, body in mailbox.imap(
                str(feed.options.get("host", "")),
                str(feed.options.get("user", "")),
                _password(feed),
                since=(now - timedelta(days=31)).date(),
                box=str(feed.options.get("box", "INBOX")),
                senders=tuple(feed.options.get("senders", ())),
                port=int(feed.options.get("port", 993)),
                plain_connection=bool(feed.options.get("plain", False)),
            ):
                try:
                    entries += mailbox.entries(body, at=f"mail {number}")
                except CollectError as error:
                    notes.append(str(error))
    except CollectError as error:
        return collect.FeedResult(feed.url, problem=error)
    return collect.FeedResult(feed.url, entries=tuple(entries), notes=tuple(notes), kind=feed.type)


def _password(feed: Feed) -> str:
    try:
        return sealing.opened(str(feed.options.get("password", "")))
    except sealing.SealError as error:
        raise CollectError(
            "The password of the mailbox cannot be opened: the desk's secret key has changed",
            at=feed.url,
            reason="blocked",
            hint="Add the mailbox again with its password, or name the old key in BROADSHEET_OLD_KEYS.",
        ) from error


def _known(feed: Feed) -> list[identity.Known]:
    rows = feed.sightings.order_by("-id")[:SIGHTINGS]
    return [
        identity.Known(s.url_key, s.fingerprint, s.headline, s.identifier or None, s.day)
        for s in reversed(rows)
    ]


@transaction.atomic
def _sight(feed: Feed, seen: Sequence[tuple[Entry, str]], now: datetime) -> None:
    rows = []
    for entry, article in seen:
        made = identity.known(entry)
        rows.append(
            Sighting(
                feed=feed,
                url_key=made.url_key,
                fingerprint=made.fingerprint,
                headline=made.headline,
                identifier=made.identifier or "",
                day=made.day,
                article=article,
                seen=now,
            )
        )
    Sighting.objects.bulk_create(rows, batch_size=500)
    oldest = feed.sightings.order_by("-id").values_list("id", flat=True)[SIGHTINGS : SIGHTINGS + 1]
    for last in oldest:
        feed.sightings.filter(id__lte=last).delete()


def _entry(
    entry: Entry,
    web: Web,
    language: str,
    beat: Beat,
    failures: list[Failure],
    reader: Reader | None,
) -> Iterator[Read]:
    """One entry as an article: from its page where it might belong to the beat, else as it was told."""
    at = entry.url or entry.headline or "an entry without address and headline"
    told = bool(entry.headline.strip() or entry.text.strip())
    if not told and not entry.url:
        failures.append(Failure(at, "collect", "The feed names no headline and no address"))
        return
    why = "not fetched: clearly off the beat"
    if _worth_fetching(entry, language, beat):
        got: Value | Failure
        try:
            page = collect.page(web, entry)  # type: ignore[arg-type]
            (got,) = _read_pages([page], beat, reader)
        except WireError as error:
            got = Failure(at, "read", str(error))
        if isinstance(got, Value):
            yield from intake.judged([got], beat, lessons.model(beat))
            return
        failures.append(replace(got, url=at))
        why = got.reason
    if told:
        short = read.from_entry(Page(entry.url or "", b"", entry=entry), entry, beat, why)
        yield from intake.judged([short], beat, lessons.model(beat))


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

    for taken in intake.take_in(intake.judged(values(), beat, lessons.model(beat)), now):
        out.taken = taken
    out.read = out.taken.new + out.taken.revised + out.taken.known
    out.failed = intake.fail(failures, now)
    return out


# --- other ways in -------------------------------------------------------------------------------


def fill_back(
    source: Source,
    month: str,
    web: Web,
    beat: Beat,
    now: datetime,
    reader: Reader | None = None,
) -> Visit:
    """Fill a month back from a source's sitemaps and archive pages: feeds hold only days."""
    first = dates.first_day(month)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    out = Visit(source.home)
    with _parsing(reader) as parse:
        found = backfill.fill(web, source.home, first, last, parse=parse)  # type: ignore[arg-type]
    failures = list(found.failures)
    out.entries = len(found.entries)
    out.leftovers = found.notes
    named = (replace(entry, source=entry.source or source.name) for entry in found.entries)
    reads = (
        one
        for entry in named
        for one in _entry(entry, web, source.language, beat, failures, reader)
    )
    for taken in intake.take_in(reads, now):
        out.taken = taken
    out.read = out.taken.new + out.taken.revised
    out.failed = intake.fail(failures, now)
    return out


def filled_words(visit: Visit) -> str:
    """What filling back brought, in words."""
    if not visit.entries:
        notes = " ".join(f"{note[:1].upper()}{note[1:]}." for note in visit.leftovers)
        return f"Nothing of this month was found on the outlet's site. {notes}".strip()
    fell = f", {visit.failed} could not be read" if visit.failed else ""
    return f"{visit.entries} addresses found, {visit.taken.new} articles new{fell}."


def fill_back_soon(source: Source, month: str, now: datetime) -> Job:
    """Have a worker fill a month back. ValueError, as a sentence, where that cannot be asked for."""
    if not source.home:
        raise ValueError(f"The address of {source} is not known, so there is nowhere to look.")
    if not MONTH.fullmatch(month):
        raise ValueError(f"{month!r} is not a month; write it like 2019-06.")
    if month > now.strftime("%Y-%m"):
        raise ValueError("That month has not begun yet.")
    return queue.enqueue("fill_back", f"{source.pk} {month}", now)


def fillings(source: Source) -> list[tuple[str, Job]]:
    """The months of a source that are being filled back, or were, the newest first. One query."""
    jobs = Job.objects.filter(kind="fill_back", key__startswith=f"{source.pk} ").order_by("-pk")
    return [(job.key.partition(" ")[2], job) for job in jobs[:12]]


def by_hand(
    *,
    headline: str,
    url: str = "",
    source: str = "",
    published: str = "",
    text: str = "",
    credit: str = "",
    beat: Beat,
    now: datetime,
) -> tuple[Article, Taken]:
    """Take in what an editor typed, or what the bookmarklet sent from the editor's own browser.

    So a page that refuses our server still gets in. ValueError, as a sentence for the editor, where
    there is no headline or the date cannot be read.
    """
    if not headline.strip():
        raise ValueError("An article needs a headline.")
    when = dates.typed(published) if published.strip() else None
    if published.strip() and when is None:
        raise ValueError(
            f"The date {published!r} cannot be read. Write it like 21 June 2019, or 2019-06."
        )
    given = Value(
        headline=" ".join(headline.split()),
        text=text.strip(),
        url=url.strip() or None,
        published=when,
        source=source.strip() or None,
        image=Picture(credit=credit.strip()) if credit.strip() else None,
        failures=("entered by hand",),
    )
    *_, taken = intake.take_in(intake.judged([given], beat, lessons.model(beat), by_hand=True), now)
    return Article.objects.get(key=given.key), taken
