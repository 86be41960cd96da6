"""The tutorial, walked as it is written, on a desk that was started as a reader would start it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from playwright.sync_api import Browser

TAKE = Path(__file__).parent.parent.parent / "docs/pictures/take.py"


@pytest.mark.browser
@pytest.mark.slow
def test_every_step_of_the_tutorial_works(chromium: Browser, tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("take", TAKE)
    assert spec is not None
    assert spec.loader is not None
    take = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(take)
    (tmp_path / "desk").mkdir()
    with take.desk(tmp_path / "desk") as link:
        page = chromium.new_page(viewport=take.SIZE)
        take.walk(page, link, tmp_path)
        page.close()
    assert (tmp_path / "inbox.png").stat().st_size > 10_000
