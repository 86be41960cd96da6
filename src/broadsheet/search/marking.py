"""Where in a text the words of a search stand: for marking them, and for cutting out what shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

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
    wanted = _wanted(tuple(asked))
    folded = words.in_place(text)
    if folded is None:
        return _joined(list(_slowly(text, wanted)))
    found = [(at, at + len(piece)) for piece in wanted.unspaced for at in _every(folded, piece)]
    for start in wanted.starts:
        for at in _every(folded, start):
            run = words.word_at(folded, at)
            if run and wanted.is_met_by(run):
                found.append((at, at + len(run)))
    return _joined(found)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for: whole words, beginnings of words, and pieces of unspaced runs."""

    exact: frozenset[str]
    begins: tuple[str, ...]
    unspaced: tuple[str, ...]

    @property
    def starts(self) -> tuple[str, ...]:
        return (*self.exact, *self.begins)

    def is_met_by(self, run: str) -> bool:
        return run[: words.LONGEST] in self.exact or run.startswith(self.begins)


@lru_cache(maxsize=64)  # one search marks the headings and texts of a page
def _wanted(asked: tuple[Text, ...]) -> _Wanted:
    exact: dict[str, None] = {}
    begins: list[str] = []
    unspaced: list[str] = []
    for text in asked:
        for spelt in spellings(text):
            for n, run in enumerate(spelt.runs):
                if words.unspaced(run[0]):
                    unspaced.append(run[0] + "".join(token[1:] for token in run[1:]))
                    continue
                last = spelt.prefix and n == len(spelt.runs) - 1
                exact |= dict.fromkeys(run[:-1] if last else run)
                if last:
                    begins.append(run[-1])
    return _Wanted(frozenset(exact), tuple(begins), tuple(unspaced))


def _slowly(text: str, wanted: _Wanted) -> Iterator[Span]:
    """Word by word, for a text that does not keep its characters in their places when it is folded."""
    for start, end in words.places(text):
        run = words.folded(text[start:end])
        if words.unspaced(run[:1]):
            if len(run) == end - start:
                for piece in wanted.unspaced:
                    for at in _every(run, piece):
                        yield start + at, start + at + len(piece)
        elif wanted.is_met_by(run):
            yield start, end


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


def as_html(parts: Iterable[Part]) -> SafeString:
    """Pieces as HTML, what was found in `mark`. A page of finds has hundreds, and a template takes ten
    times as long over each."""
    said = (
        f"<mark>{escape(one.words)}</mark>" if one.found else escape(one.words) for one in parts
    )
    return mark_safe("".join(said))  # noqa: S308 -- every piece is escaped


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
