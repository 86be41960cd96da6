"""The newsletter that is the model of ours, item by item: form, sector, event, tier; nothing false."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from broadsheet.commands.parse_issue import command as parse_issue
from broadsheet.wire import beat as beats
from broadsheet.wire import judge
from broadsheet.wire.facts import facts
from broadsheet.wire.model import Article, article_from
from broadsheet.wire.tag import tag

BEAT = beats.load()
# In the order of the issue: whether the judge finds it relevant (a note on the desk's own talk is not
# told as news), form, sectors, events.
EXPECTED: list[tuple[bool, str, set[str], set[str]]] = [
    (True, "TIP", {"SEC.DOMW"}, {"EV.TIPR"}),
    (False, "TIP", {"SEC.AVI"}, {"EV.CAMP"}),
    (True, "TIP", set(), {"EV.OP", "EV.IDENT"}),
    (True, "SEX.ONLINE", set(), {"EV.REP"}),
    (True, "ORG", set(), {"EV.REP"}),
    (True, "TIP", {"SEC.FIN"}, {"EV.CORP"}),
    (True, "TIP", {"SEC.AVI"}, {"EV.RES"}),
    (True, "TIP", {"SEC.AVI"}, {"EV.RES"}),
    (True, "TIP", {"SEC.AVI"}, {"EV.REP"}),
]


@pytest.fixture
def items(shared: Path) -> list[Article]:
    ran = CliRunner().invoke(parse_issue, [str(shared / "seed" / "june-2019.txt")])
    issue = json.loads(ran.stdout)
    return [
        article_from(
            {
                "headline": item["headline"] or "",
                "text": item["summary"] or "",
                "published": (item["date"] or {}).get("value"),
            }
        )
        for section in issue["sections"]
        for item in section["items"]
    ]


def test_each_item_gets_its_form_sector_and_event(items: list[Article]) -> None:
    found: list[Any] = []
    for article in items:
        verdict = judge.judge(article, BEAT)
        codes = tag(article, BEAT, on_beat=verdict.relevant).codes
        found.append(
            (verdict.relevant, codes["form"][0], set(codes["sector"]), set(codes["event"]))
        )
    assert found == EXPECTED


def test_the_upgrade_agrees_with_the_table_and_the_counts_stand_side_by_side(
    items: list[Article],
) -> None:
    told: list[Any] = [fact for article in items for fact in facts(article, BEAT)]
    (ranking,) = (fact.value for fact in told if fact.kind == "ranking")
    assert (ranking["country"], ranking["edition"], ranking["tier"]) == ("HKG", 2019, "2")
    assert ranking["direction"] == "up"
    assert ranking["agrees"] is True
    counts = [
        fact.value["count"]
        for article in (items[2],)
        for fact in facts(article, BEAT)
        if fact.kind == "victims"
    ]
    assert [(count["min"], count["exact"]) for count in counts] == [(1101, None), (None, 1147)]
    assert not [fact for fact in told if fact.kind in ("suspects", "sentence")]
