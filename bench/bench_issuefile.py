"""Field F1 of parse-issue on the invented letters of tests/wire/issuefile.

    python bench/bench_issuefile.py [--set written|first|second|third-tune|third-aside|fourth|
                                           fifth-tune|fifth-aside|sixth-tune|sixth-aside]
                                    [--each N] [--wrong] [--layout NAME]

An item found is matched to the labelled item whose headline shares most words with it (at least
half); each is matched once. A field counts as right where it is equal after folding quotes, case,
blanks, closing points, emphasis and bullets. `boundary` asks in addition that the summary is the
item's own (equal words). Links: the address, and the words where the label has any. Title: one of
the names that the letter gives itself. Prints counts, precision, recall and F1 for each field, then
for each layout. The letters of third-, fifth- and sixth-aside are to stay unseen, so neither what is
wrong with them nor the figures of their layouts are printed.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from broadsheet.wire import issuefile, text
from tests.wire.issuefile import hands, invented, third, unseen, unseen_again
from tests.wire.issuefile.invented import Letter, News

ASIDE = ("third-aside", "fifth-aside", "sixth-aside")
FOURTH = third.FOLDER.parent / "fourth"
# written with these, first blind set, second blind set, both halves of the third, and letters that the
# writer of the reader wrote in shapes which the third set made him think of: no test of the unseen;
# both halves of the fifth and of the sixth, blind sets again, each by another writer
SETS: dict[str, Callable[[int], list[Letter]]] = {
    "written": invented.letters,
    "first": unseen.letters,
    "second": unseen_again.letters,
    "third-tune": lambda _: third.letters("tune"),
    "third-aside": lambda _: third.letters("aside"),
    "fourth": lambda _: third.labelled(FOURTH),
    "hands": lambda each: hands.letters(50 * each),
    "fifth-tune": lambda _: third.letters("tune", third.FIFTH),
    "fifth-aside": lambda _: third.letters("aside", third.FIFTH),
    "sixth-tune": lambda _: third.letters("tune", third.SIXTH),
    "sixth-aside": lambda _: third.letters("aside", third.SIXTH),
}
FIELDS = (
    "item",
    "boundary",
    "headline",
    "date",
    "source",
    "link",
    "words",
    "caption",
    "credit",
    "kind",
    "month",
    "title",
    "section",
)
# Emphasis and bullets: a typed letter has them as characters, a page as tags, and both say the same.
_MARKS = re.compile(r"(?m)\*+|•|^\s*[-·–]\s+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)")


def folded(value: str | None) -> str:
    value = re.sub(r"\]\([^)]*\)", "", (value or "").replace("\\", "")).replace("[", "")
    value = _MARKS.sub("", value)
    return " ".join(text.normal(value, fold=True).text.split()).strip(" .。:;,»→\"'")


def alike(one: str, other: str) -> float:
    a, b = set(text.words(one)), set(text.words(other))
    return len(a & b) / max(1, len(a | b)) if a or b else float(one == other)


def facts(letter: Letter) -> list[dict[str, set[str]]]:
    return [_gold(item, group.heading) for group in letter.groups for item in group.items]


def _gold(item: News, heading: str) -> dict[str, set[str]]:
    links = list(item.extra) or ([(item.words, item.url)] if item.url or item.words else [])
    return {
        "item": {"1"},
        "boundary": {folded(item.summary)},
        "headline": {folded(item.headline)},
        "date": {item.value} - {""},
        "source": {folded(item.source)} - {""},
        "link": {url for _, url in links if url},
        "words": {folded(words) for words, _ in links if words},
        "caption": {folded(item.caption)} - {""},
        "credit": {folded(item.credit)} - {""},
        "kind": {item.kind},
        "section": {folded(heading)} - {""},
    }


def found(parsed: issuefile.Parsed) -> list[dict[str, set[str]]]:
    out = []
    for section in parsed.edition.sections:
        for item in section.items:
            images = [i for i in item.images if i.caption or i.credit]
            out.append(
                {
                    "item": {"1"},
                    "boundary": {folded(item.summary)},
                    "headline": {folded(item.headline)},
                    "date": {item.date.value} if item.date else set(),
                    "source": {folded(item.source)} - {""},
                    "link": {link.url for link in item.links if link.url},
                    "words": {folded(link.text) for link in item.links},
                    "caption": {folded(i.caption) for i in images} - {""},
                    "credit": {folded(i.credit) for i in images} - {""},
                    "kind": {item.kind.value},
                    "section": {folded(section.heading)} - {""},
                }
            )
    return out


def read(letter: Letter) -> issuefile.Parsed | None:
    """What the reader makes of a letter; None where a file has no issue with such a title."""
    if not letter.one_of_several:
        return issuefile.parse(letter.data, name=letter.name)
    titles = {folded(title) for title in letter.titles}
    issues = issuefile.parse_all(letter.data, name=letter.name)
    return next((one for one in issues if folded(one.edition.title) in titles), None)


def _of_letter(letter: Letter, parsed: issuefile.Parsed | None) -> dict[str, Counter[str]]:
    """Counts for the fields that a letter has once: its month and, where labelled, its title."""
    edition = parsed.edition if parsed else None
    month = edition.date.value[:7] if edition and edition.date else ""
    counts = {"month": Counter(right=month == letter.month, found=bool(month), gold=1)}
    if letter.titles:
        title = folded(edition.title) if edition else ""
        right = title in {folded(one) for one in letter.titles}
        counts["title"] = Counter(right=right, found=bool(title), gold=1)
    return counts


def score(letter: Letter, wrong: bool) -> dict[str, Counter[str]]:
    """Counts of right, found and labelled values for each field of a letter."""
    counts: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    parsed = read(letter)
    gold, ours = facts(letter), found(parsed) if parsed else []
    pairs = sorted(
        (
            (alike(" ".join(g["headline"]), " ".join(o["headline"])), gi, oi)
            for gi, g in enumerate(gold)
            for oi, o in enumerate(ours)
        ),
        reverse=True,
    )
    match: dict[int, int] = {}
    for much, gi, oi in pairs:
        if much >= 0.5 and gi not in match and oi not in match.values():
            match[gi] = oi
    for field, count in _of_letter(letter, parsed).items():
        counts[field] += count
        if wrong and not count["right"]:
            title = (parsed.edition.title, parsed.edition.date) if parsed else None
            print(f"  {letter.layout} {letter.name}: wrong {field} in {title}")
    for field in FIELDS:
        if field in ("month", "title"):
            continue
        for gi, g in enumerate(gold):
            o: dict[str, Any] = ours[match[gi]] if gi in match else defaultdict(set)
            theirs = o[field]
            if field == "words" and not g["words"]:
                theirs = set()  # without a label any words will do
            right = g[field] & theirs
            counts[field].update(right=len(right), found=len(theirs), gold=len(g[field]))
            if wrong and (len(right) < len(g[field]) or len(theirs) > len(right)):
                print(
                    f"  {letter.layout} {letter.name} {field}: {theirs or '-'} not {g[field] or '-'}"
                )
        for oi, o in enumerate(ours):
            if oi not in match.values():
                counts[field].update(found=len(o[field]))
                if wrong and field == "headline":
                    print(f"  {letter.layout} {letter.name}: no such item {o[field]}")
    return counts


def f1(count: Counter[str]) -> tuple[float, float, float]:
    precision = count["right"] / count["found"] if count["found"] else float(not count["gold"])
    recall = count["right"] / count["gold"] if count["gold"] else 1.0
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--each", type=int, default=4, help="letters of each layout")
    arguments.add_argument("--set", choices=sorted(SETS), default="written", dest="of")
    arguments.add_argument("--wrong", action="store_true", help="print what is wrong")
    arguments.add_argument("--layout", help="only this layout")
    given = arguments.parse_args()
    if given.of in ASIDE and (given.wrong or given.layout):
        arguments.error("the letters kept aside are only scored as a whole")
    total: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    layouts: dict[str, Counter[str]] = defaultdict(Counter)
    chosen = [x for x in SETS[given.of](given.each) if given.layout in (None, x.layout)]
    start = time.perf_counter()
    for letter in chosen:
        for field, count in score(letter, given.wrong).items():
            total[field] += count
            layouts[letter.layout] += count
    took = time.perf_counter() - start
    print(f"{len(chosen)} letters, {took:.1f} s")
    print(f"{'field':12}{'labelled':>9}{'found':>7}{'right':>7}{'prec.':>8}{'recall':>8}{'F1':>8}")
    for field, count in total.items():
        p, r, f = f1(count)
        print(
            f"{field:12}{count['gold']:9}{count['found']:7}{count['right']:7}{p:8.3f}{r:8.3f}{f:8.3f}"
        )
    for name, count in () if given.of in ASIDE else layouts.items():
        print(f"{name:28}{f1(count)[2]:8.3f}")


if __name__ == "__main__":
    main()
