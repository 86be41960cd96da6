from __future__ import annotations

import gzip
import time
import zlib
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from broadsheet.wire.collect import Fetcher, Limits
from broadsheet.wire.collect.fetcher import user_agent
from broadsheet.wire.errors import CollectError
from tests.wire.collect.site import Answer

PAGE = b"<html><title>A page</title><p>Some words.</p></html>"


def problem(fetcher, url, **more):
    with pytest.raises(CollectError) as caught:
        fetcher.get(url, **more)
    return caught.value


def test_a_page_comes_with_what_the_server_said_of_it(site, fetcher):
    site.routes["/a"] = Answer(PAGE, headers={"content-type": "text/html; charset=big5"})
    came = fetcher.get(site.url("/a"))
    assert (came.status, came.body, came.final_url) == (200, PAGE, site.url("/a"))
    assert came.content_type == "text/html; charset=big5"
    assert came.fetched.tzinfo is not None


def test_we_say_who_we_are_and_how_to_reach_the_desk(site, fetcher):
    site.routes["/a"] = PAGE
    fetcher.get(site.url("/a"))
    assert site.log[-1].headers["user-agent"] == user_agent("desk@charity.example")
    assert "desk@charity.example" in user_agent("desk@charity.example")
    assert "(" not in user_agent("(https://charity.example)\r\nX: y")
    assert "cookie" not in site.log[-1].headers


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, "blocked"),
        (401, "blocked"),
        (403, "blocked"),
        (404, "not_found"),
        (410, "gone"),
        (429, "rate_limited"),
        (451, "blocked"),
        (500, "server"),
        (503, "server"),
    ],
)
def test_each_status_has_its_reason_in_words(site, fetcher, status, reason):
    site.routes["/a"] = Answer(PAGE, status)
    error = problem(fetcher, site.url("/a"))
    assert error.reason == reason
    assert str(status) in str(error)


@pytest.mark.parametrize("status", [200, 202])
def test_an_empty_answer_is_a_failure(site, fetcher, status):
    site.routes["/a"] = Answer(b" \n", status)
    assert problem(fetcher, site.url("/a")).reason == "empty"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>",
        b"<html><title>Pardon Our Interruption</title></html>",
        b"<HTML><HEAD>\n<TITLE>Access Denied</TITLE></HEAD>Reference #18.2</HTML>",
    ],
)
@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_bot_wall_is_blocked_whatever_its_status(site, fetcher, body, status):
    site.routes["/a"] = Answer(body, status)
    error = problem(fetcher, site.url("/a"))
    assert error.reason == "blocked"
    assert "bot wall" in str(error)


def test_an_article_about_bot_walls_is_no_bot_wall(site, fetcher):
    site.routes["/a"] = b"<title>Why Cloudflare says just a moment</title>" + PAGE
    assert fetcher.get(site.url("/a")).status == 200


# --- redirects ------------------------------------------------------------------------------------


def moved(status, where):
    return Answer(status=status, headers={"location": where})


def test_redirects_are_followed_and_permanent_ones_are_told(site, fetcher):
    site.routes |= {"/a": moved(301, "/b"), "/b": moved(308, "/c"), "/c": PAGE}
    came = fetcher.get(site.url("/a"))
    assert came.final_url == site.url("/c")
    assert came.moved_to == site.url("/c")
    assert [status for status, _ in came.hops] == [301, 308]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_passing_redirect_is_followed_but_changes_no_address(site, fetcher, status):
    site.routes |= {"/a": moved(status, "/c"), "/c": PAGE}
    came = fetcher.get(site.url("/a"))
    assert (came.final_url, came.moved_to) == (site.url("/c"), None)


def test_what_comes_after_a_passing_redirect_is_not_permanent(site, fetcher):
    site.routes |= {"/a": moved(301, "/b"), "/b": moved(302, "/c"), "/c": PAGE}
    assert fetcher.get(site.url("/a")).moved_to == site.url("/b")


def test_endless_redirects_end(site, fetcher):
    site.routes |= {"/a": moved(302, "/b"), "/b": moved(302, "/a")}
    assert problem(fetcher, site.url("/a")).reason == "redirects"
    assert len(site.paths()) <= 8


def test_a_redirect_to_what_is_no_address_is_a_failure(site, fetcher):
    site.routes["/a"] = moved(302, "http://[bad/")
    assert problem(fetcher, site.url("/a")).reason == "server"


def test_a_redirect_may_be_written_in_letters_of_any_kind(site, fetcher):
    site.routes |= {
        "/a": lambda asked: asked.send(
            "HTTP/1.1 302 x\r\nlocation: /ข่าว\r\ncontent-length: 0\r\n\r\n".encode()
        ),
        "/%E0%B8%82%E0%B9%88%E0%B8%B2%E0%B8%A7": PAGE,
    }
    assert fetcher.get(site.url("/a")).body == PAGE


def test_validators_are_sent_back_and_those_that_are_no_plain_line_are_not(site, fetcher):
    site.routes["/a"] = PAGE
    fetcher.get(site.url("/a"), etag='"1"', modified="Mon, 02 Mar 2026 10:00:00 GMT")
    assert site.log[-1].headers["if-none-match"] == '"1"'
    assert site.log[-1].headers["if-modified-since"].startswith("Mon")
    fetcher.get(site.url("/a"), etag='"é"', modified="x\r\nevil: 1")
    assert not {"if-none-match", "if-modified-since", "evil"} & set(site.log[-1].headers)


# --- bounds ---------------------------------------------------------------------------------------


def test_a_page_of_50_mb_is_not_taken(site, fetcher):
    def endless(asked):
        asked.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n")
        for _ in range(500):
            asked.send(b"x" * 100_000)

    site.routes["/told"] = Answer(b"x", headers={"content-length": "50000000"})
    site.routes["/untold"] = endless
    for path in ("/told", "/untold"):
        error = problem(fetcher, site.url(path), limits=Limits(bytes=1_000_000))
        assert error.reason == "too_large"
        assert "1 MB" in str(error)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_decompression_bomb_is_noticed_while_it_opens(site, fetcher, layers):
    bomb = b"\x00" * 30_000_000
    for _ in range(layers):
        bomb = gzip.compress(bomb, mtime=0)
    coding = ", ".join(["gzip"] * layers)
    site.routes["/bomb"] = Answer(bomb, headers={"content-encoding": coding})
    error = problem(fetcher, site.url("/bomb"), limits=Limits(bytes=2_000_000))
    assert error.reason == "too_large"


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(PAGE, mtime=0)),
        ("gzip", gzip.compress(PAGE[:10], mtime=0) + gzip.compress(PAGE[10:], mtime=0)),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compressobj(wbits=-15).compress(PAGE) + b""),
        ("identity", PAGE),
    ],
)
def test_packed_answers_are_unpacked(site, fetcher, coding, packed):
    if coding == "deflate" and not packed.startswith(b"\x78"):
        raw = zlib.compressobj(wbits=-15)
        packed = raw.compress(PAGE) + raw.flush()
    site.routes["/a"] = Answer(packed, headers={"content-encoding": coding})
    assert fetcher.get(site.url("/a")).body == PAGE


@pytest.mark.parametrize(("coding", "reason"), [("gzip", "network"), ("br", "server")])
def test_an_answer_that_cannot_be_unpacked_is_a_failure(site, a_fetcher, coding, reason):
    site.routes["/a"] = Answer(b"no gzip at all", headers={"content-encoding": coding})
    assert problem(a_fetcher(retries=0), site.url("/a")).reason == reason


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_server_that_drips_is_left_at_the_deadline(site, fetcher, where):
    """Each byte comes in time; the whole does not."""

    def drip(asked):
        if where == "body":
            asked.send(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        else:
            asked.send(b"HTTP/1.1 200 OK\r\nx: ")
        for _ in range(200):
            asked.send(b"a")
            time.sleep(0.05)

    site.routes["/drip"] = drip
    error = problem(fetcher, site.url("/drip"), limits=Limits(seconds=0.4))
    assert error.reason == "timeout"


def test_an_answer_that_breaks_off_is_a_failure_and_tried_once_more(site, fetcher):
    def short(asked):
        asked.send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nonly this")

    site.routes["/a"] = short
    assert problem(fetcher, site.url("/a")).reason == "network"
    assert site.paths() == ["/a", "/a"]


def test_rubbish_instead_of_http_is_a_failure(site, a_fetcher):
    site.routes["/a"] = lambda asked: asked.send(b"\x00\xff SSH-2.0\r\n\r\n")
    assert problem(a_fetcher(retries=0), site.url("/a")).reason == "network"


def test_nobody_at_the_address_is_a_failure(fetcher, site):
    port = site.port + 1 if site.port < 65_000 else site.port - 1
    error = problem(fetcher, f"http://127.0.0.77:{port}/")
    assert error.reason == "network"


# --- manners --------------------------------------------------------------------------------------


def test_two_exchanges_with_one_host_have_a_pause_between(site, a_fetcher, clock):
    site.routes["/a"] = PAGE
    fetcher = a_fetcher(delay=2.0)
    for _ in range(3):
        fetcher.get(site.url("/a"))
    assert clock.slept == [2.0, 2.0, 2.0]  # robots.txt, then three pages


def test_a_crawl_delay_is_heeded_up_to_a_minute(site, a_fetcher, clock):
    site.routes |= {"/robots.txt": b"User-agent: *\nCrawl-delay: 600\n", "/a": PAGE}
    fetcher = a_fetcher(patience=100)
    fetcher.get(site.url("/a"))
    fetcher.get(site.url("/a"))
    assert max(clock.slept) == 60.0


def test_retry_after_is_heeded_when_it_is_short(site, fetcher, clock):
    answers = [Answer(b"slow down", 429, {"retry-after": "7"}), Answer(PAGE)]
    site.routes["/a"] = lambda asked: answers.pop(0)
    assert fetcher.get(site.url("/a")).body == PAGE
    assert clock.slept == [7.0]


def test_a_long_retry_after_is_told_and_the_host_left_alone(site, fetcher):
    site.routes["/a"] = Answer(b"slow down", 429, {"retry-after": "3600"})
    error = problem(fetcher, site.url("/a"))
    assert (error.reason, error.wait) == ("rate_limited", 3600.0)
    again = problem(fetcher, site.url("/b"))
    assert again.reason == "rate_limited"
    assert site.paths() == ["/a"]


def test_retry_after_may_be_a_date_and_is_capped_at_a_day(site, a_fetcher):
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    fetcher = a_fetcher(now=lambda: now)
    late = format_datetime(datetime(2026, 3, 9, tzinfo=UTC), usegmt=True)
    site.routes["/a"] = Answer(b"slow down", 503, {"retry-after": late})
    assert problem(fetcher, site.url("/a")).wait == 86_400.0


def test_being_turned_away_again_and_again_makes_the_pause_longer(site, a_fetcher, clock):
    site.routes["/a"] = Answer(b"slow down", 429)
    fetcher = a_fetcher(retries=0, patience=10_000)
    waits = [problem(fetcher, site.url("/a")).wait for _ in range(4)]
    assert waits == [15.0, 30.0, 60.0, 120.0]  # with the die at 0.5: no jitter


# --- robots.txt -----------------------------------------------------------------------------------


def test_robots_txt_is_obeyed_and_the_line_shown(site, fetcher):
    site.routes |= {
        "/robots.txt": b"User-agent: *\nDisallow: /private\nAllow: /private/open\n",
        "/private/a": PAGE,
        "/private/open": PAGE,
    }
    error = problem(fetcher, site.url("/private/a"))
    assert error.reason == "robots"
    assert "Disallow: /private" in str(error)
    assert fetcher.get(site.url("/private/open")).body == PAGE
    assert "/private/a" not in site.paths()


def test_a_group_of_our_own_name_goes_before_the_one_for_all(site, fetcher):
    site.routes |= {
        "/robots.txt": b"User-agent: *\nDisallow: /\n\nUser-agent: broadsheet\nDisallow: /x\n",
        "/a": PAGE,
    }
    assert fetcher.get(site.url("/a")).body == PAGE


def test_no_robots_txt_allows_all_and_a_broken_server_nothing(site, a_fetcher):
    site.routes["/a"] = PAGE
    assert a_fetcher().get(site.url("/a")).body == PAGE
    site.routes["/robots.txt"] = Answer(b"oops", 500)
    error = problem(a_fetcher(), site.url("/a"))
    assert error.reason == "server"
    assert "robots.txt" in str(error)


def test_robots_txt_is_asked_for_once(site, fetcher):
    site.routes["/a"] = PAGE
    for _ in range(3):
        fetcher.get(site.url("/a"))
    assert [visit.path for visit in site.log].count("/robots.txt") == 1


def test_a_robots_txt_without_end_is_read_to_its_bound(site, fetcher):
    site.routes["/robots.txt"] = b"User-agent: *\nDisallow: /no\n" + b"# filler\n" * 200_000
    site.routes["/a"] = PAGE
    assert fetcher.get(site.url("/a")).body == PAGE
    assert problem(fetcher, site.url("/no")).reason == "robots"


def test_a_redirect_into_a_forbidden_part_is_not_followed(site, fetcher):
    site.routes |= {
        "/robots.txt": b"User-agent: *\nDisallow: /no\n",
        "/a": moved(302, "/no/page"),
        "/no/page": PAGE,
    }
    assert problem(fetcher, site.url("/a")).reason == "robots"


def test_the_fetcher_can_be_used_from_many_threads_and_holds_one_connection_to_a_host(site):
    from concurrent.futures import ThreadPoolExecutor

    running, most = [0], [0]

    def slow(asked):
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.02)
        running[0] -= 1
        return Answer(PAGE)

    site.routes["*"] = slow
    with (
        Fetcher(allowed=["127.0.0.0/8"], delay=0, obey_robots=False) as fetcher,
        ThreadPoolExecutor(8) as threads,
    ):
        came = list(threads.map(fetcher.get, [site.url(f"/{n}") for n in range(16)]))
    assert len(came) == 16
    assert most == [1]
