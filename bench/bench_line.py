"""The line against a yardstick of the same minute: how many times parsing the same pages with lxml.

    .venv/bin/python bench/bench_line.py [../shared] [--pages 120]

Each stage is timed on real pages and set against lxml's time to parse them, so that a budget holds
on a laptop and on a server. Ends with status 1 where a stage is over its budget.
"""

from __future__ import annotations

import argparse
import gzip
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from lxml import html

from broadsheet.wire import beat, judge, line, read, summarise, tag
from broadsheet.wire.errors import WireError
from broadsheet.wire.group import group
from broadsheet.wire.model import Article, Member, Page, Role

# Times lxml's, about twice what was measured (docs/measures-group.md).
BUDGET = {"read": 20.0, "judge": 6.0, "tag": 12.0, "group": 3.0, "summarise": 4.0, "line": 25.0}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", nargs="?", type=Path, default=Path("../shared"))
    parser.add_argument("--pages", type=int, default=120)
    given = parser.parse_args()
    folder = given.shared / "data/extraction/scrapinghub/html"
    if not folder.is_dir():
        print("The development material is not here.")
        return 0
    files = sorted(folder.iterdir())[: given.pages]
    bodies = [
        gzip.decompress(f.read_bytes()) if f.suffix == ".gz" else f.read_bytes() for f in files
    ]
    pages = [
        Page(f"https://pages.example/{n}", body, "text/html; charset=utf-8")
        for n, body in enumerate(bodies)
    ]
    ours = beat.load()
    articles: list[Article] = []

    def reading() -> None:
        articles.clear()
        for page in pages:
            try:
                articles.append(read.read(page, ours))
            except WireError as error:
                print(f"  {error.what}: {error.at}")

    line.run(pages[:3], ours, NOW)  # what is loaded once is loaded now
    yardstick = timed(lambda: [html.fromstring(body) for body in bodies])
    took = {"read": timed(reading)}
    took["judge"] = timed(lambda: [judge.judge(a, ours) for a in articles])
    took["tag"] = timed(lambda: [tag.tag(a, ours) for a in articles])
    took["group"] = timed(lambda: group(articles))
    alone = [Member(a, a.key, Role.LEAD) for a in articles]
    took["summarise"] = timed(lambda: [summarise.summarise([m], ours) for m in alone])
    took["line"] = timed(lambda: line.run(pages, ours, NOW))
    over = 0
    print(f"{len(pages)} pages, {len(articles)} articles; lxml parses them in {yardstick:.2f} s")
    for name, seconds in took.items():
        ratio = seconds / yardstick
        over += ratio > BUDGET[name]
        each = 1000 * seconds / max(1, len(pages))
        print(
            f"{name:10}{seconds:7.2f} s{each:8.2f} ms each{ratio:7.1f} of {BUDGET[name]:.0f} times lxml's"
        )
    print("Within the budgets." if not over else f"{over} over budget.")
    return bool(over)


if __name__ == "__main__":
    sys.exit(main())
