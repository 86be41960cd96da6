"""The public library: resources by sector, with what is known of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from broadsheet.archive import pages
from broadsheet.library import queries
from broadsheet.library.models import Resource
from broadsheet.press import dates
from broadsheet.wire import beat as beats
from broadsheet.wire.dates import Precision, When


@dataclass(frozen=True, slots=True)
class Shown:
    """A resource in words."""

    row: Resource
    date: str
    machine: str
    kind: str
    sectors: list[tuple[str, str]]
    language: str
    cost: str
    address: str
    address_words: str


@pages.public
def library(request: HttpRequest) -> HttpResponse:
    """The shelf, or what of it fits: by words, sector, kind, audience, language, cost."""
    choice = queries.Choice(**{name: request.GET.get(name, "")[:100].strip() for name in _ASKED})
    found = [shown(one) for one in queries.chosen(choice)]
    counts = queries.sectors()
    context: dict[str, Any] = {
        "here": "library",
        "choice": choice,
        "asked": any(getattr(choice, name) for name in _ASKED),
        "resources": found,
        "sectors": [(code, pages.topic_name(code), counts[code]) for code in in_order(counts)],
        "sector_label": pages.topic_name(choice.sector) if choice.sector else "",
        "kinds": [(one, kind_words(one)) for one in queries.kinds()],
        "audiences": queries.audiences(),
        "languages": [(one, language_words(one)) for one in queries.languages()],
    }
    return pages.page(request, "library/list.html", **context)


@pages.public
def resource(request: HttpRequest, pk: int) -> HttpResponse:
    """One resource, at its own address."""
    found = shown(get_object_or_404(Resource, pk=pk))
    context: dict[str, Any] = {"here": "library", "one": found}
    return pages.page(request, "library/one.html", **context)


_ASKED = ("words", "sector", "kind", "audience", "language", "cost")


def in_order(counts: dict[str, int]) -> list[str]:
    """The sectors that have resources, in the order of the beat's taxonomy; unknown codes last."""
    known = [one.code for one in beats.load(settings.BEAT).taxonomy.codes()]
    place = {code: at for at, code in enumerate(known)}
    return sorted(counts, key=lambda code: (place.get(code, len(place)), code))


def kind_words(kind: str) -> str:
    """A kind of resource in the words of the page; one that an editor made up as it is."""
    return {
        "report": _("report"), "handbook": _("handbook"), "training": _("training"), "page": _("web page"),
        "toolkit": _("toolkit"), "dataset": _("data set"), "law": _("law"), "campaign": _("campaign"),
    }.get(kind, kind)  # fmt: skip


def language_words(tag: str) -> str:
    """A language in the words of the page: "English"; the tag itself where nobody has a name for it."""
    return str(dates.locale(get_language() or "en").languages.get(tag.replace("-", "_"), tag))


def shown(row: Resource) -> Shown:
    when = None
    if row.date:
        try:
            when = msgspec.convert(row.date, When)
        except (msgspec.ValidationError, ValueError):
            when = None  # a date that cannot be read any more is no date
    address = row.url if row.url.lower().startswith(("https://", "http://")) else ""
    return Shown(
        row,
        dates.words(when, get_language() or "en"),
        dates.machine(when) if when else "",
        kind_words(row.kind),
        [(code, pages.topic_name(code)) for code in row.sectors],
        language_words(row.language),
        {"free": _("free of charge"), "paid": _("costs money")}.get(row.cost, ""),
        "" if row.url_status == "dead" else address,
        _address_words(row),
    )


def _address_words(row: Resource) -> str:
    if not row.url:
        return _("No address is known.")
    day = ""
    if row.checked:
        opened = When(row.checked.isoformat(), Precision.DAY)
        day = dates.words(opened, get_language() or "en")
    if row.url_status == "dead":
        return (
            _("The address was dead on %(day)s.") % {"day": day}
            if day
            else _("The address is dead.")
        )
    if day:
        return _("Opened by us on %(day)s.") % {"day": day}
    return _("Not checked by us yet: the address may only lead to the publisher’s front page.")
