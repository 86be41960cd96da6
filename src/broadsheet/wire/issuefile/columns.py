"""Tables with named columns, as media monitors write them: each row becomes an item."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import lxml.html

_NAMES = {
    "date": re.compile(r"(?:publication |published )?(?:date|day|published)|日期", re.IGNORECASE),
    "source": re.compile(
        r"(?:news )?(?:source|outlet|publication|publisher|media|newspaper|title of publication)|來源|媒體",
        re.IGNORECASE,
    ),
    "headline": re.compile(
        r"(?:headline|title|article|story|news|subject|item)s?|標題|題目", re.IGNORECASE
    ),
    "summary": re.compile(
        r"(?:summary|description|abstract|details|content|synopsis|extract)|摘要|內容",
        re.IGNORECASE,
    ),
    "link": re.compile(r"(?:web ?)?(?:link|url|address)s?|連結|網址", re.IGNORECASE),
}
_OTHERS = re.compile(
    r"(?:no\.?|#|nr|country|place|region|topic|theme|category|author|page|language|type|國家|地區|類別)",
    re.IGNORECASE,
)


def as_items(root: Any) -> None:
    """Rewrite in place every table whose first row names a headline and a date or source.

    Columns that we do not know stay as lines of the item, behind the column's name.
    """
    for table in list(root.iter("table")):
        rows = list(_rows(table))
        names = _names(rows[0]) if len(rows) > 1 else None
        if names is None:
            continue
        box = lxml.html.Element("div")
        for row in rows[1:]:
            box.append(_item(row, names))
        box.tail = table.tail
        parent = table.getparent()
        if parent is not None:
            parent.replace(table, box)


def _rows(table: Any) -> Iterator[Any]:
    """A table's own rows, not those of tables within it: mail has hundreds of tables in tables."""
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if row.tag == "tr")


def _cells(row: Any) -> list[Any]:
    return [cell for cell in row if cell.tag in ("td", "th")]


def _names(row: Any) -> list[tuple[str, str]] | None:
    """What each column is, with its own words; None where the row is no head of a list of news."""
    found = []
    for cell in _cells(row):
        words = " ".join(cell.text_content().split()).strip(" :：")
        known = next((name for name, form in _NAMES.items() if form.fullmatch(words)), "")
        if not known and words and not _OTHERS.fullmatch(words):
            return None
        found.append((known, words))
    names = {name for name, _ in found}
    return found if "headline" in names and names & {"date", "source"} else None


def _item(row: Any, names: list[tuple[str, str]]) -> Any:
    """One row as a box: headline, details, text, link, in the order in which an item is read."""
    parts: dict[str, list[Any]] = {}
    for cell, (name, words) in zip(_cells(row), names, strict=False):
        cell.tag = "h4" if name == "headline" else "div"
        for key in list(cell.attrib):
            del cell.attrib[key]
        if name in ("date", "source") or (not name and words):
            label = {"date": "Date", "source": "Source"}.get(name, words)
            cell.text = f"{label}: {cell.text or ''}"
        cell.tail = None
        if cell.text_content().strip(" :\xa0\n\t"):
            parts.setdefault(name, []).append(cell)
    box = lxml.html.Element("section")
    for name in ("headline", "date", "source", "summary", "", "link"):
        box.extend(parts.get(name, []))
    return box
