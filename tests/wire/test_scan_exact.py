"""A scan ends with the same output, whatever stopped it, whoever shared it, in whatever order."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from broadsheet.commands.scan import command
from broadsheet.scanning import files, loss, machines
from broadsheet.scanning.progress import Progress
from broadsheet.wire.errors import WireError
from tests.wire.test_scan import ORDINARY, TOLD, page, record

HERE = Path(__file__).parents[2]
# More are a matter of time only: BROADSHEET_STOPS=50 pytest tests/wire/test_scan_exact.py
STOPS = int(os.environ.get("BROADSHEET_STOPS", "1"))
ORDINARY_PAGES = (
    8 if STOPS < 10 else 60
)  # in an archive; with more stops they fall within files too


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("archives")
    for number in range(4):
        pages = [page(f"Tram line opens in district {n}", ORDINARY) for n in range(ORDINARY_PAGES)]
        pages[number] = page(f"Police free {number + 40} people forced to scam in compound", TOLD)
        data = b"".join(record(body, 100 * number + n) for n, body in enumerate(pages))
        (folder / f"{number}.warc.gz").write_bytes(data)
    return sorted(map(str, folder.iterdir()))


TASK = files.Task(seconds=0)


def scan(archives: list[str], folder: Path, **how: object) -> str:
    parts = list(machines.run(archives, TASK, folder, **how))  # type: ignore[arg-type]
    out = folder / "found.jsonl.gz"
    files.joined(parts, out)
    return hashlib.sha256(out.read_bytes()).hexdigest()


def test_the_order_of_the_archives_and_who_scans_them_change_nothing(
    archives: list[str], tmp_path: Path
) -> None:
    once = scan(archives, tmp_path / "one")
    assert scan(random.Random(1).sample(archives, len(archives)), tmp_path / "mixed") == once
    assert scan(archives, tmp_path / "two", workers=2) == once


SCRIPT = """
import sys
from pathlib import Path
from broadsheet.scanning import files, loss, machines
print("ready", flush=True)
folder = Path(sys.argv[1])
files.joined(list(machines.run(sys.argv[2:], files.Task(seconds=0), folder)), folder / "found.jsonl.gz")
assert "django" not in sys.modules
"""


def started(folder: Path, archives: list[str]) -> subprocess.Popen[bytes]:
    folder.mkdir(exist_ok=True)
    given = [sys.executable, "-c", SCRIPT, str(folder), *archives]
    return subprocess.Popen(given, stdout=subprocess.PIPE, cwd=HERE)


def test_ended_at_any_instant_and_run_again_it_ends_with_the_same_output(
    archives: list[str], tmp_path: Path
) -> None:
    once = scan(archives, tmp_path / "undisturbed")
    chance = random.Random(7)
    for stop in range(STOPS):
        folder = tmp_path / f"stopped-{stop}"
        running = started(folder, archives)
        assert running.stdout is not None
        running.stdout.readline()
        try:
            running.wait(chance.uniform(0.0, 3.0))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
        running.communicate()
        assert scan(archives, folder) == once


def test_two_scans_into_one_folder_do_each_other_no_harm(
    archives: list[str], tmp_path: Path
) -> None:
    once = scan(archives, tmp_path / "undisturbed")
    both = [started(tmp_path / "shared", archives) for _ in range(2)]
    for one in both:
        one.communicate()
        assert one.returncode == 0
    found = (tmp_path / "shared" / "found.jsonl.gz").read_bytes()
    assert hashlib.sha256(found).hexdigest() == once


def test_a_part_that_is_broken_or_of_an_archive_that_changed_is_made_anew(
    archives: list[str], tmp_path: Path
) -> None:
    once = scan(archives, tmp_path)
    part = next(p for p in sorted(tmp_path.glob("*.jsonl.gz")) if p.name != "found.jsonl.gz")
    part.write_bytes(part.read_bytes()[:-3])
    assert scan(archives, tmp_path) == once


def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    archives: list[str], tmp_path: Path
) -> None:
    done = files.scanned(archives[0], TASK, "stamp")
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
        with pytest.raises(WireError, match="cannot be written"):
            files.keep(done, tmp_path, "stamp")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []
    assert files.keep(done, tmp_path, "stamp").found.read_bytes() == done.packed


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_in_the_middle_finds_the_same(
    archives: list[str], tmp_path: Path
) -> None:
    once = scan(archives, tmp_path / "alone")
    quiet = [sys.executable, "-W", "ignore"]
    told = str(tmp_path / "scheduler.json")
    running = [
        subprocess.Popen(
            [*quiet, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
             "--no-dashboard", "--no-show", "--scheduler-file", told],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
    ]  # fmt: skip
    try:
        running += [
            subprocess.Popen(
                [*quiet, "-m", "distributed.cli.dask_worker", "--scheduler-file", told, "--no-nanny",
                 "--nthreads", "1", "--no-dashboard", "--local-directory", str(tmp_path)],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=HERE,
            )
            for _ in range(2)
        ]  # fmt: skip
        address = _address(Path(told))
        folder = tmp_path / "cluster"
        parts: list[files.Part] = []
        for part in machines.run(archives, TASK, folder, cluster=address):
            if not parts:
                running[1].kill()
            parts.append(part)
        files.joined(parts, folder / "found.jsonl.gz")
        found = (folder / "found.jsonl.gz").read_bytes()
        assert hashlib.sha256(found).hexdigest() == once
        with pytest.raises(WireError, match="scheduler was lost"):  # noqa: PT012
            for _ in machines.run(archives, TASK, tmp_path / "lost", cluster=address):
                running[0].kill()
    finally:
        for one in reversed(running):
            one.kill()
            one.wait()


def _address(told: Path) -> str:
    for _ in range(300):
        if told.exists() and told.read_text().strip():
            return str(json.loads(told.read_text())["address"])
        time.sleep(0.1)  # no event tells of a file
    raise AssertionError("the scheduler did not start")


def test_a_worker_that_would_decide_otherwise_is_refused(archives: list[str]) -> None:
    assert machines.scanned_there(archives[0], TASK, TASK.stamp()).funnel["bytes"] > 0
    with pytest.raises(
        WireError, match="another version of Broadsheet, or other files of the beat"
    ):
        machines.scanned_there(archives[0], TASK, "the stamp of another version")


def test_what_was_scanned_before_says_nothing_of_the_speed(
    archives: list[str], tmp_path: Path
) -> None:
    first = list(machines.run(archives[:2], TASK, tmp_path))
    assert [part.before for part in first] == [False, False]
    parts = list(machines.run(archives, TASK, tmp_path))
    assert [part.before for part in parts] == [True, True, False, False]
    progress = Progress(4_000_000, 4, shown=False)
    for part in parts[:2]:
        progress.done(part, 1_000_000)
    assert "left" not in progress.words(0, 2_000_000, 1.0)
    assert "(0.5 a second), 0:00:02 left" in progress.words(0, 3_000_000, 2.0)


def test_a_scan_that_somebody_stops_says_how_it_goes_on(
    archives: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = machines.run

    def stopped(*given: Any, **how: Any) -> Iterator[files.Part]:
        yield next(real(*given, **how))
        raise KeyboardInterrupt

    monkeypatch.setattr(machines, "run", stopped)
    given = [*archives[:2], "--out", str(tmp_path / "found.jsonl.gz")]
    done = CliRunner().invoke(command, given)
    assert done.exit_code == 130
    assert "Stopped. 1 of 2 archives are done; the same command goes on" in done.stderr
    monkeypatch.undo()
    again = CliRunner().invoke(command, given)
    assert "1 of these archives scanned before this run" in again.stderr


def test_what_a_scan_came_to_stands_beside_it_with_its_versions_and_the_samples_recall(
    archives: list[str], tmp_path: Path
) -> None:
    parts = list(machines.run(archives, TASK, tmp_path / "parts"))
    out = tmp_path / "found.jsonl.gz"
    files.joined(parts, out)
    recall = loss.measured(archives, TASK, loss.Sample(1_000)).to_json()
    told = json.loads(files.sum_up(parts, TASK, out, recall).read_bytes())
    assert told["recall"]["on_beat"] == told["recall"]["found"] == len(archives)
    assert [one["on_beat"] for one in told["recall"]["archives"]] == [1] * len(archives)
    assert sum(row["pages"] for row in told["funnel"]["pages"]) == told["recall"]["pages"]
    rows = [json.loads(line) for line in gzip.decompress(out.read_bytes()).splitlines()]
    assert all(row["made_with"] == told["made_with"] for row in rows)
    assert told["made_with"]["beat"] == "human_trafficking 1.0"
    assert told["made_with"]["judge"].startswith("human_trafficking-")
