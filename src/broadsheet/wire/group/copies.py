"""Copies: the same text in many outlets, cut, edited, under another headline, with a footer added.

Texts that share rare three-word shingles are candidates; each candidate pair is then verified, by
containment (the share of the shorter text's shingles that the longer one holds) and, where words
were changed all through, by how many words stand in both in the same order. Resemblance alone would
miss texts that were cut, and shingles alone those that were edited: true copies in NEWS-COPY share
30 % of their three-word shingles on average.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import LCSseq
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from broadsheet.wire.group.link import average
from broadsheet.wire.group.terms import Corpus, Ints, distinct, split
from broadsheet.wire.model import Article

Hashes = npt.NDArray[np.uint64]

LEAST_WORDS = 15  # of a text: shorter ones are alike by chance ("More follows.")
LEAST_HEADLINE = 5  # words of a bare headline that two outlets do not write alike by chance
DAYS = 3  # between bare headlines that are one
HEADLINE_TOLD = 0.3  # of the headline's terms that a text holds if it is the headline's text
SAMPLE = 4  # one shingle in so many is searched for
SMALL_RUN = 12  # articles that share a shingle before not every pair of them is looked at
NEIGHBOURS = 3  # of an article among many that share a shingle, the likest by their sketch
SURE = 0.8  # containment that needs no further look
MAYBE = 0.06  # containment below which texts are no copies
# Between the two, the log-odds of a copy from: containment, share of the shorter text's words that
# stand in order in the longer, shares of it within 5, 10 and 16 words of a shared shingle, and the
# ratio of the lengths. Where words were changed all through, many words stand in order and few
# shingles are left (so containment speaks against); where two reports quote one speech the shared
# shingles stand in lumps. Fitted to bench/bench_group.py's generated set (10,570 pairs).
WEIGHTS = (-16.3, 33.6, 6.9, 1.7, -3.4, 4.6)
INTERCEPT = -18.3
EXTRA = 1.0  # log-odds wanted: at 0 reports of one event ran together, at 2.6 copies fell apart
SAID = 12.0  # the log-odds of what needs no further look, either way
FOR, AGAINST = 6.0, -2.0  # bounds of the log-odds where a part is settled
LARGEST = 60  # articles of a part in which all pairs are looked at
KEPT = 5_000  # texts whose shingles are kept: 32 MB at 400 words
FURNITURE = 8  # articles of few outlets that share a shingle before it is taken for a footer
ALL_FOOTER = 0.6  # of an article's shingles: above it the article is no more than its footer

_ODD = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93],
    dtype=np.uint64,
)


def shingles(words: array[int], hashes: Hashes) -> Hashes:
    """Hashes of all runs of three words, in order."""
    if len(words) < 3:
        return np.zeros(0, np.uint64)
    w = hashes[np.frombuffer(words, dtype=np.int32)]
    with np.errstate(over="ignore"):
        made = w[:-2] * _ODD[0] + (w[1:-1] ^ (w[1:-1] >> np.uint64(29))) * _ODD[1] + w[2:] * _ODD[2]
        made ^= made >> np.uint64(31)
        made *= _ODD[3]
        made ^= made >> np.uint64(30)
    found: Hashes = made
    return found


@dataclass(frozen=True, slots=True)
class Copies:
    """What the search found.

    original   for each article the place of the first whose text it repeats, or its own place
    furniture  whether an article's text is shared but has nothing to do with its headline: a wall,
               a cookie notice. It is a copy of nothing, and its text tells no event.
    """

    original: Ints
    furniture: npt.NDArray[np.bool_]


def find(corpus: Corpus) -> Copies:
    """Find the copies in a corpus.

    Articles without words of text are copies only of an article with the very same headline within
    DAYS. Costs grow with the number of words; many copies of one text cost no more than as many
    different texts.
    """
    size = len(corpus)
    found = Copies(np.arange(size), np.zeros(size, dtype=bool))
    exact: list[tuple[int, int]] = _same_headlines(corpus)
    first: dict[bytes, int] = {}
    chosen: list[int] = []
    belongs: dict[int, bool] = {}
    for at, words in enumerate(corpus.texts):
        if len(words) < LEAST_WORDS:
            continue
        earlier = first.setdefault(words.tobytes(), at)
        if earlier == at:
            chosen.append(at)
        elif meant(corpus, earlier, at, belongs):
            exact.append((earlier, at))
        else:
            _mark(found, belongs, earlier, at)
    if len(chosen) > 1:
        search = Search(corpus)
        ties = []
        heaps = _Heaps()
        for one, other in _candidates(corpus, chosen, search.hashes):
            # What is tied through others already need not be verified: thousands of copies of one
            # text then cost one look each.
            if heaps.of(one) == heaps.of(other) or search.odds(one, other) < EXTRA:
                continue
            if meant(corpus, one, other, belongs):
                ties.append((one, other))
                heaps.join(one, other)
            else:
                _mark(found, belongs, one, other)
        for part in _parts(size, ties):
            labels = _settled(search, part)
            found.original[part] = [part[label] for label in labels]
    for earlier, at in exact:
        found.original[at] = found.original[earlier]
    return found


class _Heaps:
    """Which articles are tied, directly or through others."""

    def __init__(self) -> None:
        self._above: dict[int, int] = {}

    def of(self, at: int) -> int:
        while (above := self._above.get(at, at)) != at:
            self._above[at] = self._above.get(above, above)
            at = above
        return at

    def join(self, one: int, other: int) -> None:
        first, last = sorted((self.of(one), self.of(other)))
        self._above[last] = first


def _mark(found: Copies, belongs: dict[int, bool], *places: int) -> None:
    for at in places:
        if not belongs[at]:
            found.furniture[at] = True


def _same_headlines(corpus: Corpus) -> list[tuple[int, int]]:
    """Bare headlines of at least LEAST_HEADLINE words, word for word the same, days apart at most."""
    first: dict[tuple[str, ...], int] = {}
    made = []
    for at, words in enumerate(corpus.texts):
        if len(words) >= LEAST_WORDS:
            continue
        head = tuple(split(_printed(corpus.articles[at])))
        if len(head) < LEAST_HEADLINE:
            continue
        earlier = first.setdefault(head, at)
        between = abs(corpus.days[earlier] - corpus.days[at])
        if between > DAYS:  # a series under one headline: the next of it is no copy
            first[head] = at
        elif earlier != at:
            made.append((earlier, at))
    return made


def _printed(article: Article) -> str:
    """A headline without the outlet's name that feeds put behind it: "... - The Example"."""
    headline, source = article.headline[:1000].rstrip(), (article.source or "").strip()
    for mark in (" - ", " | ", " \u2013 "):
        if source and headline.casefold().endswith((mark + source).casefold()):
            return headline[: -len(mark + source)]
    return headline


def _parts(size: int, ties: list[tuple[int, int]]) -> list[list[int]]:
    """Articles tied to one another directly or through others, in order; none alone."""
    if not ties:
        return []
    ends = np.array(ties, dtype=np.int64)
    graph = sparse.csr_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    _, label = connected_components(graph, directed=False)
    tied = np.unique(ends)
    order = tied[np.argsort(label[tied], kind="stable")]
    cuts = np.flatnonzero(np.diff(label[order])) + 1
    return [part.tolist() for part in np.split(order, cuts)]


def _settled(search: Search, part: list[int]) -> list[int]:
    """Labels for tied articles: a single tie between two heaps of copies does not make them one.

    Two texts cut from different ends of one are no copies of each other: that speaks only a little
    against, a verified tie speaks for. Parts above LARGEST stay whole.
    """
    if len(part) == 2 or len(part) > LARGEST:
        return [0] * len(part)
    odds = np.zeros((len(part), len(part)))
    for at, one in enumerate(part):
        for to in range(at + 1, len(part)):
            made = search.odds(one, part[to]) - EXTRA
            odds[at, to] = odds[to, at] = max(AGAINST, min(FOR, made))
    return average(odds)


class Search:
    """Verifies pairs of texts; keeps the shingles of those it has seen."""

    def __init__(self, corpus: Corpus) -> None:
        self.hashes = np.array(corpus.vocabulary.hashes, dtype=np.uint64)
        self._known = len(self.hashes)
        self._corpus = corpus
        self._seen: dict[int, tuple[Hashes, Hashes]] = {}
        self._odds: dict[tuple[int, int], float] = {}

    def fresh(self) -> Hashes:
        """The hashes of all words, those of articles added since among them."""
        known = self._corpus.vocabulary.hashes
        if len(known) > self._known:
            self.hashes = _longer(self.hashes, known, self._known)
            self._known = len(known)
        return self.hashes

    def shingles(self, at: int) -> tuple[Hashes, Hashes]:
        """The shingles of an article in order, and sorted without repeats."""
        found = self._seen.get(at)
        if found is None:
            if len(self._seen) > KEPT:
                self._seen.clear()
            made = shingles(self._corpus.texts[at], self.fresh())
            found = self._seen[at] = made, distinct(made)
        return found

    def odds(self, one: int, other: int) -> float:
        """The log-odds that the shorter of two texts is a copy of (part of) the longer."""
        texts = self._corpus.texts
        if (len(texts[one]), one) > (len(texts[other]), other):
            one, other = other, one
        known = self._odds.get((one, other))
        if known is None:
            known = self._odds[one, other] = self._worked(one, other)
        return known

    def _worked(self, one: int, other: int) -> float:
        (told, few), (elsewhere, many) = self.shingles(one), self.shingles(other)
        if not len(few):
            return -SAID
        at = np.searchsorted(many, few)
        at[at == len(many)] = 0
        held = many[at] == few
        share = float(held.mean())
        if share >= SURE:
            return SAID
        if share < MAYBE or held.sum() < 3:
            return -SAID
        short, long = self._corpus.texts[one], self._corpus.texts[other]
        shared = few[held]
        here, there = _where(told, shared), _where(elsewhere, shared)
        before, after = int(here[0]), len(short) - int(here[-1])
        start = max(0, int(there[0]) - before - 20)
        end = min(len(long), int(there[-1]) + after + 20)
        in_order = LCSseq.similarity(short.tolist(), long[start:end].tolist()) / len(short)
        near = [_near(here, len(short), words) for words in (5, 10, 16)]
        values = (share, in_order, *near, len(short) / len(long))
        return INTERCEPT + sum(w * v for w, v in zip(WEIGHTS, values, strict=True))


def _longer(hashes: Hashes, words: array[int], known: int) -> Hashes:
    """The hashes with those of new words behind them; grown by half, so that it is rarely copied."""
    if len(words) > len(hashes):
        made = np.zeros(len(words) + len(words) // 2, dtype=np.uint64)
        made[:known] = hashes[:known]
        hashes = made
    hashes[known : len(words)] = words[known:]
    return hashes


def _where(told: Hashes, shared: Hashes) -> Ints:
    """The places at which a text has one of some shingles, which are sorted."""
    at = np.searchsorted(shared, told)
    at[at == len(shared)] = 0
    return np.flatnonzero(shared[at] == told)


def _near(places: Ints, size: int, words: int) -> float:
    """The share of a text that lies within so many words of one of some shingles."""
    change = np.zeros(size + 1, dtype=np.int64)
    np.add.at(change, np.maximum(0, places - words), 1)
    np.add.at(change, np.minimum(size, places + 3 + words), -1)
    return float((np.cumsum(change)[:size] > 0).mean())


def meant(corpus: Corpus, one: int, other: int, belongs: dict[int, bool]) -> bool:
    """Whether two texts that are alike belong to their headlines, or the headlines are alike.

    A wall or a cookie notice that stands in place of hundreds of articles is one text under
    headlines that share nothing with it and nothing with one another.
    """
    for at in (one, other):
        if at not in belongs:
            belongs[at] = _belongs(corpus, at)
    if belongs[one] and belongs[other]:
        return True
    heads = set(corpus.headline_terms[one]), set(corpus.headline_terms[other])
    return 2 * len(heads[0] & heads[1]) >= max(1, len(heads[0] | heads[1]))


def _belongs(corpus: Corpus, at: int) -> bool:
    """Whether a text holds a third of its headline's terms; a headline without terms asks nothing."""
    head = set(corpus.headline_terms[at])
    term = corpus.vocabulary.term
    told = {term[word] for word in corpus.texts[at]}
    return len(head & told) >= HEADLINE_TOLD * len(head)


def _candidates(corpus: Corpus, chosen: list[int], hashes: Hashes) -> Iterator[tuple[int, int]]:
    """Pairs of texts that share enough sampled shingles to be looked at."""
    owners: list[npt.NDArray[np.uint32]] = []
    found: list[Hashes] = []
    sketch = np.full((4, len(chosen)), np.iinfo(np.uint64).max, dtype=np.uint64)
    sizes = np.zeros(len(chosen), dtype=np.int64)
    for place, at in enumerate(chosen):
        made = shingles(corpus.texts[at], hashes)
        made = distinct(made[made % np.uint64(SAMPLE) == 0])
        if not len(made):
            continue
        sizes[place] = len(made)
        with np.errstate(over="ignore"):
            sketch[:, place] = (made[None, :] * _ODD[:, None]).min(axis=1)
        owners.append(np.full(len(made), place, dtype=np.uint32))
        found.append(made)
    if not found:
        return
    owner, value = np.concatenate(owners), np.concatenate(found)
    outlets = _outlets(corpus, chosen)
    kind = (value >> np.uint64(40)) & np.uint64(3)
    codes: list[Ints] = []
    for which in range(4):
        mine = kind == which
        # Articles that share a common shingle stand beside those that are likest by their sketch.
        rank = np.empty(len(chosen), dtype=np.int64)
        by_rank = np.argsort(sketch[which], kind="stable")
        rank[by_rank] = np.arange(len(chosen))
        codes.append(_beside(value[mine], rank[owner[mine]], by_rank, outlets))
    code, count = np.unique(np.concatenate(codes), return_counts=True)
    one, other = code >> 32, code & 0xFFFFFFFF
    least = np.minimum(sizes[one], sizes[other])
    kept = (count >= 2) | (least <= 12)
    kept &= count >= 0.25 * MAYBE * least
    for left, right in zip(one[kept].tolist(), other[kept].tolist(), strict=True):
        a, b = chosen[left], chosen[right]
        yield min(a, b), max(a, b)


def _beside(value: Hashes, rank: Ints, by_rank: Ints, outlets: Ints) -> Ints:
    """Pairs of articles beside each other among those that share a shingle, as codes."""
    order = np.lexsort((rank, value))
    value, rank = value[order], rank[order]
    place = by_rank[rank]
    starts = np.flatnonzero(np.r_[True, value[1:] != value[:-1]]) if len(value) else rank
    lengths = np.diff(np.r_[starts, len(value)])
    run = np.repeat(np.arange(len(starts)), lengths)
    length = lengths[run] if len(run) else lengths
    # A run of few outlets' articles is their footer: as good as no run, unless it is nearly all that
    # an article has. Then it is one text many times.
    per_outlet = distinct((run << 32) | outlets[place]) >> 32
    named = np.bincount(per_outlet, minlength=len(starts))
    footer = (lengths >= FURNITURE) & (named * 4 <= lengths)
    in_footer = footer[run] if len(run) else np.zeros(0, dtype=bool)
    held = np.bincount(place, minlength=len(by_rank))
    share = np.bincount(place, weights=in_footer, minlength=len(by_rank)) / np.maximum(held, 1)
    live = ~(in_footer & (share[place] < ALL_FOOTER)) & (length > 1)
    made: list[Ints] = []
    for step in range(1, SMALL_RUN):
        if len(run) <= step:
            break
        here = np.flatnonzero(live[:-step] & (run[step:] == run[:-step]))
        if not len(here):
            break
        if step > NEIGHBOURS:
            here = here[length[here] <= SMALL_RUN]
        a, b = place[here], place[here + step]
        made.append((np.minimum(a, b) << 32) | np.maximum(a, b))
    return np.concatenate(made) if made else np.zeros(0, np.int64)


def _outlets(corpus: Corpus, chosen: list[int]) -> Ints:
    numbers: dict[str, int] = {}
    names = (corpus.articles[at].source or "" for at in chosen)
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)
