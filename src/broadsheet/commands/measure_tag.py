"""`broadsheet measure tag`: micro-F1 for each axis of the taxonomy."""

from __future__ import annotations

from typing import Any

import click

from broadsheet import filters
from broadsheet.wire.beat import Beat


@click.command("tag")
@filters.filter_options
@filters.beat_option
@click.option(
    "--labels",
    metavar="FILE.jsonl",
    help="Rows {id, codes: {axis: [codes]}} to be joined by id; else the rows bring their `codes`.",
)
@click.option("--unjudged", is_flag=True, help="Do not take the rows as known to be on the beat.")
@click.option(
    "--slips", is_flag=True, help="Also list each row with a wrong (+) or missed (-) code."
)
def command(
    files: tuple[str, ...],
    names: dict[str, str],
    beat: Beat,
    labels: str | None,
    unjudged: bool,
    slips: bool,
) -> None:
    """Print micro-F1 of `tag` for each axis, beside the plain phrases of taxonomy.yaml.

    Rows are articles ({id, headline, text?}); their labels stand on the row or in another file. The
    half of the labels that served to tune is printed apart from the half that did not.

    \b
    Example:
      broadsheet measure tag rows.jsonl.gz --map headline=title --labels bench/labels/tag.jsonl
    """
    from broadsheet.wire import beat as beats
    from broadsheet.wire import model
    from broadsheet.wire.errors import WireError
    from broadsheet.wire.measure import tag

    gold: dict[str, Any] | None = None
    if labels is not None:
        gold = {str(row["id"]): row["codes"] for _, row in filters.Stream((labels,)).rows()}
    stream = filters.Stream(files, names, "rows")
    rows: dict[str, tag.Labelled] = {}
    for at, row in stream.rows():
        codes = row.get("codes") if gold is None else gold.get(str(row.get("id")))
        if codes is None:
            continue
        try:
            article = model.article_from(row, at=at)
            axes = model.tags_from({"codes": codes}, at=at).codes
        except WireError as error:
            stream.skip(at, error.what)
            continue
        rows[str(article.id)] = tag.Labelled(article, axes)
    if not rows:
        raise click.ClickException("No row has labels: give `codes` on the rows, or --labels FILE.")
    if gold is not None and len(rows) < len(gold):
        click.echo(f"{len(gold) - len(rows)} of {len(gold)} labels have no row in what was given.")
    plain = beats.load(beat.folder, extended=False)
    scores = tag.measure(list(rows.values()), beat, plain, on_beat=not unjudged)
    halves = {row.half for row in rows.values()}
    click.echo(f"{len(rows)} rows; codes right, wrong and missed; micro-averaged")
    click.echo(
        f"{'axis':<11}{'part':<8}{'way':<9}{'P':>7}{'R':>7}{'F1':>7}{'right':>8}{'wrong':>7}{'missed':>8}"
    )
    for axis in scores["tag"]["all"]:
        for part in ("all", *sorted(halves)):
            for way in ("tag", "phrases"):
                s = scores[way][part][axis]
                click.echo(
                    f"{axis:<11}{part:<8}{way:<9}{s.precision:>7.3f}{s.recall:>7.3f}{s.f1:>7.3f}"
                    f"{s.right:>8}{s.wrong:>7}{s.missed:>8}"
                )
    if slips:
        for axis, score in scores["tag"]["all"].items():
            for identity, wrong in score.slips.items():
                row_of = rows[identity]
                click.echo(
                    f"{axis} {row_of.half} {identity}: {' '.join(wrong)}: {row_of.article.headline}"
                )
    stream.close()
