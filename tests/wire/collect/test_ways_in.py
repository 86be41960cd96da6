"""OPML, watched pages, saved pages, and the late start."""

from __future__ import annotations

import gzip
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.collect import backfill, discover, folders, opml, watch
from broadsheet.wire.collect.opml import Outline
from broadsheet.wire.errors import CollectError
from broadsheet.wire.model import Failure, Page
from tests.wire.collect.site import Answer

# --- OPML -----------------------------------------------------------------------------------------

names = (
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
)


@given(
    st.lists(
        st.builds(
            Outline,
            url=st.integers(0, 99).map(lambda n: f"https://n{n}.example/rss?a=1&b={n}"),
            title=names,
            home=st.sampled_from([None, "https://n.example/"]),
            groups=st.lists(names, max_size=2).map(tuple),
        ),
        max_size=6,
        unique_by=lambda one: one.url,
    )
)
def test_a_list_of_feeds_comes_back_as_it_went_out(outlines):
    back, notes = opml.read(opml.write(outlines))
    assert sorted(back, key=lambda one: one.url) == sorted(outlines, key=lambda one: one.url)
    assert notes == []


def test_lists_of_other_readers_are_read_with_doubles_and_mistakes_left_out():
    body = b"""<?xml version="1.0"?><opml version="1.0"><head/><body>
    <outline text="Asia"><outline text="One &amp; all" type="rss" xmlUrl="https://one.example/rss" htmlUrl="https://one.example/"/>
    <outline text="Deep"><outline title="Two" XMLURL="https://two.example/rss"/></outline></outline>
    <outline text="Again" xmlUrl="https://one.example/rss"/>
    <outline text="Local" xmlUrl="file:///etc/passwd"/><outline text="Broken"></body>"""
    feeds, notes = opml.read(body)
    assert feeds == [
        Outline("https://one.example/rss", "One & all", "https://one.example/", ("Asia",)),
        Outline("https://two.example/rss", "Two", None, ("Asia", "Deep")),
    ]
    assert len(notes) == 1
    assert "file:///etc/passwd" in notes[0]


def test_what_is_no_list_of_feeds_is_a_clear_failure():
    with pytest.raises(CollectError, match="no list of feeds"):
        opml.read(b"<html></html>")


# --- watched pages --------------------------------------------------------------------------------

PAGE = b"""<html><head><base href="https://ngo.example/"></head><body>
<nav><a href="/about">About</a></nav>
<ul class="news"><li><time datetime="2026-03-02T08:00+07:00">2 March</time>
<h3><a href="news/1?utm_source=x">Kilns <b>inspected</b></a></h3><p>Forty kilns.</p></li>
<li><a href="news/2"><h3>Hotel staff trained</h3></a><time>21 June 2019</time></li>
<li><h3>No link here</h3></li><li><a href="news/1">again</a></li></ul></body></html>"""


@pytest.mark.parametrize("selector", ["ul.news li", ".news h3"])
def test_a_watched_page_gives_its_links_with_headlines(selector):
    one, two = watch.entries(PAGE, "https://www.ngo.example/news", selector)
    assert (one.url, one.headline) == ("https://ngo.example/news/1", "Kilns inspected")
    assert (two.url, two.headline) == ("https://ngo.example/news/2", "Hotel staff trained")


def test_a_watched_page_gives_dates_only_where_they_stand():
    one, two = watch.entries(PAGE, "https://ngo.example/", "li")
    assert (one.published.value, one.published.offset) == ("2026-03-02T08:00", "+07:00")
    assert two.published.value == "2019-06-21"
    assert one.text == "2 March\nForty kilns."


@pytest.mark.parametrize(("selector", "reason"), [("li[", "not_a_feed"), (".gone a", "empty")])
def test_a_selector_that_is_none_or_finds_nothing_is_told(selector, reason):
    with pytest.raises(CollectError) as caught:
        watch.entries(PAGE, "https://ngo.example/", selector)
    assert caught.value.reason == reason


def test_a_watched_page_is_visited_like_a_feed(site, fetcher):
    site.routes["/news"] = Answer(PAGE)
    first = watch.visit(fetcher, site.url("/news"), ".news h3")
    assert (first.kind, len(first.entries)) == ("page", 2)
    again = watch.visit(fetcher, site.url("/news"), ".news h3", known_hash=first.hash)
    assert again.unchanged == "same"
    assert watch.visit(fetcher, site.url("/none"), "a").problem.reason == "not_found"


# --- saved pages ----------------------------------------------------------------------------------


def test_a_folder_of_saved_pages_is_read_with_the_addresses_they_state(tmp_path):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "1.html").write_bytes(
        b"<link href='https://n.example/1?x=1&amp;y=2' rel='canonical'>"
    )
    (tmp_path / "2.htm").write_bytes(b"<meta property=og:url content=https://n.example/2>")
    (deep / "3.html").write_bytes(b"<!-- saved from url=(0021)https://n.example/3 --><p>x")
    (deep / "4.html.gz").write_bytes(gzip.compress(b"<p>no address</p>"))
    (deep / "5.html").write_bytes(b"")
    (deep / "notes.txt").write_text("not a page")
    (tmp_path / "6.html").write_bytes(
        b"<link rel=canonical href=https://n.example/><meta property='og:url' content='https://n.example/6'>"
    )
    (tmp_path / "7.mhtml").write_bytes(
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://n.example/7\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="B"\r\n\r\n'
        b"--B\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        b"<p>caf=C3=A9</p>\r\n--B--\r\n"
    )
    got = list(folders.folder(tmp_path))
    assert [one.url for one in got if isinstance(one, Page)] == [
        "https://n.example/1?x=1&y=2",
        "https://n.example/2",
        "https://n.example/6",
        "https://n.example/7",
        "https://n.example/3",
        "a/b/4.html.gz",
    ]
    assert "café".encode() in next(one.body for one in got if one.url.endswith("/7"))
    assert [one.url for one in got if isinstance(one, Failure)] == ["a/b/5.html"]


def test_a_packed_bomb_in_a_folder_is_a_failure(tmp_path):
    (tmp_path / "bomb.html.gz").write_bytes(gzip.compress(b"\x00" * 40_000_000))
    (failure,) = folders.folder(tmp_path)
    assert "larger" in failure.reason


def test_links_out_of_a_folder_are_not_followed(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.html").write_text("<p>secret</p>")
    (inside / "link.html").symlink_to(tmp_path / "secret.html")
    assert list(folders.folder(inside)) == []


# --- autodiscovery --------------------------------------------------------------------------------


def test_the_feeds_of_a_page_come_before_links_that_only_look_like_feeds():
    page = """<head><link rel="alternate" type="application/atom+xml" href="/a" title="News">
    <link rel="alternate" type="application/rss+xml" href="/comments/feed/" title="Comments">
    <link rel="alternate" hreflang="th" href="/th"></head>
    <a href="/rss.xml">RSS</a><a href="/feedback">Feedback</a><a href="mailto:feed@x.example">m</a>"""
    got = discover.links(page, "https://n.example/news/")
    assert [(one.url, one.sure) for one in got] == [
        ("https://n.example/a", True),
        ("https://n.example/rss.xml", False),
        ("https://n.example/comments/feed/", True),
    ]
    assert "https://n.example/feed/" in discover.guesses("https://n.example/news/")


def test_a_broken_base_spoils_no_page():
    page = "<base href='http://[x'><link rel=alternate type='application/rss+xml' href=/rss>"
    assert [one.url for one in discover.links(page, "https://n.example/a")] == [
        "https://n.example/rss"
    ]


# --- the late start -------------------------------------------------------------------------------

MARCH = (date(2026, 3, 1), date(2026, 3, 25))


def urlset(*lines):
    return Answer(
        (
            "<urlset>"
            + "".join(f"<url><loc>{loc}</loc>{more}</url>" for loc, more in lines)
            + "</urlset>"
        ).encode()
    )


def changed(day):
    return f"<lastmod>2026-{day}</lastmod>"


def test_a_month_is_filled_back_through_the_sitemaps_that_robots_txt_names(site, fetcher):
    site.routes |= {
        "/robots.txt": f"User-agent: *\nSitemap: {site.url('/index.xml')}\n".encode(),
        "/index.xml": (
            f"<sitemapindex><sitemap><loc>{site.url('/2026-03.xml')}</loc></sitemap>"
            f"<sitemap><loc>{site.url('/2025-11.xml')}</loc></sitemap>"
            f"<sitemap><loc>{site.url('/old.xml')}</loc>{changed('01-05')}</sitemap>"
            f"<sitemap><loc>{site.url('/broken.xml')}</loc></sitemap></sitemapindex>"
        ).encode(),
        "/2026-03.xml": urlset(
            (site.url("/2026/03/04/kilns"), changed("03-04")),
            (site.url("/2026/02/27/earlier"), changed("03-02")),
            (site.url("/story-without-a-day"), changed("03-09")),
            (site.url("/2026/03/26/too-late"), ""),
            (site.url("/about"), ""),
        ),
    }
    got = backfill.fill(fetcher, site.url("/rss"), *MARCH)
    assert [one.url for one in got.entries] == [
        site.url("/2026/03/04/kilns"),
        site.url("/story-without-a-day"),
    ]
    assert [failure.url for failure in got.failures] == [site.url("/broken.xml")]
    assert "/2025-11.xml" not in site.paths()
    assert "/old.xml" not in site.paths()


def test_where_there_is_no_sitemap_the_archive_pages_are_asked(site, fetcher):
    page = "<a href='/2026/03/04/kilns'>Kilns inspected</a><a href='/2026/03/04/kilns'>x</a>{}"
    site.routes |= {
        "/2026/03/": page.format("<a href='/2026/03/page/2/'>Older</a>").encode(),
        "/2026/03/page/2/": b"<a href='/2026/03/02/hotel'>Hotel staff trained</a>",
    }
    got = backfill.fill(fetcher, site.url("/"), *MARCH)
    assert [one.headline for one in got.entries] == ["Kilns inspected", "Hotel staff trained"]
    assert got.failures == ()
    assert got.notes == ("filled from archive pages",)


def test_what_is_no_address_cannot_be_filled_from(fetcher):
    assert backfill.fill(fetcher, "http://[bad", *MARCH).failures


def test_a_site_that_tells_nothing_is_told(site, fetcher):
    got = backfill.fill(fetcher, site.url("/"), *MARCH)
    assert got.entries == ()
    assert "no sitemap" in got.notes[0]


@pytest.mark.parametrize(
    ("url", "days"),
    [
        ("https://n.example/2026/03/21/a", ("2026-03-21", "2026-03-21")),
        ("https://n.example/2026/mar/21/a", ("2026-03-21", "2026-03-21")),
        ("https://n.example/2026-03-21-a", ("2026-03-21", "2026-03-21")),
        ("https://n.example/a-20260321.html", ("2026-03-21", "2026-03-21")),
        ("https://n.example/2026/02/a", ("2026-02-01", "2026-02-28")),
        ("https://n.example/2026/02/31/a", None),
        ("https://n.example/a/12026032155", None),
        ("https://n.example/a?d=2026/03/21", None),
    ],
)
def test_a_date_in_an_address_is_a_witness_of_the_month(url, days):
    told = backfill.in_address(url)
    assert (told and tuple(one.isoformat() for one in told)) == days


def test_coverage_names_the_gaps_that_chance_would_hardly_make():
    days = [date(2026, 3, n) for n in (*range(1, 8), *range(20, 26))]
    got = backfill.coverage([*days, None], date(2026, 3, 1), date(2026, 3, 31), per_week=7)
    assert got.gaps == (
        (date(2026, 3, 8), date(2026, 3, 19)),
        (date(2026, 3, 26), date(2026, 3, 31)),
    )
    assert got.undated == 1
    assert got.words() == (
        "Covered from 1 March 2026 to 25 March 2026, with nothing from 8 March 2026 to 19 March 2026; "
        "26 March 2026 to 31 March 2026."
    )
    rare = backfill.coverage(days, date(2026, 3, 1), date(2026, 3, 31), per_week=1)
    assert rare.gaps == ()


@given(st.lists(st.dates(date(2026, 2, 20), date(2026, 4, 10)), max_size=30))
def test_gaps_never_hold_an_article(days):
    got = backfill.coverage(days, date(2026, 3, 1), date(2026, 3, 31))
    assert not [d for d in days for a, b in got.gaps if a <= d <= b]
