"""What the mailing's tests share: an open sign-up form, and a postman who keeps what he is given."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from broadsheet.jobs import queue
from broadsheet.mailing import replies
from broadsheet.mailing.models import SignUpForm
from tests import make


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def form(db: None) -> SignUpForm:
    newsletter = make.newsletter(organisation="The Harbour Desk")
    return SignUpForm.objects.create(newsletter=newsletter, open=True, languages=["zh-Hant", "th"])


class Postman:
    """Does the letters that are due, and keeps them."""

    def __init__(self) -> None:
        self.letters: list[replies.Reply] = []

    def round(self, now: datetime) -> list[replies.Reply]:
        """The letters written by this round."""
        before = len(self.letters)
        while job := queue.claim("the postman", now, kinds={"letter"}):
            queue.finish(job, now, came=replies.write(job, self.letters.append, now))
        return self.letters[before:]

    def link(self) -> str:
        """The path of the last letter's link."""
        found = re.search(r"https?://[^/\s]+(/\S+)", self.letters[-1].text)
        assert found
        return found[1]


@pytest.fixture
def postman() -> Postman:
    return Postman()
