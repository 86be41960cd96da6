"""From taken stories to an edition that never changes."""

import json
import threading
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from broadsheet.issues import compose, queries
from broadsheet.issues.models import Edition, Issue, Pick
from broadsheet.news import decisions
from broadsheet.wire import edition as frozen
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, 9, tzinfo=UTC)


def world(issue):
    return issue.sections.get(takes="world")


def test_a_draft_files_stories_by_home_region_and_world():
    make.story(places=["HK", "CN"], headline="At home")
    make.story(places=["TH"], headline="In the region")
    make.story(places=["BR"], headline="Far away")
    made = compose.draft(make.newsletter(), "2019-06", NOW)
    filed = {p.headline: p.section.takes for p in made.picks.select_related("section")}
    assert filed == {"At home": "home", "In the region": "region", "Far away": "world"}
    assert made.title == "June 2019"
    assert all(p.proposed for p in made.picks.all())


def test_highlights_are_left_to_the_organisation():
    make.story()
    made = compose.draft(make.newsletter(), "2019-06", NOW)
    assert not made.sections.get(takes="highlights").picks.exists()


def test_what_an_editor_took_goes_in_and_nothing_else():
    make.story()
    taken = decisions.take(make.story(), None, NOW)
    made = compose.draft(make.newsletter(), "2019-06", NOW)
    assert [p.story for p in made.picks.all()] == [taken]


def test_drafting_twice_changes_nothing():
    make.story()
    first = compose.draft(make.newsletter(), "2019-06", NOW)
    before = list(first.picks.values())
    assert compose.draft(make.newsletter(), "2019-06", NOW) == first
    assert list(first.picks.values()) == before


def test_the_next_issue_has_the_sections_of_the_last():
    old = make.issue("2019-05")
    compose.add_section(old, "Letters")
    made = compose.draft(make.newsletter(), "2019-06", NOW)
    assert [s.heading for s in made.sections.all()] == ["Highlights", "World", "Letters"]


@pytest.mark.parametrize("month", ["June", "2019-13", "2019-6", ""])
def test_a_month_that_is_none_is_refused_with_an_example(month):
    with pytest.raises(compose.ComposeError, match="like 2019-06"):
        compose.draft(make.newsletter(), month, NOW)


def test_a_story_stands_in_an_issue_once():
    issue, story = make.issue(), make.story()
    compose.pick(story, world(issue), None, NOW)
    with pytest.raises(compose.ComposeError, match="already"):
        compose.pick(story, world(issue), None, NOW)
    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        Pick.objects.create(
            issue=issue, section=world(issue), position=7, kind="article", story=story, headline="h"
        )


def test_of_two_who_edit_one_item_the_second_is_told():
    item = compose.pick(make.story(), world(make.issue()), None, NOW)
    compose.edit(item, item.turn, make.editor(name="Ada"), NOW, summary="Ada's words.")
    with pytest.raises(compose.ConflictError, match="changed by Ada"):
        compose.edit(item, item.turn, make.editor(), NOW, summary="Other words.")
    item.refresh_from_db()
    assert item.summary == "Ada's words."


def test_another_outlets_headline_is_never_rewritten():
    item = compose.pick(make.story(), world(make.issue()), None, NOW)
    with pytest.raises(compose.ComposeError, match="our heading"):
        compose.edit(item, item.turn, None, NOW, headline="A better one")
    compose.edit(item, item.turn, None, NOW, our_heading="A better one")
    assert compose.preview(item.issue).items()[0].heading == "A better one"


def test_a_picture_is_proposed_with_its_credit_and_permitted_only_when_whole():
    story = make.story()
    story.articles.update(
        image={"url": "https://news.example/p.jpg", "caption": "A quay.", "credit": "AFP"}
    )
    item = compose.pick(story, world(make.issue()), None, NOW)
    assert item.images[0]["permission"] is None
    with pytest.raises(compose.ComposeError, match="lacks alt"):
        compose.permit(item, item.turn, make.editor(), NOW, "licence 12", None)
    whole = [item.images[0] | {"alt": "A quay at dusk"}]
    item = compose.edit(item, item.turn, None, NOW, images=whole)
    item = compose.permit(item, item.turn, make.editor(), NOW, "licence 12", "2019-12-31")
    assert compose.preview(item.issue).items()[0].images[0].permission.until == "2019-12-31"


def test_picks_move_up_and_down_and_between_sections():
    issue = make.issue()
    a, b, c = (compose.pick(make.story(headline=h), world(issue), None, NOW) for h in "abc")
    compose.move(c, "up")
    compose.move(a, "up")  # is first already
    assert [p.headline for p in world(issue).picks.all()] == ["a", "c", "b"]
    compose.move(b, issue.sections.get(takes="highlights"))
    assert [p.headline for p in world(issue).picks.all()] == ["a", "c"]


def test_an_edition_is_what_was_composed_and_the_issue_then_stands():
    issue = make.issue()
    item = compose.pick(make.story(), world(issue), None, NOW)
    shown = compose.preview(issue)
    kept = compose.publish(issue, make.editor(), NOW)
    assert frozen.Edition.from_json(json.loads(json.dumps(kept.content))) == shown
    with pytest.raises(compose.ComposeError, match="out already, since 1 July 2019"):
        compose.publish(issue, None, NOW)
    with pytest.raises(compose.ComposeError, match="out already"):
        compose.edit(item, item.turn, None, NOW, summary="too late")
    with pytest.raises(compose.ComposeError, match="out already"):
        compose.draft(make.newsletter(), "2019-06", NOW)


def test_an_empty_issue_is_not_published():
    with pytest.raises(compose.ComposeError, match="Take a story"):
        compose.publish(make.issue(), None, NOW)


def test_the_database_refuses_an_issue_published_at_no_time():
    with pytest.raises(IntegrityError), transaction.atomic():
        Issue.objects.filter(pk=make.issue().pk).update(state="published")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_at_once_only_one_does():
    issue = make.issue()
    compose.pick(make.story(), world(issue), None, NOW)
    told = []

    def press():
        try:
            compose.publish(Issue.objects.get(pk=issue.pk), None, NOW)
        except compose.ComposeError as error:
            told.append(str(error))
        finally:
            connection.close()

    two = [threading.Thread(target=press) for _ in range(2)]
    [t.start() for t in two]
    [t.join() for t in two]
    assert Edition.objects.count() == 1
    assert len(told) == 1


@pytest.mark.parametrize("n", [1, 15])
def test_the_issue_page_costs_three_queries_however_long(n, django_assert_num_queries):
    issue = make.issue()
    for _ in range(n):
        compose.pick(make.story(), world(issue), None, NOW)
    with django_assert_num_queries(3):
        found = queries.issue(issue.pk)
        [(p.story, p.resource) for s in found.sections.all() for p in s.picks.all()]


def test_a_passing_mention_of_home_does_not_make_a_story_local():
    make.story(places=["TH", "LA", "HK"], headline="Raids along the river")
    make.story(places=["TH", "HK"], headline="Seven Hong Kong residents come back")
    made = compose.draft(make.newsletter(), "2019-06", NOW)
    filed = {p.headline: p.section.takes for p in made.picks.select_related("section")}
    assert filed == {
        "Raids along the river": "region",
        "Seven Hong Kong residents come back": "home",
    }


def test_a_date_that_has_not_come_yet_is_not_printed():
    story = make.story()
    story.articles.update(dated=False, published={"value": "2031-01-15", "precision": "day"})
    item = compose.pick(story, world(make.issue()), None, NOW)
    assert item.date is None


def test_a_proposal_is_no_chronicle_of_one_case_or_one_form():
    for n in range(9):
        story = make.story(score=9 - n / 10, case="one", places=["BR"])
        story.articles.update(codes={"form": ["LAB"]})
    other = make.story(score=1.0, places=["FR"])
    other.articles.update(codes={"form": ["SEX"]})
    made = compose.draft(make.newsletter(), "2019-06", NOW, most=5)
    assert other.pk in made.picks.values_list("story", flat=True)
    assert made.picks.filter(story__case="one").count() <= 3
