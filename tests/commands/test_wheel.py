"""The wheel alone, in an empty environment: no checkout, and a desk from its first run to a public page."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from lxml import html

ROOT = Path(__file__).parents[2]


NEWS = "Two jailed for human trafficking in Arbury"
TEXT = "The court heard that eleven women were held in forced labour on a farm, without pay. " * 6


class _Outlet(BaseHTTPRequestHandler):
    """An outlet with a feed and one story of today; asked below /gone it is not there."""

    def do_GET(self) -> None:
        day = time.strftime("%a, %d %b %Y 00:00:01 GMT", time.gmtime())
        here = "http://{}:{}".format(*self.connection.getsockname()[:2])
        feed = f"<rss version='2.0'><channel><title>The Bay Post</title><item><title>{NEWS}</title><link>{here}/1</link><pubDate>{day}</pubDate></item></channel></rss>"
        page = f"<!doctype html><html lang='en'><title>{NEWS}</title><article><h1>{NEWS}</h1><p>{TEXT}</p></article></html>"
        known = {"/feed": ("application/rss+xml", feed), "/1": ("text/html", page)}
        kind, body = known.get(self.path, ("text/plain", "not here"))
        self.send_response(200 if self.path in known else 404)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        """Said nowhere."""


@contextmanager
def _outlet() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Outlet)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class _Browser:
    """What a newcomer does: opens a page, fills its forms in, presses their buttons."""

    def __init__(self) -> None:
        self.at, self.page = "", html.fromstring("<p>")
        self._open = build_opener(HTTPCookieProcessor(CookieJar()))

    def open(self, address: str, data: dict[str, str] | None = None) -> str:
        """The page's words; the server may need a moment after it has said where it is."""
        body = urlencode(data).encode() if data is not None else None
        for _ in range(600):
            try:
                with self._open.open(
                    Request(urljoin(self.at, address), body), timeout=60
                ) as answer:
                    words = str(answer.read().decode())
                    self.at, self.page = answer.url, html.fromstring(words)
                    return words
            except HTTPError as error:
                raise AssertionError(
                    f"{address}: {error.code} {error.read().decode()[:2000]}"
                ) from error
            except URLError as error:
                if not isinstance(error.reason, ConnectionError):
                    raise
                time.sleep(0.1)
        raise AssertionError(f"{address} did not answer")

    def send(self, to: str, /, ticks: str = "", **fields: str) -> str:
        """Fill in the form that leads to `to`, tick the boxes of a name, and press its button."""
        form = next(
            one for one in self.page.forms if re.search(to, urljoin(self.at, one.action or self.at))
        )
        given = {name: value or "" for name, value in form.fields.items()}
        for box in (
            form.xpath(f".//input[@type='checkbox' and starts-with(@name, '{ticks}')]")
            if ticks
            else ()
        ):
            given[box.get("name")] = box.get("value", "on")
        return self.open(form.action or self.at, given | fields)

    def until(self, address: str, there: Callable[[str], Any]) -> str:
        """The page, once it shows what is waited for: a worker does it meanwhile."""
        end = time.monotonic() + 120
        while time.monotonic() < end:
            if there(words := self.open(address)):
                return words
            time.sleep(0.3)
        raise AssertionError(f"{address} never showed it: {words}")


def _beat(folder: Path, outlet: str) -> Path:
    """The shipped beat, with outlets of ours for those of the world."""
    shutil.copytree(ROOT / "src/broadsheet/beats/human_trafficking", folder)
    row = '  - {{name: "{}", kind: newspaper, region: "Global", lang: en, url: "{}", type: rss, url_status: seen, seen_in: A, yield: beat, enabled: true}}'
    rows = (
        row.format("The Bay Post", f"{outlet}/feed"),
        row.format("The Lost Echo", f"{outlet}/gone"),
    )
    (folder / "sources.yaml").write_text("\n".join(['version: "1.0"', "sources:", *rows, ""]))
    return folder


def _installed(folder: Path) -> Path:
    """Build the wheel and install it into an empty environment; that environment's folder of programs.

    What the wheel needs is lent by this environment's packages, since 300 MB from a registry would be
    asked for at every run; the product itself is the wheel's. That they suffice for a bare machine is
    shown by .ci/container-in-a-chroot, which installs all of them by their hashes.
    """
    source = folder / "source"
    shutil.copytree(ROOT / "src", source / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    build = "from hatchling.build import build_wheel; print(build_wheel('.'))"
    made = subprocess.run(
        [sys.executable, "-c", build], cwd=source, check=True, capture_output=True, text=True
    )
    wheel = source / made.stdout.split()[-1]
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    python = folder / "venv/bin/python"
    subprocess.run(
        [Path(sys.executable).parent / "uv", "pip", "install", "--quiet", "--offline", "--no-deps",
         "--python", python, wheel], check=True,
    )  # fmt: skip
    (lent,) = (path for path in map(Path, sys.path) if (path / "django").is_dir())
    (own,) = (folder / "venv/lib").glob("python*/site-packages")
    # After its own packages; the editable product of this environment is not among them, since a .pth
    # file within a folder named by a .pth file is not read.
    (own / "lent.pth").write_text(f"{lent}\n")
    return folder / "venv/bin"


@pytest.mark.slow
def test_a_newcomer_gets_from_the_built_wheel_to_a_public_page(tmp_path: Path) -> None:
    """`broadsheet start` with the worker, the first run, the sources tried, and a first issue."""
    programs = _installed(tmp_path)
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BROADSHEET_", "DATABASE_", "DJANGO_", "PYTHON"))
    }
    where = subprocess.run(
        [programs / "python", "-c", "import broadsheet; print(broadsheet.__file__)"],
        cwd=tmp_path, env=env, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(tmp_path / "venv/lib"))
    with _outlet() as outlet:
        env |= {
            "BROADSHEET_BEAT": str(_beat(tmp_path / "beat", outlet)),
            "BROADSHEET_ALLOW_NETWORKS": "127.0.0.0/8",
        }
        with subprocess.Popen(
            [programs / "broadsheet", "start", "--port", "8741"],
            cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True,
        ) as desk:  # fmt: skip
            assert desk.stdout is not None
            told = ""
            try:
                while "Kept in" not in told:
                    line = desk.stdout.readline()
                    assert line, told
                    told += line
                _as_in_the_tutorial(re.findall(r"http://127\.0\.0\.1:\S+", told))
                _a_web_process_that_dies_is_begun_anew(desk.pid)
            finally:
                desk.send_signal(signal.SIGINT)
                try:
                    desk.wait(60)
                except subprocess.TimeoutExpired:
                    desk.kill()
                    raise
            assert desk.returncode == 0
    assert (tmp_path / "var/broadsheet.sqlite3").exists()


def _a_web_process_that_dies_is_begun_anew(desk: int) -> None:
    def answering() -> set[int]:
        children = Path(f"/proc/{desk}/task/{desk}/children").read_text().split()
        return {int(n) for n in children if b"serving" in Path(f"/proc/{n}/cmdline").read_bytes()}

    before = answering()
    os.kill(min(before), signal.SIGKILL)
    end = time.monotonic() + 60
    while min(before) in (now := answering()) or len(now) < len(before):
        assert time.monotonic() < end, f"{before} became {now}"
        time.sleep(0.1)


def _as_in_the_tutorial(told: list[str]) -> None:
    public, link = told[:2]
    me = _Browser()
    assert me.open(f"{public}healthz") == '{"status": "ok"}'
    me.open(link)
    if me.page.forms and "sign-in" in me.at:  # the link asks before it lets somebody in
        me.send("sign-in")
    assert "Three questions" in me.open("/desk/first-run/")
    me.send("first-run/answer", organisation="Lantern House", home="Kenya")
    for _ in range(2):
        me.send("first-run/try")
    assert "2 of 2 tried, 1 answer." in me.page.text_content()
    me.send("first-run/off")
    assert "1 sources are switched off" in me.page.text_content()
    me.send("first-run/finish", month=time.strftime("%Y-%m", time.gmtime()))
    me.until("/desk/?band=relevant", lambda page: NEWS in page)
    story = me.page.xpath("//*[starts-with(@id, 'story-')]/@id")[0].removeprefix("story-")
    me.send(f"stories/{story}/decide/", action="take")
    me.open("/desk/issues/")
    me.send("issues/draft", month=time.strftime("%Y-%m", time.gmtime()))
    assert NEWS in me.page.text_content()
    issue = re.search(r"issues/(\d+)/", me.at)
    assert issue
    me.open(f"/desk/issues/{issue[1]}/check/")
    me.send("check/sign", ticks="t")
    me.open(f"/desk/issues/{issue[1]}/publish/")
    me.send("publish", read="on")
    assert "is published" in me.page.text_content()
    reader = _Browser()
    reader.open(public)
    assert "Lantern House" in reader.page.text_content()
    (edition,) = set(reader.page.xpath("//a[contains(@href, '/editions/')]/@href"))
    assert NEWS in reader.open(urljoin(public, edition))
