"""What the learned half of the judge sees of a text: numbers, each the hash of a feature.

A feature is a word, a word's stem, pieces of a word, two neighbouring stems, a family of words
(`judge.yaml` of the beat), two families in one text, two families side by side, or a find of the
phrases. Features are added up, one weight each, so the sum over a word is looked up once and kept.
"""

from __future__ import annotations

import functools
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from broadsheet.wire.marked import Marked
from broadsheet.wire.text import normal

FILE = "judge.yaml"
MASK = (1 << 64) - 1
# Odd constants of Weyl and of Knuth's MMIX: they mix two hashes so that order counts.
LEFT, RIGHT = 0x9E3779B97F4A7C15, 0x5851F42D4C957F2D
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_ENDINGS = ("'s", "ings", "ing", "ies", "ied", "ers", "er", "ed", "es", "s")


def name(kind: str, what: str = "") -> int:
    """The 64-bit hash of a feature: the same on every machine."""
    return int.from_bytes(hashlib.blake2b(f"{kind}\x1f{what}".encode(), digest_size=8).digest())


def piece(letters: str) -> int:
    """The hash of a piece of a word: a third of the cost of `name`, which adds up over new words.

    CRC-32 tells all texts of four bytes apart; other letters may share a weight, which does no harm.
    """
    return ((zlib.crc32(letters.encode()) + 1) * LEFT) & MASK


def pair(left: int, right: int) -> int:
    """The hash of two features in this order."""
    return ((left * LEFT) ^ (right * RIGHT)) & MASK


@functools.lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A word without its commonest English endings; at least four letters stay."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def words(given: str) -> list[str]:
    """The words of a text, folded. Chinese, which sets no blanks, goes by twos."""
    folded = normal(given, fold=True).text
    found = WORD.findall(folded)
    if folded.isascii() or not _HAN.search(folded):
        return found
    return [folded[a:b] for a, b in _split(folded)]


def spans(given: str) -> list[tuple[str, int, int]]:
    """The same words with their spans, in code points of the text as given."""
    folded = normal(given, fold=True)
    return [(folded.text[a:b], *folded.span(a, b)) for a, b in _split(folded.text)]


def _split(folded: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for match in WORD.finditer(folded):
        start, end = match.span()
        if end - start == 1 or not _HAN.search(match.group()):
            found.append((start, end))
        else:
            found += [(at, at + 2) for at in range(start, end - 1)]
    return found


@dataclass(frozen=True, slots=True)
class Families:
    """The families of words of a beat: each has a bit."""

    names: tuple[str, ...]
    exact: Mapping[str, int]
    prefixes: Mapping[str, int]
    shortest: int
    longest: int

    def of(self, word: str) -> int:
        """The bits of the families that a word stands in."""
        bits = self.exact.get(word, 0)
        if word.endswith("'s"):
            bits |= self.exact.get(word[:-2], 0)
        for length in range(self.shortest, min(self.longest, len(word)) + 1):
            bits |= self.prefixes.get(word[:length], 0)
        return bits

    def named(self, bits: int) -> list[str]:
        """The names of the families whose bits are set, in alphabetical order."""
        return sorted(self.names[at] for at in range(bits.bit_length()) if bits >> at & 1)


@functools.lru_cache(maxsize=8)
def families(folder: Path, of_text: bool = False) -> Families:
    """The families in a beat's folder; none where it has no such file.

    `of_text` adds those that are told in a text and too common to tell anything in a headline.
    """
    path = folder / FILE
    exact: dict[str, int] = {}
    prefixes: dict[str, int] = {}
    names: list[str] = []
    if path.exists():
        root = Marked.load(path).only("version", "families", "families_of_text", "described_by")
        given = [root["families"]]
        if of_text and "families_of_text" in root:
            given.append(root["families_of_text"])
        for part in given:
            for family in dict(part.items()):
                bit = 1 << len(names)
                names.append(family)
                for word in part.strings(family):
                    place = prefixes if word.endswith("*") else exact
                    bare = word.rstrip("*").lower()
                    place[bare] = place.get(bare, 0) | bit
    lengths = [len(word) for word in prefixes]
    return Families(tuple(names), exact, prefixes, min(lengths, default=1), max(lengths, default=0))


def described_by(folder: Path) -> tuple[str, ...]:
    """The axes whose classes say what is on the beat; () where the beat does not tell."""
    path = folder / FILE
    root = Marked.load(path) if path.exists() else None
    return root.strings("described_by") if root is not None and "described_by" in root else ()


def of_word(word: str) -> list[int]:
    """The features of a word by itself: the word, its stem, and pieces of four letters."""
    found = [name("w", word), name("s", stem(word))]
    if len(word) > 4:
        edged = f"^{word}$"
        found += [piece(edged[at : at + 4]) for at in range(len(edged) - 3)]
    return found


# There are some thousand, each asked for often.
_of_family = functools.lru_cache(maxsize=10_000)(name)


def of_families(bits: int, kinds: Families) -> list[int]:
    """The features of the families that occur in a text: each, and each two together."""
    present = kinds.named(bits)
    found = [_of_family("f", family) for family in present]
    found += [
        _of_family("ff", f"{first}+{second}")
        for at, first in enumerate(present)
        for second in present[at + 1 :]
    ]
    return found


def of_neighbours(left: int, right: int, kinds: Families) -> list[int]:
    """The features of two families side by side, in their order."""
    return [_of_family("fn", f"{a}>{b}") for a in kinds.named(left) for b in kinds.named(right)]


def kinds_of(words: Iterable[str], kinds: Families) -> Iterator[tuple[str, int]]:
    """All features of a text but those of its phrases, each with its kind, as often as it occurs.

    The kinds: w a word, s its stem, c a piece of it, b two neighbouring stems, f a family, ff two
    families in one text, fn two families side by side.
    """
    everything = before = before_bits = 0
    for word in words:
        first, root, *pieces = of_word(word)
        yield "w", first
        yield "s", root
        for piece in pieces:
            yield "c", piece
        bits = kinds.of(word)
        if before:
            yield "b", pair(before, root)
            if bits and before_bits:
                for key in of_neighbours(before_bits, bits, kinds):
                    yield "fn", key
        before, before_bits = root, bits
        everything |= bits
    present = kinds.named(everything)
    for at, key in enumerate(of_families(everything, kinds)):
        yield ("f" if at < len(present) else "ff"), key
