"""The docs name what is there, and what is there is in the docs."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

from broadsheet import cli

ROOT = Path(__file__).parent.parent
DOCS = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if path.name != "CHANGELOG.md"
)
COMMANDS = [name for group in cli.COMMANDS.values() for name in group]
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
# "broadsheet NAME" where a command is called: at the start of a line or span, after a pipe or a path
_CALL = re.compile(r"(?:^|[|`(/]|&&|\$)\s*broadsheet[ \t]+([a-z][a-z-]*)", re.MULTILINE)


def _id(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("doc", DOCS, ids=_id)
def test_every_command_that_the_docs_name_exists(doc: Path) -> None:
    called = {
        name
        for code in _CODE.findall(doc.read_text(encoding="utf-8"))
        for name in _CALL.findall(code)
    }
    assert called - set(COMMANDS) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_of_itself(name: str) -> None:
    command = cli.cli.get_command(click.Context(cli.cli), name)
    assert command is not None
    text = command.get_help(click.Context(command, info_name=f"broadsheet {name}"))
    _, found, example = text.partition("Example")
    assert found, f"broadsheet {name} --help shows no example"
    assert f"broadsheet {name}" in example


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_contracts(name: str) -> None:
    assert f"`broadsheet {name}" in (ROOT / "docs/contracts.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("doc", DOCS, ids=_id)
def test_every_link_to_a_file_leads_somewhere(doc: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", doc.read_text(encoding="utf-8"))
    local = [link.partition("#")[0] for link in links if not re.match(r"https?:|mailto:|#", link)]
    assert [link for link in local if not (doc.parent / link).exists()] == []


def test_every_part_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [*project["dependencies"]]
    for more in project["optional-dependencies"].values():
        named += more
    parts = (ROOT / "docs/decisions/0002-parts.md").read_text(encoding="utf-8")
    names = {re.match(r"[\w.-]+", requirement)[0] for requirement in named}  # type: ignore[index]
    assert sorted(n for n in names - {"broadsheet"} if f"| {n} |" not in parts) == []


def test_every_setting_is_in_the_docs_and_no_other() -> None:
    told = set(re.findall(r"`((?:BROADSHEET|DATABASE)_[A-Z_]+)`", _text("docs/settings.md")))
    read = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in re.findall(
            r"[\"']((?:BROADSHEET|DATABASE)_[A-Z]+(?:_[A-Z]+)*)[\"']",
            path.read_text(encoding="utf-8"),
        )
    }
    assert told == read


def test_every_target_of_make_that_the_docs_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", _text("Makefile"), re.MULTILINE))
    named = {
        name
        for doc in DOCS
        for code in _CODE.findall(doc.read_text(encoding="utf-8"))
        for name in re.findall(r"(?:^|`)make ([a-z-]+)", code, re.MULTILINE)
    }
    assert named <= targets


def test_the_measures_name_all_pages_of_stage_measures() -> None:
    pages = {path.name for path in (ROOT / "docs").glob("measures-*.md")}
    assert {page for page in pages if f"({page})" not in _text("docs/measures.md")} == set()


def test_the_readme_leads_to_every_page_of_the_docs() -> None:
    """At once, or by one page that it names."""
    named = _text("README.md") + _text("docs/contracts.md") + _text("docs/measures.md")
    listed = _text("docs/index.md").splitlines()
    pages = {path.name for path in (ROOT / "docs").glob("*.md")}
    left = {page for page in pages if page not in named}
    assert {page for page in left if page.removesuffix(".md") not in listed} == set()


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _examples() -> list[tuple[str, list[str]]]:
    blocks = re.findall(r"```console\n(.*?)```", _text("docs/contracts.md"), re.DOTALL)
    lines = [block.strip().splitlines() for block in blocks]
    return [(first.removeprefix("$ "), printed) for first, *printed in lines]


@pytest.mark.parametrize("call", [call for call, _ in _examples()], ids=lambda call: call[-40:])
def test_the_contracts_print_what_the_command_prints(call: str) -> None:
    """The same keys at every depth; the figures may move as the stages get better."""
    (told,) = [printed for given, printed in _examples() if given == call]
    here = f"{shlex.quote(sys.executable)} -m broadsheet "
    run = subprocess.run(
        ["/bin/sh", "-c", call.replace("broadsheet ", here)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    printed = run.stdout.splitlines()
    assert [_shape(json.loads(line)) for line in printed] == [
        _shape(json.loads(line)) for line in told
    ]


def _shape(value: Any) -> Any:
    """A value with nothing left but its keys; of a list, its first element speaks for all."""
    if isinstance(value, dict):
        return {key: _shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])] if value and isinstance(value[0], dict) else []
    return None
