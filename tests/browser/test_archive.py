"""A reader and the archive in a real browser: finds, follows, and sees what was kept."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from broadsheet.issues import linkwatch
from broadsheet.issues.models import Outlink
from tests import make
from tests.archive.filed import edition, item
from tests.browser.conftest import AXE, Sitting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHOTS = os.environ.get("BROADSHEET_SHOTS")  # a folder, to look at the pages
GONE = "https://post.example/bank-and-survivors"


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path


@pytest.fixture
def archive() -> None:
    """Two issues; the link of the item about the bank has died, and an editor shows its copy."""
    edition(
        item("Harbour bank opens accounts for survivors", date="21 June 2019", places=["HK"], codes=["SEC.FIN", "LAB"],
             summary="A bank lets survivors without papers open an account. Charities write the letter that stands "
             "for a proof of address, and a clerk who was trained for it sits in every branch.",
             links=[{"text": "Read the article here.", "url": GONE}]),
        item("Fishermen come home after four years at sea", places=["TH"], codes=["SEC.FISH", "LAB"],
             source="The Invented Harbour Times"),
        item("銀行為倖存者開設戶口", places=["HK"], summary="一家銀行容許沒有證件的倖存者開戶。", source="虛構日報"),
    )  # fmt: skip
    edition(*(item(f"A bank and its customers, part {n}", places=["GB"]) for n in range(25)), month="2019-05",
            now=datetime(2019, 6, 1, tzinfo=UTC))  # fmt: skip
    now = timezone.now()
    Outlink.objects.filter(url=GONE).update(state="dead", since=now - timedelta(days=9))
    linkwatch.decide(Outlink.objects.get(url=GONE), True, "", make.editor(), now)


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("phone", [False, True])
def test_a_reader_finds_the_item_follows_the_search_and_sees_the_kept_copy_without_scripts_by_keyboard(
    phone: bool, archive: None, sit: Sitting
) -> None:
    page = sit(role=None, scripts=False, phone=phone)
    page.goto("/")
    page.get_by_label("Search all issues").focus()
    page.keyboard.type("bank survivors")
    page.keyboard.press("Enter")
    first = page.get_by_role("listitem").get_by_role(
        "link", name="Harbour bank opens accounts for survivors"
    )
    expect(first).to_be_visible()
    expect(page.locator("mark").first).to_have_text("bank")
    shot(page, f"search-{'phone' if phone else 'desktop'}")

    feed = page.get_by_role("link", name="Atom").get_attribute("href")
    assert feed == "/search/feed.atom?q=bank+survivors"
    atom = page.request.get(feed)
    titles = [
        one.text
        for one in ElementTree.fromstring(atom.body()).iter("{http://www.w3.org/2005/Atom}title")
    ]
    assert "Harbour bank opens accounts for survivors" in titles

    first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Harbour bank opens accounts for survivors"
    )
    kept = page.get_by_role("link", name="a kept copy of it")
    expect(kept).to_have_attribute("href", f"https://web.archive.org/web/20190621/{GONE}")
    shot(page, f"item-{'phone' if phone else 'desktop'}")
    assert page.context.cookies() == []
    page.get_by_role("link", name="Hong Kong").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hong Kong")
    shot(page, f"place-{'phone' if phone else 'desktop'}")


def test_a_reader_narrows_turns_the_page_and_takes_a_filter_off_again(
    archive: None, sit: Sitting
) -> None:
    page = sit(role=None, dark=True)
    page.goto("/search/?q=bank")
    expect(page.get_by_role("status")).to_contain_text("26 found.")
    page.get_by_role("link", name="Further").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    page.goto("/search/?q=bank")
    page.get_by_text("Narrow it").click()
    page.get_by_label("Place").select_option("HK")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("status")).to_contain_text("1 found.")
    shot(page, "narrowed-dark")
    page.get_by_role("link", name="Hong Kong").first.click()
    expect(page.get_by_role("status")).to_contain_text("26 found.")
    page.goto("/search/?q=銀行")
    expect(page.locator("mark").first).to_have_text("銀行")


def test_an_editor_decides_on_a_dead_link_and_an_administrator_sees_what_would_go(
    archive: None, sit: Sitting
) -> None:
    Outlink.objects.update(shows_copy=None, copy="")
    page = sit(role="administrator")
    page.goto("/desk/archive/links/")
    shot(page, "desk-links")
    page.get_by_role("button", name="Show the copy").click()
    expect(page.get_by_text("Readers see the copy beside the link now.")).to_be_visible()
    page.goto("/desk/archive/withdraw/")
    page.get_by_label("Words, such as a name").fill("Harbour bank")
    page.get_by_role("button", name="Show what will go").click()
    expect(page.get_by_role("heading", name="This will go")).to_be_visible()
    shot(page, "desk-withdraw")
    assert Outlink.objects.get(url=GONE).shows_copy


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: .ci/install-npm")
def test_the_pages_of_the_archive_are_clean_to_axe(archive: None, sit: Sitting) -> None:
    page = sit(role=None)
    driver = page.context.new_cdp_session(page)
    for path in (
        "/",
        "/search/?q=bank+survivors&place=HK",
        "/search/?q=zebra",
        "/topics/",
        "/places/HK/",
    ):
        page.goto(path)
        driver.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
        came = driver.send("Runtime.evaluate", {
            "expression": "axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html).join('; '))",
            "awaitPromise": True})  # fmt: skip
        assert came["result"]["value"] == "", path
