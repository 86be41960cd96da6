"""Saved pages and feeds in folders: each file a page, its address taken from what it says of itself."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from broadsheet.wire import urls
from broadsheet.wire.collect import feeds
from broadsheet.wire.collect.fetcher import unpacked
from broadsheet.wire.errors import CollectError
from broadsheet.wire.model import Failure, Page

PAGES = (".html", ".htm", ".xhtml", ".mhtml", ".mht")
FEEDS = (".xml", ".rss", ".atom", ".rdf", ".json")
LARGEST = 20_000_000  # bytes of a file, and again of what is packed in it

_CANONICAL = re.compile(
    rb"<link\b(?=[^>]{0,2000}\brel\s*=\s*[\"']?canonical\b)[^>]{0,2000}\bhref\s*=\s*[\"']?([^\"'\s>]{1,2000})",
    re.IGNORECASE,
)
_OPEN_GRAPH = re.compile(
    rb"<meta\b(?=[^>]{0,2000}\bproperty\s*=\s*[\"']?og:url\b)[^>]{0,2000}\bcontent\s*=\s*[\"']?([^\"'\s>]{1,2000})",
    re.IGNORECASE,
)
# "<!-- saved from url=(0042)https://..." (Chromium, Internet Explorer), "url: https://..." (SingleFile)
_SAVED = re.compile(
    rb"<!--\s*saved from url=\(\d+\)\s*(\S+)|Page saved with SingleFile\s+url:\s*(\S+)"
)


def kind(path: Path) -> str:
    """ "page", "feed", "mail" or "other", by the name; `.gz` is looked through."""
    name = path.name.lower().removesuffix(".gz")
    ending = "." + name.rpartition(".")[2] if "." in name else ""
    if ending in PAGES:
        return "page"
    if ending in FEEDS:
        return "feed"
    return "mail" if ending == ".eml" else "other"


def files(folder: Path) -> list[Path]:
    """The saved pages below a folder, in the order of their names; links to elsewhere not followed."""
    return sorted(
        path
        for path in folder.rglob("*")
        if kind(path) == "page" and path.is_file() and not path.is_symlink()
    )


def folder(path: Path) -> Iterator[Page | Failure]:
    """Each saved page below a folder. A file that cannot be read is a Failure, and the rest goes on."""
    for one in files(path):
        name = one.relative_to(path).as_posix()
        try:
            yield page(one, name)
        except CollectError as error:
            yield Failure(name, "collect", str(error))


def content(path: Path, name: str) -> bytes:
    """A file's bytes, unpacked where it is .gz. CollectError where it cannot be read, or is too large."""
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise CollectError(
                f"The file is {size / 1e6:,.0f} MB, more than the {LARGEST / 1e6:g} MB that are taken",
                at=name,
                reason="too_large",
            )
        body = path.read_bytes()
    except OSError as error:
        raise CollectError("The file cannot be read", at=name, reason="not_found") from error
    if path.suffix.lower() == ".gz":
        body = unpacked(body, LARGEST, name)
    if not body.strip():
        raise CollectError("The file is empty", at=name, reason="empty")
    return body


def page(path: Path, name: str | None = None) -> Page:
    """One saved page. Its address is what it says of itself, else the name of the file."""
    name = name or path.name
    body = content(path, name)
    content_type, found = "", None
    if path.name.lower().endswith((".mhtml", ".mht", ".mhtml.gz", ".mht.gz")):
        body, content_type, found = _archive(body, name)
    return Page(url=found or address(body) or name, body=body, content_type=content_type)


def address(body: bytes) -> str | None:
    """The address that a page names as its own; None where it names none.

    Canonical before Open Graph before the mark of the program that saved it. A canonical address
    that is only the front page of the site, beside another that is not, is a mistake of the
    template, and would make all the site's pages one.
    """
    head = body[:400_000]
    found = []
    for pattern in (_CANONICAL, _OPEN_GRAPH, _SAVED):
        match = pattern.search(head)
        if match:
            raw = next(group for group in match.groups() if group)
            text = raw.decode("utf-8", errors="replace").replace("&amp;", "&")
            whole = urls.absolute(text, "")
            if whole:
                found.append(whole)
    deep = [one for one in found if len(urlsplit(one).path) > 1 or urlsplit(one).query]
    return next(iter(deep or found), None)


def _archive(body: bytes, name: str) -> tuple[bytes, str, str | None]:
    """The page inside an MHTML file (RFC 2557): its HTML, its type, its address."""
    message = email.message_from_bytes(body, policy=email.policy.compat32)
    for part in message.walk():
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            inside = part.get_payload(decode=True)
            if isinstance(inside, bytes) and inside.strip():
                at = str(
                    message.get("Snapshot-Content-Location") or part.get("Content-Location") or ""
                )
                return inside, str(part.get("Content-Type", "")), urls.absolute(at, "")
    raise CollectError("The archive holds no page", at=name, reason="empty")


def feed(path: Path, name: str | None = None, *, most: int = feeds.MOST_ENTRIES) -> feeds.Feed:
    """A feed in a file. CollectError where it is none."""
    name = name or path.name
    return feeds.parse(content(path, name), name, most=most)
