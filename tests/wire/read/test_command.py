"""`broadsheet read` as a filter."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from click.testing import CliRunner

from broadsheet.commands.read import command

HTML = (
    "<html><head><title>Fourteen workers freed</title><link rel=canonical href='https://news.example/a'></head>"
    "<body><article><h1>Fourteen workers freed from a sample factory</h1>"
    + "".join(
        f"<p>Paragraph {n} of the sample tells at length what the court heard from the workers.</p>"
        for n in range(5)
    )
    + "</article></body></html>"
)


def test_rows_pass_through_with_what_was_read_and_a_bad_page_ends_nothing() -> None:
    rows = [
        {"id": 7, "url": "https://news.example/a", "html": HTML, "mine": "kept"},
        {"id": 8, "url": "https://news.example/b", "html": "<html></html>"},
        {"id": 9, "url": "https://news.example/c", "html": "<html></html>",
         "entry": {"headline": "A sample headline", "text": "What the feed said.",
                   "published": "2019-06-21"}},
        {"id": 10},
    ]  # fmt: skip
    result = CliRunner().invoke(command, input="\n".join(map(json.dumps, rows)))
    out = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["id"] for row in out] == [7, 9]
    assert out[0]["mine"] == "kept"
    assert "html" not in out[0]
    assert out[0]["headline"] == "Fourteen workers freed from a sample factory"
    assert out[1]["published"]["value"] == "2019-06-21"
    assert "text from the feed" in out[1]["failures"]
    assert "line 2: " in result.stderr
    assert "line 4: There is no `html`" in result.stderr
    assert result.exit_code == 1


def test_saved_pages_are_read_also_packed_and_take_their_own_address(tmp_path: Path) -> None:
    file = tmp_path / "page.html.gz"
    file.write_bytes(gzip.compress(HTML.encode()))
    result = CliRunner().invoke(command, [str(file)])
    row = json.loads(result.stdout)
    assert row["url"] == "https://news.example/a"
    assert result.exit_code == 0


def test_a_broken_file_is_told_by_its_name(tmp_path: Path) -> None:
    file = tmp_path / "page.html.gz"
    file.write_bytes(gzip.compress(HTML.encode())[:40])
    result = CliRunner().invoke(command, [str(file)])
    assert "page.html.gz: This file cannot be read" in result.stderr
    assert result.exit_code == 1
