"""Lists of feeds as other readers write and read them: OPML 1.0 and 2.0 (opml.org)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import lxml.etree

from broadsheet.wire import urls
from broadsheet.wire.collect.charset import decode
from broadsheet.wire.errors import CollectError

MOST = 5_000


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list. `groups` are the folders it lies in, outermost first."""

    url: str
    title: str = ""
    home: str | None = None
    groups: tuple[str, ...] = ()


def read(body: bytes, *, at: str = "the list") -> tuple[list[Outline], list[str]]:
    """The feeds of a list, each address once, and in words what was left out.

    CollectError where it is no OPML. Broken markup is read as far as it goes.
    """
    text = decode(body).text
    start = text.find("<opml")
    if start < 0:
        raise CollectError(
            "This is no list of feeds (OPML)",
            at=at,
            reason="not_a_feed",
            hint="Other readers call it \u201cexport subscriptions\u201d.",
        )
    parser = lxml.etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    root = lxml.etree.fromstring(text[start:].encode("utf-8", "replace"), parser)
    found: dict[str, Outline] = {}
    notes: list[str] = []
    if root is None:
        raise CollectError("The list is broken from its first line on", at=at, reason="not_a_feed")
    waiting: list[tuple[lxml.etree._Element, tuple[str, ...]]] = [(root, ())]
    while waiting:
        node, groups = waiting.pop()
        inside = groups
        if node.tag == "outline":
            given = {str(name).lower(): str(value).strip() for name, value in node.attrib.items()}
            title = given.get("title") or given.get("text") or ""
            address = given.get("xmlurl") or (
                given.get("url", "") if given.get("type", "").lower() in ("rss", "atom") else ""
            )
            url = urls.absolute(address, "") if address else None
            if url and url not in found:
                home = urls.absolute(given.get("htmlurl", ""), "")
                found[url] = Outline(url, title, home, groups)
            elif address and not url:
                notes.append(f"{title or 'One line'}: {address[:100]!r} is no web address")
            if not address and title:
                inside = (*groups, title)
        waiting += [(child, inside) for child in reversed(list(node)) if isinstance(child.tag, str)]
    listed = list(found.values())
    if len(listed) > MOST:
        notes.append(f"the list has {len(listed):,} feeds; the first {MOST:,} were taken")
    return listed[:MOST], notes


def write(outlines: Iterable[Outline], *, title: str = "Broadsheet") -> bytes:
    """A list of feeds as OPML 2.0, in folders; the same feeds give the same bytes."""
    root = lxml.etree.Element("opml", version="2.0")
    head = lxml.etree.SubElement(root, "head")
    lxml.etree.SubElement(head, "title").text = _clean(title)
    body = lxml.etree.SubElement(root, "body")
    folders: dict[tuple[str, ...], lxml.etree._Element] = {(): body}
    for one in outlines:
        for depth in range(1, len(one.groups) + 1):
            path = one.groups[:depth]
            if path not in folders:
                folders[path] = lxml.etree.SubElement(
                    folders[path[:-1]], "outline", text=_clean(path[-1]), title=_clean(path[-1])
                )
        name = _clean(one.title or urls.host(one.url))
        leaf = lxml.etree.SubElement(
            folders[one.groups],
            "outline",
            type="rss",
            text=name,
            title=name,
            xmlUrl=_clean(one.url),
        )
        if one.home:
            leaf.set("htmlUrl", _clean(one.home))
    made: bytes = lxml.etree.tostring(
        root, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )
    return made


def _clean(words: str) -> str:
    """Without the characters that XML 1.0 forbids (2.2)."""
    return "".join(
        c
        for c in words
        if c in "\t\n\r" or 0x20 <= ord(c) < 0xD800 or 0xE000 <= ord(c) < 0xFFFE or ord(c) > 0xFFFF
    )
