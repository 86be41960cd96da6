"""The issue's pages: words, order, pictures, two editors at once, publishing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadsheet import sample
from broadsheet.issues import compose
from broadsheet.issues.models import Edition, Issue, Pick
from broadsheet.wire.edition import Edition as Value
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(db: None) -> Issue:
    made: Issue = make.issue()
    return made


def picked(issue: Issue, **but: Any) -> Pick:
    return compose.pick(make.story(**but), issue.sections.last(), None, timezone.now())


def fields(pick: Pick, **but: str) -> dict[str, str]:
    """What the form of a pick sends when nothing is changed."""
    from broadsheet.desk import forms

    links = forms.links(pick)
    given = {name: str(value) for name, value in forms.initial(pick).items()}
    given |= {"link-TOTAL_FORMS": str(len(links) + 1), "link-INITIAL_FORMS": str(len(links))}
    for at, link in enumerate([*links, {"text": "", "url": ""}]):
        given |= {f"link-{at}-text": link["text"], f"link-{at}-url": link["url"]}
    return given | but


def save(client: Client, pick: Pick, **but: str) -> Any:
    return client.post(reverse("desk:pick", args=[pick.pk]), fields(pick, **but))


def test_saving_the_form_unchanged_changes_no_word(editor: Client, issue: Issue) -> None:
    pick = picked(issue)
    pick.date = {"value": "2019-06-21T10:30", "precision": "minute", "offset": "+08:00",
                 "basis": "json_ld", "raw": "2019-06-21T10:30+08:00"}  # fmt: skip
    pick.images = [{"url": "https://news.example/a.jpg", "alt": None, "caption": "A caption",
                    "credit": "A credit", "licence": None, "permission": None}]  # fmt: skip
    pick.save()
    before = {name: getattr(pick, name) for name in compose.EDITABLE}
    assert save(editor, pick).status_code == 302
    pick.refresh_from_db()
    assert {name: getattr(pick, name) for name in compose.EDITABLE} == before


@pytest.mark.parametrize(
    ("typed", "value", "precision"),
    [("2019", "2019", "year"), ("February 2019", "2019-02", "month"),
     ("21 June 2019", "2019-06-21", "day"), ("", None, None)],
)  # fmt: skip
def test_a_date_keeps_the_precision_that_was_typed(
    typed: str, value: str | None, precision: str | None, editor: Client, issue: Issue
) -> None:
    pick = picked(issue)
    assert save(editor, pick, date=typed).status_code == 302
    pick.refresh_from_db()
    assert (pick.date or {}).get("value") == value
    assert (pick.date or {}).get("precision") == precision


def test_a_date_that_may_be_two_is_refused_and_nothing_typed_is_lost(
    editor: Client, issue: Issue
) -> None:
    answer = save(editor, picked(issue), date="3/4/2019", summary="Half an hour of work.")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "3/4/2019 may be two dates" in text
    assert "Half an hour of work." in text
    assert 'value="3/4/2019"' in text


def test_links_are_kept_with_their_words_and_cleared_by_clearing_the_words(
    editor: Client, issue: Issue
) -> None:
    pick = picked(issue)
    more = {"link-1-text": "The government’s response", "link-1-url": "https://gov.example/r"}
    assert save(editor, pick, **more).status_code == 302
    pick.refresh_from_db()
    assert [link["text"] for link in pick.links] == [
        "Read the article",
        "The government’s response",
    ]
    gone = {"link-0-text": "", "link-0-url": "", "link-1-url": ""}
    assert save(editor, pick, **gone).status_code == 302
    pick.refresh_from_db()
    assert pick.links == [{"text": "The government’s response", "url": None}]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "no address at all", "ftp//x"])
def test_a_link_that_is_no_web_address_is_refused(url: str, editor: Client, issue: Issue) -> None:
    answer = save(editor, picked(issue), **{"link-0-url": url})
    assert answer.status_code == 422
    assert "This is no web address" in answer.content.decode()


def test_an_outlets_headline_cannot_be_rewritten(editor: Client, issue: Issue) -> None:
    pick = picked(issue, headline="As they printed it")
    save(editor, pick, headline="As we like it", our_heading="Our heading")
    pick.refresh_from_db()
    assert pick.headline == "As they printed it"
    assert pick.our_heading == "Our heading"


def test_of_two_editors_the_second_sees_both_words(editor: Client, issue: Issue) -> None:
    pick = picked(issue)
    compose.edit(pick, pick.turn, make.editor(name="Ada"), timezone.now(), summary="Ada’s words.")
    answer = save(editor, pick, summary="My words.")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "changed by Ada" in text
    assert "Ada’s words." in text
    assert "My words." in text
    pick.refresh_from_db()
    assert pick.summary == "Ada’s words."
    # Having seen them, the second may save over them.
    assert f'name="turn" value="{pick.turn}"' in text
    assert save(editor, pick, summary="My words.").status_code == 302
    pick.refresh_from_db()
    assert pick.summary == "My words."


def test_a_picture_needs_alt_caption_and_credit_before_its_permission(
    editor: Client, issue: Issue
) -> None:
    pick = picked(issue)
    pick.images = [
        {"url": "https://news.example/a.jpg", "caption": "A bridge", "credit": "A. Person"}
    ]
    pick.save()
    permit = reverse("desk:permit", args=[pick.pk])
    given = {"turn": pick.turn, "basis": "our own picture", "until": "2030-01-31"}
    assert "The picture lacks alt" in editor.post(permit, given, follow=True).content.decode()
    save(editor, pick, image_alt="A bridge over a river")
    pick.refresh_from_db()
    answer = editor.post(permit, given | {"turn": pick.turn}, follow=True).content.decode()
    pick.refresh_from_db()
    assert pick.images[0]["permission"] == {"basis": "our own picture", "until": "2030-01-31"}
    assert "The permission is recorded. The picture could not be fetched" in answer


def test_a_permitted_picture_of_the_sample_shows_in_every_print(
    editor: Client, issue: Issue, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    issue.newsletter.sample = True
    issue.newsletter.save()
    drawn = next(one for one in sample.answers() if one.of == "picture")
    pick = picked(issue)
    pick.images = [{"url": drawn.url, "alt": "A pier", "caption": "A pier", "credit": "Nobody"}]
    pick.save()
    permit = reverse("desk:permit", args=[pick.pk])
    said = editor.post(permit, {"turn": pick.turn, "basis": "CC0 1.0"}, follow=True)
    assert "the picture will be printed" in said.content.decode()
    pick.refresh_from_db()
    ours = pick.images[0]["url"]
    assert f'src="{ours}"' in said.content.decode()
    for form in ("web", "mail"):
        page = editor.get(reverse("desk:printed", args=[issue.pk, form])).content.decode()
        assert f'<img src="{ours}"' in page
    editor.post(
        reverse("desk:publish", args=[issue.pk]), {"turn": Issue.objects.get().turn, "read": "on"}
    )
    public = Client().get(reverse("archive:edition", args=[issue.uid])).content.decode()
    assert f'<img src="{ours}"' in public
    assert f"http://127.0.0.1:8000{ours}" in Client().get("/feed.atom").content.decode()


def test_a_highlight_is_written_by_the_organisation(editor: Client, issue: Issue) -> None:
    section = issue.sections.first()
    answer = editor.post(reverse("desk:write", args=[section.pk]), {"kind": "highlight"})
    pick = section.picks.get()
    assert answer.headers["Location"] == reverse("desk:pick", args=[pick.pk])
    save(editor, pick, headline="Lunch with a partner", summary="We met.\n\nIt went well.")
    pick.refresh_from_db()
    assert (pick.kind, pick.headline) == ("highlight", "Lunch with a partner")


def test_items_move_within_and_between_sections(editor: Client, issue: Issue) -> None:
    first, second = picked(issue), picked(issue)
    move = reverse("desk:move_pick", args=[second.pk])
    editor.post(move, {"to": "up"})
    assert list(issue.sections.last().picks.order_by("position")) == [second, first]
    editor.post(move, {"section": str(issue.sections.first().pk)})
    assert list(issue.sections.first().picks.all()) == [second]


def test_what_was_removed_can_be_put_back_with_its_words_and_place(
    editor: Client, issue: Issue
) -> None:
    first, second = picked(issue), picked(issue)
    save(editor, first, summary="Written with care.", date="June 2019")
    answer = editor.post(reverse("desk:remove_pick", args=[first.pk]), follow=True)
    assert "is removed." in answer.content.decode()
    assert issue.picks.count() == 1
    editor.post(reverse("desk:restore_pick", args=[issue.pk]))
    back, other = issue.sections.last().picks.order_by("position")
    assert (back.summary, back.date["precision"]) == ("Written with care.", "month")
    assert other == second


def test_a_resource_goes_from_the_shelf_into_a_section(editor: Client, issue: Issue) -> None:
    section, resource = issue.sections.last(), make.resource(title="A handbook")
    shelf = editor.get(reverse("desk:shelf", args=[section.pk]), {"sector": "SEC.AVI"})
    assert "A handbook" in shelf.content.decode()
    editor.post(reverse("desk:pick_resource", args=[section.pk]), {"resource": resource.pk})
    assert section.picks.get().headline == "A handbook"


def test_a_section_can_begin_with_the_introduction_it_had_before(
    editor: Client, issue: Issue
) -> None:
    section = issue.sections.last()
    before = make.issue("2019-05", title="May 2019").sections.last()
    page = reverse("desk:edit_section", args=[section.pk])
    assert "Begin with these words" not in editor.get(page).content.decode()
    before.intro = "What airlines and airports do."
    before.save()
    offered = editor.get(page).content.decode()
    assert "The introduction in May 2019" in offered
    begun = editor.get(page, {"begin": "earlier"})
    assert begun.context["form"]["intro"].value() == "What airlines and airports do."
    section.refresh_from_db()
    assert section.intro == ""


def test_sections_are_named_ordered_and_added(editor: Client, issue: Issue) -> None:
    last = issue.sections.last()
    words = {"turn": last.turn, "heading": "Asia", "intro": "More."}
    editor.post(reverse("desk:edit_section", args=[last.pk]), words)
    editor.post(reverse("desk:move_section", args=[last.pk]), {"to": "up"})
    editor.post(reverse("desk:add_section", args=[issue.pk]), {"heading": "For readers"})
    assert [s.heading for s in issue.sections.all()] == ["Asia", "Highlights", "For readers"]


@pytest.mark.parametrize("full", [1, 20])
def test_the_issue_page_costs_the_same_however_full(
    full: int, editor: Client, issue: Issue, django_assert_num_queries: Any
) -> None:
    for _ in range(full):
        picked(issue)
    # session, editor; the issue, its sections, their picks, open comments; the sample
    with django_assert_num_queries(7):
        editor.get(reverse("desk:issue", args=[issue.pk]))


def test_drafting_answers_a_wrong_month_beside_its_field(editor: Client) -> None:
    make.newsletter()
    answer = editor.post(reverse("desk:draft"), {"month": "June"})
    assert answer.status_code == 422
    assert "Write the month like 2019-06." in answer.content.decode()


def test_drafting_a_month_leads_to_its_issue(editor: Client) -> None:
    make.newsletter()
    make.story()
    answer = editor.post(reverse("desk:draft"), {"month": "2019-06"})
    assert answer.headers["Location"] == reverse("desk:issue", args=[Issue.objects.get().pk])


@pytest.mark.parametrize("form", ["web", "mail", "text"])
def test_the_preview_prints_what_will_go_out(form: str, editor: Client, issue: Issue) -> None:
    picked(issue, headline="Printed here")
    shown = editor.get(reverse("desk:printed", args=[issue.pk, form])).content.decode()
    assert "Printed here" in shown
    frame = editor.get(reverse("desk:preview", args=[issue.pk, form])).content.decode()
    assert reverse("desk:printed", args=[issue.pk, form]) in frame


def test_publishing_asks_for_a_reader_first(editor: Client, issue: Issue) -> None:
    picked(issue)
    issue.refresh_from_db()
    page = reverse("desk:publish", args=[issue.pk])
    assert editor.post(page, {"turn": issue.turn}).status_code == 422
    assert not Edition.objects.exists()
    assert editor.post(page, {"turn": issue.turn, "read": "on"}).status_code == 302
    assert Edition.objects.get().issue == issue


def test_an_issue_changed_since_it_was_read_is_not_published(editor: Client, issue: Issue) -> None:
    picked(issue)
    issue.refresh_from_db()
    turn = issue.turn
    picked(issue)
    answer = editor.post(reverse("desk:publish", args=[issue.pk]), {"turn": turn, "read": "on"})
    assert answer.status_code == 422
    assert "Somebody has changed the issue" in answer.content.decode()
    assert not Edition.objects.exists()


def test_what_is_published_is_what_the_preview_printed(editor: Client, issue: Issue) -> None:
    picked(issue)
    issue.refresh_from_db()
    before = compose.preview(issue)
    editor.post(reverse("desk:publish", args=[issue.pk]), {"turn": issue.turn, "read": "on"})
    assert Value.from_json(Edition.objects.get().content) == before


def test_a_published_issue_offers_nothing_to_change(editor: Client, issue: Issue) -> None:
    pick = picked(issue)
    compose.publish(issue, None, timezone.now())
    text = editor.get(reverse("desk:issue", args=[issue.pk])).content.decode()
    assert "This issue is out." in text
    assert text.count("<form") == 2  # to sign out, and to open it for a correction
    answer = save(editor, pick, summary="Too late.")
    assert answer.status_code == 422
    pick.refresh_from_db()
    assert pick.summary != "Too late."


def test_readers_see_an_item_but_no_form(reader: Client, issue: Issue) -> None:
    text = reader.get(reverse("desk:pick", args=[picked(issue).pk])).content.decode()
    assert text.count("<form") == 2  # to sign out, to comment
    assert "data-guard" not in text


# --- from one item to the next -------------------------------------------------------------------


def test_keeping_leads_to_the_next_proposal_or_back_to_the_check(
    editor: Client, issue: Issue
) -> None:
    first, second = (picked(issue, headline=name) for name in ("The first", "The second"))
    Pick.objects.filter(pk=first.pk).update(proposed=True)
    onward = save(editor, second, then="next")
    assert onward["Location"] == reverse("desk:pick", args=[first.pk])
    last = save(editor, first, then="next")
    assert last["Location"].startswith(reverse("desk:issue", args=[issue.pk]))
    first.refresh_from_db()
    checked = save(editor, first, back="check")
    assert checked["Location"] == reverse("desk:check", args=[issue.pk])


def test_an_item_begun_and_never_written_goes_when_its_writer_goes_back(
    editor: Client, issue: Issue
) -> None:
    section = issue.sections.first()
    assert section is not None
    page = editor.post(reverse("desk:write", args=[section.pk]), follow=True).content.decode()
    assert "Back, without this item" in page
    assert 'value="Untitled"' not in page
    editor.post(reverse("desk:remove_pick", args=[Pick.objects.get().pk]))
    assert not issue.picks.exists()
