"""Bringing news by hand, parting and merging stories, and the second look."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from broadsheet.desk import web as web_of_the_desk
from broadsheet.news.models import Article, Look, Story
from broadsheet.wire.errors import CollectError
from tests import make

pytestmark = pytest.mark.django_db

LUNCH = """[12:03] Ada: have you seen this?
Ferry crew freed after two years https://harbour.example/ferry?utm_source=chat
https://harbour.example/ferry
Factory fined over passports: https://valley.example/factory
see you at one"""
PAGE = """<html lang="en"><head><title>{0}</title><meta property="og:title" content="{0}">
<meta property="article:published_time" content="2019-06-21"></head>
<body><article><h1>{0}</h1><p>{1}</p><p>{1}</p></article></body></html>"""


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> None:
    """One page that answers, and a web that refuses the rest."""
    from datetime import UTC, datetime

    from broadsheet.wire.collect.fetcher import Fetched, Fetcher

    text = (
        "Twelve fishermen were freed from forced labour on a ferry after two years at sea, police "
        "said on Friday, and their passports were found in the captain’s cabin."
    )

    def get(self: Fetcher, url: str, **_: Any) -> Fetched:
        if "ferry" not in url:
            raise CollectError("The server refuses", at=url, reason="blocked")
        body = PAGE.format("Ferry crew freed after two years", text).encode()
        kind = {"content-type": "text/html; charset=utf-8"}
        return Fetched(url, url, 200, kind, body, datetime(2019, 6, 22, tzinfo=UTC))

    monkeypatch.setattr(Fetcher, "get", get)


def test_pasted_lines_become_stories_each_once_and_nothing_is_lost(
    editor: Client, web: None
) -> None:
    answer = editor.post(reverse("desk:add"), {"lines": LUNCH})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "2 stories kept" in text
    assert text.count("Ferry crew freed after two years") >= 1
    assert "Factory fined over passports" in text  # refused, so known by its link and words alone
    assert "The server refuses" in text
    assert "see you at one" in text
    assert Article.objects.count() == 2


def test_pasted_lines_can_go_straight_into_an_issue(editor: Client, web: None) -> None:
    issue = make.issue()
    answer = editor.post(reverse("desk:add"), {"lines": LUNCH, "issue": str(issue.pk)})
    assert f"/desk/issues/{issue.pk}/" in answer.content.decode()
    assert issue.picks.count() == 2
    assert set(Story.objects.values_list("state", flat=True)) == {"taken"}


def test_pasting_nothing_says_what_is_wanted(editor: Client) -> None:
    answer = editor.post(reverse("desk:add"), {"lines": "  "})
    assert answer.status_code == 422
    assert "Paste at least one link." in answer.content.decode()


def test_pages_that_take_too_long_are_kept_by_their_link(
    editor: Client, web: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_of_the_desk, "PATIENCE", -1.0)
    text = editor.post(reverse("desk:add"), {"lines": LUNCH}).content.decode()
    assert "2 stories kept" in text
    assert "Not read in time" in text


def test_an_article_typed_by_hand_is_kept_with_the_date_it_has(editor: Client) -> None:
    given = {
        "headline": "As printed",
        "source": "A Paper",
        "published": "June 2019",
        "text": "Words.",
    }
    answer = editor.post(reverse("desk:by_hand"), given)
    story = Story.objects.get()
    assert answer.headers["Location"] == reverse("desk:story", args=[story.pk])
    article = Article.objects.get()
    assert article.published is not None
    assert article.published["precision"] == "month"
    assert article.band != "off_beat"


def test_a_typed_date_that_cannot_be_read_is_said_beside_its_field(editor: Client) -> None:
    given = {"headline": "As printed", "published": "last week"}
    answer = editor.post(reverse("desk:by_hand"), given)
    assert answer.status_code == 422
    assert "cannot be read" in answer.content.decode()
    assert not Article.objects.exists()


def test_a_bookmark_fills_the_form_and_keeps_nothing_by_itself(editor: Client) -> None:
    page = {"headline": "<script>alert(1)</script>", "url": "https://a.example/1", "text": "Words"}
    text = editor.get(reverse("desk:add"), page).content.decode()
    assert "<script>alert" not in text
    assert 'value="https://a.example/1"' in text
    assert not Article.objects.exists()


def test_articles_are_parted_off_and_merged_again(editor: Client) -> None:
    story = make.story(articles=3, headline="One event")
    off = story.articles.order_by("-pk").first()
    editor.post(reverse("desk:split", args=[story.pk]), {"article": [str(off.pk)]})
    off.refresh_from_db()
    assert off.story != story
    assert story.articles.count() == 2
    editor.post(reverse("desk:merge", args=[story.pk]), {"other": str(off.story_id)})
    assert story.articles.count() == 3
    gone = Story.objects.get(pk=off.story_id)
    text = editor.get(reverse("desk:story", args=[gone.pk])).content.decode()
    assert "Merged into another story by hand." in text


def test_parting_off_everything_is_refused(editor: Client) -> None:
    story = make.story(articles=2)
    every = [str(a.pk) for a in story.articles.all()]
    address = reverse("desk:split", args=[story.pk])
    text = editor.post(address, {"article": every}, follow=True).content.decode()
    assert "A story needs to keep at least one article." in text


def test_a_second_look_brings_back_what_belongs(editor: Client) -> None:
    missed = make.article(band="off_beat", headline="Missed by the judge")
    page = editor.get(reverse("desk:look"), {"month": "2019-06"}).content.decode()
    assert "Missed by the judge" in page
    editor.post(reverse("desk:looked", args=[missed.pk]), {"belongs": "yes"})
    assert Look.objects.get().belongs
    inbox = editor.get(reverse("desk:inbox"), {"band": "unsure"}).content.decode()
    assert "Missed by the judge" in inbox
