"""Visiting feeds: what is new comes in, what fails is told in words, the rest goes on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.news import collecting, coverage
from broadsheet.news.models import Article, Failure, Feed, Revision, Source
from broadsheet.wire import beat as beats
from broadsheet.wire.collect.fetcher import Fetched
from broadsheet.wire.errors import CollectError
from tests import make

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
ELSEWHERE = "Home side wins the cup final after extra time"


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
        ("<html><title>Hello</title><p>Welcome</p></html>", "A page comes instead of a feed"),
        (
            "<rss version='2.0'><channel><title>The Paper</title></channel></rss>",
            "with nothing in it",
        ),
        (None, "nothing at this address"),
    ],
)
def test_a_feed_that_fails_says_why_and_is_kept(body, says):
    web = Shelf(**({"rss": body} if body else {}))
    feed = collecting.add("The Paper", "https://paper.example/", FEED)
    came = collecting.visit(feed, web, BEAT, NOW)
    assert came.problem
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


LATER = NOW + timedelta(days=1)


def test_an_entry_at_a_new_address_is_the_same_article_revised_and_not_a_second():
    def list_of(title, link, guid):
        return (
            f"<rss version='2.0'><channel><title>P</title><item><title>{title}</title><guid>{guid}</guid>"
            f"<link>https://paper.example/{link}</link><pubDate>Mon, 15 Jun 2026 10:00:00 +0800</pubDate>"
            "</item></channel></rss>"
        )

    feed = collecting.add("The Paper", "https://paper.example/", FEED)
    collecting.visit(feed, Shelf(rss=list_of("Tram line opens a year late", "a", "1")), BEAT, NOW)
    collecting.visit(
        Feed.objects.get(),
        Shelf(rss=list_of("Tram line opens two years late", "b", "1")),
        BEAT,
        LATER,
    )
    assert Article.objects.get().headline == "Tram line opens two years late"
    assert Revision.objects.get().headline == "Tram line opens a year late"


def test_two_items_with_one_identifier_are_two_articles():
    items = "".join(
        f"<item><title>{title}</title><guid>same</guid><link>https://paper.example/{n}</link></item>"
        for n, title in enumerate((ELSEWHERE, "Rain expected on Sunday"))
    )
    web = Shelf(rss=f"<rss version='2.0'><channel><title>P</title>{items}</channel></rss>")
    collecting.visit(collecting.add("The Paper", "", FEED), web, BEAT, NOW)
    assert Article.objects.count() == 2


def test_what_refuses_our_server_gets_in_by_hand():
    article, _ = collecting.by_hand(
        headline="  Raid on scam compound frees 40 people ", url="https://blocked.example/1",
        source="The Wall", published="21 June 2026", beat=BEAT, now=NOW,
    )  # fmt: skip
    assert (article.headline, article.month, article.source.name) == (
        "Raid on scam compound frees 40 people", "2026-06", "The Wall",
    )  # fmt: skip
    minor, _ = collecting.by_hand(headline="Shares close higher", beat=BEAT, now=NOW)
    assert minor.band == "unsure"  # an editor thinks that it matters
    with pytest.raises(ValueError, match="cannot be read"):
        collecting.by_hand(headline="x", published="the other day", beat=BEAT, now=NOW)
    with pytest.raises(ValueError, match="needs a headline"):
        collecting.by_hand(headline=" ", beat=BEAT, now=NOW)


def test_a_folder_of_mails_is_a_source_like_any_other(tmp_path):
    (tmp_path / "alert.eml").write_text(
        "From: alerts@paper.example\nTo: desk@charity.example\nSubject: Alert\n"
        "Date: Mon, 15 Jun 2026 10:00:00 +0800\nContent-Type: text/html; charset=utf-8\n\n"
        f"<p><a href='https://paper.example/news/2026/two-jailed-at-farm'>{BEATS_OWN}</a></p>"
        f"<p><a href='https://paper.example/news/2026/shares-close-higher'>{ELSEWHERE} again today</a></p>"
    )
    feed = collecting.add("Alerts", "", str(tmp_path), kind="folder")
    collecting.visit(feed, Shelf(**{"1": html(BEATS_OWN)}), BEAT, NOW)
    assert set(Article.objects.values_list("headline", flat=True)) == {
        BEATS_OWN,
        f"{ELSEWHERE} again today",
    }


def test_a_watched_page_is_a_source_like_any_other():
    web = Shelf(
        news=f"<ul class='n'><li><a href='/1'>{BEATS_OWN}</a></li></ul>", **{"1": html(BEATS_OWN)}
    )
    feed = collecting.add(
        "The Office",
        "",
        "https://paper.example/news",
        kind="watch",
        options={"selector": "ul.n li"},
    )
    collecting.visit(feed, web, BEAT, NOW)
    assert Article.objects.get().headline == BEATS_OWN


def test_a_list_of_feeds_comes_in_and_goes_out_again():
    collecting.add("The Paper", "https://paper.example/", FEED)
    given = collecting.as_list()
    Source.objects.all().delete()
    assert collecting.add_list(given)[:2] == (1, 0)
    assert collecting.add_list(given)[:2] == (0, 1)
    assert Feed.objects.get().url == FEED
    assert Source.objects.get().name == "The Paper"


def test_a_feed_over_weeks_that_moves_dies_and_comes_back_loses_nothing_and_doubles_nothing():
    """Weeks in which a feed works, is gone, comes back with what it had and with what is new."""
    collecting.add("The Paper", "https://paper.example/", FEED)
    titles = [f"Council meets for the {n}th time" for n in range(20)]
    for day in range(40):
        now = NOW + timedelta(days=day)
        listed = [(str(n), titles[n]) for n in range(max(0, day // 2 - 5), min(20, day // 2 + 1))]
        web = Shelf() if 12 <= day < 20 else Shelf(rss=rss(*listed))
        collecting.visit(Feed.objects.get(), web, BEAT, now)
    assert set(Article.objects.values_list("headline", flat=True)) == set(titles)
    assert Article.objects.count() == 20
    (told,) = coverage.healths(NOW + timedelta(days=40))
    said = " ".join(event.words for event in told.report.events)
    assert "There is nothing at this address" in said
    assert "It came back after 8 days." in said


def test_a_month_shows_who_covers_it_and_which_countries_fell_silent():
    full, empty = make.source("Full"), make.source("Empty")
    for day in (3, 28):
        make.article(
            source=full,
            sort_date=f"2019-06-{day:02}T00:00",
            places=[{"name": "Thailand", "iso2": "TH"}],
        )
    make.article(source=full, month="2019-05", places=[{"name": "Cambodia", "iso2": "KH"}])
    none, some = coverage.covered("2019-06")
    assert (none.source, none.articles) == (empty, 0)
    assert (some.first, some.last, some.silent) == ("2019-06-03", "2019-06-28", 28)
    assert coverage.by_country("2019-06") == {"KH": (0, 1), "TH": (2, 0)}
