"""Text as it is compared, with the way back to the text as it was given.

Offsets in every answer of Broadsheet count code points in the text *as given*. Whatever
normalises goes through `normal()`, which keeps the way back.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# One character for one: quotes and dashes in the forms that a keyboard gives, all blanks alike.
# (Unicode 16, General Punctuation and the fullwidth forms that newsrooms use.)
_ALIKE = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u02bc\u2032\u00b4\u0060\uff07"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
    **dict.fromkeys(
        map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"), " "
    ),
    **dict.fromkeys(map(ord, "\u200a\u202f\u205f\u3000\t"), " "),
}
# Characters that show nothing: soft hyphen, zero-width blanks and joiners, direction marks, BOM.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\x00]")
_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
# A run that is not plain ASCII, with the ASCII character before it, on which a mark may sit.
_STRANGE = re.compile("(?s).?[^\x01-\x7f]+")
# A base character with what is set upon it: combining marks, Hangul vowels and finals, variants.
_CLUSTER = re.compile(
    "(?s).[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u0e31\u0e34-\u0e3a"
    "\u0e47-\u0e4e\u1160-\u11ff\u20d0-\u20ff\u3099\u309a\ufe00-\ufe0f]*"
)


@dataclass(frozen=True, slots=True)
class Normal:
    """A text ready to be compared, and where each of its characters stood.

    `starts` and `ends` give for each character of `text` the half-open span of code points it came
    from; both are None where the two texts have the same length, character for character.
    """

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span in the text as given of `text[start:end]`; an empty span stays empty."""
        if self.starts is None or self.ends is None:
            return start, end
        if start >= end:
            at = (
                self.starts[start]
                if start < len(self.starts)
                else (self.ends[-1] if self.ends else 0)
            )
            return at, at
        return self.starts[start], self.ends[end - 1]


def normal(text: str, *, fold: bool = False) -> Normal:
    """Normalise for comparing: NFKC, straight quotes, plain hyphens and blanks, nothing unseen.

    `fold` lower-cases too (`str.lower`, character by character). Line breaks stay. Costs one pass
    of C code where the text is ASCII or changes no length, which is nearly always.
    """
    if text.isascii():
        return Normal(text.lower() if fold else text) if "\x00" not in text else _mapped(text, fold)
    alike = _alike(text)
    if not _UNSEEN.search(alike) and unicodedata.is_normalized("NFKC", alike):
        folded = alike.lower() if fold else alike
        if len(folded) == len(alike):
            return Normal(folded)
    return _mapped(text, fold)


def _alike(text: str) -> str:
    """`text.translate(_ALIKE)`, four times as fast on newspaper text, where few characters differ."""
    for character in set(_NOT_ASCII.findall(text)):
        plain = _ALIKE.get(ord(character))
        if plain is not None:
            text = text.replace(character, plain)
    return text.replace("\t", " ")


def _mapped(text: str, fold: bool) -> Normal:
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    # Only what is not ASCII can change its length, with the character that it may be set upon.
    for strange in _STRANGE.finditer(text):
        begin, end = strange.span()
        out.append(text[done:begin].replace("\t", " "))
        starts.extend(range(done, begin))
        ends.extend(range(done + 1, begin + 1))
        for match in _CLUSTER.finditer(text, begin, end):
            made = _UNSEEN.sub("", match.group().translate(_ALIKE))
            made = unicodedata.normalize("NFKC", made).translate(_ALIKE)
            out.append(made)
            starts += [match.start()] * len(made)
            ends += [match.end()] * len(made)
        done = end
    out.append(text[done:].replace("\t", " "))
    starts.extend(range(done, len(text)))
    ends.extend(range(done + 1, len(text) + 1))
    whole = "".join(out)
    if fold:
        folded = whole.lower()
        # "\u0130" becomes two characters in lower case; then each is folded by itself.
        if len(folded) != len(whole):
            pieces = [character.lower() for character in whole]
            starts = [at for at, piece in zip(starts, pieces, strict=True) for _ in piece]
            ends = [at for at, piece in zip(ends, pieces, strict=True) for _ in piece]
            folded = "".join(pieces)
        whole = folded
    return Normal(whole, tuple(starts), tuple(ends))


def words(text: str) -> list[str]:
    """The words of a text, folded, in order: letters and digits, with inner apostrophes."""
    return _WORD.findall(normal(text, fold=True).text)


def squeezed(text: str) -> str:
    """The text with every run of blanks and line breaks as one space, trimmed."""
    return " ".join(text.split())


_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_SCRIPTS = (
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("lo", re.compile("[\u0e80-\u0eff]")),
    ("my", re.compile("[\u1000-\u109f]")),
    ("km", re.compile("[\u1780-\u17ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
)


def script_language(text: str) -> str:
    """A language that is written in the script of most of a text's letters; "en" for Latin letters.

    For texts that come without a language: it tells scripts apart, not languages.
    """
    if text.isascii():
        return "en"
    counts = [(len(found.findall(text)), language) for language, found in _SCRIPTS]
    most, language = max(counts)
    return language if most > len(_LATIN.findall(text)) else "en"
