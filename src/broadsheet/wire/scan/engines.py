"""The gate's patterns, run on raw bytes: by Hyperscan and RE2 together, or by RE2 alone.

Hyperscan is five times as fast on plain literals as on patterns with word bounds and runs of blanks.
So it looks for the literals that each pattern cannot do without, and RE2 decides about the bytes around
each. Where Hyperscan has no wheel, RE2 looks at the whole page: slower, the same finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from broadsheet.wire.errors import WireError

Engine = Literal["hyperscan", "re2"]

# Where a page names its headlines, in the order in which they are believed.
MARKS = (b"og:title", b"<h1", b"<title")
_MARKS = tuple(re.compile(mark, re.IGNORECASE) for mark in MARKS)
BEFORE, AFTER = 100, 400  # bytes around a literal that its pattern may take


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression on bytes, and the literals of which one stands in all that it matches.

    sure    the literal is the pattern: nothing is left to be decided
    inside  the literal may stand anywhere in it, not at its beginning
    capitals  letters are matched as they are
    """

    regex: bytes
    literals: tuple[bytes, ...]
    sure: bool = False
    inside: bool = False
    capitals: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """Whether a phrase may stand in a page; and where each of MARKS stands first, -1 for nowhere.

    `marks` is None where nobody looked for them.
    """

    opens: bool
    marks: tuple[int, ...] | None = None


def marks(body: bytes) -> tuple[int, ...]:
    """Where each of MARKS stands first."""
    return tuple(found.start() if (found := mark.search(body)) else -1 for mark in _MARKS)


def compiled(
    given: Sequence[Pattern], engine: Engine | None
) -> tuple[Engine, Callable[[bytes], Look]]:
    """The patterns, ready; by the `engine` asked for or the fastest that is installed."""
    try:
        decide = _re2([one.regex for one in given])
    except ImportError as error:
        raise WireError(
            "Scanning needs google-re2, which is not installed",
            at="scan",
            hint="pip install 'broadsheet[scan]'",
        ) from error
    if engine != "re2":
        try:
            return "hyperscan", _hyperscan(given, decide)
        except ImportError:
            if engine:
                raise

    def look(body: bytes) -> Look:
        return Look(decide(body), marks(body))

    return "re2", look


def _hyperscan(
    given: Sequence[Pattern], decide: Callable[[bytes], bool]
) -> Callable[[bytes], Look]:
    import hyperscan

    # literal -> the bytes before its end that are looked at; 0 where it is sure
    starts: dict[bytes, int] = {}
    exact: set[bytes] = set()
    for one in given:
        if one.sure or one.capitals:
            exact.update(one.literals)
        for literal in one.literals:
            before = 0 if one.sure else len(literal) + 1 + (BEFORE if one.inside else 0)
            starts[literal] = max(before, starts.get(literal, 0))
    literals = (*MARKS, *starts)
    reach = (*(len(mark) for mark in MARKS), *starts.values())
    many = len(MARKS)
    database = hyperscan.Database()
    database.compile(
        expressions=[re.escape(literal) for literal in literals],
        flags=[
            (0 if literal in exact else hyperscan.HS_FLAG_CASELESS)
            | (hyperscan.HS_FLAG_SINGLEMATCH if at < many or not reach[at] else 0)
            for at, literal in enumerate(literals)
        ],
        ids=list(range(len(literals))),
    )

    def found(at: int, _: int, end: int, __: int, state: Any) -> bool:
        body, places = state
        if at < many:
            places[at] = end - reach[at]
        elif len(places) == many and (
            reach[at] == 0 or decide(body[max(0, end - reach[at]) : end + AFTER])
        ):
            places.append(1)
        return False  # to go on for the marks costs less than to look for them afterwards

    def look(body: bytes) -> Look:
        places = [-1] * many
        database.scan(body, match_event_handler=found, context=(body, places))
        return Look(len(places) > many, tuple(places[:many]))

    return look


def _re2(given: Sequence[bytes]) -> Callable[[bytes], bool]:
    import re2

    options: Any = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    options.dot_nl = True
    options.log_errors = False
    options.max_mem = 512 << 20
    made = re2.compile(b"|".join(b"(?:" + one + b")" for one in given), options)

    def decide(body: bytes) -> bool:
        return made.search(body) is not None

    return decide
