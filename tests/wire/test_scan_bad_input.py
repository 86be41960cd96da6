"""What an archive may hold that is wrong: counted, bounded, never fatal, and never in the way."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import brotli
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.commands.scan import command
from broadsheet.scanning import files
from broadsheet.wire import beat as beats
from broadsheet.wire.scan import Cascade, Funnel, Record, records
from broadsheet.wire.scan.gate import Gate
from tests.wire.hanging import HangingReader
from tests.wire.test_scan import ORDINARY, TOLD, archive, page, record

HEADLINE = "Police free 43 people forced to scam in compound"


@pytest.fixture(scope="module")
def cascade() -> Cascade:
    return Cascade(beats.load(None))


def warc(http: bytes, kind: str = "response", length: int | None = None) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{'0' * 8}-0000-0000-0000-{'0' * 12}>\r\n"
        "WARC-Target-URI: https://courier.example/1\r\nWARC-Date: 2026-03-01T00:00:00Z\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\n"
        f"Content-Length: {len(http) if length is None else length}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0)


def response(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def found(data: bytes, cascade: Cascade) -> tuple[list[str], Funnel]:
    cascade.funnel = Funnel()
    pages = records(io.BytesIO(data), cascade.funnel)
    return [f.article.headline for r in pages if (f := cascade.look(r))], cascade.funnel


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(page(HEADLINE, TOLD), mtime=0)),
        ("br", brotli.compress(page(HEADLINE, TOLD))),
        ("gzip", gzip.compress(gzip.compress(page(HEADLINE, TOLD)))),
        ("deflate", zlib.compress(page(HEADLINE, TOLD))),
        ("gzip", page(HEADLINE, TOLD)),  # says so, and is not
    ],
    ids=["gzip", "brotli", "gzip in gzip", "deflate", "no gzip at all"],
)
def test_a_page_that_was_sent_packed_is_read(coding: str, packed: bytes, cascade: Cascade) -> None:
    http = response(packed, "Content-Type: text/html", f"Content-Encoding: {coding}")
    assert found(warc(http), cascade)[0] == [HEADLINE]


def test_a_page_that_was_sent_in_chunks_is_read(cascade: Cascade) -> None:
    body = page(HEADLINE, TOLD)
    chunks = (
        b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:700], body[700:])) + b"0\r\n\r\n"
    )
    http = response(chunks, "Content-Type: text/html", "Transfer-Encoding: chunked")
    assert found(warc(http), cascade)[0] == [HEADLINE]


def test_a_small_packed_page_that_would_fill_the_memory_is_counted(cascade: Cascade) -> None:
    bomb = gzip.compress(b"<p>" + b"0" * 200_000_000)
    http = response(bomb, "Content-Type: text/html", "Content-Encoding: gzip")
    assert found(warc(http), cascade)[1].left["too large"] == 1


def test_a_page_in_another_charset_than_it_says_is_read(cascade: Cascade) -> None:
    body = page(HEADLINE, TOLD + "Café à la carte. ")
    http = response(body, "Content-Type: text/html; charset=gb2312")
    assert found(warc(http), cascade)[0] == [HEADLINE]


def test_thirty_megabytes_of_html_are_counted_and_left(cascade: Cascade) -> None:
    http = response(page(HEADLINE, TOLD + "x" * 30_000_000), "Content-Type: text/html")
    headlines, funnel = found(warc(http), cascade)
    assert (headlines, funnel.left["too large"]) == ([], 1)


def test_a_billion_entities_are_no_billion_characters(cascade: Cascade) -> None:
    bomb = b"<!DOCTYPE html [<!ENTITY a 'aaaaaaaaaa'>" + b"".join(
        f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>".encode() for n in range(1, 12)
    )
    body = bomb + b"]><html>" + page(HEADLINE, TOLD + "&a11;" * 50)
    assert len(found(warc(response(body, "Content-Type: text/html")), cascade)[0]) <= 1


def test_a_record_that_lies_about_its_length_costs_no_other(cascade: Cascade) -> None:
    good = record(page(HEADLINE, TOLD), 1)
    http = response(page("Tram", ORDINARY), "Content-Type: text/html")
    for lie in (10, len(http) - 5, len(http) + 5, 10**7):
        assert found(warc(http, length=lie) + good, cascade)[0] == [HEADLINE]


@pytest.mark.parametrize("packed", [True, False], ids=["by the short way", "by FastWARC"])
def test_a_record_that_stands_for_a_page_and_is_none_is_counted(
    cascade: Cascade, packed: bool
) -> None:
    http = response(page(HEADLINE, TOLD), "Content-Type: text/html")
    kinds = ("revisit", "request", "metadata", "conversion")
    data = b"".join(warc(http, kind) for kind in kinds)
    headlines, funnel = found(data if packed else gzip.decompress(data), cascade)
    assert headlines == []
    assert funnel.left == {"revisit record": 1, "conversion record": 1}
    assert (funnel.steps["records"].into, funnel.steps["records"].out) == (2, 0)


def test_what_is_wrong_with_an_archive_is_told_without_being_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(archive()[:-200])
    (tmp_path / "b.warc.gz").write_bytes(gzip.compress(archive()))
    (tmp_path / "c.warc.gz").write_bytes(archive())
    given = [str(tmp_path), "--out", str(tmp_path / "found.jsonl.gz")]
    done = CliRunner().invoke(command, given)
    assert done.exit_code == 0, done.output
    told = [line.rpartition("/")[2] for line in done.stderr.splitlines()[1:]]
    assert told == [
        "a.warc.gz: the file breaks off",
        "b.warc.gz: the file is packed twice: unpack it once",
    ]


def test_a_folder_that_cannot_be_made_is_told_before_anything_is_scanned(tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(archive())
    (tmp_path / "file").touch()
    given = [str(tmp_path / "a.warc.gz"), "--out", str(tmp_path / "file" / "found.jsonl.gz")]
    done = CliRunner().invoke(command, given)
    assert done.exit_code == 1
    assert "This folder cannot be made (Not a directory)" in done.output


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_no_broken_archive_stops_a_scan(cascade: Cascade, data: st.DataObject) -> None:
    """Bytes changed, cut out and put in anywhere, in the packed file and in the record."""
    raw = bytearray(archive() if data.draw(st.booleans()) else gzip.decompress(archive()))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw) - 1))
        put = data.draw(st.binary(max_size=20))
        raw[at : at + data.draw(st.integers(0, 200))] = put
        if not raw:
            break
    found(bytes(raw), cascade)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.sampled_from(
            ["<p>", "</p>", "<h1 ", "<title>", "<meta ", "og:title", 'content="', "'", '"', ">", "<!--",
             "&#", "&#x", ";", "<script>", "human trafficking", "\x00", "\ufffd", "強迫勞動", "<" * 50, "a" * 300]
        )
        | st.text(max_size=30),
        max_size=60,
    )
)  # fmt: skip
def test_no_page_stops_the_steps(cascade: Cascade, parts: list[str]) -> None:
    body = "".join(parts).encode("utf-8", "surrogatepass")
    cascade.look(Record("https://courier.example/1", body, "text/html", None, 0))


words = st.sampled_from(["human", "trafficking", "forced", "labour", "modern", "slavery", "TIP", "tip", "the", "scam", "center", "victims"])  # fmt: skip
signs = st.sampled_from([" ", "-", "\n", "\t ", "\u00a0", "&nbsp;", " \r\n  ", "&#160;", "\u2011", "x", ". ", "</b> "])  # fmt: skip


@pytest.fixture(scope="module")
def gates() -> tuple[Gate, Gate]:
    beat = beats.load(None)
    return Gate(beat, "hyperscan"), Gate(beat, "re2")


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(words, signs), min_size=1, max_size=8), st.sampled_from(["utf-8", "cp1252"])
)
def test_both_engines_open_for_the_same_pages(
    gates: tuple[Gate, Gate], told: list[tuple[str, str]], charset: str
) -> None:
    body = "".join(word + sign for word, sign in told).encode(charset, "xmlcharrefreplace")
    assert gates[0].opens(body) == gates[1].opens(body)


def test_both_engines_find_the_headlines_at_the_same_places(gates: tuple[Gate, Gate]) -> None:
    body = page("A tram line", ORDINARY) + b"<H1>more</H1><meta property=og:title content=x>"
    assert gates[0].look(body) == gates[1].look(body)


def test_a_page_that_hangs_the_reader_costs_its_time_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "Reader", HangingReader)
    path = tmp_path / "a.warc.gz"
    path.write_bytes(archive())
    done = files.scanned(str(path), files.Task(seconds=0.05), "stamp")
    assert gzip.decompress(done.packed) == b""
    assert any("longer than" in why for why in done.funnel["left"])
