"""`broadsheet start`: set up what is missing, then serve the desk and do what is due."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

import click

from broadsheet.commands import memory, serving

PORTS = 20  # how many ports after the wanted one are tried


@click.command("start")
@click.option(
    "--sample", is_flag=True, help="A desk with an invented sample month, for a first look."
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--no-serve", is_flag=True, help="Set up what is missing and stop.")
@click.option("--no-work", is_flag=True, help="Serve only; another process does the work.")
def command(sample: bool, host: str, port: int, no_serve: bool, no_work: bool) -> None:
    """Set up what is missing, then serve the desk and do what is due. Asks nothing.

    Everything is kept in one folder, ./var unless BROADSHEET_HOME names another. A second start
    changes nothing. A port that is taken is answered with the next free one. Ctrl-C ends it.

    \b
    Example:
      broadsheet start --sample
      broadsheet start --host 0.0.0.0 --port 80
    """
    memory.keep_small()
    home = Path(os.environ.get("BROADSHEET_HOME", "var")).resolve()
    if sample and "BROADSHEET_HOME" not in os.environ:
        home /= "sample"  # an invented month never mixes with a desk's own
        os.environ["BROADSHEET_HOME"] = str(home)
    _make_home(home)
    free = port if no_serve else _free_port(host, port, moves=not _is_behind_proxy(home))
    if not no_serve and "BROADSHEET_ADDRESS" not in os.environ:
        # Kept, so that `broadsheet sign-in` in another terminal names the port that is served.
        (home / "address").write_text(f"http://{_named(host)}:{free}", encoding="utf-8")
    if host not in ("127.0.0.1", "localhost"):
        os.environ.setdefault(
            "BROADSHEET_HOSTS", f"{host},127.0.0.1,localhost,{socket.gethostname()}"
        )

    from broadsheet.commands import with_desk

    with_desk(migrated=False)
    from django.conf import settings

    _up_to_date()
    _keep_archive()
    _set_up(sample)
    if sample:
        _sample(home)
    _tell(home, sample, free if free != port else None, port)
    if no_serve:
        return
    click.echo("  Leave this window open: the desk runs as long as it does. Ctrl-C stops it.\n")
    worker = "none" if no_work else "errands" if sample else "work"  # a sample visits nobody
    serving.become(host, free, settings.WEB_PROCESSES, worker)


def _keep_archive() -> None:
    """The archive as it must be: what was withdrawn is not there, and what was published is found quickly."""
    from django.utils import timezone

    from broadsheet.issues import figures, filing, withdrawing
    from broadsheet.issues.models import Edition, Filed
    from broadsheet.keeping import warming

    again = withdrawing.apply_again(timezone.now())
    if again:
        click.echo(
            f"{again:,} withdrawals are applied again: this database is older than they are."
        )
    if (
        Edition.objects.exists() and not Filed.objects.exists()
    ):  # published before there was a search
        click.echo(
            f"{sum(1 for _ in filing.rebuild()):,} items and issues are filed for the search."
        )
    if counted := sum(
        1 for _ in figures.settle()
    ):  # by another beat, or before there were such rows
        click.echo(f"The figures of {counted:,} months are counted.")
    warming.read_ahead()


def _up_to_date() -> None:
    """Make the tables, or bring a desk's own up to this version: backed up first, put back on failure."""
    from django.core.management import call_command

    from broadsheet.keeping import backing, upgrading
    from broadsheet.keeping.errors import KeepingError

    try:
        for step in upgrading.go_back_to_the_end(backing.place()):
            click.echo(step.words)
        if upgrading.is_desk():
            upgrading.refuse_newer()
            for step in upgrading.upgrade(backing.place()) if upgrading.waits() else ():
                click.echo(step.words)
        else:
            call_command("migrate", verbosity=0, interactive=False)
    except KeepingError as error:
        raise click.ClickException(str(error)) from error


def _named(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 -- compared, not bound


def _make_home(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True)
        key = home / "secret-key"
        if not key.exists():
            made = home / f".secret-key.{os.getpid()}"
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(48), encoding="utf-8")
            made.replace(key)
    except OSError as error:
        raise click.ClickException(
            f"The desk's folder cannot be made: {error}. Name another in BROADSHEET_HOME."
        ) from error


def _is_behind_proxy(home: Path) -> bool:
    """Whether readers come by HTTPS: then a proxy looks for the desk at one port, and at no other."""
    chosen = home / "public-address"
    told = os.environ.get("BROADSHEET_ADDRESS") or (
        chosen.read_text(encoding="utf-8") if chosen.exists() else ""
    )
    return told.strip().startswith("https://")


def _free_port(host: str, wanted: int, *, moves: bool = True) -> int:
    """The wanted port, or where it may move the next that is free."""
    for port in range(wanted, wanted + PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except PermissionError as error:
                raise click.ClickException(
                    f"Port {port} needs more rights than you have. Name one above 1023 with --port."
                ) from error
            except OSError as error:
                if moves:
                    continue
                raise click.ClickException(
                    f"Port {port} of {host} is taken, and the proxy before the desk looks for it there. Does "
                    "the desk run already? Else end what holds the port, or name another with --port, and "
                    "the same at the proxy."
                ) from error
            return port
    raise click.ClickException(
        f"The ports {wanted} to {wanted + PORTS - 1} of {host} are all taken. Name another with --port."
    )


def _set_up(sample: bool) -> None:
    """What a desk needs from its first day: sources, shelf, tiers, a newsletter, an administrator."""
    from django.conf import settings

    from broadsheet import sample as samples
    from broadsheet.issues.models import Newsletter
    from broadsheet.library import shelving
    from broadsheet.library.models import Tier
    from broadsheet.news import intake
    from broadsheet.people import rules
    from broadsheet.people.models import Editor
    from broadsheet.wire import beat as beats

    beat = beats.load(settings.BEAT)
    if sample:
        shelving.stock(samples.resources(beat))
    else:
        intake.seed(beat.sources)
    shelving.stock(beat.resources)
    if beat.tiers and not Tier.objects.exists():
        shelving.tiers(beat.tiers)
    if not Newsletter.objects.exists():
        name = f"The {beat.home.name} Letter" if sample else f"{beat.name} news"
        Newsletter.objects.create(
            name=name, organisation="A made-up charity" if sample else "", sample=sample
        )
    if not Editor.objects.exists():
        Editor.objects.create_user("editor", role=Editor.Role.ADMINISTRATOR)
        if not sample:  # nothing is collected before the three questions of the first run
            rules.lay_down(setting_up=True)


def _sample(home: Path) -> None:
    """Take the sample month in, draft its issue, print it: all by the real way of the news."""
    from django.conf import settings

    from broadsheet import sample as samples
    from broadsheet.commands.print import FILES
    from broadsheet.issues import compose, house, queries
    from broadsheet.issues.models import Issue
    from broadsheet.news import collecting, intake
    from broadsheet.news.models import Article, Failure
    from broadsheet.sample.web import SampleWeb
    from broadsheet.wire import beat as beats

    if Issue.objects.filter(month=samples.MONTH).exists():
        return
    beat = beats.load(settings.BEAT)
    click.echo(f"Taking in the sample month, {samples.MONTH} ...")
    now = samples.NOW  # the evening of the month's last day: what has no date is filed in the month
    web = SampleWeb()
    visits = []
    for given in samples.sources():
        feed = collecting.add(
            given.name,
            given.url,
            given.feed,
            language=given.language,
            kind=given.type,
            zone=given.zone,
        )
        visits.append(collecting.visit(feed, web, beat, now))
    # What the feeds no longer list, as a folder of saved pages would bring it.
    visits.append(collecting.take_pages(samples.pages(), beat, now))
    for month in sorted({month for visit in visits for month in visit.months}):
        intake.regroup(month, beat)
    newsletter = queries.newsletter()
    assert newsletter is not None
    issue = compose.draft(newsletter, samples.MONTH, now)
    folder = home / "prints" / samples.MONTH
    # By a process of its own: the press for PDF keeps threads, and a web server that is forked from a
    # process that had them waits for ever for its first PDF.
    folder.mkdir(parents=True, exist_ok=True)
    style = folder / "house.yaml"  # beside its prints: `broadsheet print --house` takes it
    style.write_text(house.as_yaml(newsletter, settings.ADDRESS), encoding="utf-8")
    asked = ("print", "-", "--as", ",".join(FILES), "--out", str(folder), "--house", str(style))
    subprocess.run(  # noqa: S603 -- our own command
        (sys.executable, "-m", "broadsheet", *asked),
        input=json.dumps(compose.preview(issue).to_json()).encode(),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    articles = Article.objects.all()
    click.echo(
        f"{articles.count():,} articles, {articles.filter(band='relevant').count():,} of them relevant; "
        f"{Failure.objects.count():,} pages and {sum(bool(v.problem) for v in visits):,} feeds failed, as "
        "they are meant to."
    )


def _tell(home: Path, sample: bool, instead: int | None, wanted: int) -> None:
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.issues import queries
    from broadsheet.people import doors
    from broadsheet.people.models import Editor

    if instead:
        click.echo(f"Port {wanted} is taken, so the desk is on {instead}.")
    who = (
        Editor.objects.filter(is_active=True, role=Editor.Role.ADMINISTRATOR).order_by("pk").first()
    )
    click.echo("")
    click.echo(f"  The public pages   {settings.ADDRESS}/")
    if who is not None:
        token = doors.link_for(who, timezone.now())
        click.echo(f"  Sign in, once      {settings.ADDRESS}/desk/sign-in/{token}/")
        click.echo(f"  Another link       {_ourselves(home)} sign-in {who.name}")
    click.echo(f"  Kept in            {home}")
    if (home / "prints").exists():
        click.echo(f"  Printed issues     {home / 'prints'}")
    if sample and queries.is_sample():
        click.echo(
            "  All outlets, people and events of the sample are invented; its links lead nowhere."
        )
    click.echo("")


def _ourselves(home: Path) -> str:
    """How this command is called again from here, for this desk."""
    called = Path(sys.argv[0])
    command = str(called) if called.name == "broadsheet" and called.parent.name else "broadsheet"
    with contextlib.suppress(ValueError):
        command = str(Path(command).relative_to(Path.cwd()))
    if home == Path("var").resolve():
        return command
    with contextlib.suppress(ValueError):
        home = home.relative_to(Path.cwd())
    return f"BROADSHEET_HOME={home} {command}"
