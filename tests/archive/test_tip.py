"""The TIP Report's public pages, checked by hand against the table; a new edition; its highlight."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from broadsheet.issues import compose, tiers
from broadsheet.library import entering, shelving, tip
from broadsheet.library.models import Tier
from broadsheet.press import drawing
from broadsheet.wire import beat as beats
from broadsheet.wire import dates
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, 9, tzinfo=UTC)
TABLE = Path(beats.__file__).parent.parent / "beats/human_trafficking/tip_tiers.csv"


@pytest.fixture
def table() -> None:
    shelving.tiers(beats.load(None).tiers)


def in_file() -> list[dict[str, str]]:
    return list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines()))


def line(client: Client, iso3: str) -> dict[int, str]:
    """What the table of a country's page says, by year."""
    page = html.fromstring(client.get(f"/tip/{iso3}/").content)
    rows = page.xpath("//tbody/tr")
    return {int(r[0].text_content()): r[1].text_content() for r in rows}


def test_hong_kong_by_hand(client: Client, table: None) -> None:
    one, two, watch = "Tier 1", "Tier 2", "Tier 2 Watch List"
    by_hand = (
        dict.fromkeys(range(2001, 2009), one)
        | dict.fromkeys(range(2009, 2016), two)
        | dict.fromkeys((2016, 2017, 2018), watch)
        | {2019: two}
        | dict.fromkeys((2020, 2021, 2022), watch)
        | {2023: two, 2024: watch, 2025: watch}
    )
    assert line(client, "HKG") == by_hand
    page = client.get("/tip/HKG/").content.decode()
    assert "Tier 2 Watch List in the edition of 2025." in page
    assert "Two editions in a row on the Watch List" in page
    assert "Nothing is filled in" not in page


def test_thailand_by_hand_and_its_gaps_stay(client: Client, table: None) -> None:
    gap, two, watch, three = "not in our table", "Tier 2", "Tier 2 Watch List", "Tier 3"
    by_hand = (
        dict.fromkeys((2001, 2002, 2003), two)
        | {2004: watch}
        | dict.fromkeys(range(2005, 2010), two)
        | dict.fromkeys((2010, 2011, 2012, 2013), watch)
        | {2014: three, 2015: three}
        | dict.fromkeys((2016, 2017, 2018, 2019), gap)
        | {2020: two, 2021: watch, 2022: gap, 2023: two, 2024: gap, 2025: gap}
    )
    assert line(client, "THA") == by_hand
    page = client.get("/tip/THA/").content.decode()
    assert "Not in our table: 2016, 2017, 2018, 2019, 2022, 2024, 2025." in page
    assert "Last known: Tier 2, in the edition of 2023." in page


def test_a_change_over_a_gap_is_not_said_to_be_this_editions(client: Client, table: None) -> None:
    page = html.fromstring(client.get("/tip/THA/").content)
    cells = {
        int(r[0].text_content()): [c.text_content() for c in r] for r in page.xpath("//tbody/tr")
    }
    assert cells[2020][2] == "the year before is not in our table"
    assert cells[2021][2] == "down from Tier 2"
    assert cells[2023][2] == "the year before is not in our table"
    paths = page.xpath("//svg//path")
    assert len(paths) == 15  # 14 steps from 2001 to 2015, one from 2020 to 2021; none over a gap


def test_every_cell_of_every_country_is_that_of_the_table(client: Client, table: None) -> None:
    rows = in_file()
    shown = {(iso3, y.year): y.tier for iso3, _ in tip.countries() for y in tip.line(iso3)}
    kept = {(tip.code(r["iso3"]), int(r["year"])): r["tier"] for r in rows}
    assert {at: tier for at, tier in shown.items() if tier} == kept
    assert all(shown[at] is None for at in shown.keys() - kept.keys())


def test_an_edition_says_what_changed_and_what_is_missing(client: Client, table: None) -> None:
    page = client.get("/tip/2019/").content.decode()
    words = re.sub(r"\s+", " ", html.fromstring(page).text_content())
    assert "This edition is not whole in our table: it has 9 places" in words
    assert "Hong Kong: Tier 2, from Tier 2 Watch List" in words
    whole = client.get("/tip/2021/").content.decode()
    assert "not whole" not in whole
    counts = dict(re.findall(r'<th scope="row">([^<]+)</th><td class="number">(\d+)</td>', whole))
    rows = [r for r in in_file() if r["year"] == "2021"]
    assert sum(map(int, counts.values())) == len(rows)
    assert int(counts["Tier 3"]) == sum(r["tier"] == "3" for r in rows)


def test_the_map_and_the_table_say_the_same(client: Client, table: None) -> None:
    page = html.fromstring(client.get("/tip/2021/").content)
    on_map = {t.text for t in page.xpath("//svg//path/title | //svg//circle/title")}
    in_table = {
        f"{r[0].text_content()}: {r[1].text_content()}" for r in page.xpath("(//table)[2]/tbody/tr")
    }
    assert on_map <= in_table
    missing = in_table - on_map
    assert missing == set(), missing


def test_charts_and_maps_are_also_png(client: Client, table: None) -> None:
    for path in ("/tip/2021/map.png", "/tip/THA/line.png"):
        answer = client.get(path)
        assert answer["Content-Type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "path", ["/tip/1999/", "/tip/XXX/", "/tip/1999/map.png", "/tip/XXX/line.png"]
)
def test_what_the_table_does_not_have_is_not_found(client: Client, table: None, path: str) -> None:
    assert client.get(path).status_code == 404


def test_without_tiers_the_page_says_so(client: Client) -> None:
    assert "There are no tiers here yet." in client.get("/tip/").content.decode()


def test_the_data_comes_out_as_it_went_in(client: Client, table: None) -> None:
    rows = in_file()
    out = list(csv.DictReader(client.get("/tip/tiers.csv").content.decode().splitlines()))
    assert sorted(out, key=str) == sorted(rows, key=str)
    assert len(client.get("/tip/tiers.json").json()["tiers"]) == len(rows)


@given(st.sampled_from([*tip.LABELS, None]), st.sampled_from([*tip.LABELS, None]))
def test_up_one_way_is_down_the_other(one: Any, other: Any) -> None:
    turned = {tip.Direction.UP: tip.Direction.DOWN, tip.Direction.DOWN: tip.Direction.UP}
    there = tip.direction(one, other)
    assert tip.direction(other, one) == turned.get(there, there)


# --- a new edition -------------------------------------------------------------------------------


def test_the_edition_of_2019_drafts_the_first_highlight(table: None) -> None:
    issue = make.issue()
    Tier.objects.filter(year=2019).delete()
    given = entering.read("country,tier\nHong Kong,Tier 2\nThe Gambia,2WL\n", 2019)
    assert given.troubles == ()
    assert entering.keep(given, "state.gov, 20 June 2019", None, NOW) == 2
    made = tiers.highlight(
        issue, "HKG", "Hong Kong", 2019, None, NOW, released=dates.typed("20 June 2019")
    )
    assert made.kind == "highlight"
    assert made.headline == "US TIP Report 2019"
    assert made.section.heading == "Highlights"
    assert made.summary == (
        "Hong Kong has been upgraded to Tier 2 from the Watch List in the US Department of State’s "
        "Trafficking in Persons Report 2019 (“TIP Report”), released on 20 June."
    )
    assert [link["text"] for link in made.links] == [
        "Access the US TIP Report 2019 here",
        "Access the government’s response here",
        "Access our response here",
    ]
    with pytest.raises(compose.ComposeError, match="stands in"):
        tiers.highlight(issue, "HKG", "Hong Kong", 2019, None, NOW)


@pytest.mark.parametrize(
    ("year", "words"),
    [
        (2016, "Hong Kong has been downgraded to the Tier 2 Watch List from Tier 2 in"),
        (2017, "Hong Kong remains on the Tier 2 Watch List in"),
        (2020, "Hong Kong has been downgraded to the Tier 2 Watch List from Tier 2 in"),
        (2001, "Hong Kong is on Tier 1 in"),
    ],
)
def test_the_sentence_says_what_the_table_knows(table: None, year: int, words: str) -> None:
    at = next(one for one in tip.line("HKG") if one.year == year)
    assert tiers.words("Hong Kong", at, None, "en").startswith(words)


def test_no_highlight_without_the_edition(table: None) -> None:
    with pytest.raises(compose.ComposeError, match="Enter the edition first"):
        tiers.highlight(make.issue(), "THA", "Thailand", 2019, None, NOW)


def test_an_entry_keeps_what_differs_unless_told_and_can_be_taken_back(table: None) -> None:
    before = sorted(Tier.objects.values_list("iso3", "year", "tier", "status", "source"))
    given = entering.read("iso3;tier\nHKG;3\nTHA;Tier 2 Watch List\n", 2019)
    assert [row.country for row in given.fresh] == ["Thailand"]
    assert [(row.was, row.tier) for row in given.differing] == [("2", "3")]
    assert entering.keep(given, "a file", None, NOW) == 1
    assert Tier.objects.get(iso3="HKG", year=2019).tier == "2"
    later = datetime(2019, 7, 2, tzinfo=UTC)
    assert entering.keep(entering.read("HKG,3", 2019), "a file", None, later, replace=True) == 1
    assert entering.entries() == [(2019, later, 1), (2019, NOW, 1)]
    entering.take_back(2019, later, None, later)
    entering.take_back(2019, NOW, None, later)
    assert sorted(Tier.objects.values_list("iso3", "year", "tier", "status", "source")) == before


def test_bad_lines_are_named_and_the_others_are_read(table: None) -> None:
    text = "country,tier\nNarnia,2\nThailand\nThailand,5\nNepal,Tier 2\nNepal,Tier 3\n\n"
    given = entering.read(text, 2019)
    assert [row.iso3 for row in given.rows] == ["NPL"]
    assert len(given.troubles) == 4
    assert "“Narnia”" in given.troubles[0]
    assert "Line 2" in given.troubles[0]
    assert entering.read("", 2019).rows == ()
    assert entering.read("HKG,2WL", 2003).troubles  # the Watch List began in 2004


@settings(max_examples=25)
@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    entering.read(text, 2019)


def test_a_png_has_letters_on_a_machine_without_fonts() -> None:
    blank = drawing.png(drawing.svg(200, 40, "a", "b", []))
    lettered = drawing.png(drawing.svg(200, 40, "a", "b", [drawing.text(5, 25, "Tier 2")]))
    assert len(lettered) > len(blank)
