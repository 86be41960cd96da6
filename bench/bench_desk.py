"""200 outlets on loopback are collected while somebody works at the desk.

    python bench/bench_desk.py [--hosts 200] [--entries 10]

Starts, in a folder of its own, the web half and a worker as a desk runs them, and 200 outlets at
127.0.1.n, each with a feed and pages. Prints from the outlets' own logs how many visitors each had
at once and how close two visits were, and how long the desk's pages took meanwhile, beside the same
pages with no collecting (the yardstick). Traffic stays on loopback and ends by itself.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TEXT = "The court heard that eleven men were held on a farm for three years without pay. " * 12
LONGEST = 600.0  # seconds after which the run is given up
visits: dict[str, list[tuple[float, float]]] = defaultdict(list)
lock = threading.Lock()


class Outlet(BaseHTTPRequestHandler):
    """One outlet: /feed, and a page for each entry; half of them on the beat."""

    entries = 10

    def do_GET(self) -> None:
        began = time.monotonic()
        host, port = self.connection.getsockname()[:2]
        base = f"http://{host}:{port}"
        kind = "text/html; charset=utf-8"
        if self.path == "/feed":
            kind = "text/xml"
            items = "".join(
                f"<item><title>{title(n)}, told by {host}</title><link>{base}/{n}</link>"
                "<pubDate>Mon, 15 Jun 2026 10:00:00 +0800</pubDate></item>"
                for n in range(self.entries)
            )
            body = f"<rss version='2.0'><channel><title>P</title>{items}</channel></rss>"
        elif self.path == "/robots.txt":
            kind, body = "text/plain", "User-agent: *\nAllow: /\n"
        else:
            body = (
                f"<html><title>{self.path}</title><article><h1>{title(int(self.path[1:] or 0))}</h1>"
                f"<p>{TEXT}</p></article></html>"
            )
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        with lock:
            visits[host].append((began, time.monotonic()))

    def log_message(self, *args: object) -> None:
        """Quiet."""


def title(n: int) -> str:
    return f"Two jailed for human trafficking, part {n}" if n % 2 else f"Council meets, part {n}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def latencies(port: int, cookie: str, until: threading.Event, most: float) -> list[float]:
    """Milliseconds of one page after the other, with a short pause as a person makes."""
    took: list[float] = []
    end = time.monotonic() + most
    pages = ("/desk/", "/desk/issues/", "/", "/desk/sources/")
    while not until.is_set() and time.monotonic() < end:
        for page in pages:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            began = time.monotonic()
            connection.request("GET", page, headers={"Cookie": f"sessionid={cookie}"})
            answer = connection.getresponse()
            answer.read()
            took.append(1000 * (time.monotonic() - began))
            if answer.status not in (200, 302):
                raise SystemExit(f"{page} answered {answer.status}")
            connection.close()
            time.sleep(0.1)
    return took


def told(name: str, took: list[float]) -> None:
    ordered = sorted(took)
    print(
        f"{name:24} {len(took):5} pages  median {statistics.median(took):6.1f} ms  "
        f"95 % {ordered[int(0.95 * len(took))]:6.1f} ms  longest {ordered[-1]:6.1f} ms"
    )


def set_up(feeds: list[str]) -> str:
    """A desk with these feeds and one editor; gives the editor's session."""
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from broadsheet.news import collecting
    from broadsheet.news.models import Feed
    from broadsheet.people.models import Editor
    from broadsheet.people.sessions import SessionStore

    Feed.objects.update(enabled=False)
    for n, url in enumerate(feeds):
        collecting.add(f"Outlet {n}", url, url)
    editor = Editor.objects.get()
    session = SessionStore()
    session[SESSION_KEY] = str(editor.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = editor.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    ask.add_argument("--hosts", type=int, default=200)
    ask.add_argument("--entries", type=int, default=10)
    args = ask.parse_args()
    Outlet.entries = args.entries
    servers = [ThreadingHTTPServer((f"127.0.1.{n}", 0), Outlet) for n in range(1, args.hosts + 1)]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    feeds = [f"http://{s.server_address[0]!s}:{s.server_address[1]}/feed" for s in servers]
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {
            "BROADSHEET_HOME": home,
            "BROADSHEET_ALLOW_NETWORKS": "127.0.0.0/8",
            "DJANGO_SETTINGS_MODULE": "broadsheet.settings",
        }
        call = [sys.executable, "-m", "broadsheet"]
        subprocess.run([*call, "start", "--no-serve"], check=True, capture_output=True)
        cookie = set_up(feeds)
        web = subprocess.Popen(
            [*call, "start", "--no-work", "--port", str(port)], stdout=subprocess.DEVNULL
        )
        try:
            wait_for(port)
            quiet = latencies(port, cookie, threading.Event(), 10.0)
            began = time.monotonic()
            log = Path(home) / "work.log"
            with log.open("w") as out:
                worker = subprocess.Popen([*call, "work", "--once"], stdout=out, stderr=out)
                done = threading.Event()

                def watch(
                    worker: subprocess.Popen[bytes] = worker, done: threading.Event = done
                ) -> None:
                    worker.wait(LONGEST)
                    done.set()

                threading.Thread(target=watch, daemon=True).start()
                busy = latencies(port, cookie, done, LONGEST)
                if worker.poll() is None:
                    worker.terminate()
            took = time.monotonic() - began
            report(args.hosts, args.entries, took)
            told("pages, nothing else", quiet)
            told("pages, while collecting", busy)
            print(f"ratio of the medians: {statistics.median(busy) / statistics.median(quiet):.2f}")
        finally:
            web.terminate()
            web.wait(30)
    return 0


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the desk did not answer within 20 seconds")


def report(hosts: int, entries: int, took: float) -> None:
    from broadsheet.news.models import Article, Feed

    gaps, together = [], 0
    for log in visits.values():
        log.sort()
        gaps += [b[0] - a[0] for a, b in itertools.pairwise(log)]
        together += sum(b[0] < a[1] for a, b in itertools.pairwise(log))
    fine = Feed.objects.exclude(last_success=None).count()
    print(
        f"{hosts} outlets with {entries} entries each: {fine} feeds collected, "
        f"{Article.objects.count():,} articles kept, {sum(map(len, visits.values())):,} exchanges "
        f"in {took:.0f} s"
    )
    print(
        f"an outlet had two visitors at once: {together} times; the closest two visits to one: "
        f"{min(gaps):.3f} s apart"
    )


if __name__ == "__main__":
    raise SystemExit(main())
