"""From likely pairs to stories: candidates by rare terms, then average link inside small blocks.

Single link would make chains: a follow-up is like the event, the next like the follow-up. Here two
heaps of articles become one only where the mean log-odds over all their pairs speaks for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from broadsheet.wire.group.join import WINDOW, Join, Pairs
from broadsheet.wire.group.terms import Floats, Ints, distinct

NEAR = 20  # candidates kept for each article, the likest first
HEAVIEST = 14  # terms of an article that are searched for
LEAST = 0.05  # cosine over those terms below which a pair is not looked at
TOO_COMMON = 250  # a term in more articles than this finds none: it keeps cost linear
BLOCK = 2048  # articles whose candidates are searched at once
LOOSE = -1.0  # log-odds that tie articles into a block; what holds in the block is decided there
LARGEST = 120  # articles of a block before its loosest ties are cut
TOGETHER = 1 << 16  # pairs of the blocks that are settled at once: a bound on memory
BOUND = 6.0  # log-odds above this say no more
# Nor below this. Two reports of one event may each tell another side of it and share few words: what
# both share with a third must be able to outweigh that. On the labelled sets 4 and 6 do the same.
AGAINST = 4.0


def candidates(pairs: Pairs, window: float = WINDOW) -> tuple[Ints, Ints]:
    """Pairs of articles worth comparing, each once with the earlier one first.

    Every pair that shares a rare term of its heaviest, within the window, for each article the
    likest NEAR. Articles must stand in the corpus in an order of their own, not that of arrival.
    """
    size = len(pairs)
    if size < 2:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    if size <= 400:
        left, right = np.triu_indices(size, 1)
        kept = ~(np.abs(pairs.days[left] - pairs.days[right]) > window)
        return left[kept].astype(np.int64), right[kept].astype(np.int64)
    rows = _searched(pairs)
    order = np.lexsort((np.arange(size), pairs.days))  # nan, which is no day, comes last
    rows, days = rows[order], pairs.days[order]
    dated = int((~np.isnan(days)).sum())
    lefts: list[Ints] = []
    rights: list[Ints] = []
    turned = rows.T.tocsr()
    for at in range(0, size, BLOCK):
        end = min(size, at + BLOCK)
        # Dated articles meet those of the days before them; undated ones stand last and meet all.
        first = int(np.searchsorted(days[:dated], days[at] - window)) if end <= dated else 0
        alike = (rows[at:end] @ turned[:, first:end]).tocoo()
        left, right, much = alike.row + at, alike.col + first, alike.data
        kept = (right < left) & (much >= LEAST) & ~(days[left] - days[right] > window)
        left, right = _likest(left[kept], right[kept], much[kept])
        lefts.append(left)
        rights.append(right)
    left, right = order[np.concatenate(lefts)], order[np.concatenate(rights)]
    codes = distinct((np.minimum(left, right) << 32) | np.maximum(left, right))
    return codes >> 32, codes & 0xFFFFFFFF


def _likest(left: Ints, right: Ints, much: Floats) -> tuple[Ints, Ints]:
    """Of each left article the NEAR likest right ones."""
    order = np.lexsort((right, -much, left))
    left, right = left[order].astype(np.int64), right[order].astype(np.int64)
    kept = _place(left) < NEAR
    return left[kept], right[kept]


def _place(owner: Ints) -> Ints:
    """The place of each entry among those of its owner, from 0; owners stand together."""
    if not len(owner):
        return np.zeros(0, np.int64)
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    made: Ints = np.arange(len(owner)) - np.repeat(starts, np.diff(np.r_[starts, len(owner)]))
    return made


def _searched(pairs: Pairs) -> sparse.csr_matrix:
    """For each article the heaviest terms that are not too common, and pairs of headline words."""
    rows = pairs.bodies
    held = np.bincount(rows.indices, minlength=rows.shape[1])
    rare = (held >= 2) & (held <= TOO_COMMON)
    parts = []
    for at in range(0, rows.shape[0], BLOCK):
        ends = rows.indptr[at : at + BLOCK + 1]
        span = slice(int(ends[0]), int(ends[-1]))
        owner = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        kept = rare[rows.indices[span]]
        owner, columns, values = owner[kept], rows.indices[span][kept], rows.data[span][kept]
        # Values are at most 1: one number sorts by article and then by weight.
        order = np.argsort(owner + (1.0 - np.minimum(values, 0.9999)), kind="stable")
        owner, columns, values = owner[order], columns[order], values[order]
        top = _place(owner) < HEAVIEST
        parts.append(
            sparse.csr_matrix(
                (values[top], (owner[top], columns[top])),
                shape=(len(ends) - 1, rows.shape[1]),
                dtype=np.float32,
            )
        )
    found = sparse.vstack(parts, format="csr")
    return sparse.hstack([found, _doubles(pairs)], format="csr", dtype=np.float32)


def _doubles(pairs: Pairs) -> sparse.csr_matrix:
    """Two headline terms together as one: rare where each alone is too common to search for."""
    heads = pairs.plain
    owners: list[Ints] = []
    codes: list[Ints] = []
    lengths = np.diff(heads.indptr)
    weight = pairs.weight
    for length in range(2, 13):
        which = np.flatnonzero(lengths == length) if length < 12 else np.flatnonzero(lengths >= 12)
        if not len(which):
            continue
        at = heads.indptr[which][:, None] + np.arange(length)[None, :]
        terms = np.sort(heads.indices[at].astype(np.int64), axis=1)
        for one in range(length):
            for other in range(one + 1, length):
                owners.append(which)
                codes.append((terms[:, one] << 32) | terms[:, other])
    if not codes:
        return sparse.csr_matrix((heads.shape[0], 0), dtype=np.float32)
    owner, code = np.concatenate(owners), np.concatenate(codes)
    _, column, count = np.unique(code, return_inverse=True, return_counts=True)
    kept = (count[column] >= 2) & (count[column] <= TOO_COMMON // 4)
    value = (weight[code >> 32] + weight[code & 0xFFFFFFFF]) / np.maximum(pairs.total[owner], 1e-9)
    return sparse.csr_matrix(
        (value[kept] / 4, (owner[kept], column[kept])),
        shape=(heads.shape[0], len(count)),
        dtype=np.float32,
    )


def stories(
    pairs: Pairs,
    join: Join,
    *,
    together: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> Ints:
    """A story's number for each article of the corpus: that of its first article.

    `together` and `apart` are pairs of articles that an editor merged or split: they hold whatever
    the words say; where both speak of one pair, directly or through others, `together` holds.
    """
    left, right = candidates(pairs)
    odds = pairs.score(left, right, join)
    return linked(
        len(pairs), left, right, odds, lambda a, b: pairs.score(a, b, join), together, apart
    )


def linked(
    size: int,
    left: Ints,
    right: Ints,
    odds: Floats,
    score: Callable[[Ints, Ints], Floats],
    together: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[int, int]] = (),
) -> Ints:
    """Link `size` nodes by the log-odds of some pairs; `score` gives those of the others in a block."""
    labels = np.arange(size)
    merged = [(min(pair), max(pair)) for pair in together]
    split = {(min(pair), max(pair)) for pair in apart}
    if merged:
        fixed = np.array(merged, dtype=np.int64)
        left, right = np.r_[left, fixed[:, 0]], np.r_[right, fixed[:, 1]]
        odds = np.r_[odds, np.full(len(fixed), 100.0)]
    block = _blocks(size, left, right, odds)
    inside = np.flatnonzero(block[left] == block[right])
    inside = inside[np.argsort(block[left[inside]], kind="stable")]
    left, right, odds = left[inside], right[inside], odds[inside]
    bonds, parted = _by_block(block, merged), _by_block(block, split)
    starts = np.searchsorted(block[left], np.arange(int(block.max(initial=0)) + 2))
    waiting: list[_Block] = []
    held = 0
    for number, nodes in _nodes(block):
        ties = slice(int(starts[number]), int(starts[number + 1]))
        waiting.append(_Block.of(nodes, left[ties], right[ties], odds[ties]))
        held += len(nodes) ** 2
        if held >= TOGETHER:
            _settle(waiting, score, bonds, parted, block, labels)
            waiting, held = [], 0
    _settle(waiting, score, bonds, parted, block, labels)
    return _joined(labels, merged)


@dataclass(frozen=True, slots=True)
class _Block:
    """Nodes tied to one another, with the log-odds of their pairs, above the diagonal.

    rows, columns   of the pairs that nobody has scored yet
    """

    nodes: Ints
    odds: Floats
    rows: Ints
    columns: Ints

    @classmethod
    def of(cls, nodes: Ints, left: Ints, right: Ints, odds: Floats) -> _Block:
        known = np.full((len(nodes), len(nodes)), np.nan)
        known[np.searchsorted(nodes, left), np.searchsorted(nodes, right)] = odds
        rows, columns = np.triu_indices(len(nodes), 1)
        unknown = np.isnan(known[rows, columns])
        return cls(nodes, known, rows[unknown], columns[unknown])


def _settle(
    blocks: Sequence[_Block],
    score: Callable[[Ints, Ints], Floats],
    bonds: Mapping[int, Sequence[tuple[int, int]]],
    parted: Mapping[int, Sequence[tuple[int, int]]],
    block: Ints,
    labels: Ints,
) -> None:
    """Score the pairs that are wanting in some blocks, and write each node's first into `labels`."""
    if not blocks:
        return
    ones = np.concatenate([one.nodes[one.rows] for one in blocks])
    others = np.concatenate([one.nodes[one.columns] for one in blocks])
    found = score(ones, others) if len(ones) else np.zeros(0)
    done = 0
    for one in blocks:
        one.odds[one.rows, one.columns] = found[done : done + len(one.rows)]
        done += len(one.rows)
        sums = np.triu(np.clip(one.odds, -AGAINST, BOUND), 1)
        sums += sums.T
        place = {node: at for at, node in enumerate(one.nodes.tolist())}
        number = int(block[one.nodes[0]])
        for a, b in parted.get(number, ()):
            sums[place[a], place[b]] = sums[place[b], place[a]] = NEVER
        fixed = [(place[a], place[b]) for a, b in bonds.get(number, ())]
        labels[one.nodes] = one.nodes[average(sums, fixed)]


def _nodes(block: Ints) -> Iterator[tuple[int, Ints]]:
    """The number of each block of more than one node, rising, and its nodes, rising."""
    order = np.argsort(block, kind="stable")
    starts = np.flatnonzero(np.diff(block[order], prepend=-1))
    for nodes in np.split(order, starts[1:]):
        if len(nodes) > 1:
            yield int(block[nodes[0]]), nodes


def _by_block(block: Ints, pairs: Iterable[tuple[int, int]]) -> dict[int, list[tuple[int, int]]]:
    """The pairs that stand in one block, by its number."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one, other in pairs:
        if block[one] == block[other]:
            found[int(block[one])].append((one, other))
    return found


NEVER = -1e9  # the log-odds of a pair that an editor split: no number of other pairs outweighs it


def average(sums: Floats, fixed: Iterable[tuple[int, int]] = ()) -> list[int]:
    """Average link on log-odds: the smallest node of its heap for each node. `sums` is used up.

    The two heaps with the highest mean log-odds become one as long as it is above 0. `fixed` pairs
    stand in one heap from the start.
    """
    size = len(sums)
    heap = list(range(size))
    counts = np.ones(size)
    if size == 2 and not fixed:
        return [0, 0] if sums[0, 1] > 0 else [0, 1]
    mean = sums.copy()
    np.fill_diagonal(mean, -np.inf)

    def merge(a: int, b: int) -> None:
        a, b = min(a, b), max(a, b)
        sums[a] += sums[b]
        sums[:, a] += sums[:, b]
        counts[a] += counts[b]
        live = np.isfinite(mean[a]) | np.isfinite(mean[b])
        live[a] = live[b] = False
        mean[b] = mean[:, b] = -np.inf
        fresh = np.where(live, sums[a] / (counts[a] * counts), -np.inf)
        mean[a] = mean[:, a] = fresh
        for node in range(size):
            if heap[node] == b:
                heap[node] = a

    for a, b in fixed:
        if heap[a] != heap[b]:
            merge(heap[a], heap[b])
    while True:
        a, b = divmod(int(np.argmax(mean)), size)
        if not mean[a, b] > 0:
            return heap
        merge(a, b)


def _blocks(size: int, left: Ints, right: Ints, odds: Floats) -> Ints:
    """Nodes tied by likely pairs, in blocks of at most LARGEST: the loosest ties of larger ones go."""
    block = np.zeros(size, dtype=np.int64)
    nodes = np.arange(size)
    cut, start = LOOSE, 0
    while len(nodes):
        kept = odds >= cut
        place = np.full(size, -1)
        place[nodes] = np.arange(len(nodes))
        kept &= (place[left] >= 0) & (place[right] >= 0)
        graph = sparse.csr_matrix(
            (np.ones(int(kept.sum())), (place[left[kept]], place[right[kept]])),
            shape=(len(nodes), len(nodes)),
        )
        _, found = connected_components(graph, directed=False)
        sizes = np.bincount(found)
        small = sizes[found] <= LARGEST
        if cut > 2 * BOUND:
            # Nothing tells them apart any more: alike beyond doubt, in the order they stand in.
            block[nodes] = start + found * (size + 1) + _rank_in(found) // LARGEST
            return np.unique(block, return_inverse=True)[1]
        block[nodes[small]] = start + found[small]
        start += len(sizes)
        nodes = nodes[~small]
        cut += 0.5
    return np.unique(block, return_inverse=True)[1]


def _rank_in(owner: Ints) -> Ints:
    order = np.argsort(owner, kind="stable")
    made = np.empty(len(owner), dtype=np.int64)
    made[order] = _place(owner[order])
    return made


def _joined(labels: Ints, together: Iterable[tuple[int, int]]) -> Ints:
    """Labels in which pairs that belong together share one, and each label is its first node."""
    pairs = list(together)
    size = len(labels)
    ones = np.r_[np.arange(size), np.array([a for a, _ in pairs], dtype=np.int64)]
    others = np.r_[labels, np.array([b for _, b in pairs], dtype=np.int64)]
    graph = sparse.csr_matrix((np.ones(len(ones)), (ones, others)), shape=(size, size))
    _, found = connected_components(graph, directed=False)
    first = np.full(found.max() + 1 if size else 0, size)
    np.minimum.at(first, found, np.arange(size))
    made: Ints = first[found]
    return made
