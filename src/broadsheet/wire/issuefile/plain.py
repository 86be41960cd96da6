"""Plain text -> lines."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from broadsheet.wire.issuefile import signs
from broadsheet.wire.issuefile.lines import Anchor, Line, Source

_UNDERLINE = re.compile(
    r"^\s*([=\-~_*#])\1{2,}\s*$|^\s*(?:[*•·–—-]\s+){2,}[*•·–—-]\s*$|^\s*[–—_]{2,}\s*$"
)
_BULLET = re.compile(r"^\s*(?:[•●▪◦‣·○■►]\s*|[-*–]\s+)(?=\S)")
_URL = re.compile(r"https?://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)\]'’]")
_REFERENCE = re.compile(r"^\s*\[(\d{1,3})\]:?\s+<?(https?://\S+?)>?\s*$")
_PAGE = re.compile(r"^\s*(?:page\s+)?\d{1,3}(?:\s+of\s+\d+)?\s*$", re.IGNORECASE)


def read(text: str) -> Source:
    """Lines of a plain text.

    Where the author folded paragraphs at some column they are unfolded; where each line is a
    paragraph, each stays one. A line of dashes or equal signs under a short line makes it a heading.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n\n").lstrip("\ufeff")
    rows = [_cleaned(row) for row in text.split("\n")]
    references = {}
    kept = []
    for row in rows:
        match = _REFERENCE.match(row)
        if match:
            references[match[1]] = match[2]
        else:
            kept.append(row)
    return Source(tuple(_linked(line, references) for line in _lines(kept)))


def _cleaned(row: str) -> str:
    row = row.replace("\u00a0", " ").replace("\u202f", " ").replace("\u3000", " ")
    row = re.sub("[\u00ad\u200b-\u200f\u2060\ufeff]", "", row)
    row = re.sub(r"^(?:>\s?)+", "", row)  # a forwarded letter
    return re.sub(r"[ \t]+", " ", row).strip()


def _lines(rows: list[str]) -> list[Line]:
    width = _width(rows)
    out: list[Line] = []
    gap = 1
    joins = False  # the row before was full, so this one goes on with it
    for number, row in enumerate(rows):
        if not row:
            gap += 1
            joins = False
            continue
        if _UNDERLINE.match(row):
            under = out and gap == 0 and out[-1].text and not out[-1].rule
            if under and out[-1].words <= 25 and not out[-1].bullet:
                out[-1] = replace(out[-1], level=1 if "=" in row else 2)
            elif not (out and out[-1].rule):
                out.append(Line(rule=True, gap=gap))
            gap, joins = 0, False
            continue
        bullet = _BULLET.match(row)
        text = row[bullet.end() :] if bullet else row
        strong = re.fullmatch(r"(\*{1,2}|__?)(\S.*?\S)\1", text)
        if strong:
            text = strong[2]
        alone = signs.label(row) is not None or signs.is_address(row) or bullet or strong
        if joins and gap == 0 and not alone and out:
            out[-1] = replace(out[-1], text=f"{out[-1].text} {text}")
        else:
            out.append(
                Line(
                    text=text,
                    gap=gap,
                    bullet=bool(bullet),
                    strong=bool(strong),
                    style="bullet" if bullet else "",
                )
            )
        following = rows[number + 1] if number + 1 < len(rows) else ""
        first_word = following.split(" ")[0] if following else ""
        joins = (
            width > 0
            and len(row) + 1 + len(first_word) > width
            and not signs.is_address(row)
            and not strong
        )
        gap = 0
    return out


def _width(rows: list[str]) -> int:
    """The column at which the author folded, or 0 where paragraphs are not folded.

    Folded texts have no row above some 100 columns, and many rows that end where the next word
    would not have fitted.
    """
    longest = max(map(len, rows), default=0)
    if not 40 <= longest <= 100:
        # one long address or headline must not hide that all else is folded
        short = sorted(len(row) for row in rows if row and not signs.is_address(row))
        if not short or short[int(len(short) * 0.97)] > 100:
            return 0
        longest = short[int(len(short) * 0.97)]
    full = followed = 0
    for row, after in pairwise(rows):
        if row and after:
            followed += 1
            full += len(row) + 1 + len(after.split(" ")[0]) > longest - 4 and len(row) > 40
    return longest - 4 if followed >= 3 and full / followed > 0.25 else 0


def _linked(line: Line, references: dict[str, str]) -> Line:
    """The line with its written-out addresses as links, and the addresses gone from its text.

    "Read it here: https://a.example/1" becomes "Read it here" with a link over these words.
    """
    if not line.text or line.rule:
        return line
    text = line.text
    links: list[Anchor] = []
    out, at = "", 0
    pattern = re.compile(rf"[<(\[]?\s*(?P<url>{_URL.pattern})\s*[>)\]]?|\[(?P<ref>\d{{1,3}})\]")
    for match in pattern.finditer(text):
        url = match["url"] or references.get(match["ref"])
        if not url:
            continue
        before = text[at : match.start()]
        out += before
        words = out.rstrip()
        stripped = re.sub(r"[\s:：\-–—>]+$", "", words)
        start = links[-1].end if links else 0
        start += len(stripped[start:]) - len(stripped[start:].lstrip(" .,;|")) if start else 0
        if stripped[start:].strip():
            sentence = max(stripped.rfind(mark, start) for mark in (". ", "! ", "? ", "。", "; "))
            if sentence >= start and len(stripped) - sentence < 120:
                start = sentence + 2
            out = stripped + (" " if match["ref"] else "")
            links.append(Anchor(url, start, len(stripped)))
        else:
            links.append(Anchor(url, len(out), len(out)))
        at = match.end()
    if not links:
        return line
    tail = text[at:]
    out += tail if out and tail.strip() not in (".", ",", "") else ""
    return replace(line, text=out.strip(), links=tuple(links))
