"""`broadsheet send`: send an edition by mail, or a test of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from broadsheet.issues.models import Edition


@click.command("send")
@click.argument("month", metavar="MONTH")
@click.option("--test", metavar="ADDRESS", multiple=True, help="Send only a test to this address.")
@click.option("--at", metavar="TIME", help="When: 2026-07-01 09:00, in the desk's time zone.")
@click.option("--per-hour", type=click.IntRange(1), help="At most so many an hour.")
@click.option("--language", multiple=True, help="Readers of this language. Default: the edition's.")
@click.option(
    "--only", is_flag=True, help="Not also readers in whose language there is no edition."
)
@click.option("--again", metavar="WHY", default="", help="Also to those who had it; says why.")
@click.option("--dry-run", is_flag=True, help="Say who would get it; send nothing.")
def command(
    month: str,
    test: tuple[str, ...],
    at: str | None,
    per_hour: int | None,
    language: tuple[str, ...],
    only: bool,
    again: str,
    dry_run: bool,
) -> None:
    """Ask for the published edition of a month to be sent to its subscribers.

    The worker sends it (`broadsheet work`, or `start`). Nobody gets an issue twice, not as a
    correction and not in another language, unless --again says why.

    \b
    Examples:
      broadsheet send 2026-06 --test me@example.org
      broadsheet send 2026-06 --dry-run
      broadsheet send 2026-06 --at "2026-07-01 09:00" --per-hour 60
    """
    from broadsheet.commands import with_desk

    with_desk()
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.mailing import audience, dispatch, doctor
    from broadsheet.mailing.transports import TransportError
    from broadsheet.wire.errors import WireError

    edition = _edition(month)
    try:
        if test:
            _test(edition, test)
            return
        choice = audience.Choice(language, not only)
        count = audience.count(edition, choice)
        reached = count.chosen if again else count.new
        click.echo(f"{edition}: {reached:,} subscribers; {count.had:,} had it before.")
        for one in doctor.desk_address():
            click.echo(f"{one.what}. {one.cure}", err=True)
        if dry_run:
            return
        made = dispatch.order(
            edition, choice, None, timezone.now(),
            due=_moment(at) if at else None, zone=settings.TIME_ZONE, per_hour=per_hour, again=again,
        )  # fmt: skip
    except (dispatch.DispatchError, TransportError, WireError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Due {timezone.localtime(made.due):%-d %B %Y, %H:%M}. The worker sends it.")


def _edition(month: str) -> Edition:
    from broadsheet.issues.models import Edition

    found = (
        Edition.objects.filter(issue__month=month)
        .select_related("issue__newsletter")
        .order_by("-version")
        .first()
    )
    if found is None:
        raise click.ClickException(
            f"No edition of {month} is published. Publish it first: broadsheet publish {month}"
        )
    return found


def _moment(given: str) -> datetime:
    from django.utils import timezone

    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"):
        try:
            return timezone.make_aware(datetime.strptime(given, form))  # noqa: DTZ007
        except ValueError:
            continue
    raise click.BadParameter("Write it as 2026-07-01 09:00.", param_hint="--at")


def _test(edition: Edition, addresses: tuple[str, ...]) -> None:
    from broadsheet.mailing import testing

    for address in addresses:
        outcome = testing.send(edition, address)
        click.echo(f"{address}: {outcome.fate.value} ({outcome.code} {outcome.words})")
