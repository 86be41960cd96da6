"""What an item says against the article it was made from, and against the desk's tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rapidfuzz import fuzz, process

from broadsheet.issues.checking.model import Finding, Where
from broadsheet.issues.checking.told import telling
from broadsheet.issues.models import Pick
from broadsheet.news.models import Article as ArticleRow
from broadsheet.wire import dates, model, text
from broadsheet.wire import facts as claims
from broadsheet.wire.beat import Beat
from broadsheet.wire.facts import numbers, times
from broadsheet.wire.wording import Severity


def tiers(
    given: str, where: Where, beat: Beat, table: Mapping[tuple[str, int], str], day: Any
) -> Iterator[Finding]:
    """Claims on a country's tier that the desk's table does not bear out."""
    if "ier" not in (given or "") and "atch" not in (given or ""):
        return
    when = model.when_from(day, str(where.label)) if day else None
    for fact in claims.facts(model.Article("", given, published=when), beat):
        if fact.kind != "ranking":
            continue
        value = fact.value
        country, year, tier = value.get("country"), value.get("edition"), value.get("tier")
        if not (country and year and tier):
            continue
        known = table.get((str(country), int(str(year))))
        start, end = fact.start, fact.end
        if known is None:
            yield Finding(
                "tier-unknown",
                Severity.HINT,
                where,
                telling(
                    "The table has no tier for %(country)s in %(year)s: the claim could not be checked.",
                    country=country,
                    year=year,
                ),
                (telling("look it up in the report itself"),),
                given[start:end],
                start,
                end,
                kind="facts",
            )
        elif known != tier:
            yield Finding(
                "tier-wrong",
                Severity.ERROR,
                where,
                telling(
                    "The table has %(known)s for %(country)s in %(year)s, the text says %(said)s.",
                    known=_tier(known),
                    country=country,
                    year=year,
                    said=_tier(str(tier)),
                ),
                (_tier(known), telling("correct the table, if it is wrong")),
                given[start:end],
                start,
                end,
                kind="facts",
            )


def _tier(name: str) -> str:
    named = {"2WL": telling("the Tier 2 Watch List"), "SC": telling("Special Case")}
    return named.get(name) or telling("Tier %(n)s", n=name)


_NUMBER_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|"
    "seventeen|eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    "(?:-(?:one|two|three|four|five|six|seven|eight|nine))?"
)
_NUMBER = re.compile(
    rf"(?<![\w.,-])(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?(?![\w]|[.,]\d)"
    rf"(?:\s(?:thousand|million|billion)\b)?|\b(?:{_NUMBER_WORDS})\b",
    re.IGNORECASE,
)
_LINK_TARGET = re.compile(r"\]\([^)\s]*\)|https?://\S+")
# A name: words in capitals that do not begin a sentence.
_NAME = re.compile(r"(?<=[\w,;)] )[A-Z][\w'-]*[a-z][\w'-]*(?: [A-Z][\w'-]*)*")


def _amounts(words: str) -> Iterator[tuple[float, re.Match[str]]]:
    for match in _NUMBER.finditer(words):
        value = numbers.value(match.group().lower())
        if value is not None:
            yield value, match


def against(pick: Pick, place: Where, articles: Sequence[ArticleRow]) -> Iterator[Finding]:
    """Numbers, names, date and outlet of an item that do not stand in its articles."""
    if not articles:
        return
    yield from _dated(pick, place, articles)
    names = {a.source.name for a in articles if a.source}
    if pick.source and names and pick.source not in names:
        yield Finding(
            "source-not-of-story", Severity.HINT, replace(place, field="source"),
            telling("The story's articles come from other outlets."), tuple(sorted(names)[:3]), pick.source,
            kind="facts",
        )  # fmt: skip
    if not any(a.text for a in articles) or not pick.summary:
        return
    printed = [text.normal(f"{a.headline}\n{a.description}\n{a.text}").text for a in articles]
    printed += [text.normal(name).text for name in names]
    said = text.normal(pick.summary)
    hidden = tuple(m.span() for m in _LINK_TARGET.finditer(said.text))
    told = _Told(pick, place, articles, said, hidden, printed)
    yield from _numbers_of(told)
    yield from _dates_of(told)
    yield from _names_of(told)


@dataclass(frozen=True, slots=True)
class _Told:
    """A summary beside its articles.

    said     the summary, normalised; `hidden` are the addresses in it, which no reader sees
    printed  the texts of the articles and the names of their outlets, normalised
    """

    pick: Pick
    place: Where
    articles: Sequence[ArticleRow]
    said: text.Normal
    hidden: tuple[tuple[int, int], ...]
    printed: Sequence[str]

    def shown(self, at: int) -> bool:
        return not any(a <= at < b for a, b in self.hidden)

    def missing(
        self, rule: str, severity: Severity, words: str, at: tuple[int, int], *use: str
    ) -> Finding:
        """That words of the summary, which begin and end `at`, stand in no article."""
        start, end = self.said.span(*at)
        return Finding(
            rule,
            severity,
            self.place,
            telling(
                "%(words)s does not stand in the %(where)s.",
                words=words,
                where=_articles_in_words(self.articles),
            ),
            (telling("compare it with the article"), *use),
            self.pick.summary[start:end],
            start,
            end,
            kind="facts",
        )


def _numbers_of(told: _Told) -> Iterator[Finding]:
    """Numbers that no article has; those of a date are said of the date as a whole."""
    known = {value for words in told.printed for value, _ in _amounts(words)}
    days = _day_spans(told.said.text)
    for value, match in _amounts(told.said.text):
        of_a_day = any(a <= match.start() < b for a, b in days)
        if value not in known and told.shown(match.start()) and not of_a_day:
            yield told.missing(
                "number-not-in-article",
                Severity.WARN,
                match.group(),
                match.span(),
                telling("name the source that has it"),
            )


def _names_of(told: _Told) -> Iterator[Finding]:
    """Names of which a word stands in no article."""
    everything = " ".join(told.printed).casefold()
    for match in _NAME.finditer(told.said.text):
        missing = [w for w in match.group().split() if _bare(w) not in everything]
        if missing and told.shown(match.start()):
            yield told.missing(
                "name-not-in-article", Severity.HINT, " ".join(missing), match.span()
            )


def _bare(word: str) -> str:
    return word.removesuffix("'s").strip("'-").casefold()


def _articles_in_words(articles: Sequence[ArticleRow]) -> str:
    kept = sum(bool(a.text) for a in articles)
    return telling("article") if kept == 1 else telling("story's %(n)s articles", n=kept)


def _dated(pick: Pick, place: Where, articles: Sequence[ArticleRow]) -> Iterator[Finding]:
    if not pick.date:
        yield Finding(
            "date-missing",
            Severity.HINT,
            replace(place, field="date"),
            telling("The item has no date."),
            (telling("give the day, or as much of it as is known"),),
            kind="facts",
        )
        return
    ours = model.when_from(pick.date, str(place.label))
    theirs = [model.when_from(a.published, str(a)) for a in articles if a.published]
    if ours is None or not theirs or any(t and _same_day(ours, t) for t in theirs):
        return
    first = theirs[0]
    yield Finding(
        "date-not-of-article", Severity.WARN, replace(place, field="date"),
        telling("The article is dated %(day)s.", day=first.value[:10] if first else '?'),
        (telling("compare it with the article"),), ours.value,
    )  # fmt: skip


def _same_day(one: dates.When, other: dates.When) -> bool:
    """Whether two dates agree as far as the less exact one goes."""
    length = min(len(one.value[:10]), len(other.value[:10]))
    return one.value[:length] == other.value[:length]


def _days(words: str, published: date | None, month: str) -> list[times.Stated]:
    return [
        one
        for one in times.find(words, published, month)
        if one.precision in ("day", "month") and one.basis == "stated" and one.first
    ]


def _day_spans(words: str) -> list[tuple[int, int]]:
    return [(one.start, one.end) for one in _days(words, date(2000, 1, 1), "")]


def _dates_of(told: _Told) -> Iterator[Finding]:
    """Days and months that neither the articles nor their dates bear out."""
    dated = [model.when_from(a.published, str(a)) for a in told.articles if a.published]
    first = dated[0].value[:10] if dated and dated[0] else ""
    published = date.fromisoformat(first) if len(first) == 10 else None
    wanted = _days(told.said.text, published, first[:7])
    if not wanted:
        return
    known = {
        (s.first, s.last) for words in told.printed for s in times.find(words, published, first[:7])
    }
    known |= {(d, d) for d in _own_days(dated)}
    for one in wanted:
        borne = any(
            a and b and one.first and one.last and a <= one.last and one.first <= b
            for a, b in known
        )
        if not borne and told.shown(one.start):
            words = told.said.text[one.start : one.end]
            yield told.missing("date-not-in-article", Severity.WARN, words, (one.start, one.end))


def _own_days(dated: Sequence[dates.When | None]) -> Iterator[date]:
    for when in dated:
        if when and len(when.value) >= 10:
            yield date.fromisoformat(when.value[:10])


# --- the source list ----------------------------------------------------------------------------

ALIKE = 85.0  # rapidfuzz's ratio, 0 to 100: "South China Morning Pst" has 98


def listed(pick: Pick, place: Where, outlets: Sequence[str]) -> Iterator[Finding]:
    """An outlet that is named otherwise than in the source list, as readers know it."""
    name = pick.source.strip()
    if pick.kind != Pick.Kind.ARTICLE or not name or name in outlets:
        return
    near = process.extractOne(
        name, outlets, scorer=fuzz.ratio, processor=str.casefold, score_cutoff=ALIKE
    )
    if near is not None:
        yield Finding(
            "source-named-otherwise", Severity.WARN, replace(place, field="source"),
            telling("The source list has “%(name)s”.", name=near[0]), (near[0],), name, kind="facts",
        )  # fmt: skip
    elif outlets and not pick.story_id:
        yield Finding(
            "source-not-listed", Severity.HINT, replace(place, field="source"),
            telling("The source list has no outlet of that name."),
            (telling("look whether the name is right"), telling("add the source")), name, kind="facts",
        )  # fmt: skip
