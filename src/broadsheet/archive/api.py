"""The API: what the archive shows, as JSON, read only. `endpoints.py` says which addresses take what.

An item says less here than on its page: of its codes only form, sector and kind of event. Signs of
control or means, joined with places and dates across many items, could point at one person.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import conditional_page

from broadsheet.archive import endpoints, pacing
from broadsheet.archive.endpoints import Asked, Endpoint
from broadsheet.issues import queries, searching
from broadsheet.issues.filing import ISSUE
from broadsheet.issues.models import Edition as Kept
from broadsheet.issues.models import Filed
from broadsheet.issues.searching import AXES, Wish
from broadsheet.library import queries as shelf
from broadsheet.library import tip
from broadsheet.library.models import Resource, Tier
from broadsheet.people import limits
from broadsheet.search import QueryError
from broadsheet.wire import beat as beats
from broadsheet.wire.edition import Edition, Item
from broadsheet.wire.model import row as as_row

JSONObject = dict[str, Any]


class ApiError(Exception):
    """It cannot be answered; `str()` says why, for whoever writes the program."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def answers(
    endpoint: Endpoint,
) -> Callable[[Callable[..., JSONObject]], Callable[..., HttpResponse]]:
    """A view of the API: paced, read only, its parameters checked, its answer tagged for caches."""

    def made(view: Callable[..., JSONObject]) -> Callable[..., HttpResponse]:
        @csrf_exempt  # nothing can be changed here; what is no GET is told so, not suspected
        @conditional_page
        @cache_control(public=True, max_age=300)
        @wraps(view)
        def shown(request: HttpRequest, /, **path: Any) -> HttpResponse:
            try:
                if request.method not in ("GET", "HEAD"):
                    raise ApiError(405, "This API is read only: ask with GET.")
                wait = pacing.API.wait(limits.asked_from(request))
                if wait:
                    raise ApiError(429, f"Too many requests. Ask again in {wait} seconds.")
                asked = endpoint.read(request.GET)
                return _open(JsonResponse(view(asked, **path), json_dumps_params=_DUMPS))
            except endpoints.ParameterError as error:
                return _problem(400, str(error))
            except ApiError as error:
                answer = _problem(error.status, str(error))
                if error.status == 429:
                    answer["Retry-After"] = str(wait)
                if error.status == 405:
                    answer["Allow"] = "GET, HEAD"
                return answer

        return shown

    return made


_DUMPS = {"ensure_ascii": False}
_TITLES = {
    400: "Bad request",
    404: "Not found",
    405: "Method not allowed",
    429: "Too many requests",
}


def _problem(status: int, detail: str) -> HttpResponse:
    """An error as RFC 9457 has it."""
    told = {"type": "about:blank", "title": _TITLES[status], "status": status, "detail": detail}
    answer = JsonResponse(told, status=status, json_dumps_params=_DUMPS)
    answer["Content-Type"] = "application/problem+json"
    answer["Cache-Control"] = "no-store"
    return _open(answer)


def _open(answer: HttpResponse) -> HttpResponse:
    """What is public may be read by the script of any page; no cookie goes with it."""
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _listed(rows: list[JSONObject], total: int, asked: Asked) -> JSONObject:
    return {"total": total, "page": asked.page, "limit": asked.limit, "results": rows}


# --- issues and items ----------------------------------------------------------------------------


@answers(endpoints.ISSUES)
def issues(asked: Asked) -> JSONObject:
    """All issues, the newest first."""
    found = queries.editions()
    total = found.count()
    rows = found[asked.first : asked.first + asked.limit]
    return _listed([_issue(row, Edition.from_json(row.content)) for row in rows], total, asked)


@answers(endpoints.ISSUE)
def issue(asked: Asked, uid: str) -> JSONObject:
    """One issue with its sections and items."""
    row = queries.edition(uid)
    if row is None:
        raise ApiError(404, "There is no issue of that uid.")
    edition, today = Edition.from_json(row.content), timezone.localdate()
    sections = [
        {
            "heading": section.heading,
            "intro": section.intro,
            "items": [_item(one, uid, today) for one in section.items],
        }
        for section in edition.sections
    ]
    return _issue(row, edition) | {"sections": sections}


@answers(endpoints.ITEMS)
def items(asked: Asked) -> JSONObject:
    """All items, the newest first."""
    found = Filed.objects.exclude(kind=ISSUE).select_related("issue").order_by("-pk")
    if kind := asked.text("kind"):
        found = found.filter(kind=kind)
    if uid := asked.text("issue"):
        found = found.filter(issue__uid=uid)
    rows = list(found[asked.first : asked.first + asked.limit])
    return _listed([_filed(row) for row in rows], found.count(), asked)


@answers(endpoints.ITEM)
def item(asked: Asked, uid: str) -> JSONObject:
    """One item."""
    row = Filed.objects.exclude(kind=ISSUE).select_related("issue").filter(uid=uid).first()
    if row is None:
        raise ApiError(404, "There is no item of that uid; it may have been withdrawn.")
    return _filed(row)


@answers(endpoints.SEARCH)
def search(asked: Asked) -> JSONObject:
    """Items by words and filters, as the archive's own search finds them."""
    wish = Wish(
        words=asked.text("q"),
        place=asked.text("place"),
        form=asked.text("form"),
        sector=asked.text("sector"),
        event=asked.text("event"),
        source=asked.text("source"),
        kind=asked.text("kind"),
        since=asked.text("from"),
        until=asked.text("to"),
        newest=asked.text("sort") == "new",
    )
    try:
        found = searching.search(wish, beats.load(settings.BEAT), asked.page, asked.limit)
    except QueryError as error:
        raise ApiError(400, str(error)) from error
    told = _listed([_filed(row) for row in found.rows], found.total, asked)
    return told | {"relaxed": found.relaxed, "missing": list(found.missing)}


def _issue(row: Kept, edition: Edition) -> JSONObject:
    return {
        "uid": row.issue.uid,
        "title": edition.title,
        "newsletter": edition.newsletter,
        "date": as_row(edition.date) if edition.date else None,
        "language": edition.language,
        "version": row.version,
        "published": row.published.isoformat(),
        "items": [one.uid for one in edition.items()],
        "url": f"{settings.ADDRESS}/editions/{row.issue.uid}/",
    }


def _filed(row: Filed) -> JSONObject:
    """What was filed; a whole issue, which a search may find, has no words of its own here."""
    if row.kind != ISSUE:
        given = Edition.from_json(
            {"uid": "", "newsletter": "", "title": "", "sections": [{"items": [row.item]}]}
        )
        return _item(given.items()[0], row.issue.uid, timezone.localdate())
    return _item(Item(row.uid, "article", row.heading), row.issue.uid, timezone.localdate()) | {  # type: ignore[arg-type]
        "kind": ISSUE,
        "url": f"{settings.ADDRESS}/editions/{row.issue.uid}/",
    }


def _item(one: Item, issue: str, today: date) -> JSONObject:
    taxonomy = beats.load(settings.BEAT).taxonomy
    return {
        "uid": one.uid,
        "issue": issue,
        "kind": str(one.kind),
        "headline": one.headline,
        "our_heading": one.our_heading,
        "date": as_row(one.date) if one.date else None,
        "source": one.source,
        "summary": one.summary,
        "note": one.note,
        "content_note": one.content_note,
        "links": [{"text": link.text, "url": link.url} for link in one.links],
        "images": [
            {
                "url": image.url
                if image.url is None or ":" in image.url
                else f"{settings.ADDRESS}{image.url}",
                "alt": image.alt,
                "caption": image.caption,
                "credit": image.credit,
            }
            for image in one.images
            # Without a permission that still holds we print no picture, so we hand none out.
            if image.permission
            and (not image.permission.until or image.permission.until >= today.isoformat())
        ],
        "codes": {
            axis: [c.code for c in taxonomy.axes.get(axis, ()) if c.code in one.codes]
            for axis in AXES
        },
        "places": list(one.places),
        "url": f"{settings.ADDRESS}/items/{one.uid}/",
    }


# --- the library and the tiers -------------------------------------------------------------------


@answers(endpoints.RESOURCES)
def resources(asked: Asked) -> JSONObject:
    """The library's shelf, newest first."""
    choice = shelf.Choice(
        words=asked.text("q"),
        sector=asked.text("sector"),
        kind=asked.text("kind"),
        audience=asked.text("audience"),
        language=asked.text("language"),
        cost=asked.text("cost"),
    )
    found = shelf.chosen(choice)
    rows = found[asked.first : asked.first + asked.limit]
    return _listed([_resource(row) for row in rows], len(found), asked)


@answers(endpoints.RESOURCE)
def resource(asked: Asked, pk: int) -> JSONObject:
    """One resource."""
    row = Resource.objects.filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise ApiError(404, "There is no resource of that number.")
    return _resource(row)


def _resource(row: Resource) -> JSONObject:
    return {
        "id": row.pk,
        "title": row.title,
        "publisher": row.publisher,
        "kind": row.kind,
        "description": row.description,
        "sectors": row.sectors,
        "date": row.date,
        "language": row.language,
        "audience": row.audience,
        "cost": row.cost,
        "address": row.url,
        "address_status": row.url_status,
        "checked": row.checked.isoformat() if row.checked else None,
        "url": f"{settings.ADDRESS}/library/{row.pk}/",
    }


@answers(endpoints.TIERS)
def tiers(asked: Asked) -> JSONObject:
    """Tiers of the TIP Report by place and year. A year without a row is a gap."""
    found = Tier.objects.order_by("iso3", "year")
    if iso3 := asked.text("iso3"):
        found = found.filter(iso3=iso3.upper())
    if year := asked.number("year"):
        found = found.filter(year=year)
    rows = found[asked.first : asked.first + asked.limit]
    return _listed([_tier(row) for row in rows], found.count(), asked)


def _tier(row: Tier) -> JSONObject:
    return {
        "iso3": row.iso3,
        "country": row.country,
        "year": row.year,
        "tier": row.tier,
        "label": str(tip.LABELS[row.tier]),
        "status": row.status,
        "source": row.source,
    }


@answers(endpoints.NOTHING)
def nothing(asked: Asked, rest: str = "") -> JSONObject:
    """Any other address below the API's own."""
    raise ApiError(404, "There is no such address; /api/v1/openapi.json has those that there are.")


@answers(endpoints.DESCRIPTION)
def description(asked: Asked) -> JSONObject:
    """The API as OpenAPI 3.1."""
    return endpoints.openapi(settings.ADDRESS)
