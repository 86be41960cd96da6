"""The inbox: what it shows, what it costs, and what the buttons do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from broadsheet.issues import compose
from broadsheet.issues.models import Pick
from broadsheet.news import finding
from broadsheet.news.models import SavedSearch, Story
from tests import make

pytestmark = pytest.mark.django_db
INBOX = "/desk/"
HTMX = {"HX-Request": "true"}


def page(client: Client, **query: str) -> str:
    answer = client.get(INBOX, query)
    assert answer.status_code == 200
    return answer.content.decode()


def decide(client: Client, story: Story, action: str, *, htmx: bool = True, **more: str) -> Any:
    return client.post(
        reverse("desk:decide", args=[story.pk]),
        {"action": action, "back": "month=2019-06&band=relevant"} | more,
        headers=HTMX if htmx else {},
    )


def test_the_best_story_stands_first(editor: Client) -> None:
    make.story(headline="The lesser", score=1)
    make.story(headline="The better", score=2)
    shown = page(editor)
    assert shown.index("The better") < shown.index("The lesser")


@pytest.mark.parametrize("made_up", [True, False])
def test_a_sample_desk_says_on_its_pages_that_all_is_invented(
    made_up: bool, editor: Client
) -> None:
    make.newsletter(sample=made_up)
    for name in ("inbox", "issues", "sources", "operations"):
        text = editor.get(reverse(f"desk:{name}")).content.decode()
        assert ("This is an invented sample." in text) == made_up, name


@pytest.mark.parametrize("full", [1, 30])
def test_the_inbox_costs_the_same_however_full(
    full: int, editor: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(full):
        make.story(articles=3)
    # session, editor; months, counts twice; stories, articles with sources; places; the open issue; the sample
    with django_assert_num_queries(10):
        page(editor)


def test_a_full_band_is_shown_in_pages(editor: Client) -> None:
    for n in range(33):
        make.story(score=n)
    first = page(editor)
    assert first.count("data-card") == 30
    assert "show=60" in first
    assert page(editor, show="60").count("data-card") == 33


def test_each_band_says_how_many_wait(editor: Client) -> None:
    make.story()
    make.story(band="unsure", headline="Perhaps this")
    make.article(band="off_beat", headline="Quite another thing")
    assert "Perhaps this" not in page(editor)
    assert "Perhaps this" in page(editor, band="unsure")
    assert "Quite another thing" in page(editor, band="off_beat")
    assert 'data-count="unsure">1<' in page(editor)


def test_an_article_without_a_date_says_how_it_is_filed(editor: Client) -> None:
    story = make.story()
    story.articles.update(published=None, dated=False)
    assert "no date: filed by first seen, 22 June 2019" in page(editor)


@pytest.mark.parametrize(
    ("value", "precision", "words"),
    [("2019", "year", "2019"), ("2019-02", "month", "February 2019"),
     ("2019-06-21", "day", "21 June 2019"), ("2019-06-21T10:30", "minute", "21 June 2019")],
)  # fmt: skip
def test_a_date_is_shown_as_exact_as_it_is(
    value: str, precision: str, words: str, editor: Client
) -> None:
    story = make.story()
    story.articles.update(published={"value": value, "precision": precision})
    assert f">{words}</time>" in page(editor)


def test_copies_count_as_one_text_of_their_agency(editor: Client) -> None:
    story = make.story()
    lead = story.articles.get()
    lead.agency = "The Agency"
    lead.save()
    for n in range(5):
        make.article(story=story, role="copy", copy_of=lead.key, source=make.source(f"Paper {n}"))
    for n in range(3):
        make.article(story=story, role="report", source=make.source(f"Reporter {n}"))
    assert "The Agency text in 6 outlets; own reports in 3" in page(editor)


def test_codes_are_shown_by_their_labels(editor: Client) -> None:
    from broadsheet.desk import shown

    form, near = shown.beat().taxonomy.axes["form"][0], shown.beat().taxonomy.near_miss[0]
    story = make.story()
    story.articles.update(codes={"form": [form.code]}, near_miss=[near.code])
    text = page(editor)
    assert f"<li>{form.label}</li>" in text
    assert f"perhaps only: {near.label}" in text
    assert f">{form.code}<" not in text


def test_evidence_tells_phrase_place_and_weight(editor: Client) -> None:
    story = make.story(factors={"outlets": 0.5, "relevance": 2})
    found = {"phrase": "forced labour", "field": "headline", "start": 0, "end": 13, "weight": 1.25,
             "code": "anchor"}  # fmt: skip
    story.articles.update(evidence=[found, found])
    text = page(editor)
    assert "“forced labour” × 2" in text
    assert "names the beat" in text
    assert "+2.50" in text
    assert text.index("relevance") < text.index("+0.50")


HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


def test_what_comes_from_outside_is_never_markup(editor: Client) -> None:
    story = make.story(headline=HOSTILE, summary={"text": HOSTILE})
    story.articles.update(
        headline=HOSTILE, text=HOSTILE, agency=HOSTILE, authors=[HOSTILE], notes=[HOSTILE],
        failures=[HOSTILE], image={"caption": HOSTILE, "credit": HOSTILE}, description=HOSTILE,
        published={"value": "2019", "precision": "year", "raw": HOSTILE}, url="javascript:alert(3)",
        evidence=[{"phrase": HOSTILE, "field": HOSTILE, "code": HOSTILE}], near_miss=[HOSTILE],
        codes={"form": [HOSTILE]},
    )  # fmt: skip
    make.article(
        band="off_beat", headline=HOSTILE, url="javascript:alert(3)", source=make.source(HOSTILE)
    )
    issue = make.issue()
    decide(editor, story, "take")
    pick = Pick.objects.get()
    for address in (
        INBOX, f"{INBOX}?band=taken", f"{INBOX}?band=off_beat", f"{INBOX}?done={story.pk}",
        f"/desk/stories/{story.pk}/", f"/desk/picks/{pick.pk}/", f"/desk/issues/{issue.pk}/",
        f"/desk/issues/{issue.pk}/publish/", "/desk/sources/", f"/desk/issues/{issue.pk}/print/web/",
        f"/desk/issues/{issue.pk}/print/mail/",
    ):  # fmt: skip
        text = editor.get(address).content.decode()
        assert "<script>alert" not in text, address
        assert "<img src=x" not in text, address
        assert 'href="javascript:' not in text, address


def test_an_empty_desk_says_what_to_do(editor: Client) -> None:
    assert "Run <code>broadsheet collect</code>" in page(editor)
    assert "Nothing collected yet for June 2026" in page(editor, month="2026-06")


@pytest.mark.parametrize("month", ["2019-13", "x", "2019", "2019-06-01", "' or 1=1"])
def test_a_month_that_is_none_is_the_newest(month: str, editor: Client) -> None:
    make.story()
    assert "<h1>June 2019</h1>" in page(editor, month=month)


def test_a_decision_answers_with_the_row_alone(editor: Client) -> None:
    story = make.story(headline="A headline")
    answer = decide(editor, story, "leave")
    row = answer.content.decode()
    assert row.strip().startswith(f'<li class="card done" id="story-{story.pk}"')
    assert row.strip().endswith("</li>")
    assert "<html" not in row
    said = json.loads(answer.headers["HX-Trigger"])["said"]
    assert said["words"] == "Left. It stays in the month, under “Left”. A headline"
    assert said["counts"]["left"] == 1
    assert said["counts"]["waiting"] == 0


def test_without_scripts_a_decision_leads_back_and_can_be_undone(editor: Client) -> None:
    story = make.story(headline="A headline")
    answer = decide(editor, story, "later", htmx=False)
    assert answer.headers["Location"] == f"/desk/?month=2019-06&band=relevant&done={story.pk}"
    back = editor.get(answer.headers["Location"]).content.decode()
    assert "Kept for later." in back
    assert 'value="undo"' in back
    decide(editor, story, "undo", htmx=False)
    story.refresh_from_db()
    assert story.state == "new"


def test_taking_puts_the_story_into_its_section_of_the_open_issue(editor: Client) -> None:
    story, issue = make.story(headline="A headline"), make.issue()
    row = decide(editor, story, "take").content.decode()
    assert "Taken into “World” of June 2019." in row
    assert [p.headline for p in issue.picks.all()] == ["A headline"]


def test_taking_without_an_issue_says_so(editor: Client) -> None:
    assert (
        "No issue of June 2019 is being made yet"
        in decide(editor, make.story(), "take").content.decode()
    )


def test_undoing_a_take_takes_the_item_out_again(editor: Client) -> None:
    story, issue = make.story(), make.issue()
    decide(editor, story, "take")
    row = decide(editor, story, "undo").content.decode()
    assert 'value="take"' in row
    assert not issue.picks.exists()
    story.refresh_from_db()
    assert story.state == "new"


def test_an_item_with_written_words_stays_when_its_story_goes(editor: Client) -> None:
    story, issue = make.story(), make.issue()
    decide(editor, story, "take")
    pick = issue.picks.get()
    from django.utils import timezone

    compose.edit(pick, pick.turn, None, timezone.now(), summary="Our own words.")
    answer = decide(editor, story, "leave")
    assert "has been edited, so it stays there" in answer.content.decode()
    assert issue.picks.get().summary == "Our own words."


def test_what_the_draft_proposed_goes_when_an_editor_leaves_it(editor: Client) -> None:
    from django.utils import timezone

    story = make.story()
    issue = compose.draft(make.newsletter(), "2019-06", timezone.now())
    assert issue.picks.get().proposed
    decide(editor, story, "leave")
    assert not issue.picks.exists()


def test_taking_twice_is_taking_once(editor: Client) -> None:
    story, issue = make.story(), make.issue()
    decide(editor, story, "take")
    answer = decide(editor, story, "take")
    assert answer.status_code == 200
    assert issue.picks.count() == 1
    assert story.decisions.count() == 1


def test_a_decision_by_nobody_is_refused_without_losing_the_row(editor: Client) -> None:
    story = make.story()
    answer = decide(Client(), story, "take")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "nothing was changed" in answer.content.decode()


@pytest.mark.parametrize("action", ["", "drop", "undo"])
def test_what_cannot_be_decided_is_said(action: str, editor: Client) -> None:
    answer = decide(editor, make.story(), action)
    assert answer.status_code == 422
    assert answer.content


def test_the_story_page_shows_texts_and_the_history_with_reasons(editor: Client) -> None:
    story = make.story(articles=2)
    story.articles.update(text="First paragraph.\nSecond paragraph.")
    decide(editor, story, "leave", htmx=False, reason="Old news")
    text = editor.get(f"/desk/stories/{story.pk}/").content.decode()
    assert text.count("<p>Second paragraph.</p>") == 2
    assert "left: Old news" in text


def test_readers_see_no_buttons(reader: Client) -> None:
    make.story()
    assert 'name="action"' not in page(reader)


def test_the_inbox_is_narrowed_by_words_place_and_form(editor: Client) -> None:
    from broadsheet.desk import shown

    one, other = shown.beat().taxonomy.axes["form"][:2]
    fish = make.story(headline="On a boat", places=["TH", "HK"])
    fish.articles.update(text="They had been at sea for years.", codes={"form": [one.code]})
    finding.put(fish.articles.all())
    house = make.story(headline="In a house", places=["GB"])
    house.articles.update(codes={"form": [other.code]})
    for query in (
        {"q": "AT SEA"},
        {"place": "TH"},
        {"form": one.code},
        {"q": "boat", "place": "HK"},
    ):
        text = page(editor, **query)
        assert "On a boat" in text, query
        assert "In a house" not in text, query
    assert "No story here matches the search." in page(editor, q="boat", place="GB")


def test_the_pile_off_the_beat_is_narrowed_by_words(editor: Client) -> None:
    make.article(band="off_beat", headline="A cargo of ivory")
    make.article(band="off_beat", headline="A cup final")
    text = page(editor, band="off_beat", q="ivory")
    assert "A cargo of ivory" in text
    assert "A cup final" not in text


@pytest.mark.parametrize("q", ["%", "_", "'", '"', "\\", "\0", "x" * 5000, "' OR 1=1 --", "😀"])
def test_a_filter_takes_every_kind_of_words(q: str, editor: Client) -> None:
    make.story(headline="A headline")
    page(editor, q=q, place=q, form=q)
    page(editor, band="off_beat", q=q)


def test_a_decision_leads_back_to_the_filtered_inbox(editor: Client) -> None:
    story = make.story()
    answer = decide(
        editor, story, "later", htmx=False, back="month=2019-06&band=unsure&q=sea&place=TH"
    )
    assert answer.headers["Location"] == (
        f"/desk/?month=2019-06&band=unsure&q=sea+place%3ATH&done={story.pk}"
    )


# --- searching, several at once, notes, claims, undo ------------------------------------------------


def test_a_search_that_cannot_be_read_says_where(editor: Client) -> None:
    make.story()
    text = page(editor, q='boats "two')
    assert "The quotation mark at character 7 is never closed." in text
    assert "<mark>&quot;two</mark>" in text


def test_a_search_counts_under_each_tab_and_may_go_through_all_months(editor: Client) -> None:
    make.story(headline="Boats held", state="left")
    make.story(headline="Boats seen")
    make.story(headline="Boats of May", month="2019-05")
    text = page(editor, q="boats")
    assert 'data-count="found">2<' in text
    assert 'data-count="left">1<' in text
    assert "Boats of May" not in text
    assert "Boats of May" in page(editor, q="boats", all="yes")


@pytest.mark.parametrize("full", [1, 30])
@pytest.mark.parametrize(("query", "queries"), [
    ({"q": "number"}, 10), ({"q": "number", "all": "yes"}, 9), ({"q": "is:new place:KH"}, 10),
    ({"band": "off_beat"}, 9), ({"q": "source:outlet"}, 13),
])  # fmt: skip
def test_a_search_costs_the_same_however_much_it_finds(
    full: int,
    query: dict[str, str],
    queries: int,
    editor: Client,
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(full):
        make.story(articles=2, places=["KH"])
        make.article(band="off_beat")
    with django_assert_max_num_queries(queries):
        page(editor, **query)


@pytest.mark.parametrize("full", [1, 25])
def test_a_story_and_the_last_things_done_cost_the_same_however_much_was_done(
    full: int, editor: Client, django_assert_max_num_queries: Any
) -> None:
    story = make.story(articles=3)
    for n in range(full):
        decide(editor, story, "note", note=f"Note {n}")
        make.story()
    with django_assert_max_num_queries(14):
        assert editor.get(reverse("desk:story", args=[story.pk])).status_code == 200
    with django_assert_max_num_queries(4):
        assert editor.get(reverse("desk:last_done")).status_code == 200
    with django_assert_max_num_queries(6):
        assert editor.get(reverse("desk:more", args=[story.pk])).status_code == 200


def test_searches_are_kept_shared_counted_and_dropped(editor: Client, contributor: Client) -> None:
    make.story(headline="Boats held")
    keep = {"name": "Boats", "q": "boats", "back": "month=2019-06&q=boats"}
    editor.post(reverse("desk:keep_search"), keep)
    address = f"{reverse('desk:searches')}?month=2019-06"
    assert '<span class="count">1</span>' in editor.get(address).content.decode()
    assert "Boats" not in contributor.get(address).content.decode()
    editor.post(reverse("desk:keep_search"), keep | {"shared": "yes"})
    shared = contributor.get(address).content.decode()
    assert "shared by The editor" in shared
    kept = SavedSearch.objects.get()
    contributor.post(reverse("desk:drop_search", args=[kept.pk]))
    assert SavedSearch.objects.exists()
    editor.post(reverse("desk:drop_search", args=[kept.pk]))
    assert not SavedSearch.objects.exists()
    refused = editor.post(reverse("desk:keep_search"), keep | {"q": "(boats"}, follow=True)
    assert "never closed" in refused.content.decode()


def test_a_note_and_a_claim_stand_on_the_card_and_a_take_by_another_is_told(
    editor: Client, contributor: Client
) -> None:
    story = make.story()
    decide(editor, story, "note", note="<b>Ask</b> the shelter")
    row = decide(editor, story, "claim").content.decode()
    assert "&lt;b&gt;Ask&lt;/b&gt; the shelter" in row
    assert "You work on it." in row
    assert "The editor works on it." in page(contributor)
    taken = decide(contributor, story, "take").content.decode()
    assert "The editor had claimed it: tell them." in taken
    story.refresh_from_db()
    assert story.state == "taken"


def test_a_story_is_handed_over_and_moved_and_both_are_undone(editor: Client) -> None:
    story, ada = make.story(), make.editor(name="Ada")
    assert "Ada works on it." in decide(editor, story, "hand", editor=str(ada.pk)).content.decode()
    row = decide(editor, story, "move", month="2019-05").content.decode()
    assert "Moved to May 2019." in row
    assert 'name="decision"' in row
    for _ in range(2):
        editor.post(reverse("desk:undo_last"), {"back": "month=2019-06"})
    story.refresh_from_db()
    assert (story.month, story.claimed_by) == ("2019-06", None)
    said = editor.post(reverse("desk:undo_last"), {"back": "month=2019-06"}, follow=True)
    assert "Nothing that you did here could be undone." in said.content.decode()


def test_several_stories_are_merged_and_the_list_of_last_things_takes_it_back(
    editor: Client,
) -> None:
    stories = [make.story(score=n, headline=f"Story {n}") for n in (3, 2, 1)]
    chosen = [str(story.pk) for story in stories]
    together = reverse("desk:together")
    given = {"story": chosen, "action": "merge", "back": "month=2019-06"}
    said = editor.post(together, given, follow=True).content.decode()
    assert "2 stories have joined “Story 3”." in said
    assert stories[0].articles.count() == 3
    for _ in range(2):
        done = editor.get(reverse("desk:last_done")).content.decode()
        assert "another story merged into it" in done
        editor.post(reverse("desk:undo_last"), {"back": ""})
    assert [story.articles.count() for story in stories] == [1, 1, 1]
    assert (
        "Choose stories first"
        in editor.post(together, {"action": "merge"}, follow=True).content.decode()
    )


def test_several_stories_are_taken_at_once_into_the_issue(editor: Client) -> None:
    issue = make.issue()
    chosen = [str(make.story().pk) for _ in range(3)]
    given = {"story": chosen, "action": "take", "back": "month=2019-06"}
    said = editor.post(reverse("desk:together"), given, follow=True).content.decode()
    assert "3 stories taken." in said
    assert issue.picks.count() == 3


def test_what_was_filed_off_the_beat_can_be_asked_back_from_its_list(editor: Client) -> None:
    article = make.article(band="off_beat", score=0.1)
    page = editor.get(f"{reverse('desk:inbox')}?month={article.month}&band=off_beat")
    assert "It belongs: into the inbox" in page.content.decode()
    asked = editor.post(reverse("desk:add"), {"lines": article.url}, follow=True)
    assert article.url in asked.content.decode()
