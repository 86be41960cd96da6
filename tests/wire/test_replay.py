"""A past month replayed: what would have been proposed, from findings alone."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadsheet.commands.replay import command

ROWS = [
    ("Police free 43 people forced to scam in compound", "2019-06-12", "KH"),
    ("Hong Kong domestic worker tells court of forced labour", "2019-06-03", "HK"),
    ("Tram line opens in district 4", "2019-06-04", ""),
    ("Nine charged with human trafficking after raid on farm", "2019-07-01", "GB"),
    ("Trafficking victims freed from fishing boats", None, ""),
]


@pytest.fixture
def found(tmp_path: Path) -> Path:
    path = tmp_path / "found.jsonl.gz"
    with gzip.open(path, "wt") as file:
        for number, (headline, day, _) in enumerate(ROWS):
            row = {"id": number, "headline": headline, "text": f"{headline}. " * 3}
            row |= {"url": f"https://courier.example/{number}", "source": "The Courier"}
            file.write(json.dumps(row | ({"published": day} if day else {})) + "\n")
    return path


def test_a_past_month_is_drafted_and_printed_from_findings_alone(
    found: Path, tmp_path: Path
) -> None:
    asked = [str(found), "--month", "2019-06", "--as", "text,json", "--out", str(tmp_path / "june")]
    done = CliRunner().invoke(command, asked)
    assert done.exit_code == 0, done.output
    assert "5 articles, 3 of them of 2019-06 (1 have no date); 2 relevant" in done.output
    issue = json.loads((tmp_path / "june" / "issue.json").read_text())
    told = [(s["heading"], i["headline"]) for s in issue["sections"] for i in s["items"]]
    assert [headline for _, headline in told] == [ROWS[1][0], ROWS[0][0]]
    assert len({heading for heading, _ in told}) == 2
    printed = " ".join((tmp_path / "june" / "issue.txt").read_text().split())
    assert ROWS[0][0] in printed
    assert "Nobody has picked, edited or checked" in printed


def test_a_month_without_findings_and_a_word_that_is_no_month_are_refused_with_the_cure(
    found: Path,
) -> None:
    empty = CliRunner().invoke(command, [str(found), "--month", "2018-01"])
    wrong = CliRunner().invoke(command, [str(found), "--month", "June"])
    assert (empty.exit_code, wrong.exit_code) == (1, 1)
    assert "Most articles are dated in 2019-06 (3), 2019-07 (1)." in empty.output
    assert "scan its archives" in empty.output
    assert "Write it like 2019-06" in wrong.output
