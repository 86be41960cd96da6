"""`broadsheet summarise`: a summary for each story."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click

from broadsheet.filters import Row, Stream, beat_option, filter_options, together
from broadsheet.wire.beat import Beat


@click.command("summarise")
@filter_options
@beat_option
def command(files: tuple[str, ...], names: Mapping[str, str], beat: Beat) -> None:
    """Propose a summary for each story: sentences that stand in its own articles.

    Rows without a `story` from `group` are stories by themselves. One row comes out for each story,
    in the order of their first article: `story`, `summary`, and `sentences` with the article each
    stands in and its span (code points of `text`). The summary is blank where only unsuitable
    sentences are left.

    \b
    Example:
      broadsheet read *.html | broadsheet group | broadsheet summarise
    """
    from broadsheet.wire import model
    from broadsheet.wire.model import Article, Member, Role, article_from
    from broadsheet.wire.summarise import summarise, warnings

    def take(row: Row, at: str) -> Member:
        article: Article = article_from(row, at=at)
        role = row.get("role")
        return Member(
            article,
            str(row.get("story") or article.key),
            Role(role) if role in list(Role) else Role.REPORT,
        )

    def work(taken: list[Member]) -> Iterable[Row]:
        stories: dict[str, list[Member]] = {}
        for member in taken:
            stories.setdefault(member.story, []).append(member)
        for story, members in stories.items():
            made = summarise(members, beat)
            row: Row = {
                "story": story,
                "summary": made.text,
                "sentences": [
                    {k: v for k, v in model.row(s).items() if k != "changed" or v}
                    for s in made.sentences
                ],
            }
            if made.conflicts:
                row["conflicts"] = [str(one) for one in made.conflicts]
            if warned := warnings(made):
                row["warnings"] = warned
            yield row

    together(Stream(files, names, "articles"), take, work)
