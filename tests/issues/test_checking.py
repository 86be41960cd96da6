"""What the checks of an issue find, and what they never say."""

from datetime import date

import pytest

from broadsheet.issues import checking, compose
from broadsheet.issues.models import Issue, Pick
from broadsheet.library.models import Tier
from broadsheet.news.models import Article
from broadsheet.wire import beat as beats
from broadsheet.wire.wording import Severity
from tests import make

pytestmark = pytest.mark.django_db
TODAY = date(2019, 7, 1)
BEAT = beats.load()
JUNE = {"value": "2019-06-21", "precision": "day", "basis": "typed", "raw": "21 June 2019", "offset": None}  # fmt: skip


def item(issue: Issue | None = None, text: str = "Police found 27 people in Lower Wealdon.", **but):
    """An item in an issue with the story and the article that it was made from."""
    issue = issue or make.issue(subject="June 2019", preview="What happened in June.")
    story = but.pop("story", None) or make.story(headline="Twenty-seven found at a farm")
    Article.objects.filter(story=story).update(text=text)
    url = story.articles.get(role="lead").url
    given = {
        "kind": Pick.Kind.ARTICLE,
        "headline": "Twenty-seven found at a farm",
        "source": "Outlet 0",
        "date": JUNE,
        "summary": "Police said that 27 people had been found.",
        "links": [{"text": "Read the article", "url": url}],
    } | but
    section = issue.sections.get(takes="world")
    return Pick.objects.create(
        issue=issue, section=section, position=section.picks.count(), story=story, **given
    )


def found(pick: Pick) -> list[tuple[str, str]]:
    report = checking.check(pick.issue, BEAT, TODAY)
    return [(one.rule, one.severity.value) for one in report.of(pick)]


def test_an_item_with_nothing_to_mend_has_no_findings() -> None:
    report = checking.check(item().issue, BEAT, TODAY)
    assert report.findings == ()
    assert not report.blocks


def test_a_report_never_says_that_an_issue_is_safe() -> None:
    report = checking.check(item().issue, BEAT, TODAY)
    assert "safe" not in str(report).lower()
    assert "a person reads the issue and decides" in str(report)
    assert report.unchecked
    assert not any("safe" in words.lower() for words in (*report.checked, *report.unchecked))


def test_a_finding_says_where_it_stands_why_and_how_to_mend_it() -> None:
    pick = item(summary="Police rescued 27 people.")
    (one,) = checking.check(pick.issue, BEAT, TODAY).findings
    assert (one.rule, one.where.pick, one.where.field) == ("B03", pick.uid, "summary")
    assert one.where.section == pick.section_id
    assert pick.summary[one.start : one.end] == one.matched == "rescued"
    assert one.why
    assert one.use


def test_an_outlets_headline_is_quieter_than_our_heading() -> None:
    quoted = item(headline="Police rescue 27 people", summary="")
    assert found(quoted) == [("B03", "hint")]
    quoted.our_heading = "Police rescue 27 people"
    quoted.save()
    assert ("B03", "warn") in found(quoted)


def test_the_subject_line_is_louder() -> None:
    issue = make.issue(subject="Police rescued 27 people", preview="In June.")
    (one,) = checking.check(issue, BEAT, TODAY).findings
    assert (one.rule, one.severity, one.where.field) == ("B03", Severity.ERROR, "subject")


def test_intros_notes_captions_and_links_are_read_too() -> None:
    issue = make.issue(subject="June", preview="June.")
    issue.sections.filter(takes="world").update(intro="A voice for the voiceless.")
    pick = item(
        issue,
        note="Illegal immigrants.",
        links=[{"text": "The pimp's story", "url": "https://news.example/a"}],
        images=[{"alt": "A maid", "caption": "Hookers", "credit": "X", "permission": None}],
    )
    fields = {(f.rule, f.where.field) for f in checking.check(issue, BEAT, TODAY).findings}
    assert {("B05", "intro"), ("D01", "note"), ("C05", "links"), ("E01", "images"), ("C02", "images")} <= fields  # fmt: skip
    assert pick.uid


def test_a_star_may_have_its_note_among_the_footnotes() -> None:
    starred = {
        "text": "Siti was there. Police found 27 people.",
        "summary": "Siti* told the story.",
    }
    assert found(item(**starred)) == [("K05", "warn")]
    other = make.issue("2019-07", subject="July", preview="July.")
    assert found(item(other, footnotes=["* Names have been changed."], **starred)) == []


def test_a_footnote_without_a_star_is_found() -> None:
    assert found(item(footnotes=["* Names have been changed."])) == [("K10", "warn")]


@pytest.mark.parametrize(
    ("summary", "rules"),
    [
        ("Police said that twenty-seven people had been found.", []),
        ("Police said that 28 people had been found.", ["number-not-in-article"]),
        ("Police in [Lower Wealdon](https://x.example/2031) found them.", []),
        ("Police in Upper Wealdon found them.", ["name-not-in-article"]),
        ("It was reported by Outlet 0 that 27 were found.", []),
    ],
)
def test_numbers_and_names_of_a_summary_stand_in_its_article(
    summary: str, rules: list[str]
) -> None:
    assert [rule for rule, _ in found(item(summary=summary))] == rules


def test_where_the_article_is_not_kept_the_report_says_so() -> None:
    pick = item(text="", summary="Police found 99 people.")
    report = checking.check(pick.issue, BEAT, TODAY)
    assert report.findings == ()
    assert any("whose text is not kept" in words for words in report.unchecked)


def test_date_and_outlet_are_those_of_the_article() -> None:
    pick = item(date=JUNE | {"value": "2019-06-12"}, source="The Elsewhere")
    assert found(pick) == [("date-not-of-article", "warn"), ("source-not-of-story", "hint")]
    pick.date = JUNE | {"value": "2019-06", "precision": "month"}
    pick.source = "Outlet 0"
    pick.save()
    assert found(pick) == []


def test_links_without_form_or_with_trackers_are_found() -> None:
    links = [
        {"text": "one", "url": "https://news.example/a?utm_source=x&id=2"},
        {"text": "two", "url": "news.example/b"},
        {"text": "three", "url": None},
    ]
    pick = item(links=links)
    report = checking.check(pick.issue, BEAT, TODAY)
    assert found(pick) == [("link-form", "error"), ("link-tracker", "warn")]
    (tracker,) = (f for f in report.findings if f.rule == "link-tracker")
    assert "utm_source" in tracker.why
    assert tracker.use == ("https://news.example/a?id=2",)
    assert tracker.where.number == 0


def test_an_item_without_any_link_is_found() -> None:
    assert found(item(links=[{"text": "Read", "url": None}])) == [("link-missing", "warn")]


def test_a_paywalled_link_names_the_free_copy() -> None:
    story = make.story(articles=2)
    story.articles.filter(role="lead").update(paywalled=True)
    pick = item(story=story)
    (one,) = checking.check(pick.issue, BEAT, TODAY).findings
    assert one.rule == "link-paywalled"
    assert one.use == (story.articles.get(role="report").url,)


def test_a_link_that_an_earlier_issue_had_is_found() -> None:
    before = make.issue("2019-05", title="May 2019")
    old = item(before)
    Issue.objects.filter(pk=before.pk).update(state="published", published="2019-06-01T00:00Z")
    links = [{"text": "Read", "url": old.links[0]["url"] + "?utm_medium=mail"}]
    now = item(make.issue(subject="June", preview="June."), links=links)
    report = checking.check(now.issue, BEAT, TODAY)
    (one,) = (f for f in report.findings if f.rule == "link-repeated")
    assert "May 2019" in one.why


@pytest.mark.parametrize(
    ("but", "rules"),
    [
        ({}, []),
        ({"permission": None}, [("picture-not-permitted", "warn")]),
        ({"permission": {"basis": "letter", "until": "2019-06-30"}}, [("picture-permission-ended", "error")]),
        ({"permission": {"basis": "letter", "until": "2019-07-01"}}, []),
        ({"alt": ""}, [("picture-without-alt", "error")]),
        ({"alt": "", "permission": None}, [("picture-not-permitted", "warn"), ("picture-without-alt", "warn")]),
        ({"alt": "x" * 126}, [("picture-alt-long", "hint")]),
        ({"credit": " "}, [("picture-without-credit", "error")]),
    ],
)  # fmt: skip
def test_a_picture_wants_permission_description_and_credit(but, rules) -> None:
    image = {"url": "https://news.example/a.jpg", "alt": "A pier", "caption": "A pier", "credit": "A. N.",
             "licence": None, "permission": {"basis": "own picture", "until": None}}  # fmt: skip
    assert found(item(images=[image | but])) == rules


def test_a_tier_is_held_against_the_table() -> None:
    Tier.objects.create(
        iso3="HKG",
        country="Hong Kong",
        year=2019,
        tier="2",
        status="two_sources",
        source="a reprint",
    )
    text = "Hong Kong was placed on Tier 3 in the Trafficking in Persons Report 2019. Tier 2."
    right = "Hong Kong was placed on Tier 2 in the Trafficking in Persons Report 2019."
    wrong = "Hong Kong was placed on Tier 3 in the Trafficking in Persons Report 2019."
    pick = item(summary=right, text=text)
    assert found(pick) == []
    pick.summary = wrong
    pick.save()
    (one,) = checking.check(pick.issue, BEAT, TODAY).findings
    assert (one.rule, one.severity) == ("tier-wrong", Severity.ERROR)
    assert "Tier 2 for HKG in 2019" in one.why
    pick.summary = wrong.replace("2019", "2031")
    pick.save()
    assert ("tier-unknown", "hint") in found(pick)


def test_a_language_without_rules_is_said_and_the_rest_is_checked() -> None:
    issue = make.issue(newsletter=make.newsletter(name="Letter", language="zh-Hant"), preview="x")
    pick = item(issue, links=[{"text": "x", "url": None}], summary="Police rescued 27 people.")
    report = checking.check(issue, BEAT, TODAY)
    assert [f.rule for f in report.of(pick)] == ["link-missing"]
    assert any("no rules for the language zh-Hant" in words for words in report.unchecked)
    assert not any("wording" in words for words in report.checked)


def test_errors_block_and_come_first_within_an_item() -> None:
    pick = item(
        summary="Police rescued a sex slave. The the end.", links=[{"text": "x", "url": "y"}]
    )
    report = checking.check(pick.issue, BEAT, TODAY)
    order = [f.severity for f in report.of(pick)]
    assert order == sorted(order, key=[Severity.ERROR, Severity.WARN, Severity.HINT].index)
    assert report.blocks
    assert str(report).startswith("2 to mend, 2 to look at")


def test_the_queries_do_not_grow_with_the_items(django_assert_num_queries) -> None:
    issue = make.issue()
    for _ in range(6):
        item(issue)
    with django_assert_num_queries(10):
        checking.check(issue, BEAT, TODAY)


def test_an_empty_item_of_our_own_is_no_trouble() -> None:
    issue = make.issue(subject="June", preview="June.")
    compose.write(issue.sections.get(takes="highlights"), None, "2019-07-01T00:00Z")
    rules = [f.rule for f in checking.check(issue, BEAT, TODAY).findings]
    assert rules == []
