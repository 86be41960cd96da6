"""Signing up: only who reads the mailbox decides, and nobody else learns or does anything."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from broadsheet.mailing import abuse, erasing, signup, subscribing, suppression, tidying
from broadsheet.mailing.models import Consent, Happening, Proof, Subscriber, Suppression
from broadsheet.mailing.preferences import Wishes
from tests import make
from tests.mailing.conftest import Postman

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
WORDS = "I want to get The Letter."


def ask(form: Any, address: str = "ann@example.org", now: datetime = NOW, **wishes: Any) -> None:
    signup.ask(form.newsletter, address, Wishes(**wishes), WORDS, "192.0.2.0/24", now)


def token_of(path: str) -> str:
    return path.rsplit("/", 1)[1]


def states() -> dict[str, str]:
    return dict(Subscriber.objects.values_list("address", "state"))


# --- double opt-in -------------------------------------------------------------------------------


def test_who_confirms_is_subscribed_with_their_wishes_and_the_words(form, postman):
    ask(form, language="th", wants="link", discreet=True)
    assert states() == {"ann@example.org": "pending"}
    (letter,) = postman.round(NOW)
    assert letter.to == "ann@example.org"
    assert letter.language == "en", "not half in Thai, as long as we do not speak it"
    assert "The Letter" not in letter.subject, "a discreet subject from the first letter on"
    subscriber = signup.confirm(token_of(postman.link()), NOW)
    assert subscriber.state == "active"
    assert (subscriber.language, subscriber.wants, subscriber.discreet) == ("th", "link", True)
    consent = Consent.objects.get()
    assert (consent.words.text, consent.basis, consent.at) == (WORDS, "own", NOW)
    (welcome,) = postman.round(NOW)
    assert f"/p/{subscriber.token}" in welcome.text


def test_letters_are_short_lines_and_say_that_a_machine_wrote_them(form, postman):
    from broadsheet.mailing.replies import HEADERS

    ask(form)
    (letter,) = postman.round(NOW)
    assert all(len(line) <= 72 for line in letter.text.splitlines() if "http" not in line)
    assert ("Auto-Submitted", "auto-generated") in HEADERS
    assert not any("List-Unsubscribe" in name for name, _value in HEADERS)


def test_the_secret_of_a_link_is_in_no_table(form, postman):
    ask(form)
    postman.round(NOW)
    token = token_of(postman.link())
    kept = Proof.objects.get()
    assert token not in str(kept.__dict__)


def test_a_link_works_once_and_a_week(form, postman):
    ask(form)
    postman.round(NOW)
    token = token_of(postman.link())
    assert signup.confirm(token, NOW + signup.GOOD_FOR) is None
    assert signup.confirm(token, NOW) is not None
    assert signup.confirm(token, NOW) is None
    assert Consent.objects.count() == 1


def test_known_and_unknown_addresses_get_one_letter_each_and_the_same_answer(form, postman):
    make.subscriber("known@example.org")
    ask(form, "known@example.org")
    ask(form, "new@example.org")
    first, second = postman.round(NOW)
    assert {first.to, second.to} == {"known@example.org", "new@example.org"}
    assert states() == {"known@example.org": "active", "new@example.org": "pending"}


def test_a_stranger_cannot_fill_a_mailbox(form, postman):
    for minute in range(0, 24 * 60, 10):
        ask(form, now=NOW + timedelta(minutes=minute))
    assert len(postman.round(NOW + timedelta(days=1))) == abuse.LETTERS_A_DAY


def test_who_never_answers_is_not_asked_for_ever(form, postman):
    for day in range(20):
        now = NOW + timedelta(days=day)
        tidying.tidy(now)
        ask(form, now=now)
        postman.round(now)
    assert len(postman.letters) == signup.UNANSWERED


def test_one_network_cannot_sign_up_the_world(form):
    for n in range(abuse.FORMS_AN_HOUR):
        ask(form, f"a{n}@example.org")
    with pytest.raises(abuse.TooManyError):
        ask(form, "one-more@example.org")
    ask(form, "later@example.org", now=NOW + timedelta(hours=1, seconds=1))


def test_networks_are_counted_as_a_household_or_office_is():
    assert abuse.network("192.0.2.77") == "192.0.2.0/24"
    assert abuse.network("::ffff:192.0.2.77") == "192.0.2.0/24"
    assert abuse.network("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert abuse.network("what") == "unknown"


def test_who_never_confirmed_is_forgotten(form):
    ask(form)
    tidying.tidy(NOW + timedelta(days=29))
    assert Subscriber.objects.count() == 1
    tidying.tidy(NOW + timedelta(days=31))
    tidying.tidy(NOW + timedelta(days=45))
    assert Subscriber.objects.count() == 0


def test_a_clock_that_went_back_does_not_undo_a_confirmation(form, postman):
    left = make.subscriber("ann@example.org", state="unsubscribed", left=NOW + timedelta(days=400))
    ask(form)
    postman.round(NOW)
    assert signup.confirm(token_of(postman.link()), NOW).state == "active"
    left.refresh_from_db()
    assert subscribing.unsubscribe(left, NOW - timedelta(days=800), "one click")
    left.refresh_from_db()
    assert left.state == "unsubscribed"
    assert left.left >= left.consented


# --- leaving stays left --------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["unsubscribed", "complained"])
@pytest.mark.parametrize("basis", ["elsewhere", "by hand", "own"])
def test_the_database_itself_keeps_who_left_off_the_list(db, state, basis):
    one = make.subscriber(basis=basis)
    (subscribing.complained if state == "complained" else subscribing.unsubscribe)(
        one, NOW, "one click"
    )
    for change in (
        {"state": "active"},
        {"state": "paused"},
        {"state": "active", "consented": NOW + timedelta(days=1), "basis": "elsewhere"},
        {"state": "active", "consented": NOW - timedelta(days=1), "basis": "own"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Subscriber.objects.filter(pk=one.pk).update(**change)


def test_only_their_own_confirmation_brings_somebody_back(form, postman):
    one = make.subscriber("ann@example.org")
    subscribing.unsubscribe(one, NOW, "one click")
    with pytest.raises(subscribing.SubscribingError):
        signup.add_by_hand(form.newsletter, "ann@example.org", WORDS, "on paper", NOW)
    with pytest.raises(subscribing.SubscribingError):
        subscribing.reinstate(one, NOW, make.editor())
    later = NOW + timedelta(days=1)
    ask(form, now=later)
    postman.round(later)
    assert states()["ann@example.org"] == "unsubscribed", "asking alone changes nothing"
    signup.confirm(token_of(postman.link()), later)
    assert states()["ann@example.org"] == "active"


def test_who_leaves_meanwhile_is_not_brought_back_by_an_older_link(form, postman):
    one = make.subscriber("ann@example.org", state="bounced")
    ask(form)
    postman.round(NOW)
    subscribing.unsubscribe(one, NOW, "by mail")
    assert signup.confirm(token_of(postman.link()), NOW) is None
    assert states()["ann@example.org"] == "unsubscribed"


def test_leaving_twice_is_leaving_once(db):
    one = make.subscriber()
    assert subscribing.unsubscribe(one, NOW, "one click")
    assert not subscribing.unsubscribe(one, NOW + timedelta(days=1), "one click")
    assert one.left == NOW
    assert Happening.objects.count() == 1


class Life(TestCase):
    """Whatever happens in whatever order, who left last is not mailable."""

    @settings(max_examples=40, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(
            st.sampled_from(
                ["ask", "confirm", "leave", "complain", "bounce", "soft", "fine", "reinstate",
                 "by hand", "pause", "resume", "erase", "import"]
            ),
            max_size=14,
        )
    )  # fmt: skip
    def test_who_left_is_mailable_only_by_their_own_confirmation(self, steps):
        from broadsheet.mailing.models import SignUpForm
        from tests.mailing import imports

        newsletter = make.newsletter()
        form = SignUpForm.objects.get_or_create(newsletter=newsletter, open=True)[0]
        postman, editor, willing = Postman(), make.editor(), None
        for at, step in enumerate(steps):
            now = NOW + timedelta(days=20 * at)
            one = Subscriber.objects.filter(key="ann@example.org").first()
            if step == "ask":
                ask(form, now=now)
                postman.round(now)
            elif step == "confirm" and postman.letters and "/c/" in postman.link():
                willing = bool(signup.confirm(token_of(postman.link()), now)) or willing
            elif step == "by hand":
                try:
                    signup.add_by_hand(newsletter, "ann@example.org", WORDS, "on paper", now)
                    assert willing is not False
                except subscribing.SubscribingError:
                    assert willing is False
            elif step == "import":
                imports.take(newsletter, "address\nann@example.org\n", now)
            elif one is not None:
                if step == "leave":
                    subscribing.unsubscribe(one, now, "one click")
                    willing = False
                elif step == "complain":
                    subscribing.complained(one, now, "by report")
                    willing = False
                elif step == "bounce":
                    subscribing.bounced(one, now, "5.1.1")
                elif step == "soft":
                    subscribing.bounced_softly(one, now, "4.2.2")
                elif step == "fine":
                    subscribing.received([one.pk])
                elif step == "reinstate":
                    with contextlib.suppress(subscribing.SubscribingError):
                        subscribing.reinstate(one, now, editor)
                elif step == "pause":
                    subscribing.pause(one, now)
                elif step == "resume":
                    subscribing.resume(one, now)
                elif step == "erase":
                    erasing.erase(one.key, now)
                    willing = False
            if willing is False:
                assert not subscribing.mailable(newsletter).exists(), (steps, step)


# --- bounces -------------------------------------------------------------------------------------


def test_an_address_is_given_up_after_soft_bounces_over_weeks_and_not_before(db):
    one = make.subscriber()
    for day in range(5):  # a bad week is no reason
        assert not subscribing.bounced_softly(one, NOW + timedelta(days=day), "4.2.2")
    assert one.state == "active"
    assert subscribing.bounced_softly(one, NOW + timedelta(days=14), "4.2.2")
    assert one.state == "bounced"


def test_mail_that_goes_through_forgives_soft_bounces(db):
    one = make.subscriber()
    subscribing.bounced_softly(one, NOW, "4.2.2")
    assert subscribing.received([one.pk]) == 1
    assert not subscribing.bounced_softly(one, NOW + timedelta(days=90), "4.2.2")
    assert one.soft_bounces == 1


def test_an_editor_may_try_a_bounced_address_again(db):
    one = make.subscriber()
    subscribing.bounced(one, NOW, "5.1.1")
    assert not subscribing.mailable(one.newsletter).exists()
    subscribing.reinstate(one, NOW, make.editor())
    assert subscribing.mailable(one.newsletter).exists()


# --- who gets what -------------------------------------------------------------------------------


def test_the_audience_is_the_active_by_language_and_topic(db, django_assert_num_queries):
    from broadsheet.mailing.models import Topic

    letter = make.newsletter()
    events = Topic.objects.create(newsletter=letter, name="Events")
    all_of_it = make.subscriber()
    thai = make.subscriber(language="th")
    english = make.subscriber(language="en")
    english.topics.add(events)
    for state in ("pending", "paused", "bounced"):
        make.subscriber(state=state)
    for state in ("unsubscribed", "complained"):
        make.subscriber(state=state, left=NOW)
    with django_assert_num_queries(4):
        assert list(subscribing.mailable(letter)) == [all_of_it, thai, english]
        assert list(subscribing.mailable(letter, language="th")) == [thai]
        assert list(subscribing.mailable(letter, language="en")) == [all_of_it, english]
        assert list(subscribing.mailable(letter, topic=events)) == [all_of_it, thai, english]
    other = Topic.objects.create(newsletter=letter, name="Law")
    assert list(subscribing.mailable(letter, topic=other)) == [all_of_it, thai]


# --- erasing -------------------------------------------------------------------------------------


def test_the_erased_leave_nothing_but_a_number_and_a_keyed_hash(form, postman):
    ask(form)
    postman.round(NOW)
    subscriber = signup.confirm(token_of(postman.link()), NOW)
    postman.round(NOW)
    old_token = subscriber.token
    assert erasing.erase("ann@example.org", NOW) == 1
    everything = _all_that_is_kept()
    assert "ann" not in everything.lower().replace("planned", "")
    assert old_token not in everything
    assert subscribing.by_token(old_token) is None
    assert suppression.suppressed(["ann@example.org"], form.newsletter) == {"ann@example.org"}
    assert Suppression.objects.get().mark not in ("", "ann@example.org")


def _all_that_is_kept() -> str:
    from django.apps import apps

    rows = []
    for app in ("mailing", "jobs", "people"):
        for model in apps.get_app_config(app).get_models():
            rows += [str(row.__dict__) for row in model.objects.all()]
    return "\n".join(rows)


def test_the_erased_are_not_added_again_but_may_come_back_by_themselves(form, postman):
    make.subscriber("ann@example.org")
    erasing.erase("ann@example.org", NOW)
    with pytest.raises(subscribing.SubscribingError):
        signup.add_by_hand(form.newsletter, "Ann@example.org", WORDS, "on paper", NOW)
    ask(form)
    postman.round(NOW)
    assert signup.confirm(token_of(postman.link()), NOW) is not None
    assert suppression.suppressed(["ann@example.org"], form.newsletter) == set()


def test_a_suppression_outlives_a_change_of_the_secret_key(form, settings):
    erasing.erase("ann@example.org", NOW)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new one"
    assert suppression.suppressed(["ann@example.org"], form.newsletter)


def test_a_domain_of_nobody_else_is_forgotten_with_its_owner(db):
    from broadsheet.mailing.models import MailDomain

    for address in ("ann@ann-lee.example", "ann@shared.example", "ben@shared.example"):
        make.subscriber(address)
    for name in ("ann-lee.example", "shared.example"):
        MailDomain.objects.create(name=name, service=name, looked_up=NOW)
    erasing.erase("ann@ann-lee.example", NOW)
    erasing.erase("ann@shared.example", NOW)
    assert list(MailDomain.objects.values_list("name", flat=True)) == ["shared.example"]


def test_an_open_letter_to_the_erased_is_not_written(form, postman):
    ask(form)
    erasing.erase("ann@example.org", NOW)
    assert postman.round(NOW) == []


def test_a_form_in_the_client_is_asked_for_by_its_words(form, client: Client):
    page = client.get(f"/subscribe/{form.newsletter.pk}/").content.decode()
    assert re.search(r'name="words" value="I want to get The Letter', page)
