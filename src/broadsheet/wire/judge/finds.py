"""What the phrases say of a text, as features; and the text freed of leftover markup."""

from __future__ import annotations

import re
from dataclasses import replace

from broadsheet.wire import beat as beats
from broadsheet.wire.beat import Beat
from broadsheet.wire.phrases import Hit, Matcher, Scan

_MARKUP = re.compile(r"<[^<>]{0,400}>|&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,5}|[a-zA-Z]{2,8});")
_ENTITY = {"amp": "&", "quot": '"', "apos": "'", "#39": "'", "#x27": "'", "#8217": "'"}


def matcher(beat: Beat) -> Matcher:
    """The phrases that the judge looks for: those of the beat's frame, `taxonomy.yaml`.

    `taxonomy.more.yaml` adds phrases for tagging that were written with labelled headlines at hand.
    A weight learned on them would be too sure of itself, and its measure would flatter it.
    """
    if (beat.folder / "taxonomy.more.yaml").exists():
        beat = beats.load(beat.folder, extended=False)
    return Matcher.of(beat)


def of_phrases(scan: Scan) -> list[tuple[str, str]]:
    """The features of a text's phrases, each once, as (kind, what)."""
    found: dict[tuple[str, str], None] = {}
    if scan.anchors:
        found["p", "anchor"] = None
        if len({hit.phrase.lower() for hit in scan.anchors}) > 1:
            found["p", "anchors"] = None
    for hit in scan.strong:
        found["p", f"strong:{hit.code}"] = None
        found["p", f"axis:{hit.axis}"] = None
    if scan.anchors:
        for hit in scan.weak:
            found["p", f"weak:{hit.code}"] = None
    for hit in scan.near_miss:
        found["n", hit.code] = None
        found["n", "with" if scan.anchors else "alone"] = None
    return list(found)


def within(scan: Scan, start: int, end: int) -> Scan:
    """What was found between two places of a text."""
    if not (scan.anchors or scan.strong or scan.near_miss):
        return scan

    def here(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
        return tuple(hit for hit in hits if start <= hit.start and hit.end <= end)

    return replace(
        scan,
        anchors=here(scan.anchors),
        strong=here(scan.strong),
        weak=here(scan.weak),
        near_miss=here(scan.near_miss),
    )


def plain(given: str) -> str:
    """The text with tags and entities blanked out, each place kept: spans stay those of `given`."""
    if "<" not in given and "&" not in given:
        return given
    return _MARKUP.sub(_blank, given)


def _blank(match: re.Match[str]) -> str:
    found = match.group()
    stands_for = "" if found[0] == "<" else _ENTITY.get(found[1:-1].lower(), "")
    return stands_for.ljust(len(found))
