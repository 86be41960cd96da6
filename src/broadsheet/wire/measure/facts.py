"""Exact-match precision and recall of the facts, for each field."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from broadsheet.wire.beat import Beat
from broadsheet.wire.errors import RowError
from broadsheet.wire.facts import Fact, facts
from broadsheet.wire.facts.numbers import Count
from broadsheet.wire.model import Article

# What is compared of each kind; a field that the text does not state is none.
FIELDS = {
    "victims": (
        "count",
        "sex",
        "age_group",
        "ages",
        "nationality",
        "afterwards",
        "parts",
        "superseded_by",
    ),
    "suspects": ("count", "stage", "sex", "ages", "nationality", "sentence"),
    "persons_moved": ("count", "nationality"),
    "statistics": ("value", "unit", "previous", "change_pct"),
    "ranking": ("country", "edition", "tier", "previous", "direction", "agrees"),
}
WHOLE = ("amounts", "law", "agencies")  # compared as one thing


@dataclass
class Score:
    """Values that are right, that should not be there, and that were missed, with their sentences."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    slips: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def counted(given: Any, at: str) -> dict[str, Any]:
    """A count as labels write it (3, ">5", ">=20", "<=30", "<9", "~50", "15-20", "vague 24") or as fields."""
    if isinstance(given, Mapping):
        if given.get("superseded_by"):
            return {
                **counted({"exact": given["exact"]}, at),
                "superseded_by": given["superseded_by"],
            }
        made = Count(
            given.get("min"), given.get("max"), given.get("exact"), given.get("qualifier", "exact")
        )
        if made.qualifier == "exact":
            made = Count(exact=made.exact)
        return made.plain()
    match = re.fullmatch(r"(>=|<=|>|<|~|vague )?(\d+)(?:-(\d+))?", str(given))
    if match is None:
        raise RowError(f"The count {given!r} cannot be read", at=at)
    sign, number = match.group(1) or "", int(match.group(2))
    if match.group(3):
        return Count(min=number, max=int(match.group(3)), qualifier="between").plain()
    return {
        "": Count(exact=number),
        ">": Count(min=number + 1, qualifier="more_than"),
        ">=": Count(min=number, qualifier="at_least"),
        "<=": Count(max=number, qualifier="at_most"),
        "<": Count(max=number - 1, qualifier="fewer_than"),
        "~": Count(min=number * 9 // 10, max=-(-number * 11 // 10), qualifier="about"),
        "vague ": Count(min=number, qualifier="vague"),
    }[sign].plain()


def wanted(gold: Mapping[str, Any], at: str) -> Counter[tuple[str, str]]:
    """The labels of a sentence as (field, value) pairs."""
    pairs: Counter[tuple[str, str]] = Counter()
    for kind, fields in FIELDS.items():
        groups = gold.get(kind) or []
        for group in [groups] if isinstance(groups, Mapping) else groups:
            values = dict(group)
            if "count" not in values and "exact" in values:
                values["count"] = {"exact": values["exact"]}
            if "count" in values:
                values["count"] = counted(values["count"], at)
            later = values["count"].pop("superseded_by", None) if "count" in values else None
            if later is not None:
                values["superseded_by"] = later
            ages = values.get("ages")
            if isinstance(ages, Sequence):
                values["ages"] = {"min": ages[0], "max": ages[1]}
            parts = values.get("parts")
            if parts is not None:
                values["parts"] = [
                    p if isinstance(p, int) else p.get("exact", p.get("count")) for p in parts
                ]
            _add(pairs, kind, fields, values)
    for kind in WHOLE:
        those = gold.get(kind) or ()
        for value in () if those == "not_stated" else those:
            pairs[kind, _text(_plain(kind, value))] += 1
    for role in ("event", "announced"):
        stated = (gold.get("dates") or {}).get(role)
        if isinstance(stated, Mapping):
            stated = "/".join(str(stated[k]) for k in ("from", "to") if stated.get(k)) or None
        if stated:
            pairs[f"dates.{role}", str(stated)] += 1
    return pairs


def given(found: Iterable[Fact], kinds: frozenset[str]) -> Counter[tuple[str, str]]:
    """What was found, as the same pairs; agencies only where the sentence has labels for them."""
    pairs: Counter[tuple[str, str]] = Counter()
    for fact in found:
        values = dict(fact.value)
        if fact.kind in FIELDS:
            if "parts" in values:
                values["parts"] = [part["count"]["exact"] for part in values["parts"]]
            if "agrees" not in kinds:
                values.pop("agrees", None)
            _add(pairs, fact.kind, FIELDS[fact.kind], values)
        elif fact.kind in WHOLE:
            if fact.kind != "agencies" or fact.kind in kinds:
                pairs[fact.kind, _text(_plain(fact.kind, values))] += 1
        elif fact.kind == "dates":
            for role in ("event", "announced"):
                if role in values:
                    stated = values[role]
                    pairs[
                        f"dates.{role}",
                        "/".join(str(stated[k]) for k in ("from", "to") if stated.get(k)),
                    ] += 1
    return pairs


def _add(
    pairs: Counter[tuple[str, str]], kind: str, fields: Iterable[str], values: Mapping[str, Any]
) -> None:
    for name in fields:
        value = values.get(name)
        if value in (None, "not_stated", [], {}):
            continue
        pairs[f"{kind}.{name}", _text(value)] += 1


def _plain(kind: str, value: Any) -> Any:
    if kind == "agencies":
        return value if isinstance(value, str) else value["name"]
    keys = {
        "amounts": ("min", "max", "currency", "kind", "per"),
        "law": ("name", "kind", "relation", "years", "life", "section"),
    }[kind]
    return {key: value[key] for key in keys if value.get(key) is not None}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)


def measure(rows: Iterable[tuple[Article, Mapping[str, Any]]], beat: Beat) -> dict[str, Score]:
    """Field -> score over articles with their labels."""
    scores: dict[str, Score] = {}
    for article, gold in rows:
        want = wanted(gold, str(article.id))
        # Whether the table agrees is compared only where the labels say so.
        told = {"agrees"} if "agrees" in str(gold.get("ranking")) else set()
        have = given(facts(article, beat), frozenset(gold) | told)
        for pair in want | have:
            name, value = pair
            score = scores.setdefault(name, Score())
            right = min(want[pair], have[pair])
            score.right += right
            score.wrong += have[pair] - right
            score.missed += want[pair] - right
            if have[pair] > right:
                score.slips.append(f"{article.id} +{value}")
            if want[pair] > right:
                score.slips.append(f"{article.id} -{value}")
    return dict(sorted(scores.items()))
