"""Places: each with its country, and better none than an invented one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire import beat as beats
from broadsheet.wire import places


def named(text: str, headline: bool = False) -> list[tuple[str, str]]:
    return [(hit.name, hit.iso2) for hit in places.find(text, beats.load().home, headline)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thai police raided a house in Chiang Mai.", [("Thai", "TH"), ("Chiang Mai", "TH")]),
        ("The UK and the U.S. sent aid.", [("UK", "GB"), ("U.S.", "US")]),
        ("They told us that it was late.", []),
        ("Officials in Burma and the UAE", [("Burma", "MM"), ("UAE", "AE")]),
        ("the Democratic Republic of the Congo", [("Democratic Republic of the Congo", "CD")]),
        ("a compound in Myawaddy", [("Myawaddy", "MM")]),
        ("women from Lao Cai in Henan", [("Lao Cai", "VN"), ("Henan", "CN")]),
        ("52 Indonesians and nine Kenyans", [("Indonesians", "ID"), ("Kenyans", "KE")]),
    ],
)
def test_countries_people_and_cities_are_found(text: str, found: list[tuple[str, str]]) -> None:
    assert named(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Nice work, said Lucas, who was reading on his mobile.",
        "Reading is good for you.",
        "Mobile phones were seized.",
        "Jack London wrote it, and Paris Hilton read it.",
        "Of course they came.",
        "Judge Victoria Jordan spoke.",
        "The Washington Post said so.",
        "Turkey is eaten at Christmas.",
    ],
)
def test_words_and_persons_are_no_places(text: str) -> None:
    assert named(text) == []


def test_a_doubtful_name_counts_where_the_text_says_that_it_is_a_place() -> None:
    assert ("Reading", "GB") in named("Police in Reading arrested two men.")
    assert ("Nice", "FR") in named("He was flown to Nice, France.")


@pytest.mark.parametrize("name", ["Hong Kong", "HK", "HKSAR", "Kowloon", "香港"])
def test_the_home_place_is_known_in_its_variants(name: str) -> None:
    hits = places.find(
        f"{name} 警方" if name == "香港" else f"Police in {name} said", beats.load().home
    )
    assert [(hit.iso2, hit.kind) for hit in hits] == [("HK", "home")]


def test_places_in_chinese() -> None:
    assert named("泰國警方在曼谷拘捕三人") == [("泰國", "TH"), ("曼谷", "TH")]


@pytest.mark.parametrize(
    ("name", "iso2"),
    [
        ("Viet Nam", "VN"),
        ("the Philippines", "PH"),
        ("GB", "GB"),
        ("HKG", "HK"),
        ("緬甸", "MM"),
        ("Narnia", None),
    ],
)
def test_a_country_by_its_names(name: str, iso2: str | None) -> None:
    assert places.country(name) == iso2


def test_roles_are_given_only_where_the_text_says_them() -> None:
    cues = beats.load().tagging["place_roles"]
    text = "Women from Nepal were trafficked to India via Dhaka. Kenya was quiet."
    hits = places.roles(text, places.find(text), cues)
    assert [(h.name, h.role) for h in hits] == [
        ("Nepal", "origin"),
        ("India", "destination"),
        ("Dhaka", "transit"),
        ("Kenya", None),
    ]


@given(st.text(max_size=300))
def test_any_text_gives_places_that_stand_in_it_and_do_not_overlap(text: str) -> None:
    hits = places.find("In Lagos, " + text, beats.load().home)
    end = 0
    for hit in hits:
        assert hit.start >= end
        assert ("In Lagos, " + text)[hit.start : hit.end] == hit.name
        end = hit.end
