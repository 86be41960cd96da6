"""The door and the first day in a real browser: what was typed outlives its session, sources are tried."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from broadsheet.issues import compose
from broadsheet.issues.models import Newsletter
from broadsheet.jobs.models import Job
from broadsheet.news import collecting
from broadsheet.news.models import Story
from broadsheet.people import rules
from broadsheet.people.models import Session
from tests import make
from tests.browser.conftest import Sitting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GOOD = "four words by chance"
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>A paper</title>
<item><title>Eleven freed from a farm</title><link>http://paper.example/1</link>
<pubDate>Fri, 21 Jun 2019 10:00:00 GMT</pubDate></item></channel></rss>"""


@pytest.fixture
def farm() -> Iterator[str]:
    """A loopback web: /well/ answers with a feed, /broken/ does not."""

    class Farm(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            well = self.path.startswith("/well/")
            body = FEED.encode() if well else b"out of order"
            self.send_response(200 if well else 404)
            self.send_header("Content-Type", "application/rss+xml" if well else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Said nowhere."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Farm)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _stays(page: Page, host: str) -> list[str]:
    """The requests of a page that leave the desk, as they come."""
    left: list[str] = []

    def look(asked: Any) -> None:
        if not asked.url.startswith((host, "data:")):
            left.append(asked.url)

    page.on("request", look)
    return left


def _lin(sit: Sitting) -> Page:
    """Lin, who has signed in by a password."""
    lin = make.editor(name="Lin")
    lin.set_password(GOOD)
    lin.save()
    page = sit(role=None)
    page.goto(reverse("desk:sign_in"))
    _sign_in(page)
    page.wait_for_url("**/desk/")
    return page


def _sign_in(page: Page) -> None:
    page.locator("[name=name]").first.fill("Lin")
    page.locator("[name=password]").fill(GOOD)
    page.get_by_role("button", name="Sign in").click()


def test_words_that_were_typed_when_the_session_ended_are_sent_after_signing_in_again(
    sit: Sitting,
) -> None:
    pick = compose.pick(make.story(), make.issue().sections.last(), None, timezone.now())
    page = _lin(sit)
    page.goto(reverse("desk:pick", args=[pick.pk]))
    page.locator("[name=summary]").fill("Eleven men came home.\n\nThey are well.")
    Session.objects.all().delete()
    page.locator("form:has([name=summary]) button.main").first.click()
    expect(page.get_by_role("heading", name="Your session has ended")).to_be_visible()
    _sign_in(page)
    expect(page.get_by_role("heading", name="Here is what you typed")).to_be_visible()
    page.get_by_role("button", name="Send it now").click()
    page.wait_for_load_state()
    pick.refresh_from_db()
    assert pick.summary.replace("\r\n", "\n") == "Eleven men came home.\n\nThey are well."


def test_a_key_pressed_after_the_end_says_so_and_works_again_after_signing_in_elsewhere(
    sit: Sitting,
) -> None:
    story = make.story()
    page = _lin(sit)
    page.goto(reverse("desk:inbox") + "?month=2019-06")
    Session.objects.all().delete()
    page.keyboard.press("j")
    page.keyboard.press("t")
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again, in a new tab").click()
    _sign_in(opened.value)
    expect(
        opened.value.get_by_role("heading", name="Inbox").or_(opened.value.locator("h1"))
    ).to_be_visible()
    page.get_by_role("button", name="I am signed in again").click()
    page.locator("[data-card]").first.focus()
    page.keyboard.press("t")
    expect(page.locator("[data-card][data-done]")).to_have_count(1)
    story.refresh_from_db()
    assert story.state == Story.State.TAKEN


def test_a_new_desk_asks_three_questions_tries_its_sources_and_begins(
    sit: Sitting, farm: str, settings: Any, tmp_path: Path, live_server: Any
) -> None:
    settings.HOME, settings.CHOSEN_ADDRESS = tmp_path, tmp_path / "public-address"
    settings.BEAT, settings.TIME_ZONE, settings.ADDRESS = None, "Asia/Hong_Kong", live_server.url
    settings.ALLOW_NETWORKS = ["127.0.0.0/8"]
    make.newsletter(name="Human trafficking news")
    for number in range(5):
        kind = "broken" if number == 2 else "well"
        collecting.add(f"Paper {number}", f"{farm}/", f"{farm}/{kind}/{number}")
    rules.lay_down(setting_up=True)
    page = sit(role="administrator")
    left = _stays(page, live_server.url)
    page.goto(reverse("desk:first_run"))
    page.get_by_label("What is your organisation called?").fill("The Harbour Charity")
    page.get_by_label("Which country or territory is home?").fill("Atlantis")
    page.get_by_role("button", name="Keep the answers").click()
    expect(page.get_by_text("No country or territory is called “Atlantis”")).to_be_visible()
    page.get_by_label("Which country or territory is home?").fill("Kenya")
    page.get_by_role("button", name="Keep the answers").click()
    expect(page.get_by_text("answered")).to_be_visible()
    assert Newsletter.objects.get().organisation == "The Harbour Charity"
    assert "Africa/Nairobi" in (tmp_path / "beat" / "beat.yaml").read_text()

    page.get_by_role("button", name="Try the sources").click()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    stopped = Job.objects.filter(kind="try").count()
    assert 1 <= stopped < 5
    page.reload()
    expect(page.get_by_text(re.compile(rf"^{stopped} of 5 tried"))).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("5 of 5 tried, 4 answer.")).to_be_visible(timeout=20_000)
    page.get_by_text("What came, source by source").click()
    expect(
        page.get_by_text("It answers with 1 entry, the newest of 2019-06-21.").first
    ).to_be_visible()
    assert page.locator("#trials .bad").count() == 1

    page.reload()
    page.get_by_role("button", name="Begin to collect").click()
    expect(page.get_by_text("The desk collects from now on.")).to_be_visible()
    assert not rules.current().setting_up
    assert Job.objects.filter(kind="fill_back").count() == 4
    assert left == []
