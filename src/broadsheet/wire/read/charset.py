"""Bytes to text. Several witnesses speak for a charset, and none is believed alone."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its first two bytes are the same
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
# What browsers read where a page names the left one (WHATWG Encoding Standard, "Names and labels"):
# the right one holds all its characters and more.
_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_NAMES = {"x-sjis": "shift_jis", "x-gbk": "gbk", "ks_c_5601-1987": "euc_kr", "x-euc-jp": "euc_jp"}
# A page whose charset is stated may hold a few bad bytes (a teaser pasted from elsewhere); more than
# one in 200 characters means that the statement is wrong.
_FEW = 0.005
_WESTERN = {"cp1252", "cp1254", "iso8859-15", "mac-roman"}
_SAMPLE = 20_000  # bytes shown to the detector: more made it slower, not better


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page's text. `lost` is the share of characters that could not be read (U+FFFD), 0 to 1."""

    text: str
    charset: str
    lost: float = 0.0
    notes: tuple[str, ...] = ()


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Decode a page: byte order mark, valid UTF-8, header, meta, then what the bytes look like.

    Valid UTF-8 goes before what header and meta say, since text in another charset is nearly never
    valid UTF-8 by chance, while headers are often wrong. NUL bytes are taken out. Never raises.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _made(body.decode(name, "replace"), name.removesuffix("-sig"), ())
    wide = _without_mark(body)
    if wide:
        return _made(body.decode(wide, "replace"), wide, ())
    stated = [name for name in (_header(content_type), _meta(body)) if name]
    if b"\x1b$" in body[:_SAMPLE] and "iso2022_jp" in stated:
        return _made(body.decode("iso2022_jp", "replace"), "iso-2022-jp", ())
    try:
        return _made(body.decode("utf-8"), "utf-8", ())
    except UnicodeDecodeError:
        pass
    best: Decoded | None = None
    for name in dict.fromkeys(stated):
        made = _made(body.decode(name, "replace"), name, ())
        believed = made.lost <= _FEW and not (name in _WESTERN and _looks_foreign(made.text))
        if believed and (best is None or made.lost < best.lost):
            best = made
    if best:
        return best
    found = from_bytes(_sample(body)).best()
    guess = found.encoding if found else "cp1252"
    made = _made(body.decode(guess, "replace"), guess, ())
    said = f"the page says {stated[0]}" if stated else "the page names none"
    return Decoded(made.text, guess, made.lost, (f"charset guessed: {guess} ({said})",))


def _made(text: str, charset: str, notes: tuple[str, ...]) -> Decoded:
    if "\x00" in text:
        text = text.replace("\x00", "")
        notes += ("NUL characters taken out",)
    lost = text.count("\ufffd") / max(1, len(text)) if "\ufffd" in text else 0.0
    return Decoded(text, charset, lost, notes)


def _known(name: str) -> str | None:
    name = name.strip().lower()
    try:
        known = codecs.lookup(_NAMES.get(name, name))
    except (LookupError, ValueError):
        return None
    if not known._is_text_encoding:
        return None  # base64 and the like are codecs, but no charsets
    return _WIDER.get(known.name, known.name)


def _header(content_type: str) -> str | None:
    match = _HEADER.search(content_type)
    return _known(match[1]) if match else None


def _meta(body: bytes) -> str | None:
    match = _META.search(body, 0, 8192)
    name = _known(match[1].decode("ascii", "replace")) if match else None
    # WHATWG: a page that could be read so far is not UTF-16, whatever it says
    return "utf-8" if name and name.startswith("utf-16") else name


def _without_mark(body: bytes) -> str | None:
    head = body[:400]
    if len(head) < 8 or head.count(0) < len(head) // 4:
        return None
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _looks_foreign(text: str) -> bool:
    """Whether a text read as Western is full of accented letters in a row: another script misread."""
    letters = re.findall(r"[^\W\d_]+", re.sub(r"<[^>]*>", " ", text[:60_000]))
    odd = sum(
        1 for word in letters if len(word) > 2 and sum(c > "\x7f" for c in word) * 2 > len(word)
    )
    return odd * 4 > max(20, len(letters))


def _sample(body: bytes) -> bytes:
    words = re.sub(
        rb"<(script|style)\b.*?</\1>|<[^>]*>", b" ", body, flags=re.DOTALL | re.IGNORECASE
    )
    return words[:_SAMPLE] or body[:_SAMPLE]
