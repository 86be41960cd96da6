"""`broadsheet measure summarise`: summaries beside the first sentences."""

from __future__ import annotations

from collections.abc import Mapping

import click

from broadsheet.filters import Stream, beat_option, filter_options
from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import WireError


@click.command("summarise")
@filter_options
@beat_option
@click.option("--show", is_flag=True, help="Print each summary beside the first two sentences.")
def command(files: tuple[str, ...], names: Mapping[str, str], beat: Beat, show: bool) -> None:
    """Print whether each sentence stands in its article, and how summaries compare with openings.

    Rows are articles with text; each is summarised by itself. Where rows have a `description` (the
    outlet's own standfirst) summaries and openings are scored against it by the words they share,
    and it is kept from the summary.

    \b
    Example:
      broadsheet measure summarise --map headline=title clusters/basil.jsonl
    """
    from dataclasses import replace

    from broadsheet.wire.measure import summarise as measure
    from broadsheet.wire.model import Member, Role, article_from
    from broadsheet.wire.summarise import summarise

    stream = Stream(files, {"title": "headline", "date": "published", **names}, "articles")
    right = total = stories = blank = same = warned = words = 0
    scores: dict[str, list[measure.Overlap]] = {}
    for at, row in stream.rows():
        try:
            article = article_from(row, at=at)
        except WireError as error:
            stream.skip(at, error.what)
            continue
        made = summarise([Member(replace(article, description=None), "s", Role.LEAD)], beat)
        stories += 1
        blank += not made.text
        warned += bool(made.quoted)
        words += len(made.text.split())
        stands, of = measure.standing(made, [article])
        right, total = right + stands, total + of
        same += made.text in (measure.opening(article, 1), measure.opening(article, 2))
        if article.description and article.text:
            for name, proposed in (
                ("summary", made.text),
                *((f"first {n}", measure.opening(article, n)) for n in (1, 2, 3)),
            ):
                scores.setdefault(name, []).append(measure.overlap(proposed, article.description))
        if show:
            click.echo(f"\n{article.id}  {article.headline}\n  A {made.text or '(blank)'}")
            click.echo(f"  B {measure.opening(article, 2)}")
    if not stories:
        raise click.ClickException("There are no articles.")
    click.echo(
        f"{stories:,} articles: {stories - blank:,} with a summary, {blank:,} left blank; "
        f"{words / max(1, stories - blank):.0f} words on average, {warned:,} above the house limit.\n"
        f"{right:,} of {total:,} sentences stand in their article where they say; "
        f"{same:,} summaries are just the first sentence or two."
    )
    for name, made_scores in scores.items():
        count = len(made_scores)
        click.echo(
            f"{name:10} shares with the description ({count:,}): words "
            f"{sum(s.words for s in made_scores) / count:.3f}, pairs of words "
            f"{sum(s.pairs for s in made_scores) / count:.3f}"
        )
    stream.close()
