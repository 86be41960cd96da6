"""What a scan said of a finding is taken over at import, where the same would be said here."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from broadsheet.commands.import_ import command
from broadsheet.news import intake, lessons
from broadsheet.news.models import Article
from broadsheet.scanning import files, kept
from broadsheet.wire import beat as beats
from broadsheet.wire import judge
from broadsheet.wire.judge.weights import Learned
from broadsheet.wire.model import article_from
from tests.wire.test_scan import TOLD, page, record

SAID = ("key", "band", "score", "near_miss", "notes", "evidence", "codes", "places")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Findings as a scan writes them, one of them unsure."""
    folder = tmp_path_factory.mktemp("scan")
    pages = [
        page("Police free 43 people forced to scam in compound", TOLD),
        page("Two charged with human trafficking in Vietnam", TOLD.replace("43", "9")),
        page("Minister speaks of migrant workers' passports", "They were held. " * 40),
    ]
    name = folder / "a.warc.gz"
    name.write_bytes(b"".join(record(body, number) for number, body in enumerate(pages)))
    task = files.Task(seconds=0, unsure=True)
    done = files.scanned(str(name), task, task.stamp())
    found = [json.loads(line) for line in gzip.decompress(done.packed).splitlines()]
    assert len(found) >= 2
    return found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The headlines that the judge was asked about."""
    told: list[str] = []
    real = judge.judge

    def judged(article: Any, *given: Any) -> Any:
        told.append(article.headline)
        return real(article, *given)

    monkeypatch.setattr(intake.judge, "judge", judged)
    return told


def imported(tmp_path: Path, rows: list[dict[str, Any]]) -> str:
    path = tmp_path / "found.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = CliRunner().invoke(command, [str(path)])
    assert done.exit_code == 0, done.output
    return done.output


def as_kept() -> list[Any]:
    return list(Article.objects.order_by("key").values_list(*SAID))


@pytest.mark.django_db
def test_a_kept_verdict_is_taken_over_and_is_what_the_judge_would_say_here(
    rows: list[dict[str, Any]], asked: list[str], tmp_path: Path
) -> None:
    said = imported(tmp_path, rows)
    assert asked == []
    assert f"{len(rows)} as the scan judged them" in said
    taken_over = as_kept()
    assert taken_over
    Article.objects.all().delete()
    older = [row | {"made_with": row["made_with"] | {"decides": "another"}} for row in rows]
    assert "as the scan judged" not in imported(tmp_path, older)
    assert len(asked) == len(rows)
    assert as_kept() == taken_over


@pytest.mark.django_db
def test_a_desk_that_has_taught_its_judge_asks_it_anew(
    rows: list[dict[str, Any]], asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat = beats.load(None)
    shipped = judge.load_model(beat)
    assert lessons.is_as_shipped(shipped)
    taught = Learned(weights={1: 0.5}, taken=3)
    assert shipped is not None
    monkeypatch.setattr(lessons, "model", lambda _: replace(shipped, learned=taught))
    imported(tmp_path, rows)
    assert len(asked) == len(rows)


@pytest.mark.parametrize(
    "change",
    [
        {"headline": "Another headline altogether"},
        {"score": 7},
        {"score": None},
        {"band": "sure"},
        {"evidence": "none"},
        {"codes": None},
        {"made_with": "0.1"},
        {"made_with": {}},
    ],
    ids=str,
)
def test_a_row_that_was_changed_or_has_another_shape_is_judged_anew(
    rows: list[dict[str, Any]], change: dict[str, Any]
) -> None:
    stamp = kept.decides(beats.load(None))
    assert kept.said(rows[0], article_from(rows[0]), stamp) is not None
    row = rows[0] | change
    assert kept.said(row, article_from(row), stamp) is None


def test_the_evidence_of_the_judge_and_of_the_tags_stand_on_a_finding(
    rows: list[dict[str, Any]],
) -> None:
    codes = {piece["code"] for piece in rows[0]["evidence"]}
    assert codes & {"model", "anchor"}  # the judge's
    assert codes & {"EV.OP", "CRIM.SCAM"}  # the tags'
