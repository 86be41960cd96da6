"""In which letters bytes are written: several witnesses, since each of them lies at times.

The HTTP header is often wrong (Media Cloud's parser says so), a declaration is copied from a
template, and one bad byte makes feedparser fall to iso-8859-2 (feedparser PR 421) or read gb18030 as
such (PR 56). So feeds are decoded here, before a parser sees them.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import charset_normalizer

# What browsers take a label to mean (WHATWG Encoding, 4.2): the wider of two that share a name.
_WIDER = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "unicode": "utf-8",
    "utf8": "utf-8",
    "utf-8mb4": "utf-8",
    "x-user-defined": "cp1252",
}
# Encodings in which many byte sequences are wrong: that one of them fits is a strong witness.
_STRICT = ("gb18030", "big5hkscs", "cp949", "cp932", "euc_jp", "euc-jp", "iso-2022-jp", "utf-8")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_META = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
# Not allowed in XML 1.0 (2.2) and of no use in a page
_UNUSED = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding it was in, and the share of its characters that could not be read."""

    text: str
    encoding: str
    lost: float = 0.0


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Bytes as text. Never fails; what cannot be read becomes U+FFFD and counts in `lost`.

    The witnesses in order: a byte order mark; bytes that are strict UTF-8 (which no other text is by
    accident); what the document and the header declare, the strict encodings before those in
    which any byte fits; UTF-8 with some stray bytes, read as Windows-1252; a guess by statistics.
    Control characters that no text needs (NUL among them) are left out.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return _made(body[len(mark) :].decode(encoding, errors="replace"), encoding)
    head = body[:1024]
    if head[:200].count(0) > 0:
        # UTF-16 without a mark: every second byte of markup is 0
        encoding = "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"
        if head.count(0) > len(head) // 3:
            return _made(body.decode(encoding, errors="replace"), encoding)
    named = _named(body, content_type)
    if b"\x1b" in body and "iso-2022-jp" in named:
        return _made(body.decode("iso-2022-jp", errors="replace"), "iso-2022-jp")
    try:
        return _made(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    for encoding in sorted(named, key=lambda one: one not in _STRICT):
        try:
            return _made(body.decode(encoding), encoding)
        except UnicodeDecodeError:
            continue
    stray = body.decode("utf-8", errors="replace")
    bad = stray.count("\ufffd")
    sound = sum(byte >= 0xC2 for byte in body[:200_000])
    if bad * 20 < sound or (("utf-8" in named or not named) and bad * 4 < sound):
        return _made(body.decode("utf-8", errors="broadsheet_stray"), "utf-8")
    for encoding in named:
        text = body.decode(encoding, errors="replace")
        if text.count("\ufffd") * 50 < len(text):
            return _made(text, encoding)
    guess = charset_normalizer.from_bytes(body[:100_000]).best()
    encoding = guess.encoding if guess else "cp1252"
    return _made(body.decode(encoding, errors="replace"), encoding)


def _named(body: bytes, content_type: str) -> list[str]:
    """The encodings that the document and the header declare, known ones only."""
    found = []
    inside = _XML.search(body[:1024]) or _META.search(body[:4096])
    if inside:
        found.append(inside[1].decode("ascii"))
    header = _HEADER.search(content_type)
    if header:
        found.append(header[1])
    out = []
    for label in found:
        name = _WIDER.get(label.lower(), label.lower())
        try:
            codecs.lookup(name)
            "".encode(name)  # refuses codecs that are no encodings of text, such as "hex"
        except (LookupError, UnicodeError, ValueError):
            continue
        if name not in out and not name.startswith(
            ("utf-7", "utf7", "idna", "punycode", "unicode")
        ):
            out.append(name)
    return out


def _stray(error: UnicodeError) -> tuple[str, int]:
    """A byte that is not UTF-8, in a text that otherwise is: mostly a pasted Windows-1252 quote."""
    assert isinstance(error, UnicodeDecodeError)
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", errors="replace"), error.end


codecs.register_error("broadsheet_stray", _stray)


_NUMBER = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")


def _character(match: re.Match[str]) -> str:
    """A numbered character as it stands, where there is such a character."""
    figures = (match[1] or match[2]).lstrip("0")[:8]
    number = int(figures or "0", 16 if match[1] else 10)
    sound = number in (9, 10, 13) or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE
    return match.group() if sound or 0x10000 <= number <= 0x10FFFF else "\ufffd"


def _made(text: str, encoding: str) -> Decoded:
    if "\x00" in text or not text.isprintable():
        text = text.translate(_UNUSED)
    if "&#" in text:
        # feedparser and lxml both break on the number of half a surrogate pair
        text = _NUMBER.sub(_character, text)
    return Decoded(text, encoding, text.count("\ufffd") / len(text) if text else 0.0)
