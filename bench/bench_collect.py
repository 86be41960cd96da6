"""Collecting, measured: every bad server with its time and memory, then 200 hosts side by side.

    python bench/bench_collect.py [--hosts 200] [--delay 1.0]

Prints for each case of `tests/wire/collect/hostile.py` what was said of it, the seconds it took and
the memory it needed above the collector's own, each in a process of its own; exits 1 where a case
was fatal, missed, longer or larger than the bounds below. Then visits as many feeds as there are hosts on
127.0.1.n, three feeds each, and shows from the servers' own logs that no host saw two visitors at a
time, or two visits closer than the delay; and how late a clock in the same process ticked meanwhile.
At last a desk begun on the 25th: what feeds, sitemaps, archive pages and mails give back of the month.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing as mp
import pathlib
import statistics
import sys
import threading
import time
from contextlib import ExitStack
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))

from broadsheet.wire import collect, urls
from broadsheet.wire.collect import Fetcher, Limits
from broadsheet.wire.errors import CollectError
from tests.wire.collect import hostile, late
from tests.wire.collect.site import Answer, Asked, Site

LONGEST = 10.0  # seconds for one case, the deadline of 2 s among them
LARGEST = 300.0  # MB above what the collector needs anyway
FORK = mp.get_context("fork")


def memory(what: str) -> float:
    """A figure of /proc/self/status in MB: VmRSS now, VmHWM the highest yet."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return int(line.split()[1]) / 1000
    return 0.0


def serve(pipe: Any) -> None:
    with Site() as site:
        site.routes = hostile.routes()
        pipe.send(site.url(""))
        pipe.recv()


def one_case(url: str, case: hostile.Case, pipe: Any) -> None:
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # forget the highest of the parent
    before, began = memory("VmRSS"), time.monotonic()
    said: object
    with Fetcher(
        allowed=["127.0.0.0/8"],
        delay=0,
        obey_robots=False,
        retries=0,
        limits=Limits(seconds=hostile.SECONDS, bytes=hostile.BYTES),
    ) as fetcher:
        try:
            if case.page:
                collect.page(fetcher, url)
                said = "a page"
            else:
                got = collect.feed(fetcher, url)
                said = got.problem.reason if got.problem else len(got.entries)
        except CollectError as error:
            said = error.reason
    pipe.send((said, time.monotonic() - began, memory("VmHWM") - before))


def bad_servers() -> int:
    ours, theirs = FORK.Pipe()
    server = FORK.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    base = ours.recv()
    wrong, took, most = 0, list[float](), list[float]()
    print(f"{'the server ...':<46}{'what was said':<18}{'seconds':>8}{'MB':>8}")
    for number, (what, case) in enumerate(hostile.CASES.items()):
        mine, his = FORK.Pipe()
        run = FORK.Process(target=one_case, args=(f"{base}/{number}", case, his))
        run.start()
        his.close()
        try:
            said, seconds, megabytes = mine.recv()
        except EOFError:
            said, seconds, megabytes = "FATAL", 0.0, 0.0
        run.join()
        right = said in case.reasons or (case.entries is not None and said == case.entries)
        right = right and seconds <= LONGEST and megabytes <= LARGEST
        wrong += not right
        took.append(seconds)
        most.append(megabytes)
        words = f"{said} entries" if isinstance(said, int) else said
        mark = "" if right else "  WRONG"
        print(f"{what:<46}{words:<18}{seconds:>8.2f}{megabytes:>8.1f}{mark}")
    ours.send("stop")
    server.join(5)
    print(
        f"\n{len(hostile.CASES)} bad servers: {len(hostile.CASES) - wrong} as they should be, {wrong} not; "
        f"longest {max(took):.2f} s, largest {max(most):.0f} MB above the collector's own\n"
    )
    return wrong


def serve_hosts(hosts: int, pipe: Any) -> None:
    """Hosts that each take 50 ms to answer; all in one process, apart from the collector's."""

    def feed(asked: Asked) -> Answer:
        time.sleep(0.05)
        n = asked.path.rpartition("/")[2]
        return Answer(
            hostile.rss("".join(hostile.item(k, f"<guid>{n}-{k}</guid>") for k in range(20)))
        )

    with ExitStack() as stack:
        sites = [
            stack.enter_context(Site(f"127.0.{1 + n // 250}.{1 + n % 250}", poll=0.5))
            for n in range(hosts)
        ]
        for site in sites:
            site.routes["*"] = feed
        pipe.send([site.url("") for site in sites])
        pipe.recv()
        together = gaps = 0
        closest = float("inf")
        for site in sites:
            visits = sorted(site.log, key=lambda visit: visit.began)
            for one, next_one in itertools.pairwise(visits):
                together += next_one.began < one.ended
                gaps += 1
                closest = min(closest, next_one.began - one.ended)
        pipe.send((sum(len(site.log) for site in sites), together, gaps, closest))


def many_hosts(hosts: int, feeds: int, delay: float) -> int:
    ours, theirs = FORK.Pipe()
    server = FORK.Process(target=serve_hosts, args=(hosts, theirs), daemon=True)
    server.start()
    bases = ours.recv()
    late, stop = list[float](), threading.Event()

    def tick() -> None:
        while not stop.is_set():
            began = time.monotonic()
            time.sleep(0.01)
            late.append(time.monotonic() - began - 0.01)

    clock = threading.Thread(target=tick)
    clock.start()
    before, began, spent = memory("VmRSS"), time.monotonic(), time.process_time()
    asks = [f"{base}/{n}" for n in range(feeds) for base in bases]
    with Fetcher(allowed=["127.0.0.0/8"], delay=delay) as fetcher:
        got = list(
            collect.many(asks, urls.host, lambda url: collect.feed(fetcher, url), workers=64)
        )
    took, spent = time.monotonic() - began, time.process_time() - spent
    stop.set()
    clock.join()
    ours.send("stop")
    exchanges, together, gaps, closest = ours.recv()
    server.join(5)
    good = sum(one.problem is None and len(one.entries) == 20 for one in got)
    late.sort()
    print(
        f"{hosts} hosts, {len(asks)} feeds of 20 entries, {delay:g} s between two visits to a host:"
    )
    print(
        f"  {good} of {len(asks)} feeds and {hosts} robots.txt read in {took:.1f} s, "
        f"{spent:.1f} s of CPU, {memory('VmHWM') - before:.0f} MB"
    )
    print(
        f"  the servers saw {exchanges} exchanges; {together} times two visitors at once on one host; "
        f"closest two visits {closest:.3f} s apart, of {gaps}"
    )
    print(
        "  a clock in the same process ticked late by "
        f"{statistics.median(late) * 1000:.1f} ms in the median, {late[len(late) * 99 // 100] * 1000:.0f} ms "
        f"at the 99th percentile, {late[-1] * 1000:.0f} ms at most"
    )
    # the pause runs from our end of an exchange, which is a moment after the server's
    return int(good != len(asks)) + int(together) + int(closest < delay * 0.95)


def late_start() -> int:
    wrong = 0
    print("\na desk begun on 25 March, each outlet with 100 stories since 1 March:")
    for outlet in late.OUTLETS:
        with Site() as site, Fetcher(allowed=["127.0.0.0/8"], delay=0) as fetcher:
            got = late.begin(outlet, site, fetcher)
        wrong += got.found != got.printed or got.doubled > 0
        print(
            f"  {outlet:<26} feed {got.in_feed:>3}, found back {got.found} of {got.printed}, "
            f"{got.doubled} doubled. Before: {got.before.words()} After: {got.after.words()}"
        )
    return wrong


def main() -> None:
    parse = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parse.add_argument("--hosts", type=int, default=200)
    parse.add_argument("--feeds", type=int, default=3, help="on each host")
    parse.add_argument("--delay", type=float, default=1.0, help="seconds between two visits")
    given = parse.parse_args()
    wrong = bad_servers()
    wrong += many_hosts(given.hosts, given.feeds, given.delay)
    wrong += late_start()
    raise SystemExit(bool(wrong))


if __name__ == "__main__":
    main()
