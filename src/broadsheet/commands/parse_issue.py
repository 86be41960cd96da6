"""`broadsheet parse-issue`: a past newsletter -> an issue as JSON."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("parse-issue")
@click.argument("files", nargs=-1, required=True, metavar="FILE ...")
@click.option(
    "--newsletter", metavar="NAME", help="The newsletter's name, where the file lacks it."
)
def command(files: tuple[str, ...], newsletter: str | None) -> None:
    """Read past newsletters (.html .txt .eml .mhtml .md, WordPress .xml) into issues as JSON.

    One issue a line. Each item and section says how sure it is (`sureness`, 0 to 1); text that
    found no place stands in `unplaced`. `-` reads standard input. A file that cannot be read is
    named on standard error and skipped; the exit status is then 1.

    \b
    Example:
      broadsheet parse-issue june-2019.txt > june-2019.json
      broadsheet parse-issue june-2019.txt | broadsheet print - --as email,text,web --out var/june
    """
    from broadsheet.filters import write
    from broadsheet.wire import issuefile
    from broadsheet.wire.errors import WireError

    bad = 0
    for name in files:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            known = Path(name).name if name != "-" else ""
            for parsed in issuefile.parse_all(data, name=known, newsletter=newsletter):
                write(parsed.to_json())
        except OSError as error:
            click.echo(f"{name}: {error.strerror}.", err=True)
            bad += 1
        except WireError as error:
            click.echo(str(error), err=True)
            bad += 1
    sys.stdout.flush()
    if bad:
        raise SystemExit(1)
