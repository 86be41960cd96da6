"""A page's headlines and paragraphs, taken from its bytes without a parse.

A parse costs more than all the steps before it. A headline is what `title`, `og:title` and the first
`h1` say; an article's text stands in paragraphs nearly everywhere. Where a page has none, its visible
text is taken by Resiliparse.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_HEAD = 4_000  # bytes in which a page says its charset
_WITHIN = 1_500  # bytes: a meta with all its attributes, or a heading with the markup in it
CONTENT = re.compile(rb"content\s*=\s*(?:\"([^\"]{1,600})\"|'([^']{1,600})')", re.IGNORECASE)
_INNER = re.compile(rb"<\w+[^>]{0,600}>(.{1,900}?)</(?:h1|title)", re.IGNORECASE | re.DOTALL)
# The outlet's name behind a headline: "Tram line opens - The Example"
_OUTLET = re.compile(r"\s+[|–—·»-]\s+[^|–—·»]{2,40}$")
_OPENS = b" >\t\r\n"  # what stands behind the name of a tag
_MARKUP = re.compile(r"<[^>]{0,2000}>")
_SCRIPTS = re.compile(rb"<(script|style)[\s>].*?</\1", re.IGNORECASE | re.DOTALL)
ENOUGH = 1_300  # characters of paragraphs: the judge reads the first 1,200
LONGEST = 12_000  # bytes of a paragraph with its markup
SHORTEST = 60  # characters: what is shorter is a caption, a button, a date
_FEW = 200  # characters in paragraphs: with fewer, the text stands elsewhere


def charset(body: bytes, content_type: str) -> str:
    """The charset in which the quick text is read: valid UTF-8, else what is stated, else Latin-1."""
    try:
        body[:20_000].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(body[:20_000]) - 4:
            return _stated(body, content_type)
    return "utf-8"


def _stated(body: bytes, content_type: str) -> str:
    for given in (content_type.encode("ascii", "ignore"), body[:_HEAD]):
        found = _CHARSET.search(given)
        if found:
            name = found[1].decode("ascii", "replace").lower()
            try:
                "".encode(name)
            except (LookupError, UnicodeError):
                continue
            if name not in ("utf-8", "utf8"):
                return name
    return "cp1252"


def headlines(body: bytes, marks: Sequence[int]) -> list[str]:
    """What the page gives as its headline, each once: none to three.

    `marks` says where engines.MARKS stand. What only adds to another (the outlet's name) is left out,
    as the reader leaves it out.
    """
    social, heading, title = marks
    raw = []
    if social >= 0:
        begin = body.rfind(b"<", max(0, social - _WITHIN), social)
        match = CONTENT.search(body, max(0, begin), social + _WITHIN)
        raw.append((match[1] or match[2]) if match else b"")
    for at in (heading, title):
        match = _INNER.match(body, at, at + _WITHIN) if at >= 0 else None
        raw.append(match[1] if match else b"")
    encoding = "utf-8" if all(map(_is_utf8, raw)) else charset(body, "")
    found: list[str] = []
    for line in dict.fromkeys(_OUTLET.sub("", plain(one, encoding)) for one in raw if one):
        if len(line) > 8 and not any(known in line for known in found):
            found.append(line)
    return found


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def text(body: bytes, encoding: str) -> str:
    """The first paragraphs, a line each; where there are none, the visible text of the page."""
    found: list[str] = []
    size = 0
    for raw in _paragraphs(body):
        words = plain(raw, encoding)
        if len(words) >= SHORTEST:
            found.append(words)
            size += len(words)
            if size >= ENOUGH:
                break
    return "\n\n".join(found) if size >= _FEW else visible(body, encoding)


def _paragraphs(body: bytes) -> Iterator[bytes]:
    """What stands in `p` elements, by leaps: a regular expression took ten times as long."""
    begin, end = (b"<p", b"</p") if b"</p" in body else (b"<P", b"</P")
    at = 0
    while (at := body.find(begin, at)) >= 0:
        at += 2
        if body[at : at + 1] not in _OPENS:
            continue
        start = body.find(b">", at) + 1
        stop = body.find(end, start, start + LONGEST) if start else -1
        if stop - start >= SHORTEST:
            yield body[start:stop]
            at = stop


def visible(body: bytes, encoding: str) -> str:
    """The visible text of a page that has no paragraphs; empty where Resiliparse is missing."""
    try:
        from resiliparse.extract.html2text import extract_plain_text
    except ImportError:
        return ""
    try:
        made: str = extract_plain_text(
            body.decode(encoding, "replace"), main_content=True, preserve_formatting=True
        )
    except (ValueError, RuntimeError):
        return ""
    return made


def plain(raw: bytes, encoding: str) -> str:
    """The words between the tags, with entities as characters."""
    words = raw.decode(encoding, "replace")
    if "<" in words:
        words = _MARKUP.sub(" ", words)
    if "&" in words:
        words = html.unescape(words)
    return " ".join(words.split())
