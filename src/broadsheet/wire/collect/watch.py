"""A web page watched by a CSS selector, for outlets without a feed."""

from __future__ import annotations

from typing import Any

import lxml.etree
import lxml.html
from cssselect import SelectorError
from lxml.cssselect import CSSSelector

from broadsheet.wire import urls
from broadsheet.wire.collect import FeedResult, feeds
from broadsheet.wire.collect.charset import decode
from broadsheet.wire.collect.fetcher import Fetcher, Limits
from broadsheet.wire.collect.plain import one_line, plain
from broadsheet.wire.dates import When
from broadsheet.wire.errors import CollectError
from broadsheet.wire.model import Entry

MOST = 200


def entries(
    body: bytes, url: str, selector: str, content_type: str = "", *, most: int = MOST
) -> list[Entry]:
    """The entries that a selector finds on a page: one for each element, in order, each address once.

    The element is a link, or holds one (the one in a heading before others). Its headline is
    the heading's words, or the link's; its date what a `<time>` in it states. CollectError where the
    selector is none ("not_a_feed"), or finds no link ("empty"): then the page was rebuilt.
    """
    try:
        find = CSSSelector(selector, translator="html")
    except (SelectorError, lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise CollectError(
            f"{selector!r} is no CSS selector", at=url, reason="not_a_feed", hint="Such as: h2 a"
        ) from error
    text = decode(body, content_type).text
    try:
        root = lxml.html.document_fromstring(
            text.encode("utf-8", "replace"), parser=lxml.html.HTMLParser(encoding="utf-8")
        )
    except (lxml.etree.LxmlError, ValueError, AssertionError) as error:
        raise CollectError("The page cannot be parsed", at=url, reason="empty") from error
    base = next((urls.absolute(node.get("href") or "", url) for node in root.iter("base")), None)
    found: dict[str, Entry] = {}
    matched: Any = find(root)
    for node in matched:
        if len(found) >= most:
            break
        one = _entry(node, base or url)
        if one and one.url:
            found.setdefault(urls.key(one.url), one)
    if not found:
        raise CollectError(
            f"The selector {selector!r} finds no link on the page",
            at=url,
            reason="empty",
            hint="The page was rebuilt: choose the selector anew.",
        )
    return list(found.values())


def _entry(node: Any, base: str) -> Entry | None:
    heading = next(node.iter("h1", "h2", "h3", "h4", "h5", "h6"), None)
    links = [*(heading.iter("a") if heading is not None else ()), *node.iter("a")]
    above = node.getparent()
    while not links and above is not None:
        # the heading was chosen, and the link lies around it
        links = [above] if above.tag == "a" else []
        above = above.getparent()
    for link in links:
        address = urls.absolute(link.get("href") or "", base)
        if not address:
            continue
        words = heading if heading is not None else link
        headline = " ".join(words.text_content().split()) or one_line(link.get("title") or "")
        whole = plain(lxml.html.tostring(node, encoding="unicode", with_tail=False)[:50_000])
        text = "\n".join(line for line in whole.splitlines() if line != headline)
        return Entry(
            url=urls.canonical(address),
            headline=headline[: feeds.LONGEST_HEADLINE],
            text=text,
            published=_date(node),
        )
    return None


def _date(node: Any) -> When | None:
    for time in node.iter("time"):
        stated = time.get("datetime") or " ".join(time.text_content().split())
        found = feeds.when(stated, basis="time_element")
        if found:
            return found
    return None


def visit(
    fetcher: Fetcher,
    url: str,
    selector: str,
    known_etag: str | None = None,
    known_modified: str | None = None,
    known_hash: str | None = None,
    *,
    limits: Limits | None = None,
) -> FeedResult:
    """Visit a watched page as `collect.feed` visits a feed; the same arguments, the same result."""
    try:
        came = fetcher.get(url, etag=known_etag, modified=known_modified, limits=limits)
        if came.status == 304 or came.hash == known_hash:
            return FeedResult(
                url,
                unchanged="304" if came.status == 304 else "same",
                etag=came.headers.get("etag") or known_etag,
                modified=came.headers.get("last-modified") or known_modified,
                hash=known_hash,
                fetched=came.fetched,
                kind="page",
            )
        found = entries(came.body, came.final_url, selector, came.content_type)
    except CollectError as error:
        return FeedResult(url, problem=error)
    return FeedResult(
        url,
        entries=tuple(found),
        moved_to=came.moved_to,
        kind="page",
        etag=came.headers.get("etag"),
        modified=came.headers.get("last-modified"),
        hash=came.hash,
        fetched=came.fetched,
    )
