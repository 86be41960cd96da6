"""An upgrade comes through whole, or the data are as they were."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from broadsheet.keeping import running
from tests.keeping.conftest import Desk

ROOT = Path(__file__).parents[2]
MIGRATIONS = ROOT / "src/broadsheet/library/migrations"

# What a next version might bring: a column, new rows, and a step that fails or not.
NEXT = """
from django.db import migrations, models


def shelve(apps, schema_editor):
    resources = apps.get_model("library", "Resource")
    resources.objects.all().delete()
    {how}


class Migration(migrations.Migration):
    dependencies = [("library", "{before}")]
    operations = [migrations.RunPython(shelve, migrations.RunPython.noop)]
"""
COLUMN = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "{before}")]
    operations = [migrations.AddField("resource", "shelf", models.CharField(max_length=9, default="x"))]
"""


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    """A folder with this version's migrations of the library, to which a test adds some."""
    folder = tmp_path / "next_library"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def env(folder: Path) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "tests.keeping.breaking.settings",
        "BREAKING": folder.name,
        "PYTHONPATH": f"{folder.parent}{os.pathsep}{ROOT}",
    }


def add(folder: Path, how: str) -> None:
    last = max(one.stem for one in folder.glob("0*.py"))
    (folder / "9001_column.py").write_text(COLUMN.format(before=last))
    (folder / "9002_shelve.py").write_text(NEXT.format(before="9001_column", how=how))


@pytest.mark.parametrize("how", ["raise ValueError('no shelf holds this')", "pass"])
def test_an_upgrade_that_fails_or_loses_rows_leaves_the_data_as_they_were(
    desk: Desk, next_version: Path, how: str
) -> None:
    before = desk.prints()
    add(next_version, how)
    said = desk.run("upgrade", ok=False, **env(next_version))
    assert "The upgrade failed, and the data are again as they were before it" in said
    assert ("no shelf holds this" if "raise" in how else "library_resource") in said
    assert desk.prints() == before
    assert "nothing to do" in desk.run("upgrade")
    assert len(list((desk.home / "backups").glob("*.tar.age"))) == 1
    found = desk.python(
        "from broadsheet.news import finding\nprint(finding.WORDS.count('\"case\"'))"
    )
    assert int(found) > 0
    if how == "pass":
        return
    # The machine lost its power in the midst of going back: the tables are gone.
    (backup,) = (desk.home / "backups").glob("*.tar.age")
    mark = desk.home / ".going-back"
    mark.write_text(f"{backup.name}\n{backup.parent}")
    desk.python("from broadsheet.keeping import restoring\nrestoring.clear()")
    assert "went back to" in desk.run("start", "--no-serve")
    assert not mark.exists()
    now = desk.prints()
    assert {name: now[name] for name in before if not name.startswith("people.")} == {
        name: before[name] for name in before if not name.startswith("people.")
    }
    assert now["people.editor"] == before["people.editor"]


def test_a_desk_is_seen_to_run_while_a_process_of_it_lives(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    assert not running.is_running(tmp_path)
    running.hold(tmp_path)
    assert running.is_running(tmp_path)
    running._held.pop().close()
    assert not running.is_running(tmp_path)


def test_an_upgrade_of_a_stopped_desk_comes_through_and_the_old_version_refuses_its_data(
    desk: Desk, next_version: Path
) -> None:
    before = desk.prints()
    last = max(one.stem for one in next_version.glob("0*.py"))
    (next_version / "9001_column.py").write_text(COLUMN.format(before=last))
    running.hold(desk.home)  # by us: the desk is not stopped yet
    assert "The desk still runs" in desk.run("upgrade", ok=False, **env(next_version))
    running._held.pop().close()
    said = desk.run("upgrade", **env(next_version))
    assert "Backed up" in said
    assert "rows counted, pages opened" in said
    assert desk.prints() == before  # the column more is not of this version
    said = desk.run("start", "--no-serve", ok=False)
    assert "newer version" in said


@pytest.mark.parametrize(
    "kept", sorted((ROOT / "tests/keeping/kept").glob("*.tar.age")), ids=lambda path: path.name
)
def test_data_of_every_version_open(kept: Path, tmp_path: Path) -> None:
    there = Desk(tmp_path / "there")
    assert "Every table reads as it did" in there.run("restore", str(kept))
    assert there.prints()["news.story"][0] == 30
    there.run("start", "--no-serve")
    assert there.prints()["news.article"][0] == 60
