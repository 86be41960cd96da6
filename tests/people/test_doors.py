"""Signing in by a link that works once."""

from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.people import doors
from broadsheet.people.models import Deed, SignInLink
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def test_a_link_signs_in_once():
    someone = make.editor()
    token = doors.link_for(someone, NOW)
    assert doors.enter(token, NOW) == someone
    assert doors.enter(token, NOW) is None
    doors.came_in(someone, "by one-time link", NOW)
    assert Deed.objects.get().verb == "signed in"


def test_looking_at_a_link_does_not_use_it_up():
    token = doors.link_for(make.editor(), NOW)
    assert doors.whose(token, NOW) == doors.whose(token, NOW) is not None


@pytest.mark.parametrize("later", [timedelta(hours=12), timedelta(days=30)])
def test_a_link_dies(later):
    token = doors.link_for(make.editor(), NOW)
    assert doors.enter(token, NOW + later) is None


def test_somebody_who_left_cannot_come_in():
    token = doors.link_for(make.editor(is_active=False), NOW)
    assert doors.enter(token, NOW) is None


def test_the_database_does_not_know_the_token():
    token = doors.link_for(make.editor(), NOW)
    assert token not in str(SignInLink.objects.values())
