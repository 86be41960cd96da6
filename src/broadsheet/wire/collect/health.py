"""What is remembered of a feed between visits, and what it means in plain words.

A `State` is a value; `after` gives the next one. The desk keeps it (`row`, `from_row`) and shows
`report`. Failures weigh by what they are, and one success forgives them; a dead feed is tried for
weeks, then once a month, since dead feeds rise again (Media Cloud counts likewise, to 30 strikes).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from broadsheet.wire.collect import schedule
from broadsheet.wire.errors import RowError

if TYPE_CHECKING:
    from broadsheet.wire.collect import FeedResult


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something could not be collected: how much it weighs, what is wrong, what to do."""

    weight: float
    what: str
    do: str


HARD, SOFT, PASSING = 1.0, 0.5, 0.25

REASONS: Mapping[str, Reason] = {
    "gone": Reason(HARD, "The outlet took the feed away for good.", "Look for its new address."),
    "not_found": Reason(
        HARD, "There is nothing at this address any more.", "Look for its new address."
    ),
    "not_a_feed": Reason(
        HARD,
        "A page comes instead of a feed.",
        "Open the address in a browser: it may have moved, or a notice stands there for now.",
    ),
    "not_a_page": Reason(
        HARD, "A file comes instead of a page.", "Enter it by hand as a resource."
    ),
    "refused_address": Reason(
        HARD,
        "The address leads into a private network, or is not a web address.",
        "Correct the address, or allow the network if it is your own.",
    ),
    "redirects": Reason(
        HARD, "The address leads from one to the next without end.", "Look for its new address."
    ),
    "robots": Reason(
        SOFT,
        "The site asks collectors to stay away from it (robots.txt).",
        "Ask the outlet for leave, or use its newsletter by mail.",
    ),
    "blocked": Reason(
        SOFT,
        "The site turns us away.",
        "Use its newsletter by mail, the bookmarklet, or ask the outlet to let us in.",
    ),
    "empty": Reason(
        SOFT, "It answers, but with nothing in it.", "Open the address in a browser and see."
    ),
    "too_large": Reason(
        SOFT, "The feed is larger than what we take.", "Raise the limit for this source."
    ),
    "server": Reason(SOFT, "The outlet's server has a fault.", "Nothing; it is tried again."),
    "timeout": Reason(SOFT, "The server is too slow to answer.", "Nothing; it is tried again."),
    "network": Reason(
        SOFT,
        "The server cannot be reached.",
        "See whether the site is up, and whether this computer is online.",
    ),
    "rate_limited": Reason(
        PASSING, "The server asks us to come less often.", "Nothing; we come less often."
    ),
}

SLEEPS_AFTER = timedelta(days=28)
SLEEPS_AT = 12.0  # strikes: some two dozen visits for a fault that is not hard
TAKEN_OVER_AFTER, TAKEN_OVER_TIMES = timedelta(days=2), 3
FULL_EVERY = timedelta(days=2)  # how long a server's "not changed" is believed without a look
_WEEKS, _LOG = 12, 40
# With visits at random, the chance of no entry in t days at r a day is exp(-r t): below 1 in 100
# from t = 4.6 / r on. At 4 a week that is 8 days.
_QUIET = -math.log(0.01)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a feed, in words."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class State:
    """What is remembered of a feed. All moments are aware.

    strikes, failures   weighed, and counted, since the last success
    weeks               new entries in each week since the first visit, by its Monday, the last 12
    newest              ISO value of the newest date that an entry bore, the future left out
    holds, dated        entries in the feed, and their share with a date, when last seen whole
    lies                it said "not changed" although it had: its validators are sent no more
    moved_to            where it leads for good, how often and since when that was seen
    muted               gone (410): not tried again until an editor says so
    asleep              failed for weeks: tried once a month
    """

    began: datetime | None = None
    tried: datetime | None = None
    succeeded: datetime | None = None
    brought: datetime | None = None
    whole: datetime | None = None
    strikes: float = 0.0
    failures: int = 0
    failing_since: datetime | None = None
    reason: str = ""
    said: str = ""
    wait: float | None = None
    weeks: tuple[tuple[str, int], ...] = ()
    newest: str = ""
    holds: int | None = None
    dated: float | None = None
    lost: tuple[str, ...] = ()
    etag: str | None = None
    modified: str | None = None
    hash: str | None = None
    hint: float | None = None
    lies: bool = False
    moved_to: str | None = None
    moved_times: int = 0
    moved_since: datetime | None = None
    muted: bool = False
    asleep: bool = False
    log: tuple[Event, ...] = ()

    def per_week(self, now: datetime) -> float | None:
        """New entries a week, over the whole weeks that were watched; None before the first is over.

        The first visit's entries are not counted: they are a feed's stock.
        """
        if self.began is None or now - self.began < timedelta(days=7):
            return None
        days = min((now - self.began).total_seconds() / 86_400, 7.0 * _WEEKS)
        first = (now - timedelta(days=7 * _WEEKS + 7)).date().isoformat()
        return sum(n for monday, n in self.weeks if monday >= first) * 7.0 / days


def validators(state: State, now: datetime) -> dict[str, str | None]:
    """The arguments for `collect.feed` that belong to this state: what we know of its last answer.

    Every two days, and always with a server that was found to lie, the feed is asked for whole: a
    304 can be wrong, and then nothing new would come, without a word.
    """
    trusted = trust_304(state, now)
    return {
        "known_etag": state.etag if trusted else None,
        "known_modified": state.modified if trusted else None,
        "known_hash": state.hash,
    }


def trust_304(state: State, now: datetime) -> bool:
    return not state.lies and state.whole is not None and now - state.whole < FULL_EVERY


def after(
    state: State, result: FeedResult, now: datetime, *, new: int = 0, renamed: int = 0
) -> State:
    """The state after a visit. `new`: entries that were new to the desk; `renamed`: entries known
    under another identifier (`identity.sorted_out` counts both)."""
    state = replace(
        state, began=state.began or now, tried=now, hint=result.interval_hint or state.hint
    )
    if result.problem is not None:
        return _failed(state, result, now)
    if state.failing_since is not None and (now - state.failing_since) > timedelta(days=1):
        days = (now - state.failing_since).days
        state = _note(state, now, f"It came back after {days} day{'s' * (days != 1)}.")
    state = replace(
        state,
        strikes=0.0,
        failures=0,
        failing_since=None,
        reason="",
        said="",
        wait=None,
        succeeded=now,
        asleep=False,
        muted=False,
    )
    state = _moved(state, result, now)
    if result.unchanged == "304":
        return state
    same_words = (result.etag, result.modified) == (state.etag, state.modified) != (None, None)
    if same_words and result.hash != state.hash and new and not state.lies:
        state = replace(state, lies=True)
        state = _note(
            state,
            now,
            "Its server said \u201cnot changed\u201d although it had; we no longer believe it.",
        )
    if renamed and not _said_lately(state, now, _RENAMED):
        many = "an entry" if renamed == 1 else f"{renamed} entries"
        state = _note(state, now, f"{_RENAMED} {many}; they were known again.")
    state = replace(state, etag=result.etag, modified=result.modified, hash=result.hash, whole=now)
    if result.unchanged:
        return state
    for note in set(result.notes) - set(state.lost):
        state = _note(state, now, f"{note[:1].upper()}{note[1:]}.")
    dated = [one.published.sort_key() for one in result.entries if one.published]
    past = [value for value in dated if value <= now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")]
    first = state.holds is None
    return replace(
        state,
        weeks=state.weeks if first else _counted(state.weeks, now, new),
        brought=now if new else state.brought,
        newest=max([state.newest, *(value[:10] for value in past)]),
        holds=len(result.entries),
        # links of a mail have no date of their own, and nothing is wrong with that
        dated=len(dated) / len(result.entries)
        if result.entries and result.kind not in ("mail", "folder")
        else None,
        lost=result.notes,
    )


def _failed(state: State, result: FeedResult, now: datetime) -> State:
    problem = result.problem
    assert problem is not None
    reason = REASONS.get(problem.reason, REASONS["network"])
    if problem.reason != state.reason:
        state = _note(state, now, reason.what)
    state = replace(
        state,
        strikes=state.strikes + reason.weight,
        failures=state.failures + 1,
        failing_since=state.failing_since or now,
        reason=problem.reason,
        said=str(problem),
        wait=problem.wait,
        # a redirect to what is no feed proves nothing: a maintenance page (Vienna 1546)
        moved_to=None,
        moved_times=0,
        moved_since=None,
    )
    if problem.reason == "gone" and not state.muted:
        return _note(replace(state, muted=True), now, "It is not asked again, unless you say so.")
    since = state.failing_since or now
    if not state.asleep and state.strikes >= SLEEPS_AT and now - since >= SLEEPS_AFTER:
        state = replace(state, asleep=True)
        state = _note(
            state,
            now,
            f"It has failed for {(now - since).days} days; it is now tried once a month.",
        )
    return state


def _moved(state: State, result: FeedResult, now: datetime) -> State:
    if result.moved_to is None or result.moved_to == result.url:
        return replace(state, moved_to=None, moved_times=0, moved_since=None)
    if result.moved_to == state.moved_to:
        return replace(state, moved_times=state.moved_times + 1)
    state = _note(state, now, f"It says that it moved to {result.moved_to}.")
    return replace(state, moved_to=result.moved_to, moved_times=1, moved_since=now)


def take_over(state: State, now: datetime) -> str | None:
    """The address to take over, once permanent redirects led there often and long enough; or None.

    Three visits over two days, each of which brought a feed from there: one answer may be a slip
    (Miniflux 1387, Vienna 1546).
    """
    if (
        state.moved_to
        and state.moved_since
        and state.moved_times >= TAKEN_OVER_TIMES
        and now - state.moved_since >= TAKEN_OVER_AFTER
    ):
        return state.moved_to
    return None


def taken_over(state: State, url: str, now: datetime) -> State:
    """The state once the desk asks the new address instead. Its history stays."""
    state = replace(state, moved_to=None, moved_times=0, moved_since=None, etag=None, modified=None)
    return _note(state, now, f"We now ask {url}, to which it had moved.")


def woken(state: State, now: datetime) -> State:
    """The state once an editor says: try again."""
    state = replace(state, muted=False, asleep=False, strikes=0.0, failing_since=None, failures=0)
    return _note(state, now, "An editor had it tried again.")


def next_due(state: State, now: datetime, chance: float = 0.5) -> datetime | None:
    """When to visit next; None where it is muted. `chance` is 0 to 1 and spreads the visits."""
    if state.muted:
        return None
    return schedule.next_due(
        now,
        per_week=state.per_week(now),
        holds=state.holds,
        hint=state.hint,
        failures=state.failures,
        wait=state.wait,
        asleep=state.asleep,
        chance=chance,
    )


_RENAMED = "It changed the identifiers of"


def _said_lately(state: State, now: datetime, words: str) -> bool:
    """Whether it was noted within a month: the same entries stand in a feed for weeks."""
    return any(
        event.words.startswith(words) and now - event.at < timedelta(days=30) for event in state.log
    )


def _note(state: State, now: datetime, words: str) -> State:
    return replace(state, log=(*state.log, Event(now, words))[-_LOG:])


def _counted(
    weeks: tuple[tuple[str, int], ...], now: datetime, new: int
) -> tuple[tuple[str, int], ...]:
    monday = (now - timedelta(days=now.weekday())).date().isoformat()
    known = dict(weeks)
    known[monday] = known.get(monday, 0) + new
    return tuple(sorted(known.items()))[-_WEEKS:]


# --- in words -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """How a feed is, for a person. `level`: "well", "watch", "broken", "muted", "asleep", "new"."""

    level: str
    what: str
    do: str = ""
    per_week: float | None = None
    newest: str = ""
    dated: float | None = None
    succeeded: datetime | None = None
    events: tuple[Event, ...] = ()


def report(
    state: State,
    now: datetime,
    *,
    expected: tuple[float, float] | None = None,
    dated: float | None = None,
    on_beat: tuple[int, int] | None = None,
) -> Report:
    """What is wrong with a feed and what to do, in plain words.

    expected  articles a week that its source should bring; dated the share with a date
    on_beat   of its articles of late, how many were on the beat, and how many there were
    """
    level, what, do = _judged(state, now, expected, dated, on_beat)
    return Report(
        level,
        what,
        do,
        state.per_week(now),
        state.newest,
        state.dated,
        state.succeeded,
        state.log,
    )


def _judged(
    state: State,
    now: datetime,
    expected: tuple[float, float] | None,
    dated: float | None,
    on_beat: tuple[int, int] | None,
) -> tuple[str, str, str]:
    if state.tried is None:
        return "new", "It was not visited yet.", ""
    if state.reason:
        reason = REASONS.get(state.reason, REASONS["network"])
        since = state.failing_since or now
        what = f"{reason.what} {_since(since, now)}"
        if state.muted:
            return "muted", f"{what} It is not asked any more.", reason.do
        if state.asleep:
            return "asleep", f"{what} It is tried once a month.", reason.do
        # one slip is no news; a hard fault is, and so is what lasts
        lasting = now - since >= timedelta(days=2) or state.failures >= 5
        broken = lasting or reason.weight >= HARD
        return "broken" if broken else "watch", what, reason.do
    if state.moved_to:
        return (
            "watch",
            f"It says that it moved to {state.moved_to}.",
            "Nothing; we take the new address over once this has held for two days.",
        )
    rate = state.per_week(now)
    last = state.brought or state.began or now
    silent = (now - last).total_seconds() / 86_400
    usual = state.per_week(last) or rate  # the silence itself left out
    if usual and silent > max(_QUIET * 7 / usual, 2.0):
        return (
            "watch",
            f"Quiet for {silent:.0f} days; it usually brings {_rate(usual)} a week.",
            "Open the outlet's page: has it stopped, or moved its feed?",
        )
    if not usual and silent > 14:
        return (
            "watch",
            f"It answers, but brought nothing new in {silent:.0f} days.",
            "Open the outlet's page: is this the feed it still writes?",
        )
    if rate is not None and expected and state.began and now - state.began >= timedelta(days=28):
        low, high = expected
        if not low <= rate <= high:
            return (
                "watch",
                f"It brings {_rate(rate)} a week, where {low:g} to {high:g} are expected.",
                "See whether this is the right feed, or correct what is expected.",
            )
    if state.dated is not None and state.dated < (0.5 if dated is None else dated):
        return (
            "watch",
            f"Only {state.dated:.0%} of its entries have a date.",
            "Its articles are filed by the day we first saw them; look at these days.",
        )
    if on_beat and on_beat[1] >= 100 and on_beat[0] == 0:
        return (
            "watch",
            f"None of its last {on_beat[1]:,} articles was on the beat.",
            "Look for a narrower feed of this outlet.",
        )
    if rate is None:
        return "well", "It answers.", ""
    return "well", f"It brings {_rate(rate)} a week.", ""


def _since(since: datetime, now: datetime) -> str:
    days = (now - since).days
    if days < 1:
        return "Since today."
    return f"For {days} day{'s' * (days != 1)}, since {since.day} {since:%B %Y}."


def _rate(rate: float) -> str:
    return f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}".removesuffix(".0")


def row(state: State) -> dict[str, Any]:
    """The state as plain JSON types."""
    made: dict[str, Any] = msgspec.to_builtins(state)
    return made


def from_row(given: Mapping[str, Any]) -> State:
    """The state that was kept. RowError where it is none; keys that we do not know are left out."""
    try:
        return msgspec.convert(dict(given), State)
    except (msgspec.ValidationError, ValueError) as error:
        raise RowError("This is no state of a feed", at="the kept state") from error
