"""How long the wording rules take over a summary of 60 words, on one core.

    python bench/bench_wording.py

Beside a yardstick run in the same minute: one search of a plain alternation of the rules' patterns
in the same texts, which says that something is there, and not which rule, how loud, or whether a
name excuses it. The texts are invented and all different, so that no cache can answer.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from broadsheet.wire import beat as beats
from broadsheet.wire import wording

TEXTS = 300
SUMMARY = (
    "Police in the port of {name} said on Tuesday that {n} people had been found in three houses "
    "near the fish market, where they were kept without pay for months. A court will hear the four "
    "accused in August. \u201cWe were treated like slaves,\u201d one of the workers told the paper. The "
    "ministry rescued none of them, a union said, and forcedto explain itself it stayed silent."
)


def best(work: Callable[[str], object], texts: list[str], times: int = 5) -> float:
    """Milliseconds a text: the best of some runs, as processor time."""
    took = []
    for _ in range(times):
        start = time.process_time()
        for text in texts:
            work(text)
        took.append(time.process_time() - start)
    return min(took) / len(texts) * 1000


def main() -> None:
    beat = beats.load()
    texts = [SUMMARY.format(name=f"Port{n}", n=n + 2) for n in range(TEXTS)]
    begun = time.process_time()
    wording.check(texts[0], beat)
    first = (time.process_time() - begun) * 1000
    plain = re.compile("|".join(f"(?:{rule.pattern})" for rule in beat.rules), re.IGNORECASE)
    ours = best(lambda text: wording.check(text, beat), texts)
    yardstick = best(lambda text: [m.span() for m in plain.finditer(text)], texts)
    print(f"{len(texts)} texts of {len(texts[0].split())} words, {len(beat.rules)} rules")
    print(f"first text, with compiling and the word list: {first:,.0f} ms")
    print(f"wording.check      {ours:6.2f} ms a text")
    print(f"plain alternation  {yardstick:6.2f} ms a text   ratio {ours / yardstick:.2f}")


if __name__ == "__main__":
    main()
