"""The labels of the third blind set stand in its letters. What the reader makes of them is the bench's to say."""

from __future__ import annotations

import html
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import unquote

import pytest

from tests.wire.issuefile import third
from tests.wire.issuefile.invented import Letter

LETTERS = [letter for half in third.HALVES for letter in third.letters(half)]


def raw(letter: Letter) -> str:
    """The letter's text with its mark-up, its transfer and character encodings undone."""
    if not letter.name.endswith((".eml", ".mhtml")):
        for encoding in ("utf-8", "cp1252"):
            try:
                return letter.data.decode(encoding)
            except UnicodeDecodeError:
                continue
    mail = message_from_bytes(letter.data, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return "\n".join(p.get_content() for p in mail.walk() if p.get_content_maintype() == "text")


def bare(words: str) -> str:
    """Letters and digits alone: no tags, quotes, folds or hyphens at a line's end."""
    return re.sub(r"[\W_]+", "", html.unescape(re.sub(r"<[^>]*>", "", words)).lower())


@pytest.mark.parametrize("letter", LETTERS, ids=lambda one: f"{one.name}-{one.month}")
def test_every_label_of_the_third_set_stands_in_its_letter(letter: Letter) -> None:
    text = raw(letter)
    words, addresses = bare(text), unquote(html.unescape(text))
    assert letter.items
    for item in letter.items:
        summary = bare(item.summary)
        parts = [item.headline, item.source, item.caption, item.credit, summary[:30], summary[-30:]]
        assert [part for part in parts if bare(part) not in words] == []
        assert [url for _, url in item.extra if url not in addresses] == []


def test_the_third_set_has_two_halves_of_twelve_files() -> None:
    assert [len({x.name for x in third.letters(half)}) for half in third.HALVES] == [12, 12]
