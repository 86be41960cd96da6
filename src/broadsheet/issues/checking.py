"""Checking an issue before it is published: what a machine can see, and what it cannot.

Nothing is changed and nothing is called safe. A report says what was found, where, why and how to mend
it; what was looked at; and what nobody but a person can look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from broadsheet.issues import queries
from broadsheet.issues.models import Issue, Pick
from broadsheet.library.models import Tier
from broadsheet.news.models import Article as ArticleRow
from broadsheet.wire import dates, model, text, urls, wording
from broadsheet.wire import facts as claims
from broadsheet.wire.beat import Beat
from broadsheet.wire.facts import numbers
from broadsheet.wire.wording import Severity

SUBJECT_LENGTH = 60  # characters that a phone's list of mails shows of a subject, about
ALT_LENGTH = 125  # language.yaml, image_ethics.alt_text


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a finding.

    pick, section   the uid and the key of the item and the section; empty and None for the issue itself
    field    its field: "summary", "subject", "links", "images" ...
    number   which of several footnotes, links or pictures, from 0
    label    how a person would name the place: the item's heading, or "the issue"
    """

    field: str
    pick: str = ""
    section: int | None = None
    number: int | None = None
    label: str = "the issue"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `start` and `end` are code points of the field, None where it is about all of it.

    rule    the id of a rule of the beat, or a word of ours: "link-tracker", "number-not-in-article"
    use     what would mend it, one way in each; never done by the machine
    """

    rule: str
    severity: Severity
    where: Where
    why: str
    use: tuple[str, ...] = ()
    matched: str = ""
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What the checks found. That nothing was found says that no check spoke, no more.

    checked, unchecked   in words, what was looked at and what was not
    """

    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]

    def count(self, severity: Severity) -> int:
        return sum(one.severity is severity for one in self.findings)

    @property
    def blocks(self) -> bool:
        """Whether an error stands that must be mended, or overruled with a reason."""
        return self.count(Severity.ERROR) > 0

    def of(self, pick: Pick) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.where.pick == pick.uid)

    def __str__(self) -> str:
        errors, warnings, hints = (self.count(s) for s in reversed(Severity))
        found = f"{errors} to mend, {warnings} to look at, {hints} hints"
        return f"{found}. These checks do not see everything: a person reads the issue and decides."


CHECKED = (
    "wording, by the beat's rules",
    "footnotes of changed names",
    "details that may give a person or a shelter away, by pattern",
    "numbers and names of summaries against the text of their articles",
    "dates and outlets of items against their articles",
    "tiers of the TIP Report against the table",
    "addresses of links: form and trackers, and whether an earlier issue had them",
    "pictures: description, credit, permission",
    "subject and preview line",
)
UNCHECKED = (
    "whether a detail that no rule knows points to one person",
    "who can be recognised in a picture",
    "whether links can be reached",
    "whether what an article says is true",
)


def check(issue: Issue, beat: Beat, today: date) -> Report:
    """Look at every text, link, picture and claim of an issue.

    `today` decides which permissions have run out. Six queries, however many items there are. Findings
    stand in the order of the issue, the most severe first within an item.
    """
    whole = queries.issue(issue.pk)
    if whole is None:
        raise Issue.DoesNotExist(f"There is no issue {issue.pk}.")
    language = whole.newsletter.language
    articles = _articles(whole)
    tiers = {(t.iso3, t.year): t.tier for t in Tier.objects.all()}
    earlier = _earlier(whole)
    found: list[Finding] = [*_front(whole, beat, language)]
    unchecked: list[str] = []
    for section in whole.sections.all():
        at = Where("heading", section=section.pk, label=str(section))
        for name in ("heading", "intro"):
            found += _worded(getattr(section, name), replace(at, field=name), beat, language)
        found += _tiers(section.intro, replace(at, field="intro"), beat, tiers, None)
        for pick in section.picks.all():
            place = Where("summary", pick.uid, section.pk, label=str(pick))
            mine = articles.get(pick.story_id or 0, ())
            of_item = [
                *_item(pick, place, beat, language),
                *_links(pick, place, mine, earlier),
                *_pictures(pick, place, today),
                *_tiers(pick.summary, place, beat, tiers, pick.date),
                *_tiers(pick.note, replace(place, field="note"), beat, tiers, pick.date),
                *_against(pick, place, mine),
            ]
            found += sorted(of_item, key=lambda f: -_ORDER[f.severity])
            if pick.story_id and not any(a.text for a in mine):
                unchecked.append(f"“{pick}” against its article, whose text is not kept")
    checked: tuple[str, ...] = CHECKED
    if not wording.covers(language, beat):
        unchecked.insert(0, f"wording: there are no rules for the language {language}")
        checked = CHECKED[2:]
    return Report(tuple(found), checked, (*UNCHECKED, *unchecked))


_ORDER = {severity: at for at, severity in enumerate(Severity)}


def _articles(issue: Issue) -> dict[int, tuple[ArticleRow, ...]]:
    stories = [p.story_id for s in issue.sections.all() for p in s.picks.all() if p.story_id]
    made: dict[int, list[ArticleRow]] = {}
    rows = ArticleRow.objects.filter(story__in=stories).select_related("source")
    for row in rows.order_by("pk"):
        made.setdefault(row.story_id or 0, []).append(row)
    lead = ArticleRow.Role.LEAD
    return {s: tuple(sorted(given, key=lambda a: a.role != lead)) for s, given in made.items()}


def _earlier(issue: Issue) -> dict[str, str]:
    """The addresses that other issues' published items link to, with the titles of those issues."""
    others = (
        Pick.objects.filter(issue__state=Issue.State.PUBLISHED)
        .exclude(issue=issue)
        .exclude(kind=Pick.Kind.RESOURCE)
        .values_list("links", "issue__title")
        .order_by("issue__month")
    )
    return {
        urls.key(link["url"]): title for links, title in others for link in links if link.get("url")
    }


# --- wording ------------------------------------------------------------------------------------


def _worded(
    given: str, where: Where, beat: Beat, language: str, field: str = "", beside: str = ""
) -> Iterator[Finding]:
    for one in wording.check(
        given or "", beat, field=field or where.field, language=language, beside=beside
    ):
        why = f"{one.why} ({one.because})" if one.because else one.why
        yield Finding(one.rule, one.severity, where, why, one.use, one.matched, one.start, one.end)


def _front(issue: Issue, beat: Beat, language: str) -> Iterator[Finding]:
    for name in ("title", "subject", "preview"):
        yield from _worded(getattr(issue, name), Where(name), beat, language)
    if len(issue.subject) > SUBJECT_LENGTH:
        yield Finding(
            "subject-long", Severity.HINT, Where("subject"),
            f"{len(issue.subject)} characters: many phones show about {SUBJECT_LENGTH}.",
            ("put what matters first",),
        )  # fmt: skip
    if not issue.preview:
        yield Finding(
            "preview-missing", Severity.HINT, Where("preview"),
            "Mail programs show the first words of the issue beside the subject instead.",
            ("write one line on what is in the issue",),
        )  # fmt: skip


def _item(pick: Pick, place: Where, beat: Beat, language: str) -> Iterator[Finding]:
    # What an outlet or a publisher printed is quoted; a heading of our own items is our own text.
    quoted = pick.kind in (Pick.Kind.ARTICLE, Pick.Kind.RESOURCE)
    written = [pick.our_heading, pick.summary, pick.note, *pick.footnotes]
    beside = "\n".join(w for w in written if w)
    yield from _worded(
        pick.headline,
        replace(place, field="headline"),
        beat,
        language,
        "headline" if quoted else "our_heading",
        beside,
    )
    for name in ("our_heading", "summary", "note", "content_note"):
        where = replace(place, field=name)
        yield from _worded(getattr(pick, name), where, beat, language, beside=beside)
    texts: list[tuple[str, Iterable[Any]]] = [
        ("footnotes", pick.footnotes),
        ("links", (link.get("text") for link in pick.links)),
        ("images", (i.get("caption") for i in pick.images)),
        ("images", (i.get("alt") for i in pick.images)),
    ]
    for name, given in texts:
        for number, words in enumerate(given):
            where = replace(place, field=name, number=number)
            yield from _worded(words or "", where, beat, language, "caption", beside)


# --- links and pictures -------------------------------------------------------------------------


def _links(
    pick: Pick, place: Where, articles: Sequence[ArticleRow], earlier: Mapping[str, str]
) -> Iterator[Finding]:
    addresses = [link.get("url") for link in pick.links]
    where = replace(place, field="links")
    outside = pick.kind in (Pick.Kind.ARTICLE, Pick.Kind.RESOURCE)
    if outside and not any(addresses):
        yield Finding(
            "link-missing", Severity.WARN, where, "The reader cannot get to the source.",
            ("add the address of the article or page",),
        )  # fmt: skip
    paid = {urls.key(a.url) for a in articles if a.url and a.paywalled}
    free = [a for a in articles if a.url and not a.paywalled]
    for number, url in enumerate(addresses):
        if not url:
            continue
        at = replace(where, number=number)
        if not re.match(r"(?:https?://|mailto:)\S+$", url):
            yield Finding(
                "link-form", Severity.ERROR, at, "This is no address that a reader can follow.",
                ("write it with https:// in front",), url,
            )  # fmt: skip
            continue
        named = urls.trackers(url)
        if named:
            yield Finding(
                "link-tracker", Severity.WARN, at,
                f"The address tells others who came from where: {', '.join(named)}.",
                (urls.canonical(url),), url,
            )  # fmt: skip
        key = urls.key(url)
        if key in earlier and pick.kind == Pick.Kind.ARTICLE:
            yield Finding(
                "link-repeated", Severity.WARN, at, f"{earlier[key]} had this link already.",
                ("say what is new; leave the item out",), url,
            )  # fmt: skip
        if key in paid and free:
            yield Finding(
                "link-paywalled", Severity.HINT, at,
                "Most readers cannot open this page, and the story has one that they can.",
                tuple(a.url for a in free[:3]), url,
            )  # fmt: skip


def _pictures(pick: Pick, place: Where, today: date) -> Iterator[Finding]:
    for number, image in enumerate(pick.images):
        where = replace(place, field="images", number=number)
        permission = image.get("permission") or {}
        until = permission.get("until")
        if not permission:
            yield Finding(
                "picture-not-permitted", Severity.WARN, where,
                "A credit is no permission: only the link and the credit will be printed.",
                ("record on what the permission rests; take the picture out",),
            )  # fmt: skip
        elif until and str(until) < today.isoformat():
            yield Finding(
                "picture-permission-ended", Severity.ERROR, where,
                f"The permission ended on {until}.",
                ("ask again and record it; take the picture out",),
            )  # fmt: skip
        # What is not printed needs no description; who sees no picture needs it most.
        printed = Severity.ERROR if permission else Severity.WARN
        if not (image.get("alt") or "").strip():
            yield Finding(
                "picture-without-alt", printed, where,
                "Who cannot see the picture learns nothing of it.",
                (f"say in at most {ALT_LENGTH} characters what it shows",),
            )  # fmt: skip
        elif len(image["alt"]) > ALT_LENGTH:
            yield Finding(
                "picture-alt-long", Severity.HINT, where,
                f"The description has {len(image['alt'])} characters, the house limit is {ALT_LENGTH}.",
            )  # fmt: skip
        if permission and not (image.get("credit") or "").strip():
            yield Finding(
                "picture-without-credit", Severity.ERROR, where, "Nobody is named as its maker.",
                ("name who made it and who owns it",),
            )  # fmt: skip


# --- facts --------------------------------------------------------------------------------------


def _tiers(
    given: str, where: Where, beat: Beat, tiers: Mapping[tuple[str, int], str], day: Any
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
        known = tiers.get((str(country), int(str(year))))
        start, end = fact.start, fact.end
        if known is None:
            yield Finding(
                "tier-unknown", Severity.HINT, where,
                f"The table has no tier for {country} in {year}: the claim could not be checked.",
                ("look it up in the report itself",), given[start:end], start, end,
            )  # fmt: skip
        elif known != tier:
            yield Finding(
                "tier-wrong", Severity.ERROR, where,
                f"The table has {_tier(known)} for {country} in {year}, the text says {_tier(str(tier))}.",
                (f"{_tier(known)}", "correct the table, if it is wrong"), given[start:end], start, end,
            )  # fmt: skip


def _tier(name: str) -> str:
    return {"2WL": "the Tier 2 Watch List", "SC": "Special Case"}.get(name, f"Tier {name}")


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


def _against(pick: Pick, place: Where, articles: Sequence[ArticleRow]) -> Iterator[Finding]:
    """Numbers, names, date and outlet of an item that do not stand in its articles."""
    if not articles:
        return
    yield from _dated(pick, place, articles)
    names = {a.source.name for a in articles if a.source}
    if pick.source and names and pick.source not in names:
        yield Finding(
            "source-not-of-story", Severity.HINT, replace(place, field="source"),
            "The story's articles come from other outlets.", tuple(sorted(names)[:3]), pick.source,
        )  # fmt: skip
    if not any(a.text for a in articles) or not pick.summary:
        return
    printed = [text.normal(f"{a.headline}\n{a.description}\n{a.text}").text for a in articles]
    printed += [text.normal(name).text for name in names]
    known = {value for words in printed for value, _ in _amounts(words)}
    said = text.normal(pick.summary)
    hidden = [m.span() for m in _LINK_TARGET.finditer(said.text)]
    for value, match in _amounts(said.text):
        if value in known or any(a <= match.start() < b for a, b in hidden):
            continue
        start, end = said.span(*match.span())
        yield Finding(
            "number-not-in-article", Severity.WARN, place,
            f"{match.group()} does not stand in the {_articles_in_words(articles)}.",
            ("compare it with the article", "name the source that has it"),
            pick.summary[start:end], start, end,
        )  # fmt: skip
    everything = " ".join(printed).casefold()
    for match in _NAME.finditer(said.text):
        if any(a <= match.start() < b for a, b in hidden):
            continue
        missing = [w for w in match.group().split() if _bare(w) not in everything]
        if missing:
            start, end = said.span(*match.span())
            yield Finding(
                "name-not-in-article", Severity.HINT, place,
                f"{' '.join(missing)} does not stand in the {_articles_in_words(articles)}.",
                ("compare it with the article",), pick.summary[start:end], start, end,
            )  # fmt: skip


def _bare(word: str) -> str:
    return word.removesuffix("'s").strip("'-").casefold()


def _articles_in_words(articles: Sequence[ArticleRow]) -> str:
    kept = sum(bool(a.text) for a in articles)
    return "article" if kept == 1 else f"story's {kept} articles"


def _dated(pick: Pick, place: Where, articles: Sequence[ArticleRow]) -> Iterator[Finding]:
    if not pick.date:
        yield Finding(
            "date-missing", Severity.HINT, replace(place, field="date"),
            "The item has no date.", ("give the day, or as much of it as is known",),
        )  # fmt: skip
        return
    ours = model.when_from(pick.date, str(place.label))
    theirs = [model.when_from(a.published, str(a)) for a in articles if a.published]
    if ours is None or not theirs or any(t and _same_day(ours, t) for t in theirs):
        return
    first = theirs[0]
    yield Finding(
        "date-not-of-article", Severity.WARN, replace(place, field="date"),
        f"The article is dated {first.value[:10] if first else '?'}.",
        ("compare it with the article",), ours.value,
    )  # fmt: skip


def _same_day(one: dates.When, other: dates.When) -> bool:
    """Whether two dates agree as far as the less exact one goes."""
    length = min(len(one.value[:10]), len(other.value[:10]))
    return one.value[:length] == other.value[:length]
