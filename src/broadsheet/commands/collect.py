"""`broadsheet collect`: fetch what the sources have printed and take it in."""

from __future__ import annotations

import click


@click.command("collect")
@click.argument("sources", nargs=-1, metavar="[SOURCE ...]")
@click.option("--dry-run", is_flag=True, help="Say which feeds would be visited.")
def command(sources: tuple[str, ...], dry_run: bool) -> None:
    """Visit the feeds of all sources, or of those named, and take in what is new.

    Each feed is told with what it brought, or what is wrong with it. A feed that fails does not
    hold up the others. Safe to run again and again.

    \b
    Example:
      broadsheet collect
      broadsheet collect "Hong Kong Free Press"
    """
    from broadsheet.commands import memory, with_desk

    with_desk()
    memory.share_models()
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.news import collecting, intake
    from broadsheet.wire import beat as beats
    from broadsheet.wire.collect import Fetcher
    from broadsheet.wire.read.pool import Reader

    feeds = collecting.due()
    if sources:
        wanted = {name.casefold() for name in sources}
        known = {feed.source.name.casefold() for feed in feeds}
        if wanted - known:
            raise click.ClickException(
                f"No feed is switched on for: {', '.join(sorted(wanted - known))}. "
                "The sources page of the desk lists them all."
            )
        feeds = [feed for feed in feeds if feed.source.name.casefold() in wanted]
    if not feeds:
        raise click.ClickException("There is no feed to visit. Add a source at the desk first.")
    if dry_run:
        for feed in feeds:
            click.echo(f"{feed.source}: {feed.url}")
        return
    beat = beats.load(settings.BEAT)
    months: set[str] = set()
    troubled = 0
    with (
        Fetcher(contact=settings.CONTACT, allowed=settings.ALLOW_NETWORKS) as fetcher,
        Reader(beat=beat) as reader,
    ):
        for came in collecting.visit_all(feeds, fetcher, beat, timezone.now, reader=reader):
            months |= came.months
            troubled += bool(came.problem)
            click.echo(
                came.problem
                or f"{came.what}: {came.entries} entries, {came.taken.new} new, "
                f"{came.taken.revised} revised, {came.failed} failed"
            )
    for month in sorted(months):
        done = intake.regroup(month, beat)
        click.echo(f"{month}: {done.stories:,} stories, {done.new:,} of them new")
    if troubled:
        click.echo(f"{troubled} of {len(feeds)} feeds have a problem, named above.", err=True)
