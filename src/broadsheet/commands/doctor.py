"""`broadsheet doctor`: what is wrong, and how to mend it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from broadsheet.wire.beat import Beat


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `cure` is empty where all is well."""

    what: str
    cure: str = ""


@click.command("doctor")
@click.argument("part", type=click.Choice(["desk", "mail", "restore"]), default="desk")
@click.option("--to", metavar="ADDRESS", help="mail: also send one letter there, to see it arrive.")
def command(part: str, to: str | None) -> None:
    """Look at everything a desk needs and say what is wrong and how to mend it.

    `doctor mail` looks at the way mail goes out and at the DNS records of its sender: SPF, DKIM,
    DMARC, the name of the mail server's address, TLS. It prints the records to set.

    `doctor restore` is the drill: it restores the newest backup into a folder that is thrown away, and
    compares every table with what the backup says it holds.

    Changes nothing, but `doctor mail` makes the key that mail is signed with, where there is none.
    Exit status 1 where something is wrong.

    \b
    Examples:
      broadsheet doctor
      broadsheet doctor mail
      broadsheet doctor mail --to me@example.org
      broadsheet doctor restore
    """
    ill = 0
    looked = {"desk": _findings, "mail": lambda: _mail(to), "restore": _drill}[part]
    for finding in looked():
        ill += bool(finding.cure)
        click.echo(f"{'!' if finding.cure else ' '} {finding.what}")
        if finding.cure:
            click.echo(f"    {finding.cure}")
    click.echo("All is well." if not ill else f"{ill} to mend.")
    raise SystemExit(1 if ill else 0)


def _findings() -> Iterator[Finding]:
    yield Finding(f"Python {sys.version.split()[0]}")
    try:
        import django
    except ModuleNotFoundError:
        yield Finding(
            "The desk's half is not installed; the filters work without it",
            "For a desk: pip install 'broadsheet[desk]'",
        )
        return
    from broadsheet.commands import with_desk

    try:
        with_desk()
    except click.ClickException as error:
        yield Finding("The desk cannot be opened", error.message)
        return
    yield Finding(f"Django {django.get_version()}")
    yield from _desk()
    yield from _feeds()


def _mail(to: str | None) -> Iterator[Finding]:
    from broadsheet.commands import with_desk

    with_desk()
    from django.conf import settings

    from broadsheet.issues import queries
    from broadsheet.mailing import doctor
    from broadsheet.mailing.dns import Resolver

    newsletter = queries.newsletter()
    if newsletter is None:
        yield Finding("There is no newsletter", "Run: broadsheet start --no-serve")
        return
    doctor.make_key(settings.DKIM_FOLDER)
    for found in doctor.look(newsletter, Resolver()):
        yield Finding(
            found.what, "\n    ".join(part for part in (found.cure, found.record) if part)
        )
    if to:
        found = doctor.try_out(newsletter, to)
        yield Finding(found.what, found.cure)


def _drill() -> Iterator[Finding]:
    """Restore the newest backup into a folder that is thrown away; `restore` itself compares the tables."""
    from broadsheet.commands import with_desk

    with_desk()
    from broadsheet.keeping import backing
    from broadsheet.keeping.errors import KeepingError

    try:
        place, key = backing.place(), backing.key()
        kept = place.kept()
    except KeepingError as error:
        yield Finding("No backup can be tried", str(error))
        return
    if not kept:
        yield Finding(f"No backup lies in {place}", "Make one: broadsheet backup")
        return
    newest = kept[-1]
    yield Finding(f"The newest backup is {newest.name}, {newest.size / 1e6:,.1f} MB, in {place}")
    with tempfile.TemporaryDirectory(prefix="broadsheet-drill-") as folder:
        # In a process of its own: settings and database are read once in each.
        env = {
            n: v
            for n, v in os.environ.items()
            if n not in ("DATABASE_URL", "BROADSHEET_SECRET_KEY")
        }
        given = os.environ.get("BROADSHEET_BACKUP_TO") or str(place)
        ran = subprocess.run(  # noqa: S603 -- ourselves
            [sys.executable, "-m", "broadsheet", "restore", f"{given.rstrip('/')}/{newest.name}"],
            env=env | {"BROADSHEET_HOME": folder, "BROADSHEET_BACKUP_KEY": key},
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    said = " ".join(line.strip() for line in ran.stdout.splitlines()[:2])
    if ran.returncode:
        yield Finding("It could not be restored", ran.stderr.strip().splitlines()[-1])
    elif "Every table reads" not in said:
        yield Finding("It was restored, and does not read the same", said)
    else:
        yield Finding(f"Restored and thrown away again: {said}")


def _desk() -> Iterator[Finding]:
    from django.conf import settings
    from django.db import connection
    from django.utils import timezone

    from broadsheet.issues import queries
    from broadsheet.keeping import health
    from broadsheet.people.models import Editor
    from broadsheet.wire import beat as beats
    from broadsheet.wire.errors import WireError

    yield Finding(f"The database answers: {connection.vendor}")
    for sign in health.signs(timezone.now()):
        yield Finding(
            f"{sign.what}: {sign.words}", sign.do if sign.level != health.Level.WELL else ""
        )
    if settings.DEBUG:
        yield Finding(
            "BROADSHEET_DEBUG is on", "Switch it off: it shows a stranger how the desk works."
        )
    if settings.KEY_FILE.exists() and settings.KEY_FILE.stat().st_mode & 0o077:
        yield Finding(
            "Others on this machine can read the secret key", f"chmod 600 {settings.KEY_FILE}"
        )
    try:
        beat = beats.load(settings.BEAT)
    except WireError as error:
        yield Finding("The beat cannot be loaded", str(error))
        return
    yield Finding(f"The beat “{beat.name}” loads; home is {beat.home.name}")
    yield from _second_opinion(beat)
    editors = Editor.objects.filter(is_active=True).count()
    yield Finding(
        f"{editors} editors may sign in",
        "" if editors else "Make one: broadsheet sign-in NAME --new --role administrator",
    )
    if queries.newsletter() is None:
        yield Finding("There is no newsletter", "Run: broadsheet start --no-serve")


def _second_opinion(beat: Beat) -> Iterator[Finding]:
    """Whether the endpoint that the settings name answers; it is asked one invented question."""
    from broadsheet import adviser
    from broadsheet.wire.errors import WireError
    from broadsheet.wire.model import Article

    try:
        second = adviser.of(beat)
    except WireError as error:
        yield Finding("The second opinion cannot be asked", str(error))
        return
    if second is None:
        return
    said = second(Article(headline="A town opens its new swimming pool"))
    yield Finding(
        f"Second opinion: {second.settings.model} at {second.settings.url}"
        + ("" if said is None else " answers"),
        "" if said is not None else f"It does not answer: {second.counts.problem or 'not asked'}.",
    )


def _feeds() -> Iterator[Finding]:
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.news import coverage

    told = [one for one in coverage.healths(timezone.now()) if one.feed.enabled]
    if not told:
        yield Finding("No feed is switched on", "Add a source at the desk, or switch one on.")
        return
    if all(one.report.level == "new" for one in told):
        yield Finding(f"{len(told)} feeds, none visited yet", "Run: broadsheet collect")
    well = sum(one.report.level in ("well", "new") for one in told)
    yield Finding(f"{well} of {len(told)} feeds are in order")
    for one in told:
        if one.report.level not in ("well", "new"):
            yield Finding(
                f"{one.feed.source}: {one.report.what}", one.report.do or "Look again in a week."
            )
    if not settings.CONTACT:
        yield Finding(
            "Servers that we fetch from cannot tell whom to write to",
            "Set BROADSHEET_CONTACT to a mail address of the desk.",
        )
