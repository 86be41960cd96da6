"""What the worker does for the keeping: backups by night, promises, and words to the administrators."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet.jobs.models import Job
from broadsheet.keeping import backing, health, promises
from broadsheet.keeping.health import Sign
from broadsheet.people import letters
from broadsheet.people.errors import DoorError
from broadsheet.people.models import Editor

# kind of job -> how often it is looked at
EVERY = {"backup": timedelta(minutes=30), "watch": timedelta(minutes=15)}
NIGHT = 3  # o'clock in the desk's time zone: nobody edits, and no feed is due by the hour
REMIND = timedelta(hours=24)  # what still stands still is told again after a day


def run(job: Job, now: datetime) -> str:
    """Do one of these; what came of it, in words."""
    return backup(now) if job.kind == "backup" else watch(now)


def backup(now: datetime) -> str:
    """Make the night's backup where a place for it is set; a missed night is made good at once."""
    if not settings.BACKUP_TO:
        return ""
    to = backing.place()
    late = backing.is_due(to, now, timedelta(hours=30))
    if not late and (timezone.localtime(now).hour != NIGHT or not backing.is_due(to, now)):
        return ""
    backing.make_key()
    made = backing.make(to, now)
    return f"{made.name}, {made.size:,} bytes"


def watch(now: datetime) -> str:
    """Keep the promises beside the backups, and tell administrators by mail what stands still.

    Told once, and again after a day, and when it is over. What was told is kept with the job.
    """
    if settings.BACKUP_TO and (to := backing.place()).kept():
        promises.write(to, backing.key(), now)
    bad = health.standing_still(now)
    words = "\n".join(f"{one.what}: {one.words.partition(' ')[0]}" for one in bad)
    before = Job.objects.filter(kind="told").order_by("-pk").first()
    known = before is not None and before.key == _mark(words)
    if known and (not bad or now - before.due < REMIND):  # type: ignore[union-attr]
        return words
    if not bad and before is None:
        return ""
    if _tell(bad):
        Job.objects.filter(kind="told").delete()
        Job.objects.create(kind="told", key=_mark(words), due=now, done=now)
    return words


def _mark(words: str) -> str:
    return words.replace("\n", "; ")[:120]


def _tell(bad: list[Sign]) -> bool:
    """Mail all administrators who have an address; whether one could be told."""
    if not letters.possible():
        return False
    subject = (
        _("The desk needs you: %(what)s")
        % {"what": ", ".join(dict.fromkeys(one.what for one in bad))}
        if bad
        else _("The desk is well again")
    )
    body = "\n\n".join(f"{one.what}: {one.words}\n{one.do}".strip() for one in bad)
    body += "\n\n" + _("How it is now: %(link)s") % {"link": f"{settings.ADDRESS}/desk/operations/"}
    told = False
    for one in Editor.objects.filter(is_active=True, role=Editor.Role.ADMINISTRATOR).exclude(
        email=""
    ):
        try:
            letters.tell(one.email, subject, body.strip() + "\n")
        except DoorError:
            continue
        told = True
    return told
