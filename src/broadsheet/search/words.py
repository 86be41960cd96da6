"""A text as the tokens that are looked for, the same for what is kept and for what is asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Scripts that set no blanks between words: Han, kana, Thai, Lao, Burmese, Khmer.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
_ACCENTS = re.compile("[\u0300-\u036f]")
# A run of an unspaced script, or a word of any other with the marks that belong to its letters.
_RUN = re.compile(rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])(?:[^\W_]|[\u0900-\u0dff\u0591-\u06ed]))+")
_FIRST_UNSPACED = re.compile(rf"[{_UNSPACED}]")
LONGEST = 60  # characters of a token: what is longer is no word, and a tsvector refuses 2 kB


def folded(text: str) -> str:
    """As it is compared: NFKC, without case, Latin letters without their accents."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize(
        "NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", folded))
    ).replace("\u0e4d\u0e32", "\u0e33")  # NFKC takes Thai SARA AM apart; both spellings are one


def runs(text: str) -> Iterator[list[str]]:
    """The words of a text, each as its tokens: itself, or the pairs of an unspaced run.

    A run of n unspaced characters is n - 1 pairs; a single one is itself.
    """
    for found in _RUN.finditer(folded(text)):
        run = found.group()
        if len(run) == 1 or not _FIRST_UNSPACED.match(run):
            yield [run[:LONGEST]]
        else:
            yield [run[at : at + 2] for at in range(len(run) - 1)]


class _Each(dict[int, str]):
    """Characters as they are folded one by one, each looked up once."""

    def __missing__(self, code: int) -> str:
        self[code] = made = folded(chr(code))
        return made


_EACH = _Each()


def in_place(text: str) -> str | None:
    """A text folded with every character in its place; None where folding moves one.

    A ligature becomes two letters, a combining accent none; such a text is rare, and read word by word.
    """
    if text.isascii():
        return text.lower()
    made = text.translate(_EACH)
    return made if len(made) == len(text) and not _ACCENTS.search(text) else None


def word_at(text: str, at: int) -> str:
    """The word of a spaced script that begins here in a folded text; nothing where none begins."""
    found = _RUN.match(text, at)
    if found is None or unspaced(found.group()[0]):
        return ""
    begun = at and (before := _RUN.match(text, at - 1)) and before.end() > at
    return "" if begun else found.group()


def places(text: str) -> Iterator[tuple[int, int]]:
    """Where the words of a text stand in it, as it is written: each word, or run of an unspaced script."""
    for found in _RUN.finditer(text):
        yield found.span()


def kept(text: str) -> Iterator[str]:
    """The tokens under which a text is kept, in its order.

    After the pairs of a run its last character stands alone, so that one character finds a text
    wherever it stands in it: as the beginning of a pair, or as the end of a run.
    """
    plain = folded(text)
    if not _FIRST_UNSPACED.search(plain):  # nearly every text: in six tenths of the time
        yield from (run[:LONGEST] for run in _RUN.findall(plain))
        return
    for tokens in runs(text):
        yield from tokens
        if len(tokens[-1]) == 2 and _FIRST_UNSPACED.match(tokens[-1]):
            yield tokens[-1][1]


def unspaced(token: str) -> bool:
    """Whether a token is of a script without blanks."""
    return bool(_FIRST_UNSPACED.match(token))
