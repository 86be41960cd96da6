"""Checking an issue before it is published: what a machine can see, and what it cannot.

Nothing is changed and nothing is called safe. A report says what was found, where, why and how to mend
it; what was looked at; and what nobody but a person can look at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from broadsheet.issues import compose, history, house, queries
from broadsheet.issues.checking import balance, facts, links, mail, people, pictures, texts
from broadsheet.issues.checking.model import ORDER, Finding, Report, Where
from broadsheet.issues.checking.told import telling
from broadsheet.issues.models import Issue, Pick, Reached, Section
from broadsheet.library.models import Tier
from broadsheet.news.models import Article as ArticleRow
from broadsheet.news.models import Source
from broadsheet.wire import urls, wording
from broadsheet.wire.beat import Beat

__all__ = ["CHECKED", "KINDS", "UNCHECKED", "Finding", "Report", "Where", "check"]

KINDS = ("wording", "slips", "people", "facts", "links", "pictures", "mail", "balance")

CHECKED = (
    telling("wording, by the beat's rules"),
    telling("footnotes of changed names"),
    telling("slips of typing: lost and doubled blanks, words run together"),
    telling("details that may give a person or a shelter away, alone and together, by pattern"),
    telling("details of cases that a court has not decided"),
    telling("numbers, dates and names of summaries against the text of their articles"),
    telling(
        "dates and outlets of items against their articles, and outlets against the source list"
    ),
    telling("tiers of the TIP Report against the table"),
    telling("addresses of links: form and trackers, and whether an earlier issue had them"),
    telling("pictures: description, credit, permission"),
    telling(
        "the mail: subject, preview line, size, pictures' descriptions, contrast, headings, plain text"
    ),
    telling(
        "balance: forms, regions, kinds of event, items that rest on the police alone, repeats"
    ),
)
UNCHECKED = (
    telling("whether a detail that no rule knows points to one person"),
    telling("who can be recognised in a picture"),
    telling("whether what an article says is true"),
)


def check(issue: Issue, beat: Beat, today: date) -> Report:
    """Look at every text, link, picture and claim of an issue.

    `today` decides which permissions have run out. Ten queries, however many items there are. Findings
    stand in the order of the issue, the most severe first within an item.
    """
    whole = queries.issue(issue.pk)
    if whole is None:
        raise Issue.DoesNotExist(f"There is no issue {issue.pk}.")
    items = [pick for section in whole.sections.all() for pick in section.picks.all()]
    known = _Known(
        beat=beat,
        language=whole.newsletter.language,
        today=today,
        articles=_articles(items),
        tiers={(t.iso3, t.year): t.tier for t in Tier.objects.all()},
        earlier=links.earlier(whole),
        reached=links.reached(items),
        outlets=tuple(Source.objects.values_list("name", flat=True)),
    )
    found: list[Finding] = [*texts.front(whole, beat, known.language)]
    unchecked: list[str] = []
    for section in whole.sections.all():
        found += _of_section(section, known)
        for pick in section.picks.all():
            of_item = (_with_text(one, pick) for one in _of_item(pick, section, known))
            found += sorted(of_item, key=lambda f: -ORDER[f.severity])
            if pick.story_id and not any(a.text for a in known.of(pick)):
                unchecked.append(
                    telling("“%(item)s” against its article, whose text is not kept", item=pick)
                )
    try:
        edition = compose.preview(whole)
    except compose.ComposeError as error:
        unchecked.append(
            telling("the prints, since the issue cannot be printed: %(why)s", why=error)
        )
    else:
        found += mail.mail(edition, today, house.of(whole.newsletter))
    found += balance.balance(items, known.articles, beat)
    unchecked += _never_tried(items, known.reached)
    return _report(found, unchecked, known)


@dataclass(frozen=True, slots=True)
class _Known:
    """What an issue is held against."""

    beat: Beat
    language: str
    today: date
    articles: dict[int, tuple[ArticleRow, ...]]
    tiers: Mapping[tuple[str, int], str]
    earlier: Mapping[str, str]
    reached: dict[str, Reached]
    outlets: tuple[str, ...]

    def of(self, pick: Pick) -> tuple[ArticleRow, ...]:
        """The articles of an item's story."""
        return self.articles.get(pick.story_id or 0, ())


def _of_section(section: Section, known: _Known) -> Iterator[Finding]:
    at = Where("heading", section=section.pk, label=str(section))
    for name in ("heading", "intro"):
        place = replace(at, field=name, text=getattr(section, name))
        yield from texts.worded(getattr(section, name), place, known.beat, known.language)
    place = replace(at, field="intro", text=section.intro)
    yield from facts.tiers(section.intro, place, known.beat, known.tiers, None)


def _of_item(pick: Pick, section: Section, known: _Known) -> Iterator[Finding]:
    beat, language, tiers, mine = known.beat, known.language, known.tiers, known.of(pick)
    place = Where("summary", pick.uid, section.pk, label=str(pick))
    yield from texts.item(pick, place, beat, language)
    yield from people.item(pick, place, beat, language)
    yield from links.links(pick, place, mine, known.earlier)
    yield from links.reaching(pick, place, mine, known.reached)
    yield from pictures.pictures(pick, place, known.today, beat)
    yield from facts.tiers(pick.summary, place, beat, tiers, pick.date)
    yield from facts.tiers(pick.note, replace(place, field="note"), beat, tiers, pick.date)
    yield from facts.against(pick, place, mine)
    yield from facts.listed(pick, place, known.outlets)


def _report(found: list[Finding], unchecked: list[str], known: _Known) -> Report:
    """The findings with what was looked at for them, and what was not."""
    checked: tuple[str, ...] = CHECKED
    if known.reached:
        checked = (*checked, telling("whether links can be reached, when they were last tried"))
    if not wording.covers(known.language, known.beat):
        unruled = telling(
            "wording and people: there are no rules for the language %(language)s",
            language=known.language,
        )
        unchecked = [unruled, *unchecked]
        ruled = ("wording", "footnotes", "slips", "details")
        checked = tuple(one for one in checked if not one.startswith(ruled))
    return Report(tuple(found), checked, (*UNCHECKED, *unchecked))


def _with_text(one: Finding, pick: Pick) -> Finding:
    where = one.where
    if where.text or not hasattr(pick, where.field):
        return one
    return replace(one, where=replace(where, text=history.said(getattr(pick, where.field))))


def _articles(items: list[Pick]) -> dict[int, tuple[ArticleRow, ...]]:
    stories = [p.story_id for p in items if p.story_id]
    made: dict[int, list[ArticleRow]] = {}
    rows = ArticleRow.objects.filter(story__in=stories).select_related("source", "snapshot")
    for row in rows.order_by("pk"):
        made.setdefault(row.story_id or 0, []).append(row)
    lead = ArticleRow.Role.LEAD
    return {s: tuple(sorted(given, key=lambda a: a.role != lead)) for s, given in made.items()}


def _never_tried(items: list[Pick], reached: dict[str, Reached]) -> list[str]:
    """What to say of links that nobody has tried yet."""
    addresses = {url for pick in items for url in links.addresses(pick)}
    waiting = [url for url in addresses if url not in reached]
    if not waiting:
        return []
    if len(waiting) == len(addresses):
        return [telling("whether links can be reached")]
    hosts = ", ".join(sorted({urls.host(url) for url in waiting})[:5])
    return [
        telling(
            "whether %(n)s of %(of)s links can be reached (%(hosts)s)",
            n=len(waiting),
            of=len(addresses),
            hosts=hosts,
        )
    ]
