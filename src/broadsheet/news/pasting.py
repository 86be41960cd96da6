"""What an editor pasted, read in the background: a row for each line, so that nothing is read twice
and a worker that dies in the middle goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.jobs import queue
from broadsheet.jobs.models import Job
from broadsheet.news import intake, lessons
from broadsheet.news.collecting import Web
from broadsheet.news.intake import Read
from broadsheet.news.models import Article, Paste, PastedLine
from broadsheet.people.models import Editor
from broadsheet.wire import collect, read, urls
from broadsheet.wire.beat import Beat
from broadsheet.wire.collect import pasted
from broadsheet.wire.errors import WireError
from broadsheet.wire.model import Article as Value
from broadsheet.wire.model import Band, Entry, Failure, Page, row
from broadsheet.wire.read.pool import Reader

KIND = "paste"
MOST = 300  # addresses in one paste: more is a list of sources, or a mistake
# How long a paste is kept once it is done: colleagues' words stand around the links of a chat.
KEEP_WORDS = timedelta(days=30)
_SIDE_BY_SIDE = 8  # hosts that are asked at once
_State = PastedLine.State


class PasteError(Exception):
    """It cannot be taken; `str()` is a sentence for the editor."""


@transaction.atomic
def begin(text: str, editor: Editor, now: datetime, into: str = "") -> Paste:
    """Keep what was pasted as lines that wait, and have a worker read them.

    Doubles are one line; lines without an address are kept as `leftovers`.
    """
    found = pasted.entries(text)
    entries = [one for one in found if isinstance(one, Entry)]
    if len(entries) > MOST:
        raise PasteError(
            _("These are {count} links; at most {most} go at once. Paste them in parts.").format(
                count=len(entries), most=MOST
            )
        )
    leftovers = [one.text for one in found if not isinstance(one, Entry)]
    made = Paste.objects.create(editor=editor, into=into, at=now, leftovers=leftovers)
    PastedLine.objects.bulk_create(
        PastedLine(paste=made, position=at, entry=row(entry)) for at, entry in enumerate(entries, 1)
    )
    if entries:
        queue.enqueue(KIND, str(made.pk), now)
    else:
        finish(made, [], now)
    return made


def take_in(
    paste: Paste,
    web: Web,
    beat: Beat,
    clock: Callable[[], datetime],
    reader: Reader | None = None,
) -> Iterator[PastedLine]:
    """Read the lines that wait still, hosts side by side; yields each line once it is kept.

    Only fetching is done in threads. What cannot be read is kept by its address and its words.
    """
    waiting = list(paste.lines.filter(state=_State.WAITING))

    def fetch(line: PastedLine) -> tuple[PastedLine, Page | WireError]:
        try:
            return line, collect.page(web, _entry(line))  # type: ignore[arg-type]
        except WireError as error:
            return line, error

    def host(line: PastedLine) -> str:
        return urls.host(str(line.entry.get("url") or ""))

    for line, got in collect.many(waiting, host, fetch, workers=_SIDE_BY_SIDE):
        yield _kept(line, got, beat, clock(), reader)


def _entry(line: PastedLine) -> Entry:
    return msgspec.convert(line.entry, Entry)


def _kept(
    line: PastedLine, got: Page | WireError, beat: Beat, now: datetime, reader: Reader | None
) -> PastedLine:
    entry = _entry(line)
    value = _read(got, beat, reader) if isinstance(got, Page) else got
    why = ""
    if not isinstance(value, Value):
        why = value.reason if isinstance(value, Failure) else str(value)
        intake.fail([Failure(entry.url or "", "read", why)], now)
        named = entry if entry.headline.strip() else replace(entry, headline=entry.url or "")
        told = read.from_entry(Page(entry.url or "", b"", entry=entry), named, beat, why)
        # Talk beside a link is no text of the article: "look at this" twice would be one story told twice.
        value = replace(told, text="", description=entry.text.strip() or None)
    (judged,) = intake.judged([value], beat, lessons.model(beat), by_hand=True)
    with transaction.atomic():
        article = _article(judged, now)
        first = line.paste.lines.filter(article=article).exclude(pk=line.pk).first()
        line.article, line.reason = article, why
        # What the desk has had in full from elsewhere is read, whatever its page says today.
        line.state = _State.REFUSED if why and why in article.failures else _State.READ
        if first is not None:
            line.state = _State.DOUBLE
            line.reason = _("The same article as line {line}.").format(line=first.position)
        line.save(update_fields=["article", "reason", "state"])
    return line


def _read(page: Page, beat: Beat, reader: Reader | None) -> Value | Failure | WireError:
    if reader is not None:
        (came,) = reader.read_all([page])
        return came
    try:
        return read.read(page, beat)
    except WireError as error:
        return error


def _article(judged: Read, now: datetime) -> Article:
    for _taken in intake.take_in([judged], now):
        pass
    article = Article.objects.get(key=judged.key or judged.article.key)
    if article.band == Band.OFF_BEAT:  # collected before, and filed away; now somebody wants it
        intake.judged_again(article, judged)
        article.save()
    return article


def group(paste: Paste, beat: Beat) -> None:
    """Group the months of what was read, so that each article stands in a story."""
    months = paste.lines.exclude(article=None).values_list("article__month", flat=True)
    for month in sorted(set(months)):
        intake.regroup(month, beat)


def stories(paste: Paste) -> list[int]:
    """The stories that the lines have come to, in the order of the lines. One query."""
    found = paste.lines.exclude(article__story=None).order_by("position")
    return list(dict.fromkeys(found.values_list("article__story", flat=True)))


def finish(paste: Paste, troubles: Sequence[str], now: datetime) -> None:
    Paste.objects.filter(pk=paste.pk).update(done=now, troubles=list(troubles))


def job(paste: Paste) -> Job | None:
    """The work on a paste, the newest; None where there was nothing to do. One query."""
    return Job.objects.filter(kind=KIND, key=str(paste.pk)).order_by("-pk").first()


def forget(now: datetime) -> int:
    """Let go of what was pasted and done long ago; its articles stay. How many pastes."""
    over = Paste.objects.filter(done__lt=now - KEEP_WORDS)
    n = over.count()
    over.delete()
    return n
