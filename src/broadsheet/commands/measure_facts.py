"""`broadsheet measure facts`: exact-match precision and recall for each field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from broadsheet import filters
from broadsheet.wire.beat import Beat

_KINDS = (
    "victims",
    "suspects",
    "persons_moved",
    "statistics",
    "ranking",
    "amounts",
    "law",
    "agencies",
    "dates",
)


@click.command("facts")
@filters.filter_options
@filters.beat_option
@click.option("--slips", is_flag=True, help="Also list each value that is wrong (+) or missed (-).")
def command(files: tuple[str, ...], names: dict[str, str], beat: Beat, slips: bool) -> None:
    """Print exact-match precision and recall of `facts` for each field.

    Rows are sentences or articles with their labels: JSON Lines ({id, text, published, facts: {...}})
    or a YAML file with a list of them under `sentences` or `examples`, such as the examples of the
    beat's facts.yaml.

    \b
    Example:
      broadsheet measure facts tests/wire/facts/sentences.yaml
    """
    from broadsheet.wire import model
    from broadsheet.wire.errors import WireError
    from broadsheet.wire.measure import facts

    stream = filters.Stream(files, names, "rows")

    def rows() -> Iterator[tuple[Any, Mapping[str, Any]]]:
        for at, row in _rows(stream):
            gold = row.get("facts") if isinstance(row.get("facts"), dict) else None
            gold = gold if gold is not None else {key: row[key] for key in _KINDS if key in row}
            try:
                yield (
                    model.article_from(
                        {**row, "published": str(row.get("published") or "")}, at=at
                    ),
                    gold,
                )
            except WireError as error:
                stream.skip(at, error.what)

    given = list(rows())
    scores = facts.measure(given, beat)
    click.echo(f"{len(given)} rows; values right, wrong and missed; exact match")
    click.echo(f"{'field':<25}{'P':>7}{'R':>7}{'right':>8}{'wrong':>7}{'missed':>8}")
    total = facts.Score()
    for name, score in scores.items():
        click.echo(
            f"{name:<25}{score.precision:>7.3f}{score.recall:>7.3f}{score.right:>8}{score.wrong:>7}{score.missed:>8}"
        )
        total.right += score.right
        total.wrong += score.wrong
        total.missed += score.missed
    click.echo(
        f"{'all':<25}{total.precision:>7.3f}{total.recall:>7.3f}{total.right:>8}{total.wrong:>7}{total.missed:>8}"
    )
    if slips:
        for name, score in scores.items():
            for slip in score.slips:
                click.echo(f"{name}: {slip}")
    stream.close()


def _rows(stream: filters.Stream) -> Iterator[tuple[str, dict[str, Any]]]:
    import yaml

    if stream.files and all(name.endswith((".yaml", ".yml")) for name in stream.files):
        for name in stream.files:
            root = yaml.safe_load(Path(name).read_text(encoding="utf-8"))
            for number, row in enumerate(
                root.get("sentences") or root.get("examples") or (), start=1
            ):
                yield f"{name}, item {number}", row
    else:
        yield from stream.rows()
