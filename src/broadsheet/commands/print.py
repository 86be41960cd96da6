"""`broadsheet print`: an issue -> mail, text, web page, PDF, feeds."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadsheet import filters

if TYPE_CHECKING:
    from datetime import date

    from broadsheet.press.house import House
    from broadsheet.wire.edition import Edition

# what --as takes -> the files it makes
FILES = {
    "email": ("email.html",),
    "text": ("issue.txt",),
    "web": ("index.html",),
    "pdf": ("issue.pdf",),
    "feed": ("atom.xml", "rss.xml", "feed.json"),
    "mailchimp": ("mailchimp.zip",),
    "blog": ("blog.html",),
    "markdown": ("issue.md",),
    "json": ("issue.json",),
}


def forms_asked(_: click.Context, __: click.Parameter, value: str) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    wrong = [form for form in asked if form not in FILES]
    if wrong or not asked:
        raise click.BadParameter(
            f"{', '.join(wrong) or 'nothing'} is not a form. Choose from: {', '.join(FILES)}."
        )
    return asked


@click.command("print")
@click.argument("issue", metavar="ISSUE.json", required=False)
@click.option(
    "--issue",
    "at_desk",
    metavar="MONTH",
    help="Instead of a file: the issue of a month (or with this uid) at this desk.",
)
@click.option(
    "--version", type=click.IntRange(1), help="With --issue: an earlier version of a corrected one."
)
@click.option(
    "--as",
    "forms",
    default="email,text,web",
    show_default=True,
    callback=forms_asked,
    metavar="FORM,...",
    help=f"Any of {', '.join(FILES)}.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="this folder",
    help="The folder for the files; made where it is missing.",
)
@click.option(
    "--house",
    "house_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="HOUSE.yaml",
    help="The house style: organisation, colours, logo, hotline, footer.",
)
@click.option(
    "--url", metavar="ADDRESS", help="Where the web page will stand, for its permanent links."
)
@click.option(
    "--pictures",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Pictures for pdf and mailchimp, found by the last part of their addresses.",
)
def command(
    issue: str | None,
    at_desk: str | None,
    version: int | None,
    forms: tuple[str, ...],
    out: Path,
    house_file: Path | None,
    url: str | None,
    pictures: Path | None,
) -> None:
    """Print an issue (JSON as from `parse-issue`; `-` reads standard input) into files.

    email makes email.html, text issue.txt, web index.html, pdf issue.pdf, feed atom.xml, rss.xml and
    feed.json; for desks without a server of their own, mailchimp makes mailchimp.zip (with its merge
    tags), blog blog.html to paste into a post, markdown issue.md, json issue.json. Of several issues
    each gets a folder named by its uid.

    With --issue an issue of this desk is printed in its house style and with its pictures: one that is
    out as readers have it, one in the making as it would go out now.

    \b
    Example:
      broadsheet parse-issue june-2019.txt | broadsheet print - --as email,text,web --out var/june
      broadsheet print --issue 2019-06 --as pdf,mailchimp --out june
    """
    if (issue is None) == (at_desk is None):
        raise click.UsageError("Name a file of an issue (- is standard input), or one by --issue.")
    if at_desk is not None:
        if house_file or url or pictures:
            raise click.UsageError("--issue brings its own house style, address and pictures.")
        _print_of_desk(at_desk, version, forms, out)
    elif version is not None:
        raise click.UsageError("--version goes with --issue.")
    elif issue is not None:
        _print_files(issue, forms, out, _house(house_file), url, pictures)


def _print_of_desk(name: str, version: int | None, forms: tuple[str, ...], out: Path) -> None:
    from broadsheet.commands import desk_issue, with_desk

    with_desk()
    from broadsheet.issues.compose import ComposeError
    from broadsheet.wire.errors import WireError

    try:
        for path in desk_issue.named(name, version).prints(forms, out):
            click.echo(str(path))
    except (ComposeError, WireError) as error:
        raise click.ClickException(str(error)) from error


def _print_files(
    issue: str,
    forms: tuple[str, ...],
    out: Path,
    house: House,
    url: str | None,
    pictures: Path | None,
) -> None:
    from broadsheet.wire.edition import Edition
    from broadsheet.wire.errors import WireError

    bad = 0
    taken: set[str] = set()
    given = list(_objects(issue))
    for number, value in enumerate(given, start=1):
        at = f"{issue}, issue {number}" if len(given) > 1 else issue
        try:
            if not isinstance(value, dict):
                raise click.ClickException(f"{at}: this is JSON, but no issue.")
            edition = Edition.from_json(value, at=at)
            folder = _folder(out, edition.uid, taken) if len(given) > 1 else out
        except WireError as error:
            click.echo(str(error), err=True)
            bad += 1
            continue
        for form in forms:  # a form that cannot be printed does not keep the others back
            try:
                borne = _pictures(edition, house, pictures)
                for path in prints(edition, (form,), folder, house, url, borne):
                    click.echo(str(path))
            except WireError as error:
                click.echo(str(error), err=True)
                bad += 1
    if not given:
        raise click.ClickException(f"{issue}: there is no issue in it.")
    if bad:
        raise SystemExit(1)


def prints(
    edition: Edition,
    forms: tuple[str, ...],
    folder: Path,
    house: House,
    url: str | None,
    pictures: Mapping[str, bytes] | None = None,
) -> Iterator[Path]:
    """Make the files of each form in `folder`, and name each one that is made.

    `pictures` are the bytes by address, for the forms that bear them.
    """
    from datetime import UTC, datetime

    today = datetime.now(UTC).date()
    folder.mkdir(parents=True, exist_ok=True)
    for form in forms:
        for name, data in _made(edition, form, house, url, pictures or {}, today).items():
            (folder / name).write_bytes(data)
            yield folder / name


def _made(
    edition: Edition,
    form: str,
    house: House,
    url: str | None,
    pictures: Mapping[str, bytes],
    today: date,
) -> dict[str, bytes]:
    """The files of one form by their names. A form's part of the press is loaded when it is asked for."""
    if form == "feed":
        from broadsheet.press import feed

        return feed.files(edition, base_url=url or "https://newsletter.example/", house=house)
    (name,) = FILES[form]
    made: str | bytes
    if form == "email":
        from broadsheet.press import email

        made = email.email(edition, house=house, today=today, base_url=url)
        for warning in email.warnings(made):
            click.echo(warning, err=True)
    elif form == "text":
        from broadsheet.press import plaintext

        made = plaintext.plaintext(edition, house=house, today=today)
    elif form == "web":
        from broadsheet.press import web

        made = web.web(edition, house=house, today=today, url=url)
    elif form == "pdf":
        from broadsheet.press import pdf

        made = pdf.pdf(edition, house=house, today=today, pictures=pictures)
    else:
        from broadsheet.press import handover

        made = handover.handed(form, edition, house=house, today=today, pictures=pictures)
    return {name: made.encode() if isinstance(made, str) else made}


def _pictures(edition: Edition, house: House, folder: Path | None) -> dict[str, bytes]:
    """The bytes of an issue's pictures and of the logo by address: the file named as the address ends."""
    from urllib.parse import unquote, urlsplit

    found: dict[str, bytes] = {}
    images = (image.url for item in edition.items() for image in item.images)
    for address in (url for url in (house.logo, *images) if folder and url):
        name = Path(unquote(urlsplit(address).path)).name
        if folder and name and (folder / name).is_file():
            found[address] = (folder / name).read_bytes()
    return found


def _objects(name: str) -> Iterator[Any]:
    """The JSON objects of a file, one after the other: a pretty-printed one, or one a line."""
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        text = raw.decode("utf-8-sig").strip()
    except OSError as error:
        raise click.FileError(name, hint=error.strerror or "") from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{name}: this is not UTF-8, so it is no JSON.") from error
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise click.ClickException(f"{name}: this is not JSON ({error}).") from error
        yield filters.whole(value)
        while at < len(text) and text[at] in " \t\r\n":
            at += 1


def _house(file: Path | None) -> House:
    from broadsheet.press.house import House, from_file
    from broadsheet.wire.errors import WireError

    if file is None:
        return House()
    try:
        return from_file(file)
    except WireError as error:
        raise click.ClickException(str(error)) from error


def _folder(out: Path, uid: str, taken: set[str]) -> Path:
    """A folder for each issue: two issues of one uid do not overwrite each other."""
    name, number = _safe(uid), 1
    while name in taken:
        number += 1
        name = f"{_safe(uid)}-{number}"
    taken.add(name)
    return out / name


def _safe(uid: str) -> str:
    return "".join(char if char.isalnum() or char in "-_" else "-" for char in uid)[:80] or "issue"
