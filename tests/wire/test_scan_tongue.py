"""The language that a page says: believed where its first words are in it, and never against them."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.commands.scan import command
from broadsheet.scanning import files, loss
from broadsheet.wire.scan import Funnel, Record, records, tongue
from tests.wire.test_scan import ORDINARY, TOLD, page, record

ENGLISH = ("The tram line opens in the spring", "The town council met on Friday to talk about it.")
GERMAN = ("Die neue Linie", "Der Rat der Stadt hat am Freitag über die neue Linie gesprochen, die im Mai kommt.")  # fmt: skip
INDONESIAN = ("Jalur trem baru dibuka", "Dewan kota bertemu pada hari Jumat untuk membahas jalur baru yang akan dibuka.")  # fmt: skip
CHINESE = ("新電車路線將於春季開通", "市議會周五開會討論新路線，預計將於今年春季正式通車。")


def said(words: tuple[str, str], lang: str = "", header: str = "") -> Record:
    title, description = words
    tag = f'<html class="no-js" lang="{lang}">' if lang else "<html>"
    body = f'<!doctype html>{tag}<head><meta charset=utf-8><title>{title}</title><meta name="description" content="{description}"></head>'
    return Record("https://courier.example/", body.encode(), "text/html", None, 0, header)


@pytest.mark.parametrize(
    ("one", "asked"),
    [
        (said(GERMAN, "de-DE"), ("en",)),
        (said(GERMAN, "", "de"), ("en", "zh")),
        (said(ENGLISH, "en"), ("id",)),
        (said(CHINESE, "zh-Hant"), ("en",)),
        (said(ENGLISH, "en-GB", "en"), ("zh-Hant",)),
    ],
)
def test_a_page_that_is_plainly_in_another_language_is_left_out(
    one: Record, asked: tuple[str, ...]
) -> None:
    assert tongue.plainly_other(one, asked)


@pytest.mark.parametrize(
    ("one", "asked"),
    [
        (said(INDONESIAN, "en-US"), ("id",)),  # a template's word over another text
        (said(INDONESIAN, "en-US"), ("zh",)),  # not asked for either; but what it says is not so
        (said(ENGLISH, "de"), ("en",)),
        (said(GERMAN, "de", "en"), ("en",)),  # page and server disagree
        (said(GERMAN, "", "de, en"), ("en",)),
        (said(GERMAN, "", "mul"), ("en",)),
        (said(GERMAN), ("en",)),
        (said(("", ""), "de"), ("en",)),
        (said(("Kurz", "Nur ein Wort."), "de"), ("en",)),
        (said(CHINESE, "zh"), ("zh-Hant",)),
        (said(INDONESIAN, "id"), ("ms",)),  # near relatives are not told apart by so little
    ],
)
def test_a_page_goes_on_where_it_says_nothing_is_vague_or_contradicts_its_words(
    one: Record, asked: tuple[str, ...]
) -> None:
    assert not tongue.plainly_other(one, asked)


@given(st.binary(max_size=400), st.text(max_size=20))
def test_no_bytes_stop_the_look_at_what_a_page_says(body: bytes, header: str) -> None:
    one = Record("u", b"<html lang=de><title>" + body, "text/html", None, 0, header)
    assert not tongue.plainly_other(one, ("de",))
    tongue.plainly_other(one, ("en",))


def archive() -> bytes:
    head = '<meta name="description" content="{}">'
    german = page(GERMAN[0], TOLD).replace(
        b"lang=en>", b"lang=de>" + head.format(GERMAN[1]).encode()
    )
    false = page("Police free 43 people forced to scam in compound", TOLD)
    false = false.replace(b"lang=en>", b"lang=de>" + head.format(ENGLISH[1]).encode())
    pages = [german, false, page("Tram line opens", ORDINARY)]
    return b"".join(record(body, number) for number, body in enumerate(pages))


def test_what_a_page_says_is_a_step_of_its_own_in_the_funnel(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(archive())
    out = tmp_path / "found.jsonl.gz"
    given = [str(tmp_path / "a.warc.gz"), "--languages", "EN_gb", "--out", str(out), "--explain"]
    done = CliRunner().invoke(command, given)
    assert done.exit_code == 0, done.output
    (found,) = map(json.loads, gzip.open(out))
    assert found["offset"] > 0  # the page whose template says German of an English text
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("language"))
    assert line.split()[1:3] == ["3", "2"]
    funnel = json.loads((tmp_path / "found.jsonl.gz.summary.json").read_text())["funnel"]
    assert (
        sum(row["pages"] for row in funnel["pages"]) == 3
    )  # a denominator is not made smaller by it


def test_a_page_that_its_word_loses_is_told_by_the_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.warc.gz").write_bytes(archive())
    task = files.Task(languages=("en",), seconds=0)
    monkeypatch.setattr(tongue, "plainly_other", lambda *_: True)  # the worst that it could do
    lost = loss.measured([str(tmp_path / "a.warc.gz")], task, loss.Sample(10))
    assert (lost.pages, lost.true, lost.found) == (3, 2, 0)


def test_a_server_that_says_its_language_twice_says_several_by_either_way() -> None:
    kind = "text/html\r\nContent-Language: de\r\nContent-Language: en"
    data = record(page("Tram", ORDINARY), 1, kind=kind)
    for one in (data, gzip.decompress(data)):  # the short way, and FastWARC's
        (read,) = records(io.BytesIO(one), Funnel())
        assert read.content_language == "de, en"


@pytest.mark.parametrize(
    ("asked", "language", "among"),
    [
        ("zh", "zh-Hant", True),
        ("zh-TW", "zh-Hant", True),
        ("zh-Hant", "zh-Hans", False),
        ("nb", "no", True),
        ("no", "nn", True),
        ("en", "de", False),
    ],
)
def test_a_language_is_asked_for_as_people_write_it(asked: str, language: str, among: bool) -> None:
    code = tongue.asked_for(asked)
    assert code is not None
    assert tongue.is_among(language, [code]) is among


@pytest.mark.parametrize("word", ["english", "cn", "e", "en;zh", "xx"])
def test_a_word_that_is_no_language_is_refused_before_the_scan(word: str) -> None:
    done = CliRunner().invoke(command, ["a.warc.gz", "--languages", word])
    assert done.exit_code == 2
    assert "is no language code such as en, zh or zh-Hant" in done.output
