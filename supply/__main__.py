"""`make supply`: all of it into build/supply."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from supply import audit, bom, licences, wheel
from supply.locked import DESK, ROOT, parts

OUT = ROOT / "build/supply"


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    when = wheel.epoch()
    bad = _licences() + _bill(when) + _wheel(when)
    found = audit.ask()
    (OUT / "audit.txt").write_text(f"{found}\n", encoding="utf-8")
    print(found)
    if bad or found.weak:
        raise SystemExit("\n".join(bad) or "Weak spots are known: see above.")


def _licences() -> list[str]:
    bad = licences.write()
    shutil.copy(licences.PAGE, OUT)
    print(f"{len(licences.all_of())} licences, {len(bad)} not allowed (docs/licences.md)")
    return [f"{one.name}: {one.expression}: {one.trouble}" for one in bad]


def _bill(when: int) -> list[str]:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    bill = bom.made(datetime.fromtimestamp(when, UTC))
    name = f"broadsheet-{version}.cdx.json"
    (OUT / name).write_text(bill, encoding="utf-8")
    print(f"{len(parts(DESK))} parts in {name}")
    return bom.wrong(bill)


def _wheel(when: int) -> list[str]:
    with tempfile.TemporaryDirectory() as work:
        made, other = wheel.twice(Path(work), OUT, when)
    digest = hashlib.sha256(made.read_bytes()).hexdigest()
    print(f"{made.name} sha256:{digest}")
    return [] if made.read_bytes() == other else [f"{made.name}: a second build gave other bytes"]


if __name__ == "__main__":
    main()
