"""Pictures: description, credit, permission, and who may be known in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from broadsheet.issues.checking.model import Finding, Where
from broadsheet.issues.checking.people import pattern
from broadsheet.issues.checking.told import telling
from broadsheet.issues.models import Pick
from broadsheet.wire.beat import Beat
from broadsheet.wire.wording import Severity

ALT_LENGTH = 125  # language.yaml, image_ethics.alt_text


def pictures(pick: Pick, place: Where, today: date, beat: Beat) -> Iterator[Finding]:
    for number, image in enumerate(pick.images):
        where = replace(place, field="images", number=number)
        permission = image.get("permission") or {}
        until = permission.get("until")
        if not permission:
            yield Finding(
                "picture-not-permitted", Severity.WARN, where,
                telling("A credit is no permission: only the link and the credit will be printed."),
                (telling("record on what the permission rests; take the picture out"),),
                kind="pictures",
            )  # fmt: skip
        elif until and str(until) < today.isoformat():
            yield Finding(
                "picture-permission-ended", Severity.ERROR, where,
                telling("The permission ended on %(day)s.", day=until),
                (telling("ask again and record it; take the picture out"),),
                kind="pictures",
            )  # fmt: skip
        excused = str(image.get("exception") or "").strip()
        yield from _persons(image, where, beat)
        # What is not printed needs no description; who sees no picture needs it most.
        printed = Severity.ERROR if permission else Severity.WARN
        if not (image.get("alt") or "").strip() and not excused:
            yield Finding(
                "picture-without-alt", printed, where,
                telling("Who cannot see the picture learns nothing of it."),
                (telling("say in at most %(most)s characters what it shows", most=ALT_LENGTH),),
                kind="pictures",
            )  # fmt: skip
        elif len(image.get("alt") or "") > ALT_LENGTH:
            yield Finding(
                "picture-alt-long",
                Severity.HINT,
                where,
                telling(
                    "The description has %(n)s characters, the house limit is %(most)s.",
                    n=len(image["alt"]),
                    most=ALT_LENGTH,
                ),
                kind="pictures",
            )
        if permission and not (image.get("credit") or "").strip() and not excused:
            yield Finding(
                "picture-without-credit", Severity.ERROR, where, telling("Nobody is named as its maker."),
                (telling("name who made it and who owns it"),),
                kind="pictures",
            )  # fmt: skip


def _persons(image: dict[str, Any], where: Where, beat: Beat) -> Iterator[Finding]:
    """A picture whose words speak of a person who was harmed, or of a child, and not of how they
    cannot be known."""
    shown = pattern(beat, "picture_of")
    hidden = pattern(beat, "picture_hides")
    if shown is None:
        return
    for name in ("alt", "caption"):
        words = str(image.get(name) or "")
        match = shown.search(words)
        if match and not (hidden and hidden.search(words)):
            printed = bool(image.get("permission"))
            yield Finding(
                "picture-of-a-person",
                Severity.WARN if printed else Severity.HINT,
                where,
                telling(
                    "The words speak of a child or of a person who was harmed. Can anybody know them "
                    "by face, clothes or place?"
                ),
                (
                    telling("take another picture"),
                    telling("say in the description how they cannot be known"),
                ),
                match.group(),
                kind="people",
            )
            return
