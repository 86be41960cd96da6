"""The judge's speed on headlines and on articles, beside two yardsticks run in the same minute.

    python bench/bench_judge.py [HEADLINES.jsonl[.gz]] [--rounds 3]

Without a file the invented headlines of training/judge are used. Yardsticks: one pass of one
compiled alternation of the same phrases, and scikit-learn's plain TF-IDF with logistic regression.
Times are CPU seconds of this process (a busy machine does not count), the best of the rounds; the
first round, in which the judge meets its words, is printed apart. Articles are headlines with 600
words of text put together from other headlines. Exits 1 where a target of TARGETS is missed.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from broadsheet.filters import Stream
from broadsheet.wire import beat as beats
from broadsheet.wire import judge
from broadsheet.wire.beat import Beat
from broadsheet.wire.judge import labelled
from broadsheet.wire.model import Article, Band
from broadsheet.wire.phrases import expand
from broadsheet.wire.tag import tag
from broadsheet.wire.text import normal

TRAINING = Path(__file__).parents[1] / "training" / "judge"
TARGETS = {"headlines": 20_000, "articles": 1_500}  # a second and core


def alternation(beat: Beat) -> re.Pattern[str]:
    """Anchors, strong phrases and near misses in one regular expression."""
    given = [phrase for anchors in beat.taxonomy.anchors.values() for phrase in anchors.core]
    given += [
        p for code in beat.taxonomy.codes() for words in code.words.values() for p in words.strong
    ]
    parts = []
    for phrase in given:
        for plain in expand(phrase):
            part = re.escape(normal(plain, fold=True).text)
            part = part.replace(r"\ \*\ ", r"[\s-]+(?:[\w'-]+[\s-]+){0,4}").replace(
                r"\*", r"[\w'-]*"
            )
            parts.append(part.replace(r"\ ", r"[\s-]+"))
    return re.compile(r"(?<!\w)(?:" + "|".join(sorted(set(parts))) + r")(?!\w)")


def timed(work: Callable[[], object], rounds: int) -> list[float]:
    """CPU seconds of each round."""
    took = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        took.append(time.process_time() - start)
    return took


def main() -> int:
    """Print the table; 1 where a target is missed."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("file", nargs="?")
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    beat = beats.load()
    model = judge.load_model(beat)
    invented = labelled.invented(TRAINING)
    if given.file:
        stream = Stream((given.file,), {"title": "headline"})
        headlines = [row["headline"] for _, row in stream.rows() if row.get("headline")]
    else:
        headlines = [row.headline for row in invented]
    articles = [Article(headline=line) for line in headlines]
    print(
        f"{len(headlines):,} headlines, {sum(map(len, headlines)) / len(headlines):.0f} characters on average"
    )
    missed = False

    def say(name: str, count: int, took: list[float], target: int = 0) -> None:
        nonlocal missed
        first, best = count / took[0], count / min(took)
        short = bool(target) and best < target
        missed |= short
        print(
            f"{name:44}{first:>12,.0f}{best:>12,.0f} a second and core"
            + (f"   target {target:,}{': MISSED' if short else ''}" if target else "")
        )

    print(f"{'':44}{'first':>12}{'best':>12}")
    say(
        "judge, headlines",
        len(articles),
        timed(lambda: list(judge.judge_many(articles, beat, model)), given.rounds),
        TARGETS["headlines"],
    )
    pattern = alternation(beat)
    say(
        "yardstick: one alternation of the phrases",
        len(headlines),
        timed(lambda: [pattern.search(line.lower()) for line in headlines], given.rounds),
    )
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    plain = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression())
    plain.fit([row.headline for row in invented], [row.relevant for row in invented])
    say(
        "yardstick: TF-IDF and logistic regression",
        len(headlines),
        timed(lambda: plain.predict_proba(headlines), given.rounds),
    )
    text: list[str] = []
    long: list[Article] = []
    for line in headlines:
        text.append(line)
        if sum(part.count(" ") + 1 for part in text) >= 600:
            long.append(Article(headline=line, text=". ".join(text) + "."))
            text = []
    long = long[:400]

    def both() -> None:
        for article in long:
            if judge.judge(article, beat, model).band is not Band.OFF_BEAT:
                tag(article, beat, True)

    say(
        "judge and tag, articles of 600 words",
        len(long),
        timed(both, given.rounds),
        TARGETS["articles"],
    )
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
