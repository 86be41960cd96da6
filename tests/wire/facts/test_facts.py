"""Facts: claims with their place, speaker and certainty; the traps of facts.yaml; no names."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.commands.facts import command
from broadsheet.wire import beat as beats
from broadsheet.wire import dates, group
from broadsheet.wire.facts import Fact, facts, numbers, times
from broadsheet.wire.measure import facts as measure
from broadsheet.wire.model import Article
from tests import make

BEAT = beats.load()
ROWS = [
    row
    for name in ("sentences.yaml", "sentences-2.yaml")
    for row in yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))[
        "sentences"
    ]
]
EXAMPLES = BEAT.facts["examples"]


def read(text: str, published: str = "2024-05-10", **but: Any) -> list[Fact]:
    return facts(Article(headline="", text=text, published=dates.typed(published), **but), BEAT)


def of(kind: str, text: str, **but: Any) -> list[dict[str, Any]]:
    return [dict(fact.value) for fact in read(text, **but) if fact.kind == kind]


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_an_invented_sentence_gives_its_facts_and_no_others(row: dict[str, Any]) -> None:
    article = Article(headline="", text=row["text"], published=dates.typed(str(row["published"])))
    kinds = frozenset(row) | ({"agrees"} if "agrees" in str(row.get("ranking")) else set())
    assert measure.given(facts(article, BEAT), kinds) == measure.wanted(row, row["id"])


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["id"] for e in EXAMPLES])
def test_the_examples_of_the_beat_are_reproduced(example: dict[str, Any]) -> None:
    article = Article(
        headline="", text=example["text"], published=dates.typed(str(example["published"]))
    )
    gold = example["facts"]
    assert measure.given(facts(article, BEAT), frozenset(gold)) == measure.wanted(
        gold, example["id"]
    )


def test_the_example_of_a_scam_compound_keeps_its_speaker_and_its_parts() -> None:
    (group,) = [f for f in read(EXAMPLES[0]["text"], "2024-03-08") if f.kind == "victims"]
    assert group.said_by == "government"
    assert group.certainty == "attributed"
    assert group.value["nationality_counts"] == {"IDN": 52, "KEN": 9}
    assert group.value["status"] == "Possible"


def test_a_fact_stands_where_it_says() -> None:
    text = "Officers met on Monday. They rescued 37 women from a brothel."
    (group,) = [f for f in read(text) if f.kind == "victims"]
    assert text[group.start : group.end] == "37 women"
    assert group.rule.startswith("V.")


# -- the traps of facts.yaml, one by one


def test_17_children_are_not_17_girls() -> None:
    groups = of("victims", "They freed 1,130 women and 17 children.")
    assert [g["sex"] for g in groups] == ["women", "not_stated"]


def test_rescued_by_police_is_found_and_not_identified() -> None:
    assert [g["status"] for g in of("victims", "Police rescued 48 victims of trafficking.")] == [
        "Possible"
    ]


def test_the_nationality_of_a_gang_is_not_that_of_its_victims() -> None:
    (group,) = of("victims", "A Chinese gang sold 12 women.")
    assert "nationality" not in group


def test_the_most_that_a_law_allows_is_no_sentence() -> None:
    text = "The driver was charged and faces up to 14 years in prison."
    assert [s["stage"] for s in of("suspects", text)] == ["charged"]
    assert all("sentence" not in s for s in of("suspects", text))
    assert of("law", text) == [{"relation": "maximum_penalty", "years": 14}]


def test_arrested_is_not_convicted() -> None:
    assert [s["stage"] for s in of("suspects", "Two men were arrested for trafficking.")] == [
        "arrested"
    ]


def test_consecutive_terms_are_not_added() -> None:
    (suspect,) = of("suspects", "He was handed consecutive terms of six and four years.")
    assert [(t["years"], t["terms"]) for t in suspect["sentence"]] == [
        (6, "consecutive"),
        (4, "consecutive"),
    ]


def test_a_recruitment_fee_is_not_debt_bondage() -> None:
    text = "Workers paid recruiters 1,500 US dollars each."
    assert of("amounts", text)[0]["kind"] == "recruitment_fee"
    assert "DebtBondage" not in str(read(text))
    assert "ILO.09" not in str(read(text))


def test_a_ship_has_an_owner_state_and_a_flag_state() -> None:
    text = "The Taiwanese-owned, Vanuatu-flagged trawler was found off Montevideo."
    assert [(p["iso2"], p["role"]) for p in of("places", text)] == [
        ("TW", "owner_state"),
        ("VU", "flag_state"),
    ]


def test_a_weekday_is_resolved_in_the_outlets_own_zone() -> None:
    source = next(s for s in BEAT.sources if s.zone) if any(s.zone for s in BEAT.sources) else None
    assert times.find("on Friday", date(2019, 6, 21))[0].first == date(2019, 6, 21)
    assert times.find("on Friday", date(2019, 6, 20))[0].first == date(2019, 6, 14)
    assert times.find("on Friday", None) == []
    assert source is None or source.zone


def test_a_month_of_publication_gives_a_day_its_year_and_nothing_more() -> None:
    assert times.find("on 20 June", None, "2019-06")[0].first == date(2019, 6, 20)
    assert times.find("on 20 May", None, "2019-06") == []
    assert times.find("on 20 June", None, "2019") == []


def test_an_old_arrest_is_not_dated_to_the_trial() -> None:
    text = "Three men arrested in March were sentenced on Monday to ten years."
    stated = [fact.value for fact in read(text) if fact.kind == "dates" and fact.field == "text"]
    assert [next(iter(value)) for value in stated] == ["earlier", "event"]
    (suspects,) = of("suspects", text)
    assert suspects["when"]["from"] == "2024-05-06"


def test_the_same_sentence_in_description_and_text_is_one_claim() -> None:
    line = "Police rescued 37 women."
    article = Article(headline="", description=line, text=line)
    assert len([f for f in facts(article, BEAT) if f.kind == "victims"]) == 1


def test_counts_that_differ_stand_side_by_side() -> None:
    text = "Officials spoke of 60 women rescued. A charity said 47 women were rescued."
    assert [g["count"]["exact"] for g in of("victims", text)] == [60, 47]


def test_smuggled_people_are_no_victims() -> None:
    text = "Guards stopped a lorry carrying 31 Afghans and arrested the smuggler."
    assert of("victims", text) == []
    assert of("persons_moved", text)[0]["count"]["exact"] == 31


def test_parts_that_do_not_add_up_are_flagged() -> None:
    (group,) = of("victims", "Police freed 22 victims, including 12 women and three girls.")
    assert group["check"] == "12 + 3 < 22"


def test_a_sum_of_money_is_ambiguous_without_its_country() -> None:
    assert of("amounts", "She was sold for $500.")[0]["currency"] == "ambiguous"
    assert of("amounts", "She was sold for $500 in Australia.")[0]["currency"] == "AUD"


def test_a_tier_is_checked_against_the_table_and_never_mended_by_it() -> None:
    (fact,) = of("ranking", "Hong Kong was placed on Tier 3 in the 2019 TIP Report.")
    assert (fact["tier"], fact["agrees"], fact["table"]["tier"]) == ("3", False, "2")


def test_a_name_is_never_kept() -> None:
    text = (
        "Rina Dewi, 19, was sold to a brothel in Kowloon. Marta* was rescued with 12 women. "
        "John Blackwood, 44, was jailed for ten years."
    )
    stored = json.dumps([dict(f.value) for f in read(text)])
    for name in ("Rina", "Dewi", "Marta", "John", "Blackwood"):
        assert name not in stored
    assert '"pseudonym_footnote": "required"' in stored


def test_a_family_tie_beside_a_place_is_flagged() -> None:
    text = "Police in Cebu said a mother sold sexual abuse of her three children."
    (flags,) = of("safety", text)
    assert flags["identifiable_combination"]


def test_a_beat_without_rules_for_facts_has_none() -> None:
    assert facts(make.wire_article(text="Two men were arrested."), beats.load(make.BEAT)) == []


# -- numbers


@pytest.mark.parametrize(
    ("words", "least", "most", "exact", "qualifier"),
    [
        ("more than 1,100", 1101, None, None, "more_than"),
        ("at least 20", 20, None, None, "at_least"),
        ("up to 30", None, 30, None, "at_most"),
        ("around 50", 45, 55, None, "about"),
        ("dozens of", 24, None, None, "vague"),
        ("hundreds", 200, None, None, "vague"),
        ("a couple of", None, None, 2, "exact"),
        ("twenty-two", None, None, 22, "exact"),
        ("15 to 20", 15, 20, None, "between"),
        ("two hundred and five", None, None, 205, "exact"),
    ],
)
def test_numbers_are_read_as_facts_yaml_says(
    words: str, least: int | None, most: int | None, exact: int | None, qualifier: str
) -> None:
    assert numbers.count(words) == numbers.Count(least, most, exact, qualifier)


@given(st.integers(0, 10_000_000))
def test_figures_with_commas_are_read_back(number: int) -> None:
    assert numbers.value(f"{number:,}") == number


@given(st.text(max_size=300))
def test_any_text_gives_facts_that_stand_in_it(text: str) -> None:
    for fact in read(text + " Police arrested three men. " + text):
        if fact.field == "text":
            assert 0 <= fact.start < fact.end


def test_the_filter_adds_facts_to_a_row() -> None:
    result = CliRunner().invoke(
        command, [], input='{"id": 1, "headline": "Police arrest three men", "mine": 2}\n'
    )
    out = json.loads(result.output)
    assert out["mine"] == 2
    assert out["facts"][0]["value"]["count"]["exact"] == 3


# -- the traps that reach beyond one sentence


def test_the_weekday_of_a_syndicated_copy_is_that_of_the_day_it_was_printed_in_its_own_zone() -> (
    None
):
    """Printed on Thursday evening in Washington, which is Friday in Hong Kong."""
    instant = dates.iso("2019-06-20T22:00-04:00")
    article = Article(headline="", text="Police arrested six men on Thursday.", published=instant)
    (event,) = [f.value["event"] for f in facts(article, BEAT) if "event" in f.value]
    assert event["from"] == "2019-06-20"
    assert event["basis"] == "resolved_from_weekday"


def test_a_release_and_its_rewrite_by_an_agency_are_one_source() -> None:
    told = (
        "Police released 40 people from forced labour at a brick kiln in Testville on Friday. " * 6
    )
    release = make.wire_article(headline="Forty released", text=told, source="Testville Police")
    rewrite = make.wire_article(
        headline="Forty people leave brick kiln",
        text=f"TESTVILLE (AFP) - {told}",
        source="The Post",
    )
    members = group.group([release, rewrite])
    assert len({member.story for member in members}) == 1
    assert group.independent(members) == 1


def test_what_is_missing_is_not_stated_and_never_a_figure() -> None:
    (people,) = of("victims", "Inspectors found 31 workers in forced labour.")
    assert people["sex"] == "not_stated"
    assert -99 not in people.values()
    assert "ages" not in people


def test_an_age_today_is_no_age_at_recruitment() -> None:
    (woman,) = of("victims", "A 34-year-old woman was trafficked when she was 15.")
    assert (woman["ages"], woman["age_group"]) == ({"min": 34, "max": 34}, "adult")
    assert of("victims", "The survivor, now 34, was trafficked as a child.") == []
