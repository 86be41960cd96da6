"""Headline, description and paywall of a page."""

from __future__ import annotations

import re

from broadsheet.wire.read.document import Document, Node, words


def headline(document: Document, article: Node | None) -> str:
    """The headline as printed: the linked data's, og:title without the outlet's name, h1, title.

    Where one was cut with an ellipsis, the next that goes on from there. Tried and left, exact on the
    258 pages of docs/measures-read.md or on their even half: h1 first, og:title first, what most agree
    on; each is right less often.
    """
    candidates = [
        words(article.get("headline")) if article else "",
        words(document.meta("og:title", "twitter:title")),
        _h1(document),
        words(document.title),
    ]
    site = words(document.meta("og:site_name"))
    lines = [line for given in candidates if (line := _without_site(given, site, candidates[2]))]
    for line in lines:
        if not line.endswith(("...", "…")):
            return line
        stem = _bare(line)
        return next(
            (one for one in lines if len(_bare(one)) > len(stem) and _bare(one).startswith(stem)),
            line,
        )
    return ""


def _h1(document: Document) -> str:
    for element in document.tree.iter("h1"):
        line = " ".join(" ".join(element.itertext()).split())
        if len(line) > 8:
            return line
    return ""


_TAIL = re.compile(r"\s+[|–—·»-]\s+([^|–—·»]{2,40})$|\s*\|\s*([^|]{2,40})$")


def _without_site(line: str, site: str, printed: str) -> str:
    """Cut " | The Example" where it is the outlet's name or where the h1 stands without it."""
    match = _TAIL.search(line)
    if match:
        tail = (match[1] or match[2]).strip()
        before = line[: match.start()].strip()
        same = _bare(tail) and (
            _bare(tail) in _bare(site) or (_bare(site) and _bare(site) in _bare(tail))
        )
        if before and (same or _bare(before) == _bare(printed)):
            return before
    return line.strip()


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def description(document: Document, article: Node | None) -> str | None:
    """What the page says of itself in a sentence or two."""
    for given in (
        document.meta("og:description", "description", "twitter:description"),
        article.get("description") if article else None,
    ):
        line = words(given)
        if line:
            return line[:1000]
    return None


_LOCKED = re.compile(r"(?i)\b(?:paywall|premium-content|subscriber-only|regwall|piano-|meter-wall)")


def paywalled(document: Document, article: Node | None) -> bool:
    """Whether the page says that it is not free to read: isAccessibleForFree, then meta and markup."""
    for node in (article, *document.nodes):
        if node and "isAccessibleForFree" in node and node.get("@type") != "WebPageElement":
            return words_of_bool(node["isAccessibleForFree"]) is False
    tier = (
        document.meta("article:content_tier", "og:article:content_tier", "content_tier") or ""
    ).lower()
    return tier in ("locked", "metered")


def words_of_bool(value: object) -> bool | None:
    """true, "True", "https://schema.org/False", 0 ... as a truth value; None where it is none."""
    line = str(value).rsplit("/", 1)[-1].strip().lower()
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(line)
