"""The whole line: nothing is lost on it."""

from __future__ import annotations

from datetime import UTC, datetime

from broadsheet.wire import beat, line
from broadsheet.wire.errors import ReadError
from broadsheet.wire.model import Article, Band, Page
from tests import make

BEAT = beat.load()
NOW = datetime(2019, 6, 30, tzinfo=UTC)


def read(page: Page, _: object) -> Article:
    if b"broken" in page.body:
        raise ReadError("The page has no headline or no text", at=page.url)
    return make.wire_article(url=page.url, headline=page.body.decode())


PAGES = [
    Page("https://a.example/1", b"Nine people trafficked into forced labour found on fishing boat"),
    Page("https://a.example/2", b"broken"),
    Page("https://b.example/3", b"Mayor opens new swimming pool in Oldtown"),
    Page(
        "https://b.example/4", b"Nine people trafficked into forced labour found on a fishing boat"
    ),
]


def test_pages_in_are_articles_and_failures():
    out = line.run(iter(PAGES), BEAT, NOW, read=read)
    assert out.pages == 4 == len(out.articles) + len(out.failures)
    assert [f.url for f in out.failures] == ["https://a.example/2"]


def test_every_article_keeps_its_band_and_only_what_is_off_the_beat_stands_in_no_story():
    out = line.run(PAGES, BEAT, NOW, read=read)
    off = [a for a in out.articles if out.band(a) is Band.OFF_BEAT]
    assert [a.headline for a in off] == ["Mayor opens new swimming pool in Oldtown"]
    assert {m.article.key for m in out.members} == {a.key for a in out.articles} - {off[0].key}


def test_articles_may_come_instead_of_pages_and_each_story_has_a_summary():
    articles = [make.wire_article(headline=p.body.decode()) for p in PAGES]
    out = line.run(articles, BEAT, NOW)
    assert set(out.summaries) == {r.story for r in out.stories}


def test_progress_is_told_by_stage():
    told = []
    line.run(PAGES, BEAT, NOW, read=read, progress=lambda stage, done: told.append(stage))
    assert list(dict.fromkeys(told)) == ["read", "judge", "tag", "group", "summarise"]
