"""`broadsheet line`: pages or articles in, stories out, all stages at once."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from broadsheet.commands.shared import moment, ordering_options, second_opinion
from broadsheet.filters import Row, Stream, beat_option, filter_options, write
from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import WireError

if TYPE_CHECKING:
    from broadsheet.wire.line import Run
    from broadsheet.wire.model import Article, Member, Page, Ranked


@click.command("line")
@filter_options
@beat_option
@ordering_options
def command(
    files: tuple[str, ...],
    names: Mapping[str, str],
    beat: Beat,
    now: datetime | None,
    limit: int | None,
) -> None:
    """Run pages or articles through all stages.

    Rows are pages (with `html`) or articles (with `headline`). One row comes out for each story,
    best first: `story`, `score`, `factors`, `headline`, `summary`, `sentences`, and its `articles`
    with role, band, codes and places. Pages that could not be read are told on standard error, and
    the counts of all bands at the end.

    \b
    Example:
      broadsheet line pages.jsonl > stories.jsonl
      broadsheet line --map headline=title,published=date --propose 40 month.jsonl.gz
    """
    from broadsheet.wire import judge, line, rank
    from broadsheet.wire.model import Article, Verdict

    stream = Stream(files, names, "rows")
    terminal = sys.stderr.isatty()

    def progress(stage: str, done: int) -> None:
        if terminal and stage != "read" and done % 100 == 0:
            click.echo(f"\r{stage}: {done:,} ", nl=False, err=True)

    given: Iterable[Page | Article] = _things(stream)
    if now is None:  # the newest date among the rows is asked for first
        given = list(given)
    articles = (a for a in given if isinstance(a, Article)) if now is None else ()
    second = second_opinion(beat)

    def judged(article: Article, of: Beat) -> Verdict:
        return judge.judge(article, of, second=second)

    out = line.run(
        given, beat, moment(now, articles, datetime.now(UTC)), judge=judged, progress=progress
    )
    if second is not None:
        click.echo(second.says(), err=True)
    for failure in out.failures:
        click.echo(failure.reason, err=True)
    for story in rank.propose(out.stories, limit) if limit else out.stories:
        write(_of_story(story, out))
    bands = [str(out.band(a)) for a in out.articles]
    counts = ", ".join(f"{bands.count(b):,} {b}" for b in ("relevant", "unsure", "off_beat"))
    click.echo(
        f"{out.pages:,} in: {len(out.articles):,} articles ({counts}), "
        f"{len(out.failures):,} failures; {len(out.stories):,} stories.",
        err=True,
    )
    stream.close()


def _things(stream: Stream) -> Iterator[Page | Article]:
    """Pages and articles of the rows; a row that is neither is told and passed over."""
    from broadsheet.commands.read import page_from
    from broadsheet.wire.model import article_from

    for at, row in stream.rows():
        try:
            page = isinstance(row.get("html"), str)
            yield page_from(row, at) if page else article_from(row, at=at)
        except WireError as error:
            stream.skip(at, error.what)


def _of_story(story: Ranked, out: Run) -> Row:
    from broadsheet.wire import model, summarise

    summary = out.summaries[story.story]
    return {
        "story": story.story,
        "score": story.score,
        "factors": dict(story.factors),
        "case": story.case,
        "headline": story.members[0].article.headline,
        "summary": summary.text,
        "sentences": model.row(summary.sentences),
        "conflicts": [str(one) for one in summary.conflicts],
        "warnings": summarise.warnings(summary),
        "articles": [_of_member(member, out) for member in story.members],
    }


def _of_member(member: Member, out: Run) -> Row:
    from broadsheet.wire import model

    article = member.article
    verdict, tags = out.verdicts[article.key], out.tags[article.key]
    return {
        "id": article.key if article.id is None else article.id,
        "headline": article.headline,
        "source": article.source,
        "url": article.canonical_url or article.url,
        "published": model.row(article.published),
        "role": str(member.role),
        "copy_of": member.copy_of,
        "agency": member.agency,
        "band": str(verdict.band),
        "relevance": verdict.score,
        "codes": model.row(tags.codes),
        "places": model.row(tags.places),
    }
