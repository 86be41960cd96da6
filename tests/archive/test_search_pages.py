"""The pages, feeds and maps of the archive that readers and machines open."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from lxml import html

from broadsheet.archive import crawlers
from broadsheet.issues import queries
from broadsheet.issues.models import Filed
from broadsheet.mailing.models import SignUpForm
from tests import make
from tests.archive.filed import edition, item

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def text(client: Client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


def test_what_was_looked_for_is_marked_in_heading_and_text(client: Client) -> None:
    edition(item("Bank opens accounts", summary="Two banks helped the survivors."))
    page = text(client, "/search/?q=bank+survivor")
    assert "<mark>Bank</mark> opens accounts" in page
    assert "Two <mark>banks</mark> helped the <mark>survivors</mark>." in page


def test_hostile_words_are_shown_and_never_run(client: Client) -> None:
    edition(item("<script>alert(1)</script> bank", summary="<img src=x onerror=alert(1)> **bank**"))
    page = text(client, "/search/?q=bank+%3Cscript%3E")
    assert "<script" not in page
    assert "<img" not in page
    found = re.search(r'/items/([0-9a-f]+)/"', page)
    assert found
    assert "<script" not in text(client, f"/items/{found[1]}/")


def test_an_item_has_a_page_with_its_source_issue_subjects_and_neighbours(client: Client) -> None:
    first, second = item("First"), item("Second", places=["KH"], codes=["SEX", "CTL.X"])
    issue = edition(first, second)
    page = text(client, f"/items/{second['uid']}/")
    assert second["links"][0]["url"] in page
    assert f"/editions/{issue.uid}/#{second['uid']}" in page
    assert 'href="/places/KH/"' in page
    assert 'href="/topics/SEX/"' in page
    assert "CTL.X" not in page
    assert f'rel="prev" href="/items/{first["uid"]}/"' in page
    assert '<meta property="og:title" content="Second">' in page
    assert f'<link rel="canonical" href="http://127.0.0.1:8000/items/{second["uid"]}/">' in page


def test_an_issue_leads_to_the_pages_of_its_items(client: Client) -> None:
    one = item("First")
    issue = edition(one)
    assert f'href="/items/{one["uid"]}/"' in text(client, f"/editions/{issue.uid}/")
    answer = client.get(f"/items/{issue.uid}/")
    assert (answer.status_code, answer["Location"]) == (301, f"/editions/{issue.uid}/")


def test_topics_places_and_sources_have_pages_with_their_items(client: Client) -> None:
    edition(item("Placed", places=["KH"], codes=["SEX", "SEC.AVI"], source="銀行日報"))
    assert "Cambodia" in text(client, "/places/")
    assert "Placed" in text(client, "/places/KH/")
    topics = text(client, "/topics/")
    assert "Sexual exploitation" in topics
    assert "Placed" in text(client, "/topics/SEC.AVI/")
    found = re.search(r'href="(/sources/[^"]+/)"', text(client, "/sources/"))
    assert found
    assert "Placed" in text(client, found[1])


@pytest.mark.parametrize("url", ["/topics/NOPE/", "/places/ZZ/", "/sources/none/", "/items/none/", "/search/?page=0",
                                 "/search/?page=x", "/search/?page=9", "/sitemap-1999-01.xml", "/sitemap-2019-06-1.xml", "/sitemap-pages-2.xml", "/?page=7"])  # fmt: skip
def test_an_address_that_leads_nowhere_offers_a_search(url: str, client: Client) -> None:
    assert 'role="search"' in text(client, url, 404)


def test_what_cannot_be_read_is_told_beside_the_field_with_what_was_typed(client: Client) -> None:
    page = text(client, "/search/?q=%22bank", 400)
    assert "never closed" in page
    assert 'value="&quot;bank"' in page
    assert 'aria-invalid="true"' in page


def test_nothing_found_says_what_to_do(client: Client) -> None:
    edition(item("Bank"))
    page = text(client, "/search/?q=zebra&place=KH")
    assert "Try fewer words" in page
    assert "Take a filter off" in page


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_every_search_has_a_feed_with_the_newest_of_it(form: str, client: Client) -> None:
    edition(item("Bank opens accounts"), item("Court frees six"))
    page = text(client, "/search/?q=bank")
    assert f'href="/search/feed.{form}?q=bank"' in page
    body = text(client, f"/search/feed.{form}?q=bank")
    assert "Bank opens accounts" in body
    assert "Court" not in body
    if form == "json":
        assert json.loads(body)["items"][0]["id"].startswith("urn:broadsheet:item:")
    else:
        ElementTree.fromstring(body)
    assert client.get(f"/search/feed.{form}?q=%22").status_code == 400


def test_the_sitemap_leads_to_every_issue_and_item(client: Client) -> None:
    one = item("First", places=["HK"])
    issue = edition(one)
    resource = make.resource()
    parts = [part[0].text for part in ElementTree.fromstring(text(client, "/sitemap.xml"))]
    assert parts == [f"http://127.0.0.1:8000/sitemap-{part}.xml" for part in ("pages", "2019-06")]
    listed = text(client, "/sitemap-2019-06.xml")
    assert f"/items/{one['uid']}/" in listed
    assert f"/editions/{issue.uid}/" in listed
    standing = text(client, "/sitemap-pages.xml")
    for path in ("/places/HK/", f"/library/{resource.pk}/", "/tip/", "/figures/2019/"):
        assert f"<loc>http://127.0.0.1:8000{path}</loc>" in standing
    assert "/sitemap.xml" in text(client, "/robots.txt")


def test_a_month_with_more_than_a_sitemap_may_list_is_cut_into_several_and_none_is_lost(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawlers, "MOST", 6)
    edition(*(item(f"Item {n}") for n in range(12)))
    edition(*(item(f"Earlier {n}") for n in range(5)), month="2019-05")
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

    def places(path: str) -> list[str]:
        return [
            str(one.text) for one in ElementTree.fromstring(text(client, path)).iter(f"{space}loc")
        ]

    parts = [one.removeprefix("http://127.0.0.1:8000") for one in places("/sitemap.xml")]
    months = [part for part in parts if "pages" not in part]
    assert months == [f"/sitemap-2019-{part}.xml" for part in ("06", "06-2", "06-3", "05")]
    listed = [place for part in months for place in places(part)]
    assert all(len(places(part)) <= 6 for part in parts)
    assert len(listed) == len(set(listed)) == Filed.objects.count() == 19


def test_no_page_sets_a_cookie_or_asks_for_one_and_all_may_be_kept(client: Client) -> None:
    one = item("First", places=["KH"])
    issue = edition(one)
    for url in ("/", f"/editions/{issue.uid}/", f"/items/{one['uid']}/", "/search/?q=first", "/places/", "/places/KH/",
                "/search/feed.atom", "/sitemap.xml"):  # fmt: skip
        answer = client.get(url)
        assert not answer.cookies, url
        assert "Cookie" not in answer.get("Vary", ""), url
        assert "public" in answer["Cache-Control"], url
        again = client.get(url, headers={"if-none-match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b""), url


def test_a_way_out_stands_on_every_page_where_the_newsletter_wants_it(client: Client) -> None:
    one = item("First")
    issue = edition(one)
    newsletter = queries.newsletter()
    assert newsletter
    assert "Leave this site" not in text(client, "/")
    newsletter.quick_exit = "https://weather.example/"
    newsletter.save()
    for url in ("/", f"/editions/{issue.uid}/", f"/items/{one['uid']}/", "/search/", "/library/", "/tip/", "/figures/",
                "/subscribe/", f"/subscribe/{newsletter.pk}/", "/u/not-a-token", "/nothing/"):  # fmt: skip
        page = client.get(url).content.decode()
        assert '<a href="https://weather.example/" rel="noreferrer nofollow">Leave' in page, url
        assert newsletter.name in page, url


def test_where_readers_can_sign_up_the_archive_leads_there(client: Client) -> None:
    issue = edition(item("First"))
    pages = ("/", f"/editions/{issue.uid}/", "/search/", "/nothing/")
    form = SignUpForm.objects.create(newsletter=issue.newsletter, open=True)
    way = f'href="/subscribe/{issue.newsletter_id}/"'
    assert all(way in client.get(url).content.decode() for url in pages)
    form.open = False
    form.save()
    assert not any(way in client.get(url).content.decode() for url in pages)


def test_a_language_chosen_by_hand_stays_with_the_reader_without_a_cookie(client: Client) -> None:
    edition(item("Bank", places=["HK"]), item("Bank again"))
    there = html.fromstring(text(client, "/search/?q=bank&place=HK")).xpath("//a[@hreflang]/@href")
    assert there == ["/search/?q=bank&place=HK&lang=zh-hant"]
    tree = html.fromstring(text(client, there[0]))
    assert tree.xpath("//h1")[0].text_content() == "搜尋存檔"
    assert tree.xpath("//form//input[@name='lang']/@value") == ["zh-hant"]
    links = [
        str(link)
        for link in tree.xpath("//main//ol//a/@href | //header//li/a/@href | //main//ul//a/@href")
    ]
    assert len(links) > 8
    assert all(link.partition("#")[0].endswith(("lang=zh-hant", "lang=en-gb")) for link in links)
    for link in links:
        assert client.get(f"/search/{link}" if link.startswith("?") else link).status_code == 200, (
            link
        )
    feeds = tree.xpath("//a[@type]/@href")
    assert feeds
    assert not any("lang=" in feed for feed in feeds)
    unasked = html.fromstring(text(client, "/")).xpath("//@href[contains(., 'lang=')]")
    assert unasked == ["/?lang=zh-hant"]
    for url in (
        "/",
        f"/items/{Filed.objects.values_list('uid', flat=True)[0]}/",
        "/topics/",
        "/library/",
        "/tip/",
        "/figures/",
        "/none/",
    ):
        page = html.fromstring(client.get(f"{url}?lang=zh-hant").content.decode())
        ours = page.xpath(
            "//a[not(@hreflang or @type or starts-with(@href, '/desk/'))]/@href"
            "[starts-with(., '?') or starts-with(., '/') and not(starts-with(., '//'))]"
        )
        assert ours
        assert [link for link in ours if "lang=zh-hant" not in link] == [], url


def test_every_standing_page_tells_others_what_it_is_and_where_it_stands(client: Client) -> None:
    edition(item("Bank", places=["HK"], codes=["LAB"]))
    make.tier()
    resource = make.resource(description="What a crew should know.")
    for path in ("/library/", f"/library/{resource.pk}/", "/tip/", "/tip/2019/", "/tip/HKG/", "/tip/places/", "/figures/",
                 "/figures/2019/", "/places/HK/", "/places/", "/"):  # fmt: skip
        tree = html.fromstring(text(client, f"{path}?x=1"))
        where = f"http://127.0.0.1:8000{path}"
        assert tree.xpath("//link[@rel='canonical']/@href") == [where], path
        assert tree.xpath("//meta[@property='og:url']/@content") == [where], path
        assert tree.xpath("//meta[@property='og:title']/@content")[0].strip(), path
        assert tree.xpath("//meta[@property='og:type']/@content") == ["website"], path


@pytest.mark.parametrize("items", [2, 12])
def test_a_search_costs_the_same_however_much_it_finds(
    items: int, client: Client, django_assert_max_num_queries: Any
) -> None:
    edition(*(item(f"Bank {n}") for n in range(items)))
    with django_assert_max_num_queries(6):
        client.get("/search/?q=bank")
