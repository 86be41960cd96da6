"""What a search of the inbox finds."""

from __future__ import annotations

from datetime import date

import pytest

from broadsheet.news import finding
from broadsheet.news.models import Article, Decision, Story
from broadsheet.people.models import Editor
from broadsheet.search import QueryError, index
from broadsheet.wire import beat as beats
from tests import make

pytestmark = pytest.mark.django_db
PLACES = {"cambodia": ["KH"], "kh": ["KH"], "cn": ["CN"], "china": ["CN"]}


def desk(editor: Editor | None = None) -> finding.Desk:
    return finding.Desk(
        beats.load(), date(2019, 6, 26), editor, lambda name: PLACES.get(name.lower(), [])
    )


def found(query: str, month: str = "2019-06", editor: Editor | None = None) -> list[str]:
    stories = finding.stories(query, desk(editor), month)
    return sorted(stories.values_list("headline", flat=True))


def story(headline: str, **but: object) -> Story:
    made: Story = make.story(**{"headline": headline, "sort_date": "2019-06-21T00:00"} | but)
    return made


def test_words_are_found_in_any_article_of_a_story_and_in_its_month() -> None:
    story("Boats held")
    other = story("Farm raided", articles=2)
    finding.put([_said(other.articles.get(role="report"), "nine boats nearby")])
    story("Boats of May", month="2019-05")
    assert found("boats") == ["Boats held", "Farm raided"]
    assert found("boats", "") == ["Boats held", "Boats of May", "Farm raided"]
    assert found("boats -farm") == ["Boats held"]
    assert found("held OR raided") == ["Boats held", "Farm raided"]
    assert found('"nine boats"') == ["Farm raided"]
    assert len(found("")) == 2


def test_common_words_find_the_same_stories_as_rare_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    story("Boats held")
    other = story("Farm raided", articles=2)
    finding.put([_said(other.articles.get(role="report"), "nine boats nearby")])
    story("Boats of May", month="2019-05")
    story("Gone boats", state="gone")
    queries = (
        "boats",
        "nine boats",
        '"boats held"',
        "boat*",
        "boats -farm",
        "boats is:new",
        "absent",
    )
    rare = [found(query, "") for query in queries]
    monkeypatch.setattr(index, "COMMON", 1)
    assert [found(query, "") for query in queries] == rare
    assert rare[0] == ["Boats held", "Boats of May", "Farm raided"]


def _said(article: Article, text: str) -> Article:
    article.text = text
    article.save()
    return article


def test_filters_ask_for_what_they_name() -> None:
    ada = make.editor(name="Ada")
    boats = story("Boats", places=["KH"], band="unsure", note="ask", claimed_by=ada)
    boats.articles.update(source=make.source("The Harbour Post"), paywalled=True)
    form = beats.load().taxonomy.axes["form"][0]
    boats.articles.update(codes={"form": [form.code]})
    farm = story("Farm", places=["CN"], state="taken", sort_date="2019-06-18T00:00")
    Decision.objects.create(story=farm, editor=ada, action="take", before="new",
                            at="2019-06-30T00:00Z")  # fmt: skip
    for query in ("place:KH", "place:cambodia", "source:harbour", 'source:"The Harbour Post"',
                  f"form:{form.code}", f'form:"{form.label}"', "band:unsure", "is:new", "is:claimed",
                  "is:noted", "is:paywalled", "-is:taken", "-place:CN", "date:2019-06-21",
                  "date:2019-06-19..2019-06-21", "date:2019-06-20..", "is:mine",
                  "(place:KH OR place:CN) -is:taken"):  # fmt: skip
        assert found(query, editor=ada) == ["Boats"], query
    for query in (
        "is:taken",
        "date:..2019-06-18",
        "band:relevant",
        "place:china",
        "date:last-week -boats",
    ):
        assert found(query, editor=ada) == ["Farm"], query
    for query in ("by:ada", "by:me", "date:2019-06", "date:2019", "date:last-week"):
        assert found(query, editor=ada) == ["Boats", "Farm"], query
    assert found("date:this-week") == []


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("source:nobody", "No source is called “nobody”. (source: at character 1)"),
        ("a place:atlantis", "No place is called “atlantis”"),
        ("form:zzz", "There is no “zzz” among:"),
        ("band:good", "There is no band “good”: relevant, unsure or off-beat."),
        ("is:nice", "“is:nice” says nothing"),
        ("by:nobody", "No editor is called “nobody”."),
        ("date:2019-13", "“2019-13” is no date"),
        ("date:soon", "“soon” is no date"),
        ("date:2019-06..2019-05", "ends before it begins"),
    ],
)
def test_a_value_that_nobody_knows_is_said(query: str, says: str) -> None:
    with pytest.raises(QueryError, match="character") as told:
        found(query)
    assert says in str(told.value)


def test_articles_without_a_story_are_found_by_what_they_have() -> None:
    make.article(band="off_beat", headline="A football match")
    other = make.article(band="off_beat", headline="A concert", dated=False)
    every = Article.objects.filter(story=None)

    def off(query: str) -> list[str]:
        return sorted(
            finding.articles(query, desk(), every, "2019-06").values_list("headline", flat=True)
        )

    assert off("football") == ["A football match"]
    assert off("-football") == ["A concert"]
    assert off("is:undated") == [other.headline]
    assert off("band:off-beat date:2019-06") == ["A concert", "A football match"]
    assert off("place:KH") == []
    assert off("is:taken") == []
