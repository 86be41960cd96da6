"""How long half a million rows with doubles take to be looked at, taken in, taken back, in how much memory.

    python bench/bench_import.py [ROWS]

Makes the file and a fresh desk in a temporary folder; DATABASE_URL may name an empty one of PostgreSQL.
Prints one line for each step, with the time of the clock and of this process's processor: the second
hardly depends on what else the machine does.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"BROADSHEET_HOME": folder, "DJANGO_SETTINGS_MODULE": "broadsheet.settings"}
        import django

        django.setup()
        from django.core.management import call_command
        from django.utils import timezone

        from broadsheet.issues.models import Newsletter
        from broadsheet.mailing import imported, importing, undoing
        from broadsheet.mailing.models import Subscriber

        call_command("migrate", verbosity=0)
        letter = Newsletter.objects.create(name="The Letter")
        made = importing.start(letter, "half-a-million.csv", None, timezone.now())
        size = _write(imported.upload(made), rows)
        print(f"{rows:,} rows, {size / 1e6:.0f} MB; load {os.getloadavg()[0]:.1f}")
        with _timed("looked at", rows):
            importing.look(made, timezone.now())
        print(f"  {made.counts}")
        importing.agree(made, "They ticked a box on our old site.", timezone.now())
        with _timed("taken in", made.total):
            for _done in importing.take(made, timezone.now()):
                pass
        made.refresh_from_db()
        print(f"  {Subscriber.objects.filter(state='active').count():,} subscribers")
        with _timed("previewed for taking back", rows):
            print(f"  {undoing.fates_of(made)}")
        undoing.undo(made, None, timezone.now(), away=True)
        with _timed("taken back", made.total):
            for _done in undoing.take_back(made, timezone.now()):
                pass
        print(f"  {Subscriber.objects.count():,} subscribers")


@contextmanager
def _timed(what: str, rows: int) -> Iterator[None]:
    clock, processor = time.perf_counter(), time.process_time()
    yield
    took, used = time.perf_counter() - clock, time.process_time() - processor
    print(
        f"{what}: {took:.1f} s, {used:.1f} s of the processor, {used / rows * 1e6:.0f} microseconds a row; "
        f"memory at most {_memory():,.0f} MB"
    )


def _write(path: Path, rows: int) -> int:
    """One address in ten stands there twice, one in a hundred is none, one in fifty left."""
    with path.open("w", encoding="utf-8") as file:
        file.write("Email Address,First Name,Status,CONFIRM_TIME\n")
        for n in range(rows):
            number = n - 7 if n % 10 == 0 else n
            address = (
                "nobody at all" if n % 100 == 55 else f"Reader.{number}@example{number % 997}.org"
            )
            state = "unsubscribed" if n % 50 == 3 else "subscribed"
            file.write(f"{address},Reader {n},{state},2021-03-04 05:06:07\n")
    return path.stat().st_size


def _memory() -> float:
    """The most that this process ever held, in MB. Linux counts in KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500_000)
