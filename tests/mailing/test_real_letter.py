"""The finished sample issue, sent by the real way to a server on loopback, and what arrived there."""

from __future__ import annotations

import email
import email.policy
import json
import re
import shutil
import subprocess
import threading
from typing import Any

import pytest
from django.utils import timezone

from broadsheet import sample
from broadsheet.issues import house
from broadsheet.mailing import dispatch, dkim, outbox
from broadsheet.mailing.audience import Choice
from broadsheet.mailing.postroom import Postroom
from tests.mailing import post

pytestmark = pytest.mark.django_db(transaction=True)
FOLDED = re.compile(rb"\r\n[ \t]")


@pytest.fixture
def arrived(settings: Any, tmp_path: Any) -> bytes:
    """The bytes as the server got them."""
    settings.SENDING_FOLDER = tmp_path / "sending"
    settings.DKIM_FOLDER = tmp_path / "dkim"
    settings.MAIL_SENDER = "Lantern House <letter@lantern.example>"
    settings.MAIL_BOUNCES = "bounce@lantern.example"
    settings.ADDRESS = "https://news.lantern.example"
    dkim.make(settings.DKIM_FOLDER, "lantern.example", "broadsheet")
    content = json.loads((sample.folder().parent / "issue.json").read_bytes())
    content.pop("uid", None)
    edition = post.edition(**content)
    given = {"hotline": "In need? Call **0800 555**.", "address": "1 Quay Street, Lowport"}
    house.keep(edition.issue.newsletter, given)
    post.reader(edition.issue.newsletter, "mei@reader.example")
    made = dispatch.order(edition, Choice(others=True), None, timezone.now())
    with post.server() as (kept, port):
        settings.MAIL = f"smtp+plain://127.0.0.1:{port}"
        room = Postroom(outbox.named)
        room.turn(threading.Event())
        assert len(kept.envelopes) == 1, list(made.deliveries.values("state", "answer"))
        assert kept.envelopes[0].mail_from.startswith("bounce+")
        return bytes(kept.envelopes[0].original_content)


def test_its_head_is_whole_on_the_wire_and_its_body_says_the_same_twice(arrived: bytes) -> None:
    head, _, body = arrived.partition(b"\r\n\r\n")
    lines = {line.partition(b":")[0]: line for line in FOLDED.sub(b"", head).split(b"\r\n")}
    leave = next(line for line in head.split(b"\r\n") if line.startswith(b"List-Unsubscribe:"))
    assert re.fullmatch(rb"List-Unsubscribe: <https://news\.lantern\.example/u/[\w-]+>", leave)
    assert len(leave) <= 78
    assert b"List-Unsubscribe-Post" in lines[b"DKIM-Signature"]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    whole = email.message_from_bytes(arrived, policy=email.policy.default)
    assert not whole.defects
    for part in post.parts(arrived).values():
        assert "0800 555" in part
        assert "1 Quay Street, Lowport" in part
        assert ".invalid" not in part
        assert part.count(leave.partition(b"<")[2].rstrip(b">").decode()) >= 1
    assert len(post.parts(arrived)["html"].encode()) < 100_000


@pytest.mark.slow
def test_spamassassin_thinks_no_ill_of_it(arrived: bytes) -> None:
    program = shutil.which("spamassassin")
    if program is None:
        pytest.skip("SpamAssassin is not installed: .ci/install-debian")
    told = subprocess.run(
        [program, "-L", "-t"], input=arrived, capture_output=True, check=False, timeout=300
    )
    score = re.search(rb"X-Spam-Status: \w+, score=(-?[\d.]+)", told.stdout)
    assert score, told.stdout[-2000:]
    assert float(score[1]) < 1.0, told.stdout[-3000:]
