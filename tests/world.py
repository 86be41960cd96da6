"""A desk with one of everything, and the address of every page, taken from the addresses themselves.

A new address is looked at by axe, by the Nu checker and in both colours from its first day: where
its arguments are not known here, `pages` says so.
"""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

# The part of a route before an argument: the thing that stands for the argument.
ARGUMENTS = {
    "desk/sign-in/": "door",
    "desk/come/": "way_in",
    "desk/people/invitations/": "invitation",
    "desk/people/": "editor",
    "desk/stories/": "story",
    "desk/done/": "decision",
    "desk/searches/": "search",
    "desk/add/": "paste",
    "desk/look/": "article",
    "desk/issues/past/issue/": "past_issue",
    "desk/issues/past/": "pile",
    "desk/issues/": "issue",
    "desk/comments/": "comment",
    "desk/kept/": "kept",
    "desk/review-links/": "review_link",
    "desk/review/": "review",
    "desk/sections/": "section",
    "desk/picks/": "pick",
    "desk/sources/": "source",
    "desk/feeds/": "feed",
    "desk/mail/": "dispatch",
    "desk/archive/links/": "dead_link",
    "desk/library/": "resource",
    "desk/tip/": "issue",
    "items/": "item",
    "library/": "resource",
    "api/v1/issues/": "uid",
    "api/v1/items/": "item",
    "api/v1/resources/": "resource",
    "topics/": "topic",
    "places/": "place",
    "sources/": "source_slug",
    "sitemap-": "month",
    "desk/subscribers/import/": "import",
    "desk/subscribers/": "subscriber",
    "editions/": "uid",
    "pictures/": "picture",
    "subscribe/": "newsletter",
    "c/": "confirm",
    "u/": "letter",
    "p/": "letter",
    "d/": "data",
}
# Arguments that are the same thing wherever they stand.
BY_NAME = {
    "year": "year",
    "iso3": "iso3",
    "period": "month",
    "axis": "axis",
    "rest": "token",
    "way": "way",
}
# What a `form` may be: of a print on the desk, of a feed in the archive.
FORMS = {"desk": ("web", "mail", "text", "pdf"), "archive": ("atom", "rss", "json")}
# Pages that look otherwise with a question behind their address.
ASKED = (
    ("desk:inbox", "?band=unsure"),
    ("desk:inbox", "?band=off_beat"),
    ("desk:inbox", "?band=taken"),
    ("desk:inbox", "?month=2031-01"),
    ("desk:inbox", "?q=boats+(OR"),
    ("desk:inbox", "?q=nowhere-at-all"),
    ("desk:look", "?month=2019-06"),
    ("desk:covered", "?month=2019-06"),
    ("desk:shelf", "?sector=SEC.AVI"),
    ("desk:subscribers", "?q=reader"),
    ("desk:dead_links", "?show=decided"),
    ("archive:search", "?q=news&place=KH&form=SEX"),
    ("archive:search", "?q=nowhere-at-all"),
    ("archive:search", "?q=boats+(OR"),
)


def drawn(colour: str = "#28566b") -> bytes:
    """A picture with no people on it: PNG, 640 by 400."""
    from PIL import Image

    made = BytesIO()
    Image.new("RGB", (640, 400), colour).save(made, "PNG")
    return made.getvalue()


def things(home: Path) -> dict[str, Any]:
    """One of everything by the name of its argument. Settings must keep `home` as theirs."""
    from django.utils import timezone

    from broadsheet.issues import compose
    from broadsheet.news import collecting, decisions, pasting, saved
    from broadsheet.news.models import Decision
    from tests import make

    now = timezone.now()
    picture = home / "pictures" / f"{'0' * 64}.png"
    picture.parent.mkdir(exist_ok=True)
    picture.write_bytes(drawn())
    out = make.issue("2019-05", title="May 2019")
    told = compose.write(out.sections.first(), None, now, headline="Our news")
    type(told).objects.filter(pk=told.pk).update(
        codes=["SEX", "SEC.AVI"], places=["KH"], source="A paper",
        links=[{"text": "Read the article here.", "url": "https://paper.example/gone"}],
    )  # fmt: skip
    edition = compose.publish(out, None, now)
    issue, story = make.issue(), make.story(articles=2)
    story.articles.update(
        evidence=[{"phrase": "forced labour", "field": "text", "code": "anchor", "weight": 1}],
        near_miss=["NM.SMUG"],
        text="One paragraph.\nAnother, of forced labour.",
    )
    feed = collecting.add("A paper", "https://paper.example/", "https://paper.example/rss")
    pick = compose.pick(make.story(), issue.sections.last(), None, now)
    picked: dict[str, Any] = {"summary": "A pimp held twelve workers, aged 12.", "note": "Ask again in July.",
              "links": [{"text": "The report", "url": "https://report.example/"}],
              "images": [{"url": "https://news.example/a.jpg", "caption": "A bridge", "credit": "A. Person"}]}  # fmt: skip
    compose.edit(pick, pick.turn, None, now, **picked)
    resource = make.resource()
    make.tier()
    pile = make.pile()
    return {
        "pile": pile.pk,
        "past_issue": pile.issues.get(position=1).pk,
        "issue": issue.pk,
        "out": out.pk,
        "item": told.uid,
        "resource": resource.pk,
        "form_of_feed": "atom",
        "year": 2019,
        "iso3": "hkg",
        "axis": "form",
        "topic": "SEX",
        "place": "KH",
        "source_slug": "a-paper",
        "month": "2019-05",
        "dead_link": _dead_link(),
        "story": story.pk,
        "section": pick.section_id,
        "pick": pick.pk,
        "article": make.article(band="off_beat").pk,
        "uid": out.uid,
        "token": "not-a-token",
        "way": "mailchimp",
        "subscriber": make.subscriber().pk,
        "newsletter": out.newsletter_id,
        "import": make.subscriber_import().uid,
        "source": feed.source_id,
        "feed": feed.pk,
        "picture": picture.name,
        "editor": make.editor().pk,
        "decision": decisions.record(story, Decision.Action.NOTE, None, now).pk,
        "search": saved.keep("Boats", "boats", make.editor(), shared=True).pk,
        "paste": pasting.begin("https://a.example/1", make.editor(), now).pk,
        "invitation": make.invitation().pk,
        **_remarks(issue, pick),
        **_mailed(edition),
    }


def _dead_link() -> int:
    """A link of the archive that died."""
    from django.utils import timezone

    from broadsheet.issues.models import Outlink

    link: Outlink = Outlink.objects.get()
    link.state, link.since, link.words = Outlink.State.DEAD, timezone.now(), "It answered 404."
    link.save()
    return link.pk


def _remarks(issue: Any, pick: Any) -> dict[str, Any]:
    """What was said of an issue while it was made, and the link of somebody who reviews it."""
    from django.utils import timezone

    from broadsheet.issues import release, remarks
    from tests import make

    now = timezone.now()
    token = release.invite(issue, "A Director", make.editor(), now)
    return {
        "review": token,
        "review_link": issue.review_links.get().pk,
        "comment": remarks.comment(issue, pick.uid, "A comment.", make.editor(), now).pk,
        "kept": issue.kept.order_by("pk").last().pk,
    }


def _mailed(edition: Any) -> dict[str, Any]:
    """An edition that is to go out, and the secret links of somebody who gets it."""
    from django.utils import timezone

    from broadsheet.mailing import dispatch, signup
    from broadsheet.mailing.audience import Choice
    from broadsheet.mailing.models import Proof
    from broadsheet.people import doors
    from tests import make

    now = timezone.now()
    reader = make.subscriber()
    new = make.subscriber(state="pending")

    def proof(whose: Any, purpose: str) -> str:
        made = Proof.objects.create(
            subscriber=whose, purpose=purpose, made=now, expires=now + timedelta(days=1)
        )
        return signup.seal(made)

    return {
        "dispatch": dispatch.order(edition, Choice(), make.editor(), now).uid,
        "letter": reader.token,
        "data": proof(reader, "data"),
        "confirm": proof(new, "confirm"),
        "door": doors.link_for(make.editor(), now),
        "way_in": make.invitation().token,
    }


def pages(made: dict[str, Any], *, only_without_arguments: bool = False) -> list[tuple[str, str]]:
    """Name and address of whatever can be asked for, in the order of the addresses.

    A KeyError names an address whose argument has nobody to stand for it yet.
    """
    from django.urls import reverse

    from broadsheet.archive import urls as archive
    from broadsheet.desk import urls as desk

    found = []
    for face, before in ((desk, "desk/"), (archive, "")):
        for pattern in face.urlpatterns:
            name, route = f"{face.app_name}:{pattern.name}", before + str(pattern.pattern)
            if "<" not in route:
                found.append((name, reverse(name)))
            elif not only_without_arguments:
                start, asked = route.split("<")[0], re.findall(r"<(?:\w+:)?(\w+)>", route)
                args = [
                    made[BY_NAME.get(arg) or ARGUMENTS[start]] for arg in asked if arg != "form"
                ]
                forms = (
                    [[form] for form in FORMS.get(face.app_name, ())] if "form" in asked else [[]]
                )
                found += [
                    (" ".join([name, *form]), reverse(name, args=[*args, *form])) for form in forms
                ]
    known = dict(found)
    found += [(f"{name} {words}", known[name] + words) for name, words in ASKED if name in known]
    if not only_without_arguments:
        found += [
            ("desk:issue, out", reverse("desk:issue", args=[made["out"]])),
            ("desk:send, out", reverse("desk:send", args=[made["out"]])),
            ("nowhere on the desk", "/desk/nothing-here/"),
            ("nowhere", "/nothing-here/"),
        ]
    return found


def html(
    client: Any, made: dict[str, Any], *, only_without_arguments: bool = False
) -> dict[str, bytes]:
    """Every page that answers with HTML, by its name: one request each. Downloads are left out.

    What takes forms only (405) is no page; anything else but a page, a question
    that cannot be read (400), or nothing there fails.
    """
    given = {}
    for name, address in pages(made, only_without_arguments=only_without_arguments):
        answer = client.get(address)
        body = answer.getvalue()
        if answer.status_code in (204, 302, 405):
            continue
        assert answer.status_code in (200, 400, 404, 410), f"{name}: {answer.status_code}"
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            given[name] = body
    return given


def doors(client: Any) -> dict[str, bytes]:
    """The pages of who is not signed in: the door, and what a form gets when its session has ended."""
    return {
        "desk:sign_in": client.get("/desk/sign-in/").content,
        "desk:sign_in, wrong": client.post(
            "/desk/sign-in/", {"name": "x", "password": "y"}
        ).content,
        "session ended": client.post("/desk/issues/draft/", {"words": "An hour of work."}).content,
    }


def whole(page: bytes) -> bool:
    """Whether it is a page and not a part of one, which HTMX puts into a page."""
    return bool(re.match(rb"\s*<!doctype html>", page, re.IGNORECASE))
