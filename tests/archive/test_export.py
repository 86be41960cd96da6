"""The whole archive as a file and back, and as pages that open from a folder."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from broadsheet.archive import folder
from broadsheet.commands.export import command as export
from broadsheet.commands.import_archive import command as take
from broadsheet.issues import compose, handover, spreadsheets, withdrawing
from broadsheet.issues.models import Edition, Filed, Issue, Newsletter
from broadsheet.library.models import Resource, Tier
from broadsheet.press import spreadsheet
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_home(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    settings.HOME = tmp_path / "home"
    monkeypatch.setattr("broadsheet.commands.with_desk", lambda: None)
    # A page asked for in this process ends with closing the connection, in which the test is.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def archive(settings: Any) -> Issue:
    """Two issues, one corrected and with a picture; a resource; tiers with a gap."""
    body = b"\x89PNG not a real one"
    name = f"{hashlib.sha256(body).hexdigest()}.png"
    (settings.HOME / "pictures").mkdir(parents=True)
    (settings.HOME / "pictures" / name).write_bytes(body)
    for month in ("2019-05", "2019-06"):
        issue: Issue = make.issue(month, title=f"Issue of {month}")
        story = make.story(headline=f"News of {month}", places=["KH"])
        made = compose.pick(story, issue.sections.last(), None, NOW)
        if month == "2019-06":
            image = {
                "url": f"/pictures/{name}",
                "alt": "A quay",
                "caption": "A quay",
                "credit": "Ours",
            }
            image |= {"permission": {"basis": "our own", "until": None}}
            compose.edit(made, made.turn, None, NOW, images=[image])
        compose.publish(issue, None, NOW)
    first = issue.editions.get()
    content = first.content | {"version": 2, "title": "Issue of 2019-06, mended"}
    Edition.objects.create(
        issue=issue, version=2, content=content, published=NOW, reason="A wrong title"
    )
    make.resource(title="Crew handbook", checked=date(2019, 6, 1), cost="free", audience="crews")
    for year, tier in ((2014, "3"), (2016, "2WL")):
        Tier.objects.create(
            iso3="THA",
            country="Thailand",
            year=year,
            tier=tier,
            status="one_source",
            source="a page",
        )
    make.subscriber("someone@readers.example")
    make.issue("2019-07", title="Not out yet")
    return issue


def run(command: Any, *words: object) -> str:
    done = CliRunner().invoke(command, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def emptied() -> None:
    from broadsheet.issues.models import Section
    from broadsheet.mailing.models import Subscriber

    Subscriber.objects.all().delete()
    for model in (Edition, Filed):
        model.objects.all().delete()
    for issue in Issue.objects.all():
        issue.picks.all().delete()
        Section.objects.filter(issue=issue).delete()
        issue.delete()
    for model in (Newsletter, Resource, Tier):
        model.objects.all().delete()


def kept(now: datetime = NOW) -> list[dict[str, Any]]:
    return list(handover.lines(now))


def test_the_archive_comes_back_the_same_at_an_empty_desk(
    archive: Issue, tmp_path: Path, client: Client, settings: Any
) -> None:
    before = kept()
    found = [row["uid"] for row in Filed.objects.order_by("uid").values("uid")]
    page = client.get(f"/editions/{archive.uid}/").content
    said = run(export, tmp_path / "archive.zip")
    assert "1 pictures" in said
    emptied()
    settings.HOME = tmp_path / "another"
    make.newsletter(name="Nothing sent yet")  # as a desk has from its first day
    run(take, tmp_path / "archive.zip")
    assert kept() == before
    assert [row["uid"] for row in Filed.objects.order_by("uid").values("uid")] == found
    assert client.get(f"/editions/{archive.uid}/").content == page
    assert list((settings.HOME / "pictures").iterdir())
    assert "Here already: 6" in run(take, tmp_path / "archive.zip")
    assert kept() == before


@pytest.mark.django_db(transaction=True)
def test_words_that_this_desk_has_withdrawn_do_not_come_back_with_an_archive(
    tmp_path: Path, settings: Any
) -> None:
    settings.HOME = tmp_path
    issue = make.issue("2019-06")
    pick = compose.pick(make.story(), issue.sections.last(), None, NOW)
    compose.edit(pick, pick.turn, None, NOW, summary="Xanthippe Quillfeather told the court.")
    compose.publish(issue, None, NOW)
    run(export, tmp_path / "archive.zip")
    what = withdrawing.read(words="Xanthippe Quillfeather", whole_items=False)
    withdrawing.withdraw(what, make.editor(role="administrator"), NOW, "the survivor", "asked")
    emptied()
    run(take, tmp_path / "archive.zip")
    assert Edition.objects.count() == 1
    assert "Quillfeather" not in str(kept())


def test_the_archive_is_also_written_as_tables_that_a_spreadsheet_opens(
    archive: Issue, tmp_path: Path
) -> None:
    run(export, tmp_path / "archive.zip")
    with zipfile.ZipFile(tmp_path / "archive.zip") as packed:
        tables = {
            name: list(
                csv.DictReader(io.StringIO(packed.read(f"tables/{name}").decode("utf-8-sig")))
            )
            for name in spreadsheets.COLUMNS
        }
    items = Filed.objects.exclude(kind="issue")
    assert {row["uid"] for row in tables["items.csv"]} == set(items.values_list("uid", flat=True))
    issues = [line["uid"] for line in kept() if line["record"] == "issue"]
    assert [row["uid"] for row in tables["issues.csv"]] == issues
    assert len(tables["tiers.csv"]) == Tier.objects.count() > 0
    assert len(tables["resources.csv"]) == Resource.objects.count() > 0
    assert not any("CTL." in str(row) for row in tables["items.csv"])  # signs of control stay out


def test_a_cell_never_becomes_a_formula() -> None:
    assert spreadsheet.line(["=1+1", "-5", -5, None, "plain"]) == "'=1+1,'-5,-5,,plain\r\n"


def test_nobody_and_nothing_unpublished_is_in_it(archive: Issue, tmp_path: Path) -> None:
    run(export, tmp_path / "archive.zip")
    with zipfile.ZipFile(tmp_path / "archive.zip") as packed:
        text = packed.read("archive.jsonl").decode()
    assert "readers.example" not in text
    assert "Not out yet" not in text
    kinds = [json.loads(line)["record"] for line in text.splitlines()]
    assert kinds == ["archive", "newsletter", "issue", "issue", "resource", "tier", "tier"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "The file is empty"),
        ("{}", "The first line does not say"),
        ('{"record": "archive", "format": "broadsheet-archive", "schema": 9}', "Upgrade it first"),
        ("HEAD\nnot json", "Line 2 is not JSON"),
        ("HEAD\n[]", "Line 2 is JSON, but no object"),
        ('HEAD\n{"record": "tier", "iso3": "THA"}', "Line 2 is not a tier"),
        ('HEAD\n{"record": "poem"}', "Line 2 is of the kind 'poem'"),
        (
            'HEAD\n{"record": "issue", "newsletter": "Nobody’s"}',
            "no line before it is the newsletter",
        ),
    ],
)
def test_a_bad_file_is_refused_whole_and_the_line_named(
    tmp_path: Path, text: str, says: str
) -> None:
    head = '{"record": "archive", "format": "broadsheet-archive", "schema": 1}\n{"record": "newsletter", "name": "A"}'
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("archive.jsonl", text.replace("HEAD", head.splitlines()[0]))
    done = CliRunner().invoke(take, [str(tmp_path / "a.zip")])
    assert done.exit_code == 1
    assert says in done.output
    assert not Newsletter.objects.exists()


def test_a_picture_that_is_not_what_its_name_says_is_left_out(
    archive: Issue, tmp_path: Path, settings: Any
) -> None:
    run(export, tmp_path / "archive.zip")
    with zipfile.ZipFile(tmp_path / "archive.zip", "a") as packed:
        packed.writestr(f"pictures/{'a' * 64}.png", b"something else")
        packed.writestr("pictures/../../climbed.png", b"out")
    settings.HOME = tmp_path / "another"
    assert "is not the picture" in run(take, tmp_path / "archive.zip")
    assert [p.name for p in (settings.HOME / "pictures").iterdir()] != []
    assert not list(tmp_path.rglob("climbed.png"))
    assert not (settings.HOME / "pictures" / f"{'a' * 64}.png").exists()


def test_what_is_there_is_not_written_over(archive: Issue, tmp_path: Path) -> None:
    (tmp_path / "archive.zip").write_text("mine")
    done = CliRunner().invoke(export, [str(tmp_path / "archive.zip")])
    assert done.exit_code == 1
    assert "is there already" in done.output
    assert (tmp_path / "archive.zip").read_text() == "mine"


def test_a_cut_off_zip_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 cut")
    done = CliRunner().invoke(take, [str(tmp_path / "a.zip")])
    assert done.exit_code == 1
    assert "is no zip file, or is cut off" in done.output


# --- pages in a folder ---------------------------------------------------------------------------


def test_every_link_of_the_pages_leads_to_a_file_that_is_there(
    archive: Issue, tmp_path: Path
) -> None:
    out = run(export, "--pages", tmp_path / "site", "--address", "https://letter.example")
    assert "answered" not in out
    site = tmp_path / "site"
    pages = list(site.rglob("*.html"))
    assert site / "index.html" in pages
    assert site / "tip/THA/index.html" in pages
    for page in pages:
        for node in html.fromstring(page.read_bytes()).iter():
            for name in ("href", "src"):
                link = node.get(name, "")
                if (
                    not link
                    or link.startswith(("http", "#", "data:", "mailto:"))
                    or node.get("rel") == "canonical"
                ):
                    continue
                from urllib.parse import unquote

                target = (page.parent / unquote(link.partition("#")[0])).resolve()
                assert target.is_file(), f"{page}: {link}"
                assert target.is_relative_to(site)
        assert b"<form" not in page.read_bytes()
    assert not (site / "desk").exists()
    assert not list(site.rglob("*subscribe*"))


@pytest.mark.browser
def test_the_pages_open_from_a_folder(archive: Issue, tmp_path: Path) -> None:
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("no Chromium: install the system's")
    import os

    from playwright.sync_api import sync_playwright

    run(export, "--pages", tmp_path / "site")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    complaints: list[str] = []
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=str(chromium), args=["--no-sandbox"])
            page = browser.new_page()
            page.on("requestfailed", lambda asked: complaints.append(asked.url))
            page.on(
                "console",
                lambda said: complaints.append(said.text) if said.type == "error" else None,
            )
            page.goto((tmp_path / "site/index.html").as_uri())
            page.get_by_role("link", name="Issue of 2019-06").first.click()
            page.wait_for_url("file://**/editions/**")
            assert page.get_by_text("News of 2019-06").first.is_visible()
            page.goto((tmp_path / "site/tip/index.html").as_uri())
            page.get_by_role("link", name="Thailand").first.click()
            page.wait_for_url("file://**/tip/THA/index.html")
            assert (
                page.evaluate("getComputedStyle(document.body).maxWidth") != "none"
            )  # its style came along
            browser.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    assert complaints == []


@given(st.text(max_size=300))
def test_no_address_climbs_out_of_the_folder(path: str) -> None:
    name = Path(folder.name_of("/" + path.lstrip("/")))
    assert not name.is_absolute()
    assert ".." not in name.parts
