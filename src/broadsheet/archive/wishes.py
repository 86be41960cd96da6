"""A search as an address says it, and back: the same for pages and for feeds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from broadsheet.archive import pages
from broadsheet.issues.models import Subject
from broadsheet.issues.searching import AXES, Wish
from broadsheet.press import dates
from broadsheet.wire.dates import Precision, When

_LONGEST = 400  # characters of one field
_BREAKS = re.compile(r"[\x00-\x1f\x7f]")
_FIELDS = ("place", *AXES, "source", "kind")


def read(given: QueryDict) -> Wish:
    """The wish of an address. What is no known field is passed over."""

    def field(name: str) -> str:
        return _BREAKS.sub(" ", given.get(name, "")).strip()[:_LONGEST]

    return Wish(
        words=_BREAKS.sub(" ", given.get("q", "")).strip()[:1000],
        since=field("from"),
        until=field("to"),
        newest=given.get("sort") == "new",
        **{name: field(name) for name in _FIELDS},
    )


def written(wish: Wish) -> str:
    """The wish as the query of an address; without what is left open, so that one search has one address."""
    pairs = [("q", wish.words)]
    pairs += [(name, getattr(wish, name)) for name in _FIELDS]
    pairs += [("from", wish.since), ("to", wish.until), ("sort", "new" if wish.newest else "")]
    return urlencode([(name, value) for name, value in pairs if value])


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter's list."""

    value: str
    name: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on: what it says, and the search without it."""

    words: str
    without: str


def choices(wish: Wish) -> dict[str, list[Choice]]:
    """The lists of the filters: only what the archive has something of. One query."""
    out: dict[str, list[Choice]] = {name: [] for name in ("place", *AXES)}
    axes = pages.beat().taxonomy.axes
    axis_of = {code.code: axis for axis in AXES for code in axes.get(axis, ())}
    held = Subject.objects.exclude(axis=Subject.Axis.SOURCE).values_list("axis", "value")
    for axis, value in held:
        if axis == Subject.Axis.PLACE:
            out["place"].append(Choice(value, pages.place_name(value), value == wish.place))
        elif value in axis_of:
            name = axis_of[value]
            chosen = getattr(wish, name) == value
            out[name].append(Choice(value, pages.topic_name(value), chosen))
    for some in out.values():
        some.sort(key=lambda one: one.name.casefold())
    return out


def chips(wish: Wish) -> list[Chip]:
    """The filters that are on, each with the search without it."""
    says = {
        "place": pages.place_name(wish.place),
        "source": wish.source,
        "kind": kinds().get(wish.kind, wish.kind),
    } | {axis: pages.topic_name(getattr(wish, axis)) for axis in AXES}
    out = [
        Chip(says[name], written(_without(wish, name))) for name in _FIELDS if getattr(wish, name)
    ]
    if wish.since or wish.until:
        span = f"{wish.since} – {wish.until}".strip(" –")
        out.append(Chip(span, written(replace(wish, since="", until=""))))
    return out


def _without(wish: Wish, name: str) -> Wish:
    changed: dict[str, Any] = {name: ""}
    return replace(wish, **changed)


def kinds() -> dict[str, str]:
    """What can be looked for, in words."""
    return {
        "issue": _("whole issues"), "article": _("news items"), "highlight": _("highlights"),
        "resource": _("resources"), "event": _("events"), "notice": _("notices"),
    }  # fmt: skip


def title(wish: Wish) -> str:
    """The search in one line, as a feed is named."""
    said = [f"“{wish.words}”" if wish.words else "", *(chip.words for chip in chips(wish))]
    return " · ".join(part for part in said if part)


@lru_cache(maxsize=4096)  # twenty to a page, and mostly the same ones; Babel takes its time
def day_words(value: str, language: str) -> str:
    """2019, 2019-06 or 2019-06-21 in words; what is none of them as it is."""
    precision = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}.get(len(value))
    try:
        return dates.words(When(value, precision), language) if precision else value
    except ValueError:
        return value
