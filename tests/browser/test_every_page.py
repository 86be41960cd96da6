"""Every page there is, in a real browser: axe, both colours, both widths, the focus, and nobody else asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import CDPSession, Page, Request, Response

from tests import make, world
from tests.browser.conftest import AXE, DESKTOP, PHONE, Sitting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What can differ where only the colours do.
COLOURS = "{runOnly: ['color-contrast', 'link-in-text-block']}"
# What can differ where the width does.
LAYOUT = (
    "{runOnly: ['color-contrast', 'link-in-text-block', 'scrollable-region-focusable', 'target-size',"
    " 'label', 'link-name', 'button-name', 'select-name', 'aria-hidden-focus', 'duplicate-id-aria']}"
)
# Whatever an editor may act on can be reached by Tab, and shows that it is in hand. `matches` asks for
# the focus as the keyboard gives it; a frame shows it inside.
UNREACHED = """() => {
  const acts = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const lacking = [];
  for (const one of document.querySelectorAll(acts)) {
    if (one.disabled || !one.checkVisibility({ visibilityProperty: true })) continue;
    one.focus({ focusVisible: true });
    const shown = getComputedStyle(one);
    const own = shown.outlineStyle === 'auto'; // the browser's own ring, as in the mail
    const seen = own || (shown.outlineStyle !== 'none' && parseFloat(shown.outlineWidth) >= 2);
    if (document.activeElement !== one || one.tabIndex < 0 || !seen) lacking.push(one.outerHTML.slice(0, 110));
  }
  for (const one of document.querySelectorAll('[onclick], [role=button]:not(button)')) {
    if (one.tabIndex < 0) lacking.push(one.outerHTML.slice(0, 110));
  }
  return lacking;
}"""
SMALL = """() => [...document.querySelectorAll(
    'button, select, input:not([type=hidden], [type=checkbox], [type=radio]), textarea, .button')]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 43.5)
  .map((one) => one.outerHTML.slice(0, 110))"""


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    settings.MAIL = "smtp+plain://127.0.0.1:9"
    settings.MAIL_SENDER = "Lantern House <letter@lantern.example>"
    settings.DKIM_FOLDER = tmp_path / "dkim"


def _pages(tmp_path: Path) -> list[tuple[str, str]]:
    """Addresses that answer with a whole page. What only forms reach, parts and downloads are left out."""
    client = Client(headers={"user-agent": "test"})
    client.force_login(make.editor(role="administrator", email="me@lantern.example"))
    made = world.things(tmp_path)
    whole = {name for name, page in world.html(client, made).items() if world.whole(page)}
    return [(name, address) for name, address in world.pages(made) if name in whole]


def _axe(driver: CDPSession, options: str = "{}") -> Iterator[str]:
    """What axe finds serious or critical. The debugger brings it in: the page's policy refuses scripts."""
    asked = (
        f"axe.run(document, {options}).then(found => JSON.stringify(found.violations"
        ".filter(v => ['serious', 'critical'].includes(v.impact))"
        ".map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 110)).join(' | '))))"
    )
    told = driver.send("Runtime.evaluate", {"expression": asked, "awaitPromise": True})
    found: str = told["result"]["value"]
    yield from re.findall(r'"((?:[^"\\]|\\.)*)"', found)


def _looked_at(page: Page, driver: CDPSession, name: str) -> Iterator[str]:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    driver.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
    yield from _axe(driver)
    yield from (f"no visible focus: {one}" for one in page.evaluate(UNREACHED))
    page.emulate_media(color_scheme="dark")
    yield from (f"dark, {one}" for one in _axe(driver, COLOURS))
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    wide = page.evaluate("document.documentElement.scrollWidth")
    if wide > PHONE["width"]:
        yield f"{wide} pixels wide on a phone"
    if name.startswith("desk:") and "printed" not in name:
        yield from (f"too small to touch: {one}" for one in page.evaluate(SMALL))
    yield from (f"dark phone, {one}" for one in _axe(driver, COLOURS))
    page.emulate_media(color_scheme="light")
    yield from (f"phone, {one}" for one in _axe(driver, LAYOUT))
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "half", [0, 1], ids=["one half", "the other"]
)  # side by side, on two cores
def test_every_page_can_be_seen_used_by_keys_and_held_in_a_hand_and_asks_nobody_else(
    half: int, sit: Sitting, tmp_path: Path, live_server: Any
) -> None:
    if not AXE.exists():
        pytest.skip("no axe-core: .ci/install-npm brings it, or set BROADSHEET_AXE")
    page = sit(role="administrator", excused="status of 40[04]")  # pages that say so, among others
    driver = page.context.new_cdp_session(page)
    asked: list[str] = []

    def look(request: Request) -> None:
        if not request.url.startswith((live_server.url, "data:", "blob:", "about:")):
            asked.append(f"{page.url} asks {request.url}")

    def missing(answer: Response) -> None:
        if answer.status >= 400 and answer.request.resource_type != "document":
            asked.append(f"{page.url} has no {answer.url}")

    page.context.on("request", look)
    page.context.on("response", missing)
    found = []
    for name, address in _pages(tmp_path)[half::2]:
        page.goto(address)
        found += [f"{name}: {one}" for one in _looked_at(page, driver, name)]
    assert not found, "\n".join(found)
    assert asked == []
