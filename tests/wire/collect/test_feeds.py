from __future__ import annotations

import gzip
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.collect import feeds
from broadsheet.wire.collect.charset import decode
from broadsheet.wire.errors import CollectError

AT = "https://news.example/feeds/all.xml"


def rss(*items, head="", declared="utf-8"):
    return (
        f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>The Example</title>{head}{''.join(items)}</channel></rss>"
    )


def item(n=1, more=""):
    return (
        f"<item><title>Headline {n}</title><link>https://news.example/{n}</link>"
        f"<guid>g{n}</guid>{more}</item>"
    )


def parse(text, **more):
    return feeds.parse(text.encode() if isinstance(text, str) else text, AT, **more)


def problem(text, **more):
    with pytest.raises(CollectError) as caught:
        parse(text, **more)
    return caught.value


# --- what entries say -----------------------------------------------------------------------------


def test_an_rss_item_gives_headline_address_date_text_and_authors():
    found = parse(
        rss(
            item(
                more="<pubDate>Fri, 21 Jun 2019 23:30:00 -0700</pubDate>"
                "<dc:creator>By Ana Li</dc:creator>"
                "<description>Short.</description>"
                "<content:encoded>&lt;p&gt;First.&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;"
                "&lt;p&gt;Second &amp;amp; last.&lt;/p&gt;</content:encoded>",
            ),
            head="<language>en-gb</language>",
        )
    )
    (entry,) = found.entries
    assert (found.kind, found.title) == ("rss", "The Example")
    assert entry.headline == "Headline 1"
    assert entry.url == "https://news.example/1"
    assert entry.published.value == "2019-06-21T23:30"
    assert entry.published.offset == "-07:00"
    assert entry.published.raw == "Fri, 21 Jun 2019 23:30:00 -0700"
    assert entry.text == "First.\nSecond & last."
    assert entry.authors == ("Ana Li",)
    assert entry.language == "en-gb"
    assert entry.identifier == "g1"


def test_atom_tells_published_from_updated_and_resolves_against_xml_base():
    found = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://other.example/a/">'
        "<title>T</title><entry><id>urn:1</id><title type='html'>A &lt;b&gt;bold&lt;/b&gt; one</title>"
        '<link rel="enclosure" href="x.mp3"/><link href="b/c.html"/>'
        "<published>2026-03-01T08:00:00+08:00</published><updated>2026-03-02T08:00:00Z</updated>"
        "<author><name>Ana Li</name></author></entry></feed>"
    )
    (entry,) = found.entries
    assert entry.url == "https://other.example/a/b/c.html"
    assert entry.headline == "A bold one"
    assert (entry.published.value, entry.published.offset) == ("2026-03-01T08:00", "+08:00")
    assert entry.updated.value == "2026-03-02T08:00"


def test_an_atom_entry_that_was_only_updated_has_no_day_of_publishing():
    (entry,) = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>T</title>'
        "<updated>2026-03-02T08:00:00Z</updated></entry></feed>"
    ).entries
    assert entry.published is None
    assert entry.updated


def test_rdf_is_read_and_its_date_is_the_day_of_publishing():
    found = parse(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="x"><title>T</title></channel>'
        '<item rdf:about="https://news.example/1"><title>One</title>'
        "<link>https://news.example/1</link><dc:date>2026-03-02</dc:date></item></rdf:RDF>"
    )
    assert found.kind == "rdf"
    assert found.entries[0].published.value == "2026-03-02"
    assert found.entries[0].updated is None


def test_a_json_feed_is_read_and_its_mistakes_cost_only_themselves():
    found = parse(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": ["no string"],
                "language": "th",
                "items": [
                    {
                        "id": 7,
                        "url": "/story",
                        "title": "One",
                        "content_html": "<p>Words</p>",
                        "date_published": "2026-03-01T08:00:00+07:00",
                        "authors": [{"name": "Ana Li"}, "no object", {"name": 3}],
                    },
                    "no object",
                    {
                        "id": "https://news.example/two",
                        "content_text": "Text only",
                        "date_published": 5,
                    },
                ],
            }
        )
    )
    one, two = found.entries
    assert (one.url, one.identifier, one.authors) == (
        "https://news.example/story",
        "7",
        ("Ana Li",),
    )
    assert (one.text, one.language, one.published.offset) == ("Words", "th", "+07:00")
    assert (two.url, two.text, two.published) == ("https://news.example/two", "Text only", None)
    assert "1 entries are no objects" in found.notes


def test_a_news_sitemap_gives_headline_date_and_outlet():
    found = parse(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
        'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url>'
        "<loc>https://news.example/a?id=1&amp;b=2</loc><lastmod>2026-03-03</lastmod>"
        "<image:image><image:loc>https://img.example/a.jpg</image:loc>"
        "<image:title>A picture</image:title></image:image>"
        "<news:news><news:publication><news:name>The Example</news:name>"
        "<news:language>zh-tw</news:language></news:publication>"
        "<news:publication_date>2026-03-01T08:00:00+08:00</news:publication_date>"
        "<news:title>人口販運</news:title></news:news></url></urlset>"
    )
    (entry,) = found.entries
    assert found.kind == "sitemap"
    assert entry.url == "https://news.example/a?id=1&b=2"
    assert (entry.headline, entry.source, entry.language) == ("人口販運", "The Example", "zh-tw")
    assert entry.published.offset == "+08:00"
    assert entry.updated.value == "2026-03-03"


def test_the_day_a_page_was_changed_is_not_the_day_it_was_published():
    (entry,) = parse(
        "<urlset><url><loc>https://news.example/a</loc><lastmod>2026-03-03</lastmod></url></urlset>"
    ).entries
    assert entry.published is None


def test_an_index_of_sitemaps_names_them_and_a_packed_one_is_unpacked():
    body = (
        b"<sitemapindex><sitemap><loc>/s1.xml</loc><lastmod>2026-03-03</lastmod></sitemap>"
        b"<sitemap><loc>https://news.example/s2.xml.gz</loc></sitemap></sitemapindex>"
    )
    found = parse(gzip.compress(body))
    assert found.kind == "sitemap_index"
    assert [url for url, _ in found.nested] == [
        "https://news.example/s1.xml",
        "https://news.example/s2.xml.gz",
    ]


def test_a_sitemap_may_be_a_list_of_addresses():
    found = parse("https://news.example/1\nhttps://news.example/2\n")
    assert [one.url for one in found.entries] == [
        "https://news.example/1",
        "https://news.example/2",
    ]


def test_two_items_with_one_identifier_are_both_kept():
    found = parse(rss(item(1), item(2).replace("g2", "g1")))
    assert [one.headline for one in found.entries] == ["Headline 1", "Headline 2"]
    assert {one.identifier for one in found.entries} == {"g1"}


@pytest.mark.parametrize(
    ("link", "whole"),
    [
        ("/story", "https://news.example/story"),
        ("story", "https://news.example/feeds/story"),
        ("//cdn.example/story", "https://cdn.example/story"),
        ("\n https://news.example/a b \n", "https://news.example/a b"),
        ("?p=7", "https://news.example/feeds/all.xml?p=7"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
    ],
)
def test_links_are_made_whole_and_other_schemes_left_out(link, whole):
    (entry,) = parse(rss(f"<item><title>T</title><link>{link}</link></item>")).entries
    assert entry.url == whole


def test_a_guid_that_is_an_address_stands_in_for_a_missing_link():
    (entry,) = parse(
        rss("<item><title>T</title><guid>https://news.example/9</guid></item>")
    ).entries
    assert entry.url == "https://news.example/9"


def test_the_links_of_an_alert_are_unwrapped():
    (entry,) = parse(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="html">Twelve &lt;b&gt;freed&lt;/b&gt;'
        '</title><link href="https://www.google.com/url?rct=j&amp;url=https://news.example/1&amp;ct=ga"/>'
        "</entry></feed>"
    ).entries
    assert (entry.url, entry.headline) == ("https://news.example/1", "Twelve freed")


# --- dates ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "value", "offset"),
    [
        ("Fri, 21 Jun 2019 10:30:00 GMT", "2019-06-21T10:30", "+00:00"),
        ("Fri, 21 Jun 2019 10:30:00 +0800", "2019-06-21T10:30", "+08:00"),
        ("Fri, 21 Jun 2019 10:30:00 HKT", "2019-06-21T10:30", None),
        ("Fri, 21 Jun 2019 10:30:00", "2019-06-21T10:30", None),
        ("Mon, 21 Jun 2019 10:30:00 EST", "2019-06-21T10:30", "-05:00"),
        ("2019-06-21T10:30:00+0800", "2019-06-21T10:30", "+08:00"),
        ("2019-06-21 10:30:00", "2019-06-21T10:30", None),
        ("2019-06-21", "2019-06-21", None),
        ("June 21, 2019 3:48 PM", "2019-06-21T15:48", None),
        ("21 June 2019, 12:05 am +08:00", "2019-06-21T00:05", "+08:00"),
        ("June 2019", "2019-06", None),
        ("2019", "2019", None),
    ],
)
def test_dates_keep_their_offset_and_precision(raw, value, offset):
    found = feeds.when(raw)
    assert (found.value, found.offset, found.raw) == (value, offset, raw)


@pytest.mark.parametrize(
    "raw",
    ["", "yesterday", "0001-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000", "3/4/2019", None, 5],
)  # fmt: skip
def test_a_date_is_never_invented(raw):
    assert feeds.when(raw) is None
    if isinstance(raw, str):
        (entry,) = parse(rss(item(more=f"<pubDate>{raw}</pubDate>"))).entries
        assert entry.published is None


def test_a_future_date_is_kept_as_stated():
    (entry,) = parse(rss(item(more="<pubDate>Fri, 21 Jun 2099 10:30:00 GMT</pubDate>"))).entries
    assert entry.published.value == "2099-06-21T10:30"


def test_midnight_in_every_entry_means_a_day():
    at = "<pubDate>Wed, 17 Dec 2025 00:00:00 +0600</pubDate>"
    days = parse(rss(*(item(n, at) for n in range(3)))).entries
    assert {one.published.value for one in days} == {"2025-12-17"}
    mixed = parse(
        rss(item(0, at), item(1, at), item(2, at.replace("00:00:00", "09:12:00")))
    ).entries
    assert mixed[0].published.value == "2025-12-17T00:00"


@given(st.text(max_size=60))
def test_any_words_for_a_date_are_read_or_left(raw):
    found = feeds.when(raw)
    assert found is None or found.raw == raw


# --- letters --------------------------------------------------------------------------------------

WORDS = "港警破獲人口販運集團，救出十二名婦女"


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("utf-8", "utf-8", ""),
        ("utf-8", "iso-8859-1", "text/xml; charset=iso-8859-1"),
        ("gb18030", "gb2312", "text/xml"),
        ("gb18030", "gb2312", "text/xml; charset=iso-8859-1"),
        ("big5hkscs", "big5", "text/xml; charset=utf-8"),
        ("big5hkscs", "utf-8", "text/xml; charset=big5"),
        ("utf-16", "utf-16", ""),
        ("utf-16-le", "utf-16", "text/xml"),
    ],
)
def test_a_wrong_charset_does_not_spoil_a_headline(encoding, declared, header):
    text = rss(f"<item><title>{WORDS}</title></item>", declared=declared)
    found = parse(text.encode(encoding), content_type=header)
    assert found.entries[0].headline == WORDS


def test_one_stray_byte_does_not_spoil_the_rest():
    body = rss(f"<item><title>{WORDS} it XX s</title></item>").encode().replace(b"XX", b"\x92")
    assert parse(body).entries[0].headline == f"{WORDS} it ’ s"


def test_nul_bytes_and_other_control_characters_are_left_out():
    body = rss("<item><title>One\x00\x0btwo</title></item>").encode()
    assert parse(body).entries[0].headline == "Onetwo"


def test_what_cannot_be_read_is_told():
    found = parse(rss(f"<item><title>{'�' * 20}</title></item>"))
    assert any("could not be read" in note for note in found.notes)


@given(st.binary(max_size=300), st.text(max_size=40))
def test_any_bytes_decode(body, content_type):
    made = decode(body, content_type)
    assert "\x00" not in made.text
    assert 0 <= made.lost <= 1


@given(st.binary(max_size=400))
def test_any_bytes_are_a_feed_or_a_clear_failure(body):
    found: object
    try:
        found = feeds.parse(body, AT)
    except CollectError as error:
        found = error.reason
    assert isinstance(found, feeds.Feed) or found in ("not_a_feed", "empty", "too_large", "network")


# --- what is no feed, or a hostile one ------------------------------------------------------------


def test_a_page_is_no_feed_and_the_feeds_it_names_are_told():
    error = problem(
        "<!doctype html><html><head><base href='https://x.example/'>"
        "<link rel='alternate' type='application/rss+xml' href='/feed' title='All'>"
        "<link rel='alternate' type='application/json' href='/wp-json/oembed/1.0'></head>"
        "<body><a href='/comments/feed/'>Comments</a><a href='atom.xml'>Atom</a></body></html>"
    )
    assert error.reason == "not_a_feed"
    assert error.links == ("https://x.example/feed", "https://x.example/atom.xml")
    assert "https://x.example/feed" in str(error)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"{}", "not_a_feed"),
        (b'{"items": 3}', "not_a_feed"),
        (b"[" * 100_000, "not_a_feed"),
        (b"plain words", "not_a_feed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not_a_feed"),
        (b"/etc/passwd", "not_a_feed"),
        (b"http:// not an address", "not_a_feed"),
    ],
)
def test_what_is_no_feed_is_a_clear_failure(body, reason):
    assert problem(body).reason == reason


def test_a_path_in_the_body_opens_no_file(tmp_path):
    file = tmp_path / "feed.xml"
    file.write_text(rss(item()))
    assert problem(str(file)).reason == "not_a_feed"


def test_an_empty_feed_has_no_entries():
    assert parse(rss()).entries == ()
    assert parse('{"version": "https://jsonfeed.org/version/1", "items": []}').entries == ()


def test_a_broken_feed_gives_what_it_has_and_says_so():
    found = parse(
        rss(item(1), item(2)).replace("</channel></rss>", "") + "<item><title>Three & a half"
    )
    assert [one.headline for one in found.entries][:2] == ["Headline 1", "Headline 2"]
    assert any("not well formed" in note for note in found.notes)


def test_bare_ampersands_and_the_entities_of_html_are_mended_outside_cdata():
    found = parse(
        rss(
            "<item><title>Fish & chips&nbsp;&mdash; a &lt;b&gt; AT&T</title>"
            "<link>https://news.example/?a=1&b=2&amp;c=3</link></item>"
            "<item><title><![CDATA[R&D &amp; more]]></title>"
            "<link><![CDATA[https://news.example/?a=1&b=2]]></link></item>"
        )
    )
    assert [one.url for one in found.entries] == [
        "https://news.example/?a=1&b=2&c=3",
        "https://news.example/?a=1&b=2",
    ]
    assert found.entries[0].headline.startswith("Fish & chips — a")
    assert found.entries[1].headline == "R&D & more"
    assert found.notes == ()


@pytest.mark.parametrize(
    "number", ["&#55296;", "&#xFFFFFFFFFF;", "&#0;", "&#99999999999999999999;"]
)
def test_the_number_of_no_character_breaks_nothing(number):
    found = parse(rss(f"<item><title>One {number} two</title></item>") + "<broken")
    assert found.entries[0].headline == "One \ufffd two"


@pytest.mark.parametrize(
    "markup",
    [
        "</category>",
        "<psc:chapter xmlns:psc='http://podlove.org/simple-chapters' start='x'/>",
        "</source></link>",
    ],
)
def test_markup_on_which_the_parser_itself_breaks_costs_only_itself(markup):
    found = parse(rss(item(1), "<item>" + markup + "<title>Two</title></item>"))
    assert found.entries[0].headline == "Headline 1"


def test_a_feed_longer_than_can_be_parsed_in_seconds_is_cut_at_an_entry_and_the_cut_told():
    long = "<description>" + "words " * 20_000 + "</description>"
    found = parse(rss(*(item(n, long) for n in range(20))) + "<broken")
    assert 0 < len(found.entries) < 20
    assert found.entries[-1].text.endswith("words")
    assert any("MB long" in note for note in found.notes)


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]>"
)


@pytest.mark.parametrize("form", ["rss", "sitemap"])
def test_a_billion_laughs_are_not_heard(form):
    body = (
        LAUGHS + rss(item(more="<description>&m;</description>")).split("?>", 1)[1]
        if form == "rss"
        else LAUGHS.replace("rss", "urlset")
        + "<urlset><url><loc>https://x.example/&m;</loc></url></urlset>"
    )
    started = time.process_time()
    try:
        found = parse(body)
    except CollectError:
        return
    finally:
        assert time.process_time() - started < 20  # a guard against the flood, no measure of speed
    assert sum(len(one.text) for one in found.entries) < 100_000


@pytest.mark.parametrize("form", ["rss", "sitemap"])
def test_an_external_entity_is_not_read(form, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY s SYSTEM "{secret.as_uri()}">]>'
    body = (
        head + rss(item(more="<description>a &s;</description>")).split("?>", 1)[1]
        if form == "rss"
        else head + "<urlset><url><loc>https://x.example/&s;</loc></url></urlset>"
    )
    try:
        found = parse(body)
    except CollectError:
        return
    assert "secret" not in repr(found.entries)


def test_a_document_type_alone_spoils_nothing():
    head = '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" "http://x.example/rss.dtd">'
    assert len(parse(head + rss(item()).split("?>", 1)[1]).entries) == 1


def test_a_feed_of_100_000_entries_is_cut_and_the_cut_is_told():
    found = parse(rss(*(item(n) for n in range(100_000))), most=50)
    assert len(found.entries) == 50
    assert found.entries[0].headline == "Headline 0"
    assert found.notes == ("the feed has 100,000 entries; the first 50 were taken",)


def test_of_a_long_feed_that_runs_oldest_first_the_end_is_taken():
    days = [item(n, f"<pubDate>{n + 1:02} Mar 2026 10:00:00 GMT</pubDate>") for n in range(20)]
    found = parse(rss(*days), most=3)
    assert [one.headline for one in found.entries] == ["Headline 17", "Headline 18", "Headline 19"]


def test_twenty_thousand_nested_tags_in_an_entry_do_no_harm():
    deep = "&lt;div&gt;" * 20_000 + "words"
    (entry,) = parse(rss(item(more=f"<description>{deep}</description>"))).entries
    assert entry.headline == "Headline 1"


def test_what_a_feed_says_of_how_often_to_come_is_kept():
    said = "<ttl>30</ttl><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"
    assert parse(rss(item(), head=said)).every == 43_200
    assert parse(rss(item(), head="<ttl>90</ttl>")).every == 5_400
    assert parse(rss(item())).every is None


def test_the_real_feeds_are_read(shared):
    for file in sorted((shared / "data/feeds").glob("*/*.xml")):
        found = feeds.parse(file.read_bytes(), "https://feeds.example/")
        assert found.entries, file.name
        assert all(one.url and one.headline for one in found.entries), file.name
    full = feeds.parse((shared / "data/feeds/lemon24_reader/full.atom").read_bytes(), AT)
    assert full.entries[0].published.offset == "-08:00"


def test_a_feed_that_breaks_off_anywhere_gives_whole_entries_alone():
    """As a lost connection leaves it: half an entry has no address, and came twice."""
    entries = {(f"Tram {n} opens", f"https://a.example/news/{n}") for n in range(100, 104)}
    body = (
        "<rss version='2.0'><channel><title>A</title>"
        + "".join(
            f"<item><title>{line}</title><link>{link}</link><guid>{link}</guid></item>"
            for line, link in sorted(entries)
        )
        + "</channel></rss>"
    )
    first = body.index("</item>") + len("</item>")
    for length in range(first, len(body), 3):
        found = feeds.parse(body[:length].encode(), "https://a.example/rss", "text/xml")
        assert {(one.headline, one.url) for one in found.entries} <= entries
        if length < body.rindex("</item>") and not body[:length].endswith("</item>"):
            assert any("breaks off" in note or "well formed" in note for note in found.notes)
