"""Items while their lines are gathered, and what becomes of them."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from broadsheet.wire import text as texts
from broadsheet.wire.dates import Precision, When
from broadsheet.wire.edition import Image, Item, Kind, Link
from broadsheet.wire.issuefile import headings


@dataclass
class Draft:
    """An item while its lines are gathered."""

    headline: str = ""
    headline_links: list[Link] = field(default_factory=list)
    date: When | None = None
    source: str = ""
    paragraphs: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    inline: list[Link] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    our_heading: str = ""
    note: str = ""
    content_note: str = ""
    author: str = ""
    labelled: bool = False
    closed: bool = False  # its link words have been read
    doubts: list[str] = field(default_factory=list)


@dataclass
class Part:
    heading: str = ""
    intro: list[str] = field(default_factory=list)
    items: list[Draft] = field(default_factory=list)
    sure: float = 0.9
    level: int = 0  # of its heading, where that is a heading by its element


_MONTHLY = re.compile(r"highlights? of the (?:month|week|quarter)|本月焦點", re.IGNORECASE)
HOLLOW = 4  # items that a letter has at least before a bare headline among them counts as none


def filled(parts: list[Part]) -> tuple[list[Part], list[str]]:
    """The parts without items that are only a headline where nearly all others have more, and what is left.

    With items behind it such a headline heads them; without it is the name of the sender or of a box.
    """
    items = [draft for part in parts for draft in part.items]
    hollow = [id(draft) for draft in items if _is_hollow(draft)]
    if len(items) < HOLLOW or not hollow or len(hollow) * 5 > len(items):
        return parts, []
    out: list[Part] = []
    left: list[str] = []
    for part in parts:
        out.append(replace(part, items=[]))
        for number, draft in enumerate(part.items):
            if id(draft) not in hollow:
                out[-1].items.append(draft)
            elif number + 1 < len(part.items):
                out.append(Part(heading=draft.headline, sure=0.5))
            else:
                left.append(draft.headline)
    return [part for part in out if part.heading or part.intro or part.items], left


def _is_hollow(draft: Draft) -> bool:
    said = (
        draft.paragraphs,
        draft.date,
        draft.source,
        draft.links,
        draft.headline_links,
        draft.inline,
    )
    return not any(said) and not draft.images and not draft.note


def apart(part: Part) -> list[Part]:
    """A part of the sender's own news, without the news of others that a lost break ran into it.

    Own news have neither date nor outlet; where from some item on all have both, the break stood there.
    """
    reported = [bool(draft.date and draft.source) for draft in part.items]
    if not _MONTHLY.search(part.heading) or not any(reported):
        return [part]
    at = reported.index(True)
    own = [draft for draft in part.items[:at] if not (draft.date or draft.source)]
    if at == 0 or len(own) < at or sum(reported[at:]) < max(2, len(reported) - at - 1):
        return [part]
    below = Part(items=part.items[at:], sure=0.6)
    part.items = part.items[:at]
    return [part, below]


@dataclass(frozen=True, slots=True)
class Typical:
    """What the items of this letter mostly have, each 0 to 1."""

    date: float
    source: float
    link: float


def typical(drafts: Iterable[Draft]) -> Typical:
    all_drafts = list(drafts)
    count = max(1, len(all_drafts))
    return Typical(
        sum(1 for d in all_drafts if d.date) / count,
        sum(1 for d in all_drafts if d.source) / count,
        sum(1 for d in all_drafts if d.links or d.headline_links) / count,
    )


_RESOURCE_WORDS = re.compile(
    r"\b(?:handbook|toolkit|guide(?:lines|book)?|manual|webpage|resource|factsheet|fact sheet|"
    r"training module|e-?learning|briefing paper|working paper|white paper|infographic)\b|"
    r"^report:|手冊|指引|工具",
    re.IGNORECASE,
)


def kind(draft: Draft, part: Part, ours: bool, typical: Typical, index: int) -> Kind:
    if headings.is_events(part.heading):
        return Kind.EVENT
    intro = " ".join(part.intro)
    if headings.is_resources(part.heading) or (not part.heading and headings.is_resources(intro)):
        return Kind.RESOURCE
    if ours and not (draft.date and draft.source):
        return Kind.HIGHLIGHT
    if index == 0 and not draft.date and not draft.source and typical.date > 0.5:
        return Kind.HIGHLIGHT
    if draft.date and draft.date.precision in (Precision.YEAR, Precision.MONTH) and draft.source:
        return Kind.RESOURCE
    reported = any(other.date or other.source for other in part.items)
    if not (reported or draft.headline_links) and typical.source > 0.4:
        return Kind.HIGHLIGHT
    words = " ".join(link.text for link in draft.links)
    if not draft.date and _RESOURCE_WORDS.search(f"{draft.headline} {words}"):
        return Kind.RESOURCE
    return Kind.ARTICLE


def item(draft: Draft, uid: str, kind: Kind) -> Item:
    known = {link.url for link in draft.links if link.url}
    links = list(draft.links)
    if len(links) == 1 and links[0].url is None and draft.headline_links:
        links = [Link(links[0].text, draft.headline_links[0].url)]
        known.add(links[0].url or "")
    links = [link for link in draft.headline_links[:1] if link.url not in known] + links
    if not links:
        links = draft.inline
    return Item(
        uid=uid,
        kind=kind,
        headline=draft.headline,
        our_heading=draft.our_heading or None,
        note=draft.note or None,
        content_note=draft.content_note or None,
        date=draft.date,
        source=draft.source or None,
        summary="\n\n".join(draft.paragraphs),
        links=tuple(Link(link.text or draft.headline, link.url) for link in _once(links)),
        images=tuple(draft.images),
    )


def _once(links: list[Link]) -> list[Link]:
    """Each link once; of two with one address the one with words, or both where the words differ."""
    named = {link.url for link in links if link.text}
    out: list[Link] = []
    for link in links:
        if (link.text or link.url not in named) and (link.url is None or link not in out):
            out.append(link)
    return out


def sureness(draft: Draft, kind: Kind, typical: Typical) -> float:
    """How sure an item is, 0 to 1: what the letter's other items have and this one lacks lowers it."""
    sure = 1.0 if draft.labelled else 0.85
    if not draft.headline:
        sure -= 0.4
    if kind is not Kind.HIGHLIGHT:
        if not draft.date:
            sure -= 0.2 * typical.date
        if not draft.source:
            sure -= 0.15 * typical.source
        if not (draft.links or draft.headline_links or draft.inline):
            sure -= 0.15 * typical.link
    if not draft.paragraphs:
        sure -= 0.1
    if len(draft.headline.split()) > 30:
        sure -= 0.2
    sure -= 0.15 * min(2, len(draft.doubts))
    return round(max(0.05, sure), 2)


def uid(title: str, headline: str, taken: Counter[str]) -> str:
    """The same item of the same issue gets the same uid each time; it says nothing of its content.

    `taken` counts the headlines of the issue so far: of two alike the second gets another uid.
    """
    head = texts.squeezed(headline)
    digest = hashlib.sha256(f"{title}\x1f{head}\x1f{taken[head]}".encode())
    taken[head] += 1
    return "i" + digest.hexdigest()[:11]
