"""The public pages: the editions, each as the press prints it, and their feed.

No cookies, no scripts, nothing from elsewhere. The desk's style stays at the desk: these pages
look like the prints.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from broadsheet.issues import pictures, queries
from broadsheet.issues.models import Edition as Kept
from broadsheet.press import dates, feed
from broadsheet.press import web as press
from broadsheet.press.plaintext import plaintext
from broadsheet.wire.edition import Edition

FEED_TYPE = "application/atom+xml"
# A feed of everything would grow for ever; readers follow, the archive keeps.
FEED_LENGTH = 12  # editions: a year of a monthly letter


@require_safe
def editions(request: HttpRequest) -> HttpResponse:
    """All published issues, the newest first."""
    kept = [(row, _edition(row)) for row in queries.editions()]
    shown = [
        {
            "uid": row.issue.uid,
            "title": edition.title,
            "date": dates.words(edition.date, edition.language),
            "machine": dates.machine(edition.date) if edition.date else "",
            "language": edition.language,
            "version": row.version,
            "published": row.published,
            "headings": [item.heading for item in edition.items()][:4],
            "more": max(0, len(edition.items()) - 4),
        }
        for row, edition in kept
    ]
    newsletter = queries.newsletter()
    return render(
        request,
        "archive/editions.html",
        {
            "editions": shown,
            "newsletter": newsletter,
            "sample": any(edition.sample for _, edition in kept),
        },
    )


def _kept(request: HttpRequest, uid: str) -> Kept:
    """The newest version of an edition; 404 where the uid is unknown or its issue is a draft."""
    found = queries.edition(uid)
    if found is None:
        raise Http404
    return found


def _edition(row: Kept) -> Edition:
    return Edition.from_json(row.content, at=str(row))


def _mark(request: HttpRequest, uid: str) -> str | None:
    """An entity tag: the version, and the day, since a picture's permission may end with it."""
    row = queries.edition(uid)
    if row is None:
        return None
    made = f"{row.pk} {row.version} {timezone.localdate()} {settings.ADDRESS} {request.path}"
    return f'"{hashlib.sha256(made.encode()).hexdigest()[:24]}"'


@require_safe
@cache_control(public=True, max_age=300)
@condition(etag_func=_mark)
def edition(request: HttpRequest, uid: str) -> HttpResponse:
    """An edition as the press prints it for the web."""
    row = _kept(request, uid)
    address = _whole(reverse("archive:edition", args=[uid]))
    page = press.web(
        _edition(row),
        today=timezone.localdate(),
        url=address,
        feeds=[press.FeedLink(_whole(reverse("archive:feed")), str(row.issue.newsletter))],
        style_url=reverse("archive:style"),
        home_url=reverse("archive:editions"),
        feed_url=reverse("archive:feed"),
    )
    return HttpResponse(page)


@require_safe
@cache_control(public=True, max_age=300)
@condition(etag_func=_mark)
def text(request: HttpRequest, uid: str) -> HttpResponse:
    """An edition as plain text."""
    row = _kept(request, uid)
    page = plaintext(
        _edition(row),
        today=timezone.localdate(),
        web_url=_whole(reverse("archive:edition", args=[uid])),
    )
    return HttpResponse(page, content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=3600)
def style(request: HttpRequest) -> HttpResponse:
    """The press's style sheet as a file, so that no page needs style in itself."""
    return HttpResponse(press.style(), content_type="text/css; charset=utf-8")


@require_safe
@cache_control(
    public=True, max_age=86_400
)  # its name never changes; a day, since it may be withdrawn
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture that an issue prints."""
    found = pictures.file(name)
    if found is None:
        raise Http404
    kind = "image/png" if name.endswith(".png") else "image/jpeg"
    return FileResponse(found.open("rb"), content_type=kind)


@require_safe
@cache_control(public=True, max_age=86_400)
def no_icon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for an icon that the prints do not name; nothing is an answer, 404 a mistake."""
    return HttpResponse(status=204)


@require_safe
@cache_control(public=True, max_age=900)
def atom(request: HttpRequest) -> HttpResponse:
    """The feed of editions."""
    rows = list(queries.editions()[:FEED_LENGTH])
    moments = {row.issue.uid: row.published for row in rows}
    newsletter = queries.newsletter()
    body = feed.atom(
        [_edition(row) for row in rows],
        base_url=_whole(reverse("archive:editions")),
        title=str(newsletter) if newsletter else "Broadsheet",
        feed_id=_whole(reverse("archive:feed")),
        edition_url=lambda made: _whole(reverse("archive:edition", args=[made.uid])),
        updated=_at(moments),
        self_url=_whole(reverse("archive:feed")),
        today=timezone.localdate(),
    )
    return HttpResponse(body, content_type=f"{FEED_TYPE}; charset=utf-8")


def _at(moments: dict[str, datetime]) -> Callable[[Edition], datetime]:
    return lambda made: moments[made.uid]


def _whole(path: str) -> str:
    """The address under which readers reach a path, whatever name this request came by."""
    return f"{settings.ADDRESS}{path}"
