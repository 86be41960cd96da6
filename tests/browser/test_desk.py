"""The month as an editor does it, in a real browser."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from broadsheet.issues import compose
from broadsheet.issues.models import Edition, Pick
from broadsheet.news.models import Story
from broadsheet.people import doors
from tests import make
from tests.browser.conftest import Sitting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def a_month(stories: int = 3) -> list[Story]:
    """Stories of June 2019, "Story A" first."""
    return [
        make.story(articles=2, score=stories - n, headline=f"Story {chr(65 + n)}")
        for n in range(stories)
    ]


def in_hand(page: Page) -> str:
    """The id of the card that has the focus."""
    found: str = page.evaluate("document.activeElement.closest('[data-card]')?.id ?? ''")
    return found


def comes_to_hand(page: Page, story: Story) -> None:
    """Wait until a story's card has the focus: htmx settles a row some milliseconds after it shows."""
    page.wait_for_function(
        "id => document.activeElement.closest('[data-card]')?.id === id", arg=f"story-{story.pk}"
    )


def test_an_editor_signs_in_by_link_and_out_again(sit: Sitting) -> None:
    page, token = sit(role=None), doors.link_for(make.editor(name="Ada"), timezone.now())
    page.goto(reverse("desk:enter", args=[token]))
    page.get_by_role("button", name="Sign in as Ada").click()
    expect(page.get_by_role("heading", name="Nothing collected yet")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_month_is_triaged_by_keyboard_alone(sit: Sitting) -> None:
    stories = a_month(60)
    issue = make.issue()
    page = sit()
    page.goto(f"{reverse('desk:inbox')}?show=100")
    page.keyboard.press("j")
    for n, story in enumerate(stories):  # as fast as the keys go: no waiting for an answer
        assert in_hand(page) == f"story-{story.pk}"
        page.keyboard.press("tls"[n % 3])
    expect(page.locator("[data-card][data-done]")).to_have_count(60)
    states = list(Story.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["taken", "left", "later"] * 20
    assert issue.picks.count() == 20
    expect(page.locator("[data-count=waiting]")).to_have_text("0")


def test_keys_move_show_open_and_undo(sit: Sitting) -> None:
    first, second, _ = a_month()
    first.articles.update(evidence=[{"phrase": "forced labour", "field": "text", "code": "anchor"}])
    page = sit()
    page.goto(reverse("desk:inbox"))
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert in_hand(page) == f"story-{second.pk}"
    page.keyboard.press("k")
    page.keyboard.press("e")
    expect(page.get_by_text("“forced labour”")).to_be_visible()
    page.keyboard.press("l")
    expect(page.get_by_role("status").filter(has_text="Left.")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator(f"#story-{first.pk} h2")).to_be_visible()
    comes_to_hand(page, first)
    assert Story.objects.get(pk=first.pk).state == "new"
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")


def test_single_keys_can_be_switched_off(sit: Sitting) -> None:
    (story,) = a_month(1)
    page = sit()
    page.goto(reverse("desk:inbox"))
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single keys are on").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("t")
    page.wait_for_timeout(200)
    assert Story.objects.get(pk=story.pk).state == "new"


def test_typing_in_a_field_is_never_a_key(sit: Sitting) -> None:
    a_month()
    issue = compose.draft(make.newsletter(), "2019-06", timezone.now())
    page = sit()
    page.goto(reverse("desk:pick", args=[issue.picks.first().pk]))
    page.get_by_label("Summary").press_sequentially(" tlsu?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("#main").get_by_text("is kept.")).to_be_visible()
    assert set(Story.objects.values_list("state", flat=True)) == {"new"}


def test_a_pressed_button_leaves_the_focus_at_its_row(sit: Sitting) -> None:
    first, *_ = a_month()
    page = sit()
    page.goto(reverse("desk:inbox"))
    page.get_by_role("button", name="Leave “Story A”").click()
    expect(page.get_by_role("button", name="Undo “Story A”")).to_be_visible()
    comes_to_hand(page, first)


def test_the_seed_of_an_issue_is_composed_by_hand_and_published(sit: Sitting) -> None:
    """A highlight with three links, news taken from the inbox, a resource dated by its month."""
    a_month()
    issue = make.issue()
    make.resource(title="A handbook for airports", publisher="A council")
    page = sit()

    page.goto(reverse("desk:inbox"))
    page.get_by_role("button", name="Take “Story A”").click()
    expect(page.get_by_text("Taken into “World” of June 2019.").first).to_be_visible()

    page.get_by_role("link", name="June 2019", exact=True).click()
    page.get_by_role("button", name="Write a highlight").click()
    page.get_by_label("Headline").fill("The report of 2019")
    page.get_by_label("Date", exact=True).fill("June 2019")
    page.get_by_label("Summary").fill("The first paragraph.\n\nThe second.")
    for n, words in enumerate(("The report", "The government’s response")):
        page.get_by_label("Link words").nth(n).fill(words)
        page.get_by_label("Address").nth(n).fill(f"https://report.example/{n}")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_role("link", name="Edit “The report of 2019”").click()
    page.get_by_label("Link words").nth(2).fill("Our response")
    page.get_by_role("button", name="Keep", exact=True).click()

    page.get_by_role("link", name="Edit “Story A”").click()
    page.get_by_label("Summary").fill("What happened, in our words.")
    page.get_by_role("button", name="Keep", exact=True).click()

    world = page.get_by_role("region", name="World")
    world.get_by_text("Heading, introduction").click()
    world.get_by_role("link", name="Add resources from the shelf").click()
    page.get_by_role("link", name="Aviation").click()
    page.get_by_role("button", name="Add “A handbook for airports”").click()
    page.get_by_role("button", name="Up “A handbook for airports”").click()

    page.get_by_role("link", name="Preview").click()
    frame = page.frame_locator("iframe")
    expect(frame.get_by_text("What happened, in our words.")).to_be_visible()
    page.get_by_role("link", name="Mail", exact=True).click()
    expect(frame.get_by_text("The second.")).to_be_visible()
    page.get_by_role("link", name="Back to June 2019").click()

    page.get_by_role("link", name="Publish …").click()
    page.get_by_label("I have read the whole issue").check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("June 2019 is published.")).to_be_visible()
    page.get_by_role("link", name="Public page").click()
    expect(page.get_by_text("What happened, in our words.")).to_be_visible()
    expect(page.get_by_text("Our response")).to_be_visible()

    content = Edition.objects.get(issue=issue).content
    highlight, world_items = content["sections"][0]["items"], content["sections"][1]["items"]
    assert [link["text"] for link in highlight[0]["links"]] == [
        "The report", "The government’s response", "Our response",
    ]  # fmt: skip
    assert highlight[0]["date"]["precision"] == "month"
    assert [item["headline"] for item in world_items] == ["A handbook for airports", "Story A"]


def test_the_desk_works_without_scripts(sit: Sitting) -> None:
    first, *_ = a_month()
    make.issue()
    page = sit(scripts=False)
    page.goto(reverse("desk:inbox"))
    page.get_by_role("button", name="Take “Story A”").click()
    expect(page.get_by_text("Taken.")).to_be_visible()
    assert Story.objects.get(pk=first.pk).state == "taken"
    page.get_by_role("button", name="Undo", exact=True).click()
    assert Story.objects.get(pk=first.pk).state == "new"


def test_two_editors_at_one_item_lose_nothing(sit: Sitting) -> None:
    a_month(1)
    issue = compose.draft(make.newsletter(), "2019-06", timezone.now())
    pick = issue.picks.get()
    one, other = sit(), sit()
    for page in (one, other):
        page.goto(reverse("desk:pick", args=[pick.pk]))
    one.get_by_label("Summary").fill("The first editor’s words.")
    one.get_by_role("button", name="Keep", exact=True).click()
    other.get_by_label("Summary").fill("The second editor’s words.")
    other.get_by_role("button", name="Keep", exact=True).click()
    expect(other.get_by_role("alert")).to_contain_text("The first editor’s words.")
    expect(other.get_by_label("Summary")).to_have_value("The second editor’s words.")
    assert Pick.objects.get().summary == "The first editor’s words."


def test_words_outlive_a_session_that_ended_while_typing(sit: Sitting) -> None:
    a_month(1)
    issue = compose.draft(make.newsletter(), "2019-06", timezone.now())
    pick = issue.picks.get()
    page = sit()
    address = reverse("desk:pick", args=[pick.pk])
    page.goto(address)
    session = page.context.cookies()
    page.get_by_label("Summary").fill("An hour’s work.")
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("heading", name="Your session has ended")).to_be_visible()
    page.context.add_cookies(session)  # type: ignore[arg-type]
    page.goto(address)
    page.get_by_role("button", name="Put them back").click()
    expect(page.get_by_label("Summary")).to_have_value("An hour’s work.")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.locator("#main").get_by_text("is kept.")).to_be_visible()
    assert Pick.objects.get().summary == "An hour’s work."
    page.goto(address)
    expect(page.get_by_role("button", name="Put them back")).to_have_count(0)


def test_what_was_not_kept_can_be_dropped(sit: Sitting) -> None:
    a_month(1)
    pick = compose.draft(make.newsletter(), "2019-06", timezone.now()).picks.get()
    page = sit()
    page.on("dialog", lambda asked: asked.accept())
    page.goto(reverse("desk:pick", args=[pick.pk]))
    page.get_by_label("Summary").fill("Not meant.")
    page.reload()
    page.get_by_role("button", name="Drop them").click()
    page.reload()
    expect(page.get_by_role("button", name="Drop them")).to_have_count(0)
    assert Pick.objects.get().summary != "Not meant."


def test_a_session_that_ended_is_said_and_the_row_stays(sit: Sitting) -> None:
    a_month(1)
    page = sit()
    page.goto(reverse("desk:inbox"))
    page.context.clear_cookies(name="sessionid")
    page.on("console", lambda said: None)
    page.get_by_role("button", name="Take “Story A”").click()
    expect(page.get_by_role("alert").filter(has_text="Your session has ended")).to_be_visible()
    expect(page.get_by_role("button", name="Take “Story A”")).to_be_visible()


def test_the_way_through_the_inbox_by_tab_shows_where_one_is(sit: Sitting) -> None:
    a_month(1)
    page = sit()
    page.goto(reverse("desk:inbox"))
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue  # around the end of the page
        where = page.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return [e.textContent.trim().slice(0, 20), s.outlineStyle, s.outlineWidth]; })()"
        )
        if where[0] and not re.match("solid|auto", where[1]):
            pytest.fail(f"no visible focus on {where[0]!r}")
        reached.append(where[0])
    for words in ("Skip to the page", "Inbox", "Sign out", "Take"):
        assert any(one.startswith(words) for one in reached), words
