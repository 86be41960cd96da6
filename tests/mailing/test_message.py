"""Letters as bytes: every header raw, lines short, nothing injected, signed so that others agree."""

from __future__ import annotations

import email
import email.policy
import json
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.mailing import dkim, message
from broadsheet.mailing.smtp import Server, Smtp
from broadsheet.mailing.transports import Fate, Letter
from broadsheet.press.email import email as mail
from broadsheet.press.plaintext import plaintext
from tests.mailing import post
from tests.press.edition import HOUSE, full

NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
MAILAUTH = Path(__file__).parents[2] / "var/npm/node_modules/mailauth"


def sender(**but: Any) -> message.Sender:
    given: dict[str, Any] = {
        "name": "Lantern House", "address": "letter@lantern.example",
        "list_name": "The Harbour Letter", "list_id": "harbour.lantern.example",
        "owner": "desk@lantern.example", "help_url": "https://news.lantern.example/help",
        "archive_url": "https://news.lantern.example/", "subscribe_url": "https://news.lantern.example/s/1",
        "feedback": "harbour:newsletter:broadsheet:lantern.example",
    }  # fmt: skip
    return message.Sender(**given | but)


READER = message.Reader(
    to="mara@reader.example",
    message_id="a2b3@lantern.example",
    unsubscribe="https://news.lantern.example/u/0123456789abcdef",
    preferences="https://news.lantern.example/p/0123456789abcdef",
)


def skeleton(text: str = "", html: str = "", **but: Any) -> message.Skeleton:
    given: dict[str, Any] = {"subject": "June 2026", "language": "en",
                             "archived_at": "https://news.lantern.example/editions/e1/"}  # fmt: skip
    by = but.pop("by", sender())
    text = text or plaintext(full(), house=HOUSE, unsubscribe_url=message.UNSUBSCRIBE,
                             preferences_url=message.PREFERENCES)  # fmt: skip
    html = html or mail(full(), house=HOUSE, unsubscribe_url=message.UNSUBSCRIBE,
                        preferences_url=message.PREFERENCES)  # fmt: skip
    return message.skeleton(by, text=text, html=html, **given | but)


def head(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[0]


def test_every_header_as_it_goes_on_the_wire() -> None:
    raw = head(skeleton().letter(READER, NOW))
    boundary = re.search(rb'boundary="([^"]+)"', raw)
    assert boundary is not None
    assert raw.replace(boundary[1], b"BOUNDARY").split(b"\r\n") == [
        b"Date: Wed, 01 Jul 2026 09:00:00 +0000",
        b"To: mara@reader.example",
        b"Message-ID: <a2b3@lantern.example>",
        b"List-Unsubscribe: <https://news.lantern.example/u/0123456789abcdef>",
        b"From: Lantern House <letter@lantern.example>",
        b"Subject: June 2026",
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        b"List-Id: The Harbour Letter <harbour.lantern.example>",
        b"List-Help: <https://news.lantern.example/help>",
        b"List-Subscribe: <https://news.lantern.example/s/1>",
        b"List-Owner: <mailto:desk@lantern.example>",
        b"List-Archive: <https://news.lantern.example/>",
        b"List-Post: NO",
        b"Archived-At: <https://news.lantern.example/editions/e1/>",
        b"Feedback-ID: harbour:newsletter:broadsheet:lantern.example",
        b"MIME-Version: 1.0",
        b"Content-Language: en",
        b'Content-Type: multipart/alternative; boundary="BOUNDARY"',
    ]


def test_the_parts_read_back_as_they_were_printed_text_first() -> None:
    whole = email.message_from_bytes(skeleton().letter(READER, NOW), policy=email.policy.default)
    text, html = whole.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert not whole.defects
    expected = mail(full(), house=HOUSE, unsubscribe_url=READER.unsubscribe,
                    preferences_url=READER.preferences)  # fmt: skip
    assert html.get_content().replace("\r\n", "\n").strip() == expected.strip()
    assert READER.unsubscribe in text.get_content()


def test_an_old_signature_of_lines_holds() -> None:
    raw = skeleton().letter(READER, NOW, [])
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert max(map(len, raw.partition(b"\r\n\r\n")[2].split(b"\r\n"))) <= 76
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()


bodies = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=400
)


@given(before=bodies, after=bodies, url=st.from_regex(r"https://[a-z=é]{1,90}", fullmatch=True))
def test_whatever_stands_around_a_readers_address_comes_back_and_no_line_is_long(
    before: str, after: str, url: str
) -> None:
    text = f"{before}{message.UNSUBSCRIBE}{after}"
    reader = message.Reader(READER.to, READER.message_id, url, READER.preferences)
    made = skeleton(text=text, html="<p>x</p>", archived_at="")
    if not url.isascii():
        return
    raw = made.letter(reader, NOW)
    body = raw.partition(b"\r\n\r\n")[2]
    assert all(
        len(line) <= 76 and not line.startswith((b"From ", b".")) for line in body.split(b"\r\n")
    )
    part = next(iter(email.message_from_bytes(raw, policy=email.policy.default).iter_parts()))
    raw_text = part.get_payload(decode=True)
    assert isinstance(raw_text, bytes)
    assert raw_text.decode().replace("\r\n", "\n") == f"{before}{url}{after}"


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@y.example", "a\nb", "a\rb", "a\0b", "a\u2028b"])
def test_no_header_is_injected(evil: str) -> None:
    with pytest.raises(message.MessageError):
        skeleton(subject=evil)
    for field in ("name", "address", "list_name", "list_id", "feedback", "reply_to"):
        with pytest.raises(message.MessageError):
            skeleton(by=sender(**{field: evil}))
    for field in ("to", "message_id", "unsubscribe"):
        given = {
            "to": "a@b.example",
            "message_id": "m@x",
            "unsubscribe": "https://x",
            "preferences": "https://y",
        }
        with pytest.raises(message.MessageError):
            skeleton().letter(message.Reader(**given | {field: evil}), NOW)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=200))
def test_names_and_subjects_read_back(words: str) -> None:
    raw = skeleton(text="a", html="b", subject=words, by=sender(name=words)).letter(READER, NOW)
    whole = email.message_from_bytes(raw, policy=email.policy.default)
    squeezed = " ".join(words.split())
    assert " ".join(str(whole["Subject"]).split()) == squeezed
    assert all(len(line) <= 78 or b" " not in line.strip() for line in head(raw).split(b"\r\n"))


def test_without_https_no_one_click_is_promised() -> None:
    assert b"One-Click" not in skeleton(one_click=False).letter(READER, NOW)


# --- signatures ----------------------------------------------------------------------------------


def _signed(folder: Path) -> tuple[bytes, list[dkim.Key]]:
    keys = [
        dkim.make(folder, "lantern.example", "r1"),
        dkim.make(folder, "lantern.example", "e1", "ed25519"),
    ]
    return skeleton(by=sender(name="Laterne – 燈")).letter(READER, datetime.now(UTC), keys), keys


def test_a_key_is_kept_for_the_desk_alone_and_never_written_over(tmp_path: Path) -> None:
    made = dkim.make(tmp_path / "dkim", "lantern.example", "r1")
    assert (tmp_path / "dkim/r1.pem").stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        dkim.make(tmp_path / "dkim", "lantern.example", "r1")
    (kept,) = dkim.keys(tmp_path / "dkim", "lantern.example")
    assert kept.record == made.record
    strings = re.findall(r'"([^"]*)"', made.zone_line)
    assert all(len(one) <= 255 for one in strings)
    assert "".join(strings) == made.record


@pytest.mark.skipif(not MAILAUTH.exists(), reason="mailauth is not installed: .ci/install-npm")
def test_mailauth_finds_both_signatures_good_and_all_list_headers_covered(tmp_path: Path) -> None:
    raw, keys = _signed(tmp_path)
    (tmp_path / "x.eml").write_bytes(raw)
    records = {key.name: {"TXT": [[key.record]]} for key in keys}
    (tmp_path / "dns.json").write_text(json.dumps(records))
    run = subprocess.run(
        ["node", str(MAILAUTH / "bin/mailauth.js"), "report", "-i", "127.0.0.1", "-e", "lantern.example",
         "-f", "letter@lantern.example", "-n", str(tmp_path / "dns.json"), str(tmp_path / "x.eml")],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    results = json.loads(run.stdout)["dkim"]["results"]
    assert [(one["algo"], one["status"]["result"]) for one in results] == [
        ("rsa-sha256", "pass"),
        ("ed25519-sha256", "pass"),
    ]
    for one in results:
        covered = one["signingHeaders"]["keys"]
        for name in ("List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Message-ID", "To"):
            assert name in covered


@pytest.mark.skipif(
    not shutil.which("opendkim"), reason="opendkim is not installed: .ci/install-debian"
)
def test_opendkim_finds_the_signature_good(tmp_path: Path) -> None:
    raw, keys = _signed(tmp_path)
    (tmp_path / "x.eml").write_bytes(raw.replace(b"\r\n", b"\n"))
    (tmp_path / "keys").write_text(f"{keys[0].name} {keys[0].record}\n")
    (tmp_path / "conf").write_text(f"Mode v\nTestDNSData {tmp_path / 'keys'}\n")
    run = subprocess.run(
        ["opendkim", "-x", str(tmp_path / "conf"), "-t", str(tmp_path / "x.eml"), "-v"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "verification (s=r1" in run.stdout, run.stdout + run.stderr
    assert "succeeded" in run.stdout


# --- on the wire ---------------------------------------------------------------------------------


def test_a_server_gets_the_bytes_we_made() -> None:
    raw = skeleton().letter(READER, NOW)
    with post.server() as (kept, port):
        way = Smtp(Server("127.0.0.1", port))
        outcomes = list(way.send([Letter("bounce@lantern.example", READER.to, raw)] * 3))
        way.close()
    assert [one.fate for one in outcomes] == [Fate.ACCEPTED] * 3
    assert [one.content for one in kept.envelopes] == [raw] * 3
    assert kept.envelopes[0].mail_from == "bounce@lantern.example"


@pytest.mark.parametrize(("speaks", "fate"), [(True, Fate.ACCEPTED), (False, Fate.REFUSED)])
def test_an_address_beyond_ascii_goes_only_to_a_server_that_takes_it(
    speaks: bool, fate: Fate
) -> None:
    to = "用户@xn--fsqu00a.example"
    reader = message.Reader(to, "m@lantern.example", READER.unsubscribe, READER.preferences)
    letter = Letter("b@lantern.example", to, skeleton().letter(reader, NOW), utf8=True)
    with post.server(enable_SMTPUTF8=speaks) as (kept, port):
        way = Smtp(Server("127.0.0.1", port))
        (outcome,) = way.send([letter])
        way.close()
    assert outcome.fate is fate
    assert [one.rcpt_tos for one in kept.envelopes] == ([[to]] if speaks else [])


def test_a_connection_is_made_anew_after_some_letters() -> None:
    raw = skeleton().letter(READER, NOW)
    with post.server() as (kept, port):
        way = Smtp(Server("127.0.0.1", port, letters=2))
        fates = [one.fate for one in way.send([Letter("b@x.example", READER.to, raw)] * 5)]
        way.close()
    assert fates == [Fate.ACCEPTED] * 5
    assert len(kept.envelopes) == 5
