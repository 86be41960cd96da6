# ruff: noqa: E501 -- lists of words and tables of figures
"""Search and public pages of a full archive: how quick, how good, and what they carry.

    python bench/bench_archive.py [--items 10000 100000 1000000] [--home FOLDER] [--serve] [--cold]
    .ci/with-postgres python bench/bench_archive.py --items 10000

Fills a database in a folder of its own with invented items in English and Chinese (bulk, the same at
every run), files the 60 known items of bench/labels/archive_questions.tsv among them, and prints for each
size the 95th percentile of ten kinds of query and the mean reciprocal rank of the 60 questions. `--serve`
asks the public pages with wrk over loopback, from the server's cache and past it. On SQLite unless
DATABASE_URL names a PostgreSQL, which must be empty.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

QUESTIONS = Path(__file__).parent / "labels" / "archive_questions.tsv"
AT_ONCE = 5_000
IN_AN_ISSUE = 40  # items: twice a common letter
LAST = date(2026, 6, 30)
DAYS = 20 * 365  # twenty years of news
REPEATS = 30  # of each kind of query, each with other words

_COMMON = """police court workers victims trafficking labour boats factory passports debt wages recruiter charged
freed raid village ministry report fishing scam compound survivors children migrants border rescue trial judge
prison law agency union employer domestic helper airline bank hotel farm construction online group arrest""".split()  # noqa: SIM905
# fmt: off
_HAN = "警方 法院 工人 受害者 人口販運 強迫勞動 漁船 工廠 護照 債務 工資 中介 起訴 獲救 突擊 村莊 部門 報告 詐騙 園區".split()  # noqa: SIM905
PLACES = "HK KH TH MM PH VN CN GB US IN NP BD ID MY LA TW JP KR AU QA".split()  # noqa: SIM905
CODES = "SEX LAB LAB.BOND DOM MAR CRIM CRIM.SCAM BEG ORG SEC.AVI SEC.FIN SEC.FISH SEC.DOMW EV.ARR EV.TRIAL".split()  # noqa: SIM905
# fmt: on


def _words(chance: random.Random) -> list[str]:
    """Twenty thousand invented words beside the common ones: rare words are most of a language."""
    syllables = ["ba", "ko", "ri", "ten", "mu", "lo", "sha", "vi", "ne", "dar", "pi", "qua", "zo"]
    return ["".join(chance.choices(syllables, k=chance.randint(2, 5))) for _ in range(20_000)]


def items(count: int) -> Iterator[dict[str, Any]]:
    """Invented items: half of their words from fifty common ones, a tenth of them in Chinese."""
    chance = random.Random(1789)
    rare = _words(chance)
    weights = [1 / (n + 1) for n in range(len(_COMMON))]

    def text(length: int, han: bool) -> str:
        some = chance.choices(
            _HAN if han else _COMMON, weights=None if han else weights, k=length // 2
        )
        if han:
            return "".join(some)
        some += chance.choices(rare, k=length - length // 2)
        chance.shuffle(some)
        return " ".join(some)

    for n in range(count):
        han = n % 10 == 0
        day = LAST - timedelta(days=DAYS - int(n * DAYS / count))
        yield {
            "uid": f"{n:012x}",
            "day": day,
            "language": "zh-Hant" if han else "en",
            "heading": text(9, han).capitalize(),
            "body": text(45, han),
            "source": f"Invented Post {int(chance.paretovariate(1)) % 300}",
            "codes": chance.sample(CODES, 2),
            "places": chance.sample(PLACES, 1),
        }


def known() -> list[tuple[str, str, str]]:
    """Headline, summary and question of the items that are known."""
    lines = QUESTIONS.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(headline, summary, question) for headline, summary, question in rows]


class Issues:
    """Issues of IN_AN_ISSUE items each, one of a newsletter in a month, with their kept editions."""

    def __init__(self) -> None:
        from broadsheet.issues.models import Newsletter

        self.letters = list(Newsletter.objects.order_by("pk"))
        self.of_month = Counter[str]()

    def make(self, days: list[date]) -> list[Any]:
        """An issue for each of these days, as rows that are kept."""
        from broadsheet.issues.models import Issue, Newsletter

        made = []
        for day in days:
            month = f"{day:%Y-%m}"
            at, self.of_month[month] = self.of_month[month], self.of_month[month] + 1
            while len(self.letters) <= at:
                number = Newsletter.objects.count() + 1
                self.letters.append(Newsletter.objects.create(name=f"The Invented Letter {number}"))
            made.append(Issue(
                newsletter=self.letters[at], month=month, title=f"{day:%B %Y}", state="published",
                published=datetime.combine(day, datetime.min.time(), UTC)))  # fmt: skip
        return Issue.objects.bulk_create(made)

    def edition(self, issue: Any, items: list[Any]) -> Any:
        """The kept edition of an issue."""
        from broadsheet.issues.models import Edition

        content = {
            "schema": 1, "uid": issue.uid, "version": 1, "newsletter": issue.newsletter.name, "title": issue.title,
            "language": "en", "sections": [{"heading": "World", "intro": None, "items": items}],
            "date": {"value": issue.month, "precision": "month", "raw": issue.title, "basis": "issue", "offset": None},
        }  # fmt: skip
        return Edition(issue=issue, version=1, content=content, published=issue.published)

    def whole(self, key: int, issue: Any) -> Any:
        """The issue itself as it is filed."""
        from broadsheet.issues.models import Filed

        return Filed(
            id=key, uid=issue.uid, issue=issue, kind="issue", language="en", heading=issue.title, day=issue.month,
            published=issue.published, body=issue.newsletter.name,
        )  # fmt: skip


def fill(count: int) -> None:
    """Put the items and the known ones into issues, the archive's table and its index."""
    from django.db import connection, transaction

    from broadsheet.issues import filing
    from broadsheet.issues.models import Edition, Filed, Subject

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("PRAGMA cache_size = -200000")
    counts: Counter[tuple[str, str]] = Counter()
    step, last = max(1, count // 60), Counter[int]()
    batch: list[Filed] = []
    editions: list[Edition] = []
    wanted, issues = known(), Issues()

    def key(day: date) -> int:
        base = day.toordinal() * (1 << 20)
        last[base] += 1
        return base + last[base]

    def row(made: dict[str, Any], issue: Any) -> Filed:
        item = {"uid": made["uid"], "kind": "article", "headline": made["heading"], "summary": made["body"],
                "source": made["source"], "codes": made["codes"], "places": made["places"]}  # fmt: skip
        counts.update(filing.subjects_of(item))
        return Filed(
            id=key(made["day"]), uid=made["uid"], issue=issue, kind="article", language=made["language"],
            heading=made["heading"], body=made["body"], source=made["source"], item=item,
            day=made["day"].isoformat(), published=datetime.combine(made["day"], datetime.min.time(), UTC),
        )  # fmt: skip

    def keep() -> None:
        with transaction.atomic():
            Filed.objects.bulk_create(batch, batch_size=1000)
            Edition.objects.bulk_create(editions, batch_size=100)
            filing.WORDS.put(map(filing.document, batch))
        batch.clear()
        editions.clear()

    stream, n = items(count), 0
    while some := list(itertools.islice(stream, IN_AN_ISSUE)):
        (issue,) = issues.make([some[-1]["day"]])
        rows = []
        for made in some:
            rows.append(row(made, issue))
            at = n // step
            if n % step == step // 2 and at < len(wanted):
                headline, summary, _question = wanted[at]
                rows.append(
                    row(made | {"uid": f"known-{at}", "heading": headline, "body": summary}, issue)
                )
            n += 1
        editions.append(issues.edition(issue, [one.item for one in reversed(rows)]))
        batch += [*rows, issues.whole(key(some[-1]["day"]), issue)]
        if len(batch) >= AT_ONCE:
            keep()
    keep()
    Subject.objects.bulk_create(
        Subject(axis=axis, value=value, slug=value.replace(" ", "-"), name=value if axis == "source" else "", items=n)
        for (axis, value), n in counts.items()
    )  # fmt: skip


POOL = 50_000  # texts that are told apart; a greater archive on SQLite repeats them on other days


def fill_quickly(count: int) -> None:
    """The same for SQLite and many items: texts are cut into tokens once, and rows go in without models."""
    import json

    from django.db import connection, transaction

    from broadsheet.issues import filing
    from broadsheet.issues.models import Filed
    from broadsheet.search import index

    fill(POOL)
    issues = Issues()
    days = [
        LAST - timedelta(days=DAYS - int(n * DAYS / (count - POOL)))
        for n in range(0, count - POOL, IN_AN_ISSUE)
    ]
    # The first letters have the issues of the first fill; these go to others.
    issues.letters = []
    made = issues.make(days)
    facts = {row.uid: row for row in Filed.objects.filter(kind="article")
             if not row.uid.startswith("known")}  # fmt: skip
    tokens = filing.WORDS.tokens([row.pk for row in facts.values()])
    pool = [
        (row, *tokens[row.pk], " ".join(index.facet(*mark) for mark in filing.document(row).facets
                                        if mark[0] not in "ymd"), json.dumps(row.item))
        for row in facts.values()
    ]  # fmt: skip
    first, filed, words = POOL // 10 * 9, [], []
    inside: dict[int, list[Any]] = {}
    for n in range(POOL, count):
        row, head, body, marks, item = pool[(n * 7919) % POOL]
        day = LAST - timedelta(days=DAYS - int((n - POOL) * DAYS / (count - POOL)))
        iso = day.isoformat()
        key = day.toordinal() * (1 << 20) + first + n
        dated = " ".join(index.facet(*one) for one in (("y", iso[:4]), ("m", iso[:7]), ("d", iso)))
        words.append((key, head.strip(), body.strip(), f"{marks} {dated}"))
        issue = made[(n - POOL) // IN_AN_ISSUE]
        inside.setdefault(issue.pk, []).append(json.loads(item) | {"uid": f"{n:012x}"})
        filed.append((key, f"{n:012x}", issue.pk, "article", row.language, row.heading, row.source, iso,
                      f"{iso} 00:00:00", row.body, item))  # fmt: skip
        if len(words) >= 20_000 or n == count - 1:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO issues_filed (id, uid, issue_id, kind, language, heading, source, day, published, "
                    "body, item) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", filed)  # fmt: skip
                cursor.executemany(
                    "INSERT INTO issues_filed_words (rowid, head, body, facets) VALUES (%s, %s, %s, %s)", words)  # fmt: skip
            _keep_editions(issues, [one for one in made if one.pk in inside], inside)
            filed, words, inside = [], [], {}


def _keep_editions(issues: Issues, made: list[Any], inside: dict[int, list[Any]]) -> None:
    """20,000 items are whole issues, since these have IN_AN_ISSUE each."""
    from broadsheet.issues.models import Edition, Filed

    Edition.objects.bulk_create(
        (issues.edition(one, inside[one.pk]) for one in made), batch_size=100
    )
    keys = (
        (one.published.toordinal() * (1 << 20) + (1 << 20) - 1 - n, one)
        for n, one in enumerate(made)
    )
    Filed.objects.bulk_create((issues.whole(key, one) for key, one in keys), batch_size=1000)


def kinds() -> dict[str, Callable[[random.Random], dict[str, Any]]]:
    """Ten kinds of query, each with words of its own every time."""
    rare = _words(random.Random(1789))
    return {
        "a common word": lambda c: {"words": c.choice(_COMMON[:10])},
        "a rare word": lambda c: {"words": c.choice(rare)},
        "two common words": lambda c: {"words": " ".join(c.sample(_COMMON[:20], 2))},
        "three words": lambda c: {"words": " ".join([*c.sample(_COMMON, 2), c.choice(rare)])},
        "a phrase": lambda c: {"words": '"' + " ".join(c.sample(_COMMON[:15], 2)) + '"'},
        "a word and a place": lambda c: {"words": c.choice(_COMMON[:20]), "place": c.choice(PLACES)},
        "filters alone": lambda c: {"place": c.choice(PLACES), "form": "LAB", "newest": True},
        "a word in a year": lambda c: {
            "words": c.choice(_COMMON[:20]), "since": (y := str(c.randint(2007, 2025))), "until": y},
        "Chinese": lambda c: {"words": "".join(c.sample(_HAN, 2))},
        "words that nothing has all of": lambda c: {
            "words": " ".join([*c.sample(_COMMON, 3), *c.sample(rare, 2), "zzyzx"])},
    }  # fmt: skip


def percentile(took: list[float], share: float) -> float:
    return sorted(took)[min(len(took) - 1, int(len(took) * share))]


def speed(count: int) -> None:
    """The median and 95th percentile of each kind of query, in milliseconds: by the clock, and of this
    process alone, since others may have the machine as well."""
    from broadsheet.issues.searching import Wish, search
    from broadsheet.wire import beat as beats

    beat, chance = beats.load(), random.Random(7)
    every, every_cpu = list[float](), list[float]()
    for name, make in kinds().items():
        took, cpu = [], []
        for _ in range(REPEATS):
            wish = Wish(**make(chance))
            start, began = time.perf_counter(), time.process_time()
            search(wish, beat, shown=True)
            took.append((time.perf_counter() - start) * 1000)
            cpu.append((time.process_time() - began) * 1000)
        every += took
        every_cpu += cpu
        _line(count, name, took, cpu)
    _line(count, "all", every, every_cpu)


def _line(count: int, name: str, took: list[float], cpu: list[float]) -> None:
    shown = [percentile(took, 0.5), percentile(took, 0.95), percentile(cpu, 0.95)]
    print(f"{count:>9,}  {name:<32}" + "".join(f"{one:8.1f}" for one in shown), flush=True)


def quality(count: int) -> None:
    """The mean reciprocal rank of the known items, the first ten places counted."""
    from broadsheet.issues.searching import Wish, search
    from broadsheet.wire import beat as beats

    ranks: dict[str, list[float]] = {"English": [], "Chinese": []}
    for n, (_headline, _summary, question) in enumerate(known()):
        try:
            found = [row.uid for row in search(Wish(question), beats.load()).rows[:10]]
        except ValueError:
            found = []
        at = found.index(f"known-{n}") + 1 if f"known-{n}" in found else 0
        ranks["English" if question.isascii() else "Chinese"].append(1 / at if at else 0.0)
        if at != 1:
            print(f"           place {at or 'none'}: {question}")
    every = [one for some in ranks.values() for one in some]
    parts = ", ".join(
        f"{name} {sum(some) / len(some):.3f} of {len(some)}" for name, some in ranks.items()
    )
    print(f"{count:>9,}  MRR {sum(every) / len(every):.3f} ({parts})", flush=True)


def serve(home: str, uid: str) -> None:
    """Requests a second of public pages, by wrk with 2 threads and 16 connections for 8 seconds."""
    port = "8719"
    env = os.environ | {"BROADSHEET_ADDRESS": f"http://127.0.0.1:{port}"}
    command = [sys.executable, "-m", "broadsheet", "start", "--no-work", "--port", port]
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL) as server:
        try:
            base = f"http://127.0.0.1:{port}"
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"{base}/robots.txt").read()
                    break
                except OSError:
                    time.sleep(0.2)
            pages = {"item": "/items/0000000003e8/", "search": "/search/?q=police+bank", "topic": "/topics/SEC.AVI/",
                     "feed": "/search/feed.atom?q=bank", "issues": "/", "issue": f"/editions/{uid}/",
                     "figures": "/figures/", "trivial": "/robots.txt"}  # fmt: skip
            for name, path in pages.items():
                for _ in range(
                    20
                ):  # the first request to each process loads the beat and the templates
                    urllib.request.urlopen(base + path).read()
                for past in (False, True):
                    ask = [
                        "wrk",
                        "-t2",
                        "-c16",
                        "-d8s",
                        "--timeout",
                        "20s",
                        *(["-H", "Cache-Control: no-cache"] if past else []),
                        base + path,
                    ]
                    out = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
                    told = [
                        line
                        for line in out.splitlines()
                        if "Requests/sec" in line or "Non-2xx" in line
                    ]
                    print(
                        f"  {name:<8}{'past the cache' if past else 'from the cache':<16}{' '.join(told)}",
                        flush=True,
                    )
        finally:
            server.terminate()


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else "")
    ask.add_argument("--items", type=int, nargs="+", default=[10_000, 100_000])
    ask.add_argument("--home", help="keep the database here instead of in a folder that goes")
    ask.add_argument("--serve", action="store_true")
    ask.add_argument(
        "--cold", action="store_true", help="do not read the file ahead, as a start does"
    )
    given = ask.parse_args()
    if len(given.items) > 1:  # Django opens one database in a process
        for count in given.items:
            more = ["--serve"] if given.serve and count == given.items[-1] else []
            more += ["--cold"] if given.cold else []
            subprocess.run([sys.executable, __file__, "--items", str(count), *more], check=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or folder
        Path(home).mkdir(parents=True, exist_ok=True)
        os.environ["BROADSHEET_HOME"] = home
        os.environ.setdefault("BROADSHEET_SECRET_KEY", "a key of a benchmark, worth nothing at all")
        os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.settings"
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from broadsheet.issues import figures
        from broadsheet.issues.models import Filed, Issue

        call_command("migrate", verbosity=0, interactive=False)
        if not Filed.objects.exists():
            start = time.perf_counter()
            quickly = given.items[0] > 2 * POOL and connection.vendor == "sqlite"
            (fill_quickly if quickly else fill)(given.items[0])
            print(
                f"{given.items[0]:>9,}  filled in {time.perf_counter() - start:.0f} s", flush=True
            )
        if connection.vendor == "sqlite":
            size = (Path(home) / "broadsheet.sqlite3").stat().st_size
            print(f"{given.items[0]:>9,}  database file {size / 1e6:,.0f} MB", flush=True)
        from broadsheet.keeping import warming

        ahead = 0 if given.cold else warming.read_ahead()  # as `broadsheet start` does
        load = os.getloadavg()[0]
        print(f"{given.items[0]:>9,}  {ahead / 1e6:,.0f} MB read ahead, load {load:.1f}")
        print(
            f"{connection.vendor:>9}  {'milliseconds':<32}{'median':>8}{'p95':>8}{'cpu p95':>8}",
            flush=True,
        )
        speed(given.items[0])
        quality(given.items[0])
        uid = str(Issue.objects.order_by("-published").values_list("uid", flat=True)[0])
        list(figures.settle())
        connection.close()
        if given.serve:
            serve(home, uid)


if __name__ == "__main__":
    main()
