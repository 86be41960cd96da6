"""Checks of an issue beyond its words: people, dates, outlets, links, the mail, balance."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from broadsheet.issues import checking, compose, reaching
from broadsheet.issues.checking import mail
from broadsheet.issues.models import Issue, Pick, Reached
from broadsheet.news.models import Article, Snapshot
from broadsheet.wire import beat as beats
from broadsheet.wire.collect.fetcher import Fetched
from broadsheet.wire.edition import Edition, Image, Item, Kind, Permission, Section
from broadsheet.wire.errors import CollectError
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, 9, 0, tzinfo=UTC)
TODAY = date(2019, 7, 1)
BEAT = beats.load()


def said(summary: str, text: str = "", **but: Any) -> Pick:
    """An item of a story whose article has this text (the summary itself, unless another is given)."""
    story = make.story(headline="A court hears a case")
    Article.objects.filter(story=story).update(text=text or summary)
    issue = but.pop("issue", None) or make.issue(subject="June", preview="What June brought.")
    pick = compose.pick(story, issue.sections.last(), None, NOW)
    return compose.edit(pick, pick.turn, None, NOW, summary=summary, **but)


def rules(pick: Pick) -> list[tuple[str, str]]:
    report = checking.check(pick.issue, BEAT, TODAY)
    return [(one.rule, one.severity.value) for one in report.of(pick)]


@pytest.mark.parametrize(
    ("summary", "severity"),
    [
        ("The survivor, aged 23, from Nam Kok village worked at the Golden Lotus Restaurant until 3 May.", "error"),
        ("The survivor, a 23-year-old, escaped with her twin sister on 3 May.", "warn"),
        ("A 23-year-old survivor told the court of her work.", None),
        ("The minister, aged 53, opened Nam Kok village school on 3 May.", None),
    ],
)  # fmt: skip
def test_details_that_together_point_to_one_person(summary: str, severity: str | None) -> None:
    found = dict(rules(said(summary)))
    assert found.get("details-together") == severity


@pytest.mark.parametrize(
    ("summary", "found"),
    [
        ("Two men are on trial. One has previous convictions for assault.", True),
        ("The court heard that he had confessed to the killing.", True),
        ("Two men were convicted. One has previous convictions for assault.", False),
        ("Two men are on trial for forced labour.", False),
    ],
)
def test_details_that_may_harm_an_open_case(summary: str, found: bool) -> None:
    assert ("open-case-detail" in dict(rules(said(summary)))) == found


@pytest.mark.parametrize(
    ("summary", "found"),
    [
        ("The shelter is two minutes' walk from the ferry pier.", True),
        ("She lives in a safe house opposite the police station.", True),
        ("The charity opened a second shelter in the region.", False),
    ],
)
def test_a_shelter_s_place_is_an_error(summary: str, found: bool) -> None:
    assert (("shelter-place", "error") in rules(said(summary))) == found


def test_a_picture_whose_words_speak_of_a_child_is_looked_at() -> None:
    image = {"url": "https://news.example/a.jpg", "alt": "Two girls at a gate", "caption": "A gate",
             "credit": "A. N.", "permission": {"basis": "letter", "until": None}}  # fmt: skip
    pick = said("A law was passed.", images=[image])
    assert ("picture-of-a-person", "warn") in rules(pick)
    hidden = [image | {"alt": "Two girls from behind, at a gate"}]
    compose.edit(pick, pick.turn, None, NOW, images=hidden)
    assert "picture-of-a-person" not in dict(rules(pick))


@pytest.mark.parametrize(
    ("summary", "found"),
    [
        ("The law was passed on 12 June.", False),
        ("The law was passed on June 12, 2019.", False),
        ("The law was passed in June.", False),
        ("The law was passed on 14 June.", True),
        ("The law was passed in March.", True),
    ],
)
def test_days_and_months_of_a_summary_stand_in_its_article(summary: str, found: bool) -> None:
    pick = said(summary, "Parliament passed the law on 12 June 2019, after a long debate.")
    assert ("date-not-in-article" in dict(rules(pick))) == found
    assert "number-not-in-article" not in dict(rules(pick))


def test_an_outlet_is_named_as_in_the_source_list() -> None:
    make.source("The Morning Example")
    pick = said("A law was passed.", source="The Moring Example")
    (one,) = (
        f for f in checking.check(pick.issue, BEAT, TODAY).findings
        if f.rule == "source-named-otherwise"
    )  # fmt: skip
    assert one.use == ("The Morning Example",)


# --- links ---------------------------------------------------------------------------------------


class Web:
    """A web of four pages: one opens, one has moved, one is gone, one wants to be paid."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, url: str, *, limits: Any = None) -> Fetched:
        self.asked.append(url)
        body, moved = b"<html><h1>Page</h1><p>Words.</p></html>", None
        if "gone" in url:
            raise CollectError("There is no such page", at=url, reason="gone")
        if "walled" in url:
            body = b"<title>Just a moment</title>"
        if "moved" in url:
            moved = "https://news.example/new"
        if "paid" in url:
            body = (
                b'<html><head><script type="application/ld+json">{"@context": "https://schema.org", '
                b'"@type": "NewsArticle", "headline": "A headline", "isAccessibleForFree": false}</script>'
                b"</head><body><article><h1>A headline</h1><p>" + b"Some words of it. " * 40 + b"</p></article></body></html>"
            )  # fmt: skip
        return Fetched(
            url, url, 200, {"content-type": "text/html"}, body, NOW, moved_to=moved
        )  # fmt: skip


@pytest.fixture
def linked(settings: Any, tmp_path: Any) -> Pick:
    settings.HOME = tmp_path
    links = [{"text": w, "url": f"https://news.example/{w}"} for w in ("opens", "moved", "gone", "paid", "walled")]  # fmt: skip
    return said("A law was passed.", links=links)


def test_links_are_tried_once_a_day_and_what_came_is_told(linked: Pick) -> None:
    web = Web()
    assert reaching.progress(linked.issue, NOW) == (0, 5)
    assert any(
        "links can be reached" in w for w in checking.check(linked.issue, BEAT, TODAY).unchecked
    )
    states = [row.state for row in reaching.try_all(linked.issue, web, NOW)]
    assert states == ["ok", "moved", "failed", "paywalled", "walled"]
    assert reaching.progress(linked.issue, NOW) == (5, 5)
    assert list(reaching.try_all(linked.issue, web, NOW)) == []
    assert len(web.asked) == 5
    report = checking.check(linked.issue, BEAT, TODAY)
    found = {f.rule: f for f in report.of(linked) if f.rule.startswith("link-")}
    assert set(found) >= {"link-moved", "link-unreachable", "link-paywalled", "link-walled"}
    assert found["link-moved"].use == ("https://news.example/new",)
    assert not any("links can be reached" in words for words in report.unchecked)


def test_what_was_broken_off_goes_on_where_it_was(linked: Pick) -> None:
    next(iter(reaching.try_all(linked.issue, Web(), NOW)))
    assert Reached.objects.count() == 1
    rest = Web()
    list(reaching.try_all(linked.issue, rest, NOW))
    assert len(rest.asked) == 4


def test_a_copy_of_the_page_is_kept_when_its_link_is_tried(settings: Any, tmp_path: Any) -> None:
    settings.HOME = tmp_path
    pick = said("A law was passed.")
    list(reaching.try_all(pick.issue, Web(), NOW))
    assert Snapshot.objects.get().article.url == pick.links[0]["url"]
    assert "link-not-kept" not in dict(rules(pick))


def test_a_link_that_repeats_a_hidden_headline_is_found() -> None:
    pick = said("A girl told the court.", our_heading="A girl tells the court", heading_only=True)
    Pick.objects.filter(pk=pick.pk).update(headline="Lina Sample speaks")
    url = "https://news.example/2019/lina-sample-speaks"
    fresh = Pick.objects.get(pk=pick.pk)
    compose.edit(fresh, fresh.turn, None, NOW, links=[{"text": "Read", "url": url}])
    assert ("link-tells-headline", "warn") in rules(pick)


# --- the mail and the balance --------------------------------------------------------------------


def edition(*items: Item, **but: Any) -> Edition:
    given: dict[str, Any] = {"uid": "x", "newsletter": "The Letter", "title": "June 2019",
                             "subject": "What June brought", "preview": "A law and a handbook",
                             "sections": (Section("World", None, items),)}  # fmt: skip
    return Edition(**given | but)


def item(**but: Any) -> Item:
    return Item(
        **{"uid": "i", "kind": Kind.ARTICLE, "headline": "A law", "summary": "Words."} | but
    )


def test_a_mail_with_nothing_to_mend_has_no_findings() -> None:
    assert list(mail.mail(edition(item()), TODAY)) == []


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        (edition(item(), subject=None), "subject-missing"),
        (edition(item(), subject="READ THIS NOW!!!"), "subject-shouts"),
        (edition(item(), preview="what june brought"), "preview-repeats"),
        (edition(item(), preview="x" * 200), "preview-long"),
        (edition(item(summary="Many words. " * 9000)), "mail-too-large"),
        (edition(item(images=(Image(url="/pictures/a.jpg", credit="A", permission=Permission("own")),))),
         "mail-picture-without-alt"),
        (edition(item(summary="<b>Bold</b> words")), "plain-text-tags"),
    ],
)  # fmt: skip
def test_the_mail_is_looked_at_as_it_is_printed(given: Edition, rule: str) -> None:
    assert rule in [one.rule for one in mail.mail(given, TODAY)]


def test_an_issue_of_one_kind_is_told_of_itself() -> None:
    issue = make.issue(subject="June", preview="What June brought.")
    for _ in range(6):
        pick = said("A man was arrested.", issue=issue)
        Pick.objects.filter(pk=pick.pk).update(codes=["EV.ARR", "F.SEX"], places=["TH"])
    found = [f.rule for f in checking.check(issue, BEAT, TODAY).findings if f.kind == "balance"]
    assert {"balance-event", "balance-region", "balance-police"} <= set(found)
    Pick.objects.filter(issue=issue).update(codes=["EV.LAW"])
    found = [f.rule for f in checking.check(issue, BEAT, TODAY).findings if f.kind == "balance"]
    assert "balance-police" not in found


def test_a_published_issue_is_still_checked() -> None:
    pick = said("A law was passed.")
    Issue.objects.filter(pk=pick.issue_id).update(state="published", published=NOW)
    assert checking.check(pick.issue, BEAT, TODAY).checked
