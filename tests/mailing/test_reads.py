"""Web reads in aggregate: what counts as one, what is kept of it, and for how long."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import DatabaseError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from broadsheet.archive import kept
from broadsheet.archive.reading import Reading
from broadsheet.mailing import reads
from broadsheet.mailing.models import WebReads
from tests import make
from tests.archive import filed

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def counted(settings: Any) -> None:
    settings.WEB_READS = 30


@pytest.fixture
def issue(db: None) -> Any:
    return filed.edition(filed.item(uid="item1"))


def ask(counter: Reading, path: str, method: str = "GET", **headers: str) -> Any:
    given = {"User-Agent": FIREFOX} | {
        name.replace("_", "-"): said for name, said in headers.items()
    }
    return counter(RequestFactory().generic(method, path, headers=given))


def answers(status: int = 200) -> Reading:
    return Reading(lambda _request: HttpResponse("page", status=status))


def test_a_page_that_is_shown_is_counted_for_its_issue_and_day(issue: Any) -> None:
    counter = answers()
    for path in (f"/editions/{issue.uid}/", f"/editions/{issue.uid}/mail.txt"):
        ask(counter, path)
    unchanged = answers(304)
    ask(unchanged, f"/editions/{issue.uid}/")
    for one in (counter, unchanged):
        one.tally.write()
        one.tally.write()  # nothing is written twice
    row = WebReads.objects.get()
    assert (row.issue_id, row.day, row.kind, row.many) == (
        issue.pk, timezone.localdate(), "issue", 3,
    )  # fmt: skip
    assert reads.of(issue) == reads.Reads(3, 0, timezone.localdate())


@pytest.mark.parametrize(
    ("method", "headers", "path", "status"),
    [
        ("HEAD", {}, "/editions/{uid}/", 200),
        ("POST", {}, "/editions/{uid}/", 200),
        ("GET", {"User_Agent": "Googlebot/2.1 (+http://www.google.example/bot.html)"}, "/editions/{uid}/", 200),
        ("GET", {"User_Agent": ""}, "/editions/{uid}/", 200),
        ("GET", {"User_Agent": "curl/8.5"}, "/editions/{uid}/", 200),
        ("GET", {"Sec_Purpose": "prefetch;prerender"}, "/editions/{uid}/", 200),
        ("GET", {"Cookie": "sessionid=of-an-editor"}, "/editions/{uid}/", 200),
        ("GET", {}, "/editions/{uid}/", 404),
        ("GET", {}, "/editions/{uid}/", 301),
        ("GET", {}, "/editions/{uid}/other", 200),
        ("GET", {}, "/editions/nobodys/", 200),
        ("GET", {}, "/", 200),
    ],
)  # fmt: skip
def test_what_is_no_reading_by_a_reader_is_not_counted(
    issue: Any, method: str, headers: dict[str, str], path: str, status: int
) -> None:
    counter = answers(status)
    ask(counter, path.format(uid=issue.uid), method, **headers)
    counter.tally.write()
    assert not WebReads.objects.exists()


def test_what_the_cache_of_pages_answers_counts_as_well(issue: Any) -> None:
    made = Reading(kept.Pages(lambda _r: HttpResponse("x", headers={"Cache-Control": "public"})))
    for _ in range(3):
        ask(made, f"/editions/{issue.uid}/")
    made.tally.write()
    assert reads.of(issue).issue == 3


def test_a_setting_of_nothing_counts_nothing(issue: Any, settings: Any) -> None:
    settings.WEB_READS = 0
    counter = answers()
    ask(counter, f"/editions/{issue.uid}/")
    counter.tally.write()
    assert not WebReads.objects.exists()


def test_counts_wait_in_memory_and_outlive_a_full_database(
    issue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, adding = [100.0], reads._add

    def full_disk(_counts: Any) -> None:
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr("broadsheet.mailing.reads.time.monotonic", lambda: now[0])
    monkeypatch.setattr(reads, "_add", full_disk)
    counter = answers()
    ask(counter, f"/editions/{issue.uid}/")
    now[0] += reads.LATEST
    assert ask(counter, "/").status_code == 200  # written after any answer, here in vain
    monkeypatch.setattr(reads, "_add", adding)
    assert not counter.tally.is_due()
    now[0] += reads.LATEST
    ask(counter, "/")
    assert reads.of(issue).issue == 1


def test_numbers_are_forgotten_in_time(issue: Any) -> None:
    today = timezone.localdate()
    for ago in (1, 31):
        WebReads.objects.create(issue=issue, day=today - dt.timedelta(days=ago), kind="issue", many=5)  # fmt: skip
    reads.tidy(timezone.now())
    assert [row.day for row in WebReads.objects.all()] == [today - dt.timedelta(days=1)]


def test_a_reading_of_an_item_counts_for_its_issue_and_stands_at_the_desk(
    issue: Any, client: Client
) -> None:
    counter = answers()
    ask(counter, "/items/item1/")
    counter.tally.write()
    assert reads.of(issue) == reads.Reads(0, 1, timezone.localdate())
    client.force_login(make.editor())
    page = client.get(reverse("desk:issue", args=[issue.pk])).content.decode()
    assert "was read 0 times; its items’ pages: 1" in page


def test_no_reader_stands_in_the_table() -> None:
    names = {field.name for field in WebReads._meta.get_fields()}
    assert names == {"id", "issue", "day", "kind", "many"}
    place = django_settings.MIDDLEWARE.index("broadsheet.archive.reading.Reading")
    assert place < django_settings.MIDDLEWARE.index(
        "django.contrib.sessions.middleware.SessionMiddleware"
    )
