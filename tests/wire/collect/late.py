"""A desk begun on the 25th: three invented outlets, what each still tells of March, and what is found.

Used by `test_late.py`, and printed by `bench/bench_collect.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from email.message import EmailMessage

from broadsheet.wire import urls
from broadsheet.wire.collect import Fetcher, backfill, feed, mailbox
from broadsheet.wire.collect.backfill import Coverage
from broadsheet.wire.model import Entry
from tests.wire.collect.site import Answer, Asked, Route, Site

FIRST, TODAY = date(2026, 3, 1), date(2026, 3, 25)
A_DAY = 4  # stories that each outlet prints a day


@dataclass(frozen=True)
class Late:
    """What one outlet printed, what its feed held on the 25th, and what was found in all."""

    outlet: str
    printed: int
    in_feed: int
    found: int
    doubled: int
    before: Coverage
    after: Coverage


def stories() -> list[tuple[date, int]]:
    return [
        (FIRST + timedelta(days=day), day * A_DAY + n)
        for day in range((TODAY - FIRST).days + 1)
        for n in range(A_DAY)
    ]


def path(day: date, n: int) -> str:
    return f"/{day.year}/{day.month:02}/{day.day:02}/story-{n}"


def item(day: date, n: int) -> str:
    return (
        f"<item><title>Story number {n}</title><link>{path(day, n)}</link>"
        f"<pubDate>{day.day} Mar 2026 0{n % 10}:00:00 +0800</pubDate></item>"
    )


def rss() -> bytes:
    newest = sorted(stories(), reverse=True)[:20]
    items = "".join(item(day, n) for day, n in newest)
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()


def archive(asked: Asked) -> Answer:
    """WordPress's pages of a month: ten stories on each, newest first."""
    page = int(asked.path.rstrip("/").rpartition("/")[2]) if "/page/" in asked.path else 1
    listed = sorted(stories(), reverse=True)[(page - 1) * 10 : page * 10]
    if not listed:
        return Answer(b"nothing", 404)
    links = "".join(f"<h2><a href='{path(day, n)}'>Story number {n}</a></h2>" for day, n in listed)
    return Answer(f"<html><a href='/about'>About us</a>{links}</html>".encode())


def with_sitemap(base: str) -> dict[str, Route]:
    lines = "".join(
        f"<url><loc>{base}{path(day, n)}</loc><lastmod>{day}</lastmod></url>"
        for day, n in stories()
    )
    index = "".join(
        f"<sitemap><loc>{base}/sitemap-2026-{month:02}.xml</loc></sitemap>" for month in (1, 2, 3)
    )
    return {
        "/robots.txt": f"User-agent: *\nSitemap: {base}/sitemap.xml\n".encode(),
        "/rss": rss(),
        "/sitemap.xml": f"<sitemapindex>{index}</sitemapindex>".encode(),
        "/sitemap-2026-03.xml": f"<urlset>{lines}</urlset>".encode(),
    }


def with_archive(base: str) -> dict[str, Route]:
    pages: dict[str, Route] = {f"/2026/03/page/{n}/": archive for n in range(1, 20)}
    return pages | {"/rss": rss(), "/2026/03/": archive}


def with_letters_only(base: str) -> dict[str, Route]:
    return {"*": Answer(b"<title>Access Denied</title>", 403)}


def letter(base: str, day: date) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "The Letter <letter@outlet.example>", f"News of {day:%d %B}"
    mail["Date"] = f"{day:%a, %d %b %Y} 18:00:00 +0800"
    links = "".join(
        f"<h3><a href='{base}{path(on, n)}?utm_source=letter'>Story number {n}</a></h3><p>What happened.</p>"
        for on, n in stories()
        if on == day
    )
    mail.set_content("See the HTML.")
    mail.add_alternative(
        f"<html>{links}<a href='{base}/unsubscribe'>Unsubscribe</a></html>", subtype="html"
    )
    return mail.as_bytes()


OUTLETS: dict[str, Callable[[str], dict[str, Route]]] = {
    "with a sitemap": with_sitemap,
    "with archive pages only": with_archive,
    "that refuses us, by mail": with_letters_only,
}


def begin(outlet: str, site: Site, fetcher: Fetcher) -> Late:
    base = site.url("")
    site.routes = OUTLETS[outlet](base)
    came = feed(fetcher, f"{base}/rss")
    found = list(came.entries)
    before = covered(found)
    if came.problem is None:
        found += backfill.fill(fetcher, base, FIRST, TODAY).entries
    else:
        for day in sorted({day for day, _ in stories()}):
            found += mailbox.entries(letter(base, day))
    pages = {urls.key(one.url) for one in found if one.url}
    told = {urls.key(f"{base}{path(day, n)}") for day, n in stories()}
    return Late(
        outlet,
        len(told),
        len(came.entries),
        len(pages & told),
        len(pages - told),
        before,
        covered(found),
    )


def covered(entries: list[Entry]) -> Coverage:
    """By each entry's own date, else by the day in its address."""
    days: dict[str, date | None] = {}
    for one in entries:
        told = backfill.in_address(one.url or "")
        day = one.published.day if one.published else told[0] if told else None
        days[urls.key(one.url or "")] = day
    return backfill.coverage(days.values(), FIRST, TODAY, per_week=7 * A_DAY)
