"""Links that hold: tried from time to time, called dead with care, and a copy only where an editor says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from broadsheet.issues import linkwatch
from broadsheet.issues.models import Outlink
from broadsheet.people.models import Deed
from broadsheet.wire.collect.fetcher import Fetched
from broadsheet.wire.errors import CollectError
from tests import make
from tests.archive.filed import NOW, edition, item

pytestmark = pytest.mark.django_db


class Web:
    """A web on which some addresses have died."""

    def __init__(self, *dead: str) -> None:
        self.dead, self.asked = dead, list[str]()

    def get(self, url: str, **_more: Any) -> Fetched:
        self.asked.append(url)
        if url in self.dead:
            raise CollectError("The page answered 404", at=url)
        return Fetched(url=url, final_url=url, status=200, headers={"content-type": "text/html"}, body=b"<p>Hello</p>",
                       fetched=NOW)  # fmt: skip


def link_of(made: dict[str, Any]) -> str:
    return str(made["links"][0]["url"])


def tried(web: Web, *days: int) -> None:
    for day in days:
        list(linkwatch.try_due(web, NOW + timedelta(days=day)))


def test_a_link_is_dead_after_three_failures_over_days_and_alive_again_when_it_opens() -> None:
    one = item("Bank")
    edition(one)
    web = Web(link_of(one))
    tried(web, 0)
    assert Outlink.objects.get().state == "unwell"
    tried(web, 1, 2, 3)
    assert len(web.asked) == 2
    tried(web, 4)
    assert list(linkwatch.dead()) == [Outlink.objects.get()]
    tried(Web(), 35)
    assert Outlink.objects.get().state == "open"


def test_each_link_is_asked_for_once_a_month_however_many_items_lead_there() -> None:
    one = item("Bank")
    edition(one, item("Court", links=one["links"]))
    web = Web()
    tried(web, 0, 1, 29)
    assert len(web.asked) == 1
    tried(web, 31)
    assert len(web.asked) == 2


def dead_link() -> tuple[dict[str, Any], Outlink]:
    one = item("Bank", date="3 May 2019")
    edition(one)
    tried(Web(link_of(one)), 0, 2, 8)
    return one, Outlink.objects.get(state="dead")


def test_no_copy_is_shown_before_an_editor_says_so_and_then_everywhere(client: Client) -> None:
    one, link = dead_link()
    edition_url = f"/editions/{make.newsletter().issues.get().uid}/"
    pages = [
        f"/items/{one['uid']}/",
        edition_url,
        f"{edition_url}mail.txt",
        "/search/feed.json?q=bank",
    ]
    for url in pages:
        assert "web.archive.org" not in client.get(url).content.decode(), url
    linkwatch.decide(link, True, "", make.editor(), datetime(2019, 8, 1, tzinfo=UTC))
    for url in pages:
        assert (
            f"https://web.archive.org/web/20190503/{link.url}" in client.get(url).content.decode()
        ), url
    linkwatch.decide(link, False, "", make.editor(), datetime(2019, 8, 1, tzinfo=UTC))
    for url in pages:
        assert "web.archive.org" not in client.get(url).content.decode(), url
    assert Deed.objects.filter(verb="showed a kept copy").count() == 1


@pytest.mark.parametrize(
    "copy",
    ["javascript:alert(1)", "nowhere", "https://", "https:// x", "https://a.example/" + "x" * 3000],
)
def test_what_is_no_address_of_a_copy_is_refused_and_stays_in_its_field(
    copy: str, client: Client
) -> None:
    _one, link = dead_link()
    client.force_login(make.editor())
    answer = client.post(f"/desk/archive/links/{link.pk}/", {"do": "show", "copy": copy})
    assert answer.status_code == 422
    assert "is no address of a copy" in answer.content.decode()
    assert Outlink.objects.get().shows_copy is None


def test_the_page_of_what_died_tells_where_it_was_printed_and_asks(client: Client) -> None:
    one, link = dead_link()
    client.force_login(make.editor())
    page = client.get("/desk/archive/links/").content.decode()
    assert link.url in page
    assert f"/items/{one['uid']}/" in page
    assert "nobody has decided" in page
    client.post(f"/desk/archive/links/{link.pk}/", {"do": "hide"})
    assert "no copy is shown" in client.get("/desk/archive/links/?show=decided").content.decode()
    assert "No link is like that." in client.get("/desk/archive/links/?show=open").content.decode()


def test_taking_back_shows_first_what_will_go_and_keeps_words_out_of_addresses(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path  # all files of a desk are looked through
    one = item("Held", summary="As Xanthippe Quillfeather said.")
    edition(one)
    client.force_login(make.editor(role="administrator"))
    asked = {"words": "Xanthippe Quillfeather", "whole_items": "on"}
    page = client.post("/desk/archive/withdraw/", asked).content.decode()
    assert "The item “Held”" in page
    assert client.get(f"/items/{one['uid']}/").status_code == 200
    answer = client.post("/desk/archive/withdraw/", asked | {"do": "withdraw"})
    assert (answer.status_code, answer["Location"]) == (302, "/desk/archive/withdraw/")
    assert client.get(f"/items/{one['uid']}/").status_code == 410
    assert "uillfeather" not in str(list(Deed.objects.values_list("about", "reason")))
