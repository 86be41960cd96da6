"""A mail server that is not ours takes what we send, and relays it."""

from __future__ import annotations

import email
import email.policy
import tempfile
import time
from pathlib import Path

import pytest

from broadsheet.mailing.smtp import Server, Smtp
from broadsheet.mailing.transports import Fate, Letter
from tests.mailing.postfix import here, postfix, sink
from tests.mailing.test_message import NOW, READER, skeleton


@pytest.mark.slow
@pytest.mark.skipif(
    not here(), reason="Postfix is not installed, or this is not root: .ci/install-debian"
)
def test_a_real_postfix_accepts_and_relays_and_the_head_stays_as_it_was() -> None:
    raw = skeleton().letter(READER, NOW)
    with tempfile.TemporaryDirectory(prefix="postfix") as name:
        folder = Path(name)
        taken = folder / "taken"
        taken.mkdir()
        taken.chmod(0o777)
        with sink(taken, "-d", "letter.") as out, postfix(folder / "p", out) as port:
            way = Smtp(Server("127.0.0.1", port, security="none"))
            outcomes = list(way.send([Letter("bounce@lantern.example", READER.to, raw)] * 3))
            way.close()
            assert [one.fate for one in outcomes] == [Fate.ACCEPTED] * 3
            assert all("queued as" in one.words for one in outcomes)
            ends = time.monotonic() + 20
            files: list[Path] = []
            while time.monotonic() < ends and len(files) < 3:
                files = [one for one in taken.iterdir() if b"\n--" in one.read_bytes()]
                time.sleep(0.1)
        assert len(files) == 3
        arrived = files[0].read_bytes().replace(b"\r\n", b"\n")
    ours = raw.replace(b"\r\n", b"\n")
    assert ours.rstrip(b"\n") in arrived
    whole = email.message_from_bytes(arrived, policy=email.policy.default)
    assert whole["List-Unsubscribe"] == f"<{READER.unsubscribe}>"
