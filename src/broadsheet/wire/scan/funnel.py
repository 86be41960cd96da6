"""What each step of the cascade let through, and what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STEPS = ("records", "language", "gate", "quick text", "full", "found")


@dataclass(slots=True)
class Step:
    """`into` pages came to the step, `out` went on; it took `seconds` of one core."""

    into: int = 0
    out: int = 0
    seconds: float = 0.0


@dataclass(slots=True)
class Funnel:
    """The counts of a scan. Two funnels add up, so that many files make one.

    left    why a record went no further than the first step, or could not be read -> how many
    by_month  (outlet's host, "2026-03") -> pages that passed the record filter: a denominator for
              whoever counts findings
    bytes   of raw records that were looked at
    """

    steps: dict[str, Step] = field(default_factory=lambda: {name: Step() for name in STEPS})
    left: Counter[str] = field(default_factory=Counter)
    by_month: Counter[tuple[str, str]] = field(default_factory=Counter)
    bytes: int = 0

    def passed(self, step: str, went_on: bool, seconds: float) -> None:
        """Count one page at a step."""
        one = self.steps[step]
        one.into += 1
        one.out += went_on
        one.seconds += seconds

    def add(self, other: Funnel) -> None:
        """Take another funnel's counts into this one."""
        for name, step in other.steps.items():
            mine = self.steps[name]
            mine.into += step.into
            mine.out += step.out
            mine.seconds += step.seconds
        self.left += other.left
        self.by_month += other.by_month
        self.bytes += other.bytes

    def leave(self, why: str) -> None:
        """Count a record that goes no further than the first step."""
        self.left[why] += 1
        self.steps["records"].into += 1

    def words(self) -> list[str]:
        """The funnel in lines for people."""
        out = [f"{'step':<12}{'in':>12}{'on':>12}{'share':>9}{'seconds':>10}{'µs a page':>11}"]
        for name, step in self.steps.items():
            if name == "found" or (name == "language" and not step.into):
                continue
            share = f"{step.out / step.into:.2%}" if step.into else "-"
            each = f"{step.seconds / step.into * 1e6:.0f}" if step.into else "-"
            out.append(
                f"{name:<12}{step.into:>12,}{step.out:>12,}{share:>9}{step.seconds:>10.2f}{each:>11}"
            )
        out += [f"  left out: {many:,} {why}" for why, many in self.left.most_common()]
        return out

    def to_json(self, *, costs: bool = True) -> dict[str, Any]:
        """As JSON; without `costs` it is the same for every run over the same archive."""
        steps = {
            name: {"in": step.into, "out": step.out}
            | ({"seconds": round(step.seconds, 6)} if costs else {})
            for name, step in self.steps.items()
        }
        months = sorted((host, month, many) for (host, month), many in self.by_month.items())
        return {
            "steps": steps,
            "left": dict(sorted(self.left.items())),
            "bytes": self.bytes,
            "pages": [{"outlet": h, "month": m, "pages": n} for h, m, n in months],
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Funnel:
        """Read back what `to_json` wrote."""
        made = cls(bytes=int(given["bytes"]), left=Counter(given["left"]))
        for name, step in given["steps"].items():
            made.steps[name] = Step(step["in"], step["out"], step.get("seconds", 0.0))
        for row in given["pages"]:
            made.by_month[row["outlet"], row["month"]] += row["pages"]
        return made
