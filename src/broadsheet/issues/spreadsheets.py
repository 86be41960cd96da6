"""The archive's lines (`handover`) once more as tables, for who counts in a spreadsheet.

Of each issue its newest version. Of an item's codes only those that readers may search by: signs of
control or means beside a place and a date could point at one person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from broadsheet.issues.searching import AXES
from broadsheet.press import markdown
from broadsheet.wire.beat import Beat

Table = tuple[str, ...]
COLUMNS: Mapping[str, Table] = {
    "issues.csv": ("uid", "newsletter", "month", "title", "published", "version", "language", "items"),
    "items.csv": (
        "uid", "issue", "month", "section", "kind", "headline", "our_heading", "date", "source", "summary",
        "note", "links", *AXES, "places", "language",
    ),
    "resources.csv": (
        "title", "publisher", "kind", "date", "sectors", "language", "audience", "cost", "url", "url_status",
        "checked", "description",
    ),
    "tiers.csv": ("iso3", "country", "year", "tier", "status", "source"),
}  # fmt: skip


def rows(line: Mapping[str, Any], beat: Beat) -> Iterator[tuple[str, list[object]]]:
    """The rows that a line of the archive gives, each with the name of its table. Several values of one
    cell stand apart by a blank, which none of them has within it."""
    if line["record"] == "tier":
        yield "tiers.csv", [line[name] for name in COLUMNS["tiers.csv"]]
    elif line["record"] == "resource":
        given = {**line, "date": _day(line["date"]), "sectors": " ".join(line["sectors"])}
        yield "resources.csv", [given[name] for name in COLUMNS["resources.csv"]]
    elif line["record"] == "issue":
        newest = line["editions"][-1]
        content = newest["content"]
        items = [(part, item) for part in content["sections"] for item in part["items"]]
        yield (
            "issues.csv",
            [
                line["uid"], line["newsletter"], line["month"], line["title"], line["published"],
                newest["version"], content["language"], len(items),
            ],
        )  # fmt: skip
        known = {axis: {code.code for code in beat.taxonomy.axes.get(axis, ())} for axis in AXES}
        for part, item in items:
            yield "items.csv", _item(line, content, part, item, known)


def _item(
    line: Mapping[str, Any],
    content: Mapping[str, Any],
    part: Mapping[str, Any],
    item: Mapping[str, Any],
    known: Mapping[str, set[str]],
) -> list[object]:
    codes = item.get("codes") or ()
    return [
        item["uid"], line["uid"], line["month"], part.get("heading"), item.get("kind"),
        item.get("headline"), item.get("our_heading"), _day(item.get("date")), item.get("source"),
        markdown.plain(item.get("summary") or "").strip(), markdown.plain(item.get("note") or "").strip(),
        " ".join(str(link["url"]) for link in item.get("links") or () if link.get("url")),
        *(" ".join(code for code in codes if code in known[axis]) for axis in AXES),
        " ".join(item.get("places") or ()), content["language"],
    ]  # fmt: skip


def _day(when: Mapping[str, Any] | None) -> object:
    return when["value"] if when else ""
