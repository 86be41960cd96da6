"""Known weak spots of what is locked, as `pip-audit` hears of them from the package index.

python -m supply.audit      # ends with 1 where there is one, with 2 where nobody could be asked
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from supply.locked import DESK

SECONDS = 20  # for one answer
LONGEST = 600  # seconds for all of them


@dataclass(frozen=True, slots=True)
class Audit:
    """`trouble` says why nothing is known; then `weak` is empty and means nothing."""

    asked: int = 0
    weak: tuple[str, ...] = ()
    trouble: str = ""

    def __str__(self) -> str:
        if self.trouble:
            return (
                f"NOT AUDITED: {self.trouble}\n"
                "Nothing is known of weak spots. Ask again where the network is: make audit"
            )
        if not self.weak:
            return f"{self.asked} parts, no weak spot is known."
        return f"{self.asked} parts, {len(self.weak)} known weak spots:\n" + "\n".join(self.weak)


def ask(lock: Path = DESK) -> Audit:
    """Ask of every part of a lock. Never raises where the service cannot be reached: that is told."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--disable-pip"]
    command += ["--require-hashes", "--format", "json", "--progress-spinner", "off"]
    try:
        ran = subprocess.run(  # noqa: S603 -- our own command
            [*command, "--timeout", str(SECONDS)],
            capture_output=True, text=True, check=False, timeout=LONGEST,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Audit(trouble=f"the service did not answer within {LONGEST} seconds")
    return heard(ran.stdout, ran.stderr)


def heard(answer: str, errors: str) -> Audit:
    """What pip-audit said. It ends with 1 both for a weak spot and for no network, so its words decide."""
    try:
        told = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        said = [line for line in errors.strip().splitlines() if line.strip()]
        return Audit(trouble=said[-1][:300] if said else "pip-audit said nothing")
    weak = tuple(
        f"{one['name']} {one['version']}: {spot['id']}"
        + (f", mended in {', '.join(spot['fix_versions'])}" if spot["fix_versions"] else "")
        for one in told
        for spot in one.get("vulns", ())
    )
    unknown = [one["name"] for one in told if "skip_reason" in one]
    if unknown:
        return Audit(trouble=f"{len(unknown)} parts are not known there, such as {unknown[0]}")
    return Audit(len(told), weak)


def main() -> None:
    found = ask()
    print(found)
    raise SystemExit(2 if found.trouble else bool(found.weak))


if __name__ == "__main__":
    main()
