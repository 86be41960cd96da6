"""Lines that begin with a label: "Date: 21 June 2019", "Source 來源：維港日報", "Editor's note: ..."."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

_DATE = (
    r"date|dated|when|published(?: on)?|publication date|date published|posted(?: on)?|"
    r"date of publication|issued|datum|fecha(?: de publicación)?|tanggal|tarikh|date de publication|"
    r"data(?: di pubblicazione| de publicação)?(?=\s*[:：]\s*\d)|วันที่|日期|發佈日期|發布日期|刊登日期"
)
_SOURCE = (
    r"source|sources|publisher|published by|outlet|newspaper|publication|news source|organi[sz]ation|"
    r"media|medium|court|tribunal|issued by|quelle|fuente|fonte|bron|sumber|medio|ที่มา|來源|来源|資料來源|"
    r"新聞來源|出處|媒體"
)
_AUTHOR = r"authors?|written by|autore?s?|auteure?s?|penulis|記者|作者"
_LINK = r"link|url|web ?link|website|enlace|lien|tautan|pautan|連結|網址"
# a label may be said twice, in two languages: "Date 日期：", "Source / Quelle:"
_TWICE = rf"(?:\s*[/(（]?\s*(?:{_DATE}|{_SOURCE}|{_AUTHOR}|{_LINK})\s*[)）]?)?"
_KINDS = (
    rf"(?:(?P<date>{_DATE})|(?P<source>{_SOURCE})|(?P<author>{_AUTHOR})|(?P<link>{_LINK}))"
    rf"{_TWICE}\s*[:：]\s*"
)
_LABEL = re.compile(rf"^\s*[(（\[]?{_KINDS}(?P<rest>.*)$", re.IGNORECASE | re.DOTALL)
_NEXT = re.compile(rf"(?:^|[\s|;,/•·–—；，、(（\[-]+){_KINDS}", re.IGNORECASE)
BARE = re.compile(
    rf"^(?:{_DATE}|{_SOURCE}|{_AUTHOR}|link){_TWICE}\s*[:：]?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a line of details says: "Date: 21 June 2019", "Source: The Example Post"."""

    date: str = ""
    source: str = ""
    author: str = ""
    link: str = ""


@functools.lru_cache(maxsize=4096)  # each line is asked for its label in several places
def label(text: str) -> Label | None:
    """The details of a line that begins with a label; several may stand in one line."""
    first = _LABEL.match(text) if ":" in text or "：" in text else None
    if not first:
        return None
    found: dict[str, str] = {}
    marks = list(_NEXT.finditer(text))
    if not marks or marks[0].start() > 2:
        marks.insert(0, first)
    for number, mark in enumerate(marks):
        end = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        start = mark.start("rest") if "rest" in mark.groupdict() else mark.end()
        value = text[start:end].strip(" \t\n|;,/•·–—-；，、")
        if text[:1] in "(（[" and value[-1:] in ")）]" and not re.search(r"[(（\[]", value):
            value = value[:-1].rstrip()
        found.setdefault(_which(mark), value)
    return Label(**found)


def _which(match: re.Match[str]) -> str:
    return next(name for name in ("date", "source", "author", "link") if match[name] is not None)


_NOTE = re.compile(
    r"^\s*(?:(?P<headline>headline at the source|original (?:headline|title)|原標題)|"
    r"(?P<note>(?:editor'?s?|our|publisher'?s?) note|note from the editor|ed\.? note|編者按|編按)|"
    r"(?P<content>(?:content|trigger) (?:note|warning)|內容提示|內容警告))\s*[:：]\s*(?P<rest>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)


def note(text: str) -> tuple[str, str] | None:
    """An editor's note, a content note or the outlet's own headline behind a label."""
    match = _NOTE.match(text.replace("’", "'"))
    if not match:
        return None
    which = next(name for name in ("headline", "note", "content") if match[name])
    return which, text[match.start("rest") :].strip()


_PARTICULAR = re.compile(
    r"^\s*(?:place|venue|location|where|time|address|speakers?|fee|cost|price|contact|tel|phone|e-?mail|language|"
    r"organi[sz]ers?|hosts?|registration|rsvp|deadline|closing date|salary|"
    r"ort|lieu|lugar|luogo|local|tempat|waktu|"
    r"地點|時間|費用|查詢|語言|主辦)\s*[:：]",
    re.IGNORECASE,
)


def is_particular(text: str) -> bool:
    """Whether a line is a labelled detail of an event that the issue has no field for."""
    return bool(_PARTICULAR.match(text))


def is_address_label(text: str) -> bool:
    """Whether a line is what stood before an address: "URL", "Link"."""
    return bool(re.fullmatch(rf"(?i)\W*(?:{_LINK})\W*", text))
