"""Articles as they come: each joins a story or founds one, and what an editor fixed stays.

Adding one article costs the articles that share its rare terms, not those that are there.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from broadsheet.wire.group import copies as repeats
from broadsheet.wire.group.affairs import cases
from broadsheet.wire.group.join import WINDOW, Few, Join, Pairs, Weights, shipped
from broadsheet.wire.group.lead import LeadRules
from broadsheet.wire.group.link import AGAINST, BOUND, HEAVIEST, NEAR, TOO_COMMON
from broadsheet.wire.group.naming import members, order, story_key
from broadsheet.wire.group.posts import Posts
from broadsheet.wire.group.terms import Corpus, Floats, day_of, distinct
from broadsheet.wire.model import Article, Member

LOOKED_AT = 24  # articles of a story that a new one is compared with, the latest first
LIKELY = 0.0  # mean log-odds above which an article joins a story
CHECKED = 6  # texts that are verified as the original of a new one
COMPARED = 500_000  # pairs with past articles that are looked at together: a bound on memory, 30 MB


@dataclass(frozen=True, slots=True)
class Known:
    """An article that is kept, with its story. A `pinned` story stands in an issue: it never changes."""

    article: Article
    story: str
    pinned: bool = False
    copy_of: str | None = None  # the key of the article whose text it repeats


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a new article went.

    founded   it is the first of its story
    joined    stories that it made one with `story`; their keys are gone
    follows   a pinned story that it would have joined: new since that issue
    """

    article: Article
    story: str
    founded: bool
    copy_of: str | None = None
    joined: tuple[str, ...] = ()
    follows: str | None = None


class Index:
    """A month of articles in their stories, ready to take in one more.

    together, apart   pairs of article keys that an editor merged or split: held whatever comes later
    common            the beat's own words, which make no story and no case
    expected          articles that will be added: how crowded a day is says how likely it is that two
                      reports of it are one event, and is better known beforehand
    """

    def __init__(
        self,
        known: Iterable[Known] = (),
        *,
        together: Iterable[tuple[str, str]] = (),
        apart: Iterable[tuple[str, str]] = (),
        expected: Iterable[Article] = (),
        rules: LeadRules | None = None,
        join: Join | None = None,
        common: Collection[str] = (),
    ) -> None:
        self._common = common
        self._join = join or shipped()
        self._rules = rules
        self._corpus = Corpus(common=common)
        self._story: list[str] = []
        self._original: list[int] = []
        self._stories: dict[str, list[int]] = {}
        self._pinned: set[str] = set()
        self._by_key: dict[str, int] = {}
        self._together = _both_ways(together)
        self._apart = _both_ways(apart)
        self._days: Counter[int] = Counter()
        self._undated = 0
        self._expected: Counter[int] = Counter(
            int(day) for day in map(day_of, expected) if not math.isnan(day)
        )
        self._posts, self._shingles = Posts(), Posts()
        self._texts: dict[bytes, int] = {}
        self._held = [np.zeros(1024), np.zeros(1024), np.zeros(1024)]
        # what was sampled of the article looked at last
        self._last: tuple[int, repeats.Hashes] = (-1, np.zeros(0, np.uint64))
        self._search: repeats.Search | None = None
        self._weighed: Weights | None = None
        self._weighed_at = 0
        given = sorted(known, key=lambda k: order(k.article))
        self._corpus.add(k.article for k in given)
        for at, one in enumerate(given):
            self._keep(at, one.story, one.copy_of)
            if one.pinned:
                self._pinned.add(one.story)

    def __len__(self) -> int:
        return len(self._story)

    def add(self, article: Article) -> Placement:
        """Take an article in: it joins a story, founds one, or makes two stories one.

        An article whose key is here already is not taken in again. A pinned story takes nothing
        in: what would have joined it founds a story that `follows` it.
        """
        known = self._by_key.get(article.key)
        if known is not None:
            return Placement(article, self._story[known], False, self._key_of_original(known))
        self._corpus.add((article,))
        at = len(self._corpus) - 1
        original = self._repeats(at)
        merged = [self._by_key[k] for k in sorted(self._together[article.key]) if k in self._by_key]
        likely = self._likely(at, original)
        likely += [(2 * BOUND, self._story[one]) for one in merged]
        likely.sort(key=lambda pair: (-pair[0], pair[1]))
        follows = next((story for _, story in likely if story in self._pinned), None)
        free = [story for _, story in likely if story not in self._pinned]
        free = [story for story in dict.fromkeys(free) if not self._kept_apart(at, story)]
        copy_of = self._corpus.articles[original].key if original != at else None
        if follows and (not free or likely[0][1] == follows):
            story = self._found(at, copy_of)
            return Placement(article, story, True, copy_of, follows=follows)
        if not free:
            return Placement(article, self._found(at, copy_of), True, copy_of)
        story = min(free, key=lambda key: min(self._stories[key])) if merged else free[0]
        self._keep(at, story, copy_of)
        joined = tuple(
            other for other in free if other != story and self._one(story, other, merged)
        )
        for other in joined:
            self._merge(story, other)
        return Placement(article, story, False, copy_of, joined)

    def merge(self, one: str, other: str) -> str:
        """An editor makes two stories one: it stays one. Gives the key that is kept, the first's."""
        self._bind(self._stories[one][0], self._stories[other][0])
        self._merge(one, other)
        return one

    def split(self, article: str) -> str:
        """An editor takes an article out of its story: it never comes back. Gives its new story."""
        at = self._by_key[article]
        left = self._story[at]
        rest = [other for other in self._stories[left] if other != at]
        if not rest:
            return left
        for other in rest:
            key = self._corpus.articles[other].key
            self._apart[article].add(key)
            self._apart[key].add(article)
            self._together[article].discard(key)
            self._together[key].discard(article)
        self._stories[left] = rest
        return self._found_for(at)

    def members(self) -> list[Member]:
        """All articles with their stories as they stand now, in the order of their dates."""
        size = len(self)
        by_order = sorted(range(size), key=lambda at: order(self._corpus.articles[at]))
        place = {at: number for number, at in enumerate(by_order)}
        first: dict[str, int] = {}
        for at in by_order:
            first.setdefault(self._story[at], place[at])
        stories = [first[self._story[at]] for at in by_order]
        originals = [place[self._original[at]] for at in by_order]
        ordered = [self._corpus.articles[at] for at in by_order]
        affairs = cases(
            self._corpus,
            np.array(by_order, dtype=np.int64),
            np.array(stories, dtype=np.int64),
            self._common,
        )
        return members(
            ordered,
            [self._corpus.articles[at].key for at in by_order],
            stories,
            originals,
            [int(n) for n in affairs],
            self._rules,
            named_stories=[self._story[at] for at in by_order],
        )

    # --- how an article is kept ------------------------------------------------------------

    def _found(self, at: int, copy_of: str | None) -> str:
        story = self._fresh(at)
        self._keep(at, story, copy_of)
        return story

    def _found_for(self, at: int) -> str:
        story = self._fresh(at)
        self._story[at] = story
        self._stories[story] = [at]
        return story

    def _fresh(self, at: int) -> str:
        story = story_key(self._corpus.articles[at].key)
        number = 1
        while story in self._stories or story in self._pinned:
            number += 1
            story = f"{story[:20]}{number:04x}"
        return story

    def _keep(self, at: int, story: str, copy_of: str | None) -> None:
        article = self._corpus.articles[at]
        self._story.append(story)
        self._stories.setdefault(story, []).append(at)
        self._by_key.setdefault(article.key, at)
        self._original.append(self._by_key.get(copy_of, at) if copy_of else at)
        day = self._corpus.days[at]
        if not math.isnan(day):
            self._days[int(day)] += 1
            self._expected[int(day)] -= 1
        else:
            self._undated += 1
        corpus = self._corpus
        for which, rows in enumerate((corpus.headlines, corpus.bodies, corpus.pieces)):
            columns = rows.row(at)
            if len(columns) and columns[-1] >= len(self._held[which]):
                wider = np.zeros(2 * int(columns[-1]) + 2)
                wider[: len(self._held[which])] = self._held[which]
                self._held[which] = wider
            self._held[which][columns] += 1
        self._posts.add(at, corpus.bodies.row(at).astype(np.uint64))
        if len(corpus.texts[at]) >= repeats.LEAST_WORDS:
            self._texts.setdefault(corpus.texts[at].tobytes(), at)
            self._shingles.add(at, self._sampled(at))

    def _merge(self, story: str, other: str) -> None:
        moved = self._stories.pop(other)
        for at in moved:
            self._story[at] = story
        self._stories[story] = sorted(self._stories[story] + moved)

    def _bind(self, one: int, other: int) -> None:
        a, b = self._corpus.articles[one].key, self._corpus.articles[other].key
        self._together[a].add(b)
        self._together[b].add(a)
        self._apart[a].discard(b)
        self._apart[b].discard(a)

    def _kept_apart(self, at: int, story: str) -> bool:
        apart = self._apart.get(self._corpus.articles[at].key, ())
        return bool(apart) and any(
            self._corpus.articles[other].key in apart for other in self._stories[story]
        )

    # --- what it is like -------------------------------------------------------------------

    def _sampled(self, at: int) -> repeats.Hashes:
        if self._last[0] == at:
            return self._last[1]
        made = repeats.shingles(self._corpus.texts[at], self._hashes())
        found = distinct(made[made % np.uint64(repeats.SAMPLE) == 0])
        self._last = at, found
        return found

    def _hashes(self) -> repeats.Hashes:
        if self._search is None:
            self._search = repeats.Search(self._corpus)
        return self._search.fresh()

    def _repeats(self, at: int) -> int:
        """The article whose text this one repeats; itself where it repeats none."""
        words = self._corpus.texts[at]
        if len(words) < repeats.LEAST_WORDS:
            return at
        belongs: dict[int, bool] = {}
        same = self._texts.get(words.tobytes())
        if same is not None:
            return self._original[same] if repeats.meant(self._corpus, same, at, belongs) else at
        shared: Counter[int] = Counter()
        sampled = self._sampled(at)
        for holders in self._shingles.last(sampled, TOO_COMMON):
            shared.update(holders)
        wanted = max(2, round(repeats.MAYBE * len(sampled) / 2))
        assert self._search is not None
        for other, count in sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:CHECKED]:
            if (
                count >= wanted
                and self._search.odds(at, other) >= repeats.EXTRA
                and repeats.meant(self._corpus, at, other, belongs)
            ):
                return self._original[other]
        return at

    def _likely(self, at: int, original: int) -> list[tuple[float, str]]:
        """Stories that the article may tell of, with their mean log-odds, above LIKELY."""
        if original != at:
            return [(BOUND, self._story[original])]
        near = self._near(at)
        if not near:
            return []
        stories = list(dict.fromkeys(self._story[other] for other in near))
        looked = {story: self._stories[story][-LOOKED_AT:] for story in stories}
        places = [at, *dict.fromkeys(other for mine in looked.values() for other in mine)]
        row = {other: number for number, other in enumerate(places)}
        pairs = self._pairs(places)
        left = np.zeros(len(places) - 1, dtype=np.int64)
        odds = pairs.score(left, np.arange(1, len(places), dtype=np.int64), self._join)
        odds = np.clip(odds, -AGAINST, BOUND)
        found = []
        for story, mine in looked.items():
            mean = float(np.mean([odds[row[other] - 1] for other in mine]))
            if mean > LIKELY:
                found.append((mean, story))
        return found

    def _near(self, at: int) -> list[int]:
        """The articles that share most of its heaviest terms, within the window, and no copies."""
        columns = self._corpus.bodies.row(at)
        held = self._held[1]
        count = np.zeros(len(columns))
        inside = columns < len(held)
        count[inside] = held[columns[inside]]
        prior = self._corpus.vocabulary.prior
        common = count + np.array([prior[column] for column in columns.tolist()])
        usable = np.flatnonzero((count > 0) & (count <= 4 * TOO_COMMON))
        heaviest = usable[np.lexsort((columns[usable], common[usable]))][: HEAVIEST + 6]
        score: dict[int, float] = defaultdict(float)
        day = self._corpus.days[at]
        days = self._corpus.days
        holders = self._posts.last(columns[heaviest].astype(np.uint64), TOO_COMMON)
        for which, others in zip(heaviest.tolist(), holders, strict=True):
            weight = float(np.log1p(len(self) / (1.0 + common[which]))) ** 2
            for other in others:
                score[other] += weight
        best = sorted(score.items(), key=lambda item: (-item[1], item[0]))
        near = (
            other
            for other, _ in best
            if self._original[other] == other and not abs(days[other] - day) > WINDOW
        )
        return list(itertools.islice(near, NEAR))

    def _pairs(self, places: Sequence[int]) -> Few:
        return Few(
            self._corpus,
            np.array(places, dtype=np.int64),
            self._weights(),
            self._crowd(places),
        )

    def _weights(self) -> Weights:
        """The weights of all terms, worked out anew where the month grew by a fiftieth."""
        corpus = self._corpus
        terms = len(corpus.vocabulary.terms)
        widths = (terms, terms, corpus.vocabulary.n_pieces)
        if self._weighed is None or len(self) > 1.02 * self._weighed_at:
            counts = [_wide(held, width) for held, width in zip(self._held, widths, strict=True)]
            self._weighed = Weights.of(corpus, len(self) + 1, *counts)
            self._weighed_at = len(self)
        else:
            self._weighed = self._weighed.wider(terms, corpus.vocabulary.n_pieces)
        return self._weighed

    def _crowd(self, places: Sequence[int]) -> Floats:
        made = np.empty(len(places))
        for number, at in enumerate(places):
            day = self._corpus.days[at]
            if not math.isnan(day):
                near = sum(
                    self._days[int(day) + step] + max(0, self._expected[int(day) + step])
                    for step in range(-2, 3)
                )
                made[number] = near + self._undated + 1
            else:
                made[number] = len(self) + 1
        return made

    def _one(self, story: str, other: str, merged: Sequence[int]) -> bool:
        """Whether two stories that one article speaks for are one, by all their articles."""
        if any(self._story[at] in (story, other) for at in merged) and len(merged) > 1:
            return True
        ones, others = self._stories[story][-LOOKED_AT:], self._stories[other][-LOOKED_AT:]
        for one in self._stories[story]:
            if self._kept_apart(one, other):
                return False
        places = [*ones, *others]
        pairs = self._pairs(places)
        left = np.repeat(np.arange(len(ones)), len(others))
        right = np.tile(np.arange(len(ones), len(places)), len(ones))
        odds = np.clip(pairs.score(left, right, self._join), -AGAINST, BOUND)
        return bool(odds.mean() > LIKELY)

    def _key_of_original(self, at: int) -> str | None:
        first = self._original[at]
        return None if first == at else self._corpus.articles[first].key


def _wide(held: Floats, width: int) -> Floats:
    if len(held) >= width:
        return held[:width]
    made = np.zeros(width)
    made[: len(held)] = held
    return made


def _both_ways(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    made: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        made[one].add(other)
        made[other].add(one)
    return made


def recall(members: Sequence[Member], past: Sequence[Member]) -> dict[str, str]:
    """The story of a past issue or month that each story tells again: story key -> past story key.

    A story tells a past one again where its mean log-odds to that story's articles, days left aside,
    speak for one event. Of a story of many articles the latest LOOKED_AT speak. Stories not told
    before are not in the answer.
    """
    if not members or not past:
        return {}
    new, told = _latest(members), _latest(past)
    undated = [replace(article, published=None) for _, article in (*new, *told)]
    return _recalled(
        Pairs(Corpus(undated)), shipped(), [story for story, _ in new], [story for story, _ in told]
    )


def _latest(members: Sequence[Member]) -> list[tuple[str, Article]]:
    """Of each story the latest LOOKED_AT articles, with its key; stories in the order of their keys."""
    by_story: dict[str, list[Article]] = defaultdict(list)
    for member in members:
        by_story[member.story].append(member.article)
    return [
        (story, article)
        for story, mine in sorted(by_story.items())
        for article in (mine if len(mine) <= LOOKED_AT else sorted(mine, key=order)[-LOOKED_AT:])
    ]


def _recalled(pairs: Pairs, join: Join, new: Sequence[str], past: Sequence[str]) -> dict[str, str]:
    """By the stories of the first articles of `pairs`, which are new, and of the rest, which are past."""
    size = len(new)
    stories, ours = np.unique(np.array(new), return_inverse=True)
    earlier, theirs = np.unique(np.array(past), return_inverse=True)
    sums: dict[int, float] = defaultdict(float)
    counts: Counter[int] = Counter()
    turned = pairs.bodies[size:].T.tocsr()
    block = max(1, COMPARED // len(past))
    for at in range(0, size, block):
        alike = (pairs.bodies[at : min(size, at + block)] @ turned).tocoo()
        kept = alike.data >= 0.15
        ones, others = alike.row[kept].astype(np.int64) + at, alike.col[kept].astype(np.int64)
        odds = np.clip(pairs.score(ones, others + size, join), -BOUND, BOUND)
        found, place, times = np.unique(
            ours[ones] * len(earlier) + theirs[others], return_inverse=True, return_counts=True
        )
        much = np.bincount(place, weights=odds, minlength=len(found))
        for pair, total, count in zip(found.tolist(), much.tolist(), times.tolist(), strict=True):
            sums[pair] += total
            counts[pair] += count
    ours_of, theirs_of = np.bincount(ours), np.bincount(theirs)
    best: dict[str, tuple[float, str]] = {}
    for pair, total in sums.items():
        one, other = divmod(pair, len(earlier))
        every = int(ours_of[one] * theirs_of[other])
        mean = (total - BOUND * (every - counts[pair])) / every
        story, before = str(stories[one]), str(earlier[other])
        if mean > LIKELY and (mean, before) > best.get(story, (LIKELY, "")):
            best[story] = mean, before
    return {story: before for story, (_, before) in sorted(best.items())}
