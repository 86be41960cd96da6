"""The beat's facts-words.yaml, compiled, and what the sentences of one article share."""

# ruff: noqa: E501 -- patterns read worse in pieces
from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from broadsheet.wire.beat import Beat
from broadsheet.wire.facts import people


@dataclass(frozen=True)
class Rules:
    """Patterns by what they tell. `data` is the file as it stands; `said` ends before a reported date."""

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
class Context:
    """What the sentences of one article share.

    published  the day of publication in the outlet's zone; None where it is not known
    countries  the places that the article names (ISO 3166-1 alpha-2): whose dollars are meant
    """

    beat: Beat
    rules: Rules
    published: date | None
    countries: frozenset[str]
    stamp: str  # the date of publication as it stands


_keys: dict[int, tuple[Beat, str]] = {}


def of(beat: Beat) -> Rules | None:
    """The rules of a beat, compiled once; None where it has none."""
    return _compiled(_key(beat))


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
def _compiled(key: str) -> Rules | None:
    data = json.loads(key)
    if not data:
        return None
    saying = "|".join(data["saying"])
    return Rules(
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
