"""The way of an issue to its readers in a real browser: check, mend, review by link, publish; and nothing lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from broadsheet.desk import shown
from broadsheet.issues import checking, compose
from broadsheet.issues.models import Issue, Pick, Review
from broadsheet.news.models import Article
from tests import make
from tests.browser.conftest import AXE, Sitting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SHOTS = os.environ.get("BROADSHEET_SHOTS")  # a folder, to look at the pages


def _shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def _issue(**but: object) -> tuple[Issue, Pick]:
    """An issue of one item, made from an article that bears out all it says but one number."""
    issue = make.issue(subject="What June brought", preview="A court, a law, a handbook.")
    story = make.story(headline="Court hears case of nine workers")
    Article.objects.filter(story=story).update(text="Nine workers told a court in Exampleton.")
    pick = compose.pick(story, issue.sections.last(), None, timezone.now())
    words = {"summary": "A pimp held twelve workers.\nIt was heard in court.", "our_heading": ""}
    compose.edit(pick, pick.turn, None, timezone.now(), **words | but)
    # A desk that serves has read its rules; here the first page would wait for that.
    checking.check(issue, shown.beat(), timezone.localdate())
    return issue, Pick.objects.get(pk=pick.pk)


def _at(page: Page) -> Page:
    """The first page of a fresh server waits for its parts to be read; on a busy machine for long."""
    page.set_default_timeout(40_000)
    return page


def _axe(page: Page) -> list[str]:
    if not AXE.exists():
        pytest.skip(f"no axe-core at {AXE}: npm install puts it there")
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run().then(r => r.violations)")
    return [f"{v['id']}: {v['nodes'][0]['html']}" for v in found if v["impact"] in ("serious", "critical")]  # fmt: skip


def test_from_the_check_to_the_words_and_out(sit: Sitting) -> None:
    issue, pick = _issue()
    page = _at(sit())
    page.goto(f"/desk/issues/{issue.pk}/check/")
    expect(page.get_by_text("keeps the issue from going out").or_(page.get_by_text("keep the issue from going out"))).to_have_count(0)  # fmt: skip
    finding = page.locator(".finding", has=page.locator("mark", has_text="pimp"))
    expect(finding.locator("mark")).to_have_text("pimp")
    _shot(page, "check")
    finding.get_by_role("link", name="Open it").click()
    # The field is open, with the words marked.
    expect(page.get_by_label("Summary", exact=True)).to_be_focused()
    marked = "f => f.value.slice(f.selectionStart, f.selectionEnd)"
    assert page.get_by_label("Summary", exact=True).evaluate(marked) == "pimp"
    _shot(page, "pick")
    page.keyboard.type("man")
    page.get_by_role("button", name="Keep", exact=True).first.click()
    page.goto(f"/desk/issues/{issue.pk}/check/")
    expect(page.locator("mark", has_text="pimp")).to_have_count(0)
    # A number that the article does not have may stand, for a reason.
    number = page.locator(".finding", has=page.locator("mark", has_text="twelve"))
    number.get_by_text("Let it stand").click()
    number.get_by_label("Why may it stand?").fill("The court's own press notice says twelve.")
    number.get_by_role("button", name="Overrule").click()
    expect(page.locator(".overruled")).to_contain_text("press notice says twelve")
    assert _axe(page) == []
    # A person ticks and signs.
    for box in page.locator(".ticks input").all():
        box.check()
    page.get_by_role("button", name="Sign as").click()
    expect(page.get_by_text("for the issue as it stands")).to_be_visible()
    page.goto(f"/desk/issues/{issue.pk}/publish/")
    _shot(page, "publish")
    page.get_by_label("I have read the whole issue").check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("is published")).to_be_visible()
    assert Pick.objects.get(pk=pick.pk).summary.startswith("A man held twelve")


def test_a_director_without_an_account_approves_on_a_phone_and_an_edit_voids_it(
    sit: Sitting,
) -> None:
    issue, pick = _issue()
    issue.newsletter.needs_review = True
    issue.newsletter.save()
    desk = _at(sit())
    desk.goto(f"/desk/issues/{issue.pk}/review/")
    desk.get_by_label("For whom").fill("Dr. Director")
    desk.get_by_role("button", name="Make a link").click()
    address = desk.locator(".notice code").inner_text()
    _shot(desk, "review")
    director = _at(sit(role=None, phone=True))
    director.goto(address)
    expect(director.frame_locator("iframe").get_by_text("held twelve workers")).to_be_visible()
    assert director.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    _shot(director, "by-link")
    assert _axe(director) == []
    director.get_by_role("button", name="Approve it as it stands").click()
    expect(director.get_by_text("you have approved the issue")).to_be_visible()
    assert Review.objects.get().by == "Dr. Director"
    desk.goto(f"/desk/issues/{issue.pk}/publish/")
    expect(desk.get_by_text("Approved by Dr. Director")).to_be_visible()
    fresh = Pick.objects.get(pk=pick.pk)
    compose.edit(fresh, fresh.turn, None, timezone.now(), summary="Other words.")
    desk.reload()
    expect(desk.get_by_text("A second pair of eyes must approve")).to_be_visible()
    director.reload()
    expect(director.get_by_text("changed since you last judged it")).to_be_visible()


def test_history_pictures_sections_and_previews_can_be_used_and_read(sit: Sitting) -> None:
    issue, pick = _issue()
    compose.edit(pick, pick.turn, None, timezone.now(), summary="A man held nine workers.")
    page = _at(sit(dark=True))
    page.goto(f"/desk/picks/{pick.pk}/history/")
    expect(page.locator("del").first).to_be_visible()
    _shot(page, "history")
    assert _axe(page) == []
    page.get_by_role("button", name="Restore this").first.click()
    expect(page.get_by_text("Restored.")).to_be_visible()
    for address in (
        f"/desk/issues/{issue.pk}/", f"/desk/issues/{issue.pk}/history/", f"/desk/picks/{pick.pk}/",
        f"/desk/issues/{issue.pk}/comments/", f"/desk/issues/{issue.pk}/review/",
        f"/desk/issues/{issue.pk}/preview/mail/?as=dark&as=phone", f"/desk/sections/{pick.section_id}/",
        f"/desk/issues/{issue.pk}/check/", f"/desk/issues/{issue.pk}/title/",
    ):  # fmt: skip
        page.goto(address)
        assert _axe(page) == [], address
    phone = _at(sit(phone=True))
    for name, address in (("check", f"/desk/issues/{issue.pk}/check/"), ("pick", f"/desk/picks/{pick.pk}/"),
                          ("issue", f"/desk/issues/{issue.pk}/")):  # fmt: skip
        phone.goto(address)
        assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
        _shot(phone, f"phone-{name}")


def test_items_are_moved_by_keys_and_by_dragging_and_put_back(sit: Sitting) -> None:
    issue, first = _issue()
    second = compose.pick(make.story(), first.section, None, timezone.now())
    page = _at(sit())
    page.goto(f"/desk/issues/{issue.pk}/#pick-{second.pk}")
    page.locator(f"#pick-{second.pk}").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".pick").first).to_have_id(f"pick-{second.pk}")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".pick").first).to_have_id(f"pick-{first.pk}")
    highlights = page.locator("[data-section]").first
    page.set_viewport_size({"width": 1280, "height": 2400})  # both ends of the way in sight
    page.locator(f"#pick-{second.pk} .handle").hover()
    box = highlights.locator("h2").bounding_box()
    assert box
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 10, steps=8)
    page.mouse.up()
    expect(highlights.locator(".pick")).to_have_id(f"pick-{second.pk}")
    assert Pick.objects.get(pk=second.pk).section.takes == "highlights"


def test_what_is_pasted_from_word_becomes_plain_marks(sit: Sitting) -> None:
    _, pick = _issue(summary="")
    page = _at(sit())
    page.goto(f"/desk/picks/{pick.pk}/")
    html = (
        '<style>p{color:red}</style><p class="MsoNormal">The <b>court</b> of <a href="https://x.example/?utm_source=m">X</a>'
        "</p><script>alert(1)</script><ul><li>one</li><li>two</li></ul>"
    )
    page.evaluate(
        """(html) => {
          const field = document.getElementById("id_summary");
          field.focus();
          const data = new DataTransfer();
          data.setData("text/html", html);
          data.setData("text/plain", "plain");
          field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        html,
    )
    wanted = "The **court** of [X](https://x.example/)\n\n- one\n- two"
    expect(page.get_by_label("Summary", exact=True)).to_have_value(wanted)
    page.get_by_label("Summary", exact=True).press("Control+z")
    expect(page.get_by_label("Summary", exact=True)).to_have_value("")


def test_of_two_at_one_section_the_second_sees_both_and_the_back_button_keeps_what_was_typed(
    sit: Sitting,
) -> None:
    issue, pick = _issue()
    ada, bo = _at(sit()), _at(sit())
    for page in (ada, bo):
        page.goto(f"/desk/sections/{pick.section_id}/")
    ada.get_by_label("Introduction", exact=True).fill("By Ada.")
    ada.get_by_role("button", name="Keep", exact=True).click()
    expect(ada.locator("#main").get_by_text("Section kept.")).to_be_visible()
    bo.get_by_label("Introduction", exact=True).fill("By Bo.")
    bo.get_by_role("button", name="Keep", exact=True).click()
    expect(bo.get_by_role("alert")).to_contain_text("By Ada.")
    expect(bo.get_by_label("Introduction", exact=True)).to_have_value("By Bo.")
    # Away without keeping, and back by the button.
    bo.on("dialog", lambda dialog: dialog.accept())
    bo.goto(f"/desk/issues/{issue.pk}/")
    bo.goto(f"/desk/sections/{pick.section_id}/")
    bo.get_by_role("button", name="Put them back").click()
    expect(bo.get_by_label("Introduction", exact=True)).to_have_value("By Bo.")
