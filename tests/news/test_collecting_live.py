"""Many feeds over real connections on loopback: side by side, one at a time with each host."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from broadsheet.news import collecting
from broadsheet.news.models import Article, Feed
from broadsheet.wire import beat as beats
from broadsheet.wire.collect import Fetcher
from broadsheet.wire.read.pool import Reader

HOSTS = 12
BEAT = beats.load()
TEXT = "The court heard that eleven men were held on a farm for three years without pay. " * 3


class Paper(BaseHTTPRequestHandler):
    """An outlet on its own loopback address: a feed of three entries, and their pages."""

    at_once: Counter[str] = Counter()
    most: Counter[str] = Counter()
    together = 0
    lock = threading.Lock()

    def do_GET(self):
        host = self.server.server_address[0]
        with self.lock:
            Paper.at_once[host] += 1
            Paper.most[host] = max(Paper.most[host], Paper.at_once[host])
            Paper.together = max(Paper.together, sum(Paper.at_once.values()))
        time.sleep(0.02)
        base = f"http://{host}:{self.server.server_address[1]}"
        if self.path == "/feed":
            items = "".join(
                f"<item><title>Two jailed for human trafficking, part {n} of {host}</title>"
                f"<link>{base}/{n}</link><pubDate>Mon, 15 Jun 2026 10:00:00 +0800</pubDate></item>"
                for n in range(3)
            )
            body, kind = (
                f"<rss version='2.0'><channel><title>P</title>{items}</channel></rss>",
                "text/xml",
            )
        elif self.path == "/robots.txt":
            body, kind = "User-agent: *\nAllow: /\n", "text/plain"
        else:
            head = f"<title>Page {self.path}</title><article><h1>Page {self.path}</h1>"
            body = f"<html>{head}<p>{TEXT}</p></article>"
            kind = "text/html"
        data = body.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with self.lock:  # before the last byte: the next visitor may come at once after it
            Paper.at_once[host] -= 1
        self.wfile.write(data)

    def log_message(self, *args):
        pass


@pytest.fixture
def papers():
    servers = [ThreadingHTTPServer((f"127.0.1.{n}", 0), Paper) for n in range(1, HOSTS + 1)]
    threads = [threading.Thread(target=server.serve_forever, daemon=True) for server in servers]
    [thread.start() for thread in threads]
    yield [
        f"http://{server.server_address[0]}:{server.server_address[1]}/feed" for server in servers
    ]
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.django_db
def test_feeds_are_visited_side_by_side_and_each_host_is_asked_one_thing_at_a_time(papers):
    for n, url in enumerate(papers):
        collecting.add(f"Paper {n}", url, url)
    collecting.add("Nobody", "", "http://127.0.2.1:9/feed")
    with Fetcher(allowed=["127.0.0.0/8"], delay=0.0) as fetcher, Reader(beat=BEAT) as reader:
        visits = list(
            collecting.visit_all(
                collecting.due(),
                fetcher,
                BEAT,
                lambda: datetime(2026, 6, 30, tzinfo=UTC),
                reader=reader,
            )
        )
    assert len(visits) == HOSTS + 1
    assert sum(bool(visit.problem) for visit in visits) == 1
    assert Article.objects.count() == 3 * HOSTS
    assert "eleven men" in Article.objects.first().text
    assert set(Paper.most.values()) == {1}
    assert Paper.together > 1
    assert Feed.objects.exclude(last_success=None).count() == HOSTS
