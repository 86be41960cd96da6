"""Visiting feeds: what is new comes in, what fails is told in words, the rest goes on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from broadsheet.news import collecting
from broadsheet.news.models import Article, Failure, Feed
from broadsheet.wire import beat as beats
from broadsheet.wire.collect.fetcher import Fetched
from broadsheet.wire.errors import CollectError

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
BEAT = beats.load()
FEED = "https://paper.example/rss"


class Shelf:
    """A web of a few addresses, which remembers what was asked of it."""

    def __init__(self, **answers: str) -> None:
        self.answers = {f"https://paper.example/{name}": body for name, body in answers.items()}
        self.asked: list[str] = []

    def get(self, url, *, etag=None, modified=None, limits=None):
        self.asked.append(url)
        if url not in self.answers:
            raise CollectError("The server has no such page", at=url, reason="not_found")
        kind = "application/rss+xml" if url == FEED else "text/html; charset=utf-8"
        return Fetched(url, url, 200, {"content-type": kind}, self.answers[url].encode(), NOW)


def rss(*items: tuple[str, str]) -> str:
    entries = "".join(
        f"<item><title>{title}</title><link>https://paper.example/{name}</link>"
        "<pubDate>Mon, 15 Jun 2026 10:00:00 +0800</pubDate></item>"
        for name, title in items
    )
    return f"<rss version='2.0'><channel><title>The Paper</title>{entries}</channel></rss>"


def html(headline: str) -> str:
    body = (
        f"<p>{headline}. The court heard that the men were held for three years without pay.</p>"
        * 4
    )
    return f"<html lang='en'><title>{headline}</title><article><h1>{headline}</h1>{body}</article></html>"


BEATS_OWN = "Two jailed for human trafficking and forced labour at a farm"
ELSEWHERE = "Shares close higher in quiet trading"


def test_only_what_might_matter_is_fetched_in_full_and_nothing_is_dropped():
    web = Shelf(
        rss=rss(("1", BEATS_OWN), ("2", ELSEWHERE)), **{"1": html(BEATS_OWN), "2": html(ELSEWHERE)}
    )
    feed = collecting.add("The Paper", "https://paper.example/", FEED)
    came = collecting.visit(feed, web, BEAT, NOW)
    assert came.taken.new == 2
    assert web.asked == [FEED, "https://paper.example/1"]
    assert "held for three years" in Article.objects.get(headline=BEATS_OWN).text
    assert "text from the feed" in Article.objects.get(headline=ELSEWHERE).failures


def test_a_page_that_is_gone_still_enters_with_what_the_feed_said():
    web = Shelf(rss=rss(("1", BEATS_OWN)))
    feed = collecting.add("The Paper", "https://paper.example/", FEED)
    collecting.visit(feed, web, BEAT, NOW)
    assert Article.objects.get().headline == BEATS_OWN
    assert "no such page" in Failure.objects.get().reason


def test_a_second_visit_asks_for_no_page_again():
    web = Shelf(rss=rss(("1", BEATS_OWN)), **{"1": html(BEATS_OWN)})
    feed = collecting.add("The Paper", "https://paper.example/", FEED)
    collecting.visit(feed, web, BEAT, NOW)
    came = collecting.visit(Feed.objects.get(), web, BEAT, NOW)
    assert (came.taken.new, came.failed) == (0, 0)
    assert web.asked == [FEED, "https://paper.example/1", FEED]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<html><title>Hello</title><p>Welcome</p></html>", "not a feed"),
        ("<rss version='2.0'><channel><title>The Paper</title></channel></rss>", "no entries"),
        (None, "no such page"),
    ],
)
def test_a_feed_that_fails_says_why_and_is_kept(body, says):
    web = Shelf(**({"rss": body} if body else {}))
    feed = collecting.add("The Paper", "https://paper.example/", FEED)
    came = collecting.visit(feed, web, BEAT, NOW)
    assert says in came.problem
    kept = Feed.objects.get()
    assert says in kept.problem
    assert kept.last_success is None
    assert kept.enabled


def test_a_feed_that_recovers_has_no_problem_any_more():
    feed = collecting.add("The Paper", "https://paper.example/", FEED)
    collecting.visit(feed, Shelf(), BEAT, NOW)
    collecting.visit(Feed.objects.get(), Shelf(rss=rss(("1", ELSEWHERE))), BEAT, NOW)
    assert Feed.objects.get().problem == ""
    assert Article.objects.count() == 1
