"""Fitting and measuring: repeatable, split by month and near-duplicate, counted by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.cli import cli
from broadsheet.wire import beat as beats
from broadsheet.wire import judge
from broadsheet.wire.errors import RowError
from broadsheet.wire.judge import fitting, labelled, weights
from broadsheet.wire.judge.labelled import Judged
from broadsheet.wire.measure import judge as measure
from broadsheet.wire.model import Article, Band, Verdict
from tests import make

BEAT = beats.load()
TRAINING = Path(__file__).parents[3] / "training" / "judge"
ON = ("Slave labour at quarry in {}", "Maid held in servitude in {}", "Sex trafficking ring in {}")
OFF = ("Drug ring held in {}", "Team wins cup in {}", "Fire at mill in {}", "Budget passes in {}")


def some(months: tuple[str, ...] = ("2025-01", "2025-02", "2025-03")) -> list[Judged]:
    """Headlines of which no two share half of their words; each month has one of the month before."""
    made = []
    for month in months:
        for town in range(12):
            for n, line in enumerate(ON + OFF):
                words = " ".join(f"{chr(97 + town)}{month[-1]}{n}{letter}zq" for letter in "kstv")
                made.append(
                    Judged(
                        line.format(words), line in ON, "clear",
                        id=words, dataset="one", date=f"{month}-0{n + 1}",
                    )
                )  # fmt: skip
        made.append(replace(made[0], date=f"{month}-28", id=month))
    return made


def test_figures_are_counted_as_by_hand() -> None:
    rows = [Judged("a", True), Judged("b", True), Judged("c", False), Judged("d", False)]
    verdicts = [
        Verdict(Band.RELEVANT, 0.9),
        Verdict(Band.UNSURE, 0.3),
        Verdict(Band.RELEVANT, 0.8),
        Verdict(Band.OFF_BEAT, 0.1),
    ]
    got = measure.figures(rows, verdicts)
    assert (got.precision, got.recall, got.f1) == (0.5, 0.5, 0.5)
    assert (got.unsure_recall, got.read_per_relevant) == (1.0, 1.5)
    assert got.average_precision == pytest.approx((1 + 2 / 3) / 2)


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.5, 0.9])), min_size=1, max_size=40
    )
)
def test_average_precision_is_that_of_scikit_learn(rows: list[tuple[bool, float]]) -> None:
    from sklearn.metrics import average_precision_score

    labels = np.array([label for label, _ in rows])
    scores = np.array([score for _, score in rows])
    if labels.any():
        expected = average_precision_score(labels, scores)
        assert measure.average_precision(labels, scores) == pytest.approx(expected)


def test_near_duplicates_are_one_group_and_others_are_not() -> None:
    lines = [
        "Ring sold girls in Lagos",
        "Ring sold girls in Lagos, police say",
        "Pool opens in Leeds",
    ]
    assert labelled.alike(lines) == [0, 0, 2]


def test_no_fold_is_fitted_on_what_it_scores() -> None:
    rows = labelled.grouped(some())
    folds = list(measure.cross_validate(rows, [], BEAT))
    assert sorted(at for fold in folds for at in fold.scored) == list(range(len(rows)))
    for fold in folds:
        groups = {rows[at].group for at in fold.scored}
        assert {rows[at].month for at in fold.scored} == set(fold.months)
        assert not groups & {rows[at].group for at in fold.fitted}
        assert not set(fold.months) & {rows[at].month for at in fold.fitted}
        assert fold.left_out  # the twins of the first headline in the other months


def test_the_same_rows_make_the_same_model(tmp_path: Path) -> None:
    rows = some(("2025-01",))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        weights.save(fitting.recipe(rows, BEAT, "test"), tmp_path / name)
    for file in (weights.NUMBERS, weights.ABOUT):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_fitted_model_tells_its_rows_apart_and_knows_what_it_saw() -> None:
    rows = some(("2025-01",))
    model = fitting.recipe(rows, BEAT, "test")
    verdicts = measure.judged(rows, BEAT, model)
    assert measure.figures(rows, verdicts).f1 == pytest.approx(1.0)
    assert fitting.fingerprint(rows[0].headline) in model.seen


def test_the_model_that_is_shipped_holds_numbers_and_no_text() -> None:
    about = json.loads((BEAT.folder / weights.ABOUT).read_text())
    assert about["fitted_on"]["labelled headlines"]
    with np.load(BEAT.folder / weights.NUMBERS) as stored:
        assert {array.dtype.kind for array in stored.values()} <= {"u", "f"}
    assert (BEAT.folder / weights.NUMBERS).stat().st_size < 2_000_000


def test_the_invented_rows_are_what_the_grammar_makes() -> None:
    rows = labelled.invented(TRAINING)
    assert len(rows) > 5000
    assert len({row.headline.lower() for row in rows}) == len(rows)
    assert 0.3 < sum(row.relevant for row in rows) / len(rows) < 0.6
    assert not any("{" in row.headline for row in rows)


@pytest.mark.parametrize(
    "row",
    [
        {"title": "x", "label": "maybe"},
        {"label": "not"},
        {"title": "x", "label": "not", "grade": "?"},
    ],
)
def test_a_row_that_is_not_labelled_is_named(row: dict[str, str]) -> None:
    with pytest.raises(RowError, match="line 3"):
        labelled.row_of(row, "line 3")


def test_the_measure_prints_counts_and_what_was_refitted(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(
        "".join(
            json.dumps(
                {"id": r.id, "title": r.headline, "label": "relevant" if r.relevant else "not",
                 "grade": "clear", "dataset": "one", "date": r.date}
            ) + "\n"
            for r in some()
        )
    )  # fmt: skip
    empty = tmp_path / "empty"
    empty.mkdir()
    ran = CliRunner().invoke(cli, ["measure", "judge", str(file), "--training", str(empty)])
    assert ran.exit_code == 0, ran.output
    assert "as it is. It was fitted on 0 of these rows: this is a test." in ran.output
    assert "Refitted: weights, scaling, both bands" in ran.output
    assert "training/judge/rows.jsonl is not here" in ran.output
    assert "clear, near-duplicates once" in ran.output


def test_a_file_of_one_kind_cannot_be_measured(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text('{"title": "x", "label": "not"}\n')
    ran = CliRunner().invoke(cli, ["measure", "judge", str(file)])
    assert ran.exit_code == 1
    assert "needs rows that are relevant and rows that are not" in ran.output


@pytest.mark.shared
def test_on_a_real_month_the_labelled_stories_reach_the_editor(shared: Path) -> None:
    rows = [
        r
        for r in labelled.read(shared / "data" / "relevance-dev.jsonl.gz")
        if r.grade != "borderline"
    ]
    got = measure.figures(rows, list(judge.judge_many((fitted(r) for r in rows), BEAT)))
    assert got.f1 is not None
    assert got.f1 > 0.85  # fitted on these rows: a guard against damage, no measure
    assert got.read_per_relevant is not None
    assert got.read_per_relevant < 15


def fitted(row: Judged):  # type: ignore[no-untyped-def]
    from broadsheet.wire.model import Article

    return Article(headline=row.headline)


def test_another_beat_fits_a_judge_of_its_own_from_invented_rows_by_the_documented_command(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "railways"
    shutil.copytree(make.BEAT, folder)
    towns = ["Bangor", "Cardiff", "Conwy", "Tywyn", "Rhyl", "Barry", "Neath", "Tenby"]
    lines = {
        True: ("Railway line reopens in {}", "First train runs to {}", "Trains return to {}"),
        False: ("Football club opens shop in {}", "Road to {} flooded", "Bus fares rise in {}"),
    }
    rows = [
        json.dumps({"headline": line.format(town), "relevant": label})
        for label, some in lines.items()
        for line in some
        for town in towns
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    train = Path(__file__).parents[3] / "training" / "judge" / "train.py"
    subprocess.run(
        [sys.executable, str(train), "--beat", str(folder), "--rows", str(tmp_path)], check=True
    )
    beat = beats.load(folder)
    found = [
        judge.judge(Article(headline=line), beat).band
        for line in ("First train runs to Harlech", "Bus fares rise in Harlech")
    ]
    assert found == [Band.RELEVANT, Band.OFF_BEAT]
