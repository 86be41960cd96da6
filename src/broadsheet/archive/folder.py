"""The archive as files, for any web space or a stick: opened from a folder, without a server.

The pages are asked for as a reader would ask, inside this process, beginning at the first; every link
that leads to another public page is made to lead to its file. What needs a server (search, signing up,
the API) is left out: forms go, and links to such pages lead to the archive's own address.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit
from wsgiref.util import setup_testing_defaults

# A link is followed so far: a million items and their topics are fewer, a loop of ours is not.
MOST = 2_000_000
_SERVED = re.compile(
    r"/(?:desk|api|search|subscribe|[cupd]|review)(?:/|$)|.*/feed\.(?:atom|rss|json)$"
)
# A page that is asked for in another language: the files are in the one that the desk speaks by itself.
_OTHER_TONGUE = re.compile(r"(?:^|&)lang=")
_TAG = re.compile(r"<[a-zA-Z][^<>]*>")
_LINK = re.compile(r"""(\s(?:href|src)=)(["'])(.*?)\2""")
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_NOT_NAMES = re.compile(r"[^\w.,=~@+-]+")
_LONGEST = 150  # characters of a part of a name: file systems take 255 bytes


@dataclass(frozen=True, slots=True)
class Page:
    """What an address answered."""

    status: int
    kind: str
    body: bytes
    location: str = ""


Ask = Callable[[str], Page]


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was made, or a link that led nowhere (`path` is None)."""

    address: str
    path: Path | None
    status: int = 200


def asker(application: Callable[..., Iterable[bytes]], host: str) -> Ask:
    """Ask a WSGI application in this process."""

    def ask(address: str) -> Page:
        parts = urlsplit(address)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": unquote(parts.path).encode().decode("latin-1"),
            "QUERY_STRING": parts.query,
            "HTTP_HOST": host,
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": BytesIO(),
        }
        setup_testing_defaults(environ)
        said: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], *_: object) -> None:
            said.update(status=int(status[:3]), headers={k.lower(): v for k, v in headers})

        answer = application(environ, start)
        try:
            body = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        headers = said["headers"]
        return Page(
            said["status"], headers.get("content-type", ""), body, headers.get("location", "")
        )

    return ask


def write(ask: Ask, folder: Path, address: str, prefix: str = "") -> Iterator[Written]:
    """Write the archive into a folder, and say of each page what came. `address` is where readers find
    the archive on the web: links to what needs a server lead there. `prefix` is what the desk puts before
    its own addresses ("/news"); the files know nothing of it."""
    waiting, known = deque(["/"]), {"/"}
    while waiting and len(known) <= MOST:
        at = waiting.popleft()
        page = ask(prefix + at)
        if page.status in (301, 302) and (to := _inside(at, page.location, address, prefix)):
            page = ask(prefix + to)
        if page.status != 200:
            yield Written(at, None, page.status)
            continue
        body = page.body
        if page.kind.startswith("text/html"):
            text, found = _rewritten(body.decode(), at, address, prefix)
            body = text.encode()
            fresh = [one for one in found if one not in known]
            known.update(fresh)
            waiting.extend(fresh)
        path = folder / name_of(at)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        yield Written(at, path)


def name_of(address: str) -> str:
    """The file of an address, below the folder: a page without an ending is an `index.html`."""
    parts = urlsplit(address)
    pieces = [_safe(unquote(piece)) for piece in parts.path.split("/") if piece]
    query = f"~{_safe(unquote(parts.query))}" if parts.query else ""
    if parts.path.endswith("/") or not pieces:
        return posixpath.join(*pieces, f"index{query}.html")
    stem, dot, ending = pieces[-1].rpartition(".")
    pieces[-1] = f"{stem}{query}{dot}{ending}" if dot else f"{ending}{query}.html"
    return posixpath.join(*pieces)


def _safe(piece: str) -> str:
    # Dots alone would climb out of the folder.
    return _NOT_NAMES.sub("-", piece)[:_LONGEST].strip(".") or "-"


def _rewritten(text: str, at: str, address: str, prefix: str) -> tuple[str, list[str]]:
    """A page with links between files, and the addresses that it leads to, each once."""
    found: dict[str, None] = {}
    start = posixpath.dirname(name_of(at))

    def link(match: re.Match[str]) -> str:
        before, mark, given = match.groups()
        to = _inside(at, html.unescape(given), address, prefix)
        if to is None:
            return match[0]
        bare, _, place = to.partition("#")
        parts = urlsplit(bare)
        if _SERVED.match(parts.path) or _OTHER_TONGUE.search(parts.query):
            away = f"{address}{to}"
            return f"{before}{mark}{html.escape(away)}{mark}"
        found[bare] = None
        name = quote(posixpath.relpath(name_of(bare), start or "."), safe="/~=+,@")
        return f"{before}{mark}{html.escape(name + (f'#{place}' if place else ''))}{mark}"

    def tag(match: re.Match[str]) -> str:
        # Where a page stands for good, and its other languages, is said of the web and stays.
        if 'rel="canonical"' in match[0] or (
            match[0].startswith("<link ") and "hreflang=" in match[0]
        ):
            return match[0]
        return _LINK.sub(link, match[0])

    return _TAG.sub(tag, _FORM.sub("", text)), list(found)


def _inside(at: str, given: str, address: str, prefix: str) -> str | None:
    """A link as an address of the archive; None where it leads elsewhere, or only within its page."""
    given = given.strip()
    if not given or given.startswith(("#", "data:", "mailto:", "javascript:")):
        return None
    if given.startswith("/") and not given.startswith("//"):
        given = f"{address}{given.removeprefix(prefix)}"
    whole = urljoin(f"{address}{at}", given)
    if whole != address and not whole.startswith((f"{address}/", f"{address}?")):
        return None
    return whole[len(address) :] or "/"
