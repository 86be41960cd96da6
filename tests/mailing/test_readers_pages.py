"""The readers' own pages: scanners change nothing, one click is enough, forged links are told so."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from broadsheet.mailing import abuse, links, preferences, signup, subscribing
from broadsheet.mailing.models import Attempt, Consent, Proof, Subscriber
from tests import make

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def everything() -> list[str]:
    """All rows of all tables that a reader's page could touch."""
    rows = []
    for app in ("mailing", "jobs", "people"):
        for model in apps.get_app_config(app).get_models():
            rows += [
                f"{model.__name__} {values}" for values in model.objects.order_by("pk").values()
            ]
    return rows


def state(one: Subscriber) -> str:
    one.refresh_from_db()
    return one.state


@pytest.fixture
def reader() -> Client:
    """A browser that would send cookies, and would be stopped where a form needs a token."""
    return Client(enforce_csrf_checks=True)


def stamped(moments: int = 5) -> str:
    """The form's stamp, as given out some seconds ago."""
    import time
    from unittest import mock

    with mock.patch("django.core.signing.time.time", return_value=time.time() - moments):
        return abuse.stamp()


def sign_up(reader: Client, form: Any, **but: str) -> Any:
    page = reader.get(links.sign_up(form.newsletter)).content.decode()
    words = re.search(r'name="words" value="([^"]+)"', page)
    assert words
    given = {"address": "ann@example.org", "stamp": stamped(), "words": words[1], "website": ""}
    return reader.post(links.sign_up(form.newsletter), given | but)


# --- scanners ------------------------------------------------------------------------------------


def test_a_scanner_that_opens_every_link_many_times_changes_nothing(form, postman, reader):
    """Every address that stands in mail to a reader, and every link of the pages behind them."""
    one = make.subscriber("ann@example.org", newsletter=form.newsletter)
    signup.ask(
        form.newsletter, "new@example.org", signup.Wishes(), "I want it.", "here", timezone.now()
    )
    postman.round(timezone.now())
    confirm = postman.link()
    signup.ask_for_data(one, timezone.now())
    postman.round(timezone.now())
    found = {
        links.leave(one), links.preferences(one), links.sign_up(form.newsletter), confirm, postman.link(),
        "/", "/subscribe/", "/feed.atom",
    }  # fmt: skip
    before = everything()
    seen: set[str] = set()
    for _depth in range(3):
        for address in sorted(found - seen):
            path = re.sub(r"^https?://[^/]+", "", address)
            for _time in range(5):
                assert reader.head(path).status_code in (200, 302)
                answer = reader.get(path)
                assert not answer.cookies
            seen.add(address)
            links_in = re.findall(r'href="(/[^"#]*)', answer.content.decode(errors="replace"))
            found |= {link for link in links_in if not link.startswith(("/static/", "/desk/"))}
    assert len(seen) >= 10
    assert everything() == before


@pytest.mark.parametrize("method", ["get", "head", "options", "put", "patch", "delete", "trace"])
def test_only_a_post_unsubscribes(reader, method):
    one = make.subscriber()
    getattr(reader, method)(links.leave(one), ONE_CLICK)
    assert state(one) == "active"


# --- one click -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["form", "multipart", "empty", "broken multipart", "text"])
def test_one_click_unsubscribes_at_once_without_cookie_or_redirect(kind):
    one = make.subscriber()
    client = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    bodies: dict[str, dict[str, Any]] = {
        "form": {
            "data": "List-Unsubscribe=One-Click",
            "content_type": "application/x-www-form-urlencoded",
        },
        "multipart": {"data": ONE_CLICK},
        "empty": {"data": b"", "content_type": "application/x-www-form-urlencoded"},
        "broken multipart": {"data": b"--x\r\nhalf", "content_type": "multipart/form-data"},
        "text": {"data": b"List-Unsubscribe=One-Click", "content_type": "text/plain"},
    }
    answer = client.post(links.leave(one), **bodies[kind])
    assert answer.status_code == 200
    assert not answer.cookies
    assert state(one) == "unsubscribed"
    assert client.post(links.leave(one), ONE_CLICK).status_code == 200, "again is as well"


@pytest.mark.parametrize("token", ["a" * 16, "", "x", "../../..", "%00", "ö" * 16, "a" * 4000])
def test_a_forged_link_is_told_so_and_changes_nothing(reader, token):
    make.subscriber()
    before = everything()
    for path in ("/u/", "/p/", "/c/", "/d/"):
        answer = reader.get(f"{path}{token}")
        assert answer.status_code == 404
        posted = reader.post(f"{path}{token}", {"by": "page", "do": "erase"})
        assert posted.status_code == 404
        if token == "a" * 16:
            assert "Nothing was changed" in posted.content.decode()
    assert reader.post(f"/u/{token}", ONE_CLICK).status_code == 404
    assert everything() == before


def test_a_stop_that_the_mail_program_took_into_the_link_does_no_harm(reader):
    one = make.subscriber()
    assert reader.get(f"{links.leave(one)}.").status_code == 200
    assert reader.get(f"{links.leave(one)}).").status_code == 200


@pytest.mark.parametrize(
    "host", ["news.harbourlight.org.hk", "broadsheet.example.org", "n.example"]
)
def test_list_unsubscribe_fits_one_line_at_an_ordinary_host(settings, host):
    settings.ADDRESS = f"https://{host}"
    assert len(f"List-Unsubscribe: <{links.leave(make.subscriber())}>") <= 75


def test_the_links_of_two_subscriptions_of_one_person_are_not_the_same():
    one = make.subscriber("ann@example.org")
    two = make.subscriber("ann@example.org", newsletter=make.newsletter(name="Another"))
    assert one.token != two.token
    Client().post(links.leave(one), ONE_CLICK)
    assert (state(one), state(two)) == ("unsubscribed", "active")


def test_a_page_behind_a_secret_link_is_not_cached_nor_told_on(reader):
    answer = reader.get(links.preferences(make.subscriber("someone@example.org")))
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    page = answer.content.decode()
    assert "someone@example.org" not in page, "a mail that was passed on does not tell the address"
    assert "s•••@example.org" in page


# --- signing up ----------------------------------------------------------------------------------


def test_who_signs_up_and_presses_the_button_is_subscribed(form, postman, reader):
    answer = sign_up(reader, form, language="th", wants="link", discreet="yes")
    assert answer.status_code == 200
    assert not answer.cookies
    postman.round(timezone.now())
    page = reader.get(postman.link()).content.decode()
    assert "a•••@example.org" in page
    assert Subscriber.objects.get().state == "pending"
    assert reader.post(postman.link()).status_code == 200
    one = Subscriber.objects.get()
    assert (one.state, one.language, one.wants, one.discreet) == ("active", "th", "link", True)
    assert "I want to get The Letter" in Consent.objects.get().words.text
    again = reader.post(postman.link())
    assert again.status_code == 200
    assert "subscribed" in again.content.decode()


def test_known_and_unknown_addresses_see_the_same_page(form, reader):
    make.subscriber("known@example.org", newsletter=form.newsletter)
    known = sign_up(reader, form, address="known@example.org").content
    assert known == sign_up(reader, form, address="unknown@example.org").content


def test_a_machine_that_fills_every_field_is_answered_and_ignored(form, reader):
    answer = sign_up(reader, form, website="https://spam.example")
    assert "Look into your mailbox" in answer.content.decode()
    assert Subscriber.objects.count() == 0
    assert abuse.trapped(timezone.now()) == 1


@pytest.mark.parametrize("stamp", ["", "form:1xyz:forged", None])
def test_who_is_too_quick_or_comes_from_another_site_sees_the_form_once_more(form, reader, stamp):
    answer = sign_up(reader, form, stamp=abuse.stamp() if stamp is None else stamp)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "then press the button" in page
    assert 'value="ann@example.org"' in page
    assert Subscriber.objects.count() == 0


def test_a_stamp_is_good_for_a_day(form):
    now = timezone.now()
    assert not abuse.in_haste(stamped(), now)
    assert abuse.in_haste(stamped(90_000), now)


def test_nobody_agrees_to_words_they_did_not_see(form, reader):
    sign_up(reader, form, words="I agree to everything.")
    assert Subscriber.objects.count() == 0


def test_a_slip_in_the_address_is_named_and_what_was_typed_stays(form, reader):
    answer = sign_up(reader, form, address="ann@example", wants="link")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The domain lacks its ending" in page
    assert 'value="ann@example"' in page
    assert re.search(r'value="link" checked', page)


def test_too_many_from_one_network_are_asked_to_wait(form, reader):
    Attempt.objects.all().delete()
    for _ in range(abuse.FORMS_AN_HOUR):
        abuse.count_form("127.0.0.0/24", timezone.now())
    assert sign_up(reader, form).status_code == 429


def test_only_a_proxy_of_ours_is_believed(settings):
    from django.test import RequestFactory

    from broadsheet.people import limits

    told = {"HTTP_X_FORWARDED_FOR": "203.0.113.9, 198.51.100.7"}
    asked = RequestFactory().post("/", REMOTE_ADDR="192.0.2.1", **told)
    settings.PROXIES = 1
    assert limits.asked_from(asked) == "198.51.100.7"
    settings.PROXIES = 0
    assert limits.asked_from(asked) == "192.0.2.1"


def test_a_closed_form_says_so(form, reader):
    type(form).objects.update(open=False)
    assert "closed" in reader.get(links.sign_up(form.newsletter)).content.decode()
    assert (
        reader.post(links.sign_up(form.newsletter), {"address": "ann@example.org"}).status_code
        == 409
    )
    assert Subscriber.objects.count() == 0


# --- choosing, pausing, coming back --------------------------------------------------------------


def test_a_subscriber_changes_what_comes_pauses_and_resumes(form, reader):
    from broadsheet.mailing.models import Topic

    topic = Topic.objects.create(newsletter=form.newsletter, name="Law")
    one = make.subscriber(newsletter=form.newsletter)
    page = links.preferences(one)
    answer = reader.post(
        page,
        {
            "do": "save",
            "language": "th",
            "wants": "link",
            "discreet": "yes",
            "topic": str(topic.pk),
        },
    )
    assert answer.status_code == 303
    assert "Your choices are kept" in reader.get(answer["Location"]).content.decode()
    one.refresh_from_db()
    assert (one.language, one.wants, one.discreet, list(one.topics.all())) == (
        "th",
        "link",
        True,
        [topic],
    )
    reader.post(page, {"do": "pause"})
    assert state(one) == "paused"
    reader.post(page, {"do": "resume"})
    assert state(one) == "active"
    reader.post(
        page, {"do": "save", "language": "xx", "wants": "all of it", "topic": ["9999999", "x"]}
    )
    one.refresh_from_db()
    assert (one.language, one.wants, one.topics.count()) == ("", "full", 0)


def test_who_left_by_mistake_comes_back_by_a_letter(form, postman, reader):
    one = make.subscriber("ann@example.org", newsletter=form.newsletter, language="th")
    left = reader.post(links.leave(one), {"by": "page"})
    assert "You are unsubscribed" in left.content.decode()
    reader.post(links.preferences(one), {"do": "resume"})
    reader.post(links.preferences(one), {"do": "again"})
    assert state(one) == "unsubscribed"
    postman.round(timezone.now())
    reader.post(postman.link())
    one.refresh_from_db()
    assert (one.state, one.language) == ("active", "th")


# --- seeing and erasing --------------------------------------------------------------------------


def test_a_subscriber_sees_takes_along_and_erases_what_is_kept(form, postman, reader):
    one = make.subscriber("ann@example.org", newsletter=form.newsletter)
    make.subscriber("ann@example.org", newsletter=make.newsletter(name="Another"))
    reader.post(links.preferences(one), {"do": "data"})
    postman.round(timezone.now())
    page = reader.get(postman.link()).content.decode()
    assert "ann@example.org" in page
    assert "Another" in page
    kept = json.loads(reader.get(f"{postman.link()}/data.json").content)
    assert [each["newsletter"] for each in kept["subscriptions"]] == ["The Letter", "Another"]
    assert reader.post(postman.link(), {"do": "nothing"}).status_code == 200
    assert state(one) == "active"
    reader.post(postman.link(), {"do": "erase"})
    assert set(Subscriber.objects.values_list("state", "address")) == {("erased", "")}
    assert reader.get(postman.link()).status_code == 404


def test_the_link_in_a_mail_alone_erases_nothing(reader):
    one = make.subscriber()
    reader.post(f"/d/{one.token}", {"do": "erase"})
    reader.post(links.preferences(one), {"do": "erase"})
    assert state(one) == "active"


def test_a_link_to_the_data_works_for_a_day(form, postman, reader):
    one = make.subscriber(newsletter=form.newsletter)
    signup.ask_for_data(one, timezone.now())
    postman.round(timezone.now())
    assert reader.get(postman.link()).status_code == 200
    Proof.objects.update(expires=timezone.now() - timedelta(seconds=1), made=datetime(2020, 1, 1, tzinfo=timezone.get_current_timezone()))  # fmt: skip
    assert reader.get(postman.link()).status_code == 404


def test_the_pages_speak_the_subscribers_language_where_we_do(form, reader, settings, tmp_path):
    one = make.subscriber(newsletter=form.newsletter, language="zh-Hant")
    settings.LOCALE_PATHS = []
    assert '<html lang="en">' in reader.get(links.preferences(one)).content.decode()
    translated = tmp_path / "zh_Hant" / "LC_MESSAGES" / "django.mo"
    translated.parent.mkdir(parents=True)
    translated.touch()
    settings.LOCALE_PATHS = [tmp_path]
    assert preferences.spoken("zh-Hant") == "zh-Hant"
    assert preferences.spoken("th") == "en"
    assert subscribing.by_token(one.token) == one
