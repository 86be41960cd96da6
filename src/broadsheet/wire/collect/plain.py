"""The words of a piece of HTML, as plain text: for what feeds and mails carry."""

from __future__ import annotations

import html
import re

import lxml.etree
import lxml.html

LONGEST = 400_000  # characters of HTML that are looked at for one entry
_TAG = re.compile(r"<(?:[a-zA-Z!/?])")
_SILENT = frozenset(("script", "style", "template", "noscript", "head", "title", "svg", "iframe"))
_BLOCK = re.compile(
    r"p|div|br|li|ul|ol|dl|dt|dd|h[1-6]|tr|td|th|table|blockquote|section|article|header|footer|pre|"
    r"figure|figcaption|hr|address|aside|main|nav|form"
)
_BLANKS = re.compile(r"[ \t\r\f\v\u00a0]+")
_LINES = re.compile(r" ?\n[ \n]*")


def plain(markup: str) -> str:
    """The text of some HTML, blocks on lines of their own; a text without tags keeps its lines.

    Deep nesting costs no recursion. What is not closed is closed at the end.
    """
    markup = markup[:LONGEST]
    if not _TAG.search(markup):
        return _tidy(html.unescape(markup))
    try:
        root = lxml.html.fragment_fromstring(markup, create_parent="div")
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return _stripped(markup)
    out: list[str] = []
    silent = 0
    for event, node in lxml.etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            if not silent:
                out.append(node.tail or "")
            continue
        name = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            silent += name in _SILENT
            if not silent:
                # a line break of the markup is only a blank
                out.append(("\n" if _BLOCK.fullmatch(name) else "") + _flat(node.text))
            continue
        silent -= name in _SILENT
        if not silent and node is not root:
            out.append(("\n" if _BLOCK.fullmatch(name) else "") + _flat(node.tail))
    # libxml2 gives up below 256 levels and keeps nothing of what is there
    return _tidy("".join(out)) or _stripped(markup)


def one_line(markup: str) -> str:
    """As `plain`, on one line: for headlines and names."""
    return " ".join(plain(markup).split())


def _stripped(markup: str) -> str:
    """The text by pattern alone, where no parser gives one."""
    markup = re.sub(r"(?is)<(script|style)\b.*?(?:</\1\s*>|$)|<!--.*?(?:-->|$)", " ", markup)
    return _tidy(html.unescape(re.sub(r"<[^>]{0,2000}>", " ", markup)))


def _flat(text: str | None) -> str:
    return (text or "").replace("\n", " ")


def _tidy(text: str) -> str:
    if "&" in text:
        # what was escaped twice on its way into the feed; a spelt-out tag stays spelt out
        text = re.sub(r"&(?!lt;|gt;|amp;)(?:[a-zA-Z]{2,30}|#\d{2,7}|#x[0-9a-fA-F]{2,6});",
                      lambda match: html.unescape(match.group()), text)  # fmt: skip
    return _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()
