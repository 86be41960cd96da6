"""Ten workers are killed while they send: nobody gets two, and everyone is accounted for."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from tests.mailing.crash import crash


def _database() -> str:
    """The address of this test's database, for another process."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{told['NAME']}"
    return f"postgres://{told['USER']}@{told['HOST']}:{told['PORT']}/{told['NAME']}"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_that_are_killed_send_nothing_twice_and_lose_nothing() -> None:
    workers = 1 if connection.vendor == "sqlite" else 2
    told = crash(10, 2000, workers, random.Random(7), _database())
    assert told.kills == 10
    assert (told.twice, told.lost, told.other_names) == (0, 0, 0)
    known = {"accepted", "refused", "doubt"}
    assert sum(told.states[state] for state in known) == 2000, told.states
    # One for each kill, since the journal tells which letter was begun; and what the sink hid.
    assert told.states["doubt"] <= 10 + 60
