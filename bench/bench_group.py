"""Grouping against its budgets: copies, growth, and one article more.

    .venv/bin/python bench/bench_group.py [../shared] [--sizes 10,30,100,300] [--draw PICTURE.svg]

1. Copies: a set generated from real texts (cut, re-headlined, 5 to 30 % of the words changed,
   boilerplate added), beside datasketch's MinHashLSH and rensa's LSH with verification. Skipped
   where the development material is absent.
2. Growth: invented articles of 400 words, 12 % of them copies, grouped at several sizes, one process
   for each so that the memory is its own. Budget at 100,000: 60 s of one core and 3 GB.
3. One more: the time to add an article to a month of 20,000. Budget: 5 ms.

Times are CPU seconds of one core. Ends with status 1 where a budget is broken.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from broadsheet.wire import dates, text
from broadsheet.wire.group import Index, Known, group
from broadsheet.wire.model import Article

SECONDS, MEGABYTES, ONE_MORE = 60.0, 3072, 5.0
PRECISION, RECALL = 0.99, 0.97
FOOTERS = (
    """Sign up for our daily briefing and never miss a story. You can leave at any time by following
the link in any of our letters.""",
    """This report was produced with the help of our partners across the region. Readers can support
independent reporting by becoming members today.""",
    """This paper is not responsible for what stands on other sites. No part of this page may be
copied without leave. For corrections write to the desk at the address below.""",
    """Also on this site: the weather this weekend, ten recipes for the cold season, our crossword, and
the winners of last week's contest as chosen by readers.""",
)


# --- copies ---------------------------------------------------------------------------------------


def with_copies(shared: Path, seed: int = 11, each: int = 4) -> tuple[list[Article], list[int]]:
    """Real texts with generated copies, and for each the number of the text it comes from."""
    draw = random.Random(seed)
    lines = (shared / "data/clusters/basil.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    vocabulary = sorted({word for row in rows for word in row["text"].split()})
    made: list[Article] = []
    gold: list[int] = []
    for number, row in enumerate(rows):
        day = dates.typed(row["date"])
        base = row["text"]
        made.append(
            Article(
                row["title"] or "Untitled", base, url=f"https://o.example/{number}", published=day
            )
        )
        gold.append(number)
        for version in range(each):
            words = base.split(" ")
            if draw.random() < 0.5:
                words = words[: max(60, int(len(words) * draw.uniform(0.3, 0.8)))]
            share = draw.choice((0.05, 0.1, 0.2, 0.3))
            words = [draw.choice(vocabulary) if draw.random() < share else w for w in words]
            body = " ".join(words)
            if draw.random() < 0.5:
                body += "\n" + draw.choice(FOOTERS)
            if draw.random() < 0.2:
                body = draw.choice(FOOTERS) + "\n" + body
            head = row["title"].split() or ["Untitled"]
            draw.shuffle(head)
            headline = " ".join(head[: max(3, len(head) * 2 // 3)])
            if draw.random() < 0.3:
                headline = " ".join(draw.sample(base.split()[:80], 8))
            made.append(
                Article(
                    headline,
                    body,
                    url=f"https://o.example/{number}/{version}",
                    source=f"Outlet {draw.randrange(40)}",
                    published=day,
                )
            )
            gold.append(number)
    return made, gold


def pairs(gold: Sequence[int], found: Sequence[object]) -> tuple[float, float, int, int, int]:
    count = [
        sum(n * (n - 1) // 2 for n in Counter(labels).values())
        for labels in (list(zip(gold, found, strict=True)), list(found), list(gold))
    ]
    right, of_found, of_gold = count
    return right / max(1, of_found), right / max(1, of_gold), right, of_found, of_gold


def ours(articles: Sequence[Article]) -> list[str]:
    first = {id(m.article): m.copy_of or m.article.key for m in group(articles)}
    return [first[id(a)] for a in articles]


def shingled(article: Article) -> list[str]:
    words = text.words(article.text)
    return [" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2))]


def chained(size: int, ties: Sequence[tuple[int, int]]) -> list[int]:
    label = list(range(size))

    def root(at: int) -> int:
        while label[at] != at:
            label[at] = label[label[at]]
            at = label[at]
        return at

    for one, other in ties:
        label[root(one)] = root(other)
    return [root(at) for at in range(size)]


def by_datasketch(articles: Sequence[Article], threshold: float) -> list[int]:
    from datasketch import MinHash, MinHashLSH

    index, ties = MinHashLSH(threshold=threshold, num_perm=128), []
    for at, article in enumerate(articles):
        sketch = MinHash(num_perm=128)
        sketch.update_batch([s.encode() for s in set(shingled(article))])
        ties += [(at, other) for other in index.query(sketch)]
        index.insert(at, sketch)
    return chained(len(articles), ties)


def by_rensa(articles: Sequence[Article], threshold: float) -> list[int]:
    from rensa import RMinHash, RMinHashLSH

    index, ties, sketches = RMinHashLSH(threshold=threshold, num_perm=128, num_bands=32), [], []
    for at, article in enumerate(articles):
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update(shingled(article))
        sketches.append(sketch)
        index.insert(at, sketch)
    for at, sketch in enumerate(sketches):
        ties += [
            (at, other)
            for other in index.query(sketch)
            if other != at and sketch.jaccard(sketches[other]) >= threshold
        ]
    return chained(len(articles), ties)


def copies(shared: Path) -> bool:
    articles, gold = with_copies(shared)
    print(f"Copies: {len(articles):,} texts of {len(set(gold)):,}")
    print(f"{'':44}{'P':>7}{'R':>7}{'right/found/gold':>22}{'s':>7}")
    good = True
    for name, way in (
        ("broadsheet group", ours),
        ("datasketch 128, LSH 0.5", lambda a: by_datasketch(a, 0.5)),
        ("datasketch 128, LSH 0.2", lambda a: by_datasketch(a, 0.2)),
        ("rensa 128, 32 bands, verified at 0.4", lambda a: by_rensa(a, 0.4)),
        ("rensa 128, 32 bands, verified at 0.2", lambda a: by_rensa(a, 0.2)),
    ):
        start = time.process_time()
        try:
            found = way(articles)
        except ImportError as error:
            print(f"{name:44}{error.name} is not installed")
            continue
        took = time.process_time() - start
        precision, recall, *counts = pairs(gold, found)
        shown = "/".join(f"{n:,}" for n in counts)
        print(f"{name:44}{precision:7.3f}{recall:7.3f}{shown:>22}{took:7.1f}")
        if way is ours:
            good = precision >= PRECISION and recall >= RECALL
    return good


# --- growth ---------------------------------------------------------------------------------------

_SYLLABLES = "ba ke lo mi nu ra se ti vo zu da fe go hi ju ka le mo ni pu".split()  # noqa: SIM905
_WORDS = [
    "".join(_SYLLABLES[(n // 20**k) % 20] for k in range(4)) + "nsr"[n % 3] for n in range(60_000)
]


# Half of the events are of police and courts: what cases are made of.
_STAGES = ("arrested", "charged", "on trial", "convicted", "jailed", "appeal")


def month(size: int, seed: int = 1, words: int = 400) -> list[Article]:
    """Invented articles of a month: events with one to five reports each, 12 % copies among them.

    Words are drawn by Zipf's law from 60,000 invented ones; an eighth of a report's words are its
    event's own, and three of those are names. Half of the events tell a stage of a matter; a third of
    these go on with an earlier one, whose names they share. Copies have 3 % of their words changed,
    half of them are cut.
    """
    draw = np.random.default_rng(seed)
    matters: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    weights = 1 / np.arange(1, len(_WORDS) + 1) ** 0.9
    steps = np.cumsum(weights / weights.sum())

    def drawn(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.minimum(np.searchsorted(steps, draw.random(count)), len(_WORDS) - 1)

    def written(ids: Sequence[int], names: frozenset[int]) -> str:
        told = [_WORDS[n].capitalize() if n in names else _WORDS[n] for n in ids]
        return " ".join(
            f"{told[at].capitalize()} {' '.join(told[at + 1 : at + 20])}."
            for at in range(0, len(told), 20)
        )

    made: list[Article] = []
    while len(made) < size:
        event = draw.integers(200, len(_WORDS), 12)
        day = int(draw.integers(1, 29))
        stage = ""
        if draw.random() < 0.5:
            stage = _STAGES[draw.integers(len(_STAGES))]
            if matters and draw.random() < 1 / 3:
                event[:3] = matters[draw.integers(len(matters))]
            else:
                matters.append(event[:3].copy())
        names = frozenset(event[:3].tolist())
        for _ in range(int(draw.choice([1, 1, 1, 1, 2, 3, 5]))):
            ids = drawn(words)
            own = draw.random(words) < 0.12
            ids[own] = event[draw.integers(0, 12, int(own.sum()))]
            head = [*event[draw.permutation(12)[:5]], *drawn(3)]
            told = [_WORDS[n].capitalize() if n in names else _WORDS[n] for n in head]
            headline = " ".join([*told[:2], stage, *told[2:]] if stage else told)
            published = dates.typed(f"2019-06-{day + int(draw.integers(0, 2)):02}")
            versions = [ids]
            if draw.random() < 0.12:
                again = np.where(draw.random(words) < 0.03, drawn(words), ids)
                versions.append(again[: int(words * draw.uniform(0.4, 1.0))])
            for version in versions:
                n = len(made)
                made.append(
                    Article(
                        headline,
                        written(version.tolist(), names),
                        url=f"https://o{n % 97}.example/{n}",
                        source=f"Outlet {n % 97}",
                        published=published,
                    )
                )
    return made[:size]


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def one_size(size: int, answer: multiprocessing.Queue[tuple[float, int, int, int, int]]) -> None:
    articles = month(size)
    before = _memory()
    start = time.process_time()
    members = group(articles)
    took = time.process_time() - start
    cases = len({m.case for m in members if m.case})
    answer.put((took, before, _memory(), len({m.story for m in members}), cases))


def growth(sizes: Sequence[int]) -> tuple[bool, list[tuple[int, float, int]]]:
    print("\nGrowth: articles of 400 words")
    print(
        f"{'articles':>10}{'s':>8}{'ms each':>9}{'MB, articles':>14}{'MB at most':>12}"
        f"{'stories':>10}{'cases':>8}"
    )
    good, made = True, []
    method = multiprocessing.get_context("spawn")
    for size in sizes:
        answer = method.Queue()
        process = method.Process(target=one_size, args=(size, answer))
        process.start()
        while answer.empty() and process.is_alive():
            process.join(0.5)
        if answer.empty():
            print(
                f"{size:10,}  ended by the system (status {process.exitcode}): too little memory?"
            )
            good = False
            continue
        took, before, most, stories, cases = answer.get()
        process.join()
        print(
            f"{size:10,}{took:8.1f}{1000 * took / size:9.2f}{before:14,}{most:12,}{stories:10,}{cases:8,}"
        )
        made.append((size, took, most))
        if size == 100_000:
            good = took < SECONDS and most < MEGABYTES
    return good, made


def one_more(size: int = 20_000, more: int = 200) -> bool:
    articles = month(size + more, seed=3)
    index = Index(Known(m.article, m.story, False, m.copy_of) for m in group(articles[:size]))
    took = []
    for article in articles[size:]:
        start = time.process_time()
        index.add(article)
        took.append(1000 * (time.process_time() - start))
    took.sort()
    middle, high = took[len(took) // 2], took[int(0.95 * len(took))]
    print(f"\nOne more on {size:,}: {middle:.1f} ms (95 % within {high:.1f} ms)")
    return middle < ONE_MORE


def draw(points: Sequence[tuple[int, float, int]], path: Path) -> None:
    """The growth curve as an SVG with its figures, readable without colour."""
    wide, high, left, low = 640, 360, 70, 50
    most_x, most_y = max(p[0] for p in points), max(p[1] for p in points)

    def at(size: float, took: float) -> tuple[float, float]:
        return (
            left + (wide - left - 90) * size / most_x,
            high - low - (high - low - 40) * took / most_y,
        )

    dots = [at(size, took) for size, took, _ in points]
    line = " ".join(f"{x:.0f},{y:.0f}" for x, y in ((left, high - low), *dots))
    straight = at(most_x, points[0][1] / points[0][0] * most_x)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img" '
            'font-family="sans-serif" font-size="13" fill="#222">'
        ),
        "<title>Seconds to group articles of 400 words, by their number</title>",
        "<desc>" + "; ".join(f"{s:,}: {t:.1f} s, {m:,} MB" for s, t, m in points) + "</desc>",
        f'<rect width="{wide}" height="{high}" fill="#fff"/>',
        f'<path d="M{left} 30V{high - low}H{wide - 60}" fill="none" stroke="#222"/>',
        (
            f'<path d="M{left} {high - low}L{straight[0]:.0f} {straight[1]:.0f}" stroke="#888" '
            'stroke-dasharray="4 4"/>'
        ),
        f'<polyline points="{line}" fill="none" stroke="#0b5394" stroke-width="2"/>',
    ]
    for (size, took, _), (x, y) in zip(points, dots, strict=True):
        parts += [
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="#0b5394"/>',
            f'<text x="{x + 8:.0f}" y="{y + 14:.0f}">{took:.1f} s</text>',
            f'<text x="{x:.0f}" y="{high - low + 18}" text-anchor="middle">{size // 1000}</text>',
        ]
    parts += [
        f'<text x="{(wide + left) / 2:.0f}" y="{high - 10}" text-anchor="middle">thousand articles</text>',
        f'<text x="{left}" y="20" text-anchor="middle">seconds</text>',
        "</svg>",
    ]
    path.write_text("\n".join(parts) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", nargs="?", type=Path, default=Path("../shared"))
    parser.add_argument("--sizes", default="10,30,100", help="thousands of articles")
    parser.add_argument("--draw", type=Path)
    given = parser.parse_args()
    good = [True]
    if (given.shared / "data/clusters").is_dir():
        good.append(copies(given.shared))
    else:
        print("Copies: the development material is not here")
    within, points = growth([int(float(n) * 1000) for n in given.sizes.split(",")])
    good += [within, one_more()]
    if given.draw:
        draw(points, given.draw)
    print("\nWithin the budgets." if all(good) else "\nA budget is broken.")
    return not all(good)


if __name__ == "__main__":
    sys.exit(main())
