"""Taking an import back: what it alone did is undone, what a person did since never is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.mailing import (
    audience,
    dispatch,
    erasing,
    importing,
    preferences,
    rounds,
    signup,
    subscribing,
    undoing,
)
from broadsheet.mailing.models import Consent, Delivery, Import, Subscriber, Trace
from tests import make
from tests.mailing import post
from tests.mailing.imports import AGREED, look, take

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def states():
    return dict(Subscriber.objects.values_list("key", "state"))


def one(name):
    return Subscriber.objects.get(key=f"{name}@example.org")


def back(made, **but):
    undoing.undo(made, None, LATER, **but)
    for _done in undoing.take_back(made, LATER):
        pass
    made.refresh_from_db()
    assert made.state == "undone"
    return made.settings["undo"]["counts"]


def rows(*names, **but):
    return "email\n" + "".join(f"{name}@example.org\n" for name in names)


def test_an_import_is_taken_back_as_if_it_had_never_been():
    newsletter = make.newsletter()
    make.subscriber("own@example.org")
    make.subscriber("asked@example.org", state="pending", basis="", consented=None)
    before = list(Subscriber.objects.order_by("pk").values())
    made = take(newsletter, rows("ann", "ben", "own", "asked"), NOW)
    assert Subscriber.objects.filter(state="active").count() == 4
    assert undoing.fates_of(made) == {"off": 2, "unconfirmed": 1}
    assert back(made) == {"off": 2, "unconfirmed": 1}
    assert list(Subscriber.objects.order_by("pk").values()) == before
    assert not Consent.objects.exists()
    assert not Trace.objects.exists()


def _confirm(subscriber):
    subscribing.unsubscribe(subscriber, NOW, "one click")
    signup.ask(subscriber.newsletter, subscriber.address, preferences.Wishes(), AGREED, "x", NOW)
    signup.confirm(signup.seal(subscriber.proofs.get()), NOW + timedelta(minutes=1))


DEEDS = {
    "confirmed": _confirm,
    "chose": lambda one: preferences.choose(one, preferences.Wishes(wants="link"), NOW),
    "paused": lambda one: subscribing.pause(one, NOW),
    "left": lambda one: subscribing.unsubscribe(one, NOW, "one click"),
    "complained": lambda one: subscribing.complained(one, NOW, "a report"),
    "signed_up": lambda one: signup.ask(
        one.newsletter, one.address, preferences.Wishes(), AGREED, "x", NOW
    ),
    "by_hand": lambda one: signup.add_by_hand(one.newsletter, one.address, AGREED, "paper", NOW),
    "data": lambda one: signup.ask_for_data(one, NOW),
}


@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_who_did_something_since_stays_as_they_are(form, deed):
    made = take(form.newsletter, rows("ann", "ben"), NOW)
    DEEDS[deed](one("ann"))
    before = Subscriber.objects.filter(key="ann@example.org").values().get()
    counts = back(made)
    assert counts == {"off": 1, "confirmed" if deed in ("confirmed", "by_hand") else "acted": 1}
    assert list(Subscriber.objects.values()) == [before]


def test_who_was_sent_an_issue_stays_and_who_only_waits_for_it_goes():
    newsletter = make.newsletter()
    edition = post.edition()
    made = take(newsletter, rows("sent", "waits", "new"), NOW)
    order = dispatch.order(edition, audience.Choice(), None, NOW)
    dispatch.freeze(order, NOW)
    Delivery.objects.filter(subscriber=one("sent")).update(state="accepted", tried=NOW)
    Delivery.objects.filter(subscriber=one("new")).delete()
    assert back(made) == {"sent": 1, "off": 2}
    assert states() == {"sent@example.org": "active", "": "erased"}
    order.refresh_from_db()
    assert order.audience == 3
    assert sorted(order.deliveries.values_list("state", flat=True)) == ["accepted", "left"]
    # Nobody asked to be erased: a good file may bring them.
    take(newsletter, rows("waits"), LATER)
    assert one("waits").state == "active"


def test_who_was_sent_an_issue_without_ever_agreeing_can_be_unsubscribed_with_the_rest():
    newsletter = make.newsletter()
    order = dispatch.order(post.edition(), audience.Choice(), None, NOW)
    made = take(newsletter, rows("sent", "new"), NOW)
    dispatch.freeze(order, NOW)
    Delivery.objects.filter(subscriber=one("sent")).update(state="accepted", tried=NOW)
    Delivery.objects.filter(subscriber=one("new")).delete()
    assert back(made, sent=True) == {"sent": 1, "off": 1}
    assert states() == {"sent@example.org": "unsubscribed"}
    assert "list.csv" in one("sent").happenings.get().note
    assert not Delivery.objects.exclude(unsubscribed=None).exists(), (
        "they did not leave by a letter"
    )


def test_who_left_or_bounced_there_is_not_written_to_unless_the_editor_says_the_file_was_wrong():
    table = "email,status\nleft@example.org,unsubscribed\nback@example.org,cleaned\nhere@example.org,unsubscribed\ndead@example.org,bounced\n"
    for away in (False, True):
        newsletter = make.newsletter(name=f"Letter {away}")
        for name in ("here", "dead"):
            make.subscriber(f"{name}@example.org", newsletter=newsletter, basis="elsewhere")
        before = list(newsletter.subscribers.order_by("pk").values())
        made = take(newsletter, table, NOW)
        gone = list(newsletter.subscribers.order_by("pk").values())
        if not away:
            with pytest.raises(subscribing.SubscribingError):
                undoing.undo(made, None, LATER)
            assert list(newsletter.subscribers.order_by("pk").values()) == gone
            continue
        assert back(made, away=True) == {"away": 2, "ended": 2}
        assert list(newsletter.subscribers.order_by("pk").values()) == before


def test_who_says_so_themselves_stays_gone_though_the_file_was_wrong():
    newsletter = make.newsletter()
    make.subscriber("here@example.org", basis="elsewhere")
    made = take(
        newsletter,
        "email,status\nhere@example.org,unsubscribed\nnew@example.org,unsubscribed\n",
        NOW,
    )
    for name in ("here", "new"):
        assert not subscribing.unsubscribe(one(name), NOW, "one click")
        assert not subscribing.unsubscribe(one(name), NOW, "one click")
        assert one(name).happenings.filter(note="one click").count() == 1
    with pytest.raises(subscribing.SubscribingError):
        undoing.undo(made, None, LATER, away=True)
    assert set(states().values()) == {"unsubscribed"}


def test_who_is_in_another_file_as_well_stays_by_that_file():
    newsletter = make.newsletter()
    wrong = take(newsletter, rows("ann", "ben"), NOW, "wrong.csv")
    right = take(newsletter, rows("ann", "cleo"), NOW, "right.csv")
    assert back(wrong) == {"another": 1, "off": 1}
    assert set(states()) == {"ann@example.org", "cleo@example.org"}
    assert "right.csv" in Consent.objects.get(subscriber=one("ann")).how
    assert back(right) == {"off": 2}
    assert states() == {}


def test_two_files_that_end_a_subscription_must_both_be_taken_back():
    newsletter = make.newsletter()
    make.subscriber("ann@example.org", basis="elsewhere")
    table = "email,status\nann@example.org,unsubscribed\n"
    first, second = take(newsletter, table, NOW), take(newsletter, table, NOW)
    assert back(first, away=True) == {"another": 1}
    assert one("ann").state == "unsubscribed"
    assert back(second, away=True) == {"ended": 1}
    assert one("ann").state == "active"


def test_taking_back_goes_on_where_it_was_killed(monkeypatch):
    monkeypatch.setattr(undoing, "CHUNK", 3)
    made = take(make.newsletter(), rows(*"abcdefgh"), NOW)
    subscribing.pause(one("a"), NOW)
    undoing.undo(made, None, LATER)
    going = undoing.take_back(made, LATER)
    assert next(going) == 3
    going.close()
    assert list(undoing.take_back(Import.objects.get(), LATER)) == [6, 8]
    assert Import.objects.get().settings["undo"]["counts"] == {"acted": 1, "off": 7}
    assert states() == {"a@example.org": "paused"}
    assert list(undoing.take_back(Import.objects.get(), LATER)) == []


def test_an_import_that_was_stopped_can_be_taken_back(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 3)
    made = look(make.newsletter(), rows(*"abcdefgh"), NOW)
    importing.agree(made, AGREED, NOW)
    going = importing.take(made, NOW)
    next(going)
    assert not undoing.can(made), "it is being taken in"
    importing.drop(made, NOW)
    assert list(going) == []
    assert back(made) == {"off": 3}
    importing.drop(made, NOW)
    assert made.state == "undone"


def test_the_erased_leave_nothing_in_the_traces_of_imports():
    newsletter = make.newsletter()
    make.subscriber("here@example.org", basis="elsewhere")
    take(newsletter, rows("ann"), NOW)
    take(
        newsletter,
        "email,status\nhere@example.org,left\nann@example.org,left\nhere@example.org,unsubscribed\n",
        NOW,
    )
    erasing.erase("here@example.org", NOW)
    erasing.erase("ann@example.org", NOW)
    assert not Trace.objects.exists()
    assert not Subscriber.objects.exclude(imported=None).exists()


def test_nobody_is_taken_in_without_words_though_they_turned_new_after_the_preview():
    newsletter = make.newsletter()
    make.subscriber("ann@example.org", basis="elsewhere")
    made = look(newsletter, rows("ann"), NOW)
    importing.agree(made, "", NOW)
    Subscriber.objects.all().delete()
    list(importing.take(made, NOW))
    made.refresh_from_db()
    assert made.settings["taken"] == {"unasked": 1}
    assert states() == {}


def test_the_worker_takes_an_import_back():
    from broadsheet.jobs import queue

    made = take(make.newsletter(), rows("ann"), NOW)
    editor = make.editor()
    undoing.undo(made, editor, LATER)
    while job := queue.claim("worker", LATER):
        queue.finish(job, LATER, came=rounds.run(job, lambda: LATER))
    made.refresh_from_db()
    assert (made.state, made.undone, made.undone_by) == ("undone", LATER, editor)
