"""What of the beat stands in a page's raw bytes: the question that is asked of every page.

A page that holds no phrase of the beat anywhere, not in its scripts and not in its menu, needs no
look at its text. A pattern asks less than the phrase does (a blank may be any of the things that stand
for one between two words in HTML), so the gate lets through too much and never too little. Who runs
the patterns: engines.py.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from broadsheet.wire.beat import Beat
from broadsheet.wire.phrases import UNSPACED, expand, rules
from broadsheet.wire.scan.engines import Engine, Look, Pattern, compiled
from broadsheet.wire.text import normal

# What may stand between two words of a phrase in HTML: blanks, hyphens, their entities and bytes.
_BETWEEN = rb"(?:[\s\-\xa0]|\xc2\xa0|\xe2\x80[\x90\x91\xaf]|&nbsp;|&#160;)+"
# The same as literals: what may begin such a run and cannot end a common word, so that the word and it
# are rare together; and the two that can, which need what comes behind them.
_RARE: tuple[bytes, ...] = (
    b"\n",
    b"\r",
    b"\t",
    b"\f",
    b"\v",
    b"\xa0",
    b"\xc2\xa0",
    b"&nbsp;",
    b"&#160;",
)
_RARE += (b"\xe2\x80\x90", b"\xe2\x80\x91", b"\xe2\x80\xaf")
_COMMON = (b" ", b"-")
_SECOND = (*_COMMON, b"\n", b"\r", b"\t", b"\f", b"\v", b"\xa0", b"\xc2", b"\xe2", b"&")
# Charsets of Chinese pages (WHATWG Encoding Standard): the same words have other bytes in each.
_HAN = ("utf-8", "big5hkscs", "gb18030")
_QUOTE = rb"(?:'|\xe2\x80\x99|\x92|&(?:rsquo|apos|#39|#x27|#8217|#x2019);)"
_WORD = re.compile(r"\w+(?:'\w+)*\*?")
# A single word of the beat opens the gate only where it is long: "raped", "sold" stand on every page.
SINGLE = 6  # letters
SHORT = 3  # letters of a word that is common even beside another
# With the phrases of the classes too there are 3,900 patterns: 18 to 90 seconds to compile, and a
# third of the speed, for pages that the headline finds as well.
KINDS = ("anchor", "abbreviation")


class Gate:
    """The compiled gate of a beat. Not to be shared between threads: hyperscan's scratch is not."""

    def __init__(self, beat: Beat, engine: Engine | None = None) -> None:
        self.engine, self._look = compiled(tuple(dict.fromkeys(patterns(beat))), engine)

    def look(self, body: bytes) -> Look:
        """Whether any phrase of the beat may stand in these bytes, and where the headlines do."""
        return Look(True) if _wide(body) else self._look(body)

    def opens(self, body: bytes) -> bool:
        """Whether any phrase of the beat may stand in these bytes."""
        return self.look(body).opens


def _wide(body: bytes) -> bool:
    """UTF-16 and UTF-32 cannot be searched by bytes: such pages (one in 100,000) go on."""
    return body[:2] in (b"\xff\xfe", b"\xfe\xff") or body[:200].count(b"\x00") > 20


def patterns(beat: Beat) -> Iterator[Pattern]:
    """The patterns of a beat's anchors.

    A phrase with a free-standing star is left out: its sides are common words ("children * Instagram"),
    and the headline, which is judged on every page, speaks for such a page. So is a phrase that holds
    another one: where "traffick* victims" stands, "traffick*" does.
    """
    spaced: dict[tuple[str, ...], bool] = {}
    for language, rule in rules(beat):
        if rule.kind not in KINDS:
            continue
        for phrase in expand(rule.phrase):
            if re.search(r"(?:^|\s)\*,?(?:\s|$)", phrase):
                continue
            if language.split("-")[0] in UNSPACED:
                yield from _unspaced(phrase)
                continue
            words = tuple(_WORD.findall(normal(phrase, fold=not rule.capitals).text.strip()))
            if words and (len(words) > 1 or rule.capitals or len(words[0].rstrip("*")) >= SINGLE):
                spaced[words] = rule.capitals
    for words, capitals in spaced.items():
        if capitals or not _holds_another(words, spaced):
            yield _pattern(words, capitals)


def _holds_another(words: tuple[str, ...], others: Mapping[tuple[str, ...], bool]) -> bool:
    """Whether a shorter phrase stands in this one, word for word, or with its last word cut."""
    for first in range(len(words)):
        for end in range(first + 1, len(words) + 1):
            part = words[first:end]
            if part != words and others.get(part) is False:
                return True
            bare = part[-1].rstrip("*")
            for length in range(4, len(bare) + 1):
                cut = (*part[:-1], bare[:length] + "*")
                if cut != words and others.get(cut) is False:
                    return True
    return False


def _pattern(words: tuple[str, ...], capitals: bool) -> Pattern:
    made = _BETWEEN.join(
        _QUOTE.join(re.escape(part.encode()) for part in word.rstrip("*").split("'"))
        + (rb"\w*" if word.endswith("*") and word is not words[-1] else b"")
        for word in words
    )
    end = b"" if words[-1].endswith("*") else rb"\b"
    regex = (b"" if capitals else b"(?i)") + rb"\b" + made + end
    # The neighbours whose first is the longest; where it is short, as "as a", the two are common.
    pairs = [
        (len(one), at, one, two.rstrip("*"))
        for at, (one, two) in enumerate(pairwise(words))
        if not any(sign in one + two[:-1] for sign in "'*")
    ]
    bare = max((part for word in words for part in word.rstrip("*").split("'")), key=len)
    if pairs and (max(pairs)[0] >= SHORT or len(bare) <= SHORT):
        _, at, one, two = max(pairs)
        literals = tuple(_beginnings(one.encode(), two.encode()))
        return Pattern(regex, literals, inside=at > 0, capitals=capitals)
    return Pattern(regex, (bare.encode(),), inside=len(words) > 1, capitals=capitals)


def _beginnings(first: bytes, second: bytes) -> Iterator[bytes]:
    """The literals of which one must stand where two words follow on each other."""
    for sign in _COMMON:
        yield first + sign + second
        for then in _SECOND:
            yield first + sign + then
    for sign in _RARE:
        yield first + sign


def _unspaced(phrase: str) -> Iterator[Pattern]:
    best = phrase.strip()
    if len(best) < 2:
        return
    made = [
        "".join(form.format(ord(letter)) for letter in best).encode()
        for form in ("&#{};", "&#x{:x};", "&#x{:X};")
    ]
    for charset in _HAN:
        with contextlib.suppress(UnicodeEncodeError):
            made.append(best.encode(charset))
    for one in dict.fromkeys(made):
        yield Pattern(re.escape(one), (one,), sure=True)
