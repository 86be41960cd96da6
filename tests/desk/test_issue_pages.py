"""The pages around an issue: pictures handed over, pasted words, comments, the check, review by link."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from broadsheet import front
from broadsheet.issues import compose, pictures
from broadsheet.issues.models import Comment, Issue, Pick, Review
from broadsheet.jobs.models import Job
from broadsheet.press import pasted
from tests import make

pytestmark = pytest.mark.django_db


@pytest.fixture
def pick(settings: Any, tmp_path: Any) -> Pick:
    settings.HOME = tmp_path
    issue = make.issue(subject="June", preview="What June brought.")
    made: Pick = compose.write(issue.sections.first(), None, timezone.now(), headline="Our news")
    return made


def file(kind: str = "JPEG", size: tuple[int, int] = (40, 30), **how: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **how)
    return out.getvalue()


WHOLE = {
    "alt": "A bridge",
    "caption": "A bridge at noon",
    "credit": "A. Person",
    "basis": "our own",
}


def hand(client: Client, pick: Pick, body: bytes | None, name: str = "a.jpg", **but: str) -> str:
    given: dict[str, Any] = {"turn": str(Pick.objects.get(pk=pick.pk).turn)} | WHOLE | but
    if body is not None:
        given["file"] = SimpleUploadedFile(name, body)
    answer = client.post(reverse("desk:upload", args=[pick.pk]), given, follow=True)
    return answer.content.decode()


def test_a_picture_is_handed_over_made_anew_and_printed(editor: Client, pick: Pick) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where the shelter is"
    polyglot = file(exif=exif) + b"<script>alert(1)</script>PK\x03\x04"
    assert "is kept here and will be printed" in hand(editor, pick, polyglot, "x.html")
    (image,) = Pick.objects.get(pk=pick.pk).images
    kept = pictures.file(image["url"].removeprefix(pictures.ADDRESS))
    assert kept is not None
    assert b"shelter" not in kept.read_bytes()
    assert b"script" not in kept.read_bytes()
    assert (image["width"], image["alt"]) == (40, "A bridge")
    printed = editor.get(reverse("desk:printed", args=[pick.issue_id, "mail"])).content.decode()
    assert image["url"] in printed
    bare = editor.get(reverse("desk:printed", args=[pick.issue_id, "mail"]) + "?as=bare")
    assert image["url"] not in bare.content.decode()
    answer = editor.post(
        reverse("desk:unhang", args=[pick.pk]), {"turn": Pick.objects.get(pk=pick.pk).turn}
    )
    assert answer.status_code == 302
    assert Pick.objects.get(pk=pick.pk).images == []


def test_a_picture_stands_in_the_pdf_and_in_what_other_programs_take(
    editor: Client, pick: Pick
) -> None:
    def got(name: str, form: str) -> bytes:
        answer = editor.get(reverse(name, args=[pick.issue_id, form]))
        assert answer.status_code == 200
        return answer.getvalue()

    without = got("desk:printed", "pdf")
    hand(editor, pick, file())
    (image,) = Pick.objects.get(pk=pick.pk).images
    assert b"/Subtype/Image" not in without
    assert b"/Subtype/Image" in got("desk:printed", "pdf")
    with zipfile.ZipFile(io.BytesIO(got("desk:taken", "mailchimp"))) as campaign:
        assert "images/picture-1.png" in campaign.namelist()
        assert b"images/picture-1.png" in campaign.read("campaign.html")
    for form in ("blog", "markdown"):
        assert front.whole(image["url"]) in got("desk:taken", form).decode()
    assert json.loads(got("desk:taken", "json"))["sections"][0]["items"][0]["uid"] == pick.uid


def test_an_issue_that_is_out_is_printed_as_readers_have_it(editor: Client, pick: Pick) -> None:
    compose.publish(pick.issue, None, timezone.now())
    Pick.objects.filter(pk=pick.pk).update(headline="Changed behind the desk")
    printed = editor.get(reverse("desk:printed", args=[pick.issue_id, "web"])).content.decode()
    assert "Our news" in printed
    assert "Changed behind" not in printed


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "SVG drawing"),
        (b"\xff\xd8\xff" + b"\0" * 200, "no picture that can be opened"),
        (b"<html><script>alert(1)</script></html>", "A web page came instead"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(
    body: bytes, words: str, editor: Client, pick: Pick
) -> None:
    assert words in hand(editor, pick, body)
    assert Pick.objects.get(pk=pick.pk).images == []


def test_a_picture_of_sixty_million_pixels_is_taken_and_made_smaller(
    editor: Client, pick: Pick
) -> None:
    body = file(size=(9504, 6336), quality=30)
    assert "will be printed" in hand(editor, pick, body)
    assert Pick.objects.get(pk=pick.pk).images[0]["width"] == pictures.WIDEST


@pytest.mark.parametrize("lacking", ["alt", "caption", "credit"])
def test_what_a_picture_lacks_is_wanted_or_explained(
    lacking: str, editor: Client, pick: Pick
) -> None:
    assert "The picture lacks" in hand(editor, pick, file(), **{lacking: ""})
    hand(editor, pick, file(), **{lacking: "", "exception": "The maker wants no name."})
    assert Pick.objects.get(pk=pick.pk).images[0]["exception"] == "The maker wants no name."


def test_a_file_without_permission_is_not_taken_and_a_link_stands_alone(
    editor: Client, pick: Pick
) -> None:
    assert "what the permission to print it rests" in hand(editor, pick, file(), basis="")
    page = hand(editor, pick, None, url="https://news.example/a.jpg", basis="")
    assert "only its credit and its link are printed" in page
    printed = editor.get(reverse("desk:printed", args=[pick.issue_id, "web"])).content.decode()
    assert "A. Person" in printed
    assert "news.example/a.jpg" not in printed


# --- pasted --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<b style='font-weight:normal'><p>From <i>Docs</i></p></b>", "From *Docs*"),
        ('<a href="https://x.example/a?id=1&utm_source=m&fbclid=2">X</a>', "[X](https://x.example/a?id=1)"),
        ('<a href="javascript:alert(1)">X</a>', "X"),
        ("<script>alert(1)</script><style>p{}</style>Words<img src=x onerror=alert(1)>", "Words"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c"),
        ("<ol start=3><li>a</li><li>b</li></ol>", "3. a\n4. b"),
        ('<p class="MsoListParagraph" style="mso-list:l0">·<span>&nbsp; </span>first</p>', "- first"),
        ("a * b _ c [d]", "a \\* b \\_ c \\[d\\]"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\n\nb"),
        ("<!--[if gte mso 9]><xml><o:p>x</o:p></xml><![endif]--><p>Kept<o:p></o:p></p>", "Kept"),
        ("", ""),
    ],
)  # fmt: skip
def test_pasted_pages_become_restricted_markdown(html: str, wanted: str) -> None:
    assert pasted.markdown(html) == wanted


def test_pasting_changes_nothing(editor: Client, pick: Pick) -> None:
    answer = editor.post(reverse("desk:paste"), {"html": "<b>x</b>"})
    assert answer.content.decode() == "**x**"
    assert answer["Content-Type"].startswith("text/plain")


# --- comments, held words, links -----------------------------------------------------------------


def test_a_reader_of_drafts_comments_and_an_editor_settles(
    reader: Client, editor: Client, pick: Pick
) -> None:
    address = reverse("desk:comment", args=[pick.issue_id])
    reader.post(address, {"part": pick.uid, "words": "<script>Is it so?</script>", "at": "pick"})
    row = Comment.objects.get()
    page = editor.get(reverse("desk:pick", args=[pick.pk])).content.decode()
    assert "&lt;script&gt;Is it so?" in page
    assert (
        "1 open comment" in editor.get(reverse("desk:issue", args=[pick.issue_id])).content.decode()
    )
    editor.post(reverse("desk:settle", args=[row.pk]))
    row.refresh_from_db()
    assert row.settled is not None
    editor.post(reverse("desk:settle", args=[row.pk]), {"open": "yes"})
    row.refresh_from_db()
    assert row.settled is None


def test_typed_words_come_back_on_another_machine(editor: Client, pick: Pick) -> None:
    form = reverse("desk:pick", args=[pick.pk])
    hold = reverse("desk:hold", args=[pick.issue_id])
    assert (
        editor.post(hold, {"form": form, "words": '[["summary", "Half a \\"line"]]'}).status_code
        == 204
    )
    page = editor.get(form).content.decode()
    assert "data-held=" in page
    assert "Half a" in page
    for wrong in ({"form": "https://evil.example/", "words": "[]"}, {"form": form, "words": "{"}):
        assert editor.post(hold, wrong).status_code == 422
    editor.post(hold, {"form": form, "words": "[]"})
    assert "data-held=" not in editor.get(form).content.decode()


def test_trying_the_links_is_a_job_that_the_page_watches(editor: Client, pick: Pick) -> None:
    compose.edit(
        pick, pick.turn, None, timezone.now(), links=[{"text": "x", "url": "https://x.example/"}]
    )
    check = reverse("desk:check", args=[pick.issue_id])
    assert "0 of 1 links" in editor.get(check).content.decode()
    editor.post(reverse("desk:try_links", args=[pick.issue_id]))
    assert Job.objects.get(kind="links", done=None).key == str(pick.issue_id)
    part = editor.get(reverse("desk:links", args=[pick.issue_id])).content.decode()
    assert 'hx-trigger="every 2s"' in part
    assert "<html" not in part


# --- the check, the review -----------------------------------------------------------------------


def test_the_page_of_the_check_never_says_safe_and_wants_every_tick(
    editor: Client, pick: Pick
) -> None:
    page = editor.get(reverse("desk:check", args=[pick.issue_id]))
    assert "safe" not in page.content.decode().lower()
    mark = page.context["stands"].print
    sign = reverse("desk:sign", args=[pick.issue_id])
    some = editor.post(sign, {"print": mark, "tick-0": "on"})
    assert some.status_code == 422
    every = {f"tick-{at}": "on" for at, _ in page.context["unchecked"]}
    assert editor.post(sign, {"print": mark} | every).status_code == 302
    assert Issue.objects.get().signatures.get().ticked == [w for _, w in page.context["unchecked"]]


def test_a_contributor_sees_the_check_but_does_not_overrule(
    contributor: Client, pick: Pick
) -> None:
    compose.edit(pick, pick.turn, None, timezone.now(), summary="Five traffickers were arrested.")
    page = contributor.get(reverse("desk:check", args=[pick.issue_id])).content.decode()
    assert "traffickers were arrested" in page
    assert "Let it stand" not in page
    answer = contributor.post(reverse("desk:overrule", args=[pick.issue_id]), {"reason": "x"})
    assert answer.status_code == 403


def test_a_review_link_opens_one_issue_and_nothing_else(editor: Client, pick: Pick) -> None:
    made = editor.post(
        reverse("desk:invite_reviewer", args=[pick.issue_id]),
        {"name": "Dr. <b>Director</b>", "days": 3},
        follow=True,
    )
    address = made.content.decode().partition("<code>")[2].partition("</code>")[0]
    assert "/desk/review/" in address
    again = editor.get(reverse("desk:review", args=[pick.issue_id])).content.decode()
    assert address not in again  # shown once
    path = address.partition("testserver")[2]
    director = Client()
    page = director.get(path)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    assert "&lt;b&gt;Director" in page.content.decode()
    assert director.get(reverse("desk:issue", args=[pick.issue_id])).status_code == 302
    assert director.get(f"{path}issue/").status_code == 200
    mark = page.context["print"]
    assert director.post(path, {"print": mark, "verdict": "changes"}).status_code == 422
    said = {"print": mark, "verdict": "changes", "words": "<script>alert(1)</script>"}
    assert director.post(path, said).status_code == 302
    assert Review.objects.get().by == "Dr. <b>Director</b>"
    page = editor.get(reverse("desk:review", args=[pick.issue_id])).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert director.get(reverse("desk:read_by_link", args=["wrong"])).status_code == 410
