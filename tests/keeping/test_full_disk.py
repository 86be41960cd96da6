"""A disk that is truly full: what was written stays, what was not is told, and all goes on with room."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction
from django.test import RequestFactory
from django.test.client import Client

from broadsheet.desk import fullness
from broadsheet.keeping import disk
from broadsheet.news.models import Source

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a disk"),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="a PostgreSQL lies elsewhere"),
]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB."""
    asked = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(tmp_path)]
    if subprocess.run(asked, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a disk")
    try:
        yield tmp_path
    finally:
        # Lazily: a file that some thread still reads ahead would keep the disk.
        subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


@pytest.fixture
def desk(small: Path, transactional_db: None) -> Iterator[None]:
    """This test's database lies on that disk."""
    del transactional_db
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(small / "desk.sqlite3")])
    connection.close()
    connection.settings_dict["NAME"] = str(small / "desk.sqlite3")
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name


def _fill(small: Path, but: int = 0) -> Path:
    """A file that leaves so many bytes."""
    filler = small / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(small).free - but)
    return filler


def _write(taken: list[int]) -> None:
    """Two rows at a time, for as long as the disk takes them."""
    while True:
        with transaction.atomic():
            for half in "ab":
                Source.objects.create(name=f"Outlet {len(taken)}{half}", note="x" * 9_000)
        taken.append(1)


@pytest.mark.usefixtures("desk")
def test_a_full_disk_takes_whole_changes_or_none_and_goes_on_with_room(small: Path) -> None:
    filler = _fill(small, but=2_000_000)
    taken: list[int] = []
    with pytest.raises(OperationalError) as refused:
        _write(taken)
    assert disk.is_full(refused.value)
    assert len(taken) > 20
    assert Source.objects.count() == 2 * len(taken)
    filler.unlink()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchone() == ("ok",)
    Source.objects.create(name="With room again")
    assert Source.objects.count() == 2 * len(taken) + 1


@pytest.mark.usefixtures("desk")
def test_a_database_that_cannot_even_be_opened_says_that_the_disk_is_full(
    small: Path, client: Client
) -> None:
    """As after a restart: the first page asked for has no place for what SQLite lays beside its file."""
    client.raise_request_exception = False
    connection.close()
    filler = _fill(small)
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.get("/", headers=headers)
        assert answer.status_code == 507
        assert "The disk is full, so nothing was changed" in answer.content.decode()
    filler.unlink()
    assert client.get("/").status_code == 200


def test_any_other_fault_has_the_page_of_a_fault() -> None:
    try:
        raise ValueError("no disk")
    except ValueError:
        answer = fullness.fault(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.content.decode()
