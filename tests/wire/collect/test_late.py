from __future__ import annotations

import pytest

from tests.wire.collect import late


@pytest.mark.parametrize("outlet", list(late.OUTLETS))
def test_a_desk_begun_on_the_25th_finds_the_month_back(site, fetcher, outlet):
    got = late.begin(outlet, site, fetcher)
    assert got.printed == 100
    assert got.in_feed == (0 if "refuses" in outlet else 20)
    assert (got.found, got.doubled) == (100, 0)
    assert got.before.gaps
    assert got.after.gaps == ()
    assert got.after.words() == "Covered from 1 March 2026 to 25 March 2026."


def test_the_gap_is_told_where_nothing_is_found_back(site, fetcher):
    site.routes["/rss"] = late.rss()
    got = late.covered(list(late.feed(fetcher, site.url("/rss")).entries))
    assert got.words() == (
        "Covered from 21 March 2026 to 25 March 2026, with nothing from 1 March 2026 to 20 March 2026."
    )
