from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.collect import pasted, wrappers
from broadsheet.wire.collect.pasted import Leftover
from broadsheet.wire.model import Entry

THIRTY = """\
[25/03/2026, 10:12:33] Ana: https://www.harbour-post.example/news/1001/twelve-freed?utm_id=w&fbclid=a
[25/03/2026, 10:12:40] Ana: this one is important!!
25/03/2026, 10:15 - Ben: Police Free Twelve Workers From Fishing Boats https://harbour-post.example/news/1001/twelve-freed
Ben W  10:16 AM
http://m.harbour-post.example/news/1001/twelve-freed/

FW: Court jails recruiter for nine years - Northern Star
https://northernstar.example/courts/2026/03/recruiter?id=77&utm_medium=email

• [Scam compound raided, 40 sent home](https://river-times.example/a/b_(c)?spm=1.2)
2) Scam compound raided, 40 sent home: https://river-times.example/a/b_(c).
<https://www.google.com/url?rct=j&sa=t&url=https://islandgazette.example/story/55&ct=ga&cd=xyz&usg=AOv>
Google Alert - human trafficking
https://l.facebook.com/l.php?u=https%3A%2F%2Fislandgazette.example%2Fstory%2F55%3Ffbclid%3Dq&h=AT
<a href="https://islandgazette.example/story/56?gclid=1">Brick kilns inspected after <b>death</b> of boy</a>
"Hotel chain trains staff to spot signs" https://hotels.example/news/train-staff
check this out www.hotels.example/news/train-staff
islandgazette.example/story/57 !!
看看這個 https://hkdaily.example/新聞/123。
警方破獲人口販運集團拘捕十二人 https://hkdaily.example/news/124
https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fministry.example%2Fpress%2F9&data=05
Ministry publishes its first report on forced labour
https://ministry.example/press/9?utm_campaign=x

- see also the report of the union (pdf): https://union.example/reports/2026.pdf
Union Says Report Was Late, Ministry Denies It
Telegram: @desk thanks everyone
Minister resigns https://a.example/1 and https://b.example/2
Re: https://www.google.com/amp/s/amp.northernstar.example/courts/2026/03/recruiter/amp?id=77
mail me at ana@charity.example please
"""


def test_thirty_messy_lines_become_drafts_without_doubles():
    assert len(THIRTY.strip().splitlines()) == 30
    got = pasted.entries(THIRTY)
    pages = {one.url: one for one in got if isinstance(one, Entry)}
    assert list(pages) == [
        "https://www.harbour-post.example/news/1001/twelve-freed",
        "https://northernstar.example/courts/2026/03/recruiter?id=77",
        "https://river-times.example/a/b_(c)",
        "https://islandgazette.example/story/55",
        "https://islandgazette.example/story/56",
        "https://hotels.example/news/train-staff",
        "https://islandgazette.example/story/57",
        "https://hkdaily.example/新聞/123",
        "https://hkdaily.example/news/124",
        "https://ministry.example/press/9",
        "https://union.example/reports/2026.pdf",
        "https://a.example/1",
        "https://b.example/2",
    ]
    headlines = {url: one.headline for url, one in pages.items()}
    assert headlines["https://www.harbour-post.example/news/1001/twelve-freed"] == (
        "Police Free Twelve Workers From Fishing Boats"
    )
    assert headlines["https://northernstar.example/courts/2026/03/recruiter?id=77"] == (
        "Court jails recruiter for nine years"
    )
    assert (
        pages["https://northernstar.example/courts/2026/03/recruiter?id=77"].source
        == "Northern Star"
    )
    assert headlines["https://river-times.example/a/b_(c)"] == "Scam compound raided, 40 sent home"
    assert headlines["https://islandgazette.example/story/56"] == (
        "Brick kilns inspected after death of boy"
    )
    assert headlines["https://hotels.example/news/train-staff"] == (
        "Hotel chain trains staff to spot signs"
    )
    assert headlines["https://hkdaily.example/news/124"] == "警方破獲人口販運集團拘捕十二人"
    assert headlines["https://ministry.example/press/9"] == (
        "Ministry publishes its first report on forced labour"
    )
    assert headlines["https://hkdaily.example/新聞/123"] == ""
    left = [one.text for one in got if isinstance(one, Leftover)]
    assert "Union Says Report Was Late, Ministry Denies It" in left
    assert any("important" in one for one in left)
    assert any("ana@charity.example" in one for one in left)


def test_a_headline_keeps_a_tail_that_the_address_does_not_prove_to_be_an_outlet():
    (one,) = pasted.entries("Two held over boat deaths - police https://news.example/1")
    assert (one.headline, one.source) == ("Two held over boat deaths - police", None)


def test_talk_beside_an_address_is_kept_and_is_no_headline():
    (one,) = pasted.entries("anyone seen this? https://news.example/story-1")
    assert (one.headline, one.text) == ("", "anyone seen this?")


def test_a_line_above_two_addresses_is_the_headline_of_the_first_only():
    one, two = pasted.entries(
        "Minister resigns over ferry deaths\nhttps://a.example/1 https://b.example/2"
    )
    assert (one.headline, two.headline) == ("Minister resigns over ferry deaths", "")


def test_a_query_that_is_the_page_is_kept():
    (one,) = pasted.entries("https://news.example/article.php?id=7&utm_source=x")
    assert one.url == "https://news.example/article.php?id=7"


@given(st.text(max_size=400))
def test_whatever_is_pasted_nothing_is_lost_and_nothing_breaks(words):
    got = pasted.entries(words)
    assert bool(got) or not "".join(pasted._bare(line) for line in words.splitlines())


@given(st.lists(st.sampled_from(["https://a.example/1", "https://b.example/22?id=3"]), max_size=6))
def test_doubles_are_one(addresses):
    got = pasted.entries("\n".join(addresses))
    assert [one.url for one in got] == list(dict.fromkeys(addresses))


def test_wrappers_are_opened_and_other_addresses_left_alone():
    target = "https://news.example/a?id=1"
    wrapped = [
        "https://www.google.com/url?q=https%3A%2F%2Fnews.example%2Fa%3Fid%3D1&sa=D",
        "https://www.google.co.th/url?sa=t&url=https://news.example/a%3Fid%3D1",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__news.example_a-3Fid-3D1&d=x",
        "https://urldefense.com/v3/__https://news.example/a?id=1__;!!x$",
        "https://www.bing.com/ck/a?u=a1aHR0cHM6Ly9uZXdzLmV4YW1wbGUvYT9pZD0x&ntb=1",
        "https://nam.safelinks.protection.outlook.com/?url=https%3A%2F%2Fnews.example%2Fa%3Fid%3D1&d=0",
    ]
    assert [wrappers.unwrapped(one) for one in wrapped] == [target] * len(wrapped)
    plain = "https://news.example/out?url=https://other.example/"
    assert wrappers.unwrapped(plain) == plain
