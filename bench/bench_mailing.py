"""How fast letters are built, signed, sent and recorded, beside the usual ways, in one run.

    python bench/bench_mailing.py [--letters 2000] [--rounds 3] [--freeze 500000] [--no-freeze]
                                  [--memory 100000] [--key ed25519] [--newsletter /path/to/python]

Rates swing with whatever else the machine does, so each of ours is measured between two of theirs, in short
rounds, and the median of the ratios is printed with the load; processor time for a letter is steadier still.

smtp-source sends "X" over and over to one recipient, unless it is told otherwise: a Postfix looks up each
address once, and cuts such a letter up faster. So beside that stands smtp-source with one of our letters (-F)
and with a recipient for each (-N), as smtp-source(1) advises for what comes near real work.

Needs Postfix's smtp-sink and smtp-source (.ci/install-debian); as root also a Postfix of its own.
--newsletter names the Python of an environment of its own that has django-newsletter and sorl-thumbnail.
--rounds says how often. --memory sends to so many readers of those that were frozen, and tells how much
memory that takes.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
SOURCE = "/usr/sbin/smtp-source"
ITEMS = 22  # make a digest of about 52 KB
SIZE = 55_300  # bytes of a letter with its signature, for smtp-source


def digest() -> Any:
    """An invented edition of thirty items."""
    from dataclasses import replace

    from tests.press.edition import edition, item

    words = "The coast guard said that it had freed fishermen who had not been paid for months. "
    items = [
        replace(
            item(uid=f"i{n}", headline=f"Coast guard frees {n + 20} fishermen near Lowport"),
            summary=words * 6,
        )
        for n in range(ITEMS)
    ]
    return edition(*items)


def processor(number: int | None = None) -> float:
    """Seconds of the processor that a process has used, with those it has waited for; by default this one."""
    told = Path(f"/proc/{number or 'self'}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, told[11:13])) / os.sysconf("SC_CLK_TCK")


def rate(many: int, act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return many / (time.perf_counter() - began)


def build(letters: int, folder: Path, newsletter: str) -> None:
    """Build without sending: our skeleton, Django's EmailMultiAlternatives, templates for each reader."""
    from dataclasses import replace

    from django.core.mail import EmailMultiAlternatives

    from broadsheet.mailing import dkim, message
    from broadsheet.press.email import email
    from broadsheet.press.plaintext import plaintext
    from tests.mailing.test_message import READER, sender

    kept = digest()
    html = email(kept, unsubscribe_url=message.UNSUBSCRIBE, preferences_url=message.PREFERENCES)
    text = plaintext(kept, unsubscribe_url=message.UNSUBSCRIBE, preferences_url=message.PREFERENCES)
    frame = message.skeleton(sender(), subject="June 2026", text=text, html=html, language="en")
    now = datetime.now(UTC)
    print(f"one letter: {len(frame.letter(READER, now)):,} bytes")

    def django(rendered: bool) -> None:
        for _ in range(max(20, letters // 20)):
            plain, rich = text, html
            if not rendered:  # as django-newsletter: both templates for each subscriber
                rich = email(kept, unsubscribe_url=READER.unsubscribe)
                plain = plaintext(kept, unsubscribe_url=READER.unsubscribe)
            mail = EmailMultiAlternatives(
                "June 2026",
                plain.replace(message.UNSUBSCRIBE, READER.unsubscribe),
                "letter@lantern.example",
                [READER.to],
                headers={"List-Unsubscribe": f"<{READER.unsubscribe}>"},
            )
            mail.attach_alternative(
                rich.replace(message.UNSUBSCRIBE, READER.unsubscribe), "text/html"
            )
            mail.message().as_bytes()

    few = max(20, letters // 20)
    readers = [
        replace(READER, to=f"r{n}@reader.example", message_id=f"m{n}@lantern.example")
        for n in range(letters)
    ]

    def skeletons() -> None:
        for reader in readers:  # each is let go of, as a sender does
            frame.letter(reader, now)

    rounds = [
        (
            rate(letters, skeletons),
            rate(few, lambda: django(True)),
            rate(few, lambda: django(False)),
        )
        for _ in range(5)
    ]
    ours = statistics.median(one for one, _, _ in rounds)
    print(
        f"built a second: {ours:,.0f} (medians of 5 rounds side by side; load {os.getloadavg()[0]:.1f})"
    )
    for at, what in (
        (1, "EmailMultiAlternatives from one print"),
        (2, "the same, printed for each reader"),
    ):
        times = statistics.median(one[0] / one[at] for one in rounds)
        print(f"  {what}: {statistics.median(one[at] for one in rounds):,.0f} ({times:,.0f} times)")
    if newsletter:
        _newsletter(newsletter, folder, few, ours)
    for algorithm in ("rsa", "ed25519"):
        key = dkim.make(folder, "lantern.example", algorithm, algorithm)
        sign = partial(_repeat, letters, frame.letter, READER, now, [key])
        signed = rate(letters, sign)
        print(f"built and signed a second, {algorithm}: {signed:,.0f}")


def _newsletter(python: str, folder: Path, letters: int, ours: float) -> None:
    """django-newsletter itself, with as many words in as many articles."""
    words = "The coast guard said that it had freed fishermen who had not been paid for months. "
    items = [
        [f"Coast guard frees {n + 20} fishermen near Lowport", words * 14] for n in range(ITEMS)
    ]
    file = folder.parent / "items.json"
    file.write_text(json.dumps(items))
    script = Path(__file__).with_name("newsletter_app.py")
    call = [python, "-W", "ignore", str(script), str(file), str(letters)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO")}
    done = subprocess.run(call, check=True, capture_output=True, text=True, env=clean)
    told = json.loads(done.stdout.splitlines()[-1])
    print(f"  django-newsletter's get_message and bytes, {told['bytes']:,} bytes: "
          f"{told['a_second']:,.0f} ({ours / told['a_second']:,.0f} times)")  # fmt: skip


def _repeat(many: int, act: Callable[..., object], *given: object) -> None:
    for _ in range(many):
        act(*given)


def source(port: int, letters: int, lanes: int, *what: str) -> float:
    """What smtp-source gets through on as many connections, which it keeps open: the yardstick."""
    call = [
        SOURCE, "-d", "-m", str(letters), "-s", str(lanes), *what, f"127.0.0.1:{port}"
    ]  # fmt: skip
    return rate(letters, lambda: subprocess.run(call, check=True, capture_output=True))


def one_letter(made: Any, file: Path) -> None:
    """A signed letter of a dispatch as smtp-source reads it: with line ends of this system."""
    from django.utils import timezone

    from broadsheet.mailing import dispatch
    from broadsheet.mailing.letters import Writer

    claimed = dispatch.claim("bench:1:1", timezone.now(), 1)
    assert claimed is not None
    (letter,) = Writer(made.edition).letters(claimed.due, timezone.now())
    dispatch.record(claimed, [], timezone.now())
    file.write_bytes(letter.data.replace(b"\r\n", b"\n"))


def send(port: int, dispatch: Any, lanes: int) -> float:
    """A dispatch end to end: claimed, built, signed, sent, recorded."""
    from broadsheet.mailing.postroom import Postroom
    from broadsheet.mailing.smtp import Server, Smtp

    room = Postroom(lambda: Smtp(Server("127.0.0.1", port, security="none")), lanes=lanes)
    began = time.perf_counter()
    sent = room.turn(threading.Event())
    return sent / (time.perf_counter() - began)


def audience(readers: int) -> Any:
    from django.utils import timezone

    from broadsheet.issues.models import Edition
    from broadsheet.mailing import dispatch
    from broadsheet.mailing.audience import Choice
    from broadsheet.mailing.models import Subscriber
    from tests import make

    now = timezone.now()
    count = Edition.objects.count()
    issue = make.issue(month=f"{2000 + count}-06")
    content = digest().to_json() | {"uid": issue.uid}
    edition = Edition.objects.create(issue=issue, version=1, content=content, published=now)
    have = Subscriber.objects.count()
    for start in range(have, readers, 5000):
        Subscriber.objects.bulk_create(
            Subscriber(
                newsletter=issue.newsletter, address=f"r{n}@r{n % 900}.example",
                key=f"r{n}@r{n % 900}.example", domain=f"r{n % 900}.example", state="active",
                basis="own", consented=now, made=now,
            )
            for n in range(start, min(start + 5000, readers))
        )  # fmt: skip
    return dispatch.order(edition, Choice(), None, now)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=2000)
    parser.add_argument("--freeze", type=int, default=500_000)
    parser.add_argument("--no-freeze", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--key", default="rsa", choices=("rsa", "ed25519"))
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--newsletter", default="", metavar="PYTHON")
    given = parser.parse_args()
    print(f"load: {os.getloadavg()}")
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        home = Path(name)
        os.environ |= {
            "BROADSHEET_HOME": name,
            "BROADSHEET_ADDRESS": "https://news.lantern.example",
            "BROADSHEET_MAIL_FROM": "letter@lantern.example",
            "BROADSHEET_MAIL_BOUNCES": "bounce@lantern.example",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        build(given.letters, home / "keys", given.newsletter)
        _sending(given.letters, home, given.rounds, given.key)
        if not given.no_freeze:
            _freezing(given.freeze)
        if given.memory:
            _memory(given.memory, home)
        print(f"load: {os.getloadavg()}")


def _sending(letters: int, home: Path, rounds: int, key: str) -> None:
    from django.conf import settings
    from django.urls import reverse
    from django.utils import timezone

    from broadsheet.mailing import dispatch, dkim
    from tests.mailing import postfix

    reverse("archive:editions")  # a worker imports the addresses once, not for each dispatch
    dkim.make(settings.DKIM_FOLDER, "lantern.example", "bench", key)
    print(f"signed by {key}, {letters:,} letters a round, {rounds} rounds")
    plain: dict[str, tuple[str, ...]] = {"smtp-source": ("-l", str(SIZE))}

    # A test letter first: templates are compiled once for a worker, not for each dispatch.
    with postfix.sink(home) as port:
        made = audience(50)
        dispatch.freeze(made, timezone.now())
        one_letter(made, home / "letter")
        send(port, made, 1)
        for lanes in (1, 2, 4):
            _side_by_side("smtp-sink", port, letters, lanes, rounds, plain, lambda: None)
        if postfix.here():
            home.chmod(0o755)
            same = plain | {"the same letter to as many": ("-N", "-F", str(home / "letter"))}
            with postfix.postfix(home / "postfix", port) as real:
                for lanes in (1, 4, 10):
                    _side_by_side(
                        "Postfix", real, letters, lanes, rounds, same,
                        lambda: _emptied(home / "postfix" / "queue"),
                    )  # fmt: skip


def _side_by_side(
    what: str, port: int, letters: int, lanes: int, rounds: int,
    yardsticks: dict[str, tuple[str, ...]], rest: Callable[[], object],
) -> None:  # fmt: skip
    """Theirs, ours, theirs, ours ... and the median of what ours is of the two around it."""
    from django.utils import timezone

    from broadsheet.mailing import dispatch

    ours: list[float] = []
    busy: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in yardsticks}

    def measure() -> None:
        for name, options in yardsticks.items():
            theirs[name].append(source(port, letters, lanes, *options))
            rest()

    measure()
    for _ in range(rounds):
        made = audience(letters)
        dispatch.freeze(made, timezone.now())
        began = processor()
        ours.append(send(port, made, lanes))
        busy.append((processor() - began) / letters * 1000)
        rest()
        measure()
    print(
        f"{what}, {lanes} connections: {statistics.median(ours):,.0f} a second (best {max(ours):,.0f}), "
        f"{statistics.median(busy):.2f} ms of the processor a letter; load {os.getloadavg()[0]:.1f}"
    )
    for name, rates in theirs.items():
        ratios = [2 * one / (before + after)
                  for one, before, after in zip(ours, rates, rates[1:], strict=False)]  # fmt: skip
        print(
            f"  {name}: {statistics.median(rates):,.0f} a second (best {max(rates):,.0f}); "
            f"ours is {statistics.median(ratios):.0%} of it (best {max(ratios):.0%})",
            flush=True,
        )


def _emptied(queue: Path) -> None:
    """Wait until Postfix has passed on what it took: the next round is not to pay for this one."""
    kinds = ("incoming", "active", "deferred", "maildrop")
    for _ in range(1200):
        if not any(file.is_file() for kind in kinds for file in (queue / kind).rglob("*")):
            return
        time.sleep(0.1)


def _memory(readers: int, home: Path) -> None:
    """Send what is frozen, up to a number; how much memory at a tenth of the way, and at its peak."""
    from broadsheet.mailing.models import Delivery
    from broadsheet.mailing.postroom import Postroom
    from broadsheet.mailing.smtp import Server, Smtp
    from tests.mailing import postfix

    def resident() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20

    stop = threading.Event()
    seen: list[tuple[int, float]] = []

    def watch() -> None:
        from django.db import connection

        start = Delivery.objects.filter(state="accepted").count()
        while not stop.wait(2):
            done = Delivery.objects.filter(state="accepted").count() - start
            seen.append((done, resident()))
            if done >= readers:
                stop.set()
        connection.close()

    watcher = threading.Thread(target=watch)
    with postfix.sink(home) as port:
        room = Postroom(lambda: Smtp(Server("127.0.0.1", port, security="none")), lanes=2)
        watcher.start()
        room.turn(stop)
        stop.set()
        watcher.join()
    at = {
        share: next(size for done, size in seen if done >= min(readers * share, seen[-1][0]))
        for share in (0.01, 0.5, 1.0)
    }
    print(f"memory while sending {seen[-1][0]:,} of what is frozen: "
          + ", ".join(f"{size:,.0f} MB at {share:.0%}" for share, size in at.items())
          + f", {max(size for _, size in seen):,.0f} MB at most")  # fmt: skip


def _freezing(readers: int) -> None:
    from django.utils import timezone

    from broadsheet.mailing import dispatch

    made = audience(readers)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    frozen = dispatch.freeze(made, timezone.now())
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    claimed = dispatch.claim("bench:1:1", timezone.now())
    print(f"frozen: {frozen:,} readers in {took:.1f} s, {(after - before) / 1024:.1f} MB more at its peak; "
          f"the first claim of {len(claimed.due) if claimed else 0} then works")  # fmt: skip


if __name__ == "__main__":
    main()
