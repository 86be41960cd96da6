"""`broadsheet draft`: the issue of a month, from what was collected."""

from __future__ import annotations

from pathlib import Path

import click

from broadsheet.commands.print import forms_asked


@click.command("draft")
@click.argument("month", metavar="MONTH")
@click.option(
    "--most", default=12, show_default=True, help="How many stories to propose at the most."
)
@click.option(
    "--as",
    "forms",
    default="email,text,web",
    show_default=True,
    callback=forms_asked,
    help="What to print of the draft: email, text, web, pdf, feed.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the prints; by default prints/MONTH in the desk's folder.",
)
def command(month: str, most: int, forms: tuple[str, ...], out: Path | None) -> None:
    """Draft the issue of a month (2019-06), and print it.

    What editors took goes in. Where nobody has decided anything yet, the best stories of the
    relevant band are proposed. Drafting again adds what was taken since, and changes nothing else.

    \b
    Example:
      broadsheet draft 2019-06
      broadsheet draft 2019-06 --most 20 --as text --out /tmp/june
    """
    from broadsheet.commands import with_desk

    with_desk()
    from django.conf import settings
    from django.utils import timezone

    from broadsheet.commands import desk_issue
    from broadsheet.issues import compose, queries

    newsletter = queries.newsletter()
    if newsletter is None:
        raise click.ClickException("There is no newsletter yet. Run: broadsheet start --no-serve")
    try:
        issue = compose.draft(newsletter, month, timezone.now(), most)
    except compose.ComposeError as error:
        raise click.ClickException(str(error)) from error
    printable = desk_issue.of(issue)
    edition = printable.edition
    files = list(printable.prints(forms, out or settings.HOME / "prints" / month))
    click.echo(f"{issue}: {len(edition.items())} items")
    for section in edition.sections:
        click.echo(f"  {section.heading or 'without a heading'}: {len(section.items)}")
        for item in section.items:
            click.echo(f"    {item.heading}")
    click.echo(f"Printed: {', '.join(str(file) for file in files)}")
    if not edition.items():
        click.echo(
            f"Nothing relevant is collected for {month}. Collect, or import: broadsheet import --help",
            err=True,
        )
