"""An issue as a value: what `parse-issue` makes, what publishing freezes, what the press prints.

The shape is the contract in `docs/contracts.md`. Mail, text, web, PDF, feed and archive all print
from this value, so they cannot disagree.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from broadsheet.wire.dates import When
from broadsheet.wire.errors import RowError

SCHEMA = 1


class Kind(enum.StrEnum):
    """What an item of an issue is."""

    HIGHLIGHT = "highlight"  # the organisation's own news
    ARTICLE = "article"  # a news item: another outlet's report, told shortly
    RESOURCE = "resource"  # a handbook, report or page of a sector's pick
    EVENT = "event"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled link; the address may be unknown, as in the seed text."""

    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """Why a picture may be printed: `basis` in words, `until` an ISO day or None for no end."""

    basis: str
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of an item. Without a permission only its credit and link are printed.

    width, height   in pixels, where they are known: mail programs keep its place before it has come
    """

    url: str | None = None
    alt: str | None = None
    caption: str | None = None
    credit: str | None = None
    licence: str | None = None
    permission: Permission | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One item as the reader sees it. `headline` is the outlet's own; `our_heading` stands instead."""

    uid: str
    kind: Kind
    headline: str
    our_heading: str | None = None
    date: When | None = None
    source: str | None = None
    summary: str = ""  # restricted Markdown: paragraphs, links, emphasis, lists
    note: str | None = None  # the editor's
    content_note: str | None = None
    footnotes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()  # ISO 3166-1 alpha-2
    links: tuple[Link, ...] = ()
    images: tuple[Image, ...] = ()

    @property
    def heading(self) -> str:
        """What is printed above the item: our heading where the editor wrote one."""
        return self.our_heading or self.headline


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an issue. A heading or an introduction may be missing; so may items."""

    heading: str | None = None
    intro: str | None = None  # restricted Markdown
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Alternate:
    """The same issue in another language."""

    language: str
    uid: str


@dataclass(frozen=True, slots=True)
class Edition:
    """An issue as it went out, or as it would. `version` counts corrections, from 1."""

    uid: str
    newsletter: str
    title: str
    version: int = 1
    correction: str | None = None  # what was wrong in the version before, in words for readers
    date: When | None = None
    language: str = "en"
    alternates: tuple[Alternate, ...] = ()
    subject: str | None = None
    preview: str | None = None
    sections: tuple[Section, ...] = ()
    schema: int = SCHEMA
    organisation: str | None = None
    sample: bool = False  # an invented month: every print says so
    extra: Mapping[str, Any] = field(default_factory=dict)  # unknown keys, kept as they came

    def items(self) -> tuple[Item, ...]:
        return tuple(item for section in self.sections for item in section.items)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types; `from_json` of it is equal to this value."""
        out: dict[str, Any] = msgspec.to_builtins(self)
        extra: dict[str, Any] = out.pop("extra")
        return extra | out

    @classmethod
    def from_json(cls, given: Mapping[str, Any], *, at: str = "the issue") -> Edition:
        """The issue from JSON. RowError names the place of what is wrong; unknown keys are kept.

        An issue of a later schema is refused: it would lose what this version does not know.
        """
        schema = given.get("schema", SCHEMA)
        if not isinstance(schema, int) or schema > SCHEMA:
            raise RowError(
                f"The issue has schema {schema!r}; this Broadsheet reads up to {SCHEMA}",
                at=at,
                hint="Upgrade Broadsheet, then try again.",
            )
        known = {name: value for name, value in given.items() if name in _FIELDS}
        known["extra"] = {name: value for name, value in given.items() if name not in _FIELDS}
        try:
            return msgspec.convert(known, cls)
        except (msgspec.ValidationError, ValueError) as error:
            raise RowError(f"This is not an issue as JSON: {error}", at=at) from None


_FIELDS = frozenset(Edition.__dataclass_fields__) - {"extra"}
