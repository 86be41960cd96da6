"""Members from numbers: the order of articles, the keys of stories, leads, agencies and cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from broadsheet.wire.group.lead import LeadRules, agency
from broadsheet.wire.model import Article, Member, Role


def order(article: Article) -> tuple[str, str, str, str]:
    """In what order articles are looked at: by date, undated ones last, then by key."""
    when = article.published.sort_key() if article.published else "9"
    return when, article.key, article.headline, article.text


def story_key(key: str) -> str:
    """The key of the story that the article with this key founded: 96 bits of it."""
    return key[:24]


def members(
    articles: Sequence[Article],
    keys: Sequence[str],
    stories: Sequence[int],
    original: Sequence[int],
    affairs: Sequence[int],
    rules: LeadRules | None,
    named_stories: Sequence[str] | None = None,
) -> list[Member]:
    """The members for articles in their order with their keys, by the number of each one's story.

    `original` says whose text each repeats, `affairs` numbers the case of each. A story's key is that
    of its first article unless `named_stories` gives one; a case's key is that of its first story.
    Where one copy of a text names its agency, all copies have it.
    """
    rules = rules or LeadRules()
    by_story: dict[int, list[int]] = defaultdict(list)
    by_text: dict[int, list[int]] = defaultdict(list)
    by_case: dict[int, set[int]] = defaultdict(set)
    for at, (story, text, affair) in enumerate(zip(stories, original, affairs, strict=True)):
        by_story[story].append(at)
        by_text[text].append(at)
        by_case[affair].add(story)
    named: dict[int, str] = {}
    for text, places in by_text.items():
        found = sorted(name for name in (agency(articles[at]) for at in places) if name)
        if found:
            named[text] = found[0]
    key: dict[int, str] = {}
    used: set[str] = set()
    for story, places in by_story.items():
        first = places[0]
        made = named_stories[first] if named_stories else story_key(keys[first])
        # A founder that was taken out of its story leaves the key behind: the next free one is its own.
        while made in used:
            made = f"{made[:20]}{(int(made[20:24] or '0', 16) + 1) % 65536:04x}"
        used.add(made)
        key[story] = made
    out: list[Member] = []
    for story, places in by_story.items():
        lead = places[0]
        if len(places) > 1:
            lead = min(
                places, key=lambda at: rules.order(articles[at], keys[at], original[at] != at)
            )
        affair = affairs[places[0]]
        case = key[min(by_case[affair])] if len(by_case[affair]) > 1 else None
        for at in places:
            is_copy = original[at] != at
            role = Role.LEAD if at == lead else Role.COPY if is_copy else Role.REPORT
            copy_of = keys[original[at]] if is_copy else None
            out.append(
                Member(articles[at], key[story], role, copy_of, named.get(original[at]), case)
            )
    return out
