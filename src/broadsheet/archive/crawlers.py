"""For machines that read along: the sitemap and robots.txt.

A sitemap file may list 50,000 addresses and be 50 MB long (sitemaps.org). Ours have at most some 350
bytes to an address, so the number is what counts: a month with more is cut into several files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.sax.saxutils import escape

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.archive import pages, searching
from broadsheet.issues import figures
from broadsheet.issues.models import Filed, Issue, Subject
from broadsheet.library import tip
from broadsheet.library.models import Resource

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
MOST = 50_000  # addresses in one file: sitemaps.org
_PAGES = "pages"  # the part with what is neither an issue nor an item
# 2019-06 is the first file of a month, 2019-06-2 the second.
_PART = re.compile(rf"(\d{{4}}-\d{{2}}|{_PAGES})(?:-([2-9]|[1-9]\d{{1,4}}))?")
_ALONE = ("editions", "topics", "places", "sources", "library", "tip", "tip_countries", "figures")
Place = tuple[str, datetime | None]  # a path, and when it changed where that is known


@require_safe
@cache_control(public=True, max_age=3600)
def robots(request: HttpRequest) -> HttpResponse:
    """Pages may be read; searches are endless, so machines are asked to follow feeds and the sitemap."""
    lines = [
        "User-agent: *", "Disallow: /search/", "Disallow: /desk/", "",
        f"Sitemap: {pages.whole(reverse('archive:sitemap'))}", "",
    ]  # fmt: skip
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@pages.public
def sitemap(request: HttpRequest) -> HttpResponse:
    """The list of sitemaps: the standing pages, and for each month that has an issue as many as it needs."""
    parts = [*_names(_PAGES, len(_standing()))]
    parts += [part for month, count in _months() for part in _names(month, count)]
    where = (pages.whole(reverse("archive:sitemap_part", args=[part])) for part in parts[:MOST])
    listed = "".join(f"<sitemap><loc>{escape(one)}</loc></sitemap>\n" for one in where)
    return _xml(f'{_HEAD}<sitemapindex xmlns="{_SPACE}">\n{listed}</sitemapindex>\n')


@pages.public
def sitemap_part(request: HttpRequest, part: str) -> HttpResponseBase:
    """One file: the issues of a month and their items, or the standing pages."""
    named = _PART.fullmatch(part)
    if named is None:
        raise Http404
    first = (int(named[2] or 1) - 1) * MOST
    found = _of_month(named[1], first) if named[1] != _PAGES else _standing()[first : first + MOST]
    if not found:
        raise Http404
    return _xml(f'{_HEAD}<urlset xmlns="{_SPACE}">\n{"".join(_urls(found))}</urlset>\n')


def _names(what: str, addresses: int) -> Iterator[str]:
    """The files that so many addresses need."""
    for number in range(1, -(-addresses // MOST) + 1):
        yield what if number == 1 else f"{what}-{number}"


def _published() -> dict[str, str]:
    return {"issue__state": Issue.State.PUBLISHED}


def _months() -> list[tuple[str, int]]:
    """The months that have an issue, the newest first, with how many addresses each has. One query."""
    counted = Filed.objects.filter(**_published()).values("issue__month").annotate(n=Count("pk"))
    return list(counted.order_by("-issue__month").values_list("issue__month", "n"))


def _of_month(month: str, first: int) -> list[Place]:
    rows = Filed.objects.filter(issue__month=month, **_published()).order_by("-pk")
    found = rows.only("uid", "kind", "published")[first : first + MOST]
    return [(searching.address(one), one.published) for one in found]


def _standing() -> list[Place]:
    """What is neither an issue nor an item: subjects, the library, the TIP Report, figures. Seven queries."""
    topics = searching.public_topics()
    paths = [reverse(f"archive:{name}") for name in _ALONE]
    paths += [
        searching.subject_address(one)
        for one in Subject.objects.order_by("axis", "slug")
        if one.axis != Subject.Axis.TOPIC or one.value in topics
    ]
    numbers = Resource.objects.order_by("pk").values_list("pk", flat=True)
    paths += [reverse("archive:resource", args=[pk]) for pk in numbers]
    paths += [reverse("archive:tip_edition", args=[year]) for year in tip.editions()]
    paths += [reverse("archive:tip_country", args=[iso3]) for iso3, _name in tip.countries()]
    years = sorted({month[:4] for month in figures.months()})
    paths += [reverse("archive:figures_of", args=[year]) for year in years]
    return [(path, None) for path in paths]


def _urls(found: Iterable[Place]) -> Iterator[str]:
    for path, changed in found:
        day = f"<lastmod>{changed:%Y-%m-%d}</lastmod>" if changed else ""
        yield f"<url><loc>{escape(pages.whole(path))}</loc>{day}</url>\n"


def _xml(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="application/xml; charset=utf-8")
