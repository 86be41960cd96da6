"""Everything at once, for as long as you say: collecting, ten editors, a sending to 20,000, readers.

    python bench/soak.py [--minutes 30] [--database sqlite|postgres] [--readers 20000] [--editors 10]

The desk is the real one in processes of its own: the web, and one worker on SQLite, two on a PostgreSQL
that is made for the run. Outlets answer at 127.0.4.n and print all the time; mail goes to a server of ours
that keeps who got what. Editors read, take, note, comment, write in items and send feeds around again, each
over HTTP with what the pages' own forms hold; others read the public pages. After a third of the time a
worker is killed (SIGKILL) and begun anew, as a service manager does; after two thirds the database is: the
PostgreSQL whole, or on SQLite the web that has the file open. Nothing leaves loopback, all ends by itself.

An error is what a person would see: no answer, or one of 500 and more. It is tried again, as a person would,
for up to a minute. Printed: errors and whether trying again mended them, what was acknowledged and is not
there (nothing), letters sent twice or lost (none), items that were printed and not collected (none),
latencies. Exits 1 where any of these is not so.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import random
import re
import shutil
import signal
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

import sim_month  # noqa: E402
from bench_desk import free_port, wait_for  # noqa: E402
from lxml import html as pages  # noqa: E402

OUTLETS = 30
FASTER = 300  # the outlets' time runs so much faster: an item every half minute or so
PATIENCE = 60.0  # seconds for which a person tries again
QUICK, SLOW = 0.3, 2.0  # seconds between two clicks
AGAIN = 5.0  # seconds until a service manager begins anew what died
took: dict[str, list[tuple[float, float]]] = defaultdict(list)  # what -> (when, milliseconds)
errors: list[
    tuple[float, str, str, bool]
] = []  # when, what, which error, whether a retry mended it
acknowledged: dict[str, set[str]] = defaultdict(set)  # notes, comments: what the desk said it has
last_words: dict[int, str] = {}  # item -> what its editor kept last
lock = threading.Lock()


# --- where mail goes -----------------------------------------------------------------------------


class Post(socketserver.StreamRequestHandler):
    """A mail server that takes everything and keeps to whom, and with which Message-ID."""

    taken: list[tuple[str, str]] = []

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self._talk()

    def _talk(self) -> None:
        self._say("220 loopback")
        to = ""
        for raw in self.rfile:
            line = raw.decode("latin-1").strip()
            verb = line[:4].upper()
            if verb == "EHLO":
                self._say("250-loopback\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8")
            elif verb == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                self._say("250 2.1.5 ok")
            elif verb == "DATA":
                self._say("354 go on")
                name = self._letter()
                with lock:
                    self.taken.append((to, name))
                self._say("250 2.0.0 taken")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 2.0.0 ok")

    def _letter(self) -> str:
        name = ""
        for line in self.rfile:
            if line == b".\r\n":
                break
            if not name and line[:11].lower() == b"message-id:":
                name = line[11:].strip().decode()
        return name

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())
        self.wfile.flush()


class Sink(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


# --- people --------------------------------------------------------------------------------------


class Person:
    """Somebody with a browser. Tries again what failed, and notes what they saw."""

    def __init__(self, port: int, number: int, cookie: str, over: threading.Event) -> None:
        self.port, self.lot, self.over = port, random.Random(number), over
        self.cookies = {"sessionid": cookie} if cookie else {}

    def ask(self, what: str, path: str, form: dict[str, str] | None = None, **headers: str) -> str:
        """The page; tried again while it fails, for PATIENCE. Empty where it could not be had."""
        began, seen = time.monotonic(), ""
        while True:
            try:
                status, text = self._once(what, path, form, headers)
                trouble = f"{status}" if status >= 500 else ""
            except (OSError, http.client.HTTPException) as error:
                status, text, trouble = 0, "", type(error).__name__
            seen = seen or trouble
            if not trouble or time.monotonic() - began > PATIENCE:
                if seen:
                    with lock:
                        errors.append((time.monotonic(), what, seen, not trouble))
                return text if status == 200 else ""
            time.sleep(1)

    def _once(
        self, what: str, path: str, form: dict[str, str] | None, headers: dict[str, str]
    ) -> tuple[int, str]:
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        began = time.monotonic()
        try:
            given = dict(headers)
            if self.cookies:
                given["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
            if form is not None:
                given["Content-Type"] = "application/x-www-form-urlencoded"
            body = urllib.parse.urlencode(form) if form is not None else None
            web.request("POST" if form is not None else "GET", path, body, given)
            answer = web.getresponse()
            text = answer.read().decode(errors="replace")
            with lock:
                took[what].append((began, 1000 * (time.monotonic() - began)))
            for value in answer.headers.get_all("Set-Cookie") or ():
                key, _eq, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
            if answer.status in (302, 303):  # a page after a change is asked for as browsers do
                return 200, text or "elsewhere"
            return answer.status, text
        finally:
            web.close()

    def rest(self, longest: float = SLOW) -> None:
        self.over.wait(self.lot.uniform(QUICK, longest))


def token(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    return found[1] if found else ""


def edit(person: Person, issue: int, pick: int, feeds: list[int]) -> None:
    """What an editor does all day, until it is over."""
    n = 0
    while not person.over.is_set():
        n += 1
        month = "" if n % 3 == 0 else "month=2019-06&"
        inbox = person.ask("inbox", f"/desk/?{month}band=relevant")
        person.rest()
        for story in person.lot.sample(
            found := re.findall(r'id="story-(\d+)"', inbox), min(2, len(found))
        ):
            _story(person, story, f"note {pick}-{n}-{story}", inbox)
        _write(person, pick, f"Written {n} times by the editor of {pick}.")
        page = person.ask("an issue", f"/desk/issues/{issue}/")
        words = f"comment {pick}-{n}"
        form = {"csrfmiddlewaretoken": token(page), "words": words, "part": ""}
        if page and person.ask("comment", f"/desk/issues/{issue}/comments/new/", form):
            with lock:
                acknowledged["comments"].add(words)
        person.rest()
        person.ask("search", f"/desk/?band=relevant&q={person.lot.choice(sim_month.SUBJECTS)}")
        page = person.ask("sources", "/desk/sources/")
        feed = person.lot.choice(feeds)
        person.ask(
            "visit a feed", f"/desk/feeds/{feed}/again/", {"csrfmiddlewaretoken": token(page)}
        )
        person.rest()


def _story(person: Person, story: str, note: str, page: str) -> None:
    address = f"/desk/stories/{story}/decide/"
    given = {"csrfmiddlewaretoken": token(page), "back": "band=relevant"}
    htmx = {"HX-Request": "true"}
    person.ask("a story", f"/desk/stories/{story}/")
    if person.ask("note", address, {**given, "action": "note", "note": note}, **htmx):
        with lock:
            acknowledged["notes"].add(note)
    person.ask(
        "take", address, {**given, "action": person.lot.choice(("take", "later", "undo"))}, **htmx
    )
    person.rest()


def _write(person: Person, pick: int, words: str) -> None:
    """Fill the item's own form in, as it came, with other words, and keep it."""
    page = person.ask("an item", f"/desk/picks/{pick}/")
    if not page:
        return
    own = f"/picks/{pick}/"
    form = next(one for one in pages.fromstring(page).forms if (one.action or "").endswith(own))  # type: ignore[attr-defined]
    fields = {key: value or "" for key, value in form.fields.items()}
    if person.ask("keep an item", f"/desk/picks/{pick}/", fields | {"summary": words}):
        with lock:
            last_words[pick] = words


def read(person: Person, uid: str) -> None:
    """What a reader opens, until it is over."""
    addresses = (
        "/",
        f"/editions/{uid}/",
        "/search/?q=harbour",
        "/feed.atom",
        "/topics/",
        "/tip/",
        "/library/",
    )
    while not person.over.is_set():
        person.ask("a reader's page", person.lot.choice(addresses))
        person.rest(1.0)


# --- the desk ------------------------------------------------------------------------------------


class Service:
    """A process that is begun anew when it dies, as a service manager does."""

    def __init__(self, call: list[str], log: Path) -> None:
        self.call, self.log, self.ends, self.deaths = call, log.open("ab"), False, 0
        self._start()
        threading.Thread(target=self._keep, daemon=True).start()

    def _start(self) -> None:
        self.process = subprocess.Popen(self.call, stdout=self.log, stderr=self.log, start_new_session=True)  # fmt: skip  # noqa: E501

    def _keep(self) -> None:
        while True:
            self.process.wait()
            if self.ends:
                return
            self.deaths += 1
            time.sleep(AGAIN)
            self._start()

    def kill(self) -> None:
        """As a power cut: the whole family at once."""
        os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> None:
        self.ends = True
        with contextlib.suppress(OSError):
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(90)


class Postgres:
    """A PostgreSQL of our own, with its data as safe as a desk's: `fsync` is on."""

    def __init__(self, folder: Path) -> None:
        self.bin = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self.folder, self.port = folder, free_port()
        folder.mkdir()
        self.as_postgres = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        if self.as_postgres:
            shutil.chown(folder, "postgres")
            for above in folder.parents[:1]:
                above.chmod(0o755)
        self._run("initdb", "-D", f"{folder}/data", "-U", "broadsheet", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")  # fmt: skip  # noqa: E501
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "broadsheet", "broadsheet")  # fmt: skip  # noqa: E501
        self.url = f"postgres://broadsheet@127.0.0.1:{self.port}/broadsheet"

    def _run(self, name: str, *args: str) -> None:
        subprocess.run([*self.as_postgres, str(self.bin / name), *args], check=True, stdout=subprocess.DEVNULL)  # fmt: skip  # noqa: E501

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-w", "-s", "-l", f"{self.folder}/log", "-o", options, "start")  # fmt: skip  # noqa: E501

    def kill(self) -> None:
        """The postmaster without a word; the rest of it sees that and goes."""
        number = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        os.kill(number, signal.SIGKILL)

    def end(self) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-s", "-m", "immediate", "stop")


@contextlib.contextmanager
def outlets(start: datetime) -> Iterator[tuple[list[sim_month.Outlet], list[str], threading.Event]]:
    """Outlets whose time runs faster than ours until the event is set."""
    still = threading.Event()
    began = time.monotonic()
    at = [start]

    def clock() -> datetime:
        if not still.is_set():
            at[0] = start + timedelta(seconds=FASTER * (time.monotonic() - began))
        return at[0]

    sim_month.Answering.clock = staticmethod(clock)  # type: ignore[assignment]
    made = [sim_month.Outlet(n, start, 365) for n in range(101, 101 + OUTLETS)]
    feeds, servers = [], []
    for outlet in made:
        outlet.rests, outlet.cut, outlet.dead_pages = (0, 0), False, False
        server = ThreadingHTTPServer((f"127.0.4.{outlet.number}", 0), sim_month.Answering)
        sim_month.Answering.outlets[str(server.server_address[0])] = outlet
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        feeds.append(f"http://{server.server_address[0]!s}:{server.server_address[1]}/rss")
    yield made, feeds, still
    for server in servers:
        server.shutdown()


def prepare(feeds: list[str], editors: int, readers: int) -> dict[str, Any]:
    """A desk with its feeds, editors at their items, and an issue that is out; what the people need."""
    import django

    django.setup()
    from bench_desk_200k import sessions
    from django.utils import timezone

    from broadsheet.issues import compose
    from broadsheet.mailing.models import Subscriber
    from broadsheet.news import collecting
    from broadsheet.news.models import Feed
    from broadsheet.people import rules
    from tests import make
    from tests.press.edition import full

    Feed.objects.update(enabled=False)
    mine = [collecting.add(f"Outlet {n}", url, url).pk for n, url in enumerate(feeds)]
    rules.lay_down(setting_up=False)
    people = [make.editor(role="editor") for _ in range(editors)]
    for _ in range(60):  # to decide on from the first minute
        make.story(articles=2)
    out = make.issue("2019-05", title="May 2019")
    compose.write(out.sections.first(), None, timezone.now(), headline="Our news")
    edition = compose.publish(out, None, timezone.now())
    edition.content = full().to_json() | {"uid": out.uid}
    edition.save()
    issue = make.issue("2019-06", title="June 2019")
    section = issue.sections.first()
    picks = [
        compose.write(section, one, timezone.now(), headline=f"Of {one.name}").pk for one in people
    ]
    now = timezone.now()
    Subscriber.objects.bulk_create(
        (
            Subscriber(
                newsletter=out.newsletter, address=f"r{n}@r{n % 900}.example", key=f"r{n}@r{n % 900}.example",
                domain=f"r{n % 900}.example", state="active", basis="own", consented=now, made=now,
            )
            for n in range(readers)
        ),
        batch_size=2000,
    )  # fmt: skip
    return {"feeds": mine, "picks": picks, "issue": issue.pk, "uid": out.uid, "edition": edition.pk,
            "cookies": sessions()}  # fmt: skip


def send(edition: int) -> int:
    from django.utils import timezone

    from broadsheet.issues.models import Edition
    from broadsheet.mailing import dispatch
    from broadsheet.mailing.audience import Choice

    made = dispatch.order(Edition.objects.get(pk=edition), Choice(), None, timezone.now())
    return int(made.pk)


# --- the run -------------------------------------------------------------------------------------


def soak(given: argparse.Namespace, folder: Path) -> int:
    home = folder / "home"
    home.mkdir()
    Post.taken = []
    sink = Sink(("127.0.0.1", 0), Post)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    minutes = given.minutes
    os.environ |= {
        "BROADSHEET_HOME": str(home),
        "BROADSHEET_ALLOW_NETWORKS": "127.0.0.0/8",
        "BROADSHEET_MAIL": f"smtp://127.0.0.1:{sink.server_address[1]}",
        "BROADSHEET_MAIL_FROM": "Lantern House <letter@lantern.example>",
        # so that the sending lasts for most of the time, and is under way at each of the deaths
        "BROADSHEET_MAIL_PER_HOUR": str(int(given.readers * 60 / (0.8 * minutes))),
        "DJANGO_SETTINGS_MODULE": "broadsheet.settings",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    postgres = Postgres(folder / "postgres") if given.database == "postgres" else None
    if postgres:
        os.environ["DATABASE_URL"] = postgres.url
    call = [sys.executable, "-m", "broadsheet"]
    try:
        with outlets(datetime.now(UTC) - timedelta(days=20)) as (made, feeds, still):
            subprocess.run([*call, "start", "--no-serve"], check=True, capture_output=True)
            desk = prepare(feeds, given.editors, given.readers)
            port = free_port()
            web = Service([*call, "start", "--no-work", "--port", str(port)], folder / "web.log")
            workers = [Service([*call, "work"], folder / f"work{n}.log") for n in range(2 if postgres else 1)]  # fmt: skip  # noqa: E501
            with contextlib.suppress(
                SystemExit
            ):  # on a machine that is busy it may take twice as long
                wait_for(port)
            wait_for(port)
            _go(given, desk, port, workers[0], web, postgres)
            still.set()  # no more is printed; what was is collected now
            _last_round(desk["feeds"])
            for one in (*workers, web):
                one.end()
            return _told(given, made, desk)
    finally:
        if postgres:
            postgres.end()
        sink.shutdown()


def _go(
    given: argparse.Namespace, desk: dict[str, Any], port: int, worker: Service, web: Service,
    postgres: Postgres | None,
) -> None:  # fmt: skip
    over = threading.Event()
    people: list[threading.Thread] = []

    def begin(act: Callable[..., None], *args: Any) -> None:
        people.append(threading.Thread(target=act, args=args, daemon=True))
        people[-1].start()

    for number, cookie in enumerate(desk["cookies"][: given.editors]):
        begin(edit, Person(port, number, cookie, over), desk["issue"], desk["picks"][number], desk["feeds"])  # fmt: skip  # noqa: E501
    for number in range(4):
        begin(read, Person(port, 100 + number, "", over), desk["uid"])
    time.sleep(10)
    send(desk["edition"])
    began = time.monotonic()
    deaths = [(given.minutes * 20, "a worker"), (given.minutes * 40, "the database")]
    while (now := time.monotonic() - began) < given.minutes * 60:
        if deaths and now > deaths[0][0]:
            _at, what = deaths.pop(0)
            print(f"{now:5.0f} s  {what} is killed; {len(Post.taken):,} letters taken", flush=True)
            if what == "a worker":
                worker.kill()
            elif postgres:
                postgres.kill()
                time.sleep(AGAIN)
                postgres.start()
            else:
                web.kill()
        time.sleep(1)
    over.set()
    for one in people:
        one.join(PATIENCE + 30)
    print(f"{time.monotonic() - began:5.0f} s  the people have gone; {len(Post.taken):,} letters taken", flush=True)  # fmt: skip  # noqa: E501


def _last_round(feeds: list[int]) -> None:
    """Every feed is visited once more, and all mail is out; given up after ten minutes."""
    from django.db import close_old_connections

    from broadsheet.mailing.models import Dispatch

    close_old_connections()
    end = time.monotonic() + 600
    _all_visited(feeds, end)
    _all_visited(feeds, end)  # what was fetched for the first may be older than the asking
    while Dispatch.objects.filter(state__in=Dispatch.OPEN).exists() and time.monotonic() < end:
        time.sleep(1)
    if time.monotonic() >= end:
        print("gave up waiting for the last round")


def _all_visited(feeds: list[int], end: float) -> None:
    from django.db import OperationalError
    from django.utils import timezone

    from broadsheet.news import collecting
    from broadsheet.news.models import Feed

    asked = timezone.now()
    while time.monotonic() < end:
        left = list(Feed.objects.filter(pk__in=feeds).exclude(last_tried__gte=asked))
        if not left:
            return
        for feed in left:  # again, since one that was just being visited goes to sleep after it
            with contextlib.suppress(OperationalError):  # the database was busy: in the next round
                collecting.try_again(feed, asked)
        time.sleep(2)


def _told(given: argparse.Namespace, made: list[sim_month.Outlet], desk: dict[str, Any]) -> int:
    from broadsheet.issues.models import Comment, Pick
    from broadsheet.mailing.models import Delivery
    from broadsheet.news.models import Article, Decision

    now = sim_month.Answering.clock()
    wanted = {sim_month.headline(o.number, k) for o in made for k in range(o.at(now))}
    missed = wanted - set(Article.objects.values_list("headline", flat=True))
    notes = set(Decision.objects.exclude(reason="").values_list("reason", flat=True))
    comments = set(Comment.objects.values_list("words", flat=True))
    lost: dict[str, set[Any]] = {
        "notes": acknowledged["notes"] - notes,
        "comments": acknowledged["comments"] - comments,
        "items written": {pk for pk, words in last_words.items() if Pick.objects.get(pk=pk).summary != words},
    }  # fmt: skip
    got = Counter(to for to, _name in Post.taken)
    states = Counter(Delivery.objects.values_list("state", flat=True))
    doubt = set(
        Delivery.objects.filter(state="doubt").values_list("subscriber__address", flat=True)
    )
    never = {f"r{n}@r{n % 900}.example" for n in range(given.readers)} - set(got) - doubt
    claimed = set(
        Delivery.objects.filter(state="accepted").values_list("subscriber__address", flat=True)
    )
    twice = [to for to, times in got.items() if times > 1]
    print(f"\n{given.minutes:g} minutes on {given.database}, {given.editors} editors; "
          f"load of the machine {os.getloadavg()[0]:.1f}")  # fmt: skip
    print(f"collected: {len(wanted):,} items printed, {len(missed)} missed")
    print(f"kept: {len(acknowledged['notes']):,} notes, {len(acknowledged['comments']):,} comments, "
          f"{len(last_words)} items of which each was written many times; lost: "
          f"{', '.join(f'{len(v)} {k}' for k, v in lost.items())}")  # fmt: skip
    print(f"sent: {len(got):,} readers have the letter, {len(twice)} twice, {len(never)} never, "
          f"{len(doubt)} in doubt (an editor decides; {len(doubt & set(got))} of them have it), "
          f"{len(claimed - set(got))} counted as sent and not taken; {dict(states)}")  # fmt: skip
    mended = [one for one in errors if one[3]]
    print(f"errors that a person saw: {len(errors)}, mended by trying again: {len(mended)}")
    for (what, which, fine), times in Counter((w, e, m) for _at, w, e, m in errors).most_common(12):
        print(f"  {times:4} {what}: {which}{'' if fine else ', NOT MENDED'}")
    for what, times_of in sorted(took.items()):
        each = sorted(ms for _at, ms in times_of)
        print(f"{what:18} {len(each):6} times  median {each[len(each) // 2]:7.1f} ms  "
              f"95 % {each[int(0.95 * len(each))]:7.1f} ms  longest {each[-1]:8.1f} ms")  # fmt: skip
    for one in sorted(missed)[:5]:
        print(f"missed: {one}")
    bad = missed or twice or never or claimed - set(got) or any(lost.values()) or len(mended) < len(errors)  # fmt: skip  # noqa: E501
    return 1 if bad else 0


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    ask.add_argument("--minutes", type=float, default=30)
    ask.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    ask.add_argument("--editors", type=int, default=10)
    ask.add_argument("--readers", type=int, default=20_000)
    ask.add_argument("--keep", type=Path, help="an empty folder for the desk and its logs, kept after the run")  # fmt: skip  # noqa: E501
    given = ask.parse_args()
    sim_month.ON_BEAT = 0.5
    folder = given.keep or Path(tempfile.mkdtemp(prefix="broadsheet-soak-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return soak(given, folder)
    finally:
        if not given.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
