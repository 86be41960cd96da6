"""`broadsheet facts`: articles in, the claims they make out."""

from __future__ import annotations

from collections.abc import Iterable

import click

from broadsheet import filters
from broadsheet.wire.beat import Beat


@click.command("facts")
@filters.filter_options
@filters.beat_option
def command(files: tuple[str, ...], names: dict[str, str], beat: Beat) -> None:
    """Read the facts that an article states: who, how many, which stage, when, where.

    Reads articles as JSON Lines ({id, headline, text?, published?, ...}) and adds `facts` to each
    row: each fact has a `kind`, its `value` (fields as in the beat's facts.yaml), the `field` of the
    article and the span where it stands, `said_by`, `certainty` and the `rule` that read it. Counts
    that differ stand side by side; nothing is inferred, and no name of a person is kept.

    \b
    Example:
      echo '{"id": 1, "headline": "Police arrest three suspected traffickers"}' | broadsheet facts
    """
    from broadsheet.wire import model
    from broadsheet.wire.facts import facts

    def work(row: filters.Row, at: str) -> Iterable[filters.Row]:
        article = model.article_from(row, at=at)
        yield {**row, "facts": [model.row(fact) for fact in facts(article, beat)]}

    filters.each(filters.Stream(files, names, "articles"), work)
