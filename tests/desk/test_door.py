"""Signing in by a link that works once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadsheet.people import doors
from broadsheet.people.models import Session
from tests import make

pytestmark = pytest.mark.django_db


def _link(**but: object) -> str:
    return reverse("desk:enter", args=[doors.link_for(make.editor(**but), timezone.now())])


def test_opening_a_link_shows_a_button_and_uses_nothing_up() -> None:
    link, scanner = _link(name="Ada"), Client()
    assert "Sign in as Ada" in scanner.get(link).content.decode()
    assert "Sign in as Ada" in scanner.get(link).content.decode()
    assert scanner.get(reverse("desk:inbox")).status_code == 302


def test_the_button_signs_in_once() -> None:
    link, browser = _link(), Client()
    assert browser.post(link).headers["Location"] == reverse("desk:inbox")
    assert browser.get(reverse("desk:inbox")).status_code == 200
    second = Client().post(link)
    assert second.status_code == 410
    assert "broadsheet sign-in" in second.content.decode()


def test_a_link_that_has_ended_says_what_to_do() -> None:
    token = doors.link_for(make.editor(), timezone.now() - timedelta(days=2))
    answer = Client().get(reverse("desk:enter", args=[token]))
    assert answer.status_code == 410
    assert "does not work any more" in answer.content.decode()


def test_signing_in_changes_the_session_key() -> None:
    """Who has planted a session in a browser before does not get in with it after."""
    link, browser = _link(), Client()
    browser.cookies["sessionid"] = planted = "planted" * 4
    browser.get(link)
    browser.post(link)
    assert browser.session.session_key != planted
    assert browser.get(reverse("desk:inbox")).status_code == 200


def test_signing_in_leads_to_the_page_that_was_asked_for() -> None:
    link, browser = _link(), Client()
    browser.get(reverse("desk:sources"), follow=True)
    assert browser.post(link).headers["Location"] == reverse("desk:sources")


def test_who_only_knocks_leaves_no_trace_in_the_tables() -> None:
    knocking = Client()
    for _ in range(3):
        knocking.get(reverse("desk:inbox"), follow=True)
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    "to", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:1"]
)
def test_signing_in_never_leads_elsewhere(to: str) -> None:
    link, browser = _link(), Client()
    browser.get(reverse("desk:sign_in"), {"next": to})
    assert browser.post(link).headers["Location"] == reverse("desk:inbox")


def test_who_signs_out_is_out() -> None:
    link, browser = _link(), Client()
    browser.post(link)
    browser.post(reverse("desk:sign_out"))
    assert browser.get(reverse("desk:inbox")).status_code == 302
