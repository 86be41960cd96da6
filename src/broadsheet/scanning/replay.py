"""The issue that a past month would have had: findings in, a drafted edition out. No desk is needed."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from broadsheet.wire import beat as beats
from broadsheet.wire import dates, line, rank
from broadsheet.wire.edition import Edition, Item, Kind, Link, Section
from broadsheet.wire.errors import WireError
from broadsheet.wire.model import Article, Ranked

MONTHS = 6  # told where the month that was asked for has nothing
# At the head of each print: it looks like an issue that somebody has answered for.
SAID = (
    "Drafted from archived news, as this month would have had it. "
    "Nobody has picked, edited or checked what stands here."
)


@dataclass(frozen=True, slots=True)
class Replayed:
    """A drafted month. `given` articles came, `of_month` are dated in it, `undated` say no month.

    `months` are those that most of the articles are dated in, with how many.
    """

    edition: Edition
    given: int
    of_month: int
    undated: int
    relevant: int
    stories: int
    months: tuple[tuple[str, int], ...] = ()


def replay(
    articles: Iterable[Article],
    beat: beats.Beat,
    month: str,
    *,
    most: int = 12,
    progress: Callable[[str, int], None] | None = None,
) -> Replayed:
    """Judge, group, rank and propose the articles of a month ("2019-06") as on its last evening.

    Only what is dated in the month counts: no article is dated by the day on which it was collected.
    Sections are the beat's; what nobody decided cannot be known, so the best `most` stories of the
    relevant band stand in for an editor's choice. Raises WireError where `month` is none.
    """
    first = _first(month)
    next_month = (first + timedelta(days=32)).replace(day=1)
    now = datetime(next_month.year, next_month.month, 1, tzinfo=UTC) - timedelta(hours=1)
    given = undated = 0
    months: Counter[str] = Counter()
    kept: list[Article] = []
    for article in articles:
        given += 1
        told = article.published.value[:7] if article.published else ""
        undated += len(told) < 7
        months[told] += len(told) == 7
        if told == month:
            kept.append(article)
    out = line.run(kept, beat, now, progress=progress)
    chosen = rank.propose(out.stories, most)
    sections: dict[str, list[Item]] = defaultdict(list)
    takes = {part.takes for part in beat.parts}
    for story in chosen:
        place = rank.belongs(story.members[0].article.headline, story.places, beat)
        sections[place if place in takes else "world"].append(_item(story, out))
    made = tuple(
        Section(part.heading or None, None, tuple(sections.pop(part.takes)))
        for part in beat.parts
        if sections.get(part.takes)
    )
    made += tuple(Section(None, None, tuple(items)) for items in sections.values())
    if made:
        made = (replace(made[0], intro=SAID), *made[1:])
    title = f"{first:%B} {first.year}"
    edition = Edition(
        uid=f"replay-{month}",
        newsletter=beat.name,
        title=title,
        date=dates.When(month, dates.Precision.MONTH, basis="issue", raw=title),
        language=beat.languages[0],
        sections=made,
    )
    relevant = sum(str(out.band(article)) == "relevant" for article in out.articles)
    most_of = tuple((name, many) for name, many in months.most_common(MONTHS) if many)
    return Replayed(edition, given, len(kept), undated, relevant, len(out.stories), most_of)


def _first(month: str) -> date:
    try:
        if len(month) != 7:
            raise ValueError
        return dates.first_day(month)
    except ValueError:
        raise WireError(
            f"{month!r} is not a month", at="--month", hint="Write it like 2019-06."
        ) from None


def _item(story: Ranked, out: line.Run) -> Item:
    lead = story.members[0].article
    address = lead.canonical_url or lead.url
    codes = out.tags[lead.key].every_code()
    return Item(
        uid=hashlib.blake2b(story.story.encode(), digest_size=8).hexdigest(),
        kind=Kind.ARTICLE,
        headline=lead.headline,
        date=lead.published,
        source=lead.source,
        summary=out.summaries[story.story].text,
        codes=tuple(sorted(codes)),
        places=story.places,
        links=(Link("Read the article", address),) if address else (),
    )
