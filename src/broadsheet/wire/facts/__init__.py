"""What one article states, in a form that can be counted and compared: claims, not truths.

Each fact has its span in the text, who said it, how sure the text is, and the rule that read it.
Nothing is inferred from a name, a face, a nationality or a trade; no name of a person is kept.
The fields are those of the beat's facts.yaml, the words and patterns those of its
facts-words.yaml; a beat without the latter has no facts.
"""

# ruff: noqa: E501 -- patterns read worse in pieces
from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sentencex

from broadsheet.wire import places
from broadsheet.wire.beat import Beat
from broadsheet.wire.facts import money, numbers, people, times
from broadsheet.wire.facts.people import Group
from broadsheet.wire.model import Article
from broadsheet.wire.phrases import Matcher

VERSION = "1"


@dataclass(frozen=True, slots=True)
class Fact:
    """One claim of an article.

    kind       victims, suspects, persons_moved, dates, statistics, law, agencies, amounts, places,
               ranking or safety (facts.yaml, schema)
    value      the fields of that kind; what is missing was not stated
    field      "headline", "description" or "text"
    start, end   code points in that field as given
    said_by    facts.yaml, value_rules.claim; "not_stated" where nobody is named
    certainty  stated, attributed, alleged, denied or estimated
    rule       the rule that read it, with the version of the rules
    """

    kind: str
    value: Mapping[str, Any] = field(default_factory=dict)
    field: str = "text"
    start: int = 0
    end: int = 0
    said_by: str = "not_stated"
    certainty: str = "stated"
    rule: str = ""


def facts(article: Article, beat: Beat) -> list[Fact]:
    """The facts of an article in the order of its text; counts that differ stand side by side.

    A weekday is resolved against the day of publication in the outlet's own time zone (the beat's
    source of that name), and left out where that day is not known. `suspects` that share a
    sentence with a date carry it as `when`, so that an old arrest is not counted again in a trial.
    """
    rules = _compiled(_key(beat))
    if rules is None:
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
        found.append(Fact("dates", value, "published", rule=_rule("D.published")))
    parts = [
        (name, text)
        for name, text in (
            ("headline", article.headline),
            ("description", article.description or ""),
            ("text", article.text),
        )
        if text
    ]
    context = _Context(
        beat,
        rules,
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
        reader = _Reader(context, name)
        for start, sentence in sentences(text):
            for fact in reader.read(sentence, start):
                # A description often repeats the first sentence word for word.
                same = json.dumps([fact.kind, fact.value], sort_keys=True, default=str)
                words = said.setdefault(same, set())
                if sentence in words:
                    continue
                words.add(sentence)
                found.append(fact)
    return found


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


def _rule(name: str) -> str:
    return f"{name}/{VERSION}"


@dataclass(frozen=True)
class _Rules:
    words: people.Words
    speaker: tuple[tuple[str, re.Pattern[str]], ...]
    certainty: tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]
    penalty: tuple[re.Pattern[str], ...]
    amounts: tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]
    per: tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]
    law_kinds: tuple[tuple[str, re.Pattern[str]], ...]
    law_relations: tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]
    data: Mapping[str, Any]
    said: re.Pattern[str]


@dataclass(frozen=True)
class _Context:
    beat: Beat
    rules: _Rules
    published: date | None
    countries: frozenset[str]
    stamp: str  # the date of publication as it stands


_keys: dict[int, tuple[Beat, str]] = {}


def _key(beat: Beat) -> str:
    known = _keys.get(id(beat))
    if known is None or known[0] is not beat:
        if len(_keys) >= 8:
            _keys.clear()
        known = _keys[id(beat)] = (beat, json.dumps(dict(beat.fact_rules)))
    return known[1]


def _patterns(given: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    gap = r"(?:[\w'\u2019%/$-]+ ){0,8}?"
    return tuple(re.compile(p.replace("~", gap), re.IGNORECASE) for p in given)


@functools.lru_cache(maxsize=4)
def _compiled(key: str) -> _Rules | None:
    data = json.loads(key)
    if not data:
        return None
    saying = "|".join(data["saying"])
    return _Rules(
        people.words(data),
        tuple(
            (
                who,
                re.compile(
                    rf"(?<![\w-])(?:{'|'.join(names)})(?: (?:in|of|at|for|from) (?:the )?[A-Z][\w-]+(?: [A-Z][\w-]+)*)?,?(?: (?:[a-z-]+ly|also|first|later))?"
                    rf" (?:(?:have|has|had) )?(?:{saying})\b"
                    rf"|,[^,]{{0,40}}?(?<![\w-])(?:{'|'.join(names)}) (?:{saying})\b"
                    rf"|\b(?:according to|{saying}) (?:the )?(?:{'|'.join(names)})\b(?! (?:were|was|had been|are))",
                    re.IGNORECASE if who != "government" else 0,
                ),
            )
            for who, names in data["speakers"].items()
        ),
        tuple((name, _patterns(p)) for name, p in data["certainty"].items()),
        _patterns(data["penalty"]),
        tuple((name, _patterns(p)) for name, p in data["amounts"].items()),
        tuple((name, _patterns(p)) for name, p in data["per"].items()),
        tuple(
            (name, re.compile(rf"\b(?:{'|'.join(p)})\b", re.IGNORECASE))
            for name, p in data["law"]["kinds"].items()
        ),
        tuple((name, _patterns(p)) for name, p in data["law"]["relations"].items()),
        data,
        re.compile(
            rf"\b(?:{saying})(?: reporters| journalists)?,?(?: late| early)?(?: on)? ?$",
            re.IGNORECASE,
        ),
    )


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


class _Reader:
    """Reads one field of an article, sentence by sentence, and remembers whom it spoke of."""

    def __init__(self, context: _Context, name: str) -> None:
        self.c = context
        self.r = context.rules
        self.name = name
        self.suspects: Group | None = None

    def read(self, sentence: str, start: int) -> Iterator[Fact]:
        self.sentence, self.start = sentence, start
        self.said_by = self._speaker()
        self.certainty = self._certainty()
        self.dates = times.find(sentence, self.c.published, self.c.stamp)
        ranking = self._ranking()
        statistics = list(self._statistics())
        yield from self._dates(bool(ranking))
        if ranking:
            yield ranking
        yield from statistics
        if not statistics:
            yield from self._people()
        yield from self._penalties()
        yield from self._laws()
        yield from self._amounts()
        yield from self._agencies()
        yield from self._places()
        yield from self._safety()

    def _fact(
        self, kind: str, value: Mapping[str, Any], start: int, end: int, rule: str, **but: str
    ) -> Fact:
        return Fact(
            kind,
            value,
            self.name,
            self.start + start,
            self.start + end,
            but.get("said_by", self.said_by),
            but.get("certainty", self.certainty),
            _rule(rule),
        )

    # -- who says it, and how sure

    def _speaker(self) -> str:
        best: tuple[int, str] | None = None
        for who, pattern in self.r.speaker:
            match = pattern.search(self.sentence)
            if match and (best is None or match.start() < best[0]):
                best = (match.start(), who)
        return best[1] if best else "not_stated"

    def _certainty(self) -> str:
        for name, patterns in self.r.certainty:
            if name == "denied":
                continue
            if any(p.search(self.sentence) for p in patterns):
                return name
        return "stated" if self.said_by == "not_stated" else "attributed"

    # -- dates

    def _dates(self, report: bool) -> Iterator[Fact]:
        for stated in self.dates:
            before = self.sentence[: stated.start]
            announced = bool(self.r.said.search(before)) and not report
            if stated.years:
                if re.search(
                    r"\b(?:traffick|forced|exploit|held|kept|keeping|labou?r|slave)", self.sentence
                ):
                    yield self._fact(
                        "dates",
                        {"exploitation_period": stated.plain()},
                        stated.start,
                        stated.end,
                        "D.period",
                    )
                continue
            if stated.precision == "year":
                continue  # a year alone is the period of a figure or the name of a law
            if re.search(r"\b(?:until|by|before|since|after|next|from) $", before):
                continue
            if re.search(r"\b(?:will|due|scheduled|expected|is to|are to|set to)\b[^.;]*$", before):
                continue  # what is to come is no event yet
            behind = self.sentence[stated.end :]
            if _EARLIER.search(before) and re.match(
                r",? (?:was|were|has|have|had|is|are)\b", behind
            ):
                # "Three men arrested in March were sentenced": March is not the day of this news.
                yield self._fact(
                    "dates", {"earlier": stated.plain()}, stated.start, stated.end, "D.earlier"
                )
                continue
            role = "announced" if announced else "event"
            yield self._fact("dates", {role: stated.plain()}, stated.start, stated.end, f"D.{role}")

    # -- people

    def _people(self) -> Iterator[Fact]:
        found = people.read(self.sentence, self.r.words, self.said_by)
        for group in found:
            if group.side == "suspects" and group.part_of is None:
                self.suspects = group
        terms = list(self._terms(found))
        for group in found:
            if group.side in (None, "none") or group.part_of is not None:
                continue
            if group.side == "suspects":
                yield self._suspect(group, [t for t in terms if t[0] is group])
            elif group.side == "victims":
                yield self._overall(group) or self._victim(group)
            elif group.side == "persons_moved":
                yield self._fact(
                    "persons_moved",
                    {"count": group.count.plain(), "nationality": _iso3(group)},
                    group.start,
                    group.end,
                    group.rule,
                )
        for owner, sentence, start, end in terms:
            if owner is None:
                yield self._fact(
                    "suspects",
                    {"stage": "sentenced", "sentence": sentence},
                    start,
                    end,
                    "S.pronoun",
                )

    def _suspect(
        self, group: Group, terms: Sequence[tuple[Any, list[dict[str, Any]], int, int]]
    ) -> Fact:
        value: dict[str, Any] = {
            "count": group.count.plain(),
            "sex": group.sex,
            "stage": group.stage,
        }
        if group.ages:
            value["ages"] = {"min": group.ages[0], "max": group.ages[1]}
        if group.nationality:
            value["nationality"] = _iso3(group)
        if group.role:
            value["role"] = [group.role]
        for _, sentence, _, _ in terms:
            value["stage"] = "sentenced"
            value["sentence"] = sentence
        when = self._when(group)
        if when:
            value["when"] = when
        return self._fact(
            "suspects",
            value,
            group.start,
            group.end,
            group.rule,
            certainty="alleged"
            if group.stage in ("sought", "suspected", "arrested", "charged")
            and self.certainty != "attributed"
            else self.certainty,
        )

    def _overall(self, group: Group) -> Fact | None:
        """A figure for the whole world is a statistic, never a group of people at hand."""
        number = group.count.exact or group.count.min or group.count.max or 0
        if number < 1000 or not re.search(
            self.r.data["statistics"]["overall"], self.sentence, re.IGNORECASE
        ):
            return None
        kind = "estimate" if re.search(r"\bestimat", self.sentence, re.IGNORECASE) else "count"
        return self._fact(
            "statistics",
            {"value": number, "population": group.noun, "kind": kind},
            group.start,
            group.end,
            "X.overall",
        )

    def _victim(self, group: Group) -> Fact:
        value: dict[str, Any] = {
            "count": group.count.plain(),
            "sex": group.sex,
            "age_group": group.age_group,
        }
        if group.superseded_by is not None:
            later = group.superseded_by.count
            value["superseded_by"] = later.exact if later.exact is not None else later.plain()
        value["status"] = group.status or "Possible"
        by = group.status_by or self._status_by(group)
        if by:
            value["status_by"] = by
        if group.ages:
            value["ages"] = {"min": group.ages[0], "max": group.ages[1]}
        if group.nationality:
            value["nationality"] = _iso3(group)
        if group.afterwards:
            value["afterwards"] = [group.afterwards]
        codes = self._codes(group)
        value |= codes
        if group.parts:
            self._add_parts(group, value)
        return self._fact("victims", value, group.start, group.end, group.rule)

    def _add_parts(self, group: Group, value: dict[str, Any]) -> None:
        if all(part.nationality and part.sex == "not_stated" for part in group.parts):
            value["nationality_counts"] = {
                places.iso3(part.nationality[0]) or part.nationality[0]: part.number
                for part in group.parts
            }
            return
        parts = []
        for part in group.parts:
            made: dict[str, Any] = {
                "count": part.count.plain(),
                "sex": part.sex,
                "age_group": part.age_group,
            }
            if part.status and part.status != group.status:
                made["status"] = part.status
            if part.nationality:
                made["nationality"] = _iso3(part)
            if part.afterwards:
                made["afterwards"] = [part.afterwards]
            parts.append(made)
        value["parts"] = parts
        whole, given = group.number, [part.number for part in group.parts]
        if whole is not None and all(n is not None for n in given):
            total = sum(n or 0 for n in given)
            value["check"] = (
                f"{' + '.join(map(str, given))} {'=' if total == whole else '<' if total < whole else '>'} {whole}"
            )
        if {part.age_group for part in group.parts} >= {"adult", "child"}:
            value["age_group"] = "mixed"
            value["sex"] = "mixed"

    def _status_by(self, group: Group) -> str | None:
        if group.status != "Actual" and self.said_by not in ("police", "prosecution"):
            return None
        return {
            "police": "Police",
            "court": "CourtOrProsecution",
            "prosecution": "CourtOrProsecution",
            "ngo": "NGO",
            "government": "NonPoliceGovernmentalOrganization",
        }.get(self.said_by)

    def _codes(self, group: Group) -> dict[str, list[str]]:
        """Forms, sectors and signs whose words stand in the sentence."""
        hits = Matcher.of(self.c.beat).scan(self.sentence)
        made: dict[str, list[str]] = {}
        for axis, name in (("form", "form"), ("sector", "sector"), ("indicator", "indicators")):
            given = hits.classes(near_anchor=False) if axis == "sector" else hits.strong
            codes = list(dict.fromkeys(hit.code for hit in given if hit.axis == axis))
            codes = [c for c in codes if not any(o.startswith(c + ".") for o in codes)]
            if len(codes) > 1 and "TIP" in codes:
                codes.remove("TIP")
            if codes:
                made[name] = codes
        return made

    def _when(self, group: Group) -> dict[str, Any] | None:
        days = [d for d in self.dates if not d.years and d.precision in ("day", "week", "month")]
        days = [
            d
            for d in days
            if not self.r.said.search(self.sentence[: d.start])
            and not _EARLIER.search(self.sentence[: d.start])
        ] or days
        return days[0].plain() if len(days) == 1 else None

    # -- sentences of courts, and the most that a law allows

    def _terms(
        self, found: Sequence[Group]
    ) -> Iterator[tuple[Group | None, list[dict[str, Any]], int, int]]:
        for match in _SENTENCED.finditer(self.sentence):
            if self._is_penalty(match.start(), match.end()):
                continue
            given = _terms_in(match.group())
            if not given:
                continue
            joined = re.search(r"\b(consecutive|concurrent)", self.sentence[match.start() :])
            if joined:
                for term in given:
                    term["terms"] = joined.group(1)
            owner = self._owner(match, found)
            yield owner, given, match.start(), match.end()

    def _owner(self, match: re.Match[str], found: Sequence[Group]) -> Group | None:
        inside = [
            g for g in found if g.side == "suspects" and match.start() <= g.start < match.end()
        ]
        if inside:
            return inside[0]
        before = [g for g in found if g.side == "suspects" and g.start < match.start()]
        return before[-1] if before else None

    def _is_penalty(self, start: int, end: int) -> bool:
        return any(
            m.start() < end and m.end() > start - 30
            for p in self.r.penalty
            for m in p.finditer(self.sentence)
        )

    def _penalties(self) -> Iterator[Fact]:
        for pattern in self.r.penalty:
            match = pattern.search(self.sentence)
            if match is None:
                continue
            term = re.search(
                rf"(?P<n>{numbers.NUMBER})(?: years?|-year)|\blife\b",
                self.sentence[match.start() :],
                re.IGNORECASE,
            )
            if term is None or term.start() > 60:
                continue
            value: dict[str, Any] = {"relation": "maximum_penalty"}
            if term["n"]:
                value["years"] = _whole(numbers.value(term["n"]))
            else:
                value["life"] = True
            at = match.start() + term.start()
            yield self._fact("law", value, at, match.start() + term.end(), "L.maximum")
            return

    # -- laws

    def _laws(self) -> Iterator[Fact]:
        found = list(_LAW.finditer(self.sentence))
        relation = next(
            (
                name
                for name, patterns in self.r.law_relations
                if any(p.search(self.sentence) for p in patterns)
            ),
            None,
        )
        for match in found:
            name = re.sub(r"^(?:(?:The|An?|Under|In|This|the)\s)+", "", match.group())
            if len(name.split()) < 2:
                continue
            value: dict[str, Any] = {"name": name, "kind": self._law_kind(name)}
            section = re.search(
                rf"\b(?:[Ss]ection|[Aa]rticle) (\d+\w?(?:\(\w+\))*)(?: of the)? ?{re.escape(name)}",
                self.sentence,
            )
            if section:
                value["section"] = section.group(1)
            if relation:
                value["relation"] = relation
            yield self._fact("law", value, match.start(), match.end(), "L.named")
        if not found and relation in ("passed", "proposed", "amended", "in_force"):
            bill = re.search(
                r"\b(?:a|the|its|new|first|this|draft) (?:[\w-]+ ){0,3}?(?:bill|law|act|legislation|ordinance)\b(?! firm| enforcement)",
                self.sentence,
                re.IGNORECASE,
            )
            if bill:
                kind = self._law_kind(self.sentence[bill.start() : bill.end() + 120])
                if kind != "other":
                    yield self._fact(
                        "law",
                        {"name": "not_stated", "kind": kind, "relation": relation},
                        bill.start(),
                        bill.end(),
                        "L.unnamed",
                    )

    def _law_kind(self, words: str) -> str:
        return next((kind for kind, pattern in self.r.law_kinds if pattern.search(words)), "other")

    # -- money

    def _amounts(self) -> Iterator[Fact]:
        # A sentence with more amounts than a table has rows is no sentence.
        for amount in money.find(self.sentence, self.c.countries)[:25]:
            kind = self._nearest(self.r.amounts, amount.start, amount.end)
            value: dict[str, Any] = {
                "min": _whole(amount.min),
                "max": _whole(amount.max),
                "currency": amount.currency,
                "kind": kind,
            }
            if kind == "fine" and self._is_penalty(amount.start, amount.end):
                value["min"] = None
            behind = self.sentence[amount.end : amount.end + 25]
            for per, patterns in self.r.per:
                if any(p.search(behind) for p in patterns):
                    value["per"] = per
                    break
            else:
                if kind in ("unpaid_wages", "compensation") and re.search(
                    r"\b(?:was|is) (?:awarded|paid|given|granted|owed) $",
                    self.sentence[: amount.start],
                ):
                    value["per"] = "person"
            if amount.note:
                value["note"] = amount.note
            yield self._fact("amounts", value, amount.start, amount.end, "A.amount")

    def _nearest(
        self, kinds: Sequence[tuple[str, tuple[re.Pattern[str], ...]]], start: int, end: int
    ) -> str | None:
        """The kind whose word stands nearest; one that stands right behind is nearer than one in front."""
        best: tuple[int, str] | None = None
        for name, patterns in kinds:
            for pattern in patterns:
                for match in pattern.finditer(self.sentence):
                    away = match.start() - end if match.start() >= end else start - match.end() + 12
                    if 0 <= away <= 90 and (best is None or away < best[0]):
                        best = (away, name)
        return best[1] if best else None

    # -- agencies

    def _agencies(self) -> Iterator[Fact]:
        data = self.r.data["agencies"]
        spans: list[tuple[int, int]] = []
        for known in data["known"]:
            for match in re.finditer(
                rf"(?<![\w-]){re.escape(known['name'])}(?![\w-])", self.sentence
            ):
                if not any(a < match.end() and match.start() < b for a, b in spans):
                    spans.append(match.span())
                    yield self._agency(known["name"], known["type"], match)
        for entry in data["patterns"]:
            for match in re.finditer(entry["pattern"], self.sentence):
                name = re.sub(
                    r"^(?:The|A|An|But|And|In|As|When|While|After|Before)\s", "", match.group()
                )
                if not any(a < match.end() and match.start() < b for a, b in spans) and " " in name:
                    spans.append(match.span())
                    yield self._agency(name, entry["type"], match)
        for entry in data["generic"]:
            if not re.search(entry["only_if"], self.sentence, re.IGNORECASE):
                continue
            one = re.search(entry["pattern"], self.sentence, re.IGNORECASE)
            if one and not any(a < one.end() and one.start() < b for a, b in spans):
                value = {"name": one.group().lower(), "type": entry["type"], "role": "accused"}
                denied = any(p.search(self.sentence) for p in dict(self.r.certainty)["denied"])
                yield self._fact(
                    "agencies",
                    value,
                    *one.span(),
                    "G.generic",
                    certainty="denied" if denied else self.certainty,
                )

    def _agency(self, name: str, kind: str, match: re.Match[str]) -> Fact:
        return self._fact("agencies", {"name": name, "type": kind}, *match.span(), "G.named")

    # -- places

    def _places(self) -> Iterator[Fact]:
        hits = places.find(self.sentence, self.c.beat.home)
        masked = self.sentence
        for group in people.groups(self.sentence, self.r.words):
            masked = (
                masked[: group.start] + "N".rjust(group.end - group.start) + masked[group.end :]
            )
        for hit in places.roles(masked, hits, self.r.data["place_roles"]):
            if hit.role is None:
                continue
            yield self._fact(
                "places",
                {"name": hit.name, "iso2": hit.iso2, "role": hit.role},
                hit.start,
                hit.end,
                "P.place",
            )

    # -- statistics and rankings

    def _statistics(self) -> Iterator[Fact]:
        match = _STATISTIC.search(self.sentence)
        if match is None:
            return
        value_ = numbers.value(match["value"])
        if value_ is None or (re.fullmatch(r"(?:19|20)\d\d", match["value"])):
            return
        population = match["what"].strip()
        value: dict[str, Any] = {"value": _whole(value_), "population": population, "kind": "count"}
        for unit, patterns in self.r.data["statistics"]["units"].items():
            if any(re.search(rf"\b{p}\b", population, re.IGNORECASE) for p in patterns):
                value["unit"] = unit
                break
        else:
            return
        years = [d for d in self.dates if d.precision == "year" and d.first and d.last]
        if years:
            assert years[0].first is not None
            assert years[0].last is not None
            value["period"] = {"from": years[0].first.isoformat(), "to": years[0].last.isoformat()}
        if re.search(r"\bestimat", self.sentence, re.IGNORECASE):
            value["kind"] = "estimate"
        before = _PREVIOUS.search(self.sentence)
        if before:
            previous = numbers.value(before["value"])
            if previous:
                value["previous"] = _whole(previous)
                value["change_pct"] = round(100 * (value_ - previous) / previous, 1)
        elif not years and not match["verb"]:
            return
        issuer = (match["issuer"] or "").strip().lower()
        if issuer:
            value["issuer"] = issuer.removeprefix("the ")
        yield self._fact("statistics", value, match.start("value"), match.end("what"), "X.count")

    def _ranking(self) -> Fact | None:
        """A place in the US TIP Report, beside what the beat's table says (never corrected by it)."""
        if not self.c.beat.tiers:
            return None
        tiers = list(_TIER.finditer(self.sentence))
        if not tiers or not (
            _REPORT.search(self.sentence)
            or any(t["wl"] for t in tiers)
            or len(tiers) > 1
            or _MOVED.search(self.sentence)
        ):
            return None
        countries = [h for h in places.find(self.sentence, self.c.beat.home) if h.kind != "people"]
        countries = [h for h in countries if h.iso2 != "US"] or countries
        if not countries:
            return None
        country = countries[0]
        moved = _MOVED.search(self.sentence)
        direction = None
        if moved:
            words = moved.group().lower()
            direction = next(
                (name for name, pattern in _DIRECTIONS if re.search(pattern, words)), None
            )
        now, before = tiers[-1], None
        if len(tiers) > 1:
            first, second = tiers[0], tiers[1]
            ahead = self.sentence[max(0, first.start() - 12) : first.start()].lower()
            back = self.sentence[max(0, second.start() - 12) : second.start()].lower()
            if re.search(r"\bfrom (?:the )?$", ahead):
                before, now = first, second
            elif re.search(r"\bfrom (?:the )?$", back):
                before, now = second, first
            else:
                now = first
        edition = self._edition()
        value: dict[str, Any] = {
            "scheme": "US TIP",
            "country": places.iso3(country.iso2) or country.iso2,
            "edition": edition,
            "tier": _tier(now),
        }
        if before is not None:
            value["previous"] = _tier(before)
            order = ["3", "2WL", "2", "1"]
            if value["previous"] in order and value["tier"] in order and direction is None:
                step = order.index(value["tier"]) - order.index(value["previous"])
                direction = "up" if step > 0 else "down" if step < 0 else "same"
        if direction:
            value["direction"] = direction
        if re.search(r"\bwaiver\b", self.sentence, re.IGNORECASE):
            value["waiver"] = True
        value |= self._checked(value, edition)
        return self._fact("ranking", value, now.start(), now.end(), "R.tier")

    def _edition(self) -> int | None:
        named = re.search(
            r"\b(?:report,? (?:for |of )?((?:19|20)\d\d)|((?:19|20)\d\d)(?: US| annual)? (?:TIP|Trafficking|report))",
            self.sentence,
            re.IGNORECASE,
        )
        if named:
            return int(named.group(1) or named.group(2))
        days = [d.first.year for d in self.dates if d.first and d.precision == "day"]
        if days:
            return days[0]
        # "the latest report" is that of the year of publication where that year is known.
        if self.c.stamp and re.search(
            r"\b(?:latest|new|this year's|today|now|annual)\b", self.sentence, re.IGNORECASE
        ):
            return int(self.c.stamp[:4])
        return None

    def _checked(self, value: Mapping[str, Any], edition: int | None) -> dict[str, Any]:
        row = next(
            (t for t in self.c.beat.tiers if t.iso3 == value["country"] and t.year == edition), None
        )
        last = next(
            (
                t
                for t in self.c.beat.tiers
                if edition and t.iso3 == value["country"] and t.year == edition - 1
            ),
            None,
        )
        return {
            "checked_against": "tip_tiers.csv",
            "table": {"tier": row.tier if row else None, "previous": last.tier if last else None},
            "agrees": None if row is None else row.tier == value["tier"],
        }

    # -- care

    def _safety(self) -> Iterator[Fact]:
        words = self.r.data["safety"]
        has = {
            name: re.search(pattern, self.sentence, 0 if name == "pseudonym" else re.IGNORECASE)
            for name, pattern in words.items()
        }
        value: dict[str, Any] = {}
        if has["child"] and (
            has["sexual"] or re.search(r"traffick|exploit|sold|forced", self.sentence)
        ):
            value["child_victim"] = True
        placed = any(h.kind != "people" for h in places.find(self.sentence, self.c.beat.home))
        if value and has["family"] and placed:
            value["identifiable_combination"] = True
            value["advice"] = (
                "family tie and place together can name the child: leave one of them out"
            )
        if has["sexual"] and value:
            value["sexual_detail"] = True
        if has["shelter"] and placed:
            value["shelter_location"] = True
        if has["pseudonym"]:
            value["pseudonym_footnote"] = "required"
        if value:
            yield self._fact("safety", value, 0, len(self.sentence), "C.safety")


def _iso3(group: Group) -> list[str]:
    return [places.iso3(iso2) or iso2 for iso2 in group.nationality]


def _whole(number: float | None) -> int | float | None:
    if number is None or math.isinf(number):  # 400 figures in a row are no amount
        return None
    return int(number) if number == int(number) else number


def _tier(match: re.Match[str]) -> str:
    digit = {"one": "1", "two": "2", "three": "3"}.get(match["n"].lower(), match["n"])
    return "2WL" if digit == "2" and match["wl"] else digit


_EARLIER = re.compile(
    r"\b(?:arrested|detained|rescued|freed|charged|convicted|found|held|seized|jailed) (?:late |early )?(?:in |on )?$",
    re.IGNORECASE,
)
_TIER = re.compile(
    r"['\"\u2018\u201c]?\bTier[ -](?P<n>[123]|One|Two|Three)\b['\"\u2019\u201d]?(?P<wl>,?[ -]?\(?(?:special )?Watch ?list\)?)?",
    re.IGNORECASE,
)
_REPORT = re.compile(
    r"\b(?:TIP|traffick\w*|State Department|Department of State|Washington|the US|the United States|watch ?list|ranking)\b",
    re.IGNORECASE,
)
_MOVED = re.compile(
    r"\b(?:upgrad\w+|downgrad\w+|promot\w+|demot\w+|moved (?:[\w ]{0,40}?)(?:up|down)|lifted|raised|lowered|dropp\w+|relegat\w+|fell|slipp\w+|"
    r"remain\w*|kept|keeps|stay\w*|retain\w*|placed|moved [^.]{0,60}?\b(?:up|down))\b",
    re.IGNORECASE,
)
_DIRECTIONS = (
    ("up", r"upgrad|promot|\bup\b|lifted|raised"),
    ("down", r"downgrad|demot|\bdown\b|lowered|dropp|relegat|fell|slipp"),
    ("same", r"remain|kept|keeps|stay|retain"),
)
_LAW = re.compile(
    r"\b(?:[A-Z][\w'\u2019-]*(?: (?:[A-Z][\w'\u2019-]*|of|in|and|to|on|against|for|the|\(|\)|&))* )(?:Act|Ordinance|Bill|Law|Code|Convention|Protocol|Directive|Regulation)\b(?: (?:of )?(?:19|20)\d\d)?"
)
_N = numbers.NUMBER
_TERM = rf"(?:{_N})(?: and (?:{_N}))?(?:-| )(?:and-a-half-)?(?:years?|months?)(?: and (?:{_N}) (?:months?|years?))*|life\b"
_SENTENCED = re.compile(
    rf"\b(?:jail(?:s|ed)|sentenc(?:e|es|ed|ing)|imprison(?:s|ed)|handed|gets?|got|given|gave|receiv(?:e|es|ed)|serv(?:e|es|ing))\b"
    rf"[^.;]{{0,70}}?(?:\b(?:to|for|of|with)\b )?(?:an? )?(?:total of |suspended |combined |minimum of |maximum of )*"
    rf"(?:(?:{_TERM})(?:[^.;]{{0,40}}?\b(?:suspended|each|in (?:prison|jail)|imprisonment|behind bars|respectively)\b)*|life (?:in prison|imprisonment|sentences?)|death\b|(?:a )?suspended sentences?(?: of (?:{_TERM}))?|community (?:order|service))",
    re.IGNORECASE,
)
_STATISTIC = re.compile(
    rf"(?:(?P<issuer>(?:[Tt]he )?(?:[\w-]+ ){{0,2}}?(?:ministry|government|department|office|charity|police|report|agency|NRM|helpline|hotline|commission|UN|ILO|IOM|UNODC)) )?"
    rf"(?P<verb>recorded|registered|logged|counted|detected|documented|received|reported)\s(?:more than |about |around |some |over |nearly |at least |a record |a total of )*(?P<value>{_N})\s"
    rf"(?P<what>(?:(?:potential|suspected|possible|confirmed|trafficking|human|presumed|identified|new|modern|slavery|child|formal|labour|sex|forced|criminal)\s)*(?:victims|referrals|investigations|prosecutions|convictions|calls|cases|survivors))"
    r"(?=[^.]*?(?:\bin (?:19|20)\d\d|\bup from\b|\bdown from\b|\bcompared (?:with|to)\b|\blast year\b|\bthe year before\b|\ba year earlier\b))",
    re.IGNORECASE,
)
_PREVIOUS = re.compile(
    rf"\b(?:up from|down from|compared with|compared to|from)\s(?P<value>(?!(?:19|20)\d\d\b){_N})\b",
    re.IGNORECASE,
)


def _terms_in(words: str) -> list[dict[str, Any]]:
    """The punishments that the words state, in their order."""
    each = bool(re.search(r"\beach\b", words, re.IGNORECASE))
    suspended = bool(re.search(r"\bsuspended\b", words, re.IGNORECASE))
    kind = "suspended" if suspended else "prison"
    if re.search(r"\blife\b", words, re.IGNORECASE):
        made: list[dict[str, Any]] = [{"kind": "life"}]
    elif re.search(r"\bdeath\b", words, re.IGNORECASE):
        made = [{"kind": "death"}]
    elif re.search(r"\bcommunity (?:order|service)", words, re.IGNORECASE):
        made = [{"kind": "community"}]
    else:
        two = re.search(rf"({_N})(?: years?)? and ({_N}) years?\b", words, re.IGNORECASE)
        mixed = re.search(rf"({_N})(?:-| )years?(?: and|,)? ({_N}) months?\b", words, re.IGNORECASE)
        years = re.search(rf"({_N})(?:-| )years?\b", words, re.IGNORECASE)
        months = re.search(rf"({_N})(?:-| )months?\b", words, re.IGNORECASE)
        if mixed:
            made = [
                {
                    "kind": kind,
                    "years": _whole(numbers.value(mixed.group(1))),
                    "months": _whole(numbers.value(mixed.group(2))),
                }
            ]
        elif two and "and a half" not in words:
            made = [{"kind": kind, "years": _whole(numbers.value(n))} for n in two.groups()]
        elif years:
            made = [{"kind": kind, "years": _whole(numbers.value(years.group(1)))}]
        elif months:
            made = [{"kind": kind, "months": _whole(numbers.value(months.group(1)))}]
        elif suspended:
            made = [{"kind": "suspended"}]
        else:
            return []
    if re.search(
        rf"\b(?:more than|over|at least) (?:{_N})[ -](?:years?|months?)", words, re.IGNORECASE
    ):
        made[0]["at_least"] = True
    if each:
        for term in made:
            term["each"] = True
    return made
