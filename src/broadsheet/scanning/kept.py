"""What a scan said of a finding, kept on its row: taken again where the same would decide today."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from broadsheet import __version__
from broadsheet.wire import model
from broadsheet.wire.beat import Beat
from broadsheet.wire.model import Article, Evidence, Place, Tags, Verdict


def decides(beat: Beat) -> str:
    """A stamp of all that reads, judges and tags: this version of Broadsheet, and each file of the beat."""
    made = hashlib.blake2b(__version__.encode(), digest_size=16)
    for path in sorted(p for p in beat.folder.iterdir() if p.is_file()):
        made.update(b"\0" + path.name.encode() + b"\0" + path.read_bytes())
    return made.hexdigest()


class _Said(msgspec.Struct):
    """The keys of a row that hold what judge and tags said."""

    band: model.Band
    score: float
    near_miss: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...]
    codes: dict[str, tuple[str, ...]]
    places: tuple[Place, ...]


def said(row: Mapping[str, Any], article: Article, decided_by: str) -> tuple[Verdict, Tags] | None:
    """The verdict and the tags on a row that `scan` wrote; None where the article is to be judged anew.

    That is: where something else decided (`decided_by` is the stamp of today), where a part is missing
    or of another shape, and where the evidence does not stand in the article, which somebody has changed.
    Evidence and notes of both come back with the verdict.
    """
    made = row.get("made_with")
    if not isinstance(made, Mapping) or made.get("decides") != decided_by:
        return None
    try:
        found = msgspec.convert(row, _Said)
    except (msgspec.ValidationError, RecursionError):
        return None
    if not 0 <= found.score <= 1 or not all(_stands(one, article) for one in found.evidence):
        return None
    verdict = Verdict(found.band, found.score, found.near_miss, found.evidence, found.notes)
    return verdict, Tags(found.codes, found.places)


def _stands(piece: Evidence, article: Article) -> bool:
    if piece.field not in ("headline", "description", "text"):
        return False
    words: str = getattr(article, piece.field) or ""
    return "\0" not in piece.phrase and words[piece.start : piece.end] == piece.phrase
