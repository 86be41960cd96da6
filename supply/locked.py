"""The locked parts, as `requirements/*.txt` names them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
DESK = ROOT / "requirements/desk.txt"
DEV = ROOT / "requirements/dev.txt"

_PART = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\$")
_HASH = re.compile(r"^\s+--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Part:
    """One version of one package; `marker` says where it is needed, and is empty for everywhere."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]  # SHA-256 of each of its files


def parts(lock: Path) -> list[Part]:
    """The parts of a lock file, in its order. ValueError for one without a hash."""
    found: list[Part] = []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if begins := _PART.match(line):
            name, version, marker = begins.groups()
            found.append(Part(name, version, marker or "", ()))
        elif digest := _HASH.match(line):
            last = found[-1]
            found[-1] = Part(last.name, last.version, last.marker, (*last.hashes, digest[1]))
        elif line.strip() and not line.lstrip().startswith("#"):
            raise ValueError(f"{lock.name}: not a locked part: {line.strip()!r}. Run `make lock`.")
    if bare := [part.name for part in found if not part.hashes]:
        raise ValueError(f"{lock.name}: without a hash: {', '.join(bare)}. Run `make lock`.")
    return found
