"""Links that hold: each link of the archive is tried from time to time; what died, the editor looks at.

A page that is gone may have been taken down to protect somebody. So no archive's copy is shown beside a
dead link before an editor has said so, link by link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from broadsheet.issues import reaching
from broadsheet.issues.checking.links import url_hash
from broadsheet.issues.models import Outlink, Reached
from broadsheet.people import doors
from broadsheet.people.models import Editor
from broadsheet.wire.edition import Edition, Item, Link

# Most links of the press live for years: once a month is soon enough for a page of what died, and costs
# an outlet one request.
EVERY = timedelta(days=30)
# A page is called dead after three failures over a week: one bad night is no death.
RETRIES = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
AT_ONCE = 50  # links in one round: with the fetcher's manners some minutes

State = Outlink.State


class LinkError(Exception):
    """It cannot be decided so; `str()` is a sentence for the editor."""


def due(now: datetime, most: int = AT_ONCE) -> list[Outlink]:
    """The links that should be tried now, the longest due first. One query."""
    return list(Outlink.objects.filter(due__lte=now).order_by("due", "pk")[:most])


def try_due(web: reaching.Web, now: datetime, most: int = AT_ONCE) -> Iterator[Outlink]:
    """Try what is due; what came is kept at once, so that a round that breaks off goes on."""
    for link in due(now, most):
        came = reaching.try_one(link.url, web, now)
        yield judge(link, came, now)


def judge(link: Outlink, came: Reached, now: datetime) -> Outlink:
    """Write down what came of trying a link, and when it is tried again."""
    link.tried, link.words = now, came.words
    if came.state != Reached.State.FAILED:
        # A wall or a payment page is an answer: the page is there, though not for everybody.
        link.state, link.failed, link.since, link.due = State.OPEN, 0, None, now + EVERY
    else:
        link.failed += 1
        link.since = link.since or now
        link.state = State.DEAD if link.failed >= len(RETRIES) else State.UNWELL
        link.due = now + (EVERY if link.state == State.DEAD else RETRIES[link.failed - 1])
    link.save(update_fields=["tried", "words", "state", "failed", "since", "due"])
    return link


def dead(decided: bool | None = None) -> QuerySet[Outlink]:
    """What died, the latest first; with `decided`, only what an editor has or has not decided on."""
    found = Outlink.objects.filter(state=State.DEAD).order_by("-since", "pk")
    return found if decided is None else found.filter(shows_copy__isnull=not decided)


def suggested(link: Outlink) -> str:
    """The Wayback Machine's address for a copy near the day of the item. Nothing is asked there."""
    stamp = re.sub(r"\D", "", link.day).ljust(4, "0") if link.day else ""
    return f"https://web.archive.org/web/{stamp or 0}/{link.url}"


def decide(link: Outlink, show: bool, copy: str, editor: Editor, now: datetime) -> Outlink:
    """Show a copy beside a link, or decide that none is shown.

    LinkError where the address of the copy is no address.
    """
    copy = copy.strip()
    if show:
        copy = copy or suggested(link)
        if not re.match(r"https?://[^\s/]+\.[^\s/]+/?\S*$", copy) or len(copy) > 2000:
            raise LinkError(
                _("“{copy}” is no address of a copy. It begins with https://.").format(
                    copy=copy[:100]
                )
            )
    link.shows_copy, link.copy = show, copy if show else ""
    link.save(update_fields=["shows_copy", "copy"])
    deed = "showed a kept copy" if show else "showed no kept copy"
    doors.note(editor, deed, link.url[:200], now)
    return link


def copies_for(editions: Iterable[Edition]) -> dict[str, str]:
    """The kept copy of each link of which an editor said that it may be shown. One query."""
    links = [link.url for one in editions for item in one.items() for link in item.links]
    wanted = [url_hash(url) for url in links if url]
    shown = Outlink.objects.filter(url_hash__in=wanted, shows_copy=True).exclude(copy="")
    return dict(shown.values_list("url", "copy")) if wanted else {}


def with_copies(edition: Edition, copies: Mapping[str, str] | None = None) -> Edition:
    """The edition with a link to the kept copy after each link that has one: one query, or none where
    `copies` of several editions were asked for together."""
    if copies is None:
        copies = copies_for([edition])
    if not copies:
        return edition
    with translation.override(edition.language):  # it stands among the edition's own words
        words = _("The page above no longer opens: a kept copy of it, at an archive")
    sections = tuple(
        replace(section, items=tuple(_copied(item, copies, words) for item in section.items))
        for section in edition.sections
    )
    return replace(edition, sections=sections)


def _copied(item: Item, copies: Mapping[str, str], words: str) -> Item:
    links: list[Link] = []
    for link in item.links:
        links.append(link)
        if link.url and link.url in copies:
            links.append(Link(words, copies[link.url]))
    return replace(item, links=tuple(links))


def counts() -> dict[str, int]:
    """How many links there are, and how they stand. One query."""
    return Outlink.objects.aggregate(
        every=Count("pk"),
        untried=Count("pk", filter=Q(state=State.UNTRIED)),
        unwell=Count("pk", filter=Q(state=State.UNWELL)),
        dead=Count("pk", filter=Q(state=State.DEAD)),
        undecided=Count("pk", filter=Q(state=State.DEAD, shows_copy=None)),
    )
