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
_BETWEEN = rb"(?:[ \t\r\n\-\xa0]|\xc2\xa0|\xe2\x80[\x90\x91\xaf]|&nbsp;|&#160;)+"
# The same as literals: what may begin such a run and cannot end a common word, so that the word and it
# are rare together; and the two that can, which need what comes behind them.
_RARE: tuple[bytes, ...] = (b"\n", b"\r", b"\t", b"\xa0", b"\xc2\xa0", b"&nbsp;", b"&#160;")
_RARE += (b"\xe2\x80\x90", b"\xe2\x80\x91", b"\xe2\x80\xaf")
_COMMON = (b" ", b"-")
_SECOND = (*_COMMON, b"\n", b"\r", b"\t", b"\xa0", b"\xc2", b"\xe2", b"&")
# The last bytes of what may stand before the last blank of a run.
_LAST_BUT_ONE = (
    *_COMMON,
    b"\n",
    b"\r",
    b"\t",
    b"\xa0",
    b"\x90",
    b"\x91",
    b"\xaf",
    b";",
)
# Charsets of Chinese pages (WHATWG Encoding Standard): the same words have other bytes in each.
_OLD_HAN = ("big5hkscs", "gb18030")
_UTF8 = re.compile(rb"charset\s*=\s*[\"']?\s*utf-?8", re.IGNORECASE)
_HEAD = 4_000  # bytes in which a page says its charset
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
        # Apart, since so many short literals take a fifth of the speed, and few pages need them.
        old = tuple(dict.fromkeys(patterns_of_old_charsets(beat)))
        self._old = compiled(old, self.engine)[1] if old else None

    def look(self, body: bytes) -> Look:
        """Whether any phrase of the beat may stand in these bytes, and where the headlines do."""
        if _wide(body):
            return Look(True)
        seen = self._look(body)
        if not seen.opens and self._old is not None and not _says_utf8(body[:_HEAD]):
            return Look(self._old(body).opens, seen.marks)
        return seen

    def opens(self, body: bytes) -> bool:
        """Whether any phrase of the beat may stand in these bytes."""
        return self.look(body).opens


def _wide(body: bytes) -> bool:
    """UTF-16 and UTF-32 cannot be searched by bytes: such pages (one in 100,000) go on."""
    return body[:2] in (b"\xff\xfe", b"\xfe\xff") or body[:200].count(b"\x00") > 20


def _says_utf8(head: bytes) -> bool:
    """Whether a page that begins so is in UTF-8, as it says: then no old charset is looked for."""
    if not _UTF8.search(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # a letter that was cut at the end
    return True


def patterns(beat: Beat) -> Iterator[Pattern]:
    """The patterns of a beat's anchors, for pages in UTF-8 or in a charset that shares ASCII's bytes.

    A phrase with a free-standing star is left out: its sides are common words ("children * Instagram"),
    and the headline, which is judged on every page, speaks for such a page. So is a phrase that holds
    another one: where "traffick* victims" stands, "traffick*" does.
    """
    spaced: dict[tuple[str, ...], bool] = {}
    for language, rule in rules(beat):
        if rule.kind not in KINDS:
            continue
        for phrase in _phrases(rule.phrase):
            if language.split("-")[0] in UNSPACED:
                yield from _unspaced(phrase, "utf-8")
                continue
            words = tuple(_WORD.findall(normal(phrase, fold=not rule.capitals).text.strip()))
            if words and (len(words) > 1 or rule.capitals or len(words[0].rstrip("*")) >= SINGLE):
                spaced[words] = rule.capitals
    for words, capitals in spaced.items():
        if capitals or not _holds_another(words, spaced):
            yield _pattern(words, capitals)


def patterns_of_old_charsets(beat: Beat) -> Iterator[Pattern]:
    """The Chinese anchors in the charsets that came before UTF-8."""
    for language, rule in rules(beat):
        if rule.kind in KINDS and language.split("-")[0] == "zh":
            for phrase in _phrases(rule.phrase):
                yield from _unspaced(phrase, *_OLD_HAN)


def _phrases(given: str) -> Iterator[str]:
    for phrase in expand(given):
        if not re.search(r"(?:^|\s)\*,?(?:\s|$)", phrase):
            yield phrase


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
    # Two neighbours, by the longer of the two: where both are short, as in "as a", they are common.
    pairs = [
        (max(len(one), len(two.rstrip("*"))), -at, one, two.rstrip("*"))
        for at, (one, two) in enumerate(pairwise(words))
        if not any(sign in one + two[:-1] for sign in "'*")
    ]
    bare = max((part for word in words for part in word.rstrip("*").split("'")), key=len)
    if pairs and (max(pairs)[0] >= SHORT or len(bare) <= SHORT):
        _, before, one, two = max(pairs)
        first = len(one) >= len(two)
        literals = (_beginnings if first else _endings)(one.encode(), two.encode())
        return Pattern(regex, tuple(literals), inside=before < 0 or not first, capitals=capitals)
    return Pattern(regex, (bare.encode(),), inside=len(words) > 1, capitals=capitals)


def _beginnings(first: bytes, second: bytes) -> Iterator[bytes]:
    """The literals of which one must stand where two words follow on each other, by the first.

    Literals of fewer than six bytes are a third of the cost of the gate: so the longer word is in each.
    """
    for sign in _COMMON:
        yield first + sign + second
        for then in _SECOND:
            yield first + sign + then
    for sign in _RARE:
        yield first + sign


def _endings(first: bytes, second: bytes) -> Iterator[bytes]:
    """The same by the second word, where that is longer."""
    for sign in _COMMON:
        yield first + sign + second
        for before in _LAST_BUT_ONE:
            yield before + sign + second
    for sign in _RARE:
        yield sign + second


def _unspaced(phrase: str, *charsets: str) -> Iterator[Pattern]:
    best = phrase.strip()
    if len(best) < 2:
        return
    made = []
    if "utf-8" in charsets:
        made += [
            "".join(form.format(ord(letter)) for letter in best).encode()
            for form in ("&#{};", "&#x{:x};", "&#x{:X};")
        ]
    for charset in charsets:
        with contextlib.suppress(UnicodeEncodeError):
            made.append(best.encode(charset))
    for one in dict.fromkeys(made):
        yield Pattern(re.escape(one), (one,), sure=True)
