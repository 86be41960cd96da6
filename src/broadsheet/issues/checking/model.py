"""Findings: what was found, where, why, and how to mend it."""

from __future__ import annotations

from dataclasses import dataclass

from broadsheet.issues.checking.told import telling
from broadsheet.issues.models import Pick
from broadsheet.wire.wording import Severity


@dataclass(frozen=True, slots=True)
class Where:
    """The place of a finding.

    pick, section   the uid and the key of the item and the section; empty and None for the issue itself
    field    its field: "summary", "subject", "links", "images" ...
    number   which of several footnotes, links or pictures, from 0
    label    how a person would name the place: the item's heading, or "the issue"
    text     what stands in the field, so that an overrule ends when it changes
    """

    field: str
    pick: str = ""
    section: int | None = None
    number: int | None = None
    label: str = telling("the issue")
    text: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `start` and `end` are code points of the field, None where it is about all of it.

    rule    the id of a rule of the beat, or a word of ours: "link-tracker", "number-not-in-article"
    kind    which check found it, one of KINDS: "wording", "people", "facts", "mail" ...
    use     what would mend it, one way in each; never done by the machine
    """

    rule: str
    severity: Severity
    where: Where
    why: str
    use: tuple[str, ...] = ()
    matched: str = ""
    start: int | None = None
    end: int | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What the checks found. That nothing was found says that no check spoke, no more.

    checked, unchecked   in words, what was looked at and what was not
    """

    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    unchecked: tuple[str, ...]

    def count(self, severity: Severity) -> int:
        return sum(one.severity is severity for one in self.findings)

    @property
    def blocks(self) -> bool:
        """Whether an error stands that must be mended, or overruled with a reason."""
        return self.count(Severity.ERROR) > 0

    def of(self, pick: Pick) -> tuple[Finding, ...]:
        return tuple(one for one in self.findings if one.where.pick == pick.uid)

    def __str__(self) -> str:
        errors, warnings, hints = (self.count(s) for s in reversed(Severity))
        found = f"{errors} to mend, {warnings} to look at, {hints} hints"
        return f"{found}. These checks do not see everything: a person reads the issue and decides."


ORDER = {severity: at for at, severity in enumerate(Severity)}
