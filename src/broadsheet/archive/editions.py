"""The editions, each as the press prints it, their feed, and the files that they need.

No cookies, no scripts, nothing from elsewhere. The desk's style stays at the desk: these pages
look like the prints.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from broadsheet.archive import pages, wishes
from broadsheet.issues import house, linkwatch, pictures, queries, withdrawn
from broadsheet.issues.models import Edition as Kept
from broadsheet.press import feed
from broadsheet.press import web as press
from broadsheet.press.plaintext import plaintext
from broadsheet.wire.edition import Edition

FEED_TYPE = "application/atom+xml"
# A feed of everything would grow for ever; readers follow, the archive keeps.
FEED_LENGTH = 12  # editions: a year of a monthly letter
ON_A_PAGE = 24  # editions: two years of a monthly letter
HEADINGS = 4  # of each edition in the list


@pages.public
def editions(request: HttpRequest) -> HttpResponse:
    """All published issues, the newest first."""
    number = request.GET.get("page", "1")
    paginator = Paginator(queries.published(), ON_A_PAGE)
    if not number.isdigit() or not 1 <= int(number[:6]) <= paginator.num_pages:
        raise Http404
    shown = paginator.page(int(number[:6]))
    lines = queries.lines(shown.object_list, HEADINGS)
    return pages.page(
        request,
        "editions.html",
        editions=[_line(one) for one in lines],
        pages=shown,
        sample=any(one.issue.newsletter.sample for one in lines),
    )


def _line(one: queries.Line) -> dict[str, object]:
    return {
        "uid": one.issue.uid,
        "title": one.title,
        "date": wishes.day_words(one.day, one.language),
        "machine": one.day,
        "language": one.language,
        "version": one.version,
        "published": one.published,
        "headings": one.headings,
        "more": one.more,
    }


def _kept(uid: str) -> Kept:
    """The newest version of an edition; 404 where the uid is unknown or its issue is a draft."""
    found = queries.edition(uid)
    if found is None:
        raise Http404
    return found


def _edition(row: Kept) -> Edition:
    return pictures.placed(Edition.from_json(row.content, at=str(row)))


@pages.public
def edition(request: HttpRequest, uid: str) -> HttpResponse:
    """An edition as the press prints it for the web."""
    row = _kept(uid)
    newsletter = row.issue.newsletter
    first = pages.newsletter_of(request)  # mostly the same, and its form is known
    return HttpResponse(
        press.web(
            linkwatch.with_copies(_edition(row)),
            house=house.of(newsletter, settings.PATH),
            today=pages.today(),
            url=pages.whole(reverse("archive:edition", args=[uid])),
            item_url=lambda item: reverse("archive:item", args=[item.uid]),
            feeds=[press.FeedLink(pages.whole(reverse("archive:feed")), str(newsletter))],
            style_url=_style_url(newsletter.house),
            home_url=reverse("archive:editions"),
            feed_url=reverse("archive:feed"),
            search_url=reverse("archive:search"),
            subscribe_url=pages.sign_up_url(first if first == newsletter else newsletter) or None,
            exit_url=newsletter.quick_exit or None,
        )
    )


def _style_url(kept: dict[str, object]) -> str:
    """The style sheet's address: another one after the house style has changed, so that no cache errs."""
    if not kept:
        return reverse("archive:style")
    mark = hashlib.sha256(repr(sorted(kept.items())).encode()).hexdigest()[:8]
    return f"{reverse('archive:style')}?{mark}"


@pages.public
def text(request: HttpRequest, uid: str) -> HttpResponse:
    """An edition as plain text."""
    row = _kept(uid)
    page = plaintext(
        linkwatch.with_copies(_edition(row)),
        house=house.of(row.issue.newsletter),
        today=pages.today(),
        web_url=pages.whole(reverse("archive:edition", args=[uid])),
    )
    return HttpResponse(page, content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=3600)
def style(request: HttpRequest) -> HttpResponse:
    """The press's style sheet as a file, so that no page needs style in itself."""
    return HttpResponse(
        press.style(house.of(queries.newsletter())), content_type="text/css; charset=utf-8"
    )


@require_safe
# Its name never changes; an hour, since it may be withdrawn.
@cache_control(public=True, max_age=3600)
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture that an issue prints. 410 where it was withdrawn."""
    found = pictures.file(name)
    if found is None:
        if withdrawn.picture(name):
            return pages.page(request, "gone.html", status=410)
        raise Http404
    kind = "image/png" if name.endswith(".png") else "image/jpeg"
    return FileResponse(found.open("rb"), content_type=kind)


@require_safe
@cache_control(public=True, max_age=86_400)
def no_icon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for an icon that the prints do not name; nothing is an answer, 404 a mistake."""
    return HttpResponse(status=204)


@pages.public
def atom(request: HttpRequest) -> HttpResponse:
    """The feed of editions."""
    rows = list(queries.editions()[:FEED_LENGTH])
    moments = {row.issue.uid: row.published for row in rows}
    shown = [_edition(row) for row in rows]
    copies = linkwatch.copies_for(shown)
    newsletter = pages.newsletter_of(request)
    body = feed.atom(
        [linkwatch.with_copies(one, copies) for one in shown],
        base_url=pages.whole(reverse("archive:editions")),
        title=str(newsletter) if newsletter else "Broadsheet",
        feed_id=pages.whole(reverse("archive:feed")),
        edition_url=lambda made: pages.whole(reverse("archive:edition", args=[made.uid])),
        updated=_at(moments),
        self_url=pages.whole(reverse("archive:feed")),
        house=house.of(newsletter, settings.ADDRESS),
        today=pages.today(),
    )
    return HttpResponse(body, content_type=f"{FEED_TYPE}; charset=utf-8")


def _at(moments: dict[str, datetime]) -> Callable[[Edition], datetime]:
    return lambda made: moments[made.uid]
