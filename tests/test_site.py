"""The documentation is built as `make docs` builds it: a warning is an error, and no page asks anybody."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import html

from broadsheet import cli

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs/pictures"
# What a browser fetches by itself, or sends to. A link that a reader may follow is none of these.
FETCHED = (
    "//script/@src | //link[not(@rel='canonical')]/@href | //img/@src | //img/@srcset | //source/@*"
)
FETCHED += " | //iframe/@src | //object/@data | //form/@action | //video/@src | //audio/@src"
ELSEWHERE = re.compile(r"^\s*(?:https?:)?//")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", "-b", "html",
         "-d", to / "read", ROOT / "docs", to / "html"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (built.returncode, built.stderr) == (0, "")
    return to / "html"


def test_no_page_of_the_documentation_asks_anybody_else(site: Path) -> None:
    asked = [
        f"{page.relative_to(site)}: {address}"
        for page in site.rglob("*.html")
        for address in html.parse(page).xpath(FETCHED)
        if ELSEWHERE.match(address)
    ]
    imported = [
        f"{style.relative_to(site)}: {found}"
        for style in site.rglob("*.css")
        for found in re.findall(
            r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^'\")]+", style.read_text(encoding="utf-8")
        )
    ]
    assert asked + imported == []


def test_every_command_stands_there_with_its_options(site: Path) -> None:
    page = html.parse(site / "commands.html").getroot().text_content()
    told = set(re.findall(r"Usage: broadsheet ([a-z-]+) \[OPTIONS\]", page))
    assert told == {name for group in cli.COMMANDS.values() for name in group}


def test_every_picture_says_what_it_shows(site: Path) -> None:
    shown = [
        (page.name, picture.get("src"), picture.get("alt") or "")
        for page in site.rglob("*.html")
        for picture in html.parse(page).xpath("//article//img")
    ]
    assert shown
    assert [one for one in shown if len(one[2]) < 25] == []


def test_every_picture_of_the_desk_is_shown_and_made_by_the_one_script() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    words = "".join(page.read_text(encoding="utf-8") for page in pages)
    made = (PICTURES / "take.py").read_text(encoding="utf-8")
    kept = {picture.stem for picture in PICTURES.glob("*.png")}
    assert {name for name in kept if f"pictures/{name}.png" not in words} == set()
    by_name = {name.removesuffix("-phone") for name in kept}
    assert {name for name in by_name if f'"{name}"' not in made} == set()


def test_the_page_on_data_protection_names_the_times_that_the_code_keeps() -> None:
    """Times are read from where they are kept, so that the page cannot promise others."""
    from broadsheet.issues import importing, remarks
    from broadsheet.mailing import imported, signup
    from broadsheet.news import pasting, snapshots
    from broadsheet.people.models import Rules

    page = (ROOT / "docs/explain/privacy.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]

    def row(begins: str) -> str:
        (found,) = (line for line in rows if line.lstrip("| ").startswith(begins))
        return found

    assert f"{signup.UNANSWERED_FOR.days} days" in row("a sign-up that was not confirmed")
    assert f"{snapshots.KEEP_TEXT.days} days" in row("text of an article that nobody picked")
    assert f"{remarks.HELD_FOR.days} days" in row("words typed and not kept")
    assert f"{pasting.KEEP_WORDS.days} days" in row("what was pasted around links")
    assert f"{importing.KEEP_TEXT.days} days" in row("the text of a past newsletter")
    assert (imported.REFUSED_FOR.days, "a week" in row("uploaded files of addresses")) == (7, True)
    months = Rules._meta.get_field("keep_log_months").default
    assert f"{months} months" in row("the log: who did what")
