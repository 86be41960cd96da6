"""`broadsheet fetch`: addresses, files and folders -> pages as JSON Lines."""

from __future__ import annotations

from typing import Any

import click

MOST = 2_000  # entries of one feed; `feeds.MOST_ENTRIES`, which is not imported for `--help`


@click.command("fetch")
@click.argument("whats", nargs=-1, required=True, metavar="[ADDRESS|FILE|FOLDER] ...")
@click.option("--full", is_flag=True, help="Fetch the page of each entry of a feed, too.")
@click.option(
    "--allow-private",
    is_flag=True,
    help="Also speak to this machine and to private networks, on any port.",
)
@click.option("--max", "most", default=MOST, show_default=True, help="Entries taken of one feed.")
@click.option(
    "--contact", default="", envvar="BROADSHEET_CONTACT", help="How a site can reach you."
)
@click.option(
    "--delay", default=1.0, show_default=True, help="Seconds between two visits to a host."
)
def command(
    whats: tuple[str, ...], full: bool, allow_private: bool, most: int, contact: str, delay: float
) -> None:
    """Fetch feeds, sitemaps, pages and folders of saved pages; print one page a line.

    A line holds `url`, `html`, `content_type`, `fetched`, and under `entry` what the feed said. Of
    a feed's entries only what the feed said is given, unless --full is there. Failures go to
    standard error, and the exit status is then 1. Addresses of private networks are refused.

    \b
    Example:
      broadsheet fetch https://news.example/rss --full | broadsheet read
      broadsheet fetch saved-pages/ feed.xml letter.eml > pages.jsonl
    """
    import sys
    import time

    from broadsheet import filters
    from broadsheet.wire import collect
    from broadsheet.wire.collect import guard
    from broadsheet.wire.collect.charset import decode
    from broadsheet.wire.model import Failure, row

    failed = done = 0
    shown = time.monotonic()
    terminal = sys.stderr.isatty()
    with (
        collect.Fetcher(
            contact=contact, allowed=guard.PRIVATE if allow_private else (), delay=delay
        ) as fetcher,
        collect.Parser() as parser,
    ):

        def tell(note: str) -> None:
            click.echo(note, err=True)

        for one in collect.pages(
            fetcher, whats, full=full, most=most, tell=tell, parse=parser.parse
        ):
            if isinstance(one, Failure):
                failed += 1
                click.echo(one.reason, err=True)
                continue
            # an entry whose page was not fetched has an empty `html`: `read` takes its own words
            line: dict[str, Any] = {
                "url": one.url or None,
                "html": decode(one.body, one.content_type).text if one.body else "",
            }
            if one.content_type:
                line["content_type"] = one.content_type
            if one.fetched:
                line["fetched"] = one.fetched.isoformat(timespec="seconds")
            if one.entry:
                line["entry"] = row(one.entry)
            filters.write(line)
            done += 1
            if terminal and time.monotonic() - shown > 0.5:
                shown = time.monotonic()
                click.echo(f"\r{done:,} pages ", nl=False, err=True)
    if terminal:
        click.echo(f"\r{done:,} pages, {failed:,} failures.", err=True)
    sys.stdout.flush()
    if failed:
        raise SystemExit(1)
