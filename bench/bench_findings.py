"""Months of findings into the desk, as people do it: how long it takes, and how fast the desk is then.

    python bench/bench_findings.py [--findings 50000] [--work FOLDER]
    .ci/with-postgres python bench/bench_findings.py

Invented events of twelve months, one to eight reports of each in words of their own, a third of the
reports copies of another. `broadsheet import` takes them into a fresh desk; then pages of the desk are
asked for, and one month is replayed without the desk. On SQLite unless DATABASE_URL says otherwise.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

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
DEEDS = (
    "freed from forced labour in {}",
    "rescued from a scam compound near {}",
    "found in debt bondage outside {}",
    "tell court in {} of human trafficking",
    "held captive at a {} factory, police say",
    "promised jobs and sold in {}",
)
LEADS = (
    "Police free",
    "Court hears of",
    "Raid finds",
    "Charity shelters",
    "Inspectors find",
    "Report counts",
)
VOWELS, CONSONANTS = "aeiou", "bdfgklmnprstv"


def name(lot: random.Random) -> str:
    return "".join(
        lot.choice(CONSONANTS) + lot.choice(VOWELS) for _ in range(lot.randint(2, 4))
    ).title()


def sentence(lot: random.Random, words: list[str]) -> str:
    return " ".join(lot.choices(words, k=lot.randint(9, 22))).capitalize() + "."


def findings(count: int) -> Iterator[dict[str, object]]:
    """Rows as `scan` writes them, of twelve months."""
    lot = random.Random(50_000)
    words = [name(lot).lower() for _ in range(6_000)]
    number = 0
    while number < count:
        place, who, many = lot.choice(PLACES), lot.choice(WHO), lot.randint(2, 240)
        town, person = name(lot), name(lot)
        month, day = lot.randint(1, 12), lot.randint(1, 27)
        told: list[tuple[str, str]] = []
        for report in range(min(lot.randint(1, 8), count - number)):
            if told and lot.random() < 1 / 3:
                headline, text = lot.choice(told)
            else:
                deed = lot.choice(DEEDS).format(f"{town}, {place}")
                headline = lot.choice(
                    (f"{many} {who} {deed}", f"{lot.choice(LEADS)} {many} {who}: {deed}")
                )
                lead = (
                    f"{many} {who} were {deed}, {person} said on Monday. Two people were charged."
                )
                text = "\n".join([lead, *(sentence(lot, words) for _ in range(lot.randint(6, 25)))])
                told.append((headline, text))
            number += 1
            yield {
                "headline": headline,
                "text": text,
                "url": f"https://outlet{lot.randrange(400)}.example/{number}",
                "source": f"Outlet {lot.randrange(400)}",
                "published": f"2025-{month:02}-{min(28, day + report // 4):02}",
                "language": "en",
                "archive": "invented.warc.gz",
                "offset": number,
            }


def desk_pages() -> None:
    import django

    django.setup()
    from django.test import Client

    from broadsheet.news.models import Article, Story
    from broadsheet.people.models import Editor

    editor = Editor.objects.create_user("bench@desk.example", password=None)
    client = Client()
    client.force_login(editor)
    print(f"{Article.objects.count():,} articles, {Story.objects.count():,} stories in the desk")
    for page in ("/desk/?month=2025-06", "/desk/?month=2025-11&band=unsure", "/desk/?q=scam"):
        took = []
        for _ in range(12):
            begun = time.perf_counter()
            answer = client.get(page, follow=True, headers={"host": "localhost"})
            took.append((time.perf_counter() - begun) * 1e3)
        print(
            f"{page}: {answer.status_code}, median {statistics.median(took):.0f} ms, worst {max(took):.0f} ms"
        )


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
    args = given.parse_args()
    work = args.work or Path(tempfile.mkdtemp(prefix="bench-findings-"))
    work.mkdir(parents=True, exist_ok=True)
    path = work / "found.jsonl.gz"
    with gzip.open(path, "wt", compresslevel=1) as file:
        for row in findings(args.findings):
            file.write(json.dumps(row) + "\n")
    os.environ |= {
        "BROADSHEET_HOME": str(work / "home"),
        "DJANGO_SETTINGS_MODULE": "broadsheet.settings",
    }
    print(
        f"{args.findings:,} findings, {path.stat().st_size / 1e6:,.0f} MB; load {os.getloadavg()[0]:.1f}"
    )
    run("a fresh desk", "start", "--no-serve")
    run("import, grouped", "import", str(path))
    run(
        "replay of one month",
        "replay",
        str(path),
        "--month",
        "2025-06",
        "--out",
        str(work / "june"),
    )
    desk_pages()
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
