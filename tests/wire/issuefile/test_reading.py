"""Reading newsletters of many shapes: what is found, and that nothing is lost."""

from __future__ import annotations

import contextlib
import json
import re
import time
from datetime import date
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.bench_issuefile import FIELDS, f1, score
from broadsheet.press import email, plaintext, web
from broadsheet.wire import issuefile
from broadsheet.wire.edition import Kind
from broadsheet.wire.errors import WireError
from broadsheet.wire.issuefile import IssueFileError, Parsed, parse, parse_all
from broadsheet.wire.issuefile.page import unwrapped
from tests.press.edition import HOUSE, full
from tests.wire.issuefile.invented import LAYOUTS, Letter, letters

ALL = letters(4)


def lost(parsed: Parsed, data: bytes, name: str) -> list[str]:
    """The words of a file's lines that stand nowhere in what was read from it."""
    row = json.dumps(parsed.to_json(), ensure_ascii=False).replace("\\\\", "").replace("\\n", " ")
    kept = set(re.findall(r"\w+", row.lower()))
    return [
        word
        for source in issuefile.sources(data, name=name)
        for line in source.lines
        for word in re.findall(r"\w+", line.text.lower())
        if word not in kept
    ]


LABELS = {
    "date",
    "source",
    "published",
    "on",
    "日期",
    "來源",
    "link",
    "image",
    "credits",
    "photo",
    "credit",
}


@pytest.mark.parametrize("letter", ALL, ids=lambda letter: f"{letter.layout}-{letter.name}")
def test_every_item_of_an_invented_letter_is_found_with_its_facts(letter: Letter) -> None:
    counts = score(letter, wrong=False)
    for field in FIELDS:
        precision, recall, both = f1(counts[field])
        assert both >= 0.95, f"{field}: precision {precision:.2f}, recall {recall:.2f}"


@pytest.mark.parametrize("letter", ALL[::3], ids=lambda letter: f"{letter.layout}-{letter.name}")
def test_no_word_of_a_letter_is_dropped(letter: Letter) -> None:
    parsed = parse(letter.data, name=letter.name)
    gone = set(lost(parsed, letter.data, letter.name)) - LABELS
    days = {str(number) for number in range(32)} | {f"{number:02}" for number in range(25)}
    assert {
        word for word in gone if word not in days and not re.fullmatch(r"\d+(?:st|nd|rd|th)", word)
    } == set()


TYPED = Path(__file__).parent / "letters"
EXPECTED = json.loads((TYPED / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_letters_typed_by_hand_are_read_as_a_person_would(name: str) -> None:
    """These were written after the rules, to see what the rules had not met."""
    edition = parse((TYPED / name).read_bytes(), name=name).edition
    wanted = EXPECTED[name]
    assert edition.title == wanted["title"]
    assert edition.newsletter == wanted["newsletter"]
    assert (edition.date.value if edition.date else None) == wanted["date"]
    assert [
        [
            section.heading,
            item.kind.value,
            item.headline,
            item.date.value if item.date else None,
            item.source,
            [link.url for link in item.links],
            [image.credit for image in item.images],
        ]
        for section in edition.sections
        for item in section.items
    ] == wanted["items"]


PIECES = st.sampled_from(
    (
        "June 2019", "Highlights of the Month", "Hong Kong", "", "", "Coast guard frees forty",
        "Date: 21 June 2019", "Date:", "Source: The Example", "The Example, 3 May 2019",
        "The coast guard said on Friday that it had freed 43 fishermen from six boats off Lowport.",
        "Access the article here.", "Read more", "https://a.example/1", "Image credits: AFP",
        "Nets at the pier. Photo: LNS", "-----", "=====", "* a point", "- another", "1. Numbered line",
        "Unsubscribe", "Follow us", "In this issue:", "Our pick of resources for crews:", "(Reuters)",
        "[1]", "[1] https://a.example/2", "Place: Town Hall", "*** Asia ***", "> quoted", "來源：示例日報",
    )
)  # fmt: skip


@given(st.lists(PIECES, min_size=1, max_size=40))
def test_any_order_of_lines_gives_an_issue_that_goes_through_json(pieces: list[str]) -> None:
    data = "\n".join(pieces).encode()
    try:
        parsed = parse(data, name="x.txt")
    except IssueFileError:
        return
    back = json.loads(json.dumps(parsed.to_json()))
    assert set(back["sureness"].values()) <= {n / 100 for n in range(101)}
    gone = set(lost(parsed, data, "x.txt")) - LABELS
    assert {
        w for w in gone if w.isalpha() and w not in {"june", "may", "in", "issue", "this"}
    } == set()


@given(st.binary(max_size=400), st.sampled_from(["a.html", "a.eml", "a.txt", "a.md", "a.xml", "a"]))
def test_no_bytes_break_the_reader(data: bytes, name: str) -> None:
    with contextlib.suppress(WireError):
        list(parse_all(data, name=name))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_a_cut_off_letter_keeps_what_came_before_the_cut(layout: object) -> None:
    letter = layout(7)  # type: ignore[operator]
    whole = parse(letter.data, name=letter.name).edition.items()
    if letter.name.endswith(".eml"):
        return  # a cut mail has lost its last part, and the text part is read
    cut = letter.data[: int(len(letter.data) * 0.75)]
    part = parse(cut, name=letter.name).edition.items()
    assert len(part) >= 2
    assert part[0].headline == whole[0].headline


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_letter_is_read_in_whatever_it_was_written(encoding: str) -> None:
    text = "June 2019\n\nBritain’s bank helps ‘survivors’\n\nDate: 3 June 2019\nSource: The Example\n\nIt does.\n"
    (item,) = parse(text.encode(encoding), name="a.txt").edition.items()
    assert item.headline == "Britain’s bank helps ‘survivors’"


def test_chinese_in_big5_is_read() -> None:
    text = "2019年6月\n\n警方搗破販運集團\n\n日期：2019年6月3日\n來源：示例日報\n\n警方昨日表示拘捕三名男子。\n"
    parsed = parse(text.encode("big5hkscs"), name="a.txt")
    assert parsed.edition.items()[0].source == "示例日報"
    assert parsed.edition.language == "zh-Hant"


def test_a_hidden_preview_and_scripts_are_not_part_of_the_issue() -> None:
    html = (
        "<html><body><div style='display:none'>Hidden words</div><script>alert('x')</script>"
        "<h1>May 2020</h1><h2>News</h2><h3>Ten freed</h3><p>Date: 3 May 2020<br>Source: KBN</p><p>They are.</p>"
        "</body></html>"
    )
    row = json.dumps(parse(html.encode(), name="a.html").to_json())
    assert "Hidden" not in row
    assert "alert" not in row


def test_hundreds_of_nested_tables_are_read() -> None:
    html = "<p>May 2020</p><h3>Ten freed</h3><p>Date: 3 May 2020<br>Source: KBN</p><p>They are free.</p>"
    for _ in range(200):
        html = f"<table><tr><td>{html}</td></tr></table>"
    (item,) = parse(html.encode(), name="a.html").edition.items()
    assert (item.headline, item.source) == ("Ten freed", "KBN")


def test_megabytes_of_pictures_inside_are_passed_over() -> None:
    picture = "data:image/png;base64," + "A" * 5_000_000
    html = f"<h1>May 2020</h1><img src='{picture}' alt='A pier'><h3>Ten freed</h3><p>Date: 3 May 2020</p><p>They are.</p>"
    start = time.process_time()
    (item,) = parse(html.encode(), name="a.html").edition.items()
    assert time.process_time() - start < 5
    assert item.date is not None


def test_a_file_that_is_no_letter_is_refused_in_plain_words() -> None:
    with pytest.raises(IssueFileError, match="PDF or an office document"):
        parse(b"%PDF-1.7 ...", name="june.pdf")
    with pytest.raises(IssueFileError, match="no text"):
        parse(b"", name="june.txt")


def test_an_impossible_date_is_named_and_not_guessed() -> None:
    text = "May 2020\n\nTen freed\n\nDate: 31 June 2020\nSource: KBN\n\nThey are free.\n"
    parsed = parse(text.encode(), name="a.txt")
    (item,) = parsed.edition.items()
    assert item.date is None
    assert parsed.doubts[item.uid] == ("date not read: 31 June 2020",)
    assert parsed.sure[item.uid] < 1


def test_each_post_of_a_wordpress_export_is_an_issue() -> None:
    def post(title: str, status: str) -> str:
        return (
            f"<item><title>{title}</title><link>https://l.example/{title}</link>"
            "<content:encoded><![CDATA[<h2>News</h2>\n\n<strong>Ten freed</strong>\n\nDate: 3 May 2020\nSource: KBN"
            "\n\nThey are free.\n\n<a href='https://a.example/1'>Access the article here.</a>]]></content:encoded>"
            f"<wp:post_date>2020-05-31 10:00:00</wp:post_date><wp:post_type>post</wp:post_type>"
            f"<wp:status>{status}</wp:status></item>"
        )

    export = (
        '<?xml version="1.0"?><rss xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Lantern House</title>'
        + post("May 2020", "publish") + post("Draft", "draft") + post("June 2020", "publish")
        + "</channel></rss>"
    )  # fmt: skip
    found = list(parse_all(export.encode(), name="export.xml"))
    assert [one.edition.title for one in found] == ["May 2020", "June 2020"]
    assert [one.edition.newsletter for one in found] == ["Lantern House"] * 2
    (item,) = found[0].edition.items()
    assert (item.source, item.links[0].url) == ("KBN", "https://a.example/1")


def test_a_forwarded_letter_begins_below_the_forwarding() -> None:
    message = EmailMessage()
    message["Subject"] = "Fwd: Pier News June 2019"
    message["From"] = "Someone <s@mail.example>"
    message.set_content(
        "---------- Forwarded message ---------\nFrom: Pier <p@pier.example>\nDate: Fri, 28 Jun 2019\n"
        "Subject: Pier News June 2019\n\nTen freed\n\nDate: 3 June 2019\nSource: KBN\n\nThey are free.\n"
    )
    parsed = parse(message.as_bytes(), name="a.eml")
    assert parsed.edition.title == "Pier News June 2019"
    assert [item.headline for item in parsed.edition.items()] == ["Ten freed"]


@pytest.mark.parametrize(
    ("wrapped", "inside"),
    [
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2F1%3Fx%3D2&data=05",
            "https://a.example/1?x=2",
        ),
        ("https://www.google.com/url?q=https://a.example/1&sa=D", "https://a.example/1"),
        ("https://a.example/?url=https://b.example", "https://a.example/?url=https://b.example"),
    ],
)
def test_an_address_is_taken_out_of_a_mail_gateways_wrapper(wrapped: str, inside: str) -> None:
    assert unwrapped(wrapped) == inside


@pytest.mark.parametrize("form", ["a.html", "b.html", "c.txt"])
def test_our_own_prints_are_read_back(form: str) -> None:
    given = full()
    made = {
        "a.html": email.email(
            given, house=HOUSE, today=date(2026, 6, 30), unsubscribe_url="https://n.example/u"
        ),
        "b.html": web.web(given, house=HOUSE, today=date(2026, 6, 30)),
        "c.txt": plaintext.plaintext(given, house=HOUSE),
    }[form]
    back = parse(made.encode(), name=form).edition
    assert (back.title, back.newsletter) == (given.title, given.newsletter)
    for was, now in zip(given.items(), back.items(), strict=False):
        assert (now.headline, now.our_heading, now.kind, now.source) == (
            was.headline,
            was.our_heading,
            was.kind,
            was.source,
        )
        assert (now.date and now.date.value) == (was.date and was.date.value)
        assert (now.note, now.content_note) == (was.note, was.content_note)
        assert [link.url for link in now.links] == [link.url for link in was.links]
        assert [image.credit for image in now.images] == [image.credit for image in was.images]
    assert back.sections[2].intro == given.sections[2].intro


def test_events_and_resources_are_told_from_news_by_their_section() -> None:
    text = (
        "May 2020\n\nNEWS\n\nTen freed\nKBN, 3 May 2020\nThey are free.\n\n"
        "EVENTS\n\nFilm night\nDate: 24 May 2020\nPlace: Town Hall\nA film.\n"
    )
    kinds = [item.kind for item in parse(text.encode(), name="a.txt").edition.items()]
    assert kinds == [Kind.ARTICLE, Kind.EVENT]
