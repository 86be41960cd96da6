"""`broadsheet measure wording`: precision and recall of the wording rules on marked sentences."""

from __future__ import annotations

import click

from broadsheet import filters
from broadsheet.wire.beat import Beat


@click.command("wording")
@filters.filter_options
@filters.beat_option
@click.option(
    "--least",
    type=click.Choice(["hint", "warn", "error"]),
    default="hint",
    show_default=True,
    help="Pass over findings that are less severe.",
)
@click.option("--slips", is_flag=True, help="Also list each wrong (+) and missed (-) finding.")
def command(
    files: tuple[str, ...], names: dict[str, str], beat: Beat, least: str, slips: bool
) -> None:
    """Print precision and recall of `wording` on marked sentences.

    Rows are {id, field?, language?, text, findings: [{rule, matched}]}: the words that a person marked,
    and the rule that covers them, or null where none does. A `.txt` file holds clean sentences, one a line:
    whatever is found there is wrong.

    \b
    Example:
      broadsheet measure wording tests/wire/wording/labelled.jsonl
    """
    from broadsheet.wire.measure import wording as measures

    rows: list[filters.Row] = []
    clean = [name for name in files if name.endswith(".txt")]
    for name in clean:
        with filters.opened(name) as lines:
            rows += [{"text": line.strip(), "findings": []} for line in lines if line.strip()]
    stream = filters.Stream(tuple(n for n in files if n not in clean), names, "sentences")
    if stream.files or not clean:
        for at, row in stream.rows():
            why = _wrong(row)
            if why:
                stream.skip(at, why)
            else:
                rows.append(row)
    words, whole = measures.measure(rows, beat, least=least)
    click.echo(f"{len(rows)} sentences, {words.marked} findings marked; {least} and above")
    click.echo(f"{'':<12}{'P':>7}{'R':>7}{'F1':>7}{'right':>8}{'wrong':>7}{'missed':>8}")
    for label, score in (("words", words), ("sentences", whole)):
        click.echo(
            f"{label:<12}{score.precision:>7.3f}{score.recall:>7.3f}{score.f1:>7.3f}"
            f"{score.right:>8}{score.wrong:>7}{score.missed:>8}"
        )
    click.echo(f"Of {words.right} right findings {words.same_rule} name the marked rule.")
    if slips:
        for slip in words.slips:
            click.echo(slip)
    stream.close()


def _wrong(row: filters.Row) -> str:
    text, marks = row.get("text"), row.get("findings")
    if not isinstance(text, str) or not isinstance(marks, list):
        return "`text` must be a string and `findings` a list"
    for mark in marks:
        if not isinstance(mark, dict) or not isinstance(mark.get("matched"), str):
            return "Each finding must name the words that are `matched`"
        if mark["matched"] not in text:
            return f"{mark['matched']!r} does not stand in the text"
    return ""
