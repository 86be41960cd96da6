"""What Broadsheet is made of is known, may be passed on, and is the same for everybody. No network."""

from __future__ import annotations

import importlib.metadata
import json
import zipfile
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path

import pytest

from supply import audit, bom, licences, wheel
from supply.locked import DESK, DEV, parts

WHEN = datetime(2026, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize("lock", [DESK, DEV], ids=lambda lock: lock.name)
def test_every_locked_part_has_the_hashes_of_its_files(lock: Path) -> None:
    found = parts(lock)
    assert len(found) > 50
    assert "://" not in lock.read_text(encoding="utf-8")


@pytest.mark.parametrize("line", ["django>=5.2", "django==5.2.19 \\\n", "-e ."])
def test_a_part_that_is_not_locked_is_told(tmp_path: Path, line: str) -> None:
    (tmp_path / "lock.txt").write_text(line)
    with pytest.raises(ValueError, match="make lock"):
        parts(tmp_path / "lock.txt")


def test_every_licence_goes_with_ours() -> None:
    assert [one for one in licences.all_of() if one.trouble] == []


def test_the_page_of_licences_is_that_of_the_locked_parts() -> None:
    told = "\n".join(licences.page()) + "\n"
    assert told == licences.PAGE.read_text(encoding="utf-8"), "run `make supply`"


def test_no_word_about_a_part_is_left_over() -> None:
    locked = {part.name for part in parts(DEV)}
    named = {name for kind in ("apart", "settled", "elsewhere") for name in licences.ALLOWED[kind]}
    assert named - locked == set()


@pytest.mark.parametrize(
    ("stated", "trouble"),
    [
        ({"License-Expression": "MIT"}, ""),
        ({"License-Expression": "GPL-3.0-only OR BSD-3-Clause"}, ""),
        ({"License-Expression": "GPL-3.0-only AND MIT"}, "not on the list"),
        ({"License-Expression": "(MIT OR GPL-2.0-only) AND ISC"}, ""),
        ({"License-Expression": "AGPL-3.0-or-later"}, "not on the list"),
        ({"License-Expression": "Free for good people"}, "cannot be read"),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, ""),
        ({"Classifier": "License :: OSI Approved :: GNU General Public License (GPL)"}, "read"),
        ({"License": "MIT"}, ""),
        ({"License": "Ask us"}, "cannot be read"),
        ({}, "says no licence"),
    ],
    ids=str,
)
def test_a_part_whose_licence_is_not_allowed_or_not_known_is_told(
    monkeypatch: pytest.MonkeyPatch, stated: dict[str, str], trouble: str
) -> None:
    told = Message()
    for name, words in stated.items():
        told[name] = words
    monkeypatch.setattr(importlib.metadata, "metadata", lambda name: told)
    found = licences.of("somebody-elses")
    assert trouble in found.trouble
    assert bool(trouble) == bool(found.trouble)


def test_the_bill_of_materials_holds_every_part_and_is_as_the_standard_wants_it() -> None:
    bill = bom.made(WHEN)
    assert bom.wrong(bill) == []
    told = json.loads(bill)
    assert [(one["name"], one["version"]) for one in told["components"]] == [
        (part.name, part.version) for part in sorted(parts(DESK), key=lambda one: one.name)
    ]
    assert all(one["licenses"] and one["externalReferences"] for one in told["components"])
    assert bill == bom.made(WHEN)
    assert bom.wrong(bill.replace('"type": "library"', '"type": "thing"', 1)) != []


@pytest.mark.slow
def test_the_wheel_is_the_same_bytes_wherever_and_by_whomever_it_is_built(tmp_path: Path) -> None:
    made, other = wheel.twice(tmp_path, tmp_path / "out", 1_780_000_000)
    assert made.read_bytes() == other
    inside = {one.filename for one in zipfile.ZipFile(made).infolist()}
    assert not [name for name in inside if "__pycache__" in name or name.endswith(".pyc")]


WEAK = '{"dependencies": [{"name": "a", "version": "1", "vulns": []}, {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}], "fixes": []}'


@pytest.mark.parametrize(
    ("answer", "errors", "says"),
    [
        (WEAK, "Found 1 known vulnerability", "2 parts, 1 known weak spots:\nb 2: PYSEC-1, mended in 2.1"),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', "", "no weak spot is known"),
        ("", "ERROR:pip_audit._cli:Could not connect", "NOT AUDITED: ERROR:pip_audit._cli:Could not"),
        ("", "", "NOT AUDITED: pip-audit said nothing"),
        ('{"dependencies": [{"name": "a", "skip_reason": "not found"}]}', "", "NOT AUDITED: 1 parts are not known"),
    ],
)  # fmt: skip
def test_an_audit_that_nobody_answered_is_never_called_sound(
    answer: str, errors: str, says: str
) -> None:
    found = audit.heard(answer, errors)
    assert says in str(found)
    assert ("NOT AUDITED" in says) == bool(found.trouble)
