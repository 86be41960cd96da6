"""What the desk must be able to use again is kept so that the database alone does not tell it."""

from __future__ import annotations

import pytest
from django.test import override_settings

from broadsheet import sealing
from broadsheet.news import collecting
from broadsheet.news.models import Feed

pytestmark = pytest.mark.django_db
BOX = "imap://desk@mail.example/INBOX"


def add(password: str) -> Feed:
    options = {"host": "mail.example", "user": "desk", "password": password, "box": "INBOX"}
    return collecting.add("The Letters", "", BOX, kind="mail", options=options)


def test_a_mailboxes_password_is_not_in_the_database_and_can_be_used() -> None:
    add("open sesame")
    kept = Feed.objects.get().options["password"]
    assert "sesame" not in str(Feed.objects.values_list("options").get())
    assert sealing.opened(kept) == "open sesame"


def test_a_password_kept_before_they_were_sealed_still_opens() -> None:
    assert sealing.opened("typed long ago") == "typed long ago"
    assert sealing.seal("") == ""
    assert sealing.seal(sealing.seal("x")).count(sealing.MARK) == 1


def test_a_new_password_replaces_the_old_one_where_the_mailbox_is_added_again() -> None:
    add("old")
    add("new")
    assert sealing.opened(Feed.objects.get().options["password"]) == "new"


def test_after_a_change_of_the_secret_key_the_old_one_opens_and_without_it_the_feed_says_why() -> (
    None
):
    with override_settings(SECRET_KEY="the old key"):
        feed = add("open sesame")
    with override_settings(SECRET_KEY="a new key", SECRET_KEY_FALLBACKS=["the old key"]):
        assert sealing.opened(feed.options["password"]) == "open sesame"
    with override_settings(SECRET_KEY="a new key", SECRET_KEY_FALLBACKS=[]):
        came = collecting.look(feed, None, None)  # type: ignore[arg-type]
    assert came.problem is not None
    assert "secret key has changed" in str(came.problem)
