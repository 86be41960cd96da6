"""A letter while it is read: its lines, the role of each, and what its own look says."""

from __future__ import annotations

import enum
import re
from collections import Counter
from collections.abc import Hashable

from broadsheet.wire.dates import When
from broadsheet.wire.issuefile.lines import Line, Source


class Role(enum.Enum):
    """What a line is, first by its own form, then by what stands around it."""

    PARA = enum.auto()
    TITLE = enum.auto()  # a heading of some kind
    META = enum.auto()  # date, source
    ACCESS = enum.auto()  # link words
    ADDRESS = enum.auto()  # an address written out
    CAPTION = enum.auto()
    PICTURE = enum.auto()
    RULE = enum.auto()
    SMALL = enum.auto()  # the mail tool's words
    HEADLINE = enum.auto()
    SECTION = enum.auto()
    ISSUE = enum.auto()  # the issue's own title
    MASTHEAD = enum.auto()


CONTENT = {
    Role.PARA,
    Role.TITLE,
    Role.META,
    Role.ACCESS,
    Role.ADDRESS,
    Role.HEADLINE,
    Role.SECTION,
}
HEADINGS = {Role.TITLE, Role.HEADLINE, Role.SECTION}


_SMALL_LETTER, _CAPITAL = re.compile(r"[a-z]"), re.compile(r"[A-Z]")
UNSAID = 16.0  # CSS pixels of letters whose size nobody set: what browsers take


class Letter:
    """The lines of a newsletter and what is known of each so far.

    body            size of the letters of its running text in CSS pixels, None where unknown
    titled          headlines show by their form, so that a plain short line is none
    above_headline  details that stand above the headline they belong to
    outlets         lines that are an outlet's bare name
    used            lines of the head whose words are kept as the issue's date
    posted          when the page says that it was put up
    """

    def __init__(self, source: Source, lines: list[Line]) -> None:
        self.source, self.lines = source, lines
        self.roles: list[Role] = []
        sizes = Counter[float]()
        sized = any(line.size for line in lines)
        for line in lines:
            if sized and line.words > 5 and not (line.level or line.strong):
                sizes[line.size or UNSAID] += line.words
        self.body = sizes.most_common(1)[0][0] if sizes else None
        self.titled = False
        self.above_headline: set[int] = set()
        self.outlets: set[int] = set()
        self.used: set[int] = set()
        self.posted: When | None = None

    def around(self, number: int, step: int) -> int | None:
        """The nearest line with content before (-1) or after (+1) a line; None at the ends."""
        at = number + step
        while 0 <= at < len(self.lines):
            if self.roles[at] in CONTENT:
                return at
            at += step
        return None

    def role_around(self, number: int, step: int) -> Role | None:
        """The role of the nearest line with content before or after a line."""
        at = self.around(number, step)
        return self.roles[at] if at is not None else None

    def is_heading(self, number: int | None) -> bool:
        """Whether a line is a heading that may be a headline."""
        return number is not None and self.roles[number] in (Role.TITLE, Role.HEADLINE)

    def beside_picture(self, number: int) -> bool:
        """Whether a picture stands within two lines above a line or right below it."""
        around = self.lines[max(0, number - 2) : number + 2]
        return any(line.picture is not None for line in around)

    def evident(self, line: Line) -> bool:
        """Whether the line is set as a heading: by tag, weight, size or link."""
        return bool(
            line.level
            or line.strong
            or line.shaded
            or (line.linked > 0.85 and line.words >= 3 and not self.source.typed)
            or (line.size and self.body and line.size > self.body * 1.08)
            or capitals(line.text)
        )

    def small(self, line: Line) -> bool:
        """Whether the line is set smaller than the running text."""
        return bool(line.size and self.body and line.size < self.body * 0.95)

    def rank(self, number: int) -> float:
        """How prominent a line is set: smaller is more."""
        line = self.lines[number]
        if line.level:
            return line.level
        return 7 - (line.size or 0) / 100 - 0.5 * line.strong - line.shaded

    def look(self, line: Line) -> Hashable:
        """How a line is set: lines that look alike are alike."""
        return (
            line.level,
            line.strong,
            line.size,
            line.style,
            line.shaded,
            line.bullet,
            capitals(line.text),
        )


def capitals(text: str) -> bool:
    """Whether a line with Latin letters has capitals alone."""
    return not _SMALL_LETTER.search(text) and len(_CAPITAL.findall(text)) >= 4
