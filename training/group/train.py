"""Make `ordinary.json` and `join.json` of wire/group from labelled material.

    .venv/bin/python training/group/train.py ../shared/data

Reads clusters/domain-events-dev.jsonl and clusters/basil.jsonl (what tells one event from another)
and the headlines of month-2026-03.jsonl.gz (how common a word is). Writes words with their counts and
numbers; no text of any article. Takes a minute.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from broadsheet.wire.group import fitting, terms
from broadsheet.wire.group.fitting import Labelled
from broadsheet.wire.group.join import NAMES
from broadsheet.wire.model import article_from

HERE = Path(__file__).parents[2] / "src/broadsheet/wire/group"
AT_LEAST = 6  # headlines that must hold a word, so that the table is of ordinary words


def rows(path: Path) -> list[dict[str, Any]]:
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as lines:
        return [json.loads(line) for line in lines]


def labelled(given: list[dict[str, Any]], event: str, unit: str, *, text: bool) -> Labelled:
    articles = [
        article_from(
            {
                "headline": r["title"],
                "text": r["text"] if text or not r["title"].strip() else "",
                "source": r["source"],
                "published": r["date"],
                "id": r["id"],
            }
        )
        for r in given
    ]
    return Labelled(tuple(articles), tuple(r[event] for r in given), tuple(r[unit] for r in given))


def count_words(headlines: list[str]) -> dict[str, Any]:
    """How many headlines hold a term, and which terms are mostly written small."""
    held: Counter[str] = Counter()
    small: Counter[str] = Counter()
    large: Counter[str] = Counter()
    for headline in headlines:
        held.update({terms.term(w) for w in terms.split(headline) if w not in terms.STOP})
        words = headline.split()[1:]
        if not words or sum(w[:1].isupper() for w in words) > 0.6 * len(words):
            continue  # Set In Capitals Like This: it says nothing of names
        for word in words:
            for part in terms.split(word):
                (large if word[:1].isupper() else small)[terms.term(part)] += 1
    kept = {t: n for t, n in held.items() if n >= AT_LEAST and t.isascii() and t.isalpha()}
    return {
        "headlines": len(headlines),
        "terms": dict(sorted(kept.items())),
        "small": sorted(t for t in small if small[t] > large[t] and small[t] >= 2 and t.isalpha()),
    }


def main(data: Path) -> None:
    events = rows(data / "clusters/domain-events-dev.jsonl")
    basil = rows(data / "clusters/basil.jsonl")
    month = rows(data / "month-2026-03.jsonl.gz")
    counted = count_words([r["title"] for r in (*month, *basil)])
    (HERE / "ordinary.json").write_text(
        json.dumps(counted, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8"
    )
    terms.ordinary.cache_clear()
    heads = [
        labelled(events, "event", "case", text=False),
        labelled(basil, "cluster", "cluster", text=False),
    ]
    texts = [labelled(basil, "cluster", "cluster", text=True)]
    join = fitting.fit(
        [fitting.sample(v) for given in heads for v in fitting.versions(given)],
        [fitting.sample(v) for given in texts for v in fitting.versions(given)],
    )
    (HERE / "join.json").write_text(
        json.dumps(fitting.as_json(join), indent=1) + "\n", encoding="utf-8"
    )
    for name, *weights in zip(("intercept", *NAMES), join.headlines, join.texts, strict=True):
        print(f"{name:16}" + "".join(f"{weight:9.3f}" for weight in weights))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data"))
