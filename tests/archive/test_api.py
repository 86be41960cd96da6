"""The API: what it says, what it refuses, what it does not tell, and that it is as it describes itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from broadsheet.archive import pacing
from broadsheet.issues import compose
from broadsheet.issues.models import Issue
from broadsheet.library.models import Tier
from broadsheet.wsgi import application
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _unpaced() -> Iterator[None]:
    pacing.API.forget()
    yield
    pacing.API.forget()


@pytest.fixture
def archive() -> Issue:
    """A published issue with one story that has codes and a picture without a permission; a shelf; tiers."""
    issue: Issue = make.issue()
    story = make.story(headline="Boats held in port", places=["TH"])
    lead = story.articles.get()
    lead.codes = {"form": ["LAB"], "control": ["CTL.DOC"], "event": ["EV.ARR"]}
    lead.image = {"url": "https://news.example/p.jpg", "credit": "A. Photographer"}
    lead.save()
    compose.pick(story, issue.sections.last(), None, NOW)
    compose.publish(issue, None, NOW)
    make.resource(title="Crew handbook", date={"value": "2019", "precision": "year"})
    Tier.objects.create(
        iso3="THA", country="Thailand", year=2015, tier="3", status="one_source", source="a page"
    )
    return issue


def get(client: Client, path: str, status: int = 200, **query: Any) -> Any:
    answer = client.get(f"/api/v1/{path}", query)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_what_was_published_is_told(client: Client, archive: Issue) -> None:
    [issue] = get(client, "issues/")["results"]
    assert (issue["uid"], issue["title"], issue["version"]) == (archive.uid, "June 2019", 1)
    whole = get(client, f"issues/{archive.uid}/")
    [item] = [one for section in whole["sections"] for one in section["items"]]
    assert item["headline"] == "Boats held in port"
    assert item["date"]["value"] == "2019-06-21"
    assert get(client, f"items/{item['uid']}/") == item
    assert get(client, "items/")["results"] == [item]
    assert get(client, "items/", kind="notice")["results"] == []
    assert get(client, "search/", q="boats")["results"] == [item]
    assert get(client, "search/", q="place:Thailand", kind="article")["total"] == 1
    assert get(client, "resources/", q="crew")["results"][0]["date"]["value"] == "2019"
    assert get(client, "tiers/", iso3="tha")["results"][0]["label"] == "Tier 3"


def test_no_signs_of_control_and_no_picture_without_permission(
    client: Client, archive: Issue
) -> None:
    answer = client.get("/api/v1/items/").content.decode()
    assert '"LAB"' in answer
    assert "CTL.DOC" not in answer
    assert "p.jpg" not in answer


def test_a_draft_is_not_told(client: Client) -> None:
    issue = make.issue()
    compose.pick(make.story(headline="Not out yet"), issue.sections.last(), None, NOW)
    for path in ("issues/", "items/", "search/"):
        assert get(client, path)["results"] == []
    get(client, f"issues/{issue.uid}/", 404)


@pytest.mark.parametrize(
    ("path", "query", "says"),
    [
        ("items/", "?limit=0", "limit is a number from 1 to 100, not 0."),
        ("items/", "?limit=ten", "limit is a whole number"),
        ("items/", "?kind=story", "kind is one of article"),
        ("items/", "?colour=red", "There is no parameter 'colour' here"),
        ("items/", "?page=1&page=2", "page stands 2 times"),
        ("search/", "?from=yesterday", "from cannot be 'yesterday'"),
        ("search/", "?q=place:", ""),
    ],
)
def test_a_wrong_question_is_told_what_is_wrong(
    client: Client, path: str, query: str, says: str
) -> None:
    answer = client.get(f"/api/v1/{path}{query}")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert says in answer.json()["detail"]


def test_what_has_not_changed_is_not_sent_again(client: Client, archive: Issue) -> None:
    first = client.get("/api/v1/items/")
    again = client.get("/api/v1/items/", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_nothing_but_reading(client: Client) -> None:
    for method in ("post", "put", "patch", "delete", "options"):
        answer = getattr(client, method)("/api/v1/items/")
        assert answer.status_code == 405
        assert answer["Allow"] == "GET, HEAD"


def test_no_cookie_is_set_and_none_is_read(client: Client) -> None:
    answer = client.get("/api/v1/items/")
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")


def test_a_program_run_wild_is_slowed_and_others_are_not(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing.API, "most", 3)
    for _ in range(3):
        get(client, "tiers/")
    slowed = client.get("/api/v1/tiers/")
    assert slowed.status_code == 429
    assert 0 < int(slowed["Retry-After"]) <= 60
    assert client.get("/api/v1/tiers/", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_the_pace_begins_anew_each_minute_and_keeps_no_address() -> None:
    now = [0.0]
    pace = pacing.Pace(2, clock=lambda: now[0])
    assert [pace.wait("192.0.2.1") for _ in range(4)] == [0, 0, 60, 60]
    assert b"192.0.2.1" not in b"".join(pace._counts)
    now[0] = 61.0
    assert pace.wait("192.0.2.1") == 0


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Each request by WSGI ends with closing the connection, in which the test's own transaction is open."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


# What the description allows is answered, what it forbids is refused, and every answer is as described.
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@schema.parametrize()
@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
def test_the_api_is_as_it_describes_itself(case: Any, archive: Issue, one_connection: None) -> None:
    pacing.API.forget()
    # A search may be asked for a code that no beat has, or in words that its grammar cannot read: it then
    # says so (400), which a schema cannot foresee.
    loose = case.operation.path == "/search/"
    case.call_and_validate(excluded_checks=[positive_data_acceptance] if loose else [])
