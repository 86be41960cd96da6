"""A desk that stands below a path of somebody's site: nothing that it says leads out of it."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import clear_url_caches
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

import broadsheet.urls
from broadsheet import front
from broadsheet.archive import folder
from tests import make, world
from tests.desk.test_addresses import TABLE, Visits, _address, _client

PATH, HOST = "/news", "charity.example"
ROOT = Path(__file__).parents[1]
# Attributes that hold an address of ours; `content` of a robots line or a colour holds none with a slash.
_LINKS = re.compile(
    r"""\s(?:href|src|action|formaction|data-[a-z-]+|hx-[a-z-]+|poster|content)=["']([^"']*)["']"""
)
_CSS = re.compile(r"""url\(["']?([^"')]+)""")


@pytest.fixture
def _as_before() -> Iterator[None]:
    """Set up before `settings`, so torn down after it."""
    yield
    _addresses_anew()


@pytest.fixture
def below(_as_before: None, settings: Any) -> None:
    """The settings of BROADSHEET_ADDRESS=https://charity.example/news, in this process."""
    settings.ADDRESS, settings.PATH = f"https://{HOST}{PATH}", PATH
    settings.STATIC_URL = f"{PATH}/static/"
    settings.SESSION_COOKIE_PATH = settings.CSRF_COOKIE_PATH = f"{PATH}/"
    settings.ALLOWED_HOSTS = [HOST, "testserver"]
    _addresses_anew()


def _addresses_anew() -> None:
    importlib.reload(broadsheet.urls)
    clear_url_caches()


def _leads_out(address: str) -> bool:
    """Whether an address is of this host and not below the path."""
    address = address.strip().removeprefix(f"https://{HOST}").removeprefix("http://testserver")
    return (
        address.startswith("/")
        and not address.startswith("//")
        and not f"{address.partition('?')[0]}/".startswith(f"{PATH}/")
    )


def _out_of(answer: Any) -> set[str]:
    """All that leads out: of headers, cookies, pages, style sheets, feeds, lists and plain texts."""
    said = [answer.headers.get(name, "") for name in ("Location", "HX-Redirect", "HX-Push-Url", "HX-Location")]  # fmt: skip
    found = {one for one in said if _leads_out(one)}
    found |= {f"cookie {c.key} {c['path']}" for c in answer.cookies.values() if c["path"] != f"{PATH}/"}  # fmt: skip
    body, kind = answer.getvalue(), answer.headers.get("Content-Type", "")
    if not kind.startswith(("text/", "application/json", "application/xml", "application/atom", "application/rss", "application/feed", "application/ld", "image/svg")):  # fmt: skip
        return found
    words = body.decode()
    found |= {one for one in _LINKS.findall(words) + _CSS.findall(words) if _leads_out(one)}
    return found | {
        one for one in re.findall(rf"https?://(?:{HOST}|testserver)[^\s\"'<>)]*", words)
        if one.rstrip("/") != f"https://{HOST}" and _leads_out(one)
    }  # fmt: skip


@pytest.fixture
def things(db: None, settings: Any, tmp_path: Path) -> dict[str, Any]:
    settings.HOME, settings.DKIM_FOLDER = tmp_path, tmp_path / "dkim"
    return world.things(tmp_path)


def test_no_page_form_feed_or_redirect_leads_out_of_the_path(
    below: None, things: dict[str, Any]
) -> None:
    visits, wrong, seen = Visits(_client("administrator")), [], 0
    asked = [(name, "get", address, {}) for name, address in world.pages(things)]
    asked += [
        (row.name, row.method, _address(row, things), {"action": "later", "title": "June 2019"})
        for row in TABLE
        if row.method == "post" and row.name != "desk:first_run_try"  # visits a feed
    ]
    for name, method, address, data in asked:
        if not name.startswith("nowhere"):
            assert address.startswith(f"{PATH}/"), (name, address)
        with visits.one(method, address, data) as answer:
            wrong += [f"{name}: {one}" for one in sorted(_out_of(answer))]
            seen += 1
    assert not wrong, "\n".join(wrong)
    assert seen > 200


def test_an_editor_signs_in_and_works_below_the_path(below: None, db: None) -> None:
    editor = make.editor()
    editor.set_password("a long enough password")
    editor.save()
    client = Client(headers={"host": HOST}, enforce_csrf_checks=True)
    door = client.get(f"{PATH}/desk/issues/", secure=True)
    assert door.headers["Location"] == f"{PATH}/desk/sign-in/?next={PATH}/desk/issues/"
    page = client.get(door.headers["Location"], secure=True)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert token
    came = client.post(
        f"{PATH}/desk/sign-in/",
        {"name": editor.name, "password": "a long enough password", "csrfmiddlewaretoken": token[1]},
        secure=True,
        headers={"origin": f"https://{HOST}"},
    )  # fmt: skip
    assert (came.status_code, came.headers["Location"]) == (302, f"{PATH}/desk/issues/")
    assert client.get(came.headers["Location"], secure=True).status_code == 200


def test_a_proxy_that_takes_the_path_off_is_answered_alike(below: None, db: None) -> None:
    client = Client()
    for path in ("/", "/healthz", "/desk/sign-in/", "/static/desk/desk.css", "/feed.atom"):
        whole, short = client.get(f"{PATH}{path}"), client.get(path)
        assert (whole.status_code, whole.getvalue()[:40]) == (200, short.getvalue()[:40]), path


@pytest.fixture
def caddy(below: None, transactional_db: None, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Start Caddy before the live desk with a site of these lines; its address. Ended after the test."""
    if not shutil.which("caddy"):
        pytest.skip("Caddy is not here: .ci/install-debian installs it")
    running = []
    desk = LiveServer("127.0.0.1")  # of its own: the shared one was started with other settings

    def start(lines: str) -> str:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        lines = lines.replace("DESK", desk.url.removeprefix("http://"))
        given = tmp_path / f"Caddyfile{len(running)}"
        given.write_text(f"{{\nadmin off\n}}\nhttp://127.0.0.1:{port} {{\n{lines}\n}}\n")
        running.append(
            subprocess.Popen(
                ["caddy", "run", "--adapter", "caddyfile", "--config", given],
                env=os.environ | {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)},
                stderr=subprocess.DEVNULL,
            )
        )
        while running[-1].poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return f"http://127.0.0.1:{port}"
        raise AssertionError("Caddy did not start")

    yield start
    for one in running:
        one.terminate()
        one.wait(20)
    desk.stop()


@pytest.mark.parametrize("way", ["handle", "handle_path"])  # leaves the path on; takes it off
def test_behind_a_real_proxy_an_editor_signs_in_and_the_page_has_its_style(
    below: None, caddy: Callable[[str], str], settings: Any, way: str
) -> None:
    front_door = caddy(f"{way} {PATH}/* {{\nreverse_proxy DESK\n}}\nrespond 404")
    settings.ADDRESS, settings.CSRF_TRUSTED_ORIGINS = f"{front_door}{PATH}", [front_door]
    settings.ALLOWED_HOSTS, settings.PROXIES = ["127.0.0.1"], 1
    editor = make.editor()
    editor.set_password("a long enough password")
    editor.save()
    browser = build_opener(HTTPCookieProcessor(CookieJar()))

    def ask(path: str, data: dict[str, str] | None = None) -> tuple[str, str]:
        given = Request(f"{front_door}{path}", urlencode(data).encode() if data else None, {"Origin": front_door})  # fmt: skip
        with browser.open(given, timeout=30) as answer:
            return answer.url, answer.read().decode()

    where, page = ask(f"{PATH}/desk/issues/")  # to the door, and back after it
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token and where.startswith(f"{front_door}{PATH}/desk/sign-in/")  # noqa: PT018
    for style in re.findall(r'(?:href|src)="([^"]+\.(?:css|js)[^"]*)"', page):
        assert ask(style)[1]
    given = {"name": editor.name, "password": "a long enough password", "csrfmiddlewaretoken": token[1]}  # fmt: skip
    where, page = ask(f"{PATH}/desk/sign-in/", given)
    assert where == f"{front_door}{PATH}/desk/issues/"
    assert editor.name in page


def test_letters_and_prints_name_the_whole_address(
    below: None, things: dict[str, Any], settings: Any
) -> None:
    """Also in a thread of the worker's own, where no request has told Django of a path."""
    from concurrent.futures import ThreadPoolExecutor

    from broadsheet.mailing import links

    subscriber = make.subscriber()
    with ThreadPoolExecutor(1) as other:
        assert other.submit(links.leave, subscriber).result().startswith(f"https://{HOST}{PATH}/u/")
    settings.MAIL = "smtp://localhost"
    settings.MAIL_SENDER = "Lantern House <letter@lantern.example>"
    from broadsheet.issues.models import Edition
    from broadsheet.mailing import letters

    row = Edition.objects.get(issue__uid=things["uid"])
    writer = letters.Writer(row)
    data = writer.test("reader@example.org", timezone.now(), "full", discreet=False).data
    import email as mails

    for part in mails.message_from_bytes(data).walk():
        if not part.is_multipart():
            words = part.get_payload(decode=True).decode()
            for found in re.findall(rf"https://{HOST}[^\s\"'<>)]*", words):
                assert not _leads_out(f"{found}/"), found
    assert not mail.outbox


def test_a_picture_is_found_after_the_desk_has_moved(below: None, settings: Any) -> None:
    """Editions keep a picture's address without the path, and a picture of others as it is."""
    from broadsheet.issues import pictures
    from broadsheet.wire.edition import Edition, Image, Item, Section

    name = f"/pictures/{'0' * 64}.png"
    kept = Edition("u", "N", "T", sections=(Section(items=(Item("i", "notice", "H", images=(Image(name, "a", "b"), Image(None, "a", "b"))),)),))  # fmt: skip

    def urls(edition: Edition) -> list[str | None]:
        return [one.url for one in edition.items()[0].images]

    assert urls(pictures.placed(kept)) == [PATH + name, None]
    settings.PATH = "/letters/monthly"
    assert urls(pictures.placed(kept)) == ["/letters/monthly" + name, None]
    settings.PATH = ""
    assert pictures.placed(kept) is kept


def test_files_for_any_web_space_know_nothing_of_the_path(
    below: None, things: dict[str, Any], tmp_path: Path
) -> None:
    client = Client()

    def ask(address: str) -> folder.Page:
        came = client.get(address)
        return folder.Page(came.status_code, came.headers.get("Content-Type", ""), came.getvalue(), came.headers.get("Location", ""))  # fmt: skip

    out = tmp_path / "files"
    files = {w.path.relative_to(out).as_posix() for w in folder.write(ask, out, f"https://{HOST}{PATH}", PATH) if w.path}  # fmt: skip
    assert {"index.html", f"editions/{things['uid']}/index.html"} <= files
    assert not any(name.startswith("news/") for name in files)
    page = (out / "index.html").read_text()
    assert f"editions/{things['uid']}/index.html" in page
    assert not re.search(rf'(?:href|src)="{PATH}/', page)


def test_no_script_of_ours_writes_an_address_down() -> None:
    for path in (ROOT / "src/broadsheet").glob("*/static/**/*.js"):
        if "vendor" not in path.parts:
            assert not re.search(r"""["'`]/[a-z]""", path.read_text()), path.name


def test_an_address_is_checked_at_the_start(tmp_path: Path) -> None:
    good = {"https://charity.example/news/": "/news", "https://charity.example/our/news": "/our/news", "https://charity.example": ""}  # fmt: skip
    bad = ["https://charity.example/news?x", "https://charity.example/a b", "https://charity.example/../desk", "charity.example/news"]  # fmt: skip
    code = """
import os, runpy, sys
for one in sys.argv[1:]:
    os.environ["BROADSHEET_ADDRESS"] = one
    try:
        made = runpy.run_module("broadsheet.settings")
        print("ok", made["PATH"], made["SESSION_COOKIE_PATH"], made["STATIC_URL"], sep=",")
    except Exception as error:
        print(error)
"""
    env = os.environ | {"BROADSHEET_HOME": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", code, *good, *bad], capture_output=True, text=True, check=True, env=env)  # fmt: skip
    lines = ran.stdout.splitlines()
    assert lines[: len(good)] == [f"ok,{path},{path}/,{path}/static/" for path in good.values()]
    assert all("is no address that readers can open" in line for line in lines[len(good) :])
    assert len(lines) == len(good) + len(bad)


def _told(settings: Any, peer: str, networks: tuple[str, ...]) -> str:
    """Whom the limits count behind one proxy, where `peer` asks and says it asks for 203.0.113.9."""
    from broadsheet.people import limits

    settings.PROXY_NETWORKS, settings.PROXIES = list(networks), 1
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(f"{limits.asked_from(request)} {request.is_secure()}")
        return HttpResponse()

    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    request = HttpRequest()
    request.META |= {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": "203.0.113.9",
                     "HTTP_X_FORWARDED_PROTO": "https", "wsgi.url_scheme": "http"}  # fmt: skip
    request.path = request.path_info = "/"
    front.Front(view)(request)
    return seen[0]


@pytest.mark.parametrize(
    ("peer", "networks", "told"),
    [
        ("127.0.0.1", (), "203.0.113.9 True"),
        ("::1", (), "203.0.113.9 True"),
        ("", (), "203.0.113.9 True"),
        ("::ffff:127.0.0.1", (), "203.0.113.9 True"),
        ("172.18.0.1", (), "172.18.0.1 False"),
        ("172.18.0.1", ("172.16.0.0/12",), "203.0.113.9 True"),
        ("198.51.100.7", ("172.16.0.0/12",), "198.51.100.7 False"),
    ],
)
def test_only_named_proxies_are_believed(
    peer: str, networks: tuple[str, ...], told: str, settings: Any
) -> None:
    assert _told(settings, peer, networks) == told
