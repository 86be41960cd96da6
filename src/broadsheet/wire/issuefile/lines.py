"""A newsletter as a list of lines: what every format is brought to before anything is understood.

A line is what a reader sees as one: a heading, a paragraph, a line of a paragraph broken by the
author, a list item, a picture, a rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link in a line: `text[start:end]` of the line leads to `url`."""

    url: str
    start: int
    end: int


def _signs(text: str) -> int:
    return sum(map(str.isalnum, text))


@dataclass(frozen=True, slots=True)
class Line:
    """What a reader sees as one line.

    level   of a heading, 1 to 6; 0 where the line is none
    strong  the whole line is bold; `lead` characters at its start are bold, linked or underlined
    size    of the letters in CSS pixels, where it is known
    gap     blank lines before it (a new paragraph or box counts 1, a line break 0)
    cell    the boxes (table cells, divisions) around it, outermost first
    picture the address of a picture, which then has `alt` and no text
    """

    text: str = ""
    level: int = 0
    strong: bool = False
    lead: int = 0
    size: float | None = None
    gap: int = 1
    bullet: bool = False
    links: tuple[Anchor, ...] = ()
    picture: str | None = None
    alt: str | None = None
    rule: bool = False
    caption: bool = False  # stood in a figcaption or a caption box
    cell: tuple[int, ...] = field(default=())
    year_added: bool = False  # its date had no year; the was written behind it
    order_told: bool = False  # which figure of its date is the day was told by the letter's others
    # A headline cut out of a longer line: its weight is ours, not its author's.
    parted: bool = False
    italic: bool = False  # the whole line
    shaded: bool = False  # alone on a bar of another colour
    button: bool = False  # a link set as a button: on a ground of another colour
    style: str = ""  # what else tells lines of one kind from another: tag and class

    @property
    def words(self) -> int:
        return len(self.text.split())

    @property
    def linked(self) -> float:
        """The share of the line's letters and figures that are links, 0 to 1."""
        if not self.links:
            return 0.0
        inside = sum(_signs(self.text[a.start : a.end]) for a in self.links)
        return inside / (_signs(self.text) or 1)


@dataclass(frozen=True, slots=True)
class Source:
    """What a file gave: its lines, and what stood outside of the text.

    title      of the page or the subject of the mail
    published  a date that the file itself states (meta element, Date header), as written
    typed      the letter is plain text: headings seldom show by their form
    newsletter a name that the file itself states (og:site_name, From)
    above      what someone who passed the letter on wrote above it
    """

    lines: tuple[Line, ...]
    title: str = ""
    published: str = ""
    newsletter: str = ""
    language: str = ""
    typed: bool = False
    above: str = ""
