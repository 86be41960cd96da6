"""What comes back is understood, and no living address is lost by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.mailing import dispatch, seals
from broadsheet.mailing.audience import Choice
from broadsheet.mailing.bounces import taking
from broadsheet.mailing.bounces.reading import Kind, Report, read
from broadsheet.mailing.models import Delivery
from tests.mailing import post
from tests.mailing.returned import ANN, BOUNCES, HARMLESS, Returned, dsn

TOKEN, NAME = "a2" * 13, "b3" * 13
ALL = [*BOUNCES, *HARMLESS]


@pytest.mark.parametrize("returned", ALL, ids=lambda one: one.name)
def test_what_came_back_is_known(returned: Returned) -> None:
    told = read(returned.mail(TOKEN, NAME))
    assert (told.kind.value, told.words) == (returned.kind, told.words)
    assert TOKEN in told.tokens or NAME in told.message_ids


def test_nearly_all_of_sixty_and_more_are_recognised_and_no_living_address_is_called_dead() -> None:
    assert len(ALL) >= 60
    right = sum(read(one.mail(TOKEN, NAME)).kind.value == one.kind for one in BOUNCES)
    assert right / len(BOUNCES) >= 0.95
    living = [one for one in ALL if one.kind not in ("hard", "complaint")]
    wrong = {read(one.mail(TOKEN, NAME)).kind.value for one in living}
    assert not wrong & {"hard", "complaint"}


@given(st.binary(max_size=2000))
def test_no_mail_upsets_the_reader(data: bytes) -> None:
    assert isinstance(read(data), Report)


@given(st.sampled_from(ALL), st.integers(0, 3000), st.integers(1, 400))
def test_a_mail_that_was_cut_or_lost_a_piece_upsets_nothing(
    one: Returned, at: int, many: int
) -> None:
    data = one.mail(TOKEN, NAME)
    assert isinstance(read(data[:at] + data[at + many :]), Report)


def test_a_reader_of_binary_parts_and_odd_charsets_does_not_stumble() -> None:
    told = read(
        b"From: a@b.example\r\nSubject: =?no-such?q?x?=\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xff\xfe"
    )
    assert told.kind is Kind.UNKNOWN


# --- acting on it --------------------------------------------------------------------------------


def _sent(name: str = ANN) -> Any:
    edition = post.edition()
    reader = post.reader(edition.issue.newsletter, name)
    now = timezone.now()
    chosen = dispatch.order(edition, Choice(), None, now)
    dispatch.freeze(chosen, now)
    reader.deliveries.update(state="accepted", tried=now)
    return reader.deliveries.get()


def _mail(one: Returned, delivery: Any) -> bytes:
    return one.mail(
        seals.return_token(delivery.pk),
        seals.message_id(delivery.dispatch.edition_id, delivery.subscriber_id),
    )


def _named(name: str) -> Returned:
    return next(one for one in ALL if one.name == name)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "state", "returned"),
    [
        ("postfix, unknown in table", "bounced", "hard"),
        ("mailbox full", "active", "soft"),
        ("redacted recipient", "complained", "complaint"),
        ("asks to be taken off", "unsubscribed", ""),
        ("out of office, exchange", "active", ""),
        ("delayed", "active", ""),
    ],
)
def test_what_follows(name: str, state: str, returned: str) -> None:
    delivery = _sent()
    for _ in range(2):  # the same mail twice does nothing more
        taking.take_mail(_mail(_named(name), delivery), timezone.now())
    delivery.refresh_from_db()
    assert (delivery.subscriber.state, delivery.returned) == (state, returned)
    assert delivery.subscriber.soft_bounces == (1 if returned == "soft" else 0)


@pytest.mark.django_db
def test_an_answer_is_counted_once() -> None:
    delivery = _sent()
    taken = [
        taking.take_mail(_mail(_named("a question"), delivery), timezone.now()) for _ in (1, 2)
    ]
    assert [one.acted for one in taken] == [True, False]
    assert Delivery.objects.exclude(replied=None).count() == 1


@pytest.mark.django_db
def test_a_forged_bounce_ends_nothing() -> None:
    delivery = _sent()
    forged = dsn("forged", "hard", status="5.1.1", why="550 5.1.1 user unknown").mail(
        "c4" * 13, "d5" * 13
    )
    taking.take_mail(forged, timezone.now())
    delivery.subscriber.refresh_from_db()
    assert delivery.subscriber.state == "active"


@pytest.mark.django_db
def test_a_dead_address_that_a_reader_forwards_to_is_not_the_readers() -> None:
    delivery = _sent()
    elsewhere = dsn(
        "forward", "hard", status="5.1.1", why="550 5.1.1 user unknown", to="ann@old.example"
    )
    taking.take_mail(_mail(elsewhere, delivery), timezone.now())
    delivery.subscriber.refresh_from_db()
    assert delivery.subscriber.state == "active"


@pytest.mark.django_db
def test_an_address_is_given_up_after_three_soft_bounces_in_a_row_and_forgiven_after_one_letter_that_arrived() -> (
    None
):
    first = _sent()
    reader, newsletter = first.subscriber, first.subscriber.newsletter
    now = timezone.now()

    def month(number: int, *, full: bool) -> None:
        nonlocal now
        now += timedelta(days=30)
        edition = post.edition()
        assert edition.issue.newsletter == newsletter
        chosen = dispatch.order(edition, Choice(), None, now)
        dispatch.freeze(chosen, now)
        delivery = chosen.deliveries.get(subscriber=reader)
        Delivery.objects.filter(pk=delivery.pk).update(state="accepted", tried=now)
        if full:
            taking.take_mail(_mail(_named("mailbox full"), delivery), now)
        reader.refresh_from_db()

    month(1, full=True)
    month(2, full=True)
    assert reader.soft_bounces == 2
    month(3, full=False)
    month(4, full=True)
    assert (reader.state, reader.soft_bounces) == ("active", 1)
    month(5, full=True)
    month(6, full=True)
    assert reader.state == "bounced"
