"""Scanning archives: what is found, what is counted, and that nothing a file holds stops it."""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadsheet.commands.scan import command
from broadsheet.wire import beat as beats
from broadsheet.wire.scan import Cascade, Funnel, Limits, members, records
from broadsheet.wire.scan.gate import Gate

TOLD = (
    "Police said on Friday that they had freed 43 people who were held in a compound and forced to run "
    "online scams. Two men were charged with human trafficking. The victims had been promised jobs. "
) * 4
ORDINARY = (
    "The town council met on Friday to talk about the new tram line, which will open in the spring. "
    "Shops along the street hope for more visitors, and the mayor promised a day of music. "
) * 4


def page(headline: str, text: str) -> bytes:
    return (
        f"<!doctype html><html lang=en><head><title>{headline}</title></head><body><article>"
        f"<h1>{headline}</h1><p>{text}</p><p>{text}</p></article></body></html>"
    ).encode()


def record(body: bytes, number: int = 0, status: str = "200 OK", kind: str = "text/html") -> bytes:
    http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + body
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
        f"WARC-Target-URI: https://courier.example/{number}\r\nWARC-Date: 2026-03-01T00:00:00Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", mtime=0)


def archive() -> bytes:
    pages = [page(f"Tram line opens in district {n}", ORDINARY) for n in range(4)]
    pages.insert(2, page("Police free 43 people forced to scam in compound", TOLD))
    return b"".join(record(body, number) for number, body in enumerate(pages))


def scanned(tmp_path: Path, data: bytes) -> tuple[list[dict[str, object]], str]:
    (tmp_path / "a.warc.gz").write_bytes(data)
    out = tmp_path / "found.jsonl.gz"
    done = CliRunner().invoke(
        command, [str(tmp_path / "a.warc.gz"), "--explain", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in gzip.open(out)], done.stderr


def test_the_article_on_the_beat_is_found_with_its_place_in_the_archive(tmp_path: Path) -> None:
    (found,), told = scanned(tmp_path, archive())
    assert found["headline"] == "Police free 43 people forced to scam in compound"
    assert found["relevant"] is True
    offset = found["offset"]
    assert isinstance(offset, int)
    assert gzip.decompress(archive()[offset:])[:10] == b"WARC/1.0\r\n"
    assert "5 pages in 1 archive: 1 found" in told


def test_the_same_archive_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    scanned(tmp_path / "one", archive())
    scanned(tmp_path / "two", archive())
    one, two = (tmp_path / name / "found.jsonl.gz" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (archive()[:-200], "the file breaks off"),
        (b"no archive " * 200, "no record in the file"),
        (b"", "no record in the file"),
        (record(b"<p>gone" * 500, status="404 Not Found"), "status not 200"),
        (record(b"%PDF-1.7" * 500, kind="application/pdf"), "not HTML"),
        (record(b"<p>short"), "too small"),
    ],
    ids=["cut", "garbage", "empty", "gone", "pdf", "small"],
)
def test_what_is_no_article_is_counted_and_never_fatal(data: bytes, told: str) -> None:
    funnel = Funnel()
    list(records(io.BytesIO(data), funnel))
    assert told in funnel.left


def test_a_broken_member_costs_itself_and_not_the_rest() -> None:
    good = [record(page("Tram", ORDINARY), number) for number in range(4)]
    broken = bytearray(good[1])
    broken[len(broken) // 2] ^= 0xFF
    funnel = Funnel()
    read = list(records(io.BytesIO(good[0] + bytes(broken) + good[2] + good[3]), funnel))
    assert [r.url[-1] for r in read if r.url[-1] != "1"] == ["0", "2", "3"]
    assert sum(funnel.left.values()) >= 1
    before = len(good[0]) + len(broken) + len(good[2])
    assert read[-1].offset == before  # also behind what was broken


def test_the_short_way_through_an_archive_gives_what_the_long_one_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    http = [("404 Not Found", "text/html"), ("200 OK", "Text/HTML; charset=x"), ("200 OK", "a/b")]
    kinds = b"".join(record(page("Tram", ORDINARY), n, *one) for n, one in enumerate(http))
    for data in (archive(), archive()[:-99], kinds + archive(), gzip.decompress(kinds + archive())):
        both = []
        for way in (members._igzip, None):
            monkeypatch.setattr(members, "_igzip", way)
            funnel = Funnel()
            both.append((list(records(io.BytesIO(data), funnel)), funnel.left))
        monkeypatch.undo()
        assert both[0] == both[1]


def test_a_page_that_waits_packed_is_the_same_when_its_turn_comes() -> None:
    kind = "text/html\r\nContent-Encoding: gzip"
    sent_packed = record(gzip.compress(page("Tram", ORDINARY)), 9, kind=kind)
    pages = list(records(io.BytesIO(archive() + sent_packed), Funnel()))
    assert len(pages) == 6
    for one in pages:
        waiting = one.held()
        assert not waiting.body
        assert waiting.whole() == one
    (plain, *_) = records(io.BytesIO(gzip.decompress(archive())), Funnel())
    assert plain.held() is plain  # nothing to have it from again


def test_pages_that_wait_together_pass_as_they_would_alone() -> None:
    cascade = Cascade(beats.load(None))
    pages = list(records(io.BytesIO(archive()), Funnel()))
    together = list(cascade.sift(pages))
    assert together == [one for one in pages if cascade.promising(one)]
    assert [one.url[-1] for one in together] == ["2"]
    assert all(one.body for one in together)


@pytest.mark.parametrize(
    ("held", "opens"),
    [
        (b"held for human trafficking", True),
        (b"held for human&nbsp;trafficking", True),
        ("held for human\u2011trafficking".encode(), True),
        ("涉嫌人口販運".encode("big5"), True),
        ("涉嫌人口販運".encode(), True),
        (b"superhuman traffic jam", False),
        (b"the mayor opened a tram line", False),
    ],
)
def test_the_gate_sees_the_beats_phrases_in_any_charset_and_the_engines_agree(
    held: bytes, opens: bool
) -> None:
    beat = beats.load(None)
    assert [Gate(beat, engine).opens(held) for engine in ("hyperscan", "re2")] == [opens, opens]


def test_days_bound_a_scan_and_the_last_is_left_out(tmp_path: Path) -> None:
    day, after = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    for since, until, many in ((day, after, 5), (None, day, 0), (after, None, 0)):
        read = records(io.BytesIO(archive()), Funnel(), Limits(since=since, until=until))
        assert len(list(read)) == many
    given = ["a.warc.gz", "--since", "2026-03-02", "--until", "2026-03-02"]
    done = CliRunner().invoke(command, given)
    assert done.exit_code == 2
    assert "--until must be a later day" in done.output
