"""The queue: once claimed, nobody else has it; what a dead worker held is claimed again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from broadsheet.jobs import queue
from broadsheet.jobs.models import Job

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)


def test_what_is_due_longest_comes_first_and_only_once():
    queue.enqueue("collect", "late", NOW)
    queue.enqueue("collect", "early", NOW - timedelta(hours=1))
    queue.enqueue("collect", "tomorrow", NOW + timedelta(days=1))
    assert [queue.claim("w", NOW).key, queue.claim("w", NOW).key] == ["early", "late"]
    assert queue.claim("w", NOW) is None


def test_the_lease_of_a_dead_worker_runs_out():
    queue.enqueue("collect", "a", NOW)
    queue.claim("dead", NOW)
    assert queue.claim("alive", NOW + queue.LEASE) is None
    again = queue.claim("alive", NOW + queue.LEASE + timedelta(seconds=1))
    assert (again.leased_by, again.attempts) == ("alive", 2)


def test_asking_twice_for_the_same_work_is_one_job_at_the_earlier_time():
    queue.enqueue("collect", "a", SOON)
    queue.enqueue("collect", "a", NOW)
    assert Job.objects.get().due == NOW


def test_the_database_refuses_a_second_open_job():
    queue.enqueue("collect", "a", NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="collect", key="a", due=NOW)


def test_a_job_done_makes_room_for_the_next():
    queue.enqueue("collect", "a", NOW)
    queue.finish(queue.claim("w", NOW), NOW, again=SOON)
    assert Job.objects.get(done=None).due == SOON


def test_trouble_is_kept_in_words_and_puts_the_job_off():
    queue.enqueue("collect", "a", NOW)
    queue.put_off(queue.claim("w", NOW), "The server does not answer.", NOW)
    waiting = Job.objects.get()
    assert waiting.trouble == "The server does not answer."
    assert queue.claim("w", NOW) is None
    assert queue.claim("w", SOON) is not None


def test_what_a_dead_worker_held_is_free_at_once_where_another_lets_it_go() -> None:
    held = queue.enqueue("collect", "1", NOW)
    other = queue.enqueue("collect", "2", NOW)
    assert queue.claim("machine:1", NOW) == held
    assert queue.claim("machine:2", NOW) == other
    assert queue.holders() == ["machine:1", "machine:2"]
    assert queue.let_go("machine:1") == 1
    assert queue.claim("machine:3", NOW) == held
    assert queue.claim("machine:3", NOW) is None
