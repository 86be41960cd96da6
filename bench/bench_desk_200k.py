"""Page and action times of a desk with five years of news, from 20 editors and from a real browser.

    python bench/bench_desk_200k.py [--articles 200000] [--stories 40000] [--issues 60]
    .ci/with-postgres python bench/bench_desk_200k.py

Fills a database in a folder of its own with invented articles, stories, issues and decisions (bulk
inserts, the same at every run), serves it as `broadsheet start` does, and prints the median and the
95th percentile of each page and action: one editor alone, twenty at once with time to read between
two clicks, and Chromium, from the click to the page that can be used. On SQLite unless DATABASE_URL names
a PostgreSQL, which must be empty. Nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

PAGE, ACTION = 100.0, 200.0  # milliseconds: the desk's promise for a page and for an action
EDITORS = 20
READING = (2.0, 6.0)  # seconds that an editor looks at a page before the next click
CHROMIUM = os.environ.get("BROADSHEET_CHROMIUM", "/usr/bin/chromium")
took: dict[str, list[float]] = defaultdict(list)
lock = threading.Lock()

# Invented words: enough of them that a search for one is neither everywhere nor nowhere.
_BEAT = (
    "police",
    "court",
    "workers",
    "victims",
    "trafficking",
    "labour",
    "boats",
    "factory",
    "passports",
    "debt",
    "wages",
    "recruiter",
    "charged",
    "freed",
    "raid",
    "village",
    "ministry",
    "border",
    "agency",
    "crew",
    "farm",
    "kiln",
    "shelter",
    "sentence",
    "survivors",
)


def words(lot: random.Random, count: int) -> str:
    """Words as a newspaper has them: a few everywhere, most of them rare (Zipf's law)."""
    out = []
    for _ in range(count):
        if lot.random() < 0.2:
            out.append(lot.choice(_BEAT))
        else:
            rank = int(lot.paretovariate(0.9))
            out.append(f"w{rank % 30_000:x}")
    return " ".join(out)


# --- the desk ------------------------------------------------------------------------------------


def months(count: int) -> list[str]:
    return [f"{2021 + n // 12}-{n % 12 + 1:02}" for n in range(count)]


def fill(n_articles: int, n_stories: int, n_issues: int) -> None:
    """All rows of the desk. A fifth of the articles stand in stories; the rest are off the beat."""
    from django.db import connection

    from broadsheet.issues.models import Newsletter
    from broadsheet.news.models import Source
    from broadsheet.people.models import Editor

    lot = random.Random(20190621)  # any number: the same desk at every run
    Editor.objects.bulk_create(
        Editor(name=f"Editor {n}", role="editor", password="!") for n in range(EDITORS)
    )
    Source.objects.bulk_create(
        [Source(name=f"Outlet {n}", kind="newspaper") for n in range(200)], ignore_conflicts=True
    )
    newsletter = Newsletter.objects.order_by("pk").first()
    assert newsletter is not None
    names = months(n_issues)
    print(
        f"filling: {n_articles:,} articles, {n_stories:,} stories, {n_issues} issues ...",
        flush=True,
    )
    began = time.monotonic()
    _stories(lot, n_stories, names)
    _articles(lot, n_articles, n_stories, names)
    _issues(newsletter, names)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"filled in {time.monotonic() - began:.0f} s", flush=True)


def _stories(lot: random.Random, count: int, names: list[str]) -> None:
    from broadsheet.news.models import Story

    def rows() -> Iterator[Story]:
        for n in range(count):
            month = names[n * len(names) // count]
            old = month != names[-1]
            state = lot.choices(
                ["left", "taken", "new", "later"], [6, 2, 2, 1] if old else [1, 1, 20, 1]
            )
            yield Story(
                key=f"story-{n}",
                month=month,
                state=state[0],
                band=lot.choice(["relevant", "unsure"]),
                score=lot.random() * 5,
                factors={"relevance": 2.0, "outlets": 0.5},
                headline=words(lot, 10),
                sort_date=f"{month}-{lot.randrange(1, 28):02}T00:00",
                summary={"text": words(lot, 60), "sentences": []},
                places=lot.sample(["KH", "HK", "TH", "CN", "PH", "MM", "GB"], 2),
            )

    _in_bulk(Story, rows())


def _articles(lot: random.Random, count: int, n_stories: int, names: list[str]) -> None:
    from broadsheet.news import finding
    from broadsheet.news.models import Article, Source, Story

    sources = list(Source.objects.values_list("pk", flat=True))
    stories = list(Story.objects.order_by("pk").values_list("pk", "month", "headline"))
    texts = [words(lot, 350) for _ in range(2_000)]  # each stands in a hundred articles
    forms = ["FRM.LAB", "FRM.SEX", "FRM.DOM"]

    def rows() -> Iterator[Article]:
        for n in range(count):
            told = stories[n % n_stories] if n < 2 * n_stories else None
            month = told[1] if told else names[n * len(names) // count]
            yield Article(
                key=f"{n:064x}",
                url=f"https://outlet.example/{n}",
                source_id=lot.choice(sources),
                headline=told[2] if told and n < n_stories else words(lot, 10),
                text=lot.choice(texts),
                published={"value": f"{month}-15", "precision": "day"},
                sort_date=f"{month}-15T00:00",
                month=month,
                first_seen=datetime(int(month[:4]), int(month[5:]), 16, tzinfo=UTC),
                band="relevant" if told else "off_beat",
                score=lot.random(),
                evidence=[
                    {"phrase": "forced labour", "field": "text", "start": 0, "end": 13,
                     "code": "anchor", "weight": 1.2}
                ] * 3,
                codes={"form": [lot.choice(forms)]} if told else {},
                story_id=told[0] if told else None,
                role=("lead" if n < n_stories else "report") if told else "",
            )  # fmt: skip

    _in_bulk(Article, rows())
    finding.put(
        Article.objects.only("pk", "headline", "description", "text", "month").iterator(2_000)
    )


def _issues(newsletter: Any, names: list[str]) -> None:
    from broadsheet.issues.models import Issue, Pick, Section
    from broadsheet.news.models import Article, Decision, Story

    for month in names:
        issue = Issue.objects.create(newsletter=newsletter, month=month, title=f"Issue {month}")
        sections = [
            Section.objects.create(issue=issue, position=at, heading=heading, takes=takes)
            for at, (heading, takes) in enumerate(
                (("Home", "home"), ("Region", "region"), ("World", "world"))
            )
        ]
        taken = Story.objects.filter(month=month, state="taken")[:25]
        leads = Article.objects.in_bulk(
            list(
                Article.objects.filter(story__in=[s.pk for s in taken], role="lead").values_list(
                    "pk", flat=True
                )
            )
        )
        by_story = {a.story_id: a for a in leads.values()}
        Pick.objects.bulk_create(
            Pick(section=sections[at % 3], issue=issue, position=at, kind="article", story=story,
                 headline=story.headline, source="Outlet", summary=story.summary["text"],
                 date=by_story[story.pk].published, links=[{"text": "Read", "url": by_story[story.pk].url}])
            for at, story in enumerate(taken)
        )  # fmt: skip
    began = datetime(2021, 1, 2, tzinfo=UTC)
    decided = Story.objects.exclude(state="new").values_list("pk", "state")
    verbs = {"taken": "take", "left": "leave", "later": "later"}
    _in_bulk(
        Decision,
        (
            Decision(
                story_id=pk, action=verbs[state], before="new", at=began + timedelta(minutes=n)
            )
            for n, (pk, state) in enumerate(decided)
        ),
    )


def _in_bulk(model: Any, rows: Iterable[Any]) -> None:
    stream = iter(rows)
    while batch := list(itertools.islice(stream, 2_000)):
        model.objects.bulk_create(batch)


def sessions() -> list[str]:
    """A session for each editor, as signing in makes it."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from broadsheet.people.models import Editor

    store = import_module(settings.SESSION_ENGINE).SessionStore
    found = []
    for editor in Editor.objects.filter(name__startswith="Editor ").order_by("pk")[:EDITORS]:
        session = store()
        session[SESSION_KEY] = str(editor.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = editor.get_session_auth_hash()
        session.save()
        found.append(str(session.session_key))
    return found


# --- clicks --------------------------------------------------------------------------------------


class TimeUpError(Exception):
    """The load has lasted as long as it should."""


class Sitting:
    """One editor at the desk, over HTTP with one kept connection."""

    def __init__(self, port: int, cookie: str, who: int) -> None:
        self.port, self.lot = port, random.Random(who)
        self.cookies = {"sessionid": cookie}
        self.token = ""
        self.until = float("inf")
        self.web = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def _ask(self, name: str, method: str, path: str, body: str = "", **headers: str) -> str:
        cookie = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        began = time.monotonic()
        for again in (True, False):
            try:
                self.web.request(method, path, body or None, {"Cookie": cookie, **headers})
                answer = self.web.getresponse()
                break
            except (http.client.HTTPException, ConnectionError):
                if not again:
                    raise
                self.web.close()
                began = time.monotonic()
        text = answer.read().decode()
        with lock:
            took[name].append(1000 * (time.monotonic() - began))
        for value in answer.headers.get_all("Set-Cookie") or ():
            key, _eq, rest = value.partition("=")
            self.cookies[key] = rest.partition(";")[0]
        if answer.status not in (200, 302):
            raise SystemExit(f"{method} {path} answered {answer.status}: {text[:300]}")
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        self.token = found.group(1) if found else self.token
        return text

    def page(self, name: str, path: str) -> str:
        return self._ask(name, "GET", path)

    def act(self, name: str, path: str, *, htmx: bool = True, **fields: str) -> str:
        more = {"HX-Request": "true"} if htmx else {}
        body = urllib.parse.urlencode({"csrfmiddlewaretoken": self.token, **fields})
        kind = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self.token}
        return self._ask(name, "POST", path, body, **kind, **more)


def click_through(at: Sitting, month: str, old: str, rest: bool) -> None:
    """What an editor does in some minutes: look, search, open, decide, undo, note, claim."""

    def wait() -> None:
        if time.monotonic() > at.until:
            raise TimeUpError
        if rest:
            time.sleep(at.lot.uniform(*READING))

    back = f"month={month}&band=relevant"
    inbox = at.page("page  inbox", f"/desk/?{back}")
    stories = re.findall(r'id="story-(\d+)"', inbox)
    word = at.lot.choice(_BEAT)
    for name, path in (
        ("page  inbox, unsure", f"/desk/?month={month}&band=unsure"),
        ("page  inbox, off the beat", f"/desk/?month={month}&band=off_beat"),
        ("page  inbox, taken, an old month", f"/desk/?month={old}&band=taken"),
        ("page  search a word in a month", f"/desk/?month={month}&q={word}"),
        ("page  search with filters", f"/desk/?month={month}&q={word}+place%3AKH+-is%3Ataken"),
        ("page  search a word in all months", f"/desk/?month={month}&all=yes&q={word}"),
        (
            "page  search a rare word in all months",
            f"/desk/?month={month}&all=yes&q=w{at.lot.randrange(500, 30000):x}",
        ),
        ("page  last things done", f"/desk/done/?{back}"),
        ("page  kept searches", f"/desk/searches/?{back}"),
        ("page  issues", "/desk/issues/"),
        ("page  an issue", f"/desk/issues/{at.lot.randrange(1, 50)}/"),
        ("page  sources", "/desk/sources/"),
        ("page  archive", "/"),
    ):
        at.page(name, path)
        wait()
    at.page("page  inbox", f"/desk/?{back}")
    mine = at.lot.sample(stories, min(6, len(stories)))
    for pk in mine[:3]:
        at.page("page  a story", f"/desk/stories/{pk}/")
        wait()
        address = f"/desk/stories/{pk}/decide/"
        for action in ("take", "undo", "leave", "undo", "later", "undo"):
            try:
                at.act(f"act   {action}", address, action=action, back=back)
            except SystemExit as error:
                if "422" not in str(error):  # another editor was quicker to undo
                    raise
            wait()
        at.act("act   claim", address, action="claim", back=back)
        at.act(
            "act   note", address, action="note", note=f"Looked at {time.monotonic_ns()}", back=back
        )
        at.act("act   move", address, action="move", month=old, back=back)
        at.act("act   undo the last thing", "/desk/done/undo/", htmx=False, back=back)
        wait()
    if len(mine) == 6:
        body = [("story", pk) for pk in mine[3:5]]
        at.act("act   merge two", f"/desk/stories/together/?{urllib.parse.urlencode(body)}", htmx=False,
               action="merge", back=back, story=mine[3])  # fmt: skip


def load(port: int, cookies: list[str], month: str, old: str, seconds: float) -> int:
    """Twenty editors at once, each clicking and reading, for a while; how many clicks there were."""
    end = time.monotonic() + seconds
    broken: list[BaseException] = []

    def one(who: int) -> None:
        at = Sitting(port, cookies[who], who)
        at.until = end
        time.sleep(at.lot.uniform(0, READING[1]))
        try:
            while True:
                click_through(at, month, old, rest=True)
        except TimeUpError:
            return
        except BaseException as error:  # told below, after all have ended
            broken.append(error)

    threads = [
        threading.Thread(target=one, args=(who,), daemon=True) for who in range(len(cookies))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(1.0, end - time.monotonic()) + 120)
    if broken:
        raise SystemExit(f"an editor was refused: {broken[0]}")
    return sum(map(len, took.values()))


def browse(port: int, cookie: str, month: str, old: str, rounds: int) -> None:
    """The same in Chromium: a page from the click until it can be used, an action until its row shows."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("no Playwright here: the browser is left out")
        return
    if not Path(CHROMIUM).exists():
        print(f"no Chromium at {CHROMIUM}: the browser is left out")
        return
    base = f"http://127.0.0.1:{port}"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        context = browser.new_context(base_url=base)
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": base}])
        page = context.new_page()
        for n in range(rounds + 1):
            for name, path in (
                ("page  inbox", f"/desk/?month={month}"),
                ("page  search a word in a month", f"/desk/?month={month}&q=workers"),
                ("page  search a word in all months", f"/desk/?month={month}&all=yes&q=workers"),
                ("page  an issue", "/desk/issues/3/"),
                ("page  issues", "/desk/issues/"),
                ("page  sources", "/desk/sources/"),
            ):
                page.goto(path)
                ready = page.evaluate(
                    "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
                )
                if n:  # the first round fills the browser's own cache
                    took[name].append(float(ready))
            page.goto(f"/desk/?month={month}&band=unsure")
            page.keyboard.press("j")
            card = page.evaluate("document.activeElement.closest('[data-card]').id")
            for name, key, sign in (
                ("act   leave by key", "l", "[data-done]"),
                ("act   undo by key", "u", " h2"),
            ):
                began = time.monotonic()
                page.keyboard.press(key)
                page.wait_for_selector(f"#{card}{sign}")
                if n:
                    took[name].append(1000 * (time.monotonic() - began))
        browser.close()


# --- telling -------------------------------------------------------------------------------------


def tell(title: str) -> int:
    """Print and empty what was measured; how many lines kept no promise (their 95th percentile)."""
    print(f"\n{title}")
    over = 0
    for name in sorted(took, key=lambda one: (not one.startswith("page"), one)):
        ordered = sorted(took[name])
        high = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        promise = PAGE if name.startswith("page") else ACTION
        over += high > promise
        print(
            f"  {name:42} {len(ordered):5}  median {statistics.median(ordered):6.1f} ms"
            f"  95 % {high:6.1f} ms{'  OVER' if high > promise else ''}"
        )
    took.clear()
    return over


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the desk did not answer within 30 seconds")


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    ask.add_argument("--articles", type=int, default=200_000)
    ask.add_argument("--stories", type=int, default=40_000)
    ask.add_argument("--issues", type=int, default=60)
    ask.add_argument("--seconds", type=float, default=60.0, help="how long the 20 editors work")
    ask.add_argument("--rounds", type=int, default=10, help="of one editor, and of the browser")
    ask.add_argument("--home", type=Path, help="a folder to keep the desk in, and to use again")
    args = ask.parse_args()
    with tempfile.TemporaryDirectory() as aside:
        home = args.home or Path(aside)
        os.environ |= {
            "BROADSHEET_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "broadsheet.settings",
        }
        call = [sys.executable, "-m", "broadsheet"]
        subprocess.run([*call, "start", "--no-serve"], check=True, capture_output=True)
        import django

        django.setup()
        from django.db import connection

        from broadsheet.news.models import Article

        if not Article.objects.exists():
            fill(args.articles, args.stories, args.issues)
        cookies = sessions()
        print(f"{connection.vendor}, {os.cpu_count()} cores")
        if connection.vendor == "sqlite":
            size = sum(file.stat().st_size for file in home.glob("*.sqlite3*"))
            print(f"the database has {size / 1e6:,.0f} MB")
        names = months(args.issues)
        month, old = names[-1], names[len(names) // 2]
        connection.close()
        port = free_port()
        web = subprocess.Popen(
            [*call, "start", "--no-work", "--port", str(port)], stdout=subprocess.DEVNULL
        )
        over = 0
        try:
            wait_for(port)
            one = Sitting(port, cookies[0], 0)
            click_through(one, month, old, rest=False)
            took.clear()  # the first round warms the caches of the system
            for _ in range(args.rounds):
                click_through(one, month, old, rest=False)
            over += tell("one editor, click after click")
            clicks = load(port, cookies, month, old, args.seconds)
            over += tell(f"{EDITORS} editors at once, {clicks:,} clicks")
            browse(port, cookies[1], month, old, args.rounds)
            over += tell("Chromium")
        finally:
            web.terminate()
            web.wait(30)
    print(
        f"\n{over} lines over {PAGE:.0f} ms for a page or {ACTION:.0f} ms for an action (95th percentile)"
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
