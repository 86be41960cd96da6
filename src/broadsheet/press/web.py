"""An edition as a web page: no script runs in it, nothing is fetched but the reader's own pictures.

The one `script` element holds linked data (schema.org), which a browser never executes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin

from markupsafe import Markup

from broadsheet.press import dates, templating
from broadsheet.press.house import House
from broadsheet.press.proof import Piece, Proof, others, proof, summary_words
from broadsheet.wire.edition import Edition, Item, Kind


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that the page announces."""

    url: str
    title: str
    type: str = "application/atom+xml"


def web(
    edition: Edition,
    *,
    house: House | None = None,
    today: date | None = None,
    url: str | None = None,
    item_url: Callable[[Item], str] | None = None,
    alternates: Mapping[str, str] | None = None,
    feeds: Sequence[FeedLink] = (),
    style_url: str | None = None,
    home_url: str | None = None,
    feed_url: str | None = None,
    search_url: str | None = None,
    subscribe_url: str | None = None,
    exit_url: str | None = None,
) -> str:
    """The complete page.

    url         the page's own permanent address (canonical link, Open Graph, linked data)
    item_url    the permanent address of an item; by default its anchor on this page
    alternates  language -> address of the same issue in that language
    style_url   link this style sheet instead of putting ours into the page
    home_url    the list of all issues; with `search_url`, `subscribe_url` (where to sign up) and
                `feed_url` a line above the masthead
    exit_url    a page of no meaning, for readers who must leave at once
    """
    sheet = proof(edition, house, today=today)
    other_languages = others(alternates)
    picture = next(
        (f for part in sheet.parts for piece in part.pieces for f in piece.figures if f.url), None
    )
    addresses = _addresses(sheet, item_url)
    return templating.render(
        "web.html",
        p=sheet,
        say=sheet.say,
        canonical=url,
        alternates=other_languages,
        feeds=feeds,
        og_locale=str(dates.locale(edition.language)),
        picture=picture,
        picture_url=urljoin(url, picture.url) if url and picture and picture.url else "",
        style_url=style_url,
        home_url=home_url,
        feed_url=feed_url,
        search_url=search_url,
        subscribe_url=subscribe_url,
        exit_url=exit_url,
        css=style(house, language=edition.language),
        linked_data=_script(_linked_data(sheet, url, addresses)),
        main=_main(sheet, addresses, other_languages),
    )


def main(
    edition: Edition,
    *,
    house: House | None = None,
    today: date | None = None,
    item_url: Callable[[Item], str] | None = None,
    alternates: Mapping[str, str] | None = None,
    base_url: str | None = None,
) -> Markup:
    """Only the issue itself, as one article element, for a page that has its own frame.

    `base_url` makes the addresses of our own pictures whole, for what is read elsewhere.
    """
    sheet = proof(edition, house, today=today, base_url=base_url)
    return _main(sheet, _addresses(sheet, item_url), others(alternates))


def style(house: House | None = None, *, language: str = "en") -> Markup:
    """The style sheet of the page, for serving it as a file."""
    return templating.style("web.css", house=house or House(), language=language)


def _main(sheet: Proof, addresses: Mapping[str, str], others: list[dict[str, str]]) -> Markup:
    return Markup(  # noqa: S704 -- rendered by our own escaping template
        templating.render(
            "web_main.html",
            p=sheet,
            h=sheet.house,
            say=sheet.say,
            item_urls=addresses,
            alternates=others,
        )
    )


def _addresses(sheet: Proof, item_url: Callable[[Item], str] | None) -> dict[str, str]:
    return {
        piece.uid: item_url(piece.item) if item_url else f"#{piece.uid}"
        for part in sheet.parts
        for piece in part.pieces
    }


def _linked_data(sheet: Proof, url: str | None, addresses: Mapping[str, str]) -> dict[str, Any]:
    """schema.org: the issue as a PublicationIssue whose items are an ItemList.

    A news item is a NewsArticle with its own publisher and address: the report is the outlet's,
    and nothing here claims it for the newsletter.
    """
    pieces = [piece for part in sheet.parts for piece in part.pieces]
    issue: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": ["PublicationIssue", "CollectionPage"],
        "name": sheet.whole_title,
        "inLanguage": sheet.language,
    }
    if url:
        issue |= {"@id": url, "url": url}
    if sheet.edition.date:
        issue["datePublished"] = sheet.edition.date.value[:10]
    if sheet.masthead:
        issue["isPartOf"] = {"@type": "Periodical", "name": sheet.masthead}
    if sheet.house.organisation or sheet.edition.organisation:
        issue["publisher"] = {
            "@type": "Organization",
            "name": sheet.edition.organisation or sheet.house.organisation,
        }
    issue["mainEntity"] = {
        "@type": "ItemList",
        "numberOfItems": len(pieces),
        "itemListElement": [
            {"@type": "ListItem", "position": n, "item": _thing(piece, sheet, url, addresses)}
            for n, piece in enumerate(pieces, start=1)
        ],
    }
    return issue


_TYPE = {Kind.ARTICLE: "NewsArticle", Kind.RESOURCE: "CreativeWork", Kind.EVENT: "Event"}


def _thing(
    piece: Piece, sheet: Proof, url: str | None, addresses: Mapping[str, str]
) -> dict[str, Any]:
    address = addresses[piece.uid]
    if address.startswith("#"):
        address = f"{url}{address}" if url else ""
    kind = _TYPE.get(piece.kind, "Article")
    headline = piece.their_headline or piece.heading
    thing: dict[str, Any] = {"@type": kind, "name": headline}
    if kind.endswith("Article"):
        thing["headline"] = headline
    target = piece.address or address
    if target:
        thing["url"] = target
    if piece.item.date:
        thing["startDate" if kind == "Event" else "datePublished"] = piece.machine_date
    if piece.source:
        thing["publisher"] = {"@type": "Organization", "name": piece.source}
    described = summary_words(piece)
    if described:
        thing["description"] = described
    if sheet.edition.sample:
        thing["isBasedOn"] = sheet.say["sample"]
    return thing


def _script(data: dict[str, Any]) -> Markup:
    """JSON that cannot end its script element or open a comment in it."""
    shown = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        shown = shown.replace(char, f"\\u{ord(char):04x}")
    return Markup(shown)  # noqa: S704 -- every character that HTML reads is escaped
