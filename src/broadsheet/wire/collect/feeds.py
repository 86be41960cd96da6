"""Feeds as bytes -> entries: RSS, RDF, Atom, JSON Feed, sitemaps and indexes of sitemaps.

feedparser gets bytes that were decoded here, never a string (which it may take for a path or an
address and open) and never a charset to guess. Its parsed dates are not used: they have lost the
offset. A date that cannot be read, or is a template's nothing (1970, year 1), is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from html.entities import html5
from typing import Any
from xml.parsers import expat

import feedparser
import lxml.etree

from broadsheet.wire import dates, urls
from broadsheet.wire.collect import discover, wrappers
from broadsheet.wire.collect.charset import Decoded, decode
from broadsheet.wire.collect.fetcher import unpacked
from broadsheet.wire.collect.plain import one_line, plain
from broadsheet.wire.dates import Precision, When
from broadsheet.wire.errors import CollectError
from broadsheet.wire.model import Entry

# As many as Media Cloud takes; what is left out is said (Taranis AI 1036: 42, silently).
MOST_ENTRIES = 2_000
LONGEST_HEADLINE = 1_000  # characters
LONGEST_TEXT = 200_000
# Characters that feedparser gets: its strict parser takes up to a second for each MB, its loose one,
# to which a feed falls that is not well formed, up to three
LONGEST_SOUND, LONGEST_BROKEN = 10_000_000, 1_500_000
UNPACKED = 60_000_000  # bytes: the size that the sitemap protocol allows, and some

_PERIODS = {
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}
_ITEM = re.compile(r"<(?:[\w-]+:)?(?:item|entry)(?=[\s>/])")
_ITEM_END = re.compile(r"</(?:[\w-]+:)?(?:item|entry)\s*>")
_DATED = re.compile(
    r"<(?:[\w-]+:)?(?:pubDate|published|updated|date|modified|issued)\b[^>]*>([^<]{4,60})<",
    re.IGNORECASE,
)
_HTML = re.compile(
    r"(?is)^\s*(?:<!--.{0,5000}?-->\s*|<\?xml[^>]*\?>\s*)*(?:<!doctype\s+html|<html|<head|<body)"
)
_FEED = re.compile(r"<(?:[\w-]+:)?(?:rss|feed|RDF|channel)[\s>]")
_SITEMAP = re.compile(r"<(?:[\w-]+:)?(?:urlset|sitemapindex)[\s>]")


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed holds.

    kind     "rss", "atom", "rdf", "json", "sitemap" or "sitemap_index"
    nested   the sitemaps that an index names, with the day each was changed
    every    seconds after which the feed itself says that it is worth asking again
    notes    in words: what was left out, or read although it was broken
    lost     share of characters that could not be decoded, 0 to 1
    """

    kind: str
    entries: tuple[Entry, ...]
    title: str = ""
    language: str | None = None
    home: str | None = None
    every: float | None = None
    nested: tuple[tuple[str, When | None], ...] = ()
    notes: tuple[str, ...] = ()
    lost: float = 0.0


def parse(body: bytes, url: str, content_type: str = "", *, most: int = MOST_ENTRIES) -> Feed:
    """The entries of a feed, in its order, at most `most`. CollectError where it is no feed.

    Two entries with one identifier are both kept. A feed without entries is returned as it is;
    whether that is a failure is for the caller to say (`collect.feed` says so).
    """
    body = unpacked(body, UNPACKED, url)
    if not body.strip():
        raise CollectError("The feed is empty", at=url, reason="empty")
    decoded = decode(body, content_type)
    text = decoded.text.lstrip("\ufeff \t\r\n")
    if text[:1] in "{[":
        found = _json(text, url, most)
    elif _SITEMAP.search(text[:3000]):
        found = _sitemap(text, url, most)
    elif _HTML.match(text) and not _FEED.search(text[:3000]):
        raise not_a_feed(decoded, url)
    else:
        some = _xml(text, url, most) or _listed(text, url, most)
        if some is None:
            raise not_a_feed(decoded, url)
        found = some
    told = [one for one in found.entries if one.url or one.headline or one.text]
    notes = found.notes
    if len(told) < len(found.entries):
        notes += (f"{len(found.entries) - len(told)} entries hold nothing",)
    found = replace(found, entries=_days(told))
    if decoded.lost > 0.001:
        notes += (f"{decoded.lost:.1%} of the characters could not be read ({decoded.encoding})",)
    return replace(found, notes=notes, lost=decoded.lost)


def is_feed(body: bytes, content_type: str = "") -> bool:
    """Whether this looks like a feed or sitemap rather than a page; costs no parsing."""
    if body.startswith(b"\x1f\x8b"):
        return True
    head = decode(body[:6000], content_type).text.lstrip("\ufeff \t\r\n")
    if head.startswith("{"):
        return "jsonfeed.org" in head
    if _HTML.match(head):
        return False
    return bool(_FEED.search(head) or _SITEMAP.search(head))


def not_a_feed(decoded: Decoded, url: str) -> CollectError:
    links = discover.links(decoded.text, url)
    named = ", ".join(one.url for one in links[:5])
    return CollectError(
        "This is a page, not a feed" if "<" in decoded.text else "This is not a feed",
        at=url,
        reason="not_a_feed",
        hint=f"It names these feeds: {named}" if named else "It names no feed.",
        links=tuple(one.url for one in links),
    )


def when(raw: object, basis: str = "feed") -> When | None:
    """A feed's date with its offset and precision, the raw words kept; None where none is read.

    Years before 1971 are what templates write where there is no date.
    """
    if not isinstance(raw, str) or not raw.strip() or len(raw) > 100:
        return None
    text = " ".join(raw.replace("\u00a0", " ").split())
    found = (
        dates.iso(text, basis=basis)
        # before RFC 5322, whose reader in the standard library passes over "PM"
        or (_half_day(text, basis) if _HALF.search(text) else None)
        or dates.rfc822(text, basis=basis)
        or dates.typed(text, basis=basis)
        or _half_day(text, basis)
    )
    if found is None or found.value < "1971":
        return None
    return replace(found, raw=raw)


def _days(entries: list[Entry]) -> tuple[Entry, ...]:
    """Cut dates to the day where every entry came out at midnight sharp: RSS has no way to say "a day".

    From three dated entries on; below that midnight may be meant.
    """
    dated = [one.published for one in entries if one.published]
    if len(dated) < 3 or not all(one.value.endswith("T00:00") for one in dated):
        return tuple(entries)
    return tuple(
        replace(
            one,
            published=replace(
                one.published, value=one.published.value[:10], precision=Precision.DAY, offset=None
            ),
        )
        if one.published
        else one
        for one in entries
    )


_HALF = re.compile(r"(?i)\d\s*[ap]\.?m\b")
_CLOCK = re.compile(
    r"^(?P<day>.*?)[\s,T-]*\b(?P<h>\d{1,2})[:.](?P<m>\d\d)(?::\d\d)?\s*(?P<half>[ap]\.?m\.?)?\s*"
    r"(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?\s?[+-]\d\d?:?(?:\d\d)?)?$",
    re.IGNORECASE,
)


def _half_day(text: str, basis: str) -> When | None:
    """ "21 June 2019, 3:48 PM +0800" and its like: a typed day and a clock."""
    match = _CLOCK.match(text)
    day = dates.typed(match["day"], basis=basis) if match else None
    if match is None or day is None or day.precision is not Precision.DAY:
        return None
    hour, half = int(match["h"]), (match["half"] or "").lower()[:1]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    offset = None
    if match["zone"]:
        figures = re.search(r"([+-])(\d\d?):?(\d\d)?$", match["zone"])
        offset = f"{figures[1]}{int(figures[2]):02}:{figures[3] or '00'}" if figures else "+00:00"
    try:
        return When(f"{day.value}T{hour:02}:{match['m']}", Precision.MINUTE, offset, basis, text)
    except ValueError:
        return day


# --- RSS, RDF, Atom -------------------------------------------------------------------------------


def _xml(text: str, url: str, most: int) -> Feed | None:
    """None where feedparser sees no feed in it."""
    text, notes = _shortened(text, most)
    whole = _whole(text)
    if len(whole) < len(text):
        notes += ("the feed breaks off within an entry, which is taken when it comes whole",)
    text = _repaired(re.sub(r"^\s*<\?xml[^>]*\?>", "", whole))
    longest = LONGEST_SOUND if len(text) <= LONGEST_BROKEN or _sound(text) else LONGEST_BROKEN
    if len(text) > longest:
        first = f"{longest / 1e6:g} MB"
        notes += (
            f"the feed is {len(text) / 1e6:.1f} MB long; what its first {first} hold was taken",
        )
        text = _cut(text, longest)
    parsed = _parsed(text)
    if parsed is None:
        mended = _mended(text)
        parsed = _parsed(mended) if mended else None
        notes += ("the feed is not well formed, and was mended",)
    if parsed is None:
        return None
    top = parsed.feed
    entries = [_entry(one, top, parsed.version, url) for one in parsed.entries[:most]]
    if not parsed.version and not entries:
        return None
    if parsed.bozo and not isinstance(
        parsed.get("bozo_exception"),
        (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType),
    ):
        notes += (f"the feed is not well formed ({_cause(parsed)})",)
    version = parsed.version or "rss"
    return Feed(
        kind="rdf"
        if version in ("rss090", "rss10")
        else "atom"
        if version.startswith("atom")
        else "rss",
        entries=tuple(entries),
        title=one_line(_get(top, "title")),
        language=_language(_get(top, "language")),
        home=urls.absolute(_get(top, "link"), url),
        every=_every(top),
        notes=notes,
    )


def _parsed(text: str) -> Any | None:
    """What feedparser makes of it; None where it breaks.

    It fails in many ways on broken markup (KeyError, TypeError, ValueError ... from its handlers, as found
    by mutating real feeds), none of them documented: whatever it raises is the feed's fault here.
    """
    try:
        return feedparser.parse(
            b'<?xml version="1.0" encoding="utf-8"?>\n' + text.encode("utf-8", errors="replace"),
            # no content-location: feedparser would resolve identifiers too, and make "7" an address
            response_headers={"content-type": "application/xml; charset=utf-8"},
            # everything becomes plain text here, and its own ways cost seconds for each MB
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception:
        return None


def _mended(text: str) -> str | None:
    """The markup as lxml closes it; None where it finds none."""
    parser = lxml.etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = lxml.etree.fromstring(text.encode("utf-8", errors="replace"), parser)
        return lxml.etree.tostring(root, encoding="unicode") if root is not None else None
    except (lxml.etree.LxmlError, ValueError):
        return None


_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_LOOSE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)(\w{2,31};)?")


def _repaired(text: str) -> str:
    """Bare ampersands and the names of HTML made fit for XML, outside CDATA.

    The commonest mistake of feeds; mended here, a feed keeps the strict parser, which is faster than
    feedparser's loose one. A feed that declares entities of its own is left alone.
    """
    if "&" not in text or "<!ENTITY" in text:
        return text
    pieces = _CDATA.split(text)
    pieces[::2] = [_LOOSE.sub(_named, piece) for piece in pieces[::2]]
    return "".join(pieces)


def _named(match: re.Match[str]) -> str:
    known = html5.get(match[1] or "")
    return known or "&amp;" + (match[1] or "")


def _sound(text: str) -> bool:
    """Whether the markup is well formed."""
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    try:
        parser.Parse(text.encode("utf-8", errors="replace"), True)
    except expat.ExpatError:
        return False
    return True


_OVER = re.compile(r"</(?:rss|feed|[\w.-]+:RDF|RDF)\s*>", re.IGNORECASE)


def _whole(text: str) -> str:
    """The text without the entry in which it breaks off, as a connection that was lost leaves it.

    Half an entry is a headline without an address, or with half of one: it came a second time when the
    feed was whole again. A feed that only forgets to close its last entry keeps it.
    """
    ends = [match.end() for match in _ITEM_END.finditer(text)]
    later = _ITEM.search(text, ends[-1]) if ends else None
    if later is None or _OVER.search(text, later.start()):
        return text
    return text[: later.start()]


def _cut(text: str, longest: int) -> str:
    """The first entries that fit, and what closes the feed; where there are none, the first part."""
    ends = [match.end() for match in _ITEM_END.finditer(text)]
    fits = [end for end in ends if end <= longest]
    return text[: fits[-1]] + text[ends[-1] :][:10_000] if fits else text[:longest]


def _cause(parsed: Any) -> str:
    error = parsed.get("bozo_exception")
    said = error.getMessage() if hasattr(error, "getMessage") else str(error)
    return " ".join(said.split())[:120]


def _shortened(text: str, most: int) -> tuple[str, tuple[str, ...]]:
    """A long feed cut to the entries that are taken, before anything parses it.

    100,000 entries would keep feedparser busy for minutes. Where the last entry is newer than the
    first, the feed is oldest first, and its end is kept.
    """
    starts = [match.start() for match in _ITEM.finditer(text)]
    if len(starts) <= most:
        return text, ()
    ends = [match.end() for match in _ITEM_END.finditer(text, starts[0])]
    last_end = ends[-1] if ends and ends[-1] > starts[-1] else len(text)
    first = _first_date(text[starts[0] : starts[1]])
    last = _first_date(text[starts[-1] : last_end])
    oldest_first = bool(first and last and last > first)
    which = "last" if oldest_first else "first"
    first_out, next_in = (starts[0], starts[-most]) if oldest_first else (starts[most], last_end)
    return text[:first_out] + text[next_in:], (
        f"the feed has {len(starts):,} entries; the {which} {most:,} were taken",
    )


def _first_date(chunk: str) -> str:
    match = _DATED.search(chunk[:20_000])
    found = when(match[1]) if match else None
    return found.sort_key() if found else ""


def _get(node: Mapping[str, Any], name: str) -> str:
    # feedparser's own .get invents: "updated" falls back to "published", with a warning
    value = dict.get(node, name) if isinstance(node, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _entry(node: Any, top: Any, version: str, url: str) -> Entry:
    identifier = _get(node, "id") or None
    link = (
        urls.absolute(_get(node, "feedburner_origlink"), url)
        or urls.absolute(_link(node), url)
        or (urls.absolute(identifier, url) if identifier and "://" in identifier else None)
    )
    published = when(_get(node, "published")) or when(_get(node, "created"))
    updated = when(_get(node, "updated"))
    if published is None and not version.startswith("atom"):
        published, updated = updated, None  # dc:date, which feedparser calls "updated"
    bodies = [_text(one) for one in dict.get(node, "content") or ()]
    bodies.append(_text(dict.get(node, "summary_detail") or {"value": _get(node, "summary")}))
    headline = one_line(_get(node, "title"))
    text = max(bodies, key=len)
    source = dict.get(node, "source")
    return Entry(
        url=wrappers.unwrapped(link) if link else None,  # alerts as feeds wrap their links
        headline=headline[:LONGEST_HEADLINE],
        text="" if text == headline else text[:LONGEST_TEXT],
        published=published,
        updated=updated,
        authors=_authors(node),
        source=one_line(_get(source, "title") if isinstance(source, dict) else "") or None,
        language=_language(
            (dict.get(node, "title_detail") or {}).get("language")
            or _get(node, "language")
            or _get(top, "language")
        ),
        identifier=identifier,
    )


def _link(node: Any) -> str:
    """The entry's own page: `rel=alternate` as HTML before the first link of any kind."""
    links = [one for one in dict.get(node, "links") or () if one.get("href")]
    ranked = sorted(
        links,
        key=lambda one: (
            one.get("rel", "alternate") != "alternate",
            "html" not in one.get("type", "text/html"),
        ),
    )
    if ranked and ranked[0].get("rel", "alternate") in ("alternate", "related", "via"):
        return str(ranked[0]["href"])
    link = _get(node, "link")
    # feedparser takes a guid that is no address for a permalink, unless it says that it is none
    return "" if link == _get(node, "id") and "://" not in link else link


def _text(detail: Mapping[str, Any]) -> str:
    value = detail.get("value") or ""
    if not isinstance(value, str) or "image/" in (detail.get("type") or ""):
        return ""
    return plain(value)


def _authors(node: Any) -> tuple[str, ...]:
    found = [
        one.get("name", "") for one in dict.get(node, "authors") or () if isinstance(one, dict)
    ]
    return _names(found or [_get(node, "author")])


def _names(found: Iterable[object]) -> tuple[str, ...]:
    """Names as given, without "By" and without bare mail addresses, each once."""
    out: dict[str, None] = {}
    for one in found:
        name = one_line(one) if isinstance(one, str) else ""
        name = re.sub(r"^(?i:by)\s+(?=\S)", "", name)
        name = re.sub(r"^\S+@\S+\s*\((.+)\)$", r"\1", name)
        if name and "@" not in name and len(name) <= 200:
            out[name] = None
    return tuple(out)


def _language(value: object) -> str | None:
    """A language tag as stated ("en-GB"); None for what is none."""
    tag = value.strip().replace("_", "-") if isinstance(value, str) else ""
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", tag) else None


def _every(top: Any) -> float | None:
    """What sy:updatePeriod and ttl ask for, the longer of the two."""
    said: list[float] = []
    period = _PERIODS.get(_get(top, "sy_updateperiod").lower())
    if period:
        try:
            times = max(int(_get(top, "sy_updatefrequency") or 1), 1)
        except ValueError:
            times = 1
        said.append(period / times)
    if _get(top, "ttl").isdecimal():
        said.append(int(_get(top, "ttl")[:6]) * 60.0)
    return max(said) if said else None


# --- JSON Feed ------------------------------------------------------------------------------------


def _json(text: str, url: str, most: int) -> Feed:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org). What has the wrong type is left out, entry by entry."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CollectError(
            "This is neither a feed nor whole JSON", at=url, reason="not_a_feed"
        ) from error
    items = given.get("items") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(items, list):
        raise CollectError("This is JSON, but no JSON Feed", at=url, reason="not_a_feed")
    version = given.get("version")
    notes: tuple[str, ...] = ()
    if not isinstance(version, str) or not re.search(r"jsonfeed\.org/version/1", version):
        notes += (f"the feed says that it is {str(version)[:60]!r}, and was read as a JSON Feed",)
    elif not re.search(r"version/1(?:\.\d+)?/?$", version):
        notes += (f"the version of this JSON Feed is not known ({version[-20:]})",)
    if len(items) > most:
        notes += (f"the feed has {len(items):,} entries; the first {most:,} were taken",)
    language = _language(given.get("language"))
    theirs = _json_authors(given)
    entries = [
        _json_entry(one, url, language, theirs) for one in items[:most] if isinstance(one, dict)
    ]
    if len(entries) < min(len(items), most):
        notes += (f"{min(len(items), most) - len(entries)} entries are no objects",)
    return Feed(
        kind="json",
        entries=tuple(entries),
        title=one_line(_string(given.get("title"))),
        language=language,
        home=urls.absolute(_string(given.get("home_page_url")), url),
        notes=notes,
    )


def _string(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _json_entry(
    one: dict[str, Any], url: str, language: str | None, theirs: tuple[str, ...]
) -> Entry:
    identity = one.get("id")
    identifier = str(identity) if isinstance(identity, (str, int, float)) else None
    link = (
        urls.absolute(_string(one.get("url")), url)
        or urls.absolute(_string(one.get("external_url")), url)
        or (urls.absolute(identifier, url) if identifier and "://" in identifier else None)
    )
    texts = (
        plain(_string(one.get("content_html"))),
        _string(one.get("content_text")),
        plain(_string(one.get("summary"))),
    )
    return Entry(
        url=link,
        headline=one_line(_string(one.get("title")))[:LONGEST_HEADLINE],
        text=max(texts, key=len)[:LONGEST_TEXT],
        published=when(one.get("date_published")),
        updated=when(one.get("date_modified")),
        authors=_json_authors(one) or theirs,
        language=_language(one.get("language")) or language,
        identifier=identifier,
    )


def _json_authors(node: dict[str, Any]) -> tuple[str, ...]:
    authors = node.get("authors")
    found = authors if isinstance(authors, list) else [node.get("author")]
    return _names(one.get("name") for one in found if isinstance(one, dict))


# --- sitemaps -------------------------------------------------------------------------------------


def _sitemap(text: str, url: str, most: int) -> Feed:
    """A sitemap (with the news extension, if it has one) or an index of sitemaps.

    `lastmod` is when a page was changed, not published; only `news:publication_date` is that.
    """
    raw = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).encode("utf-8", errors="replace")
    kind, entries, nested = "sitemap", list[Entry](), list[tuple[str, When | None]]()
    total = 0
    walk: Any = lxml.etree.iterparse(
        _Pieces(raw),
        events=("end",),
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        for _, node in walk:
            name = _local(node)
            if name not in ("url", "sitemap"):
                continue
            total += 1
            said = {
                _local(leaf): (leaf.text or "").strip()
                for leaf in reversed(list(node.iter()))
                if isinstance(leaf.tag, str) and not re.search(r"image|video", leaf.tag)
            }
            node.clear()
            while node.getprevious() is not None:
                parent = node.getparent()
                if parent is None:
                    break
                del parent[0]
            address = urls.absolute(said.get("loc", ""), url)
            if address is None or total > most:
                continue
            if name == "sitemap":
                kind = "sitemap_index"
                nested.append((address, when(said.get("lastmod"))))
                continue
            # inside <news:publication>, `name` is the outlet's and `language` the article's
            entries.append(
                Entry(
                    url=address,
                    headline=one_line(said.get("title", ""))[:LONGEST_HEADLINE],
                    published=when(said.get("publication_date")),
                    updated=when(said.get("lastmod")),
                    source=one_line(said.get("name", "")) or None,
                    language=_language(said.get("language")),
                )
            )
    except lxml.etree.LxmlError as error:
        if not entries and not nested:
            raise CollectError("The sitemap is broken", at=url, reason="not_a_feed") from error
    notes = (
        (f"the sitemap has {total:,} lines; the first {most:,} were taken",) if total > most else ()
    )
    return Feed(kind=kind, entries=tuple(entries), nested=tuple(nested), notes=notes)


class _Pieces:
    """Bytes as a file, for iterparse."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = memoryview(raw), 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._raw) if size < 0 else self._at + size
        piece = self._raw[self._at : end]
        self._at += len(piece)
        return bytes(piece)


def _local(node: Any) -> str:
    tag = node.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def _listed(text: str, url: str, most: int) -> Feed | None:
    """A sitemap as plain text, one address a line; None where a line is none."""
    lines = text.split()
    if not lines or any(not re.match(r"https?://[^\s<>]+$", line) for line in lines[:most]):
        return None
    return Feed(kind="sitemap", entries=tuple(Entry(url=line) for line in lines[:most]))
