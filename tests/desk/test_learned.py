"""What the desk has learned, what it warns of, and what the outlets of a story say side by side."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadsheet.desk import shown
from broadsheet.issues import compose, errands
from broadsheet.jobs import queue
from broadsheet.news import decisions, lessons
from broadsheet.news.models import Article, Lesson, Story
from tests import make

pytestmark = pytest.mark.django_db
FISH = "Fishing crew from {} tell of forced labour at sea"
MARRIAGE = "Study of marriage customs in {} questions forced labour figures"
PLACES = [
    "Thailand",
    "Taiwan",
    "Indonesia",
    "Vietnam",
    "Fiji",
    "Ghana",
    "Peru",
    "Ireland",
    "Norway",
    "Chile",
]


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    lessons._kept.clear()


def teach() -> None:
    for place in PLACES:
        for words, deed in ((FISH, decisions.take), (MARRIAGE, decisions.leave)):
            story = make.story(headline=words.format(place))
            Article.objects.filter(story=story).update(headline=words.format(place), text="")
            deed(story, None, timezone.now())


def test_what_was_learned_is_told_in_words_and_can_be_set_aside(editor: Client) -> None:
    teach()
    page = editor.get(reverse("desk:learned")).content.decode()
    assert "From 10 taken and 10 left" in page
    assert not Lesson.objects.exists()
    said = editor.post(reverse("desk:forget"), follow=True).content.decode()
    assert "What was learned is set aside." in said
    assert "Nothing yet: 0 decisions" in said
    assert "set aside by The editor" in said


def test_a_month_is_judged_again_and_the_page_says_what_moved(editor: Client) -> None:
    make.article(
        headline="Twelve freed from forced labour and debt bondage on a trawler",
        text="Police freed twelve victims of human trafficking from forced labour on a trawler.",
        band="off_beat",
        score=0.0,
    )
    said = editor.post(reverse("desk:judge_again"), {"month": "2019-06"}, follow=True)
    assert "It waits for the desk’s worker." in said.content.decode()
    job = queue.claim("a worker", timezone.now(), kinds=errands.KINDS)
    assert job is not None
    queue.finish(job, timezone.now(), came=errands.run(job, timezone.now))
    told = editor.get(reverse("desk:learned"), {"month": "2019-06"})
    assert "June 2019 is judged again: 1 article is relevant now." in told.content.decode()
    assert Story.objects.count() == 1
    wrong = editor.post(reverse("desk:judge_again"), {"month": "June"}, follow=True)
    assert "Say which month" in wrong.content.decode()


def test_the_inbox_and_the_second_look_lead_to_it(editor: Client) -> None:
    make.story()
    for name in ("inbox", "look"):
        page = editor.get(reverse(f"desk:{name}") + "?month=2019-06").content.decode()
        assert reverse("desk:learned") + "?month=2019-06" in page


def test_a_card_says_where_the_story_was_told_before_and_where_outlets_disagree(
    editor: Client,
) -> None:
    before = make.story(month="2019-05")
    make.story(
        recalls=[{"story": before.pk, "month": "2019-05", "issues": ["May 2019"]}],
        summary={
            "text": "Crew freed.",
            "conflicts": [
                {
                    "thing": "freed",
                    "counts": [
                        {"number": 12, "source": "The Example"},
                        {"number": 1400, "source": "Outlet 1"},
                    ],
                }
            ],
        },
    )
    make.story(recalls=[{"story": before.pk, "month": "2019-05", "issues": []}])
    page = editor.get(reverse("desk:inbox") + "?month=2019-06").content.decode()
    assert "Told in your issue “May 2019”" in page
    assert "Goes on from May 2019" in page
    assert reverse("desk:story", args=[before.pk]) in page
    assert "12 freed (The Example) or 1,400 freed (Outlet 1)" in page


def test_a_card_warns_where_a_suggestion_quotes_more_than_the_house_allows(editor: Client) -> None:
    make.story(summary={"text": "Crew freed.", "quoted": 81})
    told = "81 words quoted from the article; the house limit is 75"
    assert told in editor.get(reverse("desk:inbox") + "?month=2019-06").content.decode()


def test_a_story_shows_its_outlets_figures_side_by_side(editor: Client) -> None:
    story = make.story(articles=2)
    first, second = story.articles.order_by("role")
    first.text = "Police said on Friday that they arrested 12 suspects in the harbour."
    second.text = "The union said 14 victims were rescued. The men wept."
    first.headline = second.headline = "A raid"
    first.save()
    second.save()
    found = shown.claims([first, second])
    assert [(c.source, c.who, c.words, c.stage, c.word) for c in found] == [
        ("Outlet 1", "Victims", "14 victims", "possible victims", "a union, attributed"),
        ("Outlet 0", "Suspects", "12 suspects", "arrested", "police, attributed"),
    ]
    page = editor.get(reverse("desk:story", args=[story.pk])).content.decode()
    assert reverse("desk:claims", args=[story.pk]) in page  # read when the page is there
    page = editor.get(reverse("desk:claims", args=[story.pk])).content.decode()
    assert "claims, not truths" in page
    assert "14 victims" in page


def test_undoing_a_leave_brings_the_draft_s_proposal_back_to_its_place(editor: Client) -> None:
    stories = [make.story(score=9.0 - n) for n in range(3)]
    issue = compose.draft(make.newsletter(), "2019-06", timezone.now())
    first = issue.picks.get(story=stories[0])
    order = list(first.section.picks.order_by("position").values_list("story", flat=True))
    decide = reverse("desk:decide", args=[stories[0].pk])
    editor.post(decide, {"action": "leave"})
    assert issue.picks.count() == 2
    editor.post(decide, {"action": "undo"})
    again = first.section.picks.order_by("position")
    assert list(again.values_list("story", flat=True)) == order
    assert again.get(story=stories[0]).proposed


def test_undoing_a_take_leaves_the_draft_s_proposal_where_it_stands(editor: Client) -> None:
    story = make.story()
    issue = compose.draft(make.newsletter(), "2019-06", timezone.now())
    decide = reverse("desk:decide", args=[story.pk])
    editor.post(decide, {"action": "take"})
    editor.post(decide, {"action": "undo"})
    assert issue.picks.get().proposed
