"""The parts of a text where rules are silent or quieter: names, titles, addresses, quotations.

All spans are of the normalised text (`text.normal`), where quotation marks are straight.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from broadsheet.wire import text as texts
from broadsheet.wire.errors import BeatError

Span = tuple[int, int]


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of the beat, case aside. BeatError where it is none."""
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise BeatError(
            f"The regular expression {pattern!r} does not compile: {error}", at="language.yaml"
        ) from error


def inside(start: int, end: int, spans: Iterable[Span]) -> bool:
    return any(a <= start and end <= b for a, b in spans)


# --- names --------------------------------------------------------------------------------------

# Words in capitals, joined by the small words that stand in names. No comma: lists are no names.
_LINKS = "of|and|the|to|for|in|on|against|with|or|by|from|at"
_RUN = re.compile(rf"\b[A-Z][\w'-]*(?: (?:(?:{_LINKS}|&) ){{0,3}}(?:[A-Z][\w'-]*|\d{{4}}))+")
_SMALL_SECOND = re.compile(rf"[A-Z][\w'-]* (?:(?:{_LINKS}) )+")
_LONG_WORD = re.compile(r"\b[^\W\d_]{4,}\b")


@dataclass(frozen=True, slots=True)
class Names:
    """Names that are printed as they are: a list, and words that make a run of capitals a name."""

    listed: re.Pattern[str] | None
    kinds: re.Pattern[str] | None

    @classmethod
    def of(cls, names: Iterable[str], kinds: Iterable[str]) -> Names:
        return cls(_alternation(names), _alternation(kinds))


def _alternation(words: Iterable[str]) -> re.Pattern[str] | None:
    plain = sorted({texts.normal(w).text for w in words if w.strip()}, key=len, reverse=True)
    if not plain:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, plain))})(?!\w)")


def names(words: str, known: Names, more: Iterable[str] = ()) -> list[Span]:
    """The spans of official names: those on a list, and runs of capitals with a word such as "Act".

    In a line set in title case every word has a capital, so that only the lists count there.
    """
    found: list[Span] = []
    for listed in (known.listed, _alternation(more)):
        if listed is not None:
            found += [match.span() for match in listed.finditer(words)]
    if known.kinds is None:
        return found
    for line in re.finditer(r"[^\n]+", words):
        if _title_case(line.group()):
            continue
        for run in _RUN.finditer(words, *line.span()):
            start = run.start()
            small = _SMALL_SECOND.match(words, start, run.end())
            # "Rescued by the Marine Police": the capital is the sentence's, not the name's.
            if small and _begins(words, start) and not known.kinds.match(words, start):
                start = small.end()
            if " " in words[start : run.end()] and known.kinds.search(words, start, run.end()):
                found.append((start, run.end()))
    return found


def _begins(words: str, start: int) -> bool:
    before = words[:start].rstrip(" \"'(*")
    return not before or before[-1] in ".!?:\n"


def _title_case(line: str) -> bool:
    long = _LONG_WORD.findall(line)
    if line.rstrip().endswith((".", "!")):
        return False  # a sentence, however many names it has
    return len(long) >= 4 and sum(w[0].isupper() for w in long) / len(long) > 0.7


# --- addresses ----------------------------------------------------------------------------------

_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s)\]>\"]+|(?<=\]\()[^)\s]+(?=\))")


@lru_cache(maxsize=8)
def addresses(words: str) -> tuple[Span, ...]:
    """Web addresses, also those of Markdown's links."""
    return tuple(match.span() for match in _ADDRESS.finditer(words))


# --- quotations ---------------------------------------------------------------------------------

_NEAR = 90  # characters on each side of a quotation in which its speaker is looked for
_DOUBLE = re.compile(r'"([^"\n]+)"')
_SINGLE = re.compile(r"(?<![\w'])'(?=\S)((?:[^'\n]|'(?=\w))+)'(?!\w)")
_EMPHASIS = re.compile(r"(?<![\w*\\])([*_])(?=\S)([^*_\n]+)(?<=\S)\1(?![\w*])")


@dataclass(frozen=True, slots=True)
class Quote:
    """What stands between quotation marks.

    spoken  a verb of speaking stands beside it
    by_survivor  the words beside it name a survivor as the speaker
    title   it is set like the title of a work, so it is a name
    """

    start: int
    end: int
    spoken: bool
    by_survivor: bool
    title: bool


@dataclass(frozen=True, slots=True)
class Speech:
    """The words around a quotation that say whose it is."""

    verbs: re.Pattern[str] | None
    survivors: re.Pattern[str] | None
    itself: re.Pattern[str] | None
    first_person: re.Pattern[str] | None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Speech:
        def made(key: str) -> re.Pattern[str] | None:
            return compiled(given[key]) if given.get(key) else None

        return cls(made("verbs"), made("survivors"), made("itself"), made("first_person"))


def quotes(words: str, speech: Speech) -> list[Quote]:
    found: list[Quote] = []
    if '"' not in words and "'" not in words and "*" not in words and "_" not in words:
        return found
    for pattern, group in ((_DOUBLE, 1), (_SINGLE, 1), (_EMPHASIS, 2)):
        earlier = sorted(found, key=_start)
        for match in pattern.finditer(words):
            start, end = match.span(group)
            if holding(start, end, earlier):
                continue
            title = _is_title(words[start:end])
            if pattern is _EMPHASIS:
                if title:
                    found.append(Quote(start, end, spoken=False, by_survivor=False, title=True))
                continue
            around = _around(words, match.start(), match.end())
            spoken = bool(speech.verbs and speech.verbs.search(around))
            by = bool(spoken and speech.survivors and speech.survivors.search(around))
            found.append(Quote(start, end, spoken, by, title and not spoken))
    return sorted(found, key=_start)


def _start(quote: Quote) -> int:
    return quote.start


def holding(start: int, end: int, quotes: Sequence[Quote]) -> Quote | None:
    """The quotation, of those in order, that holds a span. Few overlap, so the nearest three are asked."""
    at = bisect.bisect_right(quotes, start, key=_start)
    return next((q for q in reversed(quotes[max(0, at - 3) : at]) if end <= q.end), None)


def _around(words: str, start: int, end: int) -> str:
    """The words beside a quotation in its paragraph, without those of other quotations."""
    before = words[max(words.rfind("\n", 0, start) + 1, start - _NEAR) : start]
    stop = words.find("\n", end)
    after = words[end : min(stop if stop >= 0 else len(words), end + _NEAR)]
    return _DOUBLE.sub(" ", before) + " | " + _DOUBLE.sub(" ", after)


def _is_title(inner: str) -> bool:
    """Whether words are set like a title: at least two, all the long ones with a capital."""
    words: Sequence[str] = re.findall(r"[^\W\d_][\w'-]*", inner)
    long = [w for w in words if len(w) > 3]
    return (
        len(words) >= 2
        and bool(long)
        and words[0][0].isupper()
        and all(w[0].isupper() for w in long)
    )


def own_words(quote: Quote, words: str, start: int, speech: Speech) -> bool:
    """Whether a match in a quotation is what a person who was harmed says of herself.

    So it is where the words before it say "I was", "we were", or where a survivor speaks and
    speaks of "I", "me", "us".
    """
    if not quote.spoken:
        return False
    said = words[quote.start : quote.end]
    if speech.itself and speech.itself.search(words[quote.start : start]):
        return True
    return bool(quote.by_survivor and speech.first_person and speech.first_person.search(said))
