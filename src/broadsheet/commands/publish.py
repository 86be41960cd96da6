"""`broadsheet publish`: freeze an issue into an edition."""

from __future__ import annotations

import click


@click.command("publish")
@click.argument("month", metavar="MONTH")
@click.option("--dry-run", is_flag=True, help="Say what would go out; publish nothing.")
def command(month: str, dry_run: bool) -> None:
    """Freeze the issue of a month into an edition, which never changes again.

    What keeps it from going out at the desk keeps it here too: errors of the check that nobody has
    overruled, and a review that the newsletter asks for and that is missing.

    The edition is then on the public pages and in the feed. No mail is sent.

    \b
    Example:
      broadsheet publish 2019-06 --dry-run
      broadsheet publish 2019-06
    """
    from broadsheet.commands import with_desk

    with_desk()
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.issues import compose, queries, release
    from broadsheet.wire import beat as beats

    issue = queries.issues().filter(month=month).first()
    if issue is None:
        months = ", ".join(queries.issues().values_list("month", flat=True)) or "none yet"
        raise click.ClickException(f"There is no issue of {month}; there are: {months}.")
    try:
        if dry_run:
            items = compose.preview(issue).items()
            click.echo(f"{issue}: {len(items)} items would go out.")
            for item in items:
                click.echo(f"  {item.heading}")
            return
        release.publish(
            issue, None, timezone.now(), beats.load(settings.BEAT), timezone.localdate()
        )
    except compose.ComposeError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{issue} is out: {settings.ADDRESS}/editions/{issue.uid}/")
