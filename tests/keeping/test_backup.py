"""A backup is of one moment, whole or not there; what is restored reads as it was, on either database."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.keeping import home, places
from broadsheet.keeping.errors import KeepingError
from broadsheet.keeping.places import Kept
from tests.keeping.conftest import KEY, Desk

ROOT = Path(__file__).parents[2]


def backup(desk: Desk, to: Path, **env: str) -> Path:
    desk.run("backup", "--to", str(to), **env)
    return max(to.glob("broadsheet-*.tar.age"))


@pytest.fixture(scope="module")
def kept(full: Desk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return backup(full, tmp_path_factory.mktemp("place"), ANYMAIL_BREVO_API_KEY=r"one\two")


def test_a_restored_desk_reads_as_the_one_that_was_backed_up(
    full: Desk, kept: Path, tmp_path: Path
) -> None:
    there = Desk(tmp_path / "there")
    said = there.run("restore", str(kept))
    assert "Every table reads as it did" in said
    assert there.prints() == full.prints()
    for name in (
        "secret-key",
        f"pictures/{'a' * 64}.png",
        "snapshots/2019-06/page.warc.gz",
        "dkim/broadsheet.pem",
    ):
        assert (there.home / name).read_bytes() == (full.home / name).read_bytes()
    assert (there.home / "secret-key").stat().st_mode & 0o077 == 0
    settings = (there.home / "settings-of-backup").read_text().splitlines()
    assert f"BROADSHEET_BACKUP_KEY={KEY}" in settings
    assert r"ANYMAIL_BREVO_API_KEY='one\two'" in settings  # as a shell and systemd read it
    found = there.python(
        "from broadsheet.news import finding\nfrom broadsheet.search import words\n"
        "print(finding.WORDS.count('head : \"case\"') > 0)"
    )
    assert "True" in found


def test_a_wrong_key_a_cut_file_and_a_full_place_are_refused_with_words(
    kept: Path, full: Desk, tmp_path: Path
) -> None:
    there = Desk(tmp_path / "there")
    said = there.run("restore", str(kept), "--key", "not-the-key", ok=False)
    assert "cannot be opened with this key" in said
    half = tmp_path / "half.tar.age"
    half.write_bytes(kept.read_bytes()[: kept.stat().st_size // 2])
    assert "not whole" in there.run("restore", str(half), ok=False)
    assert "There is a desk already" in full.run("restore", str(kept), ok=False)
    nobody = "postgres://nobody:x@127.0.0.1:1/desk"
    said = there.run("restore", str(kept), ok=False, DATABASE_URL=nobody)
    assert "The database cannot be opened" in said
    assert "Every table reads" in there.run("restore", str(kept))  # begun anew after the half one


def test_a_backup_of_a_newer_version_is_refused_with_words(full: Desk, tmp_path: Path) -> None:
    newer = (
        "import msgspec\nfrom django.utils import timezone\nfrom broadsheet.keeping import backing, bundle\n"
        "class Newer(bundle.Packer):\n"
        "    def __init__(self, out, key, manifest):\n"
        "        names = {**manifest.migrations, 'news': [*manifest.migrations['news'], '9999_next_year']}\n"
        "        manifest = msgspec.structs.replace(manifest, version='7.0', migrations=names)\n"
        "        super().__init__(out, key, manifest)\n"
        "bundle.Packer = Newer\n"
        f"backing.make(backing.place({str(tmp_path)!r}), timezone.now())"
    )
    full.python(newer)
    said = Desk(tmp_path / "there").run("restore", str(tmp_path), ok=False)
    assert "made by Broadsheet 7.0, which is newer" in said
    assert "Install Broadsheet 7.0" in said


WRITER = """
import itertools
from tests import make
from django.db import transaction
make._n = itertools.count(100_000)  # beyond what the desk was filled with
for n in itertools.count():
    with transaction.atomic():
        make.story(articles=3, key=f"load-{n}")
    print("written", flush=True) if n == 0 else None
"""


@pytest.fixture
def writing(desk: Desk) -> Iterator[Desk]:
    """A desk that is written to all the time: each story comes with three articles, or not at all."""
    run = subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup()\n" + WRITER],
        env=desk.env | {"DJANGO_SETTINGS_MODULE": "broadsheet.settings", "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert run.stdout is not None
    run.stdout.readline()
    yield desk
    run.kill()
    run.wait()
    run.stdout.close()


def test_a_backup_under_load_is_of_one_moment_and_one_that_is_killed_leaves_none(
    writing: Desk, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    kept = backup(writing, place)
    there = Desk(tmp_path / "there")
    there.run("restore", str(kept))
    whole = there.python(
        "from django.db.models import Count\nfrom broadsheet.news.models import Story\n"
        "load = Story.objects.filter(key__startswith='load').annotate(n=Count('articles'))\n"
        "print(load.count() > 0, load.exclude(n=3).count())"
    )
    assert whole.split() == ["True", "0"]

    run = subprocess.Popen(
        [sys.executable, "-m", "broadsheet", "backup", "--to", str(place)],
        env=writing.env, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    before = set(place.iterdir())
    while not (new := set(place.iterdir()) - before) and run.poll() is None:
        time.sleep(0.001)
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert new
    assert [one.name for one in places.Folder(place).kept()] == [kept.name]
    (left,) = [one for one in place.iterdir() if one.name.endswith(".part")]
    os.utime(left, (0, 0))
    backup(writing, place)
    assert not left.exists()


@pytest.mark.skipif(
    "DATABASE_URL" not in os.environ, reason="needs PostgreSQL: make check-postgres"
)
def test_from_one_database_to_the_other_and_back_everything_reads_the_same(
    full: Desk, kept: Path, tmp_path: Path, postgres: str
) -> None:
    there = Desk(tmp_path / "there", postgres)
    assert "Every table reads as it did" in there.run("restore", str(kept))
    assert there.prints() == full.prints()
    # New rows are numbered on from where the old desk had come.
    there.python("from tests import make; make.resource(title='After')", PYTHONPATH=str(ROOT))
    back = Desk(tmp_path / "back")
    assert "Every table reads as it did" in back.run(
        "restore", str(backup(there, tmp_path / "place"))
    )
    assert back.prints() == there.prints()
    back.python("from tests import make; make.resource(title='Last')", PYTHONPATH=str(ROOT))


@pytest.fixture
def postgres() -> Iterator[str]:
    """An empty database beside the one that tests use."""
    import psycopg

    given = os.environ["DATABASE_URL"]
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS restored")
        connection.execute("CREATE DATABASE restored")
        yield given.rpartition("/")[0] + "/restored"
        connection.execute("DROP DATABASE restored WITH (FORCE)")


def test_who_left_or_was_erased_after_the_backup_stays_away_whatever_the_letter_is_called_now(
    desk: Desk, tmp_path: Path
) -> None:
    old = backup(desk, tmp_path / "place")
    desk.python(
        "from django.utils import timezone\nfrom broadsheet.mailing import subscribing, erasing\n"
        "from broadsheet.mailing.models import Subscriber\nnow = timezone.now()\n"
        "first, second = Subscriber.objects.order_by('pk')\n"
        "from broadsheet.issues import house; house.rename(first.newsletter, 'Another name')\n"
        "subscribing.unsubscribe(first, now, 'one click'); erasing.erase(second.key, now)\n"
        "from broadsheet.keeping import backing, promises\n"
        f"promises.write(backing.place({str(old.parent)!r}), backing.key(), now)"
    )
    there = Desk(tmp_path / "there")
    said = there.run("restore", str(old))
    assert "1 left, 1 erased" in said
    states = there.python(
        "from broadsheet.mailing.models import Subscriber\n"
        "print(*Subscriber.objects.order_by('pk').values_list('state', flat=True))"
    )
    assert states.split() == ["unsubscribed", "erased"]


def test_a_place_that_fsspec_knows_takes_backups_and_gives_them_back(
    full: Desk, tmp_path: Path
) -> None:
    place = f"local://{tmp_path / 'far'}"
    full.run("backup", "--to", place)
    there = Desk(tmp_path / "there")
    assert "Every table reads" in there.run("restore", place)
    assert not [one.name for one in (tmp_path / "far").iterdir() if one.name.endswith(".part")]


def test_a_place_far_away_says_what_is_wrong_and_loses_what_killed_runs_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = places.named("memory://far/desk")
    monkeypatch.setattr(places, "_FORGOTTEN", -1.0)
    system = fsspec.filesystem("memory")
    system.pipe_file("/far/desk/.broadsheet-20261122T030000Z.tar.age.77.part", b"half")
    with place.writing("broadsheet-20261123T030000Z.tar.age") as out:
        out.write(b"whole")
    assert [one.rpartition("/")[2] for one in system.ls("/far/desk", detail=False)] == [
        "broadsheet-20261123T030000Z.tar.age"
    ]

    class OfALibraryError(Exception):
        """As botocore's: of no kind that Python knows."""

    def refuses(*_: object, **__: object) -> None:
        raise OfALibraryError("no credentials")

    monkeypatch.setattr(type(system), "exists", refuses)
    with pytest.raises(KeepingError, match=r"cannot be read.*no credentials.*the rights"):
        place.kept()


_DAYS = st.lists(st.integers(0, 2000), min_size=1, max_size=60, unique=True)


@given(_DAYS, st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)))
def test_rotation_keeps_the_last_of_days_weeks_and_months_and_always_three(
    days: list[int], keep: tuple[int, int, int]
) -> None:
    from broadsheet.keeping.backing import over

    made = [datetime(2020, 1, 1, 3, tzinfo=UTC) + timedelta(days=day) for day in sorted(days)]
    kept = [Kept(places.name_for(one), one, 1) for one in made]
    gone = set(over(kept, keep))
    staying = [one for one in kept if one.name not in gone]
    assert staying[-3:] == kept[-3:]
    assert len(staying) <= 3 + sum(keep)
    months = sorted({f"{one.made:%Y-%m}" for one in kept})[-keep[2] :] if keep[2] else []
    assert set(months) <= {f"{one.made:%Y-%m}" for one in staying}


def test_every_name_in_the_desks_folder_is_kept_or_left_out_on_purpose() -> None:
    named = set()
    for path in (ROOT / "src").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"(?:settings\.HOME\)?|\bHOME|\bhome) / \"([\w.-]+)\"", text))
    assert named - set(home.KEPT) - set(home.LEFT_OUT) == set()
