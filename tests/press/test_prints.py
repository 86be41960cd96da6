"""What every print of an edition has in common, and what each has of its own."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import feedparser
import lxml.html
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.press import dates, email, feed, markdown, pdf, plaintext, web
from broadsheet.press.house import House, PressError, contrast
from broadsheet.press.proof import empty, shortened
from broadsheet.wire import dates as wire_dates
from broadsheet.wire.edition import Edition, Image, Link, Permission, Section
from tests.press.edition import HOUSE, edition, full, item

TODAY = date(2026, 6, 30)


def shown(html: str) -> str:
    """The words of a page as a reader sees them."""
    root = lxml.html.document_fromstring(html)
    for gone in root.xpath("//script|//style|//head"):
        gone.drop_tree()
    return " ".join(root.text_content().split())


def prints(of: Edition) -> dict[str, str]:
    return {
        "email": shown(email.email(of, house=HOUSE, today=TODAY)),
        "web": shown(web.web(of, house=HOUSE, today=TODAY)),
        "text": " ".join(plaintext.plaintext(of, house=HOUSE, today=TODAY).split()),
    }


# -- what all prints say ---------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["email", "web", "text"])
def test_every_fact_of_an_edition_stands_in_every_print_in_its_order(form: str) -> None:
    facts = (
        "The Harbour Letter", "June 2026", "Highlights of the Month", "Harbour Labour Report 2026",
        "The city moved to ‘Band 3’.", "talks with crews", "a register",
        "Access the Harbour Labour Report 2026 here", "Access the city’s response here",
        "Access Lantern House’s response here.", "News", "Nets at the pier.",
        "Image credits: LNS, via The Example Tribune", "Fishermen freed", "speaks of violence",
        "Coast guard frees fishermen", "Date: 21 June 2026", "Source: The Example Tribune",
        "The coast guard said that it had freed 43 fishermen.", "The number was 40 at first.",
        "Access the article here", "The captains were named.", "The new pier", "Image credits: Mara Quill",
        "A new pier opens", "Our pick for ferries:", "The Gangway Handbook", "Date: February 2026",
        "Source: Lowport Harbour Council", "Forced labour at sea", "Date: 2026", "1234 5678",
        "Nobody is tracked.", "4 Pier Road, Lowport",
    )  # fmt: skip
    words, at = prints(full())[form], 0
    for fact in facts:
        found = words.find(fact, at)
        assert found >= 0, f"{fact!r} is missing after {words[max(0, at - 80) : at]!r}"
        at = found


@pytest.mark.parametrize("form", ["email", "web", "text"])
def test_an_invented_sample_says_so_in_every_print(form: str) -> None:
    assert "invented sample" in prints(replace(full(), sample=True))[form]
    assert "invented sample" not in prints(full())[form]


@pytest.mark.parametrize("form", ["email", "web", "text"])
def test_a_corrected_edition_says_so(form: str) -> None:
    assert "version 2" in prints(replace(full(), version=2))[form]


def test_a_picture_is_printed_only_with_a_recorded_permission() -> None:
    for html in (email.email(full(), today=TODAY), web.web(full(), today=TODAY)):
        assert "https://media.lantern.example/pier.jpg" in html
        assert "nets.jpg" not in html
        assert "The picture stands with the article at its source." in html


@pytest.mark.parametrize(
    ("until", "printed"),
    [("2026-06-30", True), ("2026-06-29", False), ("soon", False), (None, True)],
)
def test_a_permission_that_ended_prints_no_picture(until: str | None, printed: bool) -> None:
    image = Image("https://a.example/x.jpg", "x", "c", "d", permission=Permission("asked", until))
    html = web.web(edition(item(images=(image,))), today=TODAY)
    assert ("https://a.example/x.jpg" in html) is printed
    if until:
        assert "https://a.example/x.jpg" not in web.web(edition(item(images=(image,))))


def test_our_own_pictures_get_whole_addresses_in_a_mail() -> None:
    image = Image("/media/x.jpg", "x", "c", "d", permission=Permission("own"))
    html = email.email(edition(item(images=(image,))), base_url="https://n.example/2026/")
    assert 'src="https://n.example/media/x.jpg"' in html


def test_our_heading_stands_above_and_the_outlets_headline_is_kept() -> None:
    for words in prints(full()).values():
        assert "Headline at the source: Coast guard frees fishermen" in words


@pytest.mark.parametrize(
    "words",
    [
        "Access the article here.",
        "Read more",
        "Click here to access the article.",
        "here",
        "按此閱讀全文",
    ],
)
def test_empty_link_words_are_given_the_headline_to_name_the_story(words: str) -> None:
    assert empty(words)
    of = edition(item(links=(Link(words, "https://a.example/1"),)))
    for html in (email.email(of), web.web(of)):
        links = [
            " ".join(a.text_content().split())
            for a in lxml.html.document_fromstring(html).iter("a")
        ]
        named = [link for link in links if link.startswith(words.rstrip("."))]
        assert named
        assert all("Coast guard frees fishermen" in link for link in named)


def test_link_words_that_name_something_stay_alone() -> None:
    assert not empty("Access the city’s response here")
    assert "response here:" not in prints(full())["web"]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        " JaVaScRiPt:x",
        "vbscript:x",
    ],
)
def test_no_print_links_to_anything_but_web_and_mail(url: str) -> None:
    of = edition(item(links=(Link("Open the file", url),), summary=f"See [this]({url})."))
    for html in (email.email(of), web.web(of)):
        assert not re.search(r'href="\s*(?:javascript|data|file|vbscript)', html, re.IGNORECASE)
        assert 'href=""' not in html


# -- dates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "language", "words"),
    [
        ("2019", "en", "2019"),
        ("2019-02", "en", "February 2019"),
        ("2019-06-21", "en", "21 June 2019"),
        ("2019-06-21", "en-US", "June 21, 2019"),
        ("2019-06-21T10:30+08:00", "en", "21 June 2019"),
        ("2019", "zh-Hant", "2019年"),
        ("2019-02", "zh-Hant", "2019年2月"),
        ("2019-06-21", "zh-Hant", "2019年6月21日"),
        ("2019-06-21", "zh-HK", "2019年6月21日"),
        ("2019-02", "xx-Nowhere", "February 2019"),
    ],
)
def test_a_date_is_printed_as_exactly_as_it_is_known(typed: str, language: str, words: str) -> None:
    assert dates.words(wire_dates.typed(typed), language) == words


# -- mail ------------------------------------------------------------------------------------------


class Outline(HTMLParser):
    """Which elements open, with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def outline(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Outline()
    parser.feed(html)
    return parser.tags


def test_a_mail_is_one_that_a_screen_reader_can_follow() -> None:
    tags = outline(email.email(full(), house=HOUSE, today=TODAY))
    assert dict(tags)["html"]["lang"] == "en"
    wrapper = next(attributes for tag, attributes in tags if tag == "div")
    assert (wrapper["lang"], wrapper["dir"]) == ("en", "ltr")
    assert all(
        attributes.get("role") == "presentation" for tag, attributes in tags if tag == "table"
    )
    assert all("alt" in attributes for tag, attributes in tags if tag == "img")
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_mail_hides_nothing_and_fetches_nothing_but_its_pictures() -> None:
    html = email.email(full(), house=HOUSE, today=TODAY)
    assert not re.search(
        r"display:\s*none|visibility:\s*hidden|font-size:\s*0|max-height:\s*0", html
    )
    assert not re.search(r"<(?:script|link|iframe|form)\b|@import|@font-face|url\(", html)
    assert re.findall(r'src="([^"]+)"', html) == ["https://media.lantern.example/pier.jpg"]


def test_a_mail_sets_no_words_below_14_pixels_and_underlines_its_links() -> None:
    html = email.email(full(), house=HOUSE, today=TODAY, unsubscribe_url="https://n.example/u")
    sizes = [int(size) for size in re.findall(r"font-size:\s*(\d+)px", html)]
    assert min(size for size in sizes if size > 1) >= 14
    links = [attributes for tag, attributes in outline(html) if tag == "a"]
    assert all("underline" in (attributes["style"] or "") for attributes in links)


def test_a_mail_says_first_what_it_holds_and_where_to_leave() -> None:
    html = email.email(full(), unsubscribe_url="{{UNSUBSCRIBE_URL}}", web_url="{{WEB_URL}}")
    words = shown(html)
    assert words.startswith("Harbour Labour Report 2026 · Fishermen freed")
    assert 'href="{{UNSUBSCRIBE_URL}}"' in html
    assert 'href="{{WEB_URL}}"' in html
    assert "nsubscribe" not in email.email(full())


def test_a_mail_leads_to_the_same_issue_in_another_language() -> None:
    html = email.email(full(), alternates={"zh-Hant": "https://n.example/zh"})
    assert "閱讀繁體中文版" in shown(html)
    assert 'href="https://n.example/zh"' in html
    text = plaintext.plaintext(full(), alternates={"zh-Hant": "https://n.example/zh"})
    assert (
        "閱讀繁體中文版：\nhttps://n.example/zh" in text
        or "閱讀繁體中文版:\nhttps://n.example/zh" in text
    )


def test_every_cell_of_a_mail_has_its_own_ground_for_forced_dark_modes() -> None:
    for tag, attributes in outline(email.email(full(), house=HOUSE)):
        if tag == "td":
            assert "background-color" in (attributes.get("style") or "")


def test_thirty_items_stay_below_what_gmail_cuts() -> None:
    many = edition(
        *(item(uid=f"i{n}", summary="A sentence of a summary. " * 12) for n in range(30))
    )
    assert email.size(email.email(many, house=HOUSE)) < email.LIMIT
    assert email.warnings(email.email(many, house=HOUSE)) == []


def test_a_mail_that_gmail_would_cut_warns_with_what_to_cut() -> None:
    (told,) = email.warnings("x" * (email.LIMIT + 500))
    assert "500" in told


# -- the house -------------------------------------------------------------------------------------


def test_colours_that_weak_eyes_cannot_read_are_refused() -> None:
    with pytest.raises(PressError, match=r"accent on paper .* 2\.\d to 1"):
        House(accent="#ff8866")


def test_colours_must_be_colours() -> None:
    with pytest.raises(PressError, match="is no colour"):
        House(rule="red;} body {display:none")


@given(
    st.from_regex(r"#[0-9a-f]{6}", fullmatch=True), st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)
)
def test_contrast_lies_between_1_and_21_and_knows_no_order(one: str, other: str) -> None:
    assert 1 <= contrast(one, other) <= 21.001
    assert contrast(one, other) == contrast(other, one)


# -- web -------------------------------------------------------------------------------------------


def test_every_item_has_a_permanent_anchor_and_the_page_its_address() -> None:
    root = lxml.html.document_fromstring(web.web(full(), url="https://n.example/2026-06"))
    assert root.xpath("//link[@rel='canonical']/@href") == ["https://n.example/2026-06"]
    for one in full().items():
        assert root.xpath(f"//*[@id='{one.uid}']")
        assert root.xpath(f"//a[@href='#{one.uid}']")
    assert root.xpath("//a[@class='skip sans']/@href") == ["#issue"]
    assert len(root.xpath("//h1")) == 1


def test_linked_data_lists_the_items_with_the_outlets_as_their_publishers() -> None:
    html = web.web(full(), url="https://n.example/2026-06", house=HOUSE)
    data = json.loads(lxml.html.document_fromstring(html).xpath("//script/text()")[0])
    things = [entry["item"] for entry in data["mainEntity"]["itemListElement"]]
    assert [thing["@type"] for thing in things] == [
        "Article", "NewsArticle", "NewsArticle", "CreativeWork", "CreativeWork",
    ]  # fmt: skip
    assert things[1]["publisher"]["name"] == "The Example Tribune"
    assert things[1]["headline"] == "Coast guard frees fishermen"
    assert things[4]["datePublished"] == "2026"


def test_a_page_runs_no_script() -> None:
    html = web.web(edition(item(headline="</script><script>alert(1)</script>")))
    scripts = [attributes for tag, attributes in outline(html) if tag == "script"]
    assert scripts == [{"type": "application/ld+json"}]
    assert "<script>alert" not in html


def test_a_page_leads_to_the_same_issue_in_another_language() -> None:
    html = web.web(full(), alternates={"zh-Hant": "https://n.example/zh"})
    assert 'hreflang="zh-Hant"' in html
    assert "閱讀繁體中文版" in html


def test_a_sample_is_kept_out_of_search_engines() -> None:
    assert 'content="noindex"' in web.web(replace(full(), sample=True))


# -- text ------------------------------------------------------------------------------------------


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=200),
        max_size=5,
    )
)
def test_no_line_of_text_is_wider_than_72_unless_one_word_is(paragraphs: list[str]) -> None:
    made = plaintext.plaintext(edition(item(summary="\n\n".join(paragraphs))))
    for line in made.splitlines():
        assert markdown.columns(line) <= plaintext.WIDTH or len(line.split()) <= 2


def test_chinese_text_is_folded_between_characters() -> None:
    words = "警方昨日表示，行動中拯救了十二名女子，並拘捕三名男子。" * 5
    lines = markdown.wrapped(words, 72).split("\n")
    assert "".join(lines) == words
    assert max(map(markdown.columns, lines)) <= 72
    assert not any(line.startswith(("，", "。")) for line in lines)


def test_text_numbers_lists_and_keeps_addresses_whole() -> None:
    source = "First:\n\n1. one [report](https://a.example/" + "x" * 90 + ")\n2. two\n\nEnd *well*."
    assert markdown.text(source) == (
        "First:\n\n1. one report\n   (https://a.example/" + "x" * 90 + ")\n\n2. two\n\nEnd well."
    )


# -- Markdown --------------------------------------------------------------------------------------


@given(st.text(max_size=300))
def test_no_text_becomes_anything_but_the_elements_we_allow(source: str) -> None:
    allowed = {"p", "a", "em", "strong", "ul", "ol", "li", "br"}
    for tag, attributes in outline(markdown.html(source)):
        assert tag in allowed
        assert set(attributes) <= {"href", "start"}


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=200)
)
def test_escaped_words_come_out_as_they_went_in(words: str) -> None:
    assert markdown.plain(markdown.escaped(words)) == " ".join(words.split())


@pytest.mark.parametrize(
    "source",
    [
        "<script>x</script>",
        "<img src=x onerror=y>",
        "# Big",
        "![x](https://a.example/p.gif)",
        "`code`",
    ],
)
def test_what_is_no_mark_of_ours_is_printed_as_it_stands(source: str) -> None:
    html = markdown.html(source)
    assert not re.search(r"<(?:script|img|h1|code)", html)
    assert (
        markdown.plain(source).split()[-1]
        == source.removesuffix("](https://a.example/p.gif)").replace("[", "").split()[-1]
    )


# -- feeds -----------------------------------------------------------------------------------------


def test_a_feed_of_editions_is_read_by_others_without_a_complaint() -> None:
    older = replace(full(), uid="e0", title="May 2026", date=wire_dates.typed("May 2026"))
    made = feed.atom(
        [older, full()], base_url="https://n.example/", title="The Harbour Letter",
        feed_id="urn:uuid:1", self_url="https://n.example/atom.xml",
    )  # fmt: skip
    read = feedparser.parse(made)
    assert not read.bozo
    assert [entry.title for entry in read.entries] == [
        "The Harbour Letter: June 2026",
        "The Harbour Letter: May 2026",
    ]
    assert "Fishermen freed" in read.entries[0].content[0].value


def test_the_three_feeds_of_an_edition_hold_the_same_items() -> None:
    files = feed.files(full(), base_url="https://n.example/2026-06")
    titles = [one.heading for one in full().items()]
    for name in ("atom.xml", "rss.xml"):
        read = feedparser.parse(files[name])
        assert not read.bozo
        assert [entry.title for entry in read.entries] == titles
    assert [one["title"] for one in json.loads(files["feed.json"])["items"]] == titles


def test_characters_that_xml_cannot_hold_do_not_break_a_feed() -> None:
    made = feed.files(
        edition(item(headline="Bell \x07 & <b> \x00\x0b end")), base_url="https://n.example/"
    )
    assert not feedparser.parse(made["atom.xml"]).bozo
    assert not feedparser.parse(made["rss.xml"]).bozo


def test_a_feed_without_editions_is_still_a_feed() -> None:
    assert feed.atom([], base_url="https://n.example/", title="T", feed_id="urn:x").startswith(
        b"<?xml"
    )


# -- PDF -------------------------------------------------------------------------------------------


def test_a_pdf_is_tagged_and_names_itself() -> None:
    made = pdf.pdf(full(), house=HOUSE, today=TODAY)
    assert made.startswith(b"%PDF-")
    assert b"/MarkInfo" in made
    assert b"pdfuaid" in made


def test_the_same_edition_gives_the_same_pdf() -> None:
    assert pdf.pdf(full(), house=HOUSE) == pdf.pdf(full(), house=HOUSE)


@pytest.mark.parametrize(
    "words",
    [
        '#read("/etc/passwd")',
        "#panic()",
        "$x$ *b* _i_ @ref <label>",
        '"]; #eval("1")',
        "= Heading",
        "\\u{41}",
    ],
)
def test_no_words_of_an_issue_are_read_as_typesetting(words: str) -> None:
    of = edition(item(headline=words, summary=words, source=words), title=words, newsletter=words)
    assert pdf.pdf(of).startswith(b"%PDF-")


def test_an_empty_edition_can_be_printed_in_every_form() -> None:
    bare = edition(sections=(), newsletter="", title="", date=None)
    assert "Untitled" in plaintext.plaintext(bare)
    assert email.email(bare).startswith("<!DOCTYPE html>")
    assert web.web(bare).startswith("<!DOCTYPE html>")
    assert pdf.pdf(bare).startswith(b"%PDF-")
    headed = edition(sections=(Section("Only a heading"),))
    assert "Only a heading" in prints(headed)["text"]


def test_long_headlines_are_cut_at_a_word() -> None:
    assert shortened("one two three", 8) == "one two…"
    assert shortened("short") == "short"
