"""How often issues are read on the web, in aggregate: a number for each issue and day.

What is counted is what a server's log would tell if all but the address were taken out of its lines, and
the lines were then added up: no cookie is set, and no client's address, browser or way here is kept, not
even for a moment. A log is what a GET may leave behind (RFC 9110, 9.2.1): nothing that anybody is shown
depends on it but this one number at the desk.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import F, Sum

from broadsheet.issues.models import Filed, Issue
from broadsheet.mailing.models import WebReads

log = logging.getLogger(__name__)
Kind = WebReads.Kind
# Machines that say what they are. Those that call themselves a browser are counted as one: to tell them
# apart one would have to watch people. Scanners of mail are often among these.
MACHINES = re.compile(
    r"bot\b|bot[/;_-]|crawl|spider|slurp|archiver|preview|scan|monitor|uptime|fetch|feed|rss|headless|"
    r"facebookexternalhit|whatsapp|telegram|embedly|lighthouse|curl|wget|python|java/|okhttp|go-http|"
    r"libwww|httpclient|axios|node\b",
    re.IGNORECASE,
)
_MOST = 5_000  # counts that are held while the database takes nothing
LATEST = 30.0  # seconds until a count is written down, if anything is asked of this process


def is_machine(browser: str) -> bool:
    """Whether a User-Agent says that no person reads. Nobody at all is one too."""
    return not browser or MACHINES.search(browser) is not None


class Tally:
    """What this process has counted and not written down yet. Lost if it is ended: at most a minute's."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[date, str, str]] = Counter()
        self._lock = threading.Lock()
        self._since = 0.0

    def add(self, day: date, kind: str, uid: str) -> None:
        """One more showing of an issue's page, or of an item's."""
        with self._lock:
            if not self._counts:
                self._since = time.monotonic()
            if len(self._counts) < _MOST or (day, kind, uid) in self._counts:
                self._counts[day, kind, uid] += 1

    def is_due(self) -> bool:
        """Whether something has waited long enough to be written down."""
        return bool(self._counts) and time.monotonic() - self._since >= LATEST

    def write(self) -> None:
        """Add it to the database. Where that takes nothing now it is kept, and tried again later."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        try:
            if taken:
                _add(taken)
        except DatabaseError:
            log.warning("Web reads could not be written down; they are kept", exc_info=True)
            with self._lock:
                self._counts += taken
                self._since = time.monotonic()


def _add(counts: Counter[tuple[date, str, str]]) -> None:
    """Numbers of what is there no more are dropped."""
    uids = {uid for _day, kind, uid in counts if kind == Kind.ISSUE}
    items = {uid for _day, kind, uid in counts if kind == Kind.ITEM}
    issues: dict[tuple[str, str], int] = {
        (Kind.ISSUE, uid): pk
        for uid, pk in Issue.objects.filter(uid__in=uids).values_list("uid", "pk")
    }
    for uid, pk in Filed.objects.filter(uid__in=items).values_list("uid", "issue_id"):
        issues[Kind.ITEM, uid] = pk
    sums: Counter[tuple[int, date, str]] = Counter()
    for (day, kind, uid), many in counts.items():
        if (kind, uid) in issues:
            sums[issues[kind, uid], day, kind] += many
    with transaction.atomic():
        for (issue, day, kind), many in sorted(sums.items()):
            row, _made = WebReads.objects.get_or_create(issue_id=issue, day=day, kind=kind)
            WebReads.objects.filter(pk=row.pk).update(many=F("many") + many)


@dataclass(frozen=True, slots=True)
class Reads:
    """How often an issue was shown: its own page, and the pages of its items. `since`: the first day."""

    issue: int
    items: int
    since: date | None


def of(issue: Issue) -> Reads:
    """What is counted of an issue. Two queries."""
    found = WebReads.objects.filter(issue=issue)
    sums = dict(found.order_by().values_list("kind").annotate(many=Sum("many")))
    first = found.order_by("day").values_list("day", flat=True).first()
    return Reads(sums.get(Kind.ISSUE, 0), sums.get(Kind.ITEM, 0), first)


def tidy(now: datetime) -> None:
    """Forget the days that are older than BROADSHEET_WEB_READS allows."""
    WebReads.objects.filter(day__lt=(now - timedelta(days=settings.WEB_READS)).date()).delete()
