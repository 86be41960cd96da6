"""The invented month is whole, says what it is, and can be built again."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from broadsheet import sample
from broadsheet.sample import build
from broadsheet.wire import beat as beats
from broadsheet.wire.edition import Edition, Kind


def test_every_page_says_that_it_is_invented() -> None:
    for page in sample.pages():
        assert sample.NOTICE.encode("ascii") in page.body, page.url


def test_every_feed_says_that_it_is_invented() -> None:
    for source in sample.sources():
        assert sample.NOTICE.encode("ascii") in (sample.fetch(source.feed) or b""), source.feed


def test_a_month_is_some_sixty_pages_of_a_dozen_outlets() -> None:
    pages = list(sample.pages())
    assert len(pages) >= 60
    assert len({urlsplit(page.url).hostname for page in pages}) >= 12


def test_all_addresses_are_made_up() -> None:
    for answer in sample.answers():
        for address in re.findall(rb"https?://([^/\s\"'<>)]+)", answer.body):
            known = address.endswith(b".example") or address in _FORMATS
            assert known, f"{answer.url} names {address.decode()}"


# Addresses that name a format or a licence, which nobody opens
_FORMATS = {
    b"schema.org",
    b"ogp.me",
    b"www.w3.org",
    b"purl.org",
    b"www.sitemaps.org",
    b"www.google.com",
    b"jsonfeed.org",
    b"creativecommons.org",
}


def test_every_address_in_a_feed_that_works_is_answered() -> None:
    listed = re.compile(rb"https://[^\s\"<>]+")
    for source in sample.sources():
        if source.broken:
            continue
        found = {
            address.decode().replace("&amp;", "&")
            for address in listed.findall(sample.fetch(source.feed) or b"")
            if b".example/" in address
        }
        assert len(found) > 1
        assert [url for url in sorted(found) if sample.answer(url) is None] == []


def test_every_picture_on_a_page_is_answered_as_a_png() -> None:
    seen = 0
    for page in sample.pages():
        for address in re.findall(rb'<img src="([^"]+)"', page.body):
            home = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
            url = address.decode()
            body = sample.fetch(home + url if url.startswith("/") else url)
            assert body is not None, url
            assert body.startswith(b"\x89PNG"), url
            seen += 1
    assert seen >= 15


def test_an_address_that_nobody_has_gives_nothing() -> None:
    assert sample.fetch("https://www.harbourcourier.example/nothing") is None


def test_a_fragment_does_not_change_the_page() -> None:
    page = next(sample.pages())
    assert sample.fetch(page.url + "#comments") == page.body


def test_the_feeds_go_wrong_in_three_ways() -> None:
    broken = {source.broken for source in sample.sources()}
    assert broken == {None, "cut_short", "empty", "html"}


def test_two_items_of_one_feed_share_their_identifier() -> None:
    atom = sample.fetch("https://kowloonledger.example/feed/atom.xml") or b""
    identifiers = re.findall(rb"<entry>.*?<id>(.*?)</id>", atom, re.DOTALL)
    assert len(identifiers) == len(set(identifiers)) + 1


def test_each_near_miss_of_the_taxonomy_has_its_article() -> None:
    told = {about for about, _ in build.labels().values()}
    assert {code.code for code in beats.load().taxonomy.near_miss} <= told


def test_the_labels_name_pages_that_are_there() -> None:
    assert set(build.labels()) < {page.url for page in sample.pages()}


def test_four_resources_for_one_sector() -> None:
    found = sample.resources(beats.load())
    assert len(found) == 4
    assert set.intersection(*(set(resource.sectors) for resource in found))


def test_the_stories_give_the_files_that_are_kept(tmp_path: Path) -> None:
    """Pictures are compared by name only: how hard zlib packs differs from one build of it to another."""
    build.main(tmp_path)
    made = {
        path.relative_to(tmp_path): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file()
    }
    kept = sample.folder()
    assert set(made) == {path.relative_to(kept) for path in kept.rglob("*") if path.is_file()}
    for name, body in made.items():
        if name.suffix != ".png":
            assert (kept / name).read_bytes() == body, (
                f"{name}: run python -m broadsheet.sample.build"
            )


def test_the_sample_stays_small() -> None:
    folder = sample.folder().parent
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 1_500_000


@pytest.mark.parametrize("slug", ["survivor-adviser-what-helped", "truck-drivers-course"])
def test_one_page_has_no_date_and_one_has_a_date_to_come(slug: str) -> None:
    (page,) = [page for page in sample.pages() if slug in page.url]
    assert (b"2027-01-15" in page.body) is (slug == "truck-drivers-course")
    assert b"2026" not in page.body


def test_the_finished_issue_is_one_that_the_press_takes() -> None:
    given = json.loads((sample.folder().parent / "issue.json").read_text(encoding="utf-8"))
    issue = Edition.from_json(given)
    assert Edition.from_json(json.loads(json.dumps(issue.to_json()))) == issue
    assert not issue.extra
    assert issue.sample
    assert {item.kind for item in issue.items()} == {"highlight", "article", "resource"}


def test_every_article_of_the_finished_issue_stands_in_the_month() -> None:
    given = json.loads((sample.folder().parent / "issue.json").read_text(encoding="utf-8"))
    for item in Edition.from_json(given).items():
        for link in item.links if item.kind is Kind.ARTICLE else ():
            page = html.unescape((sample.fetch(link.url or "") or b"").decode())
            assert item.headline in page, link.url
