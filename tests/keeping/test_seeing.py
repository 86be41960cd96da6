"""How the desk is, in words and figures; nothing of it names a person or tells a secret."""

from __future__ import annotations

import errno
import io
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone

from broadsheet.jobs import queue
from broadsheet.jobs.models import Job
from broadsheet.keeping import backing, disk, health, logs, watching
from broadsheet.keeping.health import Level
from broadsheet.news.models import Feed, Story
from broadsheet.people import limits
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def administrator() -> Client:
    client = Client(headers={"user-agent": "test"})
    client.force_login(make.editor(name="Ada", role="administrator", email="ada@charity.example"))
    return client


def levels() -> dict[str, Level]:
    return {one.what: one.level for one in health.signs(timezone.now())}


def test_a_stranger_learns_that_the_desk_answers_and_nothing_else(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer["Cache-Control"]


def test_a_desk_that_cannot_write_says_so_in_one_word(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "free", lambda: 0)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "disk"})


def test_figures_are_for_this_machine_or_for_who_has_the_token(
    client: Client, settings: Any
) -> None:
    make.subscriber("Secret.Person@readers.example")
    make.story()
    text = client.get("/metrics").content.decode()
    assert 'broadsheet_subscribers{state="active"} 1' in text
    assert 'broadsheet_articles{band="relevant"} 1' in text
    assert "readers.example" not in text
    assert client.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"}).status_code == 404
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    settings.METRICS_TOKEN = "a-token-of-tests-only"
    assert client.get("/metrics").status_code == 404
    right = {"authorization": "Bearer a-token-of-tests-only"}
    assert client.get("/metrics", headers=right, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_sign_ins_that_fail_are_counted_and_many_want_looking_at(client: Client) -> None:
    now = timezone.now()
    client.post("/desk/sign-in/", {"name": "Ada", "password": "wrong"})
    assert "\nbroadsheet_sign_ins_failed 1\n" in client.get("/metrics").content.decode()
    assert levels()["Signing in"] is Level.WELL
    for number in range(health.MANY_FAILED):
        limits.failed("name and password", "Ada", f"10.0.0.{number}", now)
    assert levels()["Signing in"] is Level.WARN
    assert f"\nbroadsheet_sign_ins_failed_places {health.MANY_FAILED + 1}\n" in (
        client.get("/metrics").content.decode()
    )


def test_work_that_nobody_takes_is_told_to_administrators_once_and_when_it_is_over(
    settings: Any,
) -> None:
    settings.MAIL_FROM = "desk@charity.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    make.editor(name="Ada", role="administrator", email="ada@charity.example")
    make.editor(name="Bea", role="editor", email="bea@charity.example")
    now = timezone.now()
    job = queue.enqueue("learn", "", now - timedelta(hours=1))
    assert levels()["Work"] is Level.BAD
    watching.watch(now)
    watching.watch(now + timedelta(minutes=15))
    (letter,) = mail.outbox
    assert letter.to == ["ada@charity.example"]
    assert "Work" in letter.subject
    assert "broadsheet work" in letter.body
    watching.watch(now + timedelta(hours=25))
    assert len(mail.outbox) == 2
    queue.finish(job, now)
    watching.watch(now + timedelta(hours=26))
    watching.watch(now + timedelta(hours=27))
    assert [one.subject for one in mail.outbox[2:]] == ["The desk is well again"]


def test_feeds_that_are_all_silent_and_old_backups_stand_still(settings: Any, home: Path) -> None:
    long_ago = timezone.now() - timedelta(days=3)
    Feed.objects.create(
        source=make.source(),
        url="https://paper.example/rss",
        last_tried=long_ago,
        last_success=long_ago,
    )
    settings.BACKUP_TO = str(home / "elsewhere")
    assert levels()["Collecting"] is Level.BAD
    assert levels()["Backups"] is Level.BAD
    settings.BACKUP_TO = ""
    assert levels()["Backups"] is Level.WARN


def test_a_low_disk_warns_long_before_and_a_full_one_stops_collecting(
    settings: Any, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr(disk, "free", lambda: disk.WARN - 1)
    assert levels()["Disk"] is Level.WARN
    assert not disk.stops_collecting()
    monkeypatch.setattr(disk, "free", lambda: disk.RESERVE - 1)
    assert levels()["Disk"] is Level.BAD
    assert disk.stops_collecting()
    monkeypatch.setattr(disk, "free", lambda: 10 * disk.WARN)
    settings.DISK_BUDGET = 1
    (home / "pictures").mkdir()
    (home / "pictures/a.png").write_bytes(b"x" * 900_000)
    assert levels()["Disk"] is Level.WARN
    (home / "pictures/b.png").write_bytes(b"x" * 200_000)
    assert levels()["Disk"] is Level.BAD
    assert disk.stops_collecting()


def test_the_worker_leaves_what_fills_the_disk_when_it_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import threading

    from broadsheet.commands import work

    now = timezone.now()
    queue.enqueue("collect", "1", now - timedelta(minutes=2))
    queue.enqueue("learn", "", now - timedelta(minutes=1))
    monkeypatch.setattr(disk, "free", lambda: 0)
    assert [job.kind for job in work._claimed("me", threading.Event())] == ["learn"]
    monkeypatch.setattr(disk, "free", lambda: 10 * disk.WARN)
    assert [job.kind for job in work._claimed("me", threading.Event())] == ["collect"]


def test_a_change_that_a_full_disk_refuses_is_told_in_words_and_kept_by_half_nowhere(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("broadsheet.desk.views.audit.rules.lay_down", full)
    answer = administrator.post("/desk/log/keep/", {"months": "12"})
    assert answer.status_code == 507
    assert "The disk is full, so nothing was changed" in answer.content.decode()
    assert disk.is_full(OSError(errno.ENOSPC, "No space left on device"))
    assert not disk.is_full(ValueError("full"))


@pytest.mark.skipif(connection.vendor != "sqlite", reason="bounds the pages of an SQLite file")
@pytest.mark.django_db(transaction=True)
def test_a_database_that_may_not_grow_takes_a_change_back_whole() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
    with pytest.raises(OperationalError) as refused:
        _many_stories()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1073741823")
    assert disk.is_full(refused.value)
    assert Story.objects.count() == 0


@transaction.atomic
def _many_stories() -> None:
    for _ in range(200):
        make.story(articles=1, headline="x" * 20_000)


def test_the_operations_page_says_what_stands_still_and_the_hand_over_tells_no_secret(
    administrator: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYMAIL_BREVO_API_KEY", "hunter2-of-the-service")
    settings.MAIL = "smtps://letter%40charity.example:hunter2-secret@mail.charity.example"
    queue.enqueue("learn", "", timezone.now() - timedelta(hours=2))
    broken = queue.enqueue("snapshots", "", timezone.now())
    Job.objects.filter(pk=broken.pk).update(attempts=4, trouble="The page is gone")
    page = administrator.get("/desk/operations/").content.decode()
    assert "Nobody works" in page
    assert "The page is gone" in page
    make.newsletter()
    make.source("The Harbour Example")
    first = administrator.get("/desk/hand-over/").content.decode()
    for words in (
        "Ada",
        "ada@charity.example",
        "mail.charity.example",
        "The Letter",
        "doctor mail",
        "ANYMAIL_BREVO_API_KEY",
        "without second factor",
        "Registrar of the domain",
    ):
        assert words in first
    backing.make_key()
    for page in (first, administrator.get("/desk/hand-over/").content.decode()):
        assert "hunter2" not in page
        assert settings.SECRET_KEY not in page
        assert backing.key() not in page


def test_the_hand_over_prints_as_pdf(administrator: Client) -> None:
    make.newsletter()
    answer = administrator.get("/desk/hand-over/hand-over.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("from 2001:db8::7", "from (network)"),
        ("from 2001:DB8:0:1:2:3:4:5 now", "from (network) now"),
        ("from [fe80::1]:443", "from [(network)]:443"),
        ("at 12:30:45, granian::serve on [::1]:8000", "at 12:30:45, granian::serve on [::1]:8000"),
    ],
)
def test_log_lines_hold_no_network_address_of_either_kind(said: str, kept: str) -> None:
    assert logs.scrubbed(said) == kept


def test_log_lines_hold_no_address_no_token_and_no_search() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logs.Json())
    given = logging.LogRecord(
        "x", logging.WARNING, "", 1, "%s asked /u/AbC123 and /desk/sign-in/tok/ and /search/?q=name from %s",
        ("Some.One+x@readers.example", "203.0.113.7"), None,
    )  # fmt: skip
    handler.emit(given)
    line = out.getvalue()
    assert '"level": "warning"' in line
    for secret in ("readers.example", "AbC123", "tok/", "q=name", "203.0.113.7"):
        assert secret not in line
