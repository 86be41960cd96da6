"""A reader's months with the newsletter, from the form to being erased, through a real mail server."""

from __future__ import annotations

import email
import email.policy
import re
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.apps import apps
from django.test import Client
from django.utils import timezone

from broadsheet.issues import compose
from broadsheet.issues.models import Edition
from broadsheet.jobs import queue
from broadsheet.mailing import (
    audience,
    dispatch,
    links,
    outbox,
    postroom,
    rounds,
    subscribing,
    tidying,
)
from broadsheet.mailing.bounces import taking
from broadsheet.mailing.models import Consent, Delivery, Subscriber
from tests import make
from tests.mailing import imports
from tests.mailing.test_readers_pages import ONE_CLICK, sign_up

pytestmark = pytest.mark.django_db
ANN = "ann.lee@readers.example"


class Mailbox:
    """Takes all mail on loopback, as aiosmtpd hands it over."""

    def __init__(self) -> None:
        self.came: list[tuple[str, EmailMessage]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.SMTP)
        self.came.append((envelope.mail_from, message))
        return "250 2.0.0 taken"


@pytest.fixture
def mailbox(settings: Any, tmp_path: Any) -> Iterator[Mailbox]:
    box = Mailbox()
    with socket.socket() as free:  # aiosmtpd tries its own port, so it must know it
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    settings.MAIL = f"smtp+plain://127.0.0.1:{port}"
    settings.MAIL_SENDER = "The Harbour Desk <letter@lantern.example>"
    settings.MAIL_BOUNCES = "back@lantern.example"
    settings.ADDRESS = "https://news.lantern.example"
    settings.ALLOWED_HOSTS = ["news.lantern.example", "testserver"]
    settings.DKIM_FOLDER = tmp_path / "dkim"
    yield box
    server.stop()


class Months:
    """The desk's side: its worker, its issues, and a clock that the test turns."""

    def __init__(self, newsletter: Any) -> None:
        self.newsletter, self.now, self.n = newsletter, timezone.now(), 0

    def work(self) -> None:
        """Do what is due. The pages have the real clock, so what they ask for is of today."""
        while job := queue.claim("worker", self.now + timedelta(minutes=1)):
            if job.kind in rounds.KINDS:
                queue.finish(job, self.now, came=rounds.run(job, timezone.now))
            else:
                queue.finish(job, self.now)

    def send(self, language: str = "") -> Edition:
        """Publish the next issue, and send it to its readers a month after the last."""
        self.n += 1
        self.now += timedelta(days=30)
        issue = make.issue(f"2027-{self.n:02}", newsletter=self.newsletter, title=f"Issue {self.n}")
        compose.pick(make.story(), issue.sections.last(), None, self.now)
        compose.publish(issue, None, self.now)
        edition: Edition = issue.editions.get()
        if language:
            edition.content["language"] = language
            edition.save()
        dispatch.order(edition, audience.Choice(others=False), None, self.now)
        room = postroom.Postroom(outbox.named, clock=lambda: self.now)
        room.turn(threading.Event())
        return edition


def link_in(message: EmailMessage) -> str:
    found = re.search(r"https://news\.lantern\.example(/\S+)", message.get_content())
    assert found
    return found[1]


def bounce(return_path: str, status: str, words: str) -> bytes:
    """What a mail server writes when it gives up (RFC 3464)."""
    return f"""From: MAILER-DAEMON@readers.example
To: {return_path}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.readers.example

Final-Recipient: rfc822; {ANN}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {words}

--b--
""".replace("\n", "\r\n").encode()


def test_a_month_in_the_life(form, mailbox):
    months = Months(form.newsletter)
    reader = Client(enforce_csrf_checks=True)

    # She signs up, and nothing comes before she confirms.
    assert sign_up(reader, form, address="Ann.Lee@readers.example").status_code == 200
    months.work()
    months.send()
    (_path, asked), *others = mailbox.came
    assert others == [], "no issue goes to who has not confirmed"
    assert asked["Auto-Submitted"] == "auto-generated"
    assert asked["List-Unsubscribe"] is None
    assert asked["To"] == "Ann.Lee@readers.example"

    # She confirms; a welcome comes.
    for _scan in range(3):
        reader.get(link_in(asked))
        reader.head(link_in(asked))
    assert Subscriber.objects.get().state == "pending"
    assert reader.post(link_in(asked)).status_code == 200
    months.work()
    _path, welcome = mailbox.came[-1]
    assert "subscribed" in welcome["Subject"]
    ann = Subscriber.objects.get()
    assert (ann.state, ann.basis, Consent.objects.count()) == ("active", "own", 1)

    # She receives.
    months.send()
    path, letter = mailbox.came[-1]
    assert letter["Subject"].endswith("Issue 2")
    assert letter["List-Unsubscribe"] == f"<{links.leave(ann)}>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert path.startswith("back+")

    # She changes the language, and gets the issue in it, and not the other one.
    reader.post(links.preferences(ann), {"do": "save", "language": "zh-Hant", "wants": "full"})
    before = len(mailbox.came)
    months.send()
    assert len(mailbox.came) == before
    months.send("zh-Hant")
    path, letter = mailbox.came[-1]
    assert letter["Content-Language"] == "zh-Hant"

    # Her mailbox is full once; the next goes through, and all is forgiven.
    taking.take_mail(
        bounce(path, "4.2.2", "452 4.2.2 mailbox full"), months.now + timedelta(days=1)
    )
    ann.refresh_from_db()
    assert (ann.state, ann.soft_bounces) == ("active", 1)
    months.send("zh-Hant")
    months.send("zh-Hant")
    ann.refresh_from_db()
    assert (ann.state, ann.soft_bounces) == ("active", 0)

    # She unsubscribes from her mail program; the next issue does not come.
    _path, letter = mailbox.came[-1]
    address = letter["List-Unsubscribe"].strip("<>")
    for _scan in range(3):
        reader.get(address)
        reader.head(address)
    assert subscribing.mailable(form.newsletter).exists()
    answer = reader.post(address, ONE_CLICK, headers={"host": "news.lantern.example"}, secure=True)
    assert (answer.status_code, len(answer.cookies)) == (200, 0)
    before = len(mailbox.came)
    months.send("zh-Hant")
    assert len(mailbox.came) == before
    imports.take(form.newsletter, f"email\n{ANN}\n", months.now)
    assert not subscribing.mailable(form.newsletter).exists()

    # She has all of it erased, by a link that only her mailbox gets.
    tidying.tidy(months.now)  # as each night: the counts against abuse are of today alone
    reader.post(links.preferences(ann), {"do": "data"})
    months.work()
    _path, data = mailbox.came[-1]
    assert ANN in reader.get(link_in(data)).content.decode().lower()
    reader.post(link_in(data), {"do": "erase"})
    kept = "\n".join(
        str(row)
        for app in ("mailing", "jobs", "people")
        for model in apps.get_app_config(app).get_models()
        for row in model.objects.values()
    )
    assert "ann.lee" not in kept.lower()
    assert "readers.example" not in kept
    assert reader.post(address, ONE_CLICK).status_code == 404
    assert Delivery.objects.filter(state="accepted").count() == 4, "what was sent stays a count"
    again = imports.take(form.newsletter, f"email\n{ANN}\n", months.now + timedelta(days=1))
    assert again.counts["suppressed"] == 1
    months.send("zh-Hant")
    assert len(mailbox.came) == before + 1


def test_a_scanner_opens_every_link_of_a_real_mail_and_nothing_changes(form, mailbox):
    """Must hold for whatever the press and the sender put into a mail."""
    months = Months(form.newsletter)
    one = make.subscriber(newsletter=form.newsletter)
    months.send()
    _path, letter = mailbox.came[-1]
    text = "".join(
        part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"
    )
    headers = "\n".join(str(value) for value in letter.values())
    found = set(re.findall(r"https://news\.lantern\.example(/[^\s\"'<>)]*)", text + headers))
    assert f"/u/{one.token}" in found
    assert f"/p/{one.token}" in found
    assert len(found) >= 4
    before = [
        str(list(m.objects.order_by("pk").values()))
        for m in apps.get_app_config("mailing").get_models()
    ]
    scanner = Client()
    for _time in range(10):
        for path in found:
            assert scanner.get(path).status_code in (200, 302), path
            assert scanner.head(path).status_code in (200, 302), path
    after = [
        str(list(m.objects.order_by("pk").values()))
        for m in apps.get_app_config("mailing").get_models()
    ]
    assert after == before
    assert not scanner.cookies
    answer = Client(enforce_csrf_checks=True).post(f"/u/{one.token}", ONE_CLICK)
    assert answer.status_code == 200
    one.refresh_from_db()
    assert one.state == "unsubscribed"
