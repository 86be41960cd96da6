"""Questions to the issues and the editions. Nothing here writes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery

from broadsheet.issues.models import Edition, Filed, Issue, Newsletter, Pick, Section


def issues() -> QuerySet[Issue]:
    """All issues, the newest month first, with `n_picks`. One query."""
    return Issue.objects.select_related("newsletter").annotate(n_picks=Count("picks"))


def issue(pk: int) -> Issue | None:
    """One issue with sections and picks in order. Three queries."""
    picks = Pick.objects.select_related("story", "resource").order_by("position")
    return (
        Issue.objects.filter(pk=pk)
        .select_related("newsletter")
        .prefetch_related(
            Prefetch(
                "sections",
                queryset=Section.objects.order_by("position").prefetch_related(
                    Prefetch("picks", queryset=picks)
                ),
            )
        )
        .first()
    )


def earlier_intro(section: Section) -> Section | None:
    """The section of that heading in the newest issue before this one that has an introduction. One query."""
    return (
        Section.objects.filter(
            issue__newsletter=section.issue.newsletter_id,
            issue__month__lt=section.issue.month,
            heading=section.heading,
        )
        .exclude(intro="")
        .select_related("issue")
        .order_by("-issue__month", "-pk")
        .first()
    )


def next_proposed(after: Pick) -> Pick | None:
    """The next item of the issue that the draft proposed and nobody has looked at; from its end, the first.

    One query.
    """
    waiting = list(
        Pick.objects.filter(issue=after.issue_id, proposed=True)
        .exclude(pk=after.pk)
        .select_related("section")
        .order_by("section__position", "position")
    )
    here = (after.section.position, after.position)
    below = (one for one in waiting if (one.section.position, one.position) > here)
    return next(below, waiting[0] if waiting else None)


def open_issue(month: str) -> Issue | None:
    """The month's issue that is still being made, if there is one. One query."""
    return (
        Issue.objects.filter(month=month, state=Issue.State.DRAFT)
        .select_related("newsletter")
        .first()
    )


def newsletter() -> Newsletter | None:
    """The desk's newsletter: the first, since most desks have one."""
    return Newsletter.objects.order_by("pk").first()


def is_sample() -> bool:
    """Whether the desk works on the invented month."""
    found = newsletter()
    return found is not None and found.sample


def editions() -> QuerySet[Edition]:
    """The newest version of every published issue, the newest month first. One query."""
    newest = Edition.objects.filter(issue=OuterRef("issue")).order_by("-version").values("pk")[:1]
    return (
        Edition.objects.filter(pk=Subquery(newest))
        .select_related("issue__newsletter")
        .order_by("-issue__month", "-published")
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A published issue in a list: its newest version, as it is filed."""

    issue: Issue
    title: str
    language: str
    day: str  # 2019, 2019-06 or 2019-06-21
    version: int
    published: datetime  # of that version
    headings: tuple[str, ...]  # the first few, from its top
    more: int  # items beside these


def published() -> QuerySet[Issue]:
    """All published issues, the newest month first. One query."""
    found = Issue.objects.filter(state=Issue.State.PUBLISHED).select_related("newsletter")
    return found.order_by("-month", "-published")


def lines(issues: Iterable[Issue], headings: int) -> list[Line]:
    """What a list says of these issues. Two queries; no edition is read, which may be long."""
    shown = list(issues)
    newest = {
        issue: (version, at)
        for issue, version, at in Edition.objects.filter(issue__in=shown)
        .order_by("version")
        .values_list("issue_id", "version", "published")
    }
    inside: dict[int, list[str]] = {one.pk: [] for one in shown}
    whole: dict[int, tuple[str, str, str]] = {}
    # Values, not models: a page has a thousand items, of which it names a hundred.
    rows = Filed.objects.filter(issue__in=shown).order_by("-pk")
    for issue, kind, *said in rows.values_list("issue_id", "kind", "heading", "language", "day"):
        if kind == "issue":
            whole[issue] = (said[0], said[1], said[2])
        else:
            inside[issue].append(said[0])
    return [
        Line(one, *whole[one.pk], *newest[one.pk], tuple(inside[one.pk][:headings]),
             max(0, len(inside[one.pk]) - headings))
        for one in shown
        if one.pk in whole and one.pk in newest
    ]  # fmt: skip


def edition(uid: str, version: int | None = None) -> Edition | None:
    """A version of a published issue by its uid, the newest unless one is named. One query."""
    found = Edition.objects.filter(issue__uid=uid).select_related("issue__newsletter")
    if version is not None:
        found = found.filter(version=version)
    return found.order_by("-version").first()
