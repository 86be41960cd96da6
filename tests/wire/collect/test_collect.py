"""Feeds and pages by the fetcher, many at a time, and the filter."""

from __future__ import annotations

import itertools
import json
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.commands.fetch import command
from broadsheet.wire import collect, urls
from broadsheet.wire.collect import FeedResult, Fetcher, health, identity
from broadsheet.wire.collect.health import State
from broadsheet.wire.model import Entry, Failure, Page
from tests.wire.collect.site import Answer, Site

RSS = '<rss version="2.0"><channel><title>The Example</title>{}</channel></rss>'


def item(n, words="Text"):
    return (
        f"<item><title>Headline number {n}</title><link>/story/{n}</link><guid>g{n}</guid>"
        f"<description>{words} {n}</description>"
        f"<pubDate>{n % 28 + 1:02} Mar 2026 10:00:00 +0800</pubDate></item>"
    )


def rss(*numbers, words="Text"):
    return RSS.format("".join(item(n, words) for n in numbers)).encode()


def page(n):
    return f"<html><title>Headline number {n}</title><p>Whole text {n}</p></html>".encode()


# --- one feed -------------------------------------------------------------------------------------


def test_a_feed_gives_its_entries_and_what_to_ask_with_next_time(site, fetcher):
    site.routes["/rss"] = Answer(
        rss(1, 2), headers={"etag": '"a"', "last-modified": "x", "cache-control": "max-age=7200"}
    )
    got = collect.feed(fetcher, site.url("/rss"))
    assert got.problem is None
    assert [one.url for one in got.entries] == [site.url("/story/1"), site.url("/story/2")]
    assert (got.etag, got.modified, got.interval_hint, got.title) == (
        '"a"',
        "x",
        7200,
        "The Example",
    )


def test_a_304_and_a_body_we_know_are_both_unchanged(site, fetcher):
    site.routes["/rss"] = lambda asked: (
        Answer(status=304) if asked.headers.get("if-none-match") == '"a"' else Answer(rss(1))
    )
    assert collect.feed(fetcher, site.url("/rss"), '"a"', None, "h").unchanged == "304"
    first = collect.feed(fetcher, site.url("/rss"))
    again = collect.feed(fetcher, site.url("/rss"), known_hash=first.hash)
    assert (again.unchanged, again.entries, again.hash) == ("same", (), first.hash)


def test_validators_are_not_kept_of_a_server_that_makes_each_answer_anew(site, fetcher):
    site.routes["/rss"] = Answer(rss(1), headers={"etag": '"a"', "expires": "0"})
    assert collect.feed(fetcher, site.url("/rss")).etag is None


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer(rss()), "empty"),
        (Answer(b""), "empty"),
        (Answer(b"<!doctype html><title>Under maintenance</title>"), "not_a_feed"),
        (Answer(b"x", 410), "gone"),
        (Answer(b"x", 404), "not_found"),
        (Answer(b"<title>Just a moment...</title>", 403), "blocked"),
    ],
)
def test_what_is_wrong_with_a_feed_is_a_value(site, fetcher, answer, reason):
    site.routes["/rss"] = answer
    got = collect.feed(fetcher, site.url("/rss"))
    assert got.problem.reason == reason
    assert got.entries == ()


def test_a_page_that_is_no_feed_names_the_feeds_it_has(site, fetcher):
    site.routes["/"] = b"<html><link rel=alternate type='application/rss+xml' href='/rss'></html>"
    got = collect.feed(fetcher, site.url("/"))
    assert got.problem.links == (site.url("/rss"),)
    assert site.url("/rss") in str(got.problem)


def test_of_an_index_of_sitemaps_the_newest_are_read(site, fetcher):
    lines = "".join(
        f"<sitemap><loc>/s{n}.xml</loc><lastmod>2026-03-{n:02}</lastmod></sitemap>"
        for n in range(1, 9)
    )
    site.routes["/index"] = f"<sitemapindex>{lines}</sitemapindex>".encode()
    for n in range(1, 8):
        site.routes[f"/s{n}.xml"] = f"<urlset><url><loc>/story/{n}</loc></url></urlset>".encode()
    got = collect.feed(fetcher, site.url("/index"))
    assert [urls.canonical(one.url)[-1] for one in got.entries] == ["7", "6", "5", "4"]
    assert any("404" in note for note in got.notes)  # s8
    assert any("8 sitemaps" in note for note in got.notes)


# --- pages ----------------------------------------------------------------------------------------


def test_pages_of_a_feed_carry_what_the_feed_said(site, fetcher):
    site.routes |= {"/rss": rss(1, 2), "/story/1": page(1), "/story/2": page(2)}
    got = list(collect.pages(fetcher, [site.url("/rss")]))
    assert [(one.url, one.body, one.entry.headline) for one in got] == [
        (site.url("/story/1"), page(1), "Headline number 1"),
        (site.url("/story/2"), page(2), "Headline number 2"),
    ]
    assert got[0].entry.published.offset == "+08:00"


def test_a_page_that_fails_is_told_and_the_text_of_the_feed_enters_all_the_same(site, fetcher):
    site.routes |= {"/rss": rss(1, 2), "/story/1": Answer(b"no", 403), "/story/2": page(2)}
    failure, bare, whole = collect.pages(fetcher, [site.url("/rss")])
    assert isinstance(failure, Failure)
    assert failure.url == site.url("/story/1")
    assert isinstance(bare, Page)
    assert (bare.body, bare.entry.text) == (b"", "Text 1")
    assert whole.body == page(2)


def test_a_pdf_is_no_page(site, fetcher):
    site.routes["/r.pdf"] = b"%PDF-1.7 ..."
    with pytest.raises(collect.CollectError) as caught:
        collect.page(fetcher, site.url("/r.pdf"))
    assert caught.value.reason == "not_a_page"


def test_addresses_files_and_folders_can_be_given_together(site, fetcher, tmp_path):
    site.routes["/story/9"] = page(9)
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "1.html").write_bytes(page(1))
    (tmp_path / "feed.xml").write_bytes(
        RSS.format(item(3).replace("/story", site.url("/story"))).encode()
    )
    (tmp_path / "letter.eml").write_bytes(
        b"Subject: x\r\n\r\nhttps://news.example/story-5 A story of five\r\n"
    )
    (tmp_path / "broken.xml").write_bytes(b"<html>no feed</html>")
    names = ("saved", "feed.xml", "letter.eml", "broken.xml", "none.html")
    whats = [site.url("/story/9"), *(tmp_path / name for name in names)]
    got = list(collect.pages(fetcher, whats, full=False))
    assert sorted(one.url for one in got if isinstance(one, Page)) == sorted(
        ["1.html", site.url("/story/9"), site.url("/story/3"), "https://news.example/story-5"]
    )
    assert sorted(one.url for one in got if isinstance(one, Failure)) == ["broken.xml", "none.html"]


# --- many -----------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers()), max_size=40))
def test_many_do_each_ask_once_and_those_of_one_host_in_order(asks):
    running, clash = set(), []

    def work(ask):
        if ask[0] in running:
            clash.append(ask)
        running.add(ask[0])
        running.discard(ask[0])
        return ask

    got = list(collect.many(asks, lambda ask: ask[0], work, workers=4))
    assert not clash
    for host in "abcde":
        assert [a for a in got if a[0] == host] == [a for a in asks if a[0] == host]


def test_what_nobody_foresaw_stops_the_run_where_it_is_read():
    def work(ask):
        raise ZeroDivisionError(ask)

    with pytest.raises(ZeroDivisionError):
        list(collect.many([1, 2], str, work))


def test_a_reader_that_stops_early_leaves_no_thread_at_work():
    before = threading.active_count()
    got = collect.many(range(1000), str, lambda n: n, workers=4)
    assert next(got) in range(1000)
    got.close()
    for thread in threading.enumerate():
        if thread.name.startswith("collect-"):
            thread.join(timeout=5)
    assert threading.active_count() <= before


def test_twenty_hosts_are_collected_side_by_side_and_each_sees_one_visitor_at_a_time():
    """The same with 200 hosts, timed: bench/bench_collect.py."""
    together = threading.Barrier(8, timeout=20)
    met = []

    def slow(asked):
        if len(met) < 8:
            met.append(asked.path)
            together.wait()  # only passes once eight hosts are visited at one moment
        return Answer(rss(1))

    with ExitStack() as stack:
        sites = [stack.enter_context(Site(f"127.0.1.{n}")) for n in range(1, 21)]
        for one in sites:
            one.routes["*"] = slow
        fetcher = stack.enter_context(
            Fetcher(allowed=["127.0.0.0/8"], delay=0.01, obey_robots=False)
        )
        asks = [one.url(f"/rss{n}") for one in sites for n in range(3)]
        got = list(
            collect.many(asks, urls.host, lambda url: collect.feed(fetcher, url), workers=20)
        )
        assert len(got) == 60
        assert all(one.problem is None for one in got)
        for one in sites:
            visits = sorted(one.log, key=lambda visit: visit.began)
            assert len(visits) == 3
            assert all(b.began >= a.ended for a, b in itertools.pairwise(visits))
            assert all(b.began - a.ended >= 0.009 for a, b in itertools.pairwise(visits))


# --- a feed over weeks ----------------------------------------------------------------------------


def test_a_feed_that_moves_dies_returns_lies_and_renames_loses_nothing_and_doubles_nothing(
    site, a_fetcher
):
    """Six simulated weeks, one story a day, the feed holding the last ten."""
    start = datetime(2026, 3, 1, 6, tzinfo=UTC)
    today, mode = [0], ["well"]

    def body():
        return rss(
            *range(max(0, today[0] - 9), today[0] + 1),
            words="New" if mode[0] == "edits" else "Text",
        )

    def feed(asked):
        if mode[0] == "dead":
            return Answer(b"gone fishing", 500)
        if mode[0] == "moved":
            return Answer(status=301, headers={"location": "/new"})
        if mode[0] == "notice":
            return Answer(b"<!doctype html><title>We are moving house</title>")
        if mode[0] == "lies" and asked.headers.get("if-none-match"):
            return Answer(status=304)
        return Answer(
            body().replace(b"<guid>g", b"<guid>https://id.example/")
            if mode[0] == "renames"
            else body(),
            headers={"etag": '"same for ever"' if mode[0] == "lies" else f'"{today[0]}{mode[0]}"'},
        )

    site.routes["/old"] = feed
    site.routes["/new"] = lambda asked: Answer(body(), headers={"etag": f'"n{today[0]}"'})
    fetcher = a_fetcher()
    plan = {3: "lies", 8: "renames", 11: "dead", 15: "well", 18: "notice", 20: "moved", 27: "well"}
    state, url, known, taken = State(), site.url("/old"), [], []
    due = start
    for hour in range(0, 42 * 24, 2):
        now = start + timedelta(hours=hour)
        today[0] = hour // 24
        mode[0] = (
            plan[max((d for d in plan if d <= today[0]), default=3)] if today[0] >= 3 else "well"
        )
        if now < due:
            continue
        got = collect.feed(fetcher, url, **health.validators(state, now))
        found = identity.sorted_out(got.entries, known)
        known += [identity.known(one) for one in (*found.new, *found.same)]
        known = list(dict.fromkeys(known))
        taken += [one.headline for one in found.new]
        state = health.after(state, got, now, new=len(found.new), renamed=found.renamed)
        target = health.take_over(state, now)
        if target:
            state, url = health.taken_over(state, target, now), target
        due = health.next_due(state, now) or now
    assert taken == list(dict.fromkeys(taken)), "doubled"
    assert set(taken) == {f"Headline number {n}" for n in range(42)}, "lost"
    assert url == site.url("/new")
    words = " ".join(event.words for event in state.log)
    for said in (
        "not changed",
        "identifiers",
        "has a fault",
        "came back after",
        "page comes instead of a feed",
        "moved to",
        "We now ask",
    ):
        assert said in words, said
    assert health.report(state, now).level == "well"


# --- the filter -----------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(command, list(arguments))


def test_the_filter_prints_pages_that_read_accepts_and_says_what_failed(site):
    site.routes |= {"/rss": rss(1, 2), "/story/1": page(1)}
    done = run("--allow-private", "--delay", "0", "--full", site.url("/rss"))
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["url"] for one in lines] == [site.url("/story/1"), site.url("/story/2")]
    assert lines[0]["html"] == page(1).decode()
    assert lines[0]["content_type"] == "text/html"
    assert lines[0]["fetched"]
    assert lines[0]["entry"]["published"]["offset"] == "+08:00"
    assert lines[1]["html"] == ""
    assert done.exit_code == 1
    assert site.url("/story/2") in done.stderr


def test_the_filter_refuses_private_addresses_unless_allowed(site):
    site.routes["/rss"] = rss(1)
    done = run(site.url("/rss"))
    assert done.exit_code == 1
    assert "loopback" in done.stderr
    assert site.log == []


def test_the_filter_announces_what_it_leaves_out_without_failing(tmp_path):
    (tmp_path / "f.xml").write_bytes(rss(*range(30)).replace(b"/story", b"https://n.example/story"))
    done = run("--max", "5", str(tmp_path / "f.xml"))
    assert len(done.stdout.splitlines()) == 5
    assert "30 entries" in done.stderr
    assert done.exit_code == 0


def test_a_result_without_entries_is_a_value_too():
    assert FeedResult("https://n.example/").entries == ()
    assert Entry(None).headline == ""


# --- finding feeds --------------------------------------------------------------------------------


def test_the_feeds_of_a_site_are_found_by_what_its_page_names_and_proved_by_a_visit(site, fetcher):
    site.routes |= {
        "/": b"<link rel=alternate type='application/rss+xml' href=/dead>"
        b"<link rel=alternate type='application/rss+xml' href=/rss><a href=/feed/copy>RSS</a>",
        "/rss": rss(1, 2),
        "/feed/copy": rss(1, 2),
    }
    (found,) = collect.find(fetcher, site.url("/"))
    assert (found.url, found.title) == (site.url("/rss"), "The Example")


def test_where_a_page_names_no_feed_the_usual_places_are_asked(site, fetcher):
    site.routes |= {"/news/": b"<html><p>no feeds here</p></html>", "/rss.xml": rss(1)}
    assert [one.url for one in collect.find(fetcher, site.url("/news/"))] == [site.url("/rss.xml")]
    (also,) = collect.find(fetcher, site.url("/elsewhere"))
    assert also.url == site.url("/rss.xml")


def test_a_list_of_feeds_stands_for_its_feeds(site, fetcher, tmp_path):
    from broadsheet.wire.collect import opml

    site.routes["/rss"] = rss(1)
    file = tmp_path / "feeds.opml"
    file.write_bytes(opml.write([opml.Outline(site.url("/rss")), opml.Outline(site.url("/no"))]))
    got = list(collect.pages(fetcher, [file], full=False))
    assert sorted(type(one).__name__ for one in got) == ["Failure", "Page"]
