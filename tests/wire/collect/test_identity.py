from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.wire import dates
from broadsheet.wire.collect.identity import known, sorted_out
from broadsheet.wire.model import Entry

ONE = Entry(
    "https://news.example/1",
    "Twelve freed from fishing boats",
    "Officers boarded three vessels.",
    dates.iso("2026-03-02"),
    identifier="g1",
)
BEFORE = [known(ONE)]


def test_the_same_entry_is_known_under_another_scheme_tracker_or_identifier():
    other = replace(
        ONE, url="http://www.news.example/1/?utm_source=rss", identifier="https://news.example/?p=1"
    )
    got = sorted_out([other], BEFORE)
    assert (got.same, got.new, got.revised, got.renamed) == ((other,), (), (), 1)


def test_an_edited_text_or_headline_is_a_revision():
    for edited in (
        replace(ONE, text="Officers boarded four vessels."),
        replace(ONE, headline="Thirteen freed from fishing boats"),
        replace(ONE, url="https://news.example/1-b", headline="Thirteen freed from fishing boats"),
    ):
        got = sorted_out([edited], BEFORE)
        assert [entry for entry, _ in got.revised] == [edited]
        assert got.new == ()


def test_two_entries_with_one_identifier_are_both_new():
    other = replace(
        ONE, url="https://news.example/2", headline="Nine freed from fishing boats", text="Others."
    )
    assert sorted_out([ONE, other], []).new == (ONE, other)
    assert sorted_out([ONE, other], BEFORE).new == (other,)


def test_an_identifier_used_again_for_another_story_makes_it_no_revision():
    other = replace(ONE, url="https://news.example/9", headline="Court jails recruiter", text="x")
    assert sorted_out([other], BEFORE).new == (other,)


def test_an_address_that_many_entries_share_tells_nothing():
    latest = [
        Entry("https://news.example/latest", f"Story number {n}", f"Text {n}") for n in range(3)
    ]
    first = sorted_out(latest, [])
    assert len(first.new) == 3
    after = [known(one, own_page=False) for one in first.new]
    assert sorted_out(latest, after).same == tuple(latest)


def test_a_host_that_changes_with_every_delivery_makes_nothing_new():
    churned = replace(ONE, url="https://cdn-7731.news.example/1", identifier=None)
    assert sorted_out([churned], BEFORE).same == (churned,)


entries = st.builds(
    Entry,
    url=st.sampled_from(
        [None, "https://a.example/1", "https://a.example/2", "http://a.example/2/"]
    ),
    headline=st.sampled_from(["", "One two three", "One two four", "Other words"]),
    text=st.sampled_from(["", "a", "b"]),
    identifier=st.sampled_from([None, "g", "h"]),
)


@given(st.lists(entries, max_size=8), st.lists(entries, max_size=4))
def test_every_entry_is_new_revised_or_the_same_and_a_second_delivery_brings_nothing(
    listed, before
):
    earlier = [known(one) for one in before]
    got = sorted_out(listed, earlier)
    total = [*got.new, *(entry for entry, _ in got.revised), *got.same]
    assert sorted(map(repr, total)) == sorted(map(repr, listed))
    shared = {one.url for one in listed}
    learnt = (
        earlier + [known(one) for one in listed] + [known(one, own_page=False) for one in listed]
    )
    assert shared is not None
    assert sorted_out(listed, learnt).new == ()
