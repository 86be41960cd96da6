"""What the command line promises holds for whatever other programs write into it."""

from __future__ import annotations

import gzip
import json
import shlex
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broadsheet.cli import cli
from broadsheet.filters import whole
from broadsheet.wire import beat as beats
from broadsheet.wire import judge, model, summarise, tag
from broadsheet.wire.errors import RowError
from broadsheet.wire.facts import facts
from broadsheet.wire.model import Article, article_from

FILTERS = ("judge", "tag", "facts", "group", "rank", "summarise", "line")
ROW_BY_ROW = ("judge", "tag", "facts", "group")
GOOD = {"id": 1, "headline": "Nine freed from forced labour on a fishing boat", "kept": {"a": [1]}}

STRANGE = [
    GOOD,
    {"id": "two", "headline": "Pa", "published": 2019},
    {"id": 3, "headline": "Human trafficking victims rescued " * 300, "published": "June 2019"},
    {"id": 4, "text": "<p>Police <b>arrested</b> three suspected traffickers &amp; freed 12 women.</p>"},
    {"id": 5, "headline": "POLICE ARREST THREE SUSPECTED HUMAN TRAFFICKERS", "published": "2099-01-01"},
    {"id": 6, "headline": "\u201cModern slavery\u2019s\u201d victims freed from forced lab\u00adour",
     "text": "Soft hy\u00adphens in traff\u00adicking vic\u200btims\ufeff freed. NUL \u0000 here."},
    {"id": 7, "headline": "Half \ud800 a character and human trafficking", "\udfff": "\ud800"},
    {"id": 8, "headline": "\u0e15\u0e33\u0e23\u0e27\u0e08\u0e0a\u0e48\u0e27\u0e22\u0e40\u0e2b\u0e22\u0e37\u0e48\u0e2d"},
    {"id": 9, "headline": "\u0627\u0644\u0634\u0631\u0637\u0629 \u062a\u062d\u0631\u0631 12"},
    {"id": 10, "headline": "\u8b66\u65b9\u62d8\u6355\u4e09\u540d\u6d89\u5acc\u8ca9\u904b\u4eba\u53e3\u7537\u5b50"},
    {"id": 11, "headline": "9" * 60 + " victims of human trafficking", "text": f"He paid ${'9' * 400}."},
    {"id": 10**30, "headline": "A number beyond 64 bits", "big": 10**300},
    {"id": 12, "headline": "A date that is none", "published": {"value": "2019-13", "precision": "month"}},
    {"id": 13, "headline": "A date at the end of time", "published": "9999-12-31T23:59:00-12:00"},
    {"id": 14, "headline": "A date at its beginning", "published": "0001-01-01T00:00:00+12:00"},
    {"id": 15, "headline": "Keys of other shapes", "failures": 3, "image": "x.jpg", "authors": 5},
    {"id": 16, "headline": "An address that is none", "url": "http://[::1"},
    {"id": 17, "headline": "\U0001f600 \U0001f9d1\u200d\U0001f91d\u200d\U0001f9d1 human tra\ufb03cking \u0130stanbul \u00bd"},
    {"id": 18, "headline": "Human trafficking\r\nvictims\u2028freed\u0085"},
]  # fmt: skip
BAD = ["{not json", "[1]", "5", "null", "[" * 50_000, '{"id": 1.5, "headline": "x"}', '{"id": 2}']


def run(*words: str | Path, given: bytes = b"") -> Result:
    return CliRunner().invoke(cli, [str(word) for word in words], input=given)


def lines(rows: list[dict[str, object]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


@pytest.mark.parametrize("name", FILTERS)
def test_bad_lines_are_told_with_their_number_and_the_rest_goes_on(name):
    rows = lines(STRANGE) + "\n \n".join(BAD).encode() + b"\n" + lines([GOOD | {"id": "last"}])
    done = run(name, given=rows)
    assert done.exit_code == 1
    assert not done.exception or isinstance(done.exception, SystemExit)
    told = [line for line in done.stderr.splitlines() if line.startswith("line ")]
    assert len(told) == len(BAD)
    assert told[0].startswith(f"line {len(STRANGE) + 1}: ")
    assert all(isinstance(json.loads(line), dict) for line in done.stdout.split("\n")[:-1])


@pytest.mark.parametrize("name", ROW_BY_ROW)
def test_every_row_comes_back_with_its_own_keys(name):
    done = run(name, given=lines(STRANGE))
    assert done.exit_code == 0, done.stderr
    out = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
    assert len(out) == len(STRANGE)
    for given, made in zip(STRANGE, out, strict=True):
        assert {key: made[key] for key in whole(given)} == whole(given)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("given", [b"", b"\n\n  \n"])
def test_nothing_in_is_nothing_out(name, given):
    done = run(name, given=given)
    assert (done.exit_code, done.stdout) == (0, "")


def test_a_mark_before_utf_8_line_ends_of_windows_and_other_bytes_are_read(tmp_path):
    file = tmp_path / "windows.jsonl"
    file.write_bytes(
        b'\xef\xbb\xbf{"id": 1, "headline": "One"}\r\n{"id": 2, "headline": "Caf\xe9"}\r\n'
    )
    done = run("judge", file)
    assert [json.loads(line)["id"] for line in done.stdout.split("\n")[:-1]] == [1, 2]
    assert done.exit_code == 0


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(tmp_path):
    good, packed, misnamed, short = (
        tmp_path / name for name in ("a.jsonl", "b.jsonl.gz", "c.jsonl.gz", "d.jsonl.gz")
    )
    good.write_bytes(lines([GOOD]))
    packed.write_bytes(gzip.compress(lines([GOOD])))
    misnamed.write_bytes(lines([GOOD]))
    short.write_bytes(gzip.compress(lines(STRANGE) * 50)[:-2000])
    done = run("judge", tmp_path / "missing.jsonl", tmp_path, short, good, packed, misnamed)
    assert done.exit_code == 1
    assert "missing.jsonl: There is no such file" in done.stderr
    assert "This is a folder" in done.stderr
    assert "d.jsonl.gz: This file cannot be read" in done.stderr
    assert sum(json.loads(line)["id"] == 1 for line in done.stdout.split("\n")[:-1][-3:]) == 3


def test_a_reader_that_goes_away_ends_a_filter_quietly(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_bytes(lines([GOOD]) * 2000)
    words = (
        f"{shlex.quote(sys.executable)} -m broadsheet judge {shlex.quote(str(file))} | head -n 1"
    )
    done = subprocess.run(["sh", "-c", words], capture_output=True, check=True)
    assert json.loads(done.stdout)["id"] == 1
    assert done.stderr == b""


def spans_hold(article: Article, beat: beats.Beat, learned: object) -> None:
    verdict = judge.judge(article, beat, learned)  # type: ignore[arg-type]
    tags = tag.tag(article, beat, on_beat=True)
    for piece in (*verdict.evidence, *tags.evidence):
        assert (getattr(article, piece.field) or "")[piece.start : piece.end] == piece.phrase
    for fact in facts(article, beat):
        if fact.field == "published":  # the date of the page stands in no text
            continue
        assert 0 <= fact.start < fact.end <= len(getattr(article, fact.field))
    member = model.Member(article, "s", model.Role.LEAD)
    for sentence in summarise.summarise([member], beat).sentences:
        if not sentence.changed:
            assert article.text[sentence.start : sentence.end] == sentence.text


@pytest.fixture(scope="module")
def beat() -> beats.Beat:
    return beats.load(None)


def test_every_span_is_the_words_as_given_in_strange_texts(beat):
    learned = judge.load_model(beat)
    for row in STRANGE:
        article = article_from(whole(row))
        spans_hold(article, beat, learned)
        spans_hold(
            article_from(whole(row) | {"text": (article.headline or "Nobody. ") * 3}), beat, learned
        )


@pytest.mark.shared
def test_every_span_is_the_words_as_given_in_200_real_texts(beat, shared):
    learned = judge.load_model(beat)
    with (shared / "data" / "clusters" / "basil.jsonl").open(encoding="utf-8") as file:
        for line in islice(file, 200):
            row = json.loads(line)
            spans_hold(article_from(row | {"headline": row["title"]}), beat, learned)


def test_the_same_rows_in_any_order_give_the_same_stories():
    rows = [
        {"id": n, "headline": f"Police free {n // 3 + 2} workers from a brick kiln in Lahore",
         "published": f"2019-06-{n // 3 + 1:02}", "source": f"Outlet {n % 3}"}
        for n in range(24)
    ]  # fmt: skip

    def stories(given: list[dict[str, object]]) -> dict[int, tuple[str, str]]:
        out = [
            json.loads(line) for line in run("group", given=lines(given)).stdout.split("\n")[:-1]
        ]
        return {row["id"]: (row["story"], row["role"]) for row in out}

    assert stories(rows) == stories(rows[::-1]) == stories(rows[7:] + rows[:7])


def test_the_filters_join_into_one_pipe():
    rows = [
        {"id": 1, "url": "https://n.example/1", "html": "<title>Police free 12</title><article><h1>Police "
         "free 12 victims of human trafficking</h1>" + "<p>Police in Bangkok freed 12 victims of human "
         "trafficking from a factory on Friday, and arrested three men.</p>" * 6 + "</article>"},
    ]  # fmt: skip
    out = lines(rows)
    for name in ("read", "judge", "tag", "group"):
        out = run(name, given=out).stdout.encode()
    story = json.loads(run("summarise", given=out).stdout)
    first = json.loads(run("rank", given=out).stdout)
    article = json.loads(out)
    assert story["story"] == first["story"] == article["story"]
    for sentence in story["sentences"]:
        assert article["text"][sentence["start"] : sentence["end"]] == sentence["text"]


def test_a_page_of_a_feed_keeps_the_feeds_words_through_the_line():
    row = {"id": 1, "url": "https://n.example/1", "html": "", "entry": {
        "headline": "Trafficking ring broken up", "text": "Police broke up a ring.", "published": "soon"}}  # fmt: skip
    assert (
        json.loads(run("read", given=lines([row])).stdout)["headline"]
        == "Trafficking ring broken up"
    )
    assert (
        json.loads(run("line", given=lines([row])).stdout)["headline"]
        == "Trafficking ring broken up"
    )


def test_a_row_with_neither_headline_nor_text_is_refused():
    with pytest.raises(RowError, match="no headline and no text"):
        article_from({"id": 1, "url": "https://n.example/1"})


ISSUE = {"schema": 1, "uid": "u", "version": 1, "newsletter": "N", "title": "T"}


def test_two_issues_of_one_uid_do_not_overwrite_each_other(tmp_path):
    file = tmp_path / "issues.json"
    file.write_text(json.dumps(ISSUE) + json.dumps(ISSUE | {"title": "Half \ud800"}))
    done = run("print", file, "--as", "text,email,feed", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["u", "u-2"]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", " JaVaScRiPt:x", "vbscript:x"]
)
def test_no_print_holds_a_link_that_runs(tmp_path, address):
    item = {"uid": "i", "kind": "article", "headline": "H", "summary": f"[a]({address}) <a href='{address}'>b</a>",
            "links": [{"text": "t", "url": address}], "images": [{"url": address, "alt": "", "caption": "C",
            "credit": "D", "licence": None, "permission": {"basis": "given", "until": None}}]}  # fmt: skip
    file = tmp_path / "issue.json"
    file.write_text(json.dumps(ISSUE | {"sections": [{"heading": None, "items": [item]}]}))
    done = run("print", file, "--as", "email,web,blog,feed", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    for path in tmp_path.iterdir():
        if path.suffix in (".html", ".xml"):
            for sign in ('href="', 'src="', "href=&quot;"):
                assert sign + address.strip().lower()[:6] not in path.read_text().lower(), path.name


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 500,
        b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20,
        b"\x89PNG\r\n",
        bytes(range(256)) * 20,
    ],
    ids=["empty", "zeros", "photograph", "picture", "bytes"],
)
@pytest.mark.parametrize("ending", ["txt", "html", "eml", "md"])
def test_what_is_no_text_is_no_newsletter(tmp_path, data, ending):
    file = tmp_path / f"file.{ending}"
    file.write_bytes(data)
    done = run("parse-issue", file)
    assert done.exit_code == 1
    assert "text" in done.stderr


def test_a_file_too_long_for_a_newsletter_is_refused_at_once(tmp_path):
    file = tmp_path / "long.txt"
    file.write_text("A line of a very long file.\n\n" * 50_000)
    done = run("parse-issue", file)
    assert done.exit_code == 1
    assert "too long for a newsletter" in done.stderr
