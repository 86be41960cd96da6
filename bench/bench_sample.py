"""What the line makes of the sample month, beside what its writers meant.

    python bench/bench_sample.py

The month is invented by the makers of the program, so a good figure here proves little; a bad one names
the article to look at.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from broadsheet import sample
from broadsheet.sample.build import labels
from broadsheet.wire import beat as beats
from broadsheet.wire import line
from broadsheet.wire.model import Band


def main() -> None:
    run = line.run(sample.pages(), beats.load(), sample.NOW)
    meant = labels()
    told: Counter[tuple[str, str]] = Counter()
    amiss = []
    for article in run.articles:
        about, _ = meant[article.url or ""]
        band = run.band(article)
        kind = "near miss" if about.startswith("NM.") else about.replace("_", " ")
        told[kind, band] += 1
        if (about == "relevant") is (band is Band.OFF_BEAT):
            amiss.append(f"  {band:<9} meant as {about}: {article.headline}")
    print(f"{run.pages} pages, {len(run.articles)} articles, {len(run.failures)} failures")
    print(f"{'meant as':<12}" + "".join(f"{band:>10}" for band in Band))
    for kind in ("relevant", "near miss", "off beat"):
        print(f"{kind:<12}" + "".join(f"{told[kind, band]:>10}" for band in Band))
    print(*amiss, sep="\n")

    stories = defaultdict(set)
    events = defaultdict(set)
    for member in run.members:
        _, event = meant[member.article.url or ""]
        if event:
            stories[member.story].add(event)
            events[event].add(member.story)
    print(f"{len(stories)} stories of {len(events)} events;", end=" ")
    mixed = [found for found in stories.values() if len(found) > 1]
    across = [found for found in mixed if len({event.partition("/")[0] for event in found}) > 1]
    print(f"{len(mixed)} stories mix events ({len(across)} of them of several cases),", end=" ")
    print(f"{sum(len(found) > 1 for found in events.values())} events fall into several stories")


if __name__ == "__main__":
    main()
