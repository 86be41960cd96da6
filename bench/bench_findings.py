"""Months of findings into the desk, as people do it: how long it takes, and how fast the desk is then.

    python bench/bench_findings.py [--findings 50000] [--work FOLDER] [--judged]
    .ci/with-postgres python bench/bench_findings.py

Invented events of twelve months, one to eight reports of each: what is known of the event in another
choice and order, between sentences of the outlet's own; a third of the reports are copies of another.
`broadsheet import` takes them into a fresh desk while an editor opens pages; pages are asked for again
afterwards, and one month is replayed without the desk. On SQLite unless DATABASE_URL says otherwise.
With `--judged` the rows carry what a scan by this version says of them, as rows of `broadsheet scan` do.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import itertools
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PLACES = [
    "Vinnitsa",
    "Lagos",
    "Phnom-Penh",
    "Leeds",
    "Dhaka",
    "Lima",
    "Nairobi",
    "Cebu",
    "Yangon",
    "Turin",
    "Accra",
    "Medan",
    "Kochi",
    "Minsk",
    "Tunis",
    "Quito",
    "Hanoi",
    "Kandy",
    "Hull",
    "Bergen",
    "Poipet",
    "Myawaddy",
    "Sihanoukville",
    "Dakar",
    "Kumasi",
    "Surat",
    "Karachi",
    "Sylhet",
    "Malaga",
    "Varna",
]
WHO = [
    "fishers",
    "domestic-workers",
    "farm-hands",
    "children",
    "women",
    "brick-workers",
    "builders",
    "cleaners",
    "pickers",
    "students",
]
TRADES = [
    "brick kiln",
    "fishing fleet",
    "nail bar",
    "call centre",
    "palm oil estate",
    "garment factory",
    "car wash",
    "strawberry farm",
    "building site",
    "private household",
    "cocoa farm",
    "slaughterhouse",
    "gold mine",
    "cannabis house",
    "massage parlour",
]
# What headlines and reports say of an event; the names in brackets are the event's own.
HEADLINES = (
    "{many} {who} freed from forced labour at {trade} in {town}",
    "Police raid {trade} near {town}, {many} {who} rescued",
    "{first} jailed for trafficking {who} to {town}",
    "{who} sold to {trade} in {place}, court hears",
    "Human trafficking ring broken up in {place}: {many} freed",
    "{town}: {many} {who} found in debt bondage",
    "Modern slavery charges over {trade} in {town}",
    "They promised us work: {who} on their escape from a {place} scam compound",
    "{group} counts {many} trafficked {who} in {place}",
    "Couple in {town} kept {who} as domestic slaves for {years} years",
    "Trial of {first} and {second} over labour exploitation opens in {place}",
    "Rescued {who} return home from {place} after {years} years",
    "Recruiters of {who} for {trade} arrested at {place} airport",
    "{place} orders inquiry into forced labour at {trade}",
)
TOLD = (
    "{many} {who} were freed on {day} from a {trade} outside {town}, in the {place} region.",
    "{first}, {age}, is accused of human trafficking and of withholding the wages of {many} people.",
    "{second} told the court that she had answered an advertisement and that her passport was taken.",
    "The {who} slept in a shed behind the {trade} and were not allowed to leave it for {years} years.",
    "Officers of the {place} anti-trafficking unit had watched the {trade} in {town} since {month}.",
    "{group} said that it had sheltered {few} of the {who} and was looking for their families.",
    "Each had paid a recruiter named {third} some {sum} dollars, a debt that grew with every month.",
    "{third} could not be reached; a lawyer for {first} said that the charges had no basis.",
    "Prosecutors in {town} ask for {years} years in prison and for compensation of {sum} dollars.",
    "A neighbour, {fourth}, said that the lights at the {trade} had burned every night.",
    "The ministry of labour had inspected the {trade} {few} times and found nothing amiss.",
    "Of the {many} who were found, {few} were under eighteen.",
    "{fourth} of {group} spoke of a pattern: the {trade} in {town} is the third within a year.",
    "The case against {first} and {second} will be heard in {place} from {month}.",
    "They came by lorry over the border at night, {second} said, and were told that they owed {sum} dollars.",
    "The owner of the {trade}, {first}, was released on bail on {day}.",
    "Two of the {who} were treated in the hospital of {town} for exhaustion.",
    "The embassy issued papers for {few} of them, and said that more would follow.",
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = ("January", "March", "May", "August", "October", "December")
VOWELS, CONSONANTS = "aeiou", "bdfgklmnprstv"


def name(lot: random.Random) -> str:
    return "".join(
        lot.choice(CONSONANTS) + lot.choice(VOWELS) for _ in range(lot.randint(2, 4))
    ).title()


class Filler:
    """Sentences of no event, of words that are as uneven in their number as those of a language (Zipf)."""

    def __init__(self, lot: random.Random) -> None:
        self._lot = lot
        self._words = [name(lot).lower() for _ in range(12_000)]
        self._sums = list(itertools.accumulate(1 / at for at in range(3, len(self._words) + 3)))

    def sentence(self) -> str:
        many = self._lot.randint(9, 24)
        words = self._lot.choices(self._words, cum_weights=self._sums, k=many)
        return " ".join(words).capitalize() + "."


def event(lot: random.Random) -> dict[str, str]:
    """Who, where and how many: what all reports of one event share."""
    people = {at: f"{name(lot)} {name(lot)}" for at in ("first", "second", "third", "fourth")}
    return people | {
        "place": lot.choice(PLACES),
        "who": lot.choice(WHO).replace("-", " "),
        "trade": lot.choice(TRADES),
        "many": str(lot.randint(6, 240)),
        "few": str(lot.randint(2, 5)),
        "town": name(lot),
        "group": f"{name(lot)} {lot.choice(('Trust', 'Foundation', 'Network', 'Project'))}",
        "years": str(lot.randint(2, 25)),
        "age": str(lot.randint(24, 71)),
        "sum": f"{lot.randint(4, 90) * 100:,}",
        "day": lot.choice(DAYS),
        "month": lot.choice(MONTHS),
    }


def report(lot: random.Random, of: dict[str, str], filler: Filler) -> tuple[str, str]:
    """A headline and a text: some of what is known of the event, and the outlet's own words."""
    told = [line.format_map(of) for line in lot.sample(TOLD, lot.randint(4, 11))]
    lines = told[:2]
    for line in told[2:]:
        lines += [line, *(filler.sentence() for _ in range(lot.randint(0, 2)))]
    lines += [filler.sentence() for _ in range(lot.randint(1, 8))]
    return lot.choice(HEADLINES).format_map(of), "\n".join(lines)


def findings(count: int) -> Iterator[dict[str, object]]:
    """Rows as `scan` writes them, of twelve months."""
    lot = random.Random(50_000)
    filler = Filler(lot)
    number = 0
    while number < count:
        of = event(lot)
        month, day = lot.randint(1, 12), lot.randint(1, 27)
        told: list[tuple[str, str]] = []
        for at in range(min(lot.randint(1, 8), count - number)):
            if told and lot.random() < 1 / 3:
                headline, text = lot.choice(told)
            else:
                headline, text = report(lot, of, filler)
                told.append((headline, text))
            number += 1
            outlet = lot.randrange(400)
            yield {
                "headline": headline[0].upper() + headline[1:],
                "text": text,
                "url": f"https://outlet{outlet}.example/{number}",
                "source": f"Outlet {outlet}",
                "published": f"2025-{month:02}-{min(28, day + at // 4):02}",
                "language": "en",
                "archive": "invented.warc.gz",
                "offset": number,
            }


def as_scanned(rows: Iterator[dict[str, object]]) -> Iterator[dict[str, object]]:
    """The rows with the verdicts and tags that a scan by this version writes."""
    from broadsheet.scanning import files
    from broadsheet.wire import beat as beats
    from broadsheet.wire import judge, tag
    from broadsheet.wire.model import Band, article_from
    from broadsheet.wire.scan import Found, Record

    beat, made = beats.load(None), files.Task().made_with("bench")
    for row in rows:
        article = article_from(row)
        verdict = judge.judge(article, beat)
        tags = tag.tag(article, beat, on_beat=verdict.band is Band.RELEVANT)
        where = Record(str(row["url"]), b"", "", None, 0)
        yield row | files.row(Found(where, article, verdict, tags), "invented.warc.gz", made)


PAGES = ("/desk/?month=2025-06", "/desk/?month=2025-11&band=unsure", "/desk/?q=scam")


def editors_browser() -> Any:
    """Somebody who is signed in to the desk, in this process."""
    import django

    django.setup()
    from django.test import Client

    from broadsheet.people.models import Editor

    client = Client()
    client.force_login(Editor.objects.create_user("bench@desk.example", password=None))
    for page in PAGES:  # what a process loads at its first page is not the import's doing
        asked(client, page)
    return client


def asked(client: Any, page: str) -> float:
    """Milliseconds by the clock until the page is there."""
    begun = time.perf_counter()
    answer = client.get(page, follow=True, headers={"host": "localhost"})
    took = (time.perf_counter() - begun) * 1e3
    assert answer.status_code == 200, (page, answer.status_code)
    return took


def told(when: str, page: str, took: list[float]) -> None:
    print(f"{when}, {page}: median {statistics.median(took):.0f} ms, worst {max(took):.0f} ms")


def desk_pages(client: Any) -> None:
    from broadsheet.news.models import Article, Story

    print(f"{Article.objects.count():,} articles, {Story.objects.count():,} stories in the desk")
    for page in PAGES:
        told("after", page, [asked(client, page) for _ in range(12)])


def imported(path: Path, client: Any) -> None:
    """The import, as people run it, and an editor who opens a page every two seconds the while."""
    begun, cpu = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryFile("w+") as said:
        running = subprocess.Popen(
            [sys.executable, "-m", "broadsheet", "import", str(path)], stdout=said, stderr=said
        )
        took: dict[str, list[float]] = {page: [] for page in PAGES}
        for page in itertools.cycle(PAGES):
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(2)
                break
            took[page].append(asked(client, page))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime
        print(
            f"import, grouped: {time.perf_counter() - begun:.0f} s by the clock, {used:.0f} s of the "
            f"processor, {after.ru_maxrss / 1024:.0f} MB, status {running.returncode}"
        )
        said.seek(0)
        print("".join(f"  {line}" for line in said.readlines()[-14:]), end="")
    for page, times in took.items():
        if times:
            told("during", page, times)


def run(name_: str, *given: str) -> None:
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "broadsheet", *given], check=False, capture_output=True, text=True
    )
    took = time.perf_counter() - begun
    print(f"{name_}: {took:.0f} s by the clock, status {done.returncode}")
    for line in (done.stdout + done.stderr[-2_000:]).splitlines():
        print("  " + re.sub(r".*\r", "", line)[:150])


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    given.add_argument("--findings", type=int, default=50_000)
    given.add_argument("--work", type=Path, default=None)
    given.add_argument("--judged", action="store_true", help="rows with what a scan says of them")
    args = given.parse_args()
    work = args.work or Path(tempfile.mkdtemp(prefix="bench-findings-"))
    work.mkdir(parents=True, exist_ok=True)
    path = work / "found.jsonl.gz"
    with gzip.open(path, "wt", compresslevel=1) as file:
        rows = findings(args.findings)
        for row in as_scanned(rows) if args.judged else rows:
            file.write(json.dumps(row) + "\n")
    os.environ |= {
        "BROADSHEET_HOME": str(work / "home"),
        "DJANGO_SETTINGS_MODULE": "broadsheet.settings",
    }
    print(
        f"{args.findings:,} findings, {path.stat().st_size / 1e6:,.0f} MB; load {os.getloadavg()[0]:.1f}"
    )
    run("a fresh desk", "start", "--no-serve")
    client = editors_browser()
    imported(path, client)
    run(
        "replay of one month",
        "replay",
        str(path),
        "--month",
        "2025-06",
        "--out",
        str(work / "june"),
    )
    desk_pages(client)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
