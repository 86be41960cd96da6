"""Bringing news by hand, parting and merging stories, and the second look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadsheet.issues import errands, lunch
from broadsheet.jobs import queue
from broadsheet.jobs.models import Job
from broadsheet.news import pasting
from broadsheet.news.models import Article, Look, Paste, Story
from broadsheet.wire import beat as beats
from broadsheet.wire.collect.fetcher import Fetcher
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


def pasted(editor: Client, lines: str, **more: str) -> str:
    """Paste, let a worker do what it was asked, and look at the page that the editor is led to."""
    answer = editor.post(reverse("desk:add"), {"lines": lines} | more)
    assert answer.status_code == 302, answer.content.decode()
    work()
    return editor.get(answer.headers["Location"]).content.decode()


def work() -> None:
    """What editors asked for, as `broadsheet work` does it, but in this process."""
    beat = beats.load()
    while job := queue.claim("a worker", timezone.now(), kinds=errands.KINDS):
        with Fetcher(contact="") as web:
            paste = Paste.objects.get(pk=job.key)
            came = lunch.serve(paste, web, beat, timezone.now)
        queue.finish(job, timezone.now(), came=came)


def test_pasted_lines_become_stories_each_once_and_nothing_is_lost(
    editor: Client, web: None
) -> None:
    text = pasted(editor, LUNCH)
    assert "2 stories kept" in text
    assert text.count("Ferry crew freed after two years") >= 1
    assert "Factory fined over passports" in text  # refused, so known by its link and words alone
    assert "The server refuses" in text
    assert "see you at one" in text
    assert Article.objects.count() == 2


def test_pasting_answers_at_once_and_says_how_far_it_is(editor: Client, web: None) -> None:
    answer = editor.post(reverse("desk:add"), {"lines": LUNCH}, follow=True)
    text = answer.content.decode()
    assert "0 of 2 read." in text
    assert "every 1s" in text
    assert not Article.objects.exists()
    Job.objects.update(due=timezone.now() - timedelta(minutes=1))
    text = editor.get(answer.redirect_chain[-1][0], headers={"HX-Request": "true"}).content.decode()
    assert "No worker has begun yet." in text
    assert "<html" not in text


def test_pasted_lines_can_go_straight_into_an_issue_in_their_order(
    editor: Client, web: None
) -> None:
    issue = make.issue()
    text = pasted(editor, LUNCH, issue=str(issue.pk))
    assert f"/desk/issues/{issue.pk}/" in text
    assert [pick.headline for pick in issue.picks.order_by("position")] == [
        "Ferry crew freed after two years",
        "Factory fined over passports",
    ]
    assert set(Story.objects.values_list("state", flat=True)) == {"taken"}


def test_a_worker_that_died_in_the_middle_is_followed_by_one_that_goes_on(
    editor: Client, web: None
) -> None:
    issue = make.issue()
    editor.post(reverse("desk:add"), {"lines": LUNCH, "issue": str(issue.pk)})
    paste = Paste.objects.get()
    with Fetcher(contact="") as fetcher:
        next(pasting.take_in(paste, fetcher, beats.load(), timezone.now))  # and no further
    assert paste.lines.filter(state="waiting").count() == 1
    work()
    assert issue.picks.count() == 2
    Job.objects.update(done=None)
    Paste.objects.update(done=None)
    work()  # a job is done at least once
    assert issue.picks.count() == 2


def test_a_refused_page_is_completed_by_hand_and_so_is_its_item_in_its_place(
    editor: Client, web: None
) -> None:
    issue = make.issue()
    lines = "https://valley.example/factory\nFerry crew https://harbour.example/ferry"
    text = pasted(editor, lines, issue=str(issue.pk))
    assert "Complete it by hand" in text
    before = [pick.headline for pick in issue.picks.order_by("position")]
    assert before[0] == "https://valley.example/factory"
    given = {
        "url": "https://valley.example/factory",
        "headline": "Factory fined",
        "source": "Valley",
    }
    page = editor.post(reverse("desk:by_hand"), given, follow=True).content.decode()
    assert "is completed, and so is its item in June 2019" in page
    assert [pick.headline for pick in issue.picks.order_by("position")] == [
        "Factory fined",
        before[1],
    ]
    assert Article.objects.count() == 2


def test_a_page_that_was_filed_off_the_beat_comes_back_when_it_is_pasted(
    editor: Client, web: None
) -> None:
    pasted(editor, "https://harbour.example/ferry")
    Article.objects.update(band="off_beat", story=None, role="")
    pasted(editor, "https://harbour.example/ferry")
    article = Article.objects.get()
    assert article.band != "off_beat"
    assert article.story is not None


def test_pasting_nothing_says_what_is_wanted(editor: Client) -> None:
    answer = editor.post(reverse("desk:add"), {"lines": "  "})
    assert answer.status_code == 422
    assert "Paste at least one link." in answer.content.decode()
    text = pasted(editor, "no link here")
    assert "0 stories kept" in text
    assert "no link here" in text
    many = "\n".join(f"https://valley.example/{n}" for n in range(301))
    answer = editor.post(reverse("desk:add"), {"lines": many})
    assert "at most 300 go at once" in answer.content.decode()


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
