"""Suspects, people who were harmed and people who were moved, as claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from broadsheet.wire import places
from broadsheet.wire.facts import courts, dated, figures, people
from broadsheet.wire.facts.claim import Fact
from broadsheet.wire.facts.people import Group
from broadsheet.wire.facts.sentence import Sentence
from broadsheet.wire.phrases import Matcher


def claims(said: Sentence) -> Iterator[Fact]:
    """A claim for each group that a pattern fits, and for a punishment whose person is only "he" or "she"."""
    found = people.read(said.text, said.context.rules.words, said.said_by)
    terms = list(courts.terms(said, found))
    for group in found:
        if group.side in (None, "none") or group.part_of is not None:
            continue
        if group.side == "suspects":
            yield _suspect(said, group, [t for t in terms if t[0] is group])
        elif group.side == "victims":
            yield figures.overall(said, group) or _victim(said, group)
        elif group.side == "persons_moved":
            yield said.fact(
                "persons_moved",
                {"count": group.count.plain(), "nationality": _iso3(group)},
                group.start,
                group.end,
                group.rule,
            )
    for owner, sentence, start, end in terms:
        if owner is None:
            yield said.fact(
                "suspects",
                {"stage": "sentenced", "sentence": sentence},
                start,
                end,
                "S.pronoun",
            )


def _suspect(
    said: Sentence, group: Group, terms: Sequence[tuple[Any, list[dict[str, Any]], int, int]]
) -> Fact:
    value: dict[str, Any] = {
        "count": group.count.plain(),
        "sex": group.sex,
        "stage": group.stage,
    }
    value |= _who(group)
    if group.role:
        value["role"] = [group.role]
    for _, sentence, _, _ in terms:
        value["stage"] = "sentenced"
        value["sentence"] = sentence
    when = dated.when(said)
    if when:
        value["when"] = when
    return said.fact(
        "suspects",
        value,
        group.start,
        group.end,
        group.rule,
        certainty="alleged"
        if group.stage in ("sought", "suspected", "arrested", "charged")
        and said.certainty != "attributed"
        else said.certainty,
    )


def _victim(said: Sentence, group: Group) -> Fact:
    value: dict[str, Any] = {
        "count": group.count.plain(),
        "sex": group.sex,
        "age_group": group.age_group,
    }
    if group.superseded_by is not None:
        later = group.superseded_by.count
        value["superseded_by"] = later.exact if later.exact is not None else later.plain()
    value["status"] = group.status or "Possible"
    by = group.status_by or _status_by(said, group)
    if by:
        value["status_by"] = by
    value |= _who(group)
    if group.afterwards:
        value["afterwards"] = [group.afterwards]
    codes = _codes(said)
    value |= codes
    if group.parts:
        _add_parts(group, value)
    return said.fact("victims", value, group.start, group.end, group.rule)


def _add_parts(group: Group, value: dict[str, Any]) -> None:
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
        sign = "=" if total == whole else "<" if total < whole else ">"
        value["check"] = f"{' + '.join(map(str, given))} {sign} {whole}"
    if {part.age_group for part in group.parts} >= {"adult", "child"}:
        value["age_group"] = "mixed"
        value["sex"] = "mixed"


def _status_by(said: Sentence, group: Group) -> str | None:
    if group.status != "Actual" and said.said_by not in ("police", "prosecution"):
        return None
    return {
        "police": "Police",
        "court": "CourtOrProsecution",
        "prosecution": "CourtOrProsecution",
        "ngo": "NGO",
        "government": "NonPoliceGovernmentalOrganization",
    }.get(said.said_by)


def _codes(said: Sentence) -> dict[str, list[str]]:
    """Forms, sectors and signs whose words stand in the sentence."""
    hits = Matcher.of(said.context.beat).scan(said.text)
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


def _who(group: Group) -> dict[str, Any]:
    """Ages and nationalities of a group, where they are told."""
    told: dict[str, Any] = {}
    if group.ages:
        told["ages"] = {"min": group.ages[0], "max": group.ages[1]}
    if group.nationality:
        told["nationality"] = _iso3(group)
    return told


def _iso3(group: Group) -> list[str]:
    return [places.iso3(iso2) or iso2 for iso2 in group.nationality]
