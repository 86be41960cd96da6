"""A letter in the form of the model issue: every part found, and printed again in its order."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadsheet.press import email, plaintext, web
from broadsheet.wire import issuefile
from broadsheet.wire.edition import Edition, Kind
from broadsheet.wire.issuefile import Parsed

LETTER = Path(__file__).parent / "letters" / "may-2021.txt"


@pytest.fixture(params=["invented", "seed"])
def letter(request: pytest.FixtureRequest) -> bytes:
    """The invented letter, and the model issue where it is at hand."""
    if request.param == "invented":
        return LETTER.read_bytes()
    shared: Path = request.getfixturevalue("shared")
    return (shared / "seed" / "june-2019.txt").read_bytes()


@pytest.fixture
def parsed(letter: bytes) -> Parsed:
    return issuefile.parse(letter, name="letter.txt")


def of_kind(edition: Edition, kind: Kind) -> list[str]:
    return [item.headline for item in edition.items() if item.kind is kind]


def test_a_letter_has_two_highlights_its_news_and_three_resources(
    parsed: Parsed, request: pytest.FixtureRequest
) -> None:
    edition = parsed.edition
    seed = "seed" in request.node.name
    assert len(of_kind(edition, Kind.HIGHLIGHT)) == 2
    assert len(of_kind(edition, Kind.ARTICLE)) == (4 if seed else 3)
    assert len(of_kind(edition, Kind.RESOURCE)) == 3
    assert parsed.unplaced == ()


def test_the_title_gives_the_month(parsed: Parsed) -> None:
    assert parsed.edition.date is not None
    assert parsed.edition.date.precision == "month"
    assert parsed.edition.title in ("June 2019", "May 2021")


def test_the_first_highlight_keeps_its_paragraphs_and_its_three_links(parsed: Parsed) -> None:
    first, second = parsed.edition.items()[:2]
    assert len(first.summary.split("\n\n")) == 3
    assert len(first.links) == 3
    assert all(link.text.startswith("Access ") for link in first.links)
    assert "&" in second.headline
    assert second.links == ()


def test_the_caption_goes_to_the_item_below_it(parsed: Parsed) -> None:
    pictured = [item for item in parsed.edition.items() if item.images]
    assert pictured == [parsed.edition.items()[2]]
    (image,) = pictured[0].images
    assert image.caption is not None
    assert image.caption.startswith("Many of the ")
    assert image.credit in ("AFP, via SCMP", "LNS, via The Example Tribune")


def test_the_resources_keep_their_introduction_and_their_unequal_dates(parsed: Parsed) -> None:
    last = parsed.edition.sections[-1]
    assert last.intro is not None
    assert last.intro.endswith(":")
    assert [item.date.precision for item in last.items if item.date] == ["year", "month", "month"]


def test_a_letter_without_addresses_gives_none(parsed: Parsed) -> None:
    for item in parsed.edition.items():
        assert all(link.url is None for link in item.links)
        assert all(image.url is None for image in item.images)


def test_every_line_of_the_letter_stands_in_the_print_in_its_order(
    letter: bytes, parsed: Parsed
) -> None:
    printed = " ".join(plaintext.plaintext(parsed.edition).split())
    at = 0
    for line in letter.decode().replace("\u00a0", " ").splitlines():
        words = " ".join(line.split())
        if words:
            found = printed.find(words, at)
            assert found >= 0, f"{words!r} is missing after {printed[max(0, at - 60) : at]!r}"
            at = found + len(words)


def test_a_link_without_an_address_is_printed_as_words(parsed: Parsed) -> None:
    for html in (email.email(parsed.edition), web.web(parsed.edition)):
        assert 'href=""' not in html
        assert "Access the article here." in html


def test_the_same_letter_gives_the_same_issue(letter: bytes, parsed: Parsed) -> None:
    assert issuefile.parse(letter, name="letter.txt") == parsed


def test_the_issue_goes_through_json_and_back(parsed: Parsed) -> None:
    row = parsed.to_json()
    back = Edition.from_json(row)
    assert back.sections == parsed.edition.sections
    assert set(row["sureness"]) >= {item.uid for item in parsed.edition.items()}
