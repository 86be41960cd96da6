"""`broadsheet wording`: texts in, what an editor should look at out."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from broadsheet import filters
from broadsheet.wire.beat import Beat


class _Texts(filters.Stream):
    """Rows, or a whole file as the text of one row where its first character that shows is no "{"."""

    def _lines(self) -> Iterator[tuple[str, str]]:
        files = self.files or ("-",)
        for name in files:
            self.files = (name,)
            lines = super()._lines()
            taken: list[str] = []
            for at, line in lines:
                taken.append(line)
                if line.strip():
                    if line.lstrip().startswith("{"):
                        yield at if len(files) < 2 else f"{name}, {at}", line
                    else:
                        taken += (more for _, more in lines)
                        place = "the text" if name == "-" else name
                        yield place, json.dumps({"text": "".join(taken)})
                    break
            for at, line in lines:
                yield at if len(files) < 2 else f"{name}, {at}", line
        self.files = files


@click.command("wording")
@filters.filter_options
@filters.beat_option
@click.option(
    "--field",
    default="summary",
    show_default=True,
    help="Where plain text stands, and rows that do not say: summary, subject, headline, alt ...",
)
@click.option("--language", default=None, help="Of plain text, and of rows that do not say: en.")
@click.option(
    "--least",
    type=click.Choice(["hint", "warn", "error"]),
    default="hint",
    show_default=True,
    help="Leave out findings that are less severe.",
)
def command(
    files: tuple[str, ...],
    names: dict[str, str],
    beat: Beat,
    field: str,
    language: str | None,
    least: str,
) -> None:
    """Find wording that may harm, mislead or give somebody away.

    Reads plain text, or JSON Lines ({id, field, text}), and prints one object for each finding: {id, field,
    rule, severity, start, end, matched, why, use}. A text in a language without rules is named on standard
    error and not checked. No finding means that no rule spoke, not that a text is safe.

    \b
    Example:
      echo "Police rescued 40 women." | broadsheet wording
    """
    from broadsheet.wire import model, text, wording

    order = [*wording.Severity]
    floor = order.index(wording.Severity(least))
    stream = _Texts(files, names, "texts")

    def work(row: filters.Row, at: str) -> Iterator[filters.Row]:
        given = row.get("text")
        if not isinstance(given, str):
            stream.skip(at, "`text` is missing or no string")
            return
        spoken = row.get("language") or language or text.script_language(given)
        if not wording.covers(spoken, beat):
            click.echo(
                f"{at}: not checked, there are no rules for the language {spoken}.", err=True
            )
            return
        place = row.get("field") or field
        rest = {key: value for key, value in row.items() if key not in ("text", "field")}
        for one in wording.check(given, beat, field=place, language=spoken):
            if order.index(one.severity) >= floor:
                made = model.row(one)
                if not made["because"]:
                    del made["because"]
                yield {**rest, "field": place, **made}

    filters.each(stream, work)
