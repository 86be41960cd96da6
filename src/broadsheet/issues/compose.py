"""Composing an issue: draft, pick, write, order, publish.

Each verb is one transaction that locks the issue first. Whoever changes words names the turn they
began from, so that of two editors at one item the second is told instead of overwriting.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from broadsheet.issues import filing, history
from broadsheet.issues.models import Edition, Issue, Kept, Newsletter, Pick, Section
from broadsheet.library.models import Resource
from broadsheet.news import queries as news
from broadsheet.news.models import Story
from broadsheet.people import doors
from broadsheet.people.models import Editor
from broadsheet.wire import beat as beats
from broadsheet.wire import dates, rank
from broadsheet.wire import edition as frozen
from broadsheet.wire.beat import Beat
from broadsheet.wire.dates import When
from broadsheet.wire.model import Ranked


class ComposeError(Exception):
    """It cannot be done; `str()` is a sentence that the editor can act on."""


class ConflictError(ComposeError):
    """Somebody else has changed the item since the editor opened it."""


EDITABLE = history.PICK
_UNTITLED = "Untitled"  # an item of our own until it is first kept


def month_title(month: str) -> str:
    """ "2019-06" as an issue is titled: "June 2019"."""
    when = dates.first_day(month)
    return f"{calendar.month_name[when.month]} {when.year}"


# --- drafting ------------------------------------------------------------------------------------


@transaction.atomic
def draft(newsletter: Newsletter, month: str, now: datetime, most: int = 12) -> Issue:
    """Draft a month's issue, or add to its draft what has been taken since.

    Sections are those of the newsletter's last issue, or the beat's. Taken stories all go in. Where
    no editor has decided anything yet, the best `most` stories of the relevant band are proposed
    and marked so. Highlights stay empty: they are the organisation's own. Drafting twice changes
    nothing; a published issue is refused.
    """
    beat = beats.load(settings.BEAT)
    try:
        dates.first_day(month)
    except ValueError:
        raise ComposeError(f"{month!r} is not a month; write it like 2019-06.") from None
    issue = Issue.objects.select_for_update().filter(newsletter=newsletter, month=month).first()
    if issue is not None and issue.state == Issue.State.PUBLISHED:
        raise ComposeError(f"{issue} is out already, since {issue.published:%-d %B %Y, %H:%M} UTC.")
    fresh = issue is None
    if issue is None:
        issue = Issue.objects.create(newsletter=newsletter, month=month, title=month_title(month))
        _lay_out(issue, beat)
    decided = Story.objects.filter(month=month).exclude(state=Story.State.NEW).exists()
    if decided:
        chosen = list(news.inbox(month, band=None, state=Story.State.TAKEN, limit=500))
        proposed = False
    else:
        chosen = _propose(month, most) if fresh else []
        proposed = True
    have = set(issue.picks.exclude(story=None).values_list("story_id", flat=True))
    sections = {s.takes: s for s in reversed(issue.sections.order_by("position"))}
    for story in chosen:
        if story.pk not in have:
            part = rank.belongs(story.headline, story.places, beat)
            section = sections.get(part) or sections.get("world") or _last(issue)
            _pick(story, section, None, proposed=proposed)
    return issue


def _propose(month: str, most: int) -> list[Story]:
    """The month's proposal: the best stories of the relevant band, balanced in forms and regions."""
    stories = {story.key: story for story in news.inbox(month, band="relevant", limit=most * 10)}
    ranked = [
        Ranked(
            story.key,
            story.score,
            story.factors,
            case=story.case or None,
            forms=tuple(_lead_codes(story).get("form", ())),
            sectors=tuple(_lead_codes(story).get("sector", ())),
            places=tuple(story.places),
        )
        for story in stories.values()
    ]
    return [stories[one.story] for one in rank.propose(ranked, most)]


def _lead_codes(story: Story) -> dict[str, list[str]]:
    articles = news.in_order(list(story.articles.all()))
    return articles[0].codes if articles else {}


def _lay_out(issue: Issue, beat: Beat) -> None:
    last = (
        Issue.objects.filter(newsletter=issue.newsletter, month__lt=issue.month)
        .order_by("-month")
        .first()
    )
    if last is not None and last.sections.exists():
        parts = [(s.heading, s.takes) for s in last.sections.order_by("position")]
    else:
        parts = [(part.heading, part.takes) for part in beat.parts]
    Section.objects.bulk_create(
        Section(issue=issue, position=at, heading=heading, takes=takes)
        for at, (heading, takes) in enumerate(parts)
    )


def section_for(issue: Issue, story: Story) -> Section:
    """The section that a story would be drafted into."""
    takes = rank.belongs(story.headline, story.places, beats.load(settings.BEAT))
    found = issue.sections.filter(takes=takes).order_by("position").first()
    return found or _last(issue)


def _last(issue: Issue) -> Section:
    section = issue.sections.order_by("-position").first()
    if section is None:
        raise ComposeError(f"{issue} has no sections. Add one first.")
    return section


# --- picking -------------------------------------------------------------------------------------


@transaction.atomic
def pick(story: Story, section: Section, editor: Editor | None, now: datetime) -> Pick:
    """Take a story into a section, with its lead's headline, date, source, link and a summary to edit."""
    issue = opened(section.issue)
    there = issue.picks.filter(story=story).first()
    if there is not None:
        raise ComposeError(f"“{there}” is in {issue} already, under “{there.section}”.")
    made = _pick(story, section, editor)
    history.write_down(made, "began", editor, now)
    doors.note(editor, "picked", f"{made} into {issue}", now)
    return made


def _pick(story: Story, section: Section, editor: Editor | None, *, proposed: bool = False) -> Pick:
    articles = news.in_order(list(story.articles.select_related("source")))
    if not articles:
        raise ComposeError(f"“{story}” has no articles, so there is nothing to print.")
    lead = articles[0]
    image = lead.image or {}
    pictured = any(image.get(key) for key in ("url", "caption", "credit"))
    return _append(
        section,
        kind=Pick.Kind.ARTICLE,
        story=story,
        headline=lead.headline,
        # A date that has not come yet is wrong: the editor fills in the right one.
        date=lead.published if lead.dated else None,
        source=lead.source.name if lead.source else "",
        summary=str(story.summary.get("text", "")),
        codes=sorted({code for codes in lead.codes.values() for code in codes}),
        places=list(story.places),
        links=[{"text": "Read the article", "url": lead.url or None}],
        # Proposed with its credit; printed once a permission is recorded.
        images=[{k: image.get(k) for k in _IMAGE_KEYS} | {"permission": None}] if pictured else [],
        proposed=proposed,
        edited_by=editor,
    )


@transaction.atomic
def propose_again(story: Story, section: Section, below: int = 0) -> Pick | None:
    """Put a proposal back that went with its story, `below` items from the end of its section.

    None where the story stands in the issue already.
    """
    issue = opened(section.issue)
    if issue.picks.filter(story=story).exists():
        return None
    made = _pick(story, section, None, proposed=True)
    for _step in range(below):
        made = move(made, "up")
    return made


_IMAGE_KEYS = ("url", "alt", "caption", "credit", "licence")


@transaction.atomic
def pick_resource(
    resource: Resource, section: Section, editor: Editor | None, now: datetime
) -> Pick:
    """Take a resource from the shelf into a section."""
    issue = opened(section.issue)
    if issue.picks.filter(resource=resource).exists():
        raise ComposeError(f"“{resource.title}” is in {issue} already.")
    made = _append(
        section,
        kind=Pick.Kind.RESOURCE,
        resource=resource,
        headline=resource.title,
        date=resource.date,
        source=resource.publisher,
        summary=resource.description,
        codes=list(resource.sectors),
        links=[{"text": f"Open the {resource.kind}", "url": resource.url or None}],
        edited_by=editor,
    )
    history.write_down(made, "began", editor, now)
    doors.note(editor, "picked", f"{made} into {issue}", now)
    return made


@transaction.atomic
def write(
    section: Section,
    editor: Editor | None,
    now: datetime,
    kind: str = Pick.Kind.HIGHLIGHT,
    headline: str = "",
) -> Pick:
    """Begin an item of our own: a highlight, an event, a notice."""
    opened(section.issue)
    made = _append(section, kind=kind, headline=headline or _UNTITLED, edited_by=editor)
    history.write_down(made, "began", editor, now)
    doors.note(editor, "began", f"{made} in {section.issue}", now)
    return made


def unwritten(chosen: Pick) -> bool:
    """Whether an item of our own was begun and nothing of it was kept yet."""
    ours = chosen.story_id is None and chosen.resource_id is None
    return ours and chosen.turn == 0 and chosen.headline == _UNTITLED


def _append(section: Section, **fields: Any) -> Pick:
    last = section.picks.aggregate(last=Max("position"))["last"]
    made = Pick.objects.create(
        section=section, issue=section.issue, position=0 if last is None else last + 1, **fields
    )
    turned(section.issue)
    return made


# --- changing ------------------------------------------------------------------------------------


@transaction.atomic
def edit(
    chosen: Pick,
    turn: int,
    editor: Editor | None,
    now: datetime,
    *,
    deed: str = "edited",
    **fields: Any,
) -> Pick:
    """Change the words of a pick. `turn` is the pick's turn that the editor began from.

    ConflictError where somebody else has changed it since; nothing is overwritten. The headline of
    a picked story is its outlet's and cannot be changed: write our heading beside it.
    """
    opened(chosen.issue)
    chosen = Pick.objects.select_for_update().get(pk=chosen.pk)
    if chosen.turn != turn:
        raise ConflictError(
            f"“{chosen}” was changed by {chosen.edited_by or 'somebody else'} while you were editing. "
            "Your words are still in the form: compare them with theirs and save again."
        )
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise ComposeError(f"{', '.join(sorted(unknown))} cannot be edited.")
    if chosen.story_id and fields.get("headline", chosen.headline) != chosen.headline:
        raise ComposeError(
            "The headline is the outlet's own. Write “our heading” beside it instead."
        )
    before = history.words(chosen)
    for name, value in fields.items():
        setattr(chosen, name, value)
    if not chosen.headline.strip():
        raise ComposeError(_("An item needs a headline."))
    if chosen.heading_only and not chosen.our_heading.strip():
        raise ComposeError(
            _(
                "“Our heading only” keeps the outlet's headline out of every print, so write our heading."
            )
        )
    _item(chosen)  # refuses links, pictures and dates of a wrong shape before they are kept
    changed = history.words(chosen) != before
    chosen.turn += 1
    chosen.edited_by = editor
    chosen.proposed = False
    chosen.save()
    if changed:
        history.started(chosen, before, now)
        history.write_down(chosen, deed, editor, now)
    turned(chosen.issue)
    return chosen


@transaction.atomic
def remove(chosen: Pick, editor: Editor | None, now: datetime) -> None:
    """Take a pick out of its issue; its story can be picked again."""
    issue = opened(chosen.issue)
    doors.note(editor, "removed", f"{chosen} from {issue}", now)
    whole = {name: getattr(chosen, name) for name in _WHOLE}
    history.write_down(chosen, "removed", editor, now, whole=whole)
    chosen.delete()
    turned(issue)


_WHOLE = (
    "section_id", "position", "kind", "story_id", "resource_id", "codes", "places", "turn", "proposed",
)  # fmt: skip


@transaction.atomic
def put_back(kept: Kept, editor: Editor | None, now: datetime) -> Pick:
    """Put a removed item back where it stood, the same item with the same words.

    At the end of the issue's last section where its own is gone. ComposeError where it stands there,
    or its story was picked again.
    """
    issue = opened(kept.issue)
    whole = dict(kept.words.get("whole") or {})
    if kept.deed != "removed" or not whole:
        raise ComposeError(_("That is no removed item."))
    again = issue.picks.filter(uid=kept.part)
    if whole["story_id"]:
        again = again | issue.picks.filter(story=whole["story_id"])
    if whole["resource_id"]:
        again = again | issue.picks.filter(resource=whole["resource_id"])
    if again.exists():
        raise ComposeError(_("It stands in the issue again already."))
    section = issue.sections.filter(pk=whole.pop("section_id")).first() or _last(issue)
    at = whole.pop("position")
    words = {name: kept.words[name] for name in history.PICK if name in kept.words}
    made = _append(section, uid=kept.part, edited_by=editor, **whole, **words)
    place(made, section, at)
    made.refresh_from_db()
    history.write_down(made, "restored", editor, now)
    doors.note(editor, "put back", f"{made} into {issue}", now)
    return made


@transaction.atomic
def place(chosen: Pick, section: Section, at: int) -> Pick:
    """Put a pick at a place of a section, counted from 0; past the end it stands last."""
    issue = opened(chosen.issue)
    if section.issue_id != issue.pk:
        raise ComposeError(_("That section belongs to another issue."))
    chosen = Pick.objects.get(pk=chosen.pk)
    others = list(section.picks.exclude(pk=chosen.pk).order_by("position"))
    others.insert(max(0, at), chosen)
    # Past all that are taken first, since no two may hold one place even for a moment.
    free = max([one.position for one in others], default=0) + len(others) + 1
    for offset in (free, 0):
        for number, one in enumerate(others):
            one.section, one.position = section, offset + number
            one.save(update_fields=["section", "position"])
    turned(issue)
    return chosen


@transaction.atomic
def move(chosen: Pick, to: str | Section) -> Pick:
    """Move a pick "up" or "down" within its section, or to the end of another section."""
    issue = opened(chosen.issue)
    chosen = Pick.objects.select_related("section").get(pk=chosen.pk)
    if isinstance(to, Section):
        if to.issue_id != issue.pk:
            raise ComposeError("That section belongs to another issue.")
        last = to.picks.aggregate(last=Max("position"))["last"]
        chosen.section, chosen.position = to, 0 if last is None else last + 1
        chosen.save(update_fields=["section", "position"])
    else:
        _swap(list(chosen.section.picks.order_by("position")), chosen, to)
    turned(issue)
    return chosen


@transaction.atomic
def move_section(section: Section, to: str) -> None:
    """Move a section "up" or "down" in its issue."""
    issue = opened(section.issue)
    _swap(list(issue.sections.order_by("position")), section, to)
    turned(issue)


def _swap(ordered: Sequence[Any], moved: Any, to: str) -> None:
    at = next(i for i, one in enumerate(ordered) if one.pk == moved.pk)
    other = at - 1 if to == "up" else at + 1
    if not 0 <= other < len(ordered):
        return
    mine, theirs = ordered[at], ordered[other]
    mine_at, theirs_at = mine.position, theirs.position
    # Three steps, since no two may hold one place even for a moment.
    free = max(one.position for one in ordered) + 1
    for one, place in ((mine, free), (theirs, mine_at), (mine, theirs_at)):
        one.position = place
        one.save(update_fields=["position"])


@transaction.atomic
def edit_section(
    section: Section,
    turn: int,
    editor: Editor | None,
    now: datetime,
    *,
    heading: str,
    intro: str,
    deed: str = "edited",
) -> Section:
    """Change a section's heading and introduction. ConflictError as in `edit`."""
    opened(section.issue)
    section = Section.objects.select_for_update().select_related("issue").get(pk=section.pk)
    if section.turn != turn:
        raise ConflictError(_conflict(str(section)))
    before = history.words(section)
    section.heading, section.intro = heading.strip(), intro
    if history.words(section) == before:
        return section
    section.turn += 1
    section.save(update_fields=["heading", "intro", "turn"])
    history.started(section, before, now)
    history.write_down(section, deed, editor, now)
    turned(section.issue)
    return section


def _conflict(name: str) -> str:
    return _(
        "“%(name)s” was changed by somebody else while you were editing. Your words are still in the form: "
        "compare them with theirs and save again."
    ) % {"name": name}


@transaction.atomic
def drop_section(section: Section) -> None:
    """Take an empty section out of its issue."""
    issue = opened(section.issue)
    if section.picks.exists():
        raise ComposeError(
            _("“%(section)s” still has items. Move or remove them first.") % {"section": section}
        )
    section.delete()
    turned(issue)


@transaction.atomic
def add_section(issue: Issue, heading: str, takes: str = "world") -> Section:
    """Add a section at the end."""
    issue = opened(issue)
    last = issue.sections.aggregate(last=Max("position"))["last"]
    made = Section.objects.create(
        issue=issue, heading=heading.strip(), takes=takes, position=0 if last is None else last + 1
    )
    turned(issue)
    return made


@transaction.atomic
def edit_issue(
    issue: Issue,
    turn: int,
    editor: Editor | None,
    now: datetime,
    *,
    title: str,
    subject: str = "",
    preview: str = "",
    deed: str = "edited",
) -> Issue:
    """Change an issue's title, mail subject and preview line. ConflictError as in `edit`; `turn` is
    the issue's `front_turn`."""
    issue = opened(issue)
    if issue.front_turn != turn:
        raise ConflictError(_conflict(issue.title))
    if not title.strip():
        raise ComposeError(_("An issue needs a title, such as “June 2019”."))
    before = history.words(issue)
    issue.title, issue.subject, issue.preview = title.strip(), subject.strip(), preview.strip()
    if history.words(issue) == before:
        return issue
    issue.front_turn += 1
    issue.save(update_fields=["title", "subject", "preview", "front_turn"])
    history.started(issue, before, now)
    history.write_down(issue, deed, editor, now)
    turned(issue)
    return issue


@transaction.atomic
def restore(kept: Kept, editor: Editor | None, now: datetime) -> None:
    """Let a thing say what it said then. What it says now stays in the history."""
    issue = opened(kept.issue)
    if not kept.part:
        words = {name: kept.words[name] for name in history.FRONT if name in kept.words}
        edit_issue(issue, issue.front_turn, editor, now, deed="restored", **words)
        return
    if kept.part.startswith("section "):
        section = issue.sections.filter(pk=kept.part.removeprefix("section ")).first()
        if section is None:
            raise ComposeError(_("That section is no longer in the issue."))
        words = {name: kept.words[name] for name in history.SECTION if name in kept.words}
        edit_section(section, section.turn, editor, now, deed="restored", **words)
        return
    chosen = issue.picks.filter(uid=kept.part).first()
    if chosen is None:
        raise ComposeError(_("That item is no longer in the issue. Put it back first."))
    words = {name: kept.words[name] for name in history.PICK if name in kept.words}
    edit(chosen, chosen.turn, editor, now, deed="restored", **words)


@transaction.atomic
def permit(
    chosen: Pick,
    turn: int,
    editor: Editor,
    now: datetime,
    basis: str,
    until: str | None,
    exception: str = "",
) -> Pick:
    """Record why the pick's picture may be printed, and until when (an ISO day; None for no end).

    Description, caption and credit are wanted first; `exception` says why one of them is missing.
    """
    if not basis.strip():
        raise ComposeError(
            "Say on what the permission rests: own picture, licence, written consent ..."
        )
    if not chosen.images:
        raise ComposeError(f"“{chosen}” has no picture.")
    if until:
        try:
            dates.first_day(until)
        except ValueError:
            raise ComposeError(f"{until!r} is not a day; write it like 2026-12-31.") from None
    images = [dict(image) for image in chosen.images]
    lacking = [name for name in ("alt", "caption", "credit") if not images[0].get(name)]
    if lacking and not exception.strip():
        raise ComposeError(f"The picture lacks {' and '.join(lacking)}. Fill that in first.")
    images[0]["permission"] = {"basis": basis.strip(), "until": until or None}
    if exception.strip():
        images[0]["exception"] = exception.strip()
    doors.note(editor, "permitted a picture", str(chosen), now, basis)
    return edit(chosen, turn, editor, now, images=images)


@transaction.atomic
def illustrate(
    chosen: Pick, instead_of: str | None, url: str, source_url: str, width: int, height: int
) -> Pick:
    """Let a pick's picture be our own kept copy, `url`; where it came from stays as `source_url`.

    Nothing changes where the item was given another picture than `instead_of` meanwhile, or its
    permission was taken back.
    """
    opened(chosen.issue)
    chosen = Pick.objects.select_for_update().get(pk=chosen.pk)
    if not chosen.images or chosen.images[0].get("url") != instead_of:
        return chosen
    if not chosen.images[0].get("permission"):
        return chosen
    ours = {"url": url, "source_url": source_url, "width": width, "height": height}
    chosen.images = [dict(chosen.images[0]) | ours, *chosen.images[1:]]
    _item(chosen)
    chosen.turn += 1
    chosen.save(update_fields=["images", "turn"])
    turned(chosen.issue)
    return chosen


@transaction.atomic
def hang(
    chosen: Pick, turn: int, editor: Editor, now: datetime, image: dict[str, Any] | None
) -> Pick:
    """Give a pick this picture instead of the one it has; None takes it out."""
    images = [image, *chosen.images[1:]] if image else chosen.images[1:]
    made = edit(chosen, turn, editor, now, images=images)
    doors.note(editor, "changed a picture", str(chosen), now)
    return made


# --- out -----------------------------------------------------------------------------------------


def preview(issue: Issue) -> frozen.Edition:
    """The issue as it would go out now, a correction as the next version. Not kept."""
    return _freeze(issue)


@transaction.atomic
def publish(issue: Issue, editor: Editor | None, now: datetime) -> Edition:
    """Freeze a draft into an edition, or a correction into the next version of one.

    The issue is locked first, so of two editors who press the button only one publishes. Sends no
    mail: `mailing` does, from the edition.
    """
    issue = Issue.objects.select_for_update().get(pk=issue.pk)
    if not issue.is_open:
        raise ComposeError(f"{issue} is out already, since {issue.published:%-d %B %Y, %H:%M} UTC.")
    content = _freeze(issue)
    if not content.items():
        raise ComposeError(f"{issue} has no picks yet. Take a story from the inbox first.")
    standing = Issue.objects.filter(pk=issue.pk, state=issue.state)
    if issue.state == Issue.State.PUBLISHED:
        standing = standing.exclude(correcting=None)
    first = issue.published or now
    taken = standing.update(state=Issue.State.PUBLISHED, published=first, correcting=None)
    if not taken:  # where SELECT FOR UPDATE locks nothing (SQLite) the compare-and-set decides
        raise ComposeError(f"{issue} has just been published by somebody else.")
    doors.note(editor, "corrected" if content.correction else "published", str(issue), now)
    issue.state, issue.published, issue.correcting = Issue.State.PUBLISHED, first, None
    kept = Edition.objects.create(
        issue=issue,
        version=content.version,
        content=content.to_json(),
        published=now,
        published_by=editor,
        reason=content.correction or "",
    )
    filing.file(kept)
    return kept


def _freeze(issue: Issue) -> frozen.Edition:
    """The issue as a value. What readers have already is its last version: a correction is the next."""
    sections = []
    for section in issue.sections.order_by("position").prefetch_related("picks"):
        items = tuple(_item(p) for p in sorted(section.picks.all(), key=lambda p: p.position))
        if items or section.intro.strip():
            sections.append(frozen.Section(section.heading or None, section.intro or None, items))
    newsletter = issue.newsletter
    version, correction = _version(issue)
    return frozen.Edition(
        uid=issue.uid,
        version=version,
        correction=correction,
        newsletter=newsletter.name,
        organisation=newsletter.organisation or None,
        title=issue.title,
        date=When(issue.month, dates.Precision.MONTH, basis="issue", raw=issue.title),
        language=newsletter.language,
        subject=issue.subject or None,
        preview=issue.preview or None,
        sample=newsletter.sample,
        sections=tuple(sections),
    )


def _version(issue: Issue) -> tuple[int, str | None]:
    """Which version of its edition the issue would be, or is, and what that one corrects."""
    if issue.state == Issue.State.DRAFT:
        return 1, None
    editions = issue.editions.order_by("-version").values_list("version", "reason")
    version, reason = editions.first() or (1, "")
    if issue.correcting is not None:
        return version + 1, str(issue.correcting["why"])
    return version, reason or None


def _item(chosen: Pick) -> frozen.Item:
    try:
        return msgspec.convert(
            {
                "uid": chosen.uid,
                "kind": chosen.kind,
                # Our heading only: the outlet's headline, which names somebody, leaves this house
                # in no print, no address, no card and no feed.
                "headline": chosen.our_heading if chosen.heading_only else chosen.headline,
                "our_heading": chosen.our_heading or None,
                "date": chosen.date,
                "source": chosen.source or None,
                "summary": "\n\n".join(w for w in (chosen.summary, chosen.call) if w.strip()),
                "note": chosen.note or None,
                "content_note": chosen.content_note or None,
                "footnotes": chosen.footnotes,
                "codes": chosen.codes,
                "places": chosen.places,
                "links": chosen.links,
                "images": chosen.images,
            },
            frozen.Item,
        )
    except (msgspec.ValidationError, ValueError) as error:
        raise ComposeError(f"“{chosen}” cannot be printed as it stands: {error}.") from error


def opened(issue: Issue) -> Issue:
    """The issue under a lock; ComposeError where it is out and not being corrected."""
    issue = Issue.objects.select_for_update().select_related("newsletter").get(pk=issue.pk)
    if not issue.is_open:
        raise ComposeError(
            f"{issue} is out already, since {issue.published:%-d %B %Y, %H:%M} UTC. Correct it instead."
        )
    return issue


def turned(issue: Issue) -> None:
    """Something of the issue has changed: pages that were opened before are old."""
    Issue.objects.filter(pk=issue.pk).update(turn=F("turn") + 1)
