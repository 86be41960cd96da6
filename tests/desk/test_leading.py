"""Which copy leads: preferred outlets, the rules after them, and undoing a change."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadsheet.issues import compose
from broadsheet.news import intake, leading, queries
from broadsheet.news.models import Article, Source, Story
from broadsheet.wire import beat
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    """Told by an agency, whose text a paper printed."""
    made: Story = make.story(headline="Ferry crew freed")
    Article.objects.filter(story=made).delete()
    agency, paper = make.source(name="The Agency"), make.source(name="The Paper")
    first = make.article(story=made, source=agency, headline="Ferry crew freed", role="lead")
    make.article(
        story=made, source=paper, headline="Crew of ferry is free", role="copy", copy_of=first.key
    )
    return made


def lead(story: Story) -> str:
    return str(Article.objects.get(story=story, role="lead").source)


def choose(client: Client, **said: str) -> str:
    answer = client.post(reverse("desk:choose_leading"), said, follow=True)
    return answer.content.decode()


RULES = {"original_first": "on", "free_first": "on", "near_first": "on"}


def test_the_original_leads_and_the_story_says_why(editor: Client, story: Story) -> None:
    page = editor.get(reverse("desk:story", args=[story.pk])).content.decode()
    assert "since it is the original" in page


def test_a_preferred_outlet_leads_the_waiting_stories_at_once(editor: Client, story: Story) -> None:
    page = choose(editor, outlets="the paper\n", **RULES)
    assert "1 waiting story has another lead now" in page
    assert lead(story) == "The Paper"
    story.refresh_from_db()
    assert story.headline == "Crew of ferry is free"
    assert (
        "the desk prefers its outlet"
        in editor.get(reverse("desk:story", args=[story.pk])).content.decode()
    )


def test_one_press_puts_back_what_the_rules_were(editor: Client, story: Story) -> None:
    page = choose(editor, outlets="The Paper", original_first="on")
    assert "Put back what they were" in page
    choose(editor, outlets="", **RULES)
    assert lead(story) == "The Agency"
    assert leading.choice() == leading.Choice()


def test_an_outlet_that_is_no_source_is_named_with_the_cure(editor: Client, story: Story) -> None:
    answer = editor.post(reverse("desk:choose_leading"), {"outlets": "The Papre", **RULES})
    assert answer.status_code == 422
    assert "No source is called “The Papre”" in answer.content.decode()
    assert not Source.objects.exclude(preference=None).exists()


def test_a_rule_that_is_switched_off_is_not_asked(editor: Client, story: Story) -> None:
    choose(editor, outlets="", free_first="on")
    rules = intake.lead_rules(beat.load())
    assert not rules.original_first
    assert rules.near == ()


def test_a_story_in_an_issue_keeps_its_lead(editor: Client, story: Story) -> None:
    compose.pick(story, make.issue(month=story.month).sections.first(), None, timezone.now())
    choose(editor, outlets="The Paper", **RULES)
    assert lead(story) == "The Agency"


def test_a_reader_looks_and_changes_nothing(reader: Client, story: Story) -> None:
    assert "not change them" in reader.get(reverse("desk:leading")).content.decode()
    assert reader.post(reverse("desk:choose_leading"), {"outlets": "The Paper"}).status_code == 403
    assert lead(story) == "The Agency"


def test_looking_at_the_rules_changes_nothing(editor: Client, story: Story) -> None:
    assert editor.get(reverse("desk:choose_leading")).status_code in (302, 405)
    assert queries.months()
    assert leading.choice() == leading.Choice()
