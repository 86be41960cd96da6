"""What a reader's wishes make of their letter."""

from __future__ import annotations

import email
import email.policy
from typing import Any

import lxml.html
import pytest
from django.utils import timezone

from broadsheet.mailing.letters import Writer
from tests.mailing import post

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(settings: Any, tmp_path: Any) -> Any:
    settings.DKIM_FOLDER = tmp_path / "dkim"
    settings.MAIL_SENDER = "Lantern House <letter@lantern.example>"
    settings.ADDRESS = "https://news.lantern.example"

    def write(edition: Any, wants: str = "full", *, discreet: bool = False) -> tuple[Any, str, str]:
        """The headers, the words of the HTML part as a list of mail would begin to show them, the text."""
        letter = Writer(edition).test(
            "me@lantern.example", timezone.now(), wants, discreet=discreet
        )
        parts = post.parts(letter.data)
        body = lxml.html.document_fromstring(parts["html"]).body.text_content()
        whole = email.message_from_bytes(letter.data, policy=email.policy.default)
        return whole, " ".join(body.split()), parts["plain"]

    return write


@pytest.mark.parametrize("wants", ["full", "link"])
def test_a_discreet_letter_tells_nothing_in_a_list_of_mail(sent: Any, wants: str) -> None:
    edition = post.edition()
    content = edition.content
    head, words, _text = sent(edition, wants, discreet=True)
    assert head["Subject"] == "[Test] Your letter"
    assert head["From"] == "letter@lantern.example"
    seen = words[:140]
    told = [content["newsletter"], content["title"], content["sections"][0]["heading"]]
    told += [item["headline"] for section in content["sections"] for item in section["items"]]
    assert not [one for one in told if one in seen], seen
    assert content["newsletter"] in words, "the letter itself is whole"


def test_a_link_alone_is_what_was_asked_for(sent: Any) -> None:
    edition = post.edition()
    head, words, text = sent(edition, "link")
    assert edition.content["title"] in head["Subject"]
    for part in (words, text):
        assert edition.content["sections"][0]["items"][0]["headline"] not in part
        assert "read it on the web" in part
    assert f"/editions/{edition.issue.uid}/" in text


def test_a_letter_leads_to_the_same_issue_in_another_language_in_both_its_parts(sent: Any) -> None:
    english = post.edition(language="en")
    chinese = post.edition(
        language="zh-Hant", alternates=[{"language": "en", "uid": english.issue.uid}]
    )
    _head, words, text = sent(chinese)
    for part in (words, text):
        assert "Read in English" in part
    assert f"https://news.lantern.example/editions/{english.issue.uid}/" in text
