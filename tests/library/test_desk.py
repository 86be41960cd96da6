"""The library, the TIP Report and the figures at the desk."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client

from broadsheet.issues import compose
from broadsheet.library import shelving
from broadsheet.library.models import Resource, Tier
from broadsheet.wire import beat as beats
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, 9, tzinfo=UTC)
WORDS = {
    "title": "Crew handbook", "publisher": "The Association", "kind": "handbook", "description": "What to look for.",
    "sectors": ["SEC.AVI"], "date": "February 2019", "url": "https://association.example/crew",
    "language": "en", "audience": "cabin crew", "cost": "free",
}  # fmt: skip


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(make.editor(role="editor"))
    return client


def test_a_resource_is_added_changed_and_opened(editor: Client) -> None:
    assert editor.post("/desk/library/new/", WORDS).status_code == 302
    one = Resource.objects.get()
    assert (one.date["value"], one.date["precision"]) == ("2019-02", "month")
    page = editor.get(f"/desk/library/{one.pk}/").content.decode()
    assert "Nobody here has opened it yet." in page
    assert "February 2019" in page
    editor.post(f"/desk/library/{one.pk}/", WORDS | {"cost": "paid"})
    editor.post(f"/desk/library/{one.pk}/opened/", {"found": "yes"})
    one.refresh_from_db()
    assert (one.cost, one.url_status) == ("paid", "checked")
    assert isinstance(one.checked, date)
    editor.post(f"/desk/library/{one.pk}/opened/", {"found": "no"})
    assert "gone" in editor.get("/desk/library/").content.decode()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("date", "last spring", "This date cannot be read"),
        ("url", "javascript:alert(1)", "valid URL"),
        ("language", "English, please", "valid value"),
        ("title", "Handbook 0", "is on the shelf already"),
    ],
)
def test_what_is_wrong_with_a_resource_is_said(
    editor: Client, field: str, value: str, says: str
) -> None:
    make.resource(title="Handbook 0", publisher="The Association")
    answer = editor.post("/desk/library/new/", WORDS | {field: value})
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_a_resource_that_an_issue_prints_stays_on_the_shelf(editor: Client) -> None:
    one, other = make.resource(), make.resource()
    compose.pick_resource(one, make.issue().sections.last(), None, NOW)
    for resource in (one, other):
        editor.post(f"/desk/library/{resource.pk}/take-down/")
    assert list(Resource.objects.all()) == [one]


def test_an_edition_is_shown_before_it_is_kept_and_drafts_the_highlight(editor: Client) -> None:
    shelving.tiers(t for t in beats.load(None).tiers if t.year != 2019)
    Tier.objects.filter(year__gt=2019).delete()
    issue = make.issue()
    typed = {
        "year": 2019,
        "source": "the report, 20 June 2019",
        "lines": "Hong Kong, Tier 2\nNarnia, 3",
    }
    page = editor.post("/desk/tip/", typed).content.decode()
    assert "What would be kept for 2019" in page
    assert "Hong Kong: Tier 2" in page
    assert "“Narnia”" in page
    assert not Tier.objects.filter(year=2019).exists()
    editor.post("/desk/tip/", typed | {"keep": "yes"})
    assert Tier.objects.get(year=2019).iso3 == "HKG"
    page = editor.get("/desk/tip/").content.decode()
    assert "Hong Kong has been upgraded to Tier 2 from the Watch List" in page
    editor.post(f"/desk/tip/2019/highlight/{issue.pk}/", {"released": "20 June 2019"})
    made = issue.picks.get()
    assert made.headline == "US TIP Report 2019"
    assert made.summary.endswith("released on 20 June.")
    entered = Tier.objects.get(year=2019).entered
    editor.post("/desk/tip/take-back/", {"year": "2019", "entered": entered.isoformat()})
    assert not Tier.objects.filter(year=2019).exists()


@pytest.mark.parametrize("year", ["", "1999", "nineteen"])
def test_an_edition_needs_its_year(editor: Client, year: str) -> None:
    answer = editor.post("/desk/tip/", {"year": year, "source": "x", "lines": "HKG,2"})
    assert answer.status_code == 422


def test_what_was_collected_is_counted(editor: Client) -> None:
    make.story(places=["TH"])
    make.story(places=["KH"], month="2019-05")
    make.story(band="unsure")
    page = editor.get("/desk/figures/?month=2019-06").content.decode()
    assert "1 story" in page
    assert "<svg" in page
    assert "2 stories" in editor.get("/desk/figures/?month=never").content.decode()
