"""For machines that read along: the sitemap and robots.txt."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.archive import pages, searching
from broadsheet.issues.models import Filed, Issue

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_MOST = 50_000  # addresses in one file: sitemaps.org


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
    """The list of sitemaps: one for each month that has an issue."""
    months = (
        Issue.objects.filter(state=Issue.State.PUBLISHED)
        .order_by("-month")
        .values_list("month", flat=True)
        .distinct()[:_MOST]
    )
    where = (reverse("archive:sitemap_month", args=[month]) for month in months)
    parts = "".join(
        f"<sitemap><loc>{escape(pages.whole(path))}</loc></sitemap>\n" for path in where
    )
    return _xml(f'{_HEAD}<sitemapindex xmlns="{_SPACE}">\n{parts}</sitemapindex>\n')


@pages.public
def sitemap_month(request: HttpRequest, month: str) -> HttpResponseBase:
    """The issues of a month and their items."""
    rows = Filed.objects.filter(issue__month=month, issue__state=Issue.State.PUBLISHED)
    found = list(rows.order_by("-pk").only("uid", "kind", "published")[:_MOST])
    if not found:
        raise Http404
    return _xml(f'{_HEAD}<urlset xmlns="{_SPACE}">\n{"".join(_urls(found))}</urlset>\n')


def _urls(rows: list[Filed]) -> Iterator[str]:
    for filed in rows:
        where = escape(pages.whole(searching.address(filed)))
        yield f"<url><loc>{where}</loc><lastmod>{filed.published:%Y-%m-%d}</lastmod></url>\n"


def _xml(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="application/xml; charset=utf-8")
