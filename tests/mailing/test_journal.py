"""What a lane wrote down of its claim tells, after its process was ended, which letters were begun."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from broadsheet.mailing import dispatch, journal
from broadsheet.mailing.audience import Choice
from broadsheet.mailing.models import Delivery
from broadsheet.mailing.transports import Fate, Outcome
from tests.mailing import post

AT = datetime(2026, 6, 30, 12, tzinfo=UTC)
TAKEN = Outcome(Fate.ACCEPTED, 250, "2.0.0", "queued as “ABC”")


def test_a_journal_is_read_as_it_was_written(tmp_path: Path) -> None:
    kept = journal.Journal(tmp_path / "sending", "a")
    kept.begin(7, None)
    kept.begin(8, (7, TAKEN, AT))
    told = journal.left(tmp_path / "sending", "a")
    assert told is not None
    assert (told.begun, told.outcomes) == (frozenset({7, 8}), {7: (TAKEN, AT)})
    kept.end()
    assert journal.left(tmp_path / "sending", "a") is None
    assert not list((tmp_path / "sending").iterdir())


def test_a_line_that_was_cut_short_is_passed_over(tmp_path: Path) -> None:
    kept = journal.Journal(tmp_path, "a")
    kept.begin(7, None)
    with (tmp_path / "a").open("a") as file:
        file.write('{"n": 7, "came": ["acc')
    told = journal.left(tmp_path, "a")
    assert told is not None
    assert (told.begun, told.outcomes) == (frozenset({7}), {})


def test_after_a_new_start_of_the_machine_a_journal_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = journal.Journal(tmp_path, "a")
    kept.begin(7, None)
    monkeypatch.setattr(journal, "_BOOT", tmp_path / "boot")
    assert journal.left(tmp_path, "a") is None
    (tmp_path / "boot").write_text("another\n")
    assert journal.left(tmp_path, "a") is None


def test_on_a_full_disk_there_is_no_journal_rather_than_one_with_gaps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = journal.Journal(tmp_path, "a")
    kept.begin(7, None)

    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    kept.begin(8, (7, TAKEN, AT))
    kept.begin(9, (8, TAKEN, AT))
    assert journal.left(tmp_path, "a") is None


def _ended() -> str:
    """A worker of this machine that is no more."""
    told = subprocess.run(
        [sys.executable, "-c", "from broadsheet.mailing import presence; print(presence.name())"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return told.stdout.strip()


def _claimed(settings: Any, tmp_path: Path, worker: str) -> dispatch.Claim:
    settings.SENDING_FOLDER = tmp_path
    edition = post.edition()
    for _ in range(5):
        post.reader(edition.issue.newsletter)
    made = dispatch.order(edition, Choice(), None, timezone.now())
    dispatch.freeze(made, timezone.now())
    claimed = dispatch.claim(worker, timezone.now())
    assert claimed is not None
    kept = journal.Journal(tmp_path, claimed.name)
    first, second = (one.delivery for one in claimed.due[:2])
    kept.begin(first, None)
    kept.begin(second, (first, TAKEN, timezone.now()))
    return claimed


@pytest.mark.django_db(transaction=True)
def test_of_a_claim_whose_worker_is_gone_only_the_letter_in_flight_is_in_doubt(
    settings: Any, tmp_path: Path
) -> None:
    claimed = _claimed(settings, tmp_path, _ended())
    assert dispatch.sweep(timezone.now()) == 1
    states = dict(Delivery.objects.values_list("pk", "state"))
    told = [states[one.delivery] for one in claimed.due]
    assert told == ["accepted", "doubt", "waiting", "waiting", "waiting"]
    assert Delivery.objects.get(pk=claimed.due[0].delivery).answer == TAKEN.words
    assert not list(tmp_path.iterdir())


@pytest.mark.django_db(transaction=True)
def test_the_journal_of_a_living_worker_is_never_acted_on(settings: Any, tmp_path: Path) -> None:
    claimed = _claimed(settings, tmp_path, "elsewhere:1:1")
    assert dispatch.sweep(timezone.now()) == 0
    assert dispatch.sweep(claimed.until + dispatch.LEASE) == 5
