"""The wheel, built so that everybody who builds it from the same source has the same bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from supply.locked import ROOT

BESIDE = ("pyproject.toml", "README.md", "LICENSE", "NOTICE")
# Before a first commit there is no time to take: that of hatchling's own.
FIRST = 1_580_601_600


def epoch() -> int:
    """Seconds: SOURCE_DATE_EPOCH, or the time of the newest commit."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    told = subprocess.run(
        ("git", "log", "-1", "--format=%ct"),  # noqa: S607 -- whichever git is here
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return int(told.stdout) if told.returncode == 0 and told.stdout.strip() else FIRST


def source(to: Path) -> Path:
    """A copy of what a wheel is made from, without what Python leaves behind."""
    shutil.copytree(ROOT / "src", to / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in BESIDE:
        shutil.copy(ROOT / name, to)
    return to


def build(folder: Path, to: Path, when: int) -> Path:
    """The wheel of a source folder, in `to`. `when` is the time that stands in it."""
    to.mkdir(parents=True, exist_ok=True)
    subprocess.run(  # noqa: S603 -- our own command
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", to],
        cwd=folder,
        check=True,
        capture_output=True,
        env=os.environ | {"SOURCE_DATE_EPOCH": str(when)},
    )
    (made,) = to.glob("*.whl")
    return made


def twice(work: Path, to: Path, when: int) -> tuple[Path, bytes]:
    """The wheel in `to`, and what another build gave: at another place, by another hand, of newer files."""
    first = build(source(_new(work / "one")), to, when)
    other = source(_new(work / "another/deeper"))
    for path in other.rglob("*"):
        if path.is_file():
            path.chmod(0o600)
            os.utime(path, (2_000_000_000, 2_000_000_000))
    return first, build(other, work / "built", when).read_bytes()


def _new(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
