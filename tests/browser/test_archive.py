"""A reader and the archive in a real browser: finds, follows, and sees what was kept."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from broadsheet.issues import linkwatch, withdrawing
from broadsheet.issues.models import Filed, Outlink
from broadsheet.issues.withdrawing import What
from broadsheet.library import shelving
from broadsheet.library.models import Resource
from broadsheet.wire import beat as beats
from tests import make
from tests.archive.filed import edition, item
from tests.browser.conftest import AXE, Sitting
from tests.browser.doing import fits

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


def tab_to(page: Page, wanted: Locator) -> None:
    """Go on by Tab alone, as far as it takes, to what is wanted; it shows that it is in hand."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            ring = wanted.evaluate("one => getComputedStyle(one).outlineWidth")
            assert float(ring.removesuffix("px")) >= 2
            return
    pytest.fail(f"Tab does not come to {wanted}")


@pytest.mark.parametrize("kind", ["desktop", "phone", "dark, in Chinese"])
def test_a_reader_finds_the_item_follows_the_search_and_sees_the_kept_copy_without_scripts_by_keyboard(
    kind: str, archive: None, sit: Sitting
) -> None:
    page = sit(role=None, scripts=False, phone=kind != "desktop", dark="dark" in kind)
    chinese = "Chinese" in kind
    if chinese:
        page.set_extra_http_headers({"Accept-Language": "zh-HK"})
    page.goto("/")
    tab_to(page, page.get_by_role("searchbox"))
    page.keyboard.type("bank survivors")
    page.keyboard.press("Enter")
    headline = "Harbour bank opens accounts for survivors"
    first = page.get_by_role("listitem").get_by_role("link", name=headline)
    expect(first).to_be_visible()
    expect(page.locator("mark").first).to_have_text("bank")
    fits(page)
    shot(page, f"search-{kind}")

    tab_to(page, page.get_by_role("link", name="Atom"))
    with page.expect_response("**/search/feed.atom?q=bank+survivors") as answer:
        page.keyboard.press("Enter")
    atom = ElementTree.fromstring(answer.value.body())
    assert headline in [one.text for one in atom.iter("{http://www.w3.org/2005/Atom}title")]
    page.goto("/search/?q=bank+survivors")

    tab_to(page, first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(headline)
    kept = page.locator(".doors a").nth(1)
    expect(kept).to_contain_text("a kept copy of it")  # in the language of its issue
    expect(kept).to_have_attribute("href", f"https://web.archive.org/web/20190621/{GONE}")
    fits(page)
    shot(page, f"item-{kind}")
    assert page.context.cookies() == []
    tab_to(page, page.get_by_role("link", name="香港" if chinese else "Hong Kong"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("香港" if chinese else "Hong Kong")
    shot(page, f"place-{kind}")


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
    page = sit(role=None, excused="status of 404")
    driver = page.context.new_cdp_session(page)
    beat = beats.load()
    shelving.stock(beat.resources)
    shelving.tiers(beat.tiers)
    one, gone = Filed.objects.filter(kind="article").order_by("-pk")[:2]
    withdrawing.withdraw(What(items=(gone.uid,)), make.editor(), timezone.now())
    resource = Resource.objects.earliest("pk")
    for path in (
        "/",
        "/search/?q=bank+survivors&place=HK",
        "/topics/",
        "/places/HK/",
        f"/editions/{one.issue.uid}/",
        f"/items/{one.uid}/",
        f"/items/{gone.uid}/",
        "/library/?sector=SEC.AVI",
        f"/library/{resource.pk}/",
        "/tip/2015/",
        "/tip/tha/",
        "/figures/",
        "/subscribe/",
        "/nothing/",
    ):
        page.goto(path)
        driver.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
        came = driver.send("Runtime.evaluate", {
            "expression": "axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html).join('; '))",
            "awaitPromise": True})  # fmt: skip
        assert came["result"]["value"] == "", path
