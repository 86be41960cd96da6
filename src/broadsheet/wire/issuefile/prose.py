"""A paragraph as restricted Markdown, and the link words at its end."""

from __future__ import annotations

import re
from dataclasses import replace

from broadsheet.wire.edition import Link
from broadsheet.wire.issuefile import linkwords
from broadsheet.wire.issuefile.lines import Anchor, Line


def cut(line: Line, end: int) -> Line:
    text = line.text[:end].rstrip(" -–—|([（")
    links = tuple(
        Anchor(a.url, a.start, min(a.end, len(text))) for a in line.links if a.start < len(text)
    )
    return replace(line, text=text, links=links)


SUMMARY_LABEL = re.compile(
    r"^(?:summary|description|abstract|excerpt|摘要|內容)\s*[:：]\s*", re.IGNORECASE
)
_ACCESS_TAIL = re.compile(
    r"(?<=[.!?”\"])\s+((?:Read more|Click here|Access|Learn more)[^.!?]{0,60}\.?)$"
)


# Words at most of a link that ends a text without words that say so: "Opinion", "Écouter".
CLOSING = 4


def ends_in_link(line: Line) -> bool:
    """Whether a paragraph ends in a short link that stands behind a whole sentence."""
    if not line.links or line.links[-1].end < len(line.text.rstrip(" .»>→")) or not line.text:
        return False
    before = line.text[: line.links[-1].start].rstrip()
    words = line.text[line.links[-1].start :].split()
    return len(words) <= CLOSING and bool(re.search(r"[.!?。！？][\"”’)）]?$|[)）\]]$", before))


def split_access(line: Line, closing: bool = False) -> tuple[Line, Link | None]:
    """A paragraph and the link words at its end: "... said the court. Read more" with its address.

    `closing`: the letter's texts end in a short link, so that one needs no words that say so; nor does an
    address written out, or a short sentence that is the link and nothing else.
    """
    last = line.text[line.links[-1].start :].strip() if line.links else ""
    short = bool(last[:1].isupper()) and len(line.text.split()) > len(last.split())
    if ends_in_link(line) and (closing or short or linkwords.is_address(last)):
        link = line.links[-1]
        return cut(line, link.start), Link(line.text[link.start : link.end].strip(), link.url)
    for link in line.links[-1:]:
        tail = line.text[link.start :]
        words = line.text[link.start : link.end]
        if tail.strip(" .»>→[]()…").casefold() != words.strip(" .»>→[]()…").casefold():
            continue
        start = link.start
        boundary = max(
            (m.end() for m in re.finditer(r"[.!?。！？…”\"’)]\s+|\n", line.text[: link.start])),
            default=0,
        )
        sentence = line.text[boundary:].strip(" \n")
        if linkwords.is_access(sentence, True) and len(sentence.split()) <= 15 and boundary > 0:
            return cut(line, boundary), Link(sentence.strip("[]() "), link.url)
        if linkwords.is_access(words, True) and start > 0:
            return cut(line, start), Link(words.strip(), link.url)
    if not line.links:
        match = re.search(
            r"(?<=[.!?”\"])\s+((?:Read more|Click here|Access|Learn more)[^.!?]{0,60}\.?)$",
            line.text,
        )
        if match and linkwords.is_access(match[1]):
            return cut(line, match.start()), Link(match[1], None)
    return line, None


def markdown(line: Line) -> str:
    """The line as restricted Markdown: its links kept, what would be a mark escaped."""
    out, at = [], 0
    for link in sorted(line.links, key=lambda a: a.start):
        if link.start < at or link.end <= link.start:
            continue
        out.append(_escaped(line.text[at : link.start]))
        words = line.text[link.start : link.end]
        lead = len(words) - len(words.lstrip())
        tail = words[len(words.rstrip()) :]
        url = link.url.replace("(", "%28").replace(")", "%29").replace(" ", "%20")
        out.append(words[:lead] + f"[{_escaped(words.strip())}]({url})" + tail)
        at = link.end
    out.append(_escaped(line.text[at:]))
    made = "".join(out)
    if line.bullet:
        return "- " + made
    return re.sub(
        r"^(\s*)([-+])(?=\s|$)", r"\1\\\2", re.sub(r"^(\s*\d+)([.)])(?=\s|$)", r"\1\\\2", made)
    )


def _escaped(words: str) -> str:
    """Escape only what restricted Markdown would read as a mark: most texts stay as they are."""
    if "*" in words or "_" in words or "[" in words or "\\" in words:
        words = re.sub(r"([\\*_\[\]])", r"\\\1", words)
    return words
