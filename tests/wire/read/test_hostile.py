"""Pages made to do harm, or broken: each is refused with its reason, and the rest goes on."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire.errors import ReadError
from broadsheet.wire.model import Article, Entry, Failure, Page
from broadsheet.wire.read import charset, read
from broadsheet.wire.read.pool import Reader

GOOD = (
    "<html><head><title>Fourteen workers freed from a sample factory</title></head><body><article>"
    "<h1>Fourteen workers freed from a sample factory</h1>"
    + "<p>The sample court heard at length what the fourteen workers had been promised before they left.</p>"
    * 1
    + "<p>An invented ministry answered that it would look into the contracts of all the other workers.</p>"
    "<p>A hearing is to be held in the invented city before the end of the month, a clerk said there.</p>"
    "</article></body></html>"
).encode()
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(b'<!ENTITY lol%d "%s">' % (n, (b"&lol%d;" % (n - 1)) * 10) for n in range(1, 10))
    + b"]><html><body><p>&lol9;</p></body></html>"
)


@given(st.binary(max_size=3000))
def test_bytes_of_any_kind_give_an_article_or_a_read_error(body: bytes) -> None:
    with contextlib.suppress(ReadError):
        assert isinstance(read(Page("https://news.example/a", body)), Article)


@given(st.text(max_size=400))
def test_text_of_any_kind_inside_a_page_does_no_harm(words: str) -> None:
    body = (
        f"<html><title>{words}</title><body><h1>{words}</h1><figure><img "
        f"src=a.jpg><figcaption>{words}</figcaption></figure><p>{words}</p>"
    )
    with contextlib.suppress(ReadError):
        read(Page("https://news.example/a", body.encode("utf-8", "replace")))


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>" + b"<div>" * 20_000 + b"x" + b"</div>" * 20_000,
        b"<html><body>" + b"<b>" * 20_000 + b"x",
        b"<html><body>" + b"<p>" * 900_000,
        LAUGHS,
        b"<html><script type='application/ld+json'>"
        + b"[" * 100_000
        + b"</script><body></body></html>",
        b"<!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><html><body><p>&x;</p></body></html>",
    ],
)
def test_a_page_made_to_do_harm_is_refused(body: bytes) -> None:
    with pytest.raises(ReadError) as error:
        read(Page("https://news.example/a", body))
    assert "root:" not in str(error.value)


def test_nul_bytes_are_taken_out_and_told() -> None:
    article = read(Page("https://news.example/a", GOOD.replace(b"court", b"co\x00urt")))
    assert "\x00" not in article.text
    assert "The sample court heard" in article.text
    assert "NUL characters taken out" in article.failures


@pytest.mark.parametrize(
    ("said", "real", "words"),
    [
        (
            "utf-8",
            "windows-1252",
            "Prüfung der Verträge für fünfzehn Näherinnen, größer als früher",
        ),
        ("iso-8859-1", "utf-8", "Prüfung der Verträge für fünfzehn Näherinnen, größer als früher"),
        (
            "iso-8859-1",
            "windows-1251",
            "Суд в вымышленном городе освободил четырнадцать рабочих с фабрики. " * 3,
        ),
        ("gb2312", "gb18030", "樣本法院釋放了十四名工人，部長說他們將獲得賠償。" * 3),
        ("big5", "big5", "樣本法院釋放了十四名工人，部長說他們將獲得賠償。" * 3),
        ("shift_jis", "cp932", "見本の裁判所は工場から十四人の労働者を解放した。" * 3),
    ],
)
def test_a_charset_that_is_said_wrongly_is_found_out(said: str, real: str, words: str) -> None:
    body = f"<html><body><p>{words}</p></body></html>".encode(real)
    assert words in charset.decode(body, f"text/html; charset={said}").text


def test_a_byte_order_mark_goes_before_what_the_header_says() -> None:
    assert charset.decode("größer".encode("utf-16"), "text/html; charset=utf-8").text == "größer"


def test_a_page_that_takes_too_long_is_stopped_and_the_others_are_read_in_order() -> None:
    slow = b"<html><body>" + b"<div><p>word <a href=x>link</a></p>" * 150_000
    pages = [Page("https://news.example/1", GOOD), Page("https://news.example/2",
    slow), Page("https://news.example/3", GOOD)]  # fmt: skip
    with Reader(processes=1, seconds=3, megabytes=512) as reader:
        one, two, three = reader.read_all(pages)
    assert isinstance(one, Article)
    assert isinstance(two, Failure)
    assert two.url == "https://news.example/2"
    assert isinstance(three, Article)
    assert three.url == "https://news.example/3"


def test_a_page_over_its_time_is_a_failure_that_says_so() -> None:
    with Reader(processes=1, seconds=0.0001) as reader:
        answer = reader.read(Page("https://news.example/1", GOOD * 50))
    assert isinstance(answer, Failure)
    assert "longer than" in answer.reason


def test_reading_may_stop_early_and_start_again() -> None:
    with Reader(processes=2) as reader:
        pages = [Page(f"https://news.example/{n}", GOOD) for n in range(6)]
        first = next(iter(reader.read_all(pages)))
        assert isinstance(first, Article)
        again = list(reader.read_all(pages))
    assert [a.url for a in again if isinstance(a, Article)] == [p.url for p in pages]


def test_where_reading_was_stopped_the_feeds_own_text_stands_in() -> None:
    entry = Entry(
        "https://news.example/1", headline="A sample headline", text="What the feed said."
    )
    with Reader(processes=1, seconds=0.0001) as reader:
        answer = reader.read(Page("https://news.example/1", GOOD * 50, entry=entry))
    assert isinstance(answer, Article)
    assert answer.text == "What the feed said."
    assert "text from the feed" in answer.failures
