"""Taking in: the same things twice change nothing, changed things are kept twice, nothing is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.news import decisions, intake
from broadsheet.news.intake import Read
from broadsheet.news.models import Article, Decision, Failure, Feed, Revision, Source, Story
from broadsheet.wire import beat as beats
from broadsheet.wire import dates
from broadsheet.wire import model as wire
from broadsheet.wire.model import Band, Tags, Verdict
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 6, 30, 12, tzinfo=UTC)
BEAT = beats.load()


def read(band: Band = Band.RELEVANT, **but) -> Read:
    return Read(make.wire_article(**but), Verdict(band, 0.9), Tags())


def take(*read_ones: Read, now: datetime = NOW) -> intake.Taken:
    *_, taken = intake.take_in(read_ones, now)
    return taken


def everything() -> str:
    rows = [
        list(model.objects.order_by("pk").values()) for model in (Article, Story, Revision, Source)
    ]
    return json.dumps(rows, default=str, sort_keys=True)


def raid(n: int, outlet: str, day: str = "2019-06-21", **but) -> Read:
    return read(
        headline="Police free forty people from forced labour at Testville brick kiln",
        text=f"Police in Testville freed forty people from forced labour at a brick kiln. Report {n}.",
        source=outlet,
        published=dates.typed(day),
        **but,
    )


def test_the_same_month_twice_changes_nothing():
    ones = [raid(n, f"Outlet {n}") for n in range(3)] + [read(Band.OFF_BEAT)]
    take(*ones)
    intake.regroup("2019-06", BEAT)
    before = everything()
    again = take(*ones, now=datetime(2019, 7, 9, tzinfo=UTC))
    intake.regroup("2019-06", BEAT)
    assert (again.new, again.revised, again.known) == (0, 0, 4)
    assert everything() == before


def test_what_an_outlet_changed_becomes_a_revision_and_the_old_words_are_kept():
    take(read(url="https://n.example/1", headline="Forty freed", text="Forty people were freed."))
    taken = take(
        read(
            url="https://n.example/1",
            headline="Forty-two freed",
            text="Now forty-two people were freed.",
        )
    )
    assert taken.revised == 1
    assert Article.objects.get().headline == "Forty-two freed"
    assert Revision.objects.get().text == "Forty people were freed."


def test_a_feeds_excerpt_does_not_replace_what_was_read_in_full():
    whole = "Forty people were freed. " * 20
    take(read(url="https://n.example/1", headline="Forty freed", text=whole))
    take(read(url="https://n.example/1", headline="Forty freed", text="Forty people were freed."))
    assert Article.objects.get().text == whole


def test_an_article_without_an_address_is_known_by_source_headline_and_date():
    def row(**but):
        return read(url=None, headline="A headline", source="The Wire", **but)

    take(row(), row(), row(published=dates.typed("2019-06-22")))
    assert Article.objects.count() == 2


@pytest.mark.parametrize(
    ("published", "month", "dated"),
    [
        ("2019-05-31", "2019-05", True),
        ("2019-05", "2019-05", True),
        ("2019", "2019-06", False),
        (None, "2019-06", False),
        ("2031-01-01", "2019-06", False),
    ],
)
def test_a_month_is_told_by_the_date_or_by_when_it_was_first_seen_and_marked(
    published, month, dated
):
    take(read(published=dates.typed(published) if published else None))
    kept = Article.objects.get()
    assert (kept.month, kept.dated) == (month, dated)


def test_a_month_is_a_month_in_the_desks_time_zone():
    take(read(published=dates.iso("2019-05-31T20:00:00+00:00")))  # the 1st of June in Hong Kong
    assert Article.objects.get().month == "2019-06"


def test_reports_of_one_event_are_one_story_and_off_beat_articles_are_in_none():
    take(raid(1, "A"), raid(2, "B"), read(Band.OFF_BEAT, headline="Shares rise"))
    intake.regroup("2019-06", BEAT)
    story = Story.objects.get()
    assert story.articles.count() == 2
    assert story.articles.filter(role="lead").count() == 1
    assert Article.objects.get(headline="Shares rise").story is None


def test_what_an_editor_decided_on_never_changes_under_their_hands():
    take(raid(1, "A"))
    intake.regroup("2019-06", BEAT)
    taken = decisions.take(Story.objects.get(), None, NOW)
    before = list(taken.articles.values_list("key", flat=True))
    take(raid(2, "B", day="2019-06-20"), raid(3, "C", day="2019-06-19"))
    intake.regroup("2019-06", BEAT)
    taken.refresh_from_db()
    assert taken.state == Story.State.TAKEN
    assert set(before) <= set(taken.articles.values_list("key", flat=True))
    assert taken.articles.get(role="lead").key in before


def test_no_article_and_no_decision_is_lost_by_grouping_again():
    take(*(raid(n, f"Outlet {n}", day=f"2019-06-{n + 1:02}") for n in range(9)))
    intake.regroup("2019-06", BEAT)
    for story in Story.objects.all()[:3]:
        decisions.leave(story, None, NOW)
    count = Decision.objects.count()
    take(*(raid(n + 9, f"Outlet {n}", day=f"2019-06-{n + 1:02}") for n in range(9)))
    intake.regroup("2019-06", BEAT)
    assert Article.objects.exclude(story=None).count() == 18
    assert Decision.objects.count() == count


texts = st.text(max_size=80)


@settings(max_examples=25)
@given(headline=texts.filter(str.strip), text=texts, source=texts)
def test_whatever_an_outlet_prints_can_be_kept_and_read_back(headline, text, source):
    Article.objects.all().delete()
    take(read(url=None, headline=headline, text=text, source=source))
    kept = Article.objects.get()
    assert intake.value(kept).text == text.replace("\x00", "").encode("utf-8", "replace").decode()


def test_a_page_that_fails_again_is_counted_not_doubled():
    failure = wire.Failure("https://n.example/x", "read", "The page has no text")
    intake.fail([failure], NOW)
    intake.fail([failure], datetime(2019, 7, 1, tzinfo=UTC))
    kept = Failure.objects.get()
    assert (kept.times, kept.reason) == (2, "The page has no text")


def test_the_beats_sources_come_in_once_and_the_desk_then_wins():
    intake.seed(BEAT.sources)
    n = Source.objects.count()
    Source.objects.filter(name="South China Morning Post").update(note="ours", enabled=False)
    assert intake.seed(BEAT.sources) == 0
    assert Source.objects.count() == n
    assert Source.objects.get(name="South China Morning Post").note == "ours"
    assert Feed.objects.filter(enabled=True).exists()


def test_a_language_that_is_none_is_left_out():
    take(
        read(language="<script>alert(1)</script> and much more of that kind"),
        read(language="zh-Hant"),
    )
    assert sorted(Article.objects.values_list("language", flat=True)) == ["", "zh-Hant"]


def test_the_desk_says_which_outlet_leads_a_story():
    # Texts of their own: a copy never leads before the original, wherever it was printed.
    told = {
        "The Far Post": "Forty people left the brick kiln at Testville when police came, a ministry said.",
        "The Near Post": "Officers entered a kiln in Testville and found men and women made to work unpaid.",
        "The Favourite": "A union had warned for months of what went on behind the walls in Testville.",
    }
    headline = "Police free forty people from forced labour at Testville brick kiln"
    take(*(read(headline=headline, text=text, source=name) for name, text in told.items()))
    Source.objects.filter(name="The Near Post").update(region="Hong Kong")
    intake.regroup("2019-06", BEAT)
    assert Article.objects.get(role="lead").source.name == "The Near Post"
    Source.objects.filter(name="The Favourite").update(preference=1)
    intake.regroup("2019-06", BEAT)
    assert Article.objects.get(role="lead").source.name == "The Favourite"


def test_a_month_that_two_group_at_once_is_as_if_one_had_done_it_after_the_other(monkeypatch):
    """Both would found the same stories, and the second was refused by the database."""
    take(read(headline="Kiln owner arrested in Oldtown"), read(headline="Boat captain jailed"))
    ranked = intake.rank.rank
    between: list[intake.Regrouped] = []

    def slow(*args, **more):
        if not between:
            between.append(intake.Regrouped())
            take(read(headline="Tram to Newtown opens"))
            between[0] = intake.regroup("2019-06", BEAT)
        return ranked(*args, **more)

    monkeypatch.setattr(intake.rank, "rank", slow)
    second = intake.regroup("2019-06", BEAT)
    assert (between[0].new, second.new, second.stories) == (3, 0, 3)
    assert not Article.objects.filter(story=None).exists()
