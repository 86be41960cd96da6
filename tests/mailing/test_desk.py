"""The editor's pages of the mailing: count, test, send, watch, decide."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadsheet.mailing import dispatch
from broadsheet.mailing.audience import Choice
from broadsheet.mailing.models import Delivery, Dispatch
from tests import make
from tests.mailing import post

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    client = Client(headers={"user-agent": "test"})
    client.force_login(make.editor(name="The editor", role="editor", email="me@lantern.example"))
    return client


@pytest.fixture(autouse=True)
def _sender(settings: Any, tmp_path: Any) -> None:
    settings.MAIL = "smtp+plain://127.0.0.1:9"
    settings.MAIL_SENDER = "Lantern House <letter@lantern.example>"
    settings.DKIM_FOLDER = tmp_path / "dkim"


def _published() -> Any:
    edition = post.edition()
    edition.issue.state, edition.issue.published = "published", timezone.now()
    edition.issue.save()
    return edition


def test_the_page_counts_before_anything_is_sent(editor: Client) -> None:
    edition = _published()
    for _ in range(3):
        post.reader(edition.issue.newsletter)
    page = editor.get(reverse("desk:send", args=[edition.issue.pk]))
    assert "<strong>3</strong> readers will get it" in page.content.decode()
    assert not Dispatch.objects.exists()


def test_an_edition_is_sent_at_a_time_in_a_zone(editor: Client) -> None:
    edition = _published()
    post.reader(edition.issue.newsletter)
    day = (timezone.now() + timedelta(days=3)).date()
    given = {"do": "send", "others": "on", "day": day.isoformat(), "time": "09:00",
             "zone": "Asia/Hong_Kong", "per_hour": "60", "read": "on"}  # fmt: skip
    answer = editor.post(reverse("desk:send", args=[edition.issue.pk]), given)
    made = Dispatch.objects.get()
    assert answer["Location"] == reverse("desk:dispatch", args=[made.uid])
    assert (made.due.hour, made.per_hour, made.zone) == (1, 60, "Asia/Hong_Kong")
    page = editor.get(answer["Location"]).content.decode()
    assert "09:00 (Asia/Hong_Kong)" in page
    assert "Pause" in page


def test_the_page_says_by_when_it_would_be_done_as_a_clock_in_that_zone_shows_it(
    editor: Client,
) -> None:
    edition = _published()
    for _ in range(3):
        post.reader(edition.issue.newsletter)
    page = reverse("desk:send", args=[edition.issue.pk])
    day = (timezone.now() + timedelta(days=3)).date()
    given = {"do": "count", "others": "on", "day": day.isoformat(), "time": "09:00",
             "zone": "America/New_York", "per_hour": "1"}  # fmt: skip
    said = editor.post(page, given).content.decode()
    assert re.search(r"At 1 an hour it is done by about [^<]*, 12:00 \(America/New_York\)", said)
    editor.post(page, given | {"do": "send", "read": "on"})
    made = Dispatch.objects.get()
    told = editor.get(reverse("desk:dispatch", args=[made.uid])).content.decode()
    assert "09:00 (America/New_York)" in told
    again = editor.post(page, {"do": "count", "others": "on", "again": "An address was wrong."})
    assert "<strong>3</strong> readers will get it" in again.content.decode()


def test_without_having_looked_at_a_test_nothing_is_sent(editor: Client) -> None:
    edition = _published()
    answer = editor.post(
        reverse("desk:send", args=[edition.issue.pk]), {"do": "send", "zone": "UTC", "others": "on"}
    )
    assert answer.status_code == 422
    assert not Dispatch.objects.exists()


def test_a_test_is_the_real_letter(editor: Client, settings: Any) -> None:
    edition = _published()
    with post.server() as (kept, port):
        settings.MAIL = f"smtp+plain://127.0.0.1:{port}"
        given = {"do": "test", "to": "me@lantern.example", "wants": "full"}
        answer = editor.post(reverse("desk:send", args=[edition.issue.pk]), given, follow=True)
    assert "The test went to me@lantern.example" in answer.content.decode()
    (letter,) = kept.envelopes
    assert b"Subject: [Test] " in letter.content
    assert b"List-Unsubscribe: <" in letter.content


def test_pause_go_on_cancel(editor: Client) -> None:
    edition = _published()
    post.reader(edition.issue.newsletter)
    made = dispatch.order(edition, Choice(), None, timezone.now())
    act = reverse("desk:act_on_dispatch", args=[made.uid])
    for do, state in (("pause", "paused"), ("resume", "scheduled"), ("cancel", "cancelled")):
        editor.post(act, {"do": do})
        made.refresh_from_db()
        assert made.state == state
    assert editor.get(act).status_code == 405


@pytest.mark.parametrize(("do", "state"), [("resend", "waiting"), ("leave", "accepted")])
def test_doubts_are_decided_by_a_person(editor: Client, do: str, state: str) -> None:
    edition = _published()
    readers = [post.reader(edition.issue.newsletter) for _ in range(2)]
    made = dispatch.order(edition, Choice(), None, timezone.now())
    dispatch.freeze(made, timezone.now())
    Delivery.objects.update(state="doubt", tried=timezone.now(), answer="no answer in time")
    page = editor.get(reverse("desk:dispatch", args=[made.uid])).content.decode()
    assert readers[0].address in page
    assert "no answer in time" in page
    first = made.deliveries.get(subscriber=readers[0])
    editor.post(
        reverse("desk:decide_doubts", args=[made.uid]), {"do": do, "delivery": str(first.pk)}
    )
    assert list(made.deliveries.order_by("pk").values_list("state", flat=True)) == [state, "doubt"]


def test_the_pages_without_anything_say_what_to_do(editor: Client, settings: Any) -> None:
    settings.MAIL = ""
    page = editor.get(reverse("desk:mailing")).content.decode()
    assert "Nothing to send yet" in page
    assert "Set BROADSHEET_MAIL" in page


def test_the_list_shows_what_is_published_and_what_was_sent(editor: Client) -> None:
    edition, other = _published(), _published()
    made = dispatch.order(edition, Choice(), None, timezone.now())
    page = editor.get(reverse("desk:mailing")).content.decode()
    assert reverse("desk:dispatch", args=[made.uid]) in page
    assert reverse("desk:send", args=[other.issue.pk]) in page


def test_the_records_page_makes_the_key_only_when_asked(
    editor: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.newsletter()
    monkeypatch.setattr("broadsheet.mailing.doctor.look", lambda *_: iter(()))
    editor.get(reverse("desk:mail_records"))
    assert not settings.DKIM_FOLDER.exists()
    page = editor.post(reverse("desk:mail_records")).content.decode()
    assert "broadsheet._domainkey.lantern.example" in page
    assert "v=DKIM1; k=rsa; p=" in page


def test_a_contributor_sends_nothing() -> None:
    client = Client(headers={"user-agent": "test"})
    client.force_login(make.editor(name="The contributor", role="contributor"))
    edition = _published()
    assert client.get(reverse("desk:send", args=[edition.issue.pk])).status_code == 403


@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("https://news.lantern.example", ""),
        ("http://news.lantern.example", "not https"),
        ("https://a-very-long-name-for-a-desk.of-a-charity.lantern.example", "unsubscribe address has"),
    ],
)  # fmt: skip
def test_who_sends_is_told_where_mail_programs_will_show_no_unsubscribe_button(
    editor: Client, settings: Any, address: str, warned: str
) -> None:
    settings.ADDRESS = address
    page = editor.get(reverse("desk:send", args=[_published().issue.pk])).content.decode()
    told = [words for words in ("not https", "unsubscribe address has") if words in page]
    assert told == ([warned] if warned else [])
