"""One letter in the shapes that mail programs, word processors and people give it: the same issue."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest

from broadsheet.wire.edition import Edition
from broadsheet.wire.issuefile import parse

LETTER = Path(__file__).parent / "letters" / "may-2021.txt"
Rows = list[str]


def _page(rows: list[str]) -> str:
    return f"<html><body>{''.join(rows)}</body></html>"


def _bold(rows: Rows, heads: set[str], tag: str) -> str:
    return _page(
        [
            f"<{tag}>{escape(row)}</{tag}>" if row.strip() in heads else f"<p>{escape(row)}</p>"
            for row in rows
            if row.strip()
        ]
    )


SHAPES: dict[str, Callable[[Rows, set[str]], tuple[str, str]]] = {
    "a mail program's divisions": lambda rows, _: (
        "a.html",
        _page([f"<div>{escape(r)}</div>" if r.strip() else "<div><br></div>" for r in rows]),
    ),
    "a paragraph for each line": lambda rows, _: (
        "a.html",
        _page([f"<p>{escape(r)}</p>" for r in rows if r.strip()]),
    ),
    "line breaks alone": lambda rows, _: ("a.html", _page(["<br>\n".join(map(escape, rows))])),
    "headlines in bold": lambda rows, heads: ("a.html", _bold(rows, heads, "b")),
    "headlines as headings": lambda rows, heads: ("a.html", _bold(rows, heads, "h3")),
    "section breaks lost": lambda rows, _: (
        "a.txt",
        "\n".join(r for n, r in enumerate(rows) if r.strip() or (n and rows[n - 1].strip())),
    ),
    "all blank lines lost": lambda rows, _: ("a.txt", "\n".join(r for r in rows if r.strip())),
    "folded at 72 columns": lambda rows, _: (
        "a.txt",
        "\n".join("\n".join(textwrap.wrap(r, 72)) if r.strip() else "" for r in rows),
    ),
    "line ends of another system": lambda rows, _: ("a.txt", "\r\n".join(rows)),
    "straight quotes": lambda rows, _: (
        "a.txt",
        "\n".join(rows).replace("‘", "'").replace("’", "'"),
    ),
    "Markdown": lambda rows, heads: (
        "a.md",
        "\n".join(f"### {r}" if r.strip() in heads else r for r in rows),
    ),
}


def told(edition: Edition) -> list[tuple[object, ...]]:
    """What an issue says, without what a shape may change: sections, quotes, folds."""
    return [
        (
            item.headline.replace("‘", "'").replace("’", "'"),
            item.kind,
            item.date and item.date.value,
            item.source,
            " ".join(item.summary.replace("‘", "'").replace("’", "'").split()),
            len(item.links),
            [(image.caption, image.credit) for image in item.images],
        )
        for item in edition.items()
    ]


@pytest.mark.parametrize("which", ["invented", "seed"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_letter_is_the_same_issue_in_every_shape(
    shape: str, which: str, request: pytest.FixtureRequest
) -> None:
    if which == "seed":
        text = (request.getfixturevalue("shared") / "seed" / "june-2019.txt").read_text("utf-8")
    else:
        text = LETTER.read_text("utf-8")
    plain = parse(text.encode(), name="a.txt").edition
    name, made = SHAPES[shape](text.split("\n"), {item.headline for item in plain.items()})
    shaped = parse(made.encode(), name=name).edition
    assert told(shaped) == told(plain)
    assert shaped.title == plain.title
    assert shaped.sections[0].heading == "Highlights of the Month"
    assert shaped.sections[-1].intro
