"""How the desk is, in words: what goes well, what stands still, and what to do about it.

Asked of the rows; nothing is written. What `bad` says goes to the administrators by mail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min, Q
from django.template.defaultfilters import filesizeformat
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.issues import queries
from broadsheet.jobs.models import Job
from broadsheet.keeping import backing, disk
from broadsheet.keeping.errors import KeepingError
from broadsheet.keeping.places import Kept
from broadsheet.mailing.models import Delivery, Dispatch
from broadsheet.news.models import Feed
from broadsheet.people import limits, rules

# A worker looks every five seconds, and a round over slow feeds takes minutes: half an hour of work that
# nobody takes means that nobody works.
NOBODY_WORKS = timedelta(minutes=30)
# Feeds are visited at least once a day, also those that sleep at night.
NOTHING_COLLECTED = timedelta(hours=26)
NOTHING_SENT = timedelta(hours=2)  # though something waits: limits by the hour pause for one
BACKUP_OLD = timedelta(hours=36)
# In a day: more than people of a desk mistype, and what one guesser reaches in two hours.
MANY_FAILED = 100


class Level(StrEnum):
    WELL = "well"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that was looked at. `do` says what to do, and is empty where nothing need be done."""

    what: str
    level: Level
    words: str
    do: str = ""


def signs(now: datetime) -> list[Sign]:
    """Everything that is worth knowing of a desk, what stands still first."""
    found = [
        *_work(now),
        *_collecting(now),
        *_sending(now),
        *_backups(now),
        *_disk(),
        _signing_in(now),
    ]
    order = list(reversed(Level))
    return sorted(found, key=lambda one: order.index(one.level))


def standing_still(now: datetime) -> list[Sign]:
    return [one for one in signs(now) if one.level is Level.BAD]


def _work(now: datetime) -> Iterator[Sign]:
    what = _("Work")
    if rules.current().setting_up:
        yield Sign(
            what,
            Level.WARN,
            _("The first run is not finished, so nothing is collected yet."),
            _("Answer its questions on the desk."),
        )
        return
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    counted = Job.objects.filter(free, done=None, due__lte=now).aggregate(
        n=Count("pk"), oldest=Min("due")
    )
    late = counted["oldest"]
    if late is not None and now - late > NOBODY_WORKS:
        yield Sign(
            what,
            Level.BAD,
            _("Nobody works: %(n)d things are due, the oldest for %(time)s.")
            % {"n": counted["n"], "time": timesince(late, now)},
            _("Start the worker: `broadsheet work`, or `systemctl restart broadsheet-worker`."),
        )
    else:
        yield Sign(
            what,
            Level.WELL,
            ngettext("%(n)d thing is due.", "%(n)d things are due.", counted["n"])
            % {"n": counted["n"]},
        )
    troubled = Job.objects.filter(done=None, attempts__gte=3).exclude(trouble="")
    if n := troubled.count():
        newest = troubled.order_by("-due").first()
        assert newest is not None
        yield Sign(
            _("Errors"),
            Level.WARN,
            ngettext(
                "%(n)d thing failed three times or more",
                "%(n)d things failed three times or more",
                n,
            )
            % {"n": n}
            + f": {newest.kind}, {newest.trouble[:200]}",
            _("They are tried again by themselves, at least once a day."),
        )


def _collecting(now: datetime) -> Iterator[Sign]:
    what = _("Collecting")
    on = Feed.objects.filter(enabled=True, source__enabled=True)
    seen = on.aggregate(
        n=Count("pk"), tried=Max("last_tried"), came=Max("last_success"), first=Min("last_tried")
    )
    if queries.is_sample():
        yield Sign(what, Level.WELL, _("This is a sample desk: it visits nobody."))
    elif not seen["n"]:
        yield Sign(
            what, Level.WARN, _("No feed is switched on."), _("Switch one on under Sources.")
        )
    elif seen["tried"] is None:
        yield Sign(
            what,
            Level.WARN,
            _("No feed was visited yet."),
            _("Wait for the worker, or run `broadsheet collect`."),
        )
    elif seen["came"] is None or now - seen["came"] > NOTHING_COLLECTED:
        since = timesince(seen["came"], now) if seen["came"] else _("the beginning")
        yield Sign(
            what,
            Level.BAD,
            _("No feed has answered since %(time)s.") % {"time": since},
            _("Look at this machine's network, and under Sources at what the feeds say."),
        )
    else:
        yield Sign(
            what,
            Level.WELL,
            _("A feed answered %(time)s ago; %(n)d are switched on.")
            % {"time": timesince(seen["came"], now), "n": seen["n"]},
        )


def _sending(now: datetime) -> Iterator[Sign]:
    what = _("Mail")
    if not settings.MAIL:
        yield Sign(what, Level.WELL, _("No mail server is set, so nothing is sent."))
        return
    sending = Dispatch.objects.filter(state__in=["freezing", "sending"], due__lt=now - NOTHING_SENT)
    for dispatch in sending.select_related("edition__issue"):
        waits = Delivery.objects.filter(dispatch=dispatch, state=Delivery.State.WAITING)
        last = Delivery.objects.filter(dispatch=dispatch).aggregate(last=Max("tried"))["last"]
        since = last or dispatch.started or dispatch.due
        if now - since > NOTHING_SENT and (n := waits.filter(due__lt=now - NOTHING_SENT).count()):
            yield Sign(
                what,
                Level.BAD,
                _("Sending %(what)s stands still for %(time)s; %(n)d mails wait.")
                % {"what": dispatch, "time": timesince(since, now), "n": n},
                _("Run `broadsheet doctor mail`, and look at the dispatch under Mailing."),
            )
    doubt = Delivery.objects.filter(state=Delivery.State.DOUBT).count()
    if doubt:
        yield Sign(
            what,
            Level.WARN,
            _("%(n)d mails are in doubt.") % {"n": doubt},
            _("Decide on them under Mailing."),
        )
    letters = Job.objects.filter(kind__in=["letter", "sign_in_link"], done=None, attempts__gte=2)
    if n := letters.count():
        yield Sign(
            what,
            Level.BAD,
            _("%(n)d letters to readers or editors do not go out.") % {"n": n},
            _("Run `broadsheet doctor mail`."),
        )
    elif not doubt:
        yield Sign(what, Level.WELL, _("Nothing waits longer than it should."))


def _backups(now: datetime) -> Iterator[Sign]:
    what = _("Backups")
    try:
        newest = newest_backup()
    except KeepingError as error:
        yield Sign(what, Level.BAD, str(error))
        return
    if newest is not None:
        words = _("The newest is %(time)s old and has %(size)s.") % {
            "time": timesince(newest.made, now),
            "size": filesizeformat(newest.size),
        }
    else:
        words = _("There is none.")
    if not settings.BACKUP_TO:
        yield Sign(
            what,
            Level.WARN,
            words + " " + _("None is made by itself."),
            _("Set BROADSHEET_BACKUP_TO to a folder on another disk, or to another place."),
        )
    elif newest is None or now - newest.made > BACKUP_OLD:
        yield Sign(what, Level.BAD, words, _("Run `broadsheet backup` and see what it says."))
    else:
        yield Sign(what, Level.WELL, words)


def newest_backup() -> Kept | None:
    kept = backing.place().kept()
    return kept[-1] if kept else None


def _disk() -> Iterator[Sign]:
    room = disk.room()
    words = _("The desk takes %(taken)s; %(free)s are free.") % {
        "taken": filesizeformat(room.total),
        "free": filesizeformat(room.free),
    }
    if room.budget:
        words += " " + _("Its budget is %(budget)s.") % {"budget": filesizeformat(room.budget)}
    largest = ", ".join(
        f"{name} {filesizeformat(size)}"
        for name, size in sorted(room.taken.items(), key=lambda pair: -pair[1])[:3]
    )
    if room.is_full:
        words += " " + _("Collecting has stopped.")
        do = _("Make room. The largest here: %(what)s.") % {"what": largest}
        yield Sign(_("Disk"), Level.BAD, words, do)
    elif room.is_low:
        do = _("Make room while there is time. The largest here: %(what)s.") % {"what": largest}
        yield Sign(_("Disk"), Level.WARN, words, do)
    else:
        yield Sign(_("Disk"), Level.WELL, words)


def _signing_in(now: datetime) -> Sign:
    failed = limits.failures(now)
    if not failed.tries:
        return Sign(_("Signing in"), Level.WELL, _("No try failed in the last day."))
    words = _("%(n)d tries failed in the last day, from %(places)d places.") % {
        "n": failed.tries,
        "places": failed.places,
    }
    if failed.tries < MANY_FAILED:
        return Sign(_("Signing in"), Level.WELL, words)
    return Sign(
        _("Signing in"),
        Level.WARN,
        words + " " + _("Somebody may be guessing; the limits hold them off."),
        _("Ask everybody for a second factor: People, at the foot."),
    )


def answers() -> str:
    """What keeps the desk from answering, in one word; empty where nothing does. For load balancers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (
        Exception
    ):  # whatever it is, the database does not answer, and that is all a stranger is told
        return "database"
    try:
        return "disk" if disk.free() < 10 * disk.MB else ""
    except OSError:
        return "folder"
