"""Every page of the desk and of the public face as it is served: whole, and without a mistake in its HTML."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests import make, world
from tests.press.test_by_others import NPM, needs

pytestmark = pytest.mark.django_db
PART = b'<!doctype html><html lang="en"><title>.</title><body>%s</body></html>'
HTMX = "Attribute “hx-"  # attributes of the script that the desk is built with, not of HTML


@pytest.fixture
def administrator(settings: Any, tmp_path: Path) -> Client:
    settings.HOME = tmp_path
    settings.MAIL = "smtp+plain://127.0.0.1:9"
    settings.MAIL_SENDER = "Lantern House <letter@lantern.example>"
    settings.DKIM_FOLDER = tmp_path / "dkim"
    client = Client(headers={"user-agent": "test"})
    client.force_login(make.editor(role="administrator", email="me@lantern.example"))
    return client


def _written(given: dict[str, bytes], folder: Path) -> dict[str, str]:
    """Pages as files; the name of each by its file. A part that HTMX fetches is put into a page."""
    names = {}
    for number, (name, given_page) in enumerate(given.items()):
        page = given_page if world.whole(given_page) else PART % given_page
        file = folder / f"{number}.html"
        file.write_bytes(page)
        names[file.name] = name
    return names


def test_the_nu_checker_finds_no_error_on_any_page(administrator: Client, tmp_path: Path) -> None:
    jar = NPM / "vnu-jar/build/dist/vnu.jar"
    needs("java", jar)
    folder = tmp_path / "pages"
    folder.mkdir()
    empty = world.html(administrator, {}, only_without_arguments=True)
    given = world.html(administrator, world.things(tmp_path))
    given |= {f"{name}, signed out": page for name, page in world.doors(Client()).items()}
    given |= {f"{name}, empty": page for name, page in empty.items()}
    names = _written(given, folder)
    assert len(names) > 100
    told = subprocess.run(  # all pages at once: starting the checker takes longer than checking
        ["java", "-jar", str(jar), "--format", "json", "--exit-zero-always", str(folder)],
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    found = json.loads(told.stderr or told.stdout)["messages"]
    wrong = [
        f"{names[one['url'].rpartition('/')[2]]}: {one['message']} {one.get('extract', '')}"
        for one in found
        if one["type"] == "error" and not one["message"].startswith(HTMX)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_page_has_one_heading_of_its_own_and_a_title_that_names_it(
    administrator: Client, tmp_path: Path
) -> None:
    wrong = []
    for name, page in world.html(administrator, world.things(tmp_path)).items():
        if not world.whole(page) or name.startswith("desk:printed"):
            continue
        headings = len(re.findall(rb"<h1\b", page))
        title = re.search(rb"<title>([^<]*)</title>", page)
        if headings != 1 or not title or title[1].strip() in (b"", "Desk · Broadsheet".encode()):
            wrong.append((name, headings, title[1] if title else None))
    assert wrong == []
