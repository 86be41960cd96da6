"""The links of an issue tried by a worker's own fetcher, against sites on loopback of which most answer badly."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadsheet.issues import checking, compose, errands
from broadsheet.issues.models import Reached
from broadsheet.jobs import queue
from broadsheet.wire import beat as beats
from tests import make
from tests.wire.collect.site import Answer, Asked, Site

pytestmark = pytest.mark.django_db
PAGE = b"<html lang=en><title>A page</title><article><h1>A page</h1><p>%b</p></article></html>"
PAID = (
    b'<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",'
    b' "headline": "A page", "isAccessibleForFree": false}</script>'
)


def _hangs_up(asked: Asked) -> None:
    asked.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n<html>")


@pytest.fixture
def sites() -> Iterator[dict[str, Site]]:
    """One host for each answer, so that manners make nobody wait."""
    names = ("opens", "moved", "gone", "paid", "walled", "breaks", "forbids")
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(Site(f"127.0.4.{n}")) for n, name in enumerate(names, start=1)
        }


def test_a_worker_tries_each_link_and_the_check_page_tells_what_came(
    sites: dict[str, Site], settings: Any, tmp_path: Any, client: Client
) -> None:
    settings.HOME, settings.ALLOW_NETWORKS = tmp_path, ["127.0.0.0/8"]
    at = {name: f"http://{site.address}:{site.port}" for name, site in sites.items()}
    sites["opens"].routes["/page"] = PAGE % (b"Words of it. " * 40)
    sites["opens"].routes["/new"] = PAGE % (b"The same, elsewhere. " * 40)
    sites["moved"].routes["/page"] = Answer(b"", 301, {"location": f"{at['opens']}/new"})
    sites["gone"].routes["/page"] = Answer(b"gone", 410)
    sites["paid"].routes["/page"] = PAID + PAGE % (b"The first words. " * 40)
    sites["walled"].routes["/page"] = Answer(b"<title>Just a moment...</title>", 403)
    sites["breaks"].routes["/page"] = _hangs_up
    sites["forbids"].routes["/robots.txt"] = Answer(
        b"User-agent: *\nDisallow: /\n", 200, {"content-type": "text/plain"}
    )
    sites["forbids"].routes["/page"] = PAGE % b"Not for robots."

    issue = make.issue()
    pick = compose.pick(make.story(), issue.sections.last(), None, timezone.now())
    links = [{"text": f"It {name}", "url": f"{where}/page"} for name, where in at.items()]
    compose.edit(pick, pick.turn, None, timezone.now(), links=links)
    client.force_login(make.editor(role="editor"))
    client.post(reverse("desk:try_links", args=[issue.pk]))
    job = queue.claim("a worker", timezone.now(), kinds=errands.KINDS)
    assert job is not None
    came = errands.run(job, timezone.now)
    queue.finish(job, timezone.now(), came=came)

    states = {row.url.split("/")[2].split(":")[0]: row.state for row in Reached.objects.all()}
    assert {name: states[site.address] for name, site in sites.items()} == {
        "opens": "ok", "moved": "moved", "gone": "failed", "paid": "paywalled",
        "walled": "walled", "breaks": "failed", "forbids": "failed",
    }  # fmt: skip
    assert came == "7 links tried, 3 did not open."
    assert "/page" not in [visit.path for visit in sites["forbids"].log]
    report = checking.check(issue, beats.load(), date(2019, 7, 1))
    found = [finding for finding in report.findings if finding.rule.startswith("link-")]
    assert {f.rule for f in found} >= {"link-moved", "link-unreachable", "link-paywalled", "link-walled"}  # fmt: skip
    page = client.get(reverse("desk:check", args=[issue.pk])).content.decode()
    assert f"{at['opens']}/new" in page
    assert "robots" in page
