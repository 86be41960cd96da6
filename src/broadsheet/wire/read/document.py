"""A page parsed once: the tree, what its head says, and its linked data."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from broadsheet.wire import urls
from broadsheet.wire.errors import ReadError
from broadsheet.wire.model import Page
from broadsheet.wire.read import charset

# Of 439 real pages the largest has 2.8 MB; above 12 MB a page is no article but a dump, and parsing
# would take seconds and a GB.
MAX_BYTES = 12_000_000
# Real pages nest up to 60 deep; libxml2 gives up at 256 levels and drops what lies deeper.
MAX_DEPTH = 250
MAX_ELEMENTS = 400_000

Node = dict[str, Any]
_FAULTY = bytes((*range(9), 0x0B, 0x0C, *range(0x0E, 0x20)))  # what XML, and so lxml, does not know
_PARSER: dict[str, Any] = {
    "collect_ids": False,
    "default_doctype": False,
    "encoding": "utf-8",
    "remove_comments": True,
    "remove_pis": True,
}


@dataclass(frozen=True, slots=True)
class Document:
    """What a page holds before it is told what it means."""

    url: str
    tree: HtmlElement
    source: str  # the decoded text
    metas: dict[str, list[str]]  # lower-case name, property or itemprop -> contents, in order
    nodes: tuple[Node, ...]  # every object of the JSON-LD, flat, in document order
    canonical: str | None
    lang: str | None
    title: str
    notes: tuple[str, ...] = ()
    ids: dict[str, Node] = field(default_factory=dict)  # JSON-LD objects by @id

    def meta(self, *names: str) -> str | None:
        """The first content there is under the names, in their order."""
        for name in names:
            for content in self.metas.get(name, ()):
                return content
        return None

    def resolved(self, value: Any) -> Any:
        """A JSON-LD reference `{"@id": ...}` as the object it names, where the page has it."""
        if isinstance(value, dict) and len(value) <= 2 and isinstance(value.get("@id"), str):
            return self.ids.get(value["@id"], value)
        return value


def parse(page: Page) -> Document:
    """Decode and parse a page once. Raises ReadError where it is no HTML or is too much of it."""
    if not page.body.strip():
        raise ReadError("The page is empty", at=page.url)
    if len(page.body) > MAX_BYTES:
        raise ReadError(
            f"The page has {len(page.body) / 1e6:.0f} MB, more than an article can have "
            f"({MAX_BYTES / 1e6:.0f} MB)",
            at=page.url,
        )
    if page.body.startswith(
        (b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")
    ):
        raise ReadError("This is a file and no web page", at=page.url, hint="Link it by hand.")
    decoded = charset.decode(page.body, page.content_type)
    source = decoded.text
    head = source[:2000].lstrip().lower()
    if head.startswith(("<?xml", "<rss", "<feed", "<!doctype urlset")) and "<html" not in head:
        raise ReadError(
            "This is XML and no web page", at=page.url, hint="If it is a feed, add it as a source."
        )
    if head.startswith(("{", "[")) and "<html" not in head:
        raise ReadError("This is JSON and no web page", at=page.url)
    opened = source.count("<")
    if opened > 2 * MAX_ELEMENTS:
        raise ReadError(
            f"The page has {opened // 2:,} tags, more than an article can have", at=page.url
        )
    try:
        tree = document_fromstring(
            source.encode("utf-8", "replace").translate(None, _FAULTY),
            parser=_parser(),
            ensure_head_body=False,
        )
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ReadError("The page is not HTML", at=page.url) from error
    if _deeper(tree):
        raise ReadError(f"The page nests more than {MAX_DEPTH} tags in each other", at=page.url)
    notes = decoded.notes
    if decoded.lost > 0.001:
        notes += (f"{decoded.lost:.1%} of the characters could not be read",)
    metas = _metas(tree)
    canonical = _canonical(tree, metas, page.url)
    nodes = tuple(_nodes(tree))
    ids: dict[str, Node] = {}
    for node in nodes:
        name = node.get("@id")
        if isinstance(name, str) and len(node) > len(ids.get(name, ())):
            ids[name] = node
    title = next((" ".join((t.text or "").split()) for t in tree.iter("title")), "")
    return Document(
        url=page.url or canonical or "",
        tree=tree,
        source=source,
        metas=metas,
        nodes=nodes,
        canonical=canonical,
        lang=tree.get("lang")
        or tree.get("xml:lang")
        or tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        title=title,
        notes=notes,
        ids=ids,
    )


def _parser() -> HTMLParser:
    """A parser whose elements are all of one class.

    lxml.html chooses a class for each element by a call into Python, each time one is touched: forms
    and inputs get their own. An article needs none of these, and reading is a tenth faster without.
    """
    parser = HTMLParser(**_PARSER)
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser


# Children of children: at most MAX_DEPTH steps in C, however deep the tower is.
_deeper = etree.XPath("boolean(" + "/*" * MAX_DEPTH + ")")


def _metas(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = element.get("content")
        if not content or not (content := content.strip()):
            continue
        for key in ("name", "property", "itemprop"):
            name = element.get(key)
            if name:
                for one in name.lower().split():
                    found.setdefault(one, []).append(content)
    return found


def _canonical(tree: HtmlElement, metas: dict[str, list[str]], base: str) -> str | None:
    for element in tree.iter("link"):
        if "canonical" in (element.get("rel") or "").lower().split():
            found = urls.absolute(element.get("href") or "", base)
            if found and not _front(found, base):
                return urls.canonical(found)
    for given in metas.get("og:url", []):
        found = urls.absolute(given, base)
        if found and not _front(found, base):
            return urls.canonical(found)
    return None


def _front(found: str, base: str) -> bool:
    """Whether a canonical address is a site's front page while the page is not: a common mistake."""
    path = re.sub(r"^https?://[^/]*", "", found).strip("/")
    return not path and bool(re.sub(r"^\w+://[^/]*", "", base).strip("/"))


def _nodes(tree: HtmlElement) -> Iterator[Node]:
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            loaded = _json(script.text or "")
            if loaded is not None:
                yield from _flat(loaded)


_CONTROL = re.compile(r"[\x00-\x1f]")
_COMMA = re.compile(r",\s*([}\]])")


def _json(raw: str) -> Any:
    """A block of JSON-LD as templates write it: with comments, entities, raw line breaks, late commas."""
    raw = raw.strip()
    if not raw or len(raw) > 2_000_000:
        return None
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        pass
    raw = re.sub(
        r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$", "", raw
    )
    for repaired in (raw, _COMMA.sub(r"\1", _CONTROL.sub(" ", raw)), html.unescape(raw)):
        try:
            return json.loads(repaired.strip().rstrip(";"), strict=False)
        except (ValueError, RecursionError):
            continue
    try:  # several objects one after another
        return json.JSONDecoder(strict=False).raw_decode(raw.strip())[0]
    except (ValueError, RecursionError):
        return None


_INTO = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "item", "liveBlogUpdate",
         "author", "creator", "publisher", "image", "thumbnail", "primaryImageOfPage",
         "associatedMedia", "isPartOf")  # fmt: skip


def _flat(value: Any, depth: int = 0) -> Iterator[Node]:
    """Every object that can matter; only `_INTO` is walked into, not deeper than 6."""
    if depth > 6:
        return
    if isinstance(value, list):
        for one in value[:500]:
            yield from _flat(one, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in _INTO:
            if key in value and isinstance(value[key], (dict, list)):
                yield from _flat(value[key], depth + 1)


def kinds(node: Node) -> frozenset[str]:
    """The types of an object, without namespace: {"NewsArticle"}."""
    given = node.get("@type") or node.get("type") or ()
    names: Iterable[Any] = given if isinstance(given, list) else (given,)
    return frozenset(re.split(r"[/#:]", str(name))[-1] for name in names)


def words(value: Any) -> str:
    """A JSON-LD value as one line of text; objects give their `name` or `@value`, lists their first."""
    if isinstance(value, list):
        return next((w for one in value if (w := words(one))), "")
    if isinstance(value, dict):
        return words(value.get("@value") or value.get("name") or value.get("headline") or "")
    if value is None or isinstance(value, bool):
        return ""
    line = str(value)
    if "&" in line:
        line = html.unescape(line)
        if "&" in line and ";" in line:
            line = html.unescape(line)
    if "<" in line:
        line = re.sub(r"<(?:/?[a-zA-Z][^<>]*)>", " ", line)
    return " ".join(line.split())
