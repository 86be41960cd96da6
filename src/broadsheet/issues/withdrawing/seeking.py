"""Finding withdrawn words in a text by their keyed hashes, without knowing them.

Words are compared folded, whole, and in their order, whatever stands between them: "Jane Doe" is found in
"JANE  DOE", "jane-doe" and https://paper.example/jane-doe-freed. Each character of Chinese or Thai is a
word of its own. Every run of as many words as a mark counts is hashed and looked up: some microseconds for
a sentence, so that a restored backup is searched in minutes.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from broadsheet.issues import withdrawn
from broadsheet.issues.models import Mark
from broadsheet.search import words

INSTEAD = "[withdrawn]"
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
# As long as the longest headline: what is longer is withdrawn by a part of it, or as an item.
MOST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Token:
    """A word, folded, and where it stands."""

    word: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """The words of a text as marks compare them."""
    out: list[Token] = []
    for start, end in words.places(text):
        run = text[start:end]
        if words.unspaced(run[:1]):
            out += [Token(words.folded(c), start + n, start + n + 1) for n, c in enumerate(run)]
        else:
            out.append(Token(words.folded(run), start, end))
    return out


def joined(some: Iterable[Token]) -> str:
    """Words as they are hashed."""
    return " ".join(token.word for token in some)


class Seeker:
    """Looks for words by their marks: counts of words -> marks."""

    def __init__(self, marks: dict[int, set[str]], plain: Iterable[str] = ()) -> None:
        """`plain` are the same words, folded and joined, where they are known: a text that lacks
        the rarest of their words is then passed over without hashing."""
        self.marks = marks
        self.keys = withdrawn.keys()
        known = [line.split() for line in plain]
        self._needed = [max(line, key=len) for line in known if line]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where withdrawn words stand."""
        if not self.marks or not self._possible(text):
            return []
        there = tokens(text)
        found = []
        for count, marks in self.marks.items():
            for at in range(len(there) - count + 1):
                some = there[at : at + count]
                line = joined(some)
                if any(withdrawn.mark(Mark.Kind.WORDS, line, key) in marks for key in self.keys):
                    found.append((some[0].start, some[-1].end))
        return found

    def _possible(self, text: str) -> bool:
        if not self._needed:
            return True
        folded = words.folded(text)
        if any(word in folded for word in self._needed):
            return True
        # In an address letters may be written as %-escapes.
        return "%" in text and any(word in words.folded(unquote(text)) for word in self._needed)

    def holds(self, text: str) -> bool:
        """Whether withdrawn words stand in a text, also in its addresses as they are written there."""
        return bool(self.spans(text)) or any(
            self.spans(unquote(found.group()))
            for found in _URL.finditer(text)
            if "%" in found.group()
        )

    def in_page(self, body: bytes) -> bool:
        """Whether they stand in a page as it came: as written, and as a reader sees it."""
        text = body.decode("utf-8", "replace")
        return self.holds(text) or self.holds(html.unescape(_TAG.sub("", text)))

    def without(self, text: str) -> str:
        """The text with INSTEAD for withdrawn words; an address that holds them is gone as a whole."""
        gone = [
            found.span()
            for found in _URL.finditer(text)
            if self.spans(found.group())
            or ("%" in found.group() and self.spans(unquote(found.group())))
        ]
        if gone and gone[0] == (0, len(text)):
            return ""
        inside = [
            span
            for span in self.spans(text)
            if not any(start <= span[0] and span[1] <= end for start, end in gone)
        ]
        pieces = [(span, INSTEAD) for span in inside] + [(span, "#") for span in gone]
        out, at = [], 0
        for (start, end), instead in sorted(pieces):
            if start < at:
                at = max(at, end)
                continue
            out += [text[at:start], instead]
            at = end
        return "".join([*out, text[at:]])
