"""Sending: who gets it, once; how fast; what happens when the server, the disk or the clock misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from broadsheet.mailing import dispatch, pace, presence
from broadsheet.mailing.audience import Choice, count
from broadsheet.mailing.models import Delivery, Dispatch, MailService
from broadsheet.mailing.postroom import Postroom
from broadsheet.mailing.transports import Fate, Outcome, TransportError
from tests import make
from tests.mailing import post
from tests.mailing.post import Told

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
GO = threading.Event()


@pytest.fixture(autouse=True)
def _sender(settings: Any, tmp_path: Any) -> None:
    settings.MAIL_SENDER = "Lantern House <letter@lantern.example>"
    settings.MAIL_BOUNCES = "bounce@lantern.example"
    settings.DKIM_FOLDER = tmp_path / "dkim"


def _ready(readers: int = 3, **but: Any) -> Dispatch:
    """A dispatch that is frozen to some readers."""
    return _ready_for(*[""] * readers, **but)  # each gets an address of its own


def _ready_for(*addresses: str, **but: Any) -> Dispatch:
    """A dispatch that is frozen to readers at these addresses."""
    edition = post.edition()
    for address in addresses:
        post.reader(edition.issue.newsletter, address)
    made = dispatch.order(edition, Choice(), None, NOW, **but)
    dispatch.freeze(made, NOW)
    return made


def _at_gmail(readers: int) -> list[str]:
    return [f"r{number}@gmail.com" for number in range(readers)]


def _room(transport: Any, clock: Callable[[], datetime] = lambda: NOW, **but: Any) -> Postroom:
    return Postroom(lambda: transport, clock=clock, **but)


def _states(made: Dispatch) -> list[str]:
    return list(made.deliveries.order_by("pk").values_list("state", flat=True))


def test_an_edition_goes_to_everybody_once_and_the_dispatch_ends() -> None:
    made, way = _ready(45), Told()
    assert _room(way).turn(GO) == 45
    assert _room(way).turn(GO) == 0
    made.refresh_from_db()
    assert (made.state, made.audience, len(way.letters)) == ("done", 45, 45)
    assert len({letter.to for letter in way.letters}) == 45
    assert len({letter.sender for letter in way.letters}) == 45  # each its own return path


# --- to whom -------------------------------------------------------------------------------------


def test_a_correction_passes_over_who_had_the_issue() -> None:
    made = _ready(2)
    _room(Told()).turn(GO)
    new = post.reader(made.edition.issue.newsletter)
    again = dispatch.order(post.correction(made.edition), Choice(), None, NOW)
    dispatch.freeze(again, NOW)
    again.refresh_from_db()
    assert list(again.deliveries.values_list("subscriber", flat=True)) == [new.pk]
    assert (again.audience, again.passed_over) == (1, 2)


def test_a_correction_goes_to_all_where_the_editor_says_why() -> None:
    made = _ready(2)
    correction = post.correction(made.edition)
    again = dispatch.order(correction, Choice(), None, NOW, again="The hotline's number was wrong.")
    assert dispatch.freeze(again, NOW) == 2


def test_another_language_of_the_issue_passes_over_who_had_it() -> None:
    made = _ready(2)
    other = post.edition(
        language="zh-Hant", alternates=[{"language": "en", "uid": made.edition.issue.uid}]
    )
    new = post.reader(made.edition.issue.newsletter, language="zh-Hant")
    made.deliveries.first().subscriber.__class__.objects.exclude(pk=new.pk).update(
        language="zh-Hant"
    )
    again = dispatch.order(other, Choice(), None, NOW)
    dispatch.freeze(again, NOW)
    assert list(again.deliveries.values_list("subscriber", flat=True)) == [new.pk]


def test_the_database_itself_refuses_a_second_delivery() -> None:
    one = _ready(1).deliveries.get()
    with (
        pytest.raises(IntegrityError, match=r"subscriber_id|delivery_of_a_matter_once"),
        transaction.atomic(),
    ):
        Delivery.objects.create(dispatch=one.dispatch, subscriber=one.subscriber, matter=one.matter,
                                round=0, domain="x", due=NOW)  # fmt: skip


def test_languages_and_topics_choose() -> None:
    edition = post.edition(language="en")
    newsletter = edition.issue.newsletter
    ours, default, thai = (post.reader(newsletter, language=tag) for tag in ("en", "", "th"))
    assert count(edition, Choice(others=False)).chosen == 2
    assert count(edition, Choice()).chosen == 3
    assert count(edition, Choice(languages=("th",), others=False)).chosen == 1
    from broadsheet.mailing.models import Topic

    sea, land = (Topic.objects.create(newsletter=newsletter, name=name) for name in ("sea", "land"))
    ours.topics.add(sea)
    default.topics.add(land)
    assert count(edition, Choice(topics=(sea.pk,))).chosen == 2  # and who chose none: thai
    assert thai.topics.count() == 0


def test_who_leaves_after_the_audience_was_frozen_gets_nothing() -> None:
    made, way = _ready(3), Told()
    gone = made.deliveries.first()
    assert gone is not None
    from broadsheet.mailing import subscribing

    subscribing.unsubscribe(gone.subscriber, NOW, "one click")
    _room(way).turn(GO)
    assert gone.subscriber.address not in {letter.to for letter in way.letters}
    assert sorted(_states(made)) == ["accepted", "accepted", "left"]


def test_freezing_that_was_cut_short_is_taken_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broadsheet.mailing.audience.SHARE", 4)
    from broadsheet.mailing import audience

    edition = post.edition()
    for _ in range(10):
        post.reader(edition.issue.newsletter)
    made = dispatch.order(edition, Choice(), None, NOW)
    Dispatch.objects.filter(pk=made.pk).update(state="freezing")
    cut: Iterator[int] = audience.freeze(made, NOW)
    assert next(cut) == 4
    assert dispatch.freeze(made, NOW) == 10


# --- once ----------------------------------------------------------------------------------------


def test_two_workers_never_claim_the_same() -> None:
    _ready(30)
    one, two = (dispatch.claim(name, NOW) for name in ("a:1:1", "b:2:2"))
    assert one is not None
    assert two is not None
    assert not {due.delivery for due in one.due} & {due.delivery for due in two.due}
    assert len(one.due) + len(two.due) == 30


def test_what_a_dead_worker_held_is_in_doubt_and_never_sent_by_itself() -> None:
    made = _ready(3)
    dispatch.claim("elsewhere:1:1", NOW)
    assert dispatch.sweep(NOW) == 0  # another machine may be slow
    assert dispatch.sweep(NOW + dispatch.LEASE + timedelta(seconds=1)) == 3
    way = Told()
    assert _room(way).turn(GO) == 0
    made.refresh_from_db()
    assert (_states(made), made.state) == (["doubt"] * 3, "done")


def test_a_worker_of_this_machine_that_is_gone_is_known_at_once() -> None:
    _ready(1)
    host = presence.name().split(":")[0]
    dispatch.claim(f"{host}:999999999:1", NOW)
    assert dispatch.sweep(NOW) == 1
    assert not presence.is_gone(presence.name())


def test_a_slow_worker_that_was_thought_dead_puts_the_doubt_right() -> None:
    made = _ready(2)
    claimed = dispatch.claim("elsewhere:1:1", NOW)
    assert claimed is not None
    dispatch.sweep(NOW + timedelta(days=1))
    dispatch.record(claimed, [(claimed.due[0], Outcome(Fate.ACCEPTED, 250), NOW)], NOW)
    assert _states(made) == ["accepted", "waiting"]


def test_what_an_editor_decided_is_not_undone_by_a_slow_worker() -> None:
    made = _ready(1)
    claimed = dispatch.claim("elsewhere:1:1", NOW)
    assert claimed is not None
    dispatch.sweep(NOW + timedelta(days=1))
    numbers = list(made.deliveries.values_list("pk", flat=True))
    dispatch.decide(made, numbers, False, NOW, make.editor())
    dispatch.record(claimed, [(claimed.due[0], Outcome(Fate.LATER, 450), NOW)], NOW)
    assert _states(made) == ["accepted"]


def test_a_doubt_is_sent_again_with_the_same_message_id() -> None:
    made = _ready(1)
    first, second = Told(Outcome(Fate.DOUBT, words="no answer in time")), Told()
    _room(first).turn(GO)
    assert _states(made) == ["doubt"]
    dispatch.decide(made, [made.deliveries.get().pk], True, NOW, make.editor())
    _room(second).turn(GO)

    def name(way: Told) -> bytes:
        return next(
            line for line in way.letters[0].data.split(b"\r\n") if line.startswith(b"Message-ID")
        )

    assert name(first) == name(second)
    made.refresh_from_db()
    assert (_states(made), made.state) == (["accepted"], "done")


# --- what servers say ----------------------------------------------------------------------------


def test_not_now_is_tried_later_and_given_up_in_the_end() -> None:
    made = _ready(1)
    clock = [NOW]
    for tries in range(dispatch.TRIES):
        assert _states(made) == ["waiting"], tries
        way = Told(Outcome(Fate.LATER, 450, "4.2.0", "greylisted"))
        _room(way, lambda: clock[0]).turn(GO)
        clock[0] += timedelta(hours=5)
    assert _states(made) == ["refused"]


def test_an_address_that_is_gone_is_not_written_to_again() -> None:
    made = _ready(1)
    _room(Told(Outcome(Fate.REFUSED, 550, "5.1.1", "no such user", address=True))).turn(GO)
    reader = made.deliveries.get().subscriber
    assert (reader.state, _states(made)) == ("bounced", ["refused"])


def test_a_full_mailbox_is_no_dead_one() -> None:
    made = _ready(1)
    _room(Told(Outcome(Fate.REFUSED, 552, "5.2.2", "over quota", address=True))).turn(GO)
    reader = made.deliveries.get().subscriber
    assert (reader.state, reader.soft_bounces) == ("active", 1)


def test_a_server_that_refuses_every_letter_pauses_the_dispatch_and_costs_nobody_the_issue() -> (
    None
):
    made = _ready(8)
    no = Outcome(Fate.REFUSED, 554, "5.7.1", "Your network is on our list")
    _room(Told(*[no] * 8)).turn(GO)
    made.refresh_from_db()
    assert (made.state, _states(made)) == ("paused", ["waiting"] * 8)
    assert "Your network is on our list" in made.trouble
    dispatch.resume(made, NOW)
    _room(Told()).turn(GO)
    assert set(_states(made)) == {"accepted"}


class Broken:
    """A way out that cannot be opened."""

    def __init__(self, *, stop: bool) -> None:
        self.stop = stop

    def send(self, letters: Any) -> Generator[Outcome]:
        raise TransportError("The mail server does not answer", at="mail.example", stop=self.stop)
        yield

    def close(self) -> None:
        pass


def test_a_server_that_does_not_answer_is_left_alone_for_a_while_and_longer_each_time() -> None:
    made = _ready(2)
    room = _room(Broken(stop=False))
    room.turn(GO)
    made.refresh_from_db()
    first = made.calm_until
    assert first is not None
    assert first > NOW
    assert "does not answer" in made.trouble
    assert dispatch.claim("w:1:1", NOW) is None
    later = Postroom(Told, clock=lambda: first)
    assert later.turn(GO) == 2
    made.refresh_from_db()
    assert (made.state, made.trouble) == ("done", "")


def test_a_wrong_password_calls_a_person() -> None:
    made = _ready(2)
    _room(Broken(stop=True)).turn(GO)
    made.refresh_from_db()
    assert (made.state, _states(made)) == ("paused", ["waiting"] * 2)


def test_gmail_that_asks_to_slow_down_rests_and_the_others_go_on() -> None:
    made = _ready_for("ann@gmail.com", "bob@gmail.com", "eve@reader.example")
    way = Told(Outcome(Fate.LATER, 421, "4.7.28", "unusual rate"))
    _room(way).turn(GO)
    assert _states(made) == ["waiting", "waiting", "accepted"]
    assert MailService.objects.get().name == "google"
    assert _room(Told(), lambda: NOW + timedelta(minutes=9)).turn(GO) == 0
    assert _room(Told(), lambda: NOW + timedelta(minutes=16)).turn(GO) == 2


def test_after_its_rest_a_service_gets_one_connection_then_two() -> None:
    _ready_for(*_at_gmail(60))
    pace.rest("gmail.com", NOW, "421 4.7.28")
    after = NOW + pace.REST + timedelta(seconds=1)
    assert dispatch.claim("a:1:1", after) is not None
    assert dispatch.claim("b:1:1", after) is None
    assert dispatch.claim("b:1:1", after + pace.WIDEN) is not None


# --- how fast ------------------------------------------------------------------------------------


def test_sixty_an_hour_is_one_a_minute() -> None:
    made = _ready(70, per_hour=60)
    clock = [NOW]
    way = Told()
    for minute in range(65):
        clock[0] = NOW + timedelta(minutes=minute, seconds=minute)
        _room(way, lambda: clock[0]).turn(GO)
    assert 60 <= len(way.letters) <= 65
    left = pace.time_left(made, 5, clock[0])
    assert left == timedelta(minutes=5)


def test_the_desks_limit_holds_for_all_dispatches_together(settings: Any) -> None:
    settings.MAIL_PER_HOUR = 120
    _ready(5)
    _ready(5)
    way = Told()
    _room(way).turn(GO)
    assert len(way.letters) == 2  # a sixtieth of the hour's


def test_a_service_has_a_limit_of_its_own(settings: Any) -> None:
    settings.MAIL_LIMITS = {"google": 2}
    _ready_for(*_at_gmail(5), "eve@reader.example")
    way = Told()
    _room(way).turn(GO)
    assert sorted(letter.to.partition("@")[2] for letter in way.letters) == [
        "gmail.com",
        "gmail.com",
        "reader.example",
    ]


def test_a_new_server_begins_small_and_grows_each_day(settings: Any) -> None:
    settings.MAIL_RAMP_UP = 2
    made = _ready_for(*_at_gmail(9))
    pace.know(made, NOW)
    sent = [len(_sent_at(NOW + timedelta(days=day, minutes=day))) for day in range(3)]
    assert sent == [2, 3, 4]


def _sent_at(now: datetime) -> list[Any]:
    way = Told()
    _room(way, lambda: now).turn(GO)
    return way.letters


# --- pause, cancel, machine ----------------------------------------------------------------------


def test_a_paused_dispatch_rests_and_goes_on_where_it_stopped() -> None:
    made = _ready(3)
    dispatch.pause(made, NOW)
    assert _room(Told()).turn(GO) == 0
    dispatch.resume(made, NOW)
    assert _room(Told()).turn(GO) == 3


def test_who_was_not_reached_before_the_cancelling_may_get_it_later() -> None:
    made = _ready(3)
    assert dispatch.cancel(made, NOW) == 3
    again = dispatch.order(made.edition, Choice(), None, NOW)
    assert dispatch.freeze(again, NOW) == 3


def test_nothing_is_sent_before_it_is_due() -> None:
    edition = post.edition()
    post.reader(edition.issue.newsletter)
    made = dispatch.order(edition, Choice(), None, NOW, due=NOW + timedelta(hours=1))
    assert _room(Told()).turn(GO) == 0
    assert _room(Told(), lambda: NOW + timedelta(hours=2)).turn(GO) == 1
    made.refresh_from_db()
    assert made.state == "done"


def test_a_clock_that_jumps_back_stops_nothing_for_long_and_sends_nothing_twice() -> None:
    made = _ready(45, per_hour=6000)
    way = Told()
    times = iter([NOW + timedelta(days=400)] * 3)
    _room(way, lambda: next(times, NOW), size=10).turn(GO)
    _room(way, lambda: NOW + timedelta(minutes=10)).turn(GO)
    assert len({letter.to for letter in way.letters}) == len(way.letters) == 45
    assert set(_states(made)) == {"accepted"}


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_forgets_nothing_that_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    made, way = _ready(25), Told()
    write, fails = dispatch.record, [3]

    def full(*args: Any) -> None:
        if fails[0]:
            fails[0] -= 1
            raise DatabaseError("database or disk is full")
        write(*args)

    monkeypatch.setattr(dispatch, "record", full)
    monkeypatch.setattr("broadsheet.mailing.postroom.DATABASE_PATIENCE", 0.0)
    _room(way).turn(GO)
    assert len(way.letters) == 25
    assert set(_states(made)) == {"accepted"}


def test_a_letter_that_cannot_be_written_is_sent_to_nobody(settings: Any) -> None:
    made = _ready(2)
    settings.MAIL_SENDER = ""
    way = Told()
    _room(way).turn(GO)
    made.refresh_from_db()
    assert (made.state, _states(made), way.letters) == ("paused", ["waiting"] * 2, [])
    assert "BROADSHEET_MAIL_FROM" in made.trouble


def test_the_claim_costs_few_queries(django_assert_max_num_queries: Any) -> None:
    _ready(20)
    with django_assert_max_num_queries(8):
        dispatch.claim("w:1:1", NOW)


# --- lanes -----------------------------------------------------------------------------------------


class Watched(Told):
    """Calls `look` before each letter is answered."""

    def __init__(self, look: Callable[[int], None]) -> None:
        super().__init__()
        self.look = look

    def send(self, letters: Any) -> Generator[Outcome]:
        for number, outcome in enumerate(super().send(letters)):
            self.look(number)
            yield outcome


def test_the_next_claim_is_made_while_the_last_is_still_sent_and_given_back_when_it_is_not_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, stop, asked = _ready(60), threading.Event(), threading.Event()
    claims = dispatch.claims

    def claimed(*args: Any, **but: Any) -> Any:
        out = claims(*args, **but)
        if made.deliveries.filter(state="claimed").count() == 40:
            asked.set()
        return out

    monkeypatch.setattr(dispatch, "claims", claimed)

    def look(number: int) -> None:
        if number == 5:
            assert asked.wait(10)
            stop.set()

    way = Watched(look)
    assert _room(way, size=20).turn(stop) == 6
    assert sorted(_states(made)) == ["accepted"] * 6 + ["waiting"] * 54
    assert _room(Told()).turn(GO) == 54


def test_several_lanes_share_the_last_letters_and_each_letter_goes_once() -> None:
    made, way = _ready(60), Told()
    assert _room(way, lanes=4, size=20).turn(GO) == 60
    assert len({letter.to for letter in way.letters}) == len(way.letters) == 60
    made.refresh_from_db()
    assert made.state == "done"


def test_towards_the_end_claims_are_parts_of_what_is_left() -> None:
    _ready(60)
    names = [dispatch.claim_name() for _ in range(3)]
    sizes = [
        len(one.due) for one in dispatch.claims("w:1:1", NOW, dict.fromkeys(names, 50), lanes=3)
    ]
    assert sizes == [10, 10, 10]


def test_claims_of_several_lanes_are_as_many_connections_to_a_service_as_it_may_have() -> None:
    _ready_for(*_at_gmail(60))
    pace.rest("gmail.com", NOW, "421 4.7.28")
    wants = {dispatch.claim_name(): 20 for _ in range(3)}
    after = NOW + pace.REST + timedelta(seconds=1)
    assert len(dispatch.claims("a:1:1", after, wants)) == 1
    wants = {dispatch.claim_name(): 20 for _ in range(3)}
    assert len(dispatch.claims("a:1:1", after + pace.WIDEN, wants)) == 1
