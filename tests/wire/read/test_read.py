"""Pages become articles. All pages here are invented."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from broadsheet.wire.errors import ReadError
from broadsheet.wire.model import Entry, Page
from broadsheet.wire.read import read

BODY = "".join(
    f"<p>Paragraph {n} of the sample tells at some length what the court in Example City heard from the "
    f"fourteen workers that day, and what the ministry answered to them afterwards.</p>"
    for n in range(1, 7)
)


def page(
    head: str = "",
    body: str = BODY,
    *,
    html: str = "",
    url: str = "https://news.example/a",
    **but: object,
) -> Page:
    """A page with a headline and six paragraphs; name only what the test is about."""
    made = html or (
        f"<!doctype html><html lang='en'><head><title>Fourteen workers freed from a sample factory</title>"
        f"{head}</head><body><article><h1>Fourteen workers freed from a sample factory</h1>{body}"
        "</article></body></html>"
    )
    return Page(url, made.encode(), **but)  # type: ignore[arg-type]


def linked(**but: object) -> str:
    """A block of linked data about the article."""
    given = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": "Fourteen workers freed from a sample factory",
    }
    return f'<script type="application/ld+json">{json.dumps(given | but)}</script>'


def test_a_page_is_read_with_headline_text_date_authors_source_and_language() -> None:
    article = read(
        page(
            linked(
                datePublished="2019-06-21T10:30:00+08:00",
                dateModified="2019-06-22T09:00:00+08:00",
                author=[
                    {"@type": "Person", "name": "Ada Sample"},
                    {"@type": "Person", "name": "Ben Sample"},
                ],
                publisher={"@type": "Organization", "name": "The Example Herald"},
                isAccessibleForFree="False",
            )
            + '<link rel="canonical" href="/a?utm_source=x">'
            + '<meta property="og:description" content="A sample in one line.">'
        )
    )
    assert article.headline == "Fourteen workers freed from a sample factory"
    assert article.text.startswith("Paragraph 1 of the sample")
    assert article.published is not None
    assert (article.published.value, article.published.offset, article.published.basis) == (
        "2019-06-21T10:30",
        "+08:00",
        "json_ld",
    )
    assert article.updated is not None
    assert article.updated.value == "2019-06-22T09:00"
    assert article.authors == ("Ada Sample", "Ben Sample")
    assert article.source == "The Example Herald"
    assert article.language == "en"
    assert article.canonical_url == "https://news.example/a"
    assert article.description == "A sample in one line."
    assert article.paywalled
    assert article.failures == ()


def test_what_stands_beside_an_article_is_left_out_but_not_an_article_that_stands_there() -> None:
    told = "".join(
        f"<p>The clerk of the sample town read out page {n} of the sample report, which took an hour.</p>"
        for n in range(9)
    )
    beside = "<nav><p>All sections of the sample paper, a long line of them, are here.</p></nav>"
    aside = "<aside><p>Readers of this sample also read what stands here in a box.</p></aside>"
    plain = read(page(html=f"<title>A report is read</title>{beside}<main>{told}{aside}</main>"))
    assert plain.text.count("sample report") == 9
    assert "also read" not in plain.text
    assert "sections" not in plain.text

    odd = read(page(html=f"<title>A report is read</title><nav>{told}</nav>"))
    assert odd.text.count("sample report") == 9


def test_a_page_without_a_date_has_none_and_says_so() -> None:
    article = read(page())
    assert article.published is None
    assert "no date found" in article.failures


def test_a_date_after_the_page_was_fetched_is_kept_and_marked() -> None:
    article = read(
        page(
            linked(datePublished="2031-01-01T00:30:00Z"), fetched=datetime(2019, 6, 21, tzinfo=UTC)
        )
    )
    assert article.published is not None
    assert article.published.value == "2031-01-01T00:30"
    assert "the date lies in the future" in article.failures


def test_where_the_page_fails_the_feeds_own_text_stands_in_and_is_marked() -> None:
    entry = Entry(
        "https://news.example/a", headline="A sample headline", text="What the feed said."
    )
    article = read(page(html="<html><body></body></html>", entry=entry))
    assert (article.headline, article.text) == ("A sample headline", "What the feed said.")
    assert "text from the feed" in article.failures


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("   ", "empty"),
        ("<html><head><title>A sample</title></head><body></body></html>", "no text"),
        ("<html><body>" + "<div>" * 20_000 + "x", "nests"),
        ('{"a": 1}', "JSON"),
        ("<?xml version='1.0'?><rss><channel/></rss>", "XML"),
        (
            "<html><head><title>Just a moment...</title></head><body><p>Wait.</p></body></html>",
            "blocked",
        ),
        ("%PDF-1.4 sample", "file"),
    ],
)
def test_what_is_no_article_is_refused_with_the_reason(html: str, said: str) -> None:
    with pytest.raises(ReadError, match=said):
        read(page(html=html))


def test_a_page_of_50_megabytes_is_refused_at_once() -> None:
    with pytest.raises(ReadError, match="50 MB"):
        read(Page("https://news.example/a", b"<p>" + b"x" * 50_000_000))
