"""Feeds are parsed in a process that can be stopped, with the same result as here."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from broadsheet.wire.collect import feeds
from broadsheet.wire.collect.parsing import Parser
from broadsheet.wire.errors import CollectError

FEED = (
    b"<rss><channel><title>The Example</title>"
    b"<item><title>Fourteen freed</title><link>https://news.example/1</link></item></channel></rss>"
)
# feedparser's loose reader needs seconds for each MB of a feed that is not well formed
SLOW = b"<rss><channel>" + b"<item><title>a & b</title><description>&lt;p>x</item>" * 200_000


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser(seconds=30) as made:
        yield made


def test_a_feed_is_parsed_as_it_is_here(parser: Parser) -> None:
    assert parser.parse(FEED, "https://news.example/rss") == feeds.parse(
        FEED, "https://news.example/rss"
    )


def test_what_is_no_feed_is_told_with_its_reason_and_the_feeds_it_names(parser: Parser) -> None:
    page = b"<html><head><link rel=alternate type='application/rss+xml' href=/rss></head></html>"
    with pytest.raises(CollectError, match="a page, not a feed") as told:
        parser.parse(page, "https://news.example/")
    assert told.value.reason == "not_a_feed"
    assert told.value.links == ("https://news.example/rss",)


def test_a_feed_that_takes_too_long_is_stopped_and_the_next_is_read() -> None:
    with Parser(seconds=0.2) as parser:
        with pytest.raises(CollectError, match=r"longer than 0\.2 seconds") as told:
            parser.parse(SLOW, "https://news.example/slow")
        assert told.value.reason == "too_large"
        assert parser.parse(FEED, "https://news.example/rss").title == "The Example"


def test_many_threads_may_ask_at_once(parser: Parser) -> None:
    titles: list[str] = []

    def ask(number: int) -> None:
        body = FEED.replace(b"The Example", b"Paper %d" % number)
        titles.append(parser.parse(body, "https://news.example/rss").title)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(titles) == [f"Paper {number}" for number in range(8)]
