"""The licence of every locked part, as what is installed says it, and whether it goes with Apache-2.0.

python -m supply.licences        # writes docs/licences.md; ends with 1 where a licence is not allowed
"""

from __future__ import annotations

import importlib.metadata
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from license_expression import ExpressionError, LicenseSymbol, get_spdx_licensing

from supply.locked import DESK, DEV, ROOT, parts

ALLOWED = tomllib.loads((Path(__file__).parent / "allowed.toml").read_text(encoding="utf-8"))
PAGE = ROOT / "docs/licences.md"
_SPDX = get_spdx_licensing()


@dataclass(frozen=True, slots=True)
class Licence:
    """`expression` is SPDX, or what the package says where that cannot be read. `note`: why it is allowed all
    the same. `trouble` is empty where it is allowed."""

    name: str
    expression: str
    note: str = ""
    trouble: str = ""


def of(name: str, rules: Mapping[str, Any] = ALLOWED) -> Licence:
    """The licence of a part, as its package states it or as it was looked up by hand."""
    if name in rules["settled"]:
        settled = rules["settled"][name]
        return Licence(name, settled["licence"], settled["why"])
    stated = _stated(name, rules)
    if not stated:
        return Licence(name, "unknown", trouble="says no licence; look it up, and settle it")
    if name in rules["apart"]:
        return Licence(name, stated, rules["apart"][name].partition(": ")[2])
    try:
        free = _is_free(stated, rules)
    except ExpressionError:
        return Licence(name, stated, trouble="its licence cannot be read")
    return Licence(name, stated, trouble="" if free else "its licence is not on the list")


def _stated(name: str, rules: Mapping[str, Any]) -> str:
    """An SPDX expression as far as one can be had; empty where the package says nothing."""
    try:
        told: Any = importlib.metadata.metadata(name)  # a Message; its stubs know no `get`
    except importlib.metadata.PackageNotFoundError:
        return str(rules["elsewhere"].get(name, ""))
    if expression := told.get("License-Expression"):
        return str(expression)
    words: dict[str, str] = rules["words"]
    classes = [
        one.split(" :: ")[-1] for one in told.get_all("Classifier") or () if "License" in one
    ]
    # Several at once may mean "all of them": the strict reading, until somebody looks.
    named = [words.get(one, one) for one in classes if one != "OSI Approved"]
    if named:
        return " AND ".join(named)
    first = str(told.get("License") or "").strip().partition("\n")[0]
    return words.get(first, first)


def _is_free(expression: str, rules: Mapping[str, Any]) -> bool:
    """Whether we may take it: of "A OR B" one is enough, of "A AND B" both must be free."""
    parsed = _SPDX.parse(expression, validate=True)
    if isinstance(parsed, LicenseSymbol):
        return parsed.key in rules["free"]
    inner = [_is_free(str(one), rules) for one in parsed.args]
    return any(inner) if parsed.operator.strip() == "OR" else all(inner)


def all_of(lock: Path = DEV) -> list[Licence]:
    """Of each locked part one, by name."""
    return [of(name) for name in sorted({part.name for part in parts(lock)})]


def page() -> Iterator[str]:
    """docs/licences.md, line by line. Without versions: it changes only where a part or licence does."""
    desk = {part.name for part in parts(DESK)}
    found = all_of()
    yield "# Licences"
    yield ""
    yield "Of every locked part, as its package states it. Written by `make supply`: [more](supply.md)."
    for heading, chosen in (
        ("A desk, installed", [one for one in found if one.name in desk]),
        ("Extras, tests and tools besides", [one for one in found if one.name not in desk]),
    ):
        yield ""
        yield f"## {heading}"
        yield ""
        yield "| part | licence | |"
        yield "|---|---|---|"
        for one in chosen:
            yield f"| {one.name} | {one.expression} | {one.note} |"


def write() -> list[Licence]:
    """Write the page; returns what is not allowed."""
    PAGE.write_text("\n".join(page()) + "\n", encoding="utf-8")
    return [one for one in all_of() if one.trouble]


def main() -> None:
    bad = write()
    for one in bad:
        print(f"{one.name}: {one.expression}: {one.trouble} (supply/allowed.toml)", file=sys.stderr)
    raise SystemExit(bool(bad))


if __name__ == "__main__":
    main()
