"""Past newsletters -> issues: HTML pages, mails, plain text and Markdown, as organisations made them.

Every format is first brought to lines (`lines.Line`); what the lines are is decided once
(`segment`). Bytes in, values out: nothing is fetched, nothing is executed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from broadsheet.wire.edition import Edition
from broadsheet.wire.errors import WireError
from broadsheet.wire.issuefile import plain
from broadsheet.wire.issuefile.lines import Source
from broadsheet.wire.issuefile.segment import segment


class IssueFileError(WireError):
    """A file could not be read as a newsletter."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """An issue as it was read, and how sure each part is.

    sure      uid of an item, or "section-1" and so on -> 0 to 1
    doubts    uid of an item -> in words what could not be read
    unplaced  text that found no place, in its order: shown to the editor, never dropped
    """

    edition: Edition
    sure: dict[str, float]
    doubts: dict[str, tuple[str, ...]]
    unplaced: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The issue as JSON, with `sureness`, `doubts` and `unplaced` beside the contract's keys."""
        return self.edition.to_json() | {
            "sureness": self.sure,
            "doubts": {uid: list(found) for uid, found in self.doubts.items()},
            "unplaced": list(self.unplaced),
        }


def parse(data: bytes, *, name: str = "", newsletter: str | None = None) -> Parsed:
    """Read one past newsletter.

    `name` is the file's name: its ending helps to tell the format, its words name the issue where
    the file itself does not. `newsletter` names the newsletter where the caller knows it.
    IssueFileError where there is no text in the file.
    """
    source = read(data, name=name)
    if not any(line.text.strip() for line in source.lines):
        raise IssueFileError(
            "There is no text in this file",
            at=name or "the file",
            hint="Is it a scan or a picture?",
        )
    found = segment(source)
    title = found.title or name.rpartition(".")[0].replace("-", " ").replace("_", " ").strip()
    identity = hashlib.sha256(f"{newsletter or found.newsletter}\x1f{title}".encode()).hexdigest()
    edition = Edition(
        uid="e" + identity[:11],
        newsletter=newsletter or found.newsletter,
        title=title,
        date=found.date,
        language=source.language or "en",
        sections=found.sections,
    )
    return Parsed(edition, found.sure, found.doubts, found.unplaced)


def read(data: bytes, *, name: str = "") -> Source:
    """The lines of a file of any format we know."""
    return plain.read(data.decode("utf-8", errors="replace"))
