"""The values that travel on the wire. Frozen; made by one stage, read by the next.

`docs/words.md` says what each word means. As JSON they have the shapes of the contracts on the
command line (`docs/contracts.md`); `row()` and the `from_row` functions are the only codec.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from broadsheet.wire import dates, text, urls
from broadsheet.wire.dates import When
from broadsheet.wire.errors import RowError

Row = dict[str, Any]


class Band(enum.StrEnum):
    """What the judge says of an article; nothing is dropped, each band can be looked through."""

    RELEVANT = "relevant"
    UNSURE = "unsure"
    OFF_BEAT = "off_beat"


class Role(enum.StrEnum):
    """What an article is in its story."""

    LEAD = "lead"  # the one shown and linked
    REPORT = "report"  # another outlet's own report of the event
    COPY = "copy"  # the same text again


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed, sitemap or mail said of a page, before the page was fetched."""

    url: str | None
    headline: str = ""
    text: str = ""  # as plain text; a feed's own text stands in where the page fails
    published: When | None = None
    updated: When | None = None
    authors: tuple[str, ...] = ()
    source: str | None = None
    language: str | None = None
    identifier: str | None = None  # guid or atom:id: a hint, never the identity


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it came: bytes, and what the server said of them."""

    url: str  # where it was found, after redirects
    body: bytes
    content_type: str = ""  # the header as sent, with its charset if any
    fetched: datetime | None = None  # aware
    entry: Entry | None = None
    id: str | int | None = None  # as given on a row, to be given back


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture beside an article: proposed with its credit, printed only with permission."""

    url: str | None = None
    alt: str | None = None
    caption: str | None = None
    credit: str | None = None
    licence: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One text at one canonical address.

    `failures` says in words what could not be read ("no date found", "text from the feed").
    An article without an address is identified by source, headline and date (`key`).
    """

    headline: str
    text: str = ""
    id: str | int | None = None
    url: str | None = None
    canonical_url: str | None = None
    description: str | None = None
    published: When | None = None
    updated: When | None = None
    authors: tuple[str, ...] = ()
    source: str | None = None
    language: str | None = None
    image: Picture | None = None
    paywalled: bool = False
    failures: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What makes it the same article on the next day, at most 64 characters."""
        address = self.canonical_url or self.url
        if address:
            return hashlib.sha256(urls.key(address).encode()).hexdigest()
        date = self.published.value[:10] if self.published else ""
        parts = (text.squeezed(self.source or "").lower(), text.squeezed(self.headline), date)
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A phrase that spoke for or against, and where it stands.

    field   "headline", "description" or "text"
    start, end   code points in that field as given
    code    the taxonomy's code, "anchor", or "model" for a term that moved the learned score
    weight  how much it moved the score; below 0 it spoke against; 0 where it only informs
    """

    phrase: str
    field: str
    start: int
    end: int
    code: str
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an article belongs on the beat: `score` is a probability, 0 to 1."""

    band: Band
    score: float
    near_miss: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()  # in words: "language not covered: th", "cannot judge: no words"

    @property
    def relevant(self) -> bool:
        return self.band is Band.RELEVANT


@dataclass(frozen=True, slots=True)
class Place:
    """A place named in an article; `role` only where the text says it (origin, transit, court ...)."""

    name: str
    iso2: str | None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Tags:
    """Codes by axis of the taxonomy, suggested and not asserted, with places and evidence.

    notes   in words, what the article states and what not: "act: stated", "means: not stated"
    """

    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: tuple[Place, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()

    def every_code(self) -> tuple[str, ...]:
        return tuple(code for codes in self.codes.values() for code in codes)


@dataclass(frozen=True, slots=True)
class Member:
    """An article's part in a story. `story` is the key of the story: the same for the same articles.

    `case` is the key of the first story of a chain of follow-ups (arrested, charged, sentenced);
    None where the story stands alone.
    """

    article: Article
    story: str
    role: Role
    copy_of: str | None = None  # the key of the article whose text it repeats
    agency: str | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a summary and where it stands: `article` is the article's id or key.

    `start` and `end` are None, and `changed` is true, where the words are not the article's own.
    """

    text: str
    article: str | int | None
    start: int | None
    end: int | None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something, and who says so: the outlet, or else the article's id."""

    number: int
    source: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """A figure on which a story's articles disagree; `str()` says it in English.

    thing   what is counted, as English names many of it: "workers"
    counts  each number once, the lowest first
    """

    thing: str
    counts: tuple[Count, ...]

    def __str__(self) -> str:
        return " or ".join(f"{one.number:,} {self.thing} ({one.source})" for one in self.counts)


@dataclass(frozen=True, slots=True)
class Summary:
    """One to three sentences that stand in the story's articles; empty rather than harmful.

    conflicts   where the story's articles disagree
    quoted      how many words are the article's own, where they are more than the house limit; else 0
    """

    story: str
    text: str
    sentences: tuple[Sentence, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    quoted: int = 0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A story in its order, with every factor of its score (factor name -> points, summing to it).

    `forms`, `sectors` and `places` (ISO 3166-1 alpha-2) are those its articles name, the most named
    first: what a balanced month is made from.
    """

    story: str
    score: float
    factors: Mapping[str, float]
    members: tuple[Member, ...] = ()
    case: str | None = None
    forms: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A page that fell off the line: foreseen, counted, shown."""

    url: str
    stage: str
    reason: str


def row(value: object) -> Any:
    """A value as plain JSON types (dicts, lists, strings, numbers)."""
    return msgspec.to_builtins(value)


def when_from(value: object, at: str) -> When | None:
    """A date from a row: our own object, an ISO string or a typed date. RowError where it is neither."""
    if value is None or value == "":
        return None
    if isinstance(value, Mapping):
        try:
            return msgspec.convert(value, When)
        except (msgspec.ValidationError, ValueError) as error:
            raise RowError("The date is not one of ours", at=at) from error
    if isinstance(value, int) and 1900 <= value <= 2200:
        value = str(value)
    if isinstance(value, str):
        found = dates.typed(value, basis="given") or dates.rfc822(value, basis="given")
        if found:
            return found
    raise RowError(
        f"The date {value!r} cannot be read", at=at, hint="Write it as 2019, 2019-02 or 2019-06-21."
    )


_TEXT_KEYS = ("url", "canonical_url", "description", "source", "language")


def article_from(row: Mapping[str, Any], *, at: str = "the row") -> Article:
    """An article from a row of JSON Lines.

    `headline` may be missing where there is a `text`; a row with neither is a RowError, and so is a
    key of the wrong type. `published` may be our date object or a string; one that cannot be read
    is left out and named in `failures`, since half a date must not lose an article; so are a picture
    and authors of another shape.
    """
    told = row.get("failures")
    failures = tuple(str(f) for f in told) if isinstance(told, (list, tuple)) else ()
    headline, body = row.get("headline") or "", row.get("text") or ""
    if not isinstance(headline, str) or not isinstance(body, str):
        raise RowError("`headline` and `text` must be strings", at=at)
    if not headline.strip() and not body.strip():
        raise RowError("There is no headline and no text", at=at, hint="See --map to name keys.")
    given: dict[str, Any] = {}
    for key in _TEXT_KEYS:
        value = row.get(key)
        if value is not None and not isinstance(value, str):
            raise RowError(f"`{key}` must be a string", at=at)
        given[key] = value or None
    for key in ("published", "updated"):
        try:
            given[key] = when_from(row.get(key), at)
        except RowError as error:
            given[key] = None
            failures += (f"{key} not read: {error.what}",)
    authors = row.get("authors") or ()
    for key, value, kind in (
        ("image", row.get("image") or None, Picture | None),
        ("authors", (authors,) if isinstance(authors, str) else authors, tuple[str, ...]),
    ):
        try:
            given[key] = msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            given[key] = None if key == "image" else ()
            failures += (f"{key} not read: {error}",)
    identity = row.get("id")
    if identity is not None and (
        isinstance(identity, bool) or not isinstance(identity, (str, int))
    ):
        raise RowError("`id` must be a string or a whole number", at=at)
    return Article(
        headline=headline,
        text=body,
        id=identity,
        paywalled=bool(row.get("paywalled")),
        failures=failures,
        **given,
    )


def verdict_from(row: Mapping[str, Any], *, at: str = "the row") -> Verdict | None:
    """The verdict on a row that went through `judge`; None where it did not."""
    if "band" not in row:
        return None
    try:
        return Verdict(
            Band(row["band"]),
            float(row.get("score", 0.0)),
            tuple(row.get("near_miss") or ()),
        )
    except (ValueError, TypeError, msgspec.ValidationError) as error:
        raise RowError("The verdict on the row has the wrong shape", at=at) from error


def tags_from(row: Mapping[str, Any], *, at: str = "the row") -> Tags:
    """The codes and places on a row that went through `tag`; empty where it did not."""
    try:
        codes = msgspec.convert(row.get("codes") or {}, dict[str, tuple[str, ...]])
        places = msgspec.convert(row.get("places") or (), tuple[Place, ...])
    except msgspec.ValidationError as error:
        raise RowError(f"`codes` or `places` has the wrong shape ({error})", at=at) from error
    return Tags(codes, places)
