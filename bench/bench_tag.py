"""How many articles of 600 words judge and tag get through in a second, on one core.

    python bench/bench_tag.py [../shared]

Beside two yardsticks run in the same minute on the same texts: one pass of a compiled alternation of
the same phrases, and scikit-learn's TF-IDF with logistic regression. The texts are real articles
(BASIL), cut or joined to 600 words; a share of them is put on the beat by a sentence in front, since
tag does more for those. Times are of the process, best of three.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from broadsheet.wire import beat as beats
from broadsheet.wire import phrases, places, tag
from broadsheet.wire.model import Article

WORDS = 600
ON_BEAT = "Police arrested two people on suspicion of human trafficking in Bangkok on Monday. "


def texts(shared: Path) -> list[str]:
    words: list[str] = []
    for line in (shared / "data/clusters/basil.jsonl").read_text(encoding="utf-8").splitlines():
        words += json.loads(line)["text"].split()
    return [" ".join(words[at : at + WORDS]) for at in range(0, len(words) - WORDS, WORDS)]


def best(work: Callable[[Any], object], items: Sequence[Any], times: int = 3) -> float:
    took = []
    for _ in range(times):
        start = time.process_time()
        for item in items:
            work(item)
        took.append(time.process_time() - start)
    return min(took) / len(items)


def alternation(beat: beats.Beat) -> re.Pattern[str]:
    """The yardstick: all phrases in one regular expression, whose stars stay within a word."""
    forms = {
        re.escape(form.replace(" * ", " ")).replace(r"\*", r"\w*").replace(r"\ ", r"[\s-]+")
        for code in beat.taxonomy.codes()
        for words in code.words.values()
        for phrase in (*words.strong, *words.weak)
        for form in phrases.expand(phrase)
    }
    return re.compile(r"(?<!\w)(?:" + "|".join(sorted(forms)) + r")(?!\w)", re.IGNORECASE)


def main() -> None:
    shared = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared")
    beat = beats.load()
    base = texts(shared)[:250]
    articles = [
        Article(headline=" ".join(t.split()[:10]), text=t if n % 10 else ON_BEAT + t)
        for n, t in enumerate(base)
    ]
    places.find("Thailand")
    matcher = phrases.Matcher.of(beat)

    def scan(article: Article) -> None:
        matcher._scans.clear()
        matcher.scan(article.text)

    def whole(article: Article) -> None:
        matcher._scans.clear()
        tag.tag(article, beat)

    rows: list[tuple[str, float]] = [
        ("phrases alone", best(scan, articles)),
        ("tag", best(whole, articles)),
    ]
    try:
        from broadsheet.wire import judge as judging

        def both(article: Article) -> None:
            matcher._scans.clear()
            judging.judge(article, beat)
            tag.tag(article, beat)

        def as_in_line(article: Article) -> None:
            matcher._scans.clear()
            verdict = judging.judge(article, beat)
            if verdict.band != "off_beat":
                tag.tag(article, beat, on_beat=verdict.relevant)

        rows.append(("judge and tag", best(both, articles)))
        rows.append(("judge, and tag what is not off the beat", best(as_in_line, articles)))
    except ImportError as error:
        print(f"judge not measured: {error}")
    pattern = alternation(beat)
    rows.append(
        ("yardstick: one alternation", best(lambda a: pattern.findall(a.text), articles[:20], 1))
    )
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vector = TfidfVectorizer(ngram_range=(1, 2), min_df=2)
    model = LogisticRegression().fit(
        vector.fit_transform([a.text for a in articles]), [n % 2 for n in range(len(articles))]
    )
    start = time.process_time()
    model.predict(vector.transform([a.text for a in articles]))
    rows.append(
        ("yardstick: TF-IDF and logistic regression", (time.process_time() - start) / len(articles))
    )
    for name, took in rows:
        print(f"{name:<45}{took * 1e6:>10,.0f} us{1 / took:>10,.0f} a second")


if __name__ == "__main__":
    main()
