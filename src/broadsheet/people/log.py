"""The log: who did what to which thing, and why. Only added to, until the desk's own time for it is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from broadsheet.people import rules
from broadsheet.people.models import Deed, Editor
from broadsheet.press import spreadsheet


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the log is looked at; what is empty does not narrow it."""

    editor: int | None = None
    verb: str = ""
    words: str = ""
    since: date | None = None
    until: date | None = None  # this day is still in


def note(editor: Editor | None, verb: str, about: str, now: datetime, reason: str = "") -> None:
    """Write a deed down."""
    Deed.objects.create(editor=editor, verb=verb, about=about[:200], reason=reason, at=now)


def deeds(chosen: Filter) -> QuerySet[Deed]:
    """The log, the newest first. One query when read, with the editors' names."""
    found = Deed.objects.select_related("editor").order_by("-at", "-pk")
    if chosen.editor is not None:
        found = found.filter(editor=chosen.editor)
    if chosen.verb:
        found = found.filter(verb=chosen.verb)
    if chosen.words:
        found = found.filter(Q(about__icontains=chosen.words) | Q(reason__icontains=chosen.words))
    if chosen.since:
        found = found.filter(at__gte=_midnight(chosen.since))
    if chosen.until:
        found = found.filter(at__lt=_midnight(chosen.until + timedelta(days=1)))
    return found


def verbs() -> list[str]:
    """What has been done so far, for the filter's choices."""
    return list(Deed.objects.order_by("verb").values_list("verb", flat=True).distinct())


def as_csv(found: Iterable[Deed]) -> Iterable[str]:
    """The deeds as CSV, line by line, in the desk's time zone. No cell is a formula."""
    yield spreadsheet.line(["when", "who", "did", "what", "why"])
    for deed in found:
        when = timezone.localtime(deed.at).isoformat(timespec="seconds")
        who = str(deed.editor) if deed.editor else "the desk"
        yield spreadsheet.line([when, who, deed.verb, deed.about, deed.reason])


def forget(now: datetime) -> int:
    """Drop deeds older than the desk keeps them, and write down that this was done."""
    months = rules.current().keep_log_months
    if months is None:
        return 0
    # Some days more than the months that were promised, never fewer.
    before = now - timedelta(days=31 * months)
    gone = Deed.objects.filter(at__lt=before).delete()[0]
    if gone:
        day = timezone.localtime(before).strftime("%Y-%m-%d")
        note(None, "forgot", f"{gone} entries of this log from before {day}", now)
    return gone


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
