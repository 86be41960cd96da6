from __future__ import annotations

import pytest

from broadsheet.wire import collect, urls
from broadsheet.wire.collect import Limits
from broadsheet.wire.errors import CollectError
from tests.wire.collect import hostile


@pytest.fixture
def careful(a_fetcher):
    return a_fetcher(
        limits=Limits(seconds=hostile.SECONDS / 5, bytes=hostile.BYTES),
        retries=0,
        obey_robots=False,
        # each case on a host of its own, so that one that asks for patience delays no other
        patience=1e9,
    )


def outcome(fetcher, url, case):
    """The reason of a failure, or how many entries came, or "page"."""
    if not case.page:
        got = collect.feed(fetcher, url)
        return got.problem.reason if got.problem else len(got.entries)
    try:
        collect.page(fetcher, url)
    except CollectError as error:
        return error.reason
    return "page"


@pytest.mark.parametrize(
    ("number", "what"),
    list(enumerate(hostile.CASES)),
    ids=[name.replace(" ", "_") for name in hostile.CASES],
)
def test_a_server_that_misbehaves_is_counted_and_never_fatal(site, careful, number, what):
    case = hostile.CASES[what]
    site.routes = hostile.routes()
    if "timeout" not in case.reasons:
        careful.limits = Limits(seconds=30, bytes=hostile.BYTES)
    got = outcome(careful, site.url(f"/{number}"), case)
    right = (*case.reasons, case.entries) if case.entries is not None else case.reasons
    assert got in right


def test_a_run_over_all_of_them_reaches_its_end_with_each_accounted_for(site, careful):
    site.routes = hostile.routes() | {"/good": b"<title>A good page</title><p>Words.</p>"}
    asks = [site.url(f"/{n}") for n in range(len(hostile.CASES))] + [site.url("/good")]
    got = list(collect.many(asks, urls.host, lambda url: collect.feed(careful, url)))
    assert len(got) == len(asks)
    assert all(one.problem or one.entries for one in got)
    assert all(not (one.problem and one.entries) for one in got)
