"""Past newsletters from files: read by a worker, looked through by an editor, kept or dropped.

    begin(newsletter, files, ...)  keeps the files (zips taken apart) and has a worker read them
    read(pile)                     reads what waits; killed and begun again it goes on where it was
    mend(past, ...)                what the editor wrote instead of what was read
    keep(past, ...)                makes a published issue with a kept edition, for the archive
    undo(past, ...)                takes that back: the issue waits for the editor again

Nothing here sends mail. An imported issue carries when it was taken in (`Issue.imported`), so that a
month may have several: many a newsletter was weekly once.
"""

from __future__ import annotations

import hashlib
import io
import logging
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction
from django.db.models import F, ProtectedError
from django.utils.translation import gettext as _

from broadsheet.issues import filing
from broadsheet.issues.compose import ComposeError, ConflictError, month_title
from broadsheet.issues.models import Edition, Issue, Newsletter, new_uid
from broadsheet.issues.past import PastIssue, Pile
from broadsheet.jobs import queue
from broadsheet.news import intake, lessons
from broadsheet.people import doors
from broadsheet.people.models import Editor
from broadsheet.search import words as tokens
from broadsheet.wire import dates, issuefile
from broadsheet.wire import edition as frozen
from broadsheet.wire.beat import Beat
from broadsheet.wire.dates import Precision, When
from broadsheet.wire.errors import WireError
from broadsheet.wire.model import Article

log = logging.getLogger(__name__)
KIND = "past_issues"
State = PastIssue.State
FILES = 3000  # of one pile: 50 years of weeks
BYTES = 500_000_000  # of one pile, taken out of its zips
# From here on an item is called sure: it lacks at most one thing that its neighbours have.
SURE = 0.8
KEEP_TEXT = timedelta(days=30)  # in which an import can be undone with its text still beside it


# What lies beside the letters in the zips of mail tools and in saved web pages: no newsletters.
_NO_LETTERS = (
    ".csv", ".json", ".css", ".js", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".ico", ".woff",
    ".woff2", ".ttf", ".zip", ".db",
)  # fmt: skip


class ImportingError(ComposeError):
    """It cannot be done; `str()` is a sentence for the editor."""


# --- files in ------------------------------------------------------------------------------------


@transaction.atomic
def begin(
    newsletter: Newsletter,
    files: Iterable[tuple[str, bytes]],
    editor: Editor | None,
    now: datetime,
    from_others: str = "",
) -> Pile:
    """Keep the files of a pile and have a worker read them.

    A zip is taken apart; a file that came already in this pile is passed over. ImportingError where
    nothing is left. At most FILES files and BYTES bytes; what is above is named in `refused`.
    """
    pile = Pile.objects.create(
        newsletter=newsletter, editor=editor, at=now, from_others=from_others.strip()[:200]
    )
    seen: set[str] = set()
    size = at = 0
    for name, data in _unpacked(files, pile.refused):
        digest = hashlib.sha256(data).hexdigest()
        if digest in seen:
            pile.refused.append(_("{name}: the same file twice.").format(name=name))
            continue
        if at >= FILES or size + len(data) > BYTES:
            pile.refused.append(
                _("{name}: too much for one import. Bring the rest in another.").format(name=name)
            )
            continue
        seen.add(digest)
        size += len(data)
        at += 1
        PastIssue.objects.create(pile=pile, position=at, name=name[:300], data=data)
    if not at:
        raise ImportingError(
            " ".join([_("There is no newsletter in what you chose."), *pile.refused[:3]])
        )
    pile.save(update_fields=["refused"])
    queue.enqueue(KIND, str(pile.pk), now)
    doors.note(editor, "imported", _("{n} past issues").format(n=at), now)
    return pile


def _unpacked(
    files: Iterable[tuple[str, bytes]], refused: list[str]
) -> Iterator[tuple[str, bytes]]:
    """The files, with zips taken apart. A zip in a zip, folders and hidden files are passed over."""
    for name, data in files:
        if not (name.lower().endswith(".zip") or data.startswith(b"PK\x03\x04")):
            yield name, data
            continue
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                yield from _members(archive, refused)
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            OSError,
            ValueError,
            EOFError,
        ):
            refused.append(
                _("{name}: this zip cannot be opened. Is it whole, and without a password?").format(
                    name=name
                )
            )


def _members(archive: zipfile.ZipFile, refused: list[str]) -> Iterator[tuple[str, bytes]]:
    left = BYTES
    for member in archive.infolist()[: FILES * 4]:
        short = PurePosixPath(member.filename).name
        if (
            member.is_dir()
            or short.lower().endswith(_NO_LETTERS)
            or short.startswith(".")
            or member.filename.startswith("__MACOSX/")
        ):
            continue
        # what the zip says of its sizes is not believed: reading stops at the limit
        most = min(issuefile.LIMIT, left)
        with archive.open(member) as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            refused.append(_("{name}: too big for a newsletter.").format(name=short))
            continue
        left -= len(data)
        yield short, data


# --- reading -------------------------------------------------------------------------------------


def read(
    pile: Pile, clock: Callable[[], datetime], tell: Callable[[int], object] = lambda _n: None
) -> Iterator[PastIssue]:
    """Read what waits of a pile; yields each issue as it is kept.

    A file of several issues (a WordPress export) becomes as many. One that cannot be read is kept as
    refused, with its reason. `tell` hears how many are done, so that a lease can be renewed.
    """
    done = 0
    while (past := pile.issues.filter(state=State.WAITING).first()) is not None:
        for made in _read(past):
            done += 1
            yield made
        tell(done)


@transaction.atomic
def _read(past: PastIssue) -> list[PastIssue]:
    past = _locked(past)
    if past.state != State.WAITING:
        return []  # another worker was quicker
    data, name = bytes(past.data or b""), past.name
    past.data = None
    try:
        found = list(
            issuefile.parse_all(
                data,
                name=name,
                newsletter=past.pile.from_others or past.pile.newsletter.name,
            )
        )
    except WireError as error:
        return [_refused(past, str(error))]
    except (
        Exception
    ) as error:  # one file that nobody foresaw must not hold up the hundreds behind it
        log.exception("%s could not be read", name)
        words = _(
            "{name}: our reader stumbled over it ({error}). Save it as a web page or as text."
        )
        return [_refused(past, words.format(name=name, error=type(error).__name__))]
    made = [_filled(past, found[0])]
    last = pile_end(past.pile)
    for number, one in enumerate(found[1:], 1):
        more = PastIssue(pile=past.pile, position=last + number, name=name)
        made.append(_filled(more, one))
    return made


def _refused(past: PastIssue, words: str) -> PastIssue:
    past.state, past.words = State.REFUSED, words
    past.save()
    return past


def pile_end(pile: Pile) -> int:
    """The last position in a pile."""
    return pile.issues.order_by("-position").values_list("position", flat=True).first() or 0


def _filled(past: PastIssue, parsed: issuefile.Parsed) -> PastIssue:
    past.text = parsed.text
    _say(past, parsed.to_json())
    twin = _twin(past)
    past.state, past.words = (State.DOUBLE, twin) if twin else (State.READY, "")
    past.save()
    return past


def _say(past: PastIssue, content: dict[str, Any]) -> None:
    """Put on the row what the content says of itself."""
    edition = frozen.Edition.from_json(content, at=past.name)
    items = edition.items()
    sureness: dict[str, float] = content.get("sureness") or {}
    past.content = content
    past.title = edition.title[:300]
    past.month = (edition.date.month() or "") if edition.date else ""
    past.items = len(items)
    past.sure = min((sureness.get(item.uid, 1.0) for item in items), default=0.0)
    past.mark = mark(edition)


def mark(edition: frozen.Edition) -> str:
    """What makes two issues the same: their month and their headlines, in any order; "" where it has none."""
    heads = sorted(" ".join(tokens.folded(item.headline).split()) for item in edition.items())
    if not heads:
        return ""
    month = edition.date.value[:7] if edition.date else ""
    return hashlib.sha256("\x1f".join((month, *heads)).encode()).hexdigest()


def _twin(past: PastIssue) -> str:
    """Why this issue is a double, in words; empty where it is none."""
    if not past.mark:
        return ""
    twin = (
        PastIssue.objects.filter(
            mark=past.mark,
            pile__newsletter=past.pile.newsletter,
            pile__from_others=past.pile.from_others,
            state__in=(State.READY, State.KEPT),
        )
        .exclude(pk=past.pk)
        .first()
    )
    if twin is not None:
        where = _("kept already") if twin.state == State.KEPT else _("waiting for you already")
        return _("The same headlines as “{name}”, which is {where}.").format(
            name=twin.name, where=where
        )
    if past.pile.from_others or not past.month:
        return ""
    for issue in Issue.objects.filter(
        newsletter=past.pile.newsletter, month=past.month, state=Issue.State.PUBLISHED
    ):
        kept = issue.editions.order_by("-version").first()
        if kept and mark(frozen.Edition.from_json(kept.content, at=str(kept))) == past.mark:
            return _("The same headlines as {issue}, which went out from here.").format(issue=issue)
    return ""


# --- the editor ----------------------------------------------------------------------------------


def edition_of(past: PastIssue) -> frozen.Edition:
    """The issue as it was read and mended. ImportingError where it was not read."""
    if past.content is None:
        raise ImportingError(_("“{name}” was not read.").format(name=past.name))
    return frozen.Edition.from_json(past.content, at=past.name)


@transaction.atomic
def mend(
    past: PastIssue, turn: int, title: str, month: str, items: dict[str, dict[str, str] | None]
) -> PastIssue:
    """Put the editor's words in place of what was read.

    `items` has for an item's uid its new headline, date, source, url, caption, credit and summary, or
    None where it is no item: its words then go to what found no place, so that nothing is lost. What
    the editor has looked at is sure. ConflictError where somebody else has mended it since.
    """
    past = _locked(past)
    if past.turn != turn:
        raise ConflictError(_("Somebody else has changed this issue since you opened it."))
    if past.state not in (State.READY, State.DOUBLE):
        raise ImportingError(
            _("“{name}” is {state}; take that back first.").format(
                name=past, state=past.get_state_display()
            )
        )
    edition = edition_of(past)
    when = _month(month) if month.strip() else None
    content = dict(past.content or {})
    sure, unplaced = dict(content.get("sureness", {})), list(content.get("unplaced", []))
    doubts = dict(content.get("doubts", {}))
    sections = []
    for section in edition.sections:
        kept = []
        for item in section.items:
            said = items.get(item.uid, {})
            if said is None:
                unplaced.append("\n".join(filter(None, (item.headline, item.summary))))
                sure.pop(item.uid, None)
                doubts.pop(item.uid, None)
                continue
            changed = _mended(item, said)
            if changed != item:
                sure[item.uid] = 1.0
                doubts.pop(item.uid, None)
            kept.append(changed)
        sections.append(replace(section, items=tuple(kept)))
    made = replace(
        edition,
        title=title.strip()[:200] or edition.title,
        date=when
        if when and (not edition.date or edition.date.value[:7] != month)
        else edition.date,
        sections=tuple(sections),
        extra={},
    )
    _say(
        past,
        made.to_json() | {"sureness": sure, "doubts": doubts, "unplaced": unplaced},
    )
    past.turn += 1
    past.save()
    return past


def _month(month: str) -> When:
    try:
        dates.first_day(month)
        return When(month, Precision.MONTH, basis="editor", raw=month)
    except ValueError:
        raise ImportingError(
            _("{month} is not a month; write it like 2019-06.").format(month=repr(month))
        ) from None


def _mended(item: frozen.Item, said: dict[str, str]) -> frozen.Item:
    """An item with what the editor wrote; a field that is not named stays."""
    changes: dict[str, Any] = {}
    if "headline" in said:
        changes["headline"] = " ".join(said["headline"].split()) or item.headline
    if "source" in said:
        changes["source"] = " ".join(said["source"].split()) or None
    if "summary" in said:
        changes["summary"] = said["summary"].replace("\r\n", "\n").strip()
    if "date" in said and said["date"].strip() != (item.date.value if item.date else ""):
        words = said["date"].strip()
        when = dates.typed(words, basis="editor") if words else None
        if words and when is None:
            raise ImportingError(
                _("{words} is not a date; write it like 2019-06-21, 2019-06 or 2019.").format(
                    words=repr(words)
                )
            )
        changes["date"] = when
    if "url" in said:
        url = said["url"].strip()
        if url and not url.startswith(("http://", "https://", "mailto:")):
            raise ImportingError(
                _("{url} is not an address; it begins with https://.").format(url=repr(url))
            )
        first = item.links[0] if item.links else frozen.Link(item.headline)
        rest = item.links[1:]
        changes["links"] = (replace(first, url=url or None), *rest) if url or item.links else ()
    if "caption" in said or "credit" in said:
        first_image = item.images[0] if item.images else frozen.Image()
        image = replace(
            first_image,
            caption=said.get("caption", first_image.caption or "").strip() or None,
            credit=said.get("credit", first_image.credit or "").strip() or None,
        )
        empty = image == frozen.Image()
        changes["images"] = () if empty else (image, *item.images[1:])
    return replace(item, **changes)


@transaction.atomic
def keep(past: PastIssue, editor: Editor | None, now: datetime) -> Issue:
    """Make a published issue of it, with its edition, and file it for the archive.

    ImportingError where it has no items, its month is not known or it is kept already. Pictures keep
    their caption, credit and link; none is printed without a permission, as everywhere.
    """
    past = _locked(past)
    if past.pile.from_others:
        raise ImportingError(
            _("A colleague's newsletter is no issue of ours: send it to the inbox.")
        )
    if past.state == State.KEPT:
        raise ImportingError(_("“{name}” is kept already.").format(name=past))
    if past.state in (State.WAITING, State.REFUSED):
        raise ImportingError(_("“{name}” was not read.").format(name=past))
    edition = edition_of(past)
    if not edition.items():
        raise ImportingError(_("“{name}” has no items. Mend it first.").format(name=past))
    if not past.month:
        raise ImportingError(
            _("The month of “{name}” is not known. Write it in, then keep it.").format(name=past)
        )
    newsletter = past.pile.newsletter
    issue = Issue.objects.create(
        newsletter=newsletter,
        month=past.month,
        title=(edition.title if edition.title != "Untitled" else month_title(past.month))[:200],
        preview=(edition.preview or "")[:300],
        state=Issue.State.PUBLISHED,
        published=now,
        imported=now,
    )
    content = replace(
        edition,
        uid=issue.uid,
        version=1,
        newsletter=newsletter.name,
        organisation=newsletter.organisation or None,
        title=issue.title,
        sample=newsletter.sample,
        # An item's address is for good, so its name must be nobody else's.
        sections=tuple(
            replace(part, items=tuple(replace(item, uid=new_uid()) for item in part.items))
            for part in edition.sections
        ),
        extra={},
    )
    filing.file(
        Edition.objects.create(
            issue=issue, version=1, content=content.to_json(), published=now, published_by=editor
        )
    )
    past.state, past.issue, past.turn = State.KEPT, issue, past.turn + 1
    past.save()
    doors.note(editor, "imported", str(issue), now)
    return issue


def keep_sure(pile: Pile, editor: Editor | None, now: datetime) -> Iterator[PastIssue]:
    """Keep every issue whose items are all sure and whose month is known; the rest waits. Yields each."""
    for past in pile.issues.filter(state=State.READY, sure__gte=SURE).exclude(month=""):
        if past.items:
            keep(past, editor, now)
            yield past


@transaction.atomic
def drop(past: PastIssue, now: datetime, editor: Editor | None) -> None:
    """It is not wanted. It can be taken back until its text is let go."""
    past = _locked(past)
    if past.state == State.KEPT:
        raise ImportingError(_("“{name}” is kept; take that back first.").format(name=past))
    past.state, past.turn = State.DROPPED, past.turn + 1
    past.data = None
    past.save()


@transaction.atomic
def undo(past: PastIssue, editor: Editor | None, now: datetime) -> None:
    """Take back that an issue was kept or dropped, or called a double: it waits for the editor again.

    ImportingError where the edition was sent or corrected since: what readers have is not unmade.
    """
    past = _locked(past)
    if past.content is None:
        raise ImportingError(_("“{name}” was not read.").format(name=past))
    issue = past.issue
    if issue is not None:
        sent = _("{issue} has been sent or corrected since; withdraw it instead.")
        if issue.editions.count() > 1:
            raise ImportingError(sent.format(issue=issue))
        filing.unfile(issue)
        try:
            issue.editions.all().delete()
        except ProtectedError:  # a dispatch holds it
            raise ImportingError(sent.format(issue=issue)) from None
        past.issue = None
        past.save(update_fields=["issue"])
        issue.delete()
        doors.note(editor, "took back an import", str(past), now)
    past.state, past.words, past.turn = State.READY, "", past.turn + 1
    past.save()


def undo_all(pile: Pile, editor: Editor | None, now: datetime) -> tuple[int, list[str]]:
    """Take back all of a pile that was kept: how many, and in words what could not be."""
    done, troubles = 0, []
    for past in pile.issues.filter(state=State.KEPT).select_related("issue"):
        try:
            undo(past, editor, now)
            done += 1
        except ImportingError as error:
            troubles.append(str(error))
    return done, troubles


def to_inbox(past: PastIssue, beat: Beat, editor: Editor | None, now: datetime) -> int:
    """Take the items of a colleague's newsletter into the inbox, as articles of the outlets they name.

    Each is judged, tagged and grouped like any other; how many there were. Doing it twice changes
    nothing: an article is known by its address.
    """
    edition = edition_of(past)
    articles = [
        Article(
            headline=item.headline,
            description=item.summary or None,
            url=next((link.url for link in item.links if link.url), None),
            published=item.date,
            source=item.source,
            language=edition.language,
            failures=(_("Told by {name}.").format(name=past.pile.from_others),),
        )
        for item in edition.items()
        if item.headline and item.kind != frozen.Kind.HIGHLIGHT
    ]
    months: set[str] = set()
    for taken in intake.take_in(
        intake.judged(articles, beat, lessons.model(beat), by_hand=True), now
    ):
        months |= set(taken.months)
    for month in sorted(months):
        intake.regroup(month, beat)
    PastIssue.objects.filter(pk=past.pk).update(state=State.KEPT, turn=F("turn") + 1)
    doors.note(editor, "imported", f"{past.pile.from_others}: {past}", now)
    return len(articles)


def tidy(now: datetime) -> int:
    """Let go of the texts of what was kept or dropped, once it is too late to undo; how many."""
    old = PastIssue.objects.filter(
        pile__at__lt=now - KEEP_TEXT, state__in=(State.KEPT, State.DROPPED, State.REFUSED)
    ).exclude(text="", content=None)
    return old.update(text="", content=None, data=None)


def _locked(past: PastIssue) -> PastIssue:
    return PastIssue.objects.select_for_update().select_related("pile__newsletter").get(pk=past.pk)
