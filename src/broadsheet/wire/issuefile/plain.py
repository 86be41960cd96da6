"""Plain text -> lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from broadsheet.wire.issuefile import captions, details, labels, linkwords, numbered, pasted
from broadsheet.wire.issuefile.lines import Anchor, Line, Source

_UNDERLINE = re.compile(
    r"^\s*([=\-~_*#])\1{2,}\s*$|^\s*(?:[*•·–—-]\s+){2,}[*•·–—-]\s*$|^\s*(?:[–—_]{2,}|--)\s*$"
)
_BULLET = re.compile(r"^\s*(?:[•●▪◦‣·○■►]\s*|[-*–]\s+)(?=\S)")
_URL = re.compile(r"https?://[^\s<>\"“”]+[^\s<>\"“”.,;:!?)\]'’]")
_REFERENCE = re.compile(r"^\s*\[(\d{1,3})\]:?\s+<?(https?://\S+?)>?\s*$")


def read(text: str) -> Source:
    """Lines of a plain text.

    Where the author folded paragraphs at some column they are unfolded; where each line is a
    paragraph, each stays one. A line of dashes or equal signs under a short line makes it a heading.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n\n").lstrip("\ufeff")
    rows = [_cleaned(row) for row in pasted.cleaned(text).split("\n")]
    rows, above = _below_the_mark(rows)
    rows, headers = _headers(rows)
    rows, mails = pasted.mails_as_items(rows)
    references = {}
    kept = []
    for row in rows:
        match = _REFERENCE.match(row)
        if match:
            references[match[1]] = match[2]
        else:
            kept.append(row)
    kept, signed = _above_signature(kept)
    return Source(
        tuple(numbered.as_headings([_linked(line, references) for line in _lines(kept)])),
        title=headers.get("subject", ""),
        published=headers.get("date", headers.get("sent", "")),
        newsletter=headers.get("from", "").partition("<")[0].strip(' "'),
        typed=True,
        above=" ".join(row for row in [*above, *mails, *signed] if row),
    )


_FORWARDED = re.compile(
    r"(?i)^(?:-{3,}\s*(?:forwarded message|original message)\s*-{3,}|begin forwarded message:)$"
)


# "On 29/02/2016 08:30, Agnes Mbeki wrote:", "Am 3. Mai 2020 schrieb ...:", "Le 3 mai 2020, ... a écrit :"
_WROTE = re.compile(
    r"^(?:On|Am|Le|El|Em|Il|Op|Pada)\b.{6,120}\b(?:wrote|schrieb.{0,60}|a écrit|escribió|escreveu|ha scritto|"
    r"schreef.{0,60}|menulis)\s*:$|^.{3,80}於.{4,60}寫道[:：]$"
)


def _below_the_mark(rows: list[str]) -> tuple[list[str], list[str]]:
    """The rows below "Forwarded message" or "... wrote:" near the top, and those above it."""
    for number, row in enumerate(rows[:60]):
        if _FORWARDED.match(row) or (_WROTE.match(row) and len(rows) - number > 2 * number):
            return rows[number + 1 :], rows[:number]
    return rows, []


def _headers(rows: list[str]) -> tuple[list[str], dict[str, str]]:
    """The head of a mail that was pasted with its text, taken off."""
    first = next((n for n, row in enumerate(rows) if row), 0)
    found: dict[str, str] = {}
    at = first
    while at < len(rows) and (match := _HEADER.match(rows[at])):
        found.setdefault(match[1].lower(), match[2].strip())
        at += 1
    return (rows[at:], found) if "subject" in found else (rows, {})


SIGNATURE = 15  # rows at most of what stands below "-- "


def _above_signature(rows: list[str]) -> tuple[list[str], list[str]]:
    """The rows above a mail's mark of a signature ("-- "), and those below it, where they end the mail."""
    for number in range(max(0, len(rows) - SIGNATURE), len(rows)):
        if rows[number] == "--":
            return rows[:number], rows[number + 1 :]
    return rows, []


_HEADER = re.compile(r"^(from|to|cc|date|sent|subject|reply-to|sender)\s*:\s*(.+)$", re.IGNORECASE)


def _cleaned(row: str) -> str:
    row = row.replace("\u00a0", " ").replace("\u202f", " ").replace("\u3000", " ")
    row = re.sub("[\u00ad\u200b-\u200f\u2060\ufeff]", "", row)
    row = re.sub(r"^(?:>\s?)+", "", row)  # a forwarded letter
    return re.sub(r"[ \t]+", " ", row).strip()


@dataclass(frozen=True, slots=True)
class _Row:
    """A row without the marks of its kind: a bullet, stars around a heading."""

    text: str
    bullet: bool = False
    strong: bool = False  # all of it is set strong
    starred: bool = False  # "** Heading", as Mailchimp writes one as text

    def line(self, gap: int) -> Line:
        return Line(
            text=self.text,
            gap=gap,
            bullet=self.bullet,
            strong=self.strong or self.starred,
            style="bullet" if self.bullet else "",
        )


def _parted(row: str) -> _Row:
    heading = row[0] == row[-1] and len(row) > 2  # "* UK *"
    bullet = None if heading else _BULLET.match(row)
    text = row[bullet.end() :] if bullet else row
    starred = re.match(r"\*\*\s+(?=\S)", row)
    if starred:
        bullet, text = None, row[starred.end() :]
    strong = re.fullmatch(r"(\*{1,2}|__?)(\S.*?\S)\1", text)
    return _Row(strong[2] if strong else text, bool(bullet), bool(strong), bool(starred))


def _lines(rows: list[str]) -> list[Line]:
    """Rows as lines: a full row and the next are one."""
    width = _width(rows)
    run_on = _headlines_run_on(rows, width)
    out: list[Line] = []
    gap = 1
    full = False  # the row before was, so this one goes on with it
    for number, row in enumerate(rows):
        if not row:
            gap, full = gap + 1, False
            continue
        if _UNDERLINE.match(row):
            _underline(out, row, gap)
            gap, full = 0, False
            continue
        this = _parted(row)
        last = out[-1] if out else None
        if full and run_on and last and last.text == rows[number - 1] and _begins(last, row):
            full = False
        if last and _joins(last, row, this, gap, full=full):
            out[-1] = replace(last, text=f"{last.text} {this.text}")
        else:
            out.append(this.line(gap))
        following = rows[number + 1] if number + 1 < len(rows) else ""
        full = (
            width > 0
            and len(row) + 1 + len(following.split(" ")[0]) > width
            and not linkwords.is_address(row)
            and not this.strong
        )
        gap = 0
    return out


def _underline(out: list[Line], row: str, gap: int) -> None:
    """A row of "===" or "---" makes the line right above it a heading; elsewhere it is a rule."""
    last = out[-1] if out else None
    heads = gap == 0 and last and last.text and not (last.rule or last.bullet)
    if last and heads and last.words <= 25:
        out[-1] = replace(last, level=1 if "=" in row else 2)
    elif not (last and last.rule):
        out.append(Line(rule=True, gap=gap))


def _begins(last: Line, row: str) -> bool:
    """Whether a summary begins below its headline, though the headline's row was full."""
    return (
        last.gap > 0
        and row[:1].isupper()
        and not captions.credit(last.text)
        and not _ENDED.search(last.text[-40:])
    )


def _joins(last: Line, row: str, this: _Row, gap: int, *, full: bool) -> bool:
    """Whether a row goes on with the line above it. `full`: the row above was as long as rows are."""
    if gap:
        return False
    joins = full
    if row[:1].islower() and not last.rule and not last.level:
        joins = joins or (len(last.text) >= 40 and not _ENDED.search(last.text[-1:]))
    if last.text.startswith("[") and "]" not in last.text:
        return True  # a bracket that is still open
    if not joins:
        return False
    if _OPEN_BRACKET.search(last.text[-90:]):
        return True  # "(The Example" goes on with "Post, 3 May 2019)"
    alone = (
        labels.label(row) is not None
        or linkwords.is_address(row)
        or (details.details(row) is not None and not (full and row[:1].islower()))
        or this.bullet
        or this.strong
    )
    return not alone


_OPEN_BRACKET = re.compile(r"[(（](?:[^()（）]|[(（][^()（）]{0,40}[)）]){0,80}$")
_ENDED = re.compile(
    r"[.!?,;:。]['’”\"]?$|\b(?:the|a|an|of|in|to|and|or|for|by|with|on|at|from|that|is|are)$"
)


def _headlines_run_on(rows: list[str], width: int) -> bool:
    """Whether summaries begin on the row below their headlines: short first rows with text below."""
    if not width:
        return False
    found = 0
    for before, row, after in zip(["", *rows], rows, rows[1:], strict=False):
        if not before and row and after and not _ENDED.search(row):
            fits = len(row) + 1 + len(after.split(" ")[0]) <= width
            plain = not (
                labels.label(after) or details.details(after) or linkwords.is_address(after)
            )
            found += fits and plain and len(after) > 40 and not _UNDERLINE.match(after)
    return found >= 2


def _width(rows: list[str]) -> int:
    """The column at which the author folded, or 0 where paragraphs are not folded.

    A folded text has rows that end where the next word would not have fitted; in one that is not
    folded most rows that are followed by another end anywhere.
    """
    # an address is never folded: it may stand behind its words on a row of any length
    shown = [row for row in rows if row and "://" not in row]
    if sum(len(row) > 100 for row in shown) > len(shown) * 0.1:
        return 0
    pairs = [
        (len(row), len(row) + 1 + len(after.split(" ")[0]))
        for row, after in pairwise(rows)
        if after
        and 40 <= len(row) <= 100
        and not linkwords.is_address(row)
        and not (labels.label(after) or details.details(after) or linkwords.is_address(after))
    ]
    # the column that explains most rows: they fit in it, and the next word would not have
    fits = {
        width: sum(length <= width < would for length, would in pairs) for width in range(50, 101)
    }
    best = max(fits, key=lambda width: (fits[width], -width))
    return best if fits[best] >= max(2, 0.5 * len(pairs)) else 0


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
