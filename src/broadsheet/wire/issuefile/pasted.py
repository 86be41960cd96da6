"""What a PDF or a list's digest leaves in a plain text: heads of pages, broken words, heads of mails."""

from __future__ import annotations

import re
from collections import Counter

_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st"}
)
_BROKEN = re.compile(r"[^\W\d_]{2,}-$")
# beginnings that keep their hyphen where a row ends in it: "anti-" / "slavery"
_KEPT = re.compile(
    r"\b(?:anti|co|non|self|ex|pre|post|multi|semi|cross|long|short|well|inter|part|full|high|low|first|"
    r"second|third|half|on|off|re|sub|mid|year|month|day)-$",
    re.IGNORECASE,
)
_PAGE = re.compile(
    r"^(?:page|seite|página|pagina|hal(?:aman)?|p\.)?\s*\d{1,3}(?:\s*(?:of|/|von|de|sur)\s*\d+)?$",
    re.IGNORECASE,
)
_PAGED = re.compile(
    r"\b(?:page|seite|página|pagina|halaman)\s*\d{1,3}\b|(?:^\d{1,3}\s*[|•·–-]\s)|(?:\s[|•·–-]\s*\d{1,3}$)|第\s*\d+\s*[頁页]",
    re.IGNORECASE,
)


def cleaned(text: str) -> str:
    """The text without ligatures, page heads and page feet; words broken at the end of a row are whole."""
    text = text.translate(_LIGATURES)
    if "\f" in text or _PAGED.search(text):
        text = _without_page_heads(text)
    if "-\n" in text:
        text = _whole_words(text)
    return text


def _shape(row: str) -> str:
    return re.sub(r"\d+", "#", " ".join(row.split())).casefold()


def _without_page_heads(text: str) -> str:
    """Rows that stand at the top or the foot of several pages go: the first of each kind stays.

    Where the pages' ends are marked (form feeds) any such row counts, else only rows with a page's number.
    """
    rows = text.split("\n")
    edges = _edges(rows) if "\f" in text else set()
    said = Counter(_shape(row.replace("\f", "")) for row in rows)
    first: set[str] = set()
    out = []
    for number, row in enumerate(rows):
        bare = row.replace("\f", "").strip()
        shape = _shape(bare)
        again = said[shape] >= 2 and bool(bare) and len(bare.split()) <= 14
        paged = bool(_PAGED.search(bare)) and len(bare.split()) <= 14
        if (number in edges and _PAGE.match(bare)) or (again and paged):
            continue
        if again and number in edges and shape in first:
            continue
        first.add(shape)
        out.append(row.replace("\f", ""))
    return "\n".join(out)


def _edges(rows: list[str]) -> set[int]:
    """The rows within two of a page's end, blank ones not counted."""
    filled = [n for n, row in enumerate(rows) if row.strip()]
    breaks = [place for place, n in enumerate(filled) if "\f" in rows[n]]
    near = {place + step for place in breaks for step in (-2, -1, 0, 1)}
    near |= {0, 1, len(filled) - 2, len(filled) - 1}
    return {filled[place] for place in near if 0 <= place < len(filled)}


def _whole_words(text: str) -> str:
    """Words that a row's end broke, whole again: "traffick-" / "ing" is trafficking."""
    out: list[str] = []
    for row in text.split("\n"):
        before = out[-1].rstrip() if out else ""
        if _BROKEN.search(before) and re.match(r"\s*[a-zß-ÿ]{2,}", row):
            word, _, rest = row.strip().partition(" ")
            kept = _KEPT.search(before)
            out[-1] = (before if kept else before[:-1]) + word
            out.append(rest)
        else:
            out.append(row)
    return "\n".join(out)


# -- digests of mailing lists -----------------------------------------------------------------------------

_HEAD = re.compile(
    r"^(?:from|to|cc|subject|date|sent|reply-to|message-id|content-type|content-transfer-encoding|mime-version|"
    r"in-reply-to|references|sender|organization|list-id|x-[\w-]+)\s*:\s*\S?.*$",
    re.IGNORECASE,
)
_TAG = re.compile(r"^(?:\s*(?:re|fwd?|aw)\s*:|\s*\[[^\]]{1,40}\])+\s*", re.IGNORECASE)
_NUMBER = re.compile(r"^(?:message|nachricht)\s*:?\s*#?\d+\s*(?:of \d+)?:?$", re.IGNORECASE)


def mails_as_items(rows: list[str]) -> tuple[list[str], list[str]]:
    """The mails of a list's digest as items: the subject as a headline, the date below. And what is left.

    A run of three heads of a mail with a subject among them begins one. Fewer than two mails are no digest.
    """
    heads = _mail_heads(rows)
    if len(heads) < 2:
        return rows, []
    out: list[str] = []
    aside = [row for row in rows[: heads[0][0]] if row]
    at = heads[0][0]
    for start, stop in heads:
        out += [row for row in rows[at:start] if not _NUMBER.match(row)]
        said = [row.partition(":") for row in rows[start:stop] if _HEAD.match(row)]
        named = {name.strip().lower(): value.strip() for name, _, value in said}
        out += ["", f"**{_TAG.sub('', named['subject'])}**"]
        if named.get("date") or named.get("sent"):
            out.append(f"Date: {_day(named.get('date') or named['sent'])}")
        out.append("")
        aside += [f"{name}:{value}" for name, _, value in said if name.lower() == "from"]
        at = stop
    return out + _until_footer(rows[at:]), aside


def _mail_heads(rows: list[str]) -> list[tuple[int, int]]:
    found, number = [], 0
    while number < len(rows):
        stop = number
        while stop < len(rows) and _HEAD.match(rows[stop]):
            stop += 1
        subject = any(row.lower().startswith("subject") for row in rows[number:stop])
        if stop - number >= 2 and subject:
            found.append((number, stop))
        number = max(stop, number + 1)
    return found


def _day(words: str) -> str:
    """ "Mon, 3 Oct 2016 09:12:41 +0100" without the hour and the zone."""
    return re.sub(r"\s+\d{1,2}:\d\d.*$", "", words)


def _until_footer(rows: list[str]) -> list[str]:
    """The rows of the last mail, without the list's own footer."""
    for number, row in enumerate(rows):
        if re.match(r"(?i)subject: digest footer|end of .{3,60} digest|_{20,}$|-{25,}$", row):
            return rows[:number]
    return rows
