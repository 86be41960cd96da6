"""Walk through docs/tutorial.md with a real desk and a real browser, and take all pictures of the docs.

    make pictures

Needs Chromium (`.ci/install-debian`). The desks live in folders of their own, which are removed again. It
fails where a step of the tutorial does not work as written; tests/browser/test_tutorial.py walks it too.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("BROADSHEET_CHROMIUM", "/usr/bin/chromium")
SAMPLE = HERE.parent.parent / "src/broadsheet/sample"
SIZE = {"width": 1280, "height": 1000}
PHONE = {"width": 390, "height": 844}
# Pages of the desk that the how-to pages show as they open: a picture's name, and the address.
PAGES = {
    "paste": "/desk/add/",
    "withdraw": "/desk/archive/withdraw/",
    "tip": "/desk/tip/",
    "operations": "/desk/operations/",
    "hand-over": "/desk/hand-over/",
}
COLOURS = 256  # a picture with so few is a third as large; letters look the same


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as home,
        desk(Path(home)) as link,
        sync_playwright() as driver,
    ):
        browser = _browser(driver)
        page = browser.new_page(viewport=SIZE)
        walk(page, link, HERE)
        for name, address in PAGES.items():
            page.goto("/".join(link.split("/")[:3]) + address)
            _screen(page, HERE, name)
        weeks(page, link, Path(home), HERE)
        issue(page, Path(home), HERE)
        browser.close()
        first_run(driver)
    for picture in HERE.glob("*.png"):
        _fewer_colours(picture)


def first_run(driver: Playwright) -> None:
    """A desk of one's own on its first day. Nothing works at it, so no source is asked."""
    with tempfile.TemporaryDirectory() as home, desk(Path(home), "--no-work") as link:
        browser = _browser(driver)
        page = browser.new_page(viewport=SIZE)
        page.goto(link)
        page.locator("main form button").first.click()
        page.wait_for_url("**/desk/**")
        page.goto("/".join(link.split("/")[:3]) + "/desk/first-run/")
        _screen(page, HERE, "first-run")
        browser.close()


@contextmanager
def desk(home: Path, how: str = "--sample") -> Iterator[str]:
    """A desk with the sample month, as `make run` starts it; gives the link to sign in with."""
    asked = (sys.executable, "-m", "broadsheet", "start", how, "--port", str(_free()))
    ours = {"BROADSHEET_HOME": str(home), "DJANGO_SETTINGS_MODULE": "broadsheet.settings"}
    with subprocess.Popen(  # noqa: S603 -- our own command
        asked, env=os.environ | ours, stdout=subprocess.PIPE, text=True
    ) as served:
        try:
            yield _sign_in_link(served)
        finally:
            served.terminate()


def walk(page: Page, link: str, pictures: Path) -> None:
    """The steps of the tutorial, in its order; pictures of the inbox and of an item on the way."""
    page.goto(link)
    page.locator("main form button").first.click()
    page.wait_for_url("**/desk/**")
    assert "June 2026" in page.inner_text("h1")
    first = page.locator("li.card").first
    first.locator("summary").first.click()
    first.locator("summary").first.evaluate("node => node.blur()")
    page.evaluate("scrollTo(0, 0)")
    _both(page, pictures, "inbox")
    page.goto(page.url)
    card = page.locator("li.card").first
    taken = card.locator("h2").inner_text()
    card.get_by_role("button", name=re.compile("^Take")).click()
    page.locator("li.card.done", has_text=taken).wait_for()

    page.get_by_role("link", name="Issues", exact=True).click()
    page.get_by_role("link", name="June 2026", exact=True).click()
    assert page.get_by_role("heading", name="Hong Kong", exact=True).is_visible()
    _edit(page, pictures)
    _highlight(page)
    _resource(page)
    _screen(page, pictures, "making")
    page.get_by_role("link", name="Preview", exact=True).click()
    page.frame_locator("iframe.sheet").get_by_text("Lunch and learn").first.wait_for()
    page.get_by_role("link", name="Back to June 2026").click()
    for name in ("check", "review"):
        page.get_by_role("link", name=name.capitalize(), exact=True).first.click()
        page.get_by_role("heading", level=1).wait_for()
        _screen(page, pictures, name)
        _back(page)
    page.get_by_role("link", name="Publish …").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("link", name="Public page").click()
    page.get_by_text("Lunch and learn").first.wait_for()
    picture = page.locator("figure img").first
    picture.scroll_into_view_if_needed()
    page.wait_for_function("[...document.images].every(one => one.complete && one.naturalWidth)")
    page.evaluate("scrollTo(0, 0)")
    _both(page, pictures, "edition", high=1500)
    base = "/".join(link.split("/")[:3])
    page.goto(base + "/desk/issues/")
    page.get_by_role("link", name="June 2026", exact=True).first.click()
    page.get_by_role("link", name="Print and save", exact=True).click()
    page.get_by_role("link", name="PDF", exact=True).click()
    printed = page.get_by_role("link", name="Open the PDF").get_attribute("href")
    assert page.request.get(f"{base}{printed}").body().startswith(b"%PDF")


def weeks(page: Page, link: str, home: Path, pictures: Path) -> None:
    """What the desk says of a feed that lied, changed, died, came back and moved (weeks.py)."""
    ours = {"BROADSHEET_HOME": str(home), "DJANGO_SETTINGS_MODULE": "broadsheet.settings"}
    subprocess.run(  # noqa: S603 -- our own command
        (sys.executable, HERE / "weeks.py"), check=True, env=os.environ | ours, stdout=sys.stderr
    )
    page.goto("/".join(link.split("/")[:3]) + "/desk/sources/")
    page.get_by_role("link", name="The Lantern").click()
    page.get_by_text("to which it had moved").first.wait_for()
    _screen(page, pictures, "feed")


def _browser(driver: Playwright) -> Browser:
    return driver.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
    )


def _screen(page: Page, pictures: Path, name: str) -> None:
    """The top of a page, as it stands on a desk's screen."""
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=pictures / f"{name}.png")


def _fewer_colours(picture: Path) -> None:
    with Image.open(picture) as shown:
        if shown.mode != "P":
            shown.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
                picture, optimize=True
            )


def _both(page: Page, pictures: Path, name: str, high: int = SIZE["height"]) -> None:
    """The page as it stands on a desk's screen, and on a phone's."""
    page.set_viewport_size(SIZE | {"height": high})
    page.screenshot(path=pictures / f"{name}.png")
    page.set_viewport_size(PHONE)
    page.screenshot(path=pictures / f"{name}-phone.png")
    page.set_viewport_size(SIZE)


def _edit(page: Page, pictures: Path) -> None:
    pictured = page.locator("li.pick", has_text="no permission recorded").first
    pictured.get_by_role("link", name=re.compile("^Edit")).click()
    page.get_by_label("Editor’s note").fill("We took part in the first meeting.")
    _screen(page, pictures, "edit")
    page.get_by_label("What the picture shows").first.fill("A drawn building, with no people")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.locator("li.pick", has_text="We took part").get_by_role(
        "link", name=re.compile("^Edit")
    ).click()
    page.locator("input[name=basis], select[name=basis]").first.fill("Public domain (CC0 1.0)")
    page.get_by_role("button", name="Record the permission").click()
    page.locator("img.picture").wait_for()
    _back(page)


def _highlight(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Write a highlight")).click()
    page.get_by_label("Headline").fill("Lunch and learn with airport staff")
    page.get_by_label("Summary").fill("Our trainers spent two lunch hours at the airport.")
    page.get_by_role("button", name="Keep", exact=True).click()


def _resource(page: Page) -> None:
    page.get_by_role("link", name=re.compile("^Add from the shelf")).click()
    page.get_by_role("link", name="Fishing and seafood").click()
    page.get_by_role("button", name=re.compile("Faces at the Rail")).click()
    _back(page)


def _back(page: Page) -> None:
    back = page.get_by_role("link", name="Back to June 2026")
    if back.count():
        back.first.click()


def issue(page: Page, home: Path, pictures: Path) -> None:
    """The finished issue of the sample, printed; its one permitted picture is taken from the files."""
    subprocess.run(  # noqa: S603 -- our own command
        (sys.executable, "-m", "broadsheet", "print", SAMPLE / "issue.json", "--out", home),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    printed = (home / "index.html").read_text(encoding="utf-8")
    drawn = (SAMPLE / "month/pictures").as_uri()
    printed = re.sub(r'src="https://[^"]+/pictures/', f'src="{drawn}/', printed)
    (home / "index.html").write_text(printed, encoding="utf-8")
    page.set_viewport_size({"width": 900, "height": 2260})
    page.goto((home / "index.html").as_uri())
    _screen(page, pictures, "issue")


def _sign_in_link(served: subprocess.Popen[str]) -> str:
    assert served.stdout is not None
    for line in served.stdout:
        found = re.search(r"http://\S+/sign-in/\S+", line)
        if found:
            _wait(found[0])
            return found[0]
    raise SystemExit("The desk printed no link to sign in with.")


def _wait(url: str) -> None:
    host, _, port = url.split("/")[2].partition(":")
    for _ in range(100):
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


if __name__ == "__main__":
    main()
