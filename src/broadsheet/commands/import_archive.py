"""`broadsheet import-archive`: take an exported archive into this desk."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import click

# What a zip may unpack to: a line of ours has an issue in it, a picture is 2400 pixels at most.
LONGEST_LINE = 50_000_000
LARGEST_PICTURE = 20_000_000


@click.command("import-archive")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.zip"
)
@click.option("--dry-run", is_flag=True, help="Say what would be taken; keep nothing.")
def command(file: Path, dry_run: bool) -> None:
    """Take an archive that `broadsheet export` made into this desk: the same issues at the same addresses.

    What is here already stays as it is, and taking a file twice changes nothing; what this desk has
    withdrawn is taken out again. All of it is taken, or
    nothing: a line that cannot be read is named.

    \b
    Example:
      broadsheet import-archive archive.zip
    """
    from broadsheet.commands import with_desk

    with_desk()
    from django.db import transaction
    from django.utils import timezone

    from broadsheet.issues import handover, withdrawing

    try:
        with (
            zipfile.ZipFile(file) as packed,
            closing(_lines(packed)) as lines,
            transaction.atomic(),
        ):
            taken = handover.take(lines)
            if dry_run:
                transaction.set_rollback(True)
            else:
                _pictures(packed)
        if not dry_run:
            withdrawing.apply_to_all(timezone.now())
    except zipfile.BadZipFile as error:
        raise click.ClickException(f"{file} is no zip file, or is cut off.") from error
    except KeyError as error:
        raise click.ClickException(
            f"{file} has no archive.jsonl in it. Make one with: broadsheet export"
        ) from error
    except handover.HandoverError as error:
        raise click.ClickException(f"{file}: {error}") from error
    said = ", ".join(f"{n:,} {kind}s" for kind, n in sorted(taken.new.items())) or "nothing new"
    click.echo(
        f"{'Would take' if dry_run else 'Taken'}: {said}. Here already: {sum(taken.known.values()):,}."
    )


def _lines(packed: zipfile.ZipFile) -> Generator[tuple[int, dict[str, Any]], None, None]:
    from broadsheet.issues.handover import HandoverError

    with packed.open("archive.jsonl") as file:
        number = 0
        while raw := file.readline(LONGEST_LINE):
            number += 1
            if len(raw) >= LONGEST_LINE:
                raise HandoverError(f"Line {number} is longer than any issue.")
            try:
                line = json.loads(raw)
            except (ValueError, RecursionError) as error:
                raise HandoverError(f"Line {number} is not JSON: {error}.") from error
            if not isinstance(line, dict):
                raise HandoverError(f"Line {number} is JSON, but no object.")
            yield number, line
        if not number:
            raise HandoverError("The file is empty.")


def _pictures(packed: zipfile.ZipFile) -> None:
    """Keep the pictures whose bytes are what their names say: the name is a hash of them."""
    import hashlib

    from broadsheet.issues import pictures, withdrawn

    for info in packed.infolist():
        name = info.filename.removeprefix("pictures/")
        fits = info.filename.startswith("pictures/") and pictures.NAME.fullmatch(name)
        if (
            not fits
            or info.file_size > LARGEST_PICTURE
            or pictures.file(name)
            or withdrawn.picture(name)
        ):
            continue
        body = packed.read(info)
        if hashlib.sha256(body).hexdigest() != name.split(".")[0]:
            click.echo(
                f"{name} is not the picture that it says it is, so it is left out.", err=True
            )
            continue
        pictures.folder().mkdir(parents=True, exist_ok=True)
        half = pictures.folder() / f".{name}.half"
        half.write_bytes(body)
        half.replace(pictures.folder() / name)
