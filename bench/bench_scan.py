"""Scanning archives beside the limits of the machine, in one run: speed, recall, memory.

    python bench/bench_scan.py [--data ../shared/data] [--work FOLDER] [--pages 4000]
        [--share 0.005 0.01 0.02] [--everything 120] [--recall 400] [--rival PYTHON]
        [--picture FILE.svg] [--no-workers]

`--rival` is the Python of an environment of its own that has news-please (`pip install news-please`);
its reading of a page's HTML is then timed too. `--picture` draws the funnel of the run at 1 %.

Archives are made from the real pages of `--data` (their shells as they are, with the headlines of a
real month, so that no headline is judged twice) and of inserted pages on the beat: headlines of the
development rows, a third of them with an ordinary headline and the beat in the first paragraph only.
Rows that a keyword net misses are taken in full, so that what is looked for is not made from the
phrases of the gate. Each page is a request and a response, a gzip member each (level 6), as Common
Crawl writes them.

Times are of the processor (`process_time`), so that a busy machine counts less; the ways that are
compared run in turns over the same files, each once before it counts. Reading everything is slow, so it
is measured on `--everything` pages drawn from all. Recall is counted on those, on all inserted pages,
and on an archive of `--recall` inserted pages.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import html
import json
import math
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broadsheet.scanning.loss import Loss
from broadsheet.wire import beat as beats
from broadsheet.wire import judge as judging
from broadsheet.wire import read as reading
from broadsheet.wire.errors import WireError
from broadsheet.wire.model import Article, Band, Page
from broadsheet.wire.scan import Funnel, Limits, records
from broadsheet.wire.scan.cascade import Cascade
from broadsheet.wire.scan.records import Record

MARK = "Zyrqo Velmth quarnax opens in Tarvel"  # stands in no real page
PLAIN = (
    "The town said on Tuesday that it would look at the matter again in the coming weeks.",
    "A spokesman declined to give further details, and said that more would be known by Friday.",
    "Neighbours spoke of a long week. Several of them had waited outside since the early morning.",
    "The office could not be reached for a comment at the weekend.",
    "It is not the first time that the matter has come up, and few expect it to be the last.",
    "The next meeting is planned for the beginning of the month.",
)
_PARAGRAPH = re.compile(rb"(<p(?:\s[^>]{0,500})?>)(.{60,8000}?)(</p>)", re.IGNORECASE | re.DOTALL)
_TITLES = (
    re.compile(rb"(<title[^>]{0,200}>)([^<]{8,600})(</title)", re.IGNORECASE),
    re.compile(
        rb"(<meta[^>]{0,200}og:title[^>]{0,40}content\s*=\s*\")([^\"]{8,600})(\")", re.IGNORECASE
    ),
    re.compile(rb"(<h1[^>]{0,400}>)(.{8,600}?)(</h1)", re.IGNORECASE | re.DOTALL),
)


@dataclass(frozen=True)
class Shell:
    """A real page whose headline can be changed, and where its paragraphs stand."""

    body: bytes
    encoding: str

    def with_headline(self, headline: str) -> bytes:
        """The page under another headline: title, og:title, h1, and wherever else it stood."""
        put = html.escape(headline).encode(self.encoding, "xmlcharrefreplace")
        body = self.body
        old = {
            m[2].strip()
            for p in _TITLES
            if (m := p.search(body)) and b"<" not in m[2] and len(m[2].strip()) > 20
        }
        for pattern in _TITLES:
            body = pattern.sub(lambda m: m[1] + put + m[3], body, count=1)
        for one in sorted(old, key=len, reverse=True):
            body = body.replace(one, put)
        return body

    def telling(self, headline: str, lead: str, random_: random.Random) -> bytes:
        """The page under another headline with another text: the lead, then what says nothing."""
        told = [lead, *random_.sample(PLAIN, len(PLAIN))]

        def text(match: re.Match[bytes]) -> bytes:
            words = told.pop(0) if told else random_.choice(PLAIN)
            return match[1] + html.escape(words).encode(self.encoding, "replace") + match[3]

        return _PARAGRAPH.sub(text, self.with_headline(headline))


@dataclass
class Material:
    shells: list[Shell]
    open_shells: list[Shell]  # those whose headline and lead the reader takes as they were put
    ordinary: list[str]
    on_beat: list[tuple[str, bool]]  # headline, whether a keyword net finds it


def material(data: Path) -> Material:
    found = sorted(p for p in (data / "extraction").rglob("*.html.gz"))
    shells = []
    for path in found:
        body = gzip.decompress(path.read_bytes())
        if len(body) < 5_000:
            continue
        try:
            body.decode()
            shells.append(Shell(body, "utf-8"))
        except UnicodeDecodeError:
            shells.append(Shell(body, "ascii"))
    chance = random.Random(1)
    usable = []
    for shell in shells:
        body = shell.telling(MARK, f"{MARK} today. {PLAIN[1]}", chance)
        try:
            article = reading.read(Page("https://bench.example/a", body))
        except WireError:
            continue
        if article.headline == MARK and article.text[:400].count(MARK):
            usable.append(shell)
    rows = [json.loads(line) for line in gzip.open(data / "relevance-dev.jsonl.gz")]
    month = [json.loads(line)["title"] for line in gzip.open(data / "month-2026-03.jsonl.gz")]
    on = sorted({(r["title"], r["keyword_hit"]) for r in rows if r["label"] == "relevant"})
    # A month has some thirty headlines on the beat: with them the share would not be what it says. What
    # is unsure stays, so that the steps have something hard to refuse.
    beat = beats.load(None)
    ordinary = [
        title
        for title in sorted({t for t in month if len(t) > 20})
        if judging.judge(Article(headline=title), beat).band is not Band.RELEVANT
    ]
    return Material(shells, usable, ordinary, on)


def make(folder: Path, given: Material, pages: int, share: float, each: int) -> list[Path]:
    """Archives of `each` pages; which pages were inserted stands in `inserted.json` beside them."""
    chance = random.Random(f"{pages} {share}")
    beat_words = {title for title, _ in given.on_beat}
    ordinary = [t for t in given.ordinary if t not in beat_words]
    missed = [t for t, hit in given.on_beat if not hit]
    out, inserted = [], {}
    number = 0
    # The share is exact in each archive, so that runs can be compared.
    for at in range(0, pages, each):
        here = min(each, pages - at)
        places = set(chance.sample(range(at + 1, at + here + 1), round(here * share)))
        path = folder / f"bench-{at // each:03}.warc.gz"
        with path.open("wb") as file:
            for _ in range(here):
                number += 1
                url = f"https://site{number % 97}.example/{number}"
                if number in places:
                    # half of them from the rows that a keyword net misses
                    title = (
                        chance.choice(missed)
                        if chance.random() < 0.5
                        else chance.choice(given.on_beat)[0]
                    )
                    hidden = chance.random() < 1 / 3
                    head = chance.choice(ordinary) if hidden else title
                    lead = f"{title}. " if hidden or chance.random() < 0.5 else ""
                    shell = chance.choice(given.open_shells)
                    body = shell.telling(head, lead + PLAIN[number % len(PLAIN)], chance)
                    inserted[url] = "lead" if hidden else "headline"
                else:
                    body = chance.choice(given.shells).with_headline(chance.choice(ordinary))
                file.write(record("request", url, number, b"GET / HTTP/1.1\r\n\r\n"))
                http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
                file.write(record("response", url, number, http + body))
        out.append(path)
    (folder / "inserted.json").write_text(json.dumps(inserted))
    return out


def record(kind: str, url: str, number: int, http: bytes) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
        f"WARC-Date: 2026-03-{number % 28 + 1:02}T00:00:00Z\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + http + b"\r\n\r\n", compresslevel=6, mtime=0)


# ---- the ways -----------------------------------------------------------------------------------


@dataclass
class Way:
    name: str
    run: Callable[[Path], int]  # pages of a file
    seconds: list[float] = field(default_factory=list)
    pages: int = 0

    def turn(self, paths: list[Path]) -> None:
        begun = time.process_time()
        self.pages = sum(map(self.run, paths))
        self.seconds.append(time.process_time() - begun)

    @property
    def rate(self) -> float:
        return self.pages / min(self.seconds)


def inflate(path: Path) -> int:
    from isal import igzip

    room = bytearray(1 << 20)
    with igzip.open(path, "rb") as file:  # type: ignore[no-untyped-call]
        while file.readinto(room):
            pass
    return -1


def fastwarc(path: Path) -> int:
    from fastwarc.warc import ArchiveIterator, response

    with path.open("rb") as file:
        return sum(
            len(one.reader.read()) > 0
            for one in ArchiveIterator(file, record_types=response, parse_http=True)
        )


class Scan:
    """Our scan of one file, warm: the beat, the gate, the model and the languages are loaded."""

    def __init__(self, everything: bool = False, reads: bool = True, clock: Any = None) -> None:
        self.cascade = Cascade(beats.load(None), everything=everything, clock=clock)
        self.reads = reads
        self.found: list[str] = []
        self.cascade.warm()

    def __call__(self, path: Path) -> int:
        cascade = self.cascade
        cascade.funnel = Funnel()
        self.found = []
        with path.open("rb") as file:
            for one in cascade.sift(self.counted(records(file, cascade.funnel, Limits()))):
                if not self.reads or cascade.full(one):
                    self.found.append(one.url)
        return cascade.funnel.steps["records"].out

    def counted(self, pages: Iterator[Record]) -> Iterator[Record]:
        clock = self.cascade.clock
        begun = clock()
        for one in pages:
            self.cascade.funnel.passed("records", True, clock() - begun)
            self.cascade.came(one)
            yield one
            begun = clock()


def pages_of(path: Path, most: int) -> Iterator[Record]:
    with path.open("rb") as file:
        for number, one in enumerate(records(file, Funnel(), Limits())):
            if number >= most:
                return
            yield one


def drawn(paths: list[Path], many: int) -> list[Record]:
    """`many` pages, drawn alike from all (a reservoir); they wait packed."""
    chance, seen = random.Random(3), 0
    kept: list[Record] = []
    for path in paths:
        for one in pages_of(path, 10**9):
            seen += 1
            if len(kept) < many:
                kept.append(one.held())
            elif (place := chance.randrange(seen)) < many:
                kept[place] = one.held()
    return [one.whole() for one in kept]


def trafilatura_text(sample: list[Record]) -> Callable[[Path], int]:
    from trafilatura import extract

    def run(_: Path) -> int:
        for one in sample:
            extract(one.body, url=one.url)
        return len(sample)

    return run


def trafilatura_all(sample: list[Record]) -> Callable[[Path], int]:
    from trafilatura import bare_extraction

    def run(_: Path) -> int:
        for one in sample:
            bare_extraction(one.body, url=one.url, with_metadata=True)
        return len(sample)

    return run


_RIVAL = """
import json, logging, sys, time, warnings
warnings.simplefilter("ignore"); logging.disable(logging.CRITICAL)
from newsplease import NewsPlease
pages = json.load(open(sys.argv[1]))
NewsPlease.from_html(pages[0], url="https://site.example/0", fetch_images=False)
begun = time.process_time()
for number, page in enumerate(pages):
    try:
        NewsPlease.from_html(page, url=f"https://site.example/{number}", fetch_images=False)
    except Exception:
        pass
print(time.process_time() - begun)
"""


def rival(python: Path, sample: list[Record], folder: Path) -> float:
    """Seconds of the processor that news-please takes for the sample, in its own environment."""
    pages = [one.body.decode("utf-8", "replace") for one in sample]
    path = folder / "rival.json"
    path.write_text(json.dumps(pages), encoding="utf-8")
    done = subprocess.run(
        [str(python), "-c", _RIVAL, str(path)], check=True, capture_output=True, text=True
    )
    return float(done.stdout.split()[-1])


# ---- the run ------------------------------------------------------------------------------------


def speeds(paths: list[Path], rounds: int, sample: list[Record], other: Path | None) -> Funnel:
    """Pages a second and core, of each way over the same files, in turns; and the funnel of our scan."""
    inline, first, whole = Scan(), Scan(reads=False), Scan(everything=True)

    def reads_all(_: Path) -> int:
        for one in sample:
            whole.cascade.look(one)
        return len(sample)

    quick = [
        Way("inflate (isal)", inflate),
        Way("FastWARC alone", fastwarc),
        Way("scan, full read inline", inline),
        Way("scan, full read in another process", first),
    ]
    slow = [
        Way("our read, judge and tag of everything", reads_all),
        Way("trafilatura, extract(), of everything", trafilatura_text(sample)),
        Way("trafilatura, with metadata, of everything", trafilatura_all(sample)),
    ]
    # What is loaded at a first page (htmldate, justext's words) is paid for once in a scan of millions.
    for way in slow:
        way.run(paths[0])
    for _ in range(rounds):
        for way in quick:
            way.turn(paths)
    for _ in range(2):
        for way in slow:
            way.turn(paths[:1])
    if other is not None:
        way = Way("news-please, from_html, of everything", lambda _: len(sample))
        way.pages, way.seconds = len(sample), [rival(other, sample[:60], paths[0].parent)]
        way.pages = len(sample[:60])
        slow.append(way)
    quick[0].pages = quick[1].pages
    raw = sum(len(one.body) for one in sample) / len(sample)
    limit = quick[0].rate
    print(f"\n{'way':<48}{'pages/s':>10}{'MB/s raw':>10}{'of limit':>10}")
    for way in (*quick, *slow):
        print(
            f"{way.name:<48}{way.rate:>10,.0f}{way.rate * raw / 1e6:>10,.0f}{way.rate / limit:>10.3f}"
        )
    for way in slow[1:]:
        print(
            f"times {way.name:<42}{quick[2].rate / way.rate:>10.1f} inline"
            f"{quick[3].rate / way.rate:>10.1f} elsewhere"
        )
    explained, funnel = Scan(clock=time.process_time), Funnel()
    for path in paths:
        explained(path)
        funnel.add(explained.cascade.funnel)
    for line in funnel.words():
        print("  " + line)
    return funnel


def recall(paths: list[Path], inserted: dict[str, str], everything: int) -> tuple[float, float]:
    """Recall and precision of the scan against reading everything, for the relevant band."""
    scan, whole = Cascade(beats.load(None)), Cascade(beats.load(None), everything=True)
    true = found = both = seen = 0
    of: dict[str, list[int]] = {"headline": [0, 0], "lead": [0, 0], "a page as it was": [0, 0]}
    for path in paths:
        for one in pages_of(path, 10**9):
            seen += 1
            if one.url not in inserted and seen > everything:
                continue
            is_true, is_found = whole.look(one) is not None, scan.look(one) is not None
            true, found, both = true + is_true, found + is_found, both + (is_true and is_found)
            if is_true:
                kind = of[inserted.get(one.url, "a page as it was")]
                kind[0] += 1
                kind[1] += is_found
    least = Loss(seen, true, both).least() if true else 0.0
    print(
        f"\nrecall {both}/{true} = {both / max(1, true):.3f} (at least {least:.3f} with 95 % confidence), "
        f"precision {both}/{found}"
    )
    for name, (all_, got) in of.items():
        print(f"  the beat in the {name}: {got} of {all_}")
    return both / max(1, true), both / max(1, found)


def tree_memory(top: int) -> int:
    """kB of a process and all below it, what they share counted once (PSS)."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    total = 0
    for pid in parents:
        up = pid
        while up not in (top, 0):
            up = parents.get(up, 0)
        if up == top:
            with contextlib.suppress(OSError):
                told = Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += int(told.partition("\nPss:")[2].split()[0])
    return total


def memory_and_workers(paths: list[Path], folder: Path) -> None:
    """The command as people run it, over the archives several times (by links): wall time and memory.

    One worker on one core, two on two: a worker's reading process would else have the other core.
    """
    cores = sorted(os.sched_getaffinity(0))
    many = [folder / f"again-{turn}-{path.name}" for turn in range(4) for path in paths]
    for at, link in enumerate(many):
        link.unlink(missing_ok=True)
        link.symlink_to(paths[at % len(paths)])
    wall: dict[int, float] = {}
    for workers in (1, 2, 1, 2):
        out = folder / f"out-{time.monotonic_ns()}.jsonl.gz"
        given = [sys.executable, "-m", "broadsheet", "scan", "--workers", str(workers)]
        begun = time.perf_counter()
        running = subprocess.Popen(
            [*given, "--out", str(out), *map(str, many)], stderr=subprocess.DEVNULL
        )
        os.sched_setaffinity(running.pid, cores[:workers])
        used = []
        while running.poll() is None:
            if workers == 1:
                used.append(tree_memory(running.pid) / 1024)
            time.sleep(0.25)
        assert running.returncode == 0
        took = time.perf_counter() - begun
        wall[workers] = min(wall.get(workers, took), took)
        if used:
            half = len(used) // 2
            print(
                f"one worker with its reader: at most {max(used[:half]):.0f} MB in the first half of the "
                f"run, {max(used[half:]):.0f} MB in the second"
            )
    print(f"one core {wall[1]:.1f} s, two {wall[2]:.1f} s: {wall[1] / wall[2]:.2f} times")


def picture(funnel: Funnel) -> str:
    """The funnel as SVG: a bar for each step, as long as the share of pages that come so far.

    Shares of one in a hundred would not be seen on a plain scale, so lengths go by the logarithm. Colours
    hold 4.5 to 1 on white and are told apart by nothing else than their words.
    """
    steps = funnel.steps
    first = max(1, steps["records"].out)
    rows = [
        ("pages of the archive", steps["records"].out, steps["records"].seconds),
        ("pass the gate", steps["gate"].out, steps["gate"].seconds),
        ("pass the quick text", steps["quick text"].out, steps["quick text"].seconds),
        ("are on the beat", steps["full"].out, steps["full"].seconds),
    ]
    told = "; ".join(f"{many:,} {name}" for name, many, _ in rows)
    out = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 250" role="img"',
        ' aria-labelledby="funnel-t funnel-d" font-family="sans-serif" font-size="15">',
        '<title id="funnel-t">How many pages come how far in a scan</title>',
        f'<desc id="funnel-d">{told}.</desc>',
        '<rect width="720" height="250" fill="#fff"/>',
    ]
    for at, (name, many, seconds) in enumerate(rows):
        width = 460 * (1 + math.log10(max(many, 1) / first) / 4)
        top = 16 + at * 56
        out += [
            f'<rect x="{230 - width / 4:.0f}" y="{top}" width="{width / 2 + 4:.0f}" height="40"',
            ' fill="#1f5a8a"/>',
            f'<text x="380" y="{top + 18}" fill="#111">{many:,} {name} ({many / first:.1%})</text>',
            f'<text x="380" y="{top + 36}" fill="#444">this step: {seconds / first * 1e6:,.0f} µs',
            " a page of the archive</text>",
        ]
    return "\n".join([*out, "</svg>", ""])


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    given.add_argument("--data", type=Path, default=Path("../shared/data"))
    given.add_argument("--work", type=Path, default=None)
    given.add_argument("--pages", type=int, default=4_000)
    given.add_argument("--each", type=int, default=2_000, help="pages in an archive")
    given.add_argument("--share", type=float, nargs="+", default=[0.005, 0.01, 0.02])
    given.add_argument("--everything", type=int, default=120)
    given.add_argument("--recall", type=int, default=400, help="inserted pages to count recall on")
    given.add_argument("--rounds", type=int, default=3)
    given.add_argument("--rival", type=Path, default=None, help="the Python that has news-please")
    given.add_argument("--picture", type=Path, default=None, help="where the funnel is drawn")
    given.add_argument("--no-workers", action="store_true")
    args = given.parse_args()
    work = args.work or Path(tempfile.mkdtemp(prefix="bench-scan-"))
    from_shells = material(args.data)
    print(
        f"{len(from_shells.shells)} shells, {len(from_shells.open_shells)} that take a text, in {work}"
    )
    for share in args.share:
        folder = work / f"share-{share}"
        folder.mkdir(parents=True, exist_ok=True)
        paths = make(folder, from_shells, args.pages, share, args.each)
        packed = sum(path.stat().st_size for path in paths)
        inserted = json.loads((folder / "inserted.json").read_text())
        print(
            f"\n=== {share:.1%} on the beat: {args.pages:,} pages, {packed / 1e6:,.0f} MB packed, "
            f"{len(inserted)} inserted"
        )
        sample = drawn(paths, args.everything)
        print(f"load {os.getloadavg()[0]:.1f}")
        funnel = speeds(paths, args.rounds, sample, args.rival)
        if args.picture and share == 0.01:
            args.picture.write_text(picture(funnel), encoding="utf-8")
        recall(paths, inserted, args.everything)
        if not args.no_workers and share == args.share[-1]:
            memory_and_workers(paths, folder)
    if args.recall:
        folder = work / "recall"
        folder.mkdir(parents=True, exist_ok=True)
        paths = make(folder, from_shells, args.recall, 1.0, args.recall)
        print(f"\n=== {args.recall:,} pages that were inserted, by themselves")
        recall(paths, json.loads((folder / "inserted.json").read_text()), 0)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
