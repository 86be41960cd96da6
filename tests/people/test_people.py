"""Roles, invitations, passwords, the second factor, sessions, limits, the log."""

from __future__ import annotations

import csv
import io
import itertools
import threading
import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import sealing
from broadsheet.people import devices, doors, errors, factors, inviting, limits, log, roles, rules
from broadsheet.people.models import App, Attempt, Deed, Editor, Invitation, RecoveryCode, Rules
from broadsheet.people.roles import May
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
GOOD = "four words by chance"


def _with_password(**but: object) -> Editor:
    someone: Editor = make.editor(**but)
    someone.set_password(GOOD)
    someone.save()
    return someone


def _code(device: App) -> str:
    return f"{totp(device.bin_key):06d}"


# --- roles ---------------------------------------------------------------------------------------


def test_the_docs_print_the_table_that_the_code_asks() -> None:
    text = (Path(__file__).parent.parent.parent / "docs/people.md").read_text()
    for what, words in roles.WORDS.items():
        cells = " | ".join("yes" if roles.may(role, what) else "no" for role in roles.Role.values)
        assert f"| {words} | {cells} |" in text


def test_each_role_may_all_that_the_ones_below_it_may() -> None:
    ladder = [roles.ALLOWED[role] for role in ("reader", "contributor", "editor", "administrator")]
    assert all(low < high for low, high in itertools.pairwise(ladder))
    assert ladder[-1] == set(May)
    assert not any(roles.may("somebody else", what) for what in May)


# --- invitations ---------------------------------------------------------------------------------


def test_an_invitation_brings_one_editor_in_once() -> None:
    made = make.invitation(email="lin@charity.example", role="contributor")
    came = inviting.accept(made.token, "Lin", GOOD, made.made)
    assert (came.name, came.role, came.email) == ("Lin", "contributor", "lin@charity.example")
    assert came.check_password(GOOD)
    with pytest.raises(doors.DoorError, match="does not work any more"):
        inviting.accept(made.token, "Another", GOOD, made.made)


def test_an_invitation_ends_after_a_week_or_when_taken_back_or_sent_anew() -> None:
    made = make.invitation(email="lin@charity.example")
    assert inviting.invited(made.token, made.made + inviting.GOOD_FOR) is None
    again = make.invitation(email="LIN@charity.example", by=made.invited_by)
    assert inviting.invited(made.token, made.made) is None
    inviting.take_back(again, made.invited_by, again.made)
    assert inviting.invited(again.token, again.made) is None
    assert made.token not in str(Invitation.objects.values())


def test_who_was_let_go_and_is_invited_again_is_the_same_person() -> None:
    boss, lin = make.editor(role="administrator"), make.editor(email="lin@charity.example")
    inviting.let_go(lin, boss, NOW)
    made = make.invitation(email="lin@charity.example", by=boss)
    assert inviting.accept(made.token, lin.name, GOOD, made.made) == lin


def test_the_last_administrator_stays() -> None:
    boss = make.editor(role="administrator")
    for act in (
        lambda: inviting.let_go(boss, boss, NOW),
        lambda: inviting.give_role(boss, "editor", boss, NOW),
    ):
        with pytest.raises(doors.DoorError, match="only administrator"):
            act()
    make.editor(role="administrator")
    inviting.give_role(boss, "editor", boss, NOW, "wants to write again")
    assert Deed.objects.get(verb="gave a role").reason == "wants to write again"


def test_two_editors_cannot_share_an_address_in_any_case() -> None:
    make.editor(email="lin@charity.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        make.editor(email="Lin@charity.example")
    make.editor(email="")
    make.editor(email="")


# --- passwords and limits ------------------------------------------------------------------------


def test_a_name_or_an_address_and_the_password_let_in() -> None:
    lin = _with_password(name="Lin", email="lin@charity.example")
    for name in ("Lin", " lin@charity.example", "LIN@charity.example"):
        assert doors.by_password(name, GOOD, "10.0.0.1", NOW) == lin


def test_nobody_learns_whether_a_name_exists() -> None:
    _with_password(name="Lin")
    make.editor(name="No password")
    _with_password(name="Gone", is_active=False)
    said = set()
    for name, password in [("Lin", "wrong"), ("Nobody", GOOD), ("No password", ""), ("Gone", GOOD)]:
        with pytest.raises(doors.DoorError) as told:
            doors.by_password(name, password, "10.0.0.1", NOW)
        said.add(str(told.value))
    assert len(said) == 1


@pytest.mark.parametrize("name", ["Lin", "nobody here"])
def test_after_ten_tries_even_the_right_password_waits_and_then_opens(name: str) -> None:
    _with_password(name="Lin")
    for _ in range(limits.ACCOUNT.most):
        with pytest.raises(doors.DoorError, match="do not go together"):
            doors.by_password(name, "wrong", "10.0.0.1", NOW)
    with pytest.raises(errors.WaitError, match="Wait 15 minutes"):
        doors.by_password(name, GOOD, "10.0.0.1", NOW)
    if name == "Lin":
        assert doors.by_password(name, GOOD, "10.0.0.1", NOW + limits.ACCOUNT.within)


def test_who_fails_on_purpose_locks_themselves_out_and_not_the_owner() -> None:
    lin = _with_password(name="Lin", email="lin@charity.example")
    for name in ("Lin", "lin@charity.example") * limits.ACCOUNT.most:
        with pytest.raises(doors.DoorError):
            doors.by_password(name, "wrong", "203.0.113.9", NOW)
    assert doors.by_password("Lin", GOOD, "10.0.0.1", NOW) == lin
    with pytest.raises(errors.WaitError):
        doors.by_password("Lin", GOOD, "203.0.113.9", NOW)


def test_an_account_that_is_tried_from_everywhere_waits_and_then_opens() -> None:
    lin = _with_password(name="Lin")
    for number in range(limits.EVERYWHERE.most):
        limits.knock(limits.EVERYWHERE, str(lin.pk), NOW + timedelta(seconds=number))
    with pytest.raises(errors.WaitError, match="Wait 55 minutes"):
        doors.by_password("Lin", GOOD, "10.0.0.1", NOW + timedelta(minutes=5))
    assert doors.by_password("Lin", GOOD, "10.0.0.1", NOW + limits.EVERYWHERE.within) == lin


def test_what_failed_is_counted_for_a_day_and_said_without_name_and_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    _with_password(name="Lin")
    for place in ("203.0.113.9", "203.0.113.9", "2001:db8::/64"):
        with pytest.raises(doors.DoorError):
            doors.by_password("Lin", "wrong", place, NOW)
    assert doors.by_password("Lin", GOOD, "10.0.0.1", NOW)
    assert limits.failures(NOW) == limits.Failed(tries=3, places=2)
    assert limits.failures(NOW + limits.KEPT) == limits.Failed(tries=0, places=0)
    first, again, other = caplog.messages
    assert first.startswith("A sign-in failed: name and password, account ")
    assert first == again
    assert first != other
    for secret in ("Lin", "203.0.113", "2001:db8", "wrong"):
        assert secret not in caplog.text.replace("test_people.py", "")


def test_an_address_that_tries_many_names_is_stopped() -> None:
    for number in range(limits.ADDRESS.most):
        limits.knock(limits.ADDRESS, "10.0.0.1", NOW + timedelta(seconds=number))
    with pytest.raises(doors.DoorError, match="Too many tries"):
        doors.by_password("Lin", GOOD, "10.0.0.1", NOW + timedelta(minutes=1))
    assert "10.0.0.1" not in str(Attempt.objects.values())


@pytest.mark.django_db(transaction=True)
def test_of_many_tries_at_once_no_more_than_the_limit_get_through() -> None:
    through: list[int] = []

    def try_it() -> None:
        through.append(limits.knock(limits.CODE, "7", NOW))
        connection.close()

    threads = [threading.Thread(target=try_it) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert 1 <= through.count(0) <= limits.CODE.most


@pytest.mark.parametrize("poor", ["short", "password1234", "Lin Example 1", "123456789012"])
def test_a_password_that_is_guessed_first_is_refused(poor: str) -> None:
    lin = make.editor(name="Lin Example", email="lin@charity.example")
    with pytest.raises(ValidationError):
        doors.set_password(lin, poor, NOW, old=None, session=None)


def test_a_new_password_needs_the_old_one_and_kills_waiting_links() -> None:
    lin = _with_password()
    token = doors.link_for(lin, NOW)
    with pytest.raises(doors.DoorError, match="not your present password"):
        doors.set_password(lin, "another good one", NOW, old="wrong", session=None)
    doors.set_password(lin, "another good one", NOW, old=GOOD, session=None)
    assert doors.whose(token, NOW) is None


# --- the second factor ---------------------------------------------------------------------------


def _with_factor() -> tuple[Editor, App, list[str]]:
    lin = _with_password()
    device = factors.begin(lin)
    assert not factors.has(lin)
    codes = factors.confirm(lin, _code(device), NOW)
    return lin, App.objects.get(), codes


def test_a_second_factor_is_in_use_once_a_code_has_shown_that_the_app_has_it() -> None:
    lin = make.editor()
    device = factors.begin(lin)
    with pytest.raises(doors.DoorError, match="not the code"):
        factors.confirm(lin, f"{(int(_code(device)) + 1) % 10**6:06d}", NOW)
    assert not factors.has(lin)
    assert len(factors.confirm(lin, _code(device), NOW)) == factors.CODES
    assert factors.has(lin)


def test_the_secret_of_a_second_factor_is_not_in_the_database_and_opens_with_the_old_key(
    settings: Any,
) -> None:
    lin, device, _codes = _with_factor()
    kept = TOTPDevice.objects.get().key
    assert kept.startswith(sealing.MARK)
    assert len(kept) <= 80  # the column of django-otp; PostgreSQL holds to it
    assert device.bin_key.hex() not in str(TOTPDevice.objects.values().get())
    code = _code(device)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 40, []
    with pytest.raises(doors.DoorError, match="secret key has changed"):
        factors.check(lin, code, NOW)
    begun = factors.begin(lin)
    settings.SECRET_KEY_FALLBACKS = ["n" * 40]
    settings.SECRET_KEY = "m" * 40
    assert factors.begin(lin) == begun
    settings.SECRET_KEY_FALLBACKS = []
    assert factors.waiting(lin) is None
    assert factors.begin(lin) != begun


def test_a_secret_kept_in_clear_is_sealed_by_the_upgrade_and_still_makes_the_same_codes() -> None:
    step = import_module("broadsheet.people.migrations.0004_sealed_factors")
    plain = b"twenty bytes exactly"
    TOTPDevice.objects.create(user=make.editor(), key=plain.hex(), confirmed=True)
    assert App.objects.get().bin_key == plain
    step.seal(apps, None)
    step.seal(apps, None)
    assert TOTPDevice.objects.get().key.startswith(sealing.MARK)
    assert App.objects.get().bin_key == plain
    step.unseal(apps, None)
    assert TOTPDevice.objects.get().key == plain.hex()


def test_no_code_of_the_app_counts_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    lin, device, _ = _with_factor()
    with pytest.raises(doors.DoorError, match="used before"):
        factors.check(lin, _code(device), NOW)  # it was used to confirm
    later = time.time() + 60
    monkeypatch.setattr(time, "time", lambda: later)
    code = f"{totp(device.bin_key, drift=2):06d}"  # its `time` is bound at import
    assert factors.check(lin, code, NOW) == factors.APP
    with pytest.raises(doors.DoorError):
        factors.check(lin, code, NOW)


def test_a_recovery_code_lets_in_once_however_it_is_typed() -> None:
    lin, _, codes = _with_factor()
    assert factors.check(lin, codes[0].lower().replace("-", " "), NOW) == factors.RECOVERY
    with pytest.raises(doors.DoorError):
        factors.check(lin, codes[0], NOW)
    assert factors.codes_left(lin) == factors.CODES - 1
    plain = codes[1].replace("-", "")
    assert plain not in str(RecoveryCode.objects.values())
    with pytest.raises(doors.DoorError):
        factors.check(make.editor(), codes[1], NOW)


def test_after_five_wrong_codes_the_right_one_waits() -> None:
    lin, _, codes = _with_factor()
    for _n in range(limits.CODE.most):
        with pytest.raises(doors.DoorError):
            factors.check(lin, "000000", NOW)
    with pytest.raises(doors.DoorError, match="Too many tries"):
        factors.check(lin, codes[0], NOW)


@given(st.text(max_size=60))
def test_nothing_that_can_be_typed_breaks_the_second_factor(typed: str) -> None:
    assert factors._shaped(typed) in (True, False)
    assert len(factors._hash(typed)) == 64


def test_the_picture_is_svg_of_our_own_and_asks_nobody() -> None:
    picture = factors.picture(factors.begin(make.editor(name='<script>"&')))
    assert picture.startswith("<svg")
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
    assert "script" not in picture


# --- the log -------------------------------------------------------------------------------------


def test_the_log_is_narrowed_by_who_what_when_and_words() -> None:
    lin, other = make.editor(name="Lin"), make.editor()
    log.note(lin, "published", "June 2019", NOW, "the director agreed")
    log.note(other, "published", "May 2019", NOW - timedelta(days=40))
    log.note(None, "forgot", "something", NOW)
    told = {
        "who": log.Filter(editor=lin.pk),
        "words": log.Filter(words="DIRECTOR"),
        "when": log.Filter(verb="published", since=NOW.date(), until=NOW.date()),
    }
    for chosen in told.values():
        assert [one.about for one in log.deeds(chosen)] == ["June 2019"]
    assert log.verbs() == ["forgot", "published"]


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=80))
def test_no_cell_of_the_log_is_run_by_a_spreadsheet_and_none_is_lost(words: str) -> None:
    deed = Deed(verb="did", about=words, at=NOW)
    rows = list(csv.reader(io.StringIO("".join(log.as_csv([deed])), newline="")))
    assert not rows[1][3].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert rows[1][3] in (words, f"'{words}")


def test_the_log_lets_go_of_what_is_older_than_the_desk_says_and_writes_that_down() -> None:
    log.note(None, "old", "", NOW - timedelta(days=100))
    log.note(None, "new", "", NOW - timedelta(days=50))
    rules.lay_down(keep_log_months=None)
    assert log.forget(NOW) == 0
    rules.lay_down(keep_log_months=2)
    assert log.forget(NOW) == 1
    assert sorted(Deed.objects.values_list("verb", flat=True)) == ["forgot", "new"]


def test_a_desk_has_one_set_of_rules() -> None:
    rules.lay_down(second_factor=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Rules.objects.create(id=2)


# --- browsers in words ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 (KHTML) Chrome/140 Safari/537 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604", "Safari on iPhone"),
        ("", "a browser that does not say its name"),
    ],
)  # fmt: skip
def test_a_browser_is_told_by_what_its_owner_knows_it_by(agent: str, words: str) -> None:
    assert devices.words(agent) == words
