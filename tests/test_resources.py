"""The start set of resources: something for every sector, and nothing unchecked passed off as checked."""

from __future__ import annotations

from broadsheet.wire import beat as beats


def test_every_sector_of_the_taxonomy_has_a_resource() -> None:
    beat = beats.load()
    sectors = {code.code for code in beat.taxonomy.axes["sector"] if code.code != "SEC"}
    assert sectors - {name for resource in beat.resources for name in resource.sectors} == set()


def test_the_three_resources_of_the_model_issue_are_there_with_their_dates() -> None:
    dated = {r.publisher: r.date.value for r in beats.load().resources[:3] if r.date}
    assert dated == {
        "International Air Transport Association (IATA)": "2019",
        "Airports Council International": "2019-02",
        "The Mekong Club": "2019-06",
    }


def test_no_address_is_called_seen_that_nobody_opened() -> None:
    assert {r.url_status for r in beats.load().resources} == {"plausible"}


def test_no_resource_stands_twice() -> None:
    titles = [(r.title, r.publisher) for r in beats.load().resources]
    assert len(titles) == len(set(titles))
