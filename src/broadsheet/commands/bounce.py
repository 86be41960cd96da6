"""`broadsheet bounce`: take a mail that came back."""

from __future__ import annotations

import sys

import click


@click.command("bounce")
@click.option("--dry-run", is_flag=True, help="Say what it is; change nothing.")
def command(dry_run: bool) -> None:
    """Take a mail that came back, from standard input: a bounce, a complaint, an answer.

    For a mail server that pipes the bounce address into a program. What is not understood is said
    on standard error and the exit status is 0, since a mail server would bounce the bounce.

    \b
    Examples:
      broadsheet bounce < returned.eml
      # in /etc/aliases:   bounce: "|/opt/broadsheet/bin/broadsheet bounce"
      # in main.cf:        recipient_delimiter = +
    """
    data = sys.stdin.buffer.read()
    if dry_run:
        from broadsheet.mailing.bounces import reading

        told = reading.read(data)
        click.echo(f"{told.kind.value}: {told.words}")
        return
    from broadsheet.commands import with_desk

    with_desk()
    from django.utils import timezone

    from broadsheet.mailing.bounces import taking

    taken = taking.take_mail(data, timezone.now())
    click.echo(str(taken), err=taken.delivery is None)
