"""A real browser on the desk. Tests that need a missing part skip with one line that says which."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import make

CHROMIUM = Path(os.environ.get("BROADSHEET_CHROMIUM", "/usr/bin/chromium"))
ROOT = Path(__file__).parent.parent.parent
AXE = Path(os.environ.get("BROADSHEET_AXE", ROOT / "var/npm/node_modules/axe-core/axe.min.js"))
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}

Sitting = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}: install the system's, or set BROADSHEET_CHROMIUM")
    # The browser's driver runs an event loop in this thread; Django's guard against using the
    # database beside one is for servers, not for a test that waits.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


# A refusal is an answer that the test looks at itself; the browser logs it as an error.
_REFUSED = re.compile(r"(status of|Status Error Code) (401|403|409|410|422)\b")


def _wrong(kind: str, words: str, excused: str) -> list[str]:
    expected = _REFUSED.search(words) or (excused and re.search(excused, words))
    return [words] if kind == "error" and not expected else []


@pytest.fixture
def sit(chromium: Browser, live_server: Any) -> Iterator[Sitting]:
    """Somebody at the desk: `sit(phone=True, role=..., scripts=False)` gives their page.

    Afterwards the test fails where a page complained: a blocked script, a missing file, an error.
    `excused` is a pattern of complaints that the test expects.
    """
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def one(
        *,
        phone: bool = False,
        role: str | None = "editor",
        dark: bool = False,
        scripts: bool = True,
        excused: str = "",
    ) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        opened.append(context)
        if role:
            client = Client()
            client.force_login(make.editor(role=role))
            session = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: complaints.extend(_wrong(said.type, said.text, excused)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield one
    for context in opened:
        context.close()
    assert complaints == []
