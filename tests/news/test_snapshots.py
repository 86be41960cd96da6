"""Kept pages: what was picked can be looked up after its page died; of the rest little stays."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from fastwarc.warc import ArchiveIterator

from broadsheet.issues import compose, remarks
from broadsheet.news import pasting, snapshots
from broadsheet.news.models import Article, Paste
from broadsheet.wire.collect.fetcher import Fetched
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
BODY = "<html><title>頭條</title><p>A text.</p></html>".encode()


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.HOME = tmp_path
    return tmp_path


def came(body: bytes = BODY, now: datetime = NOW) -> Fetched:
    url = "https://paper.example/1"
    headers = {"content-type": "text/html; charset=utf-8", "set-cookie": "who=you"}
    return Fetched(url, url, 200, headers, body, now)


def test_a_kept_page_comes_back_byte_for_byte_and_is_a_valid_warc(home):
    kept = snapshots.keep(make.article(), came())
    assert snapshots.page(kept) == BODY
    path = home / "snapshots" / kept.file
    with path.open("rb") as file:
        seen = []
        for record in ArchiveIterator(file, parse_http=False):
            assert record.verify_block_digest()
            seen.append(record.headers["WARC-Target-URI"])
    assert seen == ["https://paper.example/1"]
    assert b"who=you" not in gzip.decompress(path.read_bytes())


def test_keeping_again_replaces_the_page_and_leaves_one_file(home):
    article = make.article()
    snapshots.keep(article, came())
    kept = snapshots.keep(article, came(b"<p>changed</p>", NOW + timedelta(days=40)))
    assert snapshots.page(kept) == b"<p>changed</p>"
    assert len(list(home.rglob("*.warc.gz"))) == 1


@pytest.mark.parametrize("harm", [lambda p: p.write_bytes(b"nonsense"), lambda p: p.unlink()])
def test_a_file_that_is_gone_or_was_changed_is_not_taken_for_the_page(home, harm):
    kept = snapshots.keep(make.article(), came())
    harm(home / "snapshots" / kept.file)
    assert snapshots.page(kept) is None


def test_only_leads_of_picked_stories_are_wanted():
    story = make.story(articles=2)
    make.story()
    compose.pick(story, make.issue().sections.get(takes="world"), None, NOW)
    (wanted,) = snapshots.wanted()
    assert wanted == story.articles.get(role="lead")
    snapshots.keep(wanted, came())
    assert snapshots.wanted() == []


def test_texts_that_nobody_picked_are_let_go_after_a_time_and_the_rest_stays():
    picked, old, new = make.story(), make.article(), make.article()
    compose.pick(picked, make.issue().sections.get(takes="world"), None, NOW)
    Article.objects.filter(pk=new.pk).update(first_seen=NOW)
    before = old.revisions.create(headline="As it was", text="As it was told.", replaced=NOW)
    assert snapshots.forget(NOW + timedelta(days=1)) == 1
    old.refresh_from_db()
    assert (old.text, old.headline != "") == ("", True)
    before.refresh_from_db()
    assert (before.text, before.headline) == ("", "As it was")
    assert picked.articles.get().text


def test_words_around_pasted_links_and_words_never_kept_are_let_go_after_a_month():
    editor, issue = make.editor(), make.issue()
    done = pasting.begin("Look, Ada says", editor, NOW)
    waits = pasting.begin("Ada: https://news.example/9", editor, NOW)
    remarks.hold(editor, issue, "/desk/picks/1/", [["summary", "Half a"]], NOW)
    later = NOW + timedelta(days=31)
    assert (pasting.forget(NOW), remarks.forget(NOW)) == (0, 0)
    assert (pasting.forget(later), remarks.forget(later)) == (1, 1)
    assert list(Paste.objects.all()) == [waits] != [done]
