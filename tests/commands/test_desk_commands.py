"""The desk's commands, on the invented month: from nothing to an edition."""

from __future__ import annotations

import json
import socket

import click
import pytest
from click.testing import CliRunner

from broadsheet import sample
from broadsheet.cli import cli
from broadsheet.commands import start
from broadsheet.issues import house
from broadsheet.issues.models import Edition, Issue
from broadsheet.news.models import Article, Feed, Story
from broadsheet.people.models import Editor

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path, monkeypatch, settings):
    monkeypatch.setenv("BROADSHEET_HOME", str(tmp_path))
    settings.HOME, settings.KEY_FILE = tmp_path, tmp_path / "secret-key"

    def call(*words: str, ok: bool = True, given: str | None = None) -> str:
        result = CliRunner().invoke(cli, list(words), input=given)
        assert (result.exit_code == 0) == ok, result.output
        return result.output

    return call


def test_a_port_that_is_taken_moves_for_a_desk_at_hand_and_not_behind_a_proxy(
    tmp_path, monkeypatch
):
    monkeypatch.delenv("BROADSHEET_ADDRESS", raising=False)
    assert not start._is_behind_proxy(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert start._free_port("127.0.0.1", port) > port
        (tmp_path / "public-address").write_text("https://news.charity.example\n")
        assert start._is_behind_proxy(tmp_path)
        with pytest.raises(click.ClickException, match="Does the desk run already"):
            start._free_port("127.0.0.1", port, moves=False)


def test_start_sets_a_desk_up_with_the_sample_month_and_a_second_start_changes_nothing(
    run, tmp_path
):
    said = run("start", "--sample", "--no-serve")
    assert "/desk/sign-in/" in said
    assert "invented" in said
    assert Story.objects.filter(band="relevant").count() >= 20
    assert Story.objects.filter(outlets__gte=2).exists()
    issue = Issue.objects.get()
    assert issue.picks.count() >= 8
    prints = {f.name for f in (tmp_path / "prints" / sample.MONTH).iterdir()}
    assert {"email.html", "issue.txt", "index.html", "atom.xml", "issue.pdf"} <= prints
    printed = (tmp_path / "prints" / sample.MONTH / "issue.txt").read_text()
    assert "nvented" in printed
    assert "A made-up charity" in printed, "in the desk's house style"
    before = (Article.objects.count(), list(Story.objects.values()), list(issue.picks.values()))
    run("start", "--sample", "--no-serve")
    assert (
        Article.objects.count(),
        list(Story.objects.values()),
        list(issue.picks.values()),
    ) == before


def test_the_sample_has_the_failures_it_is_meant_to_have(run):
    run("start", "--sample", "--no-serve")
    problems = " ".join(Feed.objects.exclude(problem="").values_list("problem", flat=True))
    assert "with nothing in it" in problems
    assert "A page comes instead of a feed" in problems
    assert Article.objects.filter(dated=False).exists()


def test_a_month_of_headlines_becomes_an_issue_and_an_edition(run, tmp_path):
    run("start", "--no-serve")
    rows = [
        {
            "title": "Two jailed for human trafficking and forced labour in Hong Kong",
            "date": "2026-03-02",
        },
        {"title": "Shares close higher", "date": "2026-03-02"},
    ]
    given = "\n".join([json.dumps(row | {"source": "The Paper"}) for row in rows] + ["not json"])
    said = run("import", "--map", "headline=title,published=date", given=given, ok=False)
    assert "line 3: This line is not JSON" in said
    assert "2 new" in said
    drafted = run("draft", "2026-03")
    assert "1 items" in drafted or "Hong Kong: 1" in drafted
    assert "1 items would go out" in run("publish", "2026-03", "--dry-run")
    assert not Edition.objects.exists()
    assert "is out" in run("publish", "2026-03")
    assert "out already" in run("publish", "2026-03", ok=False)
    _print_again(run, tmp_path)


def _print_again(run, tmp_path):
    """What is out is printed again, in the desk's house style."""
    edition, out = Edition.objects.get(), tmp_path / "again"
    house.keep(
        edition.issue.newsletter, {"organisation": "Lantern House", "footer": ("Stay safe.",)}
    )
    for name in ("2026-03", edition.issue.uid):
        run("print", "--issue", name, "--as", "email,text,feed,mailchimp", "--out", str(out / name))
        assert "Stay safe." in (out / name / "issue.txt").read_text()
        assert "Lantern House" in (out / name / "email.html").read_text()
        assert f"/editions/{edition.issue.uid}/" in (out / name / "atom.xml").read_text()
    assert "there are: 2026-03" in run("print", "--issue", "2020-01", ok=False)
    assert "no version 7" in run("print", "--issue", "2026-03", "--version", "7", ok=False)
    assert "Name a file" in run("print", ok=False)
    assert "brings its own" in run(
        "print", "--issue", "2026-03", "--url", "https://a.example/", ok=False
    )
    assert "goes with --issue" in run("print", "-", "--version", "1", ok=False)


def test_a_wrong_argument_is_answered_with_the_right_one(run):
    run("start", "--no-serve")
    assert "like 2019-06" in run("draft", "June", ok=False)
    assert "there are: none yet" in run("publish", "2019-06", ok=False)
    assert "broadsheet sign-in 'Ada' --new" in run("sign-in", "Ada", ok=False)
    assert "No feed is switched on for: nowhere" in run("collect", "Nowhere", ok=False)
    assert "/desk/sign-in/" in run("sign-in", "Ada", "--new")
    assert Editor.objects.filter(name="Ada").exists()


def test_doctor_names_what_is_wrong_and_the_cure(run):
    run("start", "--sample", "--no-serve")
    said = run("doctor", ok=False)
    assert "A page comes instead of a feed" in said
    assert "BROADSHEET_CONTACT" in said


def test_work_visits_what_is_due_once_and_does_the_desks_chores(run, monkeypatch):
    from broadsheet.jobs.models import Job
    from broadsheet.news import collecting

    run("start", "--no-serve")
    Feed.objects.update(enabled=False)
    collecting.add("Nobody", "", "http://127.0.0.1:9/feed.xml")
    run("work", "--once")
    kept = Feed.objects.get(enabled=True)
    assert "private network" in kept.problem
    waiting = {job.kind for job in Job.objects.filter(done=None)}
    chores = {"snapshots", "forget", "learn", "archive_links", "backup", "watch"}
    assert waiting == {"collect"} | chores
    assert "0 done" in run("work", "--once")
