"""The line: pages in, stories out. The only place where the stages meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from broadsheet.wire import group as grouping
from broadsheet.wire import judge as judging
from broadsheet.wire import rank as ranking
from broadsheet.wire import read as reading
from broadsheet.wire import summarise as summing
from broadsheet.wire import tag as tagging
from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import WireError
from broadsheet.wire.group import LeadRules
from broadsheet.wire.model import (
    Article,
    Band,
    Failure,
    Member,
    Page,
    Ranked,
    Summary,
    Tags,
    Verdict,
)
from broadsheet.wire.rank import Choices

Read = Callable[[Page, Beat], Article]
Judge = Callable[[Article, Beat], Verdict]
Progress = Callable[[str, int], None]


@dataclass(slots=True)
class Run:
    """What came of a run. `pages` is always len(articles) + len(failures).

    articles   in the order of the pages, each once for each page, off the beat or not
    verdicts, tags   by Article.key; every article has a verdict, tags only what is not off the beat
    stories    best first, of the articles that are not off the beat
    summaries  by story
    """

    pages: int = 0
    articles: list[Article] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    tags: dict[str, Tags] = field(default_factory=dict)
    stories: list[Ranked] = field(default_factory=list)
    summaries: dict[str, Summary] = field(default_factory=dict)

    @property
    def members(self) -> list[Member]:
        return [member for story in self.stories for member in story.members]

    def band(self, article: Article) -> Band:
        return self.verdicts[article.key].band


def run(
    pages_or_articles: Iterable[Page | Article],
    beat: Beat,
    now: datetime,
    *,
    read: Read | None = None,
    judge: Judge | None = None,
    rules: LeadRules | None = None,
    choices: Choices | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run pages or articles through all stages.

    `pages_or_articles` may be a generator: a page is let go once it is read. A page that cannot be
    read is a Failure, counted and kept; what nobody foresaw stops the run. `now` is aware. `read`
    and `judge` stand in for the stages of those names, for worker processes or learned weights.
    `progress` is called with a stage's name and how many it has done.
    """
    read, judge = read or reading.read, judge or judging.judge
    told = progress or _quiet
    out = Run()
    for thing in pages_or_articles:
        out.pages += 1
        told("read", out.pages)
        try:
            article = thing if isinstance(thing, Article) else read(thing, beat)
        except WireError as error:
            out.failures.append(Failure(_where(thing), "read", str(error)))
            continue
        out.articles.append(article)
    kept: list[Article] = []
    for done, article in enumerate(out.articles, start=1):
        verdict = judge(article, beat)
        out.verdicts[article.key] = verdict
        if verdict.band is not Band.OFF_BEAT:
            kept.append(article)
        told("judge", done)
    for done, article in enumerate(kept, start=1):
        on_beat = out.band(article) is Band.RELEVANT
        out.tags[article.key] = tagging.tag(article, beat, on_beat=on_beat)
        told("tag", done)
    members = grouping.group(kept, rules, common=grouping.beat_words(beat))
    told("group", len(members))
    out.stories = ranking.rank(members, out.verdicts, out.tags, beat, now, choices=choices)
    for done, story in enumerate(out.stories, start=1):
        out.summaries[story.story] = summing.summarise(story.members, beat)
        told("summarise", done)
    return out


def _quiet(_: str, __: int) -> None:
    """Nobody watches."""


def _where(thing: Page | Article) -> str:
    return thing.url or ""


def roles(out: Run) -> Mapping[str, Member]:
    """Each article's part in its story, by its key; articles off the beat have none."""
    return {member.article.key: member for member in out.members}
