"""Correcting an issue that is out: opened again for its makers, while readers keep what went out.

What was sent and printed stays as it is until the corrected version is published: that is the next
version of the edition, and every print of it says what was wrong. Check, signature and second pair
of eyes are asked for again, since each of them speaks of an issue as it stood.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.issues import compose, history
from broadsheet.issues.models import Issue, Kept
from broadsheet.people import doors
from broadsheet.people.models import Editor

LONGEST = 600  # characters of what readers are told


@transaction.atomic
def begin(issue: Issue, why: str, editor: Editor | None, now: datetime) -> Issue:
    """Open a published issue for a correction, or say anew what was wrong.

    `why` is printed for readers: "The report named the wrong court." ComposeError where it is empty
    or the issue is a draft, which needs no correction.
    """
    issue = Issue.objects.select_for_update().select_related("newsletter").get(pk=issue.pk)
    why = " ".join(why.split())
    if issue.state == Issue.State.DRAFT:
        raise compose.ComposeError(_("The issue is not out yet: change it as you like."))
    if not why:
        raise compose.ComposeError(_("Say what was wrong. Readers see these words."))
    if len(why) > LONGEST:
        raise compose.ComposeError(
            _("Say it in at most %(n)d characters: readers see these words.") % {"n": LONGEST}
        )
    stood = issue.picks.order_by("section", "position").values_list("uid", "section")
    places = [[uid, section] for uid, section in stood]
    again = issue.correcting
    issue.correcting = {
        "why": why,
        "since": again["since"] if again else now.isoformat(),
        "places": again["places"] if again else places,
    }
    issue.save(update_fields=["correcting"])
    compose.turned(issue)
    if not again:
        doors.note(editor, "began a correction", str(issue), now, why)
    return issue


@transaction.atomic
def give_up(issue: Issue, editor: Editor | None, now: datetime) -> None:
    """Close an issue without a new version; its items say again what they said before.

    Sections that were added meanwhile stay, empty of what the edition had. ComposeError where no
    correction was begun.
    """
    issue = compose.opened(issue)
    if issue.correcting is None:
        raise compose.ComposeError(_("No correction was begun."))
    places: dict[str, int] = dict(issue.correcting["places"])
    since = datetime.fromisoformat(issue.correcting["since"])
    changed = list(issue.kept.filter(at__gte=since).order_by("pk"))
    for chosen in issue.picks.exclude(uid__in=places):
        compose.remove(chosen, editor, now)
    for kept in {row.part: row for row in changed if row.deed == "removed"}.values():
        if kept.part in places and not issue.picks.filter(uid=kept.part).exists():
            compose.put_back(kept, editor, now)
    for part in dict.fromkeys(row.part for row in changed):
        _as_before(issue, part, since, editor, now)
    _in_their_places(issue, places)
    Issue.objects.filter(pk=issue.pk).update(correcting=None)
    doors.note(editor, "gave up a correction", str(issue), now)


def _in_their_places(issue: Issue, places: dict[str, int]) -> None:
    """Every item into the section it stood in, in the order it stood there."""
    sections = {section.pk: section for section in issue.sections.all()}
    for whole in sections.values():
        ordered = [uid for uid, section in places.items() if section == whole.pk]
        there = {chosen.uid: chosen for chosen in issue.picks.filter(uid__in=ordered)}
        for at, uid in enumerate(uid for uid in ordered if uid in there):
            compose.place(there[uid], whole, at)


def _as_before(
    issue: Issue, part: str, since: datetime, editor: Editor | None, now: datetime
) -> None:
    """Restore what a part said last before the correction began."""
    rows = issue.kept.filter(part=part).exclude(deed="removed")
    before: Kept | None = rows.filter(at__lt=since).order_by("-pk").first()
    before = before or rows.filter(deed="began").order_by("pk").first()
    there = part == "" or part.startswith("section ") or issue.picks.filter(uid=part).exists()
    if before is not None and there and history.says(issue, part) != before.words:
        compose.restore(before, editor, now)
