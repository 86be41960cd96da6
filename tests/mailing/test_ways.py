"""Other ways out and back than SMTP: sendmail programs, mailing services, the mailbox for bounces, DNS."""

from __future__ import annotations

import base64
import json
import socketserver
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rdatatype
import dns.rrset
import pytest
from django.test import Client
from django.urls import clear_url_caches, reverse
from django.utils import timezone

from broadsheet import urls  # noqa: F401 -- made before a test makes settings of its own
from broadsheet.mailing import dispatch, dkim, doctor, seals
from broadsheet.mailing.audience import Choice
from broadsheet.mailing.bounces import box, taking
from broadsheet.mailing.dns import Resolver
from broadsheet.mailing.models import Delivery, Subscriber
from broadsheet.mailing.sendmail import Sendmail
from broadsheet.mailing.transports import Fate, Letter, Outcome, TransportError
from tests import make
from tests.mailing import post
from tests.mailing.returned import BOUNCES

LETTER = Letter("back@lantern.example", "-x@reader.example", b"Subject: x\r\n\r\nLine\r\n.\r\n")


# --- sendmail --------------------------------------------------------------------------------------


def _program(folder: Path, ends: str) -> str:
    file = folder / "sendmail"
    file.write_text(
        f"#!{sys.executable}\nimport json, os, pathlib, sys\n"
        f"pathlib.Path({str(folder / 'got')!r}).write_text(json.dumps((sys.argv[1:], sys.stdin.read())))\n"
        f"print('no such user here', file=sys.stderr)\n{ends}\n"
    )
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def test_a_letter_is_handed_to_the_sendmail_program_as_it_is(tmp_path: Path) -> None:
    (outcome,) = Sendmail(_program(tmp_path, "")).send([LETTER])
    assert outcome.fate is Fate.ACCEPTED
    argv, body = json.loads((tmp_path / "got").read_text())
    assert argv == ["-i", "-f", "back@lantern.example", "--", "-x@reader.example"]
    assert body == "Subject: x\n\nLine\n.\n"


@pytest.mark.parametrize(
    ("ends", "fate", "address"),
    [
        ("sys.exit(67)", Fate.REFUSED, True),
        ("sys.exit(77)", Fate.REFUSED, False),
        ("sys.exit(75)", Fate.LATER, False),
        ("os.kill(os.getpid(), 9)", Fate.DOUBT, False),
    ],
)
def test_what_sendmail_ends_with_is_understood(
    ends: str, fate: Fate, address: bool, tmp_path: Path
) -> None:
    (outcome,) = Sendmail(_program(tmp_path, ends)).send([LETTER])
    assert (outcome.fate, outcome.address) == (fate, address)


def test_a_program_that_is_not_there_calls_a_person(tmp_path: Path) -> None:
    with pytest.raises(TransportError) as told:
        list(Sendmail(str(tmp_path / "none")).send([LETTER]))
    assert told.value.stop


# --- mailing services ------------------------------------------------------------------------------


def _sent(name: str = "r@reader.example") -> Delivery:
    edition = post.edition()
    post.reader(edition.issue.newsletter, name)
    made = dispatch.order(edition, Choice(), None, timezone.now())
    dispatch.freeze(made, timezone.now())
    claimed = dispatch.claim("w", timezone.now())
    assert claimed is not None
    taken = Outcome(Fate.ACCEPTED, 250)
    dispatch.record(claimed, [(claimed.due[0], taken, timezone.now())], timezone.now())
    return made.deliveries.get()


@pytest.fixture
def brevo(settings: Any) -> Iterator[Client]:
    settings.MAIL = "anymail:brevo"
    settings.ANYMAIL = {"WEBHOOK_SECRET": "desk:a long word"}
    settings.ROOT_URLCONF = "tests.mailing.hooked"
    clear_url_caches()
    yield Client(headers={"user-agent": "Brevo"}, enforce_csrf_checks=True)
    sys.modules.pop("tests.mailing.hooked", None)
    clear_url_caches()


def _told(client: Client, secret: str, **event: Any) -> int:
    given = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}
    return client.post(
        "/returned/brevo/tracking/",
        json.dumps({"email": "r@reader.example", "message-id": "<x@smtp.example>", "ts_epoch": 1604933623000} | event),
        content_type="application/json",
        headers=given,
    ).status_code  # fmt: skip


@pytest.mark.django_db
def test_a_service_tells_of_a_dead_address_by_its_webhook(brevo: Client) -> None:
    delivery = _sent()
    name = seals.message_id(delivery.dispatch.edition_id, delivery.subscriber_id)
    event = {"event": "hard_bounce", "reason": "550 no such user", "X-Mailin-custom": json.dumps({"letter": name})}  # fmt: skip
    assert _told(brevo, "desk:guessed", **event) == 400
    assert Subscriber.objects.get().state == "active"
    assert _told(brevo, "desk:a long word", **event) == 200
    assert Subscriber.objects.get().state == "bounced"
    assert Delivery.objects.get().returned == "hard"


@pytest.mark.django_db
def test_a_complaint_ends_the_subscription_and_an_open_is_passed_over(brevo: Client) -> None:
    delivery = _sent()
    name = seals.message_id(delivery.dispatch.edition_id, delivery.subscriber_id)
    named = {"X-Mailin-custom": json.dumps({"letter": name})}
    for event in ("opened", "click", "delivered", "soft_bounce"):
        assert _told(brevo, "desk:a long word", event=event, **named) == 200
    assert Subscriber.objects.get().state == "active"
    assert _told(brevo, "desk:a long word", event="spam", **named) == 200
    assert Subscriber.objects.get().state == "complained"


@pytest.mark.django_db
def test_without_a_service_there_is_no_such_address() -> None:
    assert Client().post("/returned/brevo/tracking/").status_code == 404


# --- the mailbox for bounces -----------------------------------------------------------------------


class Imap(socketserver.StreamRequestHandler):
    """As much of RFC 3501 as the reader of bounces speaks. Mails by number; seen ones are not found."""

    server: Any

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            tag, _, command = line.decode().strip().partition(" ")
            word, mails = command.upper(), self.server.mails
            answer = "OK done"
            if word.startswith("CAPABILITY"):
                self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
            elif word.startswith("LOGIN") and "wrong" in command:
                answer = "NO no"
            elif word.startswith("SELECT"):
                self.wfile.write(b"* %d EXISTS\r\n" % len(mails))
            elif word.startswith("UID SEARCH"):
                found = " ".join(str(n) for n in mails if n not in self.server.seen)
                self.wfile.write(f"* SEARCH {found}\r\n".encode())
            elif word.startswith("UID FETCH"):
                body = mails[int(command.split()[2])]
                self.wfile.write(b"* 1 FETCH (BODY[] {%d}\r\n" % len(body) + body + b")\r\n")
            elif word.startswith("UID STORE"):
                self.server.seen.add(int(command.split()[2]))
            self.wfile.write(f"{tag} {answer}\r\n".encode())
            if word.startswith("LOGOUT"):
                return


@contextmanager
def _serving(server: Any) -> Iterator[Any]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def mailbox() -> Iterator[Any]:
    server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Imap)
    server.mails = {n: one.mail("token", "name") for n, one in enumerate(BOUNCES[:5], start=3)}
    server.seen = set()
    with _serving(server):
        yield server


def test_each_mail_of_the_box_is_taken_once_and_marked_after(mailbox: Any) -> None:
    address = f"imap://desk:pw@127.0.0.1:{mailbox.server_address[1]}/Bounces"
    got: list[bytes] = []
    assert box.visit(address, got.append, most=3) == 3
    assert mailbox.seen == {3, 4, 5}
    assert box.visit(address, got.append) == 2
    assert box.visit(address, got.append) == 0
    assert got == list(mailbox.mails.values())


def test_a_mail_that_could_not_be_taken_comes_again(mailbox: Any) -> None:
    address = f"imap://desk:pw@127.0.0.1:{mailbox.server_address[1]}/INBOX"

    def fails(data: bytes) -> None:
        raise RuntimeError("the database is away")

    with pytest.raises(RuntimeError):
        box.visit(address, fails)
    assert not mailbox.seen


@pytest.mark.parametrize("who", ["desk:wrong@127.0.0.1", "desk:pw@mail.example"])
def test_a_wrong_password_and_a_box_elsewhere_without_tls_are_told(who: str, mailbox: Any) -> None:
    with pytest.raises(TransportError):
        box.visit(f"imap://{who}:{mailbox.server_address[1]}/INBOX", print)


@pytest.mark.django_db
def test_a_bounce_in_the_box_ends_mail_to_a_dead_address(mailbox: Any) -> None:
    delivery = _sent()
    token = seals.return_token(delivery.pk)
    mailbox.mails = {
        1: (
            f"To: bounce+{token}@lantern.example\r\nContent-Type: multipart/report; "
            "report-type=delivery-status; boundary=b\r\n\r\n--b\r\n"
            "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
            "Final-Recipient: rfc822; r@reader.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
        ).encode()
    }
    address = f"imap://desk:pw@127.0.0.1:{mailbox.server_address[1]}/INBOX"
    box.visit(address, lambda data: taking.take_mail(data, timezone.now()))
    assert Subscriber.objects.get().state == "bounced"


# --- what DNS says of us -----------------------------------------------------------------------------


class Dns(socketserver.BaseRequestHandler):
    """Answers from the server's `zone`: (name, kind) -> texts of records."""

    server: Any

    def handle(self) -> None:
        asked = dns.message.from_wire(self.request[0])
        question = asked.question[0]
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.RA
        kind = dns.rdatatype.to_text(question.rdtype)
        held = self.server.zone.get((str(question.name).rstrip("."), kind), [])
        if held:
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", kind, *held))
        self.request[1].sendto(answer.to_wire(), self.client_address)


@pytest.fixture
def names() -> Iterator[Any]:
    server: Any = socketserver.ThreadingUDPServer(("127.0.0.1", 0), Dns)
    server.zone = {}
    with _serving(server):
        yield server


@pytest.fixture
def desk(settings: Any, tmp_path: Path) -> Any:
    settings.MAIL_SENDER = "Lantern House <letter@lantern.example>"
    settings.MAIL_BOUNCES = "bounce@lantern.example"
    settings.MAIL_HELO = "mx.lantern.example"
    settings.ADDRESS = "https://news.lantern.example"
    settings.DKIM_FOLDER = tmp_path
    return dkim.make(tmp_path, "lantern.example", "broadsheet")


def _zone(key: dkim.Key) -> dict[tuple[str, str], list[str]]:
    strings = key.zone_line.partition("( ")[2].rstrip(" )")
    return {
        ("lantern.example", "TXT"): ['"v=spf1 mx ~all"'],
        ("lantern.example", "MX"): ["10 mx.lantern.example."],
        ("_dmarc.lantern.example", "TXT"): ['"v=DMARC1; p=none"'],
        (key.name, "TXT"): [strings],
        ("mx.lantern.example", "A"): ["192.0.2.7"],
        ("7.2.0.192.in-addr.arpa", "PTR"): ["mx.lantern.example."],
    }


@pytest.mark.django_db
def test_a_desk_whose_records_are_in_order_has_nothing_to_cure(
    names: Any, desk: Any, settings: Any
) -> None:
    names.zone = _zone(desk)
    with post.server() as (_kept, port):
        settings.MAIL = f"smtp+plain://127.0.0.1:{port}"
        found = list(doctor.look(make.newsletter(), Resolver("127.0.0.1", names.server_address[1])))
    assert [one for one in found if one.cure] == []
    said = " ".join(one.what for one in found)
    for what in (
        "SPF: v=spf1",
        "broadsheet._domainkey.lantern.example is in order",
        "DMARC: ",
        "PTR: ",
    ):
        assert what in said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "kind", "held", "said"),
    [
        ("lantern.example", "TXT", [], "has no SPF record"),
        ("lantern.example", "TXT", ['"v=spf1 +all"'], "lets anybody write"),
        ("lantern.example", "TXT", ['"v=spf1 -all"', '"v=spf1 mx"'], "has 2 SPF records"),
        ("_dmarc.lantern.example", "TXT", [], "has 0 DMARC records"),
        ("broadsheet._domainkey.lantern.example", "TXT", [], "is not in DNS"),
        ("broadsheet._domainkey.lantern.example", "TXT", ['"v=DKIM1; p=AAAA"'], "holds another key"),
        ("7.2.0.192.in-addr.arpa", "PTR", ["host7.isp.example."], "is called host7.isp.example"),
        ("mx.lantern.example", "A", [], "has no address in DNS"),
        ("lantern.example", "MX", [], "takes no mail"),
    ],
)  # fmt: skip
def test_each_record_that_is_missing_or_wrong_is_told_with_its_cure(
    name: str, kind: str, held: list[str], said: str, names: Any, desk: Any, settings: Any
) -> None:
    settings.MAIL = "smtp+plain://127.0.0.1:9"
    names.zone = _zone(desk) | {(name, kind): held}
    found = list(doctor.look(make.newsletter(), Resolver("127.0.0.1", names.server_address[1])))
    (one,) = [one for one in found if said in one.what]
    assert one.cure
    if "another key" in said or "not in DNS" in said:
        assert one.record == desk.zone_line


# --- who left after which letter -----------------------------------------------------------------


@pytest.mark.django_db
def test_leaving_is_counted_with_the_last_letter_that_arrived() -> None:
    delivery = _sent()
    link = reverse("archive:leave", args=[delivery.subscriber.token])
    given = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        assert Client(enforce_csrf_checks=True).post(link, given).status_code == 200
    delivery.refresh_from_db()
    assert delivery.unsubscribed is not None
