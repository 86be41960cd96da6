"""Slips of typing: a blank lost between two words, a word typed twice, blanks beside stops.

Only what is nearly never meant is found; this is no spelling checker. Words in capitals are left
alone, since they may be names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

Span = tuple[int, int]

# --- two words run together ---------------------------------------------------------------------

_TOKEN = re.compile(r"(?<![\w@#/.'*-])[a-z]{5,}(?![\w@/'-]|\.[a-z])")
# Words after or before which a blank is lost; "in", "on", "at", "over", "up" are left out where they
# make compounds ("overstay", "breakout").
_LEFT = frozenset(
    """
the that this these those which who their they them his her its our your was were are is has have
had been will would could should and but because when while with from for of to as than said
""".split()  # noqa: SIM905 -- a list of words reads as words
)
_RIGHT = frozenset(
    """
the that this these those which who their they them was were are is has have had been will would
could should and but because when while with from for of to
""".split()  # noqa: SIM905
)
_PLACES = frozenset({"in", "on", "at", "by", "into", "over", "under"})
# Counts in the list are of words in film and TV subtitles; `said` has 600,000, `casework` 200.
COMMON, KNOWN, ROOT = 2000, 500, 200


@cache
def _counts() -> dict[str, int]:
    """How often each English word was counted: the list of pyspellchecker, read once."""
    from spellchecker import SpellChecker  # noqa: PLC0415 -- 0.1 s and 15 MB, only when asked for

    counts: dict[str, int] = SpellChecker(language="en").word_frequency.dictionary
    return counts


def joined_words(words: str) -> Iterator[Span]:
    """Lower-case words that no list knows and that fall into two known ones, as a lost blank makes.

    One half must be a small word ("forcedto", "saidthat") or the first an inflected verb
    ("stoppedusing"): other pairs are nearly always compounds that the list lacks ("livestreamed").
    """
    for match in _TOKEN.finditer(words):
        if _joined(match.group()):
            yield match.span()


@lru_cache(maxsize=20_000)
def _joined(word: str) -> bool:
    counts = _counts()
    if word in counts or len(word) > 30 or _british(word, counts):
        return False
    for at in range(2, len(word) - 1):
        left, right = word[:at], word[at:]
        if left in _LEFT | _PLACES and right in _RIGHT:
            return True
        first, second = counts.get(left, 0), counts.get(right, 0)
        if left in _LEFT and second >= COMMON and len(right) >= (4 if at < 4 else 3):
            return True
        if right in _RIGHT and first >= COMMON and len(left) >= (4 if len(right) < 3 else 3):
            return True
        if _inflected(left, counts) and first >= KNOWN and second >= COMMON and len(right) >= 3:
            return True
    return False


# The list is American; "offence" would fall into "of" and "fence".
_SPELLINGS = (
    ("ence", "ense"), ("our", "or"), ("is", "iz"), ("ys", "yz"), ("ll", "l"), ("tre", "ter"),
    ("ae", "e"), ("oe", "e"), ("gramme", "gram"), ("l", "ll"), ("ogue", "og"), ("c", "s"),
)  # fmt: skip


def _british(word: str, counts: dict[str, int]) -> bool:
    return any(
        british in word and word.replace(british, american) in counts
        for british, american in _SPELLINGS
    )


def _inflected(word: str, counts: dict[str, int]) -> bool:
    """Whether it is "stopped" or "using", and not "speed" or "spring"."""
    for ending in ("ed", "ing"):
        root = word.removesuffix(ending)
        if root != word and len(word) >= 5:
            roots = {root, root + "e", root[:-1] if root[-1:] == root[-2:-1] else root}
            return any(len(r) >= 2 and counts.get(r, 0) >= ROOT for r in roots)
    return False


# --- other slips --------------------------------------------------------------------------------

# Words that are right twice ("had had", "that that") are not here.
_TWICE = re.compile(
    r"\b(the|a|an|of|to|and|for|with|was|were|are|by|from|at|as|it|their|they|have|has|be)\s+\1\b",
    re.IGNORECASE,
)
_NO_BLANK = re.compile(r"(?<![\w@/.])[a-z]{2,}[.;:!?][A-Z][a-z]+(?=[\s,.])|\b[a-z]{2,},[a-z]{2,}\b")
_BLANK = re.compile(r"(?<=\w) +[,.;:](?=\s|$)")


def doubled_words(words: str) -> Iterator[Span]:
    for match in _TWICE.finditer(words):
        yield match.span()


def no_blank_after(words: str) -> Iterator[Span]:
    for match in _NO_BLANK.finditer(words):
        yield match.span()


def blank_before(words: str) -> Iterator[Span]:
    for match in _BLANK.finditer(words):
        yield match.span()
