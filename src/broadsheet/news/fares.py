"""How a feed fares, in the language of the page.

`wire.collect.health` says it in English, since the wire knows no Django and its words are kept with the
feed. Here its sentences are known again by their form; one that is not known stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext

from broadsheet.wire.collect import health
from broadsheet.wire.collect.health import Event, Report

# The sentences that hold a figure, as `health` writes them.
_FIGURED = (
    "For %(n)s day, since %(day)s.",
    "For %(n)s days, since %(day)s.",
    "It says that it moved to %(url)s.",
    "Quiet for %(n)s days; it usually brings %(rate)s a week.",
    "It answers, but brought nothing new in %(n)s days.",
    "It brings %(rate)s a week.",
    "It brings %(rate)s a week, where %(low)s to %(high)s are expected.",
    "Only %(share)s of its entries have a date.",
    "None of its last %(n)s articles was on the beat.",
)
_PLAIN = (
    "It was not visited yet.",
    "It is not asked any more.",
    "It is tried once a month.",
    "It answers.",
    "Since today.",
    "Nothing; we take the new address over once this has held for two days.",
    "Open the outlet's page: has it stopped, or moved its feed?",
    "Open the outlet's page: is this the feed it still writes?",
    "See whether this is the right feed, or correct what is expected.",
    "Its articles are filed by the day we first saw them; look at these days.",
    "Look for a narrower feed of this outlet.",
    "It is not asked again, unless you say so.",
    "An editor had it tried again.",
)
_NAME = re.compile(r"%\\\((\w+)\\\)s|%\((\w+)\)s")
_KNOWN = tuple(
    (form, re.compile(_NAME.sub(lambda m: f"(?P<{m[1] or m[2]}>.+)", re.escape(form))))
    for form in _FIGURED
)


def sentences() -> Iterator[str]:
    """All that can be told, for the translation."""
    yield from _FIGURED
    yield from _PLAIN
    for reason in health.REASONS.values():
        yield from (reason.what, reason.do)


def told(words: str) -> str:
    """Sentences of `health` in the language of the page."""
    return " ".join(_told(one) for one in re.split(r"(?<=[.?]) (?=[A-Z])", words) if one)


def _told(sentence: str) -> str:
    for form, pattern in _KNOWN:
        match = pattern.fullmatch(sentence)
        if match:
            return gettext(form) % match.groupdict()
    return gettext(sentence)


def report(made: Report) -> Report:
    """A report with its words told."""
    events = tuple(Event(one.at, told(one.words)) for one in made.events)
    return replace(made, what=told(made.what), do=told(made.do), events=events)
