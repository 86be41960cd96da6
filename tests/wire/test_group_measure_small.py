"""The measure of stories on files that are too small to learn on."""

from __future__ import annotations

import json

from click.testing import CliRunner

from broadsheet.cli import cli


def test_three_labelled_rows_are_measured_and_what_cannot_be_is_said(tmp_path):
    rows = [
        {"title": "Nine charged with forced labour", "event": "a", "date": "2026-06-01"},
        {"title": "Nine people charged over forced labour", "event": "a", "date": "2026-06-01"},
        {"title": "Minister opens a conference", "event": "b", "date": "2026-06-02"},
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)))
    said = CliRunner().invoke(cli, ["measure", "group", str(file)])
    assert said.exit_code == 0, said.output
    assert "too few to learn on other folds" in said.output
    assert "broadsheet group" in said.output
