"""`broadsheet measure judge`: the judge's quality on labelled headlines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadsheet import filters
from broadsheet.wire.beat import Beat

if TYPE_CHECKING:
    from broadsheet.wire.judge.fitting import Labelled
    from broadsheet.wire.judge.labelled import Judged
    from broadsheet.wire.judge.weights import Model
    from broadsheet.wire.measure.judge import Fold

_TRAINING = Path(__file__).parents[3] / "training" / "judge"


@click.command("judge")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@filters.beat_option
@click.option(
    "--month",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="All headlines of a month, to rank; by default month-2026-03.jsonl.gz beside FILE, if there.",
)
@click.option(
    "--training",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of the invented rows; by default training/judge of the checkout.",
)
@click.option("--learning-curve", is_flag=True, help="Print only what a desk's decisions teach.")
@click.option("--quick", is_flag=True, help="Without the cross-validation.")
def command(
    file: Path,
    beat: Beat,
    month: Path | None,
    training: Path | None,
    learning_curve: bool,
    quick: bool,
) -> None:
    """Print precision, recall, F1 and average precision of the judge on labelled headlines.

    A row has title (or headline), label (relevant or not), and grade (clear, borderline, presumed);
    dataset, date and id where known. Three judges are scored: the shipped model as it is (apart on
    the rows it was not fitted on), the recipe refitted without the months and near-duplicates it
    scores, and the phrases alone.

    \b
    Example:
      broadsheet measure judge relevance-dev.jsonl.gz
    """
    from broadsheet.wire import judge
    from broadsheet.wire.errors import WireError
    from broadsheet.wire.judge import labelled

    try:
        rows = labelled.grouped(labelled.read(file))
    except WireError as error:
        raise click.ClickException(str(error)) from error
    if not any(row.relevant for row in rows) or all(row.relevant for row in rows):
        raise click.ClickException(f"{file} needs rows that are relevant and rows that are not.")
    model = judge.load_model(beat)
    invented = labelled.invented(training or _TRAINING)
    if learning_curve:
        from broadsheet.wire.measure import curve

        _tell(curve.report(rows, invented, beat))
        return
    grades = Counter(("relevant" if row.relevant else "negative", row.grade) for row in rows)
    click.echo(
        f"{file.name}: {len(rows):,} headlines ("
        + ", ".join(f"{n:,} {grade} {label}" for (label, grade), n in sorted(grades.items()))
        + f"), {len({row.group for row in rows}):,} after near-duplicates. Headlines only; clear rows "
        "include the presumed negatives."
    )
    if model is None:
        click.echo(f"\nThe beat {beat.name!r} has no model: the phrases judge alone.")
    else:
        _shipped(rows, beat, model)
    folds = [] if quick else _cross_validated(rows, invented, beat)
    _phrases_alone(rows, beat)
    month = month or file.parent / "month-2026-03.jsonl.gz"
    if month.exists():
        _month(month, rows, beat, model, folds)


def _tell(lines: Iterable[str]) -> None:
    for said in lines:
        click.echo(said)


def _shipped(rows: Sequence[Judged], beat: Beat, model: Model) -> None:
    """How the shipped model does, and apart on the rows that it was not fitted on."""
    from broadsheet.wire.judge import fitting
    from broadsheet.wire.measure import judge as measure

    old = [fitting.fingerprint(row.headline) in model.seen for row in rows]
    click.echo(
        f"\nThe shipped model {model.name} as it is. It was fitted on {sum(old):,} of these rows"
        + (": on them this is no test." if any(old) else ": this is a test.")
    )
    verdicts = measure.judged(rows, beat, model)
    _tell(measure.table(rows, verdicts))
    if any(old) and not all(old):
        new = [at for at, seen in enumerate(old) if not seen]
        click.echo("\nThe same on the rows it was not fitted on:")
        _tell(measure.table([rows[i] for i in new], [verdicts[i] for i in new]))


def _cross_validated(
    rows: Sequence[Judged], invented: Sequence[Labelled], beat: Beat
) -> list[Fold]:
    """How the recipe does on rows that it has not seen; its folds."""
    from broadsheet.wire.errors import WireError
    from broadsheet.wire.measure import judge as measure
    from broadsheet.wire.model import Band, Verdict

    if len({row.month for row in rows}) < 2:
        click.echo("\nNo cross-validation: all rows are of one month.")
        return []
    click.echo(
        f"\nCross-validated by month and near-duplicate headline, the recipe of training/judge fitted "
        f"anew in each fold ({len(invented):,} invented rows"
        + ("):" if invented else "; training/judge/rows.jsonl is not here, so without them):")
    )
    verdicts = [Verdict(Band.UNSURE, 0.0)] * len(rows)
    try:
        folds = list(measure.cross_validate(rows, invented, beat))
    except WireError as error:
        raise click.ClickException(f"Too few rows for folds. {error}") from error
    for number, fold in enumerate(folds, start=1):
        scored = measure.judged([rows[at] for at in fold.scored], beat, fold.model)
        for at, verdict in zip(fold.scored, scored, strict=True):
            verdicts[at] = verdict
        click.echo(fold.says(number, len(invented)))
    _tell(measure.table(rows, verdicts))
    return folds


def _phrases_alone(rows: Sequence[Judged], beat: Beat) -> None:
    """How the taxonomy does without any model."""
    from dataclasses import replace

    from broadsheet.wire import beat as beats
    from broadsheet.wire.measure import judge as measure

    click.echo("\nThe phrases of the taxonomy alone:")
    alone = replace(beats.load(beat.folder, extended=False), folder=Path("no model here"))
    _tell(measure.table(rows, measure.judged(rows, alone, None)))


def _month(
    path: Path, rows: Sequence[Judged], beat: Beat, model: Model | None, folds: Sequence[Fold]
) -> None:
    """How a whole month is ranked."""
    from broadsheet.wire import model as values
    from broadsheet.wire.errors import WireError
    from broadsheet.wire.measure import judge as measure

    articles = []
    stream = filters.Stream((str(path),), {"title": "headline", "date": "published"})
    for at, row in stream.rows():
        try:
            article = values.article_from({**row, "text": ""}, at=at)
        except WireError as error:
            stream.skip(at, error.what)
            continue
        articles.append(article)
    name = Counter(a.published.value[:7] for a in articles if a.published).most_common(1)[0][0]
    labels = {row.id: row for row in rows}
    year, number = map(int, name.split("-"))
    now = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    fold = next((fold for fold in folds if name in fold.months), None)
    if fold is not None:
        click.echo(f"\n{path.name}, judged by the fold that saw no row of {name}:")
        _tell(measure.month_report(articles, labels, beat, fold.model, now))
    click.echo(f"\n{path.name}, judged by the shipped model:")
    _tell(measure.month_report(articles, labels, beat, model, now))
