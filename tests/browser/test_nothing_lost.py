"""Two editors at once, and a server that dies while somebody types: nothing is lost.

The server is a real one, of its own process and database, so that it can be killed as by a power cut.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent.parent

# A desk with one issue of one item, and one-time links for two editors; printed for the test.
_SET_UP = """
from django.utils import timezone
from django.core.management import call_command
call_command("migrate", verbosity=0)
from broadsheet.issues import compose
from broadsheet.issues.models import Issue, Newsletter, Section
from broadsheet.people import doors
from broadsheet.people.models import Editor
letter = Newsletter.objects.create(name="The Letter")
issue = Issue.objects.create(newsletter=letter, month="2019-06", title="June 2019")
section = Section.objects.create(issue=issue, position=0, heading="World", takes="world")
pick = compose.write(section, None, timezone.now(), headline="Our own item")
for name in ("Ada", "Bo"):
    print(doors.link_for(Editor.objects.create_user(name=name, role="editor"), timezone.now()))
print(issue.pk, section.pk, pick.pk)
"""


class Desk:
    """A desk in a folder of its own, which can be killed and started again."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.env = os.environ | {
            "BROADSHEET_HOME": str(home),
            "BROADSHEET_SECRET_KEY": "tests only, and long enough to be taken",
            "DJANGO_SETTINGS_MODULE": "broadsheet.settings",
            "DATABASE_URL": f"sqlite:///{home / 'desk.sqlite3'}",
        }
        code = f"import django; django.setup()\n{_SET_UP}"
        made = subprocess.run(
            [sys.executable, "-c", code], env=self.env, capture_output=True, text=True, check=True
        )
        self.ada, self.bo, keys = made.stdout.strip().splitlines()[-3:]
        self.issue, self.section, self.pick = keys.split()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
                   "--port", str(self.port), "broadsheet.wsgi:application"]  # fmt: skip
        self.process = subprocess.Popen(
            command, env=self.env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.address}/desk/sign-in/", timeout=20).close()
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)  # nothing tells when a port is open but asking
            else:
                return
        raise AssertionError("the desk did not start within a minute")

    def kill(self) -> None:
        """As a power cut: the server and its workers, at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def _signed_in(chromium: Browser, desk: Desk, token: str) -> Iterator[tuple[BrowserContext, Page]]:
    context = chromium.new_context(base_url=desk.address)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(f"/desk/sign-in/{token}/")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/desk/")
    yield context, page
    context.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    made.start()
    yield made
    made.kill()


def test_two_editors_and_a_server_that_dies_in_mid_edit_lose_nothing(
    chromium: Browser, desk: Desk
) -> None:
    with (
        _signed_in(chromium, desk, desk.ada) as (_, ada),
        _signed_in(chromium, desk, desk.bo) as (bo_context, bo),
    ):
        address = f"/desk/picks/{desk.pick}/"
        ada.goto(address)
        bo.goto(address)
        ada.get_by_label("Summary", exact=True).fill("What Ada writes.")
        ada.get_by_role("button", name="Keep", exact=True).first.click()
        expect(ada.locator("#main").get_by_text("is kept.")).to_be_visible()
        # Bo types on, is held on the desk, and then the server dies.
        bo.get_by_label("Summary", exact=True).fill("What Bo writes, for an hour.")
        expect(bo.get_by_text("Held on the desk")).to_be_visible()
        desk.kill()
        bo.get_by_label("Editor’s note").fill("And a note, typed while nothing answered.")
        expect(bo.get_by_text("The desk does not answer")).to_be_visible()
        desk.start()
        # It comes back by itself; the note too is held now.
        expect(bo.get_by_text("Held on the desk")).to_be_visible(timeout=30_000)
        # Bo's machine dies as well: another tab, which knows nothing of the first.
        bo.close(run_before_unload=False)
        again = bo_context.new_page()
        again.set_default_timeout(20_000)
        again.goto(address)
        expect(again.get_by_label("Summary", exact=True)).to_have_value("What Ada writes.")
        again.get_by_role("button", name="Put them back").click()
        summary = again.get_by_label("Summary", exact=True)
        expect(summary).to_have_value("What Bo writes, for an hour.")
        expect(again.get_by_label("Editor’s note")).to_have_value(
            "And a note, typed while nothing answered."
        )
        # Meanwhile Ada keeps something else; Bo is shown both texts, and nothing is overwritten.
        ada.goto(address)
        ada.get_by_label("Summary", exact=True).fill("What Ada writes later.")
        ada.get_by_role("button", name="Keep", exact=True).first.click()
        expect(ada.locator("#main").get_by_text("is kept.")).to_be_visible()
        again.get_by_role("button", name="Keep", exact=True).first.click()
        conflict = again.get_by_role("alert")
        expect(conflict).to_contain_text("was changed by Ada")
        expect(conflict).to_contain_text("What Ada writes later.")
        expect(again.get_by_label("Summary", exact=True)).to_have_value(
            "What Bo writes, for an hour."
        )
        ada.reload()
        # Having seen both, Bo keeps; what Ada wrote stands in the history.
        again.get_by_role("button", name="Keep", exact=True).first.click()
        expect(again.locator("#main").get_by_text("is kept.")).to_be_visible()
        again.goto(f"/desk/picks/{desk.pick}/history/")
        expect(again.locator("del", has_text="Ada").first).to_be_visible()


def test_a_lost_connection_an_ended_session_and_the_back_button_lose_nothing(
    chromium: Browser, desk: Desk
) -> None:
    with _signed_in(chromium, desk, desk.ada) as (context, ada):
        address = f"/desk/picks/{desk.pick}/"
        ada.goto(address)
        summary = ada.get_by_label("Summary", exact=True)
        # The train goes into a tunnel.
        context.set_offline(True)
        summary.fill("Typed in a tunnel.")
        expect(ada.get_by_text("The desk does not answer")).to_be_visible()
        context.set_offline(False)
        expect(ada.get_by_text("Held on the desk")).to_be_visible()
        # The session ends while more is typed; the desk says so by itself, and signing in elsewhere is enough.
        session = context.cookies()
        context.clear_cookies(name="sessionid")
        summary.fill("Typed in a tunnel, and after the session had ended.")
        expect(ada.get_by_role("alert")).to_contain_text("Your session has ended")
        expect(summary).to_have_value("Typed in a tunnel, and after the session had ended.")
        context.add_cookies(session)  # type: ignore[arg-type]
        ada.get_by_role("button", name="I am signed in again").click()
        # Away by a link without keeping, against the browser's warning, and back by its button.
        ada.on("dialog", lambda asked: asked.accept())
        ada.get_by_role("link", name="Back to June 2019").first.click()
        ada.wait_for_url("**/desk/issues/**")
        ada.go_back()
        put_back = ada.get_by_role("button", name="Put them back")
        expect(put_back.or_(summary)).not_to_have_count(0)
        if put_back.count():
            put_back.click()
        expect(summary).to_have_value("Typed in a tunnel, and after the session had ended.")
        ada.get_by_role("button", name="Keep", exact=True).first.click()
        expect(ada.locator("#main").get_by_text("is kept.")).to_be_visible()
        ada.goto(address)
        expect(ada.get_by_label("Summary", exact=True)).to_have_value(
            "Typed in a tunnel, and after the session had ended."
        )
        expect(ada.get_by_role("button", name="Put them back")).to_have_count(0)
