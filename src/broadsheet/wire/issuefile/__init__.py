"""Past newsletters -> issues: HTML pages, mails, plain text, Markdown and WordPress exports.

Every format is first brought to lines (`lines.Line`); what the lines are is decided once
(`segment`). Bytes in, values out: nothing is fetched, nothing is executed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from markdown_it import MarkdownIt

from broadsheet.wire.edition import Edition
from broadsheet.wire.errors import WireError
from broadsheet.wire.issuefile import mailfile, page, plain, wordpress
from broadsheet.wire.issuefile.bytestext import decoded
from broadsheet.wire.issuefile.details import month_in
from broadsheet.wire.issuefile.lines import Source
from broadsheet.wire.issuefile.segment import segment

LIMIT = 64 * 1024 * 1024  # bytes of one file: a newsletter with its pictures inside is some 20 MB
# Lines of one newsletter. The longest of those we know has some 1,500; a book has 20,000. More took
# minutes to part into items, and no editor would look through them. A line of HTML has up to 20 tags.
LINES = 20_000
# How pictures, sound, archives and programs begin. What else is no text shows it by its bytes.
_BINARY = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"RIFF",
    b"II*\0",
    b"MM\0*",
    b"\x1f\x8b",
    b"\x7fELF",
    b"ID3",
)


class IssueFileError(WireError):
    """A file could not be read as a newsletter."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """An issue as it was read, and how sure each part is.

    sure      uid of an item, or "section-1" and so on -> 0 to 1
    doubts    uid of an item -> in words what could not be read
    unplaced  text that found no place, in its order: shown to the editor, never dropped
    text      what a reader of the letter saw, to be looked at beside the issue; not in `to_json`
    """

    edition: Edition
    sure: dict[str, float]
    doubts: dict[str, tuple[str, ...]]
    unplaced: tuple[str, ...]
    text: str = ""

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
    IssueFileError where there is no text in the file, or where it holds several issues (`parse_all`).
    """
    found = list(parse_all(data, name=name, newsletter=newsletter))
    if len(found) != 1:
        raise IssueFileError(
            f"This file holds {len(found)} issues",
            at=name or "the file",
            hint="Read them one by one.",
        )
    return found[0]


def parse_all(data: bytes, *, name: str = "", newsletter: str | None = None) -> Iterator[Parsed]:
    """Read every issue of a file: one, or each post of a WordPress export."""
    if len(data) > LIMIT:
        raise IssueFileError(
            f"The file has {len(data):,} bytes, more than {LIMIT:,}", at=name or "the file"
        )
    none = True
    for source in sources(data, name=name):
        if any(line.text.strip() for line in source.lines):
            none = False
            yield _parsed(source, name, newsletter)
    if none:
        raise IssueFileError(
            "There is no text in this file",
            at=name or "the file",
            hint="Is it a scan or a picture?",
        )


def _parsed(source: Source, name: str, newsletter: str | None) -> Parsed:
    found = segment(source)
    title = found.title or re.sub(r"[-_\s]+", " ", name.rpartition(".")[0] or name).strip()
    if not re.search(r"[^\W\d_]{2}", title):
        title = ""
    letter = newsletter or found.newsletter
    title = title or letter
    identity = hashlib.sha256(f"{letter}\x1f{title}".encode()).hexdigest()
    edition = Edition(
        uid="e" + identity[:11],
        newsletter=letter,
        title=title or "Untitled",
        date=found.date or month_in(re.sub(r"[-_()\[\]]+", " ", name.rpartition(".")[0])),
        language=source.language or _language(source),
        preview=found.preview or None,
        sections=found.sections,
    )
    return Parsed(edition, found.sure, found.doubts, found.unplaced, _seen(source))


def _seen(source: Source) -> str:
    """The letter as its reader saw it, as text: blank lines between paragraphs, pictures by their words."""
    rows: list[str] = []
    for line in source.lines:
        if line.gap and rows and rows[-1]:
            rows.append("")
        words = line.text
        if line.picture is not None:
            words = f"[{line.alt or line.picture.rpartition('/')[2] or '…'}]"
        elif line.rule:
            words = "———"
        rows.append(f"• {words}" if line.bullet and words else words)
    return "\n".join(rows).strip()


def sources(data: bytes, *, name: str = "") -> Iterator[Source]:
    """The lines of a file of any format we know, told by its content first and its ending second."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    ending = name.lower().rpartition(".")[2]
    if head.startswith((b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        raise IssueFileError(
            "This is a PDF or an office document, which cannot be read as a newsletter",
            at=name or "the file",
            hint="Save it as a web page or as text, then try again.",
        )
    if head.startswith(_BINARY) or _is_binary(data[:4096]):
        raise IssueFileError(
            "This file holds no text",
            at=name or "the file",
            hint="Is it a scan or a picture? Save the newsletter as a web page or as text.",
        )
    export = b"wordpress.org/export/" in data[:20_000]
    tags = data.count(b"<")
    lines = data.count(b"\n")
    if not export and (tags > 20 * LINES or (lines > LINES > tags and not _is_mail(head, ending))):
        raise IssueFileError(
            "The file is too long for a newsletter",
            at=name or "the file",
            hint="Save each issue as a file of its own, then try again.",
        )
    if export or (ending == "xml" and b"<rss" in head):
        yield from wordpress.read(data)
    elif _is_mail(head, ending):
        yield mailfile.read(data)
    elif ending in ("md", "markdown"):
        yield _markdown(decoded(data))
    elif ending in ("html", "htm", "xhtml") or _is_html(head):
        yield page.read(data)
    else:
        yield plain.read(decoded(data))


def _is_binary(head: bytes) -> bool:
    """More than one control byte in twenty that no text has; in UTF-16 the zeros are text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    odd = sum(byte < 32 and byte not in b"\0\t\n\r\f\x1b" for byte in head)
    return odd * 20 > len(head) or (len(head) > 0 and not head.strip(b"\0"))


def _is_mail(head: bytes, ending: str) -> bool:
    if ending in ("eml", "mht", "mhtml"):
        return True
    first = head.split(b"\n\n", 1)[0].split(b"\r\n\r\n", 1)[0]
    names = re.findall(rb"(?m)^([A-Za-z][A-Za-z0-9-]{1,40}):\s", first)
    known = {
        b"received",
        b"mime-version",
        b"content-type",
        b"message-id",
        b"return-path",
        b"subject",
    }
    return len({name.lower() for name in names} & known) >= 2


def _is_html(head: bytes) -> bool:
    return bool(
        re.match(rb"(?i)<!doctype\s+html|<html|<\?xml[^>]*>\s*<(?:!doctype\s+html|html)", head)
        or len(
            re.findall(rb"(?i)</?(?:p|div|table|td|tr|h[1-6]|br|span|a|ul|li|body)\b[^>]*>", head)
        )
        >= 3
    )


def _markdown(text: str) -> Source:
    """Markdown, with the title and date of its front matter where it has one."""
    front = re.match(r"\A---\s*\n(.*?)\n(?:---|\.\.\.)\s*\n", text, re.DOTALL)
    title = published = ""
    if front:
        text = text[front.end() :]
        for key, value in re.findall(r"(?m)^(\w+)\s*:\s*(.+?)\s*$", front[1]):
            if key.lower() == "title":
                title = value.strip("\"'")
            elif key.lower() == "date":
                published = value.strip("\"'")[:10]
    html = MarkdownIt("commonmark", {"html": True, "breaks": True}).render(text)
    source = page.read(f"<html><body>{html}</body></html>".encode(), encoding="utf-8")
    return replace(source, title=title or source.title, published=published or source.published)


def _language(source: Source) -> str:
    """Traditional Chinese where the letter is mostly Chinese, else English: no other guess is made."""
    text = "".join(line.text for line in source.lines)[:20_000]
    chinese = sum("\u4e00" <= char <= "\u9fff" for char in text)
    return "zh-Hant" if chinese > 0.25 * max(1, len(text)) else "en"
