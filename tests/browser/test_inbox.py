"""The inbox and the lunch, in a real browser: keys, choosing, undo, pasting, a worker that dies."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from broadsheet.issues import lunch
from broadsheet.jobs import queue
from broadsheet.news import pasting
from broadsheet.news.models import Paste, Story
from broadsheet.wire import beat as beats
from broadsheet.wire.collect.fetcher import Fetcher
from tests import make
from tests.browser import doing
from tests.browser.conftest import Sitting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_notes_claims_merging_and_undo_by_keys_alone(sit: Sitting) -> None:
    first, second, third = (make.story(score=3 - n, headline=f"Story {n}") for n in range(3))
    page = sit()
    page.goto(reverse("desk:inbox"))
    page.keyboard.press("j")
    page.keyboard.press("n")
    expect(page.locator(f"#note-{first.pk}")).to_be_focused()
    page.keyboard.type("Ask the shelter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f"#story-{first.pk} .note")).to_contain_text("Ask the shelter")
    page.wait_for_function(f"document.activeElement.id === 'story-{first.pk}'")
    page.keyboard.press("c")
    expect(page.locator(f"#story-{first.pk}")).to_contain_text("You work on it.")
    page.wait_for_function(f"document.activeElement.id === 'story-{first.pk}'")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("m")
    expect(page.get_by_text("1 story has joined “Story 0”.")).to_be_visible()
    assert first.articles.count() == 2
    page.keyboard.press("u")
    expect(page.get_by_text("Undone: another story merged into it.")).to_be_visible()
    assert second.articles.count() == 1
    page.keyboard.press("/")
    page.keyboard.type('is:claimed "ask"')
    page.keyboard.press("Enter")
    expect(page.get_by_text("No story here matches the search.")).to_be_visible()
    assert Story.objects.get(pk=third.pk).state == "new"


# Twelve invented events; each is told at two or three addresses.
EVENTS = (
    ("Ferry captain jailed for holding nine deckhands", "Nine deckhands slept in the hold for two years. A judge in Alderport jailed the captain on Monday for forced labour and for keeping their seamen's books in his safe."),
    ("Union says strawberry pickers owe a year of wages", "Seasonal pickers in the Brook valley told their union that fees for their visas had grown into debt bondage. The growers' board has promised an inquiry by autumn."),
    ("Embassy brings home cooks lured to a scam compound", "Fourteen cooks answered an advertisement for a hotel and were made to cheat strangers online. Their embassy flew them home on Thursday after a ransom was refused."),
    ("Parliament passes law against recruitment fees", "Recruiters may no longer charge workers for a job abroad. Members of parliament voted for the law on human trafficking by ninety to four after a long night."),
    ("Brick kiln families win their case after a decade", "The supreme court ordered back pay for sixty families who were born into bonded labour at a kiln. Their lawyer wept in the corridor and called her mother."),
    ("Nail bar owner charged with trafficking her cousins", "Prosecutors say three cousins worked without pay behind a shop in Cedarham. The owner denies modern slavery and says they were guests of the family."),
    ("Airline crews to learn the signs of trafficking", "Cabin crews of the Dover line will be taught by survivors what to look for on night flights. The course on human trafficking lasts a day and is paid by the company."),
    ("Fishing inspectors find locked cabins on a squid jigger", "Inspectors who boarded a squid jigger off the southern banks found cabins locked from outside. The crew of twenty said they were victims of forced labour."),
    ("Charity opens advice line for domestic workers", "Domestic workers can now ring a lawyer in five languages on their day off. The charity heard of servitude in forty households last winter alone."),
    ("Circus owner fined over children sold by an agent", "Two children were sold to a travelling circus by an agent. The owner was fined for child trafficking and the animals were given to a zoo at Edgewater."),
    ("Report finds forced labour behind cheap gloves", "Rubber gloves for hospitals came from a factory that kept passports and charged for beds. The report on forced labour names no buyer but counts six million pairs."),
    ("Bishop and imam ask villages to watch false recruiters", "In a joint letter they warn of men who promise kitchens and deliver brothels. Trafficking of girls from the hills has doubled, says the district, since the drought."),
)  # fmt: skip


class _Farm(BaseHTTPRequestHandler):
    """Thirty pages of as many events; every fifth is refused, and one address leads to another's page."""

    def do_GET(self) -> None:
        number = int(self.path.strip("/") or 0) if self.path.strip("/").isdigit() else -1
        if self.path == "/robots.txt":
            self._answer(200, "text/plain", "User-agent: *\nAllow: /\n")
        elif number < 0 or number % 5 == 4:
            self._answer(403, "text/html", "<title>No</title>")
        else:
            headline, text = EVENTS[number % len(EVENTS)]
            self._answer(200, "text/html; charset=utf-8", (
                f'<html lang="en"><head><title>{headline}</title>'
                '<meta property="article:published_time" content="2019-06-21"></head><body><article>'
                f"<h1>{headline}</h1><p>{text}</p></article></body></html>"))  # fmt: skip

    def _answer(self, status: int, kind: str, body: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        pass


def test_thirty_pasted_lines_become_drafts_in_an_issue_though_some_refuse(sit: Sitting) -> None:
    servers = [ThreadingHTTPServer((f"127.0.2.{n}", 0), _Farm) for n in range(1, 7)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    addresses = [
        f"http://127.0.2.{n % 6 + 1}:{servers[n % 6].server_address[1]}/{n}" for n in range(28)
    ]
    lines = [
        f"[12:{n:02}] Ada: have you seen this? {url}?utm_source=chat"
        for n, url in enumerate(addresses)
    ]
    lines += [addresses[0], "see you at one"]
    issue = make.issue()
    page = sit()
    page.goto(reverse("desk:add"))
    page.get_by_label("Links, with or without words beside them").fill("\n".join(lines))
    page.get_by_label("Put them into").select_option(str(issue.pk))
    page.get_by_role("button", name="Read and keep").click()
    expect(page.get_by_text("0 of 28 read.")).to_be_visible()

    paste = Paste.objects.get()
    with Fetcher(contact="", allowed=["127.0.0.0/8"], delay=0.0, retries=0) as web:
        reading = pasting.take_in(paste, web, beats.load(), timezone.now)
        for _ in range(5):
            next(reading)
        expect(page.get_by_text("5 of 28 read.")).to_be_visible()  # by itself
        reading.close()  # this worker is gone; another finds its job when the lease has run out
        job = queue.claim("another worker", timezone.now())
        assert job is not None
        came = lunch.serve(paste, web, beats.load(), timezone.now)
        queue.finish(job, timezone.now(), came=came)
    for server in servers:
        server.shutdown()
        server.server_close()

    expect(page.get_by_role("heading", name="stories kept")).to_be_visible()
    expect(page.get_by_text("5 pages could not be read.")).to_be_visible()
    expect(page.get_by_text("see you at one")).to_be_visible()
    assert issue.picks.count() == paste.lines.values("article__story").distinct().count()
    assert issue.picks.count() > 10
    assert paste.lines.filter(state="read").count() == 23
    page.get_by_role("link", name="Complete it by hand").first.click()
    page.get_by_label("Headline, as printed").fill("Completed by hand")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text("and so is its item in June 2019")).to_be_visible()
    assert issue.picks.filter(headline="Completed by hand").exists()
    _goes_on_to_a_checked_issue(page, issue)


def _goes_on_to_a_checked_issue(page: Page, issue: Any) -> None:
    """The drafts are ordered, one is thrown out, and the check is answered until the issue may go out."""
    page.goto(reverse("desk:issue", args=[issue.pk]))
    lists = page.locator(".picks", has=page.locator(".pick:nth-child(2)")).first
    first, second = (lists.locator(".headline").nth(n).inner_text() for n in (0, 1))
    lists.locator(".pick").nth(1).get_by_role("button", name="Up").click()
    expect(lists.locator(".headline").first).to_have_text(second)
    before = issue.picks.count()
    lists.locator(".pick").nth(1).get_by_role("button", name="Remove").click()
    expect(page.get_by_role("button", name="Put it back")).to_be_visible()
    assert issue.picks.count() == before - 1
    assert first.strip("⠿ ") not in issue.picks.values_list("headline", flat=True)
    page.get_by_role("link", name="Check", exact=True).click()
    expect(page.get_by_role("heading", name="What was looked at")).to_be_visible()
    assert page.locator(".finding").count() > 0
    doing.let_errors_stand(page)
    doing.sign(page)
    page.get_by_role("link", name="Publish …").click()
    doing.publish(page)
