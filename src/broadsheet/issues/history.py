"""What items, sections and the front of an issue said before, and putting it back.

`compose` writes a row at every change; so nothing that was kept once is ever lost, and of two texts
the desk shows what differs, word by word.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broadsheet.issues.models import Issue, Kept, Pick, Section
from broadsheet.people.models import Editor

FRONT = ("title", "subject", "preview")
SECTION = ("heading", "intro")
PICK = (
    "headline", "our_heading", "heading_only", "date", "source", "summary", "note", "content_note",
    "call", "footnotes", "links", "images",
)  # fmt: skip


def part(of: Issue | Section | Pick) -> str:
    """The name of a thing in the history of its issue."""
    if isinstance(of, Pick):
        return of.uid
    return f"section {of.pk}" if isinstance(of, Section) else ""


def words(of: Issue | Section | Pick) -> dict[str, Any]:
    """All that an editor wrote there."""
    names = PICK if isinstance(of, Pick) else SECTION if isinstance(of, Section) else FRONT
    return {name: getattr(of, name) for name in names}


def says(issue: Issue, part_: str) -> dict[str, Any]:
    """What a part says now; empty where it is no longer there."""
    of: Issue | Section | Pick | None = issue
    if part_.startswith("section "):
        of = issue.sections.filter(pk=part_.removeprefix("section ")).first()
    elif part_:
        of = issue.picks.filter(uid=part_).first()
    return words(of) if of is not None else {}


def write_down(
    of: Issue | Section | Pick, deed: str, editor: Editor | None, at: datetime, **more: Any
) -> Kept:
    """Keep what a thing says now; `more` is kept beside its words."""
    issue = of if isinstance(of, Issue) else of.issue
    return Kept.objects.create(
        issue=issue, part=part(of), deed=deed, words=words(of) | more, editor=editor, at=at
    )


def started(of: Issue | Section | Pick, before: Mapping[str, Any], at: datetime) -> None:
    """Keep what a thing said before its first change, where nothing of it was kept yet: it was
    proposed by a draft, or is older than the history."""
    issue = of if isinstance(of, Issue) else of.issue
    if not Kept.objects.filter(issue=issue, part=part(of)).exists():
        Kept.objects.create(
            issue=issue, part=part(of), deed="began", words=dict(before), editor=None, at=at
        )


def of(thing: Issue | Section | Pick, limit: int = 100) -> list[Kept]:
    """What a thing said, newest first. One query."""
    issue = thing if isinstance(thing, Issue) else thing.issue
    rows = Kept.objects.filter(issue=issue, part=part(thing)).select_related("editor")
    return list(rows.order_by("-pk")[:limit])


def whole(issue: Issue, limit: int = 200) -> list[Kept]:
    """Every change of an issue, newest first. One query."""
    return list(issue.kept.select_related("editor").order_by("-pk")[:limit])


# --- comparing -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stayed ("same"), went ("gone") or came ("new")."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """A field of which the words differ."""

    field: str
    pieces: tuple[Piece, ...]


# A word with its marks, a run of blanks, or one Chinese or Japanese character.
_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\s\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+|\s+"
)


def compare(before: str, after: str) -> tuple[Piece, ...]:
    """The two texts as one, word by word; `same` and `gone` together are the first, `same` and
    `new` the second."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    out: list[Piece] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            out.append(Piece("same", "".join(old[a:b])))
            continue
        if b > a:
            out.append(Piece("gone", "".join(old[a:b])))
        if d > c:
            out.append(Piece("new", "".join(new[c:d])))
    return tuple(out)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What differs between two kept states, in the order of the form."""
    order = [*FRONT, *SECTION, *PICK]
    names = sorted(set(before) | set(after), key=lambda n: order.index(n) if n in order else 99)
    return [
        Change(name, compare(said(before.get(name)), said(after.get(name))))
        for name in names
        if name in order and said(before.get(name)) != said(after.get(name))
    ]


def said(value: Any) -> str:
    """A kept value as an editor would read it."""
    return "\n".join(_lines(value))


def _lines(value: Any) -> Iterator[str]:
    if value is None or value is False or value == "":
        return
    if value is True:
        yield "yes"
    elif isinstance(value, Mapping):
        if "precision" in value and "value" in value:
            yield str(value.get("raw") or value["value"])
            return
        for key, one in value.items():
            if one not in (None, "", [], {}):
                yield f"{key}: {' '.join(_lines(one))}"
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield " · ".join(_lines(one))
    else:
        yield str(value)
