"""A whole edition with one of everything that an item can have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from broadsheet.press.house import House
from broadsheet.wire import dates
from broadsheet.wire.edition import Edition, Image, Item, Kind, Link, Permission, Section

HOUSE = House(
    organisation="Lantern House",
    hotline="Call **1234 5678** at any hour, or write to "
    "[help@lantern.example](mailto:help@lantern.example).",
    footer=("Nobody is tracked.",),
    address="4 Pier Road, Lowport",
)


def item(**but: Any) -> Item:
    """A news item of a day in June 2026 with one link."""
    given: dict[str, Any] = {
        "uid": "i1",
        "kind": Kind.ARTICLE,
        "headline": "Coast guard frees fishermen",
        "date": dates.typed("21 June 2026"),
        "source": "The Example Tribune",
        "summary": "The coast guard said that it had freed 43 fishermen.",
        "links": (Link("Access the article here.", "https://tribune.example/coast-guard"),),
    }
    return Item(**given | but)


def edition(*items: Item, **but: Any) -> Edition:
    """June 2026 with one section; with no items given, one news item."""
    given: dict[str, Any] = {
        "uid": "e1",
        "newsletter": "The Harbour Letter",
        "title": "June 2026",
        "date": dates.typed("June 2026"),
        "sections": (Section("News", None, items or (item(),)),),
    }
    return Edition(**given | but)


def full() -> Edition:
    """Highlights with a list and three links, notes, pictures with and without permission, resources."""
    report = item(
        uid="h1",
        kind=Kind.HIGHLIGHT,
        headline="Harbour Labour Report 2026",
        date=None,
        source=None,
        summary="The city moved to ‘Band 3’.\n\nIt asks for:\n\n- talks with **crews**,\n"
        "- and [a register](https://lantern.example/register?a=1&b=2).",
        links=(
            Link("Access the Harbour Labour Report 2026 here.", "https://lantern.example/report"),
            Link("Access the city’s response here.", "https://lantern.example/city"),
            Link("Access Lantern House’s response here.", None),
        ),
    )
    news = item(
        our_heading="Fishermen freed",
        note="The number was 40 at first.",
        content_note="speaks of violence",
        footnotes=("The captains were named.",),
        images=(
            Image(
                "https://tribune.example/nets.jpg",
                "Nets",
                "Nets at the pier.",
                "LNS, via The Example Tribune",
            ),
        ),
    )
    ours = item(
        uid="i2",
        headline="A new pier opens",
        images=(
            Image(
                "https://media.lantern.example/pier.jpg",
                "A pier in the evening",
                "The new pier",
                "Mara Quill",
                permission=Permission("own picture"),
            ),
        ),
    )
    resource = item(
        uid="r1",
        kind=Kind.RESOURCE,
        headline="The Gangway Handbook",
        date=dates.typed("February 2026"),
        source="Lowport Harbour Council",
        links=(Link("Access the Handbook here.", "https://council.example/handbook"),),
    )
    yearly = replace(resource, uid="r2", headline="Forced labour at sea", date=dates.typed("2026"))
    return edition(
        sections=(
            Section("Highlights of the Month", None, (report,)),
            Section("News", None, (news, ours)),
            Section(None, "Our pick for ferries:", (resource, yearly)),
        )
    )
