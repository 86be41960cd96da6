"""A late start: filling a month back through sitemaps and archive pages, and what is then covered.

Feeds hold only days. A desk begun on the 25th asks the outlet's sitemaps, and where these say
nothing, its archive pages (/2026/03/), as far as robots.txt allows.
"""

from __future__ import annotations

import calendar
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import lxml.etree
import lxml.html

from broadsheet.wire import urls
from broadsheet.wire.collect import feeds
from broadsheet.wire.collect.charset import decode
from broadsheet.wire.collect.fetcher import Fetcher, Limits
from broadsheet.wire.collect.parsing import Parse
from broadsheet.wire.dates import When
from broadsheet.wire.errors import CollectError
from broadsheet.wire.model import Entry, Failure

MOST_SITEMAPS = 40  # files asked for one outlet
MOST_PAGES = 20  # archive pages asked for one outlet
USUAL = ("/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml", "/sitemap-news.xml")
# A date in an address: /2026/03/21/, /2026/03/, /2026-03-21, /20260321. Only as a witness of the
# month, never as the date of an article: `read` judges that.
_IN_ADDRESS = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[/-](0[1-9]|1[0-2]|[a-z]{3})(?:[/-](0[1-9]|[12]\d|3[01]))?(?!\d)"
    r"|(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}


@dataclass(frozen=True, slots=True)
class Filled:
    """What was found back: entries within the days, what failed, and how many files were asked."""

    entries: tuple[Entry, ...]
    failures: tuple[Failure, ...] = ()
    asked: int = 0
    notes: tuple[str, ...] = ()


def in_address(url: str) -> tuple[date, date] | None:
    """The days that a date in an address can mean, first and last; None where there is none."""
    match = _IN_ADDRESS.search(urlsplit(url).path)
    if not match:
        return None
    year = int(match[1] or match[4])
    word = (match[2] or match[5]).lower()
    month = int(word) if word.isdigit() else _MONTHS.get(word, 0)
    day = match[3] or match[6]
    if not month:
        return None
    try:
        if day:
            return date(year, month, int(day)), date(year, month, int(day))
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        return None


def fill(
    fetcher: Fetcher,
    url: str,
    first: date,
    last: date,
    *,
    most: int = feeds.MOST_ENTRIES,
    limits: Limits | None = None,
    parse: Parse = feeds.parse,
) -> Filled:
    """What an outlet printed from `first` to `last`, both counted, as far as its site still tells.

    url  the outlet's home or feed. Nothing raises: what could not be asked is among the failures.
    """
    whole = urls.absolute(url, "")
    if whole is None:
        return Filled((), (Failure(url, "collect", "This is no web address"),))
    site = "{0.scheme}://{0.netloc}".format(urlsplit(whole))
    found: dict[str, Entry] = {}
    failures: list[Failure] = []
    notes: list[str] = []
    asked = 0
    try:
        named = list(fetcher.sitemaps(site + "/"))
    except CollectError as error:
        return Filled((), (Failure(url, "collect", str(error)),))
    waiting = named or [site + path for path in USUAL]
    guessed = not named
    seen: set[str] = set()
    while waiting and asked < MOST_SITEMAPS and len(found) < most:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.add(address)
        asked += 1
        try:
            came = fetcher.get(address, limits=limits)
            sitemap = parse(came.body, came.final_url, came.content_type, most=50_000)
        except CollectError as error:
            # that a guessed address holds nothing is no failure
            if not guessed or error.reason not in ("not_found", "not_a_feed", "blocked", "gone"):
                failures.append(Failure(address, "collect", str(error)))
            continue
        wanted = [one for one in sitemap.nested if _may_hold(one[0], one[1], first, last)]
        # those that name the month, or were changed last, come first
        wanted.sort(key=lambda one: _rank(one[0], one[1], first, last))
        waiting = [address for address, _ in wanted] + waiting
        for entry in sitemap.entries:
            if entry.url and within(entry, first, last):
                found.setdefault(urls.key(entry.url), entry)
        if sitemap.entries and guessed:
            break
    if waiting and asked >= MOST_SITEMAPS:
        notes.append(f"{len(waiting)} more sitemaps were not asked")
    if not found:
        more, tried = _archives(fetcher, site, first, last, limits)
        asked += tried
        for entry in more:
            found.setdefault(urls.key(entry.url or ""), entry)
        notes.append(
            "filled from archive pages"
            if more
            else "the site has no sitemap or archive of these days"
        )
    listed = list(found.values())
    if len(listed) > most:
        notes.append(f"{len(listed):,} pages were found; {most:,} were taken")
    return Filled(tuple(listed[:most]), tuple(failures), asked, tuple(notes))


def within(entry: Entry, first: date, last: date) -> bool:
    """Whether an entry may be of these days: by its date, else its address, else its last change.

    An entry that only says when it was changed counts where that was not before the first day.
    """
    if entry.published and entry.published.day:
        return first <= entry.published.day <= last
    told = in_address(entry.url or "")
    if told:
        return told[0] <= last and first <= told[1]
    if entry.updated and entry.updated.day:
        return first <= entry.updated.day <= last + timedelta(days=3)
    return False


def _may_hold(url: str, changed: When | None, first: date, last: date) -> bool:
    told = in_address(url)
    if told:
        return told[0] <= last and first <= told[1]
    return changed is None or changed.day is None or changed.day >= first


def _rank(url: str, changed: When | None, first: date, last: date) -> tuple[bool, bool, str]:
    kind = re.search(r"(?i)(?:post|news|article|story)", url) is None
    other = re.search(r"(?i)(?:image|video|tag|categor|author|page-sitemap)", url) is not None
    named = in_address(url) is None
    newest = changed.sort_key() if changed else ""
    return other, named and kind, "".join(chr(0x10FFFF - ord(c)) for c in newest)


def _archives(
    fetcher: Fetcher, site: str, first: date, last: date, limits: Limits | None
) -> tuple[list[Entry], int]:
    """Links of the archive pages of each month, those with the month in their address only."""
    found: dict[str, Entry] = {}
    asked = 0
    month = first.replace(day=1)
    while month <= last and asked < MOST_PAGES:
        page = 1
        while asked < MOST_PAGES:
            address = f"{site}/{month.year}/{month.month:02}/" + (
                f"page/{page}/" if page > 1 else ""
            )
            asked += 1
            try:
                came = fetcher.get(address, limits=limits)
            except CollectError:
                break
            before = len(found)
            for entry in linked(decode(came.body, came.content_type).text, came.final_url):
                told = in_address(entry.url or "")
                if told and told[0] <= last and first <= told[1]:
                    known = found.get(urls.key(entry.url or ""))
                    if known is None or len(known.headline) < len(entry.headline):
                        found[urls.key(entry.url or "")] = entry
            if len(found) == before:
                break
            page += 1
        month = (month + timedelta(days=32)).replace(day=1)
    return [one for one in found.values() if one.headline], asked


def linked(markup: str, url: str) -> list[Entry]:
    """The links of a page on its own site, with their words."""
    try:
        root = lxml.html.document_fromstring(
            markup.encode("utf-8", "replace"), parser=lxml.html.HTMLParser(encoding="utf-8")
        )
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return []
    found: dict[str, Entry] = {}
    links: Any = root.iter("a")
    for node in links:
        address = urls.absolute(node.get("href") or "", url)
        if not address or urls.host(address) != urls.host(url):
            continue
        path = urlsplit(address).path.rstrip("/")
        if re.search(r"/(?:page/\d+|\d{4}(?:/\d\d){1,2})$", path):
            continue  # the archive's own pages
        address = urls.canonical(address)
        words = " ".join(node.text_content().split())
        known = found.get(address)
        if known is None or len(known.headline) < len(words):
            found[address] = Entry(url=address, headline=words[: feeds.LONGEST_HEADLINE])
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which days of a span are covered. A gap is its first and last day.

    `first` and `last` are the days of the earliest and latest article; None where there is none.
    """

    first: date | None
    last: date | None
    articles: int
    undated: int
    gaps: tuple[tuple[date, date], ...]

    def words(self) -> str:
        """For a person: "Covered from 1 to 30 March 2026, but for 5 to 9 March"."""
        if self.first is None or self.last is None:
            return "Nothing with a date."
        said = f"Covered from {_said(self.first)} to {_said(self.last)}"
        if self.gaps:
            spans = (_said(a) if a == b else f"{_said(a)} to {_said(b)}" for a, b in self.gaps)
            said += ", with nothing from " + "; ".join(spans)
        return said + "."


def coverage(
    days: Iterable[date | None], first: date, last: date, *, per_week: float | None = None
) -> Coverage:
    """What a source's articles cover of the days from `first` to `last`, both counted.

    days      the day of each article; None where it has none
    per_week  how many it usually brings: days without any are a gap only where chance makes so
              many in a row in less than 1 case of 100 (4.6 mean waits). Without it the mean of
              the articles given is taken. Before the first and after the last day the same holds.
    """
    listed = list(days)
    known = sorted(day for day in listed if day and first <= day <= last)
    undated = sum(day is None for day in listed)
    span = (last - first).days + 1
    rate = per_week / 7 if per_week else len(known) / span
    longest = max(4.6 / rate, 1.0) if rate else 0.0
    gaps = []
    edges = [first - timedelta(days=1), *known, last + timedelta(days=1)]
    for earlier, later in itertools.pairwise(edges):
        empty = (later - earlier).days - 1
        if empty > longest:
            gaps.append((earlier + timedelta(days=1), later - timedelta(days=1)))
    return Coverage(
        known[0] if known else None, known[-1] if known else None, len(known), undated, tuple(gaps)
    )


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
