"""What text does to the judge's verdicts: articles by headline alone, and with their text.

    python bench/bench_judge_text.py [../shared/data] [--name]

The held-out invented articles; and, where the folder is there, labelled rows with text, BASIL, and
real pages read by `read`, nearly all of them off the beat. `--name` names what text raised.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import bench_read

from broadsheet.wire import beat as beats
from broadsheet.wire import judge
from broadsheet.wire.errors import ReadError
from broadsheet.wire.judge import labelled
from broadsheet.wire.model import Article, Band, Page, Verdict
from broadsheet.wire.read import read

HERE = Path(__file__).parents[1]
Named = tuple[str, Article]


def held_out() -> tuple[list[Named], list[Named]]:
    """The held-out articles, on and off the beat."""
    on: list[Named] = []
    off: list[Named] = []
    with (HERE / "training/judge/heldout.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            article = Article(headline=row["headline"], text=row["text"])
            (on if row["relevant"] else off).append((row["id"], article))
    return on, off


def pages(rows: Iterable[tuple[str, Page, object]]) -> list[Named]:
    """What `read` makes of real pages; a page that cannot be read is left out."""
    made = []
    for name, page, _ in rows:
        try:
            made.append((name, read(page)))
        except ReadError:
            continue
    return made


def main() -> None:
    """Print a line for each set."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("data", nargs="?", type=Path, default=Path("../shared/data"))
    asked.add_argument("--name", action="store_true", help="name what text raised")
    given = asked.parse_args()
    beat = beats.load()
    on, off = held_out()
    sets = {"held out, on the beat": on, "held out, off the beat": off}
    if given.data.is_dir():
        rows = labelled.read(given.data / "relevance-dev.jsonl.gz")
        sets["labelled, off the beat"] = [
            (row.id, Article(headline=row.headline, text=row.text))
            for row in rows
            if row.text and not row.relevant
        ]
        sets["BASIL"] = [
            (row.headline, Article(headline=row.headline, text=row.text))
            for row in labelled.ordinary(given.data / "clusters/basil.jsonl")
        ]
        sets["pages, scrapinghub"] = pages(bench_read.scrapinghub(given.data / "extraction"))
        sets["pages, fundus"] = pages(bench_read.fundus(given.data / "extraction"))
    for name, articles in sets.items():
        with_text = list(judge.judge_many((a for _, a in articles), beat))
        alone = list(judge.judge_many((replace(a, text="") for _, a in articles), beat))
        covered = [at for at, v in enumerate(with_text) if not v.notes]
        raised = [
            at
            for at in covered
            if alone[at].band is Band.OFF_BEAT and with_text[at].band is not Band.OFF_BEAT
        ]

        def counts(verdicts: list[Verdict], chosen: list[int] = covered) -> str:
            return " / ".join(str(sum(verdicts[at].band is band for at in chosen)) for band in Band)

        print(
            f"| {name} ({len(covered)} of {len(articles)} in covered languages) | {counts(alone)} "
            f"| {counts(with_text)} | {len(raised)} |"
        )
        if given.name:
            for at in raised:
                print(f"    {articles[at][0]} {with_text[at].band} {with_text[at].score}")


if __name__ == "__main__":
    main()
