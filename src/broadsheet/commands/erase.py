"""`broadsheet erase`: take an article out for good."""

from __future__ import annotations

import click


@click.command("erase")
@click.argument("address")
@click.option("--dry-run", is_flag=True, help="Say what would be taken out.")
def command(address: str, dry_run: bool) -> None:
    """Take the article of an address out of the desk for good, with its kept page.

    For what shows the abuse of a child, or must not be kept by law. Says where to report it. It does
    not come back with the next visit to its feed. This cannot be undone.

    \b
    Example:
      broadsheet erase https://paper.example/story
    """
    from broadsheet.commands import with_desk

    with_desk()
    from broadsheet.news import erasing, intake

    articles = erasing.found(address)
    if not articles:
        raise click.ClickException(
            f"No article has the address {address}. Copy it from the story's page."
        )
    for article in articles:
        if dry_run:
            click.echo(f"Would take out: {article.headline}")
            continue
        month = article.month
        erasing.erase(article)
        click.echo("Taken out.")
        from django.conf import settings

        from broadsheet.wire import beat as beats

        intake.regroup(month, beats.load(settings.BEAT))
    click.echo(erasing.WHERE_TO_REPORT)
