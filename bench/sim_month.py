"""A month of a desk in some minutes: 156 outlets on loopback, one core, 1 GB.

    python bench/sim_month.py [--days 30] [--sources 156] [--step 240] [--keep FOLDER]

The outlets are invented and answer at 127.0.4.n: each prints 20 to 60 items a week, and shows its newest 40.
Some are slow, some moved, some send broken feeds or stand still for two days, one is gone for good after
half of the month; most say "not changed" when nothing is new. The desk is the real one, web and worker in
processes of their own, held to one core and 1 GB by a control group. Only the worker's clock is ours: when
nothing is due it leaps to what is due next, but at least `--step` minutes, so that 30 days need no 30 days.
Meanwhile somebody reads the desk's pages. A backup is made each simulated night.

Printed: memory at its highest, disk, seconds of the core, items that an outlet printed and the desk has not
(none), how long pages took. Exits 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import html
import http.client
import mmap
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from bench_desk import free_port, told, wait_for
from bounds import MB, Bounds

MEMORY, DISK = 700 * MB, 3_000 * MB  # targets
SHOWN = 40  # items in a feed
ON_BEAT = 0.08  # the share of headlines on the beat
DELAY = (
    0.05  # seconds between two visits to an outlet; a desk waits one, which costs time and no core
)
SUBJECTS = [
    "court",
    "council",
    "harbour",
    "school",
    "market",
    "clinic",
    "festival",
    "railway",
    "budget",
    "union",
    "storm",
    "bridge",
    "museum",
    "farm",
    "factory",
    "airport",
    "library",
    "river",
    "hotel",
    "team",
]
DEEDS = [
    "opens",
    "closes",
    "delays",
    "wins",
    "rejects",
    "plans",
    "repairs",
    "sells",
    "fines",
    "honours",
]
PLACES = [
    "Arbury",
    "Belstead",
    "Corran",
    "Dunmere",
    "Elvaston",
    "Fernhill",
    "Gorsey",
    "Harwell",
    "Inverlock",
    "Jarrow",
    "Kestrel",
    "Lowmoor",
    "Marden",
    "Northby",
    "Oakhaven",
    "Penrith",
]
WORDS = (
    *SUBJECTS,
    *DEEDS,
    *PLACES,
    *["the", "a", "of", "in", "and", "with", "for", "on", "last", "next", "new", "old"],
)
BEAT = (
    "Two jailed for human trafficking in {place}",
    "Police free {n} held in forced labour at a {thing} in {place}",
    "Charity tells of {n} victims of sex trafficking in {place}",
    "{place} man charged with trafficking {n} women",
    "Court hears of debt bondage at {place} {thing}",
)
NEAR = ("People smugglers land {n} near {place}", "{n} kilos of drugs found at {place} {thing}")


class Clock:
    """The simulated time, in a page of memory that the outlets and the worker share."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(8))
        self._file = path.open("r+b")
        self._page = mmap.mmap(self._file.fileno(), 8)

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(struct.unpack("d", self._page[:8])[0], UTC)

    def set(self, now: datetime) -> None:
        self._page[:8] = struct.pack("d", now.timestamp())


class Outlet:
    """One invented outlet; everything of it follows from its number."""

    def __init__(self, number: int, start: datetime, days: int) -> None:
        self.number, self.start = number, start
        lot = random.Random(number)
        self.every = timedelta(days=7) / lot.randint(20, 60)
        self.slow = number % 13 == 5
        self.moved = number % 13 == 6
        self.rests = (10, 12) if number % 13 == 7 else (0, 0)  # days
        self.cut = number % 13 == 8
        self.gone = start + timedelta(days=days / 2) if number == 9 else None
        self.dead_pages = number % 13 == 11
        self.tags = number % 5 != 0

    def at(self, now: datetime) -> int:
        """How many items were printed by then; eight of them before the month."""
        return 8 + max(0, int((now - self.start) / self.every))

    def printed(self, k: int) -> datetime:
        return self.start + (k - 8) * self.every

    def stands_still(self, now: datetime) -> bool:
        day = (now - self.start).days
        return self.rests[0] <= day < self.rests[1]


def name(lot: random.Random) -> str:
    """A made-up name, one of some hundred thousand: without such, all news would be one story."""
    return "".join(
        lot.choice("bdfgklmnprstvz") + lot.choice("aeiou") for _ in range(4)
    ).capitalize()


@lru_cache(maxsize=20_000)
def headline(number: int, k: int) -> str:
    """The headline of an item: one of its own, since it names its outlet's item."""
    lot = random.Random(number * 1_000_003 + k)
    place, thing, n = name(lot), f"{name(lot)} {lot.choice(SUBJECTS)}", lot.randint(3, 400)
    kind = lot.random()
    if kind < ON_BEAT:
        line = lot.choice(BEAT).format(place=place, thing=thing, n=n)
    elif kind < ON_BEAT + 0.04:
        line = lot.choice(NEAR).format(place=place, thing=thing, n=n)
    else:
        line = f"{place} {thing} {lot.choice(DEEDS)} {n} {lot.choice(SUBJECTS)} {lot.choice(DEEDS)}"
    return f"{line}, note {number}-{k}"


def text(number: int, k: int) -> str:
    """The paragraphs of an item, some hundreds of words."""
    lot = random.Random(number * 7919 + k)
    lines = [headline(number, k).partition(", note")[0] + "."]
    words = [*WORDS, *(name(lot) for _ in range(80))]
    for _ in range(lot.randint(5, 15)):
        sentences = (
            " ".join(lot.choice(words) for _ in range(lot.randint(8, 20))).capitalize() + "."
            for _ in range(4)
        )
        lines.append(" ".join(sentences))
    return "\n".join(f"<p>{html.escape(line)}</p>" for line in lines)


@lru_cache(maxsize=20_000)
def teaser(number: int, k: int) -> str:
    """What the feed says of an item: its first sentence and one of no subject."""
    lot = random.Random(number * 15_485_863 + k)
    words = " ".join(lot.choice(WORDS) for _ in range(20)).capitalize()
    return html.escape(f"{headline(number, k).partition(', note')[0]}. {words}.")


FRAME = "".join(f"<li><a href='/menu/{n}'>Menu entry number {n}</a></li>" for n in range(60))


class Answering(BaseHTTPRequestHandler):
    """Answers for the outlet at whose address it was asked."""

    outlets: dict[str, Outlet] = {}
    clock: Clock
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        host, port = self.connection.getsockname()[:2]
        outlet, now = self.outlets[host], self.clock()
        base = f"http://{host}:{port}"
        if outlet.slow:
            time.sleep(0.5)
        if self.path == "/robots.txt":
            self._say(200, "User-agent: *\nAllow: /\n", "text/plain")
        elif outlet.gone and now > outlet.gone:
            self._say(404, "gone")
        elif outlet.stands_still(now):
            self._say(503, "closed for repairs")
        elif self.path == "/rss":
            if outlet.moved:
                self._say(301, "", Location=f"{base}/feed")
            else:
                self._feed(outlet, now, base)
        elif self.path == "/feed":
            self._feed(outlet, now, base)
        else:
            self._page(outlet, int(self.path.rpartition("/")[2] or 0))

    def _feed(self, outlet: Outlet, now: datetime, base: str) -> None:
        newest = outlet.at(now)
        tag = f'"{newest}"'
        if outlet.tags and self.headers.get("If-None-Match") == tag:
            self._say(304, "", ETag=tag)
            return
        items = "".join(
            f"<item><title>{html.escape(headline(outlet.number, k))}</title><link>{base}/news/{k}</link>"
            f"<guid>{base}/news/{k}</guid><pubDate>{format_datetime(outlet.printed(k))}</pubDate>"
            f"<description>{teaser(outlet.number, k)}</description></item>"
            for k in range(newest - 1, max(-1, newest - 1 - SHOWN), -1)
        )
        body = f"<rss version='2.0'><channel><title>Outlet {outlet.number}</title>{items}</channel></rss>"
        if outlet.cut and newest % 7 == 0:
            body = body[: int(len(body) * 0.9)]
        self._say(200, body, "text/xml", **({"ETag": tag} if outlet.tags else {}))

    def _page(self, outlet: Outlet, k: int) -> None:
        if outlet.dead_pages and k % 10 == 0:
            self._say(404, "no such page")
            return
        title = html.escape(headline(outlet.number, k))
        self._say(
            200,
            f"<!doctype html><html lang='en'><head><title>{title}</title></head>"
            f"<body><nav><ul>{FRAME}</ul></nav><article><h1>{title}</h1>"
            f"<time datetime='{outlet.printed(k).isoformat()}'></time>"
            f"{text(outlet.number, k)}</article></body></html>",
        )  # fmt: skip

    def _say(
        self, status: int, body: str, kind: str = "text/html; charset=utf-8", **more: str
    ) -> None:
        data = body.encode()
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Quiet."""


# --- the worker, with a clock of ours ------------------------------------------------------------


def work(clock: Clock, end: datetime, step: timedelta) -> None:
    """`broadsheet work` as it is; only what time it is, and how long it rests, is ours."""
    import signal
    from functools import partial

    import django

    django.setup()
    from django.utils import timezone

    from broadsheet import cli
    from broadsheet.commands import work as command
    from broadsheet.issues import errands
    from broadsheet.jobs.models import Job
    from broadsheet.wire import collect

    began, leapt = time.monotonic(), clock()
    plan = command._plan

    def now() -> datetime:
        return leapt + timedelta(seconds=time.monotonic() - began)

    def planned(_: datetime) -> None:
        nonlocal began, leapt
        plan(now())
        waiting = Job.objects.filter(done=None).exclude(kind__in=errands.KINDS).order_by("due")
        due = waiting.values_list("due", flat=True).first()
        if due is None or due <= now():
            return
        leapt, began = max(due, leapt + step), time.monotonic()
        clock.set(leapt)
        if leapt >= end:
            os.kill(os.getpid(), signal.SIGTERM)

    timezone.now = now
    command._plan, command.REST = planned, 0.01  # type: ignore[assignment]
    collect.Fetcher = partial(collect.Fetcher, delay=DELAY)  # type: ignore[misc,assignment]
    sys.argv = ["broadsheet", "work"]
    cli.main()


# --- the run -------------------------------------------------------------------------------------


def reading(
    port: int, cookie: str, over: threading.Event, took: list[float], bad: list[str]
) -> None:
    """Milliseconds of one page after the other, asked for as a person would."""
    pages = (
        "/desk/",
        "/desk/issues/",
        "/",
        "/desk/sources/",
        "/desk/operations/",
        "/search/?q=harbour",
    )
    while not over.is_set():
        for page in pages:
            began = time.monotonic()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", page, headers={"Cookie": f"sessionid={cookie}"})
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    bad.append(f"{page}: {answer.status}")
                connection.close()
            except OSError as error:
                bad.append(f"{page}: {error}")
            took.append(1000 * (time.monotonic() - began))
            over.wait(0.25)


def expected(outlets: list[Outlet], until: datetime, step: timedelta) -> Iterator[str]:
    """The headlines that a desk must have: all that could be seen for eight hours, or for two leaps.

    The last leap ends the run before anything is visited, and who is visited late in the leap before
    it may have printed something since.
    """
    for outlet in outlets:
        last = min(until, outlet.gone or until) - max(timedelta(hours=8), 2 * step)
        for k in range(outlet.at(last)):
            yield headline(outlet.number, k)


def lying_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def simulate(given: argparse.Namespace, home: Path) -> int:
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    start -= timedelta(days=given.days + 1)
    end = start + timedelta(days=given.days)
    clock = Clock(home.parent / "clock")
    clock.set(start)
    outlets = [Outlet(n, start, given.days) for n in range(1, given.sources + 1)]
    Answering.clock = clock
    feeds = []
    for outlet in outlets:
        server = ThreadingHTTPServer((f"127.0.4.{outlet.number}", 0), Answering)
        Answering.outlets[str(server.server_address[0])] = outlet
        threading.Thread(target=server.serve_forever, daemon=True).start()
        feeds.append(f"http://{server.server_address[0]!s}:{server.server_address[1]}/rss")
    os.environ |= {
        "BROADSHEET_HOME": str(home),
        "BROADSHEET_ALLOW_NETWORKS": "127.0.0.0/8",
        "BROADSHEET_BACKUP_TO": str(home.parent / "backups"),
        "DJANGO_SETTINGS_MODULE": "broadsheet.settings",
        "BROADSHEET_WEB_PROCESSES": "1",  # as a machine of one core has, which this one is not
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    call = [sys.executable, "-m", "broadsheet"]
    subprocess.run([*call, "start", "--no-serve"], check=True, capture_output=True)
    cookie = _desk(feeds)
    port, over = free_port(), threading.Event()
    took: list[float] = []
    bad: list[str] = []
    began = time.monotonic()
    with Bounds(1_000 * MB) as bounds, (home.parent / "work.log").open("wb") as log:
        bounds.start([*call, "start", "--no-work", "--port", str(port)], os.environ, log)
        wait_for(port)
        mine = [sys.executable, __file__, "--worker", str(home.parent / "clock")]
        mine += [end.isoformat(), str(given.step)]
        worker = bounds.start(mine, os.environ, log)
        reader = threading.Thread(target=reading, args=(port, cookie, over, took, bad), daemon=True)
        reader.start()
        day = 0
        while worker.poll() is None:
            time.sleep(1)
            now = (clock() - start).days
            if now > day:
                day = now
                print(
                    f"day {day:3}  {time.monotonic() - began:5.0f} s  {bounds.own() / MB:4.0f} MB, "
                    f"{bounds.peak / MB:4.0f} at its highest  "
                    f"{lying_in(home) / MB:5.0f} MB of disk",
                    flush=True,
                )
        over.set()
        reader.join(40)
        whole, core, killed = time.monotonic() - began, bounds.seconds(), bounds.killed()
    return _tell(
        given, bounds, outlets, end, home, took, bad, whole, core, killed, worker.returncode
    )


def _desk(feeds: list[str]) -> str:
    """A desk past its first run with these feeds alone; an editor's session."""
    from bench_desk import set_up

    cookie = set_up(feeds)
    from broadsheet.people import rules

    rules.lay_down(setting_up=False)
    return cookie


def _tell(
    given: argparse.Namespace, bounds: Bounds, outlets: list[Outlet], end: datetime, home: Path,
    took: list[float], bad: list[str], whole: float, core: float, killed: int, code: int,
) -> int:  # fmt: skip
    from broadsheet.news.models import Article, Failure, Feed, Story

    wanted = set(expected(outlets, end, timedelta(minutes=given.step)))
    missed = wanted - set(Article.objects.values_list("headline", flat=True))
    have = list(Article.objects.values_list("headline", flat=True))
    twice = len(have) - len(set(have))
    disk, kept = lying_in(home), lying_in(home.parent / "backups")
    print(
        f"\n{given.days} days, {given.sources} outlets, held by {bounds.kind} to 1 core and 1,000 MB; "
        f"load of the machine {os.getloadavg()[0]:.1f}"
    )
    print(f"printed {len(wanted):,} items, {len(missed)} missed, {twice} twice; "
          f"{len(have):,} articles, {Article.objects.filter(band='relevant').count():,} relevant, "
          f"{Story.objects.count():,} stories, {Failure.objects.count():,} failures counted")  # fmt: skip
    print(f"memory at its highest: {bounds.peak / MB:.0f} MB of web and worker "
          f"({bounds.charged / MB:.0f} MB with the file cache), target {MEMORY / MB:.0f}; "
          f"ended for want of memory: {killed}")  # fmt: skip
    print(f"disk: {disk / MB:.0f} MB in the desk's folder, target {DISK / MB:.0f}; "
          f"backups beside it {kept / MB:.0f} MB")  # fmt: skip
    print(f"busy: {core:.0f} s of one core in {whole:.0f} s; {core / given.days:.1f} s for a day, "
          f"that is {core / given.days / 864:.2f} % of a day's core")  # fmt: skip
    told("pages meanwhile", took or [0.0])
    for one in sorted(set(bad))[:10]:
        print(f"a page failed: {one}")
    ill = Feed.objects.exclude(problem="").count()
    print(f"feeds with a problem told: {ill}; the worker ended with {code}")
    for one in sorted(missed)[:10]:
        print(f"missed: {one}")
    fine = not missed and not twice and not bad and not killed and code == 0
    return 0 if fine and bounds.peak < MEMORY and disk < DISK else 1


def main() -> int:
    if sys.argv[1:2] == ["--worker"]:
        shared, end, step = sys.argv[2:]
        work(Clock(Path(shared)), datetime.fromisoformat(end), timedelta(minutes=int(step)))
        return 0
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    ask.add_argument("--days", type=int, default=30)
    ask.add_argument("--sources", type=int, default=156)
    ask.add_argument("--step", type=int, default=240, help="minutes that a leap takes at least")
    ask.add_argument("--keep", type=Path, help="an empty folder for the desk, kept after the run")
    given = ask.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="broadsheet-month-"))
    try:
        (folder / "home").mkdir(parents=True)
        return simulate(given, folder / "home")
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
