"""Workers that are killed while they send, and what can be said of every letter afterwards.

As a program, on a database of its own (DATABASE_URL, or SQLite in a new folder):

    python -m tests.mailing.crash --kills 200 --each 10 --readers 2000 --workers 1

prints a row for each send. The tests call `crash` with few kills.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GONE = 0.02  # of the readers have an address that is gone
SERVER = {"command_timeout": 1.0, "final_timeout": 1.0, "letters": 50}


@dataclass
class Account:
    """Every letter of one send, accounted for."""

    readers: int
    kills: int
    states: Counter[str]
    arrived: int
    twice: int  # readers whose letter arrived more than once
    lost: int  # accepted by what we wrote down, but never arrived
    doubt_arrived: int
    other_names: int  # letters whose Message-ID is not that of the delivery

    def row(self) -> str:
        doubt = self.states["doubt"]
        return (
            f"{self.readers:>7,} {self.kills:>6} {self.states['accepted']:>9,} "
            f"{self.states['refused']:>8,} {doubt:>6} {self.doubt_arrived:>8} {self.arrived:>8,} "
            f"{self.twice:>6} {self.lost:>5}"
        )


HEAD = (
    "readers  kills  accepted  refused  doubt  arrived  arrived  twice  lost\n"
    + " " * 41
    + "(of them)"
)


def audience(readers: int) -> Any:
    """An edition and its readers, some of whom are gone; returns the dispatch."""
    from django.utils import timezone

    from broadsheet.issues.models import Edition
    from broadsheet.mailing import dispatch
    from broadsheet.mailing.audience import Choice
    from broadsheet.mailing.models import Subscriber
    from tests import make
    from tests.press.edition import full

    now = timezone.now()
    issue = make.issue(month=f"{random.randint(1000, 9999)}-01")
    content = full().to_json() | {"uid": issue.uid}
    edition = Edition.objects.create(issue=issue, version=1, content=content, published=now)
    Subscriber.objects.filter(newsletter=issue.newsletter).update(state="paused")
    gone = int(readers * GONE)
    names = [f"{'gone' if n < gone else 'r'}{issue.pk}.{n}@reader.example" for n in range(readers)]
    Subscriber.objects.bulk_create(
        [
            Subscriber(
                newsletter=issue.newsletter, address=name, key=name, domain="reader.example",
                state="active", basis="own", consented=now, made=now,
            )
            for name in names
        ],
        batch_size=1000,
    )  # fmt: skip
    chosen = dispatch.order(edition, Choice(), None, now)
    dispatch.freeze(chosen, now)
    return chosen


class Workers:
    """A process that forks workers on demand: a worker is there at once, and can be killed."""

    def __init__(self, port: int, database: str, home: str) -> None:
        given = os.environ | {
            "DATABASE_URL": database,
            "BROADSHEET_HOME": home,
            "BROADSHEET_MAIL": f"smtp+plain://127.0.0.1:{port}",
            "BROADSHEET_MAIL_FROM": "letter@lantern.example",
            "BROADSHEET_ADDRESS": "https://news.lantern.example",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.mailing.crash", "--fork"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=given, cwd=HERE.parent.parent,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.process.stdout.readline()

    def start(self) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("start\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.communicate()


def alive(worker: int) -> bool:
    try:
        told = Path(f"/proc/{worker}/stat").read_text()
    except OSError:
        return False
    return told.rpartition(")")[2].split()[0] not in "ZX"


def crash(
    kills: int, readers: int, workers: int, dice: random.Random, database: str, trouble: float = 0.1
) -> Account:
    """Send to `readers`, killing a worker `kills` times; the accounts at the end."""
    chosen = audience(readers)
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "arrived"
        log.touch()
        sink = subprocess.Popen(
            [sys.executable, str(HERE / "sink.py"), str(log), str(dice.random())[2:], str(trouble)],
            stdout=subprocess.PIPE,
        )
        assert sink.stdout is not None
        crew = Workers(int(sink.stdout.readline()), database, folder)
        try:
            done = _send(chosen, crew, workers, kills, dice)
        finally:
            crew.close()
            sink.terminate()
            sink.communicate()
        return _account(chosen, readers, done, log.read_text().splitlines())


def _send(chosen: Any, crew: Workers, workers: int, kills: int, dice: random.Random) -> int:
    """Keep `workers` at work until the send is done; kill one of them now and then."""
    from django.utils import timezone

    from broadsheet.mailing.models import Delivery

    done, running = 0, []
    ends = time.monotonic() + 900
    total = chosen.deliveries.count()
    while chosen.state == "sending" and time.monotonic() < ends:
        running = [worker for worker in running if alive(worker)]
        while len(running) < workers:
            running.append(crew.start())
        # At random in time, but spread over the send: a kill is due at its share of the letters.
        waiting = chosen.deliveries.filter(state="waiting").count()
        if done < kills and total - waiting >= total * done / (kills + 1):
            time.sleep(dice.random() * 0.3)
            victim = dice.choice(running)
            if alive(victim):
                os.kill(victim, signal.SIGKILL)
                done += 1
        else:
            time.sleep(0.05)
        # What was put off for minutes is due at once: nobody waits in a test.
        Delivery.objects.filter(dispatch=chosen, state="waiting", due__gt=timezone.now()).update(
            due=timezone.now()
        )
        chosen.refresh_from_db()
    for worker in running:  # they look in vain for more: nothing is claimed any more
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
        while alive(worker):
            time.sleep(0.02)
    return done


def _account(chosen: Any, readers: int, kills: int, lines: list[str]) -> Account:
    from broadsheet.mailing import seals

    arrived = Counter(line.split()[0] for line in lines)
    rows = list(chosen.deliveries.values_list("subscriber__address", "state", "subscriber"))
    assert len(rows) == readers
    names = {
        address: f"<{seals.message_id(chosen.edition_id, number)}@lantern.example>"
        for address, _, number in rows
    }
    return Account(
        readers=readers,
        kills=kills,
        states=Counter(state for _, state, _ in rows),
        arrived=len(arrived),
        twice=sum(many > 1 for many in arrived.values()),
        lost=sum(state == "accepted" and not arrived[address] for address, state, _ in rows),
        doubt_arrived=sum(state == "doubt" and arrived[address] for address, state, _ in rows),
        other_names=sum(names[line.split()[0]] != line.split()[1] for line in lines),
    )


def _fork() -> None:
    """Fork a worker for each line that comes; each works until nothing is due, then ends."""
    import threading

    import django

    django.setup()
    from dataclasses import replace

    from django.conf import settings
    from django.urls import reverse

    from broadsheet.mailing import outbox, postroom
    from broadsheet.mailing.smtp import Smtp
    from broadsheet.press.email import email
    from tests.press.edition import full

    # Templates and addresses are read once, so that a forked worker is at work at once.
    email(full())
    reverse("archive:editions")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    server = replace(outbox.server(settings.MAIL), **SERVER)
    print("ready", flush=True)
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            room = postroom.Postroom(lambda: Smtp(server))
            stop = threading.Event()
            for _ in range(200):
                room.turn(stop)
                time.sleep(0.02)
            os._exit(0)
        print(child, flush=True)


def main() -> None:
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--each", type=int, default=10, help="kills in one send")
    parser.add_argument("--readers", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--trouble", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fork", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.fork:
        _fork()
        return
    with tempfile.TemporaryDirectory() as home:
        os.environ["BROADSHEET_HOME"] = home
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{home}/crash.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _table(given)


def _table(given: Any) -> None:
    dice = random.Random(given.seed)
    print(HEAD)
    totals: Counter[str] = Counter()
    while totals["kills"] < given.kills:
        each = min(given.each, given.kills - totals["kills"])
        told = crash(
            each, given.readers, given.workers, dice, os.environ["DATABASE_URL"], given.trouble
        )
        print(told.row(), flush=True)
        totals += Counter(kills=told.kills, letters=told.arrived, twice=told.twice, lost=told.lost,
                          doubt=told.states["doubt"], doubt_arrived=told.doubt_arrived)  # fmt: skip
        open_ones = told.readers - sum(told.states[s] for s in ("accepted", "refused", "doubt"))
        if told.twice or told.lost or told.other_names or open_ones:
            raise SystemExit(f"Not accounted for: {told}")
    print(
        f"{totals['kills']} kills, {totals['letters']:,} letters arrived, {totals['twice']} twice, "
        f"{totals['lost']} lost silently, {totals['doubt']} in doubt ({totals['doubt_arrived']} had arrived)"
    )


if __name__ == "__main__":
    main()
