"""`broadsheet group`: articles into stories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click

from broadsheet.filters import Row, Stream, filter_options, together


@click.command("group")
@filter_options
def command(files: tuple[str, ...], names: Mapping[str, str]) -> None:
    """Put articles together that tell of one event.

    Each row comes back with `story` (the same for all reports of one event), `role` (lead, report
    or copy), `copy_of` (the article whose text it repeats), `agency` and `case` (stories that
    follow on each other), where there are any. The same articles in any order give the same
    stories.

    \b
    Example:
      broadsheet read *.html | broadsheet group
      broadsheet group --map headline=title,published=date month.jsonl.gz
    """
    from broadsheet.wire import group
    from broadsheet.wire.model import Article, article_from

    def take(row: Row, at: str) -> tuple[Row, Article]:
        return row, article_from(row, at=at)

    def work(taken: list[tuple[Row, Article]]) -> Iterable[Row]:
        places: dict[int, list[int]] = {}
        for index, (_, article) in enumerate(taken):
            places.setdefault(id(article), []).append(index)
        names_of = {article.key: article.id for _, article in reversed(taken)}
        rows: list[Row | None] = [None] * len(taken)
        for member in group.group(article for _, article in taken):
            index = places[id(member.article)].pop()
            made: Row = {**taken[index][0], "story": member.story, "role": str(member.role)}
            if member.copy_of is not None:
                named = names_of.get(member.copy_of)
                made["copy_of"] = member.copy_of if named is None else named
            for key, value in (("agency", member.agency), ("case", member.case)):
                if value is not None:
                    made[key] = value
            rows[index] = made
        return (row for row in rows if row is not None)

    together(Stream(files, names, "articles"), take, work)
