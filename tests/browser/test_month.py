"""The month as a user does it, from the door to the public page: the model issue composed by hand.

Its words come from the development material, read by the parser of past newsletters and typed by a
browser; a test skips where the material is absent.
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp
from playwright.sync_api import Page, expect

from broadsheet.desk import shown
from broadsheet.issues.models import Edition, Issue, Pick, Review
from broadsheet.library import shelving
from broadsheet.news.models import Story
from broadsheet.people import factors
from broadsheet.wire import issuefile
from broadsheet.wire.edition import Item, Kind
from tests import make, world
from tests.browser import doing
from tests.browser.conftest import Sitting
from tests.press.test_by_others import needs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "four words by chance"


@pytest.fixture
def seed(shared: Path) -> list[tuple[str | None, Item]]:
    """The items of the model issue, each with the introduction of its section."""
    text = (shared / "seed/june-2019.txt").read_bytes()
    read = issuefile.parse(text, name="june-2019.txt").edition
    return [(section.intro, item) for section in read.sections for item in section.items]


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path


def _of(seed: list[tuple[str | None, Item]], kind: Kind) -> list[Item]:
    return [item for _, item in seed if item.kind == kind]


def _comes_in(item: Item, score: int) -> Story:
    """A story as collecting would have brought it: the outlet's headline, date and text."""
    story: Story = make.story(headline=item.headline, score=score)
    story.articles.update(
        source=make.source(item.source or ""),
        published={"value": item.date.value, "precision": "day", "basis": "meta",
                   "raw": item.date.raw, "offset": None} if item.date else None,
        text=item.summary,
    )  # fmt: skip
    return story


def _ada(**but: Any) -> tuple[Any, bytes]:
    """An editor with a password and a second factor, and the secret that her phone has."""
    ada = make.editor(name="Ada", **but)
    ada.set_password(PASSWORD)
    ada.save()
    device = factors.begin(ada)
    earlier = totp(device.bin_key, drift=-1)  # so that the code of now is still good
    factors.confirm(ada, f"{earlier:06d}", timezone.now())
    return ada, device.bin_key


def _signs_in(page: Page, secret: bytes) -> None:
    page.goto(reverse("desk:sign_in"))
    page.get_by_label("Name or mail address").first.fill("Ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your code")).to_be_visible()
    while time.time() % 30 > 27:
        page.wait_for_timeout(500)  # a code that ends while it is typed is no fault of the desk
    page.get_by_label("Code").fill(f"{totp(secret):06d}")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/")  # the inbox: the page of the code lies under /desk/ too


def _triages(page: Page, wanted: set[str], stories: int) -> None:
    """Take what is wanted, leave or put off the rest: by keys alone, as fast as they go."""
    page.goto(f"{reverse('desk:inbox')}?show=100")
    page.keyboard.press("j")
    for n in range(stories):
        headline = page.evaluate(
            "document.activeElement.closest('[data-card]').querySelector('.headline').textContent.trim()"
        )
        page.keyboard.press("t" if headline in wanted else "ls"[n % 2])
    expect(page.locator("[data-card][data-done]")).to_have_count(stories)
    expect(page.locator("[data-count=waiting]")).to_have_text("0")


def _edits_news(page: Page, item: Item) -> None:
    page.get_by_role("link", name=f"Edit “{item.headline}”").click()
    assert item.date
    expect(page.get_by_label("Date", exact=True)).to_have_value(item.date.raw or "")
    page.get_by_label("Summary", exact=True).fill(item.summary)
    doing.links(page, [(item.links[0].text, "https://outlet.example/story")])
    doing.keep(page)


def _hangs_a_picture(page: Page, item: Item) -> None:
    """Hand a picture over; the desk asks for all that printing it needs, and names what is missing."""
    page.get_by_role("link", name=f"Edit “{item.headline}”").click()
    page.get_by_text("Hand a picture over, or link to one").click()
    form = page.locator("form[enctype]")
    form.get_by_label("File").set_input_files(
        {"name": "bridge.png", "mimeType": "image/png", "buffer": world.drawn()}
    )
    form.get_by_label("Caption").fill(item.images[0].caption or "")
    form.get_by_label("Credit").fill(item.images[0].credit or "")
    form.get_by_label("Permission rests on").fill("Mail from the agency, 3 June 2019")
    form.get_by_role("button", name="Keep the picture").click()
    expect(page.get_by_text("The picture lacks what it shows")).to_be_visible()
    expect(form.get_by_label("Caption")).to_have_value(item.images[0].caption or "")
    form.get_by_label("What the picture shows").fill("A bridge at dusk, with nobody on it")
    form.get_by_label("File").set_input_files(
        {"name": "bridge.png", "mimeType": "image/png", "buffer": world.drawn()}
    )
    form.get_by_role("button", name="Keep the picture").click()
    expect(page.locator("img.picture")).to_be_visible()
    expect(page.get_by_text("Recorded: Mail from the agency")).to_be_visible()
    page.get_by_role("link", name="Back to June 2019").first.click()


def _adds_aviation(page: Page, items: list[Item], intro: str | None) -> None:
    """The sector's pick: its introduction, and what the shelf has of it, with dates as exact as known."""
    region = page.locator("[data-section]", has=page.get_by_role("link", name="Add from the shelf"))
    region.get_by_text("Heading, introduction, place of this section").click()
    region.get_by_role("link", name="Change its words").click()
    page.get_by_label("Introduction", exact=True).fill(intro or "")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.get_by_role("link", name="Add from the shelf").click()
    page.get_by_role("link", name="Aviation").click()
    for (
        item
    ) in items:  # the shelf has the bare title: an outlet before it or "Report:" is the letter's
        added = page.get_by_role("listitem").filter(has_text=item.source or "")
        words = {"year": item.date.value, "month": item.date.raw}[item.date.precision] if item.date else ""  # fmt: skip
        one = added.filter(has=page.locator("time", has_text=words)).first
        one.get_by_role("button", name="Add").click()
        if "shelf" not in page.url:
            page.get_by_role("link", name="Add from the shelf").click()
            page.get_by_role("link", name="Aviation").click()
    page.get_by_role("link", name="Back to June 2019").first.click()


def test_the_model_issue_is_composed_by_hand_checked_reviewed_and_published(
    sit: Sitting, seed: list[tuple[str | None, Item]], tmp_path: Path
) -> None:
    needs("pdftotext")
    _, secret = _ada()
    letter = make.newsletter()
    letter.needs_review = True
    letter.save()
    shelving.stock(shown.beat().resources)
    page = sit(role=None)
    page.set_default_timeout(30_000)
    _signs_in(page, secret)

    # An empty desk says what to do; the issue is drafted before its news comes in.
    page.get_by_role("link", name="Issues", exact=True).click()
    page.get_by_label("Month").fill("2019-06")
    page.get_by_role("button", name="Draft").click()
    expect(page.get_by_role("heading", name="June 2019")).to_be_visible()
    issue = Issue.objects.get()

    news = _of(seed, Kind.ARTICLE)
    for n, item in enumerate(news):
        _comes_in(item, score=30 - n)
    for n in range(60 - len(news)):
        make.story(score=n)
    _triages(page, {item.headline for item in news}, 60)
    assert Story.objects.filter(state="taken").count() == issue.picks.count() == len(news)

    page.goto(reverse("desk:issue", args=[issue.pk]))
    report, lunch = _of(seed, Kind.HIGHLIGHT)
    addresses = ["https://report.example/2019", "", "https://us.example/response"]
    doing.highlight(page, report.headline, report.summary,
                    [(link.text, at) for link, at in zip(report.links, addresses, strict=True)])  # fmt: skip
    doing.highlight(page, lunch.headline, lunch.summary, [])
    for item in news:
        _edits_news(page, item)
    _hangs_a_picture(page, news[0])
    intro = next(words for words, item in seed if item.kind == Kind.RESOURCE)
    _adds_aviation(page, _of(seed, Kind.RESOURCE), intro)

    # What the check finds in these words; and what it must not.
    page.get_by_role("link", name="Check", exact=True).click()
    marked = [words.casefold() for words in page.locator(".finding mark").all_inner_texts()]
    for known in ("cybersex", "rescued", "organ trafficking", "modern slaves", "stoppedusing"):
        assert any(known in words for words in marked), (known, marked)
    assert any("masturbat" in words for words in marked), marked
    assert not any("action plan" in words for words in marked)

    doing.finding(page, "stoppedusing").get_by_role("link", name="Open it").click()
    field = page.get_by_label("Summary", exact=True)
    expect(field).to_be_focused()
    page.keyboard.type("stopped using")
    assert "stopped using" in field.input_value()
    doing.keep(page)  # and the desk goes back to the check, where the editor came from
    expect(page.get_by_role("heading", name="Check", exact=True)).to_be_visible()
    expect(page.locator("mark", has_text="stoppedusing")).to_have_count(0)
    one = doing.finding(page, "rescued")
    one.get_by_role("link", name="Open it").click()
    page.keyboard.type("freed")
    doing.keep(page)
    expect(page.get_by_role("heading", name="Check", exact=True)).to_be_visible()
    doing.let_errors_stand(page)
    expect(page.locator(".overruled").first).to_contain_text(doing.REASON)
    doing.sign(page)

    _is_reviewed(sit, page, issue)
    page.goto(reverse("desk:publish", args=[issue.pk]))
    expect(page.get_by_text("Signed by Ada as it stands.")).to_be_visible()
    doing.publish(page)
    page.get_by_role("link", name="Public page").click()
    _is_out(page, seed, issue, tmp_path)


def _is_reviewed(sit: Sitting, page: Page, issue: Issue) -> None:
    """By a second editor at the desk, and by a director with a link, on a phone."""
    bo = sit()
    bo.goto(reverse("desk:review", args=[issue.pk]))
    bo.get_by_role("button", name="Ask for changes").click()
    expect(bo.get_by_role("alert")).to_be_visible()  # in words, please
    bo.get_by_label("Words to go with it").fill("Read against the articles; good.")
    bo.get_by_role("button", name="Approve it as it stands").click()
    expect(bo.get_by_text("Read against the articles; good.")).to_be_visible()

    page.goto(reverse("desk:review", args=[issue.pk]))
    page.get_by_label("For whom").fill("Dr. Director")
    page.get_by_role("button", name="Make a link").click()
    director = sit(role=None, phone=True)
    director.goto(page.locator(".notice code").inner_text())
    doing.fits(director)
    frame = director.frame_locator("iframe")
    expect(frame.get_by_text("Airports Council International").first).to_be_visible()
    director.get_by_role("button", name="Approve it as it stands").click()
    expect(director.get_by_text("you have approved the issue")).to_be_visible()
    assert set(Review.objects.values_list("verdict", flat=True)) == {"approved"}
    assert Review.objects.count() == 2


def _is_out(page: Page, seed: list[tuple[str | None, Item]], issue: Issue, folder: Path) -> None:
    """The public page, the mail, the text and the PDF show all of it."""
    content = Edition.objects.get(issue=issue).content
    items = {item["headline"]: item for section in content["sections"] for item in section["items"]}
    assert len(items) == len(seed)
    dates = {item["date"]["precision"] for item in items.values() if item["date"]}
    assert dates == {"day", "month", "year"}
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
    expect(page.get_by_alt_text("A bridge at dusk, with nobody on it")).to_be_visible()
    expect(page.get_by_text("AFP, via SCMP")).to_be_visible()

    def printed(form: str) -> bytes:
        answer = page.request.get(reverse("desk:printed", args=[issue.pk, form]))
        assert answer.ok
        return answer.body()

    texts = {"page": page.content(), "mail": printed("mail").decode(), "text": printed("text").decode()}  # fmt: skip
    (folder / "issue.pdf").write_bytes(printed("pdf"))
    texts["pdf"] = subprocess.run(
        ["pdftotext", "-raw", folder / "issue.pdf", "-"],
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout.decode()
    for form, text in texts.items():
        said = " ".join(text.split())
        for words in ("Access STOP’s response here", "February 2019", "stopped using", "via SCMP"):
            assert words in said, (form, words)
        assert "stoppedusing" not in said


def test_the_same_way_on_a_phone(sit: Sitting, seed: list[tuple[str | None, Item]]) -> None:
    """Shorter, by touch: three stories, a highlight, a resource, the check, out."""
    _, secret = _ada()
    issue = make.issue()
    shelving.stock(shown.beat().resources)
    news = _of(seed, Kind.ARTICLE)[-1]
    _comes_in(news, 3)
    other = [make.story(score=1) for _ in range(2)]
    page = sit(role=None, phone=True)
    page.set_default_timeout(30_000)
    _signs_in(page, secret)
    doing.fits(page)
    page.get_by_role("button", name=f"Take “{news.headline}”").click()
    for story in other:
        page.get_by_role("button", name=f"Leave “{story.headline}”").click()
    expect(page.locator("[data-card][data-done]")).to_have_count(3)

    page.goto(reverse("desk:issue", args=[issue.pk]))
    doing.fits(page)
    report = _of(seed, Kind.HIGHLIGHT)[0]
    doing.highlight(page, report.headline, report.summary, [(report.links[0].text, "https://report.example/")])  # fmt: skip
    _edits_news(page, news)
    section = issue.sections.order_by("position").last()
    assert section
    page.goto(reverse("desk:shelf", args=[section.pk]) + "?sector=SEC.AVI")
    doing.fits(page)
    page.get_by_role("button", name="Add “Human Trafficking”").click()
    page.goto(reverse("desk:check", args=[issue.pk]))
    doing.fits(page)
    expect(page.locator("mark", has_text="modern slaves").first).to_be_visible()
    doing.let_errors_stand(page)
    doing.sign(page)
    page.get_by_role("link", name="Publish …").click()
    doing.fits(page)
    doing.publish(page)
    page.get_by_role("link", name="Public page").click()
    doing.fits(page)
    expect(page.get_by_text(report.headline).first).to_be_visible()
    assert Pick.objects.filter(issue=issue, kind="resource", date__precision="year").exists()
