"""The page of one item, at an address for good."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from broadsheet.archive import pages, searching
from broadsheet.issues import linkwatch, withdrawn
from broadsheet.issues.filing import ISSUE
from broadsheet.issues.models import Filed, Subject
from broadsheet.press import markdown
from broadsheet.press.proof import Piece, proof, summary_words
from broadsheet.wire.edition import Item


@pages.public
def item(request: HttpRequest, uid: str) -> HttpResponse:
    """An item as it was printed, with the way to its source and to its issue. 410 where withdrawn."""
    filed = Filed.objects.select_related("issue__newsletter").filter(uid=uid).first()
    if filed is None:
        if withdrawn.item(uid):
            return pages.page(request, "gone.html", status=410)
        raise Http404
    if filed.kind == ISSUE:
        return redirect("archive:edition", uid, permanent=True)
    edition = linkwatch.with_copies(searching.alone(filed))
    sheet = proof(edition, today=pages.today())
    piece: Piece = sheet.parts[0].pieces[0]
    around = _around(filed)
    picture = next((figure for figure in piece.figures if figure.url), None)
    return pages.page(
        request,
        "item.html",
        piece=piece,
        say=sheet.say,
        notices=sheet.notices,
        summary=markdown.html(piece.summary),
        description=summary_words(piece)[:300],
        issue=filed.issue,
        filed=filed,
        picture=picture,
        picture_url=pages.whole(picture.url)
        if picture and picture.url and picture.url.startswith("/")
        else "",
        subjects=_subjects(piece.item),
        previous=around[0],
        following=around[1],
    )


def _subjects(item: Item) -> list[dict[str, str]]:
    """The pages of its places and topics, as far as they are public. One query."""
    wanted = {*item.places, *item.codes}
    held = Subject.objects.filter(value__in=wanted).exclude(axis=Subject.Axis.SOURCE)
    topics = searching.public_topics()
    out = []
    for one in held:
        place = one.axis == Subject.Axis.PLACE
        if place or one.value in topics:
            name = pages.place_name(one.value) if place else pages.topic_name(one.value)
            out.append({"name": name, "url": searching.subject_address(one)})
    return sorted(out, key=lambda one: one["name"])


def _around(filed: Filed) -> tuple[Filed | None, Filed | None]:
    """The items before and after it in its issue. The top of an issue has its greatest key. Two queries."""
    others = Filed.objects.filter(issue=filed.issue).exclude(kind=ISSUE).only("uid", "heading")
    before = others.filter(pk__gt=filed.pk).order_by("pk").first()
    after = others.filter(pk__lt=filed.pk).order_by("-pk").first()
    return before, after
