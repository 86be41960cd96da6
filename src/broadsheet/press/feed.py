"""Feeds of editions and of items: Atom, RSS 2.0 and JSON Feed 1.1.

Nothing here knows the time: a feed is as new as its newest entry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any
from urllib.parse import urljoin
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from broadsheet.press import markdown, web
from broadsheet.press.house import House
from broadsheet.press.proof import proof
from broadsheet.wire.dates import When, first_day
from broadsheet.wire.edition import Edition, Item

_ATOM = "http://www.w3.org/2005/Atom"
_TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
_XML = "http://www.w3.org/XML/1998/namespace"
# XML 1.0, production 2: the characters that a document may not hold
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # of a feed without entries


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one thing. `id` is a URI that never changes; `updated` is aware."""

    id: str
    url: str
    title: str
    updated: datetime
    html: str = ""
    summary: str = ""
    author: str = ""
    language: str = "en"


def moment(when: When | None) -> datetime:
    """The first instant that a date can mean, in UTC where no offset is stated; EPOCH for None."""
    if when is None:
        return EPOCH
    return when.moment() or datetime.combine(first_day(when.value), time(), UTC)


def issues(
    editions: Iterable[Edition],
    *,
    base_url: str,
    edition_url: Callable[[Edition], str] | None = None,
    updated: Callable[[Edition], datetime] | None = None,
    house: House | None = None,
    today: date | None = None,
) -> list[Entry]:
    """An entry for each edition, newest first, with the whole issue as its content.

    `updated` gives the moment an edition went out; by default the first instant of its date.
    """
    made = []
    for edition in editions:
        sheet = proof(edition, house, today=today)
        url = edition_url(edition) if edition_url else urljoin(base_url, f"#{edition.uid}")

        def address(item: Item, url: str = url) -> str:
            return f"{url.partition('#')[0]}#{item.uid}"

        made.append(
            Entry(
                id=f"urn:broadsheet:edition:{edition.uid}",
                url=url,
                title=sheet.whole_title,
                updated=updated(edition) if updated else moment(edition.date),
                html=str(
                    web.main(edition, house=house, today=today, item_url=address, base_url=base_url)
                ),
                summary=" ".join([*sheet.notices, sheet.preview]).strip(),
                author=edition.organisation or sheet.masthead or sheet.title,
                language=edition.language,
            )
        )
    return _newest_first(made)


def items(
    edition: Edition,
    *,
    base_url: str,
    edition_url: str | None = None,
    item_url: Callable[[Item], str] | None = None,
    updated: datetime | None = None,
    house: House | None = None,
    today: date | None = None,
) -> list[Entry]:
    """An entry for each item of an edition, in the order of the edition.

    All were published with the edition, so all bear its moment; the item's own date stands in the
    content. An entry leads to the item on our page, and its content to the source.
    """
    sheet = proof(edition, house, today=today)
    when = updated or moment(edition.date)
    page = edition_url or base_url
    made = []
    for part in sheet.parts:
        for piece in part.pieces:
            facts = " · ".join(
                markdown.escaped(fact) for fact in (piece.source, piece.date) if fact
            )
            doors = "\n\n".join(
                f"[{markdown.escaped(door.words)}]({door.url})" if door.url else door.words
                for door in piece.doors
            )
            pictures = "\n\n".join(
                markdown.escaped(f"{figure.caption} {figure.credit}".strip())
                for figure in piece.figures
            )
            body = "\n\n".join(x for x in (facts, piece.summary, pictures, doors) if x)
            made.append(
                Entry(
                    id=f"urn:broadsheet:item:{piece.uid}",
                    url=item_url(piece.item) if item_url else f"{page}#{piece.uid}",
                    title=piece.heading,
                    updated=when,
                    html=markdown.html(body),
                    summary=" ".join([*sheet.notices, markdown.plain(piece.summary)]).strip(),
                    author=piece.source or sheet.masthead or sheet.title,
                    language=edition.language,
                )
            )
    return made


def atom(
    editions: Iterable[Edition],
    *,
    base_url: str,
    title: str,
    feed_id: str,
    edition_url: Callable[[Edition], str] | None = None,
    updated: Callable[[Edition], datetime] | None = None,
    self_url: str | None = None,
    house: House | None = None,
    today: date | None = None,
) -> bytes:
    """An Atom feed (RFC 4287) of editions, newest first."""
    made = issues(
        editions,
        base_url=base_url,
        edition_url=edition_url,
        updated=updated,
        house=house,
        today=today,
    )
    return as_atom(made, base_url=base_url, title=title, feed_id=feed_id, self_url=self_url)


def as_atom(
    made: Sequence[Entry],
    *,
    base_url: str,
    title: str,
    feed_id: str,
    self_url: str | None = None,
    gone: Iterable[tuple[str, datetime]] = (),
) -> bytes:
    """Entries as Atom (RFC 4287), in the order given.

    gone   ids that were withdrawn, with when: readers' programs take them out (RFC 6721)
    """
    register_namespace("", _ATOM)
    register_namespace("at", _TOMBSTONES)
    feed = Element(f"{{{_ATOM}}}feed")

    def add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
        element = SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
        element.text = clean(text) if text is not None else None
        return element

    add(feed, "title", title)
    add(feed, "id", feed_id)
    add(feed, "updated", _rfc3339(max((e.updated for e in made), default=EPOCH)))
    add(feed, "link", rel="alternate", type="text/html", href=base_url)
    if self_url:
        add(feed, "link", rel="self", type="application/atom+xml", href=self_url)
    add(feed, "generator", "Broadsheet")
    for entry in made:
        element = add(feed, "entry")
        element.set(f"{{{_XML}}}lang", entry.language)
        add(element, "title", entry.title)
        add(element, "id", entry.id)
        add(element, "updated", _rfc3339(entry.updated))
        add(element, "published", _rfc3339(entry.updated))
        add(element, "link", rel="alternate", type="text/html", href=entry.url)
        add(add(element, "author"), "name", entry.author or title)
        if entry.summary:
            add(element, "summary", entry.summary, type="text")
        if entry.html:
            add(element, "content", entry.html, type="html")
    for ref, when in gone:
        SubElement(feed, f"{{{_TOMBSTONES}}}deleted-entry", ref=ref, when=_rfc3339(when))
    return _document(feed)


def as_rss(
    made: Sequence[Entry],
    *,
    base_url: str,
    title: str,
    description: str,
    language: str = "en",
    self_url: str | None = None,
) -> bytes:
    """Entries as RSS 2.0, in the order given."""
    register_namespace("atom", _ATOM)
    rss = Element("rss", version="2.0")
    channel = SubElement(rss, "channel")

    def add(parent: Element, name: str, text: str, **attributes: str) -> None:
        SubElement(parent, name, attributes).text = clean(text)

    add(channel, "title", title)
    add(channel, "link", base_url)
    add(channel, "description", description or title)
    add(channel, "language", language)
    if made:
        add(channel, "lastBuildDate", _rfc822(max(entry.updated for entry in made)))
    if self_url:
        SubElement(
            channel, f"{{{_ATOM}}}link", rel="self", type="application/rss+xml", href=self_url
        )
    for entry in made:
        item = SubElement(channel, "item")
        add(item, "title", entry.title)
        add(item, "link", entry.url)
        add(item, "guid", entry.id, isPermaLink="false")
        add(item, "pubDate", _rfc822(entry.updated))
        add(item, "description", entry.html or entry.summary)
    return _document(rss)


def as_json(
    made: Sequence[Entry],
    *,
    base_url: str,
    title: str,
    language: str = "en",
    self_url: str | None = None,
) -> bytes:
    """Entries as JSON Feed 1.1, in the order given."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": base_url,
        "language": language,
    }
    if self_url:
        feed["feed_url"] = self_url
    feed["items"] = [
        {
            "id": entry.id,
            "url": entry.url,
            "title": entry.title,
            "content_html": entry.html,
            "summary": entry.summary,
            "date_published": _rfc3339(entry.updated),
            "language": entry.language,
        }
        | ({"authors": [{"name": entry.author}]} if entry.author else {})
        for entry in made
    ]
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def files(
    edition: Edition, *, base_url: str, house: House | None = None, today: date | None = None
) -> dict[str, bytes]:
    """The items of one edition as all three feeds: file name -> bytes."""
    made = items(edition, base_url=base_url, house=house, today=today)
    title = proof(edition, house).whole_title
    return {
        "atom.xml": as_atom(
            made, base_url=base_url, title=title, feed_id=f"urn:broadsheet:edition:{edition.uid}"
        ),
        "rss.xml": as_rss(
            made, base_url=base_url, title=title, description=title, language=edition.language
        ),
        "feed.json": as_json(made, base_url=base_url, title=title, language=edition.language),
    }


def clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NO_XML.sub("", text)


def _newest_first(made: list[Entry]) -> list[Entry]:
    return sorted(made, key=lambda entry: (entry.updated, entry.id), reverse=True)


def _document(root: Element) -> bytes:
    out: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return out + b"\n"


def _rfc3339(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rfc822(when: datetime) -> str:
    return format_datetime(when.astimezone(UTC))
