"""Coverage in figures, and the public library."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from broadsheet.issues import compose
from broadsheet.issues import figures as published
from broadsheet.issues.models import Tally
from broadsheet.library import shelving
from broadsheet.news import figures
from broadsheet.news.figures import Counted
from broadsheet.wire import beat as beats
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, 9, tzinfo=UTC)
BEAT = beats.load(None)
MOVED = """extends: human_trafficking
home: {name: United Kingdom, iso2: GB, zone: Europe/London, variants: [UK]}
"""


def out(month: str, *stories: dict[str, Any]) -> Any:
    """A published issue with a story of each form, place and outlet that is given."""
    issue = make.issue(month)
    for n, wanted in enumerate(stories):
        story = make.story(headline=f"{month} {n}", places=wanted.get("places", []), month=month)
        lead = story.articles.get()
        lead.codes = {"form": wanted.get("form", []), "control": ["CTL.DOC"]}
        lead.source = make.source(wanted.get("outlet", "The Example"))
        lead.save()
        compose.pick(story, issue.sections.last(), None, NOW)
    compose.publish(issue, None, NOW)
    return issue


def table(page: bytes, key: str) -> dict[str, int]:
    rows = html.fromstring(page).xpath(f'//section[@aria-labelledby="t-{key}"]//tbody/tr')
    return {row[0].text_content(): int(row[1].text_content()) for row in rows}


@pytest.fixture
def years() -> None:
    out("2018-12", {"form": ["LAB"], "places": ["HK"]})
    out(
        "2019-02",
        {"form": ["LAB", "SEX"], "places": ["HK", "TH"], "outlet": "=A1"},
        {"form": ["LAB"], "places": ["KH", "TH"]},
        {"places": ["GB"]},
    )


def test_items_are_counted_by_form_region_and_outlet(client: Client, years: None) -> None:
    page = client.get("/figures/").content
    labels = {code.code: code.label for code in BEAT.taxonomy.codes()}
    assert table(page, "form") == {labels["LAB"]: 3, labels["SEX"]: 1, "not stated": 1}
    # An item in two countries of one region counts once there; home is apart.
    assert table(page, "region") == {"Asia": 2, "Hong Kong": 2, "Europe": 1}
    assert table(page, "outlet") == {"The Example": 3, "=A1": 1}
    assert table(page, "month") == {"2018-12": 1, "2019-01": 0, "2019-02": 3}
    assert "not the crime" in page.decode()


def test_a_year_and_a_month_have_pages_and_others_are_not_found(
    client: Client, years: None
) -> None:
    assert table(client.get("/figures/2018/").content, "region") == {"Hong Kong": 1}
    assert table(client.get("/figures/2019-02/").content, "month") == {}
    for path in ("/figures/2017/", "/figures/2019-13/", "/figures/never/"):
        assert client.get(path).status_code == 404


def test_the_chart_and_its_table_say_the_same(client: Client, years: None) -> None:
    tree = html.fromstring(client.get("/figures/").content)
    for section in tree.xpath("//section"):
        drawn = [t.text for t in section.xpath(".//svg//rect/title")]
        rows = [
            f"{r[0].text_content()}: {r[1].text_content()}" for r in section.xpath(".//tbody/tr")
        ]
        assert drawn == rows
        assert section.xpath(".//svg[@role='img']/title")


def test_more_than_four_years_are_shown_by_years_and_told_by_months(client: Client) -> None:
    for year in (2015, 2019):
        out(f"{year}-06", {"form": ["LAB"]}, {"form": ["LAB"]})
    page = client.get("/figures/").content
    assert table(page, "year") == {"2015": 2, "2016": 0, "2017": 0, "2018": 0, "2019": 2}
    assert client.get("/figures/all/year.png").content.startswith(b"\x89PNG")
    told = client.get("/figures/all/coverage.json").json()["tables"][0]
    assert (told["key"], len(told["rows"])) == ("month", 49)


def test_months_counted_by_another_beat_or_never_are_counted_as_asked_and_settled(
    client: Client, years: None, settings: Any, tmp_path: Path
) -> None:
    def regions() -> dict[str, int]:
        return table(client.get("/figures/").content, "region")

    assert regions() == {"Asia": 2, "Hong Kong": 2, "Europe": 1}
    assert list(published.settle()) == []
    Tally.objects.filter(month="2019-02").delete()
    (tmp_path / "beat.yaml").write_text(MOVED)
    settings.BEAT = tmp_path
    before = list(Tally.objects.order_by("pk").values())
    moved = {"Asia": 3, "United Kingdom": 1}  # Hong Kong is a part of Asia, seen from London
    assert regions() == moved
    assert list(Tally.objects.order_by("pk").values()) == before  # a GET changes nothing
    assert list(published.settle()) == ["2019-02", "2018-12"]
    assert regions() == moved
    assert list(published.settle()) == []


def test_no_axis_of_control_and_no_crossing(client: Client, years: None) -> None:
    page = client.get("/figures/").content.decode()
    told = client.get("/figures/all/coverage.json").json()
    assert "CTL.DOC" not in page
    assert [one["key"] for one in told["tables"]] == ["month", "form", "region", "event", "outlet"]
    assert all(
        set(row) == {"key", "label", "items"} for one in told["tables"] for row in one["rows"]
    )


def test_the_csv_is_safe_in_a_spreadsheet(client: Client, years: None) -> None:
    rows = list(
        csv.DictReader(client.get("/figures/all/coverage.csv").content.decode().splitlines())
    )
    assert {"table": "outlet", "key": "'=A1", "label": "'=A1", "items": "1"} in rows


def test_a_chart_is_also_png(client: Client, years: None) -> None:
    assert client.get("/figures/all/form.png").content.startswith(b"\x89PNG")
    assert client.get("/figures/all/people.png").status_code == 404


def test_an_empty_archive_says_so(client: Client) -> None:
    assert "No issue with news items" in client.get("/figures/").content.decode()


@settings(max_examples=30)
@given(
    st.lists(
        st.builds(
            Counted,
            month=st.sampled_from(["2019-01", "2019-05", "2020-02"]),
            codes=st.lists(st.sampled_from(["LAB", "SEX", "EV.ARR", "X"]), max_size=3).map(tuple),
            places=st.lists(st.sampled_from(["HK", "TH", "KH", "GB", "ZZ"]), max_size=3).map(tuple),
            outlet=st.sampled_from(["", "A", "B"]),
        ),
        max_size=12,
    )
)
def test_no_row_is_larger_than_all_and_outlets_and_months_add_up(items: list[Counted]) -> None:
    made = {one.key: one for one in figures.tables(items, BEAT, months=True)}
    assert all(0 <= row.count <= len(items) for one in made.values() for row in one.rows)
    for key in ("outlet", "month"):
        assert sum(row.count for row in made[key].rows) == len(items)


# --- the library ---------------------------------------------------------------------------------


def test_the_library_begins_with_the_beats_resources_aviation_among_the_first(
    client: Client,
) -> None:
    shelving.stock(BEAT.resources)
    page = client.get("/library/?sector=SEC.AVI").content.decode()
    for publisher in ("IATA", "Airports Council International", "The Mekong Club"):
        assert publisher in page
    assert '<time datetime="2019-02">February 2019</time>' in page
    assert "Not checked by us yet" in page


def test_the_shelf_is_searched_by_words_kind_audience_language_and_cost(client: Client) -> None:
    make.resource(title="A course for crews", kind="training", cost="free", audience="cabin crew")
    make.resource(title="Ein Handbuch", language="de", cost="paid")
    assert "A course for crews" in client.get("/library/?words=CREW+course").content.decode()
    for query in ("words=nothing", "kind=report", "language=fr", "sector=SEC.FIN"):
        assert "Nothing on the shelf fits." in client.get(f"/library/?{query}").content.decode()
    crews = client.get("/library/?audience=cabin+crew").content.decode()
    assert "A course for crews" in crews
    assert "Ein Handbuch" not in crews
    paid = client.get("/library/?cost=paid").content.decode()
    assert "Ein Handbuch" in paid
    assert "A course" not in paid


def test_reference_pages_speak_chinese_names_of_places_trades_and_kinds_too(
    client: Client, years: None
) -> None:
    make.tier(iso3="THA", country="Thailand")
    make.resource(sectors=["SEC.AVI"], kind="handbook")

    def page(path: str) -> str:
        return client.get(path, headers={"accept-language": "zh-HK"}).content.decode()

    assert "泰國" in page("/tip/tha/")
    assert "Thailand" not in page("/tip/2019/")
    assert all(words in page("/library/?sector=SEC.AVI") for words in ("航空", "手冊"))
    told = page("/figures/")
    assert all(words in told for words in ("亞洲", "香港", "強迫勞動"))


def test_a_dead_address_is_not_led_to(client: Client) -> None:
    one = make.resource(checked=date(2019, 6, 1), url_status="dead")
    page = client.get(f"/library/{one.pk}/").content.decode()
    assert "The address was dead on 1 June 2019." in page
    assert one.url not in page
    assert client.get("/library/999999/").status_code == 404


def test_an_address_that_is_no_web_address_is_not_led_to(client: Client) -> None:
    one = make.resource(url="javascript:alert(1)")
    assert "javascript:" not in client.get(f"/library/{one.pk}/").content.decode()
