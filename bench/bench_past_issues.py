"""500 past newsletters from files to archived issues, on a desk of its own in a temporary folder.

    python bench/bench_past_issues.py [--issues 500]

Prints the seconds for taking in the files, reading them and keeping them. The files are the invented
letters of tests/wire/issuefile, in all their layouts, each with other seeds.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--issues", type=int, default=500)
    most = arguments.parse_args().issues
    with tempfile.TemporaryDirectory() as home:
        os.environ["BROADSHEET_HOME"] = home
        os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.settings"
        import django

        django.setup()
        from django.core.management import call_command
        from django.utils import timezone

        from broadsheet.issues import importing
        from broadsheet.issues.models import Newsletter
        from tests.wire.issuefile import invented, unseen, unseen_again

        call_command("migrate", verbosity=0)
        each = most // 49 + 1
        files = [
            (f"{number}-{letter.name}", letter.data)
            for number, letter in enumerate(
                invented.letters(each) + unseen.letters(each) + unseen_again.letters(each)
            )
        ][:most]
        letter = Newsletter.objects.create(name="Lantern Letter")
        start = time.perf_counter()
        pile = importing.begin(letter, files, None, timezone.now())
        taken = time.perf_counter()
        for _past in importing.read(pile, timezone.now):
            pass
        done = time.perf_counter()
        kept = sum(1 for _past in importing.keep_sure(pile, None, timezone.now()))
        end = time.perf_counter()
        states = {
            state: pile.issues.filter(state=state).count()
            for state in ("ready", "kept", "double", "refused")
        }
        print(f"{len(files)} files: taken in {taken - start:.1f} s, read {done - taken:.1f} s, "
              f"{kept} kept {end - done:.1f} s; in all {end - start:.1f} s")  # fmt: skip
        print(
            f"{states}; peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB"
        )


if __name__ == "__main__":
    main()
