"""Every text of an issue against the beat's rules of wording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from broadsheet.issues.checking.model import Finding, Where
from broadsheet.issues.checking.told import telling
from broadsheet.issues.models import Issue, Pick
from broadsheet.wire import wording
from broadsheet.wire.beat import Beat
from broadsheet.wire.wording import Severity

# How a person's name in an outlet's own headline is kept out of what we print.
HEADING_ONLY = telling(
    "write our heading and tick “our heading only”: the outlet's headline is then printed nowhere"
)
SUBJECT_LENGTH = 60  # characters that a phone's list of mails shows of a subject, about


def worded(
    given: str, where: Where, beat: Beat, language: str, field: str = "", beside: str = ""
) -> Iterator[Finding]:
    for one in wording.check(
        given or "", beat, field=field or where.field, language=language, beside=beside
    ):
        why = telling(one.why)
        if one.because:
            why = telling("%(why)s (%(because)s)", why=why, because=one.because)
        use = one.use
        kind = "slips" if one.rule.startswith("X") else "wording"
        if one.rule in beat.wording.get("scope", {}).get("never_lowered", ()):
            kind = "people"
            if where.field == "headline":
                use = (HEADING_ONLY, *use)
        at = replace(where, text=where.text or given)
        yield Finding(one.rule, one.severity, at, why, use, one.matched, one.start, one.end, kind)


def front(issue: Issue, beat: Beat, language: str) -> Iterator[Finding]:
    for name in ("title", "subject", "preview"):
        yield from worded(getattr(issue, name), Where(name), beat, language)
    if len(issue.subject) > SUBJECT_LENGTH:
        yield Finding(
            "subject-long",
            Severity.HINT,
            Where("subject"),
            telling(
                "%(n)s characters: many phones show about %(most)s.",
                n=len(issue.subject),
                most=SUBJECT_LENGTH,
            ),
            (telling("put what matters first"),),
            kind="mail",
        )
    if not issue.preview:
        yield Finding(
            "preview-missing", Severity.HINT, Where("preview"),
            telling("Mail programs show the first words of the issue beside the subject instead."),
            (telling("write one line on what is in the issue"),), kind="mail",
        )  # fmt: skip


def item(pick: Pick, place: Where, beat: Beat, language: str) -> Iterator[Finding]:
    # What an outlet or a publisher printed is quoted; a heading of our own items is our own text.
    quoted = pick.kind in (Pick.Kind.ARTICLE, Pick.Kind.RESOURCE)
    written = [pick.our_heading, pick.summary, pick.note, pick.call, *pick.footnotes]
    beside = "\n".join(w for w in written if w)
    if not pick.heading_only:  # then nobody reads it
        yield from worded(
            pick.headline,
            replace(place, field="headline"),
            beat,
            language,
            "headline" if quoted else "our_heading",
            beside,
        )
    for name in ("our_heading", "summary", "note", "content_note", "call"):
        where = replace(place, field=name)
        yield from worded(getattr(pick, name), where, beat, language, beside=beside)
    texts: list[tuple[str, Iterable[Any]]] = [
        ("footnotes", pick.footnotes),
        ("links", (link.get("text") for link in pick.links)),
        ("images", (i.get("caption") for i in pick.images)),
        ("images", (i.get("alt") for i in pick.images)),
    ]
    for name, given in texts:
        for number, words in enumerate(given):
            where = replace(place, field=name, number=number)
            yield from worded(words or "", where, beat, language, "caption", beside)
