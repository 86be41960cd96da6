"""Which entries are new, which are known, and which are a revision of what is known.

Identity is the canonical address and a fingerprint of the words. Identifiers are a hint only: feeds
use one twice (FreshRSS 5329), rewrite them (FreshRSS 5909), and let the scheme change in them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from broadsheet.wire import text, urls
from broadsheet.wire.model import Entry

ALIKE = 0.5  # share of words that two headlines have in common, for one to be an edit of the other


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of an entry that was taken in."""

    url_key: str
    fingerprint: str
    headline: str
    identifier: str | None = None
    day: str = ""


@dataclass(frozen=True, slots=True)
class Sorted:
    """Entries by what they are to those who know the earlier ones; each in the order of the feed.

    revised   with the earlier one that each revises
    renamed   how many known entries came under another identifier
    """

    new: tuple[Entry, ...]
    revised: tuple[tuple[Entry, Known], ...]
    same: tuple[Entry, ...]
    renamed: int = 0


def fingerprint(entry: Entry) -> str:
    """What two deliveries of one text share, whatever the case, quotes and blanks."""
    words = "\x1f".join((" ".join(text.words(entry.headline)), " ".join(text.words(entry.text))))
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def known(entry: Entry, *, own_page: bool = True) -> Known:
    """What to keep of an entry."""
    return Known(
        urls.key(entry.url) if entry.url and own_page else "",
        fingerprint(entry),
        entry.headline,
        entry.identifier,
        entry.published.value[:10] if entry.published else "",
    )


def sorted_out(entries: Iterable[Entry], before: Iterable[Known]) -> Sorted:
    """Sort a feed's entries by what is known of that feed.

    An address that several entries of one delivery share with different headlines (the front page,
    "latest") tells nothing, and the words alone decide then. An entry at a new address is
    known again by its words and day, or by its identifier where the headline is alike.
    """
    listed = list(entries)
    headlines: dict[str, set[str]] = {}
    for one in listed:
        if one.url:
            headlines.setdefault(urls.key(one.url), set()).add(" ".join(text.words(one.headline)))
    shared = {key for key, given in headlines.items() if len(given) > 1}
    by_url: dict[str, Known] = {}
    by_words: dict[tuple[str, str], Known] = {}
    by_identifier: dict[str, list[Known]] = {}

    def learn(one: Known) -> None:
        if one.url_key:
            by_url[one.url_key] = one
        by_words[one.fingerprint, one.day] = one

    for earlier in before:
        learn(earlier)
        # two entries of one delivery are two, whatever identifier they share
        if earlier.identifier and earlier.url_key not in headlines:
            by_identifier.setdefault(earlier.identifier, []).append(earlier)
    new: list[Entry] = []
    revised: list[tuple[Entry, Known]] = []
    same: list[Entry] = []
    renamed = 0
    for one in listed:
        made = known(one, own_page=not one.url or urls.key(one.url) not in shared)
        found = by_url.get(made.url_key) or by_words.get((made.fingerprint, made.day))
        if found is None and one.identifier:
            found = next(
                (
                    k
                    for k in by_identifier.get(one.identifier, ())
                    if _alike(k.headline, one.headline)
                ),
                None,
            )
        if found is None:
            new.append(one)
        elif found.fingerprint == made.fingerprint:
            same.append(one)
        else:
            revised.append((one, found))
        renamed += bool(found and found.identifier and found.identifier != made.identifier)
        learn(made)
    return Sorted(tuple(new), tuple(revised), tuple(same), renamed)


def _alike(one: str, other: str) -> bool:
    left, right = Counter(text.words(one)), Counter(text.words(other))
    most = max(left.total(), right.total())
    return most > 0 and (left & right).total() >= ALIKE * most
