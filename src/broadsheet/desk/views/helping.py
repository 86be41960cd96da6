"""Help at the desk: the month in six steps, keys, how to search, our words, and where more is written."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from broadsheet.desk import access
from broadsheet.news import finding

# A few words of docs/words.md: those that an editor meets on the first evening.
WORDS = (
    (_("story"), _("the event that one or more articles tell of: one card in the inbox")),
    (_("lead, report, copy"), _("what an article is in its story: shown; told anew; the same text")),
    (_("case"), _("stories that follow on each other: arrest, charge, sentence")),
    (_("relevant, unsure, off the beat"), _("the three bands of the judge; nothing is thrown away")),
    (_("near miss"), _("news that looks like the subject and may belong to another: a badge, no more")),
    (_("take, leave"), _("what you do to a story; either can be undone")),
    (_("issue, edition"), _("a newsletter in the making; the same as it went out, frozen")),
    (_("finding"), _("what the check wants looked at: why, and how to mend it")),
    (_("permission"), _("why a picture may be printed; without one its credit and a link are")),
    (_("withdraw"), _("take something back everywhere, at once and for good")),
)  # fmt: skip


@access.reads
def page(request: HttpRequest) -> HttpResponse:
    """All of it on one page, for all who are signed in."""
    return render(request, "desk/help.html", {"here": "help", "keys": finding.KEYS, "words": WORDS})
