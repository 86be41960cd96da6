"""Letting a finding stand, with a reason that is kept.

An overrule belongs to a finding *and* to the text it speaks of: when that text changes, the finding
is open again by itself, with nobody having to remember.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.issues import compose
from broadsheet.issues.checking import Finding, Report
from broadsheet.issues.models import Issue, Overrule
from broadsheet.people import doors
from broadsheet.people.models import Editor
from broadsheet.wire.wording import Severity


def mark(finding: Finding) -> str:
    """What a finding is known by: its rule, its place and the text there."""
    where = finding.where
    parts = [finding.rule, where.pick, where.section, where.field, where.number, finding.matched,
             finding.start, where.text or finding.why]  # fmt: skip
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Weighed:
    """A finding with what was said against it. `overrule` is None where nothing was."""

    finding: Finding
    mark: str
    overrule: Overrule | None = None

    @property
    def blocks(self) -> bool:
        return self.finding.severity is Severity.ERROR and self.overrule is None


def weigh(issue: Issue, report: Report) -> list[Weighed]:
    """The findings of a report, each with its overrule, in their order. One query."""
    known = {row.mark: row for row in issue.overrules.select_related("editor")}
    marks = [(one, mark(one)) for one in report.findings]
    return [Weighed(one, key, known.get(key)) for one, key in marks]


@transaction.atomic
def overrule(
    issue: Issue, report: Report, key: str, reason: str, editor: Editor, now: datetime
) -> Overrule:
    """Let a finding of this report stand. ComposeError without a reason, or where the text has
    changed meanwhile, so that nobody overrules what they have not read."""
    reason = reason.strip()
    if not reason:
        raise compose.ComposeError(_("Say why this may stand: the reason is kept with the issue."))
    found = next((one for one in report.findings if mark(one) == key), None)
    if found is None:
        raise compose.ComposeError(
            _(
                "The text has changed since, so there is nothing to overrule. Look at the list again."
            )
        )
    about = f"{found.where.label}: {found.matched or found.why}"[:300]
    made, fresh = Overrule.objects.get_or_create(
        issue=issue,
        mark=key,
        defaults={
            "rule": found.rule, "about": about, "reason": reason, "editor": editor, "at": now,
        },
    )  # fmt: skip
    if fresh:
        doors.note(editor, "overruled a finding", about, now, reason)
    return made


@transaction.atomic
def take_back(issue: Issue, key: str, editor: Editor, now: datetime) -> None:
    """Let the finding speak again. The deed stays in the log."""
    row = issue.overrules.filter(mark=key).first()
    if row is not None:
        doors.note(editor, "took an overrule back", row.about, now, row.reason)
        row.delete()
