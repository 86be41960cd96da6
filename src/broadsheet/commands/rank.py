"""`broadsheet rank`: stories in order, every factor shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from broadsheet.commands.shared import moment, ordering_options
from broadsheet.filters import Row, Stream, beat_option, filter_options, together
from broadsheet.wire.beat import Beat

if TYPE_CHECKING:
    from broadsheet.wire.model import Ranked


@click.command("rank")
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
    """Put stories in the order in which an editor should look at them.

    Rows are articles with what `judge`, `tag` and `group` said of them. One row comes out for each
    story: `story`, `rank`, `score`, `factors` (points that sum to the score), `headline` and `id` of
    its lead, its `outlets`, and the `others` in words.

    \b
    Example:
      broadsheet judge news.jsonl | broadsheet tag | broadsheet group | broadsheet rank
      broadsheet rank --propose 40 --now 2019-06-30 grouped.jsonl
    """
    from broadsheet.wire import rank
    from broadsheet.wire.model import (
        Member,
        Role,
        Tags,
        Verdict,
        article_from,
        tags_from,
        verdict_from,
    )

    verdicts: dict[str, Verdict] = {}
    tags: dict[str, Tags] = {}

    def take(row: Row, at: str) -> Member:
        article = article_from(row, at=at)
        verdict = verdict_from(row, at=at)
        if verdict:
            verdicts[article.key] = verdict
        tags[article.key] = tags_from(row, at=at)
        role = row.get("role")
        given: dict[str, str | None] = {
            key: str(row[key]) if row.get(key) is not None else None
            for key in ("copy_of", "agency", "case")
        }
        return Member(
            article,
            str(row.get("story") or article.key),
            Role(role) if role in list(Role) else Role.REPORT,
            **given,
        )

    def work(given: list[Member]) -> Iterable[Row]:
        # `group` names the original by its id; members name it by its key.
        keys = {str(m.article.id): m.article.key for m in given if m.article.id is not None}
        taken = [
            replace(m, copy_of=keys.get(m.copy_of, m.copy_of)) if m.copy_of else m for m in given
        ]
        since = moment(now, (m.article for m in taken), datetime(1970, 1, 1, tzinfo=UTC))
        ranked = rank.rank(taken, verdicts, tags, beat, since)
        for place, story in enumerate(rank.propose(ranked, limit) if limit else ranked, start=1):
            yield _of_story(story, place)

    together(Stream(files, names, "articles"), take, work)


def _of_story(story: Ranked, place: int) -> Row:
    from broadsheet.wire import group

    lead = story.members[0].article
    row: Row = {
        "story": story.story,
        "rank": place,
        "score": story.score,
        "factors": dict(story.factors),
        "headline": lead.headline,
        "id": lead.key if lead.id is None else lead.id,
        "articles": len(story.members),
        "outlets": sorted({m.article.source for m in story.members if m.article.source}),
        "others": group.others(story.members),
    }
    for key in ("case", "forms", "sectors", "places"):
        value = getattr(story, key)
        if value:
            row[key] = list(value) if isinstance(value, tuple) else value
    return row
