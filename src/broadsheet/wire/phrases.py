"""A beat's phrases, compiled once, found in one pass over a text.

The notation (docs/beat.md): `{a|b}` alternatives, `word*` any ending, a free-standing ` * ` up to
four words between, and a space stands for a space, a hyphen or a no-break space. Quotation marks in
the text are passed over; upper and lower case are alike, except that a phrase of one word in
capitals (`CITES`, `TIP`) wants capitals. In scripts that set no blanks between words (Chinese,
Japanese, Thai ...) a phrase is found as it stands, and ` * ` means up to eight characters of the
same sentence.

All phrases hang in one trie whose edges are words, so the cost grows with the length of the text
and not with the number of phrases: 2,100 phrases cost what 100 would.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from broadsheet.wire.beat import Beat
from broadsheet.wire.text import Normal, normal

Kind = Literal["anchor", "strong", "weak", "near_miss", "include_if"]

GAP = 4  # words that a free-standing star may stand for
GAP_CHARACTERS = 8  # the same for scripts without blanks
# ISO 639-1 of languages written without blanks between words
UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my", "yue"})

# "chat 's" and dates apart, an apostrophe belongs to a word only inside it
_SPLIT = re.compile(r"(\w+(?:'\w+)*)")
_SENTENCE_END = re.compile(r"[.!?][\"')\]]*\s+(?=[\"'(\[]?[^a-z\s])|[。！？!?][」』”）)]*|\n\s*")
_NO_BLANKS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"
)
# Then the memory of words begins anew: some 6 MB. Names make a month of 156 sources hold 200,000 words,
# nearly all of them met once; the rest is back after a few texts.
_CACHED_WORDS = 30_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found. `start` and `end` are code points in the text as given, `text[start:end]`.

    kind    anchor; strong or weak (of a class); near_miss; include_if (what turns a near miss
            into our beat)
    code    the class's code; "anchor" for an anchor
    axis    the class's axis; "" for an anchor
    phrase  the words as they stand in the text
    rule    the phrase of the beat that found them
    """

    kind: Kind
    code: str
    axis: str
    phrase: str
    start: int
    end: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """All that was found in one text. `weak` holds every weak hit, whether or not an anchor is near."""

    text: str
    anchors: tuple[Hit, ...] = ()
    strong: tuple[Hit, ...] = ()
    weak: tuple[Hit, ...] = ()
    near_miss: tuple[Hit, ...] = ()
    include_if: tuple[Hit, ...] = ()

    def classes(self, near_anchor: bool = True) -> list[Hit]:
        """The hits of classes in the order of the text.

        With `near_anchor` a weak hit counts only with an anchor in its own sentence or in the one
        before or after; without it, every weak hit counts.
        """
        weak: Iterable[Hit] = self.weak
        if near_anchor and self.weak:
            weak = ()
            if self.anchors:
                ends = sentence_ends(self.text)
                where = {bisect_right(ends, hit.start) for hit in self.anchors}
                weak = (
                    hit
                    for hit in self.weak
                    if not where.isdisjoint(
                        range(bisect_right(ends, hit.start) - 1, bisect_right(ends, hit.start) + 2)
                    )
                )
        return sorted((*self.strong, *weak), key=_order)


def _order(hit: Hit) -> tuple[int, int, str]:
    return hit.start, hit.end, hit.code


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: Literal["anchor", "strong", "weak", "near_miss", "include_if", "not", "abbreviation"]
    code: str
    axis: str
    phrase: str
    capitals: bool = False


@dataclass(slots=True)
class _Node:
    """Where a phrase may have got to."""

    next: dict[int, _Node] = field(default_factory=dict)  # class of word -> after a blank
    # After ", " or "/" and the like.
    odd: dict[tuple[str, int], _Node] = field(default_factory=dict)
    gaps: dict[str, _Node] = field(default_factory=dict)  # behind a star, by what stands before it
    rules: list[_Rule] = field(default_factory=list)
    follow: set[int] = field(default_factory=set)  # the keys of `next`


class _Separators(dict[str, str]):
    """What stands between two words, as it counts: blanks and hyphens as " ", quotes as nothing."""

    def __missing__(self, given: str) -> str:
        plain = given.replace('"', "").replace("'", "")
        # A blank line ends a thought, also where no full stop does (headings, lists).
        plain = "\n" if re.search(r"\n\s*\n", plain) else re.sub(r"[\s-]+", " ", plain)
        if len(self) < _CACHED_WORDS:
            self[given] = plain
        return plain


class _Words(dict[str, "tuple[tuple[int, ...], tuple[_Node, ...]] | None"]):
    """For each word that was met: the classes of words it belongs to, and the nodes it may begin."""

    def __init__(self, exact: dict[str, int], prefixes: dict[str, int], root: _Node) -> None:
        super().__init__()
        self._exact, self._prefixes, self._root = exact, prefixes, root
        self._lengths = sorted({len(prefix) for prefix in prefixes})

    def __missing__(self, word: str) -> tuple[tuple[int, ...], tuple[_Node, ...]] | None:
        classes = []
        if word in self._exact:
            classes.append(self._exact[word])
        for length in self._lengths:
            if length > len(word):
                break
            found = self._prefixes.get(word[:length])
            if found is not None:
                classes.append(found)
        begins = tuple(self._root.next[c] for c in classes if c in self._root.next)
        known = (tuple(classes), begins) if classes else None
        if len(self) >= _CACHED_WORDS:
            self.clear()
        self[word] = known
        return known


class Matcher:
    """The phrases of a beat, ready to be found. Make it with `Matcher.of(beat)`, which keeps it."""

    _kept: dict[int, tuple[Beat, Matcher]] = {}

    @classmethod
    def of(cls, beat: Beat) -> Matcher:
        """The beat's matcher, compiled at the first call (some 30 ms) and kept."""
        kept = cls._kept.get(id(beat))
        if kept is None or kept[0] is not beat:
            if len(cls._kept) >= 8:
                cls._kept.clear()
            kept = cls._kept[id(beat)] = (beat, cls(beat))
        return kept[1]

    def __init__(self, beat: Beat) -> None:
        self._root = _Node()
        self._exact: dict[str, int] = {}
        self._prefixes: dict[str, int] = {}
        self._unspaced: dict[str, list[tuple[re.Pattern[str], _Rule]]] = defaultdict(list)
        self._patterns = tuple(
            re.compile(pattern)
            for anchors in beat.taxonomy.anchors.values()
            for pattern in anchors.patterns
        )
        for language, rule in rules(beat):
            if language.split("-")[0] in UNSPACED:
                self._add_unspaced(rule)
            else:
                for phrase in expand(rule.phrase):
                    self._add(phrase, rule)
        self._words = _Words(self._exact, self._prefixes, self._root)
        self._separators = _Separators()
        self._scans: dict[str, Scan] = {}

    def scan(self, text: str) -> Scan:
        """Find everything in one pass. The last texts are remembered, so that judge and tag share it."""
        known = self._scans.get(text)
        if known is None:
            known = self._scan(text)
            if len(self._scans) >= 16:
                self._scans.clear()
            self._scans[text] = known
        return known

    def anchors(self, text: str) -> list[Hit]:
        """What makes the text a candidate at all."""
        return list(self.scan(text).anchors)

    def classes(self, text: str, near_anchor: bool = True) -> list[Hit]:
        """The phrases of the classes; see `Scan.classes`."""
        return self.scan(text).classes(near_anchor)

    def near_miss(self, text: str) -> list[Hit]:
        """The phrases of other beats."""
        return list(self.scan(text).near_miss)

    def _add(self, phrase: str, rule: _Rule) -> None:
        node = self._root
        parts = _SPLIT.split(re.sub(r"\s\*,?\s", " \x01 ", normal(phrase, fold=True).text))
        words = parts[1::2]
        for index, word in enumerate(words):
            between = parts[2 * index] if index else ""
            ending = parts[2 * index + 2]
            if "\x01" in between:
                before = _Separators()[between.split("\x01")[0].lstrip("*")].rstrip() + " "
                node, between = node.gaps.setdefault(before, _Node()), " "
            star = ending.startswith("*")
            known = self._prefixes if star else self._exact
            # Exact words and prefixes share one numbering.
            number = known.setdefault(word, len(self._exact) + len(self._prefixes))
            plain = _Separators()[between.lstrip("*")] if index else " "
            if plain == " ":
                node.follow.add(number)
                node = node.next.setdefault(number, _Node())
            else:
                node = node.odd.setdefault((plain, number), _Node())
        # A star needs a word behind it: "up * %" would find every "up".
        if words and "\x01" not in parts[-1]:
            node.rules.append(rule)

    def _add_unspaced(self, rule: _Rule) -> None:
        for phrase in expand(rule.phrase):
            folded = normal(phrase, fold=True).text.strip()
            gap = rf"[^。.!?;\n]{{0,{GAP_CHARACTERS}}}?"
            pattern = gap.join(re.escape(part) for part in re.split(r"\s*\*\s*", folded))
            self._unspaced[folded[:1]].append((re.compile(pattern), rule))

    def _scan(self, text: str) -> Scan:
        found: list[tuple[_Rule, int, int]] = []
        folded = normal(text, fold=True)
        self._find(folded, found)
        if self._unspaced and not text.isascii() and _NO_BLANKS.search(text):
            self._find_unspaced(folded, found)
        patterned = [match.span() for pattern in self._patterns for match in pattern.finditer(text)]
        if not found and not patterned:
            return Scan(text)
        return _sorted_out(text, found, patterned)

    def _find(self, folded: Normal, found: list[tuple[_Rule, int, int]]) -> None:
        parts = _SPLIT.split(folded.text)
        known = [self._words[word] for word in parts[1::2]]
        hits: list[tuple[_Node, int, int]] = []
        follow = [*known[1:], None]
        for first, word in enumerate(known):
            if word is None or not word[1]:
                continue
            after = follow[first]
            for node in word[1]:
                if node.rules:
                    hits.append((node, first, first))
                # Most phrases end here: the next word is none of theirs.
                if node.gaps or (
                    after is not None and (node.odd or not node.follow.isdisjoint(after[0]))
                ):
                    self._walk(node, first, known, parts, hits)
        if not hits:
            return
        # where each part ends; words are the odd parts
        ends = list(itertools.accumulate(map(len, parts)))
        for node, first, last in hits:
            start, end = folded.span(ends[2 * first], ends[2 * last + 1])
            found += [(rule, start, end) for rule in node.rules]

    def _walk(
        self,
        node: _Node,
        first: int,
        known: list[tuple[tuple[int, ...], tuple[_Node, ...]] | None],
        parts: list[str],
        hits: list[tuple[_Node, int, int]],
    ) -> None:
        waiting = [(node, first)]
        total = len(known)
        while waiting:
            node, at = waiting.pop()
            at += 1
            if at >= total:
                continue
            between = self._separators[parts[2 * at]]
            word = known[at]
            if word is not None:
                if between == " ":
                    for number in word[0]:
                        if number in node.next:
                            self._reach(node.next[number], first, at, waiting, hits)
                elif node.odd:
                    for number in word[0]:
                        if (between, number) in node.odd:
                            self._reach(node.odd[between, number], first, at, waiting, hits)
            if node.gaps and between in node.gaps:
                self._leap(node.gaps[between], first, at, known, parts, waiting, hits)

    def _leap(
        self,
        node: _Node,
        first: int,
        at: int,
        known: list[tuple[tuple[int, ...], tuple[_Node, ...]] | None],
        parts: list[str],
        waiting: list[tuple[_Node, int]],
        hits: list[tuple[_Node, int, int]],
    ) -> None:
        """Go on behind a star: up to GAP words are passed; what a hyphen joins is one word."""
        passed = 0
        while at < len(known):
            word = known[at]
            if word is not None:
                for number in word[0]:
                    if number in node.next:
                        self._reach(node.next[number], first, at, waiting, hits)
            at += 1
            if at >= len(known):
                return
            given = parts[2 * at]
            if self._separators[given] not in (" ", ", ", "% ", ",", ".") or (
                # A point belongs to a number (1.5), else it ends the sentence.
                given == "." and not parts[2 * at + 1][:1].isdigit()
            ):
                return
            if any(blank.isspace() for blank in given):
                passed += 1
                if passed > GAP:
                    return

    @staticmethod
    def _reach(
        node: _Node,
        first: int,
        at: int,
        waiting: list[tuple[_Node, int]],
        hits: list[tuple[_Node, int, int]],
    ) -> None:
        if node.rules:
            hits.append((node, first, at))
        if node.next or node.odd or node.gaps:
            waiting.append((node, at))

    def _find_unspaced(self, folded: Normal, found: list[tuple[_Rule, int, int]]) -> None:
        line = folded.text
        for at, character in enumerate(line):
            if character in self._unspaced:
                for pattern, rule in self._unspaced[character]:
                    match = pattern.match(line, at)
                    if match:
                        found.append((rule, *folded.span(*match.span())))


def _sorted_out(
    text: str, found: list[tuple[_Rule, int, int]], patterned: list[tuple[int, int]]
) -> Scan:
    """Put what was found in its places and take out the look-alikes."""
    looks: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for rule, start, end in found:
        if rule.kind == "not":
            looks[rule.code].append((start, end))
    hits: dict[str, dict[tuple[str, int], Hit]] = defaultdict(dict)
    for start, end in patterned:
        if not _touches(looks["anchor"], start, end):
            hits["anchor"]["anchor", start] = Hit(
                "anchor", "anchor", "", text[start:end], start, end
            )
    short: list[Hit] = []
    for rule, start, end in found:
        kind = rule.kind
        if kind == "not" or (rule.capitals and not text[start:end].isupper()):
            continue
        spans = looks.get(rule.code, ())
        if kind in ("anchor", "abbreviation"):
            if _touches(spans, start, end):
                continue
        elif any(a <= start and end <= b for a, b in spans):
            continue
        if kind == "abbreviation":
            short.append(Hit("anchor", "anchor", "", text[start:end], start, end, rule.phrase))
            continue
        # Of the finds of one class that begin at one place the longest is shown.
        here = hits[kind]
        other = here.get((rule.code, start))
        if other is None or other.end < end:
            here[rule.code, start] = Hit(
                kind, rule.code, rule.axis, text[start:end], start, end, rule.phrase
            )
    if short and hits["anchor"]:
        ends = sentence_ends(text)
        where = {bisect_right(ends, hit.start) for hit in hits["anchor"].values()}
        for hit in short:
            at = bisect_right(ends, hit.start)
            if not where.isdisjoint((at - 1, at, at + 1)):
                hits["anchor"].setdefault(("anchor", hit.start), hit)
    in_order = {kind: tuple(sorted(here.values(), key=_order)) for kind, here in hits.items()}
    return Scan(
        text,
        in_order.get("anchor", ()),
        in_order.get("strong", ()),
        in_order.get("weak", ()),
        in_order.get("near_miss", ()),
        in_order.get("include_if", ()),
    )


def _touches(spans: Iterable[tuple[int, int]], start: int, end: int) -> bool:
    return any(a < end and start < b for a, b in spans)


def sentence_ends(text: str) -> list[int]:
    """Where sentences end, roughly, for "the same or the neighbouring sentence".

    A title such as "Mr." ends one too many, which the neighbour makes good; a stage that prints
    sentences uses sentencex.
    """
    return [match.end() for match in _SENTENCE_END.finditer(text)]


def expand(phrase: str) -> Iterator[str]:
    """All that a phrase's `{a|b}` stand for: "wom{an|en}" gives woman and women. Braces may nest."""
    waiting, seen = [phrase], set()
    while waiting:
        form = waiting.pop()
        inner = re.search(r"\{([^{}]*)\}", form)
        if inner is None:
            if form not in seen:
                seen.add(form)
                yield form
            continue
        before, after = form[: inner.start()], form[inner.end() :]
        waiting += [f"{before}{choice}{after}" for choice in inner.group(1).split("|")]


def rules(beat: Beat) -> Iterator[tuple[str, _Rule]]:
    """Every phrase of the beat, each with the language it is in."""
    for language, anchors in beat.taxonomy.anchors.items():
        for phrase in anchors.core:
            yield language, _Rule("anchor", "anchor", "", phrase)
        for phrase in anchors.not_:
            yield language, _Rule("not", "anchor", "", phrase)
        for phrase in anchors.abbreviations:
            yield language, _Rule("abbreviation", "anchor", "", phrase, _capitals(phrase))
    for code in beat.taxonomy.codes():
        near = code.axis == "near_miss"
        for language, words in code.words.items():
            for phrase in words.strong:
                kind: Literal["near_miss", "strong"] = "near_miss" if near else "strong"
                yield language, _Rule(kind, code.code, code.axis, phrase, _capitals(phrase))
            for phrase in words.weak:
                yield language, _Rule("weak", code.code, code.axis, phrase, _capitals(phrase))
            for phrase in words.not_:
                yield language, _Rule("not", code.code, code.axis, phrase)
        first = beat.languages[0]
        for phrase in code.include_if:
            yield first, _Rule("include_if", code.code, code.axis, phrase)


def _capitals(phrase: str) -> bool:
    return phrase.isupper() and phrase.isalpha() and phrase.isascii() and len(phrase) > 1
