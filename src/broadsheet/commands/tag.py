"""`broadsheet tag`: articles in, codes and places with their evidence out."""

from __future__ import annotations

from collections.abc import Iterable

import click

from broadsheet import filters
from broadsheet.wire.beat import Beat


@click.command("tag")
@filters.filter_options
@filters.beat_option
def command(files: tuple[str, ...], names: dict[str, str], beat: Beat) -> None:
    """Suggest codes on every axis of the beat's taxonomy, and the places that an article names.

    Reads articles as JSON Lines ({id, headline, text?, ...}) and adds to each row `codes`, `places`,
    `notes` and, behind evidence that is there already, `evidence`: each piece with its place in
    the text and the span of its `sentence`. A row that the judge found to be on the beat has its
    weak phrases counted too.

    \b
    Example:
      echo '{"id": 1, "headline": "Couple jailed for sex trafficking"}' | broadsheet tag
      broadsheet judge month.jsonl.gz --map headline=title | broadsheet tag
    """
    from broadsheet.wire import model, tag

    def work(row: filters.Row, at: str) -> Iterable[filters.Row]:
        article = model.article_from(row, at=at)
        tags = tag.tag(article, beat, on_beat=row.get("band") == model.Band.RELEVANT)
        evidence = []
        for piece in tags.evidence:
            text: str = getattr(article, piece.field) or ""
            span = tag.sentence(text, piece.start, piece.end)
            evidence.append(model.row(piece) | {"sentence": list(span)})
        before = row.get("evidence")
        yield {
            **row,
            **model.row(tags),
            "evidence": [*(before if isinstance(before, list) else []), *evidence],
        }

    filters.each(filters.Stream(files, names, "articles"), work)
