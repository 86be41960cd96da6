"""The public pages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from broadsheet.issues import compose, filing
from broadsheet.issues.models import Edition, Issue
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, 9, tzinfo=UTC)


def out(month: str = "2019-06", **but: Any) -> Issue:
    """A published issue with one story."""
    issue: Issue = make.issue(month, **but)
    compose.pick(make.story(headline=f"News of {month}"), issue.sections.last(), None, NOW)
    compose.publish(issue, None, NOW)
    return issue


def test_the_newest_issue_stands_first(client: Client) -> None:
    out("2019-05", title="May 2019")
    out("2019-06", title="June 2019")
    page = client.get("/").content.decode()
    assert page.index("June 2019") < page.index("May 2019")
    assert "News of 2019-06" in page


def test_an_edition_is_printed_by_the_press(client: Client) -> None:
    issue = out()
    answer = client.get(f"/editions/{issue.uid}/")
    page = answer.content.decode()
    assert "News of 2019-06" in page
    assert "<style" not in page
    assert 'href="/edition.css' in page
    assert '<a href="/">All issues</a>' in page
    assert 'href="/feed.atom"' in page
    assert "News of 2019-06" in client.get(f"/editions/{issue.uid}/mail.txt").content.decode()


def test_a_draft_is_not_public(client: Client) -> None:
    issue = make.issue()
    assert client.get(f"/editions/{issue.uid}/").status_code == 404
    assert issue.title not in client.get("/").content.decode()


def test_the_feed_holds_each_issue_once_with_its_address(client: Client) -> None:
    first, second = out("2019-05", title="May 2019"), out()
    feed = ElementTree.fromstring(client.get("/feed.atom").content)
    atom = "{http://www.w3.org/2005/Atom}"
    links = [entry.find(f"{atom}link").get("href") for entry in feed.iter(f"{atom}entry")]  # type: ignore[union-attr]
    assert sorted(links) == sorted(
        f"http://127.0.0.1:8000/editions/{issue.uid}/" for issue in (first, second)
    )


def test_only_the_newest_version_is_shown(client: Client) -> None:
    issue = out()
    kept = Edition.objects.get()
    content = kept.content | {"version": 2, "title": "June 2019, corrected"}
    filing.file(
        Edition.objects.create(
            issue=issue, version=2, content=content, published=NOW, reason="A name"
        )
    )
    page = client.get("/").content.decode()
    assert "June 2019, corrected" in page
    assert page.count(f"/editions/{issue.uid}/") == 1
    assert "version 2" in page


def test_an_unchanged_edition_is_not_sent_again(client: Client) -> None:
    issue = out()
    first = client.get(f"/editions/{issue.uid}/")
    again = client.get(f"/editions/{issue.uid}/", headers={"if-none-match": first.headers["ETag"]})
    assert again.status_code == 304


def test_an_empty_archive_says_so(client: Client) -> None:
    assert "No issue has been published yet." in client.get("/").content.decode()
    assert client.get("/feed.atom").status_code == 200


def test_a_sample_says_that_it_is_one(client: Client) -> None:
    make.newsletter(sample=True)
    out()
    assert "This is an invented sample." in client.get("/").content.decode()


@pytest.mark.parametrize("issues", [1, 12])
def test_the_list_costs_the_same_however_long(
    issues: int, client: Client, django_assert_num_queries: Any
) -> None:
    for n in range(issues):
        out(f"2018-{n + 1:02}")
    with django_assert_num_queries(5):
        client.get("/")


def test_an_address_that_leads_nowhere_says_so_and_leads_on(client: Client) -> None:
    answer = client.get("/editions/0000/")
    assert answer.status_code == 404
    assert "There is no such page" in answer.content.decode()
    assert 'href="/"' in answer.content.decode()
