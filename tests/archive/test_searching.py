"""What readers find, with which words and filters; the same on both databases."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from django.conf import settings

from broadsheet.issues import filing
from broadsheet.issues.models import Edition, Filed, Subject
from broadsheet.issues.searching import Found, Wish, search
from broadsheet.search import QueryError
from broadsheet.wire import beat as beats
from tests.archive.filed import NOW, edition, item

pytestmark = pytest.mark.django_db


def found(words: str = "", page: int = 1, **but: object) -> list[str]:
    return [row.heading for row in ask(words, page, **but).rows]


def ask(words: str = "", page: int = 1, **but: object) -> Found:
    return search(Wish(words, **but), beats.load(settings.BEAT), page)  # type: ignore[arg-type]


def test_an_item_is_found_by_words_of_its_headline_summary_source_and_caption() -> None:
    edition(
        item("Bank opens accounts", summary="For *survivors* without papers.", source="The Harbour Times",
             images=[{"caption": "The branch in Kowloon", "credit": "A. Photographer"}]),
        item("Court frees six"),
    )  # fmt: skip
    for words in (
        "bank",
        "survivor papers",
        "harbour",
        "kowloon photographer",
        '"opens accounts"',
        "accoun*",
    ):
        assert found(words) == ["Bank opens accounts"], words


def test_words_in_the_headline_come_before_words_in_the_text() -> None:
    edition(item("Something else", summary="A bank, once."), item("Bank opens accounts"))
    assert found("bank") == ["Bank opens accounts", "Something else"]


def test_chinese_is_found_by_any_run_of_its_characters() -> None:
    edition(item("警方打擊人口販運集團", summary="十二人被捕。"), item("銀行協助倖存者開戶"))
    assert found("人口販運") == ["警方打擊人口販運集團"]
    assert found("倖存者") == ["銀行協助倖存者開戶"]
    assert found("哪一間銀行幫助倖存者開戶口")[0] == "銀行協助倖存者開戶"


@pytest.mark.parametrize(
    ("wish", "heading"),
    [
        ({"place": "KH"}, "Placed"), ({"words": "place:Cambodia"}, "Placed"),
        ({"form": "SEX"}, "Coded"), ({"sector": "SEC.AVI"}, "Coded"),
        ({"source": "the harbour times"}, "Sourced"), ({"words": "source:harbour"}, "Sourced"),
        ({"kind": "resource"}, "A handbook"), ({"since": "2018", "until": "2018"}, "Dated"),
        ({"words": "date:2018-03..2018-04"}, "Dated"), ({"words": "date:2018-03-04"}, "Dated"),
        ({"kind": "issue"}, "Issue of 2019-06"), ({"words": "headline -invented kind:article -coded -sourced -placed"}, None),
    ],
)  # fmt: skip
def test_filters_narrow_as_they_say(wish: dict[str, str], heading: str | None) -> None:
    edition(
        item("Placed", places=["KH"]),
        item("Coded", codes=["SEX", "SEC.AVI"]),
        item("Sourced", source="The Harbour Times"),
        item("A handbook", kind="resource"),
        item("Dated", date="4 March 2018"),
    )
    assert found(**wish) == ([heading] if heading else [])  # type: ignore[arg-type]


def test_an_item_dated_by_its_month_is_in_the_month_and_not_on_a_day() -> None:
    edition(item("Of June", date="June 2018"))
    assert found("date:2018-06") == ["Of June"]
    assert found("date:2018-06-01..2018-06-15") == []


@pytest.mark.parametrize("words", ['"', "(", "x OR", "place:Nowhereland", "form:zzz", "date:1.2.3", "date:2019..2018",
                                   "kind:poem", "a" * 500, "nope:x", "date:0000", "-(", ")"])  # fmt: skip
def test_what_cannot_be_read_is_told(words: str) -> None:
    with pytest.raises(QueryError) as told:
        ask(words)
    assert str(told.value)


@pytest.mark.parametrize(
    "words", ["'; DROP TABLE x", "head:x'", "* ", "\x00bank", "NEAR(a b)", "a\\b", "🙂 bank", "%_"]
)
def test_ugly_searches_break_nothing(words: str) -> None:
    edition(item("Bank opens accounts"))
    with contextlib.suppress(QueryError):
        ask(words)
    assert found("bank") == ["Bank opens accounts"]


def test_where_nothing_has_all_words_what_has_most_is_shown_and_the_missing_are_named() -> None:
    edition(item("Bank opens accounts for survivors"), item("Court frees six"))
    came = ask("zebras bank survivors accounts")
    assert [row.heading for row in came.rows] == ["Bank opens accounts for survivors"]
    assert came.relaxed
    assert came.missing == ("zebras",)


def test_newest_first_is_by_when_the_issue_went_out() -> None:
    edition(item("Boats held, told late", date="3 May 2010"), month="2019-06")
    edition(item("Boats held"), month="2019-05", now=datetime(2019, 6, 1, tzinfo=UTC))
    assert found("boats", newest=True) == ["Boats held, told late", "Boats held"]


def test_a_past_issue_taken_in_later_is_filed_at_its_own_time() -> None:
    edition(item("Old boats"), month="2009-05")
    edition(item("New boats"), month="2019-06")
    assert found("boats", newest=True) == ["New boats", "Old boats"]


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    issue = edition(item("Boats held"), item("Bank opens accounts", places=["KH"]))
    kept = Edition.objects.get(issue=issue)
    content = {**kept.content, "version": 2}
    content["sections"][0]["items"] = [
        content["sections"][0]["items"][0] | {"headline": "Ships held"}
    ]
    filing.file(Edition.objects.create(issue=issue, version=2, content=content, published=NOW))
    assert found("boats OR accounts") == []
    assert found("ships") == ["Ships held"]
    assert not Subject.objects.filter(axis="place", value="KH").exists()


def test_filing_anew_changes_nothing() -> None:
    edition(item("Boats held", places=["KH"]), item("Bank"))
    before = list(Filed.objects.order_by("pk").values_list("pk", "uid", "heading", "body", "day"))
    list(filing.rebuild())
    assert (
        list(Filed.objects.order_by("pk").values_list("pk", "uid", "heading", "body", "day"))
        == before
    )
    assert Subject.objects.get(axis="place").items == 1
    assert found("boats") == ["Boats held"]
