"""People: sets of details that point to one person, cases that a court has not decided, shelters.

The words are the beat's (`language.yaml`, `details`). Single details that always harm are rules of
wording; here is what harms together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from broadsheet.issues.checking.model import Finding, Where
from broadsheet.issues.checking.told import telling
from broadsheet.issues.models import Pick
from broadsheet.wire import text, wording
from broadsheet.wire.beat import Beat
from broadsheet.wire.wording import Severity

# Of the kinds of detail in `details.jigsaw`: three are a reason to look, four point to one person
# in all but the largest places (language.yaml, AN03).
LOOK, IDENTIFIES = 3, 4


def pattern(beat: Beat, name: str) -> re.Pattern[str] | None:
    """A pattern of the beat's `details`; None where the beat has none of that name."""
    given = (beat.wording.get("details") or {}).get(name)
    return _compiled(given) if isinstance(given, str) and given else None


@lru_cache(maxsize=64)
def _compiled(given: str) -> re.Pattern[str]:
    return re.compile(given)


def item(pick: Pick, place: Where, beat: Beat, language: str) -> Iterator[Finding]:
    """What the texts of one item give away together. Only in languages that the beat has rules for."""
    if not wording.covers(language, beat):
        return
    fields = {name: getattr(pick, name) for name in ("our_heading", "summary", "note")}
    if pick.kind == Pick.Kind.ARTICLE and not pick.heading_only:
        fields = {"headline": pick.headline} | fields
    yield from _jigsaw(fields, place, beat)
    for name, given in fields.items():
        if name != "headline":  # what the outlet printed is not ours to mend
            where = replace(place, field=name, text=given)
            yield from _open_case(given, where, beat)
            yield from _shelter(given, where, beat)


def _jigsaw(fields: dict[str, str], place: Where, beat: Beat) -> Iterator[Finding]:
    kinds = (beat.wording.get("details") or {}).get("jigsaw") or {}
    person = pattern(beat, "harmed")
    whole = "\n".join(fields.values())
    if not kinds or person is None or not person.search(text.normal(whole).text):
        return
    found: dict[str, str] = {}
    first: tuple[str, int, int] | None = None
    for name, given in fields.items():
        normal = text.normal(given)
        for kind, regex in kinds.items():
            match = _compiled(regex).search(normal.text)
            if match and kind not in found:
                found[kind] = match.group().strip(" ,")
                if first is None and name == "summary":
                    first = (name, *normal.span(*match.span()))
    if len(found) < LOOK:
        return
    listed = ", ".join(f"{kind.replace('_', ' ')} (“{words}”)" for kind, words in found.items())
    severity = Severity.ERROR if len(found) >= IDENTIFIES else Severity.WARN
    field, start, end = first or ("summary", None, None)
    given = fields.get(field, "")
    yield Finding(
        "details-together",
        severity,
        replace(place, field=field, text=whole),
        telling(
            "These details together may point to one person: %(details)s. Neighbours and "
            "family know the rest.",
            details=listed,
        ),
        (
            telling("leave out all but two of them"),
            telling("an age band, a country, “a factory”, “this month”"),
        ),
        given[start:end] if start is not None else "",
        start,
        end,
        kind="people",
    )


def _open_case(given: str, where: Where, beat: Beat) -> Iterator[Finding]:
    """Details that may harm a trial, in a text that speaks of one that is not decided."""
    case, detail = pattern(beat, "open_case"), pattern(beat, "prejudices")
    decided = pattern(beat, "decided")
    if case is None or detail is None or not given:
        return
    normal = text.normal(given)
    if not case.search(normal.text) or (decided and decided.search(normal.text)):
        return
    for match in detail.finditer(normal.text):
        start, end = normal.span(*match.span())
        yield Finding(
            "open-case-detail",
            Severity.WARN,
            where,
            telling(
                "The case is before a court. This may harm the trial, or those who must speak in it."
            ),
            (
                telling("leave it out until there is a verdict"),
                telling("say who says so, in court, and when"),
            ),
            given[start:end],
            start,
            end,
            kind="people",
        )


def _shelter(given: str, where: Where, beat: Beat) -> Iterator[Finding]:
    """Where a shelter stands: a landmark, a street, a distance, a journey."""
    shelter = pattern(beat, "shelter_place")
    if shelter is None or not given:
        return
    normal = text.normal(given)
    for match in shelter.finditer(normal.text):
        start, end = normal.span(*match.span())
        yield Finding(
            "shelter-place", Severity.ERROR, where,
            telling("This may lead somebody to the door of a shelter."),
            (telling("a shelter in the region; country or large city only"),),
            given[start:end], start, end, kind="people",
        )  # fmt: skip
