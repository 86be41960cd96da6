"""Articles as numbers: words, terms with their weights, names, figures and days.

Everything here follows from the article alone (words are numbered by a hash of their letters), so
that nothing depends on the order in which articles come in.
"""

from __future__ import annotations

import re
import zlib

import numpy as np
import numpy.typing as npt

from broadsheet.wire import text

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float64]

LEAD_WORDS = 120  # of the text that tell the event; later paragraphs tell its history
COPY_WORDS = 3000  # of the text that are compared for copies: a bound for hostile pages

# Scripts written without blanks: Thai, Lao, Burmese, Khmer, kana, Han.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
)
# Words that bind sentences and tell no event. English, as the first beat's sources are; in other
# languages the weights do the same work.
STOP = frozenset(
    """
a about after again against all also am an and any are as at back be because been before being
between both but by can could day days did do does down during each few for from get gets had
has have having he her here hers him his how i if in into is it its just may me more most must
my new no nor not now of off on once one only or other our out over own per s said say says she
should so some still such t than that the their them then there these they this those through to
too two under until up us very via was we were what when where which while who whom whose why
will with would year years you your
""".split()  # noqa: SIM905 -- a list of words reads as words
)


def split(words: str) -> list[str]:
    """The words of a text, folded; runs of a script without blanks as pairs of characters."""
    found = text.words(words)
    if words.isascii() or not _UNSPACED.search(words):
        return found
    out: list[str] = []
    for word in found:
        if _UNSPACED.search(word):
            out += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        else:
            out.append(word)
    return out


def stem(word: str) -> str:
    """A word without its commonest English endings; others come back as they are.

    Small on purpose: "convicted", "convicts" and "convict" should meet, "police" and "policy" not.
    """
    word = word.replace("\u2019", "'")
    word = word.removesuffix("'s")
    word = word.replace("'", "")
    if len(word) < 4 or not word.isascii() or word[-1].isdigit():
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("sses"):
        word = word[:-2]
    elif word.endswith("s") and word[-2] not in "sui":
        word = word[:-1]
    if word.endswith("ing") and len(word) > 6:
        word = word[:-3]
    elif word.endswith("ed") and len(word) > 5:
        word = word[:-2]
    if len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "lse":
        word = word[:-1]
    return word


def number(word: str) -> int:
    """The number of a word: a hash of its letters, so that it is the same in every run."""
    return zlib.crc32(word.encode())
