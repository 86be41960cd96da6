"""What one article states, in a form that can be counted and compared: claims, not truths.

Each fact has its span in the text, who said it, how sure the text is, and the rule that read it.
Nothing is inferred from a name, a face, a nationality or a trade; no name of a person is kept.
The fields are those of the beat's facts.yaml, the words and patterns those of its
facts-words.yaml; a beat without the latter has no facts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sentencex

from broadsheet.wire import places
from broadsheet.wire.beat import Beat
from broadsheet.wire.facts import (
    agencies,
    amounts,
    care,
    courts,
    dated,
    figures,
    groups,
    laws,
    located,
    ranking,
    rules,
)
from broadsheet.wire.facts import sentence as spoken
from broadsheet.wire.facts.claim import VERSION, Fact, ruled
from broadsheet.wire.model import Article

__all__ = ["VERSION", "Fact", "facts", "sentences"]


def facts(article: Article, beat: Beat) -> list[Fact]:
    """The facts of an article in the order of its text; counts that differ stand side by side.

    A weekday is resolved against the day of publication in the outlet's own time zone (the beat's
    source of that name), and left out where that day is not known. `suspects` that share a
    sentence with a date carry it as `when`, so that an old arrest is not counted again in a trial.
    """
    known = rules.of(beat)
    if known is None:
        return []
    published = _day(article, beat)
    found: list[Fact] = []
    if article.published is not None:
        value = {
            "published": {
                "from": article.published.value,
                "precision": str(article.published.precision),
            }
        }
        found.append(Fact("dates", value, "published", rule=ruled("D.published")))
    parts = [
        (name, text)
        for name, text in (
            ("headline", article.headline),
            ("description", article.description or ""),
            ("text", article.text),
        )
        if text
    ]
    context = rules.Context(
        beat,
        known,
        published,
        frozenset(
            hit.iso2
            for _, text in parts
            for hit in places.find(text, beat.home)
            if hit.kind != "people"
        ),
        article.published.value if article.published else "",
    )
    said: dict[str, set[str]] = {}
    for name, text in parts:
        for start, sentence in sentences(text):
            for fact in _claims(spoken.sentence(context, name, sentence, start)):
                # A description often repeats the first sentence word for word.
                same = json.dumps([fact.kind, fact.value], sort_keys=True, default=str)
                words = said.setdefault(same, set())
                if sentence in words:
                    continue
                words.add(sentence)
                found.append(fact)
    return found


def _claims(said: spoken.Sentence) -> Iterator[Fact]:
    """All that one sentence states. Where it is a statistic, its numbers are no people at hand."""
    ranked = ranking.ranking(said)
    counted = list(figures.statistics(said))
    yield from dated.dates(said, report=bool(ranked))
    if ranked:
        yield ranked
    yield from counted
    if not counted:
        yield from groups.claims(said)
    yield from courts.penalties(said)
    yield from laws.laws(said)
    yield from amounts.amounts(said)
    yield from agencies.agencies(said)
    yield from located.places(said)
    yield from care.safety(said)


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text with their places; blanks at their ends are left off."""
    at = 0
    for piece in sentencex.segment("en", text):
        start = text.find(piece, at)
        if start < 0:
            continue
        at = start + len(piece)
        for line in re.finditer(r"[^\n]+", piece):
            plain = line.group().strip()
            if plain:
                yield start + line.start() + line.group().index(plain), plain


def _day(article: Article, beat: Beat) -> date | None:
    """The day of publication in the outlet's own zone; None where only a month or a year is known."""
    when = article.published
    if when is None or when.day is None:
        return None
    zone = next((s.zone for s in beat.sources if s.name == article.source and s.zone), None)
    if zone and when.offset:
        try:
            moment = when.moment()
            return moment.astimezone(ZoneInfo(zone)).date() if moment else when.day
        except (ZoneInfoNotFoundError, ValueError):
            return when.day
    return when.day
