"""The whole archive as lines of JSON, and back: what another desk, or another program, needs to keep it.

The schema stands in docs/library.md. One object a line, each with its `record`; the first line says what
file this is. Newsletters, issues with every version of their editions, the shelf, the tiers. No subscriber,
no editor, no draft, no source and no decision: those are the desk's own and go into a backup.

Picking the lines up at an empty desk gives the same archive: the same uids, and so the same addresses.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from broadsheet.issues import filing, withdrawn
from broadsheet.issues.models import Edition, Issue, Newsletter
from broadsheet.issues.pictures import NAME
from broadsheet.library.models import Resource, Tier
from broadsheet.wire.edition import Edition as Content
from broadsheet.wire.errors import WireError

SCHEMA = 1
FORMAT = "broadsheet-archive"
_NEWSLETTER = ("name", "organisation", "language", "sample")
_ISSUE = ("uid", "month", "title", "subject", "preview")
_RESOURCE = (
    "title", "publisher", "kind", "description", "sectors", "date", "url", "url_status", "language",
    "audience", "cost", "from_beat",
)  # fmt: skip
_TIER = ("iso3", "country", "year", "tier", "status", "source")


class HandoverError(Exception):
    """The lines cannot be taken; `str()` names the line and says what to do."""


def lines(now: datetime) -> Iterator[dict[str, Any]]:
    """Every line of the archive, in an order that does not change while the archive does not."""
    yield {"record": "archive", "format": FORMAT, "schema": SCHEMA, "made": now.isoformat()}
    for newsletter in (
        Newsletter.objects.filter(issues__editions__isnull=False).distinct().order_by("name")
    ):
        yield {"record": "newsletter"} | {name: getattr(newsletter, name) for name in _NEWSLETTER}
    published = Issue.objects.filter(state=Issue.State.PUBLISHED, editions__isnull=False)
    for issue in published.distinct().select_related("newsletter").order_by("month", "uid"):
        yield _issue(issue)
    for resource in Resource.objects.order_by("title", "publisher"):
        yield (
            {"record": "resource"}
            | {name: getattr(resource, name) for name in _RESOURCE}
            | {"checked": resource.checked.isoformat() if resource.checked else None}
        )
    for tier in Tier.objects.order_by("iso3", "year"):
        yield {"record": "tier"} | {name: getattr(tier, name) for name in _TIER}


def _issue(issue: Issue) -> dict[str, Any]:
    assert issue.published is not None  # a constraint of the table
    return (
        {"record": "issue", "newsletter": issue.newsletter.name}
        | {name: getattr(issue, name) for name in _ISSUE}
        | {
            "published": issue.published.isoformat(),
            "editions": [
                {
                    "version": one.version,
                    "published": one.published.isoformat(),
                    "reason": one.reason,
                    "content": one.content,
                }
                for one in issue.editions.order_by("version")
            ],
        }
    )


def pictures(given: Iterable[Mapping[str, Any]]) -> set[str]:
    """The names of our own pictures that lines speak of, so that their files can go along."""
    return {
        name
        for line in given
        if line.get("record") == "issue"
        for name in NAME.findall(json.dumps(line))
    }


@dataclass
class Taken:
    """What came of taking lines: how many of each kind are new, and how many were here already."""

    new: dict[str, int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)

    def count(self, kind: str, made: bool) -> None:
        where = self.new if made else self.known
        where[kind] = where.get(kind, 0) + 1


def take(given: Iterable[tuple[int, Mapping[str, Any]]]) -> Taken:
    """Take numbered lines in. All or nothing: HandoverError leaves the desk as it was.

    What is here already stays as it is, so that taking a file twice changes nothing. An item that this
    desk has withdrawn is left out; for words that it has withdrawn call `withdrawing.apply_to_all` after.
    """
    taken = Taken()
    makers = {
        "newsletter": _take_newsletter,
        "issue": _take_issue,
        "resource": _take_resource,
        "tier": _take_tier,
    }
    with transaction.atomic():
        for number, line in given:
            kind = line.get("record")
            if number == 1:
                _look_at_head(line)
                continue
            if kind not in makers:
                raise HandoverError(
                    f"Line {number} is of the kind {kind!r}, which this Broadsheet does not know. "
                    "Upgrade it first."
                )
            try:
                taken.count(str(kind), makers[str(kind)](line))
            except HandoverError as error:
                raise HandoverError(f"Line {number}: {error}") from error
            except (KeyError, TypeError, ValueError, WireError) as error:
                raise HandoverError(
                    f"Line {number} is not {'an' if kind == 'issue' else 'a'} {kind} as the schema has it: "
                    f"{error!s:.200}."
                ) from error
    return taken


def _look_at_head(line: Mapping[str, Any]) -> None:
    if line.get("record") != "archive" or line.get("format") != FORMAT:
        raise HandoverError(
            "The first line does not say that this is an archive of Broadsheet. "
            "Make one with: broadsheet export"
        )
    schema = line.get("schema")
    if not isinstance(schema, int) or schema > SCHEMA:
        raise HandoverError(
            f"The archive has schema {schema!r}; this Broadsheet reads up to {SCHEMA}. Upgrade it first."
        )


def _take_newsletter(line: Mapping[str, Any]) -> bool:
    words = {name: line[name] for name in _NEWSLETTER if name in line}
    # The newsletter that a desk has from its first day gives way: nothing was made with it yet.
    if not Issue.objects.exists() and not Newsletter.objects.filter(name=line["name"]).exists():
        unused = Newsletter.objects.order_by("pk").first()
        if unused is not None:
            Newsletter.objects.filter(pk=unused.pk).update(**words)
            return True
    _, made = Newsletter.objects.get_or_create(name=line["name"], defaults=words)
    return made


def _take_issue(line: Mapping[str, Any]) -> bool:
    newsletter = Newsletter.objects.filter(name=line["newsletter"]).first()
    if newsletter is None:
        raise HandoverError(f"no line before it is the newsletter {line['newsletter']!r}")
    if Issue.objects.filter(uid=line["uid"]).exists():
        return False
    there = Issue.objects.filter(newsletter=newsletter, month=line["month"]).first()
    if there is not None:
        raise HandoverError(
            f"this desk has another issue of {line['month']} already, “{there.title}”. "
            "Import into an empty desk"
        )
    editions = line["editions"]
    if not editions:
        raise HandoverError("the issue has no edition")
    issue = Issue.objects.create(
        newsletter=newsletter,
        state=Issue.State.PUBLISHED,
        published=_moment(line["published"]),
        **{name: line[name] for name in _ISSUE},
    )
    row = None
    for one in editions:
        content = _without_withdrawn(Content.from_json(one["content"], at=line["uid"])).to_json()
        row = Edition.objects.create(
            issue=issue,
            version=one["version"],
            content=content,
            published=_moment(one["published"]),
            reason=one.get("reason", ""),
        )
    if row is not None:
        filing.file(row)
    return True


def _without_withdrawn(content: Content) -> Content:
    sections = (
        replace(part, items=tuple(one for one in part.items if not withdrawn.item(one.uid)))
        for part in content.sections
    )
    return replace(content, sections=tuple(sections))


def _take_resource(line: Mapping[str, Any]) -> bool:
    checked = line.get("checked")
    words = {name: line[name] for name in _RESOURCE if name in line}
    words["checked"] = date.fromisoformat(checked) if checked else None
    name = {"title": line["title"], "publisher": line["publisher"]}
    # What the beat put on this shelf, and nobody opened, says what the archive says of it.
    if Resource.objects.filter(**name, from_beat=True, checked=None).update(**words):
        return False
    return Resource.objects.get_or_create(**name, defaults=words)[1]


def _take_tier(line: Mapping[str, Any]) -> bool:
    _, made = Tier.objects.get_or_create(
        iso3=line["iso3"], year=line["year"], defaults={name: line[name] for name in _TIER}
    )
    return made


def _moment(given: str) -> datetime:
    found = parse_datetime(given)
    if found is None:
        raise ValueError(f"{given!r} is no moment")
    return found if timezone.is_aware(found) else timezone.make_aware(found)
