"""What several commands ask for, or say, in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:  # a command imports its stage when it runs
    from broadsheet.adviser import Adviser
    from broadsheet.wire.beat import Beat
    from broadsheet.wire.model import Article


def ordering_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of commands that put stories in order. Gives `now` and `limit`."""
    command = click.option(
        "--propose", "limit", type=click.IntRange(1), help="Only a balanced month of so many."
    )(command)
    return click.option(
        "--now",
        type=click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M")),
        help="The day that newness is counted from; by default the newest date among the articles.",
    )(command)


def moment(now: datetime | None, articles: Iterable[Article], without: datetime) -> datetime:
    """The moment that newness is counted from: as given, the newest date, or `without` any."""
    from broadsheet.wire import dates

    if now is not None:
        return now.replace(tzinfo=UTC)
    days = [dates.first_day(a.published.value) for a in articles if a.published]
    newest = max(days, default=None)
    return (
        without if newest is None else datetime(newest.year, newest.month, newest.day, tzinfo=UTC)
    )


def second_opinion(beat: Beat) -> Adviser | None:
    """The endpoint that the settings name, if one; a wrong setting ends the command."""
    from broadsheet import adviser
    from broadsheet.wire.errors import WireError

    try:
        return adviser.of(beat)
    except WireError as error:
        raise click.ClickException(str(error)) from error
