"""Links: their form, what they tell others, whether an earlier issue had them, and what came when they
were last tried."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from broadsheet.issues.checking.model import Finding, Where
from broadsheet.issues.checking.told import telling
from broadsheet.issues.models import Issue, Pick, Reached
from broadsheet.news.models import Article as ArticleRow
from broadsheet.wire import text, urls
from broadsheet.wire.wording import Severity


def links(
    pick: Pick, place: Where, articles: Sequence[ArticleRow], earlier: Mapping[str, str]
) -> Iterator[Finding]:
    addresses = [link.get("url") for link in pick.links]
    where = replace(place, field="links")
    outside = pick.kind in (Pick.Kind.ARTICLE, Pick.Kind.RESOURCE)
    if outside and not any(addresses):
        yield Finding(
            "link-missing", Severity.WARN, where, telling("The reader cannot get to the source."),
            (telling("add the address of the article or page"),), kind="links",
        )  # fmt: skip
    paid = {urls.key(a.url) for a in articles if a.url and a.paywalled}
    free = [a for a in articles if a.url and not a.paywalled]
    for number, url in enumerate(addresses):
        if not url:
            continue
        at = replace(where, number=number)
        if not re.match(r"(?:https?://|mailto:)\S+$", url):
            yield Finding(
                "link-form", Severity.ERROR, at, telling("This is no address that a reader can follow."),
                (telling("write it with https:// in front"),), url, kind="links",
            )  # fmt: skip
            continue
        named = urls.trackers(url)
        if named:
            yield Finding(
                "link-tracker",
                Severity.WARN,
                at,
                telling(
                    "The address tells others who came from where: %(trackers)s.",
                    trackers=", ".join(named),
                ),
                (urls.canonical(url),),
                url,
                kind="links",
            )
        key = urls.key(url)
        if key in earlier and pick.kind == Pick.Kind.ARTICLE:
            yield Finding(
                "link-repeated",
                Severity.WARN,
                at,
                telling("%(issue)s had this link already.", issue=earlier[key]),
                (telling("say what is new"), telling("leave the item out")),
                url,
                kind="links",
            )
        if key in paid and free:
            yield Finding(
                "link-paywalled", Severity.HINT, at,
                telling("Most readers cannot open this page, and the story has one that they can."),
                tuple(a.url for a in free[:3]), url, kind="links",
            )  # fmt: skip


def addresses(pick: Pick) -> list[str]:
    """The web addresses that an item links to, in their order."""
    found = [str(link.get("url") or "") for link in pick.links]
    return [url for url in found if url.startswith(("http://", "https://"))]


def earlier(issue: Issue) -> dict[str, str]:
    """The addresses that other issues' published items link to, with the titles of those issues.
    One query."""
    others = (
        Pick.objects.filter(issue__state=Issue.State.PUBLISHED)
        .exclude(issue=issue)
        .exclude(kind=Pick.Kind.RESOURCE)
        .values_list("links", "issue__title")
        .order_by("issue__month")
    )
    return {
        urls.key(link["url"]): title for links, title in others for link in links if link.get("url")
    }


def reached(items: Iterable[Pick]) -> dict[str, Reached]:
    """What came when the items' links were last tried, by address. One query."""
    wanted = {url_hash(url) for pick in items for url in addresses(pick)}
    return {row.url: row for row in Reached.objects.filter(url_hash__in=wanted)}


def url_hash(url: str) -> str:
    """The SHA-256 of an address, under which what came is kept."""
    return hashlib.sha256(url.encode()).hexdigest()


def reaching(
    pick: Pick,
    place: Where,
    articles: Sequence[ArticleRow],
    known: Mapping[str, Reached],
) -> Iterator[Finding]:
    """Links that did not open, have moved, or lie behind a paywall; and articles not kept."""
    others = [a.url for a in articles if a.url and not a.paywalled]
    by_key = {urls.key(a.url): a for a in articles if a.url}
    for number, link in enumerate(pick.links):
        url = str(link.get("url") or "")
        row = known.get(url)
        where = replace(place, field="links", number=number)
        kept = by_key.get(urls.key(url)) if url else None
        if kept is not None and pick.story_id and row and not hasattr(kept, "snapshot"):
            yield Finding(
                "link-not-kept", Severity.HINT, where,
                telling("The desk has no copy of this page, should it change or go."),
                (telling("keep the page by hand, as PDF or on paper"),), url, kind="links",
            )  # fmt: skip
        if pick.heading_only and url and _tells(pick, url):
            yield Finding(
                "link-tells-headline",
                Severity.WARN,
                where,
                telling(
                    "The address repeats words of the headline that is kept out of this issue."
                ),
                (telling("link to another report of the story"), telling("leave the link out")),
                url,
                kind="people",
            )
        if row is not None:
            yield from _as_reached(row, where, tuple(o for o in others if o != url))


def _as_reached(row: Reached, where: Where, others: tuple[str, ...]) -> Iterator[Finding]:
    """What to say of a link that was tried. `others` are free pages of the same story."""
    if row.state == Reached.State.FAILED:
        yield Finding(
            "link-unreachable", Severity.WARN, where,
            telling("The page did not open: %(why)s", why=row.words),
            (telling("open it yourself; find where it went"), *others), row.url, kind="links",
        )  # fmt: skip
    elif row.state == Reached.State.WALLED:
        yield Finding(
            "link-walled", Severity.HINT, where,
            telling("The site shows machines a test, so whether readers can open the page is not known."),
            (telling("open it yourself"),), row.url, kind="links",
        )  # fmt: skip
    elif row.state == Reached.State.MOVED:
        yield Finding(
            "link-moved", Severity.WARN, where, telling("The page has moved for good."),
            (row.moved_to,), row.url, kind="links",
        )  # fmt: skip
    elif row.state == Reached.State.PAYWALLED and others:
        yield Finding(
            "link-paywalled", Severity.WARN, where,
            telling("Most readers cannot open this page, and the story has one that they can."),
            others[:3], row.url, kind="links",
        )  # fmt: skip
    elif row.state == Reached.State.PAYWALLED:
        yield Finding(
            "link-paywalled", Severity.HINT, where, telling("Most readers cannot open this page."),
            (telling("say so beside the link"), telling("look for a free copy")), row.url, kind="links",
        )  # fmt: skip


def _tells(pick: Pick, url: str) -> bool:
    """Whether an address repeats words of a hidden headline that our own heading does not use."""
    own = set(text.words(f"{pick.our_heading} {pick.summary}".casefold()))
    hidden = {
        word for word in text.words(pick.headline.casefold()) if len(word) > 3 and word not in own
    }
    there = set(re.split(r"[^a-z0-9]+", url.casefold()))
    return len(hidden & there) > 0
