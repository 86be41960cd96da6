"""Bytes -> text, whatever they were written in."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(data: bytes, named: str | None = None) -> str:
    """The text of bytes: by their byte order mark, as UTF-8, by the charset they name, or as a guess.

    A file that is valid UTF-8 is UTF-8 whatever it says of itself. The guess is Big5 or GB 18030
    where most high bytes come in pairs that these know, else Windows-1252, which never fails.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        # one broken sequence in a long file (a cut-off end) does not make it another encoding
        high = sum(byte >= 0x80 for byte in data[:200_000])
        if error.start >= len(data) - 4 and high > 8:
            return data.decode("utf-8", errors="replace")
    for encoding in filter(None, (named,)):
        try:
            known = codecs.lookup(encoding).name
        except (LookupError, ValueError):
            continue
        if known in ("utf-8", "ascii"):
            text = data.decode("utf-8", errors="replace")
            if text.count("\ufffd") <= max(3, len(text) // 1000):
                return text
            continue
        return data.decode("cp1252" if known == "iso8859-1" else known, errors="replace")
    sample = data[:100_000]
    high = sum(byte >= 0x80 for byte in sample)
    if high > len(sample) * 0.15:
        for encoding in ("big5hkscs", "gb18030"):
            text = data.decode(encoding, errors="replace")
            if text.count("\ufffd") <= max(1, len(text) // 500):
                return text
    return data.decode("cp1252", errors="replace")
