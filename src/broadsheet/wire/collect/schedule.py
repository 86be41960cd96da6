"""When a feed is due again: by what it says, by what it yields, and by how it fails."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

HOUR = 3_600.0
DAY = 24 * HOUR
SHORTEST = HOUR  # a monthly newsletter needs no feed more often
LONGEST = DAY  # feeds hold only days: a rarer visit loses what has run out of them
LONGEST_FAILING = 2 * DAY
ASLEEP = 30 * DAY  # dead feeds rise again


def fresh_for(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds for which an answer holds: Cache-Control max-age, else Expires (RFC 9111, 5.2 and 5.3).

    None where nothing is said, where it is not to be kept, and where the time is past.
    """
    control = headers.get("cache-control", "").lower()
    if "no-store" in control or "no-cache" in control:
        return None
    age = re.search(r"\bmax-age\s*=\s*\"?(\d{1,10})", control)
    if age:
        return float(age[1]) or None
    try:
        until = parsedate_to_datetime(headers.get("expires", ""))
    except (ValueError, TypeError, IndexError):
        return None
    if until.tzinfo is None:
        return None
    seconds = (until - now).total_seconds()
    return seconds if seconds > 0 else None


def interval(per_week: float | None, holds: int | None, hint: float | None) -> float:
    """Seconds between two visits to a feed that is well: 1 hour to 1 day.

    per_week  new entries that it brought a week, of late; None where that is not known yet
    holds     entries that it holds at a time: it is visited before half of them have run out
    hint      what the feed and its server ask for; heeded as far as nothing is lost by it
    """
    if per_week is None:
        wish = 6 * HOUR
    elif per_week <= 0:
        wish = LONGEST
    else:
        # twice as often as something new comes
        wish = 7 * DAY / per_week / 2
    wish = max(wish, hint or 0.0)
    if per_week and holds:
        wish = min(wish, 7 * DAY * holds / per_week / 2)
    return min(max(wish, SHORTEST), LONGEST)


def after_failure(usual: float, failures: int, wait: float | None, chance: float) -> float:
    """Seconds until a failing feed is tried again: doubling, at most 2 days, with jitter.

    failures  in a row, this one counted; wait is what the server asked for; chance is 0 to 1 and
    spreads the visits by a fifth either way, so that a thousand desks do not come back at once.
    """
    doubled: float = min(
        max(usual, SHORTEST) * 2.0 ** min(max(failures - 1, 0), 10), LONGEST_FAILING
    )
    return max(doubled * (0.8 + 0.4 * chance), wait or 0.0)


def next_due(
    now: datetime,
    *,
    per_week: float | None = None,
    holds: int | None = None,
    hint: float | None = None,
    failures: int = 0,
    wait: float | None = None,
    asleep: bool = False,
    chance: float = 0.5,
) -> datetime:
    """When to visit a feed again; see `interval` and `after_failure` for the arguments."""
    usual = interval(per_week, holds, hint)
    if asleep:
        return now + timedelta(seconds=ASLEEP)
    if failures:
        return now + timedelta(seconds=after_failure(usual, failures, wait, chance))
    return now + timedelta(seconds=usual * (0.9 + 0.2 * chance))
