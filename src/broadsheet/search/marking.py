"""Where in a text the words of a search stand: for marking them, and for cutting out what shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from broadsheet.search import words
from broadsheet.search.asking import spellings
from broadsheet.search.grammar import Text

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text; `found` where it is what was looked for."""

    words: str
    found: bool = False


def spans(text: str, asked: Iterable[Text]) -> list[Span]:
    """Where the words of a search stand in a text, in code points, in order and apart."""
    exact, begins, unspaced = _wanted(asked)
    found: list[Span] = []
    for start, end in words.places(text):
        run = words.folded(text[start:end])
        if words.unspaced(run[:1]):
            if len(run) == end - start:  # folding kept each character in its place
                found += [
                    (start + at, start + at + len(piece))
                    for piece in unspaced
                    for at in _every(run, piece)
                ]
        elif run[: words.LONGEST] in exact or run.startswith(begins):
            found.append((start, end))
    return _joined(found)


def _wanted(asked: Iterable[Text]) -> tuple[set[str], tuple[str, ...], list[str]]:
    exact: set[str] = set()
    begins: list[str] = []
    unspaced: list[str] = []
    for text in asked:
        for spelt in spellings(text):
            for n, run in enumerate(spelt.runs):
                if words.unspaced(run[0]):
                    unspaced.append(run[0] + "".join(token[1:] for token in run[1:]))
                    continue
                last = spelt.prefix and n == len(spelt.runs) - 1
                exact.update(run[:-1] if last else run)
                if last:
                    begins.append(run[-1])
    return exact, tuple(begins), unspaced


def _every(run: str, piece: str) -> Iterable[int]:
    at = run.find(piece)
    while at >= 0:
        yield at
        at = run.find(piece, at + 1)


def _joined(found: list[Span]) -> list[Span]:
    out: list[Span] = []
    for start, end in sorted(found):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def marked(text: str, asked: Sequence[Text]) -> list[Part]:
    """The whole text in pieces."""
    return _cut(text, 0, len(text), spans(text, asked))


def snippet(text: str, asked: Sequence[Text], length: int = 240) -> list[Part]:
    """About `length` characters of a text around the place with most of what was asked, in pieces.

    The beginning, where nothing of it stands there. Cut at blanks, with an ellipsis where it was cut.
    """
    text = " ".join(text.split())
    found = spans(text, asked)
    if len(text) <= length:
        return _cut(text, 0, len(text), found)
    start = max((s for s, _e in found), key=lambda at: _held(found, at, length), default=0)
    start = max(0, min(start - length // 5, len(text) - length))
    if start:
        blank = text.find(" ", start, start + 25)
        start = blank + 1 if blank >= 0 else start
    end = min(len(text), start + length)
    if end < len(text):
        blank = text.rfind(" ", end - 25, end)
        end = blank if blank > start else end
    parts = _cut(text, start, end, found)
    before = [Part("… ")] if start else []
    after = [Part(" …")] if end < len(text) else []
    return [*before, *parts, *after]


def _held(found: Sequence[Span], start: int, length: int) -> int:
    return sum(start <= s and e <= start + length for s, e in found)


def _cut(text: str, start: int, end: int, found: Sequence[Span]) -> list[Part]:
    out: list[Part] = []
    at = start
    for first, last in found:
        here, there = max(first, start), min(last, end)
        if here >= there:
            continue
        if here > at:
            out.append(Part(text[at:here]))
        out.append(Part(text[here:there], found=True))
        at = there
    if at < end:
        out.append(Part(text[at:end]))
    return out
