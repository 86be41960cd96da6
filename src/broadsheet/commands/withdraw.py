"""`broadsheet withdraw`: take an item, a picture or words back everywhere."""

from __future__ import annotations

import click


@click.command("withdraw")
@click.option("--item", default="", help="The address or the uid of an item.")
@click.option("--picture", default="", help="The address of a picture, or the name of its file.")
@click.option(
    "--words", is_flag=True, help="Asks for the words, so that no history of commands keeps them."
)
@click.option("--whole-items", is_flag=True, help="Items that hold the words go as a whole.")
@click.option("--asked", default="", help="Who asked for it; let go after 30 days.")
@click.option("--reason", default="", help="Why; let go after 30 days.")
@click.option("--dry-run", is_flag=True, help="Say what would go.")
@click.option("--yes", is_flag=True, help="Do not ask again.")
@click.option("--again", is_flag=True, help="Apply what was withdrawn before, after a restore.")
def command(
    item: str, picture: str, words: bool, whole_items: bool,
    asked: str, reason: str, dry_run: bool, yes: bool, again: bool,
) -> None:  # fmt: skip
    """Take an item, a picture or words out of everything that this desk keeps and shows, for good.

    Pages, addresses, search, feeds, prints, exports, history, kept pages, pictures, and every table. The
    page answers 410. Keyed hashes stay in withdrawn.jsonl, so that a restored backup loses it again;
    `broadsheet start` does that by itself, `--again` does it now. Mail that is out cannot be called back.

    \b
    Example:
      broadsheet withdraw --item https://news.example.org/items/0f3a9c21bd47/ --dry-run
      broadsheet withdraw --words
    """
    from broadsheet.commands import with_desk

    with_desk()
    from django.utils import timezone

    from broadsheet.issues import withdrawing

    now = timezone.now()
    if again:
        click.echo(f"{withdrawing.apply_again(now):,} applied again.")
        return
    typed = click.prompt("The words", hide_input=True) if words else ""
    try:
        what = withdrawing.read(item, picture, typed, whole_items=whole_items)
    except withdrawing.WithdrawError as error:
        raise click.ClickException(str(error)) from error
    seen = withdrawing.preview(what)
    for line in seen.said():
        click.echo(line)
    if dry_run or seen.nothing:
        return
    if not yes:
        click.confirm("Take this out for good? It cannot be undone.", abort=True)
    withdrawing.withdraw(what, None, now, asked, reason)
    click.echo("Withdrawn.")
    for path in withdrawing.remaining(typed):
        click.echo(f"Still in {path}: look at it and delete it.", err=True)
