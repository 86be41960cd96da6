from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire import dates
from broadsheet.wire.collect import FeedResult, health, schedule
from broadsheet.wire.collect.health import REASONS, State
from broadsheet.wire.errors import CollectError, RowError
from broadsheet.wire.model import Entry

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
URL = "https://news.example/rss"


def day(n, hour=0):
    return NOW + timedelta(days=n, hours=hour)


def came(n=10, **but):
    entries = tuple(
        Entry(
            f"https://news.example/{k}", f"Headline {k}", published=dates.iso("2026-03-01T10:00Z")
        )
        for k in range(n)
    )
    return FeedResult(**{"url": URL, "entries": entries, "hash": "h", "kind": "rss"} | but)


def failed(reason="server"):
    return FeedResult(URL, problem=CollectError("It failed", at=URL, reason=reason))


def visited(visits, state=None):
    """The state after visits given as (day, result, new)."""
    state = state or State()
    for at, result, new in visits:
        state = health.after(state, result, day(at), new=new)
    return state


def test_a_feed_that_brings_what_it_should_is_well():
    state = visited([(0, came(), 10), *((n, came(), 1) for n in range(1, 28))])
    told = health.report(state, day(28), expected=(5, 80))
    assert (told.level, told.what) == ("well", "It brings 6.8 a week.")
    assert told.newest == "2026-03-01"
    assert told.dated == 1.0


def test_silence_is_news_after_as_long_as_chance_would_hardly_make_it():
    visits = [(0, came(), 10), *((n * 1.75, came(), 1) for n in range(1, 17))]
    state = visited([*visits, *((28 + n, came(unchanged="same"), 0) for n in range(1, 10))])
    assert health.report(state, day(30)).level == "well"
    told = health.report(state, day(37))
    assert told.level == "watch"
    assert told.what.startswith("Quiet for 9 days; it usually brings ")
    assert told.do


def test_a_feed_outside_what_is_expected_is_told_after_four_weeks():
    state = visited([(0, came(), 10), *((n, came(), 1) for n in range(1, 30, 7))])
    assert health.report(state, day(20), expected=(5, 80)).level == "well"
    assert "where 5 to 80 are expected" in health.report(state, day(30), expected=(5, 80)).what


def test_a_feed_without_dates_and_one_off_the_beat_are_told():
    bare = came(entries=tuple(Entry(f"https://news.example/{n}", "x") for n in range(4)))
    assert "0% of its entries have a date" in health.report(visited([(0, bare, 4)]), day(1)).what
    off = health.report(visited([(0, came(), 10)]), day(1), on_beat=(0, 120))
    assert "None of its last 120 articles was on the beat" in off.what


@pytest.mark.parametrize("reason", list(REASONS))
def test_every_reason_has_words_for_what_is_wrong_and_what_to_do(reason):
    told = health.report(visited([(n, failed(reason), 0) for n in range(4)]), day(3))
    assert told.level in ("broken", "muted")
    assert told.what.startswith(REASONS[reason].what)
    assert told.do


def test_hard_soft_and_passing_failures_weigh_differently():
    def strikes(reason):
        return visited([(n, failed(reason), 0) for n in range(8)]).strikes

    assert strikes("not_found") == 8 > strikes("server") == 4 > strikes("rate_limited") == 2


def test_one_slip_is_no_news_and_a_hard_fault_is():
    good = visited([(0, came(), 10)])
    assert health.report(visited([(1, failed("timeout"), 0)], good), day(1)).level == "watch"
    assert health.report(visited([(1, failed("not_found"), 0)], good), day(1)).level == "broken"


def test_a_dead_feed_is_tried_for_weeks_before_it_sleeps_and_then_once_a_month():
    state, now, tries = visited([(0, came(), 10)]), day(1), 0
    while not state.asleep:
        state = health.after(state, failed("not_found"), now)
        now = health.next_due(state, now)
        tries += 1
    assert timedelta(days=28) <= state.tried - day(1) <= timedelta(days=35)
    assert 12 <= tries <= 40
    assert timedelta(days=29) < health.next_due(state, now) - now < timedelta(days=31)
    assert health.report(state, now).level == "asleep"


def test_a_dead_feed_rises_again():
    state = visited([(n, failed("server"), 0) for n in range(0, 60, 2)])
    assert state.asleep
    state = health.after(state, came(), day(90), new=3)
    assert (state.asleep, state.strikes, state.reason) == (False, 0, "")
    assert state.log[-1].words == "It came back after 90 days."


def test_gone_is_muted_and_said_and_an_editor_can_wake_it():
    state = visited([(0, came(), 10), (1, failed("gone"), 0)])
    assert health.next_due(state, day(1)) is None
    told = health.report(state, day(2))
    assert told.level == "muted"
    assert "not asked any more" in told.what
    assert health.next_due(health.woken(state, day(2)), day(2)) is not None


# --- moving ---------------------------------------------------------------------------------------

NEW = "https://new.example/rss"


def test_a_permanent_redirect_is_taken_over_when_it_was_seen_often_and_long_enough():
    moved = came(moved_to=NEW)
    state = visited([(0, came(), 10), (1, moved, 1), (1.5, moved, 0)])
    assert health.take_over(state, day(1.5)) is None
    assert "moved to" in health.report(state, day(1.5)).what
    state = health.after(state, moved, day(3.1))
    assert health.take_over(state, day(3.1)) == NEW
    state = health.taken_over(state, NEW, day(3.1))
    assert health.take_over(state, day(9)) is None
    assert NEW in state.log[-1].words


def test_a_redirect_that_stops_or_leads_to_no_feed_is_forgotten():
    moved = came(moved_to=NEW)
    for between in (came(), failed("not_a_feed"), came(moved_to="https://third.example/")):
        state = visited([(0, moved, 0), (2, between, 0), (3, moved, 0), (4, moved, 0)])
        assert health.take_over(state, day(4)) is None


# --- lies -----------------------------------------------------------------------------------------


def test_a_304_is_believed_for_two_days_and_then_looked_behind():
    state = visited([(0, came(etag="e", hash="1"), 10), (1, came(0, unchanged="304", etag="e"), 0)])
    assert health.validators(state, day(1.5))["known_etag"] == "e"
    assert health.validators(state, day(2.1)) == {
        "known_etag": None,
        "known_modified": None,
        "known_hash": "1",
    }


def test_a_server_that_lies_with_304_is_found_out_and_no_longer_believed():
    state = visited(
        [
            (0, came(etag="e", hash="1"), 10),
            (1, came(0, unchanged="304", etag="e", hash="1"), 0),
            (3, came(etag="e", hash="2"), 2),  # asked without validators: new, under the old tag
        ]
    )
    assert state.lies
    assert health.validators(state, day(3.1))["known_etag"] is None
    assert any("no longer believe" in event.words for event in state.log)


def test_an_honest_server_stays_believed():
    state = visited([(0, came(etag="a", hash="1"), 10), (3, came(etag="b", hash="2"), 2)])
    assert not state.lies


def test_the_state_can_be_kept_and_read_again():
    state = visited(
        [(0, came(etag="e"), 10), (1, failed("timeout"), 0), (2, came(moved_to=NEW), 2)]
    )
    assert health.from_row(health.row(state)) == state
    assert health.from_row({**health.row(state), "of_a_later_version": 1}) == state
    with pytest.raises(RowError):
        health.from_row({"strikes": "many"})


@given(
    st.lists(
        st.tuples(
            st.floats(0.05, 9),
            st.sampled_from([*REASONS, "fine", "same", "304", "moved"]),
            st.integers(0, 5),
        ),
        max_size=40,
    )
)
def test_whatever_happens_a_feed_that_is_not_gone_has_a_next_visit_ahead(steps):
    state, now = State(), NOW
    for wait, what, new in steps:
        now += timedelta(days=wait)
        results = {
            "fine": came(),
            "same": came(0, unchanged="same"),
            "304": came(0, unchanged="304"),
            "moved": came(moved_to=NEW),
        }
        state = health.after(state, results.get(what) or failed(what), now, new=new)
        due = health.next_due(state, now)
        assert state.muted if due is None else now < due <= now + timedelta(days=31)
        told = health.report(state, now, expected=(1, 9))
        assert told.what
        assert (told.level == "well") <= (not state.reason)
        assert health.from_row(health.row(state)) == state


# --- when it is due -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("per_week", "holds", "hint", "hours"),
    [
        (None, None, None, 6),
        (None, 20, 12 * 3600, 12),  # what the feed asks for
        (0, 20, None, 24),
        (7, 20, None, 12),
        (700, 500, None, 1),  # never more often than hourly
        (7, 20, 7 * 86_400, 24),  # never rarer than daily
        (280, 20, 86_400, 6),  # before half of what it holds has run out
    ],
)
def test_a_feed_is_visited_by_what_it_yields_holds_and_asks_for(per_week, holds, hint, hours):
    assert schedule.interval(per_week, holds, hint) == hours * 3600


def test_failing_visits_grow_apart_up_to_two_days_and_respect_what_the_server_asked():
    gaps = [schedule.after_failure(3600, n, None, 0.5) / 3600 for n in (1, 2, 3, 4, 9)]
    assert gaps == [1, 2, 4, 8, 48]
    assert schedule.after_failure(3600, 1, 50_000, 0.5) == 50_000


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=900"}, 900),
        ({"cache-control": "no-cache, max-age=900"}, None),
        ({"cache-control": "max-age=0"}, None),
        ({"expires": "Mon, 02 Mar 2026 10:00:00 GMT"}, 3600),
        ({"expires": "Mon, 02 Mar 2026 08:00:00 GMT"}, None),
        ({"expires": "0"}, None),
        ({}, None),
    ],
)
def test_what_the_server_says_of_freshness_is_a_hint(headers, seconds):
    assert schedule.fresh_for(headers, NOW) == seconds
