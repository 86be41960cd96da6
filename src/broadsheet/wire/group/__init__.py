"""Group: copies of one text, reports of one event, follow-ups of one case."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable

from broadsheet.wire.group.lead import LeadRules, agency, independent, others
from broadsheet.wire.group.terms import STOP, split, stem
from broadsheet.wire.model import Article, Member, Role

__all__ = ["LeadRules", "agency", "group", "independent", "others", "story_key"]

_ALIKE = 0.32
_DAYS = 4.0


def _order(article: Article) -> tuple[str, str, str, str]:
    when = article.published.sort_key() if article.published else "9"
    return when, article.key, article.headline, article.text


def story_key(founder: Article) -> str:
    """The key of the story that an article founded."""
    return founder.key[:24]


def group(articles: Iterable[Article], rules: LeadRules | None = None) -> list[Member]:
    """Put articles together that tell of one event; tell copies of a text from reports.

    The same articles in any order give the same members in the same order.
    """
    ordered = sorted(articles, key=_order)
    terms = [_terms(a) for a in ordered]
    df = Counter(term for bag in terms for term in bag)
    n = len(ordered)
    vectors: list[dict[str, float]] = []
    posts: dict[str, list[int]] = defaultdict(list)
    for bag in terms:
        vector = {t: c * math.log(1 + (n + 20) / (df[t] + 0.5)) for t, c in bag.items()}
        norm = math.sqrt(sum(w * w for w in vector.values())) or 1.0
        vectors.append({t: w / norm for t, w in vector.items()})
    edges: dict[int, dict[int, float]] = defaultdict(dict)
    for index, vector in enumerate(vectors):
        scores: dict[int, float] = defaultdict(float)
        for term, weight in vector.items():
            for other in posts[term][-200:]:
                scores[other] += weight * vectors[other][term]
            posts[term].append(index)
        for other, score in scores.items():
            days = _days(ordered[index], ordered[other])
            much = score - 0.02 * max(0.0, days - 1)
            if much > 0.1 and days <= 30:
                edges[index][other] = edges[other][index] = much
    parts = _link(n, edges)
    members: list[Member] = []
    for part in parts:
        members += _members([ordered[i] for i in part], rules or LeadRules())
    return members


def _terms(article: Article) -> Counter[str]:
    bag: Counter[str] = Counter()
    for word in split(article.headline):
        if word not in STOP:
            bag[stem(word)] += 2
    for word in split(article.text[:1500]):
        if word not in STOP:
            bag[stem(word)] += 1
    return Counter({t: 1 + math.log(c) for t, c in bag.items()})


def _days(one: Article, other: Article) -> float:
    if not (one.published and other.published and one.published.day and other.published.day):
        return 0.0
    return abs((one.published.day - other.published.day).days)


def _link(n: int, edges: dict[int, dict[int, float]]) -> list[list[int]]:
    parts = {i: [i] for i in range(n)}
    sums = {i: dict(edges.get(i, {})) for i in range(n)}
    while True:
        best = max(
            (
                (s / (len(parts[a]) * len(parts[b])), -a, -b)
                for a, near in sums.items()
                for b, s in near.items()
                if a < b
            ),
            default=None,
        )
        if best is None or best[0] < _ALIKE:
            return [parts[i] for i in sorted(parts)]
        a, b = -best[1], -best[2]
        parts[a] += parts.pop(b)
        for other, much in sums.pop(b).items():
            sums[other].pop(b)
            if other != a:
                sums[a][other] = sums[a].get(other, 0.0) + much
                sums[other][a] = sums[a][other]
        parts[a].sort()


def _shingles(article: Article) -> set[int]:
    words = split(article.text)
    return {hash(tuple(words[i : i + 3])) for i in range(len(words) - 2)}


def _members(articles: list[Article], rules: LeadRules) -> list[Member]:
    bags = [_shingles(a) for a in articles]
    original: dict[int, int] = {}
    for later in range(1, len(articles)):
        for earlier in range(later):
            least = min(len(bags[later]), len(bags[earlier]))
            if least >= 8 and len(bags[later] & bags[earlier]) >= 0.3 * least:
                original[later] = original.get(earlier, earlier)
                break
    lead = min(range(len(articles)), key=lambda i: rules.order(articles[i], i in original))
    key = story_key(articles[0])
    return [
        Member(
            article,
            key,
            Role.LEAD if i == lead else Role.COPY if i in original else Role.REPORT,
            articles[original[i]].key if i in original else None,
            agency(article),
        )
        for i, article in enumerate(articles)
    ]
