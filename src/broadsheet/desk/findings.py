"""Findings as the desk shows them: grouped by place, with the words marked, each with its link."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from broadsheet.issues.checking.told import told
from broadsheet.issues.models import Issue, Overrule, Pick
from broadsheet.issues.overruling import Weighed
from broadsheet.wire.wording import Severity

AROUND = 60  # characters shown on each side of marked words

SEVERITIES: dict[Severity, Promise] = {
    Severity.ERROR: _("to mend"),
    Severity.WARN: _("to look at"),
    Severity.HINT: _("hint"),
}
KINDS: dict[str, Promise] = {
    "wording": _("wording"),
    "slips": _("slips"),
    "people": _("people"),
    "facts": _("facts"),
    "links": _("links"),
    "pictures": _("pictures"),
    "mail": _("mail"),
    "balance": _("balance"),
}
FIELDS: dict[str, Promise] = {
    "title": _("title"),
    "subject": _("subject"),
    "preview": _("preview line"),
    "heading": _("heading"),
    "intro": _("introduction"),
    "headline": _("headline as printed"),
    "our_heading": _("our heading"),
    "summary": _("summary"),
    "note": _("editor’s note"),
    "content_note": _("content note"),
    "call": _("call to act"),
    "footnotes": _("footnotes"),
    "links": _("links"),
    "images": _("picture"),
    "date": _("date"),
    "source": _("source"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as it is shown. `before`, `words`, `after` are the text with the words marked."""

    mark: str
    severity: str
    said: str  # the severity in words
    kind: str
    field: str
    rule: str
    why: str
    use: tuple[str, ...]
    before: str
    words: str
    after: str
    address: str
    overrule: Overrule | None
    blocks: bool


@dataclass(frozen=True, slots=True)
class Place:
    """An item, a section, the front, or the issue as a whole, with what was found there."""

    label: str
    address: str
    findings: tuple[Shown, ...]


def counted(found: Sequence[Weighed]) -> list[str]:
    """How many findings of each severity there are, in words, the gravest first."""
    n = Counter(one.finding.severity for one in found)
    return [
        gettext("%(n)s to mend") % {"n": n[Severity.ERROR]},
        gettext("%(n)s to look at") % {"n": n[Severity.WARN]},
        ngettext("%(n)s hint", "%(n)s hints", n[Severity.HINT]) % {"n": n[Severity.HINT]},
    ]


def places(issue: Issue, found: Sequence[Weighed], picks: dict[str, int]) -> list[Place]:
    """The findings by place, in the order of the issue. `picks` leads from uids to keys."""
    grouped: dict[tuple[str, int | None, str], list[Weighed]] = {}
    for one in found:
        where = one.finding.where
        grouped.setdefault((where.pick, where.section, where.label), []).append(one)
    return [
        Place(
            told(label) if pick else capfirst(told(label)),
            _address(issue, group[0], picks).partition("?")[0],
            tuple(show(issue, one, picks) for one in group),
        )
        for (pick, _section, label), group in grouped.items()
    ]


def show(issue: Issue, one: Weighed, picks: dict[str, int]) -> Shown:
    found = one.finding
    before, words, after = "", found.matched, ""
    if found.start is not None and found.end is not None and found.where.text:
        text = found.where.text
        if text[found.start : found.end] == found.matched:
            before = _tail(text[: found.start])
            after = _head(text[found.end :])
    return Shown(
        mark=one.mark,
        severity=found.severity.value,
        said=str(SEVERITIES[found.severity]),
        kind=str(KINDS.get(found.kind, found.kind)),
        field=str(FIELDS.get(found.where.field, "")),
        rule=found.rule,
        why=told(found.why),
        use=tuple(told(way) for way in found.use),
        before=before,
        words=words,
        after=after,
        address=_address(issue, one, picks),
        overrule=one.overrule,
        blocks=one.blocks,
    )


def _tail(text: str) -> str:
    return text if len(text) <= AROUND else "…" + text[-AROUND:].partition(" ")[2]


def _head(text: str) -> str:
    return text if len(text) <= AROUND else text[:AROUND].rpartition(" ")[0] + "…"


def _address(issue: Issue, one: Weighed, picks: dict[str, int]) -> str:
    """Where a finding is mended: the form, its field, and which words to mark there."""
    where = one.finding.where
    if where.pick in picks:
        asked = {
            "field": where.field,
            "words": one.finding.matched[:200],
            "why": told(one.finding.why)[:300],
        }
        if one.finding.start is not None and where.field != "headline":
            asked["at"] = str(_units(where.text, one.finding.start))
        anchor = f"#{_anchor(where.field, where.number)}"
        return f"{reverse('desk:pick', args=[picks[where.pick]])}?{urlencode(asked)}{anchor}"
    if where.section is not None:
        return f"{reverse('desk:edit_section', args=[where.section])}#id_{where.field}"
    if where.field in ("title", "subject", "preview"):
        return f"{reverse('desk:edit_issue', args=[issue.pk])}#id_{where.field}"
    return (
        reverse("desk:preview", args=[issue.pk, "mail"])
        if where.field == "mail"
        else reverse("desk:issue", args=[issue.pk])
    )


def _units(text: str, at: int) -> int:
    """A place in a text as a browser counts it in a field: UTF-16 units, one for each line end."""
    return len(text[:at].replace("\r\n", "\n").encode("utf-16-le")) // 2


def _anchor(field: str, number: int | None) -> str:
    if field == "links":
        return f"id_link-{number or 0}-url"
    if field == "images":
        return "picture"
    return "main" if field == "headline" else f"id_{field}"


@dataclass(frozen=True, slots=True)
class Asked:
    """The finding that brought somebody to a form."""

    why: str
    words: str
    field: str
    label: str
    at: str


def asked(request: HttpRequest, pick: Pick) -> Asked | None:
    """Which finding a form was opened for, from its address; None where it was opened by itself."""
    field = request.GET.get("field", "")
    if field not in FIELDS:
        return None
    at = request.GET.get("at", "")
    return Asked(
        why=request.GET.get("why", "")[:300],
        words=request.GET.get("words", "")[:200],
        field=field,
        label=str(FIELDS[field]),
        at=at if at.isdecimal() else "",
    )
