"""Rank: stories in the order in which an editor should look at them, every factor shown.

The score is the sum of the factors, in points. None of them drops a story.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from broadsheet.wire import dates, text, urls
from broadsheet.wire.beat import Beat
from broadsheet.wire.model import Article, Band, Member, Ranked, Role, Tags, Verdict

LIMIT = 40  # stories in a month's proposal: the desk's own bound
PER_CASE = 2  # stories of one case before the next ones fall behind
# Points. Relevance leads; being at home is worth as much as a story carried by seven outlets.
RELEVANCE = 4.0
BAND = {Band.RELEVANT: 0.0, Band.UNSURE: -2.0, Band.OFF_BEAT: -6.0}
OUTLETS = 0.7  # for each doubling of independent outlets, at most four doublings
HOME, REGION = 2.0, 0.8
OFFICIAL = 1.2
NEWNESS, HALF_LIFE = 1.5, 14.0  # points on the day itself; days until half of it is left
BALANCE, BALANCE_FLOOR = 0.25, -2.0  # for each story before it of the same form or sector
CASE = -2.5  # for each story of a case beyond PER_CASE
MOST_LOST = 1 / 3  # of its own points that a story can lose by balance and case together


@dataclass(frozen=True, slots=True)
class Choices:
    """What the desk took and left before, as counts of features ("source:...", "code:...")."""

    taken: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)

    def points(self, features: Iterable[str]) -> float:
        """From -1.5 to 1.5: the mean log-odds of the features that were decided on at least thrice."""
        odds = [
            math.log((self.taken.get(f, 0) + 1) / (self.left.get(f, 0) + 1))
            for f in sorted(set(features))
            if self.taken.get(f, 0) + self.left.get(f, 0) >= 3
        ]
        return max(-1.5, min(1.5, sum(odds) / len(odds))) if odds else 0.0


def features(members: Iterable[Member], tags: Mapping[str, Tags]) -> frozenset[str]:
    """By what the desk's choices are remembered: the outlets and the codes of a story."""
    found: set[str] = set()
    for member in members:
        if member.article.source:
            found.add("source:" + text.squeezed(member.article.source).casefold())
        found |= {f"code:{c}" for c in tags.get(member.article.key, Tags()).every_code()}
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Story:
    key: str
    members: tuple[Member, ...]
    factors: dict[str, float]
    case: str | None
    forms: tuple[str, ...]
    sectors: tuple[str, ...]
    places: tuple[str, ...]

    @property
    def base(self) -> float:
        return sum(self.factors.values())


def rank(
    members: Iterable[Member],
    verdicts: Mapping[str, Verdict],
    tags: Mapping[str, Tags],
    beat: Beat,
    now: datetime,
    *,
    choices: Choices | None = None,
) -> list[Ranked]:
    """Order stories best first; `verdicts` and `tags` are by `Article.key` and may lack some.

    A story without a verdict has no relevance points and stands in no band. `now` is aware; what is
    dated after it gets no points for newness. `balance` and `case` depend on the stories placed before, so
    the list is made from the top: each place goes to the best of what is left. Costs the number of
    stories times the number of different sets of forms and sectors among them.
    """
    by_story: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        by_story[member.story].append(member)
    stories = [
        _story(key, by_story[key], verdicts, tags, beat, now, choices or Choices())
        for key in sorted(by_story)
    ]
    return _ordered(stories)


def _story(
    key: str,
    members: list[Member],
    verdicts: Mapping[str, Verdict],
    tags: Mapping[str, Tags],
    beat: Beat,
    now: datetime,
    choices: Choices,
) -> _Story:
    members.sort(key=lambda m: (m.role is not Role.LEAD, m.role is Role.COPY, m.article.key))
    said = [verdicts[m.article.key] for m in members if m.article.key in verdicts]
    tagged = [tags.get(m.article.key, Tags()) for m in members]
    best = max(said, key=lambda v: (BAND[v.band], v.score), default=None)
    codes = {axis: _most(t.codes.get(axis, ()) for t in tagged) for axis in ("form", "sector")}
    every = {code for t in tagged for code in t.every_code()}
    places = _most(tuple(p.iso2 for p in t.places if p.iso2) for t in tagged)
    outlets = {m.agency or _outlet(m.article) for m in members if m.role is not Role.COPY}
    days = [d for d in (_age(m.article, now) for m in members) if d is not None]
    factors = {
        "relevance": RELEVANCE * best.score if best else 0.0,
        "band": BAND[best.band] if best else 0.0,
        "outlets": OUTLETS * min(4.0, math.log2(max(1, len(outlets)))),
        "home": _home(members, places, beat),
        "official": OFFICIAL * bool(every & set(beat.official)),
        "newness": NEWNESS * 0.5 ** (min(days) / HALF_LIFE) if days else 0.0,
        "choices": choices.points(features(members, tags)),
    }
    case = min((m.case for m in members if m.case), default=None)
    return _Story(
        key,
        tuple(members),
        {name: round(points, 3) for name, points in factors.items()},
        case,
        codes["form"],
        codes["sector"],
        places,
    )


def _most(of: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """What the articles of a story name, the most named first."""
    count = Counter(name for names in of for name in dict.fromkeys(names))
    return tuple(name for name, _ in sorted(count.items(), key=lambda item: (-item[1], item[0])))


def _outlet(article: Article) -> str:
    name = text.squeezed(article.source or "").casefold()
    return name or urls.host(article.canonical_url or article.url or "") or article.key


def _age(article: Article, now: datetime) -> float | None:
    """Days since it was published; None where not even its month is known, or it has not come yet.

    A day ahead is another time zone; more is a wrong date, and a wrong date is not new.
    """
    if article.published is None or len(article.published.value) < 7:
        return None
    days = (now.date() - dates.first_day(article.published.value)).days
    return float(max(0, days)) if days >= -1 else None


def _home(members: Sequence[Member], places: Sequence[str], beat: Beat) -> float:
    """At home where a headline names the home place or it is the first place; half where it is one."""
    names = beat.home.variants or (beat.home.name,)
    if any(_named(name, m.article.headline) for m in members for name in names):
        return HOME
    if beat.home.iso2 in places:
        return HOME if places[0] == beat.home.iso2 else HOME / 2
    return REGION if any(place in beat.region for place in places) else 0.0


def _named(name: str, headline: str) -> bool:
    """Whether a headline names a place. Two letters ("HK") count as printed: folded they are words."""
    if len(name) < 3:
        return (
            name in headline if not name.isascii() else name in text.normal(headline).text.split()
        )
    if not name.isascii():
        return name in headline
    return f" {' '.join(text.words(name))} " in f" {' '.join(text.words(headline))} "


def _ordered(stories: Sequence[_Story]) -> list[Ranked]:
    """Place the stories from the top. Stories of one kind keep their order, so only the first is asked."""
    kinds: dict[tuple[tuple[str, ...], tuple[str, ...], str | None], list[_Story]] = defaultdict(
        list
    )
    for story in sorted(stories, key=lambda s: (s.base, s.key), reverse=True):
        kinds[story.forms[:2], story.sectors[:2], story.case].append(story)
    waiting = {kind: iter(of) for kind, of in kinds.items()}
    heads = {kind: next(of) for kind, of in waiting.items()}
    seen: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    out: list[Ranked] = []
    while heads:
        best_kind, best, best_score, moved = None, None, 0.0, {}
        for kind, story in heads.items():
            change = _change(story, seen, cases)
            score = story.base + sum(change.values())
            if best is None or (score, best.key) > (best_score, story.key):
                best_kind, best, best_score, moved = kind, story, score, change
        assert best is not None
        assert best_kind is not None
        factors = best.factors | moved
        out.append(
            Ranked(
                best.key,
                round(sum(factors.values()), 3),
                factors,
                best.members,
                best.case,
                best.forms,
                best.sectors,
                best.places,
            )
        )
        seen.update({*best.forms[:2], *best.sectors[:2]})
        if best.case:
            cases[best.case] += 1
        following = next(waiting[best_kind], None)
        if following is None:
            del heads[best_kind]
        else:
            heads[best_kind] = following
    return out


def _change(story: _Story, seen: Counter[str], cases: Counter[str]) -> dict[str, float]:
    kinds = (*story.forms[:2], *story.sectors[:2])
    crowd = sum(seen[kind] for kind in kinds) / len(kinds) if kinds else 0.0
    over = cases[story.case] - PER_CASE + 1 if story.case else 0
    balance = max(BALANCE_FLOOR, -BALANCE * crowd)
    case = CASE * over if over > 0 else 0.0
    # A crowded month may push a good story down the list, never out of sight. Bounded by a share of
    # the story's own points, so that of two of one kind the better one stays the better.
    least = -MOST_LOST * max(0.0, story.base)
    if balance + case < least:
        balance, case = (part * least / (balance + case) for part in (balance, case))
    return {"balance": round(balance, 3), "case": round(case, 3)}


def belongs(headline: str, places: Sequence[str], beat: Beat) -> str:
    """Which part of an issue a story belongs to: "home" first, then the "region", then the "world".

    Home is where the story mainly happens (the place that its articles name most) or what its
    headline names; a passing mention of home does not make a story local.
    """
    named = headline.casefold()
    at_home = any(
        re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", named)
        if name.isascii()
        else name in named
        for name in beat.home.variants
    )
    if at_home or tuple(places[:1]) == (beat.home.iso2,):
        return "home"
    return "region" if set(places[:3]) & set(beat.region) else "world"


def propose(ranked: Sequence[Ranked], limit: int = LIMIT) -> list[Ranked]:
    """The month's proposal: the best relevant stories, balanced, at most `limit`, in their order.

    No form and no country away from home takes more than two fifths of the places, and no case more
    than PER_CASE, as long as there are others; free places then go to the best of the rest. Stories
    that the judge was not sure of are for the editor to find in the inbox.
    """
    fit = [r for r in ranked if r.factors.get("band", 0.0) >= BAND[Band.RELEVANT]]
    bound = max(2, math.ceil(0.4 * limit))
    chosen: set[str] = set()
    forms: Counter[str] = Counter()
    lands: Counter[str] = Counter()
    cases: Counter[str] = Counter()
    for story in fit:
        if len(chosen) == limit:
            break
        if (
            any(forms[f] >= bound for f in story.forms[:1])
            or any(lands[p] >= bound for p in story.places[:1])
            or (story.case and cases[story.case] >= PER_CASE)
        ):
            continue
        chosen.add(story.story)
        forms.update(story.forms[:1])
        if story.factors.get("home", 0.0) < HOME:
            lands.update(story.places[:1])
        if story.case:
            cases[story.case] += 1
    for story in fit:
        if len(chosen) >= limit:
            break
        if not (story.case and cases[story.case] >= PER_CASE):
            chosen.add(story.story)
    return [r for r in fit if r.story in chosen]
