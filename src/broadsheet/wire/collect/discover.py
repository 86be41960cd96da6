"""The feeds that a page names, and where one may stand that it does not name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

import lxml.etree
import lxml.html

from broadsheet.wire import urls
from broadsheet.wire.collect.plain import one_line

_TYPES = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/rdf+xml": "rdf",
    "application/feed+json": "json",
    "application/json": "json",
    "application/xml": "rss",
    "text/xml": "rss",
}
_LOOKS = re.compile(
    r"(?i)(?:^|[/._=?-])(?:rss|feeds?|atom|rdf)(?:[/._?-]|\d|$)|\.(?:rss|atom|rdf)$|feed\.json$"
)
_NOT = re.compile(
    r"(?i)comment|/wp-json/|oembed|opensearch|feedback|feedly\.com|\.(?:png|svg|css|js)$"
)
# Where the common systems put it: WordPress, Ghost, Hugo, Drupal, Blogger, Jekyll
USUAL = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
MOST = 50


@dataclass(frozen=True, slots=True)
class Link:
    """A feed that a page names. `sure` where the page itself says that it is one."""

    url: str
    title: str = ""
    sure: bool = True


def links(markup: str, url: str) -> list[Link]:
    """The feeds that a page names: `<link rel=alternate>` first, then links that look like feeds.

    Feeds of comments come last. Each address once, made whole with the page's `<base>`.
    """
    try:
        root = lxml.html.document_fromstring(markup[:2_000_000].encode("utf-8", "replace"),
                                             parser=lxml.html.HTMLParser(encoding="utf-8"))  # fmt: skip
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return []
    base = url
    for node in root.iter("base"):
        base = urls.absolute(node.get("href") or "", url) or url
        break
    found: dict[str, Link] = {}
    for node in root.iter("link"):
        rel = (node.get("rel") or "").lower().split()
        kind = (node.get("type") or "").lower().partition(";")[0].strip()
        if ("alternate" in rel and kind in _TYPES) or "feed" in rel:
            address = urls.absolute(node.get("href") or "", base)
            if address and not re.search(r"/wp-json/|oembed", address):
                found.setdefault(address, Link(address, one_line(node.get("title") or "")))
    for node in root.iter("a"):
        href = node.get("href") or ""
        address = urls.absolute(href, base) if href else None
        if not address or address == url or _NOT.search(address):
            continue
        parts = urlsplit(address)
        if _LOOKS.search(parts.path.rstrip("/")) or _LOOKS.search(parts.query):
            label = one_line(lxml.html.tostring(node, encoding="unicode", with_tail=False)[:2000])
            found.setdefault(address, Link(address, label[:100], sure=False))
    ranked = sorted(
        found.values(), key=lambda one: bool(re.search("(?i)comment", one.url + one.title))
    )
    return ranked[:MOST]


def guesses(url: str) -> list[str]:
    """Where the site's feed may stand; to be asked one by one, and only when an editor looks for it."""
    parts = urlsplit(url)
    site = f"{parts.scheme}://{parts.netloc}"
    folder = parts.path.rstrip("/")
    inside = [f"{site}{folder}/feed/"] if folder else []
    return inside + [site + path for path in USUAL]
