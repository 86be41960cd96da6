"""Make the invented rows: rows.jsonl from grammar.txt, leads.jsonl from leads.txt.

    python training/judge/invent.py      writes both beside itself, the same on every machine

Each line of the grammar is filled in several times with other words, then some are set in the
habits of outlets: all capitals, Title Case, the words of an address ("girls-sold-into ..."), a
label before ("Watch:"), an outlet behind. Nothing is taken from a printed headline.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

HERE = Path(__file__).parent
SEED = 20190621
LABELS = ("Exclusive", "Watch", "Live", "Analysis", "Opinion", "Video", "Breaking", "Explained")
SMALL = {"a", "an", "the", "of", "in", "on", "for", "to", "and", "at", "by", "as", "over", "with"}
Grammar = tuple[dict[str, list[str]], list[tuple[str, bool, int, list[str]]]]


def read(path: Path) -> Grammar:
    """The slots, and for each kind its label, the rows wanted and its lines."""
    slots: dict[str, list[str]] = {}
    kinds: list[tuple[str, bool, int, list[str]]] = []
    for number, given in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        line = given.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("@"):
            kind, label, wanted = line[1:].split()
            kinds.append((kind, label == "relevant", int(wanted), []))
        elif match := re.match(r"([a-z]+): (.+\|.+)", line):
            slots[match[1]] = [part.strip() for part in match[2].split(" | ")]
        elif not kinds:
            raise SystemExit(f"{path.name}, line {number}: a headline before the first kind")
        else:
            kinds[-1][3].append(line)
    return slots, kinds


def fill(line: str, slots: dict[str, list[str]], chance: random.Random) -> str:
    """A line with its slots filled, and what stands in them too."""
    while match := re.search(r"\{(\w+)\}", line):
        line = line[: match.start()] + chance.choice(slots[match[1]]) + line[match.end() :]
    line = re.sub(r"\ba (?=[aeio]\w)", "an ", line)
    return line[:1].upper() + line[1:]


def dress(line: str, slots: dict[str, list[str]], chance: random.Random) -> tuple[str, str]:
    """The line in the habits of some outlet, and the name of the habit."""
    if not line.isascii() and re.search("[\u4e00-\u9fff]", line):
        return line, "zh-Hant"
    luck = chance.random()
    if luck < 0.52:
        return line, "plain"
    if luck < 0.66:
        words = line.split(" ")
        return " ".join(
            w if w.lower() in SMALL and at else w[:1].upper() + w[1:] for at, w in enumerate(words)
        ), "title"
    if luck < 0.74:
        return re.sub(r"[^\w\s]", "", line).lower(), "slug"
    if luck < 0.80:
        return f"{chance.choice(LABELS)}: {line}", "label"
    if luck < 0.88:
        return f"{line} - {chance.choice(slots['outlet'])}", "outlet"
    if luck < 0.91:
        return line.upper(), "capitals"
    if luck < 0.96:
        return line.replace("'", "\u2019"), "curly"
    return f"{line} | {chance.choice(slots['country'])}", "section"


def rows(grammar: Grammar, chance: random.Random, dressed: bool = True) -> list[dict[str, object]]:
    """The invented rows: every line of the grammar at least once, none twice."""
    slots, kinds = grammar
    made: list[dict[str, object]] = []
    seen: set[str] = set()
    for kind, relevant, wanted, lines in kinds:
        count = tries = 0
        while count < wanted and tries < 30 * wanted:
            line = lines[tries % len(lines)]
            tries += 1
            filled = fill(line, slots, chance)
            headline, habit = dress(filled, slots, chance) if dressed else (filled, "plain")
            if headline.lower() in seen:
                continue
            seen.add(headline.lower())
            count += 1
            made.append(
                {
                    "id": f"{kind.lower()}-{count}",
                    "headline": headline,
                    "relevant": relevant,
                    "kind": kind,
                    "habit": habit,
                }
            )
            if not dressed:
                made[-1]["line"] = f"{kind.lower()}/{(tries - 1) % len(lines)}"
    return made


def longer(made: list[dict[str, object]], chance: random.Random) -> None:
    """Make every second text a longer one: of its own kind, or ordinary sentences, before or behind.

    What is on the beat goes on telling of it, or takes a few sentences to come to it; what is not has
    its word of the beat further down. The texts are short and of different stories: only the order
    of telling and not telling is learned from them.
    """
    ordinary = [row["text"] for row in made if row["kind"] in ("OTHER", "PASSING")]
    telling = [row["text"] for row in made if row["kind"] in ("TOLD", "VAGUE")]
    for row in made:
        if chance.random() < 0.5 or not str(row["text"]).isascii():
            continue
        if not row["relevant"]:
            row["text"] = f"{chance.choice(ordinary)} {row['text']}"
        elif chance.random() < 0.7:
            row["text"] = f"{row['text']} {chance.choice(telling)}"
        else:
            row["text"] = f"{row['text']} {chance.choice(ordinary)}"


def write(name: str, made: list[dict[str, object]]) -> None:
    """One row a line, and how many."""
    with (HERE / name).open("w", encoding="utf-8") as file:
        for row in made:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    relevant = sum(bool(row["relevant"]) for row in made)
    print(f"{name}: {len(made):,} rows, {relevant:,} of them relevant")


def main() -> None:
    """Write rows.jsonl and leads.jsonl and say how many."""
    chance = random.Random(SEED)  # noqa: S311 -- to repeat, not to hide
    slots, kinds = read(HERE / "grammar.txt")
    write("rows.jsonl", rows((slots, kinds), chance))
    more, leads = read(HERE / "leads.txt")
    made = rows((slots | more, leads), chance, dressed=False)
    for row in made:
        row["headline"], row["text"] = str(row["headline"]).split(" || ")
    longer(made, chance)
    write("leads.jsonl", made)


if __name__ == "__main__":
    main()
