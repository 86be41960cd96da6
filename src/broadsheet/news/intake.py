"""Taking in what the wire has read and judged. Only this module knows both the value and the row.

Taking the same things in twice changes nothing; an article that its outlet has changed becomes a
revision, and what it said before is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.db import connections, router, transaction
from django.db.models import Q

from broadsheet import adviser
from broadsheet.news import finding
from broadsheet.news.models import (
    BY_HAND,
    Article,
    Failure,
    Feed,
    Leading,
    Revision,
    Source,
    Story,
    Tie,
)
from broadsheet.wire import dates, group, judge, rank, summarise, tag
from broadsheet.wire import model as wire
from broadsheet.wire.beat import Beat, BeatSource
from broadsheet.wire.errors import WireError
from broadsheet.wire.model import Band, Member, Tags, Verdict, row

_log = logging.getLogger(__name__)
BATCH = 500
TRIES = 5  # at grouping a month that others group too
# Of PostgreSQL's advisory locks those of this desk's months: any number of our own.
LOCK = 0x62736874
# What an editor is shown of an article and grouping does not ask for: with its story's, some 40 KB of each.
_SHOWN = ("evidence", "notes", "near_miss", "story__summary", "story__factors", "story__recalls")
MEMORY = 6  # months back that a story is compared with: cases last long, but words drift


@dataclass(frozen=True, slots=True)
class Read:
    """An article that went down the line: what it says, what the judge and the tags say of it.

    `key` is that of a kept article which this one revises, where its address has changed.
    """

    article: wire.Article
    verdict: Verdict
    tags: Tags
    key: str = ""


@dataclass
class Taken:
    """What became of what came in."""

    new: int = 0
    known: int = 0
    revised: int = 0
    bands: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    months: set[str] = field(default_factory=set)  # whose stories must be grouped again


def judged(
    articles: Iterable[wire.Article | Read],
    beat: Beat,
    model: judge.Model | None = None,
    *,
    by_hand: bool = False,
) -> Iterator[Read]:
    """Judge and tag articles one by one. What is off the beat is not tagged: nobody reads the codes.

    What the same judge said in a scan (`scanning.kept`) comes as `Read` and is passed on.

    `model` is what the desk has learned (`lessons.model`), or None for the shipped one. What an
    editor brought `by_hand` is never filed off the beat: it waits in the unsure band at least.
    """
    second = second_opinion(beat)
    for article in articles:
        if isinstance(article, Read):
            yield article
            continue
        verdict = judge.judge(article, beat, model, second)
        if by_hand and verdict.band is Band.OFF_BEAT:
            verdict = replace(verdict, band=Band.UNSURE, notes=(*verdict.notes, BY_HAND))
        yield Read(
            article,
            verdict,
            Tags()
            if verdict.band is Band.OFF_BEAT
            else tag.tag(article, beat, on_beat=verdict.band is Band.RELEVANT),
        )


def second_opinion(beat: Beat) -> judge.Second | None:
    """The endpoint that the settings name. One that cannot be used is left out and logged: it must
    not stop the desk, and `broadsheet doctor` names the setting.
    """
    try:
        return adviser.of(beat)
    except WireError as error:
        _log.warning("No second opinion: %s", error)
        return None


# --- articles ------------------------------------------------------------------------------------


def take_in(read: Iterable[Read], now: datetime) -> Iterator[Taken]:
    """Keep articles, in batches; yields the running count after each batch.

    An article is known by its key; of two with one key in what comes in, the first is kept.
    """
    taken = Taken()
    sources = {s.name.casefold(): s for s in Source.objects.all()}
    for batch in _batches(read, BATCH):
        _take_batch(batch, now, taken, sources)
        yield taken


def _batches(read: Iterable[Read], size: int) -> Iterator[list[Read]]:
    # itertools.batched is of Python 3.12
    stream = iter(read)
    while batch := list(itertools.islice(stream, size)):
        yield batch


@transaction.atomic
def _take_batch(
    batch: Sequence[Read], now: datetime, taken: Taken, sources: dict[str, Source]
) -> None:
    by_key = {one.key or one.article.key: one for one in reversed(batch)}
    known = Article.objects.in_bulk(list(by_key), field_name="key")
    fresh: list[Article] = []
    revised: list[Article] = []
    for key, one in reversed(by_key.items()):
        there = known.get(key)
        if there is None:
            fresh.append(_row(one, now, _source(one.article, sources)))
            taken.new += 1
            taken.bands[one.verdict.band] += 1
            taken.months.add(fresh[-1].month)
        elif _revise(there, one, now):
            taken.revised += 1
            taken.months.add(there.month)
            revised.append(there)
        else:
            taken.known += 1
    taken.known += len(batch) - len(by_key)
    finding.put([*Article.objects.bulk_create(fresh), *revised])


def _source(article: wire.Article, sources: dict[str, Source]) -> Source | None:
    name = " ".join((article.source or "").split())[:200]
    if not name:
        return None
    found = sources.get(name.casefold())
    if found is None:
        found, _ = Source.objects.get_or_create(name=name)
        sources[name.casefold()] = found
    return found


def _row(one: Read, now: datetime, source: Source | None) -> Article:
    article = one.article
    made = Article(
        key=one.key or article.key,
        url=article.canonical_url or article.url or "",
        source=source,
        first_seen=now,
    )
    _say(made, one)
    zone = ZoneInfo(settings.TIME_ZONE)
    seen = now.astimezone(zone).strftime("%Y-%m")
    month = article.published.month(zone) if article.published else None
    # Without a date, with only a year, or with a date that has not come yet, an article is filed
    # by when it was first seen, and marked.
    made.dated = month is not None and month <= seen
    made.month = month if month is not None and month <= seen else seen
    made.sort_date = article.published.sort_key() if article.published and made.dated else ""
    return made


def _say(made: Article, one: Read) -> None:
    """Put on the row what the outlet says and what the stages say of it."""
    article = one.article
    made.headline, made.text = _clean(article.headline), _clean(article.text)
    made.description = _clean(article.description or "")
    made.published = row(article.published) if article.published else None
    made.updated = row(article.updated) if article.updated else None
    made.authors = list(article.authors)
    # A page may say anything of its language; BCP 47 (RFC 5646, 4.4.1) needs no more than 35 characters
    language = article.language or ""
    made.language = language if re.fullmatch(r"[A-Za-z0-9-]{1,35}", language) else ""
    made.image = row(article.image) if article.image else None
    made.paywalled = article.paywalled
    made.failures = list(article.failures)
    judged_again(made, one)


def judged_again(made: Article, one: Read) -> None:
    """Put on the row what judge and tags say."""
    verdict, tags = one.verdict, one.tags
    made.band, made.score = verdict.band, verdict.score
    made.near_miss = list(verdict.near_miss)
    made.notes = [*verdict.notes, *tags.notes]
    made.evidence = row((*verdict.evidence, *tags.evidence))
    made.codes = {axis: list(codes) for axis, codes in tags.codes.items()}
    made.places = row(tags.places)


def _clean(text: str) -> str:
    # PostgreSQL keeps no NUL, and lone surrogates are no text
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _revise(there: Article, one: Read, now: datetime) -> bool:
    """Keep a changed article as its next revision. What was read in full is not lost to a feed's excerpt."""
    headline, text = _clean(one.article.headline), _clean(one.article.text)
    shorter = there.text.startswith(text) or (len(text) < len(there.text) / 2)
    if headline == there.headline and (text == there.text or shorter):
        return False
    if there.text or there.headline != headline:
        Revision.objects.create(
            article=there, headline=there.headline, text=there.text, replaced=now
        )
    if shorter:
        there.headline = headline
        there.save(update_fields=["headline"])
        return True
    _say(there, one)
    there.save()
    return True


def value(kept: Article) -> wire.Article:
    """The row as the value that the stages work on."""
    return wire.Article(
        headline=kept.headline,
        text=kept.text,
        id=kept.key,
        url=kept.url or None,
        canonical_url=kept.url or None,
        description=kept.description or None,
        published=msgspec.convert(kept.published, dates.When) if kept.published else None,
        updated=msgspec.convert(kept.updated, dates.When) if kept.updated else None,
        authors=tuple(kept.authors),
        source=kept.source.name if kept.source else None,
        language=kept.language or None,
        image=msgspec.convert(kept.image, wire.Picture) if kept.image else None,
        paywalled=kept.paywalled,
        failures=tuple(kept.failures),
    )


# --- failures and sources ------------------------------------------------------------------------


def fail(failures: Iterable[wire.Failure], now: datetime) -> int:
    """Write down what fell off the line; the same page at the same stage is counted, not doubled."""
    count = 0
    for failure in failures:
        count += 1
        url_hash = hashlib.sha256(failure.url.encode("utf-8", "replace")).hexdigest()
        there, made = Failure.objects.get_or_create(
            url_hash=url_hash,
            stage=failure.stage,
            defaults={
                "url": _clean(failure.url),
                "reason": _clean(failure.reason),
                "first": now,
                "last": now,
            },
        )
        if not made and there.last < now:
            there.times += 1
            there.last, there.reason = now, _clean(failure.reason)
            there.save(update_fields=["times", "last", "reason"])
    return count


@transaction.atomic
def seed(sources: Iterable[BeatSource]) -> int:
    """Bring the beat's sources in, once: what is there already stays as the desk keeps it."""
    new = 0
    for given in sources:
        low, high = given.expected_per_week or (None, None)
        source, made = Source.objects.get_or_create(
            name=given.name,
            defaults={
                "home": given.url,
                "kind": given.kind,
                "region": given.region,
                "language": given.language,
                "zone": given.zone or "",
                "note": given.note,
                "enabled": given.enabled,
                "expected_low": low,
                "expected_high": high,
            },
        )
        new += made
        if made and given.type not in ("none", "page"):
            Feed.objects.get_or_create(
                url=given.url,
                defaults={"source": source, "type": given.type, "enabled": given.enabled},
            )
    return new


# --- stories -------------------------------------------------------------------------------------


@dataclass
class Regrouped:
    """What grouping a month again came to."""

    stories: int = 0
    new: int = 0
    gone: int = 0


class ChangedError(Exception):
    """The stories of a month were changed while they were worked out."""


def regroup(month: str, beat: Beat) -> Regrouped:
    """Group, rank and summarise a month's articles that are not off the beat.

    Stories keep their keys: a new article joins one or founds one. A story that stands in an issue
    does not change at all, and what an editor merged or split stays so. A month that has no stories
    yet is grouped as a whole. Newness is measured at the month's end, so that doing it again on
    another day changes nothing.

    Several may do it at once, a worker and an editor's click: who is second begins anew with what the
    first made. Raises ChangedError where that does not end.
    """
    for _ in range(TRIES):
        with contextlib.suppress(ChangedError):
            return _regrouped(month, beat)
    raise ChangedError(
        f"The stories of {month} were changed again and again while they were grouped."
    )


def _regrouped(month: str, beat: Beat) -> Regrouped:
    rows = {
        a.key: a
        for a in Article.objects.filter(month=month)
        .exclude(band=Band.OFF_BEAT, story=None)
        .select_related("source", "story")
        .defer(*_SHOWN)
    }
    stood = {a.pk: a.story_id for a in rows.values()}
    values = {key: value(a) for key, a in rows.items()}
    pinned = set(
        Story.objects.filter(articles__month=month, picks__isnull=False).values_list(
            "pk", flat=True
        )
    )
    ties = [
        (kind, values[one].key, values[other].key)
        for kind, one, other in Tie.objects.values_list("kind", "one", "other")
        if one in values and other in values
    ]
    together = [(one, other) for kind, one, other in ties if kind == Tie.Kind.TOGETHER]
    apart = [(one, other) for kind, one, other in ties if kind == Tie.Kind.APART]
    new = [values[key] for key, a in rows.items() if a.story is None]
    rules = lead_rules(beat)
    common = group.beat_words(beat)
    if len(new) == len(rows):
        members = group.group(new, rules, together=together, apart=apart, common=common)
    else:
        known = [
            group.Known(values[key], a.story.key, a.story_id in pinned, _original(a, values))
            for key, a in rows.items()
            if a.story is not None
        ]
        members = group.update(
            known, new, together=together, apart=apart, rules=rules, common=common
        )
    # The wire knows an article by its value's key; the row is found again by the id, which is its own.
    verdicts = {values[key].key: Verdict(Band(a.band), a.score) for key, a in rows.items()}
    tags = {
        values[key].key: Tags(
            {axis: tuple(codes) for axis, codes in a.codes.items()},
            msgspec.convert(a.places, tuple[wire.Place, ...]),
        )
        for key, a in rows.items()
    }
    return _keep(month, members, rows, stood, verdicts, tags, beat)


def lead_rules(beat: Beat) -> group.LeadRules:
    """Which article of a story is shown and linked, as this desk wants it.

    The outlets that the desk prefers, in its order; then, unless the desk has chosen otherwise,
    originals before copies, what is free before what is paywalled, and the outlets of the home place
    before others.
    """
    preferred = Source.objects.exclude(preference=None).order_by("preference", "name")
    near = Source.objects.filter(region__iexact=beat.home.name)
    chosen = Leading.objects.first() or Leading()
    return group.LeadRules(
        outlets=tuple(preferred.values_list("name", flat=True)),
        original_first=chosen.original_first,
        free_first=chosen.free_first,
        near=tuple(near.values_list("name", flat=True)) if chosen.near_first else (),
    )


def _original(article: Article, values: Mapping[str, wire.Article]) -> str | None:
    original = values.get(article.copy_of)
    return original.key if original is not None else None


def _past(month: str, members: Sequence[Member]) -> dict[str, list[dict[str, Any]]]:
    """What each story tells again or goes on with: the stories of earlier months and issues."""
    past = [
        Member(value(a), a.story.key, wire.Role(a.role))
        for a in Article.objects.filter(month__lt=month, month__gte=_months_before(month, MEMORY))
        .filter(story__in=Story.objects.filter(Q(picks__isnull=False) | Q(band=Band.RELEVANT)))
        .select_related("source", "story")
        .defer(*_SHOWN)
        if a.story is not None
    ]
    found = group.recall(members, past)
    stories = Story.objects.filter(key__in=set(found.values())).prefetch_related("picks__issue")
    said = {
        story.key: {
            "story": story.pk,
            "month": story.month,
            "issues": sorted({pick.issue.title for pick in story.picks.all()}),
        }
        for story in stories
    }
    return {story: [said[key]] for story, key in found.items() if key in said}


def _months_before(month: str, count: int) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:7]) - 1 - count, 12)
    return f"{year:04}-{number + 1:02}"


def _keep(
    month: str,
    members: Sequence[Member],
    rows: Mapping[str, Article],
    stood: Mapping[int, int | None],
    verdicts: Mapping[str, Verdict],
    tags: Mapping[str, Tags],
    beat: Beat,
) -> Regrouped:
    """Rank and summarise the stories, then write them down.

    What takes long is done before the transaction: SQLite has one writer, and whoever keeps an item
    meanwhile waits for it.
    """
    by_story: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        by_story[member.story].append(member)
    recalls = _past(month, members)
    says: dict[str, dict[str, Any]] = {}
    for ranked in rank.rank(members, verdicts, tags, beat, _end_of(month)):
        its = by_story[ranked.story]
        lead = next(m for m in its if m.role is wire.Role.LEAD)
        says[ranked.story] = {
            "case": ranked.case or "",
            "band": min((rows[str(m.article.id)].band for m in its), key=_BANDS.index),
            "score": ranked.score,
            "factors": dict(ranked.factors),
            "headline": lead.article.headline or lead.article.text[:200],
            "sort_date": rows[str(lead.article.id)].sort_date,
            "summary": row(summarise.summarise(its, beat)),
            "places": list(ranked.places),
            "outlets": group.independent(its),
            "recalls": recalls.get(ranked.story, []),
        }
    return _write(month, by_story, says, rows, stood)


@transaction.atomic
def _write(
    month: str,
    by_story: Mapping[str, Sequence[Member]],
    says: Mapping[str, Mapping[str, Any]],
    rows: Mapping[str, Article],
    stood: Mapping[int, int | None],
) -> Regrouped:
    """`stood`: in which story each article stood when the work began."""
    _alone(month)
    if any(
        stood.get(article, story) != story
        for article, story in Article.objects.filter(month=month).values_list("pk", "story_id")
    ):
        raise ChangedError
    out = Regrouped()
    kept = Story.objects.in_bulk(list(says), field_name="key")
    pinned = set(
        Story.objects.filter(month=month, picks__isnull=False).values_list("pk", flat=True)
    )
    fresh: dict[str, Story] = {}
    for key, told in says.items():
        story = kept.get(key)
        out.stories += 1
        if story is None:
            fresh[key] = Story(key=key, month=month, **told)
        elif story.pk not in pinned and any(getattr(story, n) != v for n, v in told.items()):
            for name, value in told.items():
                setattr(story, name, value)
            story.save(update_fields=list(told))
    Story.objects.bulk_create(fresh.values(), batch_size=BATCH)
    out.new = len(fresh)
    moved = [
        article
        for key, story in (kept | fresh).items()
        if story.pk not in pinned  # it stands in an issue: it does not change under anybody's hands
        for article in _moved(story, by_story[key], rows)
    ]
    # Leads first step down, or two would lead one story for a moment, which the database refuses.
    Article.objects.filter(pk__in=[a.pk for a in moved], role="lead").update(role="report")
    _place(moved)
    empty = Story.objects.filter(month=month, articles=None, picks=None)
    out.gone = empty.filter(decisions=None).count()
    empty.filter(decisions=None).delete()
    # What was decided on stays, as a story that has become part of another.
    empty.exclude(state=Story.State.GONE).update(state=Story.State.GONE)
    return out


def _alone(month: str) -> None:
    """Wait for who else writes this month's stories. On SQLite the transaction has waited already."""
    if connections[router.db_for_write(Story)].vendor == "postgresql":
        with connections[router.db_for_write(Story)].cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, int(month.replace("-", ""))]
            )


def _moved(story: Story, its: Sequence[Member], rows: Mapping[str, Article]) -> Iterator[Article]:
    """The articles of a story that stood elsewhere or otherwise, as they stand now."""
    of_copies = _rows_of(its)
    for member in its:
        article = rows[str(member.article.id)]
        placed = (
            story.pk,
            str(member.role),
            of_copies.get(member.copy_of or "", ""),
            (member.agency or "")[:80],
        )
        if (article.story_id, article.role, article.copy_of, article.agency) != placed:
            article.story_id, article.role, article.copy_of, article.agency = placed
            yield article


def _place(moved: Sequence[Article]) -> None:
    """Write where articles stand now: a statement that is prepared once.

    Django's `bulk_update` makes one long CASE of each batch, and took a sixth of a month's grouping.
    """
    if not moved:
        return
    of = Article._meta
    said = ", ".join(f"{column} = %s" for column in ("story_id", "role", "copy_of", "agency"))
    with connections[router.db_for_write(Article)].cursor() as cursor:
        cursor.executemany(
            f"UPDATE {of.db_table} SET {said} WHERE id = %s",  # noqa: S608 - names of our own model
            [(a.story_id, a.role, a.copy_of, a.agency, a.pk) for a in moved],
        )


def _rows_of(its: Sequence[Member]) -> dict[str, str]:
    """Key of the value -> key of the row, for the members of a story; empty where none is a copy.

    Once for a story: a key is made of an address, which takes time, and a story may have hundreds.
    """
    if not any(member.copy_of for member in its):
        return {}
    return {member.article.key: str(member.article.id) for member in reversed(its)}


_BANDS = [str(Band.RELEVANT), str(Band.UNSURE), str(Band.OFF_BEAT)]


def _end_of(month: str) -> datetime:
    first = dates.first_day(month)
    after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return datetime.combine(after, time(), tzinfo=UTC)
