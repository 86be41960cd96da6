"""Read: a page becomes an article. Pure; bytes in, no network, no clock.

trafilatura finds the body; headline, dates, source, authors, picture and language are read by the
modules beside this one, from the one tree that is parsed.
"""

from __future__ import annotations

from broadsheet.wire import text as texts
from broadsheet.wire import urls
from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import ReadError
from broadsheet.wire.model import Article, Entry, Page
from broadsheet.wire.read import body, byline, headline, kinds, names, naming, picture, when
from broadsheet.wire.read.document import Document, Node, parse
from broadsheet.wire.read.document import kinds as types_of
from broadsheet.wire.read.document import words as words_of

__all__ = ["read"]


def read(page: Page, beat: Beat | None = None) -> Article:
    """Read a page as an article.

    Raises ReadError where it has no headline or no text, is a wall, a consent page, a soft 404 or a
    list of links, or is too much to be an article. Where the page came from a feed that gave a text,
    that text stands in and `failures` says so. `beat` gives names and time zones of
    sources. A date after `fetched` is kept and marked. Costs about 15 ms for a page of 150 kB.
    """
    try:
        return _read(page, beat)
    except ReadError as error:
        if page.entry and page.entry.text.strip() and page.entry.headline.strip():
            return from_entry(page, page.entry, beat, str(error.what))
        raise


def _read(page: Page, beat: Beat | None) -> Article:
    document = parse(page)
    article = main(document)
    host = urls.host(document.canonical or page.url)
    title = headline.headline(document, article)
    image = picture.picture(document, article)
    source = naming.source(document, article, beat, host) or (
        page.entry.source if page.entry else None
    )
    signed = byline.authors(document, article, source, host)
    published = when.published(document, article)
    updated = when.updated(document, article)
    if published is None and page.entry:
        published = page.entry.published
    if published is None:
        published = when.hidden(document)
    if updated is None and page.entry:
        updated = page.entry.updated
    zone = naming.zone(beat, host)
    placed = when.placed(published, zone)
    zoned = placed is not published
    published, updated = placed, when.placed(updated, zone)
    text = body.text(document, article, title)  # last: it takes the tree apart
    kinds.refuse(document, text, title, article)
    if kinds.index(document, text, article):
        raise ReadError(
            "This is a list of links and no article",
            at=page.url,
            hint="Add it as a source to watch.",
        )
    entry = page.entry
    failures = list(document.notes)
    if not title and entry and entry.headline:
        title = entry.headline
        failures.append("headline from the feed")
    if not text and entry and entry.text.strip():
        text = entry.text.strip()
        failures.append("text from the feed")
    if not title or not text:
        raise ReadError(
            f"The page has no {'headline' if not title else 'text'}",
            at=page.url,
            hint="If it is an article, enter it by hand.",
        )
    failures += kinds.notes(document, text, article)
    if published is None:
        failures.append("no date found")
    if zoned:
        failures.append("the date's offset is that of the source's time zone")
    for name, date in (("date", published), ("date of the update", updated)):
        if date and when.future(date, page.fetched):
            failures.append(f"the {name} lies in the future")
    if not signed and entry:
        signed = names.signed(entry.authors)
    return Article(
        headline=title,
        text=text,
        id=page.id,
        url=page.url or document.canonical,
        canonical_url=document.canonical,
        description=headline.description(document, article),
        published=published,
        updated=updated,
        authors=signed,
        source=source,
        language=naming.language(text, document.lang),
        image=image,
        paywalled=headline.paywalled(document, article),
        failures=tuple(failures),
    )


def main(document: Document) -> Node | None:
    """The object of the linked data that tells of this page's article, not of a teaser's."""
    found = [node for node in document.nodes if types_of(node) & kinds.ARTICLE]
    if any("liveBlogUpdate" in node for node in found):  # its updates are no articles of their own
        found = [node for node in found if "liveBlogUpdate" in node]
    if not found:
        return None
    here = {urls.key(u) for u in (document.canonical, document.url) if u}
    title = document.meta("og:title") or document.title

    def rank(node: Node) -> tuple[int, int]:
        points = 0
        address = node.get("mainEntityOfPage")
        address = address.get("@id") or address.get("url") if isinstance(address, dict) else address
        for given in (address, node.get("url"), node.get("@id")):
            if isinstance(given, str) and urls.key(given.partition("#")[0]) in here:
                points += 4
                break
        name = words_of(node.get("headline") or node.get("name"))
        if name and (name in title or title in name):
            points += 3
        points += ("datePublished" in node) + ("author" in node) + 2 * ("articleBody" in node)
        points -= 3 * bool(types_of(node) & {"CreativeWork", "Review"})
        points -= 9 * (
            "Product" in types_of(node)
        )  # the subscription that a paid article is part of
        return points, len(node)

    return max(found, key=rank)


def from_entry(page: Page, entry: Entry, beat: Beat | None, why: str) -> Article:
    """What the feed said, as an article: where the page could not be read."""
    address = entry.url or page.url
    host = urls.host(address)
    return Article(
        headline=texts.squeezed(entry.headline),
        text=entry.text.strip(),
        id=page.id,
        url=page.url or None,
        canonical_url=urls.canonical(address) if address else None,
        published=entry.published,
        updated=entry.updated,
        authors=names.signed(entry.authors),
        source=naming.known(beat, host) or entry.source or host or None,
        language=naming.language(entry.text, entry.language),
        failures=("text from the feed", why),
    )
