"""The sources' pages: how feeds fare, trying again, new sources, lists, filling a month back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadsheet.jobs import queue
from broadsheet.jobs.models import Job
from broadsheet.news import collecting
from broadsheet.news.models import Feed, Source
from broadsheet.wire import collect
from broadsheet.wire.collect import health
from broadsheet.wire.collect.fetcher import Fetched, Fetcher
from broadsheet.wire.errors import CollectError
from tests import make
from tests.desk.conftest import _client

pytestmark = pytest.mark.django_db
HOME, RSS = "https://paper.example/", "https://paper.example/rss"
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>The Paper</title>
<item><title>Ferry crew freed</title><link>https://paper.example/1</link>
<pubDate>Fri, 21 Jun 2019 10:00:00 GMT</pubDate></item></channel></rss>"""
PAGE = b"""<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head>
<body><h2><a href="/1">Ferry crew freed</a></h2></body></html>"""


@pytest.fixture
def feed() -> Feed:
    return collecting.add("The Paper", HOME, RSS)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Addresses that answer; the rest is not there."""
    there: dict[str, bytes] = {}

    def get(self: Fetcher, url: str, **_: Any) -> Fetched:
        if url not in there:
            raise CollectError("There is nothing at this address", at=url, reason="not_found")
        return Fetched(url, url, 200, {}, there[url], datetime(2019, 6, 22, tzinfo=UTC))

    monkeypatch.setattr(Fetcher, "get", get)
    return there


def test_a_feed_s_history_is_told_in_words_and_it_can_be_tried_again(
    editor: Client, feed: Feed
) -> None:
    now = timezone.now()
    state = health.State()
    for day in range(10, 2, -1):
        fell = collect.FeedResult(RSS, problem=CollectError("Gone", at=RSS, reason="gone"))
        state = health.after(state, fell, now - timedelta(days=day))
    state = health.after(state, collect.FeedResult(RSS), now - timedelta(days=2))
    state = health.after(state, fell, now - timedelta(days=1))
    feed.state, feed.problem = health.row(state), "The outlet took the feed away for good."
    feed.save()
    page = editor.get(reverse("desk:source", args=[feed.source_id])).content.decode()
    assert "It came back after 8 days." in page
    assert "The outlet took the feed away for good." in page
    assert "Try again" in editor.get(reverse("desk:sources")).content.decode()
    editor.post(reverse("desk:again", args=[feed.pk]))
    feed.refresh_from_db()
    assert health.from_row(feed.state).muted is False
    assert Job.objects.get(kind="collect", key=str(feed.pk), done=None).due <= timezone.now()


def test_a_source_is_switched_off_and_on_and_its_articles_stay(editor: Client, feed: Feed) -> None:
    make.article(source=feed.source)
    switch = reverse("desk:switch", args=[feed.source_id])
    editor.post(switch, {"on": "no"})
    assert collecting.due() == []
    assert "switched off" in editor.get(reverse("desk:sources")).content.decode()
    assert feed.source.articles.count() == 1
    editor.post(switch, {"on": "yes"})
    editor.post(reverse("desk:switch_feed", args=[feed.pk]), {"on": "no"})
    assert collecting.due() == []
    editor.post(reverse("desk:switch_feed", args=[feed.pk]), {"on": "yes"})
    assert collecting.due() == [feed]


def test_a_site_s_feeds_are_found_and_the_chosen_one_is_kept(
    editor: Client, web: dict[str, bytes]
) -> None:
    web |= {HOME: PAGE, RSS: FEED}
    page = editor.post(reverse("desk:find_source"), {"url": HOME}).content.decode()
    assert "Found: 1 feed" in page
    assert "1 entry, the newest of 2019-06-21" in page
    assert Source.objects.count() == 0
    given = {"name": "The Paper", "home": HOME, "feed": [RSS], "page": HOME}
    editor.post(reverse("desk:add_source"), given)
    kept = Feed.objects.get()
    assert (kept.url, kept.source.name, kept.source.home, kept.type) == (
        RSS,
        "The Paper",
        HOME,
        "rss",
    )
    again = editor.post(reverse("desk:find_source"), {"url": HOME}).content.decode()
    assert "known already, as The Paper" in again


def test_a_page_without_a_feed_is_watched_once_its_selector_finds_links(
    editor: Client, web: dict[str, bytes]
) -> None:
    web[HOME] = PAGE.replace(b"<link", b"<x")
    page = editor.post(reverse("desk:find_source"), {"url": HOME}).content.decode()
    assert "No feed was found there" in page
    given = {"name": "The Paper", "home": HOME, "page": HOME, "selector": "h5 a"}
    answer = editor.post(reverse("desk:add_source"), given)
    assert answer.status_code == 422
    assert "finds no link" in answer.content.decode()
    editor.post(reverse("desk:add_source"), given | {"selector": "h2 a"})
    kept = Feed.objects.get()
    assert (kept.type, kept.options) == ("watch", {"selector": "h2 a"})


def test_no_address_but_a_web_address_becomes_a_feed(editor: Client) -> None:
    given = {"name": "Sly", "feed": ["file:///etc/passwd", "javascript:1"], "page": "file:///etc"}
    assert editor.post(reverse("desk:add_source"), given).status_code == 422
    assert Feed.objects.count() == 0


def test_a_list_from_another_reader_goes_in_and_out(editor: Client, feed: Feed) -> None:
    body = editor.get(reverse("desk:feed_list")).content
    assert RSS.encode() in body
    more = body.replace(
        b"</body>", b'<outline type="rss" text="New" xmlUrl="https://new.example/f"/></body>'
    )
    given = {"list": SimpleUploadedFile("feeds.opml", more)}
    page = editor.post(reverse("desk:take_list"), given, follow=True).content.decode()
    assert "1 feeds added; 1 were known already." in page
    wrong = {"list": SimpleUploadedFile("feeds.opml", b"GIF89a")}
    answer = editor.post(reverse("desk:take_list"), wrong)
    assert answer.status_code == 422
    assert "This is no list of feeds" in answer.content.decode()


def test_a_month_is_filled_back_by_a_worker_and_its_page_tells_what_came(
    editor: Client, feed: Feed
) -> None:
    fill, page = (reverse(f"desk:{name}", args=[feed.source_id]) for name in ("fill", "source"))
    assert "is not a month" in editor.post(fill, {"month": "June"}).content.decode()
    assert "has not begun" in editor.post(fill, {"month": "2999-01"}).content.decode()
    editor.post(fill, {"month": "2019-06"})
    editor.post(fill, {"month": "2019-06"})
    assert "waits for the worker" in editor.get(page).content.decode()
    job = queue.claim("w", timezone.now())
    assert job is not None
    assert "under way" in editor.get(page).content.decode()
    queue.finish(job, timezone.now(), came="41 addresses found, 40 articles new.")
    said = editor.get(page).content.decode()
    assert "June 2019" in said
    assert "41 addresses found, 40 articles new." in said
    assert Job.objects.filter(kind="fill_back").count() == 1


def test_only_an_administrator_adds_a_mailbox_and_its_password_is_never_shown(
    editor: Client,
) -> None:
    given = {"name": "Alerts", "host": "imap.example", "user": "desk", "password": "secret word"}
    assert editor.post(reverse("desk:add_mail"), given).status_code == 403
    admin = _client("administrator")
    page = admin.post(
        reverse("desk:add_mail"), given | {"senders": "a@b.example, c@d.example"}, follow=True
    )
    assert "secret word" not in page.content.decode()
    kept = Feed.objects.get()
    assert kept.type == "mail"
    assert kept.options["senders"] == ["a@b.example", "c@d.example"]
    assert b"imap" not in admin.get(reverse("desk:feed_list")).content
    both = admin.post(reverse("desk:add_mail"), given | {"folder": "/mails"})
    assert both.status_code == 422


def test_a_country_that_fell_silent_is_named(editor: Client) -> None:
    for month in ("2019-03", "2019-04", "2019-05"):
        make.article(month=month, places=[{"name": "Cambodia", "iso2": "KH"}])
    make.article(places=[{"name": "Thailand", "iso2": "TH"}])
    make.source("Empty")
    page = editor.get(reverse("desk:covered") + "?month=2019-06").content.decode()
    assert "Nothing from <strong>Cambodia</strong> this month; 3 articles" in page
    assert "1 source brought nothing dated in June 2019" in page


@pytest.mark.parametrize("many", [1, 20])
def test_the_list_of_sources_costs_the_same_however_long(
    many: int, editor: Client, django_assert_num_queries: Any
) -> None:
    for n in range(many):
        feed = collecting.add(f"Paper {n}", "", f"https://paper{n}.example/rss")
        make.article(source=feed.source)
    with django_assert_num_queries(9):
        editor.get(reverse("desk:sources"))
