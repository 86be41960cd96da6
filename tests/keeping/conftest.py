"""Desks in folders of their own, run as a volunteer would run them: by the command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

KEY = "a-key-of-tests-only"


class Desk:
    """A desk in a folder, with a database of its own; `run` calls the command for it."""

    def __init__(self, home: Path, database: str = "") -> None:
        self.home = home
        self.env = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("BROADSHEET_", "DATABASE_", "DJANGO_"))
        } | {"BROADSHEET_HOME": str(home), "BROADSHEET_BACKUP_KEY": KEY}
        if database:
            self.env["DATABASE_URL"] = database

    def run(self, *arguments: str, ok: bool = True, **env: str) -> str:
        """What the command prints, on both ways; `ok` says how it must end."""
        ran = subprocess.run(
            [sys.executable, "-m", "broadsheet", *arguments],
            env=self.env | env, capture_output=True, text=True, timeout=240, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        said = ran.stdout + ran.stderr
        assert (ran.returncode == 0) is ok, said
        assert "Traceback" not in said, said
        return said

    def python(self, code: str, **env: str) -> str:
        """What a few lines of Python print, at this desk."""
        ran = subprocess.run(
            [sys.executable, "-c", "import django; django.setup()\n" + code],
            env=self.env | {"DJANGO_SETTINGS_MODULE": "broadsheet.settings"} | env,
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def prints(self) -> Any:
        """What every table holds, as rows and SHA-256."""
        return json.loads(
            self.python(
                "import json\nfrom broadsheet.keeping import rows\n"
                "found = rows.prints(rows.tables()).items()\n"
                "print(json.dumps({name: (one.rows, one.sha256) for name, one in found}))"
            )
        )


FILL = """
from tests import make
for n in range(30):
    make.story(articles=2, headline=f"人口販運 case {n}", factors={"low": -0.0, "b": 1e-7, "a": 0.1})
make.issue(); make.resource(); make.subscriber(); make.subscriber("Gone@Readers.example")
make.editor(name="Ada", role="administrator", email="ada@charity.example")
make.resource().delete()  # its number was given, and must not be given again
"""


def filled(home: Path) -> Desk:
    """A desk with some of everything, a picture, a kept page and a key for mail."""
    desk = Desk(home)
    desk.run("start", "--no-serve")
    desk.python(FILL, PYTHONPATH=str(Path(__file__).parents[2]))
    for name, body in (
        ("pictures/" + "a" * 64 + ".png", b"picture"),
        ("snapshots/2019-06/page.warc.gz", b"page"),
        ("dkim/broadsheet.pem", b"key"),
    ):
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return desk


@pytest.fixture
def desk(full: Desk, tmp_path: Path) -> Desk:
    """A copy of it for a test that changes something."""
    shutil.copytree(full.home, tmp_path / "desk")
    return Desk(tmp_path / "desk")


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One desk for all tests that only read it."""
    return filled(tmp_path_factory.mktemp("full"))
