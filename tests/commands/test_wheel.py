"""The wheel alone, in an empty environment: no checkout, and a desk that opens."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_desk_starts_from_the_built_wheel_in_an_empty_environment(tmp_path: Path) -> None:
    """What the wheel needs is lent by this environment's packages; the product itself is the wheel's."""
    source = tmp_path / "source"
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    build = "from hatchling.build import build_wheel; print(build_wheel('.'))"
    made = subprocess.run(
        [sys.executable, "-c", build], cwd=source, check=True, capture_output=True, text=True
    )
    wheel = source / made.stdout.split()[-1]
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv/bin/python"
    subprocess.run(
        [Path(sys.executable).parent / "uv", "pip", "install", "--quiet", "--offline", "--no-deps",
         "--python", python, wheel], check=True,
    )  # fmt: skip
    (lent,) = (path for path in map(Path, sys.path) if (path / "django").is_dir())
    (own,) = (tmp_path / "venv/lib").glob("python*/site-packages")
    # After its own packages; the editable product of this environment is not among them, since a .pth
    # file within a folder named by a .pth file is not read.
    (own / "lent.pth").write_text(f"{lent}\n")
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BROADSHEET_", "DATABASE_", "DJANGO_", "PYTHON"))
    }
    where = subprocess.run(
        [python, "-c", "import broadsheet; print(broadsheet.__file__)"],
        cwd=tmp_path, env=env, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(own))
    with subprocess.Popen(
        [tmp_path / "venv/bin/broadsheet", "start", "--sample", "--no-work", "--port", "8741"],
        cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True,
    ) as desk:  # fmt: skip
        assert desk.stdout is not None
        told = ""
        try:
            while "Kept in" not in told:
                line = desk.stdout.readline()
                assert line, told
                told += line
            link = re.search(r"http://127\.0\.0\.1:\d+", told)
            assert link, told
            assert _answer(f"{link[0]}/healthz") == '{"status": "ok"}'
            assert "Broadsheet" in _answer(f"{link[0]}/desk/sign-in/")
        finally:
            desk.send_signal(signal.SIGINT)
            desk.wait(60)
    assert (tmp_path / "var/sample/broadsheet.sqlite3").exists()


def _answer(address: str) -> str:
    """What an address answers; the server may need a moment after it has said where it is."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                return str(answer.read().decode())
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.1)
    raise AssertionError(f"{address} did not answer")
