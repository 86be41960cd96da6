"""Where archives lie: pipes, servers, disks that fail. What cannot be read is told, and costs no other."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from broadsheet.commands.scan import command
from broadsheet.scanning import files, loss, machines
from broadsheet.wire.errors import CollectError, WireError
from broadsheet.wire.scan import Funnel, records
from tests.wire.test_scan import archive

TASK = files.Task(seconds=0)


def scanned(names: list[str], folder: Path, **how: Any) -> bytes:
    parts = list(machines.run(names, TASK, folder, **how))
    return b"".join(gzip.decompress(part.found.read_bytes()) for part in parts)


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Standard input as a pipe that holds some bytes: it cannot go back, and cannot say where it is."""
    opened = []

    def put(data: bytes) -> None:
        ours, theirs = os.pipe()
        os.write(theirs, data)
        os.close(theirs)
        opened.append(os.fdopen(ours, "r"))
        monkeypatch.setattr("sys.stdin", opened[-1])

    yield put
    for one in opened:
        one.close()


@pytest.mark.parametrize("packed", [True, False])
def test_a_pipe_is_scanned_and_its_sample_drawn_while_it_passes(
    piped: Any, packed: bool, tmp_path: Path
) -> None:
    piped(archive() if packed else gzip.decompress(archive()))
    drawn = loss.Sample(10)
    found = scanned(["-"], tmp_path, seen=partial(drawn.offer, "-"))
    assert found.count(b"\n") == 1
    told = loss.measured(["-"], TASK, drawn)
    assert (told.pages, told.true, told.found) == (5, 1, 1)
    assert told.archives == (("-", 5, 1, 1),)


def test_a_sample_of_nothing_says_so() -> None:
    assert "no page to read" in loss.Loss(0, 0, 0).words()


@pytest.fixture
def server() -> Iterator[tuple[str, list[int]]]:
    """One archive on a server, and how many of its bytes were sent."""
    data, sent = archive(), []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(data)

        def do_HEAD(self) -> None:
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            there = self.path == "/a.warc.gz"
            self.send_response(200 if there else 404)
            self.send_header("Content-Length", str(len(data) if there else 0))
            self.end_headers()
            if there and body:
                sent.append(len(body))
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", sent
    running.shutdown()
    running.server_close()


def test_an_archive_on_a_server_is_scanned_and_not_taken_for_a_folder(
    server: tuple[str, list[int]], tmp_path: Path
) -> None:
    address, sent = server
    (name,) = files.names([f"{address}/a.warc.gz"])
    assert len(sent) <= 1  # to be looked for; its body is not read
    assert scanned([name], tmp_path).count(b"\n") == 1
    with pytest.raises(WireError, match="no archive file here"):
        files.names([f"{address}/b.warc.gz"])


@pytest.mark.parametrize(
    ("name", "told"),
    [("foo://bucket/a.warc.gz", "No program here opens"), ("/none/a.warc.gz", "no archive file")],
)
def test_an_address_that_leads_nowhere_is_told(name: str, told: str) -> None:
    with pytest.raises(WireError, match=told):
        files.names([name])


def test_two_archives_of_one_name_are_refused_and_the_same_archive_twice_is_one(
    tmp_path: Path,
) -> None:
    for folder in ("2019", "2020"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "data.warc.gz").write_bytes(archive())
    first = str(tmp_path / "2019" / "data.warc.gz")
    assert files.names([first, str(tmp_path / "2019"), first]) == [first]
    with pytest.raises(WireError, match="each with its own --out"):
        files.names([str(tmp_path)])


class _Failing(io.BytesIO):
    """A file whose disk fails behind its first bytes."""

    def read(self, many: int | None = -1) -> bytes:
        if self.tell() > 0:
            raise OSError(5, "Input/output error")
        return super().read(1_500)


@pytest.mark.parametrize("packed", [True, False], ids=["by the short way", "by FastWARC"])
def test_an_archive_that_stops_coming_has_no_part_and_the_others_have(
    packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = archive() if packed else gzip.decompress(archive())
    good, bad = tmp_path / "a.warc.gz", tmp_path / "b.warc.gz"
    good.write_bytes(data)
    bad.write_bytes(data)
    real = files._place

    class Fs:
        def open(self, *_: str) -> io.BytesIO:
            return _Failing(data)

        def size(self, _: str) -> int:
            return len(data)

    monkeypatch.setattr(
        files, "_place", lambda name: (Fs(), name) if name == str(bad) else real(name)
    )
    parts = []
    with pytest.raises(WireError, match="Input/output error") as told:  # noqa: PT012
        for part in machines.run([str(bad), str(good)], TASK, tmp_path / "parts"):
            parts += [part.archive]
    assert parts == [str(good)]
    assert told.value.at == str(bad)
    assert len(list((tmp_path / "parts").iterdir())) == 2  # the good one's
    monkeypatch.undo()
    assert scanned([str(bad), str(good)], tmp_path / "parts").count(b"\n") == 2


def test_a_scan_writes_to_an_address_and_goes_on_there(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(archive())
    out = "memory://bucket/scan/found.jsonl.gz"
    parts = [str(path), "--out", out]
    done = CliRunner().invoke(command, parts)
    assert done.exit_code == 0, done.output
    assert gzip.decompress(files.place(out).read_bytes()).count(b"\n") == 1
    again = CliRunner().invoke(command, parts)
    assert "1 of these archives scanned before this run" in again.stderr
    there = sorted(one.name for one in files.place("memory://bucket/scan").iterdir())
    assert there == ["found.jsonl.gz", "found.jsonl.gz.parts", "found.jsonl.gz.summary.json"]


@pytest.mark.parametrize(
    ("out", "told"),
    [("foo://bucket/found.jsonl.gz", "No program here opens"), ("..", "is a folder")],
)
def test_a_place_that_cannot_be_written_is_refused_before_the_scan(out: str, told: str) -> None:
    done = CliRunner().invoke(command, ["a.warc.gz", "--out", out])
    assert done.exit_code == 2
    assert told in " ".join(done.output.split())


def test_an_error_of_a_worker_is_the_same_error_here(tmp_path: Path) -> None:
    told = CollectError("It is gone", at="https://courier.example/", hint="Look.", reason="gone")
    again = pickle.loads(pickle.dumps(told))
    assert (type(again), str(again), again.reason) == (CollectError, str(told), "gone")
    for number in range(2):
        (tmp_path / f"{number}.warc.gz").write_bytes(archive())
    names = files.names([str(tmp_path)])
    (tmp_path / "1.warc.gz").unlink()
    with pytest.raises(WireError, match="No such file") as lost:
        scanned(names, tmp_path / "parts", workers=2)
    assert str(lost.value).count("\n") == 0  # no traceback of the pool's


def test_what_the_reading_of_records_did_not_expect_is_a_broken_record(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class PanicException(BaseException):
        """As Rust's come to Python."""

    def panics(*_: Any, **__: Any) -> Any:
        raise PanicException("called `Option::unwrap()` on a `None` value")
        yield

    monkeypatch.setattr("fastwarc.warc.ArchiveIterator", panics)
    funnel = Funnel()
    assert list(records(io.BytesIO(gzip.decompress(archive())), funnel)) == []
    assert any("unwrap" in why for why in funnel.left)
