"""A highlight of our own place in a new edition of the TIP Report, drafted into an issue."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.issues import compose
from broadsheet.issues.models import Issue, Pick
from broadsheet.library import tip
from broadsheet.people.models import Editor
from broadsheet.press import dates as printed
from broadsheet.wire.dates import Precision, When


@transaction.atomic
def highlight(
    issue: Issue,
    iso3: str,
    place: str,
    year: int,
    editor: Editor | None,
    now: datetime,
    *,
    released: When | None = None,
    url: str | None = None,
) -> Pick:
    """Draft the highlight of a place in the issue's language, to be read and finished by an editor.

    It goes to the end of the section for highlights, or the first one. Three links wait for their
    addresses: the report, the government's answer, our own. ComposeError where the table does not have
    the place in that edition, or the issue has the highlight already.
    """
    at = next((one for one in tip.line(iso3) if one.year == year and one.tier), None)
    if at is None:
        raise compose.ComposeError(
            _("The table has no tier of %(place)s for %(year)d. Enter the edition first.")
            % {"place": place, "year": year}
        )
    with translation.override(issue.newsletter.language):
        headline = _("US TIP Report %(year)d") % {"year": year}
        summary = words(place, at, released, issue.newsletter.language)
        links = [
            {"text": _("Access the US TIP Report %(year)d here") % {"year": year}, "url": url},
            {"text": _("Access the government’s response here"), "url": None},
            {"text": _("Access our response here"), "url": None},
        ]
    if issue.picks.filter(kind=Pick.Kind.HIGHLIGHT, headline=headline).exists():
        raise compose.ComposeError(
            _("“%(headline)s” stands in %(issue)s already.")
            % {"headline": headline, "issue": issue}
        )
    sections = issue.sections.order_by("position")
    section = sections.filter(takes="highlights").first() or sections.first()
    if section is None:
        raise compose.ComposeError(
            _("%(issue)s has no sections. Add one first.") % {"issue": issue}
        )
    made = compose.write(section, editor, now, Pick.Kind.HIGHLIGHT, headline)
    return compose.edit(made, made.turn, editor, now, summary=summary, links=links)


def words(place: str, at: tip.Year, released: When | None, language: str) -> str:
    """One sentence that says what the edition did, and no more than the table knows."""
    given = {
        "place": place,
        "tier": _("the Tier 2 Watch List") if at.tier == "2WL" else tip.LABELS[at.tier or ""],
        # Said as people say it: "from the Watch List", but "from Tier 2".
        "before": _("the Watch List") if at.before == "2WL" else tip.LABELS.get(at.before or ""),
        "report": _(
            "the US Department of State’s Trafficking in Persons Report %(year)d (“TIP Report”)"
        )
        % {"year": at.year},
    }
    said = {
        tip.Direction.UP: _(
            "%(place)s has been upgraded to %(tier)s from %(before)s in %(report)s"
        ),
        tip.Direction.DOWN: _(
            "%(place)s has been downgraded to %(tier)s from %(before)s in %(report)s"
        ),
        tip.Direction.SAME: _("%(place)s remains on %(tier)s in %(report)s"),
        tip.Direction.OTHER: _("%(place)s has gone from %(before)s to %(tier)s in %(report)s"),
        tip.Direction.UNKNOWN: _("%(place)s is on %(tier)s in %(report)s"),
    }[at.direction] % given
    if released is None:
        return _("%(sentence)s.") % {"sentence": said}
    day = printed.words(released, language)
    if released.precision is not Precision.YEAR:
        day = day.removesuffix(f" {at.year}")  # the report's name has said the year
    return _("%(sentence)s, released on %(day)s.") % {"sentence": said, "day": day}
