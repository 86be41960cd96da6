"""What the desk's decisions teach, what can be set aside, and how much of its news the desk is shown."""

from datetime import UTC, datetime

import pytest

from broadsheet.news import decisions, intake, lessons
from broadsheet.news.models import Article, Look, Story
from broadsheet.wire import beat as beats
from broadsheet.wire import judge
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, tzinfo=UTC)
BEAT = beats.load()
FISH = "Fishing crew from {} tell of forced labour at sea"
MARRIAGE = "Study of marriage customs in {} questions forced labour figures"
PLACES = (
    "Thailand",
    "Taiwan",
    "Indonesia",
    "Vietnam",
    "Fiji",
    "Ghana",
    "Peru",
    "Ireland",
    "Norway",
    "Chile",
)


@pytest.fixture(autouse=True)
def _nothing_kept():
    lessons._kept.clear()


def decide(n: int = 10) -> None:
    for place in PLACES[:n]:
        for words, deed in ((FISH, decisions.take), (MARRIAGE, decisions.leave)):
            story = make.story(headline=words.format(place))
            Article.objects.filter(story=story).update(headline=words.format(place), text="")
            deed(story, None, NOW)


def score(words: str) -> float:
    return judge.judge(make.wire_article(headline=words, text=""), BEAT, lessons.model(BEAT)).score


def test_takes_and_leaves_shift_the_judge_for_this_desk_and_can_be_set_aside():
    fish, marriage = FISH.format("Kenya"), MARRIAGE.format("Kenya")
    before = score(fish) - score(marriage)
    decide()
    after = score(fish) - score(marriage)
    assert after > before
    lesson = lessons.write_down(BEAT, NOW)
    assert lesson.built_on == judge.load_model(BEAT).name
    assert any("taken" in words or "takes" in words for words in lesson.words)
    lessons.set_aside(lesson, make.editor(), NOW)
    assert score(fish) - score(marriage) == pytest.approx(before)
    assert Story.objects.filter(state="taken").count() == 10


def test_what_was_undone_teaches_nothing():
    decide(3)
    for story in Story.objects.all():
        decisions.undo(story, None, NOW)
    assert lessons.decisions() == []


def test_judging_a_month_again_leaves_what_was_decided_alone():
    decide()
    before = list(
        Article.objects.filter(story__state="taken").values_list("band", "score").order_by("pk")
    )
    loose = make.article(
        headline="Shares close higher in quiet trading", text="", band="relevant", score=0.99
    )
    moved = lessons.rejudge("2019-06", BEAT)
    loose.refresh_from_db()
    assert (loose.band, moved.get("off_beat")) == ("off_beat", 1)
    assert before == list(
        Article.objects.filter(story__state="taken").values_list("band", "score").order_by("pk")
    )


def test_the_second_look_is_the_same_sample_on_every_day_and_shrinks_as_it_is_looked_at():
    for _ in range(60):
        make.article(band="off_beat")
    first = lessons.sample("2019-06")
    assert lessons.sample("2019-06") == first
    assert len(first) == lessons.SAMPLE
    lessons.look(first[0], False, None, NOW)
    assert lessons.sample("2019-06") == first[1:]


def test_what_belongs_after_all_waits_in_the_unsure_band():
    article = make.article(band="off_beat", headline="Kept in a house for years")
    lessons.look(article, True, None, NOW)
    intake.regroup("2019-06", BEAT)
    assert Article.objects.get(pk=article.pk).story.band == "unsure"


def test_the_desks_own_recall_is_estimated_with_its_bounds():
    for _ in range(30):
        make.article(band="off_beat")
    make.story(state=Story.State.TAKEN, articles=9)
    assert "Nothing of what was filed" in lessons.shown("2019-06").words
    for at, article in enumerate(lessons.sample("2019-06", 10)):
        lessons.look(article, at == 0, None, NOW)
    told = lessons.shown("2019-06")
    assert (told.taken, told.filed, told.sampled, told.found) == (9, 30, 10, 1)
    assert told.recall.estimate == pytest.approx(0.75)
    assert told.recall.low < 0.75 < told.recall.high
    assert Look.objects.count() == 10
