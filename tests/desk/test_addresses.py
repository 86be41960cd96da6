"""Who gets what at which address; what GET must not do; what a form must bring."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse

from broadsheet.archive import urls as archive
from broadsheet.desk import urls as desk
from tests import make, world

OK, SENT, NO, LOGIN, ENDED, GONE, METHOD = 200, 302, 403, 302, 401, 410, 405
SIGN_IN = "/desk/sign-in/"
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
    Address("desk:language", "", "post", (LOGIN, 422, 422, 422, 422)),
    Address("desk:password", "", "post", (LOGIN, 422, 422, 422, 422)),
    Address("desk:end_session", "", "post", OWN),
    Address("desk:factor", "", "get", EVERYBODY),
    Address("desk:factor_begin", "", "post", OWN),
    Address("desk:factor_confirm", "", "post", (LOGIN, 422, 422, 422, 422)),
    Address("desk:factor_change", "", "post", (LOGIN, 422, 422, 422, 422)),
    Address("desk:help", "", "get", EVERYBODY),
    Address("desk:people", "", "get", (LOGIN, NO, NO, NO, OK)),
    Address("desk:house", "", "get", (LOGIN, NO, NO, NO, OK)),
    Address("desk:house", "", "post", (LOGIN, NO, NO, NO, 422)),
    Address("desk:invite", "", "post", (LOGIN, NO, NO, NO, 422)),
    Address("desk:take_back", "invitation", "post", ADMINISTRATORS),
    Address("desk:lay_down", "", "post", ADMINISTRATORS),
    Address("desk:change_editor", "editor", "post", ADMINISTRATORS),
    Address("desk:first_run", "", "get", (LOGIN, NO, NO, NO, OK)),
    Address("desk:first_run_answer", "", "post", (LOGIN, NO, NO, NO, 422)),
    Address("desk:first_run_try", "", "post", ADMINISTRATORS),
    Address("desk:first_run_off", "", "post", ADMINISTRATORS),
    Address("desk:first_run_finish", "", "post", ADMINISTRATORS),
    Address("desk:operations", "", "get", (LOGIN, NO, NO, NO, OK)),
    Address("desk:handover", "", "get", (LOGIN, NO, NO, NO, OK)),
    Address("desk:handover_pdf", "", "get", (LOGIN, NO, NO, NO, OK)),
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
    Address("desk:dead_links", "", "get", EVERYBODY),
    Address("desk:decide_link", "dead_link", "post", COLLECTORS),
    Address("desk:set_exit", "", "post", ADMINISTRATORS),
    Address("desk:withdraw", "", "get", (LOGIN, NO, NO, NO, OK)),
    Address("desk:withdraw", "", "post", (LOGIN, NO, NO, NO, 422)),
    Address("desk:learned", "", "get", EVERYBODY),
    Address("desk:forget", "", "post", COLLECTORS),
    Address("desk:judge_again", "", "post", COLLECTORS),
    Address("desk:issues", "", "get", EVERYBODY),
    Address("desk:past", "", "get", EVERYBODY),
    Address("desk:past", "", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:pile", "pile", "get", EVERYBODY),
    Address("desk:keep_sure", "pile", "post", COLLECTORS),
    Address("desk:undo_pile", "pile", "post", COLLECTORS),
    Address("desk:past_issue", "past_issue", "get", EVERYBODY),
    Address("desk:past_issue", "past_issue", "post", (LOGIN, NO, 422, 422, 422)),
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
    Address("desk:upload", "pick", "post", (LOGIN, NO, 422, 422, 422)),
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
    Address("desk:taken", "issue way", "get", EVERYBODY),
    Address("desk:publish", "issue", "get", (LOGIN, NO, NO, OK, OK)),
    Address("desk:publish", "issue", "post", (LOGIN, NO, NO, 422, 422)),
    Address("desk:correct", "issue", "post", COLLECTORS),
    Address("desk:give_up", "issue", "post", COLLECTORS),
    Address("desk:edit_section", "section", "get", EVERYBODY),
    Address("desk:edit_section", "section", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:move_section", "section", "post", WRITERS),
    Address("desk:write", "section", "post", WRITERS),
    Address("desk:shelf", "section", "get", EVERYBODY),
    Address("desk:pick_resource", "section", "post", (LOGIN, NO, 404, 404, 404)),
    Address("desk:pick", "pick", "get", EVERYBODY),
    Address("desk:pick", "pick", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:permit", "pick", "post", (LOGIN, NO, 422, 422, 422)),
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
    Address("desk:leading", "", "get", EVERYBODY),
    Address("desk:choose_leading", "", "post", COLLECTORS),
    Address("desk:mailing", "", "get", SENDERS),
    Address("desk:mail_records", "", "get", SENDERS),
    Address("desk:mail_records", "", "post", SENDERS),
    Address("desk:dispatch", "dispatch", "get", SENDERS),
    Address("desk:act_on_dispatch", "dispatch", "post", (LOGIN, NO, NO, 404, 404)),
    Address("desk:decide_doubts", "dispatch", "post", COLLECTORS),
    Address("desk:send", "out", "get", SENDERS),
    Address("desk:send", "out", "post", SENDERS),
    Address("desk:library", "", "get", EVERYBODY),
    Address("desk:new_resource", "", "get", EVERYBODY),
    Address("desk:new_resource", "", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:resource", "resource", "get", EVERYBODY),
    Address("desk:resource", "resource", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:opened_resource", "resource", "post", WRITERS),
    Address("desk:take_down", "resource", "post", WRITERS),
    Address("desk:tip", "", "get", EVERYBODY),
    Address("desk:tip", "", "post", (LOGIN, NO, 422, 422, 422)),
    Address("desk:tip_take_back", "", "post", WRITERS),
    Address("desk:tip_highlight", "year issue", "post", WRITERS),
    Address("desk:figures", "", "get", EVERYBODY),
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
    Address("archive:item", "item", "get", (OK,) * 5),
    Address("archive:search", "", "get", (OK,) * 5),
    Address("archive:search_feed", "form_of_feed", "get", (OK,) * 5),
    Address("archive:topics", "", "get", (OK,) * 5),
    Address("archive:topic", "topic", "get", (OK,) * 5),
    Address("archive:places", "", "get", (OK,) * 5),
    Address("archive:place", "place", "get", (OK,) * 5),
    Address("archive:sources", "", "get", (OK,) * 5),
    Address("archive:source", "source_slug", "get", (OK,) * 5),
    Address("archive:robots", "", "get", (OK,) * 5),
    Address("archive:sitemap", "", "get", (OK,) * 5),
    Address("archive:sitemap_part", "month", "get", (OK,) * 5),
    Address("archive:healthz", "", "get", (OK,) * 5),
    Address("archive:metrics", "", "get", (OK,) * 5),  # from this machine; others need the token
    Address("archive:editions", "", "get", (OK,) * 5),
    Address("archive:edition", "uid", "get", (OK,) * 5),
    Address("archive:text", "uid", "get", (OK,) * 5),
    Address("archive:feed", "", "get", (OK,) * 5),
    Address("archive:style", "", "get", (OK,) * 5),
    Address("archive:picture", "picture", "get", (OK,) * 5),
    Address("archive:library", "", "get", (OK,) * 5),
    Address("archive:resource", "resource", "get", (OK,) * 5),
    Address("archive:tip", "", "get", (OK,) * 5),
    Address("archive:tip_csv", "", "get", (OK,) * 5),
    Address("archive:tip_json", "", "get", (OK,) * 5),
    Address("archive:tip_countries", "", "get", (OK,) * 5),
    Address("archive:tip_edition", "year", "get", (OK,) * 5),
    Address("archive:tip_map", "year", "get", (OK,) * 5),
    Address("archive:tip_country", "iso3", "get", (OK,) * 5),
    Address("archive:tip_line", "iso3", "get", (OK,) * 5),
    Address("archive:figures", "", "get", (OK,) * 5),
    Address("archive:figures_of", "all", "get", (OK,) * 5),
    Address("archive:figures_csv", "all", "get", (OK,) * 5),
    Address("archive:figures_json", "all", "get", (OK,) * 5),
    Address("archive:figures_picture", "all axis", "get", (OK,) * 5),
    Address("archive:api", "", "get", (OK,) * 5),
    Address("archive:api_issues", "", "get", (OK,) * 5),
    Address("archive:api_issue", "uid", "get", (OK,) * 5),
    Address("archive:api_items", "", "get", (OK,) * 5),
    Address("archive:api_item", "token", "get", (404,) * 5),
    Address("archive:api_resources", "", "get", (OK,) * 5),
    Address("archive:api_resource", "resource", "get", (OK,) * 5),
    Address("archive:api_tiers", "", "get", (OK,) * 5),
    Address("archive:api_search", "", "get", (OK,) * 5),
    Address("archive:api_nothing", "token", "get", (404,) * 5),
    Address("archive:icon", "", "get", (204,) * 5),
]


def _client(role: str, **more: Any) -> Client:
    client = Client(**more)
    if role != "nobody":
        client.force_login(make.editor(name=f"The {role}", role=role))
    return client


@pytest.fixture
def things(db: None, settings: Any, tmp_path: Path) -> dict[str, Any]:
    """One of everything, in a folder of this test's own."""
    settings.HOME = tmp_path
    settings.DKIM_FOLDER = tmp_path / "dkim"
    return world.things(tmp_path)


def _address(row: Address, things: dict[str, Any]) -> str:
    return reverse(row.name, args=[things.get(arg, arg) for arg in row.args.split()])


def _called(row: Address) -> str:
    return f"{row.method} {row.name} {row.args}"


class Visits:
    """Many requests of one browser upon one desk: what each does to the tables is taken back after it.

    So the desk is made once for all addresses, and every address still finds it as it was made.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.session = client.cookies.get("sessionid")

    @contextmanager
    def one(self, method: str, address: str, data: dict[str, str]) -> Iterator[Any]:
        self.client.cookies.clear()
        if self.session:
            self.client.cookies["sessionid"] = self.session.value
        with transaction.atomic():
            yield getattr(self.client, method)(address, data)
            transaction.set_rollback(True)


@pytest.mark.parametrize("role", ROLES)
def test_each_address_answers_a_role_as_the_table_says(role: str, things: dict[str, Any]) -> None:
    visits, wrong = Visits(_client(role)), []
    for row in TABLE:
        # A decision and a title need their field; where the form is wrong the table says 422.
        data = {"action": "later", "title": "June 2019"} if row.method == "post" else {}
        wanted = row.answers[ROLES.index(role)]
        stranger = wanted == LOGIN and role == "nobody"
        if stranger and row.method == "post" and row.name not in OWN_DOOR:
            wanted = ENDED  # the page to sign in again carries what was typed
        with visits.one(row.method, _address(row, things), data) as answer:
            answer.getvalue()  # a file that is sent is open until it was read
            if answer.status_code != wanted:
                wrong.append(f"{_called(row)}: {answer.status_code}, not {wanted}")
            elif wanted == NO and "Ask an" not in answer.content.decode():
                wrong.append(f"{_called(row)}: does not say whom to ask")
            elif stranger and wanted == LOGIN and SIGN_IN not in answer.headers["Location"]:
                wrong.append(f"{_called(row)}: leads to {answer.headers['Location']}")
    assert not wrong, "\n".join(wrong)


def test_every_address_is_in_the_table() -> None:
    ours = {
        f"{urls.app_name}:{pattern.name}"
        for urls in (desk, archive)
        for pattern in urls.urlpatterns
        if isinstance(pattern, URLPattern)
    }
    assert {row.name for row in TABLE} == ours


@pytest.mark.parametrize("method", ["get", "head"])
def test_reading_a_page_writes_nothing(method: str, things: dict[str, Any]) -> None:
    visits, wrong = Visits(_client("administrator")), []
    known = {_address(row, things) for row in TABLE if row.method == "get"}
    for address in sorted(known | {address for _, address in world.pages(things)}):
        with (
            CaptureQueriesContext(connection) as asked,
            visits.one(method, address, {}) as answer,
        ):
            answer.getvalue()
        wrong += [
            f"{address}: {q['sql'][:200]}"
            for q in asked
            if re.match(r"(?i)\s*(insert|update|delete)\b", q["sql"])
        ]
    assert not wrong, "\n".join(wrong)


def test_a_form_from_elsewhere_is_refused(things: dict[str, Any]) -> None:
    visits, wrong = Visits(_client("administrator", enforce_csrf_checks=True)), []
    for row in TABLE:
        if row.method == "post":
            with visits.one("post", _address(row, things), {"action": "take"}) as answer:
                told = "This page has grown old" in answer.content.decode()
                if answer.status_code != NO or not told:
                    wrong.append(f"{_called(row)}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


def test_no_page_holds_a_script_or_style_of_its_own(things: dict[str, Any]) -> None:
    visits = Visits(_client("administrator"))
    for name, address in world.pages(things):
        with visits.one("get", address, {}) as answer:
            page = answer.getvalue().decode(errors="replace")
            policy = answer.headers["Content-Security-Policy"]
            prints = name.startswith(("desk:printed", "desk:printed_by_link"))
            assert "script-src 'self';" in policy + ";", name
            assert ("unsafe-inline" in policy) == prints, name
            assert "frame-ancestors 'self'" in policy, name
            kind = answer.headers.get("Content-Type", "")
        if kind.startswith("text/html") and not prints:
            assert not re.search(r"<style\b|\sstyle=|\son\w+=|=[\"']javascript:", page), name
            for script in re.findall(r"<script\b[^>]*>", page):
                assert "src=" in script or 'type="application/ld+json"' in script, name


def test_public_pages_set_no_cookie_and_ask_nobody_else(things: dict[str, Any]) -> None:
    visits = Visits(Client())
    for name, address in world.pages(things):
        if not name.startswith("archive:"):
            continue
        with visits.one("get", address, {}) as answer:
            page = answer.getvalue().decode(errors="replace")
            assert not answer.cookies, name
            assert "Cookie" not in answer.headers.get("Vary", ""), name
        fetched = re.findall(r'<(?:img|script|iframe)\b[^>]*\bsrc="([^"]+)"', page)
        assert all(url.startswith("/") for url in fetched), name
