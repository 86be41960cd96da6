"""What somebody at the desk does again and again, for the tests that go the whole way."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

REASON = "The outlet's own words; we name it as the source."


def fits(page: Page) -> None:
    """Nothing on the page is wider than its screen."""
    wide, screen = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= screen, f"{page.url} is {wide} pixels wide on a screen of {screen}"


def keep(page: Page) -> None:
    """Keep the words of an item, and wait until the desk says so."""
    page.get_by_role("button", name="Keep", exact=True).first.click()
    expect(page.locator("#main").get_by_text("is kept.")).to_be_visible()


def links(page: Page, given: list[tuple[str, str]]) -> None:
    """Write labelled links into the rows that an item's page has; an address may be unknown."""
    for n, (words, address) in enumerate(given):
        page.get_by_label("Link words").nth(n).fill(words)
        page.get_by_label("Address").nth(n).fill(address)


def highlight(page: Page, headline: str, summary: str, given: list[tuple[str, str]]) -> None:
    """From the issue's page: a highlight with any number of links, two rows at a time."""
    page.get_by_role("button", name="Write a highlight").click()
    page.get_by_label("Headline").fill(headline)
    page.get_by_label("Summary", exact=True).fill(summary)
    links(page, given[:2])
    keep(page)
    if given[2:]:
        page.get_by_role("link", name=f"Edit “{headline}”").click()
        links(page, given)
        keep(page)


def finding(page: Page, words: str) -> Locator:
    """The finding that marks these words, on the page of the check."""
    return page.locator(".finding", has=page.locator("mark", has_text=words)).first


def overrule(page: Page, one: Locator, reason: str = REASON) -> None:
    """Let a finding stand, for a reason."""
    one.get_by_text("Let it stand").click()
    one.get_by_label("Why may it stand?").fill(reason)
    one.get_by_role("button", name="Overrule").click()
    page.wait_for_load_state()


def let_errors_stand(page: Page) -> int:
    """Overrule whatever still keeps the issue from going out; how many that were."""
    done = 0
    while page.locator(".finding.error:not(.overruled)").count():
        left = page.locator(".finding.error:not(.overruled)")
        before = left.count()
        overrule(page, left.first)
        expect(left).to_have_count(before - 1)
        done += 1
    return done


def sign(page: Page) -> None:
    """On the page of the check: tick what no machine can see, and put one's name to it."""
    for box in page.locator(".ticks input").all():
        box.check()
    page.get_by_role("button", name="Sign as").click()
    expect(page.get_by_text("for the issue as it stands")).to_be_visible()


def publish(page: Page) -> None:
    """On the page to publish: having read it, let it go out."""
    page.get_by_label("I have read the whole issue").check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("is published")).to_be_visible()
