"""What comes from outside stays words; every address asks for a role and a token; uploads are pictures."""

from __future__ import annotations

import io
import os
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, resolve, reverse
from django.urls.converters import IntConverter
from django.utils import timezone
from PIL import Image

from broadsheet.desk import access
from broadsheet.desk import urls as desk
from broadsheet.issues import compose
from broadsheet.issues.models import Issue, Newsletter, Pick, Section
from broadsheet.news.models import Article, Failure, Feed, Source, Story
from broadsheet.people.models import Deed, Editor
from broadsheet.people.roles import May
from broadsheet.people.sessions import SessionStore
from tests import make
from tests.desk.test_addresses import TABLE, Address, _address, things  # noqa: F401 -- a fixture

pytestmark = pytest.mark.django_db

SCRIPTS = (
    "<script>pwned()</script>",
    "\"><img src=x onerror=pwned()>",
    "' onmouseover='pwned()' x='",
    "</textarea></title><svg onload=pwned()>",
    "[a](javascript:pwned()) <javascript:pwned()>",
    "<a href=\"java\tscript:pwned()\">x</a>",
    "<iframe srcdoc='<script>pwned()</script>'></iframe>",
)  # fmt: skip
POISON = " ".join(SCRIPTS)
ADDRESSES = (
    "javascript:pwned()",
    " JaVaScRiPt:pwned()",
    "java\tscript:pwned()",
    "data:text/html,<script>pwned()</script>",
    "vbscript:pwned()",
)
_LEADING = (
    "href",
    "src",
    "action",
    "formaction",
    "xlink:href",
    "poster",
    "data",
    "hx-get",
    "hx-post",
)


def _runs(page: bytes) -> list[str]:
    """What in a page would run, or lead to something that runs."""
    found = []
    for element in lxml.html.document_fromstring(page).iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag in ("script", "iframe", "object", "embed", "base", "style"):
            # A block of data does not run, as long as nothing in it can end it.
            data = element.get("type") == "application/ld+json" and "<" not in (element.text or "")
            text = not data and ("pwned" in (element.text or "") or "srcdoc" in element.attrib)
            if text or "pwned" in (element.get("src") or ""):
                found.append(lxml.html.tostring(element, encoding="unicode")[:200])
        for name, value in element.attrib.items():
            plain = re.sub(r"[\x00-\x20]", "", value).lower()
            leads = name in _LEADING and plain.startswith(("javascript:", "data:text", "vbscript:"))
            if name.startswith("on") or leads:
                found.append(f"<{element.tag} {name}={value[:80]!r}>")
    return found


def _client(role: str = "administrator", **more: Any) -> Client:
    client = Client(**more)
    client.force_login(make.editor(name=f"The {role}", role=role))
    return client


@pytest.fixture
def poisoned(things: dict[str, Any]) -> dict[str, Any]:  # noqa: F811
    """Everything that comes from outside is hostile: as stored by the services, or past them."""
    bad = ADDRESSES[0]
    Source.objects.exclude(pk=0).update(region=POISON[:100], note=POISON, home=bad)
    Source.objects.filter(pk=things["source"]).update(name=POISON[:200])
    Feed.objects.update(problem=POISON, state={})
    Failure.objects.create(
        url=bad,
        url_hash="0",
        stage="read",
        reason=POISON,
        first=timezone.now(),
        last=timezone.now(),
    )
    image = {
        "url": ADDRESSES[3],
        "alt": POISON,
        "caption": POISON,
        "credit": POISON,
        "licence": POISON,
    }
    Article.objects.update(
        headline=POISON, text=POISON, description=POISON, url=bad, authors=[POISON], image=image,
        language="x", agency=POISON[:80], notes=[POISON],
        evidence=[{"phrase": POISON, "field": "headline", "start": 0, "end": 6, "code": POISON[:20], "weight": 1.0}],
    )  # fmt: skip
    Story.objects.update(headline=POISON, summary={"story": "x", "text": POISON, "sentences": []})
    Newsletter.objects.update(organisation=POISON[:200], name=POISON[:200])
    Issue.objects.filter(pk=things["issue"]).update(
        title=POISON[:200], subject=POISON[:200], preview=POISON
    )
    Section.objects.update(heading=POISON[:200], intro=POISON)
    Pick.objects.update(
        headline=POISON, our_heading=POISON, summary=POISON, note=POISON, content_note=POISON, source=POISON[:200],
        links=[{"text": POISON, "url": one} for one in ADDRESSES],
        images=[image | {"source_url": bad, "permission": {"basis": POISON, "until": None}}],
        footnotes=[POISON],
    )  # fmt: skip
    Deed.objects.create(verb=POISON[:40], about=POISON[:200], reason=POISON, at=timezone.now())
    Editor.objects.filter(pk=things["editor"]).update(name=SCRIPTS[0], email="a@b.example")
    issue = Issue.objects.get(pk=things["issue"])
    issue.comments.update(words=POISON, name=POISON[:80])
    issue.review_links.update(name=POISON[:80])
    return things


PAGES = [row for row in TABLE if row.method == "get"]


def _is_page(answer: Any) -> bool:
    return str(answer.headers.get("Content-Type", "")).startswith("text/html")


def test_no_page_runs_what_came_from_outside(poisoned: dict[str, Any]) -> None:
    client, runs = _client(), {}
    for row in PAGES:
        answer = client.get(_address(row, poisoned))
        page = answer.getvalue()
        assert answer.status_code < 500, row
        if _is_page(answer) and page.strip():
            runs[f"{row.name} {row.args}"] = _runs(page)
    assert {name: found for name, found in runs.items() if found} == {}
    assert len(runs) > 20


ASKED = [
    "q",
    "query",
    "month",
    "search",
    "url",
    "headline",
    "text",
    "summary",
    "source",
    "date",
    "tab",
    "state",
    "next",
    "who",
    "did",
    "words",
    "page",
    "since",
    "until",
    "back",
    "form",
    "read",
    "error",
]


def test_no_page_runs_what_its_address_says(things: dict[str, Any]) -> None:  # noqa: F811
    client, runs = _client(), {}
    for row in PAGES:
        for value in (POISON, ADDRESSES[0]):
            answer = client.get(_address(row, things), dict.fromkeys(ASKED, value))
            page = answer.getvalue()
            assert answer.status_code < 500, row
            if _is_page(answer) and page.strip():
                runs[f"{row.name} {value[:12]}"] = _runs(page)
    assert {name: found for name, found in runs.items() if found} == {}


def test_what_somebody_types_comes_back_as_words() -> None:
    client = _client()
    for name, data in {
        "desk:by_hand": {"url": ADDRESSES[0], "headline": POISON, "text": POISON},
        "desk:add": {"text": POISON, "lines": POISON},
        "desk:find_source": {"url": POISON},
        "desk:draft": {"month": POISON},
        "desk:invite": {"email": POISON, "role": POISON},
        "desk:sign_in": {"name": POISON, "password": POISON},
        "desk:first_run_answer": {"organisation": POISON, "home": POISON, "address": POISON},
    }.items():
        answer = client.post(reverse(name), data, follow=True)
        assert answer.status_code < 500, name
        assert _runs(answer.content) == [], name


# --- who, and from where -------------------------------------------------------------------------


def test_every_view_of_the_desk_says_for_whom_it_is() -> None:
    unmarked = [one.name for one in desk.urlpatterns if access.mark_of(one.callback) is None]
    assert unmarked == []


def test_whatever_is_not_for_reading_needs_more_than_reading_or_is_ones_own() -> None:
    free = {
        one.name
        for one in desk.urlpatterns
        if (mark := access.mark_of(one.callback)) and mark.what in (None, May.READ) and "POST" in mark.methods
    }  # fmt: skip
    own = {"password", "end_session", "factor_begin", "factor_confirm", "factor_change"}
    assert own <= free
    rows = {row.name: row for row in TABLE if row.method == "post"}
    for name in free - own:  # such as a search that a reader keeps: said so in the table
        assert f"desk:{name}" in rows


@pytest.mark.parametrize(
    ("role", "status"), [("reader", 403), ("editor", 403), ("administrator", None), ("", 302)]
)
def test_a_view_that_nobody_marked_is_for_administrators_only(
    role: str, status: int | None, rf: Any
) -> None:
    def nobody_said(request: HttpRequest) -> HttpResponse:
        return HttpResponse("secret")

    asked = rf.get("/desk/new/")
    asked.resolver_match = resolve(reverse("desk:inbox"))
    asked.user = make.editor(role=role) if role else AnonymousUser()
    asked.session = SessionStore()
    answer = access.Door(nobody_said).process_view(asked, nobody_said, (), {})
    assert (answer.status_code if answer else None) == status


def _made_up(pattern: URLPattern) -> str:
    """An address of a pattern, with something in each place that it leaves open."""
    given = {
        name: 1
        if isinstance(converter, IntConverter)
        else converter.regex.split("|")[0]
        if "|" in converter.regex
        else "x"
        for name, converter in pattern.pattern.converters.items()
    }
    return reverse(f"desk:{pattern.name}", kwargs=given)


def test_no_address_takes_a_form_without_its_token() -> None:
    """From the list of addresses itself, so that a new one cannot be forgotten."""
    client = _client(enforce_csrf_checks=True)
    for pattern in desk.urlpatterns:
        answer = client.post(_made_up(pattern), {"do": "let_go"})
        assert answer.status_code == 403, pattern.name
        assert "grown old" in answer.content.decode()


@pytest.mark.parametrize(
    "to", ["https://elsewhere.example/", "//elsewhere.example/", r"\\elsewhere.example", "/\\elsewhere.example",
           "javascript:pwned()", "https:elsewhere.example", "http:///elsewhere.example", "\thttps://elsewhere.example"],
)  # fmt: skip
def test_no_next_page_is_elsewhere(to: str) -> None:
    lin = make.editor(name="Lin")
    lin.set_password("four words by chance")
    lin.save()
    client = Client()
    client.get(reverse("desk:sign_in"), {"next": to})
    came = client.post(reverse("desk:sign_in"), {"name": "Lin", "password": "four words by chance"})
    assert came.headers["Location"] == reverse("desk:inbox")


def test_a_page_to_go_back_to_is_never_elsewhere() -> None:
    story, client = make.story(), _client("editor")
    for back in ("https://elsewhere.example/", "//elsewhere.example/"):
        answer = client.post(
            reverse("desk:decide", args=[story.pk]), {"action": "later", "back": back}
        )
        assert "elsewhere" not in answer.headers.get("Location", "")


def test_a_host_that_the_desk_does_not_answer_to_gets_nothing() -> None:
    answer = Client().get(reverse("desk:sign_in"), headers={"host": "elsewhere.example"})
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["desk:inbox", "desk:sign_in", "desk:account", "archive:editions"])
def test_every_page_tells_the_browser_what_it_must_not_do(name: str) -> None:
    headers = _client().get(reverse(name)).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_the_cookies_of_a_session_are_for_this_desk_alone() -> None:
    lin = make.editor(name="Lin")
    lin.set_password("four words by chance")
    lin.save()
    client = Client()
    client.post(reverse("desk:sign_in"), {"name": "Lin", "password": "four words by chance"})
    session, token = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert session["httponly"]
    assert session["samesite"] == "Lax"
    assert token["samesite"] == "Strict"


# --- settings ------------------------------------------------------------------------------------


def _starts(what: str, **env: str) -> str:
    """What a process says that reads the settings so."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("BROADSHEET", "DJANGO"))}
    ran = subprocess.run(
        [sys.executable, "-c", what], env=clean | env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"BROADSHEET_SECRET_KEY": "short"}, "has 5 characters and needs 32"),
        ({"BROADSHEET_HOSTS": "*"}, "must not hold *"),
        (
            {"BROADSHEET_ADDRESS": "https://news.example.org/desk?x"},
            "of plain letters, digits and hyphens",
        ),
        ({"BROADSHEET_PROXY_NETWORKS": "our proxy"}, "Write addresses or networks with commas"),
        ({"BROADSHEET_ADDRESS": "news.example.org"}, "like https://news.example.org"),
        ({"BROADSHEET_PROXIES": "many"}, "how many proxies stand"),
    ],
)
def test_a_setting_that_cannot_be_is_told_with_its_cure(
    env: dict[str, str], words: str, tmp_path: Path
) -> None:
    said = _starts("import broadsheet.settings", BROADSHEET_HOME=str(tmp_path), **env)
    assert words in said


def test_a_desk_without_a_key_is_not_served(tmp_path: Path) -> None:
    assert "broadsheet start --no-serve" in _starts(
        "import broadsheet.wsgi", BROADSHEET_HOME=str(tmp_path)
    )


def test_behind_https_cookies_are_secure_and_browsers_told_to_stay(tmp_path: Path) -> None:
    said = _starts(
        "import broadsheet.settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, "
        "s.SECURE_HSTS_SECONDS > 0, s.PROXIES, 'news.example.org' in s.ALLOWED_HOSTS)",
        BROADSHEET_HOME=str(tmp_path),
        BROADSHEET_ADDRESS="https://news.example.org",
    )
    assert said.split() == ["True", "True", "True", "1", "True"]


# --- uploads -------------------------------------------------------------------------------------


def _png(width: int, height: int) -> bytes:
    """A PNG that says it has this size, and has no such thing: a bomb of some bytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 10_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _real(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, kind)
    return out.getvalue()


def _hung(client: Client, pick: Pick, name: str, body: bytes, said: str) -> Pick:
    _hand_over(client, pick, name, body, said)
    pick.refresh_from_db()
    return pick


def _hand_over(client: Client, pick: Pick, name: str, body: bytes, said: str) -> Any:
    file = SimpleUploadedFile(name, body, content_type=said)
    return client.post(
        reverse("desk:upload", args=[pick.pk]),
        {"turn": pick.turn, "file": file, "alt": "A boat", "caption": "A boat", "credit": "Us", "basis": "our own"},
    )  # fmt: skip


def _pick() -> Pick:
    issue = make.issue()
    made: Pick = compose.pick(make.story(), issue.sections.last(), None, timezone.now())
    return made


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>pwned()</script></svg>'),
        (
            "svg-as.png",
            b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="pwned()"/>',
        ),
        ("page.png", b"<!doctype html><script>pwned()</script>"),
        ("gif-and-script.gif", b"GIF89a/*" + b"\0" * 20 + b"*/=1;pwned()"),
        ("bomb.png", _png(60_000, 60_000)),
        ("wide.png", _png(2**31 - 1, 1)),
        ("cut.jpg", _real("JPEG")[:200]),
        ("empty.png", b""),
        ("program.png", b"MZ\x90\x00" + b"\0" * 500),
        ("../../../../etc/passwd.png", b"root:x:0:0"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_no_picture_is_refused_in_words(
    name: str, body: bytes, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    client, pick = _client("editor"), _pick()
    before = pick.images
    answer = _hand_over(client, pick, name, body, "image/png")
    pick.refresh_from_db()
    assert pick.images == before
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()


def test_what_hangs_behind_a_picture_or_in_it_is_left_behind_and_its_name_does_not_matter(
    settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    body = _real("JPEG") + b"<script>pwned()</script><?php system(1) ?>"
    pick = _hung(_client("editor"), _pick(), "../../x.svg.php", body, "image/svg+xml")
    [file] = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert file.parent == tmp_path / "pictures"
    assert re.fullmatch(r"[0-9a-f]{64}\.(jpg|jpeg|png|webp)", file.name)
    assert b"pwned" not in file.read_bytes()
    assert b"php" not in file.read_bytes()
    assert pick.images[0]["alt"] == "A boat"
