"""Who gets what at which address; what GET must not do; what a form must bring."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse

from broadsheet.archive import urls as archive
from broadsheet.desk import urls as desk
from broadsheet.issues import compose, release, remarks
from broadsheet.issues.models import Issue, Pick
from broadsheet.news import collecting, decisions, pasting, saved
from broadsheet.news.models import Decision
from tests import make

OK, SENT, NO, LOGIN, ENDED, GONE, METHOD = 200, 302, 403, 302, 401, 410, 405
OWN_DOOR = ("desk:sign_out", "desk:mail_link", "desk:code")  # for who is not signed in
ROLES = ("nobody", "reader", "contributor", "editor", "administrator")


@dataclass(frozen=True)
class Address:
    """What an address answers to nobody, a reader, a contributor, an editor, an administrator."""

    name: str
    args: str
    method: str
    answers: tuple[int, int, int, int, int]


EVERYBODY = (LOGIN, OK, OK, OK, OK)
WRITERS = (LOGIN, NO, SENT, SENT, SENT)
COLLECTORS = (LOGIN, NO, NO, SENT, SENT)
SENDERS = (LOGIN, NO, NO, OK, OK)
OWN = (LOGIN, SENT, SENT, SENT, SENT)  # an action on one's own account
ADMINISTRATORS = (LOGIN, NO, NO, NO, SENT)
TABLE = [
    Address("desk:inbox", "", "get", EVERYBODY),
    Address("desk:sign_in", "", "get", (OK, SENT, SENT, SENT, SENT)),
    Address("desk:enter", "token", "get", (GONE,) * 5),
    Address("desk:enter", "token", "post", (GONE,) * 5),
    Address("desk:sign_out", "", "post", (SENT,) * 5),
    Address("desk:sign_out", "", "get", (METHOD,) * 5),
    Address("desk:sign_in", "", "post", (422,) * 5),
    Address("desk:code", "", "get", (SENT,) * 5),
    Address("desk:code", "", "post", (SENT,) * 5),
    Address("desk:mail_link", "", "post", (SENT,) * 5),
    Address("desk:mail_link", "", "get", (METHOD,) * 5),
    Address("desk:come", "token", "get", (GONE,) * 5),
    Address("desk:come", "token", "post", (GONE,) * 5),
    Address("desk:account", "", "get", EVERYBODY),
    Address("desk:password", "", "post", (LOGIN, 422, 422, 422, 422)),
    Address("desk:end_session", "", "post", OWN),
    Address("desk:factor", "", "get", EVERYBODY),
    Address("desk:factor_begin", "", "post", OWN),
    Address("desk:factor_confirm", "", "post", (LOGIN, 422, 422, 422, 422)),
    Address("desk:factor_change", "", "post", (LOGIN, 422, 422, 422, 422)),
    Address("desk:people", "", "get", (LOGIN, NO, NO, NO, OK)),
    Address("desk:invite", "", "post", (LOGIN, NO, NO, NO, 422)),
    Address("desk:take_back", "invitation", "post", ADMINISTRATORS),
    Address("desk:lay_down", "", "post", ADMINISTRATORS),
    Address("desk:change_editor", "editor", "post", ADMINISTRATORS),
    Address("desk:first_run", "", "get", (LOGIN, NO, NO, NO, OK)),
    Address("desk:first_run_answer", "", "post", (LOGIN, NO, NO, NO, 422)),
    Address("desk:first_run_try", "", "post", ADMINISTRATORS),
    Address("desk:first_run_off", "", "post", ADMINISTRATORS),
    Address("desk:first_run_finish", "", "post", ADMINISTRATORS),
    Address("desk:log", "", "get", (LOGIN, NO, NO, NO, OK)),
    Address("desk:log_csv", "", "get", (LOGIN, NO, NO, NO, OK)),
    Address("desk:keep_log", "", "post", ADMINISTRATORS),
    Address("desk:story", "story", "get", EVERYBODY),
    Address("desk:decide", "story", "post", WRITERS),
    Address("desk:decide", "story", "get", (LOGIN, METHOD, METHOD, METHOD, METHOD)),
    Address("desk:split", "story", "post", WRITERS),
    Address("desk:merge", "story", "post", (LOGIN, NO, 404, 404, 404)),
    Address("desk:more", "story", "get", EVERYBODY),
    Address("desk:claims", "story", "get", EVERYBODY),
    Address("desk:together", "", "post", WRITERS),
    Address("desk:together", "", "get", (LOGIN, METHOD, METHOD, METHOD, METHOD)),
    Address("desk:last_done", "", "get", EVERYBODY),
    Address("desk:undo_last", "", "post", WRITERS),
    Address("desk:undo", "decision", "post", WRITERS),
    Address("desk:searches", "", "get", EVERYBODY),
    Address("desk:keep_search", "", "post", WRITERS),
    Address("desk:drop_search", "search", "post", WRITERS),
    Address("desk:pasted", "paste", "get", EVERYBODY),
    Address("desk:add", "", "get", EVERYBODY),
    Address("desk:add", "", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:by_hand", "", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:look", "", "get", EVERYBODY),
    Address("desk:looked", "article", "post", WRITERS),
    Address("desk:learned", "", "get", EVERYBODY),
    Address("desk:forget", "", "post", COLLECTORS),
    Address("desk:judge_again", "", "post", COLLECTORS),
    Address("desk:issues", "", "get", EVERYBODY),
    Address("desk:draft", "", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:issue", "issue", "get", EVERYBODY),
    Address("desk:edit_issue", "issue", "get", EVERYBODY),
    Address("desk:edit_issue", "issue", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:history_front", "issue", "get", EVERYBODY),
    Address("desk:history", "issue", "get", EVERYBODY),
    Address("desk:hold", "issue", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:check", "issue", "get", EVERYBODY),
    Address("desk:overrule", "issue", "post", COLLECTORS),
    Address("desk:sign", "issue", "post", (LOGIN, NO, NO, 422, 422)),
    Address("desk:links", "issue", "get", EVERYBODY),
    Address("desk:try_links", "issue", "post", WRITERS),
    Address("desk:review", "issue", "get", EVERYBODY),
    Address("desk:judge", "issue", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:invite_reviewer", "issue", "post", WRITERS),
    Address("desk:ask_review", "issue", "post", ADMINISTRATORS),
    Address("desk:end_review_link", "review_link", "post", WRITERS),
    Address("desk:read_by_link", "token", "get", (410,) * 5),
    Address("desk:read_by_link", "token", "post", (410,) * 5),
    Address("desk:printed_by_link", "token", "get", (404,) * 5),
    Address("desk:comments", "issue", "get", EVERYBODY),
    Address("desk:comment", "issue", "post", OWN),
    Address("desk:settle", "comment", "post", OWN),
    Address("desk:restore_words", "kept", "post", WRITERS),
    Address("desk:preview", "issue pdf", "get", EVERYBODY),
    Address("desk:printed", "issue pdf", "get", EVERYBODY),
    Address("desk:history_section", "section", "get", EVERYBODY),
    Address("desk:drop_section", "section", "post", WRITERS),
    Address("desk:history_pick", "pick", "get", EVERYBODY),
    Address("desk:upload", "pick", "post", WRITERS),
    Address("desk:unhang", "pick", "post", WRITERS),
    Address("desk:paste", "", "post", (LOGIN, NO, OK, OK, OK)),
    Address("desk:add_section", "issue", "post", WRITERS),
    Address("desk:restore_pick", "issue", "post", (LOGIN, NO, 404, 404, 404)),
    Address("desk:preview", "issue web", "get", EVERYBODY),
    Address("desk:preview", "issue mail", "get", EVERYBODY),
    Address("desk:preview", "issue text", "get", EVERYBODY),
    Address("desk:printed", "issue web", "get", EVERYBODY),
    Address("desk:printed", "issue mail", "get", EVERYBODY),
    Address("desk:printed", "issue text", "get", EVERYBODY),
    Address("desk:publish", "issue", "get", (LOGIN, NO, NO, OK, OK)),
    Address("desk:publish", "issue", "post", (LOGIN, NO, NO, 422, 422)),
    Address("desk:edit_section", "section", "get", EVERYBODY),
    Address("desk:edit_section", "section", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:move_section", "section", "post", WRITERS),
    Address("desk:write", "section", "post", WRITERS),
    Address("desk:shelf", "section", "get", EVERYBODY),
    Address("desk:pick_resource", "section", "post", (LOGIN, NO, 404, 404, 404)),
    Address("desk:pick", "pick", "get", EVERYBODY),
    Address("desk:pick", "pick", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:permit", "pick", "post", WRITERS),
    Address("desk:move_pick", "pick", "post", (LOGIN, NO, 404, 404, 404)),
    Address("desk:remove_pick", "pick", "post", WRITERS),
    Address("desk:sources", "", "get", EVERYBODY),
    Address("desk:covered", "", "get", EVERYBODY),
    Address("desk:new_source", "", "get", EVERYBODY),
    Address("desk:feed_list", "", "get", EVERYBODY),
    Address("desk:source", "source", "get", EVERYBODY),
    Address("desk:find_source", "", "post", (LOGIN, NO, NO, 422, 422)),
    Address("desk:add_source", "", "post", (LOGIN, NO, NO, 422, 422)),
    Address("desk:add_mail", "", "post", (LOGIN, NO, NO, NO, 422)),
    Address("desk:take_list", "", "post", (LOGIN, NO, NO, 422, 422)),
    Address("desk:switch", "source", "post", COLLECTORS),
    Address("desk:fill", "source", "post", (LOGIN, NO, NO, 422, 422)),
    Address("desk:again", "feed", "post", COLLECTORS),
    Address("desk:switch_feed", "feed", "post", COLLECTORS),
    Address("desk:subscribers", "", "get", SENDERS),
    Address("desk:subscriber", "subscriber", "get", SENDERS),
    Address("desk:act_on_subscriber", "subscriber", "post", COLLECTORS),
    Address("desk:add_subscriber", "", "get", SENDERS),
    Address("desk:add_subscriber", "", "post", (LOGIN, NO, NO, 422, 422)),
    Address("desk:sign_up_form", "", "get", SENDERS),
    Address("desk:sign_up_form", "", "post", COLLECTORS),
    Address("desk:export_subscribers", "", "post", (LOGIN, NO, NO, OK, OK)),
    Address("desk:imports", "", "get", SENDERS),
    Address("desk:imports", "", "post", (LOGIN, NO, NO, 422, 422)),
    Address("desk:import", "import", "get", SENDERS),
    Address("desk:import", "import", "post", COLLECTORS),
    Address("desk:refused_rows", "import", "get", (LOGIN, NO, NO, 404, 404)),
    Address("archive:newsletters", "", "get", (OK,) * 5),
    Address("archive:sign_up", "newsletter", "get", (OK,) * 5),
    Address("archive:confirm", "token", "get", (404,) * 5),
    Address("archive:leave", "token", "get", (404,) * 5),
    Address("archive:preferences", "token", "get", (404,) * 5),
    Address("archive:data", "token", "get", (404,) * 5),
    Address("archive:data_file", "token", "get", (404,) * 5),
    Address("archive:editions", "", "get", (OK,) * 5),
    Address("archive:edition", "uid", "get", (OK,) * 5),
    Address("archive:text", "uid", "get", (OK,) * 5),
    Address("archive:feed", "", "get", (OK,) * 5),
    Address("archive:style", "", "get", (OK,) * 5),
    Address("archive:picture", "picture", "get", (OK,) * 5),
    Address("archive:icon", "", "get", (204,) * 5),
]


def _client(role: str, **more: Any) -> Client:
    client = Client(**more)
    if role != "nobody":
        client.force_login(make.editor(name=f"The {role}", role=role))
    return client


@pytest.fixture
def things(db: None, settings: Any, tmp_path: Path) -> dict[str, Any]:
    """An issue with a pick, and one that is out."""
    from django.utils import timezone

    settings.HOME = tmp_path
    picture = tmp_path / "pictures" / f"{'0' * 64}.png"
    picture.parent.mkdir()
    picture.write_bytes(b"\x89PNG")
    out = make.issue("2019-05", title="May 2019")
    compose.write(out.sections.first(), None, timezone.now(), headline="Our news")
    compose.publish(out, None, timezone.now())
    issue, story = make.issue(), make.story()
    feed = collecting.add("A paper", "https://paper.example/", "https://paper.example/rss")
    pick = compose.pick(make.story(), issue.sections.last(), None, timezone.now())
    return {
        "issue": issue.pk,
        "story": story.pk,
        "section": pick.section_id,
        "pick": pick.pk,
        "article": make.article(band="off_beat").pk,
        "uid": out.uid,
        "token": "not-a-token",
        "subscriber": make.subscriber().pk,
        "newsletter": out.newsletter_id,
        "import": make.subscriber_import().uid,
        "source": feed.source_id,
        "feed": feed.pk,
        "picture": picture.name,
        "editor": make.editor().pk,
        "decision": decisions.record(story, Decision.Action.NOTE, None, timezone.now()).pk,
        "search": saved.keep("Boats", "boats", make.editor(), shared=True).pk,
        "paste": pasting.begin("https://a.example/1", make.editor(), timezone.now()).pk,
        "invitation": make.invitation().pk,
        **_remarks(issue, pick),
    }


def _remarks(issue: Issue, pick: Pick) -> dict[str, Any]:
    """What was said of an issue while it was made."""
    from django.utils import timezone

    now = timezone.now()
    release.invite(issue, "A Director", make.editor(), now)
    return {
        "review_link": issue.review_links.get().pk,
        "comment": remarks.comment(issue, pick.uid, "A comment.", make.editor(), now).pk,
        "kept": issue.kept.order_by("pk").last().pk,
    }


def _address(row: Address, things: dict[str, Any]) -> str:
    return reverse(row.name, args=[things.get(arg, arg) for arg in row.args.split()])


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.name} {row.args}")
@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_the_table_says(
    row: Address, role: str, things: dict[str, Any]
) -> None:
    # A decision and a title need their field; where the form is wrong the table says 422.
    data = {"action": "later", "title": "June 2019"} if row.method == "post" else {}
    answer = getattr(_client(role), row.method)(_address(row, things), data)
    answer.close()
    wanted = row.answers[ROLES.index(role)]
    if wanted == LOGIN and role == "nobody" and row.method == "post" and row.name not in OWN_DOOR:
        wanted = ENDED  # the page to sign in again carries what was typed
    assert answer.status_code == wanted
    if answer.status_code == NO:
        assert "Ask an" in answer.content.decode()
    if wanted == LOGIN and role == "nobody":
        assert answer.headers["Location"].startswith(reverse("desk:sign_in"))


def test_every_address_is_in_the_table() -> None:
    ours = {
        f"{urls.app_name}:{pattern.name}"
        for urls in (desk, archive)
        for pattern in urls.urlpatterns
        if isinstance(pattern, URLPattern)
    }
    assert {row.name for row in TABLE} == ours


@pytest.mark.parametrize(
    "row", [r for r in TABLE if r.method == "get"], ids=lambda row: f"{row.name} {row.args}"
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_a_page_writes_nothing(row: Address, method: str, things: dict[str, Any]) -> None:
    client = _client("administrator")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        getattr(client, method)(_address(row, things)).close()
    writing = [q["sql"] for q in asked if re.match(r"(?i)\s*(insert|update|delete)\b", q["sql"])]
    assert writing == []


@pytest.mark.parametrize(
    "row", [r for r in TABLE if r.method == "post"], ids=lambda row: f"{row.name} {row.args}"
)
def test_a_form_from_elsewhere_is_refused(row: Address, things: dict[str, Any]) -> None:
    client = _client("administrator", enforce_csrf_checks=True)
    answer = client.post(_address(row, things), {"action": "take"})
    assert answer.status_code == NO
    assert "This page has grown old" in answer.content.decode()


@pytest.mark.parametrize(
    "row", [r for r in TABLE if r.method == "get"], ids=lambda row: f"{row.name} {row.args}"
)
def test_no_page_holds_a_script_or_style_of_its_own(row: Address, things: dict[str, Any]) -> None:
    answer = _client("editor").get(_address(row, things))
    policy = answer.headers["Content-Security-Policy"]
    prints = row.name == "desk:printed"
    assert "script-src 'self';" in policy + ";"
    assert ("unsafe-inline" in policy) == prints
    assert "frame-ancestors 'self'" in policy
    page = answer.getvalue().decode(errors="replace")
    answer.close()
    if answer.headers["Content-Type"].startswith("text/html") and not prints:
        assert not re.search(r"<style\b|\sstyle=|\son\w+=|=[\"']javascript:", page)
        for script in re.findall(r"<script\b[^>]*>", page):
            assert "src=" in script or 'type="application/ld+json"' in script


@pytest.mark.parametrize(
    "row", [r for r in TABLE if r.name.startswith("archive:")], ids=lambda row: row.name
)
def test_public_pages_set_no_cookie_and_ask_nobody_else(
    row: Address, things: dict[str, Any]
) -> None:
    answer = Client().get(_address(row, things))
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")
    page = answer.getvalue().decode(errors="replace")
    answer.close()
    fetched = re.findall(r'<(?:img|script|iframe)\b[^>]*\bsrc="([^"]+)"', page)
    assert all(url.startswith("/") for url in fetched)
