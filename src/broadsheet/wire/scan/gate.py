"""The beat's phrases as one pattern on raw bytes.

A page that holds no phrase of the beat anywhere, not in its scripts and not in its menu, needs no
look at its text. Hyperscan does it where its wheel is installed, google-re2 otherwise: both from the
same patterns, with the same finds. A pattern asks less than the phrase does (a blank may be any of the
things that stand for one between two words in HTML; a free-standing star is dropped with the shorter of
its sides), so the gate lets through too much and never too little.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import WireError
from broadsheet.wire.phrases import UNSPACED, expand, rules
from broadsheet.wire.text import normal

Engine = Literal["hyperscan", "re2"]

# What may stand between two words of a phrase in HTML: blanks, hyphens, their entities and bytes.
_BETWEEN = rb"(?:[\s\-\xa0]|\xc2\xa0|\xe2\x80[\x90\x91\xaf]|&nbsp;|&#160;)+"
# Charsets of Chinese pages (WHATWG Encoding Standard): the same words have other bytes in each.
_HAN = ("utf-8", "big5hkscs", "gb18030")
_QUOTE = rb"(?:'|\xe2\x80\x99|\x92|&(?:rsquo|apos|#39|#x27|#8217|#x2019);)"
_WORD = re.compile(r"\w+(?:'\w+)*\*?")
# A single word of the beat opens the gate only where it is long: "raped", "sold" stand on every page.
SINGLE = 6  # letters


class Gate:
    """The compiled gate of a beat. Not to be shared between threads: hyperscan's scratch is not."""

    def __init__(self, beat: Beat, engine: Engine | None = None) -> None:
        self.patterns = tuple(dict.fromkeys(patterns(beat)))
        self.engine, self._opens = _compiled(self.patterns, engine)

    def opens(self, body: bytes) -> bool:
        """Whether any phrase of the beat may stand in these bytes."""
        return self._opens(body) or _wide(body)


def _wide(body: bytes) -> bool:
    """UTF-16 and UTF-32 cannot be searched by bytes: such pages (one in 100,000) go on."""
    return body[:2] in (b"\xff\xfe", b"\xfe\xff") or body[:200].count(b"\x00") > 20


KINDS = ("anchor", "abbreviation")


def patterns(beat: Beat) -> Iterator[bytes]:
    """The patterns of a beat's anchors and of what its classes call strong.

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


def _pattern(words: tuple[str, ...], capitals: bool) -> bytes:
    made = _BETWEEN.join(
        _QUOTE.join(re.escape(part.encode()) for part in word.rstrip("*").split("'"))
        + (rb"\w*" if word.endswith("*") and word is not words[-1] else b"")
        for word in words
    )
    end = b"" if words[-1].endswith("*") else rb"\b"
    return (b"" if capitals else b"(?i)") + rb"\b" + made + end


def _unspaced(phrase: str) -> Iterator[bytes]:
    best = phrase.strip()
    if len(best) < 2:
        return
    for charset in _HAN:
        try:
            yield re.escape(best.encode(charset))
        except UnicodeEncodeError:
            continue
    for form in ("&#{};", "&#x{:x};", "&#x{:X};"):
        yield re.escape("".join(form.format(ord(letter)) for letter in best).encode())


def _compiled(
    found: tuple[bytes, ...], engine: Engine | None
) -> tuple[Engine, Callable[[bytes], bool]]:
    if engine in (None, "hyperscan"):
        try:
            return "hyperscan", _hyperscan(found)
        except ImportError:
            if engine:
                raise
    try:
        return "re2", _re2(found)
    except ImportError as error:
        raise WireError(
            "Scanning needs google-re2 or hyperscan, and neither is installed",
            at="scan",
            hint="pip install 'broadsheet[scan]'",
        ) from error


def _hyperscan(found: Iterable[bytes]) -> Callable[[bytes], bool]:
    import hyperscan

    base = hyperscan.HS_FLAG_SINGLEMATCH | hyperscan.HS_FLAG_DOTALL
    given, flags = [], []
    for pattern in found:
        folded = pattern.startswith(b"(?i)")
        given.append(pattern.removeprefix(b"(?i)"))
        flags.append(base | (hyperscan.HS_FLAG_CASELESS if folded else 0))
    database = hyperscan.Database()
    database.compile(expressions=given, flags=flags, ids=list(range(len(given))))

    def stop(*_: Any) -> bool:
        return True  # the first find is enough

    def opens(body: bytes) -> bool:
        try:
            database.scan(body, match_event_handler=stop)
        except hyperscan.ScanTerminated:
            return True
        return False

    return opens


def _re2(found: Iterable[bytes]) -> Callable[[bytes], bool]:
    import re2

    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    options.dot_nl = True
    options.log_errors = False
    options.max_mem = 512 << 20
    made = re2.compile(b"|".join(b"(?:" + one + b")" for one in found), options)

    def opens(body: bytes) -> bool:
        return made.search(body) is not None

    return opens
