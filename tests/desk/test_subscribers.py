"""Subscribers at the desk."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from broadsheet.jobs import queue
from broadsheet.mailing import erasing, importing, rounds, subscribing
from broadsheet.mailing.models import Consent, Import, SignUpForm, Subscriber, Topic
from broadsheet.mailing.transports import TransportError
from broadsheet.people.models import Deed
from tests import make

WORDS = "They ticked a box on our old site."


@pytest.fixture(autouse=True)
def letter(db: None, settings: Any, tmp_path: Any) -> Any:
    settings.HOME = tmp_path
    return make.newsletter(organisation="The Harbour Desk")


def upload(editor: Client, table: str, name: str = "list.csv") -> Import:
    file = SimpleUploadedFile(name, table.encode())
    answer = editor.post("/desk/subscribers/import/", {"file": file, "says": "subscribed"})
    assert answer.status_code == 302, answer.content.decode()
    return Import.objects.get()


def work() -> None:
    while job := queue.claim("worker", timezone.now()):
        queue.finish(job, timezone.now(), came=rounds.run(job, timezone.now))


def test_a_list_is_looked_at_agreed_to_and_taken_in(editor: Client) -> None:
    made = upload(editor, "email\nann@example.org\nben@example.org\nwrong\n")
    page = editor.get(f"/desk/subscribers/import/{made.uid}/").content.decode()
    assert "Subscribe 2 readers" in page
    assert "not readable as an address" in page
    csv = b"".join(
        editor.get(f"/desk/subscribers/import/{made.uid}/not-taken.csv").streaming_content
    )  # type: ignore[attr-defined]
    assert b"wrong" in csv
    refused = editor.post(f"/desk/subscribers/import/{made.uid}/", {"do": "take", "words": ""})
    assert refused.status_code == 422
    assert Subscriber.objects.count() == 0
    editor.post(f"/desk/subscribers/import/{made.uid}/", {"do": "take", "words": WORDS})
    assert "being taken in" in editor.get(f"/desk/subscribers/import/{made.uid}/").content.decode()
    work()
    assert set(Subscriber.objects.values_list("state", "basis")) == {("active", "elsewhere")}
    assert set(Consent.objects.values_list("words__text", flat=True)) == {WORDS}
    assert "What happened" in editor.get(f"/desk/subscribers/import/{made.uid}/").content.decode()


def test_an_import_is_taken_back_after_a_look_at_what_that_does(editor: Client) -> None:
    make.subscriber("here@example.org", basis="elsewhere")
    made = upload(
        editor, "email,status\nann@example.org,\nben@example.org,\nhere@example.org,unsubscribed\n"
    )
    page = f"/desk/subscribers/import/{made.uid}/"
    assert "Take back" not in editor.get(page).content.decode(), "there is nothing to take back yet"
    editor.post(page, {"do": "take", "words": WORDS})
    work()
    ann = Subscriber.objects.get(key="ann@example.org")
    subscribing.pause(ann, timezone.now())
    assert f'href="{page}"' in editor.get(f"/desk/subscribers/{ann.pk}/").content.decode()
    shown = editor.get(page).content.decode()
    for words in (
        "Take back this import",
        "taken off the list",
        "changed something",
        "ended by the file",
    ):
        assert words in shown
    assert (
        "2 subscribed, 1 not to be written to"
        in editor.get("/desk/subscribers/import/").content.decode()
    )
    assert editor.post(page, {"do": "undo"}).status_code == 302
    assert "being taken back" in editor.get(page).content.decode()
    work()
    done = editor.get(page).content.decode()
    assert "The editor took this import back on" in done
    assert "What was taken back" in done
    assert dict(Subscriber.objects.values_list("key", "state")) == {
        "ann@example.org": "paused",
        "here@example.org": "unsubscribed",
    }
    assert Deed.objects.filter(verb="took back an import", about="list.csv").exists()
    again = editor.post(page, {"do": "undo"})
    assert again.status_code == 422
    assert "being taken back already, or has been" in again.content.decode()


def test_a_large_file_is_looked_at_by_the_worker(editor: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "SMALL", 10)
    made = upload(editor, "email\nann@example.org\n")
    assert "being read" in editor.get(f"/desk/subscribers/import/{made.uid}/").content.decode()
    work()
    assert (
        "Subscribe 1 reader" in editor.get(f"/desk/subscribers/import/{made.uid}/").content.decode()
    )


def test_what_is_wrong_with_a_file_is_said(editor: Client) -> None:
    made = upload(editor, "name\nAnn\n")
    assert "No column holds" in editor.get(f"/desk/subscribers/import/{made.uid}/").content.decode()


def test_one_is_found_by_a_part_of_the_address_and_by_state(editor: Client) -> None:
    make.subscriber("ann@example.org")
    make.subscriber("ben@example.org", state="bounced")
    found = editor.get("/desk/subscribers/", {"q": "ANN@"}).content.decode()
    assert "ann@example.org" in found
    assert "ben@example.org" not in found
    assert "ben@example.org" in editor.get("/desk/subscribers/?state=bounced").content.decode()


def test_an_editor_learns_that_an_address_must_not_be_written_to(editor: Client) -> None:
    make.subscriber("other@example.org")
    make.subscriber("ann@example.org")
    erasing.erase("ann@example.org", timezone.now())
    page = editor.get("/desk/subscribers/", {"q": "Ann@example.org"}).content.decode()
    assert "must not be written to" in page


def test_somebody_is_added_by_hand_with_where_they_agreed_or_asked_by_letter(
    editor: Client,
) -> None:
    given = {"address": "ann@example.org", "way": "write down", "words": WORDS}
    assert editor.post("/desk/subscribers/add/", given).status_code == 422
    answer = editor.post("/desk/subscribers/add/", given | {"how": "at our table, 3 May"})
    one = Subscriber.objects.get()
    assert answer.headers["Location"] == f"/desk/subscribers/{one.pk}/"
    assert (one.state, one.basis) == ("active", "by hand")
    assert "at our table, 3 May; written down by The editor" in Consent.objects.get().how
    assert "at our table" in editor.get(f"/desk/subscribers/{one.pk}/").content.decode()
    editor.post("/desk/subscribers/add/", given | {"address": "ben@example.org", "way": "ask"})
    assert Subscriber.objects.get(key="ben@example.org").state == "pending"
    assert editor.post("/desk/subscribers/add/", given | {"address": "ben"}).status_code == 422


def test_who_left_is_not_added_by_hand_and_the_reason_is_said(editor: Client) -> None:
    one = make.subscriber("ann@example.org")
    subscribing.unsubscribe(one, timezone.now(), "one click")
    given = {"address": "ann@example.org", "way": "write down", "words": WORDS, "how": "by phone"}
    answer = editor.post("/desk/subscribers/add/", given)
    assert answer.status_code == 422
    assert "has left the list" in answer.content.decode()
    page = editor.get(f"/desk/subscribers/{one.pk}/").content.decode()
    assert "only they themselves" in page


def test_erasing_needs_the_tick_and_leaves_no_address_in_the_log(editor: Client) -> None:
    one = make.subscriber("ann@example.org")
    act = f"/desk/subscribers/{one.pk}/act/"
    assert editor.post(act, {"do": "erase"}).status_code == 422
    assert editor.post(act, {"do": "erase", "sure": "yes"}).status_code == 302
    assert not Subscriber.objects.exclude(address="").exists()
    assert editor.get(f"/desk/subscribers/{one.pk}/").status_code == 404
    assert not Deed.objects.filter(about__contains="ann").exists()


def test_an_editor_unsubscribes_and_tries_a_bounced_address_again(editor: Client) -> None:
    one = make.subscriber(state="bounced")
    editor.post(f"/desk/subscribers/{one.pk}/act/", {"do": "again"})
    one.refresh_from_db()
    assert one.state == "active"
    assert editor.post(f"/desk/subscribers/{one.pk}/act/", {"do": "again"}).status_code == 409
    editor.post(f"/desk/subscribers/{one.pk}/act/", {"do": "unsubscribe"})
    one.refresh_from_db()
    assert one.state == "unsubscribed"


def test_letters_that_cannot_go_are_told_with_the_cause_and_tried_again(
    editor: Client, settings: Any
) -> None:
    settings.MAIL = ""
    given = {"address": "ben@example.org", "way": "ask", "words": WORDS}
    editor.post("/desk/subscribers/add/", given)
    job = queue.claim("worker", timezone.now())
    assert job
    with pytest.raises(TransportError) as error:
        rounds.run(job, timezone.now)
    queue.put_off(job, str(error.value), timezone.now())
    page = editor.get("/desk/subscribers/").content.decode()
    assert "1 letter" in page
    assert "The desk has no way to send mail" in page


def test_the_list_is_taken_along_and_that_is_logged(editor: Client) -> None:
    make.subscriber("ann@example.org")
    make.subscriber("ben@example.org", state="bounced")
    answer = editor.post("/desk/subscribers/export.csv", {"state": "bounced"})
    table = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "ben@example.org" in table
    assert "ann@example.org" not in table
    assert Deed.objects.filter(verb="exported subscribers").exists()


def test_the_form_is_set_up_shared_and_embedded(editor: Client, letter: Any) -> None:
    page = "/desk/subscribers/form/"
    assert "closed" in editor.get(page).content.decode()
    bad = editor.post(page, {"open": "on", "languages": "klingonish"})
    assert bad.status_code == 422
    assert "klingonish" in bad.content.decode()
    editor.post(page, {"open": "on", "languages": "zh-Hant, th", "topics": "Law\nEvents"})
    form = SignUpForm.objects.get()
    assert (form.open, form.languages) == (True, ["zh-Hant", "th"])
    chosen = make.subscriber(newsletter=letter)
    chosen.topics.add(Topic.objects.get(name="Law"))
    editor.post(page, {"open": "on", "languages": "", "topics": "Law"})
    assert [topic.name for topic in chosen.topics.all()] == ["Law"], "it keeps who chose it"
    shown = editor.get(page).content.decode()
    embedded = re.search(r"action=&quot;([^&]+)&quot;|action=\"(http[^\"]+)\"", shown)
    assert embedded
    visitor = Client()
    again = visitor.post(f"/subscribe/{letter.pk}/", {"address": "new@example.org"})
    assert "then press the button" in again.content.decode()
    assert 'value="new@example.org"' in again.content.decode()


def test_the_list_asks_the_same_questions_however_long_it_is(
    editor: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(60):
        make.subscriber()
    with django_assert_max_num_queries(14):
        page = editor.get("/desk/subscribers/").content.decode()
    assert "page 1 of 2" in page
