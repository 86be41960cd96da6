"""Suggest codes on every axis of the taxonomy, and the places, each with where it stands.

A code is a suggestion with evidence, never a finding: the desk records what the *article* states.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from broadsheet.wire import places
from broadsheet.wire.beat import Beat, Code
from broadsheet.wire.model import Article, Evidence, Place, Tags
from broadsheet.wire.phrases import Hit, Matcher, sentence_ends

# A text says most in its first sentences; what stands only further down is background as often as
# not (old cases, boilerplate). Codes found only there need more than one hit.
LEAD = 900  # code points, some five sentences
FIELDS = ("headline", "description", "text")
STRONG, WEAK = 1.0, 0.5  # the weights shown with evidence: a strong phrase, a weak one with context


def tag(article: Article, beat: Beat, on_beat: bool = False) -> Tags:
    """Codes by axis, places and evidence, suggested and not asserted.

    `on_beat` says that the article is known to belong to the beat (the judge's band, or an editor):
    then weak phrases count without an anchor beside them, and so they do in the lead below a
    headline that holds an anchor. Of a code and its parent only the most specific is given: a child
    implies its parents. Evidence is ordered by field and place; each code has at least one piece.
    """
    matcher = Matcher.of(beat)
    found: list[tuple[str, Hit, float]] = []
    headline_anchored = bool(article.headline) and bool(matcher.scan(article.headline).anchors)
    context = on_beat or headline_anchored
    lead_only = frozenset(beat.tagging.get("lead_only") or ())
    headline_only = frozenset(beat.tagging.get("headline_only") or ())
    for name, text in _texts(article):
        scan = matcher.scan(text)
        reach = LEAD if name == "text" else len(text)
        hits = {(hit.code, hit.start): hit for hit in scan.classes()}
        if context:
            hits |= {(hit.code, hit.start): hit for hit in scan.weak if hit.start < reach}
        found += [
            (name, hit, STRONG if hit.kind == "strong" else WEAK)
            for hit in hits.values()
            if (hit.start < reach or hit.axis not in lead_only)
            and (name == "headline" or hit.kind == "strong" or hit.code not in headline_only)
        ]
    found = _outranked(found, beat)
    found += _borrowed(found, article, beat)
    by_axis: dict[str, set[str]] = defaultdict(set)
    for _, hit, _ in found:
        by_axis[hit.axis].add(hit.code)
    codes = most_specific(by_axis, beat)
    chosen = {code for names in codes.values() for code in names}
    evidence = tuple(
        Evidence(hit.phrase, name, hit.start, hit.end, hit.code, weight)
        for name, hit, weight in sorted(
            found, key=lambda f: (FIELDS.index(f[0]), f[1].start, f[1].end, f[1].code)
        )
        if hit.code in chosen
    )
    return Tags(codes, _places(article, beat), evidence, _limbs(article, beat, codes))


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of the sentence around `text[start:end]`, blanks cut off: what an editor is shown."""
    begin, stop = 0, len(text)
    for at in sentence_ends(text):
        if at <= start:
            begin = at
        elif at >= end:
            stop = at
            break
    while begin < stop and text[begin].isspace():
        begin += 1
    while stop > begin and text[stop - 1].isspace():
        stop -= 1
    return begin, stop


def _texts(article: Article) -> Iterable[tuple[str, str]]:
    for name, text in (
        ("headline", article.headline),
        ("description", article.description or ""),
        ("text", article.text),
    ):
        if text:
            yield name, text


def _outranked(found: list[tuple[str, Hit, float]], beat: Beat) -> list[tuple[str, Hit, float]]:
    """Without weak hits that another code of the same field makes background (tag.yaml: outranks)."""
    ranks: Mapping[str, list[str]] = beat.tagging.get("outranks") or {}
    have: dict[str, set[str]] = defaultdict(set)
    for name, hit, _ in found:
        have[name].add(hit.code)
    gone = {
        (name, lower)
        for name, codes in have.items()
        for code in codes & ranks.keys()
        for lower in ranks[code]
    }
    return [f for f in found if f[1].kind == "strong" or (f[0], f[1].code) not in gone]


def _borrowed(
    found: list[tuple[str, Hit, float]], article: Article, beat: Beat
) -> list[tuple[str, Hit, float]]:
    """What a class with `same_as` takes from the class it names."""
    needs: Mapping[str, str] = beat.tagging.get("same_as_needs") or {}
    more = []
    texts = dict(_texts(article))
    for code, axis, other in _same_as(beat):
        for name, hit, weight in found:
            if hit.code != other:
                continue
            if code in needs:
                start, end = sentence(texts[name], hit.start, hit.end)
                if not re.search(needs[code], texts[name][start:end], re.IGNORECASE):
                    continue
            more.append(
                (name, Hit(hit.kind, code, axis, hit.phrase, hit.start, hit.end, hit.rule), weight)
            )
    return more


def most_specific(found: Mapping[str, Iterable[str]], beat: Beat) -> dict[str, tuple[str, ...]]:
    """The codes of each axis without the parents of other codes there, in the taxonomy's order."""
    parents = _parents(beat)
    order = {code: at for at, code in enumerate(_axes(beat))}
    made = {}
    for axis in beat.taxonomy.axes:
        codes = set(found.get(axis, ()))
        implied = {parent for code in codes for parent in parents.get(code, ())}
        made[axis] = tuple(sorted(codes - implied, key=order.__getitem__))
    return made


def _places(article: Article, beat: Beat) -> tuple[Place, ...]:
    cues = beat.tagging.get("place_roles") or {}
    made: dict[tuple[str, str | None], Place] = {}
    for name, text in _texts(article):
        hits = places.find(text, beat.home, headline=name == "headline")
        for hit in places.roles(text, hits, cues):
            key = (places.fold(hit.name), hit.iso2)
            known = made.get(key)
            if known is None or (known.role is None and hit.role):
                made[key] = Place(hit.name, hit.iso2, hit.role)
    return tuple(made.values())


def _limbs(article: Article, beat: Beat, codes: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What the article states of each limb of the beat's test, in words; () where it states none."""
    stated: list[tuple[str, bool, str]] = []
    for limb in beat.tagging.get("limbs") or ():
        given = [c for c in codes.get(limb["axis"], ()) if c not in (limb.get("except") or ())]
        stated.append((limb["name"], bool(given), limb.get("not_needed_with") or ""))
    if not any(there for _, there, _ in stated):
        return ()
    notes = []
    for name, there, without in stated:
        if there:
            notes.append(f"{name}: stated")
        elif without and _speaks_of(article, beat, without):
            notes.append(f"{name}: not stated, and not needed under 18")
        else:
            notes.append(f"{name}: not stated")
    return tuple(notes)


def _speaks_of(article: Article, beat: Beat, what: str) -> bool:
    return any(
        re.search(pattern, text, re.IGNORECASE)
        for pattern in beat.tagging.get(what) or ()
        for _, text in _texts(article)
    )


_kept: dict[int, tuple[Beat, dict[str, Any]]] = {}


def _of(beat: Beat) -> dict[str, Any]:
    """What is worked out once for a beat: axes of codes, ancestors, borrowed classes."""
    known = _kept.get(id(beat))
    if known is None or known[0] is not beat:
        every = [code for codes in beat.taxonomy.axes.values() for code in codes]
        up = {code.code: code.parent for code in every}
        made = {
            "axes": {code.code: code.axis for code in every},
            "parents": {code.code: _ancestors(code, up) for code in every},
            "same_as": tuple((c.code, c.axis, c.same_as) for c in every if c.same_as),
        }
        if len(_kept) >= 8:
            _kept.clear()
        known = _kept[id(beat)] = (beat, made)
    return known[1]


def _ancestors(code: Code, up: Mapping[str, str | None]) -> tuple[str, ...]:
    chain: list[str] = []
    at = code.parent
    while at and at != code.code and at not in chain:
        chain.append(at)
        at = up.get(at)
    return tuple(chain)


def _axes(beat: Beat) -> dict[str, str]:
    axes: dict[str, str] = _of(beat)["axes"]
    return axes


def _parents(beat: Beat) -> dict[str, tuple[str, ...]]:
    parents: dict[str, tuple[str, ...]] = _of(beat)["parents"]
    return parents


def _same_as(beat: Beat) -> tuple[tuple[str, str, str], ...]:
    borrowed: tuple[tuple[str, str, str], ...] = _of(beat)["same_as"]
    return borrowed
