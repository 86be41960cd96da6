"""The press's prints in a real browser."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from broadsheet.press.email import email
from broadsheet.press.web import web
from broadsheet.wire.edition import Edition, Image, Item, Kind, Link, Section
from tests.browser.conftest import AXE
from tests.press.edition import HOUSE, full

LONG = "https://licences.example/" + "by-nc-nd" * 20


def edition() -> Edition:
    """An item in which everything is a word without a break."""
    item = Item(
        uid="one",
        kind=Kind.ARTICLE,
        headline="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamte",
        summary=f"See {LONG}",
        source="x" * 120,
        note=LONG,
        links=(Link(LONG, LONG),),
        images=(Image(url=LONG, caption=LONG, credit=LONG, licence=LONG),),
    )
    whole = Edition(uid="e", newsletter="The Letter", title="June 2019")
    return dataclasses.replace(whole, sections=(Section("World", LONG, (item,)),))


@pytest.mark.browser
@pytest.mark.parametrize("wide", [320, 356, 390])
@pytest.mark.parametrize("form", ["mail", "web"])
def test_no_print_is_wider_than_a_phone_whatever_stands_in_it(
    wide: int, form: str, chromium: Browser, tmp_path: Path
) -> None:
    made = email(edition()) if form == "mail" else web(edition(), home_url="/", feed_url="/feed")
    (tmp_path / "print.html").write_text(made, encoding="utf-8")
    page = chromium.new_page(viewport={"width": wide, "height": 800})
    page.goto((tmp_path / "print.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    page.close()


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("form", ["mail", "web"])
def test_axe_finds_nothing_serious_in_a_print(
    form: str, dark: bool, chromium: Browser, tmp_path: Path
) -> None:
    if not AXE.exists():
        pytest.skip("no axe-core: .ci/install-npm brings it, or set BROADSHEET_AXE")
    made = email(full(), house=HOUSE) if form == "mail" else web(full(), house=HOUSE, home_url="/")
    (tmp_path / "print.html").write_text(made, encoding="utf-8")
    page = chromium.new_page(color_scheme="dark" if dark else "light")
    page.goto((tmp_path / "print.html").as_uri())
    page.add_script_tag(path=str(AXE))
    found = page.evaluate("async () => (await axe.run()).violations")
    page.close()
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
