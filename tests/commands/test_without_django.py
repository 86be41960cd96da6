"""Wire and press install and run without Django: the filters work where it cannot be imported."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

BLOCKED = "import sys; sys.modules['django'] = None; from broadsheet.cli import main; main()"
ARTICLE = {
    "id": 1,
    "headline": "Two jailed for human trafficking and forced labour in Hong Kong",
    "text": "A court jailed two men for nine and six years on Friday. They had held eleven workers.",
    "published": "2019-06-21",
    "source": "The Example",
    "codes": {},
    "band": "relevant",
    "score": 0.9,
    "story": "s1",
    "role": "lead",
}
PAGE = {
    "id": 7,
    "url": "https://news.example/1",
    "html": "<html><title>A headline of a page</title><article><h1>A headline of a page</h1>"
    + "<p>Eleven workers were found on Friday, the court heard, in a house near the harbour.</p>"
    * 5
    + "</article></html>",
}
ISSUE = {
    "uid": "u1", "newsletter": "The Letter", "title": "June 2019",
    "sections": [{"items": [{"uid": "i1", "kind": "article", "headline": "A headline"}]}],
}  # fmt: skip


def run(*words: str, given: object = None, ok: bool = True) -> str:
    text = json.dumps(given) + "\n" if given is not None else ""
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED, *words],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == ok, done.stderr
    return done.stdout if ok else done.stderr


@pytest.mark.parametrize(
    "words", [("judge",), ("tag",), ("group",), ("rank",), ("summarise",), ("facts",), ("line",)]
)
def test_each_filter_answers_with_one_object_a_line(words):
    out = [json.loads(line) for line in run(*words, given=ARTICLE).splitlines()]
    assert out
    assert all(isinstance(row, dict) for row in out)


def test_read_works_on_a_row_and_hands_its_id_back():
    (row,) = [json.loads(line) for line in run("read", given=PAGE).splitlines()]
    assert (row["id"], row["headline"]) == (7, "A headline of a page")


def test_an_issue_is_printed(tmp_path):
    run("print", "-", "--as", "email,text,web,pdf,feed", "--out", str(tmp_path), given=ISSUE)
    assert "A headline" in (tmp_path / "issue.txt").read_text()
    assert (tmp_path / "issue.pdf").read_bytes().startswith(b"%PDF")


def test_a_desks_command_says_what_to_install():
    assert "pip install 'broadsheet[desk]'" in run("draft", "2019-06", ok=False)


def test_no_stage_imports_django():
    code = (
        "import sys; sys.modules['django'] = None\n"
        "import broadsheet.wire.line, broadsheet.press.web, broadsheet.press.email, broadsheet.press.feed\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
