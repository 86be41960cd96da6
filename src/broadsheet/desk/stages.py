"""What the stages of the wire say of an article or a story, in the language of the page.

The wire knows no Django: it hands over figures, and notes in English of a few fixed forms. What is of no
form here, such as words that an older desk kept, is shown as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, gettext_lazy, pgettext, pgettext_lazy

from broadsheet.news.models import BY_HAND
from broadsheet.press import dates
from broadsheet.wire.model import Conflict
from broadsheet.wire.summarise import QUOTED_WORDS

# What `wire.summarise` counts.
COUNTED: dict[str, Promise] = {
    "people": pgettext_lazy("counted", "people"),
    "persons": pgettext_lazy("counted", "persons"),
    "women": pgettext_lazy("counted", "women"),
    "men": pgettext_lazy("counted", "men"),
    "girls": pgettext_lazy("counted", "girls"),
    "boys": pgettext_lazy("counted", "boys"),
    "children": pgettext_lazy("counted", "children"),
    "victims": pgettext_lazy("counted", "victims"),
    "workers": pgettext_lazy("counted", "workers"),
    "suspects": pgettext_lazy("counted", "suspects"),
    "migrants": pgettext_lazy("counted", "migrants"),
    "arrests": pgettext_lazy("counted", "arrests"),
    "foreigners": pgettext_lazy("counted", "foreigners"),
    "nationals": pgettext_lazy("counted", "nationals"),
    "defendants": pgettext_lazy("counted", "defendants"),
    "cases": pgettext_lazy("counted", "cases"),
    "countries": pgettext_lazy("counted", "countries"),
    "survivors": pgettext_lazy("counted", "survivors"),
    "passengers": pgettext_lazy("counted", "passengers"),
    "officers": pgettext_lazy("counted", "officers"),
    "dead": pgettext_lazy("counted", "dead"),
    "killed": pgettext_lazy("counted", "killed"),
    "injured": pgettext_lazy("counted", "injured"),
    "arrested": pgettext_lazy("counted", "arrested"),
    "rescued": pgettext_lazy("counted", "rescued"),
    "freed": pgettext_lazy("counted", "freed"),
    "detained": pgettext_lazy("counted", "detained"),
    "convicted": pgettext_lazy("counted", "convicted"),
    "years": pgettext_lazy("counted", "years"),
    "months": pgettext_lazy("counted", "months"),
}
_NOTES: dict[str, Promise] = {
    "cannot judge: no words": gettext_lazy("It has no words, so it cannot be judged."),
    "no second opinion: none was given": gettext_lazy("No second opinion was given."),
    BY_HAND: gettext_lazy("Brought by hand."),
}
# Notes of a name and what is said of it: the form, and what the desk says.
_NAMED: tuple[tuple[re.Pattern[str], Promise], ...] = (
    (
        re.compile("language not covered: (.+)"),
        gettext_lazy("It is written in %(name)s, which the judge does not cover."),
    ),
    (re.compile("second opinion: (.+)"), gettext_lazy("The second opinion is %(name)s of 1.")),
    (re.compile("(.+): stated"), gettext_lazy("%(name)s: stated")),
    (
        re.compile("(.+): not stated, and not needed under 18"),
        gettext_lazy("%(name)s: not stated, and not needed under 18"),
    ),
    (re.compile("(.+): not stated"), gettext_lazy("%(name)s: not stated")),
)


def disagreement(kept: Mapping[str, Any] | str) -> str:
    """Who says how many, of a `wire.model.Conflict` as it is kept."""
    if isinstance(kept, str):
        return kept
    conflict = msgspec.convert(kept, Conflict)
    thing = COUNTED.get(conflict.thing, conflict.thing)
    return pgettext("between figures that disagree", " or ").join(
        gettext("%(number)s %(thing)s (%(source)s)")
        % {"number": f"{one.number:,}", "thing": thing, "source": one.source}
        for one in conflict.counts
    )


def too_long(quoted: int) -> str:
    """That a suggested summary has more words of the outlet's own than the house allows."""
    return gettext("%(n)s words quoted from the article; the house limit is %(most)s") % {
        "n": quoted,
        "most": QUOTED_WORDS,
    }


def note(words: str) -> str:
    """A note of the judge or of the tags."""
    if words in _NOTES:
        return str(_NOTES[words])
    for form, says in _NAMED:
        if found := form.fullmatch(words):
            return str(says) % {"name": _name(found[1])}
    return words


def _name(said: str) -> str:
    """A language by its name, a limb of the beat's test by its label; figures as they are."""
    here = get_language() or "en"
    return str(dates.locale(here).languages.get(said) or gettext(said))
