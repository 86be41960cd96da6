"""People at the desk: invitations, signing in by password and code, sessions, the log, as pages."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp.oath import totp

from broadsheet.people import doors, factors, limits, log, rules, sessions
from broadsheet.people.models import App, Attempt, Deed, Editor, Invitation, Session
from tests import make

pytestmark = pytest.mark.django_db
GOOD = "four words by chance"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def _lin(**but: Any) -> Editor:
    lin: Editor = make.editor(**{"name": "Lin", "email": "lin@charity.example"} | but)
    lin.set_password(GOOD)
    lin.save()
    return lin


def _sign_in(client: Client, password: str = GOOD, name: str = "Lin", **more: Any) -> Any:
    return client.post(reverse("desk:sign_in"), {"name": name, "password": password} | more)


def _page(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def boss() -> Client:
    client = Client(headers={"user-agent": FIREFOX})
    client.force_login(make.editor(name="Boss", role="administrator"))
    return client


# --- coming --------------------------------------------------------------------------------------


def test_without_a_mail_server_the_link_is_shown_once_and_brings_somebody_in(boss: Client) -> None:
    given = {"email": "lin@charity.example", "role": "contributor"}
    page = boss.post(reverse("desk:invite"), given).content.decode()
    link = re.search(r'value="http://127\.0\.0\.1:8000(/desk/come/[^"]+)"', page)
    assert link
    assert link.group(1) not in _page(boss, "desk:people")
    lin = Client()
    assert "Boss invites you as contributor" in lin.get(link.group(1)).content.decode()
    came = lin.post(link.group(1), {"name": "Lin", "password": GOOD})
    assert came.headers["Location"] == reverse("desk:inbox")
    assert lin.get(reverse("desk:inbox")).status_code == 200
    assert Client().get(link.group(1)).status_code == 410


def test_with_a_mail_server_the_invitation_is_mailed(boss: Client, settings: Any) -> None:
    settings.MAIL_FROM = "desk@charity.example"
    settings.ADDRESS = "https://desk.charity.example"
    boss.post(reverse("desk:invite"), {"email": "lin@charity.example", "role": "reader"})
    [letter] = mail.outbox
    assert letter.to == ["lin@charity.example"]
    assert "https://desk.charity.example/desk/come/" in letter.body


def test_the_link_never_names_the_host_that_was_asked(boss: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    given = {"email": "lin@charity.example", "role": "reader"}
    page = boss.post(reverse("desk:invite"), given, headers={"host": "evil.example"})
    assert "http://127.0.0.1:8000/desk/come/" in page.content.decode()
    assert "evil.example/desk" not in page.content.decode()


def test_a_poor_password_is_told_and_the_invitation_lives_on() -> None:
    made, client = make.invitation(), Client()
    answer = client.post(reverse("desk:come", args=[made.token]), {"name": "Lin", "password": "x"})
    assert answer.status_code == 422
    assert "too short" in answer.content.decode()
    assert Invitation.objects.get(used=None)


# --- signing in ----------------------------------------------------------------------------------


def test_name_and_password_lead_to_the_page_that_was_asked_for() -> None:
    _lin()
    client = Client()
    client.get(reverse("desk:sources"), follow=True)
    assert _sign_in(client).headers["Location"] == reverse("desk:sources")
    assert Deed.objects.get(verb="signed in").about == "by password"


def test_after_too_many_tries_the_page_says_how_long_to_wait_and_a_link_still_opens() -> None:
    lin, client = _lin(), Client()
    for _ in range(limits.ACCOUNT.most):
        assert _sign_in(client, "wrong").status_code == 422
    said = _sign_in(client)
    assert said.status_code == 429
    assert "Too many tries. Wait 15 minutes" in said.content.decode()
    link = reverse("desk:enter", args=[doors.link_for(lin, timezone.now())])
    assert client.post(link).headers["Location"] == reverse("desk:inbox")


def test_a_forged_chain_of_addresses_does_not_fool_the_limits(settings: Any) -> None:
    settings.PROXIES = 1
    for number in range(limits.ADDRESS.most):
        headers = {"x-forwarded-for": f"203.0.113.{number}, 198.51.100.7"}
        _sign_in(Client(headers=headers), "wrong", name=f"Guess {number}")
    said = _sign_in(Client(headers={"x-forwarded-for": "192.0.2.1, 198.51.100.7"}))
    assert "Too many tries" in said.content.decode()
    other = Client(headers={"x-forwarded-for": "198.51.100.7, 203.0.113.1"})
    assert "Too many tries" not in _sign_in(other).content.decode()


def test_the_second_factor_is_asked_and_until_then_nobody_is_in() -> None:
    lin, client = _lin(), Client()
    factors.confirm(lin, f"{totp(factors.begin(lin).bin_key):06d}", timezone.now())
    codes = factors.renew_codes(lin)
    assert "Your code" in _sign_in(client).content.decode()
    half = client.session.session_key
    assert client.get(reverse("desk:inbox")).status_code == 302
    assert client.post(reverse("desk:code"), {"code": "123"}).status_code == 422
    came = client.post(reverse("desk:code"), {"code": codes[0]})
    assert came.headers["Location"] == reverse("desk:inbox")
    assert client.session.session_key != half
    assert "9 are left" in _page(client, "desk:inbox")
    # A one-time link, too, is only one of the two.
    link = reverse("desk:enter", args=[doors.link_for(lin, timezone.now())])
    other = Client()
    assert "Your code" in other.post(link).content.decode()
    assert other.get(reverse("desk:inbox")).status_code == 302


def test_who_is_half_in_must_hurry() -> None:
    lin, client = _lin(), Client()
    factors.confirm(lin, f"{totp(factors.begin(lin).bin_key):06d}", timezone.now())
    _sign_in(client)
    session = client.session
    since = (timezone.now() - timedelta(minutes=11)).isoformat()
    session[sessions.HALF] = [lin.pk, "by password", since]
    session.save()
    assert client.get(reverse("desk:code")).headers["Location"] == reverse("desk:sign_in")


def test_a_desk_that_asks_for_a_second_factor_lets_nobody_on_without(boss: Client) -> None:
    lin, client = _lin(), Client()
    boss.post(reverse("desk:lay_down"), {"second_factor": "yes"})
    assert rules.current().second_factor
    _sign_in(client)
    assert client.get(reverse("desk:inbox")).headers["Location"] == reverse("desk:factor")
    client.post(reverse("desk:factor_begin"))
    assert "<svg" in _page(client, "desk:factor")
    device = App.objects.get(user=lin)
    page = client.post(reverse("desk:factor_confirm"), {"code": f"{totp(device.bin_key):06d}"})
    assert len(re.findall(r"<li><code>([A-Z2-7-]{19})</code>", page.content.decode())) == 10
    assert client.get(reverse("desk:inbox")).status_code == 200


def test_a_mailed_link_is_asked_for_in_the_same_words_whoever_is_named(settings: Any) -> None:
    from broadsheet.jobs.models import Job

    settings.MAIL_FROM = "desk@charity.example"
    lin = _lin()
    said = {
        Client().post(reverse("desk:mail_link"), {"name": name}, follow=True).content.decode().split("<main")[1].split("<form")[0]
        for name in ("Lin", "nobody", "lin@charity.example")
    }  # fmt: skip
    assert len(said) == 1
    assert set(Job.objects.values_list("kind", "key")) == {
        ("sign_in_link", str(lin.pk)),
        ("sign_in_link", "0"),
    }


# --- sessions ------------------------------------------------------------------------------------


def test_sessions_are_listed_in_words_and_end_at_once() -> None:
    _lin()
    here, there = (
        Client(headers={"user-agent": FIREFOX}),
        Client(headers={"user-agent": "iPhone Safari"}),
    )
    _sign_in(here)
    _sign_in(there)
    page = _page(here, "desk:account")
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert not any(row.pk in page for row in Session.objects.all())  # a key opens the desk
    theirs = sessions.public(Session.objects.get(device="Safari on iPhone"))
    here.post(reverse("desk:end_session"), {"session": theirs})
    assert there.get(reverse("desk:inbox")).status_code == 302
    assert here.get(reverse("desk:inbox")).status_code == 200


def test_nobody_ends_the_session_of_somebody_else(boss: Client) -> None:
    _lin()
    lin = Client()
    _sign_in(lin)
    name = sessions.public(Session.objects.get(editor__name="Lin"))
    boss.post(reverse("desk:end_session"), {"session": name})
    assert lin.get(reverse("desk:inbox")).status_code == 200


def test_a_new_password_ends_all_other_sessions_and_keeps_this_one() -> None:
    _lin()
    here, there = Client(), Client()
    _sign_in(here)
    _sign_in(there)
    new = {"old": GOOD, "new": "five other words by chance"}
    assert here.post(reverse("desk:password"), new).status_code == 302
    assert here.get(reverse("desk:inbox")).status_code == 200
    assert there.get(reverse("desk:inbox")).status_code == 302


def test_who_came_by_a_link_may_set_a_password_without_the_old_one() -> None:
    lin, client = _lin(), Client()
    client.post(reverse("desk:enter", args=[doors.link_for(lin, timezone.now())]))
    answer = client.post(reverse("desk:password"), {"new": "five other words by chance"})
    assert answer.status_code == 302
    lin.refresh_from_db()
    assert lin.check_password("five other words by chance")


def test_who_is_let_go_or_given_another_role_feels_it_at_the_next_click(boss: Client) -> None:
    lin, client = _lin(), Client()
    _sign_in(client)
    change = reverse("desk:change_editor", args=[lin.pk])
    boss.post(change, {"do": "role", "role": "reader", "reason": "on leave"})
    assert client.post(reverse("desk:draft"), {"month": "2019-06"}).status_code == 403
    boss.post(change, {"do": "let_go"})
    assert client.get(reverse("desk:inbox")).status_code == 302
    assert Deed.objects.get(verb="gave a role").reason == "on leave"


def test_reading_writes_when_a_session_was_last_used_at_most_every_five_minutes() -> None:
    _lin()
    client = Client()
    _sign_in(client)
    before = timezone.now() - timedelta(minutes=6)
    Session.objects.update(last_used=before)
    client.get(reverse("desk:account"))
    assert Session.objects.get().last_used > before


# --- a session that ends while somebody types ----------------------------------------------------


def test_what_was_typed_when_the_session_ended_stands_there_after_signing_in_again() -> None:
    lin = _lin()
    issue = make.issue()
    client = Client()
    _sign_in(client)
    client.get(reverse("desk:issue", args=[issue.pk]))
    sessions.end_all(lin)
    words = 'June, "the long way" <b>home</b>\nsecond line'
    to = reverse("desk:edit_issue", args=[issue.pk])
    page = client.post(to, {"title": words, "turn": "0"})
    assert page.status_code == 401
    assert "&lt;b&gt;home&lt;/b&gt;" in page.content.decode()
    carried = re.search(r'name="typed" value="([^"]+)"', page.content.decode())
    assert carried
    assert (
        _sign_in(client, "wrong", typed=carried.group(1)).content.decode().count("second line") == 1
    )
    back = _sign_in(client, typed=carried.group(1))
    assert back.status_code == 200
    assert f'action="{to}"' in back.content.decode()
    assert "&quot;the long way&quot; &lt;b&gt;home&lt;/b&gt;\nsecond line" in back.content.decode()
    issue.refresh_from_db()
    assert issue.title == "June 2019"  # nothing was sent by itself


def test_a_form_that_this_desk_did_not_sign_is_not_carried() -> None:
    _lin()
    answer = _sign_in(Client(), typed="WyIvZGVzay8iLCIiLFtdXQ:1abc:forged")
    assert answer.headers["Location"] == reverse("desk:inbox")


def test_a_script_is_told_in_words_that_the_session_ended() -> None:
    story = make.story()
    answer = Client().post(
        reverse("desk:decide", args=[story.pk]), {"action": "take"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 401
    assert "What you typed is still here" in answer.content.decode()


# --- the log -------------------------------------------------------------------------------------


def test_the_log_is_shown_narrowed_and_saved_as_a_table(boss: Client) -> None:
    now = timezone.now()
    log.note(None, "published", "June <2019>", now, "=cmd()")
    log.note(None, "drafted", "May 2019", now)
    page = boss.get(reverse("desk:log"), {"did": "published"}).content.decode()
    assert "June &lt;2019&gt;" in page
    assert "May 2019" not in page
    answer = boss.get(reverse("desk:log_csv"), {"did": "published"})
    table = b"".join(answer.streaming_content).decode()
    assert table.startswith("\ufeffwhen,who,did,what,why")
    assert "'=cmd()" in table
    assert "May" not in table


def test_the_desk_sets_how_long_its_log_is_kept(boss: Client) -> None:
    assert boss.post(reverse("desk:keep_log"), {"months": "0"}).status_code == 422
    boss.post(reverse("desk:keep_log"), {"months": "6"})
    assert rules.current().keep_log_months == 6
    boss.post(reverse("desk:keep_log"), {"months": ""})
    assert rules.current().keep_log_months is None
    assert Attempt.objects.count() == 0
